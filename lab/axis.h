/*
 * lab/axis.h - the time axis that all lanes of a picture share.
 *
 * Time is cut into cells of 1, 2 or 5 times a power of ten nanoseconds; a cell is a column.
 * Stretches in which nothing happens at any point are taken out and drawn as "//" when the
 * whole would not fit otherwise.
 */
#ifndef LAB_AXIS_H
#define LAB_AXIS_H

#include "lab/trial.h"

enum {
    LAB_AXIS_BREAKS_MAX = 32, /* more idle stretches stay drawn */
    LAB_AXIS_BREAK_COLUMNS = 2,
};

struct lab_axis_break {
    uint64_t from_ns, to_ns; /* multiples of the cell */
    unsigned column;         /* where "//" stands */
};

struct lab_axis {
    uint64_t cell_ns;
    uint64_t end_ns; /* last thing that happens at any point */
    unsigned columns;
    unsigned breaks;
    struct lab_axis_break gap[LAB_AXIS_BREAKS_MAX];
};

/* Fits all trials into @columns_max columns. */
void lab_axis_fit(struct lab_axis *ret_axis, const struct lab_trial *trials, size_t count,
                  unsigned columns_max);

/* The column of the cell that begins at or holds the instant @ns; axis->columns behind the end.
 */
unsigned lab_axis_column(const struct lab_axis *axis, uint64_t ns);

/* The column of the last cell before @ns: where something that ends at @ns is drawn. */
unsigned lab_axis_column_before(const struct lab_axis *axis, uint64_t ns);

/* Is the column part of a "//"? */
bool lab_axis_is_break(const struct lab_axis *axis, unsigned column);

/*
 * Writes the numbers over the ticks into @ret_line (axis->columns bytes and a 0) and returns
 * their unit.
 */
const char *lab_axis_numbers(const struct lab_axis *axis, char *ret_line);

#endif
