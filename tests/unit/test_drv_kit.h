/*
 * tests/unit/test_drv_kit.h - a model kernel on a table: what the tests of the file side share.
 *
 * The kernel is laid out from a struct drv_config as a scenario's would be; calls are made by
 * number with their arguments in a row.  A call that sleeps stays with its task until go_on().
 */
#ifndef TESTS_UNIT_TEST_DRV_KIT_H
#define TESTS_UNIT_TEST_DRV_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/state.h"

enum { KIT_TASKS = 8, KIT_ARGS = 64, KIT_EVENTS = 16, KIT_BUF = 256, KIT_BYTES = 1 << 16 };

/* A task's call: what the virtual machine keeps on its operand stack. */
struct kit_call {
    struct drv_call call;
    struct drv_result result;
    int64_t args[KIT_ARGS];
    uint8_t tokens[KIT_ARGS];
    struct drv_event events[KIT_EVENTS];
    uint16_t buf[KIT_BUF];
    enum drv_step step;
};

struct kit {
    struct drv_config config;
    struct sim_arena arena;
    struct sim_trace trace;
    struct drv drv;
    struct kit_call task[KIT_TASKS];
    uint8_t token_byte[256];
    uint32_t poll_mask; /* what poll {} of every driver answers */
    unsigned blocks;    /* how many blocks ran */
    uint64_t bytes[KIT_BYTES / 8];
};

static struct kit kit;

/* Room for anything; tests that want less say so before kit_start(). */
static inline void kit_plan(void)
{
    memset(&kit, 0, sizeof(kit));
    kit.config = (struct drv_config){
        .tasks = 4,
        .processes = 4,
        .fds = 24,
        .ofds = 40,
        .pipes = 4,
        .eventfds = 4,
        .epolls = 7,
        .items = 24,
        .sockets = 8,
        .timerfds = 2,
        .socket_packets = 24,
        .poll_max = 6,
        .pipe_bytes = 32,
        .narrow_queues = 1,
    };
    for (unsigned t = 0; t < KIT_TASKS; t++)
        kit.config.task_process[t] = (uint8_t)t;
    for (unsigned i = 0; i < 256; i++)
        kit.token_byte[i] = (uint8_t)i;
}

/* All tasks in one process: they share a descriptor table. */
static inline void kit_plan_threads(unsigned tasks)
{
    kit_plan();
    kit.config.tasks = (uint8_t)tasks;
    kit.config.processes = 1;
    memset(kit.config.task_process, 0, sizeof(kit.config.task_process));
}

/* Task 0 can fork twice, its first child once; everybody has signals. */
static inline void kit_plan_family(void)
{
    kit_plan();
    kit.config.families = 1;
    kit.config.signals = 1;
    kit.config.signalfds = 2;
    kit.config.pidfds = 2;
    memset(kit.config.task_family, 0, sizeof(kit.config.task_family));
    kit.config.family_most[0] = 2;
    for (unsigned t = 1; t < 4; t++) {
        kit.config.task_parent[t] = (uint8_t)(t == 2 ? 2 : 1);
        kit.config.task_nth[t] = (uint8_t)(t == 3 ? 2 : 1);
    }
}

/* One driver with one device file, the file 0. */
static inline void kit_plan_device(unsigned queue)
{
    kit.config.drivers = 1;
    kit.config.fixed_files = 1;
    kit.config.driver[0].queue = (uint16_t)queue;
    kit.config.driver[0].files = 1;
    kit.config.file[0] = (struct drv_file_config){.kind = DRV_FILE_DEVICE};
}

static inline void kit_start(void)
{
    drv_layout(&kit.drv, &kit.config, &kit.arena, 0, 0);
    sim_arena_seal(&kit.arena);
    assert_true(kit.arena.size <= KIT_BYTES);
    sim_arena_place(&kit.arena, (uint8_t *)kit.bytes);
    drv_bind(&kit.drv, &kit.trace, kit.token_byte);
    drv_reset(&kit.drv);
    kit.trace.want = ~0ull;
}

/* Steps a call until it returns or sleeps, running the blocks it asks for. */
static inline enum drv_step kit_run(unsigned task)
{
    struct kit_call *c = &kit.task[task];
    struct drv_need need;
    drv_task_id id = (drv_task_id)task;

    do {
        while (drv_call_need(&kit.drv, id, &c->call, &need)) {
            drv_call_block_begin(&kit.drv, id, &c->call, &need);
            kit.blocks++;
            drv_call_block_done(&kit.drv, id, &c->call,
                                need.block == DRV_BLOCK_POLL ? kit.poll_mask : 0);
        }
        c->step = drv_call_step(&kit.drv, id, &c->call, &c->result);
    } while (c->step == DRV_AGAIN);
    return c->step;
}

static inline void kit_load_v(unsigned task, unsigned nr, unsigned argc, va_list list)
{
    struct kit_call *c = &kit.task[task];

    memset(c, 0, sizeof(*c));
    for (unsigned i = 0; i < argc; i++)
        c->args[i] = va_arg(list, int64_t);
    c->call = (struct drv_call){
        .nr = (uint8_t)nr,
        .argc = (uint8_t)argc,
        .args = c->args,
        .tokens = c->tokens,
        .events = c->events,
        .events_max = KIT_EVENTS,
        .buf = c->buf,
        .buf_max = KIT_BUF,
    };
}

/* Puts a call in place without a step. */
static inline void kit_load(unsigned task, unsigned nr, unsigned argc, ...)
{
    va_list list;

    va_start(list, argc);
    kit_load_v(task, nr, argc, list);
    va_end(list);
}

