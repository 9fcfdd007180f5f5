/* loop/adapter_libuv.c - libuv's poll handles and timer as a back end, see adapter.h. */
#define _GNU_SOURCE
#include "loop/adapter.h"

#include <errno.h>
#include <stdlib.h>
#include <uv.h>

enum { NS_PER_MS = 1000000 };

#define FOR_EVER (UINT64_C(1) << 40) /* milliseconds */

struct watch {
    uv_poll_t handle; /* first: libuv frees it through this */
    struct uv_own *own;
    int fd;
    uint32_t tag;
};

struct uv_own {
    uv_loop_t loop;
    uv_timer_t timer;
    struct loop_reports now;
    uint32_t descriptors;
    struct watch *watch[]; /* by descriptor, 0: not watched */
};

static int open_libuv(struct loop_backend *backend)
{
    struct uv_own *own = calloc(1, sizeof(*own) + backend->descriptors * sizeof(own->watch[0]));
    int error;

    if (!own)
        return -ENOMEM;
    own->descriptors = backend->descriptors;
    error = uv_loop_init(&own->loop);
    if (error) {
        free(own);
        return error;
    }
    uv_timer_init(&own->loop, &own->timer);
    own->timer.data = own;
    backend->own = own;
    backend->fd = uv_backend_fd(&own->loop);
    return 0;
}

static void freed(uv_handle_t *handle)
{
    free(handle);
}

static void forget(struct uv_own *own, int fd)
{
    struct watch *watch = own->watch[fd];

    if (!watch)
        return;
    own->watch[fd] = 0;
    uv_poll_stop(&watch->handle);
    uv_close((uv_handle_t *)&watch->handle, freed);
}

static void close_libuv(struct loop_backend *backend)
{
    struct uv_own *own = backend->own;

    for (uint32_t fd = 0; fd < own->descriptors; fd++)
        forget(own, (int)fd);
    uv_close((uv_handle_t *)&own->timer, NULL);
    uv_run(&own->loop, UV_RUN_DEFAULT);
    uv_loop_close(&own->loop);
    free(own);
}

/* libuv stops a handle whose file is in error, or is not open, and gives its error. */
static void polled(uv_poll_t *handle, int status, int events)
{
    const struct watch *watch = (const struct watch *)(const void *)handle;
    uint32_t bits =
        (events & UV_READABLE ? LOOP_IN : 0u) | (events & UV_WRITABLE ? LOOP_OUT : 0u) |
        (events & UV_PRIORITIZED ? LOOP_PRI : 0u) | (events & UV_DISCONNECT ? LOOP_RDHUP : 0u);

    if (status < 0)
        bits = LOOP_ERR | LOOP_DISARMED;
    loop_report(&watch->own->now, bits, watch->fd, watch->tag);
}

static int flags_of(uint32_t events)
{
    return (events & LOOP_IN ? UV_READABLE : 0) | (events & LOOP_OUT ? UV_WRITABLE : 0) |
           (events & LOOP_PRI ? UV_PRIORITIZED : 0) | (events & LOOP_RDHUP ? UV_DISCONNECT : 0);
}

static int add(struct uv_own *own, const struct loop_change *change)
{
    struct watch *watch = calloc(1, sizeof(*watch));
    int error;

    if (!watch)
        return -ENOMEM;
    error = uv_poll_init(&own->loop, &watch->handle, change->fd);
    if (error) {
        free(watch);
        return error; /* libuv's are negative errno, too */
    }
    watch->own = own;
    watch->fd = change->fd;
    own->watch[change->fd] = watch;
    return 0;
}

static int change_libuv(struct loop_backend *backend, const struct loop_change *change)
{
    struct uv_own *own = backend->own;
    int error;

    if (change->op == LOOP_DEL) {
        forget(own, change->fd);
        return 0;
    }
    /* a number that came back is another file's: a handle of it is a new one */
    if (change->op == LOOP_ADD)
        forget(own, change->fd);
    if (!own->watch[change->fd]) {
        error = add(own, change);
        if (error)
            return error;
    }
    own->watch[change->fd]->tag = change->tag;
    return uv_poll_start(&own->watch[change->fd]->handle, flags_of(change->events), polled);
}

static void expired(uv_timer_t *timer)
{
    ((struct uv_own *)timer->data)->now.expired = true;
}

static int wait_libuv(struct loop_backend *backend, int64_t timeout_ns,
                      struct loop_result *results)
{
    struct uv_own *own = backend->own;
    uint64_t ms =
        timeout_ns < 0 ? FOR_EVER : ((uint64_t)timeout_ns + NS_PER_MS - 1) / NS_PER_MS;

    own->now = (struct loop_reports){.results = results};
    if (timeout_ns == 0) {
        uv_run(&own->loop, UV_RUN_NOWAIT);
        return own->now.count;
    }
    uv_update_time(&own->loop);
    uv_timer_start(&own->timer, expired, ms, 0);
    while (!own->now.count && !own->now.expired)
        uv_run(&own->loop, UV_RUN_ONCE);
    uv_timer_stop(&own->timer);
    return own->now.count;
}

const struct loop_backend_ops loop_adapter_libuv = {
    .name = "libuv",
    .open = open_libuv,
    .close = close_libuv,
    .change = change_libuv,
    .wait = wait_libuv,
};
