/*
 * drivers/epoll_ctl.c - epoll's entries: added, changed, removed, gone with what they watch.
 *
 * An entry is a descriptor number and an open file description, in one instance.  It goes when
 * the description does, not when the descriptor is closed.
 *
 * Source: fs/eventpoll.c (Linux 6.x), epoll_ctl(2).
 */
#include "drivers/epoll.h"

#define EXCLUSIVE_OK                                                                           \
    (DRV_EPOLL_IN_OUT | DRV_EPOLL_ALWAYS | DRV_EPOLLWAKEUP | DRV_EPOLLET | DRV_EPOLLEXCLUSIVE)

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
        if (item->epoll == file + 1 && drv_is_epoll(drv, drv_item_file(drv, item))) {
            unsigned below = 1 + depth_below(drv, drv_item_file(drv, item), top);
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
        if (item->epoll && drv_item_file(drv, item) == file) {
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
        .ofd = drv_epoll_ofd(drv, task, call),
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
        .events = ctl->events | DRV_EPOLL_ALWAYS,
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

    item->events = ctl->events | DRV_EPOLL_ALWAYS;
    item->data_lo = (uint32_t)ctl->data;
    item->data_hi = (uint32_t)((uint64_t)ctl->data >> 32);
}

static void remove_item(struct drv *drv, unsigned item)
{
    struct drv_epoll *epoll = drv_item_epoll(drv, &drv->item[item]);

    if (drv->item[item].flags)
        drv_epoll_record(drv, item, false);
    drv_wait_leave_item(drv, item);
    drv_epoll_unlink(drv, &epoll->ready, DRV_LINK_READY, item);
    drv_epoll_unlink(drv, &epoll->scan, DRV_LINK_READY, item);
    drv_epoll_unlink(drv, &epoll->again, DRV_LINK_AGAIN, item);
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
    if (error == -DRV_ENOSPC)
        drv_exhausted(drv, DRV_NR_EPOLL_CTL, DRV_ENOSPC);
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
        drv_epoll_latch(drv, ctl.item);
        drv_epoll_call(drv, ctl.epoll, 0);
    }
    drv_look_forget(drv, task);
    drv_epoll(drv, ctl.epoll)->holder = 0;
    return drv_call_return(drv, task, call, ret_result, 0);
}

/* ---- instances ---- */

int64_t drv_epoll_create(struct drv *drv, drv_task_id task, int64_t flags)
{
    if (flags & ~(int64_t)DRV_O_CLOEXEC)
        return -DRV_EINVAL;
    return drv_file_make(drv, task, DRV_FILE_EPOLL, (uint32_t)flags | DRV_O_RDWR);
}

void drv_epoll_empty(struct drv *drv, drv_file_id file)
{
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
