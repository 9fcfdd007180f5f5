/*
 * lab/witness.c - see witness.h.
 *
 * The best way is found by Dijkstra's algorithm on pairs of a state and who stepped last: what
 * a switch costs depends on both.
 */
#include "lab/witness.h"

#include <stdlib.h>
#include <string.h>

enum { NOBODY = 0, NODES_MAX = 1 << 25 };

#define UNREACHED UINT64_MAX

struct heap_item {
    uint64_t cost;
    uint32_t node;
};

struct ways {
    struct lab_exploration *s;
    enum lab_way_order order;
    unsigned agents;                /* 1 + those that ever step */
    uint8_t number[LAB_ACTORS_MAX]; /* agent -> 1 .. agents - 1 */
    uint64_t *cost;                 /* by node: state * agents + number of who stepped last */
    uint32_t *from;
    uint8_t *by; /* actor */
    struct heap_item *heap;
    size_t items, room;
    bool failed;
};

static uint64_t cost_of(const struct ways *w, uint32_t steps, uint32_t preemptions)
{
    return w->order == LAB_WAY_SHORTEST ? (uint64_t)steps << 32 | preemptions
                                        : (uint64_t)preemptions << 32 | steps;
}

static void push(struct ways *w, uint64_t cost, uint32_t node)
{
    size_t at = w->items;

    if (w->items == w->room) {
        size_t room = w->room ? 2 * w->room : 1024;
        struct heap_item *heap = realloc(w->heap, room * sizeof(*heap));
        w->failed |= !heap;
        if (!heap)
            return;
        w->heap = heap;
        w->room = room;
    }
    w->items++;
    while (at && w->heap[(at - 1) / 2].cost > cost) {
        w->heap[at] = w->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    w->heap[at] = (struct heap_item){cost, node};
}

static struct heap_item pop(struct ways *w)
{
    struct heap_item top = w->heap[0], last = w->heap[--w->items];
    size_t at = 0;

    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= w->items)
            break;
        child += child + 1 < w->items && w->heap[child + 1].cost < w->heap[child].cost;
        if (w->heap[child].cost >= last.cost)
            break;
        w->heap[at] = w->heap[child];
        at = child;
    }
    w->heap[at] = last;
    return top;
}

static void number_agents(struct ways *w)
{
    const struct lab_expander *expander = &w->s->expander;

    w->agents = 1;
    for (unsigned a = 0; a < expander->lab.actors; a++)
        if (!w->number[expander->agent[a]])
            w->number[expander->agent[a]] = (uint8_t)w->agents++;
}

static bool open_ways(struct ways *w)
{
    size_t nodes;

    number_agents(w);
    nodes = (size_t)w->s->store.count * w->agents;
    if (nodes > NODES_MAX)
        return false;
    w->cost = malloc(nodes * sizeof(*w->cost));
    w->from = malloc(nodes * sizeof(*w->from));
    w->by = malloc(nodes);
    if (!w->cost || !w->from || !w->by)
        return false;
    memset(w->cost, 0xff, nodes * sizeof(*w->cost));
    return true;
}

static void close_ways(struct ways *w)
{
    free(w->cost);
    free(w->from);
    free(w->by);
    free(w->heap);
}

static void expand(struct ways *w, const struct heap_item *item)
{
    const struct lab_exploration *s = w->s;
    const uint32_t *first = lab_words_of(&s->first), *to = lab_words_of(&s->to);
    uint32_t state = item->node / w->agents;
    unsigned last = item->node % w->agents;
    bool could_go_on = false;

    for (uint32_t e = first[state]; e < first[state + 1]; e++)
        could_go_on |= w->number[s->expander.agent[lab_edge_actor(s, e)]] == last;
    for (uint32_t e = first[state]; e < first[state + 1]; e++) {
        unsigned number = w->number[s->expander.agent[lab_edge_actor(s, e)]];
        uint32_t node = to[e] * w->agents + number;
        uint64_t cost =
            item->cost + cost_of(w, 1, could_go_on && last != NOBODY && number != last);
        if (cost >= w->cost[node])
            continue;
        w->cost[node] = cost;
        w->from[node] = item->node;
        w->by[node] = lab_edge_actor(s, e);
        push(w, cost, node);
    }
}

