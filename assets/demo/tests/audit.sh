. tests/lib.sh
. src/audit.sh
audit_add 'ann signed in'
audit_add 'ann changed port'
audit_add 'ann signed out'
check 'untouched' yes "$(audit_good && echo yes)"
sed -i.bak 2d "$TIDE_DATA.audit"
refuse 'a removed line shows' audit_good
