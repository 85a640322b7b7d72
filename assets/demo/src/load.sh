# A load harness: calls a function many times and counts its answers.

# load_run TIMES COMMAND [ARGUMENT]...
load_run() {
    load_left=$1
    shift
    while [ "$load_left" -gt 0 ]; do
        "$@"
        load_left=$((load_left - 1))
    done | sort | uniq -c | awk '{ $1 = $1; print }'
}
