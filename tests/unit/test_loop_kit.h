/*
 * tests/unit/test_loop_kit.h - runs a test on every back end that this kernel has.
 *
 * No test sleeps or asserts a time: a turn with a time-out of 0 sees what has been done before
 * it by this very thread, and where another thread or process must act first, the turn waits
 * without bound for what is certain to come.
 */
#ifndef TEST_LOOP_KIT_H
#define TEST_LOOP_KIT_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "loop/loop.h"

typedef void loop_test(struct loop *loop);

/* Runs @test on an open loop of each back end; says which was left out. */
static inline void on_every_backend(loop_test *test)
{
    for (unsigned i = 0; loop_backends[i]; i++) {
        struct loop_options options = {.backend = loop_backends[i]->name};
        struct loop loop;
        int error = loop_open(&loop, &options);

        if (error == -ENOSYS || error == -EPERM) {
            printf("    left out: %s is not on this kernel\n", options.backend);
            continue;
        }
        assert_int_equal(error, 0);
        test(&loop);
        loop_close(&loop);
    }
}

static inline bool is_backend(const struct loop *loop, const char *name)
{
    return strcmp(loop->backend.ops->name, name) == 0;
}

/* What a source was told so far. */
struct told {
    unsigned times;
    unsigned events; /* of the last time */
    int value;
};

static inline void note_told(struct loop *loop, const struct loop_ready *ready, void *arg)
{
    struct told *told = arg;

    (void)loop;
    told->times++;
    told->events = ready->events;
    told->value = ready->value;
}

static inline void pipe_of(int ends[2])
{
    assert_int_equal(pipe(ends), 0);
}

static inline void put_byte(int fd)
{
    assert_int_equal(write(fd, "x", 1), 1);
}

static inline void take_byte(int fd)
{
    char byte;

    assert_int_equal(read(fd, &byte, 1), 1);
}

#endif
