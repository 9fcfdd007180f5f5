/*
 * tests/differential/kernel/generate.h - random sequences of system calls.
 *
 * What is drawn next depends on what is open in the model, so that most calls are about
 * something; a share of them is wrong on purpose.  A sequence follows from its seed and weights
 * alone.
 */
#ifndef TESTS_DIFFERENTIAL_KERNEL_GENERATE_H
#define TESTS_DIFFERENTIAL_KERNEL_GENERATE_H

#include "lab/script_model.h"

struct generator {
    uint64_t state; /* of the random numbers */
    bool sleepers;  /* tasks may sleep: the sequence begins with things to sleep on */
    bool may_block; /* the next line: descriptors that block, waits without end */
    struct lab_script *script;
};

uint64_t generate_random(struct generator *g, uint64_t below);

/* Begins a sequence: the script has its files and no line. */
void generate_begin(struct generator *g, struct lab_script *script, uint64_t seed);

/*
 * Adds one line of @task to the script.  @model and @var: what is open now.  False: the script
 * is full.
 */
bool generate_line(struct generator *g, const struct lab_model *model, const int32_t *var,
                   unsigned task);

#endif
