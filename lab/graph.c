/*
 * lab/graph.c - fair cycles by strongly connected parts.
 *
 * Parts are found by Tarjan's algorithm with its own stack.  A part is strongly fair if every
 * agent that is enabled somewhere in it steps in it; otherwise the states where such an agent
 * is enabled are left out and the rest is searched again (Emerson and Lei's recursion for
 * Streett conditions).
 */
#include "lab/graph.h"

#include <stdlib.h>
#include <string.h>

enum { AGENTS = 256 };

struct search {
    const struct lab_graph *graph;
    lab_cycle_fn *found;
    void *context;
    uint32_t *index, *low, *stack, *call, *group;
    uint64_t *cursor;
    uint32_t *groups; /* how many marks have been given out, shared by nested searches */
    uint32_t next, top, depth;
    bool tasks_only; /* only steps of tasks are edges */
    bool failed;
};

/* States are searched if group[s] == this pass's number. */
struct pass {
    struct search *s;
    uint32_t group;
    void (*part)(struct search *s, uint32_t group, const uint32_t *states, uint32_t n);
};

static bool follows(const struct search *s, const struct lab_edge *edge, uint32_t group)
{
    return s->group[edge->to] == group && (!s->tasks_only || edge->task);
}

static bool is_cyclic(const struct search *s, uint32_t group, const uint32_t *states,
                      uint32_t n)
{
    const struct lab_graph *g = s->graph;

    if (n > 1)
        return true;
    for (uint64_t e = g->first[states[0]]; e < g->first[states[0] + 1]; e++)
        if (g->edges[e].to == states[0] && follows(s, &g->edges[e], group))
            return true;
    return false;
}

static void enter(struct search *s, uint32_t state)
{
    s->index[state] = s->low[state] = ++s->next;
    s->cursor[state] = s->graph->first[state];
    s->stack[s->top++] = state;
    s->call[s->depth++] = state;
}

/* Leaves @state; returns the size of the part it is the root of, which ends the stack. */
static uint32_t leave(struct search *s, uint32_t state)
{
    uint32_t n = 0;

    s->depth--;
    if (s->depth) {
        uint32_t parent = s->call[s->depth - 1];
        if (s->low[state] < s->low[parent])
            s->low[parent] = s->low[state];
    }
    if (s->low[state] != s->index[state])
        return 0;
    do {
        n++;
        s->index[s->stack[s->top - n]] = UINT32_MAX; /* done */
    } while (s->stack[s->top - n] != state);
    s->top -= n;
    return n;
}

/* All parts among @states (or all states if 0) that are in @pass->group. */
static void parts(struct pass *pass, const uint32_t *states, uint32_t n)
{
    struct search *s = pass->s;
    const struct lab_graph *g = s->graph;

    for (uint32_t i = 0; i < n; i++)
        s->index[states ? states[i] : i] = 0;
    s->next = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t root = states ? states[i] : i;
        if (s->index[root] || s->group[root] != pass->group)
            continue;
        enter(s, root);
        while (s->depth) {
            uint32_t state = s->call[s->depth - 1];
            const struct lab_edge *edge;
            if (s->cursor[state] == g->first[state + 1]) {
                uint32_t size = leave(s, state);
                if (size && is_cyclic(s, pass->group, s->stack + s->top, size))
                    pass->part(s, pass->group, s->stack + s->top, size);
                continue;
            }
            edge = &g->edges[s->cursor[state]++];
            if (!follows(s, edge, pass->group))
                continue;
            if (!s->index[edge->to])
                enter(s, edge->to);
            else if (s->index[edge->to] != UINT32_MAX && s->index[edge->to] < s->low[state])
                s->low[state] = s->index[edge->to];
        }
    }
}

struct agents {
    bool enabled[AGENTS], always[AGENTS], moves[AGENTS];
    bool only_tasks;
};

/* Who is enabled and who steps in a part whose states are marked with @mark. */
static void look(const struct search *s, const uint32_t *states, uint32_t n, uint32_t mark,
                 struct agents *ret)
{
    const struct lab_graph *g = s->graph;

    memset(ret, 0, sizeof(*ret));
    memset(ret->always, 1, sizeof(ret->always));
    ret->only_tasks = true;
    for (uint32_t i = 0; i < n; i++) {
        bool here[AGENTS] = {false};
        for (uint64_t e = g->first[states[i]]; e < g->first[states[i] + 1]; e++) {
            const struct lab_edge *edge = &g->edges[e];
            here[edge->agent] = ret->enabled[edge->agent] = true;
            if (s->group[edge->to] != mark || (s->tasks_only && !edge->task))
                continue;
            ret->moves[edge->agent] = true;
            ret->only_tasks &= edge->task;
        }
        for (unsigned a = 0; a < AGENTS; a++)
            ret->always[a] &= here[a];
    }
}

