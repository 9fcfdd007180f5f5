/*
 * drivers/disk.h - files on disks: which transfers wait for the device, and who waits.
 *
 * A request is numbered as it is made; the device's completion of it is a token, which the
 * driver pushes to its file.  Pushed, it completes the request with that number: a task goes
 * on, a request of Linux AIO or io_uring is done.
 *
 * Calling context: a task's step; drv_disk_pushed() also a handler's.
 */
#ifndef DRIVERS_DISK_H
#define DRIVERS_DISK_H

#include "drivers/file.h"

/* Must a transfer of @count bytes at @offset of the file wait for its disk? */
bool drv_disk_needed(const struct drv *drv, drv_file_id file, int64_t offset, int64_t count,
                     bool write);

/* May a request of Linux AIO on the file be done later?  A buffered file blocks the submit. */
bool drv_disk_direct(const struct drv *drv, drv_file_id file);

/*
 * Must the calling task's transfer wait for its disk?  Then the disk has been asked, or another
 * task's question is good for this one, too: it shall sleep on the file's queue and ask again.
 * Else what was asked before has been answered and is taken, or there was no need to ask.
 */
bool drv_disk_waits(struct drv *drv, drv_task_id task, drv_file_id file, int64_t offset,
                    int64_t count, bool write);

/* The disk of the file shall do the transfer of @job, which completes then. */
void drv_disk_submit_job(struct drv *drv, drv_file_id file, unsigned job);

/* A driver hands @token to its @file.  True: it was a disk's completion, and is dealt with. */
bool drv_disk_pushed(struct drv *drv, drv_file_id file, unsigned token);

/* Nobody waits any more for what the task, or the job, has asked for. */
void drv_disk_forget_task(struct drv *drv, drv_task_id task);
void drv_disk_forget_job(struct drv *drv, unsigned job);

/* The disk's device file, if a request that is answered holds @token; else DRV_NONE. */
drv_file_id drv_disk_holds(const struct drv *drv, unsigned token);

/* Is @file the device file of the disk that the regular file @on lies on? */
bool drv_disk_feeds(const struct drv *drv, drv_file_id file, drv_file_id on);

#endif
