/*
 * drivers/timerfd.c - a timer that is waited for.
 *
 * wake   IN when it expires while nothing is unread.  A periodic timer that nobody reads goes
 *        on counting but wakes no more: Linux starts the next period from the read
 * level  IN while expirations are unread
 * read   how often it expired; none are unread afterwards
 * Source: fs/timerfd.c (Linux 6.x), timerfd_create(2).
 *
 * Time is the stepper's: it asks drv_alarm_ns() and says drv_alarm_fire().
 * Not modelled: absolute times, clocks that are set.
 */
#include "drivers/file.h"

enum { TIMERFD_FLAGS = DRV_O_NONBLOCK | DRV_O_CLOEXEC, COUNTER_BYTES = 8 };

int64_t drv_timerfd_create(struct drv *drv, drv_task_id task, int64_t flags)
{
    if (flags & ~(int64_t)TIMERFD_FLAGS)
        return -DRV_EINVAL;
    return drv_file_make(drv, task, DRV_FILE_TIMERFD, (uint32_t)flags | DRV_O_RDWR);
}

int64_t drv_timerfd_settime(struct drv *drv, drv_ofd_id ofd, int64_t first, int64_t interval)
{
    struct drv_timerfd *timer;

    /* the times are looked at before the descriptor */
    if (first < 0 || interval < 0)
        return -DRV_EINVAL;
    if (ofd == DRV_NONE)
        return -DRV_EBADF;
    if (drv_file_kind(drv, drv->ofd[ofd].file) != DRV_FILE_TIMERFD)
        return -DRV_EINVAL;
    timer = drv_timerfd_of(drv, drv->ofd[ofd].file);
    *timer = (struct drv_timerfd){
        .next_ns = (uint64_t)first,
        .interval_ns = first ? (uint64_t)interval : 0,
        .flags = DRV_SLOT_USED,
    };
    drv->alarmed |= 1u << (drv->ofd[ofd].file - drv->slot[DRV_FILE_TIMERFD]);
    return 0;
}

static int64_t timerfd_read(struct drv *drv, struct drv_io *io)
{
    struct drv_timerfd *timer = drv_timerfd_of(drv, io->file);
    uint32_t ticks = timer->ticks;

    if (io->count < COUNTER_BYTES)
        return -DRV_EINVAL;
    if (!ticks)
        return DRV_WOULD_SLEEP;
    timer->ticks = 0;
    *io->counter = ticks;
    return COUNTER_BYTES;
}

static int64_t timerfd_write(struct drv *drv, struct drv_io *io)
{
    (void)drv;
    (void)io;
    return -DRV_EINVAL;
}

static uint32_t timerfd_level(struct drv *drv, drv_task_id task, drv_ofd_id ofd)
{
    (void)task;
    return drv_timerfd_of(drv, drv->ofd[ofd].file)->ticks ? DRV_POLLIN : 0;
}

static void timerfd_release(struct drv *drv, drv_ofd_id ofd)
{
    drv_file_id file = drv->ofd[ofd].file;

    *drv_timerfd_of(drv, file) = (struct drv_timerfd){0};
    drv->alarmed |= 1u << (file - drv->slot[DRV_FILE_TIMERFD]);
}

uint64_t drv_alarm_ns(const struct drv *drv, unsigned alarm)
{
    return drv_timerfd_of(drv, (drv_file_id)(drv->slot[DRV_FILE_TIMERFD] + alarm))->next_ns;
}

void drv_alarm_fire(struct drv *drv, unsigned alarm)
{
    drv_file_id file = (drv_file_id)(drv->slot[DRV_FILE_TIMERFD] + alarm);
    struct drv_timerfd *timer = drv_timerfd_of(drv, file);

    timer->next_ns = timer->interval_ns;
    drv->alarmed |= 1u << alarm;
    if (timer->next_ns && drv->config->limit_ticks &&
        ++timer->fired >= drv->config->limit_ticks)
        timer->next_ns = timer->interval_ns = 0;
    if (timer->ticks++ == 0)
        drv_file_wake(drv, file, DRV_QUEUE_MAIN, DRV_POLLIN, false);
    drv_jobs_run(drv);
}

const struct drv_file_ops drv_timerfd_ops = {
    .name = "timerfd",
    .epoll = true,
    .sleep_place = DRV_WAIT_TAIL,
    .read = timerfd_read,
    .write = timerfd_write,
    .level = timerfd_level,
    .release = timerfd_release,
    .lseek = drv_lseek_nowhere,
};
