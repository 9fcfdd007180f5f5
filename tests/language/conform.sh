#!/usr/bin/env bash
# Runs what the first lines of a scenario say, each "// run|explore|check CODE [ARGUMENTS]",
# and wants that exit code.  If NAME.trace lies beside it, `run --trace` must print just that.
#
#   conform.sh IRQLAB NAME.lab          GOLDEN_UPDATE=1 rewrites NAME.trace
set -uo pipefail
irqlab=$1
file=$2
trace=${file%.lab}.trace
bad=0
ran=0

while read -r slashes command code arguments; do
    [[ $slashes == // && $command =~ ^(run|explore|check)$ ]] || break
    ran=1
    # shellcheck disable=SC2086 # the arguments are words
    output=$("$irqlab" "$command" $arguments "$file" 2>&1)
    got=$?
    if [[ $got != "$code" ]]; then
        printf '%s %s: exit code %d, expected %d\n%s\n' \
            "$command" "$arguments" "$got" "$code" "$output"
        bad=1
    fi
done <"$file"

if [[ $ran == 0 ]]; then
    printf '%s: its first line does not say what to run\n' "$file"
    exit 1
fi
if [[ -f $trace && -n ${GOLDEN_UPDATE:-} ]]; then
    "$irqlab" run --trace "$file" >"$trace"
elif [[ -f $trace ]] && ! diff -u "$trace" <("$irqlab" run --trace "$file"); then
    bad=1
fi
exit "$bad"
