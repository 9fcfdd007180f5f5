#!/bin/sh
# Makes a C file of the fact files: their lines as strings.
#
#   embed.sh FILE... >OUT.c
set -eu
echo '#include "lab/facts.h"'
echo 'const struct lab_fact_line lab_fact_lines[] = {'
for file; do
    awk -v file="$(basename "$file")" '
        { gsub(/\\/, "\\\\"); gsub(/"/, "\\\"") }
        { printf "    {\"%s\", %d, \"%s\"},\n", file, FNR, $0 }' "$file"
done
echo '    {0, 0, 0},'
echo '};'
