/* lab/explore.c - breadth-first search over every interleaving, states stored and compared
 * whole. */
#define _POSIX_C_SOURCE 200809L
#include "lab/explore.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "drivers/side_stack.h"
#include "lab/graph.h"
#include "lab/schedule.h"

#define MEMORY_DEFAULT (UINT64_C(4) << 30)

struct search {
    struct lab lab;
    const struct lab_program *program;
    uint32_t size; /* bytes of a state: hot, stacks and cold, without the clock */
    uint8_t *states, *bytes;
    uint32_t count, room;
    uint32_t *table, table_size; /* 1 + state, by hash */
    uint32_t *parent;
    uint8_t *by; /* the actor that led here first */
    uint32_t *depth;
    struct lab_edge *edges;
    uint64_t edge_count, edge_room;
    uint64_t *first; /* per state: its first edge */
    uint64_t memory;
    struct lab_explored *found;
    uint32_t *outcome_state; /* shortest state of each outcome */
    bool failed;
};

static uint64_t hash_of(const uint8_t *bytes, uint32_t size)
{
    uint64_t hash = 0x9e3779b97f4a7c15u;

    for (uint32_t i = 0; i < size; i += 8) {
        uint64_t word;
        memcpy(&word, bytes + i, 8);
        hash = (hash ^ word) * 0xd6e8feb86659fd93u;
        hash ^= hash >> 32;
    }
    return hash;
}

static uint8_t *state_at(const struct search *s, uint32_t state)
{
    return s->states + (size_t)state * s->size;
}

static void *grown(struct search *s, void *old, size_t bytes)
{
    void *new = realloc(old, bytes);

    if (!new) {
        s->failed = true;
        return old;
    }
    return new;
}

static void rehash(struct search *s)
{
    uint32_t size = s->table_size ? s->table_size * 2 : 1 << 12;
    uint32_t *table = calloc(size, sizeof(*table));

    if (!table) {
        s->failed = true;
        return;
    }
    for (uint32_t i = 0; i < s->count; i++) {
        uint32_t at = (uint32_t)hash_of(state_at(s, i), s->size) & (size - 1);
        while (table[at])
            at = (at + 1) & (size - 1);
        table[at] = i + 1;
    }
    free(s->table);
    s->table = table;
    s->table_size = size;
}

static void make_room(struct search *s)
{
    uint32_t room = s->room ? s->room * 2 : 1024;

    if ((uint64_t)room * (s->size + 24) > s->memory)
        room = (uint32_t)(s->memory / (s->size + 24));
    if (room <= s->count) {
        s->found->bound = "memory";
        s->failed = true;
        return;
    }
    s->states = grown(s, s->states, (size_t)room * s->size);
    s->parent = grown(s, s->parent, room * sizeof(*s->parent));
    s->depth = grown(s, s->depth, room * sizeof(*s->depth));
    s->by = grown(s, s->by, room);
    s->first = grown(s, s->first, ((size_t)room + 1) * sizeof(*s->first));
    s->room = room;
}

/* The state in the arena: found again, or added. */
static uint32_t intern(struct search *s, uint32_t parent, unsigned actor)
{
    uint32_t at;

    if (s->count * 2 >= s->table_size)
        rehash(s);
    if (s->count == s->room)
        make_room(s);
    if (s->failed)
        return 0;
    at = (uint32_t)hash_of(s->bytes, s->size) & (s->table_size - 1);
    for (; s->table[at]; at = (at + 1) & (s->table_size - 1))
        if (!memcmp(state_at(s, s->table[at] - 1), s->bytes, s->size))
            return s->table[at] - 1;
    s->table[at] = s->count + 1;
    memcpy(state_at(s, s->count), s->bytes, s->size);
    s->parent[s->count] = parent;
    s->by[s->count] = (uint8_t)actor;
    s->depth[s->count] = s->count ? s->depth[parent] + 1 : 0;
    return s->count++;
}

static void add_edge(struct search *s, uint32_t to, unsigned actor)
{
    const struct lab_actor *a = &s->lab.actor[actor];
    unsigned agent = actor;

    if (s->edge_count == s->edge_room) {
        s->edge_room = s->edge_room ? s->edge_room * 2 : 4096;
        s->edges = grown(s, s->edges, s->edge_room * sizeof(*s->edges));
        if (s->failed)
            return;
    }
    if (a->who == LAB_WHO_TAKE)
        agent = s->lab.first[LAB_WHO_CPU] + (unsigned)a->index;
    if (a->who == LAB_WHO_WORLD || a->who == LAB_WHO_TIMER || a->who == LAB_WHO_TIMEOUT)
        agent = LAB_GRAPH_FREE;
    s->edges[s->edge_count++] = (struct lab_edge){
        to, (uint8_t)agent, a->who == LAB_WHO_TASK || a->who == LAB_WHO_TIMEOUT, (uint8_t)actor,
        0};
}

