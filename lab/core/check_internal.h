/*
 * lab/core/check_internal.h - what the files of the checks share.
 */
#ifndef LAB_CORE_CHECK_INTERNAL_H
#define LAB_CORE_CHECK_INTERNAL_H

#include "lab/core/ast.h"
#include "lab/core/diag.h"
#include "lab/core/names.h"

/* A name that tokens are numbered under. */
struct token_family {
    lab_name_id name;
    lab_node_id node; /* where it is sent first */
    uint8_t actor_kind;
    uint16_t actor;
    uint16_t count;    /* sent so far */
    uint16_t reserved; /* ids kept because a task's loop writes it; 0: none */
    uint16_t first;    /* RESERVED: id of the first */
    bool looped;
    bool told; /* an error about it was reported */
};

/* One token on its way into the table. */
struct token_sender {
    lab_node_id node;
    uint8_t kind; /* enum lab_actor_kind */
    uint16_t actor;
    uint16_t device; /* index + 1 */
    bool looped;
};

enum check_actor { CHECK_TASK, CHECK_BLOCK };

/* Where in the code the walk is. */
struct check_place {
    enum check_actor actor;
    uint16_t task;    /* CHECK_TASK, also for a process's start */
    uint16_t process; /* index + 1, 0 = none */
    uint16_t driver;  /* CHECK_BLOCK */
    uint8_t block;    /* enum lab_block */
    bool start;       /* in a process's start: there is no task */
    bool callback;    /* in `on`: fd and events are what was reported */
    unsigned loops;   /* enclosing loop statements */
};

struct checker {
    struct lab_scenario *s;
    struct lab_diags *diags;
    struct check_place at;
    struct token_family family[LAB_TOKENS_MAX];
    uint16_t family_count;
    bool counting;   /* tokens: first pass */
    uint32_t demand; /* tokens that are needed in any case */
    bool tokens_full;
    bool actions_full;
    unsigned next_byte;  /* of the next token that is no letter */
    uint32_t unrolled;   /* items of worlds walked, `repeat` unrolled */
    bool broken_devices; /* a declaration was wrong: an unknown device may be that one */
    lab_node_id async[LAB_ASYNCS_MAX]; /* all ASYNC nodes */
    uint16_t async_count;
    uint64_t world_now; /* ns, a lower bound of the time of the next action */
};

enum check_use { CHECK_READ = 1, CHECK_WRITE = 2, CHECK_MODIFY = CHECK_READ | CHECK_WRITE };

/* ---- check.c ---- */
static inline struct lab_node *check_node(struct checker *c, lab_node_id id)
{
    return &c->s->nodes[id];
}

static inline const char *check_name(struct checker *c, lab_node_id id)
{
    return lab_name(c->s, c->s->nodes[id].name);
}

static inline size_t check_length(struct checker *c, lab_node_id id)
{
    return lab_name_length(c->s, c->s->nodes[id].name);
}

struct lab_span lab_check_span(struct checker *c, lab_node_id id);
void lab_check_feature(struct checker *c, const char *name, lab_node_id node);
void lab_check_set(struct checker *c, lab_node_id id, enum lab_role role, unsigned ref,
                   uint32_t aux);
int lab_check_find_device(struct checker *c, lab_name_id name);
int lab_check_find_driver(struct checker *c, lab_name_id name);
int lab_check_find_file(struct checker *c, lab_name_id name);
/* The N of `text` = `base` followed by N without leading zeros; 0 if it is not that. */
uint32_t lab_check_numbered(const char *base, size_t base_length, const char *text,
                            size_t length);
/* A task by name, also NAME2 of `NAME * N`: *ret_instance is 0 for all of them. */
int lab_check_find_task(struct checker *c, lab_name_id name, uint32_t *ret_instance);
int lab_check_find_token(struct checker *c, lab_name_id name);
int lab_check_find_variable(struct checker *c, enum lab_scope scope, unsigned owner,
                            unsigned block, lab_name_id name);
/* "this exists already" with the other place. */
void lab_check_twice(struct checker *c, lab_node_id node, const char *what, lab_node_id other);
/* A value as a number in a range; reports and returns false otherwise. */
bool lab_check_number(struct checker *c, lab_node_id id, int64_t least, int64_t most,
                      const char *what, int64_t *ret);
/* A constant time of at least 0; a number without a unit is an error unless it is 0. */
bool lab_check_time(struct checker *c, lab_node_id id, int64_t *ret);
/* The text of a word or of a knob's value that is a word; null after reporting. */
const char *lab_check_word(struct checker *c, lab_node_id id, size_t *ret_length);

/* ---- check_decl.c, check_device.c ---- */
void lab_check_machine(struct checker *c);
void lab_check_limits(struct checker *c);
void lab_check_devices(struct checker *c);
void lab_check_drivers(struct checker *c);
void lab_check_default_drivers(struct checker *c);
void lab_check_files(struct checker *c);
void lab_check_named_files(struct checker *c); /* mkfifo(), listen() */
void lab_check_tasks(struct checker *c);

/* ---- lab_check_tokens.c ---- */
void lab_check_tokens(struct checker *c);
/* Sends a NAME or the letters of a STR: numbers them, appends their ids to `sent`. */
void lab_check_send(struct checker *c, lab_node_id arg, struct token_sender *from);

/* ---- lab_check_world.c ---- */
void lab_check_world(struct checker *c, lab_node_id node);

/* ---- check_code.c ---- */
void lab_check_collect_variables(struct checker *c);
/* Calls `visit` for the block of every piece of code, with c->at set. */
void lab_check_for_all_code(struct checker *c,
                            void (*visit)(struct checker *c, lab_node_id id));
/* Marks an expression that is used, written or both. */
void lab_check_expr(struct checker *c, lab_node_id id, enum check_use use);
/* The variable a name means at c->at; -1 if none. */
int lab_check_variable(struct checker *c, lab_name_id name);
/* Whether a bare name in an argument of write() or connect() is a token. */
bool lab_check_is_token(struct checker *c, lab_node_id id);
struct check_place lab_check_task_place(struct checker *c, unsigned task);

/* ---- check_stmt.c ---- */
void lab_check_all_code(struct checker *c);

/* ---- lab_check_call.c ---- */
/* A time, or a value that may be one; a bare number above 0 is told to have no unit. */
void lab_check_delay(struct checker *c, lab_node_id id);
void lab_check_call(struct checker *c, lab_node_id id);

/* ---- check_expect.c ---- */
/* Whether == or != in code has a knob of words on one side and a bare name on the other; such a
 * comparison is a constant of the point. */
bool lab_check_word_comparison(struct checker *c, lab_node_id id);
void lab_check_expects(struct checker *c);

#endif