static bool fair(const struct agents *agents, bool strongly)
{
    for (unsigned a = 0; a < LAB_GRAPH_FREE; a++)
        if ((strongly ? agents->enabled[a] : agents->always[a]) && !agents->moves[a])
            return false;
    return true;
}

static uint32_t new_group(struct search *s)
{
    return ++*s->groups;
}

static bool strongly_fair(struct search *s, const uint32_t *states, uint32_t n);

/* The states of the part in which no starved agent is enabled, searched again. */
static bool strongly_fair_inside(struct search *s, const uint32_t *states, uint32_t n,
                                 const struct agents *agents)
{
    const struct lab_graph *g = s->graph;
    uint32_t *rest = malloc(n * sizeof(*rest));
    uint32_t m = 0;
    bool result;

    if (!rest) {
        s->failed = true;
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        bool keep = true;
        for (uint64_t e = g->first[states[i]]; e < g->first[states[i] + 1] && keep; e++) {
            unsigned a = g->edges[e].agent;
            keep = a == LAB_GRAPH_FREE || agents->moves[a];
        }
        if (keep)
            rest[m++] = states[i];
    }
    result = m && m < n && strongly_fair(s, rest, m);
    free(rest);
    return result;
}

/* Collects whether any part of a set of states is strongly fair. */
struct nested {
    struct search search;
    bool fair;
};

static void nested_part(struct search *s, uint32_t group, const uint32_t *states, uint32_t n)
{
    struct nested *nested = (struct nested *)(void *)s;
    struct agents agents;
    uint32_t mark = new_group(s);

    (void)group;
    if (nested->fair)
        return;
    for (uint32_t i = 0; i < n; i++)
        s->group[states[i]] = mark;
    look(s, states, n, mark, &agents);
    nested->fair = fair(&agents, true) || strongly_fair_inside(s, states, n, &agents);
}

/* Room for a search over the same graph; shares only the groups. */
static bool prepare(struct search *s, const struct lab_graph *graph)
{
    size_t n = graph->states ? graph->states : 1;

    s->graph = graph;
    s->index = calloc(n, sizeof(*s->index));
    s->low = calloc(n, sizeof(*s->low));
    s->stack = calloc(n, sizeof(*s->stack));
    s->call = calloc(n, sizeof(*s->call));
    s->cursor = calloc(n, sizeof(*s->cursor));
    return s->index && s->low && s->stack && s->call && s->cursor;
}

static void release(struct search *s)
{
    free(s->index);
    free(s->low);
    free(s->stack);
    free(s->call);
    free(s->cursor);
}

static bool strongly_fair(struct search *s, const uint32_t *states, uint32_t n)
{
    struct nested nested = {
        .search = {.group = s->group, .groups = s->groups, .tasks_only = s->tasks_only}};
    struct pass pass = {&nested.search, new_group(s), nested_part};

    if (!prepare(&nested.search, s->graph)) {
        s->failed = true;
        release(&nested.search);
        return false;
    }
    for (uint32_t i = 0; i < n; i++)
        s->group[states[i]] = pass.group;
    parts(&pass, states, n);
    s->failed |= nested.search.failed;
    release(&nested.search);
    return nested.fair;
}

static void whole_part(struct search *s, uint32_t group, const uint32_t *states, uint32_t n)
{
    struct agents agents;
    uint32_t mark = new_group(s);
    uint32_t one = states[0];
    bool strong, weak;

    (void)group;
    for (uint32_t i = 0; i < n; i++) {
        s->group[states[i]] = mark;
        one = states[i] < one ? states[i] : one;
    }
    look(s, states, n, mark, &agents);
    if (agents.only_tasks != s->tasks_only)
        return; /* spins are found in their own pass */
    weak = fair(&agents, false);
    strong = fair(&agents, true) || strongly_fair_inside(s, states, n, &agents);
    if (s->tasks_only)
        s->found(s->context, one, strong ? LAB_CYCLE_FAIR_SPIN : LAB_CYCLE_SPIN);
    else if (strong || weak)
        s->found(s->context, one, strong ? LAB_CYCLE_STORM : LAB_CYCLE_STARVE);
}

bool lab_graph_cycles(const struct lab_graph *graph, lab_cycle_fn *found, void *context)
{
    uint32_t groups = 0;
    struct search s = {.found = found, .context = context, .groups = &groups};
    bool ready;

    s.group = calloc(graph->states ? graph->states : 1, sizeof(*s.group));
    ready = s.group && prepare(&s, graph);
    for (unsigned spin = 0; spin < 2 && ready && !s.failed; spin++) {
        struct pass pass = {&s, new_group(&s), whole_part};
        s.tasks_only = spin;
        for (uint32_t i = 0; i < graph->states; i++)
            s.group[i] = pass.group;
        parts(&pass, 0, graph->states);
    }
    release(&s);
    free(s.group);
    return ready && !s.failed;
}
