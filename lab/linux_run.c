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

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/state.h"
#include "lab/linux_books.h"
#include "lab/linux_crew.h"
#include "lab/real_time.h"

enum {
    NS_PER_S = 1000000000,
    NEVER_RESTS_STEPS = 20000, /* hardware steps in a row, the worlds being done: a storm */
    SPINS_CALLS = 3000,        /* calls in a row that move nothing: a spin */
    GLANCE_NS = 50000,         /* between two looks at who is running */
    PUT_OFF_MAX = 200000,      /* looks at an answer that the books cannot follow */
};

struct director {
    struct lab_real real; /* first: it hands this on */
    struct lab *lab;
    struct lab_crew *crew;
    struct lab_books books;
    struct lab_sink *sink;
    bool calling[DRV_TASKS_MAX], noted[DRV_TASKS_MAX], left[DRV_TASKS_MAX];
    unsigned put_off[DRV_TASKS_MAX];
    uint8_t queued[DRV_FILES_MAX][DRV_TASKS_MAX]; /* bytes of a device's file, not yet woken */
    uint8_t queued_count[DRV_FILES_MAX];
    unsigned hardware_steps, idle_calls;
    uint64_t steps;
    char *error;
    size_t error_size;
    int code;
};

static uint64_t now_ns(const struct director *d)
{
    return lab_real_now(&d->real);
}

static void stop(struct director *d, int code, const char *why)
{
    if (d->code)
        return;
    d->code = code;
    snprintf(d->error, d->error_size, "%s", why);
}

/* ---- records ---- */

static bool driver_has(const struct director *d, unsigned file, enum drv_block block)
{
    const struct drv_config *drv = &d->lab->program->drv;

    return drv->driver[drv->file[file].driver].has[block];
}

/* A byte that the model's driver hands on is written to the real pipe when it is woken for. */
static void hand_on(struct director *d, const struct sim_record *record)
{
    unsigned file = record->object;

    if (drv_file_kind(&d->lab->drv, (drv_file_id)file) != DRV_FILE_DEVICE)
        return;
    if (record->kind == SIM_EV_QUEUE) {
        if (d->queued_count[file] == DRV_TASKS_MAX)
            stop(d, LAB_LINUX_CANNOT, "not built yet: so many queue() before a wake()");
        else
            d->queued[file][d->queued_count[file]++] = (uint8_t)record->value;
        return;
    }
    /* A driver with a read {} of its own has its readers sleep there. */
    if (d->queued_count[file] == 0 && !driver_has(d, file, DRV_BLOCK_READ))
        stop(d, LAB_LINUX_CANNOT, "not built yet: wake() without a byte, on Linux");
    for (unsigned i = 0; i < d->queued_count[file]; i++) {
        if (!lab_crew_push(d->crew, file, d->queued[file][i]))
            stop(d, LAB_LINUX_BROKEN, "the pipe of a device is full");
    }
    d->queued_count[file] = 0;
}

/* The step's records go out; @hardware: what its drivers pushed goes to the kernel. */
static void put_out(struct director *d, bool hardware)
{
    const struct sim_trace *trace = &d->lab->trace;

    for (unsigned i = 0; i < trace->count; i++) {
        unsigned kind = trace->records[i].kind;

        if (hardware && (kind == SIM_EV_QUEUE || kind == SIM_EV_WAKE))
            hand_on(d, &trace->records[i]);
        if (kind == SIM_EV_GOT || kind == SIM_EV_PUT || kind == SIM_EV_CREATE ||
            kind == SIM_EV_EXIT)
            d->idle_calls = 0;
    }
    if (d->sink)
        d->sink->records(d->sink, trace->records, trace->count);
    d->steps++;
}

/* The hardware has stepped. */
static void put_out_hardware(struct lab_real *real)
{
    struct director *d = (struct director *)(void *)real;

    d->hardware_steps++;
    put_out(d, true);
}

static void one_record(struct director *d, unsigned task, enum sim_trace_kind kind,
                       unsigned object, uint32_t value)
{
    lab_real_record(&d->real, d->lab->actor_of_task[task]);
    sim_trace(&d->lab->trace, kind, object, value, 0);
    lab_ledger_fold(d->lab);
    put_out(d, false);
}

/* ---- tasks ---- */

static bool ends_process(const struct director *d, unsigned task)
{
    return d->lab->task[task] & LAB_TASK_GONE && !d->left[task];
}

