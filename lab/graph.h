/* lab/graph.h - cycles of an explored graph: strongly connected parts and who is fair in them.
 */
#ifndef LAB_GRAPH_H
#define LAB_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lab_edge {
    uint32_t to;
    uint8_t agent; /* who stepped: CPU, thread, task (LAB_GRAPH_FREE: world, timer) */
    uint8_t task;  /* 1: a task's step */
    uint8_t actor;
    uint8_t zero;
};

enum { LAB_GRAPH_FREE = 0xff };

/* States 0 .. states-1; the edges of s are edges[first[s]] .. edges[first[s + 1] - 1]. */
struct lab_graph {
    uint32_t states;
    const uint64_t *first;
    const struct lab_edge *edges;
};

enum lab_cycle_kind {
    LAB_CYCLE_STORM = 1,
    LAB_CYCLE_STARVE,
    LAB_CYCLE_SPIN,
    LAB_CYCLE_FAIR_SPIN
};

/* Called for one state of each part that holds a reported cycle. */
typedef void lab_cycle_fn(void *context, uint32_t state, enum lab_cycle_kind kind);

/*
 * Finds the cycles some fair schedule never leaves.  A part in which only tasks step is a spin;
 * else a storm if a strongly fair schedule can stay in it, else starve if a weakly fair one
 * can. Fairness is for agents, never for the world.  False: out of memory.
 */
bool lab_graph_cycles(const struct lab_graph *graph, lab_cycle_fn *found, void *context);

#endif
