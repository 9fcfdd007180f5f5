/* tests/bench/engine_libev.c - libev's default loop of this machine: epoll. */
#define _GNU_SOURCE
#include <ev.h>
#include <stdlib.h>

#include "engine.h"

struct libev {
    struct ev_loop *loop;
    struct ring *ring;
    ev_io watcher[PAIRS_MAX];
};

static void readable(struct ev_loop *loop, ev_io *watcher, int events)
{
    struct libev *own = watcher->data;

    (void)events;
    if (!forward(own->ring, (unsigned)(watcher - own->watcher)))
        ev_break(loop, EVBREAK_ALL);
}

static bool open_libev(struct ring *ring, const struct engine *engine)
{
    struct libev *own = calloc(1, sizeof(*own));

    (void)engine;
    own->loop = ev_loop_new(EVBACKEND_EPOLL);
    own->ring = ring;
    for (unsigned i = 0; i < ring->pairs; i++) {
        ev_io_init(&own->watcher[i], readable, ring->in[i], EV_READ);
        own->watcher[i].data = own;
        ev_io_start(own->loop, &own->watcher[i]);
    }
    ring->own = own;
    return true;
}

static void run_libev(struct ring *ring)
{
    ev_run(((struct libev *)ring->own)->loop, 0);
}

static void close_libev(struct ring *ring)
{
    struct libev *own = ring->own;

    for (unsigned i = 0; i < ring->pairs; i++)
        ev_io_stop(own->loop, &own->watcher[i]);
    ev_loop_destroy(own->loop);
    free(own);
}

static unsigned told;

static void fired(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)timer;
    (void)events;
    told++;
}

/* The loop's time is a real one: the deadlines are all in the past of it, in the same order. */
static bool timers(unsigned count, const struct engine *engine, double ns[3])
{
    struct ev_loop *loop = ev_loop_new(EVBACKEND_EPOLL);
    ev_timer *timer = calloc(count, sizeof(*timer));
    double from;

    (void)engine;
    told = 0;
    from = cpu_ns();
    for (unsigned i = 0; i < count; i++) {
        ev_timer_init(&timer[i], fired, (double)deadline_ns(i) * 1e-9 - 2, 0);
        ev_timer_start(loop, &timer[i]);
    }
    ns[0] = (cpu_ns() - from) / count;
    from = cpu_ns();
    for (unsigned i = 0; i < count; i += 2)
        ev_timer_stop(loop, &timer[i]);
    ns[1] = (cpu_ns() - from) / ((count + 1) / 2);
    from = cpu_ns();
    ev_run(loop, EVRUN_NOWAIT);
    ns[2] = (cpu_ns() - from) / (count / 2);
    ev_loop_destroy(loop);
    free(timer);
    return told == count / 2;
}

const struct engine engines_libev[] = {
    {.name = "libev",
     .open = open_libev,
     .run = run_libev,
     .close = close_libev,
     .timers = timers},
    {.name = NULL},
};
