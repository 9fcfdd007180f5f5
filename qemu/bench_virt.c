/*
 * qemu/bench_virt.c - the board as the stepper's hardware.
 *
 * Everything but interrupts goes the way it goes on the host, through the bus of sim/; there,
 * the controller and the UART are the board's (qemu/gic_virt.c, qemu/uart_virt.c).
 */
#include "qemu/bench_virt.h"

#include "qemu/metal.h"

static uint32_t bench_read(struct lab *lab, unsigned cpu, uint32_t address, unsigned size)
{
    return sim_read(&lab->sim, cpu, address, size);
}

static void bench_write(struct lab *lab, unsigned cpu, uint32_t address, unsigned size,
                        uint32_t value, unsigned token)
{
    sim_write(&lab->sim, cpu, address, size, value, token);
}

static bool irq_output(struct lab *lab, unsigned cpu)
{
    return sim_irq_output(&lab->sim, cpu);
}

/*
 * Asked twice per interrupt: when the CPU begins to take it, and when it has.  The first time
 * the CPU really takes it, here.
 */
static int irq_best(struct lab *lab, unsigned cpu)
{
    int best = sim_irq_best(&lab->sim, cpu);

    if (metal_depth() == lab->irqs.cpu[cpu]->depth)
        metal_take();
    return best;
}

static bool has_cause(struct lab *lab, unsigned device)
{
    return sim_dev_has_cause(&lab->sim, (sim_dev_id)device);
}

static bool can_act(struct lab *lab, const struct lab_world_action *action)
{
    return sim_can_act(&lab->sim, action->device, (enum sim_verb)action->verb);
}

static void act(struct lab *lab, const struct lab_world_action *action)
{
    sim_act(&lab->sim, action->device, (enum sim_verb)action->verb, action->arg, action->token);
}

const struct lab_bench metal_bench = {
    .read = bench_read,
    .write = bench_write,
    .irq_output = irq_output,
    .irq_best = irq_best,
    .has_cause = has_cause,
    .can_act = can_act,
    .act = act,
    .c_start = metal_c_start,
    .c_continue = metal_c_continue,
};
