/*
 * lab/reduce.h - steps that need not be interleaved with others: docs/explorer.md,
 * "Reductions".
 */
#ifndef LAB_REDUCE_H
#define LAB_REDUCE_H

#include "lab/alike.h"

struct lab_reduce {
    struct lab_live live;
    struct lab_alike alike;
    bool sort;                     /* tasks that are alike; set these three before opening */
    const struct lab_split *split; /* only actors of @part step; 0: all do */
    unsigned part;
    bool handlers; /* one CPU: while a handler runs, only worlds and timers do */
};

/* The steps that were made in one, and who made them. */
struct lab_chain {
    uint32_t length;
    bool consumed;     /* one of them took a token off a device for good */
    uint64_t moved[4]; /* bit per actor */
    uint8_t *actors;   /* in order, if not 0 */
    uint32_t room;
    uint8_t *who; /* whose part each task plays, if not 0: then @actors names these */
};

bool lab_reduce_open(struct lab_reduce *reduce, const struct lab *lab);
void lab_reduce_close(struct lab_reduce *reduce);

/* After a step, or at the start: brings the state into the form that stands for its like. */
void lab_reduce_tidy(const struct lab_reduce *reduce, struct lab *lab);

/*
 * The actor whose next step may be made before all others', because nobody else notices it and
 * it notices nobody else; or the only one that can step; else LAB_NO_ACTOR.
 */
unsigned lab_reduce_alone(const struct lab_reduce *reduce, struct lab *lab, bool *ret_consumes);

/* lab_choices(), of those that may step. */
unsigned lab_reduce_choices(const struct lab_reduce *reduce, struct lab *lab,
                            uint8_t ret_enabled[LAB_ACTORS_MAX]);

/* Only the first of the two reasons. */
unsigned lab_reduce_local(const struct lab_reduce *reduce, struct lab *lab, bool *ret_consumes);

#endif
