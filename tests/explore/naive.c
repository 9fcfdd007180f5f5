/* tests/explore/naive.c - see naive.h.  Out of memory ends the test. */
#include "tests/explore/naive.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/side_stack.h"

enum { TABLE = 1 << 17, EDGES_MAX = 1 << 20, FREE = 0xff, NOBODY = 256 };

struct edge {
    uint32_t to;
    uint8_t agent;
    bool task;
};

struct naive {
    struct lab lab;
    uint8_t *arena, *states;
    uint32_t size, count, edges;
    uint32_t *table, *first, *depth;
    struct edge *edge;
    bool tasks_only;
    unsigned without; /* an agent whose steps are not followed; NOBODY: all are */
    struct naive_result *result;
};

static void *zeroed(size_t n, size_t size)
{
    void *at = calloc(n, size);

    assert(at);
    return at;
}

static uint8_t *state_at(const struct naive *n, uint32_t state)
{
    return n->states + (size_t)state * n->size;
}

static void load(struct naive *n, uint32_t state)
{
    memcpy(n->arena, state_at(n, state), n->size);
    lab_refresh(&n->lab);
}

/* The state in the arena: found again, or added; UINT32_MAX if there are too many. */
static uint32_t number_of(struct naive *n, uint32_t depth)
{
    uint32_t hash = 2166136261u, at;

    for (uint32_t i = 0; i < n->size; i++)
        hash = (hash ^ n->arena[i]) * 16777619u;
    for (at = hash % TABLE; n->table[at]; at = (at + 1) % TABLE)
        if (!memcmp(state_at(n, n->table[at] - 1), n->arena, n->size))
            return n->table[at] - 1;
    if (n->count == NAIVE_STATES_MAX)
        return UINT32_MAX;
    n->table[at] = n->count + 1;
    memcpy(state_at(n, n->count), n->arena, n->size);
    n->depth[n->count] = depth;
    return n->count++;
}

static void mark_quiet(struct naive *n)
{
    uint8_t choices[LAB_ACTORS_MAX];
    unsigned m = lab_choices(&n->lab, choices);

    for (unsigned i = 0; i < m; i++)
        if (n->lab.actor[choices[i]].who != LAB_WHO_WORLD || lab_is_settle(&n->lab, choices[i]))
            return;
    n->lab.trace.count = 0;
    if (m)
        lab_ledger_quiet(&n->lab);
}

static void add_edge(struct naive *n, uint32_t to, unsigned actor)
{
    const struct lab_actor *a = &n->lab.actor[actor];
    unsigned agent = actor;

    if (a->who == LAB_WHO_TAKE)
        agent = n->lab.first[LAB_WHO_CPU] + (unsigned)a->index;
    if (a->who == LAB_WHO_WORLD || a->who == LAB_WHO_TIMER || a->who == LAB_WHO_ALARM ||
        a->who == LAB_WHO_TIMEOUT)
        agent = FREE;
    assert(n->edges < EDGES_MAX);
    n->edge[n->edges++] =
        (struct edge){to, (uint8_t)agent, a->who == LAB_WHO_TASK || a->who == LAB_WHO_TIMEOUT};
}

static void add_outcome(struct naive *n, uint32_t state, enum sim_end end, bool fair)
{
    struct lab_outcome outcome;

    load(n, state);
    n->lab.trace.count = 0;
    lab_outcome(&n->lab, end, fair, &outcome);
    outcome.steps = n->depth[state];
    assert(lab_outcomes_add(&n->result->outcomes, &outcome, state) != LAB_OUTCOME_NONE);
}

static bool expand(struct naive *n, uint32_t state)
{
    uint8_t choices[LAB_ACTORS_MAX];
    unsigned m;

    load(n, state);
    m = lab_choices(&n->lab, choices);
    n->first[state] = n->edges;
    if (m == 0)
        add_outcome(n, state, SIM_END_QUIET, true);
    for (unsigned i = 0; i < m; i++) {
        uint32_t to;
        load(n, state);
        lab_step(&n->lab, choices[i]);
        n->lab.drv.readied.n = 0;
        n->lab.sim.armed = 0;
        mark_quiet(n);
        to = number_of(n, n->depth[state] + 1);
        if (to == UINT32_MAX)
            return false;
        add_edge(n, to, choices[i]);
    }
    n->first[state + 1] = n->edges;
    return true;
}

