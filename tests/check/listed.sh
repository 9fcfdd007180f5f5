#!/bin/sh
# listed.sh ROOT: every scenario on the shelf is among those that are run and explored.
set -eu
root=$1
bad=0
for file in "$root"/scenarios/*.lab "$root"/scenarios/bugs/*.lab; do
    name=$(basename "$file" .lab)
    grep -qE "^ *'$name'( *:|,)" "$root"/tests/meson.build || {
        echo "tests/meson.build does not list $name"
        bad=1
    }
done
exit "$bad"
