/*
 * lab/core/agenda.c - who comes next in virtual time, when it has to be weighed.
 *
 * A step takes effect at the end of its cost; what a driver spends and what a task does can be
 * interrupted, an access cannot.  At equal times the world acts first (order of the text), then
 * device timers and time-outs, then CPUs by number.  A CPU runs a handler before a thread
 * before a task; a task runs until it blocks, yields, or has run a slice while another is
 * ready.
 */
#include "lab/core/clock.h"

enum { SLICE_NS = 1000000 };

static uint8_t *queue_of(const struct lab *lab, unsigned cpu)
{
    return lab->queue + cpu * lab->program->drv.tasks;
}

/* ---- the ready queue ---- */

void lab_agenda_enqueue(struct lab *lab, unsigned task)
{
    unsigned cpu = lab->task_code[task].cpu;
    struct lab_clock_cpu *c = &lab->clock->cpu[cpu];

    queue_of(lab, cpu)[c->ready++] = (uint8_t)task;
    if (c->task && c->shared == LAB_NEVER)
        c->shared = lab->clock->now;
}

/* The first ready task that can step; it leaves the queue. */
static bool dequeue(struct lab *lab, unsigned cpu, unsigned *ret_task)
{
    struct lab_clock_cpu *c = &lab->clock->cpu[cpu];
    uint8_t *queue = queue_of(lab, cpu);

    for (unsigned i = 0; i < c->ready; i++) {
        unsigned task = queue[i];
        if (lab_task_settles(lab, task) || !lab_task_enabled(lab, task))
            continue;
        for (unsigned k = i + 1; k < c->ready; k++)
            queue[k - 1] = queue[k];
        queue[--c->ready] = 0;
        *ret_task = task;
        return true;
    }
    return false;
}

/* ---- what a CPU does next ---- */

/* Puts the step under way aside. */
static void interrupt(struct lab *lab, struct lab_clock_cpu *c)
{
    struct lab_clock_rest *rest;

    if (!c->actor)
        return;
    rest = &lab->rest[c->actor - 1];
    rest->left = c->due - lab->clock->now;
    rest->tail = (uint32_t)(c->due - c->soft_end);
    rest->begun = 1;
    if (c->shared != LAB_NEVER) {
        uint64_t ran = lab->clock->now - c->shared;
        c->slice = ran < c->slice ? c->slice - ran : 0;
        c->shared = LAB_NEVER;
    }
    c->actor = 0;
}

static void begin_take(struct lab *lab, unsigned cpu, struct lab_clock_cpu *c)
{
    lab_prepare_take(lab, cpu, c);
    interrupt(lab, c);
    c->actor = (uint8_t)(lab->first[LAB_WHO_TAKE] + cpu + 1);
    c->due = lab->clock->now + lab->cost_ns[LAB_CLASS_TAKE];
    c->soft_end = lab->clock->now;
}

/* Starts, or goes on with, the actor's next step. */
static void begin_step(struct lab *lab, struct lab_clock_cpu *c, unsigned actor)
{
    const struct lab_actor *a = &lab->actor[actor];
    struct lab_clock_rest *rest = &lab->rest[actor];
    uint64_t now = lab->clock->now;

    c->actor = (uint8_t)(actor + 1);
    if (rest->begun) {
        c->due = now + rest->left;
        c->soft_end = c->due - rest->tail;
    } else {
        enum lab_cost_class class = lab_clock_prepare(lab, actor);
        c->soft_end = now + rest->left;
        c->due = c->soft_end + lab->cost_ns[class];
        if (class == LAB_CLASS_CALL)
            c->soft_end = c->due;
    }
    *rest = (struct lab_clock_rest){0, 0, 0};
    if (a->who == LAB_WHO_CPU && lab->irqs.cpu[a->index]->masked)
        c->soft_end = now;
    if (a->who == LAB_WHO_TASK && c->ready && c->shared == LAB_NEVER)
        c->shared = now;
}

