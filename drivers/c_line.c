/* drivers/c_line.c - C driver of a bare line: each interrupt hands its arrival on. */
#include "drivers/port.h"

static void irq(const struct drv_c_args *args)
{
    drv_port_push_arrival(args->file, args->device);
}

const struct drv_c_driver drv_c_line = {
    .name = "line",
    .irq = irq,
};
