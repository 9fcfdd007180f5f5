/*
 * lab/live.h - which variables of a scenario's code can still matter, found in the bytecode.
 *
 * A variable is dead where no way on reads it before it is written; what it holds there makes
 * no difference.  A variable that is only counted up and compared with constants need not be
 * told apart above the largest of them.
 */
#ifndef LAB_LIVE_H
#define LAB_LIVE_H

#include "lab/core/lab.h"

enum { LAB_CAPS_MAX = 8 };

/* All values above @most are alike. */
struct lab_cap {
    int64_t most;
    uint8_t slot;
};

struct lab_caps {
    uint8_t n;
    struct lab_cap cap[LAB_CAPS_MAX];
};

struct lab_live {
    uint64_t (*slots)[4]; /* per place in the code: bit per live slot */
    struct lab_caps task[DRV_TASKS_MAX];
    struct lab_caps block[DRV_DRIVERS_MAX][DRV_BLOCKS];
    bool arrivals; /* arrival() occurs */
};

bool lab_live_open(struct lab_live *live, const struct lab_program *program);
void lab_live_close(struct lab_live *live);

/* Clears what is dead, and caps what may be, in all frames of the state in @lab. */
void lab_live_tidy(const struct lab_live *live, struct lab *lab);

/* Marks with 1, in @seen (code_size + 1 bytes, zeroed), where @routine's instructions begin. */
void lab_live_walk(const struct lab_program *program, const struct lab_routine *routine,
                   uint8_t *seen);

/* Does the code at @pc only ask whether the value on the stack is 0? */
bool lab_live_asks_zero(const struct lab_program *program, uint32_t pc);

/* Where a task's own code begins: behind its process's `start`, which the first task runs. */
uint32_t lab_live_body(const struct lab_program *program, const struct lab_routine *routine);
/* How long the code of the task is whose own begins at @body. */
uint32_t lab_live_length(const struct lab_program *program, uint32_t body);
/* Is the code of two tasks, which begins at @a and @b, the same but for where it lies? */
bool lab_live_same(const struct lab_program *program, uint32_t a, uint32_t b);

#endif
