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

/* How a schedule is followed, and what came of it. */
struct lab_replay {
    const char *schedule; /* "il1:HASH:letters with run lengths" */
    bool skip;            /* leave out steps that are not possible; the hash may be another's */
    struct lab_sink *sink; /* gets the records of each step, may be 0 */
    uint8_t *actors;       /* out, if not 0: who stepped; @room of them at most */
    size_t room;
    uint64_t steps, skipped; /* out */
    uint64_t first_skipped;  /* out: counted in the schedule from 1, 0: none */
    char error[256];         /* out: why it failed */
};

/*
 * Follows a schedule from the start.  Times are numbers of steps.  Returns 0, or -1 with the
 * reason in replay->error: malformed, of another scenario, or a step that is not possible (it
 * says which are).
 */
int lab_replay(struct lab *lab, struct lab_replay *replay, struct lab_outcome *ret_outcome);

/* Says on standard error what was left out, if anything was. */
void lab_replay_report(const struct lab_replay *replay);

/*
 * The actors of a schedule of @program, malloc'ed; 0 with the reason in replay->error.  Fills
 * the outs of @replay.
 */
uint8_t *lab_schedule_actors(const struct lab_program *program, struct lab_replay *replay);

/* The most steps a schedule's text stands for. */
size_t lab_schedule_length(const char *schedule);

#endif
