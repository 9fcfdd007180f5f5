/* drivers/file.c - the table of file kinds. */
#include "drivers/process.h"

static const struct drv_file_ops *const ops_of[] = {
    [DRV_FILE_FREE] = 0,
    [DRV_FILE_DEVICE] = &drv_device_file_ops,
    [DRV_FILE_REGULAR] = &drv_regular_file_ops,
    [DRV_FILE_PIPE] = &drv_pipe_ops,
    [DRV_FILE_EVENTFD] = &drv_eventfd_ops,
    [DRV_FILE_EPOLL] = &drv_epoll_ops,
    [DRV_FILE_SOCKET] = &drv_socket_ops,
    [DRV_FILE_NAME] = &drv_socket_ops,
    [DRV_FILE_TIMERFD] = &drv_timerfd_ops,
    [DRV_FILE_SIGNALFD] = &drv_signalfd_ops,
    [DRV_FILE_PIDFD] = &drv_pidfd_ops,
    [DRV_FILE_FIFO] = &drv_pipe_ops,
    [DRV_FILE_PTY] = &drv_pty_ops,
    [DRV_FILE_AIO] = 0,
    [DRV_FILE_URING] = &drv_uring_ops,
};

const struct drv_file_ops *drv_file_ops(const struct drv *drv, drv_file_id file)
{
    return ops_of[drv_file_kind(drv, file)];
}

void drv_file_wake(struct drv *drv, drv_file_id file, enum drv_queue_id queue, uint32_t key,
                   bool all)
{
    sim_trace(drv->trace, SIM_EV_WAKE, file, key & 0xffff, 0);
    drv_wait_wake(drv, file, queue, key, all);
}

int64_t drv_lseek_nowhere(struct drv *drv, drv_ofd_id ofd, int64_t offset, int64_t whence)
{
    (void)drv;
    (void)ofd;
    (void)offset;
    (void)whence;
    return 0;
}

uint32_t drv_level(struct drv *drv, drv_task_id task, drv_ofd_id ofd)
{
    drv_file_id file = drv->ofd[ofd].file;

    return drv_file_ops(drv, file)->level(drv, task, ofd);
}

enum drv_queue_id drv_poll_queue(const struct drv *drv, drv_ofd_id ofd)
{
    switch (drv_file_kind(drv, drv->ofd[ofd].file)) {
    case DRV_FILE_PIPE:
    case DRV_FILE_FIFO:
        return drv_ofd_readable(drv, ofd) ? DRV_QUEUE_MAIN : DRV_QUEUE_OTHER;
    case DRV_FILE_EPOLL:
        return DRV_QUEUE_OTHER;
    default:
        return DRV_QUEUE_MAIN;
    }
}

bool drv_polls_both(const struct drv *drv, drv_ofd_id ofd)
{
    return drv_file_kind(drv, drv->ofd[ofd].file) == DRV_FILE_FIFO &&
           (drv->ofd[ofd].flags & DRV_O_ACCMODE) == DRV_O_RDWR;
}

drv_file_id drv_poll_file(const struct drv *drv, drv_task_id task, drv_ofd_id ofd)
{
    drv_file_id file = drv->ofd[ofd].file;

    if (drv_file_kind(drv, file) == DRV_FILE_SIGNALFD)
        return drv_signal_queue(drv, drv->config->task_process[task]);
    return file;
}

drv_file_id drv_look_need(const struct drv *drv, drv_task_id task, drv_file_id file)
{
    if (!drv->poll_files)
        return DRV_NONE;
    if (drv_is_epoll(drv, file)) {
        const struct drv_epoll *epoll = drv_epoll(drv, file);
        for (unsigned i = epoll->ready.first; i; i = drv->item[i - 1].next[DRV_LINK_READY]) {
            drv_file_id need = drv_look_need(drv, task, drv->ofd[drv->item[i - 1].ofd].file);
            if (need != DRV_NONE)
                return need;
        }
        return DRV_NONE;
    }
    if (drv->poll_slot[file] == DRV_NONE ||
        drv->look[task * drv->poll_files + drv->poll_slot[file]] & DRV_LOOKED)
        return DRV_NONE;
    return file;
}

void drv_look_forget(struct drv *drv, drv_task_id task)
{
    for (unsigned i = 0; i < drv->poll_files; i++)
        drv->look[task * drv->poll_files + i] = 0;
}
