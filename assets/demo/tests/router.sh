. tests/lib.sh
. src/router.sh
check 'status' 'ok|up' "$(route GET /status)"
check 'a key' 'ok|colour' "$(route GET /keys/colour)"
check 'no such path' 'error|404|/nowhere' "$(route GET /nowhere)"
check 'no such method' 'error|405|BREW' "$(route BREW /status)"
