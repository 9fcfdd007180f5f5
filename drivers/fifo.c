/*
 * drivers/fifo.c - opening a named pipe: each side waits for the other.
 *
 * Once open it is a pipe (drivers/pipe.c).  What differs is the beginning: a reader that did
 * not wait sees no HUP before it has met a writer; and an end may be there several times.
 *
 * Source: fs/pipe.c, fifo_open() (Linux 6.x), fifo(7).
 */
#include "drivers/file.h"

int64_t drv_mkfifo(struct drv *drv, int64_t file)
{
    struct drv_pipe *pipe;

    if (file < 0 || file >= drv->config->fixed_files || drv->kind[file] != DRV_FILE_FIFO)
        return -DRV_EEXIST;
    pipe = drv_pipe(drv, (drv_file_id)file);
    if (pipe->flags & DRV_PIPE_NAMED)
        return -DRV_EEXIST;
    pipe->flags = DRV_PIPE_NAMED;
    return 0;
}

bool drv_is_fifo(const struct drv *drv, int64_t file)
{
    return file >= 0 && file < drv->config->fixed_files && drv->kind[file] == DRV_FILE_FIFO;
}

/* Those who waited for this side have met it: readers for a writer, or the other way round. */
static void meet(struct drv *drv, drv_file_id file, bool writer)
{
    for (unsigned i = 0; i < drv->config->ofds; i++) {
        struct drv_ofd *other = &drv->ofd[i];
        unsigned mode = other->flags & DRV_O_ACCMODE;
        if (other->refs && other->file == file && mode == (writer ? 0u : DRV_O_WRONLY))
            other->flags &= (uint16_t)~DRV_OFD_YOUNG;
    }
}

/* The side of @ofd comes in: counted, and the other side told if it was missing. */
static void join(struct drv *drv, drv_file_id file, drv_ofd_id ofd)
{
    struct drv_pipe *pipe = drv_pipe(drv, file);
    bool reads = drv_ofd_readable(drv, ofd), writes = drv_ofd_writable(drv, ofd);
    bool first = (reads && !pipe->readers) || (writes && !pipe->writers);

    pipe->readers = (uint8_t)(pipe->readers + reads);
    pipe->writers = (uint8_t)(pipe->writers + writes);
    if (reads)
        meet(drv, file, false);
    if (writes)
        meet(drv, file, true);
    if (first)
        drv_file_wake(drv, file, DRV_QUEUE_MAIN, 0, true);
    if ((reads && !writes && !pipe->writers) || (writes && !reads && !pipe->readers))
        drv->ofd[ofd].flags |= DRV_OFD_YOUNG;
}

/* It waits, or it is there. */
static enum drv_step arrive(struct drv *drv, drv_task_id task, const struct drv_call *call,
                            struct drv_result *ret_result)
{
    drv_ofd_id ofd = (drv_ofd_id)(drv->task[task].ofd - 1);
    struct drv_wait_entry entry = {.file = drv->ofd[ofd].file, .who = task};
    int fd;

    if (drv->ofd[ofd].flags & DRV_OFD_YOUNG && !(drv->ofd[ofd].flags & DRV_O_NONBLOCK))
        return drv_call_park(drv, task, call, &entry, DRV_WAIT_HEAD, -1);
    fd = drv_fd_next(drv, task);
    if (fd >= 0)
        drv_fd_install(drv, task, fd, ofd, drv_arg(call, 1) & DRV_O_CLOEXEC);
    drv->task[task].number[0] = 0;
    return drv_call_return(drv, task, call, ret_result, fd < 0 ? -DRV_EMFILE : fd);
}

enum drv_step drv_fifo_open_step(struct drv *drv, drv_task_id task, const struct drv_call *call,
                                 struct drv_result *ret_result)
{
    drv_file_id file = (drv_file_id)drv_arg(call, 0);
    uint32_t flags = (uint32_t)drv_arg(call, 1);
    const struct drv_pipe *pipe = drv_pipe(drv, file);
    drv_ofd_id ofd;
    int error = 0;

    drv->state[task] = DRV_AWAKE;
    if (drv->task[task].ofd)
        return arrive(drv, task, call, ret_result);
    if (!(flags & (DRV_O_ACCMODE | DRV_O_RDONLY_SAID)))
        flags |= DRV_O_RDWR;
    /* the number is taken before the name is looked up */
    if (drv_fd_next(drv, task) < 0)
        error = -DRV_EMFILE;
    else if (!(pipe->flags & DRV_PIPE_NAMED))
        error = -DRV_ENOENT;
    else if ((flags & DRV_O_ACCMODE) == DRV_O_WRONLY && flags & DRV_O_NONBLOCK &&
             !pipe->readers)
        error = -DRV_ENXIO;
    else if (!drv_ofd_left(drv))
        error = drv_exhausted(drv, DRV_NR_OPEN, DRV_ENFILE);
    if (error)
        return drv_call_return(drv, task, call, ret_result, error);
    ofd = drv_ofd_new(drv, file, flags);
    drv_ofd_get(drv, ofd); /* the call's own, until it returns */
    drv->task[task].ofd = (uint8_t)(ofd + 1);
    join(drv, file, ofd);
    return arrive(drv, task, call, ret_result);
}
