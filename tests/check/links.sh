#!/usr/bin/env bash
# Every relative link of the documents leads to a file, and to a heading if it names one.
#
#   links.sh ROOT
set -euo pipefail
export LC_ALL=C.UTF-8
cd "$1"
bad=0

# The anchors that a renderer makes of a document's headings.
anchors_of() {
    sed -nE '/^```/,/^```/d; s/^#+ +//p' "$1" | tr '[:upper:]' '[:lower:]' |
        sed -E 's/[^[:alnum:] _-]//g; s/ /-/g'
}

mapfile -t documents < <(find . -name '*.md' -not -path './build*' -not -path './.git/*' | sort)
for document in "${documents[@]}"; do
    while read -r link; do
        case $link in
        '' | *://* | mailto:*) continue ;;
        esac
        file=${link%%#*}
        anchor=
        [[ $link == *'#'* ]] && anchor=${link#*#}
        target=$document
        [[ -n $file ]] && target=$(dirname "$document")/$file
        if [[ ! -e $target ]]; then
            printf '%s: no file behind (%s)\n' "$document" "$link"
            bad=1
        elif [[ -n $anchor ]] && ! anchors_of "$target" | grep -qxF -- "$anchor"; then
            printf '%s: no heading behind (%s)\n' "$document" "$link"
            bad=1
        fi
    done < <(sed '/^```/,/^```/d' "$document" | grep -oE '\]\([^) ]+' | sed 's/^](//' || true)
done
exit $bad
