/*
 * lab/replayed.h - a way through the states, stepped again with all its records kept: what
 * tables, labels and stories are made from.
 */
#ifndef LAB_REPLAYED_H
#define LAB_REPLAYED_H

#include "lab/core/lab.h"

/* Why the step is another actor's than the one before. */
enum lab_switch {
    LAB_SWITCH_NONE,      /* it is not, or it is the first */
    LAB_SWITCH_PREEMPTED, /* that one could have gone on */
    LAB_SWITCH_WAITS,     /* it sleeps, or waits for somebody */
    LAB_SWITCH_ENDED,     /* it has nothing left to do */
};

struct lab_replayed_step {
    uint8_t actor;
    uint8_t why;    /* enum lab_switch */
    uint8_t before; /* the actor that was left */
    size_t first;   /* of its records; they end where those of the next step begin */
};

struct lab_replayed {
    struct lab lab; /* in its last state */
    struct lab_counts counts;
    uint8_t *bytes;
    struct sim_record *records;
    size_t count, room;
    struct lab_replayed_step *step; /* steps + 1: the last only ends the records */
    size_t steps;
};

/* Steps along @actors from the start.  False: out of memory, or a step is not possible. */
bool lab_replayed_make(struct lab_replayed *ret, const struct lab_program *program,
                       const uint8_t *actors, size_t steps);
void lab_replayed_free(struct lab_replayed *replayed);

/* Whose step it is for the eye: a CPU takes and handles. */
unsigned lab_replayed_agent(const struct lab *lab, unsigned actor);

/*
 * Why @token, which is lost in @outcome, lies where it lies, in a few words: "in a: the line is
 * active, nothing is pending: the edge was consumed or never seen".
 */
void lab_stuck_text(struct lab_replayed *replayed, const struct lab_outcome *outcome,
                    unsigned token, char *ret_text, size_t size);

#endif
