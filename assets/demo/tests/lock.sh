. tests/lib.sh
. src/lock.sh
check 'the first one gets it' yes "$(lock_take write && echo yes)"
refuse 'the second one does not' lock_take write
lock_free write
check 'it can be taken again' yes "$(lock_take write && echo yes)"
