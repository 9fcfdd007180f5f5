/*
 * drivers/fd.c - descriptor tables and open file descriptions.
 *
 * Source: fs/file.c, fs/fcntl.c (Linux 6.x); open(2), dup(2), fcntl(2).
 * Not modelled: descriptors 0, 1 and 2 (calls on them answer EBADF), O_CREAT and its kin,
 * locks, F_SETOWN of threads and groups.
 */
#include "drivers/process.h"

enum { SETTABLE = DRV_O_APPEND | DRV_O_NONBLOCK | DRV_O_DIRECT };

/* The number behind the last that a new descriptor may have. */
static int fd_end(const struct drv *drv, drv_task_id task)
{
    int end = DRV_FD_FIRST + drv->config->fds;
    unsigned limit = drv->process ? drv->process[drv->config->task_process[task]].limit : 0;

    return limit && (int)limit - 1 < end ? (int)limit - 1 : end;
}

int drv_fd_free(const struct drv *drv, drv_task_id task, int64_t from)
{
    const struct drv_fd *table = drv_fd_table(drv, task);
    int end = fd_end(drv, task);

    for (int fd = from < DRV_FD_FIRST ? DRV_FD_FIRST : (int)from; fd < end; fd++)
        if (!table[fd - DRV_FD_FIRST].ofd && !(table[fd - DRV_FD_FIRST].flags & DRV_FD_TAKEN))
            return fd;
    return -1;
}

int drv_fd_next(const struct drv *drv, drv_task_id task)
{
    unsigned taken = drv->task[task].number[0];

    return taken ? DRV_FD_FIRST + (int)taken - 1 : drv_fd_free(drv, task, 0);
}

void drv_fd_take(struct drv *drv, drv_task_id task, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        int fd = drv_fd_free(drv, task, 0);
        if (fd < 0)
            return;
        drv_fd_entry(drv, task, fd)->flags = DRV_FD_TAKEN;
        drv->task[task].number[i] = (uint8_t)(fd - DRV_FD_FIRST + 1);
    }
}

void drv_fd_give_back(struct drv *drv, drv_task_id task, const struct drv_task *call)
{
    for (unsigned i = 0; i < 2; i++)
        if (call->number[i])
            drv_fd_table(drv, task)[call->number[i] - 1] = (struct drv_fd){0};
}

void drv_fd_install(struct drv *drv, drv_task_id task, int fd, drv_ofd_id ofd, bool cloexec)
{
    struct drv_fd *entry = drv_fd_entry(drv, task, fd);

    entry->ofd = (uint8_t)(ofd + 1);
    entry->flags = cloexec ? DRV_FD_CLOEXEC : 0;
    drv_ofd_get(drv, ofd);
}

void drv_fd_close(struct drv *drv, drv_task_id task, int64_t fd)
{
    struct drv_fd *entry = drv_fd_entry(drv, task, fd);
    drv_ofd_id ofd = (drv_ofd_id)(entry->ofd - 1);

    *entry = (struct drv_fd){0};
    drv_ofd_put(drv, ofd);
}

drv_ofd_id drv_ofd_new(struct drv *drv, drv_file_id file, uint32_t flags)
{
    for (unsigned i = 0; i < drv->config->ofds; i++)
        if (!drv->ofd[i].refs) {
            drv->ofd[i].file = file;
            drv->ofd[i].flags = (uint16_t)(flags & (DRV_O_ACCMODE | SETTABLE));
            return (drv_ofd_id)i;
        }
    return DRV_NONE;
}

void drv_ofd_get(struct drv *drv, drv_ofd_id ofd)
{
    drv->ofd[ofd].refs++;
}

void drv_ofd_put(struct drv *drv, drv_ofd_id ofd)
{
    struct drv_ofd *description = &drv->ofd[ofd];

    if (--description->refs)
        return;
    drv_epoll_forget(drv, ofd);
    drv_file_ops(drv, description->file)->release(drv, ofd);
    *description = (struct drv_ofd){0};
    if (drv->offset)
        drv->offset[ofd] = 0;
    if (drv->owner)
        drv->owner[ofd] = (struct drv_owner){0};
}

unsigned drv_ofd_left(const struct drv *drv)
{
    unsigned left = 0;

    for (unsigned i = 0; i < drv->config->ofds && left < 2; i++)
        left += !drv->ofd[i].refs;
    return left;
}

