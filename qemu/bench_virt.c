/*
 * qemu/bench_virt.c - the board as the stepper's hardware.
 *
 * Everything but interrupts goes the way it goes on the host, through the bus of sim/; there,
 * the controller and the UART are the board's (qemu/gic_virt.c, qemu/uart_virt.c).
 */
#include "qemu/bench_virt.h"

#include "qemu/metal.h"

/* The clock lets the CPU begin to take an interrupt: here it really takes it. */
static void take(struct lab *lab, unsigned cpu)
{
    (void)lab;
    (void)cpu;
    metal_take();
}

const struct lab_bench metal_bench = {
    .take = take,
    .c_start = metal_c_start,
    .c_continue = metal_c_continue,
};
