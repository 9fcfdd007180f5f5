/*
 * lab/region.h - large arrays that grow in place: address space is taken at once, memory as it
 * is used.  An element never moves, so one thread may read what another has written before.
 */
#ifndef LAB_REGION_H
#define LAB_REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lab_region {
    uint8_t *bytes;
    size_t reserved; /* of address space */
    size_t used;     /* bytes handed out */
    size_t gone;     /* of them given back, from the front */
};

/*
 * Takes @size bytes of address space.  @huge: it will be looked at all over the place, so that
 * pages of 2 MiB are worth the time it takes to clear them.  False: not to be had.
 */
bool lab_region_open(struct lab_region *region, size_t size, bool huge);
void lab_region_close(struct lab_region *region);

/* Room for @size more bytes at the end, zeroed; 0: the address space is used up. */
static inline void *lab_region_add(struct lab_region *region, size_t size)
{
    void *at = region->bytes + region->used;

    if (size > region->reserved - region->used)
        return 0;
    region->used += size;
    return at;
}

/* Gives the memory of the first @size bytes back; they must not be looked at again. */
void lab_region_forget(struct lab_region *region, size_t size);

static inline size_t lab_region_held(const struct lab_region *region)
{
    return region->used - region->gone;
}

#endif
