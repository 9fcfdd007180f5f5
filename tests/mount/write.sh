#!/usr/bin/env bash
# Mounts a scenario whose driver takes what is written, and lets a program write and read.
#
#   write.sh IRQLAB SCENARIO PROGRAM...
set -euo pipefail
irqlab=$1
scenario=$2
shift 2
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
exec "$irqlab" mount "$directory" "$scenario" "$@"
