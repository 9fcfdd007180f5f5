#!/usr/bin/env bash
# A C handler costs a search no more states than the same handler would as an explicit machine:
# 352 for eight bytes, and ours must stay within twice that.
#   states.sh IRQLAB SCENARIO MOST
set -euo pipefail
irqlab=$1 scenario=$2 most=$3

states=$("$irqlab" explore --json "$scenario" | sed -n 's/.*"states":\([0-9]*\).*/\1/p')
echo "$states states, at most $most"
[[ -n $states ]] && ((states > 0 && states <= most))
