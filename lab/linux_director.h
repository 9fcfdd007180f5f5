/*
 * lab/linux_director.h - who directs the tasks of a run on Linux: into their calls, and out of
 * them again with the books brought up to date.
 *
 * Shared by linux_run.c, where tasks run as they like, and linux_replay.c, where a schedule
 * says who steps next.
 */
#ifndef LAB_LINUX_DIRECTOR_H
#define LAB_LINUX_DIRECTOR_H

#include "lab/linux_books.h"
#include "lab/linux_crew.h"
#include "lab/linux_run.h"
#include "lab/real_time.h"

struct lab_director {
    struct lab_real real; /* first: it hands this on */
    struct lab *lab;
    struct lab_crew *crew;
    struct lab_books books;
    struct lab_sink *sink;
    bool calling[DRV_TASKS_MAX], noted[DRV_TASKS_MAX], left[DRV_TASKS_MAX];
    unsigned put_off[DRV_TASKS_MAX];
    uint8_t queued[DRV_FILES_MAX][DRV_TASKS_MAX]; /* bytes of a device's file, not yet woken */
    uint8_t queued_count[DRV_FILES_MAX];
    unsigned hardware_steps, idle_calls;
    uint64_t steps;
    uint8_t *bytes; /* of the arena, and of the books' copy */
    char *error;
    size_t error_size;
    int code;
};

/* Lays the run out and starts its crew.  0: why not is in @error, *ret_code says which kind. */
struct lab_director *lab_director_open(struct lab *lab, struct lab_sink *sink, char *error,
                                       size_t size, int *ret_code);
/* Ends the crew; returns the code of the run. */
int lab_director_close(struct lab_director *d);

/* The end: what is left where, who sleeps. */
void lab_director_outcome(struct lab_director *d, enum sim_end end,
                          struct lab_outcome *ret_outcome);

/* The run ends with this code and text, unless it has been ended before. */
void lab_director_stop(struct lab_director *d, int code, const char *why);

uint64_t lab_director_now_ns(const struct lab_director *d);

/* The step's records go out; @hardware: what its drivers pushed goes to the kernel. */
void lab_director_put_out(struct lab_director *d, bool hardware);

/* Does the task stand before a call that runs a driver's read {} first? */
bool lab_director_needs_block(const struct lab_director *d, unsigned task);
/* Up to the block's first operation, or past it if it has none. */
void lab_director_enter_block(struct lab_director *d, unsigned task);

/* A step that is no system call, or one that is the driver's to take. */
void lab_director_step_in_model(struct lab_director *d, unsigned task);

/* The task, which stands before a call, makes it. */
void lab_director_send(struct lab_director *d, unsigned task);

/* The task's answer is here: into the books with it.  False: they cannot follow yet. */
bool lab_director_enter(struct lab_director *d, unsigned task,
                        const struct lab_crew_answer *answer);

/* All tasks that can do something do it.  *ret_next: as lab_real_turn(). */
bool lab_director_turn_tasks(struct lab_director *d, uint64_t *ret_next);

/* Are all that are in a call asleep?  *ret_print: as lab_crew_asleep() says, of all. */
bool lab_director_all_asleep(struct lab_director *d, uint64_t *ret_print);
/* The same, seen twice; their sleep is in the trace then. */
bool lab_director_at_rest(struct lab_director *d);
/* Will a sleeping task wake by itself? */
bool lab_director_has_timeout(const struct lab_director *d);

#endif
