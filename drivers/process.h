/*
 * drivers/process.h - processes: their lives, their children, their signals.
 *
 * Records of processes are laid out only if something in the scenario can tell (config->
 * families).  A process number is DRV_PID_FIRST and up, in the order of the text; a child's is
 * that of its place in the family.
 *
 * Calling context: a task's step; signals also from handlers (signal-driven I/O).
 */
#ifndef DRIVERS_PROCESS_H
#define DRIVERS_PROCESS_H

#include "drivers/file.h"

/* The process with this number, DRV_NONE: there is none (any more). */
unsigned drv_process_of_pid(const struct drv *drv, int64_t pid);

/* Ends all tasks of a process but @except (DRV_NONE: all): each at its next step. */
void drv_process_kill(struct drv *drv, unsigned process, unsigned except);

/* The last task of the process has ended and its descriptors are closed. */
void drv_process_end(struct drv *drv, unsigned process);

/* Sends a signal to a process; -EAGAIN if no more can be queued. */
int drv_signal_send(struct drv *drv, unsigned process, struct drv_queued_signal signal);

/* Where those listen who wait for signals of a process: a wait queue that is no file's. */
static inline drv_file_id drv_signal_queue(const struct drv *drv, unsigned process)
{
    return (drv_file_id)(drv->files + process);
}

#endif
