. tests/lib.sh
. src/limit.sh
limit_take ann 1 2
limit_take ann 1 2
refuse 'the third call is refused' limit_take ann 1 2
check 'somebody else may' yes "$(limit_take bob 1 2 && echo yes)"
check 'a new window is free' yes "$(limit_take ann 2 2 && echo yes)"
