/*
 * lab/linux_run.c - see linux_run.h.
 *
 * The director turns three things over: answers of the crew are entered into the books, actors
 * of the hardware step when their time has come, tasks that stand before a call are sent into
 * it.  When nothing of this is left to do, it looks whether all are asleep - that is read from
 * the kernel, not waited for - and then moves on to the next moment at which something is due:
 * time in which everybody sleeps need not pass.
 */
#define _GNU_SOURCE
#include "lab/linux_run.h"

#include "lab/linux_director.h"

enum {
    NS_PER_S = 1000000000,
    NEVER_RESTS_STEPS = 20000, /* hardware steps in a row, the worlds being done: a storm */
    SPINS_CALLS = 3000,        /* calls in a row that move nothing: a spin */
    GLANCE_NS = 50000,         /* between two looks at who is running */
};

/* ---- rest ---- */

static bool is_settle(const struct lab_director *d, unsigned actor)
{
    return lab_is_settle(d->lab, actor) && lab_enabled(d->lab, actor);
}

/* Everybody is asleep: who has waited for that goes on, tasks before worlds. */
static bool settle(struct lab_director *d)
{
    for (unsigned a = d->lab->actors; a-- > 0;) {
        if (!is_settle(d, a))
            continue;
        if (d->lab->actor[a].who == LAB_WHO_TASK)
            lab_director_step_in_model(d, d->lab->actor[a].index);
        else
            lab_real_step(&d->real, a);
        return true;
    }
    return false;
}

/* Only worlds have something to do: what waits is late from here on. */
static void only_worlds(struct lab_director *d)
{
    for (unsigned a = d->lab->first[LAB_WHO_TIMER]; a < d->lab->actors; a++) {
        unsigned who = d->lab->actor[a].who;

        if (who != LAB_WHO_TASK && who != LAB_WHO_TIMEOUT && who != LAB_WHO_ALARM &&
            lab_enabled(d->lab, a))
            return;
    }
    lab_real_record(&d->real, 0);
    lab_ledger_quiet(d->lab);
    lab_director_put_out(d, false);
}

/* Nothing could be done.  Moves on to the next moment, waits for who runs; false: the end. */
static bool rest(struct lab_director *d, uint64_t next)
{
    uint64_t now = lab_director_now_ns(d), print;

    if (!lab_director_at_rest(d)) {
        lab_crew_wait(d->crew, next > now && next - now < GLANCE_NS ? next - now : GLANCE_NS);
        return true;
    }
    if (lab_director_has_timeout(d)) {
        lab_crew_wait(d->crew, next > now && next - now < NS_PER_S ? next - now : NS_PER_S);
        return true;
    }
    if (next == UINT64_MAX)
        return settle(d);
    only_worlds(d);
    if (lab_director_all_asleep(d, &print) && next > lab_director_now_ns(d))
        d->real.skipped_ns += next - lab_director_now_ns(d);
    return true;
}

/* Does it go on like this for ever? */
static enum sim_end endless(const struct lab_director *d)
{
    if (d->steps > d->lab->program->limit_steps)
        return SIM_END_LIMIT;
    if (!lab_real_worlds_are_done(&d->real))
        return 0;
    if (d->hardware_steps > NEVER_RESTS_STEPS)
        return SIM_END_STORM;
    return d->idle_calls > SPINS_CALLS ? SIM_END_SPIN : 0;
}

static enum sim_end direct(struct lab_director *d)
{
    while (!d->code) {
        uint64_t next = UINT64_MAX;
        bool any = lab_real_turn(&d->real, &next);
        enum sim_end end = endless(d);

        any |= lab_director_turn_tasks(d, &next);
        if (end)
            return end;
        if (!any && !rest(d, next))
            return SIM_END_QUIET;
    }
    return SIM_END_LIMIT;
}

int lab_linux_play(struct lab *lab, struct lab_sink *sink, struct lab_outcome *ret_outcome,
                   char *error, size_t size)
{
    int code;
    struct lab_director *d = lab_director_open(lab, sink, error, size, &code);
    enum sim_end end;

    if (!d)
        return code;
    end = direct(d);
    lab_director_outcome(d, end, ret_outcome);
    return lab_director_close(d);
}
