/* tests/explore/pairs.h - scenarios made of two small ones that share nothing, or a CPU. */
#ifndef TESTS_EXPLORE_PAIRS_H
#define TESTS_EXPLORE_PAIRS_H

#include <stdio.h>

/* Writes the scenario of this number. */
void pair_write(FILE *file, unsigned seed);

#endif
