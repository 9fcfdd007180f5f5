#!/usr/bin/env bash
# The explorer against Spin's pan on the same system (128 tokens through one edge line), in CPU
# seconds of one run: states a second without reductions, time to the verdict with them.
#
#   explore.sh IRQLAB DIRECTORY       DIRECTORY: rx.lab and rx_flat.pml
set -euo pipefail
irqlab=$(realpath "$1") here=$(realpath "$2")
readonly repeats=3

for tool in spin gcc; do
    command -v "$tool" >/dev/null || {
        printf '%s is not installed: nothing to compare with\n' "$tool"
        exit 77
    }
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cp "$here"/rx_flat.pml "$here"/rx_params.h .
spin -a -DN=128 -DD=128 -DEDGE=1 -DR=254 rx_flat.pml >spin.out
gcc -O2 -DSAFETY -DMEMLIM=4000 pan.c -o pan

TIMEFORMAT='%U %S'

# cpu COMMAND...: its CPU seconds; what it prints goes to out.
cpu() {
    { time "$@" >out 2>err; } 2>times || true
    awk '{ print $1 + $2 }' times
}

# rate STATES SECONDS: million states a second
rate() { awk -v n="$1" -v s="$2" 'BEGIN { printf "%.2f", n / s / 1e6 }'; }

stats() { sed -nE "s/.*\"$1\":([0-9.]+).*/\\1/p" out | tail -1; }

printf '%-34s %10s %9s %10s\n' '' 'CPU s' 'states' 'M states/s'
line() { printf '%-34s %10s %9s %10s\n' "$1" "$2" "$3" "$(rate "$3" "$2")"; }

# One after the other, so that a busy machine is unfair to both.
best_pan= best_all= best_reduced=
least() { awk -v a="${1:-1e9}" -v b="$2" 'BEGIN { print a + 0 < b + 0 ? a : b }'; }
for ((i = 0; i < repeats; i++)); do
    best_pan=$(least "$best_pan" "$(cpu ./pan -m100000)")
    pan_states=$(sed -nE 's/ *([0-9]+) states, stored.*/\1/p' out)
    all=$(cpu "$irqlab" explore --json --no-reduce --memory 1G "$here/rx.lab")
    best_all=$(least "$best_all" "$all")
    all_states=$(stats states)
    best_reduced=$(least "$best_reduced" "$(cpu "$irqlab" explore --json "$here/rx.lab")")
    reduced_states=$(stats states)
    bytes=$(stats bytes)
    grep -q '"holds":true' out || {
        printf 'no verdict:\n'
        cat out err
        exit 1
    }
done
line 'pan -DSAFETY' "$best_pan" "$pan_states"
line 'irqlab --no-reduce (its first 1 GB)' "$best_all" "$all_states"
line 'irqlab' "$best_reduced" "$reduced_states"
awk -v p="$best_pan" -v r="$best_reduced" -v b="$bytes" -v n="$reduced_states" 'BEGIN {
    printf "time to the verdict: %.2f times that of pan; %.0f bytes a state\n", r / p, b / n }'
