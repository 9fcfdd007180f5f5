#!/usr/bin/env bash
# Every outcome that explore has found is brought about on this Linux by its schedule, step by
# step: the same tokens read, lost and left.
#
#   replay_linux.sh IRQLAB SCENARIO [-D KNOB=VALUE...]      one point
set -euo pipefail
irqlab=$1
shift

# Of an outcome: what became of the tokens (explore says `late` only where somebody asks).
fates() {
    sed -nE '/"kind":"outcome"/ {
        s/"late":\[[^]]*\],//
        s/.*("read":.*)"runs".*"hang":([a-z]*).*/\1\2/p
    }'
}

outcomes=$("$irqlab" explore --json "$@" | grep '"kind":"outcome"')
count=0
while read -r outcome; do
    schedule=$(sed -E 's/.*"schedule":"([^"]*)".*/\1/' <<<"$outcome")
    code=0
    seen=$("$irqlab" run --on linux --json --schedule "$schedule" "$@" 2>/dev/null) || code=$?
    [[ $code != 77 ]] || exit 77
    seen=$(fates <<<"$seen")
    wanted=$(fates <<<"$outcome")
    if [[ -z $seen || $seen != "$wanted" ]]; then
        printf '%s\nwanted %s\nseen   %s\n' "$schedule" "$wanted" "$seen"
        exit 1
    fi
    count=$((count + 1))
done <<<"$outcomes"
echo "$count outcomes replayed"
