#!/usr/bin/env bash
# Runs a command and wants its exit code: 0, 1 (an expectation failed), 4 (inconclusive), ...
#
#   verdict.sh CODE [--present] COMMAND...      --present: 77 is a failure, not a skip
set -uo pipefail
want=$1
shift
present=no
if [[ $1 == --present ]]; then
    present=yes
    shift
fi

"$@"
got=$?
if [[ $got == 77 && $present == no ]]; then
    exit 77
fi
if [[ $got != "$want" ]]; then
    printf 'exit code %d, expected %d: %s\n' "$got" "$want" "$*"
    exit 1
fi
