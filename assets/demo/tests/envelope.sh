. tests/lib.sh
. src/envelope.sh
check 'good news' 'ok|done' "$(envelope_ok done)"
check 'bad news' 'error|404|no such key' "$(envelope_error 404 'no such key')"
