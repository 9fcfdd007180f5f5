/*
 * lab/witness.h - ways through an explored graph to what an expectation is about: the shortest,
 * the one with the fewest preemptions, and where it could not be helped any more.
 *
 * A preemption is a switch away from an actor that could have gone on.
 */
#ifndef LAB_WITNESS_H
#define LAB_WITNESS_H

#include "lab/exploration.h"

struct lab_way {
    uint8_t *actors; /* who steps, malloc'ed */
    size_t length;
    uint32_t preemptions;
};

enum lab_way_order {
    LAB_WAY_SHORTEST, /* and among those the fewest preemptions */
    LAB_WAY_FEWEST,   /* preemptions, and among those the shortest */
};

/*
 * The best way to an end with a wanted outcome; @wanted by lab_outcomes.id.  The graph must be
 * one of single steps (not reduced).  False: there is none, the graph is too large to look for
 * it, or out of memory.
 */
bool lab_way_best(struct lab_exploration *s, const bool *wanted, enum lab_way_order order,
                  struct lab_way *ret_way);
void lab_way_free(struct lab_way *way);

/* Preemptions on a way from the start of @program.  False: out of memory. */
bool lab_way_preemptions(const struct lab_program *program, const uint8_t *actors,
                         size_t length, uint32_t *ret_preemptions);

/*
 * The first step of the way behind which only ends with wanted outcomes can be reached, 1 for
 * the first of all; 0: that was so from the start, or it is not known.
 */
size_t lab_way_no_return(struct lab_exploration *s, const bool *wanted,
                         const struct lab_way *way);

#endif