/* ---- cycles: a set of states is a byte for each ---- */

static bool follows(const struct naive *n, const uint8_t *set, uint32_t e)
{
    return set[n->edge[e].to] && (!n->tasks_only || n->edge[e].task) &&
           n->edge[e].agent != n->without;
}

/* From @root inside @set, along the edges or against them. */
static void reach(const struct naive *n, const uint8_t *set, uint32_t root, bool back,
                  uint8_t *ret)
{
    bool more = true;

    memset(ret, 0, n->count);
    ret[root] = 1;
    while (more) {
        more = false;
        for (uint32_t k = 0; k < n->count; k++) {
            uint32_t s = back ? n->count - 1 - k : k;
            for (uint32_t e = n->first[s]; set[s] && e < n->first[s + 1]; e++) {
                uint32_t from = back ? n->edge[e].to : s, to = back ? s : n->edge[e].to;
                if (!follows(n, set, e) || !ret[from] || ret[to])
                    continue;
                ret[to] = 1;
                more = true;
            }
        }
    }
}

/* Who could step in the part all the time, or some time, and does not. */
static bool fair(const struct naive *n, const uint8_t *part, bool strongly, uint8_t *moves)
{
    uint8_t enabled[256] = {0}, always[256];

    memset(always, 1, sizeof(always));
    memset(moves, 0, 256);
    for (uint32_t s = 0; s < n->count; s++) {
        uint8_t here[256] = {0};
        for (uint32_t e = n->first[s]; part[s] && e < n->first[s + 1]; e++) {
            here[n->edge[e].agent] = 1;
            moves[n->edge[e].agent] |= follows(n, part, e);
        }
        for (unsigned a = 0; a < 256 && part[s]; a++) {
            enabled[a] |= here[a];
            always[a] &= here[a];
        }
    }
    for (unsigned a = 0; a < FREE; a++)
        if ((strongly ? enabled[a] : always[a]) && !moves[a])
            return false;
    return true;
}

static bool has_cycle(const struct naive *n, const uint8_t *part)
{
    for (uint32_t s = 0; s < n->count; s++)
        for (uint32_t e = n->first[s]; part[s] && e < n->first[s + 1]; e++)
            if (follows(n, part, e))
                return true;
    return false;
}

/* Calls @act for each part of @set that has a cycle. */
static void parts(struct naive *n, const uint8_t *set,
                  void (*act)(struct naive *n, const uint8_t *part, bool *result), bool *result)
{
    uint8_t *left = zeroed(n->count, 1), *to = zeroed(n->count, 1), *from = zeroed(n->count, 1);

    memcpy(left, set, n->count);
    for (uint32_t s = 0; s < n->count; s++) {
        if (!left[s])
            continue;
        reach(n, left, s, false, to);
        reach(n, left, s, true, from);
        for (uint32_t i = 0; i < n->count; i++) {
            to[i] &= from[i];
            left[i] &= (uint8_t)!to[i];
        }
        if (has_cycle(n, to))
            act(n, to, result);
    }
    free(left);
    free(to);
    free(from);
}

/* Can a strongly fair schedule stay in the part? */
static void strongly(struct naive *n, const uint8_t *part, bool *result)
{
    uint8_t moves[256], *rest;

    if (fair(n, part, true, moves)) {
        *result = true;
        return;
    }
    rest = zeroed(n->count, 1);
    for (uint32_t s = 0; s < n->count; s++) {
        rest[s] = part[s];
        for (uint32_t e = n->first[s]; part[s] && e < n->first[s + 1]; e++)
            if (n->edge[e].agent != FREE && !moves[n->edge[e].agent])
                rest[s] = 0;
    }
    if (memcmp(rest, part, n->count))
        parts(n, rest, strongly, result);
    free(rest);
}

/* Could the agent that is left out step in the part? */
static void could_step(struct naive *n, const uint8_t *part, bool *result)
{
    for (uint32_t s = 0; s < n->count; s++)
        for (uint32_t e = n->first[s]; part[s] && e < n->first[s + 1]; e++)
            *result |= n->edge[e].agent == n->without;
}

