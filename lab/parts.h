/*
 * lab/parts.h - a scenario that falls apart, searched part by part: the outcomes of the whole
 * are the ways to choose one of each part.
 */
#ifndef LAB_PARTS_H
#define LAB_PARTS_H

#include "lab/explore.h"

enum lab_parts_end {
    LAB_PARTS_DONE,
    LAB_PARTS_WHOLE,     /* it cannot be split, or not be put together: search it as a whole */
    LAB_PARTS_NO_MEMORY, /* not even for the first state */
};

/*
 * Searches the parts of @program one after the other and puts their outcomes together.  A part
 * with a cycle, or one that hits a bound, says nothing about the others: WHOLE.  Only if DONE,
 * free @ret_explored; it has no graph.
 */
enum lab_parts_end lab_explore_parts(const struct lab_program *program,
                                     const struct lab_explore_options *options,
                                     struct lab_explored *ret_explored);

#endif
