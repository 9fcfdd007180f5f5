/*
 * drivers/fd.c - descriptor tables and open file descriptions.
 *
 * Source: fs/file.c, fs/fcntl.c (Linux 6.x); open(2), dup(2), fcntl(2).
 * Not modelled: descriptors 0, 1 and 2 (calls on them answer EBADF), O_CREAT and its kin,
 * locks, O_ASYNC, F_SETOWN, F_SETSIG.
 */
#include "drivers/file.h"

enum { SETTABLE = DRV_O_APPEND | DRV_O_NONBLOCK | DRV_O_DIRECT };

/* The table's entry of a descriptor number, 0 if the number is out of range. */
static struct drv_fd *entry_of(const struct drv *drv, drv_task_id task, int64_t fd)
{
    if (fd < DRV_FD_FIRST || fd >= DRV_FD_FIRST + drv->config->fds)
        return 0;
    return drv_fd_table(drv, task) + (fd - DRV_FD_FIRST);
}

drv_ofd_id drv_fd_ofd(const struct drv *drv, drv_task_id task, int64_t fd)
{
    const struct drv_fd *entry = entry_of(drv, task, fd);

    return entry && entry->ofd ? (drv_ofd_id)(entry->ofd - 1) : DRV_NONE;
}

int drv_fd_free(const struct drv *drv, drv_task_id task, int64_t from)
{
    for (int fd = from < DRV_FD_FIRST ? DRV_FD_FIRST : (int)from;
         fd < DRV_FD_FIRST + drv->config->fds; fd++)
        if (!entry_of(drv, task, fd)->ofd)
            return fd;
    return -1;
}

void drv_fd_install(struct drv *drv, drv_task_id task, int fd, drv_ofd_id ofd, bool cloexec)
{
    struct drv_fd *entry = entry_of(drv, task, fd);

    entry->ofd = (uint8_t)(ofd + 1);
    entry->flags = cloexec ? DRV_FD_CLOEXEC : 0;
    drv_ofd_get(drv, ofd);
}

void drv_fd_close(struct drv *drv, drv_task_id task, int64_t fd)
{
    struct drv_fd *entry = entry_of(drv, task, fd);
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
    int fd = drv_fd_free(drv, task, 0);
    drv_ofd_id ofd;

    if (fd < 0)
        return -DRV_EMFILE;
    ofd = drv_ofd_new(drv, file, flags);
    if (ofd == DRV_NONE)
        return -DRV_ENFILE;
    drv_fd_install(drv, task, fd, ofd, flags & DRV_O_CLOEXEC);
    return fd;
}

/* ---- the calls ---- */

static int64_t do_open(struct drv *drv, drv_task_id task, int64_t file, int64_t flags)
{
    uint32_t mode = (uint32_t)flags;

    if (file < 0 || file >= drv->config->fixed_files)
        return -DRV_ENOENT;
    /* O_RDONLY is 0: a scenario that names no mode means both directions */
    if (!(mode & (DRV_O_ACCMODE | DRV_O_RDONLY_SAID)))
        mode |= DRV_O_RDWR;
    return drv_file_publish(drv, task, (drv_file_id)file, mode);
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
    if (from < 0 || from >= DRV_FD_FIRST + drv->config->fds)
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

    if (ofd == DRV_NONE || !entry_of(drv, task, copy))
        return -DRV_EBADF;
    if (fd == copy)
        return copy;
    /* the new one first: closing the old one may wake others, who must find it in place */
    drv_fd_install(drv, task, (int)copy, ofd, false);
    if (old != DRV_NONE)
        drv_ofd_put(drv, old);
    return copy;
}

static int64_t set_flags(struct drv *drv, drv_ofd_id ofd, int64_t flags)
{
    struct drv_ofd *description = &drv->ofd[ofd];
    uint32_t set = (uint32_t)flags & SETTABLE;

    /* direct access is for pipes (packets) and for files on disks */
    if (set & DRV_O_DIRECT && drv_file_kind(drv, description->file) != DRV_FILE_PIPE &&
        drv_file_kind(drv, description->file) != DRV_FILE_REGULAR)
        return -DRV_EINVAL;
    description->flags = (uint16_t)((description->flags & ~(uint32_t)SETTABLE) | set);
    return 0;
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
        return entry_of(drv, task, fd)->flags;
    case DRV_F_SETFD:
        entry_of(drv, task, fd)->flags = arg & DRV_FD_CLOEXEC;
        return 0;
    case DRV_F_GETFL:
        return drv->ofd[ofd].flags;
    case DRV_F_SETFL:
        return set_flags(drv, ofd, arg);
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

enum drv_step drv_fd_step(struct drv *drv, drv_task_id task, const struct drv_call *call,
                          struct drv_result *ret_result)
{
    int64_t a = drv_arg(call, 0), b = drv_arg(call, 1), c = drv_arg(call, 2), value;

    switch (call->nr) {
    case DRV_NR_OPEN:
        value = do_open(drv, task, a, b);
        break;
    case DRV_NR_CLOSE:
        value = do_close(drv, task, a);
        break;
    case DRV_NR_DUP:
        value = dup_from(drv, task, a, 0, false);
        break;
    case DRV_NR_DUP2:
        value = do_dup2(drv, task, a, b);
        break;
    case DRV_NR_FCNTL:
        value = do_fcntl(drv, task, a, b, c);
        break;
    case DRV_NR_LSEEK:
        value = do_lseek(drv, task, a, b, c);
        break;
    case DRV_NR_PIPE:
        value = drv_pipe_create(drv, task, a, ret_result);
        break;
    case DRV_NR_EVENTFD:
        value = drv_eventfd_create(drv, task, a, b);
        break;
    default:
        value = drv_epoll_create(drv, task, a);
        break;
    }
    return drv_call_return(drv, task, call, ret_result, value);
}
