#!/usr/bin/env bash
# Compares what a command prints with a golden file; GOLDEN_UPDATE=1 rewrites the file.
#
#   golden.sh GOLDEN COMMAND...
set -uo pipefail
golden=$1
shift

got=$(mktemp)
trap 'rm -f "$got"' EXIT
"$@" >"$got"
code=$?
# A failed or undecided expectation does not matter here, the text does.
if ((code != 0 && code != 1 && code != 4)); then
    printf 'exit code %d: %s\n' "$code" "$*"
    exit 1
fi

if [[ ${GOLDEN_UPDATE:-} == 1 ]]; then
    cp "$got" "$golden"
elif ! diff -u "$golden" "$got"; then
    printf 'differs from %s; GOLDEN_UPDATE=1 rewrites it, the commit says why\n' "$golden"
    exit 1
fi
