# Migrations: numbered steps, each made once, remembered in the store.
. src/store.sh

# migrate_level: the last step made.
migrate_level() {
    store_get tide.level 2>/dev/null || echo 0
}

# migrate_step NUMBER COMMAND [ARGUMENT]...: runs COMMAND unless step NUMBER was made before.
migrate_step() {
    migrate_number=$1
    shift
    [ "$(migrate_level)" -lt "$migrate_number" ] || return 0
    "$@" && store_put tide.level "$migrate_number"
}
