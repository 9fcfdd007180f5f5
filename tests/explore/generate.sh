#!/usr/bin/env bash
# The generator on a part of the family: sets of outcomes that differ in pairs, of every kind,
# in scenarios that say the truth about themselves.
#
#   generate.sh GENERATE IRQLAB EVERY
set -euo pipefail
generate=$1 irqlab=$2 every=$3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() {
    printf '%s\n' "$*"
    exit 1
}

out=$("$generate" "$folder" "$every") || fail "$out"
tail -n 1 <<<"$out"
files=("$folder"/*.lab)
lines=$(sed '$d' <<<"$out")
[[ $(wc -l <<<"$lines") == "${#files[@]}" ]] || fail "${#files[@]} files for: $lines"
doubles=$(cut -d ' ' -f 2 <<<"$lines" | sort | uniq -d)
[[ -z $doubles ]] || fail "two scenarios have the set $doubles"
for kind in lost good storm starve spin; do
    cut -d ' ' -f 1 <<<"$lines" | grep -qw "$kind" || fail "no scenario has the kind $kind"
done
"$irqlab" explore "${files[@]}" >"$folder/explored" 2>&1 </dev/null ||
    fail "$(grep -B 40 -m 1 -E 'FAILED|SAFE|undecided|error' "$folder/explored")"
