/* qemu/icfgr.c - trigger configuration reaches the controller as it was written. */
#include "qemu/metal.h"

uint32_t metal_icfgr(uint32_t value)
{
    return value;
}
