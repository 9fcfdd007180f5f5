/*
 * drivers/signal.c - signals: sending, blocking, what they do, signalfd, signal-driven I/O.
 *
 * There are no handlers: a signal that is not blocked does what it does by default.  It ends
 * the process, stops it, or is ignored.  A blocked one is pending until a signalfd reads it.
 *
 * wake   of a signalfd: any key, when a signal becomes pending for the process that listens.
 *        The place to listen belongs to the process, not to the file
 * level  IN while a signal of its mask is pending for the process that asks
 * read   one struct signalfd_siginfo for each; the standard ones first, by number
 * Source: kernel/signal.c, fs/signalfd.c, fs/fcntl.c (Linux 6.x), signal(7), signalfd(2).
 *
 * Not modelled: signals for one thread, SIGPIPE, who sent it.
 */
#include "drivers/process.h"

enum {
    SIGNALS = 64,
    STANDARD = 31, /* one of a kind is pending; those above queue */
    INFO_BYTES = 128,
    INFO_FD = 20,
    INFO_BAND = 28,
};

/* clang-format off */
#define BIT(signal)    (1ull << ((signal)-1))
#define UNBLOCKABLE    (BIT(DRV_SIGKILL) | BIT(DRV_SIGSTOP))
#define IGNORED        (BIT(DRV_SIGCHLD) | BIT(DRV_SIGCONT) | BIT(DRV_SIGURG) | \
                        BIT(DRV_SIGWINCH))
#define STOPPING       (BIT(DRV_SIGSTOP) | BIT(DRV_SIGTSTP) | BIT(DRV_SIGTTIN) | \
                        BIT(DRV_SIGTTOU))
#define SIGNALFD_FLAGS (DRV_O_NONBLOCK | DRV_O_CLOEXEC)

/* clang-format on */

/* ---- what is pending ---- */

static uint64_t pending_of(const struct drv_process *process)
{
    uint64_t set = process->pending;

    for (unsigned i = 0; i < process->queued; i++)
        set |= BIT(process->queue[i].signal);
    return set;
}

/* Real-time signals lie in the order in which they are taken. */
static bool enqueue(struct drv_process *process, struct drv_queued_signal signal)
{
    unsigned at = process->queued;

    if (at == DRV_SIGNALS_QUEUED)
        return false;
    for (; at > 0 && process->queue[at - 1].signal > signal.signal; at--)
        process->queue[at] = process->queue[at - 1];
    process->queue[at] = signal;
    process->queued++;
    return true;
}

static void dequeue_at(struct drv_process *process, unsigned at)
{
    process->queued--;
    for (; at < process->queued; at++)
        process->queue[at] = process->queue[at + 1];
    process->queue[process->queued] = (struct drv_queued_signal){0};
}

/* The next signal of @mask, signal 0: none. */
static struct drv_queued_signal take(struct drv_process *process, uint64_t mask)
{
    struct drv_queued_signal taken = {0};

    for (unsigned s = 1; s <= STANDARD; s++)
        if (process->pending & mask & BIT(s)) {
            process->pending &= ~(uint32_t)BIT(s);
            return (struct drv_queued_signal){.signal = (uint8_t)s};
        }
    for (unsigned i = 0; i < process->queued; i++)
        if (BIT(process->queue[i].signal) & mask) {
            taken = process->queue[i];
            dequeue_at(process, i);
            break;
        }
    return taken;
}

/* ---- what a signal does ---- */

static bool lives_in(const struct drv *drv, unsigned task, unsigned process)
{
    return drv->config->task_process[task] == process && !drv_is_helper(drv, task) &&
           !(drv->task[task].flags & (DRV_TASK_GONE | DRV_TASK_UNBORN));
}

/* What is blocked by all of the process's tasks: nobody is there to take it. */
static uint64_t blocked_of(const struct drv *drv, unsigned process)
{
    uint64_t blocked = ~0ull;

    if (!drv->blocked)
        return 0;
    for (unsigned t = 0; t < drv->config->tasks; t++)
        if (lives_in(drv, t, process))
            blocked &= drv->blocked[t];
    return blocked & ~UNBLOCKABLE;
}

