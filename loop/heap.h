/*
 * loop/heap.h - deadlines in a heap of four children: part of core.c, nobody else's.
 *
 * Four children make the tree half as deep as two, and lie in one or two cache lines.  What is
 * taken out leaves a hole that sinks along the earliest children to a leaf; the last entry then
 * rises from there, which saves a comparison per level.  Equal deadlines come in an order that
 * follows from what was done, and from nothing else.  Where a source stands in the heap is kept
 * apart from the sources, in four bytes each: moving an entry touches nothing else.
 *
 * Most timers of a server are time-outs that never happen.  In a large heap what is taken out
 * stays as a dead entry, of source 0, until one is the first or half of all are dead: then the
 * rest is put in order at once, which is cheaper than to close each hole.  The first entry is
 * never dead.  A small heap has no dead ones, so its bytes are those of its timers alone.
 *
 * Source: the 4-ary heap of libev's ev.c and Floyd's bottom-up descent, for the ideas.
 */
#ifndef LOOP_HEAP_H
#define LOOP_HEAP_H

#include "loop/core.h"

enum { HEAP_CHILDREN = 4, HEAP_SMALL = 64 };

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

/* The entry at @at sinks to where it belongs; what is below it is in order. */
static void heap_settle(struct loop_core *core, uint32_t at)
{
    struct loop_due *const heap = core->at.heap;
    const struct loop_due due = heap[at];
    const uint32_t count = core->timers;

    for (;;) {
        uint32_t first = at * HEAP_CHILDREN + 1;
        const struct loop_due *best;

        if (first >= count)
            break;
        best = heap_earliest(&heap[first], count - first);
        if (best->at_ns >= due.at_ns)
            break;
        heap[at] = *best;
        core->at.place[best->index] = at + 1;
        at = (uint32_t)(best - heap);
    }
    heap[at] = due;
    core->at.place[due.index] = at + 1;
}

/* Leaves the dead ones out and puts the rest in order (Floyd). */
static __attribute__((noinline)) void heap_bury(struct loop_core *core)
{
    struct loop_due *const heap = core->at.heap;
    uint32_t count = 0;

    for (uint32_t i = 0; i < core->timers; i++)
        if (heap[i].index) {
            heap[count] = heap[i];
            core->at.place[heap[count].index] = count + 1;
            count++;
        }
    for (uint32_t i = count; i < core->timers; i++)
        heap[i] = (struct loop_due){0, 0, 0};
    core->timers = count;
    core->dead = 0;
    for (uint32_t i = count > 1 ? (count - 2) / HEAP_CHILDREN + 1 : 0; i-- > 0;)
        heap_settle(core, i);
}

/* Puts a source in that is not there. */
static inline void heap_insert(struct loop_core *core, uint32_t index, uint64_t at_ns)
{
    struct loop_due due = {at_ns, index, 0};

    if (core->dead && core->timers == core->at.sources)
        heap_bury(core);
    heap_rise(core, core->timers++, due);
}

/* Takes out what stands at @at; its source's place is the caller's to clear. */
static inline void heap_close(struct loop_core *core, uint32_t at)
{
    struct loop_due last = core->at.heap[--core->timers];

    core->at.heap[core->timers] = (struct loop_due){0, 0, 0};
    if (at != core->timers)
        heap_sink(core, at, last);
}

/* Dead ones are not the first.  Where many are, more would follow: all are buried at once. */
static inline void heap_clear_first(struct loop_core *core)
{
    while (core->dead && core->at.heap[0].index == 0) {
        if (core->dead > core->timers / 8) {
            heap_bury(core);
            return;
        }
        core->dead--;
        heap_close(core, 0);
    }
}

/* Takes the first out; its source's place is the caller's to clear. */
static inline void heap_take_first(struct loop_core *core)
{
    heap_close(core, 0);
    heap_clear_first(core);
}

/* Another deadline for one that is there. */
static inline void heap_set(struct loop_core *core, uint32_t index, uint64_t at_ns)
{
    struct loop_due due = {at_ns, index, 0};

    heap_sink(core, core->at.place[index] - 1, due);
    heap_clear_first(core);
}

/* Takes a source out; nothing if it is not there. */
static inline void heap_remove(struct loop_core *core, uint32_t index)
{
    uint32_t place = core->at.place[index];

    if (place == 0)
        return;
    core->at.place[index] = 0;
    if (place == 1) {
        heap_take_first(core);
    } else if (core->timers <= HEAP_SMALL && core->dead == 0) {
        heap_close(core, place - 1);
    } else {
        core->at.heap[place - 1].index = 0;
        if (++core->dead > core->timers / 2)
            heap_bury(core);
    }
}

#endif
