/* lab/explore.c - breadth-first search over every interleaving. */
#define _POSIX_C_SOURCE 200809L
#include "lab/explore.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lab/exploration.h"
#include "lab/schedule.h"

enum { AHEAD = 8 }; /* successors whose place in the store is fetched beforehand */

#define MEMORY_DEFAULT (UINT64_C(4) << 30)

static double seconds_of(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void add_word(struct lab_exploration *s, struct lab_region *region, uint32_t word)
{
    uint32_t *at = lab_region_add(region, sizeof(word));

    if (at)
        *at = word;
    else
        s->failed = true;
}

static size_t held(const struct lab_exploration *s)
{
    return lab_store_held(&s->store) + lab_region_held(&s->first) + lab_region_held(&s->to) +
           lab_region_held(&s->label) + lab_region_held(&s->level) + lab_region_held(&s->ends);
}

/* ---- outcomes ---- */

/* Which level a state was found on: how many steps the shortest way to it takes. */
uint32_t lab_level_of(const struct lab_exploration *s, uint32_t state)
{
    const uint32_t *level = lab_words_of(&s->level);
    uint32_t low = 0, high = lab_level_count(s);

    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (level[middle] <= state)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static struct lab_label *labels(const struct lab_exploration *s)
{
    return (struct lab_label *)(void *)s->labels.bytes;
}

static unsigned label_count(const struct lab_exploration *s)
{
    return (unsigned)(s->labels.used / sizeof(struct lab_label));
}

/* The label of a successor's edge: one step's is its actor. */
static unsigned label_of(struct lab_exploration *s, const struct lab_successor *next)
{
    struct lab_label *label;
    unsigned i;

    if (!next->chain)
        return next->actor;
    for (i = s->expander.lab.actors; i < label_count(s); i++)
        if (labels(s)[i].actor == next->actor &&
            !memcmp(labels(s)[i].moved, next->moved, sizeof(next->moved)))
            return i;
    label = lab_region_add(&s->labels, sizeof(*label));
    s->failed |= !label || i > UINT16_MAX;
    if (s->failed)
        return 0;
    label->actor = next->actor;
    label->chain = true;
    memcpy(label->moved, next->moved, sizeof(label->moved));
    return i;
}

static void first_labels(struct lab_exploration *s)
{
    for (unsigned a = 0; a < s->expander.lab.actors; a++) {
        struct lab_label *label = lab_region_add(&s->labels, sizeof(*label));
        label->actor = (uint8_t)a;
        label->moved[a / 64] = UINT64_C(1) << a % 64;
    }
}

/*
 * The steps on the way along which the state was found first, made again: the state is then in
 * the expander's lab.  malloc'ed; 0 out of memory.
 */
uint8_t *lab_way_to(struct lab_exploration *s, uint32_t state, size_t *ret_length)
{
    size_t links = lab_level_of(s, state), room = links * 2 + 128;
    uint8_t *first = malloc(links + 1), *actors = malloc(room);
    uint8_t who[DRV_TASKS_MAX];
    struct lab_chain chain = {.who = who};

    for (unsigned t = 0; t < DRV_TASKS_MAX; t++)
        who[t] = (uint8_t)t;
    for (size_t i = links; first && i-- > 0; state = lab_store_parent(&s->store, state))
        first[i] = lab_store_actor(&s->store, state);
    lab_expander_restart(&s->expander);
    for (size_t i = 0; i < links && first && actors; i++) {
        chain.actors = actors;
        chain.room = (uint32_t)room;
        lab_expander_chain(&s->expander, first[i], &chain);
        if (room - chain.length < 128) {
            uint8_t *more = realloc(actors, room = room * 2 + 128);
            if (!more)
                free(actors);
            actors = more;
        }
    }
    free(first);
    *ret_length = chain.length;
    return actors;
}

uint8_t *lab_way_whole(const struct lab_exploration *s, uint8_t *actors, size_t *length)
{
    size_t before = s->options.prefix_length;
    uint8_t *whole = realloc(actors, before + *length + 1);

    if (!whole)
        free(actors);
    if (!whole || !before)
        return whole;
    memmove(whole + before, whole, *length);
    memcpy(whole, s->options.prefix, before);
    *length += before;
    return whole;
}

/* Brings any state into the expander's lab. */
static void load_state(struct lab_exploration *s, uint32_t state)
{
    uint8_t *actors;
    size_t length;

    if (!lab_store_forgotten(&s->store, state)) {
        lab_expander_load(&s->expander, state);
        return;
    }
    actors = lab_way_to(s, state, &length);
    s->failed |= !actors;
    free(actors);
}

/* What a state's fates say in the outcome does not depend on how it was reached. */
static void add_outcome(struct lab_exploration *s, uint32_t state, enum sim_end end, bool fair)
{
    struct lab *lab = &s->expander.lab;
    struct lab_outcome outcome;
    struct lab_end *end_at;

    load_state(s, state);
    lab->trace.count = 0;
    lab_outcome(lab, end, fair, &outcome);
    outcome.steps = lab_level_of(s, state);
    end_at = lab_region_add(&s->ends, sizeof(*end_at));
    s->failed |= !end_at;
    if (!end_at)
        return;
    end_at->state = state;
    end_at->outcome = lab_outcomes_add(&s->found->outcomes, &outcome, state);
    s->failed |= end_at->outcome == LAB_OUTCOME_NONE;
}

static void cycle_found(void *context, uint32_t state, enum lab_cycle_kind kind)
{
    struct lab_exploration *s = context;

    switch (kind) {
    case LAB_CYCLE_STORM:
        add_outcome(s, state, SIM_END_STORM, true);
        break;
    case LAB_CYCLE_STARVE:
        add_outcome(s, state, SIM_END_STARVE, false);
        break;
    default:
        add_outcome(s, state, SIM_END_SPIN, kind == LAB_CYCLE_FAIR_SPIN);
        break;
    }
}

/* ---- the search ---- */

static const struct lab_successor *after(const struct lab_successor *successor)
{
    const struct lab_change *changes = (const void *)(successor + 1);

    return (const void *)(changes + successor->lines);
}

static const struct lab_successor *fetch(const struct lab_exploration *s,
                                         const struct lab_successor *successor)
{
    lab_store_prefetch(&s->store, (const void *)(successor + 1), successor->lines,
                       successor->hash);
    return after(successor);
}

static void put_batch(struct lab_exploration *s, struct lab_batch *batch)
{
    unsigned numbers = lab_store_numbers_count(&s->store);
    const struct lab_successor *next = (const void *)batch->bytes, *ahead = next;
    const struct lab_successor *end = (const void *)(batch->bytes + batch->used);

    s->failed |= batch->failed;
    for (unsigned i = 0; i < AHEAD && ahead < end; i++)
        ahead = fetch(s, ahead);

    for (unsigned i = 0; i < batch->count && !s->failed; i++) {
        const struct lab_batch_state *from = &batch->state[i];
        add_word(s, &s->first, lab_edge_count(s));
        for (unsigned k = 0; k < from->successors && !s->failed; k++) {
            uint32_t to = lab_store_put(&s->store, batch->numbers + (size_t)i * numbers,
                                        (const void *)(next + 1), next->lines, next->hash,
                                        from->state, next->actor);
            uint16_t *label = lab_region_add(&s->label, sizeof(*label));
            s->failed |= to == LAB_NUMBER_NONE || !label;
            if (s->failed)
                break;
            *label = (uint16_t)label_of(s, next);
            add_word(s, &s->to, to);
            next = after(next);
            if (ahead < end)
                ahead = fetch(s, ahead);
        }
    }
    for (unsigned i = 0; i < batch->count && !s->failed; i++)
        if (batch->state[i].end)
            add_outcome(s, batch->state[i].state, SIM_END_QUIET, true);
    batch->count = 0;
    batch->used = 0;
}

static void put_first(struct lab_exploration *s)
{
    const struct lab_successor *first;

    lab_expand_first(&s->expander, &s->batch);
    first = (const void *)s->batch.bytes;
    s->failed |= s->batch.failed ||
                 lab_store_put(&s->store, s->batch.numbers, (const void *)(first + 1),
                               first->lines, first->hash, 0, LAB_NO_ACTOR) == LAB_NUMBER_NONE;
    s->batch.count = 0;
    s->batch.used = 0;
}

static void progress(struct lab_exploration *s, uint32_t at)
{
    FILE *to = s->options.progress;
    double now;

    if (!to || (now = seconds_of(CLOCK_MONOTONIC)) - s->shown < 1)
        return;
    s->shown = now;
    now = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - s->start;
    fprintf(to, "\r%.0fs  states %u (%.2f M/s)  frontier %u  depth %u  memory %zu of %zu MB ",
            now, s->store.count, now > 0 ? s->store.count / now / 1e6 : 0.0,
            s->store.count - at, lab_level_count(s) - 1, held(s) >> 20,
            (size_t)(s->memory >> 20));
    fflush(to);
}

/* Expands up to a batch of the states from @at on that lie before @end. */
static uint32_t expand_some(struct lab_exploration *s, uint32_t at, uint32_t end)
{
    struct lab_batch *batch = s->crew ? lab_search_crew_take(s->crew) : &s->batch;
    uint32_t count;

    while (!s->crew && at < end && batch->count < LAB_BATCH_STATES)
        lab_expand(&s->expander, at++, batch);
    count = s->crew ? batch->count : 0;
    put_batch(s, batch);
    if (s->crew)
        lab_search_crew_give_back(s->crew);
    return at + count;
}

/* Takes back what threads still have of a level that will not be finished. */
static void drain(struct lab_exploration *s, uint32_t at, uint32_t end)
{
    while (s->crew && at < end) {
        struct lab_batch *batch = lab_search_crew_take(s->crew);
        at += batch->count;
        batch->count = 0;
        batch->used = 0;
        lab_search_crew_give_back(s->crew);
    }
}

static void search_states(struct lab_exploration *s)
{
    uint32_t at = 0, end = 0;

    put_first(s);
    while (at < s->store.count && !s->failed && !s->found->bound) {
        add_word(s, &s->level, at);
        end = s->store.count;
        if (s->options.depth && lab_level_count(s) > s->options.depth) {
            s->found->bound = "depth";
            break;
        }
        if (s->crew)
            lab_search_crew_level(s->crew, at, end);
        while (at < end && !s->failed && !s->found->bound) {
            at = expand_some(s, at, end);
            lab_store_forget(&s->store, at);
            if (held(s) > s->memory)
                s->found->bound = "memory";
            if (s->options.states && s->store.count > s->options.states)
                s->found->bound = "states";
            progress(s, at);
        }
        drain(s, at, end);
    }
    if (s->crew)
        lab_search_crew_close(s->crew, &s->expander);
    s->crew = 0;
    if (s->options.progress && s->shown > 0)
        fprintf(s->options.progress, "\n");
    if (s->expander.cut && !s->found->bound)
        s->found->bound = "preemptions";
    s->found->complete = at == s->store.count && !s->failed && !s->found->bound;
    for (uint32_t i = (uint32_t)(s->first.used / 4); i <= s->store.count && !s->failed; i++)
        add_word(s, &s->first, lab_edge_count(s));
    s->found->depth = lab_level_count(s) ? lab_level_count(s) - 1 : 0;
    add_word(s, &s->level, s->store.count);
}

/* ---- what it found ---- */

/* The graph; its parts live as long as the search. */
static struct lab_graph graph_of(const struct lab_exploration *s)
{
    const struct lab *lab = &s->expander.lab;
    struct lab_graph graph = {
        .states = s->store.count,
        .first = lab_words_of(&s->first),
        .to = lab_words_of(&s->to),
        .label = (const uint16_t *)(const void *)s->label.bytes,
        .labels = labels(s),
        .label_count = label_count(s),
        .level = lab_words_of(&s->level),
        .levels = lab_level_count(s) - 1,
    };

    for (unsigned a = 0; a < lab->actors; a++) {
        enum lab_who who = lab->actor[a].who;
        graph.agent[a] = s->expander.agent[a];
        if (who == LAB_WHO_WORLD || who == LAB_WHO_TIMER || who == LAB_WHO_ALARM ||
            who == LAB_WHO_TIMEOUT)
            graph.agent[a] = LAB_GRAPH_FREE;
        graph.once[a] = who == LAB_WHO_WORLD;
        graph.task[a] = who == LAB_WHO_TASK || who == LAB_WHO_TIMEOUT;
    }
    return graph;
}

static void find_cycles(struct lab_exploration *s)
{
    struct lab_graph graph = graph_of(s);

    if (!lab_graph_cycles(&graph, cycle_found, s)) {
        s->found->complete = false;
        s->found->bound = "memory";
    }
}

/*
 * Between states in which tasks were sorted nobody knows who is who, so who is fair in a cycle
 * cannot be said.  But there is a cycle between them if and only if there is one at all.
 */
static bool sorts_in_vain(const struct lab_exploration *s)
{
    struct lab_graph graph = graph_of(s);
    bool has_cycle;

    if (!s->found->complete || !s->reduce.alike.groups)
        return false;
    return !lab_graph_has_cycle(&graph, &has_cycle) || has_cycle;
}

static char *schedule_of(struct lab_exploration *s, uint32_t state, uint64_t *ret_steps)
{
    size_t length;
    uint8_t *actors = lab_way_to(s, state, &length);
    char *text;

    actors = actors ? lab_way_whole(s, actors, &length) : 0;
    text = actors ? lab_schedule_text(&s->expander.lab, actors, length) : 0;
    *ret_steps = length;
    free(actors);
    return text;
}

static void finish(struct lab_exploration *s)
{
    struct lab_explored *found = s->found;

    found->reduced = s->options.reduce;
    found->sorted = s->reduce.alike.groups > 0;
    found->hashed = s->options.prints;
    found->states = s->store.count;
    found->transitions = lab_edge_count(s);
    found->bytes = held(s);
    if (s->failed && !found->bound)
        found->bound = "memory";
    lab_alike_spread(&s->reduce.alike, &s->expander.lab, s->expander.reached);
    if (found->complete && !lab_unreached_find(&s->expander.lab, &found->unreached))
        found->bound = "memory";
    if (found->complete)
        find_cycles(s);
    found->seconds = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - s->start;
    found->schedules = calloc(found->outcomes.n + 1, sizeof(*found->schedules));
    if (!found->schedules || !lab_outcomes_sort(&found->outcomes))
        return;
    for (size_t i = 0; i < found->outcomes.n; i++)
        found->schedules[i] =
            schedule_of(s, found->outcomes.state[i], &found->outcomes.item[i].steps);
}

static bool open_search(struct lab_exploration *s, const struct lab_program *program)
{
    size_t edges = s->memory / 4, states = s->memory;

    return lab_expander_open(&s->expander, program, s->options.reduce ? &s->reduce : 0) &&
           lab_expander_advance(&s->expander, s->options.prefix, s->options.prefix_length) &&
           (!s->options.preempts || lab_expander_count(&s->expander, s->options.preempt)) &&
           lab_store_open(&s->store, lab_expander_bytes(&s->expander), !s->options.prints,
                          s->memory) &&
           lab_expander_use(&s->expander, &s->store) && lab_batch_open(&s->batch, &s->store) &&
           lab_region_open(&s->first, s->memory / 4, false) &&
           lab_region_open(&s->to, edges, false) && lab_region_open(&s->label, edges, false) &&
           lab_region_open(&s->level, s->memory / 4, false) &&
           lab_region_open(&s->ends, states / 2, false) &&
           lab_region_open(&s->labels, 65536 * sizeof(struct lab_label), false);
}

static void close_search(struct lab_exploration *s)
{
    lab_batch_close(&s->batch);
    lab_store_close(&s->store);
    lab_expander_close(&s->expander);
    lab_region_close(&s->first);
    lab_region_close(&s->to);
    lab_region_close(&s->label);
    lab_region_close(&s->labels);
    lab_region_close(&s->ends);
    lab_region_close(&s->level);
    free(s->prefix);
    free(s);
}

/* Searches and fills @ret_explored, but for what finish() does.  False: no memory. */
static bool search_once(const struct lab_program *program,
                        const struct lab_explore_options *options, bool sort, double start,
                        struct lab_explored *ret_explored)
{
    struct lab_exploration *s = calloc(1, sizeof(*s));

    memset(ret_explored, 0, sizeof(*ret_explored));
    if (!s)
        return false;
    s->options = *options;
    s->prefix = malloc(options->prefix_length + 1);
    if (s->prefix && options->prefix_length)
        memcpy(s->prefix, options->prefix, options->prefix_length);
    s->options.prefix = s->prefix;
    s->found = ret_explored;
    s->found->exploration = s;
    s->memory = options->memory ? options->memory : MEMORY_DEFAULT;
    s->start = start;
    s->shown = seconds_of(CLOCK_MONOTONIC);
    s->reduce.sort = sort;
    s->reduce.split = options->split;
    s->reduce.part = options->part;
    if (!s->prefix || !open_search(s, program)) {
        lab_explored_free(ret_explored);
        return false;
    }
    first_labels(s);
    if (options->threads > 1)
        s->crew = lab_search_crew_open(&s->expander, program, s->prefix, options->prefix_length,
                                       options->threads - 1);
    search_states(s);
    return true;
}

int lab_explore(const struct lab_program *program, const struct lab_explore_options *options,
                struct lab_explored *ret_explored)
{
    double start = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    bool sort = options->reduce && !options->preempts;

    if (!search_once(program, options, sort, start, ret_explored))
        return -1;
    if (sort && sorts_in_vain(ret_explored->exploration)) {
        lab_explored_free(ret_explored);
        if (!search_once(program, options, false, start, ret_explored))
            return -1;
    }
    finish(ret_explored->exploration);
    return 0;
}

void lab_explored_free(struct lab_explored *explored)
{
    for (size_t i = 0; i < explored->outcomes.n && explored->schedules; i++)
        free(explored->schedules[i]);
    free(explored->schedules);
    lab_unreached_free(&explored->unreached);
    if (explored->exploration)
        close_search(explored->exploration);
    lab_outcomes_free(&explored->outcomes);
    memset(explored, 0, sizeof(*explored));
}
