/* lab/linux_director.c - see linux_director.h. */
#define _GNU_SOURCE
#include "lab/linux_director.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>

#include "drivers/state.h"
#include "lab/core/names.h"
#include "lab/linux_engine.h"

enum {
    PUT_OFF_MAX = 200000, /* looks at an answer that the books cannot follow */
};

uint64_t lab_director_now_ns(const struct lab_director *d)
{
    return lab_real_now(&d->real);
}

void lab_director_stop(struct lab_director *d, int code, const char *why)
{
    if (d->code)
        return;
    d->code = code;
    snprintf(d->error, d->error_size, "%s", why);
}

/* ---- records ---- */

static bool driver_has(const struct lab_director *d, unsigned file, enum drv_block block)
{
    const struct drv_config *drv = &d->lab->program->drv;

    return drv->driver[drv->file[file].driver].has[block];
}

/* A byte that the model's driver hands on is written to the real pipe when it is woken for. */
static void hand_on(struct lab_director *d, const struct sim_record *record)
{
    unsigned file = record->object;

    if (drv_file_kind(&d->lab->drv, (drv_file_id)file) != DRV_FILE_DEVICE)
        return;
    if (record->kind == SIM_EV_QUEUE) {
        if (d->queued_count[file] == DRV_TASKS_MAX)
            lab_director_stop(d, LAB_LINUX_CANNOT,
                              "not built yet: so many queue() before a wake()");
        else
            d->queued[file][d->queued_count[file]++] = (uint8_t)record->value;
        return;
    }
    /* A driver with a read {} of its own has its readers sleep there. */
    if (d->queued_count[file] == 0 && !driver_has(d, file, DRV_BLOCK_READ))
        lab_director_stop(d, LAB_LINUX_CANNOT,
                          "not built yet: wake() without a byte, on Linux");
    for (unsigned i = 0; i < d->queued_count[file]; i++) {
        if (!lab_crew_push(d->crew, file, d->queued[file][i]))
            lab_director_stop(d, LAB_LINUX_BROKEN, "the pipe of a device is full");
    }
    d->queued_count[file] = 0;
}

/* The step's records go out; @hardware: what its drivers pushed goes to the kernel. */
void lab_director_put_out(struct lab_director *d, bool hardware)
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
    struct lab_director *d = (struct lab_director *)(void *)real;

    d->hardware_steps++;
    lab_director_put_out(d, true);
}

static void one_record(struct lab_director *d, unsigned task, enum sim_trace_kind kind,
                       unsigned object, uint32_t value)
{
    lab_real_record(&d->real, d->lab->actor_of_task[task]);
    sim_trace(&d->lab->trace, kind, object, value, 0);
    lab_ledger_fold(d->lab);
    lab_director_put_out(d, false);
}

/* ---- tasks ---- */

static bool ends_process(const struct lab_director *d, unsigned task)
{
    return d->lab->task[task] & LAB_TASK_GONE && !d->left[task];
}

void lab_director_step_in_model(struct lab_director *d, unsigned task)
{
    unsigned actor = d->lab->actor_of_task[task];

    d->lab->trace.at = lab_director_now_ns(d);
    lab_step(d->lab, actor);
    d->real.not_before[actor] = d->lab->trace.at + d->lab->spent_ns;
    lab_director_put_out(d, true);
    if (ends_process(d, task)) {
        lab_crew_exit(d->crew, task);
        d->left[task] = true;
    }
}

/* A write to a device is the driver's to take: the model's. */
static bool is_for_driver(const struct lab_director *d, unsigned task,
                          const struct drv_call *call)
{
    drv_file_id file;

    if (call->nr != DRV_NR_WRITE && call->nr != DRV_NR_FILL)
        return false;
    file = lab_books_file(d->lab, task, call->args[0]);
    return file != DRV_NONE && drv_file_kind(&d->lab->drv, file) == DRV_FILE_DEVICE;
}

