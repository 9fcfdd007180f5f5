/* lab/unreached.h - the steps in a scenario's code that no interleaving ever came to. */
#ifndef LAB_UNREACHED_H
#define LAB_UNREACHED_H

#include "lab/core/lab.h"

struct lab_unreached {
    char **text; /* "keys, irq: read-reg a.DATA" */
    size_t n;
};

/* By what lab->reached says; compare it when a search is complete.  False: out of memory. */
bool lab_unreached_find(const struct lab *lab, struct lab_unreached *ret);
void lab_unreached_free(struct lab_unreached *unreached);

#endif
