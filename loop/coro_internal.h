/* loop/coro_internal.h - a coroutine's record: what the files of coroutines share. */
#ifndef LOOP_CORO_INTERNAL_H
#define LOOP_CORO_INTERNAL_H

#include "loop/coro.h"

enum coro_waits {
    WAITS_FOR_NOTHING, /* it runs */
    WAITS_FOR_TURN,    /* it is ready */
    WAITS_FOR_TIME,
    WAITS_FOR_INPUT,
    WAITS_FOR_OUTPUT,
    WAITS_FOR_CORO,
    WAITS_FOR_CHILD,
};

struct loop_coro {
    struct loop_context context;
    struct loop_coros *set;
    struct loop_coro *next, *next_ready;
    struct loop_coro *waiter; /* who waits for its end */
    struct loop_coro *other;  /* whose end it waits for */
    const char *name;
    loop_coro_function *function;
    void *arg;
    char *stack; /* 0 once it has ended */
    int64_t limit_ns;
    int fd; /* it waits for, else -1 */
    int result, woken_with;
    loop_id timer, child;
    int child_status;
    unsigned gives_way; /* calls left before it gives way */
    uint8_t waits_for;  /* enum coro_waits */
    bool canceled, ended, detached;
};

/* ---- coro.c ---- */
/* Parks the running coroutine; what it is woken with. */
int loop_coro_park(struct loop_coro *self, enum coro_waits waits_for, int64_t limit_ns);
/* Ends what it is parked in: it runs at the end of the turn. */
void loop_coro_wake(struct loop_coro *coro, int result);
void loop_coro_ready(struct loop_coro *coro, int result);
/* Runs it from the loop's stack until it parks. */
void loop_coro_resume(struct loop_coro *coro);
/* After a call that did not have to wait: every so often the others go first. */
int loop_coro_give_way(struct loop_coro *self);

/* ---- coro_io.c ---- */
void loop_coro_forget_fd(struct loop_coro *coro);
void loop_coro_forget_fds(struct loop_coros *set);

#endif
