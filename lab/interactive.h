/*
 * lab/interactive.h - irqlab run --step: walking through the states by hand.
 */
#ifndef LAB_INTERACTIVE_H
#define LAB_INTERACTIVE_H

#include "lab/load.h"
#include "lab/style.h"

struct lab_interactive_options {
    struct lab_load_options load;
    const char *schedule; /* to begin with, or 0 */
    bool skip;            /* leave out its steps that are not possible */
    struct lab_style style;
};

/*
 * Shows who can step, reads who shall (its number or letter, with a count), shows what that
 * did, and so on until the end of the input or "q".  For one point.  Returns an enum lab_exit.
 */
int lab_interactive(const char *name, const struct lab_interactive_options *options);

#endif
