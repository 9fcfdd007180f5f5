/*
 * lab/core/clock.c - virtual time: what a step does to it, and the steps that nobody disputes.
 *
 * The clock's own state is the arena's CLOCK class.  Deadlines are absolute; 0 means none.  Who
 * comes next when several could is lab/core/agenda.c.
 */
#include "lab/core/clock.h"

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

/* ---- the end of a step ---- */

static void note_armed(struct lab *lab)
{
    for (unsigned d = 0; lab->sim.armed; d++, lab->sim.armed >>= 1)
        if (lab->sim.armed & 1)
            lab_set_due(lab, &lab->timer_due[d], lab->clock->now + sim_timer_ns(&lab->sim, d));
}

static inline void put_records(struct lab *lab)
{
    if (lab->trace.kinds & LAB_LEDGER_EVENTS)
        lab_ledger_fold(lab);
    if (lab->sink && lab->trace.count)
        lab->sink->records(lab->sink, lab->trace.records, lab->trace.count);
    lab->trace.count = 0;
}

/* The step's effect is complete: what it computed on to is at @next. */
static inline void end_step(struct lab *lab, struct lab_clock_rest *next)
{
    lab->clock->steps++;
    next->left = lab->spent_ns;
    if (lab->sim.armed)
        note_armed(lab);
    put_records(lab);
}

enum lab_cost_class lab_clock_prepare(struct lab *lab, unsigned actor)
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

/* ---- after a step ---- */

static void note_readied(struct lab *lab)
{
    struct drv_readied *readied = &lab->drv.readied;

    for (unsigned i = 0; i < readied->n; i++) {
        unsigned waiter = readied->waiter[i];
        if (waiter >= lab->program->drv.tasks)
            continue;
        lab->timeout_due[waiter] = 0;
        lab_agenda_enqueue(lab, waiter);
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
                lab_set_due(lab, &lab->alarm_due[i], lab->clock->now + ns);
        }
}

/*
 * A task has stepped: is it asleep now, has it ended, does it give way?  @settled: its step was
 * one that waits until all others are asleep, so it had no place in the queue.
 */
