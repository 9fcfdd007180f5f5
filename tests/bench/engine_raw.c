/* tests/bench/engine_raw.c - epoll with nothing around it: what the others are measured by. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/epoll.h>

#include "engine.h"

struct raw {
    int epoll;
    struct epoll_event events[1024];
};

static bool open_raw(struct ring *ring, const struct engine *engine)
{
    struct raw *raw = calloc(1, sizeof(*raw));

    (void)engine;
    raw->epoll = epoll_create1(EPOLL_CLOEXEC);
    for (unsigned i = 0; i < ring->pairs; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};

        epoll_ctl(raw->epoll, EPOLL_CTL_ADD, ring->in[i], &event);
    }
    ring->own = raw;
    return true;
}

static void run_raw(struct ring *ring)
{
    struct raw *raw = ring->own;

    for (;;) {
        int n = epoll_wait(raw->epoll, raw->events, 1024, -1);

        for (int i = 0; i < n; i++) {
            if (!forward(ring, raw->events[i].data.u32))
                return;
        }
    }
}

static void close_raw(struct ring *ring)
{
    struct raw *raw = ring->own;

    close(raw->epoll);
    free(raw);
}

const struct engine engines_raw[] = {
    {.name = "raw epoll", .open = open_raw, .run = run_raw, .close = close_raw},
    {.name = NULL},
};