static void step_in_model(struct director *d, unsigned task)
{
    unsigned actor = d->lab->actor_of_task[task];

    d->lab->trace.at = now_ns(d);
    lab_step(d->lab, actor);
    d->real.not_before[actor] = d->lab->trace.at + d->lab->spent_ns;
    put_out(d, true);
    if (ends_process(d, task)) {
        lab_crew_exit(d->crew, task);
        d->left[task] = true;
    }
}

/* A write to a device is the driver's to take: the model's. */
static bool is_for_driver(const struct director *d, unsigned task, const struct drv_call *call)
{
    drv_file_id file;

    if (call->nr != DRV_NR_WRITE && call->nr != DRV_NR_FILL)
        return false;
    file = lab_books_file(d->lab, task, call->args[0]);
    return file != DRV_NONE && drv_file_kind(&d->lab->drv, file) == DRV_FILE_DEVICE;
}

static void send(struct director *d, unsigned task)
{
    struct drv_call call = lab_task_call(d->lab, task);

    int child = call.nr == DRV_NR_FORK ? lab_books_next_child(&d->books, task) : 0;

    if (call.nr == DRV_NR_EXIT || child < 0 || is_for_driver(d, task, &call)) {
        step_in_model(d, task);
        return;
    }
    if (call.nr == DRV_NR_FORK)
        lab_crew_bears(d->crew, task, (unsigned)child);
    if (!(d->lab->drv.task[task].flags & DRV_TASK_BEGUN))
        one_record(d, task, SIM_EV_CALL, call.nr, (uint32_t)(call.argc ? call.args[0] : 0));
    d->calling[task] = true;
    d->noted[task] = false;
    d->put_off[task] = 0;
    d->idle_calls++;
    lab_crew_call(d->crew, task, &call);
}

/* Has the CPU time for its tasks?  An interrupt is served first. */
static bool cpu_is_free(const struct director *d, unsigned task)
{
    return d->lab->irqs.cpu[d->lab->task_code[task].cpu]->depth == 0;
}

static void note_sleep(struct director *d, unsigned task)
{
    if (d->noted[task])
        return;
    d->noted[task] = true;
    one_record(d, task, SIM_EV_BLOCK, lab_task_call(d->lab, task).nr, 0);
}

/* The task's answer is here: into the books with it. */
static bool enter(struct director *d, unsigned task, const struct lab_crew_answer *answer)
{
    unsigned actor = d->lab->actor_of_task[task];

    if (answer->slept)
        note_sleep(d, task);
    d->lab->trace.at = now_ns(d);
    if (!lab_books_enter(&d->books, task, answer)) {
        if (d->put_off[task]++ == PUT_OFF_MAX)
            stop(d, LAB_LINUX_BROKEN, "the kernel answered what the model cannot follow");
        return false;
    }
    lab_crew_taken(d->crew, task);
    d->calling[task] = false;
    d->hardware_steps = 0;
    d->real.not_before[actor] = d->lab->trace.at + d->lab->spent_ns;
    put_out(d, false);
    return true;
}

/* A driver's read {} runs before the real call. */
static bool needs_block(const struct director *d, unsigned task)
{
    struct drv_call call;
    struct drv_need need;

    if (!lab_task_at_call(d->lab, task))
        return false;
    call = lab_task_call(d->lab, task);
    return call.nr == DRV_NR_READ &&
           drv_call_need(&d->lab->drv, (drv_task_id)task, &call, &need);
}

/* Up to the block's first operation, or past it if it has none. */
static void enter_block(struct director *d, unsigned task)
{
    unsigned actor = d->lab->actor_of_task[task];

    lab_real_record(&d->real, actor);
    d->lab->spent_ns = 0;
    lab_prepare(d->lab, actor);
    lab_ledger_fold(d->lab);
    put_out(d, false);
}

static bool turn_task(struct director *d, unsigned task, uint64_t *ret_next)
{
    unsigned actor = d->lab->actor_of_task[task];
    const struct lab_crew_answer *answer;

    if (d->calling[task])
        return lab_crew_answered(d->crew, task, &answer) && cpu_is_free(d, task) &&
               enter(d, task, answer);
    if (!lab_enabled(d->lab, actor) || lab_is_settle(d->lab, actor))
        return false;
    if (now_ns(d) < d->real.not_before[actor]) {
        if (d->real.not_before[actor] < *ret_next)
            *ret_next = d->real.not_before[actor];
        return false;
    }
    if (needs_block(d, task))
        enter_block(d, task);
    if (lab_task_at_call(d->lab, task))
        send(d, task);
    else
        step_in_model(d, task);
    return true;
}

