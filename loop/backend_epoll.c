/*
 * loop/backend_epoll.c - epoll(7), level, edge or one shot.
 *
 * The kernel knows a registration by descriptor and open file, and forgets it when the last
 * descriptor of the file is closed: then nothing is reported any more, and removing it fails
 * with -EBADF or -ENOENT, which is no error here.  If a duplicate lives on, what was registered
 * goes on reporting and cannot be removed; its reports bear an old tag (loop.c renews the
 * instance then).
 */
#define _GNU_SOURCE
#include "loop/backend.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { NS_PER_MS = 1000000, NS_PER_S = 1000000000, MS_MAX = 0x7fffffff };

struct epoll_own {
    uint32_t mode; /* EPOLLET, EPOLLONESHOT or 0 */
    bool coarse;   /* no epoll_pwait2: time-outs in milliseconds, rounded up */
#if !defined(__x86_64__)
    struct epoll_event events[LOOP_RESULTS_MAX]; /* with a gap that a result has not */
#endif
};

static int open_mode(struct loop_backend *backend, uint32_t mode)
{
    struct epoll_own *own = calloc(1, sizeof(*own));

    if (!own)
        return -ENOMEM;
    own->mode = mode;
    backend->fd = epoll_create1(EPOLL_CLOEXEC);
    if (backend->fd < 0) {
        free(own);
        return -errno;
    }
    backend->own = own;
    return 0;
}

static int open_level(struct loop_backend *backend)
{
    return open_mode(backend, 0);
}

static int open_edge(struct loop_backend *backend)
{
    return open_mode(backend, EPOLLET);
}

static int open_oneshot(struct loop_backend *backend)
{
    return open_mode(backend, EPOLLONESHOT);
}

static void close_epoll(struct loop_backend *backend)
{
    close(backend->fd);
    free(backend->own);
}

static int renew(struct loop_backend *backend)
{
    int fd = epoll_create1(EPOLL_CLOEXEC);

    if (fd < 0)
        return -errno;
    /* Whoever polls this loop's descriptor keeps its number. */
    if (dup3(fd, backend->fd, O_CLOEXEC) < 0) {
        int error = errno;

        close(fd);
        return -error;
    }
    close(fd);
    return 0;
}

static int change(struct loop_backend *backend, const struct loop_change *change)
{
    const struct epoll_own *own = backend->own;
    struct epoll_event event = {
        .events = change->events | own->mode,
        .data.u64 = (uint32_t)change->fd | (uint64_t)change->tag << 32,
    };
    int op = change->op;

    if (epoll_ctl(backend->fd, op, change->fd, &event) == 0)
        return 0;
    if (op == LOOP_DEL)
        return 0;
    /* The number is another file's meanwhile, or the same one's registered before. */
    if (errno == ENOENT && op == LOOP_MOD)
        op = LOOP_ADD;
    else if (errno == EEXIST && op == LOOP_ADD)
        op = LOOP_MOD;
    else
        return -errno;
    return epoll_ctl(backend->fd, op, change->fd, &event) == 0 ? 0 : -errno;
}

static int coarse_wait(struct loop_backend *backend, int64_t timeout_ns,
                       struct epoll_event *events)
{
    int64_t ms = timeout_ns < 0 ? -1 : (timeout_ns + NS_PER_MS - 1) / NS_PER_MS;

    return epoll_wait(backend->fd, events, LOOP_RESULTS_MAX, ms > MS_MAX ? MS_MAX : (int)ms);
}

/* Apart from the usual wait, which then needs no registers of its own. */
__attribute__((noinline)) static int fine_wait(struct loop_backend *backend, int64_t timeout_ns,
                                               struct epoll_event *events)
{
    struct epoll_own *own = backend->own;
    struct timespec timeout = {timeout_ns / NS_PER_S, timeout_ns % NS_PER_S};
    long n;

    if (own->coarse)
        return coarse_wait(backend, timeout_ns, events);
    n = syscall(SYS_epoll_pwait2, backend->fd, events, LOOP_RESULTS_MAX, &timeout, NULL, 0);
    if (n < 0 && errno == ENOSYS) {
        own->coarse = true;
        return coarse_wait(backend, timeout_ns, events);
    }
    return (int)n;
}

#if defined(__x86_64__)

_Static_assert(sizeof(struct epoll_event) == sizeof(struct loop_result), "one layout");
_Static_assert(offsetof(struct epoll_event, data) == offsetof(struct loop_result, fd), "");

static struct epoll_event *room_for(struct epoll_own *own, struct loop_result *results)
{
    (void)own;
    return (struct epoll_event *)(void *)results;
}

static int convert(const struct epoll_own *own, const struct loop_result *results, int n)
{
    (void)own;
    (void)results;
    return n;
}

#else

static struct epoll_event *room_for(struct epoll_own *own, struct loop_result *results)
{
    (void)results;
    return own->events;
}

static int convert(const struct epoll_own *own, struct loop_result *results, int n)
{
    for (int i = 0; i < n; i++) {
        uint64_t data = own->events[i].data.u64;

        results[i].events = own->events[i].events;
        results[i].fd = (int32_t)(uint32_t)data;
        results[i].tag = (uint32_t)(data >> 32);
    }
    return n;
}

#endif

static int wait_epoll(struct loop_backend *backend, int64_t timeout_ns,
                      struct loop_result *results)
{
    struct epoll_event *events = room_for(backend->own, results);
    int n;

    if (timeout_ns > 0)
        n = fine_wait(backend, timeout_ns, events);
    else
        n = epoll_wait(backend->fd, events, LOOP_RESULTS_MAX, timeout_ns < 0 ? -1 : 0);
    if (n >= 0)
        return convert(backend->own, results, n);
    return errno == EINTR ? 0 : -errno;
}

static int wait_oneshot(struct loop_backend *backend, int64_t timeout_ns,
                        struct loop_result *results)
{
    int n = wait_epoll(backend, timeout_ns, results);

    for (int i = 0; i < n; i++)
        results[i].events |= LOOP_DISARMED;
    return n;
}

const struct loop_backend_ops loop_backend_epoll = {
    .name = "epoll",
    .open = open_level,
    .close = close_epoll,
    .change = change,
    .wait = wait_epoll,
    .renew = renew,
};

const struct loop_backend_ops loop_backend_epoll_et = {
    .name = "epoll-et",
    .edge = true,
    .open = open_edge,
    .close = close_epoll,
    .change = change,
    .wait = wait_epoll,
    .renew = renew,
};

const struct loop_backend_ops loop_backend_epoll_oneshot = {
    .name = "epoll-oneshot",
    .open = open_oneshot,
    .close = close_epoll,
    .change = change,
    .wait = wait_oneshot,
    .renew = renew,
};
