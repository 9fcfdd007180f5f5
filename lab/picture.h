/*
 * lab/picture.h - a run as a picture for a terminal: all points on one time axis.
 *
 * Made from records, outcomes and names alone.
 */
#ifndef LAB_PICTURE_H
#define LAB_PICTURE_H

#include <stdio.h>

#include "lab/style.h"
#include "lab/trial.h"

enum {
    LAB_PICTURE_POINTS_MAX = 4, /* more blocks than this do not fit a screen */
};

/* Draws one block of lanes for each trial. False: no memory. */
bool lab_picture_print(const struct lab_style *style, FILE *file,
                       const struct lab_trial *trials, size_t count);

/*
 * One line for each trial: its point, what became of each token, how many were read, whether
 * that was expected.
 */
bool lab_verdict_lines(const struct lab_style *style, FILE *file,
                       const struct lab_trial *trials, size_t count);

#endif
