/*
 * lab/exploration.h - a search while it goes on and after it, for the files that look into it:
 * its states and the graph they make.
 */
#ifndef LAB_EXPLORATION_H
#define LAB_EXPLORATION_H

#include "lab/expand.h"
#include "lab/explore.h"
#include "lab/graph.h"
#include "lab/search_crew.h"

/* An end, or the state that stands for a cycle. */
struct lab_end {
    uint32_t state;
    uint32_t outcome; /* as numbered when it was found: lab_outcomes.id */
};

struct lab_exploration {
    struct lab_explore_options options;
    uint8_t *prefix; /* options.prefix, our own */
    struct lab_explored *found;
    struct lab_expander expander;
    struct lab_store store;
    struct lab_batch batch;
    struct lab_search_crew *crew; /* threads that step, 0: none */
    struct lab_reduce reduce;
    struct lab_region first, to, label; /* the graph, see lab/graph.h */
    struct lab_region labels;
    struct lab_region level;
    struct lab_region ends; /* struct lab_end */
    uint64_t memory;
    double start, shown; /* CPU time, time of the last progress line */
    bool failed;
};

static inline uint32_t *lab_words_of(const struct lab_region *region)
{
    return (uint32_t *)(void *)region->bytes;
}

static inline uint32_t lab_edge_count(const struct lab_exploration *s)
{
    return (uint32_t)(s->to.used / sizeof(uint32_t));
}

static inline uint32_t lab_level_count(const struct lab_exploration *s)
{
    return (uint32_t)(s->level.used / sizeof(uint32_t));
}

/* The actor that stepped first along an edge. */
static inline uint8_t lab_edge_actor(const struct lab_exploration *s, uint32_t edge)
{
    const uint16_t *label = (const uint16_t *)(const void *)s->label.bytes;

    return ((const struct lab_label *)(const void *)s->labels.bytes)[label[edge]].actor;
}

/* Which level of the search a state was found on. */
uint32_t lab_level_of(const struct lab_exploration *s, uint32_t state);

/*
 * The steps on the way along which the state was found first, made again: the state is then in
 * the expander's lab.  malloc'ed; 0 out of memory.
 */
uint8_t *lab_way_to(struct lab_exploration *s, uint32_t state, size_t *ret_length);

/* The way from where the scenario starts, if the search did not; takes @actors over. */
uint8_t *lab_way_whole(const struct lab_exploration *s, uint8_t *actors, size_t *length);

#endif
