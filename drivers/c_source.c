/* drivers/c_source.c - C driver of the laboratory's own `source`: reads until it stops asking.
 */
#include "drivers/port.h"
#include "sim/regs/source.h"

static void irq(const struct drv_c_args *args)
{
    drv_port_write32(args->base + SOURCE_ACK, 1);
    while (drv_port_read32(args->base + SOURCE_COUNT))
        drv_port_push(args->file, drv_port_read32(args->base + SOURCE_DATA));
}

const struct drv_c_driver drv_c_source = {
    .name = "source",
    .irq = irq,
};
