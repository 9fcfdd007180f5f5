#!/usr/bin/env bash
# What a step of `run` costs, in instructions: callgrind counts, so no load disturbs it.
#
#   instructions.sh BENCH_LAB_RUN SCENARIO...     a line each; 77: no valgrind here
set -euo pipefail
bench=$1
shift
readonly steps=100000
command -v valgrind >/dev/null || exit 77
out=$(mktemp)
trap 'rm -f "$out"' EXIT

for scenario in "$@"; do
    counted=$(valgrind --tool=callgrind --collect-atstart=no --callgrind-out-file="$out" \
        "$bench" "$scenario" "$steps" 2>&1)
    awk -v name="$(basename "$scenario" .lab)" '
        / steps, / { sub(/.*: /, ""); steps = $1 }
        /Collected :/ { instructions = $NF }
        END { printf "%-12s %7.1f instructions per step\n", name, instructions / steps }
    ' <<<"$counted"
done
