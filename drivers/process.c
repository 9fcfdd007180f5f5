/*
 * drivers/process.c - fork, exec, exit, wait, pidfd, the limit of descriptors.
 *
 * A child shares its parent's open file descriptions and has a descriptor table of its own.
 * The place of a child is fixed beforehand: the n-th child of a task is one and the same in
 * every run, and its place is not used again.  A family that would grow beyond its places gets
 * EAGAIN.
 *
 * wake   of a pidfd: IN | RDNORM when the process ends; any key when it is waited for
 * level  IN | RDNORM once it has ended; HUP, too, once it was waited for
 * Source: kernel/fork.c, kernel/exit.c, fs/exec.c, fs/pidfs.c (Linux 6.x), pidfd_open(2).
 *
 * Not modelled: process groups, clone() flags, exit status beyond a byte.
 */
#include "drivers/process.h"

enum { ENDED = DRV_POLLIN | DRV_POLLRDNORM };

unsigned drv_process_of_pid(const struct drv *drv, int64_t pid)
{
    int64_t p = pid < DRV_PID_FIRST ? -1 : pid - DRV_PID_FIRST;

    if (!drv->process || p < 0 || p >= drv->config->processes)
        return DRV_NONE;
    return drv->process[p].life == DRV_PROCESS_ALIVE ||
                   drv->process[p].life == DRV_PROCESS_ZOMBIE
               ? (unsigned)p
               : DRV_NONE;
}

static void wake_pidfds(struct drv *drv, unsigned process, uint32_t key)
{
    for (unsigned i = drv->slot[DRV_FILE_PIDFD]; i < drv->slot_end[DRV_FILE_PIDFD]; i++)
        if (drv_pidfd_of(drv, (drv_file_id)i)->process == process + 1)
            drv_file_wake(drv, (drv_file_id)i, DRV_QUEUE_MAIN, key, true);
}

/* ---- fork ---- */

/* Where the task's next child will be, DRV_NONE: nowhere. */
static unsigned place_of_next(const struct drv *drv, drv_task_id task)
{
    const struct drv_config *config = drv->config;
    unsigned born = 0, next = DRV_NONE;

    for (unsigned t = 0; t < config->tasks; t++) {
        bool unborn = drv->task[t].flags & DRV_TASK_UNBORN;
        if (config->task_family[t] != config->task_family[task] || !config->task_parent[t])
            continue;
        born += !unborn;
        /* places of one parent lie in the order of birth */
        if (unborn && config->task_parent[t] == task + 1 && next == DRV_NONE)
            next = t;
    }
    return born < config->family_most[config->task_family[task]] ? next : DRV_NONE;
}

void drv_fd_copy_table(struct drv *drv, drv_task_id from, drv_task_id to)
{
    const struct drv_fd *table = drv_fd_table(drv, from);

    for (unsigned i = 0; i < drv->config->fds; i++)
        if (table[i].ofd) {
            drv_fd_table(drv, to)[i] = table[i];
            drv_ofd_get(drv, (drv_ofd_id)(table[i].ofd - 1));
        }
}

int64_t drv_fork(struct drv *drv, drv_task_id task, struct drv_result *ret_result)
{
    unsigned parent = drv->config->task_process[task], process;
    unsigned child = place_of_next(drv, task);

    if (child == DRV_NONE)
        return drv_exhausted(drv, DRV_NR_FORK, DRV_EAGAIN);
    process = drv->config->task_process[child];
    drv_fd_copy_table(drv, task, (drv_task_id)child);
    drv->task[child] = (struct drv_task){0};
    drv->process[process] = (struct drv_process){.life = DRV_PROCESS_ALIVE,
                                                 .parent = (uint8_t)(parent + 1),
                                                 .limit = drv->process[parent].limit};
    if (drv->blocked)
        drv->blocked[child] = drv->blocked[task];
    if (drv->readied.n < sizeof(drv->readied.waiter))
        drv->readied.waiter[drv->readied.n++] = (uint8_t)child;
    sim_trace(drv->trace, SIM_EV_FORK, child, DRV_PID_FIRST + process, 0);
    ret_result->out[0] = (int64_t)child;
    return DRV_PID_FIRST + (int64_t)process;
}

int64_t drv_exec(struct drv *drv, drv_task_id task)
{
    const struct drv_fd *table = drv_fd_table(drv, task);

    if (drv->process)
        drv_process_kill(drv, drv->config->task_process[task], task);
    drv_helpers_rest(drv, drv->config->task_process[task]);
    for (unsigned i = 0; i < drv->config->fds; i++)
        if (table[i].ofd && table[i].flags & DRV_FD_CLOEXEC)
            drv_fd_close(drv, task, (int64_t)i + DRV_FD_FIRST);
    return 0;
}

/* ---- ends ---- */

/* A child that nobody can wait for any more is gone. */
static void reap(struct drv *drv, unsigned process)
{
    drv->process[process].life = DRV_PROCESS_REAPED;
    wake_pidfds(drv, process, 0);
}