bool drv_ofd_readable(const struct drv *drv, drv_ofd_id ofd)
{
    unsigned mode = drv->ofd[ofd].flags & DRV_O_ACCMODE;

    return mode == 0 || mode == DRV_O_RDWR;
}

bool drv_ofd_writable(const struct drv *drv, drv_ofd_id ofd)
{
    unsigned mode = drv->ofd[ofd].flags & DRV_O_ACCMODE;

    return mode == DRV_O_WRONLY || mode == DRV_O_RDWR;
}

int drv_file_publish(struct drv *drv, drv_task_id task, drv_file_id file, uint32_t flags)
{
    int fd = drv_fd_next(drv, task);
    drv_ofd_id ofd;

    if (fd < 0)
        return -DRV_EMFILE;
    ofd = drv_ofd_new(drv, file, flags);
    if (ofd == DRV_NONE)
        return drv_exhausted(drv, DRV_NR_OPEN, DRV_ENFILE);
    drv->task[task].number[0] = 0;
    drv_fd_install(drv, task, fd, ofd, flags & DRV_O_CLOEXEC);
    return fd;
}

int drv_file_make(struct drv *drv, drv_task_id task, enum drv_file_kind kind, uint32_t flags)
{
    for (unsigned i = drv->slot[kind]; i < drv->slot_end[kind]; i++) {
        uint8_t *used = drv->file[i];
        int fd;
        if (*used)
            continue;
        fd = drv_file_publish(drv, task, (drv_file_id)i, flags);
        if (fd < 0)
            return fd;
        *used = DRV_SLOT_USED;
        sim_trace(drv->trace, SIM_EV_CREATE, i, (uint32_t)fd, 0);
        return fd;
    }
    return drv_fd_free(drv, task, 0) < 0 ? -DRV_EMFILE
                                         : drv_exhausted(drv, DRV_NR_OPEN, DRV_ENFILE);
}

/* ---- the calls ---- */

static int64_t do_open(struct drv *drv, drv_task_id task, int64_t file, int64_t flags)
{
    uint32_t mode = (uint32_t)flags & ~(uint32_t)(DRV_O_CREAT | DRV_O_TRUNC);
    int fd;

    if (drv_fd_free(drv, task, 0) < 0)
        return -DRV_EMFILE;
    if (file < 0 || file >= drv->config->fixed_files)
        return -DRV_ENOENT;
    if (drv->kind[file] == DRV_FILE_NAME)
        return -DRV_ENXIO;
    /* O_RDONLY is 0: a scenario that names no mode means both directions */
    if (!(mode & (DRV_O_ACCMODE | DRV_O_RDONLY_SAID)))
        mode |= DRV_O_RDWR;
    fd = drv_file_publish(drv, task, (drv_file_id)file, mode);
    if (fd >= 0 && flags & DRV_O_TRUNC && drv->kind[file] == DRV_FILE_REGULAR)
        drv_regular_truncate(drv, (drv_file_id)file);
    return fd;
}

static int64_t do_close(struct drv *drv, drv_task_id task, int64_t fd)
{
    if (drv_fd_ofd(drv, task, fd) == DRV_NONE)
        return -DRV_EBADF;
    drv_fd_close(drv, task, fd);
    return 0;
}

static int64_t dup_from(struct drv *drv, drv_task_id task, int64_t fd, int64_t from,
                        bool cloexec)
{
    drv_ofd_id ofd = drv_fd_ofd(drv, task, fd);
    int copy;

    if (ofd == DRV_NONE)
        return -DRV_EBADF;
    if (from < 0 || from >= fd_end(drv, task))
        return -DRV_EINVAL;
    copy = drv_fd_free(drv, task, from);
    if (copy < 0)
        return -DRV_EMFILE;
    drv_fd_install(drv, task, copy, ofd, cloexec);
    return copy;
}

static int64_t do_dup2(struct drv *drv, drv_task_id task, int64_t fd, int64_t copy)
{
    drv_ofd_id ofd = drv_fd_ofd(drv, task, fd), old = drv_fd_ofd(drv, task, copy);

    if (ofd == DRV_NONE || !drv_fd_entry(drv, task, copy) || copy >= fd_end(drv, task))
        return -DRV_EBADF;
    if (fd == copy)
        return copy;
    if (drv_fd_entry(drv, task, copy)->flags & DRV_FD_TAKEN)
        return -DRV_EBUSY;
    /* the new one first: closing the old one may wake others, who must find it in place */
    drv_fd_install(drv, task, (int)copy, ofd, false);
    if (old != DRV_NONE)
        drv_ofd_put(drv, old);
    return copy;
}

