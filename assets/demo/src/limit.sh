# A rate limit: so many calls per window, counted by the caller's window number.

# limit_take CALLER WINDOW MOST: fails when CALLER used up WINDOW.
limit_take() {
    limit_file=$TIDE_DATA.limit
    limit_used=$(grep -c -x -F "$1 $2" "$limit_file" 2>/dev/null)
    [ "${limit_used:-0}" -lt "$3" ] || return 1
    printf '%s %s\n' "$1" "$2" >>"$limit_file"
}
