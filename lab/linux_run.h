/*
 * lab/linux_run.h - `--on linux`: a compiled scenario on the Linux that irqlab sits on.
 *
 * Tasks are real threads of real processes, each of their calls is the real system call; the
 * devices, the controller and the handlers are the model's, in real time; the file of a device
 * is a pipe that push() writes to.  The trace has the same lines as in the simulator.
 *
 * Not modelled: a driver's open, release and poll blocks; its read block after a wake-up;
 * wake() without a byte where there is no read block; calls that lab/linux_call.c has no row
 * for; timerfd.
 */
#ifndef LAB_LINUX_RUN_H
#define LAB_LINUX_RUN_H

#include "lab/core/lab.h"

enum { LAB_LINUX_OK = 0, LAB_LINUX_BROKEN = 3, LAB_LINUX_CANNOT = 77 };

/*
 * Runs @program once.  Records go to @sink (may be 0) as they come.  @lab: laid out for the
 * program by the caller, not placed; afterwards its end is known there.  What is missing, or
 * went wrong, or where kernel and model disagree, is in @error.
 */
int lab_linux_play(struct lab *lab, struct lab_sink *sink, struct lab_outcome *ret_outcome,
                   char *error, size_t size);

#endif
