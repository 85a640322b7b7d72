. tests/lib.sh
. src/migrate.sh
check 'a new store is at 0' 0 "$(migrate_level)"
migrate_step 1 store_put colour blue
migrate_step 1 store_put colour red
check 'a step is made once' blue "$(store_get colour)"
migrate_step 2 false || :
check 'a failed step is not remembered' 1 "$(migrate_level)"
