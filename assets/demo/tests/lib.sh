# What every test uses. Each test gets an empty store of its own.
work=$(mktemp -d) || exit 2
TIDE_DATA=$work/data
: >"$TIDE_DATA"
failures=0
trap 'rm -rf "$work"; [ "$failures" -eq 0 ] || exit 1' EXIT

# check WHAT EXPECTED FOUND
check() {
    if [ "$2" = "$3" ]; then
        printf '  ok    %s\n' "$1"
    else
        printf '  FAIL  %s: expected "%s", found "%s"\n' "$1" "$2" "$3"
        failures=$((failures + 1))
    fi
}

# refuse WHAT COMMAND [ARGUMENT]...: COMMAND must fail.
refuse() {
    refuse_what=$1
    shift
    if "$@" >/dev/null 2>&1; then
        printf '  FAIL  %s: it did not fail\n' "$refuse_what"
        failures=$((failures + 1))
    else
        printf '  ok    %s\n' "$refuse_what"
    fi
}
