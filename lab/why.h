/*
 * lab/why.h - irqlab why FILE TOKEN: the story of one token in words.
 */
#ifndef LAB_WHY_H
#define LAB_WHY_H

#include "lab/load.h"
#include "lab/style.h"

struct lab_why_options {
    struct lab_load_options load;
    uint64_t memory; /* bytes a search may take, 0: the default */
    struct lab_style style;
};

/*
 * Explores every point and tells, for the first at which @token can be lost, how that happens
 * on the shortest way; if it is never lost, how it is read.  Returns an enum lab_exit.
 */
int lab_why(const char *name, const char *token, const struct lab_why_options *options);

#endif
