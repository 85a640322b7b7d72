. tests/lib.sh
. src/help.sh
check 'usage lines' 'store_put KEY VALUE,store_get KEY' "$(help_of src/store.sh | tr '\n' ',' | sed 's/,$//')"
