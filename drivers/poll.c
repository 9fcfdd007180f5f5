/*
 * drivers/poll.c - poll and select: look at all, sleep on what was found, look again.
 *
 * There is no latch.  Each look takes every descriptor by its number, so that after a wake-up a
 * number that was closed or used anew is seen as what it is then; the task sleeps on the queues
 * of the files its first look found, and goes on doing so until it returns.
 *
 * Source: fs/select.c (Linux 6.x), poll(2), select(2).
 * Not modelled: exception sets, the time left that Linux writes back.
 */
#include "drivers/file.h"

/* What makes a descriptor readable or writable for select: POLLIN_SET and POLLOUT_SET there. */
enum {
    READABLE = DRV_POLLIN | DRV_POLLRDNORM | DRV_POLLHUP | DRV_POLLERR | DRV_POLLNVAL,
    WRITABLE = DRV_POLLOUT | DRV_POLLWRNORM | DRV_POLLERR | DRV_POLLNVAL,
    ALWAYS = DRV_POLLERR | DRV_POLLHUP,
};

/* Both calls as one list: descriptor and what is asked of it. */
struct asked {
    int64_t fd;
    uint32_t events;
};

static bool is_select(const struct drv_call *call)
{
    return call->nr == DRV_NR_SELECT;
}

static bool in_set(const struct drv_call *call, unsigned first, int64_t n, int64_t fd)
{
    for (unsigned i = 0; i < n; i++)
        if (drv_arg(call, first + i) == fd)
            return true;
    return false;
}

/* How many entries there are to walk; some of select's may ask nothing. */
static unsigned asked_count(const struct drv *drv, const struct drv_call *call)
{
    return is_select(call) ? drv->config->fds : (unsigned)drv_arg(call, 0);
}

/* The i-th entry; select's are in the order of the descriptors. */
static struct asked asked(const struct drv_call *call, unsigned i)
{
    struct asked one = {.fd = drv_arg(call, 1 + 2 * i), .events = ALWAYS};

    if (!is_select(call)) {
        one.events |= (uint32_t)drv_arg(call, 2 + 2 * i);
        return one;
    }
    one = (struct asked){.fd = (int64_t)i + DRV_FD_FIRST};
    if (in_set(call, 1, drv_arg(call, 0), one.fd))
        one.events |= READABLE;
    if (in_set(call, (unsigned)drv_arg(call, 0) + 2,
               drv_arg(call, (unsigned)drv_arg(call, 0) + 1), one.fd))
        one.events |= WRITABLE;
    if (!one.events)
        one.fd = -1;
    return one;
}

static int64_t timeout_of(const struct drv_call *call)
{
    int64_t n = drv_arg(call, 0);
    unsigned at = is_select(call) ? (unsigned)(2 + n + drv_arg(call, (unsigned)n + 1))
                                  : (unsigned)(1 + 2 * n);

    return at < call->argc ? call->args[at] : -1;
}

/* poll: more entries than the process may have descriptors. */
static bool too_many(const struct drv *drv, drv_task_id task, int64_t n)
{
    unsigned limit = drv->process ? drv->process[drv->config->task_process[task]].limit : 0;

    return limit && n > limit - 1;
}

/* Errors found before anything is looked at. */
static int check(const struct drv *drv, drv_task_id task, const struct drv_call *call)
{
    int64_t n = drv_arg(call, 0), nw = 0;

    if (is_select(call) && n >= 0 && n < call->argc)
        nw = drv_arg(call, (unsigned)n + 1);
    if (n < 0 || nw < 0 || n > drv->config->poll_max || nw > drv->config->poll_max ||
        n + nw > drv->config->poll_max || (!is_select(call) && too_many(drv, task, n)))
        return -DRV_EINVAL;
    /* only at first: a set that loses a descriptor meanwhile finds it readable and writable */
    if (is_select(call) && !(drv->task[task].flags & DRV_TASK_QUEUED))
        for (unsigned i = 0; i < n + nw; i++) {
            int64_t fd = drv_arg(call, i < n ? 1 + i : 2 + i);
            if (drv_fd_ofd(drv, task, fd) == DRV_NONE)
                return -DRV_EBADF;
        }
    return 0;
}

drv_file_id drv_poll_need(const struct drv *drv, drv_task_id task, const struct drv_call *call)
{
    if (!drv->poll_files || check(drv, task, call))
        return DRV_NONE;
    for (unsigned i = 0; i < asked_count(drv, call); i++) {
        struct asked one = asked(call, i);
        drv_ofd_id ofd = one.fd < 0 ? DRV_NONE : drv_fd_ofd(drv, task, one.fd);
        drv_file_id need =
            ofd == DRV_NONE ? DRV_NONE : drv_look_need(drv, task, drv->ofd[ofd].file);
        if (need != DRV_NONE)
            return need;
    }
    return DRV_NONE;
}

