/*
 * drivers/wait.h - wait queues: who sleeps on what, and who a wake reaches.
 *
 * After Linux's kernel/sched/wait.c: a wake walks a queue from its head and stops behind the
 * first exclusive waiter that it really woke.  Pollers and epoll entries queue at the head (the
 * newest is reached first), exclusive waiters at the tail (the oldest first); but who waits in
 * epoll_wait queues at the head although it is exclusive.
 *
 * Calling context: any step; wakes also from handlers.
 */
#ifndef DRIVERS_WAIT_H
#define DRIVERS_WAIT_H

#include "drivers/state.h"

enum drv_wait_place { DRV_WAIT_HEAD, DRV_WAIT_TAIL };

/* Puts @entry on its file's queue.  There is room: every task, thread and entry has its own. */
void drv_wait_add(struct drv *drv, struct drv_wait_entry entry, enum drv_wait_place place);

/* Takes a waiter off all queues and gives back the descriptions it holds there. */
void drv_wait_leave(struct drv *drv, unsigned waiter);
/* Would that close a description, because nobody else holds it any more? */
bool drv_wait_holds_last(const struct drv *drv, unsigned waiter);

/* Takes an epoll entry off its file's queue. */
void drv_wait_leave_item(struct drv *drv, unsigned item);

/* Takes a request off its file's queue. */
void drv_wait_leave_job(struct drv *drv, unsigned job);

/* Takes all epoll entries off a queue that ceases to be. */
void drv_wait_leave_queue(struct drv *drv, drv_file_id file);

/* Is anybody on the queue? */
bool drv_wait_any(const struct drv *drv, drv_file_id file, enum drv_queue_id queue);

/* Wakes a queue with @key (0: any); @all: also the exclusive waiters behind the first. */
void drv_wait_wake(struct drv *drv, drv_file_id file, enum drv_queue_id queue, uint32_t key,
                   bool all);

/* The event bits a poller can listen to, in one byte. */
uint8_t drv_wait_pack(uint32_t events);

#endif