/* A driver's init block or threaded half that can go on; LAB_NO_ACTOR: none. */
static unsigned next_thread(struct lab *lab, unsigned cpu)
{
    for (unsigned a = lab->first[LAB_WHO_INIT]; a < lab->first[LAB_WHO_TASK]; a++)
        if (lab->actor[a].cpu == cpu && lab_enabled(lab, a))
            return a;
    return LAB_NO_ACTOR;
}

/* The task that has the CPU goes on, or the next one gets it; LAB_NO_ACTOR: none can. */
static unsigned next_task(struct lab *lab, unsigned cpu, struct lab_clock_cpu *c)
{
    unsigned task;

    if (c->task && !lab_task_settles(lab, c->task - 1u) && lab_task_enabled(lab, c->task - 1u))
        return lab->actor_of_task[c->task - 1];
    if (!dequeue(lab, cpu, &task))
        return LAB_NO_ACTOR;
    if (c->task)
        lab_agenda_enqueue(lab, c->task - 1u);
    c->task = (uint8_t)(task + 1);
    c->slice = SLICE_NS;
    c->shared = LAB_NEVER;
    return lab->actor_of_task[task];
}

/* What the CPU does now, if it is idle or its step can be interrupted. */
static void choose(struct lab *lab, unsigned cpu, struct lab_clock_cpu *c)
{
    unsigned actor;

    if (lab_take_enabled(lab, cpu)) {
        begin_take(lab, cpu, c);
        return;
    }
    if (c->actor) { /* a thread that became ready goes before a task */
        if (lab->actor[c->actor - 1].who != LAB_WHO_TASK ||
            next_thread(lab, cpu) == LAB_NO_ACTOR)
            return;
        interrupt(lab, c);
    }
    if (lab->irqs.cpu[cpu]->depth) {
        actor = lab->first[LAB_WHO_CPU] + cpu;
    } else {
        actor = next_thread(lab, cpu);
        if (actor == LAB_NO_ACTOR)
            actor = next_task(lab, cpu, c);
    }
    if (actor != LAB_NO_ACTOR)
        begin_step(lab, c, actor);
}

/* ---- what happens next ---- */

static void offer(struct lab_event *best, uint64_t at, unsigned actor, unsigned cpu)
{
    if (at < best->at)
        *best = (struct lab_event){at, (uint8_t)actor, (uint8_t)cpu, false};
}

static uint64_t world_due(const struct lab *lab, unsigned world,
                          const struct lab_world_action *action)
{
    uint64_t at = lab->world_at[world];

    if (action->when == LAB_ACT_AT)
        at = action->ns;
    else if (action->when == LAB_ACT_AFTER)
        at += action->ns;
    return at > lab->clock->now ? at : lab->clock->now;
}

/* Returns whether a world waits for what may come with any step. */
static bool offer_world(struct lab *lab, struct lab_event *best)
{
    bool waits = false;

    for (unsigned w = 0; w < lab->program->worlds; w++) {
        const struct lab_world_action *action = lab_world_next(lab, w);
        if (!action || action->when == LAB_ACT_SETTLE)
            continue;
        if (lab_world_can(lab, action))
            offer(best, world_due(lab, w, action), w, LAB_NO_ACTOR);
        else
            waits = true;
    }
    return waits;
}

/* Device timers and time-outs.  Returns whether any is armed. */
static bool offer_timers(struct lab *lab, struct lab_event *best)
{
    unsigned clock_device = lab->program->sim.devices;
    bool armed = false;

    for (unsigned a = lab->first[LAB_WHO_TIMER]; a < lab->first[LAB_WHO_ALARM]; a++) {
        unsigned d = lab->actor[a].index;
        uint64_t now = lab->clock->now, due = lab->timer_due[d];
        if (!sim_timer_ns(&lab->sim, d))
            continue;
        if (d == clock_device) { /* the sampling clock ticks at multiples of its period */
            uint64_t period = lab->program->sim.sample_ns;
            due = (now + period - 1) / period * period;
        }
        armed = true;
        offer(best, due, a, LAB_NO_ACTOR);
    }
    for (unsigned i = 0; i < lab->program->drv.timerfds; i++)
        if (lab->alarm_due[i]) {
            armed = true;
            offer(best, lab->alarm_due[i], lab->first[LAB_WHO_ALARM] + i, LAB_NO_ACTOR);
        }
    for (unsigned t = 0; t < lab->program->drv.tasks; t++)
        if (lab->timeout_due[t]) {
            armed = true;
            offer(best, lab->timeout_due[t], lab->first[LAB_WHO_TIMEOUT] + t, LAB_NO_ACTOR);
        }
    return armed;
}

