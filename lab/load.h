/*
 * lab/load.h - from a file's name to compiled points.
 *
 * A scenario is loaded once; its points are checked and compiled one after the other, because
 * the tree holds the findings of one point at a time.
 */
#ifndef LAB_LOAD_H
#define LAB_LOAD_H

#include <stdio.h>

#include "lab/core/ast.h"
#include "lab/core/diag.h"
#include "lab/core/program.h"

/* Exit codes of the command. */
enum lab_exit {
    LAB_EXIT_OK = 0,
    LAB_EXIT_FAILED = 1,       /* an expectation */
    LAB_EXIT_USAGE = 2,        /* or an error in a scenario */
    LAB_EXIT_INTERNAL = 3,     /* no memory; a part of irqlab contradicts itself */
    LAB_EXIT_INCONCLUSIVE = 4, /* a bound was hit */
    LAB_EXIT_CANNOT = 77       /* not here, or not built yet */
};

enum { LAB_PINS_MAX = LAB_KNOBS_MAX, LAB_STEM_BYTES = 256 };

struct lab_load_options {
    const char *pin[LAB_PINS_MAX]; /* -D NAME=VALUE */
    unsigned pins;
    const char *machine; /* replaces the scenario's, or 0 */
    bool as_qemu;        /* `as qemu` whatever the scenario says */
    unsigned loop;       /* 1 + enum lab_backend of every loop, 0: as the scenario says */
    bool json;           /* errors as JSON lines */
    bool allow_native;   /* shared objects as drivers */
    const char *also;    /* declarations behind the file's, or 0 */
};

struct lab_loaded {
    const struct lab_load_options *options;
    char *path;
    char stem[LAB_STEM_BYTES];
    char *text;
    size_t text_length;
    struct lab_pool pool;
    struct lab_scenario scenario;
    struct lab_diags diags;
    uint32_t points;
};

/*
 * Finds @name (a path, "-" for standard input, or the name of a scenario on the shelf), reads
 * and parses it, pins knobs, counts points. Returns an enum lab_exit; anything but OK has been
 * reported on standard error. lab_unload() in every case.
 */
int lab_load(struct lab_loaded *ret, const char *name, const struct lab_load_options *options);

/* Checks the scenario at point @number and says whether irqlab can do all it uses. */
int lab_load_check(struct lab_loaded *loaded, uint32_t number);

/* The same, and compiles it; the program is the caller's to free. */
int lab_load_point(struct lab_loaded *loaded, uint32_t number,
                   struct lab_program **ret_program);

void lab_unload(struct lab_loaded *loaded);

/* Prints what was reported so far on standard error and forgets it. */
void lab_load_print_diags(struct lab_loaded *loaded);

/* The point the scenario was checked for: "mode = edge, n = 3"; "" without knobs. */
void lab_point_text(const struct lab_scenario *scenario, const char *between, char *ret_text,
                    size_t size);

/* Is this machine, device model or system call built?  For lists and errors. */
bool lab_is_built(const char *name);

#endif
