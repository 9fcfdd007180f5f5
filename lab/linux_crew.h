/*
 * lab/linux_crew.h - the tasks of a scenario as real processes and threads of this Linux.
 *
 * Each process of the scenario is a process, each task a thread of it; what they do is make the
 * system calls they are told, on descriptors of their own, and say what the kernel answered.
 * A device's file is a pipe: whoever plays the driver writes a byte to it for each push().
 *
 * Whether somebody sleeps in his call is read from the kernel (/proc/.../status: state and
 * number of switches), twice and the same; nothing waits for a while to be sure.
 *
 * Calling context: a process with one thread.
 */
#ifndef LAB_LINUX_CREW_H
#define LAB_LINUX_CREW_H

#include "lab/core/program.h"

enum {
    LAB_CREW_ARGS = 64,
    LAB_CREW_EVENTS = 64,
    LAB_CREW_BYTES = 4096, /* that are looked at, of one read */
};

/* What came of a call. */
struct lab_crew_answer {
    struct drv_result result;
    struct drv_event event[LAB_CREW_EVENTS];
    uint8_t byte[LAB_CREW_BYTES];
    bool slept; /* it had to wait */
};

struct lab_crew;

/* Forks the crew of @program.  0: what is missing is in @error. */
struct lab_crew *lab_crew_start(const struct lab_program *program, char *error, size_t size);

/* Ends all that is left of the crew. */
void lab_crew_end(struct lab_crew *crew);

/* The task makes the call; its arguments are copied.  Precondition: it is not in one. */
void lab_crew_call(struct lab_crew *crew, unsigned task, const struct drv_call *call);

/* Which task the fork() it is told next makes. */
void lab_crew_bears(struct lab_crew *crew, unsigned task, unsigned child);

/* Has the call returned?  Then *ret_answer, good until the next call, is set. */
bool lab_crew_answered(const struct lab_crew *crew, unsigned task,
                       const struct lab_crew_answer **ret_answer);

/* The answer was taken. */
void lab_crew_taken(struct lab_crew *crew, unsigned task);

/* The task's thread ends, and with its process's last one all its descriptors are closed. */
void lab_crew_exit(struct lab_crew *crew, unsigned task);

/*
 * Does the task sleep in its call?  *ret_print changes whenever it ran in between: two looks
 * that answer the same are one sleep.
 */
bool lab_crew_asleep(struct lab_crew *crew, unsigned task, uint64_t *ret_print);

/* A byte for the file of a device; false: its pipe is full. */
bool lab_crew_push(struct lab_crew *crew, unsigned file, uint8_t byte);
/* Writes 1 to eventfd @fd of the task's process.  False: it cannot be reached. */
bool lab_crew_ring(struct lab_crew *crew, unsigned task, int fd);

/* Waits until somebody returns from a call, at most @ns. */
void lab_crew_wait(struct lab_crew *crew, uint64_t ns);

/* Is there a real call behind the number that a crew can make? */
bool lab_crew_can(unsigned nr);

#endif
