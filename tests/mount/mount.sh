#!/usr/bin/env bash
# Mounts the scenario with the UART and lets a program read it: all of it, in order.
#
#   mount.sh IRQLAB SCENARIO PROGRAM...
set -euo pipefail
irqlab=$1
scenario=$2
shift 2
[[ $1 != */* ]] || set -- "$(realpath "$1")" "${@:2}" # it runs elsewhere
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
mkdir "$directory/at"

code=0
"$irqlab" mount -D mode=edge "$directory/at" "$scenario" "$@" >"$directory/read" || code=$?
[[ $code == 0 ]] || exit "$code"
printf 'hello\x80' >"$directory/expected"
cmp "$directory/expected" "$directory/read"
