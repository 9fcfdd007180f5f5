/*
 * loop/backend.h - how a loop asks the kernel: one table per back end, all in one binary.
 *
 * A back end keeps what the kernel wants to be told again (bitmaps, arrays, rings); whom a
 * report concerns is the core's business.  Errors are negative errno.
 */
#ifndef LOOP_BACKEND_H
#define LOOP_BACKEND_H

#include <stddef.h>

#include "loop/core.h"

enum { LOOP_RESULTS_MAX = 1024 }; /* of one wait; more come with the next */

struct loop_backend {
    const struct loop_backend_ops *ops;
    void *own;            /* the back end's record */
    int fd;               /* its descriptor, -1 none */
    uint32_t descriptors; /* numbers below this can be watched */
};

struct loop_backend_ops {
    const char *name;
    bool edge; /* reports once per wake of the file, not as long as it is ready */
    /* -ENOSYS, -EPERM: not on this kernel. */
    int (*open)(struct loop_backend *backend);
    void (*close)(struct loop_backend *backend);
    /* -EPERM: not a file that can be watched (epoll), -EBADF: not open (epoll). */
    int (*change)(struct loop_backend *backend, const struct loop_change *change);
    /* At most LOOP_RESULTS_MAX; -EINTR is 0 results.  @timeout_ns as loop_prepare() says. */
    int (*wait)(struct loop_backend *backend, int64_t timeout_ns, struct loop_result *results);
    /* Begins with nothing watched; 0: never needed.  See loop.c, forget_zombies(). */
    int (*renew)(struct loop_backend *backend);
};

extern const struct loop_backend_ops loop_backend_select, loop_backend_poll, loop_backend_epoll,
    loop_backend_epoll_et, loop_backend_epoll_oneshot, loop_backend_io_uring;

/* All of them, ending with 0. */
extern const struct loop_backend_ops *const loop_backends[];

/* The back end of that name, 0 if there is none. */
const struct loop_backend_ops *loop_backend_find(const char *name);

#endif
