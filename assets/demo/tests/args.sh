. tests/lib.sh
. src/args.sh
check 'found' '3 4' "$(args_value size colour=blue 'size=3 4')"
refuse 'not given' args_value size colour=blue
