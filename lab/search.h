/*
 * lab/search.h - irqlab explore: every interleaving of every point, and what it proves.
 */
#ifndef LAB_SEARCH_H
#define LAB_SEARCH_H

#include "lab/core/ledger.h"
#include "lab/load.h"
#include "lab/style.h"

struct lab_search_options {
    struct lab_load_options load;
    uint64_t memory; /* bytes, 0: the default */
    uint64_t depth;  /* steps, 0: any */
    bool prints, no_reduce;
    bool preempts; /* at most @preempt preemptions */
    uint32_t preempt;
    bool json;
    bool progress; /* a line on standard error while it searches */
    struct lab_style style;
};

/* Explores one scenario and prints the result. Returns an enum lab_exit. */
int lab_search_scenario(const char *name, const struct lab_search_options *options);

/* One outcome as explore prints it: sets, counters that expectations name, kind of end. */
void lab_search_print_outcome(const struct lab_style *style, const struct lab_program *program,
                              const struct lab_outcome *outcome);

#endif
