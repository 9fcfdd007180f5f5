/*
 * drivers/timer_sp804.c - C driver of the SP804 (Arm DDI 0271): its first timer, once a
 * millisecond, each expiration an event of its file.
 *
 * Not driven: the second timer.
 */
#include "drivers/port.h"
#include "sim/regs/sp804.h"

enum { PERIOD = 1000 }; /* of 1 MHz */

static void setup(const struct drv_c_args *args)
{
    drv_port_write32(args->base + SP804_CTRL, 0);
    drv_port_write32(args->base + SP804_INTCLR, 1);
    drv_port_write32(args->base + SP804_CTRL, SP804_CTRL_32BIT | SP804_CTRL_PERIODIC);
    drv_port_write32(args->base + SP804_LOAD, PERIOD);
    drv_port_write32(args->base + SP804_CTRL,
                     SP804_CTRL_32BIT | SP804_CTRL_PERIODIC | SP804_CTRL_IE | SP804_CTRL_EN);
}

static void irq(const struct drv_c_args *args)
{
    if (!drv_port_read32(args->base + SP804_MIS))
        return;
    drv_port_write32(args->base + SP804_INTCLR, 1);
    drv_port_push_arrival(args->file, args->device);
}

const struct drv_c_driver drv_c_sp804 = {
    .name = "sp804",
    .setup = setup,
    .irq = irq,
};
