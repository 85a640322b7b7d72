# The audit log: every line carries the check sum of the one before, so a removed line shows.

# audit_add TEXT
audit_add() {
    audit_last=$(tail -n 1 "$TIDE_DATA.audit" 2>/dev/null | cksum | cut -d ' ' -f 1)
    printf '%s %s\n' "$audit_last" "$1" >>"$TIDE_DATA.audit"
}

# audit_good: fails when a line was removed or changed.
audit_good() {
    audit_before=
    while IFS= read -r audit_line; do
        if [ -z "$audit_before" ]; then
            audit_sum=$(printf '' | cksum | cut -d ' ' -f 1)
        else
            audit_sum=$(printf '%s\n' "$audit_before" | cksum | cut -d ' ' -f 1)
        fi
        [ "${audit_line%% *}" = "$audit_sum" ] || return 1
        audit_before=$audit_line
    done <"$TIDE_DATA.audit"
}
