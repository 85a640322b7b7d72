#!/bin/sh
# Runs tests: those named; without names all there are. The test of the phase in WORK_STREAM_ID must be among them.
cd "$(dirname "$0")/.." || exit 2

if [ $# -gt 0 ]; then
    names=$*
else
    mine=$(awk -v mine="$WORK_STREAM_ID" '$1 == mine { print $2 }' tests/phases)
    names=$(awk '{ print $2 }' tests/phases | while read -r name; do
        { [ -f "tests/$name.sh" ] || [ "$name" = "$mine" ]; } && echo "$name"
    done)
fi

run=0
failed=
for name in $names; do
    test=tests/$name.sh
    if [ ! -f "$test" ]; then
        printf '%s\n  FAIL  there is no %s\n' "$name" "$test"
        failed="$failed $name"
        continue
    fi
    printf '%s\n' "$name"
    run=$((run + 1))
    sh "$test" || failed="$failed $name"
done
if [ -n "$failed" ]; then
    printf 'failed:%s\n' "$failed"
    exit 1
fi
printf 'all %s tests passed\n' "$run"
