. tests/lib.sh
. src/requests.sh
requests_add GET /status 200
requests_add GET /nowhere 404
requests_add GET /status 200
check 'counted' '200 2,404 1' "$(requests_by_code | tr '\n' ',' | sed 's/,$//')"
