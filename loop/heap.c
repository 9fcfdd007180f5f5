/*
 * loop/heap.c - deadlines in a heap of four children.
 *
 * Source: the 4-ary heap of libev's ev.c for the idea, Floyd's bottom-up descent for the
 * removal: a hole sinks along the smallest children to a leaf, then the last entry rises from
 * there, which saves a comparison per level.
 */
#include "loop/heap.h"

enum { CHILDREN = 4 };

static bool before(const struct loop_due *a, const struct loop_due *b)
{
    return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->index < b->index;
}

static void put(struct loop_core *core, uint32_t at, struct loop_due due)
{
    core->at.heap[at] = due;
    core->at.place[due.index] = at + 1;
}

/* Lets @due rise from the hole at @at. */
static void rise(struct loop_core *core, uint32_t at, struct loop_due due)
{
    while (at > 0) {
        uint32_t parent = (at - 1) / CHILDREN;

        if (!before(&due, &core->at.heap[parent]))
            break;
        put(core, at, core->at.heap[parent]);
        at = parent;
    }
    put(core, at, due);
}

/* The smallest of the children that start at @first. */
static uint32_t smallest(const struct loop_due *heap, uint32_t first, uint32_t count)
{
    uint32_t best = first, end = first + CHILDREN < count ? first + CHILDREN : count;

    for (uint32_t child = first + 1; child < end; child++) {
        if (before(&heap[child], &heap[best]))
            best = child;
    }
    return best;
}

/* Lets the hole at @at sink to a leaf, then @due rise from there. */
static void sink(struct loop_core *core, uint32_t at, struct loop_due due)
{
    struct loop_due *heap = core->at.heap;

    for (;;) {
        uint32_t first = at * CHILDREN + 1;

        if (first >= core->timers)
            break;
        first = smallest(heap, first, core->timers);
        put(core, at, heap[first]);
        at = first;
    }
    rise(core, at, due);
}

void loop_heap_insert(struct loop_core *core, uint32_t index, uint64_t at_ns)
{
    struct loop_due due = {at_ns, index, 0};

    rise(core, core->timers++, due);
}

void loop_heap_set(struct loop_core *core, uint32_t index, uint64_t at_ns)
{
    struct loop_due due = {at_ns, index, 0};

    sink(core, core->at.place[index] - 1, due);
}

void loop_heap_remove(struct loop_core *core, uint32_t index)
{
    uint32_t place = core->at.place[index];
    struct loop_due last;

    if (place == 0)
        return;
    last = core->at.heap[--core->timers];
    core->at.heap[core->timers] = (struct loop_due){0, 0, 0};
    core->at.place[index] = 0;
    if (last.index != index)
        sink(core, place - 1, last);
}
