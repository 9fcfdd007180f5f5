/*
 * drivers/rtc_pl031.c - C driver of the PL031 clock (Arm DDI 0224): an alarm every second, each
 * an event of its file.
 *
 * Cleared first, then set for the next second: the other order would clear an alarm that has
 * just come.
 */
#include "drivers/port.h"
#include "sim/regs/pl031.h"

static void setup(const struct drv_c_args *args)
{
    drv_port_write32(args->base + PL031_IMSC, 0);
    drv_port_write32(args->base + PL031_MR, drv_port_read32(args->base + PL031_DR) + 1);
    drv_port_write32(args->base + PL031_CR, PL031_CR_START);
    drv_port_write32(args->base + PL031_ICR, PL031_INT);
    drv_port_write32(args->base + PL031_IMSC, PL031_INT);
}

static void irq(const struct drv_c_args *args)
{
    if (!(drv_port_read32(args->base + PL031_MIS) & PL031_INT))
        return;
    drv_port_write32(args->base + PL031_ICR, PL031_INT);
    drv_port_write32(args->base + PL031_MR, drv_port_read32(args->base + PL031_DR) + 1);
    drv_port_push_arrival(args->file, args->device);
}

const struct drv_c_driver drv_c_pl031 = {
    .name = "pl031",
    .setup = setup,
    .irq = irq,
};
