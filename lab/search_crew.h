/*
 * lab/search_crew.h - threads that step: they expand the states of a level, batch by batch,
 * while the caller's thread puts what they found into the store.
 *
 * Batches come back in the order of their states, so a search finds the same states under the
 * same numbers with any number of threads.  Threads only read what the store held when the
 * level began; it never moves.
 */
#ifndef LAB_SEARCH_CREW_H
#define LAB_SEARCH_CREW_H

#include "lab/expand.h"

struct lab_search_crew;

/*
 * Starts @threads threads for states of @store; their expanders are set up as @model is.  Where
 * C drivers run on side stacks there is only one, as these have a fixed address.  0: out of
 * memory.
 */
struct lab_search_crew *lab_search_crew_open(struct lab_expander *model,
                                             const struct lab_program *program,
                                             const uint8_t *prefix, size_t prefix_length,
                                             unsigned threads);
/* Ends them, and adds what they have reached and cut off to @model's. */
void lab_search_crew_close(struct lab_search_crew *crew, struct lab_expander *model);

/* Expand the states @first .. @end - 1.  The level before must have been taken back whole. */
void lab_search_crew_level(struct lab_search_crew *crew, uint32_t first, uint32_t end);

/* The next batch in order; waits for it.  It must be given back before the next one. */
struct lab_batch *lab_search_crew_take(struct lab_search_crew *crew);
void lab_search_crew_give_back(struct lab_search_crew *crew);

#endif
