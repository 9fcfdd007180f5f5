#!/usr/bin/env bash
# What no formatter sees: columns, tabs, blanks at line ends, leftovers, long functions.
#
#   style.sh ROOT
set -euo pipefail
export LC_ALL=C
cd "$1"

mapfile -t files < <(
    find sim drivers loop lab qemu tests scenarios -type f \
        -not -path 'tests/errors/*' -not -path 'tests/fuzz/corpus/*' 2>/dev/null |
        grep -E '\.([chS]|sh|lab)$|/meson.build$' | sort
    printf '%s\n' meson.build meson_options.txt dev .ci/run
)

# 96 columns, but for the prose of a scenario and for tables that no formatter may touch.  A
# function's body is what stands between a lone { and a lone } in the first column.
awk '
    function complain(text)
    {
        printf "%s:%d: %s\n", FILENAME, FNR, text
        bad = 1
    }
    FNR == 1 { body = table = 0 }
    /clang-format off/ { table = 1 }
    /clang-format on/ { table = 0 }
    !table && FILENAME !~ /\.lab$/ {
        columns = $0
        gsub(/[\200-\277]/, "", columns)
        if (length(columns) > 96)
            complain("longer than 96 columns")
    }
    /\t/ && FILENAME !~ /\.S$/ { complain("a tab") }
    /[ \t]$/ { complain("blanks at the end") }
    /(TO)DO|(FIX)ME|(XX)X/ { complain("a leftover: open an issue instead") }
    FILENAME !~ /\.[ch]$/ { next }
    /^\{$/ { body = FNR }
    /^\}$/ && body {
        if (FNR - body - 1 > 70)
            complain("function of " (FNR - body - 1) " lines, 70 fit a screen")
        body = 0
    }
    END { exit bad }
' "${files[@]}"
