/* lab/core/outcome.c - what stands at an end: where unread tokens lie, who hangs, what counts.
 */
#include "lab/core/internal.h"

static bool driver_has(const struct lab *lab, unsigned frame, unsigned token)
{
    for (unsigned i = 0; i < lab->frame_slots[frame]; i++)
        if (lab->tags[frame][i] == token)
            return true;
    return false;
}

/* Does code of a driver hold the token: in a variable, on an operand stack, in C's hand? */
static bool held_by_driver(const struct lab *lab, unsigned token)
{
    const struct lab_program *program = lab->program;

    for (unsigned i = 0; i < program->shared; i++)
        if (lab->shared_tag[i] == token)
            return true;
    for (unsigned f = 0; f < lab->frames; f++) {
        unsigned task = lab->frame_task[f];
        if ((task == LAB_NO_ACTOR || lab->task_frame[task] != f) && driver_has(lab, f, token))
            return true;
    }
    for (unsigned i = 0; i < lab->context_of_task + (unsigned)program->drv.tasks; i++)
        for (unsigned k = 0; lab->hand[i] && k < lab->hand[i]->n; k++)
            if (lab->hand[i]->token[k] == token)
                return true;
    return false;
}

/* Where the token lies: enum sim_place, and in *ret_id the device or file. */
static unsigned place_of(struct lab *lab, const drv_file_id *holder, unsigned token,
                         unsigned *ret_id)
{
    for (unsigned d = 0; d < lab->program->sim.devices; d++)
        if (sim_dev_holds(&lab->sim, (sim_dev_id)d, token)) {
            *ret_id = d;
            return SIM_PLACE_DEVICE;
        }
    *ret_id = holder[token];
    if (*ret_id != DRV_NONE)
        return SIM_PLACE_FILE;
    return held_by_driver(lab, token) ? SIM_PLACE_DRIVER : 0;
}

static bool blocked(const struct lab *lab, unsigned task)
{
    if (lab->task[task] & LAB_TASK_GONE || drv_is_helper(&lab->drv, task))
        return false; /* a helper that waits for work is no task that hangs */
    if (lab->asleep >> task & 1)
        return true;
    return drv_sleeping(&lab->drv, task) || (drv_task_parked(&lab->drv, (drv_task_id)task) &&
                                             !drv_task_ready(&lab->drv, (drv_task_id)task));
}

/* Has a blocked task the file open? */
static bool awaited(const struct lab *lab, unsigned file)
{
    for (unsigned t = 0; t < lab->program->drv.tasks; t++)
        if (blocked(lab, t) && drv_task_has_open(&lab->drv, (drv_task_id)t, (drv_file_id)file))
            return true;
    return false;
}

/* A token in a device is on its way to every file of the drivers that serve it. */
static bool hangs(const struct lab *lab, unsigned place, unsigned id)
{
    if (place == SIM_PLACE_FILE)
        return awaited(lab, id);
    if (place != SIM_PLACE_DEVICE)
        return false;
    for (unsigned d = 0; d < lab->program->drv.drivers; d++) {
        const struct drv_driver_config *driver = &lab->program->drv.driver[d];
        if (!(driver->devices[id / 32] >> id % 32 & 1))
            continue;
        for (unsigned f = 0; f < driver->files; f++)
            if (awaited(lab, driver->file_first + f))
                return true;
    }
    return false;
}

static void put_counts(const struct lab *lab, struct lab_counts *counts)
{
    for (unsigned i = 0; i < lab->program->counters; i++) {
        const struct lab_counter *counter = &lab->program->counter[i];
        uint32_t *const of_kind[LAB_COUNTER_KINDS] = {
            [LAB_COUNT_RUNS] = counts->runs,     [LAB_COUNT_SPURIOUS] = counts->spurious,
            [LAB_COUNT_WAKES] = counts->wakes,   [LAB_COUNT_REPEATS] = counts->repeats,
            [LAB_COUNT_EMPTY] = counts->empty,   [LAB_COUNT_OVERRUNS] = counts->overruns,
            [LAB_COUNT_STRAYS] = counts->strays,
        };
        of_kind[counter->kind][counter->who] = lab->counter[i];
    }
}

static void put_values(struct lab *lab, struct lab_outcome *outcome)
{
    for (unsigned i = 0; i < lab->program->watched; i++) {
        const struct lab_watched *watch = &lab->program->watch[i];
        outcome->watched[i] = watch->shared
                                  ? lab->shared[watch->slot]
                                  : lab->slots[lab->task_frame[watch->task]][watch->slot];
        sim_trace(&lab->trace, SIM_EV_VALUE, i, (uint32_t)outcome->watched[i], 0);
        if (outcome->watched[i] != (int32_t)outcome->watched[i])
            sim_trace(&lab->trace, SIM_EV_VALUE, i | LAB_VALUE_HIGH,
                      (uint32_t)((uint64_t)outcome->watched[i] >> 32), 0);
    }
}

void lab_outcome(struct lab *lab, enum sim_end end, bool fair, struct lab_outcome *outcome)
{
    drv_file_id holder[DRV_TOKENS];

    *outcome = (struct lab_outcome){.end = (uint8_t)end, .fair = fair};
    drv_holders(&lab->drv, holder);
    for (unsigned token = 1; token <= lab->program->tokens; token++) {
        unsigned id = 0, place;
        uint8_t fate = lab->fate[token];
        if (lab_fate_lost(fate) && !fair) {
            fate &= (uint8_t)~LAB_FATE_ARRIVED; /* a fair schedule may still bring it on */
        } else if (lab_fate_lost(fate)) {
            place = place_of(lab, holder, token, &id);
            if (place || end == SIM_END_STORM || end == SIM_END_SPIN) {
                fate |= LAB_FATE_LEFT;
                outcome->hang |= hangs(lab, place, id);
                sim_trace(&lab->trace, SIM_EV_LEFT, place, id, token);
            }
        }
        outcome->fate[token] = fate;
    }
    if (lab->counts)
        outcome->counts = *lab->counts;
    else
        put_counts(lab, &outcome->counts);
    put_values(lab, outcome);
    sim_trace(&lab->trace, SIM_EV_END, 0,
              end | (uint32_t)outcome->hang << 8 | (uint32_t)fair << 9, 0);
}
