/*
 * tests/differential/kernel/histogram.h - what the sequences covered: file kind x call x
 * readiness.
 */
#ifndef TESTS_DIFFERENTIAL_KERNEL_HISTOGRAM_H
#define TESTS_DIFFERENTIAL_KERNEL_HISTOGRAM_H

#include "lab/script_model.h"

enum { HISTOGRAM_ROWS = 48, HISTOGRAM_COLUMNS = 20 };

struct histogram {
    uint64_t cell[HISTOGRAM_ROWS][HISTOGRAM_COLUMNS];
    uint64_t elsewhere; /* states without a row */
    uint64_t calls, successes;
    uint8_t *copy; /* of an arena */
};

bool histogram_init(struct histogram *histogram, const struct lab_model *model);
/* Counts the call that is about to be made: which file it is about, and what is true of it. */
void histogram_count(struct histogram *histogram, struct lab_model *model,
                     const struct lab_script_op *op, const int64_t *args);
/* Prints it; how many cells nothing came to. */
unsigned histogram_print(const struct histogram *histogram);

#endif
