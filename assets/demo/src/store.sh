# Records: one `key=value` line each in the file TIDE_DATA. The last line of a key wins.

# store_put KEY VALUE
store_put() {
    printf '%s=%s\n' "$1" "$2" >>"$TIDE_DATA"
}

# store_get KEY: its value; fails when there is none.
store_get() {
    awk -v key="$1" '
        index($0, key "=") == 1 { value = substr($0, length(key) + 2); found = 1 }
        END { if (!found) exit 1; print value }
    ' "$TIDE_DATA"
}
