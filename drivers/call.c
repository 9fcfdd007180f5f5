/*
 * drivers/call.c - the course of a system call: its steps, its sleep, its end.  The blocks of
 * drivers that it needs on the way are call_block.c's.
 *
 * A call keeps what it needs to go on in the task's record (struct drv_task); its arguments
 * stay with the caller.  It holds the description of its first argument from its first step to
 * its last, so that a close by somebody else does not take the file from under it.
 *
 * Not modelled: handlers of signals in the language, and so EINTR but for epoll_wait in a
 * process that was stopped; calls that answer ENOSYS.
 */
#include "drivers/disk.h"
#include "drivers/process.h"

/* ---- what all calls share ---- */

/* Calls that hold the description of their first argument. */
static bool holds_first(unsigned nr)
{
    switch (nr) {
    case DRV_NR_READ:
    case DRV_NR_WRITE:
    case DRV_NR_FILL:
    case DRV_NR_EPOLL_CTL:
    case DRV_NR_EPOLL_WAIT:
    case DRV_NR_ACCEPT:
    case DRV_NR_IO_URING_ENTER:
    case DRV_NR_SENDFD:
    case DRV_NR_RECVFD:
        return true;
    default:
        return false;
    }
}

void drv_call_begin(struct drv *drv, drv_task_id task, const struct drv_call *call)
{
    struct drv_task *record = &drv->task[task];
    drv_ofd_id ofd;

    if (record->flags & DRV_TASK_BEGUN)
        return;
    record->flags |= DRV_TASK_BEGUN;
    sim_trace(drv->trace, SIM_EV_CALL, call->nr, (uint32_t)drv_arg(call, 0), 0);
    ofd = holds_first(call->nr) ? drv_fd_ofd(drv, task, drv_arg(call, 0)) : DRV_NONE;
    if (ofd == DRV_NONE)
        return;
    record->ofd = (uint8_t)(ofd + 1);
    drv_ofd_get(drv, ofd);
}

int drv_exhausted(struct drv *drv, unsigned nr, int error)
{
    sim_trace(drv->trace, SIM_EV_LIMIT, nr, (uint32_t)error, 0);
    return -error;
}

enum drv_step drv_call_park(struct drv *drv, drv_task_id task, const struct drv_call *call,
                            const struct drv_wait_entry *entry, enum drv_wait_place place,
                            int64_t timeout_ns)
{
    struct drv_task *record = &drv->task[task];

    if (entry)
        drv_wait_add(drv, *entry, place);
    drv->state[task] = DRV_ASLEEP;
    record->flags &= (uint16_t)~DRV_TASK_LOOKED;
    record->flags |= DRV_TASK_SLEPT;
    if (timeout_ns >= 0) {
        record->flags |= DRV_TASK_ARMED;
        drv->timeout_ns[task] = timeout_ns;
    }
    if ((call->nr == DRV_NR_ACCEPT || call->nr == DRV_NR_CONNECT || call->nr == DRV_NR_OPEN) &&
        !record->number[0])
        drv_fd_take(drv, task, 1);
    sim_trace(drv->trace, SIM_EV_BLOCK, call->nr, 0, 0);
    return DRV_PARKED;
}

/* How many numbers Linux had given a call when it found out that it fails with @error. */
static unsigned numbers_given(const struct drv_call *call, int64_t error)
{
    switch (call->nr) {
    case DRV_NR_SOCKETPAIR:
        return error == -DRV_ESOCKTNOSUPPORT ? 2 : 0;
    case DRV_NR_LISTEN:
        return error == -DRV_EADDRINUSE;
    case DRV_NR_OPEN:
    case DRV_NR_CONNECT:
        return error != -DRV_EMFILE && error != -DRV_ENFILE;
    case DRV_NR_ACCEPT:
        return error == -DRV_EAGAIN || error == -DRV_ENOTSOCK || error == -DRV_EOPNOTSUPP ||
               (error == -DRV_EINVAL &&
                !(drv_arg(call, 1) & ~(int64_t)(DRV_O_NONBLOCK | DRV_O_CLOEXEC)));
    default:
        return 0;
    }
}

