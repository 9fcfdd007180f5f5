/*
 * lab/columns.h - a way through the states as a table: a row a step, a column an actor, the
 * lines and what the controller remembers of them as waveforms that run downwards.
 */
#ifndef LAB_COLUMNS_H
#define LAB_COLUMNS_H

#include "lab/replayed.h"
#include "lab/style.h"

/* @no_return: the step to mark as the point of no return, 0: none.  False: out of memory. */
bool lab_columns_print(const struct lab_style *style, FILE *file,
                       const struct lab_replayed *replayed, size_t no_return);

/* What the step did, for its actor's column: "read a.COUNT = 0". */
void lab_columns_step(const struct lab_replayed *replayed, size_t step, char *ret_text,
                      size_t size);

/* The actor's name: "world", "cpu0", "reader". */
void lab_columns_actor(const struct lab *lab, unsigned actor, char *ret_text, size_t size);

#endif
