#!/usr/bin/env bash
# Every event of the trace can be explained.
#
#   explained.sh IRQLAB ROOT      ROOT: the sources
set -euo pipefail
irqlab=$1 vocabulary=$2/sim/trace_event.h
failed=0 count=0

while read -r event; do
    count=$((count + 1))
    [[ $event != none ]] || continue
    "$irqlab" explain "$event" | grep -qF "$event (event of the trace)" || {
        printf 'irqlab explain %s: says nothing of the event\n' "$event"
        failed=1
    }
done < <(sed -nE 's/^    X\([A-Z_]+, *"([a-z-]+)".*/\1/p' "$vocabulary")
((count > 50)) || {
    printf '%s: only %d events found\n' "$vocabulary" "$count"
    exit 1
}
exit "$failed"
