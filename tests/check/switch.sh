#!/usr/bin/env bash
# A coroutine's switch is at most 25 instructions long.
#
#   switch.sh LIBRARY
set -euo pipefail
count=$(objdump -d --no-show-raw-insn "$1" |
    awk '/<loop_context_switch>:/ { inside = 1; next }
         inside && /^$/ { inside = 0 }
         inside && /<loop_context_first>:/ { inside = 0 }
         inside { n++ }
         END { print n + 0 }')
echo "loop_context_switch: $count instructions"
((count > 0 && count <= 25))
