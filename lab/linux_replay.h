/*
 * lab/linux_replay.h - a schedule that the explorer found, on this Linux, step by step.
 *
 * The model steps by the schedule; at each step the task whose turn it is is released into its
 * call, seen asleep in it, or has its answer taken, and what the kernel did is compared with
 * what the model did.  A real task that is woken runs at once and not when the schedule says:
 * its answer is taken later, but was given then.
 */
#ifndef LAB_LINUX_REPLAY_H
#define LAB_LINUX_REPLAY_H

#include "lab/linux_run.h"

enum {
    LAB_LINUX_DIFFERS = 1, /* the kernel did not do a step as the model does */
    LAB_LINUX_USAGE = 2,   /* not a schedule of this program */
    LAB_LINUX_EARLY = 4,   /* a real task ran before its turn: no such order here */
};

/*
 * Replays @schedule of the program that @lab is laid out for, as for lab_linux_play().  If it
 * does not return LAB_LINUX_OK, which step it was and what the kernel did is in @error.
 */
int lab_linux_replay(struct lab *lab, const char *schedule, struct lab_sink *sink,
                     struct lab_outcome *ret_outcome, char *error, size_t size);

#endif
