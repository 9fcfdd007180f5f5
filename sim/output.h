/*
 * sim/output.h - the controller's outputs, and OUTPUT records: what an entry point changed
 * there.
 *
 * The outputs are a pure function of the state.  The view keeps what they were when somebody
 * last looked, and whether something that feeds them was touched since: sim->outputs_stale.
 * Whatever calls a controller sets it.
 */
#ifndef SIM_OUTPUT_H
#define SIM_OUTPUT_H

#include "sim/controller.h"

enum { SIM_OUTPUT_BITS = 2 }; /* IRQ, FIQ */

static inline bool sim_output_wanted(const struct sim *sim)
{
    return (sim->trace->want >> SIM_EV_OUTPUT & 1) != 0;
}

/* Works the outputs out again. */
void sim_output_look(struct sim *sim);

/* The same, and records OUTPUT for each CPU whose outputs are not what they were. */
void sim_output_record(struct sim *sim);

/* The outputs of all CPUs, SIM_OUTPUT_BITS each. */
static inline uint32_t sim_output_all(struct sim *sim)
{
    if (sim->outputs_stale)
        sim_output_look(sim);
    return sim->outputs;
}

/* An entry point begins. */
static inline void sim_output_begin(struct sim *sim)
{
    if (sim->outputs_stale && sim_output_wanted(sim))
        sim_output_look(sim);
}

/* It ends: what it has changed is recorded. */
static inline void sim_output_end(struct sim *sim)
{
    if (sim->outputs_stale && sim_output_wanted(sim))
        sim_output_record(sim);
}

/* The same inside it, wherever the hardware lets a passing state be seen. */
static inline void sim_output_note(struct sim *sim)
{
    sim_output_end(sim);
    sim->outputs_stale = true;
}

#endif
