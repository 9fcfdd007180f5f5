/*
 * lab/script.h - call scripts: sequences of system calls as text, for any kernel.
 *
 * A script is what the kernel comparisons are written in: the facts of `irqlab kernel
 * --matrix`, the sequences of the differential test, and those that somebody else's generator
 * made
 * (`irqlab kernel --replay`).  A line is one call of one task, in the words of the scenario
 * language; a script says nothing of times or schedules: a line begins when all tasks are
 * asleep or idle after the one before.  docs/kernel-matrix.md has the form.
 *
 * Calling context: the command and the tests; no global state.
 */
#ifndef LAB_SCRIPT_H
#define LAB_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drivers/drv.h"

enum {
    LAB_SCRIPT_TASKS = 8, /* a .. h */
    LAB_SCRIPT_VARS = 64, /* a variable in a line is a byte, 0 none */
    LAB_SCRIPT_OPS = 240,
    LAB_SCRIPT_FILES = 4,
    LAB_SCRIPT_NAME_BYTES = 16,
    LAB_SCRIPT_FILE_BYTES = 64,
    LAB_SCRIPT_WORDS = 8, /* {words} a fact may be repeated over */
    LAB_OP_ARGS = 28,     /* a poll of 12 descriptors; a write of 26 bytes */
    LAB_OP_BYTES_MAX = LAB_OP_ARGS - 2,
    LAB_SEEN_EVENTS = 24, /* reported by one wait; `max` is cut to it in every kernel */
    LAB_SEEN_BYTES = 32,  /* of a read that are compared */
    LAB_SEEN_TEXT = 400,
};

/* Lines that are no call: what happens to a task.  Behind the numbers of the calls. */
enum lab_op_nr {
    LAB_OP_EXPIRE = DRV_NR_COUNT, /* the time-out of the sleeping task runs out */
    LAB_OP_FIRE,                  /* the timer of a descriptor runs out */
    LAB_OP_FORK, /* it has a table of its own from now on, a copy of task a's: a child's */
};

/* One line: arguments lie as drivers/call.h lays them out. */
struct lab_script_op {
    uint8_t task;
    uint8_t nr; /* enum drv_nr or enum lab_op_nr */
    uint8_t argc;
    uint8_t beside;           /* 1: begins together with the line after it */
    uint16_t times;           /* how often the call is made, one after the other; 0: once */
    uint16_t line;            /* of the text, from 1 */
    uint8_t result;           /* 1 + variable that receives what the call returns, 0 none */
    uint8_t blind;            /* io_uring: completions are not looked at */
    uint8_t out[2];           /* 1 + variables that receive drv_result.out */
    uint8_t var[LAB_OP_ARGS]; /* 1 + variable an argument is taken from, 0: the number below */
    int64_t arg[LAB_OP_ARGS];
};

struct lab_script_file {
    uint8_t kind; /* DRV_FILE_REGULAR; by the first call that names it DRV_FILE_NAME, _FIFO */
    char name[LAB_SCRIPT_NAME_BYTES];
    uint8_t content[LAB_SCRIPT_FILE_BYTES];
    uint16_t size;
};

struct lab_script {
    uint16_t ops;
    uint8_t vars, files;
    uint8_t tasks; /* the highest used + 1 */
    struct lab_script_op op[LAB_SCRIPT_OPS];
    char var_name[LAB_SCRIPT_VARS][LAB_SCRIPT_NAME_BYTES];
    struct lab_script_file file[LAB_SCRIPT_FILES];
};

/* What a call gave, in any kernel. */
struct lab_seen {
    int64_t value; /* or a negative error number */
    int64_t out[2];
    uint16_t events, bytes; /* filled in below */
    uint32_t zero;
    struct drv_event event[LAB_SEEN_EVENTS];
    uint8_t byte[LAB_SEEN_BYTES];
};

/* Where and why a text is no script. */
struct lab_script_error {
    unsigned line, column; /* from 1 */
    char text[120];
};

/*
 * Adds the one line @text (no newline; number @line) to the script; @ret_rest is set to what
 * follows the call, "" if nothing does.  Empty lines and comments add nothing.  False: @error.
 */
bool lab_script_line(struct lab_script *script, const char *text, unsigned line,
                     const char **ret_rest, struct lab_script_error *error);

/* The arguments of a line with the variables' values put in; cut where lab_seen has no room. */
void lab_op_resolve(const struct lab_script_op *op, const int32_t *var, int64_t *ret_args);
/* Variables after the call returned. */
void lab_op_assign(const struct lab_script_op *op, const struct lab_seen *seen, int32_t *var);

/* What a call gave, from the kernel's answer; call->events must be @ret_seen->event. */
void lab_seen_of_call(const struct drv_call *call, const struct drv_result *result,
                      struct lab_seen *ret_seen);

bool lab_seen_equal(const struct lab_seen *one, const struct lab_seen *two);

/* The line as text: `a: x = dup(r)`. Returns its length. */
size_t lab_op_text(const struct lab_script *script, const struct lab_script_op *op,
                   char *ret_text, size_t size);
/*
 * The result as text: `3 "abc"`, `-EAGAIN`, `2 r:IN ep:IN|OUT`.  Descriptors that a variable
 * has are named by it.
 */
size_t lab_seen_text(const struct lab_script *script, const int32_t *var,
                     const struct lab_script_op *op, const struct lab_seen *seen,
                     char *ret_text, size_t size);

/* Does the call wait for time (a time-out above 0)?  Nanoseconds, -1 none. */
int64_t lab_op_timeout_ns(const struct lab_script_op *op, const int64_t *args);

/* The name of a call, 0 if scripts do not know it. */
const char *lab_op_name(unsigned nr);
/* Does the line happen to a task, without being a call of it? */
bool lab_op_happens(unsigned nr);
/* The name of an error number, 0 if there is none. */
const char *lab_errno_name(int64_t number);

#endif
