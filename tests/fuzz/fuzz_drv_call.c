/*
 * tests/fuzz/fuzz_drv_call.c - any sequence of calls by eight tasks on the model kernel.
 *
 * The input is read byte by byte: whose turn it is, which call, with which arguments, whether a
 * timer runs out, a driver queues something, a signal is caught, a task is ended.  Whatever it
 * says, every call comes to an end or sleeps, and when all tasks have ended every description
 * is given back and nobody is left on a queue.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/state.h"

enum { TASKS = 8, ARGS = 12, EVENTS = 8, BYTES = 64, STEPS_MAX = 4000, DEVICE = 3, FIFO = 0 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
    const uint8_t *at, *end;
};

struct doing {
    struct drv_call call;
    struct drv_result result;
    int64_t args[ARGS];
    uint8_t tokens[ARGS];
    struct drv_event events[EVENTS];
    uint16_t buf[BYTES];
    bool active;
};

static struct drv drv;
static struct drv_config config;
static struct sim_arena arena;
static struct sim_trace trace;
static struct doing doing[TASKS];
static uint64_t memory[1 << 15];

static unsigned next(struct input *input, unsigned below)
{
    return input->at < input->end ? *input->at++ % below : 0;
}

/* Task 0 and its three places for children are a family, 4 and 5 one process. */
static void start(struct input *input)
{
    static const uint8_t process[TASKS] = {0, 1, 2, 3, 4, 4, 5, 6};
    static const uint8_t parent[TASKS] = {0, 1, 2, 1, 0, 0, 0, 0};
    static const uint8_t nth[TASKS] = {0, 1, 1, 2, 0, 0, 0, 0};

    config = (struct drv_config){.tasks = TASKS,
                                 .processes = 7,
                                 .drivers = 1,
                                 .fixed_files = 4,
                                 .pipes = 3,
                                 .eventfds = 3,
                                 .epolls = 6,
                                 .ofds = 30,
                                 .fds = 20,
                                 .items = 10,
                                 .sockets = 8,
                                 .timerfds = 2,
                                 .signalfds = 2,
                                 .pidfds = 2,
                                 .ptys = 2,
                                 .aios = 2,
                                 .urings = 2,
                                 .jobs = 6,
                                 .cqes = 6,
                                 .poll_max = 6,
                                 .narrow_queues = 1,
                                 .pipe_bytes = 6,
                                 .socket_packets = 4,
                                 .families = 1,
                                 .signals = 1};
    memcpy(config.task_process, process, sizeof(process));
    memcpy(config.task_parent, parent, sizeof(parent));
    memcpy(config.task_nth, nth, sizeof(nth));
    for (unsigned t = 0; t < TASKS; t++)
        config.task_family[t] = t < 4 ? 0 : process[t];
    config.family_most[0] = 3;
    config.file[FIFO].kind = DRV_FILE_FIFO;
    config.file[1].kind = DRV_FILE_NAME;
    config.file[2] = (struct drv_file_config){.kind = DRV_FILE_REGULAR, .content_size = 20};
    config.file[DEVICE].kind = DRV_FILE_DEVICE;
    config.driver[0].queue = 8;
    config.driver[0].files = 1;
    config.driver[0].file_first = DEVICE;
    for (unsigned b = DRV_BLOCK_OPEN; b < DRV_BLOCKS; b++)
        config.driver[0].has[b] = (uint8_t)next(input, 2);
    config.linux_version = (uint16_t)(next(input, 2) ? 5 << 8 | next(input, 20) : 0);
    arena = (struct sim_arena){0};
    memset(&drv, 0, sizeof(drv));
    drv_layout(&drv, &config, &arena, 0, 0);
    sim_arena_seal(&arena);
    if (arena.size > sizeof(memory))
        abort();
    sim_arena_place(&arena, (uint8_t *)memory);
    drv_bind(&drv, &trace, 0);
    drv_reset(&drv);
    memset(doing, 0, sizeof(doing));
}

static int64_t value(struct input *input)
{
    unsigned kind = next(input, 16), byte = next(input, 256);

    switch (kind) {
    case 0:
        return -1;
    case 1:
        return byte & 1 ? INT64_MAX : INT64_MIN;
    case 2:
        return (int64_t)(1ull << byte % 64);
    case 3:
        return DRV_PID_FIRST + byte % 8;
    case 4:
    case 5:
        return byte * 37;
    case 6:
    case 7:
    case 8:
        return byte % 8;
    default:
        return DRV_FD_FIRST + byte % 20;
    }
}

static void begin(struct input *input, unsigned task)
{
    struct doing *it = &doing[task];
    unsigned nr = next(input, DRV_NR_COUNT);

    if (nr == DRV_NR_EXIT)
        nr = DRV_NR_EPOLL_WAIT;
    memset(it, 0, sizeof(*it));
    for (unsigned i = 0; i < ARGS; i++) {
        it->args[i] = value(input);
        it->tokens[i] = (uint8_t)next(input, 8);
    }
    /* bytes of a driver's file are written in a step each: not for ever */
    if ((nr == DRV_NR_FILL || nr == DRV_NR_WRITE) &&
        (it->args[1] < 0 || it->args[1] > STEPS_MAX / 2))
        it->args[1] = STEPS_MAX / 2;
    it->call = (struct drv_call){.nr = (uint8_t)nr,
                                 .argc = (uint8_t)next(input, ARGS + 1),
                                 .args = it->args,
                                 .tokens = it->tokens,
                                 .events = it->events,
                                 .events_max = EVENTS,
                                 .buf = it->buf,
                                 .buf_max = BYTES};
    it->active = true;
}

