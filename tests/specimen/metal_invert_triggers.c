/*
 * tests/specimen/metal_invert_triggers.c - a saboteur: linked into an image in the place of
 * qemu/icfgr.c it tells the controller `level` where software says `edge`, and the other way
 * round.  A comparison of model and board that still agrees has compared nothing.
 */
#include "qemu/metal.h"

#define TRIGGER_BITS 0xaaaaaaaau /* the upper bit of each input's two */

uint32_t metal_icfgr(uint32_t value)
{
    return value ^ TRIGGER_BITS;
}