static void after_task(struct lab *lab, unsigned task, bool yields, bool settled)
{
    struct lab_clock_cpu *c = &lab->clock->cpu[lab->task_code[task].cpu];
    bool gone = lab->task[task] & LAB_TASK_GONE, settles = lab_task_settles(lab, task);
    bool parked =
        drv_sleeping(&lab->drv, task) || (drv_task_parked(&lab->drv, (drv_task_id)task) &&
                                          !drv_task_ready(&lab->drv, (drv_task_id)task));

    if (settled && !gone && !settles)
        lab_agenda_enqueue(lab, task);
    if (parked) {
        int64_t timeout = drv_task_timeout_ns(&lab->drv, (drv_task_id)task);
        if (timeout >= 0 && !drv_sleeping(&lab->drv, task) && !lab->timeout_due[task])
            lab_set_due(lab, &lab->timeout_due[task], lab->clock->now + (uint64_t)timeout);
    } else {
        lab->timeout_due[task] = 0;
    }
    if (parked || gone || settles) {
        lab_give_cpu_up(c);
    } else if (yields && c->ready) {
        lab_give_cpu_up(c);
        lab_agenda_enqueue(lab, task);
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

/* What the step did to timers and sleepers of the kernel. */
static inline void note_news(struct lab *lab)
{
    if (lab->drv.alarmed)
        note_alarms(lab);
    if (lab->drv.readied.n)
        note_readied(lab);
}

static void begin_effect(struct lab *lab, unsigned actor)
{
    lab->trace.at = lab->clock->now;
    lab_step_begin(lab, actor);
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

static inline void announce(struct lab *lab, unsigned actor)
{
    if (lab->sink && lab->sink->step && !only_waits(lab, &lab->actor[actor]))
        lab->sink->step(lab->sink, actor, false);
}

/* The prepared step of @actor, whose records have begun, takes effect. */
static void take_effect(struct lab *lab, unsigned actor)
{
    const struct lab_actor *a = &lab->actor[actor];
    unsigned next = actor; /* whose next step it computes on to */
    bool yields = false, settles = false;

    announce(lab, actor);
    if (a->who == LAB_WHO_TASK) {
        yields = yields_next(lab, a->index);
        settles = lab_task_settles(lab, a->index);
    } else if (a->who == LAB_WHO_TAKE) {
        struct lab_clock_cpu *c = &lab->clock->cpu[a->index];
        lab->take_hint[a->index] = c->hint - 1;
        c->hint = 0;
        next = lab->first[LAB_WHO_CPU] + a->index;
    }
    lab_kinds[a->who].step(lab, a->index);
    end_step(lab, &lab->rest[next]);
    if (a->who == LAB_WHO_TASK)
        after_task(lab, a->index, yields, settles);
    note_news(lab);
}

/* What was to happen happens. */
static void perform(struct lab *lab, const struct lab_event *event)
{
    const struct lab_actor *actor = &lab->actor[event->actor];

    if (event->cpu == LAB_NO_ACTOR) {
        note_fired(lab, actor);
    } else {
        struct lab_clock_cpu *c = &lab->clock->cpu[event->cpu];
        c->due = c->soft_end = 0;
        c->actor = 0;
    }
    begin_effect(lab, event->actor);
    /* what its call needs may have changed since it began */
    if (actor->who == LAB_WHO_TASK && !lab_task_looks(lab, actor->index))
        lab_task_prepare(lab, actor->index);
    take_effect(lab, event->actor);
}

void lab_run_begin(struct lab *lab)
{
    struct lab_clock *clock = lab->clock;

    for (unsigned cpu = 0; cpu < SIM_CPUS_MAX; cpu++)
        clock->cpu[cpu].shared = LAB_NEVER;
    for (unsigned d = 0; d <= lab->program->sim.devices; d++)
        if (lab_device_has_timer(lab->program, d) && sim_timer_ns(&lab->sim, d))
            lab->timer_due[d] = sim_timer_ns(&lab->sim, d);
    for (unsigned t = 0; t < lab->program->drv.tasks; t++) {
        if (!lab_task_settles(lab, t) && !(lab->task[t] & LAB_TASK_GONE) &&
            !drv_is_helper(&lab->drv, t))
            lab_agenda_enqueue(lab, t);
    }
}

/* The next step of the CPU's handler takes effect @due. */
static inline void begin_handler_step(struct lab *lab, uint64_t due)
{
    lab->clock->now = due;
    lab->trace.at = due;
    sim_trace_next(&lab->trace);
    lab->spent_ns = 0;
    announce(lab, lab->first[LAB_WHO_CPU]);
}

static inline void end_handler_step(struct lab *lab)
{
    end_step(lab, &lab->rest[lab->first[LAB_WHO_CPU]]);
    note_news(lab);
}

bool lab_clock_answers(struct lab *lab, struct drv_request *request)
{
    uint64_t due;

    if (request->op == DRV_PORT_ROOM)
        return false;
    end_handler_step(lab);
    lab->step_ended = true;
    due = lab->clock->now + lab->cost_ns[lab_c_class((enum drv_port_op)request->op)];
    if (due >= lab->horizon || lab->clock->steps >= lab->steps_last)
        return false;
    begin_handler_step(lab, due);
    lab->step_ended = false;
    request->value = lab_c_do(lab, lab_handler_context(lab, 0), 0, request);
    return true;
}

/*
 * Most steps are of one CPU in one piece of code, with nothing due before their end.  Such a
 * step begins and takes effect at once: what the agenda would find and perform() do, without
 * asking anybody.  These are the steps inside a handler that nothing can interrupt, up to step
 * @last; whether there was one.
 */
static bool handler_goes_on(struct lab *lab, uint64_t last)
{
    unsigned actor = lab->first[LAB_WHO_CPU];
    const struct drv_cpu *state = lab->irqs.cpu[0];
    struct lab_clock *clock = lab->clock;
    struct lab_clock_rest *rest = &lab->rest[actor];
    uint64_t first = clock->steps;

    if (rest->begun)
        return false;
    lab_step_begin(lab, actor);
    lab->steps_last = last;
    while (state->masked && state->depth && clock->steps < last) {
        struct drv_handler *handler = drv_irqs_handler(&lab->irqs, 0);
        struct lab_handler_next next = lab_handler_stands(lab, 0, handler);
        uint64_t due;
        if (next.cost == LAB_CLASS_LOOK) {
            next.cost = lab_clock_prepare(lab, actor);
            next.step = lab_handler_stands(lab, 0, handler).step;
        }
        due = clock->now + lab->cost_ns[next.cost] + rest->left;
        if (due >= lab->horizon)
            break;
        begin_handler_step(lab, due);
        lab->step_ended = false;
        next.step(lab, 0, handler);
        if (!lab->step_ended)
            end_handler_step(lab);
    }
    lab->steps_last = 0;
    return clock->steps != first;
}

/* ... taking an interrupt ... */
static bool take_goes_on(struct lab *lab)
{
    unsigned actor = lab->first[LAB_WHO_TAKE];
    struct lab_clock_cpu *c = lab->clock->cpu;
    uint64_t due = lab->clock->now + lab->cost_ns[LAB_CLASS_TAKE];

    if (due >= lab->horizon && (lab->horizon || due >= lab_agenda_look(lab)))
        return false;
    lab_prepare_take(lab, 0, c);
    lab->clock->now = due;
    begin_effect(lab, actor);
    announce(lab, actor);
    lab->take_hint[0] = c->hint - 1;
    c->hint = 0;
    lab_take(lab, 0, lab->bench->take ? sim_irq_best(&lab->sim, 0) : lab->take_hint[0]);
    end_step(lab, &lab->rest[lab->first[LAB_WHO_CPU]]);
    note_news(lab);
    return true;
}

/* The task's step @due has no rival before its end, and needs no driver's block. */
static void call_takes_effect(struct lab *lab, unsigned task, uint64_t due)
{
    unsigned actor = lab->actor_of_task[task];
    bool yields = yields_next(lab, task);

    lab->clock->now = due;
    begin_effect(lab, actor);
    announce(lab, actor);
    lab_task_call_step(lab, task);
    end_step(lab, &lab->rest[actor]);
    after_task(lab, task, yields, false);
    note_news(lab);
}

/* The same for whatever the task does, once it is prepared. */
static bool whatever_goes_on(struct lab *lab, unsigned task)
{
    unsigned actor = lab->actor_of_task[task];
    uint64_t due;

    if (lab_task_settles(lab, task) || !lab_task_enabled(lab, task))
        return false;
    due = lab->clock->now + lab->cost_ns[lab_clock_prepare(lab, actor)];
    due += lab->rest[actor].left;
    if (due >= lab->horizon)
        return false;
    lab->clock->now = due;
    begin_effect(lab, actor);
    take_effect(lab, actor);
    return true;
}

/* ... and those of a task that has no rival. */
static bool task_goes_on(struct lab *lab)
{
    const struct lab_clock_cpu *c = lab->clock->cpu;
    unsigned task = c->task - 1u;
    const struct lab_clock_rest *rest;
    enum lab_cost_class class;
    uint64_t due;

    if (!c->task || c->ready || lab->irqs.cpu[0]->depth ||
        lab->first[LAB_WHO_INIT] != lab->first[LAB_WHO_TASK])
        return false;
    rest = &lab->rest[lab->actor_of_task[task]];
    if (rest->begun)
        return false;
    class = lab_task_calls(lab, task);
    if (class == LAB_CLASS_LOOK)
        return whatever_goes_on(lab, task);
    due = lab->clock->now + lab->cost_ns[class] + rest->left;
    if (due >= lab->horizon)
        return false;
    call_takes_effect(lab, task, due);
    return true;
}

static bool goes_on(struct lab *lab, uint64_t last)
{
    const struct drv_cpu *state = lab->irqs.cpu[0];

    if (lab->irqs.cpus != 1 || lab->clock->cpu[0].actor)
        return false;
    if (state->masked && state->depth)
        return handler_goes_on(lab, last);
    return lab_take_enabled(lab, 0) ? take_goes_on(lab) : task_goes_on(lab);
}

bool lab_run_on(struct lab *lab, uint64_t most, enum sim_end *ret_end)
{
    struct lab_clock *clock = lab->clock;
    uint64_t rest = lab->program->limit_steps - clock->steps;
    uint64_t last = clock->steps + (most < rest ? most : rest);
    struct lab_event event;

    if (clock->steps >= lab->program->limit_steps) {
        *ret_end = SIM_END_LIMIT;
        return false;
    }
    do {
        if (!goes_on(lab, last)) {
            event = lab_agenda_next(lab);
            if (event.at == LAB_NEVER) {
                *ret_end = SIM_END_QUIET;
                return false;
            }
            clock->now = event.at;
            if (event.preempt)
                lab_agenda_preempt(lab, event.cpu);
            else
                perform(lab, &event);
            return true;
        }
    } while (clock->steps < last);
    return true;
}

bool lab_run_next(struct lab *lab, enum sim_end *ret_end)
{
    return lab_run_on(lab, 1, ret_end);
}
