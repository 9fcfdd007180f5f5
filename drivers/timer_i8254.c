/*
 * drivers/timer_i8254.c - C driver of the 8254 of a PC (Intel 231164): counter 0 as a rate
 * generator, once a millisecond, each interrupt an event of its file.
 *
 * There is nothing to acknowledge at the device.  Not driven: counters 1 and 2.
 */
#include "drivers/port.h"
#include "sim/regs/i8254.h"

enum { PERIOD = I8254_CLOCK_HZ / 1000, BOTH_BYTES = 3 };

static void setup(const struct drv_c_args *args)
{
    drv_port_write8(args->base + I8254_CONTROL,
                    BOTH_BYTES << I8254_RW_SHIFT | I8254_MODE_RATE << I8254_MODE_SHIFT);
    drv_port_write8(args->base + I8254_COUNTER, PERIOD & 0xff);
    drv_port_write8(args->base + I8254_COUNTER, PERIOD >> 8);
}

static void irq(const struct drv_c_args *args)
{
    drv_port_push_arrival(args->file, args->device);
}

const struct drv_c_driver drv_c_i8254 = {
    .name = "i8254",
    .setup = setup,
    .irq = irq,
};