/* async_send(): the loop's eventfd is in another process. */
static void send_async(struct lab_director *d, unsigned task, unsigned loop)
{
    int bell = lab_loop_bell(d->lab, loop);

    lab_director_step_in_model(d, task);
    for (unsigned t = 0; t < d->lab->program->drv.tasks && bell >= 0; t++)
        if (d->lab->task_code[t].loop == loop + 1 && !lab_crew_ring(d->crew, t, bell))
            lab_director_stop(d, LAB_LINUX_CANNOT,
                              "the eventfd of a loop is out of reach (pidfd_getfd)");
}

void lab_director_send(struct lab_director *d, unsigned task)
{
    struct drv_call call = lab_task_call(d->lab, task);

    if (call.nr == DRV_NR_ASYNC_SEND) {
        send_async(d, task, (unsigned)call.args[0]);
        return;
    }
    int child = call.nr == DRV_NR_FORK ? lab_books_next_child(&d->books, task) : 0;

    if (call.nr == DRV_NR_EXIT || call.nr == DRV_NR_SETTLE || child < 0 ||
        is_for_driver(d, task, &call)) {
        lab_director_step_in_model(d, task);
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
static bool cpu_is_free(const struct lab_director *d, unsigned task)
{
    return d->lab->irqs.cpu[d->lab->task_code[task].cpu]->depth == 0;
}

static void note_sleep(struct lab_director *d, unsigned task)
{
    if (d->noted[task])
        return;
    d->noted[task] = true;
    one_record(d, task, SIM_EV_BLOCK, lab_task_call(d->lab, task).nr, 0);
}

/* The task's answer is here: into the books with it. */
bool lab_director_enter(struct lab_director *d, unsigned task,
                        const struct lab_crew_answer *answer)
{
    unsigned actor = d->lab->actor_of_task[task];

    if (answer->slept)
        note_sleep(d, task);
    d->lab->trace.at = lab_director_now_ns(d);
    if (!lab_books_enter(&d->books, task, answer)) {
        if (d->put_off[task]++ == PUT_OFF_MAX)
            lab_director_stop(d, LAB_LINUX_BROKEN,
                              "the kernel answered what the model cannot follow");
        return false;
    }
    lab_crew_taken(d->crew, task);
    d->calling[task] = false;
    d->hardware_steps = 0;
    d->real.not_before[actor] = d->lab->trace.at + d->lab->spent_ns;
    lab_director_put_out(d, false);
    return true;
}

/* A driver's read {} runs before the real call. */
bool lab_director_needs_block(const struct lab_director *d, unsigned task)
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
void lab_director_enter_block(struct lab_director *d, unsigned task)
{
    unsigned actor = d->lab->actor_of_task[task];

    lab_real_record(&d->real, actor);
    d->lab->spent_ns = 0;
    lab_prepare(d->lab, actor);
    lab_ledger_fold(d->lab);
    lab_director_put_out(d, false);
}

static bool turn_task(struct lab_director *d, unsigned task, uint64_t *ret_next)
{
    unsigned actor = d->lab->actor_of_task[task];
    const struct lab_crew_answer *answer;

    if (d->calling[task])
        return lab_crew_answered(d->crew, task, &answer) && cpu_is_free(d, task) &&
               lab_director_enter(d, task, answer);
    if (!lab_enabled(d->lab, actor) || lab_is_settle(d->lab, actor))
        return false;
    if (lab_director_now_ns(d) < d->real.not_before[actor]) {
        if (d->real.not_before[actor] < *ret_next)
            *ret_next = d->real.not_before[actor];
        return false;
    }
    if (lab_director_needs_block(d, task))
        lab_director_enter_block(d, task);
    if (lab_task_at_call(d->lab, task))
        lab_director_send(d, task);
    else
        lab_director_step_in_model(d, task);
    return true;
}

bool lab_director_turn_tasks(struct lab_director *d, uint64_t *ret_next)
{
    bool any = false;

    for (unsigned t = 0; t < d->lab->program->drv.tasks && !d->code; t++)
        any |= turn_task(d, t, ret_next);
    return any;
}

/* ---- rest ---- */

/* Are all that are in a call asleep?  *ret_print: as lab_crew_asleep() says, of all. */
bool lab_director_all_asleep(struct lab_director *d, uint64_t *ret_print)
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

bool lab_director_at_rest(struct lab_director *d)
{
    uint64_t one, two;

    if (!lab_director_all_asleep(d, &one) || !lab_director_all_asleep(d, &two) || one != two)
        return false;
    for (unsigned t = 0; t < d->lab->program->drv.tasks; t++) {
        if (d->calling[t])
            note_sleep(d, t);
    }
    return true;
}

/* Will a sleeping task wake by itself? */
bool lab_director_has_timeout(const struct lab_director *d)
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

        if (code[at] != LAB_DO_CALL || nr == DRV_NR_EXIT || nr == DRV_NR_SETTLE ||
            nr == DRV_NR_ASYNC_SEND)
            continue;
        if (!lab_crew_can(nr) || nr == DRV_NR_TIMERFD_CREATE)
            return names[nr];
    }
    return 0;
}

