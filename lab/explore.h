/*
 * lab/explore.h - every interleaving of a compiled scenario.
 *
 * Naive by intent: breadth-first over lab_step(), each state stored whole and compared whole,
 * no reductions.  It is the yardstick for anything cleverer.
 */
#ifndef LAB_EXPLORE_H
#define LAB_EXPLORE_H

#include <stdio.h>

#include "lab/core/lab.h"

struct lab_explore_options {
    uint64_t memory; /* bytes the store may take; 0: 4 GiB */
    uint64_t depth;  /* steps from the start; 0: any */
    FILE *progress;  /* a line a second, 0: none */
};

struct lab_explored {
    struct lab_outcome *outcomes; /* distinct, in order of the shortest way to each */
    uint32_t *counts;             /* distinct final states (or cycles) of each */
    char **schedules;             /* a shortest one, il1:... */
    size_t outcomes_count;
    uint64_t states, transitions, depth;
    double seconds;
    bool complete;
    const char *bound; /* what cut the search short, 0 if nothing */
};

/* Explores @program.  Returns 0, or -1 out of memory for the first state.  Free with _free().
 */
int lab_explore(const struct lab_program *program, const struct lab_explore_options *options,
                struct lab_explored *ret_explored);
void lab_explored_free(struct lab_explored *explored);

/*
 * Replays a schedule ("il1:HASH:letters with run lengths") from the start.  Times are numbers
 * of steps.  Returns 0, or -1 with the reason in @error: malformed, of another scenario, or a
 * step that is not enabled (it says which are).
 */
int lab_replay(struct lab *lab, const char *schedule, struct lab_sink *sink,
               struct lab_outcome *ret_outcome, char *error, size_t error_size);

#endif
