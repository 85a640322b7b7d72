. tests/lib.sh
. src/cookie.sh
check 'round trip' 'ann' "$(cookie_user "$(cookie_write ann 900)")"
refuse 'nonsense is refused' cookie_user nonsense
