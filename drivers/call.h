/*
 * drivers/call.h - the system calls of the model kernel: numbers, argument layout, results.
 *
 * A call is stepped: drv_call_step() does one visible operation and says what comes next.  Its
 * arguments stay where the caller keeps them (the task's operand stack) until it is done.
 *
 * X(NR, "name", args)   args: what lies in drv_call.args, in order
 */
#ifndef DRIVERS_CALL_H
#define DRIVERS_CALL_H

#include <stdint.h>

/* clang-format off */
#define DRV_CALLS(X)                                                                   \
    X(OPEN,         "open")          /* file object id or -1, flags                  */ \
    X(CLOSE,        "close")         /* fd                                           */ \
    X(DUP,          "dup")           /* fd                                           */ \
    X(DUP2,         "dup2")          /* fd, newfd                                    */ \
    X(READ,         "read")          /* fd, count; one more is an offset, as in pread */ \
    X(WRITE,        "write")         /* fd, n, value x n (eventfd: n = 1, the addend), offset */ \
    X(FILL,         "fill")          /* fd, count, offset                            */ \
    X(LSEEK,        "lseek")         /* fd, offset, whence                           */ \
    X(FCNTL,        "fcntl")         /* fd, command, argument                        */ \
    X(PIPE,         "pipe")          /* flags; both ends in drv_result.out           */ \
    X(SOCKETPAIR,   "socketpair")    /* type; out                                    */ \
    X(SHUTDOWN,     "shutdown")      /* fd, how                                      */ \
    X(EVENTFD,      "eventfd")       /* initial, flags                               */ \
    X(TIMERFD_CREATE, "timerfd_create") /* flags                                     */ \
    X(TIMERFD_SETTIME, "timerfd_settime") /* fd, ns or 0, interval ns or 0           */ \
    X(SIGNALFD,     "signalfd")      /* fd or -1, signals (bit n - 1), flags         */ \
    X(KILL,         "kill")          /* pid, signal                                  */ \
    X(SIGPROCMASK,  "sigprocmask")   /* how, signals                                 */ \
    X(PIDFD_OPEN,   "pidfd_open")    /* pid, flags                                   */ \
    X(MKFIFO,       "mkfifo")        /* file object id                               */ \
    X(OPENPTY,      "openpty")       /* -; master and slave in drv_result.out        */ \
    X(LISTEN,       "listen")        /* file object id of the name, backlog or -1    */ \
    X(ACCEPT,       "accept")        /* fd, flags                                    */ \
    X(CONNECT,      "connect")       /* file object id, value (token), flags         */ \
    X(SENDFD,       "sendfd")        /* socket, fd                                   */ \
    X(RECVFD,       "recvfd")        /* socket                                       */ \
    X(GETSOCKOPT,   "getsockopt")    /* fd, option                                   */ \
    X(SETSOCKOPT,   "setsockopt")    /* fd, option, value                            */ \
    X(SETRLIMIT,    "setrlimit")     /* resource, limit                              */ \
    X(FORK,         "fork")          /* -; the child's task in drv_result.out[0]     */ \
    X(EXEC,         "exec")          /* -                                            */ \
    X(EXIT,         "exit")          /* status                                       */ \
    X(WAIT,         "wait")          /* pid or 0; status in drv_result.out[0]        */ \
    X(SCHED_YIELD,  "sched_yield")   /* -                                            */ \
    X(NANOSLEEP,    "nanosleep")     /* ns                                           */ \
    X(POLL,         "poll")          /* n, {fd, events} x n, timeout ms-as-ns or -1  */ \
    X(SELECT,       "select")        /* nr, fd x nr, nw, fd x nw, timeout            */ \
    X(EPOLL_CREATE, "epoll_create")  /* flags                                        */ \
    X(EPOLL_CTL,    "epoll_ctl")     /* epfd, op, fd, events, data                   */ \
    X(EPOLL_WAIT,   "epoll_wait")    /* epfd, max, timeout ns or -1                  */ \
    X(AIO_READ,     "aio_read")      /* fd, count, offset, signal: loop/aio.c, as far as lio_listio */ \
    X(AIO_WRITE,    "aio_write")     /* fd, n, value x n, offset, signal             */ \
    X(AIO_FSYNC,    "aio_fsync")     /* fd, O_SYNC or O_DSYNC, signal                */ \
    X(AIO_ERROR,    "aio_error")     /* handle                                       */ \
    X(AIO_RETURN,   "aio_return")    /* handle                                       */ \
    X(AIO_SUSPEND,  "aio_suspend")   /* n, handle x n, timeout ns or -1              */ \
    X(AIO_CANCEL,   "aio_cancel")    /* fd, handle or 0                              */ \
    X(LIO_LISTIO,   "lio_listio")    /* mode, n, {op, fd, count, offset} x n, signal */ \
    X(IO_SETUP,     "io_setup")      /* requests; the context is a number above 0    */ \
    X(IO_SUBMIT,    "io_submit")     /* ctx, n, {op, fd, count or events, offset, resfd} x n */ \
    X(IO_GETEVENTS, "io_getevents")  /* ctx, min, max, timeout ns or -1              */ \
    X(IO_CANCEL,    "io_cancel")     /* ctx, request                                 */ \
    X(IO_DESTROY,   "io_destroy")    /* ctx                                          */ \
    X(IO_URING_SETUP, "io_uring_setup") /* entries                                   */ \
    X(IO_URING_ENTER, "io_uring_enter") /* ring, n, {op, fd, count or events, offset or 1: multishot} x n, min */ \
    X(ASYNC_SEND,   "async_send")    \
    X(SETTLE,       "settle")        /* -                                            */ \
    X(AIO_HELP,     "aio_help")      /* -: where a helper thread of loop/aio.c stands */

/* clang-format on */

enum drv_nr {

#define DRV_CALL_ENUM(nr, name) DRV_NR_##nr,
    DRV_CALLS(DRV_CALL_ENUM)
#undef DRV_CALL_ENUM
        DRV_NR_COUNT
};

/* One reported event, as struct epoll_event: what foreach walks. */
enum drv_event_flag {
    DRV_EVENT_RESULT = 1, /* of an asynchronous request: `events` is its result, signed */
    DRV_EVENT_MORE = 2,   /* and more will follow (F_MORE) */
};

struct drv_event {
    int64_t data; /* epoll: the entry's data; poll, select: the descriptor; AIO: the request */
    uint32_t events;
    uint32_t flags; /* enum drv_event_flag */
};

/* A call under way.  The caller rebuilds it for every step from where the pieces are kept. */
struct drv_call {
    uint8_t nr; /* enum drv_nr */
    uint8_t argc;
    const int64_t *args;
    const uint8_t *tokens;    /* parallel to args: the token a value bears, 0 none */
    struct drv_event *events; /* where a wait puts what it reports; 0: nobody looks */
    uint16_t events_max;
    uint16_t *buf; /* where a read puts its bytes: token << 8 | byte; 0: nobody looks */
    uint16_t buf_max;
};

struct drv_result {
    int64_t value;  /* what the call returns: >= 0, or a negative errno */
    int64_t out[2]; /* pipe, socketpair, openpty: the two descriptors */
    uint8_t token;  /* a token the value bears (accept) */
};

enum drv_step {
    DRV_DONE,      /* finished: the result is valid */
    DRV_PARKED,    /* sleeps; step again once drv_task_ready(); a time-out may be armed */
    DRV_AGAIN,     /* did one visible operation; more follow */
    DRV_WAIT_LOCK, /* did nothing: another task holds the instance; not enabled until it lets go
                    */
};

#endif
