/*
 * loop/backend_poll.c - poll(2): what is watched lies in one dense array.
 *
 * A closed descriptor is reported as POLLNVAL, at once and for ever: its sources are told once.
 * When more are ready than a wait can return, the next scan starts behind the last one
 * reported, for poll() itself always starts at the first.
 */
#define _GNU_SOURCE
#include "loop/backend.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

enum { NS_PER_S = 1000000000 };

struct poll_own {
    struct pollfd *set;
    uint16_t *tags;  /* by place in the set */
    uint32_t *place; /* by descriptor: 1 + place in the set, 0 not there */
    uint32_t count, from;
};

static void close_poll(struct loop_backend *backend)
{
    struct poll_own *own = backend->own;

    free(own->set);
    free(own->tags);
    free(own->place);
    free(own);
}

static int open_poll(struct loop_backend *backend)
{
    struct poll_own *own = calloc(1, sizeof(*own));

    if (!own)
        return -ENOMEM;
    backend->own = own;
    own->set = calloc(backend->descriptors, sizeof(*own->set));
    own->tags = calloc(backend->descriptors, sizeof(*own->tags));
    own->place = calloc(backend->descriptors, sizeof(*own->place));
    if (!own->set || !own->tags || !own->place) {
        close_poll(backend);
        return -ENOMEM;
    }
    return 0;
}

static void forget(struct poll_own *own, int fd)
{
    uint32_t at = own->place[fd] - 1, last = --own->count;

    own->set[at] = own->set[last];
    own->tags[at] = own->tags[last];
    own->place[own->set[at].fd] = at + 1;
    own->place[fd] = 0;
}

static int change(struct loop_backend *backend, const struct loop_change *change)
{
    struct poll_own *own = backend->own;
    uint32_t at = own->place[change->fd];

    if (change->op == LOOP_DEL) {
        if (at)
            forget(own, change->fd);
        return 0;
    }
    if (at == 0) {
        at = ++own->count;
        own->place[change->fd] = at;
    }
    own->set[at - 1] = (struct pollfd){.fd = change->fd, .events = (short)change->events};
    own->tags[at - 1] = change->tag;
    return 0;
}

/* A place at or behind own->from, round about. */
static uint32_t place_of(const struct poll_own *own, uint32_t step)
{
    uint32_t at = own->from + step;

    return at < own->count ? at : at - own->count;
}

static int wait_poll(struct loop_backend *backend, int64_t timeout_ns,
                     struct loop_result *results)
{
    struct poll_own *own = backend->own;
    struct timespec timeout = {timeout_ns / NS_PER_S, timeout_ns % NS_PER_S};
    int left = ppoll(own->set, own->count, timeout_ns < 0 ? NULL : &timeout, NULL), n = 0;

    if (left < 0)
        return errno == EINTR ? 0 : -errno;
    if (own->from >= own->count)
        own->from = 0;
    for (uint32_t step = 0; step < own->count && left > 0; step++) {
        uint32_t at = place_of(own, step);
        const struct pollfd *entry = &own->set[at];

        if (entry->revents == 0)
            continue;
        if (n == LOOP_RESULTS_MAX) {
            own->from = at;
            break;
        }
        results[n++] = (struct loop_result){
            .fd = entry->fd,
            .events = (uint16_t)entry->revents,
            .tag = own->tags[at],
        };
        left--;
    }
    for (int i = 0; i < n; i++) {
        if (results[i].events & POLLNVAL)
            forget(own, results[i].fd);
    }
    return n;
}

const struct loop_backend_ops loop_backend_poll = {
    .name = "poll",
    .open = open_poll,
    .close = close_poll,
    .change = change,
    .wait = wait_poll,
};
