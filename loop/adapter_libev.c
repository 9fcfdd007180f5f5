/* loop/adapter_libev.c - libev's watchers as a back end, see adapter.h. */
#define _GNU_SOURCE
#include "loop/adapter.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <stdlib.h>

enum { FOR_EVER_S = 1000000000 };

struct watch {
    ev_io io; /* first */
    struct ev_own *own;
    uint32_t tag;
    bool started;
};

struct ev_own {
    struct ev_loop *loop;
    ev_timer timer;
    struct loop_reports now;
    uint32_t descriptors;
    struct watch watch[]; /* by descriptor */
};

static void expired(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)events;
    ((struct ev_own *)timer->data)->now.expired = true;
}

static int open_libev(struct loop_backend *backend)
{
    struct ev_own *own = calloc(1, sizeof(*own) + backend->descriptors * sizeof(own->watch[0]));

    if (!own)
        return -ENOMEM;
    own->descriptors = backend->descriptors;
    own->loop = ev_loop_new(EVBACKEND_EPOLL);
    if (!own->loop) {
        free(own);
        return -ENOSYS;
    }
    ev_timer_init(&own->timer, expired, 0, 0);
    own->timer.data = own;
    backend->own = own;
    backend->fd = -1;
    return 0;
}

static void forget(struct ev_own *own, int fd)
{
    if (own->watch[fd].started)
        ev_io_stop(own->loop, &own->watch[fd].io);
    own->watch[fd].started = false;
}

static void close_libev(struct loop_backend *backend)
{
    struct ev_own *own = backend->own;

    for (uint32_t fd = 0; fd < own->descriptors; fd++)
        forget(own, (int)fd);
    ev_loop_destroy(own->loop);
    free(own);
}

/* libev stops a watcher of what is not open, and tells it EV_ERROR. */
static void polled(struct ev_loop *loop, ev_io *io, int events)
{
    struct watch *watch = (struct watch *)(void *)io;
    uint32_t bits = (events & EV_READ ? LOOP_IN : 0u) | (events & EV_WRITE ? LOOP_OUT : 0u);

    (void)loop;
    if (events & EV_ERROR) {
        watch->started = false;
        bits = LOOP_GONE;
    }
    loop_report(&watch->own->now, bits, io->fd, watch->tag);
}

static int change_libev(struct loop_backend *backend, const struct loop_change *change)
{
    struct ev_own *own = backend->own;
    struct watch *watch = &own->watch[change->fd];

    forget(own, change->fd);
    if (change->op == LOOP_DEL)
        return 0;
    if (fcntl(change->fd, F_GETFD) < 0)
        return -EBADF; /* libev would say so with the next wait */
    ev_io_init(&watch->io, polled, change->fd,
               (change->events & (LOOP_IN | LOOP_PRI | LOOP_RDHUP) ? EV_READ : 0) |
                   (change->events & LOOP_OUT ? EV_WRITE : 0));
    watch->own = own;
    watch->tag = change->tag;
    watch->started = true;
    ev_io_start(own->loop, &watch->io);
    return 0;
}

static int wait_libev(struct loop_backend *backend, int64_t timeout_ns,
                      struct loop_result *results)
{
    struct ev_own *own = backend->own;

    own->now = (struct loop_reports){.results = results};
    if (timeout_ns == 0) {
        ev_run(own->loop, EVRUN_NOWAIT);
        return own->now.count;
    }
    ev_now_update(own->loop);
    ev_timer_set(&own->timer, timeout_ns < 0 ? (double)FOR_EVER_S : (double)timeout_ns * 1e-9,
                 0);
    ev_timer_start(own->loop, &own->timer);
    while (!own->now.count && !own->now.expired)
        ev_run(own->loop, EVRUN_ONCE);
    ev_timer_stop(own->loop, &own->timer);
    return own->now.count;
}

const struct loop_backend_ops loop_adapter_libev = {
    .name = "libev",
    .open = open_libev,
    .close = close_libev,
    .change = change_libev,
    .wait = wait_libev,
};
