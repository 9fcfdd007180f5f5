/* loop/adapter_libevent.c - libevent's events as a back end, see adapter.h. */
#define _GNU_SOURCE
#include "loop/adapter.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>

enum { NS_PER_US = 1000, US_PER_S = 1000000 };

struct watch {
    struct event *event;
    struct libevent_own *own;
    int fd;
    uint32_t tag;
};

struct libevent_own {
    struct event_base *base;
    struct event *timer;
    short mode; /* EV_ET or 0 */
    struct loop_reports now;
    uint32_t descriptors;
    struct watch watch[]; /* by descriptor */
};

/* What the kernel refuses is returned, and need not be printed as well. */
static void say_nothing(int severity, const char *text)
{
    (void)severity;
    (void)text;
}

static void expired(evutil_socket_t fd, short events, void *arg)
{
    (void)fd;
    (void)events;
    ((struct libevent_own *)arg)->now.expired = true;
}

static int open_mode(struct loop_backend *backend, short mode)
{
    struct libevent_own *own =
        calloc(1, sizeof(*own) + backend->descriptors * sizeof(own->watch[0]));

    if (!own)
        return -ENOMEM;
    event_set_log_callback(say_nothing);
    own->descriptors = backend->descriptors;
    own->mode = mode;
    own->base = event_base_new();
    own->timer = own->base ? evtimer_new(own->base, expired, own) : NULL;
    if (!own->timer) {
        if (own->base)
            event_base_free(own->base);
        free(own);
        return -ENOSYS;
    }
    backend->own = own;
    backend->fd = -1;
    return 0;
}

static int open_level(struct loop_backend *backend)
{
    return open_mode(backend, 0);
}

static int open_edge(struct loop_backend *backend)
{
    return open_mode(backend, EV_ET);
}

static void forget(struct libevent_own *own, int fd)
{
    if (own->watch[fd].event)
        event_free(own->watch[fd].event);
    own->watch[fd].event = NULL;
}

static void close_libevent(struct loop_backend *backend)
{
    struct libevent_own *own = backend->own;

    for (uint32_t fd = 0; fd < own->descriptors; fd++)
        forget(own, (int)fd);
    event_free(own->timer);
    event_base_free(own->base);
    free(own);
}

static void polled(evutil_socket_t fd, short events, void *arg)
{
    struct watch *watch = arg;
    uint32_t bits = (events & EV_READ ? LOOP_IN : 0u) | (events & EV_WRITE ? LOOP_OUT : 0u) |
                    (events & EV_CLOSED ? LOOP_RDHUP : 0u);

    loop_report(&watch->own->now, bits, (int)fd, watch->tag);
    /* an edge is told once: what is active behind the last place waits for the next turn */
    if (watch->own->now.count == LOOP_RESULTS_MAX)
        event_base_loopbreak(watch->own->base);
}

static int change_libevent(struct loop_backend *backend, const struct loop_change *change)
{
    struct libevent_own *own = backend->own;
    struct watch *watch = &own->watch[change->fd];
    int flags = EV_PERSIST | own->mode | (change->events & (LOOP_IN | LOOP_PRI) ? EV_READ : 0) |
                (change->events & LOOP_OUT ? EV_WRITE : 0) |
                (change->events & LOOP_RDHUP ? EV_CLOSED : 0);

    forget(own, change->fd);
    if (change->op == LOOP_DEL)
        return 0;
    watch->own = own;
    watch->fd = change->fd;
    watch->tag = change->tag;
    watch->event = event_new(own->base, change->fd, (short)flags, polled, watch);
    if (!watch->event)
        return -ENOMEM;
    errno = 0;
    if (event_add(watch->event, NULL) == 0)
        return 0;
    int error = errno ? errno : EINVAL;
    forget(own, change->fd);
    return -error;
}

static int wait_libevent(struct loop_backend *backend, int64_t timeout_ns,
                         struct loop_result *results)
{
    struct libevent_own *own = backend->own;
    int64_t us = (timeout_ns + NS_PER_US - 1) / NS_PER_US;
    struct timeval timeout = {us / US_PER_S, us % US_PER_S};

    own->now = (struct loop_reports){.results = results};
    if (timeout_ns == 0) {
        event_base_loop(own->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
        return own->now.count;
    }
    if (timeout_ns > 0)
        evtimer_add(own->timer, &timeout);
    while (!own->now.count && !own->now.expired)
        event_base_loop(own->base, EVLOOP_ONCE | EVLOOP_NO_EXIT_ON_EMPTY);
    evtimer_del(own->timer);
    return own->now.count;
}

const struct loop_backend_ops loop_adapter_libevent = {
    .name = "libevent",
    .open = open_level,
    .close = close_libevent,
    .change = change_libevent,
    .wait = wait_libevent,
};

const struct loop_backend_ops loop_adapter_libevent_et = {
    .name = "libevent-et",
    .edge = true,
    .open = open_edge,
    .close = close_libevent,
    .change = change_libevent,
    .wait = wait_libevent,
};