/* Files that can send a signal when something becomes possible. */
static bool signals_input(enum drv_file_kind kind)
{
    return kind == DRV_FILE_PIPE || kind == DRV_FILE_FIFO || kind == DRV_FILE_SOCKET ||
           kind == DRV_FILE_NAME || kind == DRV_FILE_DEVICE || kind == DRV_FILE_PTY;
}

static int64_t set_flags(struct drv *drv, drv_ofd_id ofd, int64_t fd, int64_t flags)
{
    struct drv_ofd *description = &drv->ofd[ofd];
    uint32_t set = (uint32_t)flags & SETTABLE;

    /* direct access is for pipes (packets) and for files on disks */
    if (set & DRV_O_DIRECT && drv_file_kind(drv, description->file) != DRV_FILE_PIPE &&
        drv_file_kind(drv, description->file) != DRV_FILE_FIFO &&
        drv_file_kind(drv, description->file) != DRV_FILE_REGULAR)
        return -DRV_EINVAL;
    if (signals_input(drv_file_kind(drv, description->file))) {
        if (drv->owner && flags & DRV_O_ASYNC && !(description->flags & DRV_O_ASYNC))
            drv->owner[ofd].fd = (uint8_t)fd;
        set |= (uint32_t)flags & DRV_O_ASYNC;
        description->flags &= (uint16_t)~DRV_O_ASYNC;
    }
    description->flags = (uint16_t)((description->flags & ~(uint32_t)SETTABLE) | set);
    return 0;
}

/* Whom O_ASYNC tells, and how. */
static int64_t set_owner(struct drv *drv, drv_ofd_id ofd, int64_t command, int64_t arg)
{
    struct drv_owner *owner = drv->owner ? &drv->owner[ofd] : 0;
    unsigned process;

    switch (command) {
    case DRV_F_GETOWN:
        return owner && owner->process ? DRV_PID_FIRST + owner->process - 1 : 0;
    case DRV_F_GETSIG:
        return owner ? owner->signal : 0;
    case DRV_F_SETSIG:
        if (arg < 0 || arg > 64)
            return -DRV_EINVAL;
        if (owner)
            owner->signal = (uint8_t)arg;
        return 0;
    default:
        process = drv_process_of_pid(drv, arg);
        if (arg && process == DRV_NONE)
            return -DRV_ESRCH;
        if (owner)
            owner->process = (uint8_t)(arg ? process + 1 : 0);
        return 0;
    }
}

static int64_t do_fcntl(struct drv *drv, drv_task_id task, int64_t fd, int64_t command,
                        int64_t arg)
{
    drv_ofd_id ofd = drv_fd_ofd(drv, task, fd);

    if (ofd == DRV_NONE)
        return -DRV_EBADF;
    switch (command) {
    case DRV_F_DUPFD:
    case DRV_F_DUPFD_CLOEXEC:
        return dup_from(drv, task, fd, arg, command == DRV_F_DUPFD_CLOEXEC);
    case DRV_F_GETFD:
        return drv_fd_entry(drv, task, fd)->flags;
    case DRV_F_SETFD:
        drv_fd_entry(drv, task, fd)->flags = arg & DRV_FD_CLOEXEC;
        return 0;
    case DRV_F_GETFL:
        return drv->ofd[ofd].flags & ~DRV_OFD_YOUNG;
    case DRV_F_SETFL:
        return set_flags(drv, ofd, fd, arg);
    case DRV_F_SETOWN:
    case DRV_F_GETOWN:
    case DRV_F_SETSIG:
    case DRV_F_GETSIG:
        return set_owner(drv, ofd, command, arg);
    default:
        return -DRV_EINVAL;
    }
}

static int64_t do_lseek(struct drv *drv, drv_task_id task, int64_t fd, int64_t offset,
                        int64_t whence)
{
    enum { WHENCE_MAX = 4 }; /* SEEK_HOLE */

    drv_ofd_id ofd = drv_fd_ofd(drv, task, fd);
    const struct drv_file_ops *ops;

    if (ofd == DRV_NONE)
        return -DRV_EBADF;
    if (whence < 0 || whence > WHENCE_MAX)
        return -DRV_EINVAL;
    ops = drv_file_ops(drv, drv->ofd[ofd].file);
    return ops->lseek ? ops->lseek(drv, ofd, offset, whence) : -DRV_ESPIPE;
}

