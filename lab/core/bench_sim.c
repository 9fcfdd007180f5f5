/* lab/core/bench_sim.c - the simulator as the stepper's hardware. */
#include "drivers/side_stack.h"
#include "lab/core/clock.h"

static bool answer(void *owner, struct drv_request *request)
{
    return lab_clock_answers(owner, request);
}

static void c_start(struct lab *lab, unsigned context, drv_c_routine routine,
                    const struct drv_c_args *args)
{
    drv_stack_start((struct drv_activation *)(void *)lab->context[context], context, routine,
                    args, lab->steps_last ? answer : 0, lab);
}

static void c_continue(struct lab *lab, unsigned context)
{
    drv_stack_continue((struct drv_activation *)(void *)lab->context[context], context,
                       lab->steps_last ? answer : 0, lab);
}

uint32_t lab_bench_sim_context_bytes(void)
{
    return sizeof(struct drv_activation);
}

const struct lab_bench lab_bench_sim = {
    .c_start = c_start,
    .c_continue = c_continue,
};
