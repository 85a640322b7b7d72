# Routes: `METHOD /path` to an answer.
. src/envelope.sh

# route METHOD PATH
route() {
    case "$1 $2" in
    'GET /status') envelope_ok up ;;
    'GET /keys/'?*) envelope_ok "${2#/keys/}" ;;
    *) route_other "$1" "$2" ;;
    esac
}

# route_other METHOD PATH: what no route knows.
route_other() {
    case $1 in
    GET | PUT) envelope_error 404 "$2" ;;
    *) envelope_error 405 "$1" ;;
    esac
}