/* It keeps them for a step before it gives them back: others may ask for numbers meanwhile. */
static __attribute__((noinline)) bool fails_late(struct drv *drv, drv_task_id task,
                                                 const struct drv_call *call, int64_t error)
{
    struct drv_task *record = &drv->task[task];

    if (record->flags & DRV_TASK_LEAVING || record->number[0])
        return false;
    drv_fd_take(drv, task, numbers_given(call, error));
    if (!record->number[0])
        return false;
    record->flags |= DRV_TASK_LEAVING;
    record->done = (uint32_t)error;
    return true;
}

enum drv_step drv_call_return(struct drv *drv, drv_task_id task, const struct drv_call *call,
                              struct drv_result *ret_result, int64_t value)
{
    struct drv_task *record = &drv->task[task];
    struct drv_task was = *record;

    if (value < 0 && drv->config->early_numbers && fails_late(drv, task, call, value))
        return DRV_AGAIN;
    sim_trace(drv->trace, was.flags & DRV_TASK_SLEPT ? SIM_EV_WOKEN : SIM_EV_RETURN, call->nr,
              (uint32_t)value, 0);
    ret_result->value = value;
    if (was.flags & DRV_TASK_QUEUED || drv->state[task] == DRV_TIMED)
        drv_wait_leave(drv, task);
    drv->state[task] = DRV_AWAKE;
    *record = (struct drv_task){.flags = was.flags & DRV_TASK_KILLED};
    drv->timeout_ns[task] = 0;
    drv_look_forget(drv, task);
    if (was.number[0])
        drv_fd_give_back(drv, task, &was);
    if (was.target)
        drv_ofd_put(drv, (drv_ofd_id)(was.target - 1));
    if (was.ofd)
        drv_ofd_put(drv, (drv_ofd_id)(was.ofd - 1));
    return DRV_DONE;
}

/* Is it the last to hold a description, so that its return closes a file? */
static bool holds_last(const struct drv *drv, drv_task_id task)
{
    const struct drv_task *record = &drv->task[task];

    return (record->ofd && drv->ofd[record->ofd - 1].refs == 1) ||
           (record->flags & DRV_TASK_QUEUED && drv_wait_holds_last(drv, task));
}

enum drv_step drv_call_leave_last(struct drv *drv, drv_task_id task,
                                  const struct drv_call *call, struct drv_result *ret_result,
                                  int64_t value)
{
    struct drv_task *record = &drv->task[task];

    if (value < 0 || value > INT32_MAX || !holds_last(drv, task))
        return drv_call_return(drv, task, call, ret_result, value);
    record->flags |= DRV_TASK_LEAVING;
    record->done = (uint32_t)value;
    return DRV_AGAIN;
}

void drv_call_report(struct drv *drv, const struct drv_call *call, uint32_t index, int64_t data,
                     uint32_t events, drv_file_id file, unsigned id)
{
    if (call->events && index < call->events_max)
        call->events[index] = (struct drv_event){.data = data, .events = events};
    sim_trace(drv->trace, SIM_EV_REPORT, file, (uint32_t)id << 16 | (events & 0xffff), 0);
}

void drv_got(struct drv *drv, const struct drv_io *io, uint32_t index, uint8_t byte,
             unsigned token)
{
    if (io->call->buf && index < io->call->buf_max)
        io->call->buf[index] = (uint16_t)(token << 8 | byte);
    sim_trace(drv->trace, SIM_EV_GOT, io->file, byte, token);
}

/* ---- read and write ---- */

/* A read that names no number of bytes takes what is natural for the file. */
static int64_t count_of(const struct drv_call *call, const struct drv_file_ops *ops)
{
    if (call->nr == DRV_NR_SENDFD || call->nr == DRV_NR_RECVFD)
        return 1;
    if (call->argc > 1)
        return drv_arg(call, 1);
    return ops->unit ? ops->unit : 8;
}

/* Where in a regular file: pread() and pwrite() say, read() and write() do not (-1). */
static int64_t offset_of(const struct drv_call *call)
{
    unsigned at = call->nr == DRV_NR_WRITE ? 2 + (unsigned)drv_arg(call, 1) : 2;

    return (call->nr == DRV_NR_READ || call->nr == DRV_NR_WRITE || call->nr == DRV_NR_FILL) &&
                   call->argc > at
               ? call->args[at]
               : -1;
}