/* Takes a sleeping task off all queues: it is awake. */
static void break_sleep(struct drv *drv, unsigned task)
{
    uint8_t state = drv->state[task];

    if (state != DRV_ASLEEP && state != DRV_SLEEPING)
        return;
    drv_wait_leave(drv, task);
    drv->state[task] = state == DRV_ASLEEP ? DRV_WOKEN : DRV_AWAKE;
    drv->task[task].flags |= DRV_TASK_INTERRUPTED;
    if (drv->readied.n < sizeof(drv->readied.waiter))
        drv->readied.waiter[drv->readied.n++] = (uint8_t)task;
}

void drv_task_interrupt(struct drv *drv, drv_task_id task)
{
    break_sleep(drv, task);
}

void drv_process_kill(struct drv *drv, unsigned process, unsigned except)
{
    for (unsigned t = 0; t < drv->config->tasks; t++) {
        if (!lives_in(drv, t, process) || t == except || drv->task[t].flags & DRV_TASK_KILLED)
            continue;
        drv->task[t].flags |= DRV_TASK_KILLED;
        break_sleep(drv, t);
    }
}

/* epoll_wait is the call that a stop interrupts; all others go on afterwards. */
static void stop(struct drv *drv, unsigned process, bool stopped)
{
    drv->process[process].stopped = stopped;
    for (unsigned t = 0; t < drv->config->tasks && stopped; t++) {
        const struct drv_task *record = &drv->task[t];
        if (lives_in(drv, t, process) && drv->state[t] == DRV_ASLEEP && record->ofd &&
            drv_is_epoll(drv, drv->ofd[record->ofd - 1].file))
            break_sleep(drv, t);
    }
}

/* Everything pending that somebody in the process lets through does its work. */
static void deliver(struct drv *drv, unsigned p)
{
    struct drv_process *process = &drv->process[p];
    struct drv_queued_signal signal;

    for (;;) {
        signal = take(process, ~blocked_of(drv, p));
        if (!signal.signal)
            return;
        if (BIT(signal.signal) & IGNORED)
            continue;
        if (BIT(signal.signal) & STOPPING) {
            stop(drv, p, true);
            continue;
        }
        process->status = signal.signal;
        stop(drv, p, false);
        drv_process_kill(drv, p, DRV_NONE);
    }
}

int drv_signal_send(struct drv *drv, unsigned p, struct drv_queued_signal signal)
{
    struct drv_process *process = drv->process ? &drv->process[p] : 0;
    uint64_t bit = BIT(signal.signal);

    if (!process || process->life != DRV_PROCESS_ALIVE)
        return 0;
    sim_trace(drv->trace, SIM_EV_SIGNAL, p, signal.signal, 0);
    if (signal.signal == DRV_SIGCONT && process->stopped)
        stop(drv, p, false);
    if (bit & IGNORED & ~blocked_of(drv, p))
        return 0;
    if (signal.signal <= STANDARD) {
        if (process->pending & bit)
            return 0;
        process->pending |= (uint32_t)bit;
    } else if (!enqueue(process, signal)) {
        return -DRV_EAGAIN;
    }
    drv_file_wake(drv, drv_signal_queue(drv, p), DRV_QUEUE_MAIN, 0, false);
    deliver(drv, p);
    return 0;
}

/* ---- signal-driven I/O ---- */

/* Does the change that @band names concern this end of the file? */
static bool concerns(const struct drv *drv, drv_ofd_id ofd, uint32_t band)
{
    enum drv_file_kind kind = drv_file_kind(drv, drv->ofd[ofd].file);

    if (kind != DRV_FILE_PIPE && kind != DRV_FILE_FIFO)
        return true;
    return band & DRV_POLLOUT ? drv_ofd_writable(drv, ofd) : drv_ofd_readable(drv, ofd);
}

void drv_file_signal(struct drv *drv, drv_file_id file, uint32_t band)
{
    if (!drv->owner)
        return;
    for (unsigned i = 0; i < drv->config->ofds; i++) {
        const struct drv_owner *owner = &drv->owner[i];
        struct drv_queued_signal signal = {.signal = owner->signal ? owner->signal : DRV_SIGIO,
                                           .fd = owner->fd,
                                           .band = (uint8_t)band};
        if (drv->ofd[i].refs && drv->ofd[i].file == file && drv->ofd[i].flags & DRV_O_ASYNC &&
            owner->process && concerns(drv, (drv_ofd_id)i, band))
            drv_signal_send(drv, owner->process - 1u, signal);
    }
}

/* ---- the calls ---- */

