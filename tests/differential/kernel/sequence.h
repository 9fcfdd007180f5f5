/*
 * tests/differential/kernel/sequence.h - a sequence on both kernels, and the least that shows a
 * difference.
 */
#ifndef TESTS_DIFFERENTIAL_KERNEL_SEQUENCE_H
#define TESTS_DIFFERENTIAL_KERNEL_SEQUENCE_H

#include "lab/linux_call.h"
#include "lab/linux_stage.h"
#include "lab/script_model.h"

/* Where the kernels disagree. */
struct difference {
    unsigned line; /* index of the operation */
    char model[LAB_SEEN_TEXT * 4], linux[LAB_SEEN_TEXT];
};

/*
 * Is the call one that both shall answer alike?  A regular file of the model keeps its size
 * (docs/divergences.md), so a write behind its end is left out.
 */
bool sequence_is_defined(const struct lab_model *model, const struct lab_script_op *op,
                         const int64_t *args);

/* This process as the host's side of a sequence of one task. */
struct host {
    struct lab_linux linux;
    unsigned fds;
    bool timer_set; /* since a timer was last waited for */
};

extern const struct lab_model_room sequence_room;

bool sequence_host_init(struct host *host, const struct lab_script *files);
/* Closes what a sequence opened and restores the files. */
void sequence_host_reset(struct host *host, const struct lab_script *files);
/* One call on the host. */
void sequence_host_call(struct host *host, const struct lab_script_op *op, const int64_t *args,
                        struct lab_seen *ret_seen);

/* One call on the model. False: it sleeps. */
bool sequence_model_call(struct lab_model *model, const struct lab_script_op *op,
                         const int64_t *args, struct lab_seen *ret_seen);

/* A sequence of one task, from the start, call by call.  True: they differ. */
bool sequence_differs(struct host *host, struct lab_model *model,
                      const struct lab_script *script, struct difference *ret_difference);
/* A sequence of several tasks that may sleep. */
bool sequence_differs_blocked(const struct lab_script *script,
                              struct difference *ret_difference);

/* Takes lines and arguments away as long as @differs says that a difference stays. */
struct shrinker {
    bool (*differs)(void *with, const struct lab_script *script,
                    struct difference *ret_difference);
    void *with;
};

void sequence_shrink(const struct shrinker *shrinker, struct lab_script *script,
                     struct difference *difference);

/* Prints the sequence as a call script and as a scenario that shows what Linux does. */
void sequence_print(const struct lab_script *script, const struct difference *difference,
                    uint64_t seed);

#endif