/* sendfd(), recvfd(): one byte of a socket with a description on it.  0, or the error. */
static int64_t passing(struct drv *drv, struct drv_io *io)
{
    drv_ofd_id passed;

    if (io->call->nr != DRV_NR_SENDFD && io->call->nr != DRV_NR_RECVFD)
        return 0;
    if (!drv_is_socket(drv, io->file))
        return -DRV_ENOTSOCK;
    if (io->call->nr == DRV_NR_RECVFD)
        return 0;
    passed = drv_fd_ofd(drv, io->task, drv_arg(io->call, 1));
    io->passed = (uint8_t)(passed == DRV_NONE ? 0 : passed + 1);
    return passed == DRV_NONE ? -DRV_EBADF : 0;
}

/* The description that came becomes a descriptor: the byte is read even if that fails. */
static int64_t received(struct drv *drv, const struct drv_io *io)
{
    drv_ofd_id ofd = (drv_ofd_id)(io->passed - 1);
    int fd = drv_fd_free(drv, io->task, 0);

    if (!io->passed)
        return -DRV_ENOMSG;
    if (fd >= 0)
        drv_fd_install(drv, io->task, fd, ofd, false);
    drv_ofd_put(drv, ofd);
    return fd < 0 ? -DRV_EMFILE : fd;
}

static enum drv_step io_step(struct drv *drv, drv_task_id task, const struct drv_call *call,
                             struct drv_result *ret_result)
{
    const struct drv_task *record = &drv->task[task];
    struct drv_io io = {.task = task, .call = call};
    struct drv_wait_entry entry = {.who = task};
    const struct drv_file_ops *ops;
    uint64_t counter = 0; /* no read gives 0: it would sleep */
    int64_t value;

    if (!record->ofd)
        return drv_call_return(drv, task, call, ret_result, -DRV_EBADF);
    io.ofd = (drv_ofd_id)(record->ofd - 1);
    io.file = drv->ofd[io.ofd].file;
    io.counter = &counter;
    ops = drv_file_ops(drv, io.file);
    value = passing(drv, &io);
    if (value)
        return drv_call_return(drv, task, call, ret_result, value);
    if (drv_call_writes(call) ? !drv_ofd_writable(drv, io.ofd) : !drv_ofd_readable(drv, io.ofd))
        return drv_call_return(drv, task, call, ret_result, -DRV_EBADF);
    drv->state[task] = DRV_AWAKE;
    io.count = count_of(call, ops);
    io.offset = offset_of(call);
    io.sleep_flags = ops->sleep_flags;
    io.sleep_place = ops->sleep_place;
    io.queue = io.file;
    value = drv_call_writes(call) ? ops->write(drv, &io) : ops->read(drv, &io);
    if (call->nr == DRV_NR_RECVFD && value >= 0)
        value = received(drv, &io);
    if (counter)
        return drv_call_leave(drv, task, call, ret_result, (int64_t)counter);
    if (value != DRV_WOULD_SLEEP)
        return call->nr == DRV_NR_READ || call->nr == DRV_NR_WRITE || call->nr == DRV_NR_FILL
                   ? drv_call_leave(drv, task, call, ret_result, value)
                   : drv_call_return(drv, task, call, ret_result, value);
    /* a sleeper that finds nothing sleeps on, even if O_NONBLOCK was set meanwhile */
    if (!io.disk && drv_call_nonblock(drv, task, io.ofd))
        return drv_call_return(drv, task, call, ret_result, -DRV_EAGAIN);
    entry.file = io.queue;
    entry.flags = io.sleep_flags;
    entry.filter = io.sleep_keys;
    return drv_call_park(drv, task, call, &entry, (enum drv_wait_place)io.sleep_place, -1);
}

static enum drv_step nanosleep_step(struct drv *drv, drv_task_id task,
                                    const struct drv_call *call, struct drv_result *ret_result)
{
    int64_t ns = drv_arg(call, 0);

    if (ns <= 0 || drv->task[task].flags & DRV_TASK_EXPIRED)
        return drv_call_return(drv, task, call, ret_result, ns < 0 ? -DRV_EINVAL : 0);
    return drv_call_park(drv, task, call, 0, DRV_WAIT_HEAD, ns);
}

/* ---- the step ---- */

