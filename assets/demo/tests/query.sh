. tests/lib.sh
. src/query.sh
. src/store.sh
store_put user.ann 1
store_put user.bob 2
store_put user.ann 3
check 'a key written twice counts once' 2 "$(query_count user.)"
store_put old.user.eve 4
check 'a prefix stands at the beginning' 2 "$(query_count user.)"
check 'nothing found is 0' 0 "$(query_count page.)"