/* The states at which the search may stop: a bit each. */
static uint8_t *goals_of(const struct lab_exploration *s, const bool *wanted, bool opposite)
{
    const struct lab_end *end = (const void *)s->ends.bytes;
    uint8_t *goal = calloc(s->store.count / 8 + 1, 1);

    for (size_t i = 0; goal && i < s->ends.used / sizeof(*end); i++)
        if (wanted[end[i].outcome] != opposite)
            goal[end[i].state / 8] |= (uint8_t)(1 << end[i].state % 8);
    return goal;
}

static bool is_in(const uint8_t *set, uint32_t state)
{
    return set[state / 8] >> state % 8 & 1;
}

static bool trace_back(const struct ways *w, uint32_t node, struct lab_way *way)
{
    uint32_t steps =
        (uint32_t)(w->order == LAB_WAY_SHORTEST ? w->cost[node] >> 32 : w->cost[node]);

    way->length = steps;
    way->preemptions =
        (uint32_t)(w->order == LAB_WAY_SHORTEST ? w->cost[node] : w->cost[node] >> 32);
    way->actors = malloc(way->length + 1);
    for (size_t i = way->length; way->actors && i-- > 0; node = w->from[node])
        way->actors[i] = w->by[node];
    return way->actors != 0;
}

bool lab_way_best(struct lab_exploration *s, const bool *wanted, enum lab_way_order order,
                  struct lab_way *ret_way)
{
    struct ways w = {.s = s, .order = order};
    uint8_t *goal = goals_of(s, wanted, false);
    bool found = false;

    memset(ret_way, 0, sizeof(*ret_way));
    if (goal && !s->options.reduce && open_ways(&w)) {
        w.cost[0] = 0;
        push(&w, 0, 0);
        while (w.items && !w.failed && !found) {
            struct heap_item item = pop(&w);
            if (item.cost > w.cost[item.node])
                continue;
            found = is_in(goal, item.node / w.agents);
            if (found)
                found = trace_back(&w, item.node, ret_way);
            else
                expand(&w, &item);
        }
    }
    close_ways(&w);
    free(goal);
    return found;
}

void lab_way_free(struct lab_way *way)
{
    free(way->actors);
    memset(way, 0, sizeof(*way));
}

bool lab_way_preemptions(const struct lab_program *program, const uint8_t *actors,
                         size_t length, uint32_t *ret_preemptions)
{
    struct lab_expander expander;
    unsigned last = LAB_NO_ACTOR;
    bool good = lab_expander_open(&expander, program, 0);

    *ret_preemptions = 0;
    for (size_t i = 0; i < length && good; i++) {
        uint8_t choices[LAB_ACTORS_MAX];
        unsigned n = lab_choices(&expander.lab, choices);
        bool could_go_on = false;
        for (unsigned k = 0; k < n; k++)
            could_go_on |= expander.agent[choices[k]] == last;
        *ret_preemptions += could_go_on && expander.agent[actors[i]] != last;
        last = expander.agent[actors[i]];
        lab_expander_step(&expander, actors[i]);
    }
    lab_expander_close(&expander);
    return good;
}

/* Adds the states from which an edge leads into the set; against the order of the search. */
static bool spread(const struct lab_exploration *s, uint8_t *set)
{
    const uint32_t *first = lab_words_of(&s->first), *to = lab_words_of(&s->to);
    bool more = false;

    for (uint32_t state = s->store.count; state-- > 0;)
        for (uint32_t e = first[state]; e < first[state + 1] && !is_in(set, state); e++)
            if (is_in(set, to[e])) {
                set[state / 8] |= (uint8_t)(1 << state % 8);
                more = true;
            }
    return more;
}

size_t lab_way_no_return(struct lab_exploration *s, const bool *wanted,
                         const struct lab_way *way)
{
    const uint32_t *first = lab_words_of(&s->first), *to = lab_words_of(&s->to);
    uint8_t *other = goals_of(s, wanted, true); /* from here it may still end otherwise */
    uint32_t state = 0;
    size_t step = 0;

    if (!other)
        return 0;
    while (spread(s, other)) {}
    while (step < way->length && is_in(other, state)) {
        uint32_t e = first[state];
        while (e < first[state + 1] && lab_edge_actor(s, e) != way->actors[step])
            e++;
        if (e == first[state + 1])
            break;
        state = to[e];
        step++;
    }
    if (is_in(other, state))
        step = 0;
    free(other);
    return step;
}