static enum drv_step step(struct drv *drv, drv_task_id task, const struct drv_call *call,
                          struct drv_result *ret_result)
{
    switch (call->nr) {
    case DRV_NR_READ:
    case DRV_NR_WRITE:
    case DRV_NR_FILL:
    case DRV_NR_SENDFD:
    case DRV_NR_RECVFD:
        return io_step(drv, task, call, ret_result);
    case DRV_NR_EPOLL_WAIT:
        return drv_epoll_wait_step(drv, task, call, ret_result);
    case DRV_NR_EPOLL_CTL:
        return drv_epoll_ctl_step(drv, task, call, ret_result);
    case DRV_NR_POLL:
    case DRV_NR_SELECT:
        return drv_poll_step(drv, task, call, ret_result);
    case DRV_NR_NANOSLEEP:
        return nanosleep_step(drv, task, call, ret_result);
    case DRV_NR_OPEN:
        if (drv_is_fifo(drv, drv_arg(call, 0)))
            return drv_fifo_open_step(drv, task, call, ret_result);
        return drv_fd_step(drv, task, call, ret_result);
    case DRV_NR_CLOSE:
    case DRV_NR_DUP:
    case DRV_NR_DUP2:
    case DRV_NR_LSEEK:
    case DRV_NR_FCNTL:
    case DRV_NR_PIPE:
    case DRV_NR_EVENTFD:
    case DRV_NR_TIMERFD_CREATE:
    case DRV_NR_SIGNALFD:
    case DRV_NR_PIDFD_OPEN:
    case DRV_NR_EPOLL_CREATE:
        return drv_fd_step(drv, task, call, ret_result);
    case DRV_NR_TIMERFD_SETTIME:
    case DRV_NR_KILL:
    case DRV_NR_SIGPROCMASK:
    case DRV_NR_SETRLIMIT:
    case DRV_NR_FORK:
    case DRV_NR_EXEC:
    case DRV_NR_MKFIFO:
    case DRV_NR_OPENPTY:
    case DRV_NR_IO_SETUP:
    case DRV_NR_IO_CANCEL:
    case DRV_NR_IO_DESTROY:
    case DRV_NR_IO_URING_SETUP:
    case DRV_NR_SOCKETPAIR:
    case DRV_NR_LISTEN:
    case DRV_NR_SHUTDOWN:
    case DRV_NR_GETSOCKOPT:
    case DRV_NR_SETSOCKOPT:
        return drv_other_step(drv, task, call, ret_result);
    case DRV_NR_CONNECT:
        return drv_connect_step(drv, task, call, ret_result);
    case DRV_NR_ACCEPT:
        return drv_accept_step(drv, task, call, ret_result);
    case DRV_NR_IO_SUBMIT:
        return drv_io_submit_step(drv, task, call, ret_result);
    case DRV_NR_IO_GETEVENTS:
        return drv_io_getevents_step(drv, task, call, ret_result);
    case DRV_NR_IO_URING_ENTER:
        return drv_uring_enter_step(drv, task, call, ret_result);
    case DRV_NR_WAIT:
        return drv_wait_step(drv, task, call, ret_result);
    case DRV_NR_SCHED_YIELD:
    case DRV_NR_SETTLE:
        return drv_call_return(drv, task, call, ret_result, 0);
    default:
        return drv_call_return(drv, task, call, ret_result, -DRV_ENOSYS);
    }
}

/*
 * It has its result and leaves; or a signal broke its sleep off: a transfer says how far it
 * came, all others EINTR.
 */
static enum drv_step give_up(struct drv *drv, drv_task_id task, const struct drv_call *call,
                             struct drv_result *ret_result)
{
    uint32_t done = drv->task[task].done;
    bool leaves = drv->task[task].flags & DRV_TASK_LEAVING;
    bool transfers =
        call->nr == DRV_NR_READ || drv_call_writes(call) || call->nr == DRV_NR_IO_SUBMIT;

    if (leaves)
        return drv_call_return(drv, task, call, ret_result, (int32_t)done);
    return drv_call_return(drv, task, call, ret_result,
                           transfers && done ? (int64_t)done : -DRV_EINTR);
}

enum drv_step drv_call_step(struct drv *drv, drv_task_id task, const struct drv_call *call,
                            struct drv_result *ret_result)
{
    enum drv_step next;

