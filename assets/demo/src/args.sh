# Arguments of the form name=value.

# args_value NAME [ARGUMENT]...: the value given for NAME; fails when it is not given.
args_value() {
    args_name=$1
    shift
    for args_item in "$@"; do
        case $args_item in
        "$args_name"=*) printf '%s\n' "${args_item#*=}"; return 0 ;;
        esac
    done
    return 1
}
