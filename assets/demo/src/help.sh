# Help pages, made from the comments of the source files.

# help_of FILE: the usage lines of its functions.
help_of() {
    sed -n 's/^# \([a-z_]*\( [A-Z]\{2,\}\)*\)\(:.*\)\{0,1\}$/\1/p' "$1" | grep '_'
}
