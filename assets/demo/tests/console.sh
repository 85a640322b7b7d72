. tests/lib.sh
. src/console.sh
made=$(token_make ann 7 k)
check 'who' 'ok|ann' "$(console "$made" k whoami)"
check 'a bad token' 'error|401|bad token' "$(console "$made" other whoami)"
