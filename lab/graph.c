/*
 * lab/graph.c - fair cycles by strongly connected parts.
 *
 * Parts are found by Tarjan's algorithm with its own stack.  Breadth-first search leads from
 * each level at most one further, so every cycle has an edge that leads no further: only from
 * where such edges lead is the graph searched.  A part is strongly fair if every agent that is
 * enabled somewhere in it steps in it; otherwise the states where such an agent is enabled are
 * left out and the rest is searched again (Emerson and Lei's recursion for Streett conditions).
 */
#include "lab/graph.h"

#include <stdlib.h>
#include <string.h>

/* A state that is being searched, and the next of its edges. */
struct call {
    uint32_t state, edge;
};

/* A label, seen as a cycle is looked at. */
struct edge_kind {
    bool moves[LAB_GRAPH_ACTORS + 1]; /* by agent; NO_AGENT never does */
    bool chain;
    bool task;     /* only tasks stepped */
    bool once;     /* no cycle goes along it */
    uint8_t agent; /* who stepped first */
};

struct search {
    const struct lab_graph *graph;
    struct edge_kind *kind; /* by label */
    lab_cycle_fn *found;
    void *context;
    uint32_t *index, *low;
    uint32_t *group; /* states are searched if they bear the number of the pass */
    uint32_t groups, next;
    bool tasks_only;  /* only steps of tasks are edges */
    unsigned without; /* steps of this agent are none; NO_AGENT: all are */
    bool failed;
};

struct pass;
typedef void part_fn(struct pass *pass, const uint32_t *states, uint32_t n);

/* One search for parts: of a pass, or inside a part. */
struct pass {
    struct search *s;
    uint32_t group;
    uint32_t *stack;
    struct call *call;
    uint32_t top, depth, stack_room, call_room;
    part_fn *part;
    bool fair;   /* a strongly fair part was found */
    bool unfair; /* one in which an agent could step that is left out */
};

enum { DONE = -1, NO_AGENT = LAB_GRAPH_ACTORS };

static bool follows(const struct search *s, uint32_t edge, uint32_t group)
{
    const struct edge_kind *kind = &s->kind[s->graph->label[edge]];

    return !kind->once && s->group[s->graph->to[edge]] == group &&
           (!s->tasks_only || kind->task) && !kind->moves[s->without];
}

static bool is_cyclic(const struct pass *pass, const uint32_t *states, uint32_t n)
{
    const struct lab_graph *g = pass->s->graph;

    if (n > 1)
        return true;
    for (uint32_t e = g->first[states[0]]; e < g->first[states[0] + 1]; e++)
        if (g->to[e] == states[0] && follows(pass->s, e, pass->group))
            return true;
    return false;
}

static bool grow(void **array, uint32_t *room, size_t size)
{
    uint32_t more = *room ? *room * 2 : 256;
    void *new = realloc(*array, more * size);

    if (!new)
        return false;
    *array = new;
    *room = more;
    return true;
}

static void enter(struct pass *pass, uint32_t state)
{
    struct search *s = pass->s;
    void *stack = pass->stack, *call = pass->call;

    if (pass->top == pass->stack_room)
        s->failed |= !grow(&stack, &pass->stack_room, sizeof(*pass->stack));
    if (pass->depth == pass->call_room)
        s->failed |= !grow(&call, &pass->call_room, sizeof(*pass->call));
    pass->stack = stack;
    pass->call = call;
    if (s->failed)
        return;
    s->index[state] = s->low[state] = ++s->next;
    pass->stack[pass->top++] = state;
    pass->call[pass->depth++] = (struct call){state, s->graph->first[state]};
}

/* Leaves @state; returns the size of the part it is the root of, which ends the stack. */
static uint32_t leave(struct pass *pass, uint32_t state)
{
    struct search *s = pass->s;
    uint32_t n = 0;

    pass->depth--;
    if (pass->depth) {
        uint32_t parent = pass->call[pass->depth - 1].state;
        if (s->low[state] < s->low[parent])
            s->low[parent] = s->low[state];
    }
    if (s->low[state] != s->index[state])
        return 0;
    do {
        n++;
        s->index[pass->stack[pass->top - n]] = (uint32_t)DONE;
    } while (pass->stack[pass->top - n] != state);
    pass->top -= n;
    return n;
}