int64_t drv_kill(struct drv *drv, int64_t pid, int64_t signal)
{
    unsigned p = drv_process_of_pid(drv, pid);

    if (signal < 0 || signal > SIGNALS)
        return -DRV_EINVAL;
    if (p == DRV_NONE)
        return -DRV_ESRCH;
    if (!signal)
        return 0;
    return drv_signal_send(drv, p, (struct drv_queued_signal){.signal = (uint8_t)signal});
}

int64_t drv_sigprocmask(struct drv *drv, drv_task_id task, int64_t how, uint64_t set)
{
    enum { BLOCK, UNBLOCK, SETMASK };

    if (how < BLOCK || how > SETMASK)
        return -DRV_EINVAL;
    if (!drv->blocked)
        return 0;
    set &= ~UNBLOCKABLE;
    if (how == BLOCK)
        drv->blocked[task] |= set;
    else if (how == UNBLOCK)
        drv->blocked[task] &= ~set;
    else
        drv->blocked[task] = set;
    deliver(drv, drv->config->task_process[task]);
    return 0;
}

int64_t drv_signalfd(struct drv *drv, drv_task_id task, int64_t fd, uint64_t mask,
                     int64_t flags)
{
    drv_ofd_id ofd;
    drv_file_id file;

    if (flags & ~(int64_t)SIGNALFD_FLAGS)
        return -DRV_EINVAL;
    mask &= ~UNBLOCKABLE;
    if (fd == -1) {
        int made = drv_file_make(drv, task, DRV_FILE_SIGNALFD, (uint32_t)flags | DRV_O_RDWR);
        if (made >= 0)
            drv_signalfd_of(drv, drv->ofd[drv_fd_ofd(drv, task, made)].file)->mask = mask;
        return made;
    }
    ofd = drv_fd_ofd(drv, task, fd);
    if (ofd == DRV_NONE)
        return -DRV_EBADF;
    file = drv->ofd[ofd].file;
    if (drv_file_kind(drv, file) != DRV_FILE_SIGNALFD)
        return -DRV_EINVAL;
    drv_signalfd_of(drv, file)->mask = mask;
    drv_file_wake(drv, drv_signal_queue(drv, drv->config->task_process[task]), DRV_QUEUE_MAIN,
                  0, false);
    return fd;
}

/* ---- signalfd as a file ---- */

static void put_byte(const struct drv_io *io, uint32_t at, uint8_t byte)
{
    if (io->call->buf && at < io->call->buf_max)
        io->call->buf[at] = byte;
}

static int64_t signalfd_read(struct drv *drv, struct drv_io *io)
{
    uint64_t mask = drv_signalfd_of(drv, io->file)->mask;
    unsigned p = drv->config->task_process[io->task];
    uint32_t got = 0;

    if (io->count < INFO_BYTES)
        return -DRV_EINVAL;
    while (got + INFO_BYTES <= io->count) {
        struct drv_queued_signal signal = take(&drv->process[p], mask);
        if (!signal.signal)
            break;
        for (uint32_t i = 0; i < INFO_BYTES; i++)
            put_byte(io, got + i, 0);
        put_byte(io, got, signal.signal);
        put_byte(io, got + INFO_FD, signal.fd);
        put_byte(io, got + INFO_BAND, signal.band);
        got += INFO_BYTES;
    }
    io->queue = drv_signal_queue(drv, p);
    return got ? (int64_t)got : DRV_WOULD_SLEEP;
}

static int64_t signalfd_write(struct drv *drv, struct drv_io *io)
{
    (void)drv;
    (void)io;
    return -DRV_EINVAL;
}

static uint32_t signalfd_level(struct drv *drv, drv_task_id task, drv_ofd_id ofd)
{
    const struct drv_process *process = &drv->process[drv->config->task_process[task]];

    return pending_of(process) & drv_signalfd_of(drv, drv->ofd[ofd].file)->mask ? DRV_POLLIN
                                                                                : 0;
}

static void signalfd_release(struct drv *drv, drv_ofd_id ofd)
{
    *drv_signalfd_of(drv, drv->ofd[ofd].file) = (struct drv_signalfd){0};
}

const struct drv_file_ops drv_signalfd_ops = {
    .name = "signalfd",
    .epoll = true,
    .sleep_place = DRV_WAIT_HEAD,
    .unit = INFO_BYTES,
    .read = signalfd_read,
    .write = signalfd_write,
    .level = signalfd_level,
    .release = signalfd_release,
    .lseek = drv_lseek_nowhere,
};
