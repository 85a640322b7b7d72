# The request log: one line per request.

# requests_add METHOD PATH CODE
requests_add() {
    printf '%s %s %s\n' "$1" "$2" "$3" >>"$TIDE_DATA.requests"
}

# requests_by_code: how often each code was answered.
requests_by_code() {
    awk '{ count[$3]++ } END { for (code in count) print code, count[code] }' "$TIDE_DATA.requests" | sort
}
