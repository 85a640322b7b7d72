# What every answer is wrapped in.

# envelope_ok TEXT
envelope_ok() {
    printf 'ok|%s\n' "$1"
}

# envelope_error CODE TEXT
envelope_error() {
    printf 'error|%s|%s\n' "$1" "$2"
}
