/* lab/core/bench_sim.c - the simulator as the stepper's hardware. */
#include "drivers/side_stack.h"
#include "lab/core/internal.h"

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

static int irq_best(struct lab *lab, unsigned cpu)
{
    return sim_irq_best(&lab->sim, cpu);
}

static bool has_cause(struct lab *lab, unsigned device)
{
    return sim_dev_has_cause(&lab->sim, (sim_dev_id)device);
}

static bool can_act(struct lab *lab, const struct lab_world_action *action)
{
    return sim_can_act(&lab->sim, action->device, action->verb);
}

static void act(struct lab *lab, const struct lab_world_action *action)
{
    sim_act(&lab->sim, action->device, action->verb, action->arg, action->token);
}

static bool c_start(struct lab *lab, unsigned context, drv_c_routine routine,
                    const struct drv_c_args *args)
{
    return drv_stack_start((struct drv_activation *)(void *)lab->context[context], context,
                           routine, args);
}

static bool c_continue(struct lab *lab, unsigned context)
{
    return drv_stack_continue((struct drv_activation *)(void *)lab->context[context], context);
}

uint32_t lab_bench_sim_context_bytes(void)
{
    return sizeof(struct drv_activation);
}

const struct lab_bench lab_bench_sim = {
    .read = bench_read,
    .write = bench_write,
    .irq_output = irq_output,
    .irq_best = irq_best,
    .has_cause = has_cause,
    .can_act = can_act,
    .act = act,
    .c_start = c_start,
    .c_continue = c_continue,
};
