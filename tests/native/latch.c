/*
 * tests/native/latch.c - a driver out of a shared object: takes one byte of a `source` for each
 * interrupt, and lets the device ask again when it is written to.
 */
#include "drivers/port.h"
#include "sim/regs/source.h"

static void irq(const struct drv_c_args *args)
{
    drv_port_push(args->file, drv_port_read32(args->base + SOURCE_DATA));
    drv_port_write32(args->base + SOURCE_ENABLE, 0);
}

static void write_byte(const struct drv_c_args *args)
{
    drv_port_write32(args->base + SOURCE_ENABLE, args->value & 1u);
}

const struct drv_c_driver irqlab_driver = {
    .name = "latch",
    .irq = irq,
    .write = write_byte,
};
