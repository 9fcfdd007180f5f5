/*
 * loop/aio.h - POSIX AIO as the C library does it: requests, helper threads, notification.
 *
 * Nothing of it is the kernel's: a request waits in a list of the process until one of its
 * helper threads does it with a plain read or write.  Helpers are the last tasks of the kernel
 * (config->helpers), each in the process whose requests it does; they sleep until there is
 * work.  All state lies in the arena.
 *
 * Source: aio(7); glibc 2.36, sysdeps/pthread/aio_misc.c, aio_cancel.c, aio_suspend.c,
 * lio_listio.c.
 *
 * Calling context: a task's step.
 */
#ifndef LOOP_AIO_H
#define LOOP_AIO_H

#include "drivers/state.h"

enum { LOOP_AIO_BYTES_MAX = 120 }; /* of one aio_write(): they fit a call's arguments */

struct loop_aio_config {
    uint8_t requests; /* that can be under way or unasked for, of all processes */
    uint8_t bytes;    /* most that one aio_write() of the scenario writes */
};

enum loop_aio_state {
    LOOP_AIO_FREE,
    LOOP_AIO_QUEUED,    /* behind another for the same descriptor */
    LOOP_AIO_RUNNABLE,  /* on the run list: the next free helper takes it */
    LOOP_AIO_ALLOCATED, /* a helper works on it: it cannot be cancelled any more */
    LOOP_AIO_DONE,      /* nobody has asked for its result yet */
};

struct loop_aio_request {
    uint64_t waiters; /* bit per task that sleeps in aio_suspend() until it is done */
    int32_t count, offset;
    int32_t result; /* bytes, or the negative error */
    int16_t fd;
    uint8_t state; /* enum loop_aio_state */
    uint8_t op;
    uint8_t process; /* 1 + whose it is, 0: free, and all of it is zero */
    uint8_t number;  /* its handle */
    uint8_t next;    /* 1 + request behind it for the same descriptor */
    uint8_t run;     /* 1 + request behind it on the run list */
    uint8_t helper;  /* 1 + task that works on it */
    uint8_t signal;  /* SIGEV_SIGNAL, 0: SIGEV_NONE */
    uint8_t list;    /* of which lio_listio(): 1 + task that waits, or a group's number */
    uint8_t list_signal;
    uint8_t index;  /* in that list */
    uint8_t orphan; /* 1: nobody has its handle */
    uint8_t zero[6];
};

struct loop_aio_helper {
    uint8_t state;
    uint8_t request; /* 1 + the one it works on */
};

struct loop_aio { /* a view; only loop_aio_bind() sets what points anywhere */
    const struct loop_aio_config *config;
    struct drv *drv;
    struct loop_aio_request *request;
    uint16_t *cell; /* what aio_write() writes: token << 8 | byte, config->bytes a request */
    struct loop_aio_helper *helper;
    uint8_t *run; /* per process: 1 + the first request of its run list */

    /* the call of the helper that was asked for last; no state */
    int64_t args[LOOP_AIO_BYTES_MAX + 3];
    uint8_t tokens[LOOP_AIO_BYTES_MAX + 3];
};

/* Bytes of its state, aligned to 8; then where they lie. */
uint32_t loop_aio_bytes(const struct loop_aio_config *config, const struct drv_config *drv);
void loop_aio_bind(struct loop_aio *aio, const struct loop_aio_config *config, struct drv *drv,
                   void *at);
/* No requests; helpers are asleep.  After drv_reset(). */
void loop_aio_reset(struct loop_aio *aio);

/* Is it a call of this file: aio_read ... lio_listio? */
bool loop_aio_is_call(unsigned nr);

/* One visible operation of such a call, as drv_call_step() does it of the kernel's. */
enum drv_step loop_aio_step(struct loop_aio *aio, drv_task_id task, const struct drv_call *call,
                            struct drv_result *ret_result);

/* Does @task help?  *ret_call, if it is in a read or write just now: that call. */
bool loop_aio_helps(struct loop_aio *aio, drv_task_id task, struct drv_call *ret_call,
                    bool *ret_in_call);

/* The helper's read or write has returned @value. */
void loop_aio_called(struct loop_aio *aio, drv_task_id helper, int64_t value);

/* A helper's step that is no read or write: takes a request, or reports one as done. */
void loop_aio_help(struct loop_aio *aio, drv_task_id helper);

/* The task ended in its sleep: nobody has to wake it. */
void loop_aio_task_gone(struct loop_aio *aio, drv_task_id task);

/* The process ended, or began anew with exec(): its requests and helpers are gone. */
void loop_aio_process_gone(struct loop_aio *aio, unsigned process);

#endif
