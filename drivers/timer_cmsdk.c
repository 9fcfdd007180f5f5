/*
 * drivers/timer_cmsdk.c - C driver of the CMSDK timer (Arm DDI 0479D): once a millisecond, each
 * expiration an event of its file.
 */
#include "drivers/port.h"
#include "sim/regs/cmsdk_timer.h"

enum { PERIOD = 25000 }; /* of 25 MHz; the clock at 0 is one of them */

static void setup(const struct drv_c_args *args)
{
    drv_port_write32(args->base + CMSDK_TIMER_CTRL, 0);
    drv_port_write32(args->base + CMSDK_TIMER_INTSTATUS, 1);
    drv_port_write32(args->base + CMSDK_TIMER_RELOAD, PERIOD - 1);
    drv_port_write32(args->base + CMSDK_TIMER_CTRL,
                     CMSDK_TIMER_CTRL_IRQEN | CMSDK_TIMER_CTRL_EN);
}

static void irq(const struct drv_c_args *args)
{
    if (!drv_port_read32(args->base + CMSDK_TIMER_INTSTATUS))
        return;
    drv_port_write32(args->base + CMSDK_TIMER_INTSTATUS, 1);
    drv_port_push_arrival(args->file, args->device);
}

const struct drv_c_driver drv_c_cmsdk_timer = {
    .name = "cmsdk-timer",
    .setup = setup,
    .irq = irq,
};
