. tests/lib.sh
. src/snapshot.sh
. src/store.sh
store_put b 1
store_put a 2
store_put b 3
check 'newest values, sorted' 'a=2 b=3' "$(snapshot_write | tr '\n' ' ' | sed 's/ $//')"
first=$(snapshot_sum)
store_put b 3
check 'equal stores have equal fingerprints' "$first" "$(snapshot_sum)"