static void wake_waiting(struct drv *drv, unsigned parent)
{
    for (unsigned t = 0; t < drv->config->tasks; t++)
        if (drv->config->task_process[t] == parent && drv->state[t] == DRV_ASLEEP &&
            drv->task[t].flags & DRV_TASK_WAITS) {
            drv->state[t] = DRV_WOKEN;
            if (drv->readied.n < sizeof(drv->readied.waiter))
                drv->readied.waiter[drv->readied.n++] = (uint8_t)t;
        }
}

void drv_process_end(struct drv *drv, unsigned process)
{
    struct drv_process *record = drv->process ? &drv->process[process] : 0;
    unsigned parent;

    if (!record)
        return;
    parent = record->parent;
    *record = (struct drv_process){
        .life = DRV_PROCESS_ZOMBIE, .parent = record->parent, .status = record->status};
    drv_wait_leave_queue(drv, drv_signal_queue(drv, process));
    for (unsigned p = 0; p < drv->config->processes; p++)
        if (drv->process[p].parent == process + 1) {
            drv->process[p].parent = 0;
            if (drv->process[p].life == DRV_PROCESS_ZOMBIE)
                reap(drv, p);
        }
    wake_pidfds(drv, process, ENDED);
    if (!parent)
        return;
    drv_signal_send(drv, parent - 1, (struct drv_queued_signal){.signal = DRV_SIGCHLD});
    wake_waiting(drv, parent - 1);
}

void drv_task_leave(struct drv *drv, drv_task_id task, int64_t status)
{
    unsigned process = drv->config->task_process[task];

    if (drv->process)
        drv->process[process].status = (uint8_t)status;
    drv_process_kill(drv, process, task);
}

enum drv_step drv_wait_step(struct drv *drv, drv_task_id task, const struct drv_call *call,
                            struct drv_result *ret_result)
{
    unsigned parent = drv->config->task_process[task];
    int64_t pid = drv_arg(call, 0);
    bool any = false;

    drv->state[task] = DRV_AWAKE;
    drv->task[task].flags &= (uint16_t)~DRV_TASK_WAITS;
    for (unsigned p = 0; drv->process && p < drv->config->processes; p++) {
        const struct drv_process *child = &drv->process[p];
        if (child->parent != parent + 1 || (pid > 0 && pid != DRV_PID_FIRST + (int64_t)p) ||
            child->life == DRV_PROCESS_REAPED)
            continue;
        any = true;
        if (child->life != DRV_PROCESS_ZOMBIE)
            continue;
        ret_result->out[0] = child->status;
        reap(drv, p);
        return drv_call_return(drv, task, call, ret_result, DRV_PID_FIRST + (int64_t)p);
    }
    if (!any)
        return drv_call_return(drv, task, call, ret_result, -DRV_ECHILD);
    drv->task[task].flags |= DRV_TASK_WAITS;
    return drv_call_park(drv, task, call, 0, DRV_WAIT_HEAD, -1);
}

int64_t drv_setrlimit(struct drv *drv, drv_task_id task, int64_t what, int64_t limit)
{
    if (what != DRV_RLIMIT_NOFILE || limit < 0)
        return -DRV_EINVAL;
    if (drv->process)
        drv->process[drv->config->task_process[task]].limit =
            (uint8_t)(limit < DRV_LIMIT_MAX ? limit + 1 : 0);
    return 0;
}

/* ---- pidfd ---- */

int64_t drv_pidfd_open(struct drv *drv, drv_task_id task, int64_t pid, int64_t flags)
{
    unsigned process = drv_process_of_pid(drv, pid);
    int fd;

    if (flags & ~(int64_t)DRV_O_NONBLOCK || pid <= 0)
        return -DRV_EINVAL;
    if (process == DRV_NONE)
        return -DRV_ESRCH;
    fd = drv_file_make(drv, task, DRV_FILE_PIDFD, (uint32_t)flags | DRV_O_RDWR | DRV_O_CLOEXEC);
    if (fd >= 0)
        drv_pidfd_of(drv, drv->ofd[drv_fd_ofd(drv, task, fd)].file)->process =
            (uint8_t)(process + 1);
    return fd;
}

static int64_t pidfd_no_data(struct drv *drv, struct drv_io *io)
{
    (void)drv;
    (void)io;
    return -DRV_EINVAL;
}

static uint32_t pidfd_level(struct drv *drv, drv_task_id task, drv_ofd_id ofd)
{
    unsigned process = drv_pidfd_of(drv, drv->ofd[ofd].file)->process - 1u;

    (void)task;
    switch (drv->process[process].life) {
    case DRV_PROCESS_ZOMBIE:
        return ENDED;
    case DRV_PROCESS_REAPED:
        return ENDED | DRV_POLLHUP;
    default:
        return 0;
    }
}

static void pidfd_release(struct drv *drv, drv_ofd_id ofd)
{
    *drv_pidfd_of(drv, drv->ofd[ofd].file) = (struct drv_pidfd){0};
}

const struct drv_file_ops drv_pidfd_ops = {
    .name = "pidfd",
    .epoll = true,
    .read = pidfd_no_data,
    .write = pidfd_no_data,
    .level = pidfd_level,
    .release = pidfd_release,
};
