/*
 * lab/search.h - irqlab explore: every interleaving of every point, and what it proves.
 */
#ifndef LAB_SEARCH_H
#define LAB_SEARCH_H

#include "lab/load.h"
#include "lab/style.h"

struct lab_search_options {
    struct lab_load_options load;
    uint64_t memory;      /* bytes, 0: the default */
    uint64_t depth;       /* steps, 0: any */
    const char *schedule; /* the search begins behind it, or 0 */
    bool skip;            /* leave out its steps that are not possible */
    uint64_t walks, seed; /* random walks instead of a search */
    bool timed;           /* under the clock: one outcome at each point */
    bool check;           /* that every schedule leads where it says */
    unsigned threads;
    bool prints, no_reduce;
    bool preempts; /* at most @preempt preemptions */
    uint32_t preempt;
    bool json;
    bool progress; /* a line on standard error while it searches */
    struct lab_style style;
};

/* Explores one scenario and prints the result. Returns an enum lab_exit. */
int lab_search_scenario(const char *name, const struct lab_search_options *options);

#endif
