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

static uint64_t cost_ns(const struct lab *lab, enum lab_cost_class class)
{
    switch (class) {
    case LAB_CLASS_ACCESS:
        return lab->program->cost_access;
    case LAB_CLASS_CALL:
        return lab->program->cost_call;
    case LAB_CLASS_TAKE:
        return lab->program->cost_take;
    case LAB_CLASS_LEAVE:
        return lab->program->cost_leave;
    default:
        return 0;
    }
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

/* The step's effect is complete: what it computed on to is @next's. */
static void end_step(struct lab *lab, unsigned next)
{
    lab_ledger_fold(lab);
    lab->clock->steps++;
    lab->rest[next].left = lab->spent_ns;
    if (lab->sim.armed)
        note_armed(lab);
    if (lab->sink && lab->trace.count)
        lab->sink->records(lab->sink, lab->trace.records, lab->trace.count);
    lab->trace.count = 0;
    lab->stepping = false;
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

static void begin_take(struct lab *lab, unsigned cpu)
{
    struct lab_clock_cpu *c = &lab->clock->cpu[cpu];
    int best = lab->bench->irq_best(lab, cpu);

    interrupt(lab, c);
    c->actor = (uint8_t)(lab->first[LAB_WHO_TAKE] + cpu + 1);
    c->hint = (uint8_t)(best + 1);
    c->due = lab->clock->now + lab->program->cost_take;
    c->soft_end = lab->clock->now;
}

/* Starts, or goes on with, the actor's next step. */
static void begin_step(struct lab *lab, unsigned cpu, unsigned actor)
{
    struct lab_clock_cpu *c = &lab->clock->cpu[cpu];
    struct lab_clock_rest *rest = &lab->rest[actor];
    uint64_t now = lab->clock->now;

    c->actor = (uint8_t)(actor + 1);
    if (rest->begun) {
        c->due = now + rest->left;
        c->soft_end = c->due - rest->tail;
    } else {
        enum lab_cost_class class;
        uint64_t spend;
        lab->spent_ns = 0;
        class = lab_prepare(lab, actor);
        spend = rest->left + lab->spent_ns;
        if (lab->stepping) /* C code has run in place: lab_run_request() */
            end_step(lab, actor);
        now = lab->clock->now;
        c->actor = (uint8_t)(actor + 1);
        c->due = now + spend + cost_ns(lab, class);
        c->soft_end = class == LAB_CLASS_CALL ? c->due : now + spend;
    }
    if (lab->irqs.cpu[cpu]->masked && lab->actor[actor].who == LAB_WHO_CPU)
        c->soft_end = now;
    *rest = (struct lab_clock_rest){0, 0, 0};
    if (lab->actor[actor].who == LAB_WHO_TASK && c->ready && c->shared == NEVER)
        c->shared = now;
}

/* The next actor for an idle CPU: handler, init, thread, the task that has it, the next task.
 */
static bool next_actor(struct lab *lab, unsigned cpu, unsigned *ret_actor)
{
    struct lab_clock_cpu *c = &lab->clock->cpu[cpu];
    unsigned task;

    if (lab->irqs.cpu[cpu]->depth) {
        *ret_actor = lab->first[LAB_WHO_CPU] + cpu;
        return true;
    }
    for (unsigned a = lab->first[LAB_WHO_INIT]; a < lab->first[LAB_WHO_TASK]; a++)
        if (lab->actor[a].cpu == cpu && lab_enabled(lab, a)) {
            *ret_actor = a;
            return true;
        }
    if (c->task && !lab_task_settles(lab, c->task - 1u) &&
        lab_task_enabled(lab, c->task - 1u)) {
        *ret_actor = lab->actor_of_task[c->task - 1];
        return true;
    }
    if (!dequeue(lab, cpu, &task))
        return false;
    if (c->task)
        enqueue(lab, c->task - 1u);
    c->task = (uint8_t)(task + 1);
    c->slice = SLICE_NS;
    c->shared = NEVER;
    *ret_actor = lab->actor_of_task[task];
    return true;
}

/* A thread became ready while a task computes: it goes first. */
static bool thread_waits(struct lab *lab, unsigned cpu)
{
    for (unsigned a = lab->first[LAB_WHO_INIT]; a < lab->first[LAB_WHO_TASK]; a++)
        if (lab->actor[a].cpu == cpu && lab_enabled(lab, a))
            return true;
    return false;
}

static void choose(struct lab *lab, unsigned cpu)
{
    struct lab_clock_cpu *c = &lab->clock->cpu[cpu];
    unsigned actor;

    if (c->actor && lab->clock->now >= c->soft_end)
        return;
    if (lab_take_enabled(lab, cpu)) {
        begin_take(lab, cpu);
        return;
    }
    if (c->actor) {
        if (lab->actor[c->actor - 1].who != LAB_WHO_TASK || !thread_waits(lab, cpu))
            return;
        interrupt(lab, c);
    }
    if (next_actor(lab, cpu, &actor))
        begin_step(lab, cpu, actor);
}

/* ---- what happens next ---- */

struct event {
    uint64_t at;
    unsigned actor;
    uint8_t cpu;  /* whose step, else LAB_NO_ACTOR */
    bool preempt; /* the task's slice is over: no step */
};

static void offer(struct event *best, uint64_t at, unsigned actor, unsigned cpu)
{
    if (at < best->at)
        *best = (struct event){at, actor, (uint8_t)cpu, false};
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
        if (lab->bench->can_act(lab, action))
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

/* Returns whether any CPU is at work. */
static bool offer_cpus(struct lab *lab, struct event *best)
{
    bool busy = false;

    for (unsigned cpu = 0; cpu < lab->program->sim.cpus; cpu++) {
        const struct lab_clock_cpu *c = &lab->clock->cpu[cpu];
        if (!c->actor)
            continue;
        busy = true;
        offer(best, c->due, c->actor - 1u, cpu);
        if (c->shared != NEVER && lab->actor[c->actor - 1].who == LAB_WHO_TASK &&
            c->shared + c->slice < best->at) {
            *best = (struct event){c->shared + c->slice, c->actor - 1u, (uint8_t)cpu, true};
        }
    }
    return busy;
}

static bool offer_settle(struct lab *lab, struct event *best)
{
    for (unsigned a = 0; a < lab->actors; a++)
        if (lab_is_settle(lab, a) && lab_enabled(lab, a)) {
            *best = (struct event){lab->clock->now, a, LAB_NO_ACTOR, false};
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

/* A task stepped: has it gone to sleep, ended, given way? */
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
    if (parked || lab->task[task] & LAB_TASK_GONE) {
        give_cpu_up(c);
    } else if (lab_task_settles(lab, task)) {
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

static void step(struct lab *lab, unsigned actor, unsigned next)
{
    lab->trace.at = lab->clock->now;
    lab->stepping = true;
    lab_step_begin(lab, actor);
    lab_step_act(lab, actor);
    end_step(lab, next);
}

static void step_task(struct lab *lab, unsigned actor, unsigned task)
{
    bool yields = yields_next(lab, task), settles = lab_task_settles(lab, task);

    lab->trace.at = lab->clock->now;
    lab->stepping = true;
    lab_step_begin(lab, actor);
    lab_task_prepare(lab, task); /* what its call needs may have changed since it began */
    lab_step_act(lab, actor);
    end_step(lab, actor);
    if (settles && !(lab->task[task] & LAB_TASK_GONE) && !lab_task_settles(lab, task))
        enqueue(lab, task);
    after_task(lab, task, yields);
}

static void do_step(struct lab *lab, const struct event *event)
{
    const struct lab_actor *actor = &lab->actor[event->actor];

    if (event->cpu != LAB_NO_ACTOR) {
        lab->take_hint[event->cpu] = lab->clock->cpu[event->cpu].hint - 1;
        lab->clock->cpu[event->cpu].actor = 0;
    } else {
        note_fired(lab, actor);
    }
    if (actor->who == LAB_WHO_TASK)
        step_task(lab, event->actor, actor->index);
    else if (actor->who == LAB_WHO_TAKE)
        step(lab, event->actor, lab->first[LAB_WHO_CPU] + actor->index);
    else
        step(lab, event->actor, event->actor);
    note_alarms(lab);
    note_readied(lab);
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
static bool look_around(struct lab *lab, struct event *ret_event)
{
    struct event best = {NEVER, 0, LAB_NO_ACTOR, false};
    bool waits = offer_world(lab, &best);
    bool armed = offer_timers(lab, &best), busy;

    /* the sampling clock starts to tick when a wire moves: it has no deadline before */
    lab->horizon = waits || lab->program->sim.sample_ns ? 0 : best.at;
    busy = offer_cpus(lab, &best);
    if (!armed && !busy && !offer_settle(lab, &best) && best.at != NEVER)
        mark_quiet(lab);
    *ret_event = best;
    return best.at != NEVER;
}

/* Finds what happens next.  False: nothing. */
static bool next_event(struct lab *lab, struct event *ret_event)
{
    *ret_event = (struct event){NEVER, 0, LAB_NO_ACTOR, false};
    for (unsigned cpu = 0; cpu < lab->program->sim.cpus; cpu++)
        choose(lab, cpu);
    offer_cpus(lab, ret_event);
    return ret_event->at < lab->horizon || look_around(lab, ret_event);
}

bool lab_run_next(struct lab *lab, enum sim_end *ret_end)
{
    struct event event;

    if (lab->clock->steps >= lab->program->limit_steps) {
        *ret_end = SIM_END_LIMIT;
        return false;
    }
    if (!next_event(lab, &event)) {
        *ret_end = SIM_END_QUIET;
        return false;
    }
    lab->clock->now = event.at;
    if (event.preempt)
        preempt(lab, event.cpu);
    else
        do_step(lab, &event);
    return true;
}

void lab_run_handler(struct lab *lab)
{
    unsigned depth = lab->irqs.cpu[0]->depth;
    enum sim_end end;
    bool entered = false;

    begin_take(lab, 0);
    while (!entered || lab->irqs.cpu[0]->depth > depth) {
        if (!lab_run_next(lab, &end))
            return;
        entered |= lab->irqs.cpu[0]->depth > depth;
    }
}

uint32_t lab_run_request(struct lab *lab, unsigned context, const struct drv_request *request)
{
    bool handler = context < lab->context_of_task;
    unsigned task = context - lab->context_of_task;
    unsigned cpu = handler ? context / lab->program->nest : lab->task_code[task].cpu;
    unsigned actor = handler ? lab->first[LAB_WHO_CPU] + cpu : lab->actor_of_task[task];
    bool access = request->op == DRV_PORT_READ || request->op == DRV_PORT_WRITE;
    struct lab_clock_cpu *c = &lab->clock->cpu[cpu];
    struct event event;

    if (lab->stepping) {
        end_step(lab, actor);
        note_readied(lab);
    }
    if (request->op != DRV_PORT_ROOM) {
        c->actor = (uint8_t)(actor + 1);
        c->soft_end = lab->clock->now + lab->rest[actor].left;
        c->due = c->soft_end + (access ? lab->program->cost_access : 0);
        lab->rest[actor].left = 0;
        if (handler)
            c->soft_end = lab->clock->now;
        while (next_event(lab, &event) && (event.actor != actor || event.preempt)) {
            lab->clock->now = event.at;
            if (!event.preempt)
                do_step(lab, &event);
        }
        lab->clock->now = event.at;
        c->actor = 0;
    }
    lab->trace.at = lab->clock->now;
    lab_step_begin(lab, actor);
    lab->stepping = true;
    return lab_c_do(lab, context, cpu, request);
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
        unsigned n = lab_choices(lab, choices);
        for (unsigned k = 0; k < n; k++)
            now[agent_of(lab, choices[k])] = 1;
        for (unsigned a = 0; a < lab->actors; a++) {
            sometimes[a] |= now[a];
            not_always[a] |= !now[a];
        }
        if (!lab_run_next(lab, &end))
            return end;
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