/* Since when the rules of this version hold: drivers/pipe.c. */
static unsigned era_of(unsigned version)
{
    return version < (5 << 8 | 5) ? 0 : version < (5 << 8 | 14) ? 1 : 2;
}

/* Does the scenario ask for the rules of another Linux than this one? */
static bool is_other_linux(const struct lab_program *program)
{
    struct utsname name;
    unsigned major = 0, minor = 0;

    if (!program->drv.linux_version || uname(&name) ||
        sscanf(name.release, "%u.%u", &major, &minor) != 2)
        return false;
    return era_of(program->drv.linux_version) != era_of(major << 8 | minor);
}

static bool can_run(struct lab_director *d)
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
            lab_director_stop(d, LAB_LINUX_CANNOT, why);
        }
    }
    if (is_other_linux(program))
        lab_director_stop(d, LAB_LINUX_CANNOT, "the scenario's rules are another Linux's");
    for (unsigned i = 0; i < program->loops; i++) {
        unsigned engine = program->loop[i].engine;

        if (!engine || lab_linux_engine_ops(engine - 1))
            continue;
        snprintf(why, sizeof(why), "built without %s", lab_backend_name(engine - 1));
        lab_director_stop(d, LAB_LINUX_CANNOT, why);
    }
    if (program->drv.disks)
        lab_director_stop(d, LAB_LINUX_CANNOT,
                          "a real file does not wait for the disk of a scenario");
    if (call) {
        snprintf(why, sizeof(why), "not built yet: the call %s()", call);
        lab_director_stop(d, LAB_LINUX_CANNOT, why);
    }
    return d->code == 0;
}

/* ---- begin and end ---- */

struct lab_director *lab_director_open(struct lab *lab, struct lab_sink *sink, char *error,
                                       size_t size, int *ret_code)
{
    struct lab_director *d = calloc(1, sizeof(*d));

    *ret_code = LAB_LINUX_BROKEN;
    snprintf(error, size, "no memory");
    if (!d)
        return NULL;
    d->bytes = malloc(2 * ((size_t)lab->arena.size + 8));
    d->real = (struct lab_real){.lab = lab, .put_out = put_out_hardware};
    d->lab = lab;
    d->sink = sink;
    d->error = error;
    d->error_size = size;
    d->books = (struct lab_books){lab, d->bytes + (lab->arena.size + 7) / 8 * 8};
    if (d->bytes && can_run(d)) {
        d->crew = lab_crew_start(lab->program, error, size);
        d->code = d->crew ? 0 : LAB_LINUX_CANNOT;
    }
    if (d->crew) {
        sim_arena_place(&lab->arena, d->bytes);
        lab_start(lab, &lab_bench_sim);
        lab_real_begin(&d->real);
        return d;
    }
    *ret_code = d->code ? d->code : LAB_LINUX_BROKEN;
    free(d->bytes);
    free(d);
    return NULL;
}

void lab_director_outcome(struct lab_director *d, enum sim_end end,
                          struct lab_outcome *ret_outcome)
{
    struct lab *lab = d->lab;

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
    lab_director_put_out(d, false);
}

int lab_director_close(struct lab_director *d)
{
    int code = d->code;

    lab_crew_end(d->crew);
    free(d->bytes);
    free(d);
    return code;
}
