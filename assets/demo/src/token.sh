# Tokens: a user, a number and a check sum over both with a key.

# token_sum USER NUMBER KEY
token_sum() {
    printf '%s:%s:%s' "$1" "$2" "$3" | cksum | cut -d ' ' -f 1
}

# token_make USER NUMBER KEY
token_make() {
    printf '%s:%s:%s\n' "$1" "$2" "$(token_sum "$1" "$2" "$3")"
}

# token_good TOKEN KEY
token_good() {
    token_head=${1%:*}
    [ "$1" = "$(token_make "${token_head%:*}" "${token_head##*:}" "$2")" ]
}
