/* lab/inquiry.c - see inquiry.h. */
#define _POSIX_C_SOURCE 200809L
#include "lab/inquiry.h"

#include <stdlib.h>
#include <string.h>

#include "drivers/side_stack.h"
#include "lab/exploration.h"
#include "lab/parts.h"
#include "lab/schedule.h"
#include "lab/walk.h"
#include "lab/words.h"

enum { SMALL = 100000 }; /* states: so few are searched without reductions */

static int no_memory(void)
{
    fprintf(stderr, "irqlab: out of memory\n");
    return LAB_EXIT_INTERNAL;
}

/* In parts, if it falls apart, or as a whole; interleavings that cannot matter left out. */
static int search_reduced(const struct lab_program *program,
                          const struct lab_explore_options *explore, struct lab_explored *ret)
{
    enum lab_parts_end end = LAB_PARTS_WHOLE;

    if (!explore->prefix_length)
        end = lab_explore_parts(program, explore, ret);
    if (end == LAB_PARTS_WHOLE && lab_explore(program, explore, ret) == 0)
        end = LAB_PARTS_DONE;
    return end == LAB_PARTS_DONE ? LAB_EXIT_OK : no_memory();
}

/* Small searches go through every interleaving; large ones leave out what cannot matter. */
static int search(const struct lab_program *program, const struct lab_search_options *options,
                  const struct lab_replay *prefix, struct lab_explored *ret)
{
    struct lab_explore_options explore = {
        .memory = options->memory,
        .depth = options->depth,
        .prints = options->prints,
        .preempts = options->preempts,
        .preempt = options->preempt,
        .threads = options->threads,
        .prefix = prefix->actors,
        .prefix_length = prefix->steps,
        .progress = options->progress ? stderr : 0,
    };
    bool may_reduce = !options->no_reduce && !options->depth && !options->preempts;

    explore.states = may_reduce ? SMALL : 0;
    if (lab_explore(program, &explore, ret) < 0)
        return no_memory();
    if (ret->complete || !ret->bound || strcmp(ret->bound, "states") != 0)
        return LAB_EXIT_OK;
    lab_explored_free(ret);
    explore.states = 0;
    explore.reduce = true;
    return search_reduced(program, &explore, ret);
}

/* The one order of events that the clock gives. */
static int run_timed(const struct lab_program *program, struct lab_explored *ret)
{
    struct lab *lab = calloc(1, sizeof(*lab));
    struct lab_outcome outcome;
    uint8_t *bytes = 0, *scratch = 0;
    bool good;

    memset(ret, 0, sizeof(*ret));
    if (!lab)
        return no_memory();
    lab_layout(lab, program, 0, lab_bench_sim_context_bytes());
    bytes = aligned_alloc(64, (lab->arena.size + 127u) & ~(size_t)63);
    scratch = malloc(lab->arena.size + 1);
    good = bytes && scratch && drv_stack_init(LAB_CONTEXTS_MAX);
    if (good) {
        sim_arena_place(&lab->arena, bytes);
        lab->trace.want = LAB_LEDGER_EVENTS;
        lab_start(lab, &lab_bench_sim);
        lab_run(lab, 0, scratch, &outcome);
        good = lab_outcomes_add(&ret->outcomes, &outcome, 0) != LAB_OUTCOME_NONE;
        ret->schedules = calloc(1, sizeof(*ret->schedules));
        good = good && ret->schedules;
        ret->transitions = outcome.steps;
        ret->timed = true;
        ret->complete = outcome.end != SIM_END_LIMIT;
        ret->bound = ret->complete ? 0 : "limit of steps";
    }
    free(bytes);
    free(scratch);
    free(lab);
    return good ? LAB_EXIT_OK : no_memory();
}

/* ---- do schedules lead where they say? ---- */

