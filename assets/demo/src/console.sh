# The admin console: commands for people who hold a token.
. src/envelope.sh
. src/token.sh

# console TOKEN KEY COMMAND
console() {
    token_good "$1" "$2" || { envelope_error 401 'bad token'; return 1; }
    case $3 in
    whoami) envelope_ok "${1%%:*}" ;;
    *) envelope_error 404 "$3"; return 1 ;;
    esac
}
