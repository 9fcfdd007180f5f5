/*
 * lab/split.h - actors that have nothing to do with each other: docs/explorer.md, "Reductions".
 *
 * What is decided from the compiled scenario alone: two actors belong together if they name one
 * device, line, CPU with a handler, driver, file, process or shared variable, and so on.
 */
#ifndef LAB_SPLIT_H
#define LAB_SPLIT_H

#include "lab/core/lab.h"

struct lab_split {
    unsigned parts;               /* 1: everything belongs together, or nobody can say */
    uint8_t part[LAB_ACTORS_MAX]; /* by actor: 0 .. parts - 1 */
};

/* Splits a scenario that was laid out and bound.  False: out of memory. */
bool lab_split_find(const struct lab *lab, struct lab_split *ret);

#endif
