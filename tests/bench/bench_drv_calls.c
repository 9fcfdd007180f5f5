/*
 * tests/bench/bench_drv_calls.c - what a system call costs on the model kernel.
 *
 *   bench_drv_calls mix N          N calls as the differential test draws them; calls a second
 *   bench_drv_calls wait N         N returns of epoll_wait with one event
 *   bench_drv_calls read N         N reads of a byte
 *
 * The last two are for callgrind: instructions.sh takes the difference of two numbers.
 */
#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/differential/kernel/generate.h"
#include "tests/differential/kernel/sequence.h"

enum { SEQUENCES = 200, LINES = 110, ARGS = 12 };

/* A call with its arguments as numbers, as the virtual machine keeps it. */
struct prepared {
    uint8_t nr, argc;
    int64_t args[ARGS];
};

static double now_s(void)
{
    struct timespec time;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* One call; the caller looks at what it returns. */
static int64_t make_call(struct lab_model *model, const struct prepared *prepared)
{
    static struct drv_event events[LAB_SEEN_EVENTS];
    static uint16_t buf[LAB_SEEN_BYTES];
    static const uint8_t no_token[ARGS];
    struct drv_result result = {0};
    struct drv_call call = {
        .nr = prepared->nr,
        .argc = prepared->argc,
        .args = prepared->args,
        .tokens = no_token,
        .events = events,
        .events_max = LAB_SEEN_EVENTS,
        .buf = buf,
        .buf_max = LAB_SEEN_BYTES,
    };

    while (drv_call_step(&model->drv, 0, &call, &result) == DRV_AGAIN)
        ;
    return result.value;
}

/* Draws sequence @seed along the model's answers. */
static unsigned prepare(struct lab_model *model, uint64_t seed, struct prepared *ret_calls)
{
    static struct lab_script script;
    static struct lab_seen seen;
    struct generator g = {0};
    int32_t var[LAB_SCRIPT_VARS];
    int64_t args[LAB_OP_ARGS];
    unsigned n = 0;

    generate_begin(&g, &script, seed);
    memset(var, -1, sizeof(var));
    lab_model_reset(model);
    while (n < LINES && generate_line(&g, model, var, 0)) {
        const struct lab_script_op *op = &script.op[script.ops - 1];
        lab_op_resolve(op, var, args);
        if (op->argc > ARGS)
            continue;
        ret_calls[n] = (struct prepared){.nr = op->nr, .argc = op->argc};
        memcpy(ret_calls[n++].args, args, op->argc * sizeof(args[0]));
        lab_model_call(model, op, args, &seen);
        lab_op_assign(op, &seen, var);
    }
    return n;
}

static int mix(struct lab_model *model, uint64_t wanted)
{
    static struct prepared calls[SEQUENCES][LINES];
    static unsigned lines[SEQUENCES];
    uint64_t done = 0, failed = 0;
    double start, seconds;

    for (unsigned i = 0; i < SEQUENCES; i++)
        lines[i] = prepare(model, i + 1, calls[i]);
    start = now_s();
    for (unsigned i = 0; done < wanted; i = (i + 1) % SEQUENCES) {
        lab_model_reset(model);
        for (unsigned k = 0; k < lines[i]; k++)
            failed += make_call(model, &calls[i][k]) < 0;
        done += lines[i];
    }
    seconds = now_s() - start;
    printf("%" PRIu64 " calls, %" PRIu64 " %% succeed: %.1f million a second\n", done,
           (done - failed) * 100 / done, (double)done / seconds / 1e6);
    return 0;
}

/* One pipe with a byte, watched by one instance. */
static int repeat(struct lab_model *model, bool wait, uint64_t wanted)
{
    static const struct prepared set_up[] = {
        {DRV_NR_PIPE, 1, {0}},
        {DRV_NR_EPOLL_CREATE, 1, {0}},
        {DRV_NR_EPOLL_CTL, 5, {5, DRV_EPOLL_CTL_ADD, 3, DRV_POLLIN, 3}},
        {DRV_NR_FILL, 2, {4, 60000}},
    };
    static const struct prepared call[] = {{DRV_NR_READ, 2, {3, 1}},
                                           {DRV_NR_EPOLL_WAIT, 3, {5, 16, 0}}};
    uint64_t good = 0;

    lab_model_reset(model);
    for (unsigned i = 0; i < 4; i++)
        make_call(model, &set_up[i]);
    for (uint64_t i = 0; i < wanted; i++)
        good += make_call(model, &call[wait]) == 1;
    return good != wanted;
}

int main(int argc, char **argv)
{
    static struct lab_model model;
    static struct lab_script files;
    struct generator g = {0};
    uint64_t wanted = argc == 3 ? strtoull(argv[2], 0, 10) : 0;

    generate_begin(&g, &files, 0);
    if (!wanted || !lab_model_init(&model, &files, &sequence_room)) {
        fprintf(stderr, "usage: %s mix|wait|read N\n", argv[0]);
        return 2;
    }
    if (strcmp(argv[1], "mix") == 0)
        return mix(&model, wanted);
    return repeat(&model, strcmp(argv[1], "wait") == 0, wanted);
}
