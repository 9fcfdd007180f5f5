/*
 * drivers/epoll.c - epoll: entries with one latch each.
 *
 * An entry's latch is "on the ready list".  It is set by ADD or MOD that finds the level, and
 * by a wake of the file whose key the mask knows.  At delivery the level is looked at again:
 * nothing there, the entry goes off the list without a word; else the full mask is reported,
 * and then the entry goes off (ET), is disarmed (ONESHOT) or queues again at the tail (LT).
 * docs/epoll.md.
 *
 *            ADD, MOD: level           wait takes the list
 *   off  ------------------->  ready  -------------------->  scan --+-> off    level 0, ET,
 * ONESHOT
 *        <-- wake: key -------  ^                                   +-> ready  LT
 *                               +-- end of the scan: rest of scan, then again, then LT ones
 *   a wake during the scan puts the entry on `again`, wherever it is
 *
 * Source: fs/eventpoll.c (Linux 6.x), epoll_ctl(2), epoll_wait(2).
 * Not modelled: EPOLLWAKEUP (accepted), busy polling, the limit of wake-up paths (EINVAL), the
 * lock of a nested instance while a driver's poll {} runs below it.
 *
 * wake   of an instance that is polled itself: IN, whenever an entry of it is called
 * level  IN while an entry on the ready list has its level; others go off the list
 */
#include "drivers/epoll.h"

/* ---- lists ---- */

static void push(struct drv *drv, struct drv_list *list, enum drv_link link, unsigned item)
{
    if (list->last)
        drv_item_at(drv, list->last)->next[link] = (uint8_t)(item + 1);
    else
        list->first = (uint8_t)(item + 1);
    list->last = (uint8_t)(item + 1);
}

static unsigned pop(struct drv *drv, struct drv_list *list, enum drv_link link)
{
    unsigned item = list->first - 1u;

    list->first = drv->item[item].next[link];
    drv->item[item].next[link] = 0;
    if (!list->first)
        list->last = 0;
    return item;
}

void drv_epoll_unlink(struct drv *drv, struct drv_list *list, enum drv_link link, unsigned item)
{
    unsigned before = 0, at = list->first;

    while (at && at != item + 1) {
        before = at;
        at = drv_item_at(drv, at)->next[link];
    }
    if (!at)
        return;
    if (before)
        drv_item_at(drv, before)->next[link] = drv->item[item].next[link];
    else
        list->first = drv->item[item].next[link];
    if (list->last == item + 1)
        list->last = (uint8_t)before;
    drv->item[item].next[link] = 0;
}

/* Appends @tail to @list and leaves @tail empty. */
static void splice(struct drv *drv, struct drv_list *list, struct drv_list *tail)
{
    if (!tail->first)
        return;
    if (list->last)
        drv_item_at(drv, list->last)->next[DRV_LINK_READY] = tail->first;
    else
        list->first = tail->first;
    list->last = tail->last;
    *tail = (struct drv_list){0};
}

/* ---- the latch ---- */

void drv_epoll_record(struct drv *drv, unsigned item, bool set)
{
    const struct drv_item *entry = &drv->item[item];

    sim_trace(drv->trace, SIM_EV_READY, drv_item_file(drv, entry),
              (uint32_t)(entry->epoll - 1) << 8 | set, 0);
}

/* On the list, wherever it belongs now; once. */
void drv_epoll_latch(struct drv *drv, unsigned item)
{
    struct drv_item *entry = &drv->item[item];
    struct drv_epoll *epoll = drv_item_epoll(drv, entry);
    bool was_set = entry->flags;

    if (epoll->flags & DRV_EPOLL_SCANNING) {
        if (entry->flags & DRV_ITEM_AGAIN)
            return;
        entry->flags |= DRV_ITEM_AGAIN;
        push(drv, &epoll->again, DRV_LINK_AGAIN, item);
    } else {
        if (entry->flags & DRV_ITEM_LINKED)
            return;
        entry->flags |= DRV_ITEM_LINKED;
        push(drv, &epoll->ready, DRV_LINK_READY, item);
    }
    if (!was_set)
        drv_epoll_record(drv, item, true);
}

/* Off the list it was taken from; a wake may have put it down for the next one. */
static void unlatch(struct drv *drv, unsigned item)
{
    drv->item[item].flags &= (uint8_t)~DRV_ITEM_LINKED;
    if (!drv->item[item].flags)
        drv_epoll_record(drv, item, false);
}

/* Somebody who waits in epoll_wait, and whoever polls the instance itself. */
void drv_epoll_call(struct drv *drv, drv_file_id file, uint32_t key)
{
    drv_wait_wake(drv, file, DRV_QUEUE_MAIN, 0, false);
    if (drv_wait_any(drv, file, DRV_QUEUE_OTHER))
        drv_file_wake(drv, file, DRV_QUEUE_OTHER, DRV_POLLIN | (key & DRV_EPOLL_URING_WAKE),
                      false);
}