static void offer_cpu(const struct lab *lab, unsigned cpu, struct lab_event *best)
{
    const struct lab_clock_cpu *c = &lab->clock->cpu[cpu];

    if (!c->actor)
        return;
    offer(best, c->due, c->actor - 1u, cpu);
    if (c->shared != LAB_NEVER && lab->actor[c->actor - 1].who == LAB_WHO_TASK &&
        c->shared + c->slice < best->at)
        *best = (struct lab_event){c->shared + c->slice, (uint8_t)(c->actor - 1), (uint8_t)cpu,
                                   true};
}

static bool offer_settle(struct lab *lab, struct lab_event *best)
{
    for (unsigned a = 0; a < lab->actors; a++)
        if (lab_is_settle(lab, a) && lab_enabled(lab, a)) {
            *best = (struct lab_event){lab->clock->now, (uint8_t)a, LAB_NO_ACTOR, false};
            return true;
        }
    return false;
}

static void mark_quiet(struct lab *lab)
{
    lab->trace.at = lab->clock->now;
    sim_trace_begin(&lab->trace, LAB_NO_ACTOR, LAB_NO_ACTOR);
    lab_ledger_quiet(lab);
    if (lab->sink && lab->trace.count)
        lab->sink->records(lab->sink, lab->trace.records, lab->trace.count);
}

/* Asks everybody what comes next, and notes until when only CPUs have to be asked. */
static struct lab_event look_around(struct lab *lab)
{
    struct lab_event best = {LAB_NEVER, 0, LAB_NO_ACTOR, false};
    bool waits = offer_world(lab, &best);
    bool armed = offer_timers(lab, &best), busy = false;

    /* the sampling clock starts to tick when a wire moves: it has no deadline before */
    lab->horizon = waits || lab->program->sim.sample_ns ? 0 : best.at;
    for (unsigned cpu = 0; cpu < lab->irqs.cpus; cpu++) {
        busy |= lab->clock->cpu[cpu].actor != 0;
        offer_cpu(lab, cpu, &best);
    }
    if (!armed && !busy && !offer_settle(lab, &best) && best.at != LAB_NEVER)
        mark_quiet(lab);
    return best;
}

uint64_t lab_agenda_look(struct lab *lab)
{
    struct lab_event best = {LAB_NEVER, 0, LAB_NO_ACTOR, false};
    bool waits = offer_world(lab, &best);

    offer_timers(lab, &best);
    lab->horizon = waits || lab->program->sim.sample_ns ? 0 : best.at;
    return lab->horizon;
}

/* What happens next; at LAB_NEVER: nothing. */
struct lab_event lab_agenda_next(struct lab *lab)
{
    struct lab_event best = {LAB_NEVER, 0, LAB_NO_ACTOR, false};

    for (unsigned cpu = 0; cpu < lab->irqs.cpus; cpu++) {
        struct lab_clock_cpu *c = &lab->clock->cpu[cpu];
        if (!c->actor || lab->clock->now < c->soft_end)
            choose(lab, cpu, c);
        offer_cpu(lab, cpu, &best);
    }
    return best.at < lab->horizon ? best : look_around(lab);
}

void lab_agenda_preempt(struct lab *lab, unsigned cpu)
{
    struct lab_clock_cpu *c = &lab->clock->cpu[cpu];
    unsigned task = c->task - 1u;

    interrupt(lab, c);
    lab_give_cpu_up(c);
    lab_agenda_enqueue(lab, task);
}
