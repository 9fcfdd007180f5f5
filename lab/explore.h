/*
 * lab/explore.h - every interleaving of a compiled scenario.
 *
 * Breadth-first over lab_step(), exact unless told otherwise: docs/explorer.md.
 */
#ifndef LAB_EXPLORE_H
#define LAB_EXPLORE_H

#include <stdio.h>

#include "lab/outcomes.h"
#include "lab/unreached.h"

struct lab_split; /* lab/split.h */

struct lab_explore_options {
    uint64_t memory;  /* bytes the search may take; 0: 4 GiB */
    uint64_t depth;   /* steps from the start; 0: any */
    uint64_t states;  /* give up with bound "states" behind so many; 0: any number */
    unsigned threads; /* that step; 0: this one alone */
    bool preempts;    /* only ways with at most @preempt preemptions */
    uint32_t preempt;
    bool prints;                   /* recognise states by their 128-bit hashes alone */
    bool reduce;                   /* leave out interleavings that cannot matter */
    const struct lab_split *split; /* with @reduce: only actors of @part step; 0: all do */
    unsigned part;
    const uint8_t *prefix; /* steps to make before the search begins */
    size_t prefix_length;
    FILE *progress; /* a line a second, 0: none */
};

struct lab_exploration; /* lab/exploration.h */

struct lab_explored {
    struct lab_exploration *exploration; /* its states and graph; goes with _free() */
    struct lab_outcomes outcomes;        /* in order of the shortest way to each */
    char **schedules;                    /* a shortest one, il1:...; reduced: a short one */
    uint64_t states, transitions, depth;
    uint64_t bytes; /* of memory, for states and transitions */
    double seconds; /* of CPU time */
    bool complete;
    bool hashed;                    /* states were told apart by their hashes alone */
    bool timed;                     /* no search: one order of events */
    uint64_t walks;                 /* no search: random walks */
    struct lab_unreached unreached; /* code that no step ever came to */
    bool reduced;                   /* its graph is not one of single steps */
    unsigned parts;                 /* searched one by one, 0: it was not split */
    bool sorted;                    /* tasks that are alike were sorted in its states */
    const char *bound;              /* what cut the search short, 0 if nothing */
};

/* Explores @program.  Returns 0, or -1 out of memory for the first state.  Free with _free().
 */
int lab_explore(const struct lab_program *program, const struct lab_explore_options *options,
                struct lab_explored *ret_explored);
void lab_explored_free(struct lab_explored *explored);

#endif