/* ---- outcomes ---- */

static bool same_outcome(const struct lab_outcome *a, const struct lab_outcome *b)
{
    return a->end == b->end && a->fair == b->fair && a->hang == b->hang &&
           !memcmp(a->fate, b->fate, sizeof(a->fate)) &&
           !memcmp(&a->counts, &b->counts, sizeof(a->counts)) &&
           !memcmp(a->watched, b->watched, sizeof(a->watched));
}

/* What a state's fates say in the outcome does not depend on how it was reached. */
static void add_outcome(struct search *s, uint32_t state, enum sim_end end, bool fair)
{
    struct lab_explored *found = s->found;
    struct lab_outcome outcome;
    size_t n = found->outcomes_count;

    memcpy(s->bytes, state_at(s, state), s->size);
    s->lab.trace.count = 0;
    lab_outcome(&s->lab, end, fair, &outcome);
    outcome.steps = s->depth[state];
    for (size_t i = 0; i < n; i++)
        if (same_outcome(&found->outcomes[i], &outcome)) {
            found->counts[i]++;
            if (outcome.steps < found->outcomes[i].steps) {
                found->outcomes[i].steps = outcome.steps;
                s->outcome_state[i] = state;
            }
            return;
        }
    if (!(n & (n - 1))) {
        size_t room = n ? n * 2 : 1;
        found->outcomes = grown(s, found->outcomes, room * sizeof(*found->outcomes));
        found->counts = grown(s, found->counts, room * sizeof(*found->counts));
        s->outcome_state = grown(s, s->outcome_state, room * sizeof(*s->outcome_state));
        if (s->failed)
            return;
    }
    found->outcomes[n] = outcome;
    found->counts[n] = 1;
    s->outcome_state[n] = state;
    found->outcomes_count++;
}

