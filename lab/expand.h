/*
 * lab/expand.h - the successors of a state: each actor that can step does so on a copy, and
 * what it changed is noted.
 */
#ifndef LAB_EXPAND_H
#define LAB_EXPAND_H

#include "lab/reduce.h"
#include "lab/store.h"

/* A step, or several made in one: the state with @lines of its lines changed. */
struct lab_successor {
    struct lab_hash hash;
    uint64_t moved[4]; /* bit per actor that stepped */
    uint16_t lines;    /* struct lab_change behind this record */
    uint8_t actor;     /* that stepped first */
    bool chain;        /* there were several steps */
    uint8_t zero[4];
};

/* One state of a batch. */
struct lab_batch_state {
    uint32_t state;
    uint16_t successors;
    bool end; /* nothing can step */
};

/* States expanded one after the other, to be put into the store in this order. */
enum { LAB_BATCH_STATES = 64 };

struct lab_batch {
    unsigned count;
    struct lab_batch_state state[LAB_BATCH_STATES];
    uint32_t *numbers; /* of each state's lines */
    uint8_t *bytes;    /* successors, each followed by its changes */
    size_t used, room;
    bool failed; /* out of memory */
};

/* How a state was reached, where preemptions are counted: then it is part of the state. */
struct lab_switches {
    uint32_t preemptions;
    uint8_t agent; /* 1 + who stepped last, 0: nobody yet */
    uint8_t zero[LAB_LINE_BYTES - 5];
};

struct lab_expander {
    struct lab lab;
    const struct lab_store *store;
    struct lab_reduce *reduce; /* 0: nothing is reduced */
    unsigned lines;
    bool beside; /* another thread puts states into the store: look at no more than rows */
    bool counts; /* preemptions, in one more line behind the state's */
    bool cut;    /* ways were cut off, with more than @preempt of them */
    uint32_t preempt;
    struct lab_switches *switches, *switches_base;
    uint8_t agent[LAB_ACTORS_MAX]; /* actor -> who it is: a CPU takes and handles */
    uint8_t *arena;                /* where steps happen */
    uint8_t *base;                 /* the state they start from */
    uint8_t *start;                /* the first of all */
    struct lab_hash *line_hash;    /* of its lines */
    struct lab_hash hash;          /* of all of it */
    uint32_t *numbers_room;        /* two rows: of the base, and of the one to load */
    uint32_t *numbers, *numbers_next;
    uint8_t *reached; /* struct lab's */
    bool loaded;
};

/* Bytes of a state: the arena without its clock. */
size_t lab_expander_bytes(const struct lab_expander *expander);

/* Lays the program out and starts it; no store yet.  @reduce may be 0.  False: no memory. */
bool lab_expander_open(struct lab_expander *expander, const struct lab_program *program,
                       struct lab_reduce *reduce);
/* Makes these steps and calls the state behind them the start.  False: one is not possible. */
bool lab_expander_advance(struct lab_expander *expander, const uint8_t *actors, size_t count);

/*
 * From now on how often an actor was left that could have gone on is part of the state, and
 * ways on which that happens more than @most times are cut off.  Before the store is opened.
 */
bool lab_expander_count(struct lab_expander *expander, uint32_t most);

/* From now on states come from @store. */
bool lab_expander_use(struct lab_expander *expander, const struct lab_store *store);
void lab_expander_close(struct lab_expander *expander);

/* Brings a state into expander->lab, ready for lab_choices(), lab_step(), lab_outcome(). */
void lab_expander_load(struct lab_expander *expander, uint32_t state);

/*
 * One step of @actor, which can step; then, if only the world can, what waits for it is marked
 * as late.
 */
void lab_expander_step(struct lab_expander *expander, unsigned actor);

/*
 * The same, and all steps that need not be interleaved behind it, up to where the code of the
 * one who makes them goes back in a loop.  Then tasks that are alike are sorted.
 */
void lab_expander_chain(struct lab_expander *expander, unsigned actor, struct lab_chain *chain);

/* The state in the arena becomes the start again. */
void lab_expander_restart(struct lab_expander *expander);

bool lab_batch_open(struct lab_batch *batch, const struct lab_store *store);
void lab_batch_close(struct lab_batch *batch);

/* Adds the state in the arena as it is, all lines, as the one successor of nothing. */
void lab_expand_first(struct lab_expander *expander, struct lab_batch *batch);
/* Adds @state and all its successors. */
void lab_expand(struct lab_expander *expander, uint32_t state, struct lab_batch *batch);

#endif
