/*
 * tests/unit/test_loop_agree.c - the back ends agree: one random script of registrations,
 * arrivals, timers and cancellations gives the same callbacks on each.
 *
 * Time is the script's.  Within a turn the kernel's order of reports differs between back ends
 * and is nobody's promise; which callbacks a turn makes, and with how many bytes, is the same.
 */
#define _GNU_SOURCE
#include <fcntl.h>

#include "test_loop_kit.h"

#include "loop/adapter.h"

enum { PIPES = 12, TIMERS = PIPES, TURNS = 400, SCRIPTS = 12 };

/* What a script's run leaves behind: per turn a line of sums that do not depend on order. */
struct run {
    struct loop *loop;
    uint32_t seed;
    uint64_t now;
    int ends[PIPES][2];
    loop_id io[PIPES], timer[TIMERS];
    bool cancel[PIPES]; /* after the turn: order within it is the back end's choice */
    unsigned told[PIPES], bytes[PIPES], fired[TIMERS];
};

static uint32_t draw(struct run *run, uint32_t below)
{
    run->seed = run->seed * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)run->seed * below) >> 32);
}

static uint64_t script_clock(void *arg)
{
    return ((const struct run *)arg)->now;
}

static struct run *run_of(struct loop *loop)
{
    return loop->clock_arg;
}

/* Takes all there is, or as much as its budget allows. */
static void drain(struct loop *loop, const struct loop_ready *ready, void *arg)
{
    struct run *run = run_of(loop);
    unsigned which = (unsigned)(uintptr_t)arg;
    char byte[4];
    ssize_t n;

    run->told[which]++;
    while (loop_take(&loop->core, ready->id)) {
        n = read(ready->value, byte, sizeof(byte));
        if (n <= 0)
            return;
        run->bytes[which] += (unsigned)n;
        if (n < (ssize_t)sizeof(byte))
            return;
    }
}

static void fire(struct loop *loop, const struct loop_ready *ready, void *arg)
{
    struct run *run = run_of(loop);
    unsigned which = (unsigned)(uintptr_t)arg;

    (void)ready;
    run->fired[which]++;
    run->cancel[which] = which % 3 == 0;
}

static void pipes_step(struct run *run, unsigned which)
{
    static const char bytes[64];

    switch (draw(run, 6)) {
    case 0:
        if (run->io[which] == 0) {
            run->io[which] = loop_add_io(run->loop, run->ends[which][0], LOOP_IN, drain,
                                         (void *)(uintptr_t)which);
            loop_core_set_budget(&run->loop->core, run->io[which], 1 + draw(run, 8));
        }
        break;
    case 1:
        if (run->io[which] && draw(run, 3) == 0) {
            assert_int_equal(loop_remove(run->loop, run->io[which]), 0);
            run->io[which] = 0;
        }
        break;
    case 2:
        if (run->io[which])
            loop_set_events(run->loop, run->io[which], draw(run, 2) ? LOOP_IN : 0);
        break;
    default:
        (void)!write(run->ends[which][1], bytes, 1 + draw(run, 40));
        break;
    }
}

static void timers_step(struct run *run, unsigned which)
{
    uint64_t delay = draw(run, 200), repeat = draw(run, 3) ? 0 : 1 + draw(run, 50);

    if (loop_set_timer(run->loop, run->timer[which], delay, repeat) == 0) {
        if (draw(run, 3) == 0)
            loop_remove(run->loop, run->timer[which]);
        return;
    }
    run->timer[which] =
        loop_add_timer(run->loop, delay, repeat, fire, (void *)(uintptr_t)which);
}

/* Folds what the turn did into the log, so that two runs can be compared turn by turn. */
static void fold(struct run *run, uint64_t *log)
{
    uint64_t sum = 14695981039346656037u;

    for (unsigned i = 0; i < PIPES; i++)
        sum = (sum ^ (run->told[i] + 1000u * run->bytes[i])) * 1099511628211u;
    for (unsigned i = 0; i < TIMERS; i++)
        sum = (sum ^ run->fired[i]) * 1099511628211u;
    *log = sum;
}

static void cancel(struct run *run)
{
    for (unsigned i = 0; i < PIPES; i++) {
        if (run->cancel[i] && run->io[i]) {
            assert_int_equal(loop_remove(run->loop, run->io[i]), 0);
            run->io[i] = 0;
        }
        run->cancel[i] = false;
    }
}

static void play(struct loop *loop, struct run *run, uint64_t log[TURNS])
{
    run->loop = loop;
    for (unsigned i = 0; i < PIPES; i++)
        assert_int_equal(pipe2(run->ends[i], O_NONBLOCK | O_CLOEXEC), 0);
    for (unsigned turn = 0; turn < TURNS; turn++) {
        for (unsigned i = draw(run, 6); i > 0; i--) {
            if (draw(run, 3))
                pipes_step(run, draw(run, PIPES));
            else
                timers_step(run, draw(run, TIMERS));
        }
        run->now += draw(run, 40);
        if (draw(run, 50) == 0)
            run->now -= run->now / 2;
        assert_true(loop_turn(loop, 0) >= 0);
        fold(run, &log[turn]);
        cancel(run);
    }
    for (unsigned i = 0; i < PIPES; i++) {
        loop_remove(loop, run->io[i]);
        close(run->ends[i][0]);
        close(run->ends[i][1]);
    }
}

/* Ours, then other people's, ended by 0. */
static const struct loop_backend_ops *backend(unsigned i)
{
    unsigned ours = 0;

    while (loop_backends[ours])
        ours++;
    return i < ours ? loop_backends[i] : loop_adapters[i - ours];
}

static void backends_make_the_same_callbacks(void **state)
{
    static uint64_t first[TURNS], log[TURNS];

    (void)state;
    for (uint32_t script = 1; script <= SCRIPTS; script++) {
        const char *judge = NULL;

        for (unsigned i = 0; backend(i); i++) {
            struct run run = {.seed = script};
            struct loop_options options = {
                .ops = backend(i), .clock = script_clock, .clock_arg = &run};
            struct loop loop;

            if (loop_open(&loop, &options) < 0)
                continue;
            play(&loop, &run, judge ? log : first);
            loop_close(&loop);
            for (unsigned turn = 0; judge && turn < TURNS; turn++) {
                if (log[turn] != first[turn])
                    fail_msg("script %u, turn %u: %s and %s differ", script, turn,
                             options.ops->name, judge);
            }
            judge = judge ? judge : options.ops->name;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(backends_make_the_same_callbacks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
