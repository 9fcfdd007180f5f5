#!/usr/bin/env bash
# The picture and the page in the README are what irqlab prints and runs.
#
#   readme.sh README IRQLAB SCENARIO
set -euo pipefail
export LC_ALL=C.UTF-8
readme=$1 irqlab=$2 scenario=$3

# block OPENING: the lines of the first fenced block that begins with this line.
block() {
    awk -v open="$1" '$0 == open && !n { n = 1; next } n && $0 == "```" { exit } n' "$readme"
}

picture() { "$irqlab" run --width 86 --color never "$scenario" | sed 's/ *$//'; }

diff -u <(block '```') <(picture | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}') || {
    echo 'the first block of the README is not what irqlab prints'
    exit 1
}
diff -u <(block '```c') "$scenario" || {
    echo 'the page in the README is not the scenario behind its picture'
    exit 1
}
