#!/usr/bin/env bash
# What the command promises whatever the scenario: exit codes, JSON, pipes, colours, widths.
#   command.sh IRQLAB PAGE-ONE.lab
set -euo pipefail
irqlab=$1 page=$2
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
    "$irqlab" "$@" >"$here/out" 2>"$here/err" </dev/null || code=$?
    [[ $code == "$wanted" ]] || fail "irqlab $*: exit $code, not $wanted: $(cat "$here/err")"
}

says() { grep -qF -- "$2" "$here/$1" || fail "not said: $2"$'\n'"$(cat "$here/$1")"; }

# ---- usage ----
expect_exit 0 --help
expect_exit 0 --version
expect_exit 2
expect_exit 2 run
expect_exit 2 run no-such-scenario
says err "irqlab list"
expect_exit 2 run --no-such-option "$page"
says err "irqlab --help"
expect_exit 2 run --width 0 "$page"
expect_exit 2 run --machine nowhere "$page"
expect_exit 2 run -D mode=egde "$page"
says err "one of: edge, level"
expect_exit 2 run -D mod=edge "$page"
says err "did you mean 'mode'?"
expect_exit 2 run "$here"
says err "Is a directory"
expect_exit 0 check -
expect_exit 77 run --on qemu "$page"
says err "--machine virt"
printf 'vary gap = 1us, 2us;\n' >"$here/gap.lab"
expect_exit 2 check -D gap=5 "$here/gap.lab"
says err "a time has a unit, such as 4us"
expect_exit 0 check -D gap=5us "$here/gap.lab"

# However many variables a task has, they have room or are refused.
for count in 240 251 256 300 512 1024; do
    {
        printf 'task many {\n'
        for ((i = 0; i < count; i++)); do printf 'v%d = %d;\n' "$i" "$i"; done
        printf 'x = v0 + v%d; }\n' $((count - 1))
    } >"$here/many.lab"
    expect_exit $((count > 250 ? 2 : 0)) run "$here/many.lab"
    [[ $count == 240 ]] || says err "variables"
done

# ---- what is printed ----
expect_exit 0 run "$page"
cp "$here/out" "$here/plain"
expect_exit 0 run --color always "$page"
says out $'\033['
sed 's/\x1b\[[0-9;]*m//g' "$here/out" | diff "$here/plain" - || fail "colours change the text"
NO_COLOR=1 "$irqlab" run --color auto "$page" | diff "$here/plain" - || fail "NO_COLOR"
for width in 40 60 80 200; do
    "$irqlab" run --ascii --width "$width" "$page" >"$here/narrow" || fail "--width $width"
    LC_ALL=C grep -q '[^ -~]' "$here/narrow" && fail "--ascii is not ASCII"
    # words are told as they stand; what stands on the axis fits
    columns=$(grep -E '^ (us|arrivals|wire|pending|active|handler|keys|ready|reader) ' \
        "$here/narrow" | sed 's/   [0-9]* of [0-9].*//' | wc -L)
    ((columns <= width)) || fail "--width $width: $columns columns"
done
LC_ALL=C "$irqlab" run "$page" | LC_ALL=C grep -q '[^ -~]' && fail "LC_ALL=C is not ASCII"

# ---- pipes ----
("$irqlab" run --trace "$page" 2>"$here/err" || true) | head -1 >/dev/null
[[ ! -s $here/err ]] || fail "a closed pipe: $(cat "$here/err")"

# ---- JSON: a line each, and the keys ----
for command in run explore; do
    expect_exit 0 "$command" --json "$page"
    grep -vE '^\{.*\}$' "$here/out" && fail "$command --json: not an object a line"
    for key in irqlab kind scenario point read lost left dropped late runs spurious wakes \
        repeats storm starve spin hang count schedule; do
        # a search keeps who was late only for an expectation
        [[ $command == explore && $key == late ]] ||
            grep '"kind":"outcome"' "$here/out" | { ! grep -vF "\"$key\":"; } ||
            fail "$command --json: an outcome without $key"
    done
    for key in text quantifier holds; do
        grep '"kind":"expect"' "$here/out" | grep -vF "\"$key\":" &&
            fail "$command --json: an expectation without $key"
    done
done
for key in states transitions seconds complete; do
    says out "\"$key\":"
done
exit 0
