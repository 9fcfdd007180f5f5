#!/usr/bin/env bash
# A storm of interrupts through a C driver in `run`, and the same in SystemC where it is there.
#
#   interrupts.sh BENCH_LAB_RUN SCENARIO [PEER_SYSTEMC]
set -euo pipefail
bench=$1
scenario=$2
peer=${3-}
readonly steps=10000000 # ten an interrupt

textbook=$("$bench" "$scenario" "$steps" 0 ring)
virt=$("$bench" "$scenario" "$steps" 1 ring)
printf 'textbook: %s\nvirt:     %s\n' "${textbook#*; }" "${virt#*; }"
if [[ -z $peer ]]; then
    echo 'SystemC:  not installed'
    exit 0
fi
systemc=$("$peer" 1000000 2>/dev/null | grep '^SystemC:')
printf '%s\n' "$systemc"
awk -v ours="$textbook" -v theirs="$systemc" 'BEGIN {
    sub(/.*interrupts, /, "", ours)
    sub(/.*interrupts, /, "", theirs)
    printf "textbook against SystemC: %.1f times\n", ours / theirs
}'
