/*
 * sim/arena.h - the one block of bytes that is the state of a run.
 *
 * Each room lays its objects out here when a scenario is loaded (counts -> size) and keeps only
 * ids in them.  The block is four classes, one behind the other, so that a search may compare
 * just what matters to it:
 *
 *   HOT    changes during the story            STACK  live bytes of C handlers' side stacks
 *   COLD   set-up registers, rarely written    CLOCK  virtual time, only in `run`
 *
 * Inside a class the objects lie by alignment, the widest first, so that next to nothing is
 * lost to padding.  An object larger than 64 bytes is listed as several components of at most
 * 64.  Padding and dead fields are zero: a snapshot is a memcpy, equality a memcmp.
 */
#ifndef SIM_ARENA_H
#define SIM_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sim_arena_class { SIM_HOT, SIM_STACK, SIM_COLD, SIM_CLOCK, SIM_ARENA_CLASSES };

enum {
    SIM_COMPONENT_BYTES_MAX = 64, /* a cache line: what a search hashes and interns as one */
    SIM_COMPONENTS_MAX =
        1024, /* bounds the listing, not the arena; more are laid out unlisted */
    SIM_NAME_BYTES = 28,
    SIM_ALIGNS = 4, /* 1, 2, 4 and 8 */
};

struct sim_component {
    char name[SIM_NAME_BYTES]; /* "keys.queue+64": object, then the offset inside it */
    uint32_t offset;           /* from the start of the arena, once sim_arena_seal() ran */
    uint32_t size;
    uint16_t class;
    uint16_t align; /* log2 */
};

/*
 * Where an object lies: class in the two top bits, log2 of its alignment in the next two, and
 * below them its offset among the objects of that class and alignment.
 */
typedef uint32_t sim_ref;

struct sim_arena {
    uint8_t *bytes; /* 0 while laying out; set by sim_arena_seal() */
    uint32_t laid[SIM_ARENA_CLASSES][SIM_ALIGNS];  /* bytes laid out so far */
    uint32_t start[SIM_ARENA_CLASSES][SIM_ALIGNS]; /* where they begin, once sealed */
    uint32_t fill[SIM_ARENA_CLASSES];              /* bytes of each class, once sealed */
    uint32_t base[SIM_ARENA_CLASSES];              /* where each class begins, once sealed */
    uint32_t size;                                 /* all classes, once sealed */
    uint32_t count;                                /* components listed */
    struct sim_component *list; /* caller's, SIM_COMPONENTS_MAX entries, or 0 */
};

/*
 * Lays out @size bytes aligned to @align (1, 2, 4 or 8) in @class and lists them under
 * "@owner.@what" (either may be 0).  Returns where.  Size 0 is allowed and takes nothing.
 */
sim_ref sim_arena_add(struct sim_arena *arena, enum sim_arena_class class, uint32_t size,
                      uint32_t align, const char *owner, const char *what);

/* Fixes the class bases (8-aligned, of CLOCK 64-aligned) and the size.  Nothing may be added
 * after it. */
void sim_arena_seal(struct sim_arena *arena);

/* Puts the sealed arena at @bytes (8-aligned, arena->size of them) and zeroes it. */
void sim_arena_place(struct sim_arena *arena, uint8_t *bytes);

/* The address of an object of a placed arena. */
static inline void *sim_arena_at(const struct sim_arena *arena, sim_ref ref)
{
    return arena->bytes + arena->start[ref >> 30][ref >> 28 & 3] + (ref & 0x0fffffffu);
}

#endif
