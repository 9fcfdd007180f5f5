/* lab/outcomes.h - the distinct outcomes a search has found. */
#ifndef LAB_OUTCOMES_H
#define LAB_OUTCOMES_H

#include "lab/core/lab.h"

struct lab_outcomes {
    struct lab_outcome *item;
    uint32_t *count; /* distinct final states (or cycles) of each */
    uint32_t *state; /* the first found of them, and so one with a shortest way */
    uint32_t *id;    /* numbers in the order in which they were found */
    uint64_t *hash;
    size_t n, room;
};

#define LAB_OUTCOME_NONE UINT32_MAX

/* Adds the outcome of @state and returns its id.  NONE: no memory. */
uint32_t lab_outcomes_add(struct lab_outcomes *outcomes, const struct lab_outcome *outcome,
                          uint32_t state);
void lab_outcomes_free(struct lab_outcomes *outcomes);

/* Do they say the same, but for the way there? */
bool lab_outcome_same(const struct lab_outcome *a, const struct lab_outcome *b);

/* Shortest first, then by fates: an order that does not depend on how the search went. */
bool lab_outcomes_sort(struct lab_outcomes *outcomes);

#endif
