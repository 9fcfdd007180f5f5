#!/usr/bin/env bash
# Arrows between rooms run one way: who includes whom, who calls whom, whose name starts how.
#
#   rooms.sh ROOT LIBRARY...     ROOT: the sources; LIBRARY: libROOM.a or libROOM-PART.a
set -euo pipefail
root=$1
shift
mapfile -t libraries < <(realpath -e "$@") # named from the build directory
((${#libraries[@]} == $#)) # all of them
cd "$root"
bad=0

complain() {
    printf '%s\n' "$*"
    bad=1
}

# The patterns of the headers that a file may include.
allowed_includes() {
    case $1 in
    sim/*) echo 'sim/*' ;;
    drivers/port_sim.*) echo 'drivers/* sim/*' ;;
    drivers/*) echo 'drivers/* sim/regs/* sim/trace_event.h sim/arena.h' ;;
    loop/*) echo 'loop/* drivers/*' ;;
    lab/core/*) echo 'lab/core/* loop/* drivers/* sim/*' ;;
    lab/*) echo 'lab/* loop/* drivers/* sim/*' ;;
    qemu/*) echo 'qemu/* lab/core/* drivers/* sim/*' ;;
    tests/*) echo '*' ;;
    esac
}

# Rooms without a libc, but for the files that only a host has.
is_freestanding() {
    case $1 in
    drivers/side_stack.*) return 1 ;;
    sim/* | drivers/* | lab/core/* | loop/aio.* | loop/core.* | loop/heap.h) return 0 ;;
    *) return 1 ;;
    esac
}

check_include() {
    local file=$1 header=$2 pattern
    case $header in
    */*) ;;
    *)
        complain "$file: \"$header\" does not name its room"
        return
        ;;
    esac
    local -a patterns
    read -ra patterns <<<"$(allowed_includes "$file")"
    for pattern in "${patterns[@]}"; do
        # shellcheck disable=SC2053
        [[ $header == $pattern ]] && return
    done
    complain "$file: must not include \"$header\""
}

check_system_include() {
    local file=$1 header=$2
    is_freestanding "$file" || return 0
    case $header in
    stdarg.h | stdbool.h | stddef.h | stdint.h | limits.h) ;;
    *) complain "$file: <$header> is not for a freestanding room" ;;
    esac
}

mapfile -t sources < <(find sim drivers loop lab qemu -name '*.[chS]' 2>/dev/null | sort)
for file in "${sources[@]}"; do
    while read -r kind header; do
        case $kind in
        own) check_include "$file" "$header" ;;
        system) check_system_include "$file" "$header" ;;
        esac
    done < <(sed -nE 's/^ *# *include *"([^"]*)".*/own \1/p
                      s/^ *# *include *<([^>]*)>.*/system \1/p' "$file")
done

# Every source file is built: it stands in the list of its room.
for file in "${sources[@]}"; do
    [[ $file == *.c ]] || continue
    list=$(dirname "$file")/meson.build
    grep -q "'$(basename "$file")'" "$list" 2>/dev/null || complain "$file: not in $list"
done

# The prefix of a room's symbols, and the symbols of others that it may need.
symbols_of() {
    case $1 in
    sim) echo 'sim_ sim_' ;;
    drivers*) echo 'drv_ drv_|sim_arena_' ;;
    loop*) echo 'loop_ loop_|drv_' ;;
    core) echo 'lab_ lab_|loop_|drv_|sim_' ;;
    lab) echo 'lab_ .' ;;
    esac
}

for library in "${libraries[@]}"; do
    room=$(basename "$library" .a)
    room=${room#lib}
    read -r prefix others <<<"$(symbols_of "$room")"
    while read -r symbol; do
        complain "$room: defines $symbol, which does not start with $prefix"
    done < <(nm -g --defined-only "$library" | awk 'NF == 3 {print $3}' |
        grep -vE "^($prefix|__(asan|ubsan|odr_asan|gcov|sanitizer))" || true)
    while read -r symbol; do
        complain "$room: must not call $symbol"
    done < <(nm -g --undefined-only "$library" | awk 'NF == 2 {print $2}' |
        grep -E '^(sim|drv|loop|lab|test)_' | grep -vE "^($others)" || true)
done

exit $bad
