/*
 * drivers/gpio_pl061.c - C driver of the PL061 GPIO (Arm DDI 0190): rising edges of its pins as
 * a file of events.
 *
 * Only the bits that were read are cleared: an edge that comes in between stays.  An event for
 * a full queue is dropped.  Not driven: outputs, levels.
 */
#include "drivers/port.h"
#include "sim/regs/pl061.h"

static void setup(const struct drv_c_args *args)
{
    drv_port_write32(args->base + PL061_IE, 0);
    drv_port_write32(args->base + PL061_DIR, 0);
    drv_port_write32(args->base + PL061_IS, 0);
    drv_port_write32(args->base + PL061_IBE, 0);
    drv_port_write32(args->base + PL061_IEV, 0xff);
    drv_port_write32(args->base + PL061_IC, 0xff);
    drv_port_write32(args->base + PL061_IE, 0xff);
}

static void irq(const struct drv_c_args *args)
{
    uint32_t pins = drv_port_read32(args->base + PL061_MIS);

    drv_port_write32(args->base + PL061_IC, pins);
    for (unsigned pin = 0; pin < PL061_PINS; pin++)
        if (pins >> pin & 1)
            drv_port_push_event(args->file, args->device, pin);
}

const struct drv_c_driver drv_c_pl061 = {
    .name = "pl061",
    .setup = setup,
    .irq = irq,
};