    if (drv_call_locked_out(drv, task, call))
        return DRV_WAIT_LOCK;
    drv_call_begin(drv, task, call);
    if (drv->task[task].flags & (DRV_TASK_LEAVING | DRV_TASK_INTERRUPTED))
        next = give_up(drv, task, call, ret_result);
    else
        next = step(drv, task, call, ret_result);
    drv_jobs_run(drv);
    return next;
}

bool drv_call_locked_out(const struct drv *drv, drv_task_id task, const struct drv_call *call)
{
    if (drv->config->tasks == 1 || drv->task[task].flags & DRV_TASK_LEAVING)
        return false;
    switch (call->nr) {
    case DRV_NR_EPOLL_WAIT:
        return drv_epoll_wait_locked_out(drv, task, call);
    case DRV_NR_EPOLL_CTL:
        return drv_epoll_ctl_locked_out(drv, task, call);
    case DRV_NR_POLL:
    case DRV_NR_SELECT:
        return drv_poll_locked_out(drv, task, call);
    default:
        return false;
    }
}

/* ---- tasks ---- */

int64_t drv_task_timeout_ns(const struct drv *drv, drv_task_id task)
{
    return drv->task[task].flags & DRV_TASK_ARMED ? drv->timeout_ns[task] : -1;
}

void drv_task_timeout(struct drv *drv, drv_task_id task)
{
    struct drv_task *record = &drv->task[task];

    if (drv->state[task] != DRV_ASLEEP)
        return;
    drv->state[task] = DRV_TIMED;
    record->flags |= DRV_TASK_EXPIRED;
    record->flags &= (uint16_t)~DRV_TASK_ARMED;
    if (drv->readied.n < sizeof(drv->readied.waiter))
        drv->readied.waiter[drv->readied.n++] = task;
}

void drv_task_rouse(struct drv *drv, drv_task_id task)
{
    if (drv->state[task] != DRV_ASLEEP)
        return;
    drv->state[task] = DRV_WOKEN;
    if (drv->readied.n < sizeof(drv->readied.waiter))
        drv->readied.waiter[drv->readied.n++] = task;
}

/* Ends the call that a task is in, whatever it is doing: gives back what it holds. */
static void abandon(struct drv *drv, drv_task_id task, uint16_t flags)
{
    struct drv_task was = drv->task[task];

    if (drv->state[task] != DRV_AWAKE)
        drv_wait_leave(drv, task);
    drv_disk_forget_task(drv, task);
    drv->task[task] = (struct drv_task){.flags = flags};
    drv->state[task] = DRV_AWAKE;
    drv->timeout_ns[task] = 0;
    drv_look_forget(drv, task);
    if (was.number[0])
        drv_fd_give_back(drv, task, &was);
    if (was.target)
        drv_ofd_put(drv, (drv_ofd_id)(was.target - 1));
    if (was.ofd)
        drv_ofd_put(drv, (drv_ofd_id)(was.ofd - 1));
}

void drv_helpers_rest(struct drv *drv, unsigned process)
{
    const struct drv_config *config = drv->config;

    for (unsigned t = config->tasks - config->helpers; t < config->tasks; t++)
        if (config->task_process[t] == process) {
            abandon(drv, (drv_task_id)t, 0);
            drv->state[t] = DRV_ASLEEP;
        }
}

void drv_task_exit(struct drv *drv, drv_task_id task)
{
    unsigned process = drv->config->task_process[task];

    abandon(drv, task, DRV_TASK_GONE);
    if (drv->blocked)
        drv->blocked[task] = 0;
    drv_uring_end(drv, task);
    for (unsigned t = 0; t < drv->config->tasks; t++)
        if (drv->config->task_process[t] == process && !drv_is_helper(drv, t) &&
            !(drv->task[t].flags & (DRV_TASK_GONE | DRV_TASK_UNBORN)))
            return;
    drv_helpers_rest(drv, process);
    for (int fd = DRV_FD_FIRST; fd < DRV_FD_FIRST + drv->config->fds; fd++)
        if (drv_fd_ofd(drv, task, fd) != DRV_NONE)
            drv_fd_close(drv, task, fd);
    drv_aio_end(drv, process);
    drv_process_end(drv, process);
    drv_jobs_run(drv);
}
