#!/usr/bin/env bash
# Feeds a fuzzer the files of some folders, one after the other.
#
#   replay.sh FUZZER FOLDER...
set -euo pipefail
fuzzer=$1
shift
find "$@" -type f -name '*.lab' | sort | xargs "$fuzzer"
