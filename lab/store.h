/*
 * lab/store.h - the states a search has found, each once, in the order in which it found them:
 * the store is also the queue.
 *
 * A state is cut into lines of 64 bytes.  Each distinct line is kept once; a state is the row
 * of its lines' numbers, or, if there are many, of the numbers of groups of them.  An *exact*
 * store recognises a state by comparing rows; the other by its 128-bit hash alone, and it may
 * forget the rows of states whose successors are known.
 */
#ifndef LAB_STORE_H
#define LAB_STORE_H

#include "lab/intern.h"

enum {
    LAB_GROUP_LINES = 16, /* numbers that fill a line: up to so many lines need no groups */
    LAB_STORE_LINES_MAX = 2048,
};

/* One line of a state that differs from the state it was made from. */
struct lab_change {
    struct lab_hash hash;
    uint32_t position;
    uint32_t zero;
    uint8_t bytes[LAB_LINE_BYTES];
};

struct lab_store {
    bool exact;
    unsigned lines, groups; /* groups 0: rows are numbers of lines */
    unsigned width;         /* numbers in a row */
    uint32_t count;
    struct lab_intern line, group;
    struct lab_slots slots;
    struct lab_region rows;
    struct lab_region prints; /* struct lab_hash, unless exact */
    struct lab_region parents, actors;
    uint32_t *scratch;
};

/* For states of @bytes bytes; @memory bounds the address space.  False: no memory. */
bool lab_store_open(struct lab_store *store, size_t bytes, bool exact, size_t memory);
void lab_store_close(struct lab_store *store);

/* Numbers that lab_store_numbers() writes: of all lines, then of all groups. */
static inline unsigned lab_store_numbers_count(const struct lab_store *store)
{
    return store->lines + store->groups;
}

/* The lines of a state; not of one whose row was forgotten. */
void lab_store_numbers(const struct lab_store *store, uint32_t state, uint32_t *ret_numbers);

/* The same as they lie in the store: store->width numbers. */
static inline const uint32_t *lab_store_row(const struct lab_store *store, uint32_t state)
{
    return (const uint32_t *)(const void *)store->rows.bytes + (size_t)state * store->width;
}

/* A state with these changes and @hash will soon be put; the slots were fetched before. */
void lab_store_prefetch(const struct lab_store *store, const struct lab_change *changes,
                        unsigned count, struct lab_hash hash);

/*
 * The state that differs from the one with @numbers by @changes and has @hash: found or added,
 * with @parent and the @actor that led there first.  NONE: no memory.
 */
uint32_t lab_store_put(struct lab_store *store, const uint32_t *numbers,
                       const struct lab_change *changes, unsigned count, struct lab_hash hash,
                       uint32_t parent, unsigned actor);

/* Rows of the states before @state are not needed any more. */
void lab_store_forget(struct lab_store *store, uint32_t state);

static inline bool lab_store_forgotten(const struct lab_store *store, uint32_t state)
{
    return (size_t)state * store->width * 4 < store->rows.gone;
}

size_t lab_store_held(const struct lab_store *store);

static inline uint32_t lab_store_parent(const struct lab_store *store, uint32_t state)
{
    return ((const uint32_t *)(const void *)store->parents.bytes)[state];
}

static inline uint8_t lab_store_actor(const struct lab_store *store, uint32_t state)
{
    return store->actors.bytes[state];
}

#endif