static inline enum drv_step kit_begin_n(unsigned task, unsigned nr, unsigned argc, ...)
{
    va_list list;

    va_start(list, argc);
    kit_load_v(task, nr, argc, list);
    va_end(list);
    return kit_run(task);
}

static inline int64_t kit_call_n(unsigned task, unsigned nr, unsigned argc, ...)
{
    va_list list;

    va_start(list, argc);
    kit_load_v(task, nr, argc, list);
    va_end(list);
    assert_int_equal(kit_run(task), DRV_DONE);
    return kit.task[task].result.value;
}

/* clang-format off */
#define KIT_NTH(a, b, c, d, e, f, g, h, i, j, k, n, ...) n
#define KIT_ARGC(...) KIT_NTH(__VA_ARGS__, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define KIT_1(a)                                         (int64_t)(a)
#define KIT_2(a, ...)                                    (int64_t)(a), KIT_1(__VA_ARGS__)
#define KIT_3(a, ...)                                    (int64_t)(a), KIT_2(__VA_ARGS__)
#define KIT_4(a, ...)                                    (int64_t)(a), KIT_3(__VA_ARGS__)
#define KIT_5(a, ...)                                    (int64_t)(a), KIT_4(__VA_ARGS__)
#define KIT_6(a, ...)                                    (int64_t)(a), KIT_5(__VA_ARGS__)
#define KIT_7(a, ...)                                    (int64_t)(a), KIT_6(__VA_ARGS__)
#define KIT_8(a, ...)                                    (int64_t)(a), KIT_7(__VA_ARGS__)
#define KIT_9(a, ...)                                    (int64_t)(a), KIT_8(__VA_ARGS__)
#define KIT_10(a, ...)                                   (int64_t)(a), KIT_9(__VA_ARGS__)
#define KIT_11(a, ...)                                   (int64_t)(a), KIT_10(__VA_ARGS__)
#define KIT_JOIN_(a, b)                                  a##b
#define KIT_JOIN(a, b)                                   KIT_JOIN_(a, b)
#define KIT_ROW(...) KIT_JOIN(KIT_, KIT_ARGC(__VA_ARGS__))(__VA_ARGS__)
/* clang-format on */

/* call(task, NR, args...): runs a call that must not sleep; begin(): one that may. */
#define call(task, nr, ...)                                                                    \
    kit_call_n(task, DRV_NR_##nr, KIT_ARGC(__VA_ARGS__), KIT_ROW(__VA_ARGS__))
#define begin(task, nr, ...)                                                                   \
    kit_begin_n(task, DRV_NR_##nr, KIT_ARGC(__VA_ARGS__), KIT_ROW(__VA_ARGS__))

/* The sleeping task was woken: it takes its next steps. */
static inline enum drv_step go_on(unsigned task)
{
    assert_true(drv_task_ready(&kit.drv, (drv_task_id)task));
    return kit_run(task);
}

static inline bool asleep(unsigned task)
{
    return drv_task_parked(&kit.drv, (drv_task_id)task) &&
           !drv_task_ready(&kit.drv, (drv_task_id)task);
}

static inline bool woken(unsigned task)
{
    return drv_task_ready(&kit.drv, (drv_task_id)task);
}

static inline int64_t value_of(unsigned task)
{
    assert_int_equal(kit.task[task].step, DRV_DONE);
    return kit.task[task].result.value;
}

/* The k-th entry the task's last wait reported. */
static inline const struct drv_event *event(unsigned task, unsigned k)
{
    return &kit.task[task].events[k];
}

/* pipe(): the read end; the write end is one above it in these tests. */
static inline int make_pipe(unsigned task, int64_t flags)
{
    assert_int_equal(call(task, PIPE, flags), 0);
    return (int)kit.task[task].result.out[0];
}

static inline int other_end(unsigned task)
{
    return (int)kit.task[task].result.out[1];
}

/* epoll_wait that polls, 16 entries at most. */
static inline int64_t look(unsigned task, int64_t epfd)
{
    return call(task, EPOLL_WAIT, epfd, KIT_EVENTS, 0);
}

/* poll of one descriptor that does not wait: its revents. */
static inline uint32_t level_of(unsigned task, int64_t fd, uint32_t events)
{
    return call(task, POLL, 1, fd, events, 0) ? event(task, 0)->events : 0;
}

/* How often the trace has @event since the last forget(); @value: -1 any. */
static inline unsigned recorded(enum sim_trace_kind kind, int64_t value)
{
    unsigned n = 0;

    for (unsigned i = 0; i < kit.trace.count; i++)
        n += kit.trace.records[i].kind == kind &&
             (value < 0 || kit.trace.records[i].value == (uint32_t)value);
    return n;
}

static inline void forget(void)
{
    kit.trace.count = 0;
}

/* Every descriptor of every process closed, every task ended: nothing may be left. */
static inline void assert_clean(void)
{
    const uint8_t *byte = (const uint8_t *)kit.bytes;

    for (unsigned p = 0; p < kit.config.processes; p++)
        for (unsigned fd = 0; fd < kit.config.fds; fd++)
            for (unsigned t = 0; t < kit.config.tasks; t++)
                if (kit.config.task_process[t] == p) {
                    call(t, CLOSE, fd + DRV_FD_FIRST);
                    break;
                }
    for (uint32_t i = 0; i < kit.arena.size; i++)
        assert_int_equal(byte[i], 0);
}

#endif
