/* tests/bench/engine_libevent.c - libevent on epoll. */
#define _GNU_SOURCE
#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdlib.h>

#include "engine.h"

struct watched {
    struct event event;
    struct libevent *own;
};

struct libevent {
    struct event_base *base;
    struct ring *ring;
    struct watched watched[PAIRS_MAX];
};

static void readable(evutil_socket_t fd, short events, void *arg)
{
    struct watched *watched = arg;
    struct libevent *own = watched->own;

    (void)fd;
    (void)events;
    if (!forward(own->ring, (unsigned)(watched - own->watched)))
        event_base_loopbreak(own->base);
}

static bool open_libevent(struct ring *ring, const struct engine *engine)
{
    struct libevent *own = calloc(1, sizeof(*own));

    (void)engine;
    own->base = event_base_new();
    own->ring = ring;
    for (unsigned i = 0; i < ring->pairs; i++) {
        struct watched *watched = &own->watched[i];

        watched->own = own;
        event_assign(&watched->event, own->base, ring->in[i], EV_READ | EV_PERSIST, readable,
                     watched);
        event_add(&watched->event, NULL);
    }
    ring->own = own;
    return true;
}

static void run_libevent(struct ring *ring)
{
    event_base_dispatch(((struct libevent *)ring->own)->base);
}

static void close_libevent(struct ring *ring)
{
    struct libevent *own = ring->own;

    for (unsigned i = 0; i < ring->pairs; i++)
        event_del(&own->watched[i].event);
    event_base_free(own->base);
    free(own);
}

static unsigned told;

static void fired(evutil_socket_t fd, short events, void *arg)
{
    (void)fd;
    (void)events;
    (void)arg;
    told++;
}

/* Deadlines of up to a second, which then goes by. */
static bool timers(unsigned count, const struct engine *engine, double ns[3])
{
    struct event_base *base = event_base_new();
    struct event *timer = calloc(count, sizeof(*timer));
    double from;

    (void)engine;
    told = 0;
    for (unsigned i = 0; i < count; i++)
        event_assign(&timer[i], base, -1, 0, fired, NULL);
    from = cpu_ns();
    for (unsigned i = 0; i < count; i++) {
        struct timeval due = {0, (long)(deadline_ns(i) / 1000)};

        event_add(&timer[i], &due);
    }
    ns[0] = (cpu_ns() - from) / count;
    from = cpu_ns();
    for (unsigned i = 0; i < count; i += 2)
        event_del(&timer[i]);
    ns[1] = (cpu_ns() - from) / ((count + 1) / 2);
    usleep(1000000);
    from = cpu_ns();
    event_base_loop(base, EVLOOP_NONBLOCK);
    ns[2] = (cpu_ns() - from) / (count / 2);
    event_base_free(base);
    free(timer);
    return told == count / 2;
}

const struct engine engines_libevent[] = {
    {.name = "libevent",
     .open = open_libevent,
     .run = run_libevent,
     .close = close_libevent,
     .timers = timers},
    {.name = NULL},
};