/* EXCLUSIVE: does a wake with @key count as the one it was for? */
static bool served(uint32_t events, uint32_t key)
{
    switch (key & DRV_EPOLL_IN_OUT) {
    case DRV_POLLIN:
        return events & DRV_POLLIN;
    case DRV_POLLOUT:
        return events & DRV_POLLOUT;
    case 0:
        return true;
    default:
        return false;
    }
}

bool drv_epoll_item_woken(struct drv *drv, unsigned item, uint32_t key)
{
    const struct drv_item *entry = &drv->item[item];
    drv_file_id epoll = (drv_file_id)(entry->epoll - 1);
    bool exclusive = entry->events & DRV_EPOLLEXCLUSIVE, waits;

    if (!(entry->events & ~DRV_EPOLL_MODES) || (key && !(key & entry->events)))
        return !exclusive;
    waits = drv_wait_any(drv, epoll, DRV_QUEUE_MAIN);
    drv_epoll_latch(drv, item);
    drv_epoll_call(drv, epoll, key);
    return !exclusive || (waits && served(entry->events, key));
}

/* ---- the scan ---- */

static void scan_start(struct drv *drv, struct drv_epoll *epoll, drv_task_id task)
{
    (void)drv;
    epoll->holder = (uint8_t)(task + 1);
    epoll->flags |= DRV_EPOLL_SCANNING;
    epoll->scan = epoll->ready;
    epoll->ready = (struct drv_list){0};
}

/*
 * What the scan did not reach comes first, then what was woken meanwhile, then what queued
 * again. If that leaves anything, it is for one more waiter.
 */
static void scan_end(struct drv *drv, drv_file_id file)
{
    struct drv_epoll *epoll = drv_epoll(drv, file);
    struct drv_list again = epoll->again;

    epoll->again = (struct drv_list){0};
    while (again.first) {
        unsigned item = pop(drv, &again, DRV_LINK_AGAIN);
        struct drv_item *entry = &drv->item[item];
        bool linked = entry->flags & DRV_ITEM_LINKED;
        entry->flags = DRV_ITEM_LINKED;
        if (!linked)
            push(drv, &epoll->scan, DRV_LINK_READY, item);
    }
    splice(drv, &epoll->scan, &epoll->ready);
    epoll->ready = epoll->scan;
    epoll->scan = (struct drv_list){0};
    epoll->flags &= (uint8_t)~DRV_EPOLL_SCANNING;
    epoll->holder = 0;
    if (epoll->ready.first)
        drv_wait_wake(drv, file, DRV_QUEUE_MAIN, 0, false);
}

/* Delivery of the next entry. */
static void evaluate(struct drv *drv, drv_task_id task, const struct drv_call *call,
                     struct drv_epoll *epoll)
{
    unsigned item = pop(drv, &epoll->scan, DRV_LINK_READY);
    struct drv_item *entry = &drv->item[item];
    uint32_t events = drv_level(drv, task, entry->ofd) & entry->events;

    drv_look_forget(drv, task);
    if (events) {
        int64_t data = (int64_t)((uint64_t)entry->data_hi << 32 | entry->data_lo);
        drv_call_report(drv, call, drv->task[task].done++, data, events,
                        drv_item_file(drv, entry), item);
        if (entry->events & DRV_EPOLLONESHOT) {
            entry->events &= DRV_EPOLL_MODES;
        } else if (!(entry->events & DRV_EPOLLET)) {
            push(drv, &epoll->ready, DRV_LINK_READY, item);
            return;
        }
    }
    unlatch(drv, item);
}

/* ---- epoll_wait ---- */

drv_ofd_id drv_epoll_ofd(const struct drv *drv, drv_task_id task, const struct drv_call *call)
{
    if (drv->task[task].ofd)
        return (drv_ofd_id)(drv->task[task].ofd - 1);
    return drv_fd_ofd(drv, task, drv_arg(call, 0));
}

/* The instance the call waits on, 0 if it will fail. */
static struct drv_epoll *wait_epoll(const struct drv *drv, drv_task_id task,
                                    const struct drv_call *call)
{
    drv_ofd_id ofd = drv_epoll_ofd(drv, task, call);

    if (drv_arg(call, 1) <= 0 || ofd == DRV_NONE || !drv_is_epoll(drv, drv->ofd[ofd].file))
        return 0;
    return drv_epoll(drv, drv->ofd[ofd].file);
}

bool drv_epoll_busy(const struct drv *drv, drv_task_id task, drv_file_id file)
{
    const struct drv_epoll *epoll;

    if (!drv_is_epoll(drv, file))
        return false;
    epoll = drv_epoll(drv, file);
    if (epoll->holder && epoll->holder != task + 1)
        return true;
    for (unsigned i = epoll->ready.first; i; i = drv_item_at(drv, i)->next[DRV_LINK_READY])
        if (drv_epoll_busy(drv, task, drv_item_file(drv, drv_item_at(drv, i))))
            return true;
    return false;
}

/* The entry the next step delivers, 1 + its number; 0 none. */
static unsigned next_entry(const struct drv_epoll *epoll, drv_task_id task)
{
    return epoll->holder == task + 1 ? epoll->scan.first : epoll->ready.first;
}

