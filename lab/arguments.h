/* lab/arguments.h - what the command line says behind the subcommand. */
#ifndef LAB_ARGUMENTS_H
#define LAB_ARGUMENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "lab/load.h"
#include "lab/run.h"

/* Which options a subcommand takes. */
enum {
    LAB_FOR_RUN = 1,
    LAB_FOR_EXPLORE = 2,
    LAB_FOR_CHECK = 4,
    LAB_FOR_LIST = 8,
    LAB_FOR_EXPLAIN = 16,
    LAB_FOR_PROBE = 32,
    LAB_FOR_KERNEL = 64,
    LAB_FOR_MOUNT = 128,
    LAB_FOR_WHY = 256
};

enum {
    LAB_FOR_ALL = LAB_FOR_RUN | LAB_FOR_EXPLORE | LAB_FOR_CHECK | LAB_FOR_LIST |
                  LAB_FOR_EXPLAIN | LAB_FOR_PROBE | LAB_FOR_KERNEL | LAB_FOR_MOUNT | LAB_FOR_WHY
};

/* Everything the options can say. */
struct lab_arguments {
    bool help, version; /* asked for: nothing else counts */
    struct lab_load_options load;
    enum lab_world_kind on;
    const char *board;
    const char *schedule;
    const char *arena;
    const char *replay; /* a call script */
    bool matrix, all;
    bool trace, json, ascii;
    enum lab_colour_mode colour;
    unsigned width;
    uint64_t memory, depth, runs;
    bool no_reduce, prints, preempts, skip, then, step, timed, check;
    uint64_t walks, seed, threads;
    uint32_t preempt;
    char **names;
    int count;
};

/*
 * Reads the options that @who (LAB_FOR_...) takes, and the names behind them, out of @argv,
 * whose first word is left out; @command is for errors.  An exit code; what is wrong has been
 * said.
 */
int lab_arguments_read(struct lab_arguments *ret_arguments, const char *command, unsigned who,
                       int argc, char **argv);

/* Says that @what @value is known and not built yet; the exit code for it. */
int lab_refuse_not_built(const char *what, const char *value);

#endif