static bool turn_tasks(struct director *d, uint64_t *ret_next)
{
    bool any = false;

    for (unsigned t = 0; t < d->lab->program->drv.tasks && !d->code; t++)
        any |= turn_task(d, t, ret_next);
    return any;
}

/* ---- rest ---- */

/* Are all that are in a call asleep?  *ret_print: as lab_crew_asleep() says, of all. */
static bool all_asleep(struct director *d, uint64_t *ret_print)
{
    *ret_print = 0;
    for (unsigned t = 0; t < d->lab->program->drv.tasks; t++) {
        uint64_t print;

        if (!d->calling[t])
            continue;
        if (!lab_crew_asleep(d->crew, t, &print))
            return false;
        *ret_print = *ret_print * 31 + print;
    }
    return true;
}

static bool at_rest(struct director *d)
{
    uint64_t one, two;

    if (!all_asleep(d, &one) || !all_asleep(d, &two) || one != two)
        return false;
    for (unsigned t = 0; t < d->lab->program->drv.tasks; t++) {
        if (d->calling[t])
            note_sleep(d, t);
    }
    return true;
}

/* Will a sleeping task wake by itself? */
static bool has_timeout(const struct director *d)
{
    for (unsigned t = 0; t < d->lab->program->drv.tasks; t++) {
        struct drv_call call;
        unsigned last;

        if (!d->calling[t])
            continue;
        call = lab_task_call(d->lab, t);
        last = call.argc - 1u;
        if (call.nr == DRV_NR_NANOSLEEP)
            return true;
        if (call.nr == DRV_NR_EPOLL_WAIT && call.argc > 2 && call.args[2] >= 0)
            return true;
        if ((call.nr == DRV_NR_POLL || call.nr == DRV_NR_SELECT) && call.args[last] >= 0)
            return true;
    }
    return false;
}

static bool is_settle(const struct director *d, unsigned actor)
{
    return lab_is_settle(d->lab, actor) && lab_enabled(d->lab, actor);
}

/* Everybody is asleep: who has waited for that goes on, tasks before worlds. */
static bool settle(struct director *d)
{
    for (unsigned a = d->lab->actors; a-- > 0;) {
        if (!is_settle(d, a))
            continue;
        if (d->lab->actor[a].who == LAB_WHO_TASK)
            step_in_model(d, d->lab->actor[a].index);
        else
            lab_real_step(&d->real, a);
        return true;
    }
    return false;
}

/* Only worlds have something to do: what waits is late from here on. */
static void only_worlds(struct director *d)
{
    for (unsigned a = d->lab->first[LAB_WHO_TIMER]; a < d->lab->actors; a++) {
        unsigned who = d->lab->actor[a].who;

        if (who != LAB_WHO_TASK && who != LAB_WHO_TIMEOUT && who != LAB_WHO_ALARM &&
            lab_enabled(d->lab, a))
            return;
    }
    lab_real_record(&d->real, 0);
    lab_ledger_quiet(d->lab);
    put_out(d, false);
}

/* Nothing could be done.  Moves on to the next moment, waits for who runs; false: the end. */
static bool rest(struct director *d, uint64_t next)
{
    uint64_t now = now_ns(d), print;

    if (!at_rest(d)) {
        lab_crew_wait(d->crew, next > now && next - now < GLANCE_NS ? next - now : GLANCE_NS);
        return true;
    }
    if (has_timeout(d)) {
        lab_crew_wait(d->crew, next > now && next - now < NS_PER_S ? next - now : NS_PER_S);
        return true;
    }
    if (next == UINT64_MAX)
        return settle(d);
    only_worlds(d);
    if (all_asleep(d, &print) && next > now_ns(d))
        d->real.skipped_ns += next - now_ns(d);
    return true;
}

/* Does it go on like this for ever? */
static enum sim_end endless(const struct director *d)
{
    if (d->steps > d->lab->program->limit_steps)
        return SIM_END_LIMIT;
    if (!lab_real_worlds_are_done(&d->real))
        return 0;
    if (d->hardware_steps > NEVER_RESTS_STEPS)
        return SIM_END_STORM;
    return d->idle_calls > SPINS_CALLS ? SIM_END_SPIN : 0;
}

