#!/usr/bin/env bash
# The freestanding rooms need nothing from a libc but what a compiler may call by itself.
#
#   freestanding.sh LIBRARY...
set -euo pipefail
bad=0

# memcpy and friends; then what sanitizers, coverage and the stack protector of a host add.
defined=$(nm -g --defined-only "$@" | awk 'NF == 3 {print $3}' | sort -u)
libc='mem(cpy|set|move|cmp)$'
host='__(asan|ubsan|sanitizer|gcov|stack_chk)_|_GLOBAL_OFFSET_TABLE_$'

for library in "$@"; do
    while read -r symbol; do
        printf '%s needs %s\n' "$(basename "$library")" "$symbol"
        bad=1
    done < <(nm -g --undefined-only "$library" | awk 'NF == 2 {print $2}' | sort -u |
        grep -vE "^(sim_|drv_|loop_|lab_|$libc|$host)" | grep -vxF "$defined" || true)
done
exit $bad
