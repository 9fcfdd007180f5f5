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
#include "drivers/file.h"

/* What ONESHOT leaves of a mask: how, no longer what. */
#define MODE_BITS    (DRV_EPOLLWAKEUP | DRV_EPOLLONESHOT | DRV_EPOLLET | DRV_EPOLLEXCLUSIVE)
#define IN_OUT       ((uint32_t)(DRV_POLLIN | DRV_POLLOUT))
#define ALWAYS       ((uint32_t)(DRV_POLLERR | DRV_POLLHUP))
#define EXCLUSIVE_OK (IN_OUT | ALWAYS | DRV_EPOLLWAKEUP | DRV_EPOLLET | DRV_EPOLLEXCLUSIVE)

/* ---- lists ---- */

static struct drv_item *item_of(const struct drv *drv, unsigned link)
{
    return &drv->item[link - 1];
}

static void push(struct drv *drv, struct drv_list *list, enum drv_link link, unsigned item)
{
    if (list->last)
        item_of(drv, list->last)->next[link] = (uint8_t)(item + 1);
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

static void unlink_item(struct drv *drv, struct drv_list *list, enum drv_link link,
                        unsigned item)
{
    unsigned before = 0, at = list->first;

    while (at && at != item + 1) {
        before = at;
        at = item_of(drv, at)->next[link];
    }
    if (!at)
        return;
    if (before)
        item_of(drv, before)->next[link] = drv->item[item].next[link];
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
        item_of(drv, list->last)->next[DRV_LINK_READY] = tail->first;
    else
        list->first = tail->first;
    list->last = tail->last;
    *tail = (struct drv_list){0};
}

/* ---- the latch ---- */

static drv_file_id file_of(const struct drv *drv, const struct drv_item *item)
{
    return drv->ofd[item->ofd].file;
}

static struct drv_epoll *epoll_of(const struct drv *drv, const struct drv_item *item)
{
    return drv_epoll(drv, (drv_file_id)(item->epoll - 1));
}

static void record_latch(struct drv *drv, unsigned item, bool set)
{
    const struct drv_item *entry = &drv->item[item];

    sim_trace(drv->trace, SIM_EV_READY, file_of(drv, entry),
              (uint32_t)(entry->epoll - 1) << 8 | set, 0);
}

/* On the list, wherever it belongs now; once. */
static void latch(struct drv *drv, unsigned item)
{
    struct drv_item *entry = &drv->item[item];
    struct drv_epoll *epoll = epoll_of(drv, entry);
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
        record_latch(drv, item, true);
}

/* Off the list it was taken from; a wake may have put it down for the next one. */
static void unlatch(struct drv *drv, unsigned item)
{
    drv->item[item].flags &= (uint8_t)~DRV_ITEM_LINKED;
    if (!drv->item[item].flags)
        record_latch(drv, item, false);
}

/* Somebody who waits in epoll_wait, and whoever polls the instance itself. */
static void call_waiters(struct drv *drv, drv_file_id file)
{
    drv_wait_wake(drv, file, DRV_QUEUE_MAIN, 0, false);
    if (drv_wait_any(drv, file, DRV_QUEUE_OTHER))
        drv_file_wake(drv, file, DRV_QUEUE_OTHER, DRV_POLLIN, false);
}

/* EXCLUSIVE: does a wake with @key count as the one it was for? */
static bool served(uint32_t events, uint32_t key)
{
    switch (key & IN_OUT) {
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

    if (!(entry->events & ~MODE_BITS) || (key && !(key & entry->events)))
        return !exclusive;
    waits = drv_wait_any(drv, epoll, DRV_QUEUE_MAIN);
    latch(drv, item);
    call_waiters(drv, epoll);
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
        drv_call_report(drv, call, drv->task[task].done++, data, events, file_of(drv, entry),
                        item);
        if (entry->events & DRV_EPOLLONESHOT) {
            entry->events &= MODE_BITS;
        } else if (!(entry->events & DRV_EPOLLET)) {
            push(drv, &epoll->ready, DRV_LINK_READY, item);
            return;
        }
    }
    unlatch(drv, item);
}

/* ---- epoll_wait ---- */

static drv_ofd_id wait_ofd(const struct drv *drv, drv_task_id task, const struct drv_call *call)
{
    if (drv->task[task].ofd)
        return (drv_ofd_id)(drv->task[task].ofd - 1);
    return drv_fd_ofd(drv, task, drv_arg(call, 0));
}

/* The instance the call waits on, 0 if it will fail. */
static struct drv_epoll *wait_epoll(const struct drv *drv, drv_task_id task,
                                    const struct drv_call *call)
{
    drv_ofd_id ofd = wait_ofd(drv, task, call);

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
    for (unsigned i = epoll->ready.first; i; i = item_of(drv, i)->next[DRV_LINK_READY])
        if (drv_epoll_busy(drv, task, file_of(drv, item_of(drv, i))))
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
    return next && drv_epoll_busy(drv, task, file_of(drv, item_of(drv, next)));
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
    return next ? drv_look_need(drv, task, file_of(drv, item_of(drv, next))) : DRV_NONE;
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
                               wait_ofd(drv, task, call) == DRV_NONE ? -DRV_EBADF
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
        return drv_call_return(drv, task, call, ret_result, record->done);
    return wait_longer(drv, task, call, file, ret_result);
}

/* ---- epoll_ctl ---- */

static unsigned find(const struct drv *drv, drv_file_id epoll, drv_ofd_id ofd, int64_t fd)
{
    for (unsigned i = 0; i < drv->config->items; i++) {
        const struct drv_item *item = &drv->item[i];
        if (item->epoll == epoll + 1 && item->ofd == ofd && item->fd == fd - DRV_FD_FIRST)
            return i;
    }
    return DRV_ITEMS_MAX;
}

enum { TOO_DEEP = 100 };

/* Instances below @file, one under the other; TOO_DEEP if @top is among them. */
static unsigned depth_below(const struct drv *drv, drv_file_id file, drv_file_id top)
{
    unsigned depth = 0;

    if (file == top)
        return TOO_DEEP;
    for (unsigned i = 0; i < drv->config->items; i++) {
        const struct drv_item *item = &drv->item[i];
        if (item->epoll == file + 1 && drv_is_epoll(drv, file_of(drv, item))) {
            unsigned below = 1 + depth_below(drv, file_of(drv, item), top);
            depth = below > depth ? below : depth;
        }
    }
    return depth;
}

/* Instances above @file. */
static unsigned depth_above(const struct drv *drv, drv_file_id file)
{
    unsigned depth = 0;

    for (unsigned i = 0; i < drv->config->items; i++) {
        const struct drv_item *item = &drv->item[i];
        if (item->epoll && file_of(drv, item) == file) {
            unsigned above = 1 + depth_above(drv, (drv_file_id)(item->epoll - 1));
            depth = above > depth ? above : depth;
        }
    }
    return depth;
}

/* A control call taken apart. */
struct control {
    int64_t op, fd, data;
    uint32_t events;
    drv_ofd_id ofd, target;
    drv_file_id epoll;
    unsigned item;
    bool locked; /* its first half is done: poll {} has run */
};

/* Errors found before the instance is locked. */
static int check_arguments(const struct drv *drv, const struct control *ctl)
{
    bool exclusive = ctl->op != DRV_EPOLL_CTL_DEL && ctl->events & DRV_EPOLLEXCLUSIVE;

    if (ctl->ofd == DRV_NONE || ctl->target == DRV_NONE)
        return -DRV_EBADF;
    if (!drv_file_ops(drv, drv->ofd[ctl->target].file)->epoll)
        return -DRV_EPERM;
    if (ctl->ofd == ctl->target || !drv_is_epoll(drv, drv->ofd[ctl->ofd].file))
        return -DRV_EINVAL;
    /* who is called alone is decided when it joins the queue, and instances call all or none */
    if (exclusive &&
        (ctl->op == DRV_EPOLL_CTL_MOD ||
         (ctl->op == DRV_EPOLL_CTL_ADD &&
          (drv_is_epoll(drv, drv->ofd[ctl->target].file) || ctl->events & ~EXCLUSIVE_OK))))
        return -DRV_EINVAL;
    return 0;
}

/* Errors found under the lock. */
static int check_entry(const struct drv *drv, const struct control *ctl)
{
    drv_file_id target = drv->ofd[ctl->target].file;
    bool known = ctl->item != DRV_ITEMS_MAX;

    switch (ctl->op) {
    case DRV_EPOLL_CTL_ADD:
        if (drv_is_epoll(drv, target) &&
            depth_below(drv, target, ctl->epoll) + 1 + depth_above(drv, ctl->epoll) >
                DRV_NESTS_MAX)
            return -DRV_ELOOP;
        if (known)
            return -DRV_EEXIST;
        for (unsigned i = 0; i < drv->config->items; i++)
            if (!drv->item[i].epoll)
                return 0;
        return -DRV_ENOSPC;
    case DRV_EPOLL_CTL_MOD:
        if (known && drv->item[ctl->item].events & DRV_EPOLLEXCLUSIVE)
            return -DRV_EINVAL;
        return known ? 0 : -DRV_ENOENT;
    case DRV_EPOLL_CTL_DEL:
        return known ? 0 : -DRV_ENOENT;
    default:
        return -DRV_EINVAL;
    }
}

/* Fills @ret_ctl; returns the error the call will give, if it is one found without the lock. */
static int take_apart(const struct drv *drv, drv_task_id task, const struct drv_call *call,
                      struct control *ret_ctl)
{
    const struct drv_task *record = &drv->task[task];
    int error;

    *ret_ctl = (struct control){
        .op = drv_arg(call, 1),
        .fd = drv_arg(call, 2),
        .events = (uint32_t)drv_arg(call, 3),
        .data = drv_arg(call, call->argc > 4 ? 4 : 2),
        .ofd = wait_ofd(drv, task, call),
        .target = record->target ? (drv_ofd_id)(record->target - 1)
                                 : drv_fd_ofd(drv, task, drv_arg(call, 2)),
        .item = DRV_ITEMS_MAX,
        .locked = record->flags & DRV_TASK_LOCKED,
    };
    error = check_arguments(drv, ret_ctl);
    if (error)
        return error;
    ret_ctl->epoll = drv->ofd[ret_ctl->ofd].file;
    ret_ctl->item = find(drv, ret_ctl->epoll, ret_ctl->target, ret_ctl->fd);
    return 0;
}

static void insert(struct drv *drv, drv_task_id task, struct control *ctl)
{
    struct drv_wait_entry entry = {.file = drv_poll_file(drv, task, ctl->target),
                                   .flags = DRV_WAIT_ITEM};
    bool exclusive = ctl->events & DRV_EPOLLEXCLUSIVE;
    unsigned i = 0;

    while (drv->item[i].epoll)
        i++;
    ctl->item = i;
    drv->item[i] = (struct drv_item){
        .events = ctl->events | ALWAYS,
        .data_lo = (uint32_t)ctl->data,
        .data_hi = (uint32_t)((uint64_t)ctl->data >> 32),
        .epoll = (uint8_t)(ctl->epoll + 1),
        .ofd = ctl->target,
        .fd = (uint8_t)(ctl->fd - DRV_FD_FIRST),
    };
    entry.who = (uint8_t)i;
    if (exclusive)
        entry.flags |= DRV_WAIT_EXCLUSIVE;
    if (drv_poll_queue(drv, ctl->target) == DRV_QUEUE_OTHER)
        entry.flags |= DRV_WAIT_OTHER;
    drv_wait_add(drv, entry, exclusive ? DRV_WAIT_TAIL : DRV_WAIT_HEAD);
    if (drv_polls_both(drv, ctl->target)) {
        entry.flags |= DRV_WAIT_OTHER;
        drv_wait_add(drv, entry, exclusive ? DRV_WAIT_TAIL : DRV_WAIT_HEAD);
    }
}

static void modify(struct drv *drv, const struct control *ctl)
{
    struct drv_item *item = &drv->item[ctl->item];

    item->events = ctl->events | ALWAYS;
    item->data_lo = (uint32_t)ctl->data;
    item->data_hi = (uint32_t)((uint64_t)ctl->data >> 32);
}

static void remove_item(struct drv *drv, unsigned item)
{
    struct drv_epoll *epoll = epoll_of(drv, &drv->item[item]);

    if (drv->item[item].flags)
        record_latch(drv, item, false);
    drv_wait_leave_item(drv, item);
    unlink_item(drv, &epoll->ready, DRV_LINK_READY, item);
    unlink_item(drv, &epoll->scan, DRV_LINK_READY, item);
    unlink_item(drv, &epoll->again, DRV_LINK_AGAIN, item);
    drv->item[item] = (struct drv_item){0};
}

/* The entry listens from here on; the level is looked at after it. */
static void apply(struct drv *drv, drv_task_id task, struct control *ctl)
{
    if (ctl->op == DRV_EPOLL_CTL_ADD)
        insert(drv, task, ctl);
    else
        modify(drv, ctl);
}

bool drv_epoll_ctl_locked_out(const struct drv *drv, drv_task_id task,
                              const struct drv_call *call)
{
    struct control ctl;

    if (take_apart(drv, task, call, &ctl))
        return false;
    if (drv_epoll(drv, ctl.epoll)->holder && drv_epoll(drv, ctl.epoll)->holder != task + 1)
        return true;
    return ctl.op != DRV_EPOLL_CTL_DEL && drv_epoll_busy(drv, task, drv->ofd[ctl.target].file);
}

drv_file_id drv_epoll_ctl_need(const struct drv *drv, drv_task_id task,
                               const struct drv_call *call)
{
    struct control ctl;

    if (!drv->poll_files || take_apart(drv, task, call, &ctl) || ctl.op == DRV_EPOLL_CTL_DEL ||
        drv_epoll_ctl_locked_out(drv, task, call) || (!ctl.locked && check_entry(drv, &ctl)))
        return DRV_NONE;
    return drv_look_need(drv, task, drv->ofd[ctl.target].file);
}

void drv_epoll_ctl_begin(struct drv *drv, drv_task_id task, const struct drv_call *call)
{
    struct control ctl;

    if (drv->task[task].flags & DRV_TASK_LOCKED || take_apart(drv, task, call, &ctl) ||
        check_entry(drv, &ctl))
        return;
    drv->task[task].flags |= DRV_TASK_LOCKED;
    drv->task[task].target = (uint8_t)(ctl.target + 1);
    drv_ofd_get(drv, ctl.target);
    drv_epoll(drv, ctl.epoll)->holder = (uint8_t)(task + 1);
    apply(drv, task, &ctl);
}

enum drv_step drv_epoll_ctl_step(struct drv *drv, drv_task_id task, const struct drv_call *call,
                                 struct drv_result *ret_result)
{
    struct control ctl;
    int error = take_apart(drv, task, call, &ctl);

    if (!error && !ctl.locked)
        error = check_entry(drv, &ctl);
    if (error)
        return drv_call_return(drv, task, call, ret_result, error);
    if (ctl.op == DRV_EPOLL_CTL_DEL) {
        remove_item(drv, ctl.item);
        return drv_call_return(drv, task, call, ret_result, 0);
    }
    if (!ctl.locked)
        apply(drv, task, &ctl);
    if (drv_level(drv, task, ctl.target) & drv->item[ctl.item].events &&
        !(drv->item[ctl.item].flags & DRV_ITEM_LINKED)) {
        latch(drv, ctl.item);
        call_waiters(drv, ctl.epoll);
    }
    drv_look_forget(drv, task);
    drv_epoll(drv, ctl.epoll)->holder = 0;
    return drv_call_return(drv, task, call, ret_result, 0);
}

/* ---- the instance as a file ---- */

int64_t drv_epoll_create(struct drv *drv, drv_task_id task, int64_t flags)
{
    if (flags & ~(int64_t)DRV_O_CLOEXEC)
        return -DRV_EINVAL;
    return drv_file_make(drv, task, DRV_FILE_EPOLL, (uint32_t)flags | DRV_O_RDWR);
}

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
        const struct drv_item *entry = item_of(drv, epoll->ready.first);
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
    drv_file_id file = drv->ofd[ofd].file;

    for (unsigned i = 0; i < drv->config->items; i++)
        if (drv->item[i].epoll == file + 1)
            remove_item(drv, i);
    *drv_epoll(drv, file) = (struct drv_epoll){0};
}

void drv_epoll_forget(struct drv *drv, drv_ofd_id ofd)
{
    for (unsigned i = 0; i < drv->config->items; i++)
        if (drv->item[i].epoll && drv->item[i].ofd == ofd)
            remove_item(drv, i);
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
