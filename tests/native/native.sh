#!/bin/sh
# native.sh IRQLAB OBJECT SCENARIO ROOT: a driver out of a shared object does what the same
# driver written in the scenario does, step by step, and runs only where that is allowed.
set -eu
irqlab=$1 object=$2 scenario=$3 root=$4
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/object" "$dir/block"
cp "$object" "$dir/object/latch.so"
cp "$scenario" "$dir/object/latch.lab"
sed 's|^driver.*|driver latch for d {\
    irq { push(d.DATA); d.ENABLE = 0; }\
    write { d.ENABLE = value \& 1; }\
}|' "$scenario" >"$dir/block/latch.lab"

fail() {
    echo "native: $*" >&2
    exit 1
}

"$irqlab" run --allow-native --trace "$dir/object/latch.lab" >"$dir/object/trace"
"$irqlab" run --trace "$dir/block/latch.lab" >"$dir/block/trace"
grep -q 'run *latch' "$dir/block/trace" || fail "no interrupt came"
cmp "$dir/object/trace" "$dir/block/trace" || fail "the traces differ"

for how in object block; do
    "$irqlab" explore --allow-native --check-determinism "$dir/$how/latch.lab" |
        grep -E '^(Test|States|Complete)' >"$dir/$how/states"
done
cmp "$dir/object/states" "$dir/block/states" || fail "the states differ"

# Without leave, without a file, without a driver in it: an error with a caret, exit 2.
refused() {
    code=0
    "$irqlab" run "$@" >/dev/null 2>"$dir/error" || code=$?
    [ "$code" = 2 ] || fail "exit $code instead of 2 of: run $*"
    grep -q '\^\^\^' "$dir/error" || fail "no caret: $(cat "$dir/error")"
}
refused "$dir/object/latch.lab"
grep -q -e --allow-native "$dir/error" || fail "does not name the option"
sed 's/latch\.so/other.so/' "$scenario" >"$dir/object/other.lab"
refused --allow-native "$dir/object/other.lab"
echo 'int nothing;' | ${CC:-cc} -shared -fPIC -xc -o "$dir/object/other.so" -
refused --allow-native "$dir/object/other.lab"
grep -q 'has no irqlab_driver' "$dir/error" || fail "says: $(cat "$dir/error")"

# More stack than can be kept is said, and is no crash.
cat >"$dir/deep.c" <<'END'
#include "drivers/port.h"
static void irq(const struct drv_c_args *args)
{
    volatile char large[2000];
    large[0] = (char)drv_port_read32(args->base);
    large[1999] = large[0];
}
const struct drv_c_driver irqlab_driver = {.name = "deep", .irq = irq};
END
${CC:-cc} -shared -fPIC -I"$root" -o "$dir/object/other.so" "$dir/deep.c"
code=0
"$irqlab" run --allow-native "$dir/object/other.lab" >/dev/null 2>"$dir/error" || code=$?
[ "$code" = 3 ] || fail "exit $code instead of 3 with too much stack"
grep -q '512 bytes' "$dir/error" || fail "says: $(cat "$dir/error")"

"$irqlab" check "$dir/object/latch.lab" || fail "check needs no leave: it runs nothing"