bool drv_poll_locked_out(const struct drv *drv, drv_task_id task, const struct drv_call *call)
{
    if (drv->slot[DRV_FILE_EPOLL] == drv->slot_end[DRV_FILE_EPOLL] || check(drv, task, call))
        return false;
    for (unsigned i = 0; i < asked_count(drv, call); i++) {
        struct asked one = asked(call, i);
        drv_ofd_id ofd = one.fd < 0 ? DRV_NONE : drv_fd_ofd(drv, task, one.fd);
        if (ofd != DRV_NONE && drv_epoll_busy(drv, task, drv->ofd[ofd].file))
            return true;
    }
    return false;
}

/* Joins the queues of all files there are now. */
void drv_poll_begin(struct drv *drv, drv_task_id task, const struct drv_call *call)
{
    if (drv->task[task].flags & DRV_TASK_QUEUED)
        return;
    drv->task[task].flags |= DRV_TASK_QUEUED;
    for (unsigned i = 0; i < asked_count(drv, call); i++) {
        struct asked one = asked(call, i);
        drv_ofd_id ofd = one.fd < 0 ? DRV_NONE : drv_fd_ofd(drv, task, one.fd);
        struct drv_wait_entry entry = {.flags = DRV_WAIT_POLLER, .who = task, .ofd = ofd};
        if (ofd == DRV_NONE)
            continue;
        entry.file = drv_poll_file(drv, task, ofd);
        entry.filter = drv_wait_pack(one.events | (is_select(call) ? DRV_POLLPRI : 0u));
        if (drv_poll_queue(drv, ofd) == DRV_QUEUE_OTHER)
            entry.flags |= DRV_WAIT_OTHER;
        drv_ofd_get(drv, ofd);
        drv_wait_add(drv, entry, DRV_WAIT_HEAD);
        if (drv_polls_both(drv, ofd)) {
            entry.flags |= DRV_WAIT_OTHER;
            drv_ofd_get(drv, ofd);
            drv_wait_add(drv, entry, DRV_WAIT_HEAD);
        }
    }
}

/* Registrations of poll and select are task and descriptor; the ledger's numbering. */
static unsigned registration(drv_task_id task, int64_t fd)
{
    return 0x8000u | (unsigned)task << 8 | (unsigned)(fd & 0xff);
}

/* One look at everything; how much there is to report. */
static uint32_t look(struct drv *drv, drv_task_id task, const struct drv_call *call)
{
    uint32_t count = 0;

    for (unsigned i = 0; i < asked_count(drv, call); i++) {
        struct asked one = asked(call, i);
        drv_ofd_id ofd = one.fd < 0 ? DRV_NONE : drv_fd_ofd(drv, task, one.fd);
        drv_file_id file = ofd == DRV_NONE ? DRV_NONE : drv->ofd[ofd].file;
        uint32_t events = is_select(call) ? one.events & DRV_POLLNVAL : DRV_POLLNVAL;
        if (one.fd < 0)
            continue;
        if (ofd != DRV_NONE)
            events = drv_level(drv, task, ofd) & one.events;
        if (!is_select(call)) {
            if (events)
                drv_call_report(drv, call, count++, one.fd, events, file,
                                registration(task, one.fd));
            continue;
        }
        /* a descriptor in both sets counts twice */
        if (events & READABLE && in_set(call, 1, drv_arg(call, 0), one.fd))
            drv_call_report(drv, call, count++, one.fd, DRV_POLLIN, file,
                            registration(task, one.fd));
        if (events & WRITABLE && (one.events & WRITABLE) == WRITABLE)
            drv_call_report(drv, call, count++, one.fd, DRV_POLLOUT, file,
                            registration(task, one.fd));
    }
    return count;
}

enum drv_step drv_poll_step(struct drv *drv, drv_task_id task, const struct drv_call *call,
                            struct drv_result *ret_result)
{
    struct drv_task *record = &drv->task[task];
    int error = check(drv, task, call);
    uint32_t count;

    if (error)
        return drv_call_return(drv, task, call, ret_result, error);
    drv->state[task] = DRV_AWAKE;
    count = look(drv, task, call);
    drv_look_forget(drv, task);
    if (count || !timeout_of(call) || record->flags & DRV_TASK_EXPIRED)
        return drv_call_leave(drv, task, call, ret_result, count);
    if (record->flags & DRV_TASK_TRIGGERED) {
        record->flags &= (uint16_t)~DRV_TASK_TRIGGERED;
        return DRV_AGAIN;
    }
    drv_poll_begin(drv, task, call);
    return drv_call_park(drv, task, call, 0, DRV_WAIT_HEAD, timeout_of(call));
}
