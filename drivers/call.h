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
    X(READ,         "read")          /* fd, count                                    */ \
    X(WRITE,        "write")         /* fd, n, value x n (eventfd: n = 1, the addend) */ \
    X(FILL,         "fill")          /* fd, count                                    */ \
    X(LSEEK,        "lseek")         /* fd, offset, whence                           */ \
    X(FCNTL,        "fcntl")         /* fd, command, argument                        */ \
    X(PIPE,         "pipe")          /* flags; both ends in drv_result.out           */ \
    X(SOCKETPAIR,   "socketpair")    /* type; out                                    */ \
    X(SHUTDOWN,     "shutdown")      \
    X(EVENTFD,      "eventfd")       /* initial, flags                               */ \
    X(TIMERFD_CREATE, "timerfd_create") \
    X(TIMERFD_SETTIME, "timerfd_settime") \
    X(SIGNALFD,     "signalfd")      \
    X(KILL,         "kill")          \
    X(SIGPROCMASK,  "sigprocmask")   \
    X(PIDFD_OPEN,   "pidfd_open")    \
    X(MKFIFO,       "mkfifo")        \
    X(OPENPTY,      "openpty")       \
    X(LISTEN,       "listen")        \
    X(ACCEPT,       "accept")        \
    X(CONNECT,      "connect")       \
    X(SENDFD,       "sendfd")        \
    X(RECVFD,       "recvfd")        \
    X(GETSOCKOPT,   "getsockopt")    \
    X(SETSOCKOPT,   "setsockopt")    \
    X(SETRLIMIT,    "setrlimit")     \
    X(FORK,         "fork")          \
    X(EXEC,         "exec")          \
    X(EXIT,         "exit")          /* status                                       */ \
    X(WAIT,         "wait")          \
    X(SCHED_YIELD,  "sched_yield")   /* -                                            */ \
    X(NANOSLEEP,    "nanosleep")     /* ns                                           */ \
    X(POLL,         "poll")          /* n, {fd, events} x n, timeout ms-as-ns or -1  */ \
    X(SELECT,       "select")        /* nr, fd x nr, nw, fd x nw, timeout            */ \
    X(EPOLL_CREATE, "epoll_create")  /* flags                                        */ \
    X(EPOLL_CTL,    "epoll_ctl")     /* epfd, op, fd, events, data                   */ \
    X(EPOLL_WAIT,   "epoll_wait")    /* epfd, max, timeout ns or -1                  */ \
    X(AIO_READ,     "aio_read")      \
    X(AIO_WRITE,    "aio_write")     \
    X(AIO_ERROR,    "aio_error")     \
    X(AIO_RETURN,   "aio_return")    \
    X(AIO_SUSPEND,  "aio_suspend")   \
    X(AIO_CANCEL,   "aio_cancel")    \
    X(LIO_LISTIO,   "lio_listio")    \
    X(IO_SETUP,     "io_setup")      \
    X(IO_SUBMIT,    "io_submit")     \
    X(IO_GETEVENTS, "io_getevents")  \
    X(IO_CANCEL,    "io_cancel")     \
    X(IO_DESTROY,   "io_destroy")    \
    X(IO_URING_SETUP, "io_uring_setup") \
    X(IO_URING_ENTER, "io_uring_enter") \
    X(ASYNC_SEND,   "async_send")    \
    X(SETTLE,       "settle")        /* -                                            */

/* clang-format on */

enum drv_nr {

#define DRV_CALL_ENUM(nr, name) DRV_NR_##nr,
    DRV_CALLS(DRV_CALL_ENUM)
#undef DRV_CALL_ENUM
        DRV_NR_COUNT
};

/* One reported event, as struct epoll_event: what foreach walks. */
struct drv_event {
    int64_t data; /* epoll: the entry's data; poll, select: the descriptor */
    uint32_t events;
    uint32_t zero; /* padding, kept zero */
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
    int64_t out[2]; /* pipe, socketpair: the two descriptors */
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
