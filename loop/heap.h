/*
 * loop/heap.h - deadlines in a heap of four children: part of core.c, nobody else's.
 *
 * Four children make the tree half as deep as two, and lie in one or two cache lines.  What is
 * taken out leaves a hole that sinks along the earliest children to a leaf; the last entry then
 * rises from there, which saves a comparison per level.  Equal deadlines come in an order that
 * follows from what was done, and from nothing else.  Where a source stands in the heap is kept
 * apart from the sources, in four bytes each: moving an entry touches nothing else.
 *
 * Source: the 4-ary heap of libev's ev.c and Floyd's bottom-up descent, for the ideas.
 */
#ifndef LOOP_HEAP_H
#define LOOP_HEAP_H

#include "loop/core.h"

enum { HEAP_CHILDREN = 4 };

/* Lets @due rise from the hole at @at. */
static inline void heap_rise(struct loop_core *core, uint32_t at, struct loop_due due)
{
    struct loop_due *const heap = core->at.heap;
    uint32_t *const place = core->at.place;

    while (at > 0) {
        uint32_t parent = (at - 1) / HEAP_CHILDREN;

        if (due.at_ns >= heap[parent].at_ns)
            break;
        heap[at] = heap[parent];
        place[heap[at].index] = at + 1;
        at = parent;
    }
    heap[at] = due;
    place[due.index] = at + 1;
}

/* The earliest of the @count children at @child. */
static inline const struct loop_due *heap_earliest(const struct loop_due *child, uint32_t count)
{
    const struct loop_due *best = child;

    if (count > 1 && child[1].at_ns < best->at_ns)
        best = child + 1;
    if (count > 2 && child[2].at_ns < best->at_ns)
        best = child + 2;
    if (count > 3 && child[3].at_ns < best->at_ns)
        best = child + 3;
    return best;
}

/* Lets the hole at @at sink to a leaf, then @due rise from there. */
static void heap_sink(struct loop_core *core, uint32_t at, struct loop_due due)
{
    struct loop_due *const heap = core->at.heap;
    uint32_t *const place = core->at.place;
    const uint32_t count = core->timers;
    uint32_t first = at * HEAP_CHILDREN + 1;

    while (first + HEAP_CHILDREN <= count) {
        const struct loop_due *best = heap_earliest(&heap[first], HEAP_CHILDREN);

        heap[at] = *best;
        place[best->index] = at + 1;
        at = (uint32_t)(best - heap);
        first = at * HEAP_CHILDREN + 1;
    }
    if (first < count) {
        const struct loop_due *best = heap_earliest(&heap[first], count - first);

        heap[at] = *best;
        place[best->index] = at + 1;
        at = (uint32_t)(best - heap);
    }
    heap_rise(core, at, due);
}

/* Puts a source in that is not there. */
static inline void heap_insert(struct loop_core *core, uint32_t index, uint64_t at_ns)
{
    struct loop_due due = {at_ns, index, 0};

    heap_rise(core, core->timers++, due);
}

/* Another deadline for one that is there. */
static inline void heap_set(struct loop_core *core, uint32_t index, uint64_t at_ns)
{
    struct loop_due due = {at_ns, index, 0};

    heap_sink(core, core->at.place[index] - 1, due);
}

/* Takes out what stands at @at; its source's place is the caller's to clear. */
static inline void heap_take(struct loop_core *core, uint32_t at)
{
    struct loop_due last = core->at.heap[--core->timers];

    core->at.heap[core->timers] = (struct loop_due){0, 0, 0};
    if (at != core->timers)
        heap_sink(core, at, last);
}

/* Takes a source out; nothing if it is not there. */
static inline void heap_remove(struct loop_core *core, uint32_t index)
{
    uint32_t place = core->at.place[index];

    if (place == 0)
        return;
    core->at.place[index] = 0;
    heap_take(core, place - 1);
}

#endif
