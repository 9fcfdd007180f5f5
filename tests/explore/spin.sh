#!/usr/bin/env bash
# The explorer against Spin on generated scenarios: whether tokens can be lost at an end,
# whether all can be read, whether a handler or thread can go round in a way that is fair to
# all (a storm or starvation, of which Spin's weak fairness cannot tell one from the other),
# whether readers can spin.
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

# search LABEL CYCLES "CFLAGS" OPTION...: pan's report, with label LABEL at interrupts and wakes
search() {
    local label=$1 cycles=$2 flags=$3
    shift 3
    spin -a "${macros[@]}" -DCYCLES="$cycles" -DTAKES="${label}_take" -DWAKES="${label}_wake" \
        "$model" >out
    # no partial order reduction: processes have provided clauses; and an end is no cycle
    # shellcheck disable=SC2086
    gcc -O1 -w $flags -DNOREDUCE -DMEMLIM=2000 pan.c -o pan
    ./pan -E -m1000000 "$@" >out 2>&1 || true
    grep -q 'errors:' out && ! grep -qE 'max search depth too small|out of memory' out || {
        printf 'seed %s: pan did not finish\n' "$seed"
        cat out
        exit 1
    }
}

for ((seed = first; seed < first + count; seed++)); do
    { read -r -a macros && IFS= read -r ours; } < <("$family" --macros "$seed")
    theirs=
    search end 0 -DSAFETY -c0
    ! grep -q 'violated (lost==0)' out || theirs+=' lost'
    ! grep -q 'violated (good==0)' out || theirs+=' good'
    search accept 1 '-DNFAIR=3 -DNOSTUTTER' -a -f
    grep -q 'errors: 0' out || theirs+=' storm-or-starve'
    search progress 1 -DNP -l
    grep -q 'errors: 0' out || theirs+=' spin'
    kinds[${theirs:= none}]=1
    if [[ ${ours:= none} != "$theirs" ]]; then
        printf 'seed %s: irqlab says%s, spin%s\n' "$seed" "$ours" "$theirs"
        printf '  %s\n' "${macros[*]}"
        bad=$((bad + 1))
    fi
done
printf '%s scenarios, %s kinds of outcome, %s differences\n' "$count" "${#kinds[@]}" "$bad"
[[ $bad == 0 ]]
