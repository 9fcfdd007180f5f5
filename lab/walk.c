/*
 * lab/walk.c - see walk.h.
 *
 * The tail is that of TigerBeetle's simulator: the world stops acting up, and a system that
 * deserves the name must come to rest.  A state that comes back although everybody had a turn
 * is a storm, or a spin if only tasks had something to do.
 */
#define _POSIX_C_SOURCE 200809L
#include "lab/walk.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lab/expand.h"
#include "lab/schedule.h"

enum { WALK_STEPS = 20000, TAIL_STEPS = 100000 };

struct walk {
    const struct lab_walk_options *options;
    struct lab_explored *found;
    struct lab_expander expander;
    uint64_t random;
    uint8_t *actors, *saved;
    uint32_t steps;
    double start;
};

/* splitmix64 */
static uint32_t below(struct walk *w, uint32_t n)
{
    uint64_t z = w->random += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((z ^ z >> 31) % n);
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void step(struct walk *w, unsigned actor)
{
    w->actors[w->steps++] = (uint8_t)actor;
    lab_expander_step(&w->expander, actor);
}

/* The next actor in turn that can step; the worlds only if nobody else can. */
static unsigned in_turn(struct walk *w, const uint8_t *choices, unsigned n, unsigned last)
{
    const struct lab *lab = &w->expander.lab;

    for (unsigned pass = 0; pass < 2; pass++)
        for (unsigned i = 0; i < n; i++)
            if (choices[i] > last && lab->actor[choices[i]].who != LAB_WHO_WORLD)
                return choices[i];
            else if (i + 1 == n)
                last = 0;
    return choices[0];
}

/* Everybody in turn until nothing is left to happen or a state comes back (Brent). */
static enum sim_end tail(struct walk *w)
{
    struct lab *lab = &w->expander.lab;
    size_t bytes = lab->arena.base[SIM_CLOCK];
    uint32_t power = 1, since = 0;
    unsigned last = 0, others = 0;
    uint8_t choices[LAB_ACTORS_MAX];

    memcpy(w->saved, w->expander.arena, bytes);
    for (uint32_t i = 0; i < TAIL_STEPS; i++) {
        unsigned n = lab_choices(lab, choices);
        if (n == 0)
            return SIM_END_QUIET;
        last = in_turn(w, choices, n, last);
        others += lab->actor[last].who != LAB_WHO_TASK;
        step(w, last);
        if (memcmp(w->saved, w->expander.arena, bytes) == 0)
            return others ? SIM_END_STORM : SIM_END_SPIN;
        if (++since < power)
            continue;
        memcpy(w->saved, w->expander.arena, bytes);
        power *= 2;
        since = others = 0;
    }
    return SIM_END_LIMIT;
}

static enum sim_end walk_once(struct walk *w)
{
    struct lab *lab = &w->expander.lab;
    uint8_t choices[LAB_ACTORS_MAX];

    w->steps = 0;
    lab_expander_restart(&w->expander);
    while (w->steps < WALK_STEPS) {
        unsigned n = lab_choices(lab, choices);
        if (n == 0)
            return SIM_END_QUIET;
        step(w, choices[below(w, n)]);
    }
    return tail(w);
}

/* Keeps the outcome, and the shortest way to it so far. */
static bool keep(struct walk *w, enum sim_end end)
{
    struct lab_outcomes *outcomes = &w->found->outcomes;
    struct lab_outcome outcome;
    size_t before = outcomes->n, i = 0;
    char **schedules;

    w->expander.lab.trace.count = 0;
    lab_outcome(&w->expander.lab, end, end != SIM_END_LIMIT, &outcome);
    outcome.steps = w->steps;
    if (lab_outcomes_add(outcomes, &outcome, UINT32_MAX) == LAB_OUTCOME_NONE)
        return false;
    while (!lab_outcome_same(&outcomes->item[i], &outcome))
        i++;
    if (outcomes->n == before && outcomes->item[i].steps <= w->steps)
        return true;
    schedules = realloc(w->found->schedules, (outcomes->n + 1) * sizeof(*schedules));
    if (!schedules)
        return false;
    w->found->schedules = schedules;
    if (outcomes->n != before)
        schedules[i] = 0;
    free(schedules[i]);
    schedules[i] = lab_schedule_text(&w->expander.lab, w->actors, w->steps);
    outcomes->item[i].steps = w->steps;
    return schedules[i] != 0;
}

static bool walk_all(struct walk *w)
{
    for (uint64_t i = 0; i < w->options->walks; i++) {
        if (!keep(w, walk_once(w)))
            return false;
        w->found->transitions += w->steps;
        w->found->depth = w->steps > w->found->depth ? w->steps : w->found->depth;
        if (w->options->progress && i % 4096 == 4095) {
            fprintf(w->options->progress, "\r%.0fs  walks %llu  steps %llu  outcomes %zu ",
                    now() - w->start, (unsigned long long)i + 1,
                    (unsigned long long)w->found->transitions, w->found->outcomes.n);
            fflush(w->options->progress);
        }
    }
    return true;
}

int lab_walk(const struct lab_program *program, const struct lab_walk_options *options,
             struct lab_explored *ret_explored)
{
    struct walk w = {.options = options, .found = ret_explored, .random = options->seed};
    bool good;

    memset(ret_explored, 0, sizeof(*ret_explored));
    w.start = now();
    w.actors = malloc(WALK_STEPS + TAIL_STEPS + 1);
    good = w.actors && lab_expander_open(&w.expander, program, 0);
    w.saved = good ? malloc(w.expander.lab.arena.size) : 0;
    good = w.saved && walk_all(&w);
    ret_explored->bound = "random walks";
    ret_explored->walks = options->walks;
    ret_explored->seconds = now() - w.start;
    lab_expander_close(&w.expander);
    free(w.actors);
    free(w.saved);
    return good ? 0 : -1;
}
