#!/usr/bin/env bash
# What a loop costs per token in instructions of user space, counted by callgrind: ours at most
# 80 more than bare epoll, and fewer than any other that is here.
#
#   instructions.sh BENCH_LOOP
set -euo pipefail
bench=$1
command -v valgrind >/dev/null || {
    echo 'valgrind is not here'
    exit 77
}

# Instructions of a run with $2 tokens; nothing if the engine is not here.
instructions() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$bench" one "$1" 100 1 "$2" 2>&1 |
        awk '/Collected/ { print $4 }'
}

# Per token, set-up and end apart.
per_token() {
    local few many
    few=$(instructions "$1" 1000)
    many=$(instructions "$1" 6000)
    [[ -n $few && -n $many ]] || return 0
    echo $(((many - few) / 5000))
}

raw=$(per_token 'raw epoll')
ours=$(per_token 'irqlab epoll')
echo "raw epoll $raw, irqlab $ours"
bad=0
((ours <= raw + 80)) || bad=1
for rival in libev libevent libuv; do
    theirs=$(per_token "$rival")
    [[ -n $theirs ]] || continue
    echo "$rival $theirs"
    ((ours < theirs)) || bad=1
done
exit $bad
