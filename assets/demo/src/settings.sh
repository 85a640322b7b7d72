# Settings: defaults that a store may override.
. src/store.sh

# setting NAME DEFAULT
setting() {
    store_get "setting.$1" 2>/dev/null || printf '%s\n' "$2"
}

# setting_set NAME VALUE
setting_set() {
    store_put "setting.$1" "$2"
}
