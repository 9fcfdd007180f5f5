/*
 * lab/reduce.c - see reduce.h.
 *
 * Only handlers on a machine with one CPU have such steps: no task and no thread runs beside
 * them, so files, wait queues and shared variables are theirs alone, unless a time-out is
 * armed. What worlds and timers touch - devices, lines, the controller - is left to the
 * interleaving, but for reads of which the device knows that arrivals make no difference.
 */
#include "lab/reduce.h"

bool lab_reduce_open(struct lab_reduce *reduce, const struct lab *lab)
{
    struct lab_reduce asked = {
        .sort = reduce->sort, .split = reduce->split, .part = reduce->part};

    *reduce = asked;
    reduce->handlers = lab->program->sim.cpus == 1;
    if (!lab_live_open(&reduce->live, lab->program))
        return false;
    if (reduce->sort)
        lab_alike_open(&reduce->alike, &reduce->live, reduce->split, lab);
    return true;
}

void lab_reduce_close(struct lab_reduce *reduce)
{
    lab_live_close(&reduce->live);
}

/* Is a handler active that nothing can interrupt? */
static bool in_handler(const struct lab_reduce *reduce, const struct lab *lab)
{
    const struct drv_cpu *cpu = lab->irqs.cpu[0];

    return reduce->handlers && cpu->depth && (cpu->masked || cpu->depth >= lab->program->nest);
}

void lab_reduce_tidy(const struct lab_reduce *reduce, struct lab *lab)
{
    if (in_handler(reduce, lab) && !reduce->live.arrivals &&
        lab_handler_next(lab, 0).kind == LAB_NEXT_LOOK) {
        sim_trace_begin(&lab->trace, lab->first[LAB_WHO_CPU], 0);
        lab_prepare(lab, lab->first[LAB_WHO_CPU]);
        lab_ledger_fold(lab);
    }
    lab_live_tidy(&reduce->live, lab);
}

static bool timeout_armed(struct lab *lab)
{
    for (unsigned a = lab->first[LAB_WHO_ALARM]; a < lab->first[LAB_WHO_TAKE]; a++)
        if (lab_enabled(lab, a))
            return true;
    return false;
}

unsigned lab_reduce_local(const struct lab_reduce *reduce, struct lab *lab, bool *ret_consumes)
{
    struct lab_next next;
    enum sim_settled settled;
    bool local = false;

    *ret_consumes = false;
    if (!in_handler(reduce, lab))
        return LAB_NO_ACTOR;
    next = lab_handler_next(lab, 0);
    switch ((enum lab_next_kind)next.kind) {
    case LAB_NEXT_QUEUE:
    case LAB_NEXT_STATE:
        local = true;
        break;
    case LAB_NEXT_WAKE:
        local = !timeout_armed(lab);
        break;
    case LAB_NEXT_READ:
        settled = sim_read_settled(&lab->sim, next.device, next.offset);
        local = settled == SIM_SETTLED_COUNT ? lab_live_asks_zero(lab->program, next.then)
                                             : settled != SIM_UNSETTLED;
        *ret_consumes = settled == SIM_SETTLED_TAKES;
        break;
    default:
        break;
    }
    return local ? lab->first[LAB_WHO_CPU] : LAB_NO_ACTOR;
}

unsigned lab_reduce_choices(const struct lab_reduce *reduce, struct lab *lab,
                            uint8_t ret_enabled[LAB_ACTORS_MAX])
{
    unsigned all = lab_choices(lab, ret_enabled), n = 0;

    for (unsigned i = 0; i < all; i++)
        if (!reduce->split || reduce->split->part[ret_enabled[i]] == reduce->part)
            ret_enabled[n++] = ret_enabled[i];
    return n;
}

unsigned lab_reduce_alone(const struct lab_reduce *reduce, struct lab *lab, bool *ret_consumes)
{
    uint8_t choices[LAB_ACTORS_MAX];
    unsigned actor = lab_reduce_local(reduce, lab, ret_consumes);

    if (actor == LAB_NO_ACTOR && lab_reduce_choices(reduce, lab, choices) == 1)
        actor = choices[0];
    return actor;
}