static void fail(const char *why, unsigned task)
{
    fprintf(stderr, "%s: task %u, call %u\n", why, task, doing[task].call.nr);
    abort();
}

/* Goes on with the task's call until it is done, sleeps, or another one has its instance. */
static void go_on(unsigned task)
{
    struct doing *it = &doing[task];
    drv_task_id id = (drv_task_id)task;
    struct drv_need need;

    for (unsigned steps = 0; steps < STEPS_MAX; steps++) {
        enum drv_step step;
        trace.count = 0;
        if (drv_call_locked_out(&drv, id, &it->call))
            return;
        if (drv_call_need(&drv, id, &it->call, &need)) {
            drv_call_block_begin(&drv, id, &it->call, &need);
            drv_call_block_done(&drv, id, &it->call, need.block == DRV_BLOCK_POLL ? 5 : 0);
            continue;
        }
        step = drv_call_step(&drv, id, &it->call, &it->result);
        drv.readied.n = 0;
        it->active = step != DRV_DONE;
        if (step != DRV_AGAIN)
            return;
    }
    fail("never ends", task);
}

/* Something beside the tasks' calls. */
static void happen(struct input *input)
{
    unsigned task = next(input, TASKS), alarm = next(input, 2);
    drv_task_id id = (drv_task_id)task;

    switch (next(input, 5)) {
    case 0:
        if (drv_alarm_ns(&drv, alarm))
            drv_alarm_fire(&drv, alarm);
        break;
    case 1:
        drv_queue(&drv, DEVICE, (uint8_t)alarm, task);
        drv_wake(&drv, DEVICE, DRV_POLLIN);
        break;
    case 2:
        if (drv_task_parked(&drv, id) && drv_task_timeout_ns(&drv, id) >= 0)
            drv_task_timeout(&drv, id);
        break;
    case 3:
        drv_task_interrupt(&drv, id);
        break;
    default:
        if (!(drv.task[task].flags & (DRV_TASK_GONE | DRV_TASK_UNBORN)) &&
            !doing[task].active) {
            drv_task_leave(&drv, id, task);
            drv_task_exit(&drv, id);
        }
        break;
    }
    drv.alarmed = 0;
    drv.readied.n = 0;
}

static void take_turn(struct input *input, unsigned task)
{
    drv_task_id id = (drv_task_id)task;

    if (drv.task[task].flags & (DRV_TASK_GONE | DRV_TASK_UNBORN))
        return;
    if (drv_task_killed(&drv, id)) {
        drv_task_exit(&drv, id);
        doing[task].active = false;
        return;
    }
    if (drv_task_stopped(&drv, id) || (drv_task_parked(&drv, id) && !drv_task_ready(&drv, id)))
        return;
    if (!doing[task].active)
        begin(input, task);
    go_on(task);
}

/* Is a description on its way in some socket?  Such may wait for itself, for ever. */
static bool in_flight(void)
{
    for (unsigned f = 0; f < drv.files; f++)
        for (unsigned i = 0; drv_is_socket(&drv, (drv_file_id)f) &&
                             i < drv_socket(&drv, (drv_file_id)f)->packets;
             i++)
            if (drv_socket(&drv, (drv_file_id)f)->packet[i].carries)
                return true;
    return false;
}

static void end_all(void)
{
    for (unsigned round = 0; round < TASKS; round++)
        for (unsigned t = 0; t < TASKS; t++) {
            if (drv.task[t].flags & (DRV_TASK_GONE | DRV_TASK_UNBORN))
                continue;
            if (doing[t].active && !drv_task_parked(&drv, (drv_task_id)t))
                go_on(t);
            if (!doing[t].active || drv_task_parked(&drv, (drv_task_id)t))
                drv_task_exit(&drv, (drv_task_id)t);
        }
    for (unsigned i = 0; i < config.ofds && !in_flight(); i++)
        if (drv.ofd[i].refs)
            fail("a description is left", 0);
    if (drv.waits->n && !in_flight())
        fail("somebody is left on a queue", 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, data + size};

    start(&input);
    while (input.at < input.end)
        if (next(&input, 12))
            take_turn(&input, next(&input, TASKS));
        else
            happen(&input);
    end_all();
    if (trace.lost)
        fail("records were lost", 0);
    return 0;
}

#ifndef FUZZ_LIBFUZZER
/* Inputs of pseudo-random bytes; the first argument says how many. */
int main(int argc, char **argv)
{
    enum { INPUT_BYTES = 6000 };

    static uint8_t bytes[INPUT_BYTES];
    unsigned long inputs = argc > 1 ? strtoul(argv[1], 0, 10) : 1;
    uint64_t random = 1;

    for (unsigned long i = 0; i < inputs; i++) {
        for (unsigned k = 0; k < INPUT_BYTES; k++) {
            random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            bytes[k] = (uint8_t)(random >> 56);
        }
        LLVMFuzzerTestOneInput(bytes, INPUT_BYTES);
    }
    printf("%lu inputs\n", inputs);
    return 0;
}
#endif
