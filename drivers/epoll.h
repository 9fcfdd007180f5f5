/*
 * drivers/epoll.h - what the two files about epoll share: epoll.c delivers, epoll_ctl.c keeps
 * the entries.
 *
 * Calling context: a task's step; drv_epoll_latch() and what it calls also inside a wake.
 */
#ifndef DRIVERS_EPOLL_H
#define DRIVERS_EPOLL_H

#include "drivers/file.h"

/* What ONESHOT leaves of a mask: how, no longer what. */
#define DRV_EPOLL_MODES  (DRV_EPOLLWAKEUP | DRV_EPOLLONESHOT | DRV_EPOLLET | DRV_EPOLLEXCLUSIVE)
#define DRV_EPOLL_IN_OUT ((uint32_t)(DRV_POLLIN | DRV_POLLOUT))
#define DRV_EPOLL_ALWAYS ((uint32_t)(DRV_POLLERR | DRV_POLLHUP))

/* An entry by its link: 1 + its number. */
static inline struct drv_item *drv_item_at(const struct drv *drv, unsigned link)
{
    return &drv->item[link - 1];
}

static inline drv_file_id drv_item_file(const struct drv *drv, const struct drv_item *item)
{
    return drv->ofd[item->ofd].file;
}

static inline struct drv_epoll *drv_item_epoll(const struct drv *drv,
                                               const struct drv_item *item)
{
    return drv_epoll(drv, (drv_file_id)(item->epoll - 1));
}

/* Takes an entry off a list, if it is there. */
void drv_epoll_unlink(struct drv *drv, struct drv_list *list, enum drv_link link,
                      unsigned item);

/* The latch is set, or is clear (READY). */
void drv_epoll_record(struct drv *drv, unsigned item, bool set);

/* Puts an entry on the ready list, once, wherever it belongs now. */
void drv_epoll_latch(struct drv *drv, unsigned item);

/* Somebody who waits in epoll_wait, and whoever polls the instance itself. */
void drv_epoll_call(struct drv *drv, drv_file_id file, uint32_t key);

/* The description that a call on an instance is about. */
drv_ofd_id drv_epoll_ofd(const struct drv *drv, drv_task_id task, const struct drv_call *call);

/* The instance is closed: its entries go. */
void drv_epoll_empty(struct drv *drv, drv_file_id file);

#endif
