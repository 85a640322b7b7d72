. tests/lib.sh
. src/load.sh
. src/router.sh
check 'all calls answered' '25 ok|up' "$(load_run 25 route GET /status)"
