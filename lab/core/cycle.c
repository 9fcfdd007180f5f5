/* lab/core/cycle.c - a run from its start to its end, or until it is found to go round. */
#include "lab/core/clock.h"

/* Are the deadlines the same, seen from now and from the time @saved was taken? */
static bool same_clock(const struct lab *lab, const uint8_t *saved)
{
    const struct lab_clock *old =
        (const void *)(saved + ((uint8_t *)lab->clock - lab->arena.bytes));
    const uint64_t *old_due =
        (const void *)(saved + ((uint8_t *)lab->timer_due - lab->arena.bytes));
    uint64_t shift = lab->clock->now - old->now;
    unsigned dues =
        lab->program->sim.devices + 1u + lab->program->drv.timerfds + lab->program->drv.tasks;

    for (unsigned cpu = 0; cpu < lab->program->sim.cpus; cpu++) {
        const struct lab_clock_cpu *a = &lab->clock->cpu[cpu], *b = &old->cpu[cpu];
        if (a->actor != b->actor || a->task != b->task || a->ready != b->ready ||
            (a->actor && a->due - b->due != shift))
            return false;
    }
    for (unsigned i = 0; i < dues; i++)
        if (lab->timer_due[i] != (old_due[i] ? old_due[i] + shift : 0))
            return false;
    for (const uint8_t *at = (const uint8_t *)lab->rest,
                       *end = lab->queue + lab->program->sim.cpus * lab->program->drv.tasks;
         at < end; at++)
        if (*at != saved[at - lab->arena.bytes])
            return false;
    return true;
}

static bool same_state(const struct lab *lab, const uint8_t *saved)
{
    uint32_t size = lab->arena.base[SIM_CLOCK];

    for (uint32_t i = 0; i < size; i += 8)
        if (*(const uint64_t *)(const void *)(lab->arena.bytes + i) !=
            *(const uint64_t *)(const void *)(saved + i))
            return false;
    return same_clock(lab, saved);
}

static bool world_has_finished(const struct lab *lab)
{
    for (unsigned w = 0; w < lab->program->worlds; w++)
        if (lab_world_next(lab, w))
            return false;
    return true;
}

static unsigned agent_of(const struct lab *lab, unsigned actor)
{
    const struct lab_actor *a = &lab->actor[actor];

    return a->who == LAB_WHO_TAKE ? lab->first[LAB_WHO_CPU] + (unsigned)a->index : actor;
}

/* Goes round the cycle of @length steps once more and says what kind it is. */
static enum sim_end classify(struct lab *lab, uint64_t length, bool *ret_fair)
{
    uint8_t moved[LAB_ACTORS_MAX] = {0}, sometimes[LAB_ACTORS_MAX] = {0};
    uint8_t not_always[LAB_ACTORS_MAX] = {0}, choices[LAB_ACTORS_MAX];
    bool only_tasks = true, strong = true, weak = true;
    enum sim_end end;

    for (uint64_t i = 0; i < length; i++) {
        uint8_t now[LAB_ACTORS_MAX] = {0};
        uint64_t steps = lab->clock->steps;
        unsigned n = lab_choices(lab, choices);
        for (unsigned k = 0; k < n; k++)
            now[agent_of(lab, choices[k])] = 1;
        for (unsigned a = 0; a < lab->actors; a++) {
            sometimes[a] |= now[a];
            not_always[a] |= !now[a];
        }
        if (!lab_run_next(lab, &end))
            return end;
        if (lab->clock->steps != steps)
            moved[agent_of(lab, lab->trace.stamp.actor)] = 1;
    }
    for (unsigned a = 0; a < lab->actors; a++) {
        enum lab_who who = lab->actor[a].who;
        if (who == LAB_WHO_WORLD || who == LAB_WHO_TIMER || who == LAB_WHO_ALARM ||
            who == LAB_WHO_TIMEOUT)
            continue;
        only_tasks &= !moved[a] || who == LAB_WHO_TASK;
        strong &= moved[a] || !sometimes[a];
        weak &= moved[a] || not_always[a];
    }
    *ret_fair = strong;
    if (only_tasks)
        return SIM_END_SPIN;
    return strong ? SIM_END_STORM : weak ? SIM_END_STARVE : SIM_END_LIMIT;
}

void lab_run(struct lab *lab, struct lab_sink *sink, uint8_t *scratch,
             struct lab_outcome *ret_outcome)
{
    enum sim_end end = SIM_END_QUIET;
    uint64_t power = 1, since = 0;
    bool searches = scratch && world_has_finished(lab), saved = false, fair = true;

    lab->sink = sink;
    lab_run_begin(lab);
    while (lab_run_on(lab, searches ? 1 : UINT64_MAX, &end)) {
        searches = scratch && world_has_finished(lab);
        if (!searches)
            continue;
        since++;
        if (saved && same_state(lab, scratch)) {
            end = classify(lab, since, &fair);
            break;
        }
        if (!saved || since == power) { /* Brent: look back at ever rarer states */
            for (uint32_t i = 0; i < lab->arena.size; i++)
                scratch[i] = lab->arena.bytes[i];
            power = saved ? power * 2 : 1;
            since = 0;
            saved = true;
        }
    }
    lab->trace.at = lab->clock->now;
    sim_trace_begin(&lab->trace, LAB_NO_ACTOR, LAB_NO_ACTOR);
    lab_outcome(lab, end, fair && end != SIM_END_LIMIT, ret_outcome);
    ret_outcome->steps = lab->clock->steps;
    ret_outcome->end_ns = lab->clock->now;
    if (sink)
        sink->records(sink, lab->trace.records, lab->trace.count);
    lab->sink = 0;
}
