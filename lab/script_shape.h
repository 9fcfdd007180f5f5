/*
 * lab/script_shape.h - the calls that scripts know: one row each.
 *
 * A form has a letter per argument, in the order of the text:
 *   v  a value                      O  a variable that receives drv_result.out
 *   d  one with a default           n  a count that may be left out for good
 *   T  a time-out, -1 if left out   m  the most events, 16
 *   b  bytes: "abc" or values       D  the data of an epoll entry: its descriptor
 *   P  groups {fd, EVENTS}, ...     S  a set {fd, ...}
 *   F  the name of a file          N  of a socket that listens     Q  of a named pipe
 *   p  a process: `self`            g  a set of signals {SIG, ...}, as one mask
 *   A  requests {OP, fd, N, OFFSET, RESFD}, ... of Linux AIO     R  of io_uring, four parts
 *   0  nothing in the text, a 0
 */
#ifndef LAB_SCRIPT_SHAPE_H
#define LAB_SCRIPT_SHAPE_H

#include "lab/script.h"

struct lab_shape {
    const char *name;
    const char *form;
    int64_t otherwise; /* what `d` stands for */
    uint8_t nr;        /* enum drv_nr or enum lab_op_nr */
    uint8_t blind;     /* the same call, without a look at what completed */
};

enum { LAB_AIO_PARTS = 5, LAB_URING_PARTS = 4 };

/* Operations of io_uring by name. */
struct lab_uring_op {
    const char *name;
    uint8_t number;
};

extern const struct lab_uring_op lab_uring_op[];
extern const unsigned lab_uring_ops;

/* The row of a call by its name in the text, 0: unknown. */
const struct lab_shape *lab_shape_named(const char *name, size_t length);
/* The row of a call by its number, 0: scripts do not know it. */
const struct lab_shape *lab_shape_of(unsigned nr);

#endif
