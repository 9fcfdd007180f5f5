#!/bin/sh
# Makes a C file of the fact files: their lines as strings.
#
#   embed.sh FILE... >OUT.c
set -eu
echo '#include "lab/facts.h"'
echo 'const struct lab_fact_line lab_fact_lines[] = {'
for file; do
    sed 's/\\/\\\\/g; s/"/\\"/g' "$file" | awk -v file="$(basename "$file")" '
        { print "    {\"" file "\", " FNR ", \"" $0 "\"}," }'
done
echo '    {0, 0, 0},'
echo '};'
