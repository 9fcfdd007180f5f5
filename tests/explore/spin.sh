#!/usr/bin/env bash
# The explorer against Spin on generated scenarios: whether tokens can be lost at an end, and
# whether all can be read.
#
#   spin.sh FAMILY MODEL FIRST COUNT      FAMILY: explore_family, MODEL: family.pml
set -euo pipefail
family=$(realpath "$1") model=$(realpath "$2") first=$3 count=$4

for tool in spin gcc; do
    command -v "$tool" >/dev/null || {
        printf '%s is not installed: nothing to compare with\n' "$tool"
        exit 77
    }
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
bad=0
declare -A kinds=()
for ((seed = first; seed < first + count; seed++)); do
    { read -r -a macros && read -r ours; } < <("$family" --macros "$seed")
    spin -a "${macros[@]}" "$model" >out
    # no partial order reduction: processes have provided clauses
    gcc -O1 -w -DSAFETY -DNOREDUCE -DMEMLIM=2000 pan.c -o pan
    ./pan -c0 -E -m1000000 >out 2>&1 || true
    grep -q 'errors:' out && ! grep -qE 'max search depth too small|out of memory' out || {
        printf 'seed %s: pan did not finish\n' "$seed"
        cat out
        exit 1
    }
    theirs=
    ! grep -q 'violated (lost==0)' out || theirs+=' lost'
    ! grep -q 'violated (good==0)' out || theirs+=' good'
    theirs=${theirs:- none}
    kinds[$theirs]=1
    if [[ " $ours" != "$theirs" ]]; then
        printf 'seed %s: irqlab says %s, spin%s\n' "$seed" "$ours" "$theirs"
        printf '  %s\n' "${macros[*]}"
        bad=$((bad + 1))
    fi
done
printf '%s scenarios, %s kinds of outcome, %s differences\n' "$count" "${#kinds[@]}" "$bad"
[[ $bad == 0 ]]
