# Text helpers.

# text_trim TEXT: TEXT without blanks at both ends.
text_trim() {
    printf '%s\n' "$1" | sed 's/^[[:space:]]*//; s/[[:space:]]*$//'
}

# text_upper TEXT: TEXT in capitals.
text_upper() {
    printf '%s\n' "$1" | tr '[:lower:]' '[:upper:]'
}
