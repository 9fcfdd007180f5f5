/*
 * lab/run.h - irqlab run: every point of a scenario once, in virtual time.
 */
#ifndef LAB_RUN_H
#define LAB_RUN_H

#include "lab/load.h"
#include "lab/style.h"

enum lab_world_kind { LAB_ON_SIM, LAB_ON_QEMU, LAB_ON_LINUX };

struct lab_run_options {
    struct lab_load_options load;
    enum lab_world_kind on;
    const char *board;    /* of --on qemu:BOARD, or 0 */
    const char *schedule; /* replay this instead of the clock's order, or 0 */
    bool skip;            /* leave out its steps that are not possible */
    bool trace;
    bool json;
    struct lab_style style;
};

/* Runs one scenario and prints the result. Returns an enum lab_exit. */
int lab_run_scenario(const char *name, const struct lab_run_options *options);

#endif
