/*
 * loop/heap.h - deadlines in a heap of four children: the core's, nobody else's.
 *
 * Four children make the tree half as deep as two, and lie in one or two cache lines.  Equal
 * deadlines come in the order of their sources' numbers, so that a run is a function of what it
 * was told.  Where a source stands in the heap is kept apart from the sources, in four bytes
 * each: moving an entry touches nothing else.
 */
#ifndef LOOP_HEAP_H
#define LOOP_HEAP_H

#include "loop/core.h"

/* Puts a source in that is not there. */
void loop_heap_insert(struct loop_core *core, uint32_t index, uint64_t at_ns);

/* Another deadline for one that is there. */
void loop_heap_set(struct loop_core *core, uint32_t index, uint64_t at_ns);

/* Takes a source out; nothing if it is not there. */
void loop_heap_remove(struct loop_core *core, uint32_t index);

#endif
