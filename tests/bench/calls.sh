#!/usr/bin/env bash
# Instructions of one call on the model kernel, by callgrind: the difference of two runs.
#
#   calls.sh BENCH_DRV_CALLS
set -euo pipefail
command -v valgrind >/dev/null || { echo 'valgrind is missing: skipped'; exit 77; }

count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1 |
        sed -nE 's/.*Collected : ([0-9]+).*/\1/p'
}

for what in wait read; do
    few=$(count "$1" $what 1000)
    many=$(count "$1" $what 2000)
    printf '%s: %d instructions\n' $what $(((many - few) / 1000))
done
