/*
 * lab/matrix.h - irqlab kernel: the model's kernel and the host's, side by side.
 */
#ifndef LAB_MATRIX_H
#define LAB_MATRIX_H

#include "lab/style.h"

struct lab_matrix_options {
    bool json;
    bool all;   /* every line of every fact, not only those that differ */
    char **ids; /* only these facts, or those whose name begins so */
    int count;
    struct lab_style style;
};

/* Runs the facts on both and prints the matrix.  0: no difference, 1: there are some. */
int lab_matrix(const struct lab_matrix_options *options);

/*
 * Replays a script (file, or "-") on both and prints each line with what it gave; a line that
 * says `-> OUTCOME` is held to it.  0: no difference, 1: there are some, 2: no script.
 */
int lab_replay_script(const char *path, const struct lab_matrix_options *options);

#endif
