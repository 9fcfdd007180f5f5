/*
 * lab/trial.h - one point of a scenario, run once: what pictures and JSON are made from.
 *
 * A trial only looks at memory that lab/run.c owns.
 */
#ifndef LAB_TRIAL_H
#define LAB_TRIAL_H

#include "lab/core/lab.h"

enum {
    LAB_POINT_TEXT = 512, /* "mode = edge, window = 4us": longer ones are cut */
};

struct lab_trial {
    const char *point; /* as text, "" without knobs */
    const struct lab_program *program;
    const struct lab *lab; /* who the actors are, which line is which */
    const struct sim_record *records;
    size_t count;
    const struct lab_outcome *outcome;
    bool expected; /* all its expectations hold (those judged in a run) */
    bool judged;   /* there was one */
};

static inline uint64_t lab_record_ns(const struct sim_record *record)
{
    return record->at_lo | (uint64_t)record->at_hi << 32;
}

/* Who made the record; 0 if nobody in the actor table did (the end of a run). */
static inline const struct lab_actor *lab_record_actor(const struct lab_trial *trial,
                                                       const struct sim_record *record)
{
    return record->actor < trial->lab->actors ? &trial->lab->actor[record->actor] : 0;
}

#endif
