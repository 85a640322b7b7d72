#!/bin/sh
# Runs tests: those named; without names those of complete phases and of the phase in WORK_STREAM_ID; without either all.
cd "$(dirname "$0")/.." || exit 2

# Names of the parts whose phases are complete, or are the one being worked on.
finished() {
    awk -v mine="$WORK_STREAM_ID" '
        FNR == NR { name[$1] = $2; next }
        /^### Phase / { id = $3; sub(/:$/, "", id); if (id == mine && id in name) print name[id] }
        /^- \*\*Status:\*\* .*Complete/ { if (id != mine && id in name) print name[id] }
    ' tests/phases plans/roadmap.md
}

if [ $# -gt 0 ]; then
    names=$*
elif [ -n "$WORK_STREAM_ID" ]; then
    names=$(finished)
else
    names=$(awk '{ print $2 }' tests/phases)
fi

run=0
failed=
for name in $names; do
    test=tests/$name.sh
    if [ ! -f "$test" ]; then
        [ $# -eq 0 ] && [ -z "$WORK_STREAM_ID" ] && continue
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
