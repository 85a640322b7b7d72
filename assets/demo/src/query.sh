# Queries over the keys of TIDE_DATA.

# query_count PREFIX: how many keys begin with PREFIX.
query_count() {
    cut -d = -f 1 "$TIDE_DATA" | LC_ALL=C sort -u | awk -v prefix="$1" '
        index($0, prefix) == 1 { count++ }
        END { print count + 0 }
    '
}
