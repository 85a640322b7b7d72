. tests/lib.sh
. src/settings.sh
check 'the default' 80 "$(setting port 80)"
setting_set port 8080
check 'overridden' 8080 "$(setting port 80)"
