/*
 * loop/coro.h - coroutines: calls that look blocking and park their caller on the loop.
 *
 *     static int serve(struct loop_coro *self, void *arg)
 *     {
 *         int fd = *(int *)arg;
 *         char bytes[512];
 *         ssize_t n;
 *
 *         while ((n = loop_coro_read(self, fd, bytes, sizeof(bytes))) > 0)
 *             loop_coro_write(self, fd, bytes, (size_t)n);
 *         return (int)n;
 *     }
 *
 * A coroutine runs until it parks; nobody interrupts it, so what it shares with others needs no
 * lock.  One whose calls never have to wait gives way by itself after 64 of them.
 *
 * Every call that can park returns a negative errno when it must: -ETIMEDOUT after
 * loop_coro_limit(), -ECANCELED once after loop_coro_cancel(), -EBADF if another coroutine
 * closed the descriptor.  At most one coroutine reads a descriptor and one writes it (-EBUSY).
 *
 * Calling context: `self` is the coroutine that runs.  One thread, the loop's.
 */
#ifndef LOOP_CORO_H
#define LOOP_CORO_H

#include <stdio.h>
#include <sys/socket.h>

#include "loop/context.h"
#include "loop/loop.h"

struct loop_coro;

typedef int loop_coro_function(struct loop_coro *self, void *arg);

enum { LOOP_CORO_STACK = 64 * 1024, LOOP_CORO_GIVES_WAY = 64 };

/* A descriptor as coroutines see it; at its number. */
struct loop_coro_fd {
    struct loop_coro *reader, *writer;
    loop_id source;
    uint16_t armed;   /* events the source waits for */
    uint16_t drained; /* events known to be over: no use in trying before they come again */
};

struct loop_coros {
    struct loop *loop;
    struct loop_coro *all;                /* not yet waited for, newest first */
    struct loop_coro *ready, **ready_end; /* to be run at the end of the turn */
    struct loop_coro_fd *fds;
    struct loop_context outside; /* where the loop goes on when a coroutine parks */
    void *stacks;                /* spare ones, chained through their last word */
    size_t stack_bytes;
    loop_id hook;
    unsigned running; /* started and not ended */
    unsigned hopeful; /* parked in what more than another coroutine can end */
    unsigned armed;   /* descriptors whose source waits for something */
};

/* Coroutines on @loop.  @stack_bytes: of each, 0: LOOP_CORO_STACK.  -ENOMEM. */
int loop_coros_open(struct loop_coros *set, struct loop *loop, size_t stack_bytes);

/* Cancels those that run, lets them end, and gives back what was taken. */
void loop_coros_close(struct loop_coros *set);

/*
 * Runs the loop until all coroutines have ended (0).  -EDEADLK: some wait for one another and
 * nothing else can happen; loop_coros_report() says who.
 */
int loop_coros_run(struct loop_coros *set);

/* A line per coroutine that waits: for what, and how it is named.  Returns how many. */
unsigned loop_coros_report(const struct loop_coros *set, FILE *out);

/*
 * A coroutine that begins at the end of this turn.  @name must live as long as it does.  It is
 * kept until it has been waited for, or let go by loop_coro_detach().  0: no memory.
 */
struct loop_coro *loop_coro_start(struct loop_coros *set, const char *name,
                                  loop_coro_function *function, void *arg);
void loop_coro_detach(struct loop_coro *coro);

/* Waits until @other has ended; its result.  -EDEADLK: for itself; -EBUSY: somebody does. */
int loop_coro_wait(struct loop_coro *self, struct loop_coro *other);

/* Waits until a child of this process has ended, and reaps it.  -ECHILD: no such child. */
int loop_coro_wait_child(struct loop_coro *self, pid_t child, int *ret_status);

/* The call that @coro is parked in, or else its next one, returns -ECANCELED. */
void loop_coro_cancel(struct loop_coro *coro);

/* From now on no call parks longer than @ns; negative: no limit. */
void loop_coro_limit(struct loop_coro *self, int64_t ns);

int loop_coro_sleep(struct loop_coro *self, uint64_t ns);
/* Lets the others go first. */
int loop_coro_yield(struct loop_coro *self);

/* As the system calls; the descriptor is made non-blocking.  write() writes all it is given. */
ssize_t loop_coro_read(struct loop_coro *self, int fd, void *bytes, size_t size);
ssize_t loop_coro_write(struct loop_coro *self, int fd, const void *bytes, size_t size);
int loop_coro_accept(struct loop_coro *self, int listener);
int loop_coro_connect(struct loop_coro *self, int fd, const struct sockaddr *address,
                      socklen_t length);

/* Closes a descriptor that coroutines used; who is parked on it gets -EBADF. */
void loop_coro_close(struct loop_coro *self, int fd);

/* The set a coroutine belongs to. */
struct loop_coros *loop_coro_set(struct loop_coro *self);

#endif
