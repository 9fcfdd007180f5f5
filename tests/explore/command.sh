#!/usr/bin/env bash
# What a user of the explorer can rely on: exit codes, bounds that are named, proofs that hold.
#
#   command.sh IRQLAB SCENARIOS
set -euo pipefail
irqlab=$1 scenarios=$2
showcase=$scenarios/scan-until-quiet.lab
out=$(mktemp)
trap 'rm -f "$out"' EXIT

fail() {
    printf '%s\n' "$*"
    cat "$out"
    exit 1
}

# expect CODE ARGUMENT...: runs irqlab, keeps what it prints.
expect() {
    local code=0
    "$irqlab" "${@:2}" >"$out" 2>&1 </dev/null || code=$?
    [[ $code == "$1" ]] || fail "exit code $code, expected $1: irqlab ${*:2}"
}

says() { grep -qE -- "$1" "$out" || fail "does not say: $1"; }

number() { sed -nE "s/.*$1.*/\\1/p" "$out" | head -1; }

# Two devices, one edge line, requests that stay: found, shown, explained.
expect 0 explore "$showcase" -D ask=0
says 'expect sometimes lost when ask == 0: holds'
says 'point of no return'
says 'a2 in a: .*the edge was consumed or never seen'
says 'switch: cpu0 preempted'
steps=$(number 'shortest: ([0-9]+) steps')
fewest=$(number 'shortest: [0-9]+ steps, ([0-9]+) preemption.*no way has fewer')
schedule=$(number '--schedule (il1:[^ ]*)$')
((steps <= 60)) || fail "the shortest way takes $steps steps"
[[ -n $fewest ]] || fail 'the fewest preemptions are not named'

# One preemption fewer finds nothing, and says within which bound.
expect 4 explore "$showcase" -D ask=0 --preempt $((fewest - 1))
says "undecided: not seen within $((fewest - 1)) preemptions"
expect 0 explore "$showcase" -D ask=0 --preempt "$fewest"
expect 4 explore "$showcase" -D ask=1 --depth 9
says 'undecided: nothing against it within 9 steps'
expect 4 explore "$showcase" -D ask=1 --random 50 --seed 7
says 'undecided: nothing against it in 50 random walks'
expect 4 explore "$showcase" -D ask=1 --memory 64K --no-reduce
says 'then the memory was full'

# A schedule replays; behind an edit it can be followed as far as it goes, and searched on.
expect 0 run "$showcase" -D ask=0 --schedule "$schedule"
says 'a2 LOST'
expect 2 run "$showcase" -D ask=1 --schedule "$schedule"
says '--skip follows it'
expect 4 run "$showcase" -D ask=1 --schedule "$schedule" --skip --then explore
says 'steps left out, the first of them step'
says 'only behind the schedule'

# The story of a token, and steps by hand.
expect 0 why "$showcase" a2
says 'a2 arrives at a: the line is active already, so this is no edge'
says 'a2 is lost'
expect 2 why "$showcase" nobody
says 'the scenario has: b1 a1 b2 a2'
printf 'w\ni\nc 2\nb\nt\nq\n' | "$irqlab" run --step "$showcase" -D ask=0 >"$out"
says '--schedule il1:[0-9a-f]+:wic$'

# Under the clock there is one order of events, and expectations about times are judged.
expect 0 explore "$showcase" --timed
says 'expect lost a2 when ask == 0: holds'

# A bound that would be ignored is refused.
expect 2 explore "$showcase" --random 5 --preempt 1
says "--random does not keep to '--preempt'"
expect 2 explore "$showcase" --timed --depth 3
expect 2 explore "$showcase" --seed 3
expect 2 run "$showcase" --skip

# Whatever the store, the threads and the reductions, the answers are the same.
plain=$("$irqlab" explore "$scenarios"/*.lab --no-reduce --check-determinism 2>&1) ||
    fail "irqlab explore --no-reduce: $plain"
for options in '--threads 2' '--store hash' '--threads 3 --store hash'; do
    # shellcheck disable=SC2086
    "$irqlab" explore "$scenarios"/*.lab --no-reduce $options 2>&1 |
        grep -v '^States told apart' >"$out"
    [[ $plain == "$(cat "$out")" ]] || fail "another answer with $options"
done