static enum sim_end direct(struct director *d)
{
    while (!d->code) {
        uint64_t next = UINT64_MAX;
        bool any = lab_real_turn(&d->real, &next);
        enum sim_end end = endless(d);

        any |= turn_tasks(d, &next);
        if (end)
            return end;
        if (!any && !rest(d, next))
            return SIM_END_QUIET;
    }
    return SIM_END_LIMIT;
}

/* ---- what can run here ---- */

/* The first call that cannot be made, 0: none. */
static const char *missing_call(const struct lab_program *program)
{
    static const uint8_t bytes[] = {
#define OPERANDS(op, count) count,
        LAB_OPS(OPERANDS)
#undef OPERANDS
    };
    static const char *const names[] = {
#define NAME(nr, name) name,
        DRV_CALLS(NAME)
#undef NAME
    };
    const uint8_t *code = lab_program_code(program);

    for (uint32_t at = 0; at < program->code_size; at += 1u + bytes[code[at]]) {
        unsigned nr = code[at + 1];

        if (code[at] != LAB_DO_CALL || nr == DRV_NR_EXIT || nr == DRV_NR_SETTLE)
            continue;
        if (!lab_crew_can(nr) || nr == DRV_NR_TIMERFD_CREATE)
            return names[nr];
    }
    return 0;
}

static bool can_run(struct director *d)
{
    static const struct {
        enum drv_block block;
        const char *name;
    } missing[] = {
        {DRV_BLOCK_OPEN, "open {}"},
        {DRV_BLOCK_RELEASE, "release {}"},
        {DRV_BLOCK_POLL, "poll {}"},
    };
    const struct lab_program *program = d->lab->program;
    const char *call = missing_call(program);
    char why[64];

    for (unsigned i = 0; i < program->drv.drivers; i++) {
        for (unsigned k = 0; k < sizeof(missing) / sizeof(*missing); k++) {
            if (!program->drv.driver[i].has[missing[k].block])
                continue;
            snprintf(why, sizeof(why), "not built yet: a driver's %s", missing[k].name);
            stop(d, LAB_LINUX_CANNOT, why);
        }
    }
    if (call) {
        snprintf(why, sizeof(why), "not built yet: the call %s()", call);
        stop(d, LAB_LINUX_CANNOT, why);
    }
    return d->code == 0;
}

static void play(struct director *d, struct lab_outcome *ret_outcome)
{
    struct lab *lab = d->lab;
    enum sim_end end;

    lab_start(lab, &lab_bench_sim);
    lab_real_begin(&d->real);
    end = direct(d);
    lab->asleep = 0;
    for (unsigned t = 0; t < lab->program->drv.tasks; t++) {
        uint64_t print;

        if (d->calling[t] && d->noted[t] && lab_crew_asleep(d->crew, t, &print))
            lab->asleep |= UINT64_C(1) << t;
    }
    lab_real_record(&d->real, 0);
    lab_outcome(lab, end, true, ret_outcome);
    lab->asleep = 0;
    ret_outcome->steps = d->steps;
    ret_outcome->end_ns = lab->trace.at;
    put_out(d, false);
}

int lab_linux_play(struct lab *lab, struct lab_sink *sink, struct lab_outcome *ret_outcome,
                   char *error, size_t size)
{
    struct director *d = calloc(1, sizeof(*d));
    uint8_t *bytes = malloc(2 * ((size_t)lab->arena.size + 8));
    int code = LAB_LINUX_BROKEN;

    snprintf(error, size, "no memory");
    if (d && bytes) {
        d->real = (struct lab_real){.lab = lab, .put_out = put_out_hardware};
        d->lab = lab;
        d->sink = sink;
        d->error = error;
        d->error_size = size;
        d->books = (struct lab_books){lab, bytes + (lab->arena.size + 7) / 8 * 8};
        if (can_run(d)) {
            d->crew = lab_crew_start(lab->program, error, size);
            if (!d->crew)
                d->code = LAB_LINUX_CANNOT;
        }
        if (d->code == 0) {
            sim_arena_place(&lab->arena, bytes);
            play(d, ret_outcome);
            lab_crew_end(d->crew);
        }
        code = d->code;
    }
    free(bytes);
    free(d);
    return code;
}