/* Calls on the tables of this file, and those that make one descriptor. */
static int64_t do_table(struct drv *drv, drv_task_id task, const struct drv_call *call,
                        struct drv_result *ret_result)
{
    int64_t a = drv_arg(call, 0), b = drv_arg(call, 1), c = drv_arg(call, 2);

    switch (call->nr) {
    case DRV_NR_OPEN:
        return do_open(drv, task, a, b);
    case DRV_NR_CLOSE:
        return do_close(drv, task, a);
    case DRV_NR_DUP:
        return dup_from(drv, task, a, 0, false);
    case DRV_NR_DUP2:
        return do_dup2(drv, task, a, b);
    case DRV_NR_FCNTL:
        return do_fcntl(drv, task, a, b, c);
    case DRV_NR_LSEEK:
        return do_lseek(drv, task, a, b, c);
    case DRV_NR_PIPE:
        return drv_pipe_create(drv, task, a, ret_result);
    case DRV_NR_EVENTFD:
        return drv_eventfd_create(drv, task, a, b);
    case DRV_NR_TIMERFD_CREATE:
        return drv_timerfd_create(drv, task, a);
    case DRV_NR_SIGNALFD:
        return drv_signalfd(drv, task, a, (uint64_t)b, c);
    case DRV_NR_PIDFD_OPEN:
        return drv_pidfd_open(drv, task, a, b);
    default:
        return drv_epoll_create(drv, task, a);
    }
}

/* Calls on processes and sockets that never sleep. */
static int64_t do_other(struct drv *drv, drv_task_id task, const struct drv_call *call,
                        struct drv_result *ret_result)
{
    int64_t a = drv_arg(call, 0), b = drv_arg(call, 1), c = drv_arg(call, 2);

    switch (call->nr) {
    case DRV_NR_TIMERFD_SETTIME:
        return drv_timerfd_settime(drv, drv_fd_ofd(drv, task, a), b, c);
    case DRV_NR_KILL:
        return drv_kill(drv, a, b);
    case DRV_NR_SIGPROCMASK:
        return drv_sigprocmask(drv, task, a, (uint64_t)b);
    case DRV_NR_SETRLIMIT:
        return drv_setrlimit(drv, task, a, b);
    case DRV_NR_FORK:
        return drv_fork(drv, task, ret_result);
    case DRV_NR_EXEC:
        return drv_exec(drv, task);
    case DRV_NR_MKFIFO:
        return drv_mkfifo(drv, a);
    case DRV_NR_IO_SETUP:
        return drv_io_setup(drv, task, a);
    case DRV_NR_IO_CANCEL:
        return drv_io_cancel(drv, task, a, b);
    case DRV_NR_IO_DESTROY:
        return drv_io_destroy(drv, task, a);
    case DRV_NR_IO_URING_SETUP:
        return drv_uring_setup(drv, task, a);
    case DRV_NR_OPENPTY:
        return drv_openpty(drv, task, ret_result);
    case DRV_NR_SOCKETPAIR:
        return drv_socket_pair(drv, task, a, ret_result);
    case DRV_NR_LISTEN:
        return drv_socket_listen(drv, task, a, call->argc > 1 ? b : -1);
    case DRV_NR_SHUTDOWN:
        return drv_socket_shutdown(drv, drv_fd_ofd(drv, task, a), b);
    case DRV_NR_GETSOCKOPT:
        return drv_socket_getopt(drv, drv_fd_ofd(drv, task, a), b);
    default:
        return drv_socket_setopt(drv, drv_fd_ofd(drv, task, a), b, c);
    }
}

enum drv_step drv_fd_step(struct drv *drv, drv_task_id task, const struct drv_call *call,
                          struct drv_result *ret_result)
{
    return drv_call_return(drv, task, call, ret_result, do_table(drv, task, call, ret_result));
}

enum drv_step drv_other_step(struct drv *drv, drv_task_id task, const struct drv_call *call,
                             struct drv_result *ret_result)
{
    return drv_call_return(drv, task, call, ret_result, do_other(drv, task, call, ret_result));
}
