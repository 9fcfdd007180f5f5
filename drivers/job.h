/*
 * drivers/job.h - requests of Linux AIO and io_uring, and where their completions wait.
 *
 * A context of Linux AIO and a ring are the same thing here: a queue of completions.  A request
 * that cannot be done at once is a job: it holds the open file and listens on its queue.  Wakes
 * only note what came; the work is done at the end of the step that brought them, as the
 * kernel's task work is, when no file is in the middle of anything.
 *
 * Calling context: a task's step; drv_jobs_run() also at the end of a handler's wake.
 */
#ifndef DRIVERS_JOB_H
#define DRIVERS_JOB_H

#include "drivers/file.h"

/* A completion for @number; more will follow if @more.  Posts to the ring's queue and calls it.
 * False: no room, and @more: it was not posted, the request has to end. */
bool drv_ring_post(struct drv *drv, drv_file_id ring, unsigned number, int32_t value,
                   bool more);

/* The lowest number that no request and no completion of the ring bears. */
unsigned drv_ring_number(const struct drv *drv, drv_file_id ring);

/* Hands @most completions to the call, oldest first; returns how many. */
uint32_t drv_ring_reap(struct drv *drv, drv_file_id ring, const struct drv_call *call,
                       uint32_t most);

/* A free job of this ring for @task, holding @ofd; DRV_NONE: there are no more. */
unsigned drv_job_new(struct drv *drv, drv_file_id ring, drv_task_id task, drv_ofd_id ofd);

/* The job listens on its file from now on. */
void drv_job_listen(struct drv *drv, unsigned job);

/* It completes with @value and is free again. */
void drv_job_finish(struct drv *drv, unsigned job, int32_t value);

/* It is free again, without a completion. */
void drv_job_drop(struct drv *drv, unsigned job);

/* The job of the ring with this number, DRV_NONE: none. */
unsigned drv_job_find(const struct drv *drv, drv_file_id ring, int64_t number);

/* All jobs of a ring are dropped. */
void drv_jobs_cancel(struct drv *drv, drv_file_id ring);

/* A read or write of a request, now or not at all: value, or DRV_WOULD_SLEEP. */
int64_t drv_job_io(struct drv *drv, drv_task_id task, drv_ofd_id ofd, bool write,
                   uint32_t count, int64_t offset);

#endif
