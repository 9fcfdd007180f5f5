/*
 * lab/intern.h - lines of 64 bytes, each kept once, under a number.
 */
#ifndef LAB_INTERN_H
#define LAB_INTERN_H

#include "lab/hash.h"
#include "lab/region.h"

/*
 * A hash table whose slots are a part of the hash above a number: what is stored under the
 * number is kept elsewhere.  0: empty.  It grows by doubling, from the slots alone: the lower
 * bits of that part of the hash choose the slot.
 */
enum { LAB_SLOT_NUMBER_BITS = 30 };

#define LAB_NUMBER_NONE UINT32_MAX
#define LAB_NUMBERS_MAX ((1u << LAB_SLOT_NUMBER_BITS) - 2)

struct lab_slots {
    struct lab_region region;
    uint64_t *slot;
    uint64_t mask;
    uint64_t count;
};

bool lab_slots_open(struct lab_slots *slots);
void lab_slots_close(struct lab_slots *slots);
/* Makes room for @more entries.  False: out of memory. */
bool lab_slots_grow(struct lab_slots *slots, unsigned more);

static inline uint64_t lab_slot_tag(struct lab_hash hash)
{
    return hash.lo >> LAB_SLOT_NUMBER_BITS;
}

static inline uint64_t lab_slot_number(uint64_t slot)
{
    return (slot & ((UINT64_C(1) << LAB_SLOT_NUMBER_BITS) - 1)) - 1;
}

static inline void lab_slots_prefetch(const struct lab_slots *slots, struct lab_hash hash)
{
    __builtin_prefetch(&slots->slot[lab_slot_tag(hash) & slots->mask]);
}

struct lab_intern {
    struct lab_slots slots;
    struct lab_region lines;
};

bool lab_intern_open(struct lab_intern *intern, size_t reserve);
void lab_intern_close(struct lab_intern *intern);

/* The number of the line with this content; it is added if it is new.  NONE: no memory. */
uint32_t lab_intern_put(struct lab_intern *intern, const uint8_t *line, struct lab_hash hash);

static inline const uint8_t *lab_intern_get(const struct lab_intern *intern, uint32_t number)
{
    return intern->lines.bytes + (size_t)number * LAB_LINE_BYTES;
}

/* Fetches the line a first look would find; its slot was fetched before. */
static inline void lab_intern_prefetch(const struct lab_intern *intern, struct lab_hash hash)
{
    uint64_t tag = lab_slot_tag(hash), slot = intern->slots.slot[tag & intern->slots.mask];

    if (slot >> LAB_SLOT_NUMBER_BITS == tag)
        __builtin_prefetch(lab_intern_get(intern, (uint32_t)lab_slot_number(slot)));
}

static inline size_t lab_intern_held(const struct lab_intern *intern)
{
    return lab_region_held(&intern->lines) + intern->slots.region.used;
}

#endif