/* Can a schedule stay in the part and leave somebody out who could step again and again? */
static bool can_be_unfair(struct naive *n, const uint8_t *part)
{
    bool result = false;

    for (unsigned a = 0; a < FREE && !result; a++) {
        n->without = a;
        parts(n, part, could_step, &result);
    }
    n->without = NOBODY;
    return result;
}

static bool only_tasks(const struct naive *n, const uint8_t *part)
{
    for (uint32_t s = 0; s < n->count; s++)
        for (uint32_t e = n->first[s]; part[s] && e < n->first[s + 1]; e++)
            if (follows(n, part, e) && !n->edge[e].task)
                return false;
    return true;
}

static void judge(struct naive *n, const uint8_t *part, bool *unused)
{
    uint8_t moves[256];
    bool strong = false, weak = fair(n, part, false, moves);
    uint32_t first = 0;

    (void)unused;
    if (only_tasks(n, part) != n->tasks_only)
        return;
    while (!part[first])
        first++;
    strongly(n, part, &strong);
    if (n->tasks_only && strong)
        add_outcome(n, first, SIM_END_SPIN, true);
    if (n->tasks_only && (!strong || can_be_unfair(n, part)))
        add_outcome(n, first, SIM_END_SPIN, false);
    else if (!n->tasks_only && (strong || weak))
        add_outcome(n, first, strong ? SIM_END_STORM : SIM_END_STARVE, strong);
}

/* States that no cycle goes through are of no interest: leave out what has no way on or back.
 */
static void trim(const struct naive *n, uint8_t *set)
{
    uint8_t *reached = zeroed(n->count, 1);
    bool more = true;

    while (more) {
        more = false;
        memset(reached, 0, n->count);
        for (uint32_t s = 0; s < n->count; s++)
            for (uint32_t e = n->first[s]; set[s] && e < n->first[s + 1]; e++)
                if (follows(n, set, e))
                    reached[n->edge[e].to] = 1;
        for (uint32_t s = 0; s < n->count; s++) {
            bool on = false;
            for (uint32_t e = n->first[s]; set[s] && e < n->first[s + 1]; e++)
                on |= follows(n, set, e);
            more |= set[s] && !(on && reached[s]);
            set[s] &= on && reached[s];
        }
    }
    free(reached);
}

static void find_cycles(struct naive *n)
{
    uint8_t *all = zeroed(n->count, 1);

    for (unsigned pass = 0; pass < 2; pass++) {
        n->tasks_only = pass;
        memset(all, 1, n->count);
        trim(n, all);
        parts(n, all, judge, 0);
    }
    free(all);
}

void naive_explore(const struct lab_program *program, struct naive_result *ret)
{
    struct naive *n = zeroed(1, sizeof(*n));
    bool complete = true;

    memset(ret, 0, sizeof(*ret));
    n->result = ret;
    n->without = NOBODY;
    lab_layout(&n->lab, program, 0, lab_bench_sim_context_bytes());
    n->arena = zeroed(n->lab.arena.size + 8, 1);
    assert(drv_stack_init(LAB_CONTEXTS_MAX));
    sim_arena_place(&n->lab.arena, n->arena);
    n->size = n->lab.arena.base[SIM_CLOCK];
    n->states = zeroed(NAIVE_STATES_MAX, n->size);
    n->table = zeroed(TABLE, sizeof(*n->table));
    n->first = zeroed(NAIVE_STATES_MAX + 1, sizeof(*n->first));
    n->depth = zeroed(NAIVE_STATES_MAX, sizeof(*n->depth));
    n->edge = zeroed(EDGES_MAX, sizeof(*n->edge));
    n->lab.trace.want = LAB_LEDGER_EVENTS;
    lab_start(&n->lab, &lab_bench_sim);
    n->lab.drv.readied.n = 0;
    mark_quiet(n);
    number_of(n, 0);
    for (uint32_t s = 0; s < n->count && complete; s++)
        complete = expand(n, s);
    if (complete)
        find_cycles(n);
    ret->states = n->count;
    ret->transitions = n->edges;
    ret->complete = complete;
    free(n->arena);
    free(n->states);
    free(n->table);
    free(n->first);
    free(n->depth);
    free(n->edge);
    free(n);
}