bool drv_epoll_wait_locked_out(const struct drv *drv, drv_task_id task,
                               const struct drv_call *call)
{
    const struct drv_epoll *epoll = wait_epoll(drv, task, call);
    unsigned next;

    if (!epoll || drv->state[task] == DRV_TIMED)
        return false;
    if (epoll->holder && epoll->holder != task + 1)
        return true;
    next = next_entry(epoll, task);
    return next && drv_epoll_busy(drv, task, drv_item_file(drv, drv_item_at(drv, next)));
}

drv_file_id drv_epoll_wait_need(const struct drv *drv, drv_task_id task,
                                const struct drv_call *call)
{
    const struct drv_epoll *epoll = wait_epoll(drv, task, call);
    unsigned next;

    if (!drv->poll_files || !epoll || drv_epoll_wait_locked_out(drv, task, call) ||
        drv->state[task] == DRV_TIMED)
        return DRV_NONE;
    next = next_entry(epoll, task);
    return next ? drv_look_need(drv, task, drv_item_file(drv, drv_item_at(drv, next)))
                : DRV_NONE;
}

void drv_epoll_wait_begin(struct drv *drv, drv_task_id task)
{
    struct drv_epoll *epoll = drv_epoll(drv, drv->ofd[drv->task[task].ofd - 1].file);

    if (!epoll->holder)
        scan_start(drv, epoll, task);
}

/* Nothing to report: back at once, once more, or to sleep. */
static enum drv_step wait_longer(struct drv *drv, drv_task_id task, const struct drv_call *call,
                                 drv_file_id file, struct drv_result *ret_result)
{
    struct drv_wait_entry entry = {.file = file, .flags = DRV_WAIT_EXCLUSIVE, .who = task};
    int64_t timeout_ns = call->argc > 2 ? drv_arg(call, 2) : -1;

    if (!timeout_ns || drv->task[task].flags & DRV_TASK_EXPIRED)
        return drv_call_return(drv, task, call, ret_result, 0);
    if (drv_epoll(drv, file)->ready.first)
        return DRV_AGAIN;
    /* exclusive, but at the head: whoever came last is called first */
    return drv_call_park(drv, task, call, &entry, DRV_WAIT_HEAD, timeout_ns);
}

enum drv_step drv_epoll_wait_step(struct drv *drv, drv_task_id task,
                                  const struct drv_call *call, struct drv_result *ret_result)
{
    struct drv_epoll *epoll = wait_epoll(drv, task, call);
    struct drv_task *record = &drv->task[task];
    drv_file_id file;

    /* the descriptor comes first; until about Linux 6.13 it was the number of events */
    if (!epoll)
        return drv_call_return(drv, task, call, ret_result,
                               drv_epoll_ofd(drv, task, call) == DRV_NONE ? -DRV_EBADF
                                                                          : -DRV_EINVAL);
    /* the time-out came and nobody woke it: what is on the list now is for others */
    if (drv->state[task] == DRV_TIMED)
        return drv_call_return(drv, task, call, ret_result, 0);
    drv->state[task] = DRV_AWAKE;
    file = drv->ofd[record->ofd - 1].file;
    if (!epoll->holder) {
        if (!epoll->ready.first)
            return wait_longer(drv, task, call, file, ret_result);
        scan_start(drv, epoll, task);
    }
    if (epoll->scan.first)
        evaluate(drv, task, call, epoll);
    if (epoll->scan.first && record->done < drv_arg(call, 1))
        return DRV_AGAIN;
    scan_end(drv, file);
    if (record->done)
        return drv_call_leave(drv, task, call, ret_result, record->done);
    return wait_longer(drv, task, call, file, ret_result);
}

/* ---- the instance as a file ---- */

static int64_t epoll_no_data(struct drv *drv, struct drv_io *io)
{
    (void)drv;
    (void)io;
    return -DRV_EINVAL;
}

/* A scan that stops at the first entry with a level and reports none of them. */
static uint32_t epoll_level(struct drv *drv, drv_task_id task, drv_ofd_id ofd)
{
    drv_file_id file = drv->ofd[ofd].file;
    struct drv_epoll *epoll = drv_epoll(drv, file);

    while (epoll->ready.first) {
        const struct drv_item *entry = drv_item_at(drv, epoll->ready.first);
        if (drv_level(drv, task, entry->ofd) & entry->events) {
            drv_wait_wake(drv, file, DRV_QUEUE_MAIN, 0, false);
            return DRV_POLLIN | DRV_POLLRDNORM;
        }
        unlatch(drv, pop(drv, &epoll->ready, DRV_LINK_READY));
    }
    return 0;
}

static void epoll_release(struct drv *drv, drv_ofd_id ofd)
{
    drv_epoll_empty(drv, drv->ofd[ofd].file);
}

const struct drv_file_ops drv_epoll_ops = {
    .name = "epoll",
    .epoll = true,
    .read = epoll_no_data,
    .write = epoll_no_data,
    .level = epoll_level,
    .release = epoll_release,
    .lseek = drv_lseek_nowhere,
};
