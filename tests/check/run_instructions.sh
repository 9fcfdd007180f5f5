#!/usr/bin/env bash
# What a step of `run` may cost, in instructions of user space: callgrind counts, so no load
# disturbs it.  The limits are what it costs, and a little.
#
#   run_instructions.sh INSTRUCTIONS BENCH_LAB_RUN {SCENARIO LIMIT}...     77: no valgrind here
set -euo pipefail
count=$1 bench=$2
shift 2
command -v valgrind >/dev/null || exit 77

status=0
while (($#)); do
    line=$("$count" "$bench" "$1")
    echo "$line, at most $2"
    awk -v limit="$2" '{ exit !($2 > 0 && $2 <= limit) }' <<<"$line" || status=1
    shift 2
done
exit $status
