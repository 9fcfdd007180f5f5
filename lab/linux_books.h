/*
 * lab/linux_books.h - what the model must know of calls that the real kernel has made.
 *
 * The model kernel keeps the books of a run on Linux: which descriptor is which file, which
 * token lies where.  A call that moved a descriptor or a byte is made there too, once the
 * kernel has answered, with the count that the kernel gave; waiting is the kernel's alone.
 * Answers of two tasks can be seen in another order than they were given: one that the books
 * cannot follow yet is put off.  If it never can be, kernel and model disagree.
 */
#ifndef LAB_LINUX_BOOKS_H
#define LAB_LINUX_BOOKS_H

#include "lab/core/lab.h"
#include "lab/linux_crew.h"

struct lab_books {
    struct lab *lab;
    uint8_t *before; /* arena.size bytes: the state before an entry that may not fit */
};

/*
 * Enters @answer of the task's call and lets the task go on; the records of it lie in
 * lab->trace, folded.  False: not yet.
 */
bool lab_books_enter(struct lab_books *books, unsigned task,
                     const struct lab_crew_answer *answer);

/* The task that a fork() of this one makes, -1: the scenario has no place for more. */
int lab_books_next_child(struct lab_books *books, unsigned task);

/* The file behind the call's first argument, DRV_NONE: none. */
drv_file_id lab_books_file(const struct lab *lab, unsigned task, int64_t fd);

#endif
