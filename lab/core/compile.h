/*
 * lab/core/compile.h - from a checked scenario at one point to a program.
 *
 * Freestanding; the tables of struct lab_scenario must be those of the point (lab_check()).
 */
#ifndef LAB_CORE_COMPILE_H
#define LAB_CORE_COMPILE_H

#include "lab/core/ast.h"
#include "lab/core/diag.h"
#include "lab/core/program.h"

enum { LAB_PROGRAM_BYTES_MAX = 256 << 10 };

/*
 * Writes the program to @block (8-aligned, @size bytes).  Returns its size, or -1 after
 * reporting what does not fit (more variables, tasks or code than a program can hold).
 */
long lab_compile(const struct lab_scenario *scenario, void *block, size_t size,
                 struct lab_diags *diags);

#endif
