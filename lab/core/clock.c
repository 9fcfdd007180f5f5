/*
 * lab/core/clock.c - virtual time: who steps next in `run`.
 *
 * A step takes effect at the end of its cost; what a driver spends and what a task does can be
 * interrupted, an access cannot.  At equal times the world acts first (order of the text), then
 * device timers and time-outs, then CPUs by number.  A CPU runs a handler before a thread
 * before a task; a task runs until it blocks, yields, or has run a slice while another is
 * ready.
 *
 * The clock's own state is the arena's CLOCK class.  Deadlines are absolute; 0 means none.
 */
#include "lab/core/internal.h"

enum { SLICE_NS = 1000000 };

#define NEVER UINT64_MAX

/* What one CPU is doing. */
struct lab_clock_cpu {
    uint64_t due;      /* when the step under way takes effect */
    uint64_t soft_end; /* until then it can be interrupted */
    uint64_t
        shared; /* since when the running task has kept another waiting; NEVER: it has not */
    uint64_t slice; /* what is left of its slice */
    uint8_t actor;  /* 1 + the actor whose step is under way, 0: idle */
    uint8_t task;   /* 1 + the task that has the CPU, 0: none */
    uint8_t ready;  /* tasks in its queue */
    uint8_t hint;   /* 1 + input the controller asked for when the take began */
    uint32_t zero;
};

/* A step that was interrupted. */
struct lab_clock_rest {
    uint64_t left; /* time it still needs; without `begun`: spend() that comes before it */
    uint32_t tail; /* of it, what cannot be interrupted */
    uint32_t begun;
};

struct lab_clock {
    uint64_t now;
    uint64_t steps;
    struct lab_clock_cpu cpu[SIM_CPUS_MAX];
};

static uint32_t clock_tables(const struct lab *lab)
{
    const struct lab_program *program = lab->program;

    return (uint32_t)(8u * (program->sim.devices + 1u + program->drv.timerfds +
                            program->drv.tasks + program->worlds) +
                      lab->actors * sizeof(struct lab_clock_rest) +
                      (uint32_t)program->sim.cpus * program->drv.tasks);
}

void lab_clock_layout(struct lab *lab)
{
    lab->clock_ref =
        sim_arena_add(&lab->arena, SIM_CLOCK, sizeof(struct lab_clock), 8, "clock", 0);
    lab->clock_tables_ref =
        sim_arena_add(&lab->arena, SIM_CLOCK, clock_tables(lab), 8, "clock", "tables");
}

void lab_clock_bind(struct lab *lab)
{
    uint8_t *at = sim_arena_at(&lab->arena, lab->clock_tables_ref);

    lab->clock = sim_arena_at(&lab->arena, lab->clock_ref);
    lab->timer_due = (uint64_t *)(void *)at;
    lab->alarm_due = lab->timer_due + lab->program->sim.devices + 1;
    lab->timeout_due = lab->alarm_due + lab->program->drv.timerfds;
    lab->world_at = lab->timeout_due + lab->program->drv.tasks;
    lab->rest = (struct lab_clock_rest *)(void *)(lab->world_at + lab->program->worlds);
    lab->queue = (uint8_t *)(lab->rest + lab->actors);
}

void lab_clock_spend(struct lab *lab, unsigned actor, uint64_t ns)
{
    lab->rest[actor].left = ns;
}

uint64_t lab_spends_first(const struct lab *lab, unsigned actor)
{
    return lab->rest[actor].left;
}

uint64_t lab_run_now(const struct lab *lab)
{
    return lab->clock->now;
}

uint64_t lab_run_steps(const struct lab *lab)
{
    return lab->clock->steps;
}

static uint8_t *queue_of(const struct lab *lab, unsigned cpu)
{
    return lab->queue + cpu * lab->program->drv.tasks;
}

/* The deadline @due is @at, 0: there is none any more. */
static void set_due(struct lab *lab, uint64_t *due, uint64_t at)
{
    *due = at;
    if (at && at < lab->horizon)
        lab->horizon = at;
}

