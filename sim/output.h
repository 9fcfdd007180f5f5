/*
 * sim/output.h - OUTPUT records: what an entry point changed at the controller's outputs.
 *
 * The outputs are a pure function of the state and are not stored.  Only if somebody wants the
 * records are they worked out before and after.
 */
#ifndef SIM_OUTPUT_H
#define SIM_OUTPUT_H

#include "sim/controller.h"

enum { SIM_OUTPUT_BITS = 2 }; /* IRQ, FIQ */

static inline bool sim_output_wanted(const struct sim *sim)
{
    return (sim->trace->want >> SIM_EV_OUTPUT & 1) != 0;
}

static inline uint32_t sim_output_all(const struct sim *sim)
{
    uint32_t outputs = 0;

    for (unsigned cpu = 0; cpu < sim->cpus; cpu++)
        outputs |= (uint32_t)sim->controller->output(sim, cpu) << cpu * SIM_OUTPUT_BITS;
    return outputs;
}

/* An entry point begins. */
static inline void sim_output_begin(struct sim *sim)
{
    if (sim_output_wanted(sim))
        sim->outputs = sim_output_all(sim);
}

/*
 * Records OUTPUT for each CPU whose outputs are not what they were: at the end of an entry
 * point, and inside it wherever the hardware lets a passing state be seen.
 */
static inline void sim_output_note(struct sim *sim)
{
    if (!sim_output_wanted(sim))
        return;
    uint32_t before = sim->outputs;
    uint32_t after = sim_output_all(sim);
    for (unsigned cpu = 0; after != before && cpu < sim->cpus; cpu++) {
        uint32_t mask = (1u << SIM_OUTPUT_BITS) - 1;
        uint32_t now = after >> cpu * SIM_OUTPUT_BITS & mask;
        if (now != (before >> cpu * SIM_OUTPUT_BITS & mask))
            sim_trace(sim->trace, SIM_EV_OUTPUT, cpu, now, 0);
    }
    sim->outputs = after;
}

#endif
