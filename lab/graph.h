/* lab/graph.h - an explored graph, and its cycles: strongly connected parts and who is fair in
 * them.
 */
#ifndef LAB_GRAPH_H
#define LAB_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LAB_GRAPH_FREE = 0xff, /* agent of the world and of timers */
    LAB_GRAPH_ACTORS = 256,
};

/* What an edge stands for: a step, or several that were made in one. */
struct lab_label {
    uint8_t actor;     /* who stepped first */
    bool chain;        /* there were several; in between nobody else could step */
    uint64_t moved[4]; /* bit per actor that stepped */
};

/* States 0 .. states-1; the edges of s are first[s] .. first[s + 1] - 1. */
struct lab_graph {
    uint32_t states;
    const uint32_t *first;
    const uint32_t *to;
    const uint16_t *label; /* of an edge: index into labels */
    const struct lab_label *labels;
    unsigned label_count;
    const uint32_t *level; /* level k of the search: states level[k] .. level[k + 1] - 1 */
    uint32_t levels;
    uint8_t agent[LAB_GRAPH_ACTORS]; /* of an actor: CPU, thread, task, or FREE */
    bool task[LAB_GRAPH_ACTORS];     /* is it a task, or its time-out? */
    bool once[LAB_GRAPH_ACTORS];     /* no step of it is ever made again: a world's */
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
 * Finds the cycles some fair schedule never leaves.  A part in which only tasks step is a spin,
 * fair if a strongly fair schedule can stay in it, and not if another can: it may be both.
 * Else it is a storm if a strongly fair one can, else starve if a weakly fair one can.
 * Fairness is for agents, never for the world.  False: out of memory.
 */
bool lab_graph_cycles(const struct lab_graph *graph, lab_cycle_fn *found, void *context);

/* Is there any cycle at all, fair or not?  False: out of memory. */
bool lab_graph_has_cycle(const struct lab_graph *graph, bool *ret_has);

#endif
