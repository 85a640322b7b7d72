. tests/lib.sh
. src/token.sh
made=$(token_make ann 7 k)
check 'good' yes "$(token_good "$made" k && echo yes)"
refuse 'another key' token_good "$made" other
refuse 'changed' token_good "bob${made#ann}" k