/* The bytes of the state behind a schedule; malloc'ed, 0 with the reason on standard error. */
static uint8_t *state_behind(const struct lab_program *program, const char *schedule,
                             size_t *ret_size)
{
    struct lab_replay replay = {.schedule = schedule};
    uint8_t *actors = lab_schedule_actors(program, &replay), *bytes = 0;
    struct lab_expander expander;

    if (!actors) {
        fprintf(stderr, "irqlab: --check-determinism: %s\n", replay.error);
        return 0;
    }
    if (lab_expander_open(&expander, program, 0) &&
        lab_expander_advance(&expander, actors, replay.steps)) {
        *ret_size = expander.lab.arena.base[SIM_CLOCK];
        bytes = malloc(*ret_size);
        if (bytes)
            memcpy(bytes, expander.arena, *ret_size);
    }
    lab_expander_close(&expander);
    free(actors);
    return bytes;
}

static bool same_state_twice(const struct lab_program *program, const char *schedule,
                             const struct lab_explored *explored, size_t i)
{
    struct lab_exploration *s = explored->exploration;
    size_t size = 0, length;
    uint8_t *one = state_behind(program, schedule, &size);
    uint8_t *two = one ? state_behind(program, schedule, &size) : 0;
    uint8_t *way = s ? lab_way_to(s, explored->outcomes.state[i], &length) : 0;
    bool good = one && two && memcmp(one, two, size) == 0;

    if (good && way && !explored->reduced)
        good = memcmp(one, s->expander.arena, size) == 0;
    free(one);
    free(two);
    free(way);
    return good;
}

static int check_schedules(const struct lab_program *program,
                           const struct lab_explored *explored)
{
    for (size_t i = 0; i < explored->outcomes.n; i++) {
        if (!explored->schedules[i] ||
            same_state_twice(program, explored->schedules[i], explored, i))
            continue;
        fprintf(stderr, "irqlab: --check-determinism: %s leads to another state\n",
                explored->schedules[i]);
        return LAB_EXIT_INTERNAL;
    }
    return LAB_EXIT_OK;
}

/* ---- all of it ---- */

/* Steps to make first.  @replay->actors 0: none. */
static int read_prefix(const struct lab_program *program,
                       const struct lab_search_options *options, struct lab_replay *replay)
{
    if (!options->schedule)
        return LAB_EXIT_OK;
    replay->schedule = options->schedule;
    replay->skip = options->skip;
    if (!lab_schedule_actors(program, replay)) {
        fprintf(stderr, "irqlab: --schedule: %s\n", replay->error);
        return LAB_EXIT_USAGE;
    }
    lab_replay_report(replay);
    return LAB_EXIT_OK;
}

int lab_inquire(const struct lab_program *program, const struct lab_search_options *options,
                struct lab_explored *ret_explored)
{
    struct lab_walk_options walk = {.walks = options->walks,
                                    .seed = options->seed,
                                    .progress = options->progress ? stderr : 0};
    struct lab_replay prefix = {0};
    int code;

    if (options->timed)
        return run_timed(program, ret_explored);
    if (options->walks)
        return lab_walk(program, &walk, ret_explored) < 0 ? no_memory() : LAB_EXIT_OK;
    code = read_prefix(program, options, &prefix);
    if (code != LAB_EXIT_OK)
        return code;
    code = search(program, options, &prefix, ret_explored);
    free(prefix.actors);
    if (code == LAB_EXIT_OK && prefix.actors) { /* ways elsewhere were not looked at */
        ret_explored->complete = false;
        if (!ret_explored->bound)
            ret_explored->bound = "only behind the schedule";
    }
    if (code == LAB_EXIT_OK && options->check)
        code = check_schedules(program, ret_explored);
    return code;
}

void lab_inquiry_bound(const struct lab_search_options *options,
                       const struct lab_explored *explored, char *ret_text, size_t size)
{
    const char *bound = explored->bound ? explored->bound : "";

    if (strcmp(bound, "preemptions") == 0)
        lab_words_set(ret_text, size, "within %u preemption%s", options->preempt,
                      options->preempt == 1 ? "" : "s");
    else if (strcmp(bound, "depth") == 0)
        lab_words_set(ret_text, size, "within %llu steps", (unsigned long long)options->depth);
    else if (explored->walks)
        lab_words_set(ret_text, size, "in %llu random walks",
                      (unsigned long long)explored->walks);
    else if (strcmp(bound, "memory") == 0)
        lab_words_set(ret_text, size, "in %llu states, then the memory was full (--memory)",
                      (unsigned long long)explored->states);
    else
        lab_words_set(ret_text, size, "%s", bound);
}
