/*
 * loop/loop.h - an event loop for Linux: descriptors, timers, signals, children, other threads.
 *
 *     struct loop loop;
 *     loop_open(&loop, &(struct loop_options){.backend = "epoll"});
 *     loop_add_io(&loop, fd, LOOP_IN, readable, 0);
 *     loop_run(&loop);
 *     loop_close(&loop);
 *
 * A callback takes all that is there (to -EAGAIN or a short count), or says loop_again(); one
 * that asks loop_take() before each read can starve nobody.  That contract holds on every back
 * end; those that report levels forgive one who breaks it.
 *
 * Inside another loop: wait for loop_descriptor() to be readable, no longer than loop_timeout()
 * says, then make one loop_turn() that does not wait.  One step at a time: loop_wait() and
 * loop_next(&loop.core, ...) are the same turn as an iterator.
 *
 * Calling context: one thread, but for loop_wake().  Errors are negative errno.  A process that
 * forks leaves its loops to the parent.
 */
#ifndef LOOP_LOOP_H
#define LOOP_LOOP_H

#include <stdatomic.h>
#include <sys/types.h>

#include "loop/backend.h"
#include "loop/core.h"

struct loop;

/* @ready->value: the descriptor; the signal; the status of a child, as wait(2) gives it. */
typedef void loop_callback(struct loop *loop, const struct loop_ready *ready, void *arg);

enum { LOOP_SIGNALS = 65 };

struct loop_options {
    const char *backend; /* select poll epoll epoll-et epoll-oneshot io_uring; 0: epoll */
    const struct loop_backend_ops
        *ops;         /* one that has no name here: an adapter's; 0: by name */
    uint32_t sources; /* to begin with, 64 if 0; more are made room for as they come */
    uint64_t (*clock)(void *arg); /* nanoseconds; 0: CLOCK_MONOTONIC */
    void *clock_arg;
};

/* What other threads hold of a wake source: the caller's, as long as the source is there. */
struct loop_waker {
    struct loop *loop;
    struct loop_waker *next;
    loop_id id;
    atomic_bool sent;
};

struct loop_call {
    loop_callback *function; /* 0: whoever steps the loop looks at the id */
    void *arg;
};

struct loop {
    struct loop_core core;
    struct loop_backend backend;
    struct loop_call *calls;     /* by index, beside the core's slots */
    struct loop_result *results; /* of the last wait */
    uint64_t (*clock)(void *arg);
    void *clock_arg;
    struct loop_waker *wakers;
    int bell;   /* eventfd that ends the wait from elsewhere, -1 not needed yet */
    int spare;  /* descriptor to give up when accept() finds none free */
    bool fresh; /* the core's time was read in this turn */
    bool stopped;
    atomic_bool rung;
    atomic_uint signals[LOOP_SIGNALS]; /* came and not yet told */
};

/*
 * -ENOENT: no such back end; -ENOSYS, -EPERM: this kernel has or allows it not; -ENOMEM,
 * -EMFILE.  Descriptors up to RLIMIT_NOFILE, as it is now, can be watched.
 */
int loop_open(struct loop *loop, const struct loop_options *options);

/* Gives back what the loop took; descriptors that were watched stay open. */
void loop_close(struct loop *loop);

/*
 * Watches @fd for @events (LOOP_IN, LOOP_OUT, LOOP_PRI, LOOP_RDHUP; error and hang-up come
 * unasked).  Remove the source before closing @fd.  If it is closed while watched: select, poll
 * and io_uring's next arming tell it as LOOP_GONE, once; epoll's kernel side forgets it
 * silently. -EBADF, -EMFILE; -EPERM: a file that is always ready (epoll).
 */
loop_id loop_add_io(struct loop *loop, int fd, unsigned events, loop_callback *function,
                    void *arg);

/* Other events; 0 pauses.  Told to the kernel before the next wait, several changes as one. */
int loop_set_events(struct loop *loop, loop_id id, unsigned events);

/* Due in @delay_ns, then every @repeat_ns; 0: once, and the source is removed when told. */
loop_id loop_add_timer(struct loop *loop, uint64_t delay_ns, uint64_t repeat_ns,
                       loop_callback *function, void *arg);
int loop_set_timer(struct loop *loop, loop_id id, uint64_t delay_ns, uint64_t repeat_ns);

/*
 * A signal; any number that come between two turns are told as one.  Several sources may share
 * it, all of one loop.  -EBUSY: another loop has it, -EINVAL: not one that can be caught.
 */
loop_id loop_add_signal(struct loop *loop, int signal, loop_callback *function, void *arg);

/*
 * The end of a child of this process: told once with its status, reaped, and removed.
 * -ECHILD: no such child.
 */
loop_id loop_add_child(struct loop *loop, pid_t child, loop_callback *function, void *arg);

/* Something that loop_wake() makes ready. */
loop_id loop_add_wake(struct loop *loop, struct loop_waker *waker, loop_callback *function,
                      void *arg);

/*
 * Makes a wake source ready, from any thread or signal handler; any number before it is told
 * are one.  The source must not be removed meanwhile.
 */
void loop_wake(struct loop_waker *waker);

/* LOOP_IDLE, LOOP_PREPARE or LOOP_CHECK; the last two do not keep loop_run() going. */
loop_id loop_add_hook(struct loop *loop, enum loop_kind kind, loop_callback *function,
                      void *arg);

/* The source is no more; nothing further is told to it, not even what is due in this turn. */
int loop_remove(struct loop *loop, loop_id id);

/* Turns until loop_stop(), or until nothing is left to wait for.  0, or what a wait failed
 * with.
 */
int loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* One turn, at most @timeout_ns long (negative: no bound); returns how many were told. */
int loop_turn(struct loop *loop, int64_t timeout_ns);

/* The first half of a turn: tells the kernel, waits, feeds.  Then loop_next() until false. */
int loop_wait(struct loop *loop, int64_t timeout_ns);

/* Does the bookkeeping of a source that loop_next() gave, and calls its function. */
void loop_dispatch(struct loop *loop, struct loop_ready *ready);

/* The loop's time, in nanoseconds: when the last wait ended, read anew if it has to be. */
uint64_t loop_now(struct loop *loop);

/* Readable when the loop has something to do; -ENOTSUP: select and poll have no such thing. */
int loop_descriptor(struct loop *loop);
/* Nanoseconds until a turn is due whatever the descriptor says; negative: never. */
int64_t loop_timeout(struct loop *loop);

/*
 * accept(2), never blocking, close-on-exec.  When the process has no descriptor left, a waiting
 * connection is taken with one kept in reserve and closed: the peer hears of it, the listener
 * is not ready for ever.  -EMFILE says that this was done; -EAGAIN: none waits.
 */
int loop_accept(struct loop *loop, int listener);

#endif
