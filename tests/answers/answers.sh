#!/bin/sh
# answers.sh IRQLAB ROOT: every controller is asked all fourteen questions, answers by its data
# sheet as it did before, and its page in docs/controllers.md has all fourteen.
set -eu
irqlab=$1 root=$2
bad=0

fail() {
    echo "answers: $*" >&2
    bad=1
}

letters='a b c d e f g h i j k l m n'
for script in "$root"/scenarios/answers/*.probe; do
    name=$(basename "$script" .probe)
    machine=$(sed -n 's/^machine //p' "$script")
    asked=$(sed -n 's/^note \([a-n]\): .*/\1/p' "$script" | tr '\n' ' ')
    [ "$asked" = "$letters " ] || fail "$name asks $asked"
    "$irqlab" probe "$machine" "$script" | diff -u "$root/tests/answers/$name.txt" - ||
        fail "$name: other answers than before"
    grep -q "(../scenarios/answers/$name.probe)" "$root/docs/controllers.md" ||
        fail "docs/controllers.md does not name $name"
done

# Each section with a table of letters has every letter.
awk -v all="$letters" '
    function check(    i, n, letter) {
        n = split(all, letter, " ")
        for (i = 1; rows && i <= n; i++)
            if (!(letter[i] in seen)) { print section " lacks " letter[i]; bad = 1 }
        rows = 0
        split("", seen)
    }
    /^\| \| what / { check(); rows = 1; next }
    /^## / { check(); section = $0 }
    rows && /^\| [a-n],/ {
        split($0, cell, "|")
        text = " " cell[2]
        while (match(text, / [a-n],/)) {
            seen[substr(text, RSTART + 1, 1)] = 1
            text = substr(text, RSTART + 2)
        }
    }
    END { check(); exit bad }' "$root/docs/controllers.md" || fail "a page is not complete"
exit "$bad"
