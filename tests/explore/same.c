/*
 * tests/explore/same.c - the explorer and the naive one find the same, whatever the options.
 *
 *   same FILE... [--pairs FIRST COUNT]
 *
 * At every point of every scenario: the same distinct outcomes; without reductions also the
 * same numbers of states, transitions and ends, and shortest ways of the same length.  Every
 * schedule leads to its outcome.  In some scenario tasks must have been sorted.  With --pairs
 * the same for so many scenarios that fall apart; some must have been searched in parts.
 */
#define _POSIX_C_SOURCE 200809L
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/expand.h"
#include "lab/explore.h"
#include "lab/load.h"
#include "lab/parts.h"
#include "lab/schedule.h"
#include "tests/explore/naive.h"
#include "tests/explore/pairs.h"

struct way {
    const char *name;
    struct lab_explore_options options;
    bool exact_numbers; /* nothing is reduced */
    bool in_parts;      /* if it can be split; else there is nothing to compare */
};

static const struct way ways[] = {
    {"exact", {0}, true, false},
    {"fingerprints", {.prints = true}, true, false},
    {"two threads", {.threads = 2}, true, false},
    {"four threads, fingerprints", {.threads = 4, .prints = true}, true, false},
    {"reduced", {.reduce = true}, false, false},
    {"reduced, three threads", {.reduce = true, .threads = 3}, false, false},
    {"reduced, fingerprints", {.reduce = true, .prints = true}, false, false},
    {"in parts", {.reduce = true}, false, true},
    {"in parts, two threads, fingerprints",
     {.reduce = true, .threads = 2, .prints = true},
     false,
     true},
};

enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

static unsigned failures, points, skipped, sorted, split;

static void fail(const char *file, const char *point, const char *way, const char *what,
                 uint64_t got, uint64_t want)
{
    printf("%s %s: %s: %s is %" PRIu64 ", the naive explorer says %" PRIu64 "\n", file, point,
           way, what, got, want);
    failures++;
}

static const struct lab_outcome *find(const struct lab_outcomes *outcomes,
                                      const struct lab_outcome *wanted, size_t *ret_at)
{
    for (size_t i = 0; i < outcomes->n; i++)
        if (lab_outcome_same(&outcomes->item[i], wanted)) {
            *ret_at = i;
            return &outcomes->item[i];
        }
    return 0;
}

/* Does the schedule lead to this outcome, step by step? */
static bool leads_to(const struct lab_program *program, const char *schedule,
                     const struct lab_outcome *outcome)
{
    struct lab_replay replay = {.schedule = schedule};
    uint8_t *actors = lab_schedule_actors(program, &replay);
    struct lab_expander expander;
    struct lab_outcome there;
    bool good = actors && lab_expander_open(&expander, program, 0);

    assert(good);
    good = lab_expander_advance(&expander, actors, replay.steps);
    if (good) {
        expander.lab.trace.count = 0;
        lab_outcome(&expander.lab, (enum sim_end)outcome->end, outcome->fair, &there);
        good = lab_outcome_same(&there, outcome);
    }
    lab_expander_close(&expander);
    free(actors);
    return good;
}

static void compare(const char *file, const char *point, const struct way *way,
                    const struct lab_program *program, const struct naive_result *naive)
{
    struct lab_explored explored;

    if (way->in_parts) {
        enum lab_parts_end end = lab_explore_parts(program, &way->options, &explored);
        assert(end != LAB_PARTS_NO_MEMORY);
        if (end == LAB_PARTS_WHOLE)
            return;
        split++;
    } else {
        assert(lab_explore(program, &way->options, &explored) == 0);
    }
    if (explored.outcomes.n != naive->outcomes.n)
        fail(file, point, way->name, "number of outcomes", explored.outcomes.n,
             naive->outcomes.n);
    if (way->exact_numbers && explored.states != naive->states)
        fail(file, point, way->name, "number of states", explored.states, naive->states);
    if (way->exact_numbers && explored.transitions != naive->transitions)
        fail(file, point, way->name, "number of transitions", explored.transitions,
             naive->transitions);
    if (explored.sorted && way->options.threads == 0 && !way->options.prints) {
        printf("%s %s: %" PRIu64 " states, with tasks sorted %" PRIu64 "\n", file, point,
               naive->states, explored.states);
        sorted++;
    }
    for (size_t i = 0; i < explored.outcomes.n; i++)
        if (!leads_to(program, explored.schedules[i], &explored.outcomes.item[i]))
            fail(file, point, way->name, "a schedule that leads to its outcome", 0, 1);
    for (size_t i = 0; i < naive->outcomes.n; i++)
        if (explored.sorted && naive->outcomes.item[i].end != SIM_END_QUIET)
            fail(file, point, way->name, "a cycle between sorted tasks: judged", 1, 0);
    for (size_t i = 0; i < naive->outcomes.n; i++) {
        size_t at = 0;
        const struct lab_outcome *same =
            find(&explored.outcomes, &naive->outcomes.item[i], &at);
        if (!same) {
            fail(file, point, way->name, "an outcome: found", 0, 1);
            continue;
        }
        if (!way->exact_numbers)
            continue;
        if (same->steps != naive->outcomes.item[i].steps)
            fail(file, point, way->name, "shortest way", same->steps,
                 naive->outcomes.item[i].steps);
        if (explored.outcomes.count[at] != naive->outcomes.count[i])
            fail(file, point, way->name, "number of ends", explored.outcomes.count[at],
                 naive->outcomes.count[i]);
    }
    lab_explored_free(&explored);
}

static void check_file(const char *file)
{
    static struct lab_loaded loaded;
    struct lab_load_options options = {0};
    struct lab_program *program;
    char point[256];

    memset(&loaded, 0, sizeof(loaded));
    assert(lab_load(&loaded, file, &options) == LAB_EXIT_OK);
    for (uint32_t i = 0; i < loaded.points; i++) {
        struct naive_result naive;
        assert(lab_load_point(&loaded, i, &program) == LAB_EXIT_OK);
        lab_point_text(&loaded.scenario, "=", point, sizeof(point));
        naive_explore(program, &naive);
        points++;
        skipped += !naive.complete;
        for (unsigned w = 0; w < WAYS && naive.complete; w++)
            compare(file, point, &ways[w], program, &naive);
        lab_outcomes_free(&naive.outcomes);
        free(program);
    }
    lab_unload(&loaded);
}

static void check_pair(unsigned seed)
{
    char name[64];
    FILE *file;
    unsigned before = failures;

    snprintf(name, sizeof(name), "/tmp/irqlab-pair-%u-%ld.lab", seed, (long)getpid());
    file = fopen(name, "w");
    assert(file);
    pair_write(file, seed);
    fclose(file);
    check_file(name);
    if (failures != before)
        pair_write(stdout, seed);
    unlink(name);
}

int main(int argc, char **argv)
{
    bool pairs = argc > 3 && strcmp(argv[argc - 3], "--pairs") == 0;
    unsigned first = pairs ? (unsigned)strtoul(argv[argc - 2], 0, 10) : 0;
    unsigned count = pairs ? (unsigned)strtoul(argv[argc - 1], 0, 10) : 0;

    for (int i = 1; i < argc - (pairs ? 3 : 0); i++)
        check_file(argv[i]);
    for (unsigned i = 0; i < count; i++)
        check_pair(first + i);
    printf("%u points, %u too large for the naive explorer, tasks sorted at %u, "
           "in parts at %u, %u differences\n",
           points, skipped, sorted, split / 2, failures);
    return failures || (pairs ? !split : !sorted) ? 1 : 0;
}