static void cycle_found(void *context, uint32_t state, enum lab_cycle_kind kind)
{
    struct search *s = context;

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

/* Only worlds can step: what waits for them is late. */
static void mark_quiet(struct search *s, const uint8_t *choices, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (s->lab.actor[choices[i]].who != LAB_WHO_WORLD || lab_is_settle(&s->lab, choices[i]))
            return;
    if (n) {
        s->lab.trace.count = 0;
        lab_ledger_quiet(&s->lab);
    }
}

static uint32_t reach(struct search *s, uint32_t parent, unsigned actor)
{
    uint8_t choices[LAB_ACTORS_MAX];
    unsigned n = lab_choices(&s->lab, choices);

    mark_quiet(s, choices, n);
    return intern(s, parent, actor);
}

static void expand(struct search *s, uint32_t state)
{
    uint8_t choices[LAB_ACTORS_MAX];
    unsigned n;

    memcpy(s->bytes, state_at(s, state), s->size);
    lab_refresh(&s->lab);
    n = lab_choices(&s->lab, choices);
    s->first[state] = s->edge_count;
    if (n == 0)
        add_outcome(s, state, SIM_END_QUIET, true);
    for (unsigned i = 0; i < n && !s->failed; i++) {
        uint32_t to;
        if (i) {
            memcpy(s->bytes, state_at(s, state), s->size);
            lab_refresh(&s->lab);
        }
        lab_step(&s->lab, choices[i]);
        s->lab.drv.readied.n = 0;
        s->lab.sim.armed = 0;
        to = reach(s, state, choices[i]);
        if (!s->failed)
            add_edge(s, to, choices[i]);
    }
}

static void progress(const struct search *s, FILE *to, double seconds, uint32_t at)
{
    fprintf(to, "\r%.0fs  states %u (%.2f M/s)  frontier %u  depth %u  memory %llu MB ",
            seconds, s->count, seconds > 0 ? s->count / seconds / 1e6 : 0.0, s->count - at,
            s->depth[at], (unsigned long long)((uint64_t)s->count * (s->size + 24) >> 20));
    fflush(to);
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void run(struct search *s, const struct lab_explore_options *options)
{
    double start = now(), shown = start;
    uint32_t at = 0;

    reach(s, 0, LAB_NO_ACTOR);
    for (; at < s->count && !s->failed; at++) {
        if (options->depth && s->depth[at] >= options->depth) {
            s->found->bound = "depth";
            break;
        }
        expand(s, at);
        if (options->progress && !(at & 1023) && now() - shown >= 1) {
            shown = now();
            progress(s, options->progress, shown - start, at);
        }
    }
    if (options->progress && shown > start)
        fprintf(options->progress, "\n");
    s->found->complete = at == s->count && !s->failed;
    for (uint32_t i = at; i <= s->count && s->first; i++)
        s->first[i] = s->edge_count;
    s->found->states = s->count;
    s->found->transitions = s->edge_count;
    s->found->depth = s->count ? s->depth[s->count - 1] : 0;
    if (s->failed && !s->found->bound)
        s->found->bound = "memory";
    if (s->found->complete) {
        struct lab_graph graph = {s->count, s->first, s->edges};
        if (!lab_graph_cycles(&graph, cycle_found, s)) {
            s->found->complete = false;
            s->found->bound = "memory";
        }
    }
    s->found->seconds = now() - start;
}

static char *schedule_of(struct search *s, uint32_t state)
{
    uint32_t length = s->depth[state];
    uint8_t *actors = malloc((size_t)length + 1);
    char *text;

    if (!actors)
        return 0;
    for (uint32_t i = length; i-- > 0; state = s->parent[state])
        actors[i] = s->by[state];
    text = lab_schedule_text(&s->lab, actors, length);
    free(actors);
    return text;
}

static int by_steps(const void *a, const void *b)
{
    const struct lab_outcome *x = *(const struct lab_outcome *const *)a;
    const struct lab_outcome *y = *(const struct lab_outcome *const *)b;

    if (x->steps != y->steps)
        return x->steps < y->steps ? -1 : 1;
    return memcmp(x->fate, y->fate, sizeof(x->fate));
}

/* Shortest first, with their schedules. */
static void finish(struct search *s)
{
    struct lab_explored *found = s->found;
    size_t n = found->outcomes_count;
    const struct lab_outcome **order = calloc(n + 1, sizeof(*order));
    struct lab_outcome *outcomes = calloc(n + 1, sizeof(*outcomes));
    uint32_t *counts = calloc(n + 1, sizeof(*counts));

    found->schedules = calloc(n + 1, sizeof(*found->schedules));
    if (order && outcomes && counts && found->schedules) {
        for (size_t i = 0; i < n; i++)
            order[i] = &found->outcomes[i];
        qsort(order, n, sizeof(*order), by_steps);
        for (size_t i = 0; i < n; i++) {
            size_t from = (size_t)(order[i] - found->outcomes);
            outcomes[i] = *order[i];
            counts[i] = found->counts[from];
            found->schedules[i] = schedule_of(s, s->outcome_state[from]);
        }
        free(found->outcomes);
        free(found->counts);
        found->outcomes = outcomes;
        found->counts = counts;
    }
    free(order);
}

static void search_free(struct search *s)
{
    free(s->lab.arena.bytes);
    free(s->states);
    free(s->table);
    free(s->parent);
    free(s->by);
    free(s->depth);
    free(s->edges);
    free(s->first);
    free(s->outcome_state);
    free(s);
}

int lab_explore(const struct lab_program *program, const struct lab_explore_options *options,
                struct lab_explored *ret_explored)
{
    struct search *s = calloc(1, sizeof(*s));
    uint8_t *bytes;

    memset(ret_explored, 0, sizeof(*ret_explored));
    if (!s)
        return -1;
    s->program = program;
    s->found = ret_explored;
    s->memory = options->memory ? options->memory : MEMORY_DEFAULT;
    lab_layout(&s->lab, program, 0, lab_bench_sim_context_bytes());
    bytes = aligned_alloc(64, (s->lab.arena.size + 127u) & ~(size_t)63);
    if (!bytes || !drv_stack_init(LAB_CONTEXTS_MAX)) {
        free(bytes);
        free(s);
        return -1;
    }
    sim_arena_place(&s->lab.arena, bytes);
    s->bytes = bytes;
    s->size = s->lab.arena.base[SIM_CLOCK];
    s->lab.trace.want = LAB_LEDGER_EVENTS;
    lab_start(&s->lab, &lab_bench_sim);
    s->lab.drv.readied.n = 0;
    run(s, options);
    finish(s);
    search_free(s);
    return 0;
}

void lab_explored_free(struct lab_explored *explored)
{
    for (size_t i = 0; i < explored->outcomes_count && explored->schedules; i++)
        free(explored->schedules[i]);
    free(explored->schedules);
    free(explored->outcomes);
    free(explored->counts);
    memset(explored, 0, sizeof(*explored));
}
