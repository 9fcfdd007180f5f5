/*
 * tests/explore/naive.h - the explorer as one would first write it: whole states, copied and
 * compared whole, cycles by the definition.  The yardstick for the real one.
 */
#ifndef TESTS_EXPLORE_NAIVE_H
#define TESTS_EXPLORE_NAIVE_H

#include "lab/outcomes.h"

struct naive_result {
    struct lab_outcomes outcomes;
    uint64_t states, transitions;
    bool complete; /* false: more than NAIVE_STATES_MAX */
};

enum { NAIVE_STATES_MAX = 40000 };

void naive_explore(const struct lab_program *program, struct naive_result *ret);

#endif
