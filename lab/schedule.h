/* lab/schedule.h - schedules as text: il1:HASH:letters with run lengths. */
#ifndef LAB_SCHEDULE_H
#define LAB_SCHEDULE_H

#include "lab/core/lab.h"

/*
 * "il1:", eight hexadecimal digits of the program's hash, ":", then a letter for each step's
 * actor, with a count behind it if it steps several times in a row.  Actors without a letter
 * are written {number}.  malloc'ed; 0 out of memory.
 */
char *lab_schedule_text(const struct lab *lab, const uint8_t *actors, size_t length);

/*
 * Reads one step at *@at and moves on: the actor's number, -1 at the end, -2 if it makes no
 * sense.  *@repeat holds what is left of a run; start with 0.
 */
int lab_schedule_next(const struct lab *lab, const char **at, unsigned *repeat, int *actor);

/*
 * Replays a schedule ("il1:HASH:letters with run lengths") from the start.  Times are numbers
 * of steps.  Returns 0, or -1 with the reason in @error: malformed, of another scenario, or a
 * step that is not enabled (it says which are).
 */
int lab_replay(struct lab *lab, const char *schedule, struct lab_sink *sink,
               struct lab_outcome *ret_outcome, char *error, size_t error_size);

#endif