/* ---- the ready queue ---- */

static void enqueue(struct lab *lab, unsigned task)
{
    unsigned cpu = lab->task_code[task].cpu;
    struct lab_clock_cpu *c = &lab->clock->cpu[cpu];

    queue_of(lab, cpu)[c->ready++] = (uint8_t)task;
    if (c->task && c->shared == NEVER)
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

static void give_cpu_up(struct lab_clock_cpu *c)
{
    c->task = 0;
    c->shared = NEVER;
}

/* ---- the end of a step ---- */

static void note_armed(struct lab *lab)
{
    for (unsigned d = 0; lab->sim.armed; d++, lab->sim.armed >>= 1)
        if (lab->sim.armed & 1)
            set_due(lab, &lab->timer_due[d], lab->clock->now + sim_timer_ns(&lab->sim, d));
}

static void put_records(struct lab *lab)
{
    if (lab->trace.kinds & LAB_LEDGER_EVENTS)
        lab_ledger_fold(lab);
    if (lab->sink && lab->trace.count)
        lab->sink->records(lab->sink, lab->trace.records, lab->trace.count);
    lab->trace.count = 0;
}

/* The step's effect is complete: what it computed on to is @next's. */
static void end_step(struct lab *lab, unsigned next)
{
    lab->clock->steps++;
    lab->rest[next].left = lab->spent_ns;
    if (lab->sim.armed)
        note_armed(lab);
    put_records(lab);
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
    if (c->shared != NEVER) {
        uint64_t ran = lab->clock->now - c->shared;
        c->slice = ran < c->slice ? c->slice - ran : 0;
        c->shared = NEVER;
    }
    c->actor = 0;
}

static void begin_take(struct lab *lab, unsigned cpu, struct lab_clock_cpu *c)
{
    int best = sim_irq_best(&lab->sim, cpu);

    if (lab->bench->take)
        lab->bench->take(lab, cpu);
    interrupt(lab, c);
    c->actor = (uint8_t)(lab->first[LAB_WHO_TAKE] + cpu + 1);
    if (lab->sink && lab->sink->step)
        lab->sink->step(lab->sink, c->actor - 1u, true);
    c->hint = (uint8_t)(best + 1);
    c->due = lab->clock->now + lab->cost_ns[LAB_CLASS_TAKE];
    c->soft_end = lab->clock->now;
}

/*
 * Stands the actor before its next step and adds what it spends until then to its rest.  A look
 * at a queue, or an arrival taken, may leave records.
 */
static enum lab_cost_class prepare(struct lab *lab, unsigned actor)
{
    const struct lab_actor *a = &lab->actor[actor];
    enum lab_cost_class class;

    lab->trace.at = lab->clock->now;
    lab_step_begin(lab, actor);
    lab->spent_ns = lab->rest[actor].left;
    class = lab_kinds[a->who].prepare(lab, a->index);
    lab->rest[actor].left = lab->spent_ns;
    if (lab->trace.count)
        put_records(lab);
    return class;
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
        enum lab_cost_class class = prepare(lab, actor);
        c->soft_end = now + rest->left;
        c->due = c->soft_end + lab->cost_ns[class];
        if (class == LAB_CLASS_CALL)
            c->soft_end = c->due;
    }
    *rest = (struct lab_clock_rest){0, 0, 0};
    if (a->who == LAB_WHO_CPU && lab->irqs.cpu[a->index]->masked)
        c->soft_end = now;
    if (a->who == LAB_WHO_TASK && c->ready && c->shared == NEVER)
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
        enqueue(lab, c->task - 1u);
    c->task = (uint8_t)(task + 1);
    c->slice = SLICE_NS;
    c->shared = NEVER;
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

struct event {
    uint64_t at;
    uint8_t actor;
    uint8_t cpu;  /* whose step, else LAB_NO_ACTOR */
    bool preempt; /* the task's slice is over: no step */
};

static void offer(struct event *best, uint64_t at, unsigned actor, unsigned cpu)
{
    if (at < best->at)
        *best = (struct event){at, (uint8_t)actor, (uint8_t)cpu, false};
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
static bool offer_world(struct lab *lab, struct event *best)
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
static bool offer_timers(struct lab *lab, struct event *best)
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

static void offer_cpu(const struct lab *lab, unsigned cpu, struct event *best)
{
    const struct lab_clock_cpu *c = &lab->clock->cpu[cpu];

    if (!c->actor)
        return;
    offer(best, c->due, c->actor - 1u, cpu);
    if (c->shared != NEVER && lab->actor[c->actor - 1].who == LAB_WHO_TASK &&
        c->shared + c->slice < best->at)
        *best =
            (struct event){c->shared + c->slice, (uint8_t)(c->actor - 1), (uint8_t)cpu, true};
}

static bool offer_settle(struct lab *lab, struct event *best)
{
    for (unsigned a = 0; a < lab->actors; a++)
        if (lab_is_settle(lab, a) && lab_enabled(lab, a)) {
            *best = (struct event){lab->clock->now, (uint8_t)a, LAB_NO_ACTOR, false};
            return true;
        }
    return false;
}

/* ---- after a step ---- */

static void note_readied(struct lab *lab)
{
    struct drv_readied *readied = &lab->drv.readied;

    for (unsigned i = 0; i < readied->n; i++) {
        unsigned waiter = readied->waiter[i];
        if (waiter >= lab->program->drv.tasks)
            continue;
        lab->timeout_due[waiter] = 0;
        enqueue(lab, waiter);
    }
    readied->n = 0;
}

/* Timers of timerfds that the step armed or disarmed. */
static void note_alarms(struct lab *lab)
{
    for (unsigned i = 0; lab->drv.alarmed; i++, lab->drv.alarmed >>= 1)
        if (lab->drv.alarmed & 1) {
            uint64_t ns = drv_alarm_ns(&lab->drv, i);
            lab->alarm_due[i] = 0;
            if (ns)
                set_due(lab, &lab->alarm_due[i], lab->clock->now + ns);
        }
}

/* What the step did to timers and sleepers of the kernel. */
static void note_news(struct lab *lab)
{
    if (lab->drv.alarmed)
        note_alarms(lab);
    if (lab->drv.readied.n)
        note_readied(lab);
}

/* A task has stepped: is it asleep now, has it ended, does it give way? */
static void after_task(struct lab *lab, unsigned task, bool yields)
{
    struct lab_clock_cpu *c = &lab->clock->cpu[lab->task_code[task].cpu];
    bool parked =
        drv_sleeping(&lab->drv, task) || (drv_task_parked(&lab->drv, (drv_task_id)task) &&
                                          !drv_task_ready(&lab->drv, (drv_task_id)task));

    if (parked) {
        int64_t timeout = drv_task_timeout_ns(&lab->drv, (drv_task_id)task);
        if (timeout >= 0 && !drv_sleeping(&lab->drv, task) && !lab->timeout_due[task])
            set_due(lab, &lab->timeout_due[task], lab->clock->now + (uint64_t)timeout);
    } else {
        lab->timeout_due[task] = 0;
    }
    if (parked || lab->task[task] & LAB_TASK_GONE || lab_task_settles(lab, task)) {
        give_cpu_up(c);
    } else if (yields && c->ready) {
        give_cpu_up(c);
        enqueue(lab, task);
    }
}

static bool yields_next(const struct lab *lab, unsigned task)
{
    const uint8_t *at = lab->code + lab->frame[lab->task_frame[task]]->pc;

    return at[0] == LAB_DO_CALL && at[1] == DRV_NR_SCHED_YIELD;
}

/* A step of the world, of a timer or of a time-out begins: what made it due has passed. */
static void note_fired(struct lab *lab, const struct lab_actor *actor)
{
    lab->horizon = 0;
    if (actor->who == LAB_WHO_WORLD)
        lab->world_at[actor->index] = lab->clock->now;
    if (actor->who == LAB_WHO_TIMER)
        lab->timer_due[actor->index] = 0;
    if (actor->who == LAB_WHO_ALARM)
        lab->alarm_due[actor->index] = 0;
    if (actor->who == LAB_WHO_TIMEOUT)
        lab->timeout_due[actor->index] = 0;
}

/* Does only time pass, as the actor looks at a queue when what it spends has passed? */
static bool only_waits(const struct lab *lab, const struct lab_actor *a)
{
    switch (a->who) {
    case LAB_WHO_CPU:
        return lab_handler_looks(lab, a->index);
    case LAB_WHO_INIT:
    case LAB_WHO_THREAD:
        return lab_vm_stop(lab, lab->thread_frame[a->index]) == LAB_STOP_LAZY;
    case LAB_WHO_TASK:
        return lab_task_looks(lab, a->index);
    default:
        return false;
    }
}

/* The prepared step, begun at this time, takes effect. */
static void do_step(struct lab *lab, unsigned actor)
{
    const struct lab_actor *a = &lab->actor[actor];
    unsigned next = actor;

    if (lab->sink && lab->sink->step && !only_waits(lab, a))
        lab->sink->step(lab->sink, actor, false);
    if (a->who == LAB_WHO_TAKE) {
        lab->take_hint[a->index] = lab->clock->cpu[a->index].hint - 1;
        next = lab->first[LAB_WHO_CPU] + a->index;
    }
    lab_kinds[a->who].step(lab, a->index);
    end_step(lab, next);
}

/* The same of a task. */
static void do_task_step(struct lab *lab, unsigned actor)
{
    unsigned task = lab->actor[actor].index;
    bool yields = yields_next(lab, task), settles = lab_task_settles(lab, task);

    do_step(lab, actor);
    if (settles && !(lab->task[task] & LAB_TASK_GONE) && !lab_task_settles(lab, task))
        enqueue(lab, task);
    after_task(lab, task, yields);
}

/* What was to happen happens. */
static void perform(struct lab *lab, const struct event *event)
{
    const struct lab_actor *actor = &lab->actor[event->actor];

    if (event->cpu == LAB_NO_ACTOR) {
        note_fired(lab, actor);
    } else {
        struct lab_clock_cpu *c = &lab->clock->cpu[event->cpu];
        c->due = c->soft_end = 0;
        c->actor = 0;
    }
    lab->trace.at = lab->clock->now;
    lab_step_begin(lab, event->actor);
    if (actor->who != LAB_WHO_TASK) {
        do_step(lab, event->actor);
    } else {
        /* what its call needs may have changed since it began */
        if (!lab_task_looks(lab, actor->index))
            lab_task_prepare(lab, actor->index);
        do_task_step(lab, event->actor);
    }
    note_news(lab);
}

static void preempt(struct lab *lab, unsigned cpu)
{
    struct lab_clock_cpu *c = &lab->clock->cpu[cpu];
    unsigned task = c->task - 1u;

    interrupt(lab, c);
    give_cpu_up(c);
    enqueue(lab, task);
}

static void mark_quiet(struct lab *lab)
{
    lab->trace.at = lab->clock->now;
    sim_trace_begin(&lab->trace, LAB_NO_ACTOR, LAB_NO_ACTOR);
    lab_ledger_quiet(lab);
    if (lab->sink && lab->trace.count)
        lab->sink->records(lab->sink, lab->trace.records, lab->trace.count);
}

void lab_run_begin(struct lab *lab)
{
    struct lab_clock *clock = lab->clock;

    for (unsigned cpu = 0; cpu < SIM_CPUS_MAX; cpu++)
        clock->cpu[cpu].shared = NEVER;
    for (unsigned d = 0; d <= lab->program->sim.devices; d++)
        if (lab_device_has_timer(lab->program, d) && sim_timer_ns(&lab->sim, d))
            lab->timer_due[d] = sim_timer_ns(&lab->sim, d);
    for (unsigned t = 0; t < lab->program->drv.tasks; t++) {
        if (!lab_task_settles(lab, t) && !(lab->task[t] & LAB_TASK_GONE))
            enqueue(lab, t);
    }
}

/* Asks everybody what comes next, and notes until when only CPUs have to be asked. */
static struct event look_around(struct lab *lab)
{
    struct event best = {NEVER, 0, LAB_NO_ACTOR, false};
    bool waits = offer_world(lab, &best);
    bool armed = offer_timers(lab, &best), busy = false;

    /* the sampling clock starts to tick when a wire moves: it has no deadline before */
    lab->horizon = waits || lab->program->sim.sample_ns ? 0 : best.at;
    for (unsigned cpu = 0; cpu < lab->irqs.cpus; cpu++) {
        busy |= lab->clock->cpu[cpu].actor != 0;
        offer_cpu(lab, cpu, &best);
    }
    if (!armed && !busy && !offer_settle(lab, &best) && best.at != NEVER)
        mark_quiet(lab);
    return best;
}

/* What happens next; at NEVER: nothing. */
static struct event next_event(struct lab *lab)
{
    struct event best = {NEVER, 0, LAB_NO_ACTOR, false};

    for (unsigned cpu = 0; cpu < lab->irqs.cpus; cpu++) {
        struct lab_clock_cpu *c = &lab->clock->cpu[cpu];
        if (!c->actor || lab->clock->now < c->soft_end)
            choose(lab, cpu, c);
        offer_cpu(lab, cpu, &best);
    }
    return best.at < lab->horizon ? best : look_around(lab);
}

/* The actor that a machine's only CPU goes on with, if nothing has to be weighed. */
static unsigned going_on(struct lab *lab)
{
    const struct lab_clock_cpu *c = lab->clock->cpu;
    const struct drv_cpu *irqs = lab->irqs.cpu[0];
    unsigned task = c->task - 1u;

    if (lab->irqs.cpus != 1 || c->actor || lab_take_enabled(lab, 0))
        return LAB_NO_ACTOR;
    if (irqs->depth)
        return irqs->masked ? lab->first[LAB_WHO_CPU] : LAB_NO_ACTOR;
    if (!c->task || c->ready || lab->first[LAB_WHO_INIT] != lab->first[LAB_WHO_TASK] ||
        lab_task_settles(lab, task) || !lab_task_enabled(lab, task))
        return LAB_NO_ACTOR;
    return lab->actor_of_task[task];
}

/*
 * Most steps are of one CPU in one piece of code, with nothing due before their end.  Such a
 * step begins and takes effect at once: what next_event() and perform() would do, without
 * asking anybody.
 */
static bool go_on(struct lab *lab)
{
    unsigned actor = going_on(lab);
    struct lab_clock_rest *rest = &lab->rest[actor];
    enum lab_cost_class class;
    uint64_t due;

    if (actor == LAB_NO_ACTOR || rest->begun)
        return false;
    class = prepare(lab, actor);
    due = lab->clock->now + rest->left + lab->cost_ns[class];
    if (due >= lab->horizon)
        return false;
    lab->clock->now = lab->trace.at = due;
    lab_step_begin(lab, actor);
    if (lab->actor[actor].who == LAB_WHO_TASK)
        do_task_step(lab, actor);
    else
        do_step(lab, actor);
    note_news(lab);
    return true;
}

bool lab_run_next(struct lab *lab, enum sim_end *ret_end)
{
    struct event event;

    if (lab->clock->steps >= lab->program->limit_steps) {
        *ret_end = SIM_END_LIMIT;
        return false;
    }
    if (go_on(lab))
        return true;
    event = next_event(lab);
    if (event.at == NEVER) {
        *ret_end = SIM_END_QUIET;
        return false;
    }
    lab->clock->now = event.at;
    if (event.preempt)
        preempt(lab, event.cpu);
    else
        perform(lab, &event);
    return true;
}

/* ---- cycles ---- */

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
    bool saved = false, fair = true;

    lab->sink = sink;
    lab_run_begin(lab);
    while (lab_run_next(lab, &end)) {
        if (!scratch || !world_has_finished(lab))
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
