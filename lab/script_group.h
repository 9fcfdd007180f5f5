/*
 * lab/script_group.h - what happened to all tasks while one line of a script ran.
 *
 * A line, or several joined by `||`, is a group: it begins when every task is asleep or idle
 * and ends when that is so again.  Its outcome is one text, the same from every kernel:
 *
 *   3 "abc"               the call returned
 *   9 x 1, then -EAGAIN   of a line that repeats its call: until the answer changed
 *   asleep                it sleeps
 *   1, b: 1 r:IN          and task b, asleep before, returned
 *   a: 1, b: asleep       of a group of several lines, each by the name of its task
 *   busy                  the task sleeps already, the line was left out
 */
#ifndef LAB_SCRIPT_GROUP_H
#define LAB_SCRIPT_GROUP_H

#include "lab/script.h"

/* One task, in a group. */
struct lab_group_task {
    uint8_t issued;   /* a line of the group is its */
    uint8_t busy;     /* but it slept */
    uint8_t returned; /* its line is over */
    uint8_t zero;
    uint16_t op;   /* the line whose call it is in, or was last */
    uint16_t same; /* how often it gave what it gave at first */
    struct lab_seen first, seen;
};

/* The call of the task gave @seen.  True: the line asks for it once more. */
bool lab_group_again(const struct lab_script_op *op, struct lab_group_task *task,
                     const struct lab_seen *seen);

struct lab_group {
    struct lab_group_task task[LAB_SCRIPT_TASKS];
};

/* The number of lines of the group that begins with line @first. */
unsigned lab_group_lines(const struct lab_script *script, unsigned first);

void lab_group_text(const struct lab_script *script, const int32_t *var, unsigned lines,
                    const struct lab_group *group, char *ret_text, size_t size);

#endif
