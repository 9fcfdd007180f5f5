/*
 * lab/inquiry.h - how the outcomes of a point are found: by searching all interleavings, within
 * bounds, at random, or under the clock.
 */
#ifndef LAB_INQUIRY_H
#define LAB_INQUIRY_H

#include "lab/explore.h"
#include "lab/search.h"

/*
 * Finds the outcomes of @program as @options say.  Returns an enum lab_exit; anything but OK
 * was reported on standard error.  Free with lab_explored_free().
 */
int lab_inquire(const struct lab_program *program, const struct lab_search_options *options,
                struct lab_explored *ret_explored);

/* What the outcomes are bounded by, for a verdict: "within 5 preemptions". */
void lab_inquiry_bound(const struct lab_search_options *options,
                       const struct lab_explored *explored, char *ret_text, size_t size);

#endif
