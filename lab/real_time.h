/*
 * lab/real_time.h - the hardware of a scenario in real time: worlds, devices, controller,
 * handlers and threads step when the clock on the wall says so.
 *
 * Tasks are somebody else's: real threads (lab/linux_run.c), or programs that opened the
 * devices' files (lab/mount.c).
 */
#ifndef LAB_REAL_TIME_H
#define LAB_REAL_TIME_H

#include "lab/core/lab.h"

struct lab_real {
    struct lab *lab;
    void (*put_out)(struct lab_real *real); /* records of a step lie in lab->trace, folded */
    uint64_t origin_ns;                     /* of the run's time on the monotonic clock */
    uint64_t skipped_ns;                    /* time that was not waited for */
    uint64_t not_before[LAB_ACTORS_MAX];
    bool ready[LAB_ACTORS_MAX];    /* what its next step takes is known: in not_before */
    uint64_t world_ns[LAB_WORLDS]; /* of each world's last action */
};

/* The lab has just been started: its time begins now. */
void lab_real_begin(struct lab_real *real);

/* Nanoseconds since then. */
uint64_t lab_real_now(const struct lab_real *real);

/* Records of this moment and actor follow in lab->trace. */
void lab_real_record(struct lab_real *real, unsigned actor);

/*
 * Everybody but tasks, and but those who wait until all is settled, steps whose time has come.
 * *ret_next falls to the next moment at which something is due.  False: nobody stepped.
 */
bool lab_real_turn(struct lab_real *real, uint64_t *ret_next);

/* One step of an enabled actor of the hardware, or of a world. */
void lab_real_step(struct lab_real *real, unsigned actor);

bool lab_real_worlds_are_done(const struct lab_real *real);

#endif