/* All parts that can be reached from @root and were not found yet. */
static void search_from(struct pass *pass, uint32_t root)
{
    struct search *s = pass->s;
    const struct lab_graph *g = s->graph;

    if (s->index[root] || s->group[root] != pass->group)
        return;
    enter(pass, root);
    while (pass->depth && !s->failed) {
        struct call *call = &pass->call[pass->depth - 1];
        uint32_t state = call->state, to;
        if (call->edge == g->first[state + 1]) {
            uint32_t size = leave(pass, state);
            if (size && is_cyclic(pass, pass->stack + pass->top, size))
                pass->part(pass, pass->stack + pass->top, size);
            continue;
        }
        to = g->to[call->edge];
        if (!follows(s, call->edge++, pass->group))
            continue;
        if (!s->index[to])
            enter(pass, to);
        else if (s->index[to] != (uint32_t)DONE && s->index[to] < s->low[state])
            s->low[state] = s->index[to];
    }
}

static void release(struct pass *pass)
{
    free(pass->stack);
    free(pass->call);
}

struct agents {
    bool enabled[LAB_GRAPH_ACTORS], always[LAB_GRAPH_ACTORS], moves[LAB_GRAPH_ACTORS];
    bool only_tasks;
};

static void look_along(const struct edge_kind *kind, struct agents *ret)
{
    for (unsigned a = 0; a < LAB_GRAPH_ACTORS; a++) {
        ret->moves[a] |= kind->moves[a];
        ret->always[a] &= !kind->chain || kind->moves[a];
    }
    ret->only_tasks &= kind->task;
}

/* Who is enabled and who steps in a part whose states are marked with @mark. */
static void look(const struct search *s, const uint32_t *states, uint32_t n, uint32_t mark,
                 struct agents *ret)
{
    const struct lab_graph *g = s->graph;

