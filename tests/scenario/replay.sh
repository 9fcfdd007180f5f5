#!/usr/bin/env bash
# Every schedule of a run that came to rest, replayed step by step, ends as the run did.
#   replay.sh IRQLAB SCENARIO...
set -euo pipefail
irqlab=$1
shift
bad=0

# The fates of an outcome line, without counts and schedule.
fates() { sed 's/.*"read":/"read":/; s/"runs":.*"storm"/"storm"/; s/"count".*//'; }

# An outcome line's knobs as arguments; JSON gives times in nanoseconds.
pins() {
    local pair
    grep -o '"point":{[^}]*}' <<<"$1" | sed 's/"point":{//; s/[}"]//g; s/:/=/g' | tr ',' '\n' |
        while read -r pair; do
            [[ -z $pair ]] && continue
            "$irqlab" check -D "$pair" "$file" >/dev/null 2>&1 || pair+=ns
            printf -- '-D %s ' "$pair"
        done
}

for file in "$@"; do
    while read -r line; do
        [[ $line == *'"storm":false,"starve":false,"spin":false'* && $line != *'"limit"'* ]] ||
            continue
        schedule=${line##*\"schedule\":\"}
        schedule=${schedule%%\"*}
        # shellcheck disable=SC2046 # the pins are words
        again=$("$irqlab" run --json $(pins "$line") --schedule "$schedule" "$file" 2>&1 |
            grep '"kind":"outcome"' || true)
        if [[ $(fates <<<"$line") != "$(fates <<<"$again")" ]]; then
            printf '%s: %s\n  run:    %s\n  replay: %s\n' "$file" "$schedule" \
                "$(fates <<<"$line")" "$(fates <<<"$again")"
            bad=1
        fi
    done < <("$irqlab" run --json "$file" 2>/dev/null | grep '"kind":"outcome"')
done
exit "$bad"
