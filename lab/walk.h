/*
 * lab/walk.h - random walks through the states: many short looks at what is too large to be
 * searched.
 */
#ifndef LAB_WALK_H
#define LAB_WALK_H

#include "lab/explore.h"

struct lab_walk_options {
    uint64_t walks;
    uint64_t seed;
    FILE *progress; /* a line a second, 0: none */
};

/*
 * Walks from the start, each step one of those possible with equal chance.  A walk that has not
 * ended after many steps gets a fair tail: everybody in turn, until it ends or a state comes
 * back.  What it finds is never complete.  Free with lab_explored_free().  -1: out of memory.
 */
int lab_walk(const struct lab_program *program, const struct lab_walk_options *options,
             struct lab_explored *ret_explored);

#endif
