/*
 * lab/core/check.h - what a parsed scenario means at one point of its knobs, and whether it
 * can.
 *
 * Source: docs/language.md.
 */
#ifndef LAB_CORE_CHECK_H
#define LAB_CORE_CHECK_H

#include "lab/core/ast.h"
#include "lab/core/diag.h"

/* Checks a scenario at a point and fills its tables and the roles of its nodes (see ast.h),
 * overwriting those of the point before. Returns 0, or -1 after reporting; an error that an
 * earlier point had is not listed twice. The first call also reports expectations whose `when`
 * no point matches. Takes no memory but for names of numbered tokens. */
int lab_check(struct lab_scenario *s, const struct lab_point *point, struct lab_diags *diags);

/* The parts of the language that the checked scenario uses at its point, each once, with the
 * place of its first use: names of machines, models, system calls and driver calls, and
 *   loop, "backend X", process, file, "file on disk", "on cpu", "N tasks", foreach, timer,
 *   async, "as qemu", policy, linux, cpus, posted, "trigger falling|low|both|msi", "flow
 * manual", "flow edge", "flow level", thread, oneshot, files, state, init, open, release, "read
 * block", "write block", "poll block", "built-in driver", "shared object", chip, settle,
 *   repeat, late, twice, storm, starve, spin, hang, "when".
 * An engine compares it with what it can do ("not built yet: signalfd"). */
const struct lab_feature *lab_features(const struct lab_scenario *s, size_t *ret_count);

#endif
