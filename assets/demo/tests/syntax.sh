#!/bin/sh
# Every source file must be correct shell.
cd "$(dirname "$0")/.." || exit 2
for file in src/*.sh; do
    sh -n "$file" || exit 1
done
echo 'no syntax errors'