    memset(ret, 0, sizeof(*ret));
    memset(ret->always, 1, sizeof(ret->always));
    ret->only_tasks = true;
    for (uint32_t i = 0; i < n; i++) {
        bool here[LAB_GRAPH_ACTORS] = {false};
        for (uint32_t e = g->first[states[i]]; e < g->first[states[i] + 1]; e++) {
            const struct edge_kind *kind = &s->kind[g->label[e]];
            here[kind->agent] = ret->enabled[kind->agent] = true;
            if (follows(s, e, mark))
                look_along(kind, ret);
        }
        for (unsigned a = 0; a < LAB_GRAPH_ACTORS; a++)
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

static void mark_all(struct search *s, const uint32_t *states, uint32_t n, uint32_t mark)
{
    for (uint32_t i = 0; i < n; i++)
        s->group[states[i]] = mark;
}

static bool fair_inside(struct search *s, const uint32_t *states, uint32_t n,
                        const struct agents *agents);

static void inner_part(struct pass *pass, const uint32_t *states, uint32_t n)
{
    struct search *s = pass->s;
    struct agents agents;
    uint32_t mark = ++s->groups;

    if (pass->fair)
        return;
    mark_all(s, states, n, mark);
    look(s, states, n, mark, &agents);
    pass->fair = fair(&agents, true) || fair_inside(s, states, n, &agents);
}

/* The states of the part in which no starved agent is enabled, searched again. */
static bool fair_inside(struct search *s, const uint32_t *states, uint32_t n,
                        const struct agents *agents)
{
    const struct lab_graph *g = s->graph;
    uint32_t *rest = malloc(n * sizeof(*rest));
    struct pass inner = {.s = s, .group = ++s->groups, .part = inner_part};
    uint32_t m = 0;

    if (!rest) {
        s->failed = true;
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        bool keep = true;
        for (uint32_t e = g->first[states[i]]; e < g->first[states[i] + 1] && keep; e++) {
            unsigned a = s->kind[g->label[e]].agent;
            keep = a == LAB_GRAPH_FREE || agents->moves[a];
        }
        if (keep)
            rest[m++] = states[i];
    }
    mark_all(s, rest, m, inner.group);
    for (uint32_t i = 0; i < m; i++)
        s->index[rest[i]] = 0;
    for (uint32_t i = 0; i < m && m < n; i++)
        search_from(&inner, rest[i]);
    for (uint32_t i = 0; i < m; i++)
        s->index[rest[i]] = (uint32_t)DONE;
    release(&inner);
    free(rest);
    return inner.fair;
}

/* Could the agent that is left out step somewhere in the part? */
static void starved_part(struct pass *pass, const uint32_t *states, uint32_t n)
{
    const struct search *s = pass->s;
    const struct lab_graph *g = s->graph;

    for (uint32_t i = 0; i < n; i++)
        for (uint32_t e = g->first[states[i]]; e < g->first[states[i] + 1]; e++)
            pass->unfair |= s->kind[g->label[e]].agent == s->without;
}

/* Can a schedule stay in the part that leaves @agent out for ever, although it could step? */
static bool can_starve(struct search *s, const uint32_t *states, uint32_t n, unsigned agent)
{
    struct pass inner = {.s = s, .group = ++s->groups, .part = starved_part};

    mark_all(s, states, n, inner.group);
    s->without = agent;
    for (uint32_t i = 0; i < n; i++)
        s->index[states[i]] = 0;
    for (uint32_t i = 0; i < n; i++)
        search_from(&inner, states[i]);
    for (uint32_t i = 0; i < n; i++)
        s->index[states[i]] = (uint32_t)DONE;
    s->without = NO_AGENT;
    release(&inner);
    return inner.unfair;
}

/* A part of tasks' steps: what a fair schedule does in it, and what an unfair one does. */
static void report_spin(struct search *s, const uint32_t *states, uint32_t n,
                        const struct agents *agents, bool strong, uint32_t one)
{
    bool unfair = !strong;

    if (strong)
        s->found(s->context, one, LAB_CYCLE_FAIR_SPIN);
    for (unsigned a = 0; a < LAB_GRAPH_FREE && !unfair; a++)
        unfair = agents->enabled[a] && can_starve(s, states, n, a);
    if (unfair)
        s->found(s->context, one, LAB_CYCLE_SPIN);
}

static void whole_part(struct pass *pass, const uint32_t *states, uint32_t n)
{
    struct search *s = pass->s;
    struct agents agents;
    uint32_t mark = ++s->groups;
    uint32_t one = states[0];
    bool strong, weak;

    mark_all(s, states, n, mark);
    for (uint32_t i = 0; i < n; i++)
        one = states[i] < one ? states[i] : one;
    look(s, states, n, mark, &agents);
    if (agents.only_tasks != s->tasks_only)
        return; /* spins are found in their own pass */
    weak = fair(&agents, false);
    strong = fair(&agents, true) || fair_inside(s, states, n, &agents);
    if (s->tasks_only)
        report_spin(s, states, n, &agents, strong, one);
    else if (strong || weak)
        s->found(s->context, one, strong ? LAB_CYCLE_STORM : LAB_CYCLE_STARVE);
}

/* From wherever an edge leads no further than the level it comes from. */
static void search_all(struct search *s, part_fn *part)
{
    const struct lab_graph *g = s->graph;
    struct pass pass = {.s = s, .part = part};

    for (uint32_t k = 0; k < g->levels && !s->failed; k++) {
        uint32_t end = g->level[k + 1];
        for (uint32_t e = g->first[g->level[k]]; e < g->first[end]; e++)
            if (g->to[e] < end && follows(s, e, pass.group))
                search_from(&pass, g->to[e]);
    }
    release(&pass);
}

static bool sort_labels(struct search *s)
{
    const struct lab_graph *g = s->graph;

    s->kind = calloc(g->label_count + 1, sizeof(*s->kind));
    for (unsigned i = 0; s->kind && i < g->label_count; i++) {
        const struct lab_label *label = &g->labels[i];
        struct edge_kind *kind = &s->kind[i];
        kind->chain = label->chain;
        kind->agent = g->agent[label->actor];
        kind->task = true;
        for (unsigned a = 0; a < LAB_GRAPH_ACTORS; a++) {
            if (!(label->moved[a / 64] >> a % 64 & 1))
                continue;
            kind->moves[g->agent[a]] = true;
            kind->task &= g->task[a];
            kind->once |= g->once[a];
        }
    }
    return s->kind != 0;
}

/* One search for parts over the whole graph. */
static void search_graph(struct search *s, part_fn *part)
{
    size_t n = s->graph->states ? s->graph->states : 1;

    s->groups = s->next = 0;
    s->without = NO_AGENT;
    s->index = calloc(n, sizeof(*s->index)); /* touched only where there may be cycles */
    s->low = calloc(n, sizeof(*s->low));
    s->group = calloc(n, sizeof(*s->group));
    s->failed = !s->index || !s->low || !s->group;
    if (!s->failed)
        search_all(s, part);
    free(s->index);
    free(s->low);
    free(s->group);
}

bool lab_graph_cycles(const struct lab_graph *graph, lab_cycle_fn *found, void *context)
{
    struct search s = {.graph = graph, .found = found, .context = context};

    s.failed = !sort_labels(&s);
    for (unsigned spin = 0; spin < 2 && !s.failed; spin++) {
        s.tasks_only = spin;
        search_graph(&s, whole_part);
    }
    free(s.kind);
    return !s.failed;
}

static void any_part(struct pass *pass, const uint32_t *states, uint32_t n)
{
    (void)states;
    (void)n;
    *(bool *)pass->s->context = true;
}

bool lab_graph_has_cycle(const struct lab_graph *graph, bool *ret_has)
{
    struct search s = {.graph = graph, .context = ret_has};

    *ret_has = false;
    s.failed = !sort_labels(&s);
    if (!s.failed)
        search_graph(&s, any_part);
    free(s.kind);
    return !s.failed;
}
