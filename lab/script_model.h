/*
 * lab/script_model.h - a script on the model kernel: call by call, or in every order.
 *
 * In every order: after a line several tasks may be awake.  The model keeps the set of states
 * that the lines so far can have led to, and gives for the next line the set of outcomes over
 * all orders of its tasks' steps.  What was observed elsewhere (the host's kernel) narrows the
 * set: an outcome outside it is a difference.
 *
 * Calling context: the command and the tests; a model is not shared between threads.
 */
#ifndef LAB_SCRIPT_MODEL_H
#define LAB_SCRIPT_MODEL_H

#include "drivers/state.h"
#include "lab/script_group.h"

/* Capacities of the model's kernel; Linux gets the same limit of descriptors. */
struct lab_model_room {
    uint8_t fds;         /* numbers 3 .. 3 + fds - 1 */
    uint8_t items;       /* epoll entries */
    uint16_t pipe_bytes; /* with a value, per pipe */
};

/* For scripts that somebody wrote. */
extern const struct lab_model_room lab_model_room_default;

struct lab_model {
    struct drv_config config;
    struct sim_arena arena;
    struct sim_trace trace;
    struct drv drv;
    uint8_t token_byte[256];
    uint8_t content[LAB_SCRIPT_FILES * LAB_SCRIPT_FILE_BYTES];
    uint8_t *bytes; /* the arena's */
};

/* Lays out a kernel for the files of @script and LAB_SCRIPT_TASKS tasks in one process. */
bool lab_model_init(struct lab_model *model, const struct lab_script *script,
                    const struct lab_model_room *room);
/* All as at the start. */
void lab_model_reset(struct lab_model *model);
void lab_model_free(struct lab_model *model);

/*
 * Runs the call with these arguments until it returns or sleeps.  True: it returned, and
 * @ret_seen is what it gave.  False: the task is parked in it.
 */
bool lab_model_call(struct lab_model *model, const struct lab_script_op *op,
                    const int64_t *args, struct lab_seen *ret_seen);

/* A timer that is due within a second runs out now; what hour-long ones do is wait. */
void lab_model_fire(struct lab_model *model, const struct lab_script_op *op,
                    const int64_t *args);

/* ---- in every order ---- */

enum { LAB_OUTCOMES_MAX = 32 };

struct lab_model_set; /* the states that can be now */

struct lab_model_outcomes {
    unsigned count;
    bool not_built; /* a call answered ENOSYS: the model does not have it */
    bool bounded;   /* there were more states or outcomes than fit */
    char text[LAB_OUTCOMES_MAX][LAB_SEEN_TEXT]; /* sorted */
};

/* Begins; @script and @room must stay. 0: no memory. */
struct lab_model_set *lab_model_set_new(const struct lab_script *script,
                                        const struct lab_model_room *room);
/* Runs the group that begins with line @first from every state. */
void lab_model_set_run(struct lab_model_set *set, unsigned first,
                       struct lab_model_outcomes *ret_outcomes);
/* Only states whose last group had this outcome stay; false: there are none. */
bool lab_model_set_keep(struct lab_model_set *set, const char *outcome);
/* The number of states. */
size_t lab_model_set_count(const struct lab_model_set *set);
/* Any one of them, in a bound model, for a look (a generator that wants to know what is open);
 * its variables in @ret_var. */
const struct lab_model *lab_model_set_look(struct lab_model_set *set, int32_t *ret_var,
                                           uint8_t *ret_asleep);
void lab_model_set_free(struct lab_model_set *set);

#endif
