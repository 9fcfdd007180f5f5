/* lab/real_time.c - see real_time.h. */
#include "lab/real_time.h"

#include <time.h>

enum { NS_PER_S = 1000000000 };

static uint64_t monotonic_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

uint64_t lab_real_now(const struct lab_real *real)
{
    return monotonic_ns() - real->origin_ns + real->skipped_ns;
}

void lab_real_begin(struct lab_real *real)
{
    for (unsigned a = 0; a < real->lab->actors; a++)
        real->not_before[a] = lab_spends_first(real->lab, a);
    real->origin_ns = monotonic_ns();
}

void lab_real_record(struct lab_real *real, unsigned actor)
{
    real->lab->trace.at = lab_real_now(real);
    sim_trace_begin(&real->lab->trace, actor, real->lab->actor[actor].cpu);
}

/* Is the world's next action one of this moment?  *ret_due: when it is, if it has a time. */
static bool world_is_due(struct lab_real *real, unsigned world, uint64_t *ret_due)
{
    const struct lab_program *program = real->lab->program;
    unsigned at = program->world_first[world] + real->lab->world[world];
    const struct lab_world_action *action = &real->lab->actions[at];

    *ret_due = 0;
    if (action->when == LAB_ACT_AT)
        *ret_due = action->ns;
    else if (action->when == LAB_ACT_AFTER)
        *ret_due = real->world_ns[world] + action->ns;
    return lab_real_now(real) >= *ret_due;
}

/* What comes before the actor's step: computing, and time that it spends. */
static void make_ready(struct lab_real *real, unsigned actor)
{
    struct lab *lab = real->lab;

    lab_real_record(real, actor);
    lab->spent_ns = 0;
    lab_prepare(lab, actor);
    real->not_before[actor] = lab_real_now(real) + lab->spent_ns;
    if (lab->actor[actor].who == LAB_WHO_TIMER)
        real->not_before[actor] += sim_timer_ns(&lab->sim, lab->actor[actor].index);
    real->ready[actor] = true;
    if (lab->trace.count) {
        lab_ledger_fold(lab);
        real->put_out(real);
    }
}

void lab_real_step(struct lab_real *real, unsigned actor)
{
    real->lab->trace.at = lab_real_now(real);
    lab_step(real->lab, actor);
    real->ready[actor] = false;
    if (real->lab->actor[actor].who == LAB_WHO_WORLD)
        real->world_ns[real->lab->actor[actor].index] = real->lab->trace.at;
    real->put_out(real);
}

bool lab_real_turn(struct lab_real *real, uint64_t *ret_next)
{
    struct lab *lab = real->lab;
    bool any = false;

    for (unsigned a = 0; a < lab->actors; a++) {
        unsigned who = lab->actor[a].who;
        uint64_t due;

        if (who == LAB_WHO_TASK || who == LAB_WHO_ALARM || who == LAB_WHO_TIMEOUT)
            continue;
        if (!lab_enabled(lab, a) || lab_is_settle(lab, a)) {
            real->ready[a] = false;
            continue;
        }
        if (who != LAB_WHO_WORLD && !real->ready[a])
            make_ready(real, a);
        due = real->not_before[a];
        if (who == LAB_WHO_WORLD ? world_is_due(real, lab->actor[a].index, &due)
                                 : lab_real_now(real) >= due) {
            lab_real_step(real, a);
            any = true;
        } else if (due < *ret_next) {
            *ret_next = due;
        }
    }
    return any;
}

bool lab_real_worlds_are_done(const struct lab_real *real)
{
    const struct lab_program *program = real->lab->program;

    for (unsigned w = 0; w < program->worlds; w++) {
        if (program->world_first[w] + real->lab->world[w] < program->world_first[w + 1])
            return false;
    }
    return true;
}
