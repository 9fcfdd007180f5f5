/* lab/region.c - see region.h. */
#define _DEFAULT_SOURCE
#include "lab/region.h"

#include <sys/mman.h>

/* Small searches stay on small pages; what lies behind may come in pages of 2 MiB. */
#define SMALL_BYTES  ((size_t)1 << 22)
#define HUGE_PAGE    ((size_t)1 << 21)
#define FORGET_BYTES ((size_t)1 << 24)

bool lab_region_open(struct lab_region *region, size_t size, bool huge)
{
    void *at = mmap(0, size, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    *region = (struct lab_region){0};
    if (at == MAP_FAILED)
        return false;
    region->bytes = at;
    region->reserved = size;
    if (huge && size > SMALL_BYTES)
        (void)madvise(region->bytes + SMALL_BYTES, size - SMALL_BYTES, MADV_HUGEPAGE);
    return true;
}

void lab_region_close(struct lab_region *region)
{
    if (region->bytes)
        munmap(region->bytes, region->reserved);
    *region = (struct lab_region){0};
}

void lab_region_forget(struct lab_region *region, size_t size)
{
    size_t upto = size & ~(HUGE_PAGE - 1);

    if (upto < region->gone + FORGET_BYTES)
        return;
    if (madvise(region->bytes + region->gone, upto - region->gone, MADV_DONTNEED) == 0)
        region->gone = upto;
}
