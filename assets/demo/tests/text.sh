. tests/lib.sh
. src/text.sh
check 'blanks at both ends go' 'a b' "$(text_trim '  a b	')"
check 'capitals' 'TIDE' "$(text_upper 'tide')"
