/*
 * lab/json.h - a run or a search as JSON lines, one object a line.
 *
 * Source: docs/command.md, "JSON". The form is versioned by "irqlab":1 and deterministic but
 * for the seconds of a search.
 */
#ifndef LAB_JSON_H
#define LAB_JSON_H

#include <stdio.h>

#include "lab/core/ast.h"
#include "lab/trial.h"
#include "lab/verdict.h"

/* What all lines of one scenario and point share. */
struct lab_json {
    FILE *file;
    const char *scenario;            /* its file's name without folder and .lab */
    const struct lab_scenario *text; /* names of knobs and values; checked or not */
    const struct lab_point *point;
};

/* One line for each record: {"kind":"event","t":4000,"actor":"world","event":"arrive", ...}. */
void lab_json_events(const struct lab_json *json, const struct lab_trial *trial);

/*
 * An outcome. @counts: print runs and the like (a search knows only those that are named).
 * @count: how many end states have it; @schedule may be 0.
 */
void lab_json_outcome(const struct lab_json *json, const struct lab_program *program,
                      const struct lab_outcome *outcome, bool all_counts, uint32_t count,
                      const char *schedule);

/* One line for each expectation. */
void lab_json_expects(const struct lab_json *json, const struct lab_verdicts *verdicts);

struct lab_json_stats {
    uint64_t states, transitions;
    double seconds;
    bool complete;
    const char *bound; /* why it is not complete, or 0 */
    uint64_t depth, bytes;
};

void lab_json_stats(const struct lab_json *json, const struct lab_json_stats *stats);

/* What decided an expectation: the shortest way, and the one with the fewest preemptions. */
struct lab_json_proof {
    char text[1024]; /* of the expectation */
    const char *schedule;
    const char *fewest; /* 0: not known */
    uint64_t steps, preemptions, fewest_preemptions, no_return;
};

void lab_json_proof(const struct lab_json *json, const struct lab_json_proof *proof);

/* Writes @text as a JSON string with its quotes. */
void lab_json_string(FILE *file, const char *text);

#endif
