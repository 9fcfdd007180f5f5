/*
 * lab/core/parse.h - from the text of a scenario to its tree.
 *
 * Source: docs/language.md, "Grammar".
 */
#ifndef LAB_CORE_PARSE_H
#define LAB_CORE_PARSE_H

#include "lab/core/ast.h"
#include "lab/core/diag.h"

/* Parses `length` bytes at `text`. Everything the scenario needs is taken from `pool` (320 KiB
 * and about 150 bytes for each word of the text); text and file name must live as long as it.
 * Returns 0, or -1 after reporting to `diags`; then `*ret` may be thrown away but not checked.
 * Any bytes may come in. Afterwards: lab_pin(), lab_points_count(), and for each point
 * lab_check(). */
int lab_parse(struct lab_scenario *ret, struct lab_pool *pool, const char *file_name,
              const char *text, size_t length, struct lab_diags *diags);

#endif
