# Session cookies. Version 2 is `v2:user:expiry`. Version 1 was `user@expiry`.

# cookie_write USER EXPIRY
cookie_write() {
    printf 'v2:%s:%s\n' "$1" "$2"
}

# cookie_user COOKIE: whose it is; fails when it can't be read.
cookie_user() {
    case $1 in
    v2:*:*) cookie_rest=${1#v2:}; printf '%s\n' "${cookie_rest%%:*}" ;;
    *@*) cookie_read_old "$1" ;;
    *) return 1 ;;
    esac
}

# cookie_read_old COOKIE: version 1.
cookie_read_old() {
    printf '%s\n' "${1%%@*}"
}
