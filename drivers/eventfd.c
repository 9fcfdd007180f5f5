/*
 * drivers/eventfd.c - a counter that is waited for.
 *
 * wake   every write: IN, even one that adds nothing; every read: OUT
 * level  IN while the counter is not 0, OUT while 1 can be added, ERR at the very top
 * read   takes all, or 1 of a semaphore; write adds
 * Source: fs/eventfd.c (Linux 6.x), eventfd(2).
 */
#include "drivers/file.h"

enum { COUNTER_BYTES = 8, EVENTFD_FLAGS = DRV_EFD_SEMAPHORE | DRV_O_NONBLOCK | DRV_O_CLOEXEC };

int64_t drv_eventfd_create(struct drv *drv, drv_task_id task, int64_t initial, int64_t flags)
{
    if (flags & ~(int64_t)EVENTFD_FLAGS)
        return -DRV_EINVAL;
    for (unsigned i = drv->slot[DRV_FILE_EVENTFD]; i < drv->slot_end[DRV_FILE_EVENTFD]; i++) {
        struct drv_eventfd *eventfd = drv_eventfd(drv, (drv_file_id)i);
        int fd;
        if (eventfd->flags)
            continue;
        fd = drv_file_publish(drv, task, (drv_file_id)i,
                              ((uint32_t)flags & ~(uint32_t)DRV_EFD_SEMAPHORE) | DRV_O_RDWR);
        if (fd < 0)
            return fd;
        eventfd->count = (uint32_t)initial;
        eventfd->flags =
            DRV_EVENTFD_OPEN | (flags & DRV_EFD_SEMAPHORE ? DRV_EVENTFD_SEMAPHORE : 0);
        sim_trace(drv->trace, SIM_EV_CREATE, i, (uint32_t)fd, 0);
        return fd;
    }
    return drv_fd_free(drv, task, 0) < 0 ? -DRV_EMFILE
                                         : drv_exhausted(drv, DRV_NR_EVENTFD, DRV_ENFILE);
}

/* The counter's value is the result: the language reads it so. */
static int64_t eventfd_read(struct drv *drv, struct drv_io *io)
{
    struct drv_eventfd *eventfd = drv_eventfd(drv, io->file);
    uint64_t taken = eventfd->count;

    if (io->call->argc > 1 && io->count < COUNTER_BYTES)
        return -DRV_EINVAL;
    if (!eventfd->count)
        return DRV_WOULD_SLEEP;
    if (eventfd->flags & DRV_EVENTFD_SEMAPHORE)
        taken = 1;
    eventfd->count -= taken;
    drv_file_wake(drv, io->file, DRV_QUEUE_MAIN, DRV_POLLOUT, false);
    *io->counter = taken;
    return COUNTER_BYTES;
}

/*
 * What the call adds: a value alone is the number; bytes are one if there are eight.  Longer
 * writes are EINVAL on Linux 6.18; the manual page and older kernels take them.
 */
static bool addend_of(const struct drv_call *call, uint64_t *ret_value)
{
    int64_t n = drv_arg(call, 1);

    *ret_value = 0;
    if (call->nr == DRV_NR_FILL)
        return n == COUNTER_BYTES;
    if (n == 1) {
        *ret_value = (uint64_t)drv_arg(call, 2);
        return true;
    }
    for (unsigned i = 0; i < COUNTER_BYTES && n == COUNTER_BYTES; i++)
        *ret_value |= (uint64_t)(uint8_t)drv_arg(call, 2 + i) << 8 * i;
    return n == COUNTER_BYTES;
}

static int64_t eventfd_write(struct drv *drv, struct drv_io *io)
{
    struct drv_eventfd *eventfd = drv_eventfd(drv, io->file);
    uint64_t value;

    if (!addend_of(io->call, &value) || value == UINT64_MAX)
        return -DRV_EINVAL;
    if (UINT64_MAX - eventfd->count <= value)
        return DRV_WOULD_SLEEP;
    eventfd->count += value;
    drv_file_wake(drv, io->file, DRV_QUEUE_MAIN, DRV_POLLIN, false);
    return COUNTER_BYTES;
}

void drv_eventfd_signal(struct drv *drv, drv_file_id file)
{
    struct drv_eventfd *eventfd = drv_eventfd(drv, file);

    if (eventfd->count < UINT64_MAX)
        eventfd->count++;
    drv_file_wake(drv, file, DRV_QUEUE_MAIN,
                  DRV_POLLIN | (eventfd->count == UINT64_MAX ? DRV_POLLERR : 0), false);
}

static uint32_t eventfd_level(struct drv *drv, drv_task_id task, drv_ofd_id ofd)
{
    uint64_t count = drv_eventfd(drv, drv->ofd[ofd].file)->count;

    (void)task;
    return (count ? DRV_POLLIN : 0u) | (count == UINT64_MAX ? DRV_POLLERR : 0u) |
           (count < UINT64_MAX - 1 ? DRV_POLLOUT : 0u);
}

static void eventfd_release(struct drv *drv, drv_ofd_id ofd)
{
    *drv_eventfd(drv, drv->ofd[ofd].file) = (struct drv_eventfd){0};
}

const struct drv_file_ops drv_eventfd_ops = {
    .name = "eventfd",
    .epoll = true,
    .sleep_flags = 0,
    .sleep_place = DRV_WAIT_TAIL,
    .read = eventfd_read,
    .write = eventfd_write,
    .level = eventfd_level,
    .release = eventfd_release,
    .lseek = drv_lseek_nowhere,
};
