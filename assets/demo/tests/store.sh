. tests/lib.sh
. src/store.sh
store_put colour blue
store_put colour 'sea=green'
check 'the last value wins' 'sea=green' "$(store_get colour)"
refuse 'an unknown key fails' store_get missing
