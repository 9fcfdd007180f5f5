#!/usr/bin/env bash
# The scenario everybody starts with: its verdicts, its two commonest mistakes, its size.
#   page_one.sh IRQLAB PAGE-ONE.lab UART.lab
set -euo pipefail
irqlab=$1 page=$2 uart=$3
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

# expect_exit CODE ARGUMENT...: runs irqlab, keeps what it says in $here/out and $here/err.
expect_exit() {
    local wanted=$1 code=0
    shift
    "$irqlab" "$@" >"$here/out" 2>"$here/err" || code=$?
    [[ $code == "$wanted" ]] || fail "irqlab $*: exit $code, not $wanted: $(cat "$here/err")"
}

says() { grep -qF -- "$2" "$here/$1" || fail "not said: $2"$'\n'"$(cat "$here/$1")"; }

expect_exit 0 run --json "$page"
says out '"point":{"mode":"edge"},"read":["a1"],"lost":["b1","a2"]'
says out '"point":{"mode":"level"},"read":["a1","b1","a2"],"lost":[]'

sed 's/expect lost nothing when/expect lost b1 when/' "$page" >"$here/wrong.lab"
expect_exit 1 run "$here/wrong.lab"
says err 'error: expectation failed: mode = level'
says err 'wrong.lab:35:8'
says err '^^^^^^^ actual: lost nothing'
says err '= expected: lost b1'

sed 's/machine textbook/machine texbook/' "$page" >"$here/misspelt.lab"
expect_exit 2 run "$here/misspelt.lab"
says err "error: unknown machine 'texbook'"
says err 'misspelt.lab:8:9'
says err "^^^^^^^ did you mean 'textbook'?"

# arena SCENARIO CLASS: bytes of a class.
arena() { "$irqlab" list --arena "$1" | awk -v c="$2" '$3 == "all" && $2 == c { print $1 }'; }

hot=$(arena "$page" hot)
all=$((hot + $(arena "$page" cold) + $(arena "$page" stack) + $(arena "$page" clock)))
((hot <= 256)) || fail "page one's hot part takes $hot bytes, over 256"
((all <= 1024)) || fail "page one's state takes $all bytes, over 1024"
((hot > 0 && all > hot)) || fail "list --arena does not show the classes"
hot=$(arena "$uart" hot)
((hot <= 384)) || fail "a PL011 on virt: the hot part takes $hot bytes, over 384"
