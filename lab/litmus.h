/*
 * lab/litmus.h - `run --on linux --runs N`: what Linux does, as often as one likes, beside all
 * that the model allows.
 */
#ifndef LAB_LITMUS_H
#define LAB_LITMUS_H

#include "lab/load.h"
#include "lab/style.h"

struct lab_litmus_options {
    struct lab_load_options load;
    uint64_t runs;
    struct lab_style style;
};

/*
 * Explores each point of the scenario, runs it @runs times on this Linux, and prints how often
 * which outcome came and whether the model has it.  Returns an enum lab_exit: FAILED if one
 * came that the model forbids, INCONCLUSIVE if the search was cut short and might have had it.
 */
int lab_litmus_scenario(const char *name, const struct lab_litmus_options *options);

#endif
