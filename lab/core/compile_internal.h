/* lab/core/compile_internal.h - what the compiler's files share. */
#ifndef LAB_CORE_COMPILE_INTERNAL_H
#define LAB_CORE_COMPILE_INTERNAL_H

#include "lab/core/compile.h"
#include "lab/core/names.h"

enum { LOOP_SITE = 16 }; /* objects reckoned for one call inside a loop */

/* The code being compiled: one task, one process's start, one driver's block. */
struct lab_unit {
    uint8_t scope;    /* enum lab_scope of its own variables */
    uint8_t block;    /* enum lab_block */
    uint16_t owner;   /* task or driver of the scenario */
    uint16_t process; /* of a task, + 1 */
    uint8_t family;   /* tasks that fork() can bring into being from it, itself too; 0: none */
    uint8_t self;
    bool starting;  /* inside start {} */
    uint8_t driver; /* of a block */
    uint16_t vars;  /* named variables, then hidden ones */
    uint16_t depth, deepest;
    uint8_t loops; /* nesting of loops: a call inside one may be made again and again */
    uint8_t foreach_depth, foreach_deepest;
    uint8_t events_max;
    uint16_t buf_max;
    bool uses_buf;
    bool epilogue;                /* return jumps to the end (oneshot threads unmask there) */
    uint32_t returns;             /* chain of jumps to the epilogue */
    uint8_t fd_slot, events_slot; /* of a loop: what a callback is told */
    uint8_t loop, callbacks;
    bool in_callback;
    uint32_t turns;                        /* chain of jumps to the next turn */
    uint16_t entry[LAB_CALLBACKS_MAX + 1]; /* of each callback, from 1 on */
};

struct lab_compiler {
    const struct lab_scenario *s;
    struct lab_program *program;
    struct lab_diags *diags;
    uint8_t *code;
    uint32_t at, code_max;
    bool failed;
    bool wide; /* some byte that is neither token nor zero may be queued */
    bool unmasks_cpu;
    bool aims; /* inputs change their CPU */
    struct lab_unit unit;
    /* jumps to patch: chains through the operands */
    uint32_t breaks, continues;
    bool in_loop;
    /* what the text can make, for the tables' sizes */
    uint32_t fds, ofds, pipes, eventfds, epolls, items;
    uint32_t sockets, timerfds, signalfds, pidfds, ptys, aios, urings, jobs;
    uint32_t poll_max;
    bool families, signals; /* some call can tell processes apart; uses signals */
};

/* ---- emit.c ---- */
void lab_emit(struct lab_compiler *c, enum lab_opcode op);
void lab_emit_byte(struct lab_compiler *c, unsigned byte);
void lab_emit_word(struct lab_compiler *c, uint32_t word, unsigned bytes);
void lab_emit_int(struct lab_compiler *c, int64_t value);
void lab_emit_stack(struct lab_compiler *c, int change);
/* A jump to be patched: links into *chain.  lab_patch() sends the whole chain to here. */
void lab_emit_jump(struct lab_compiler *c, enum lab_opcode op, uint32_t *chain);
void lab_emit_jump_to(struct lab_compiler *c, enum lab_opcode op, uint32_t target);
void lab_patch(struct lab_compiler *c, uint32_t chain);
uint8_t lab_hidden(struct lab_compiler *c);
void lab_too_much(struct lab_compiler *c, lab_node_id node, const char *what);

/* ---- compile_expr.c ---- */
void lab_compile_value(struct lab_compiler *c, lab_node_id node);   /* pushes one value */
void lab_compile_effect(struct lab_compiler *c, lab_node_id node);  /* leaves nothing */
void lab_compile_store(struct lab_compiler *c, lab_node_id target); /* pops into a variable */

/* ---- compile.c ---- */
/* The process of a task's instance (0 ...). */
unsigned lab_process_number(const struct lab_scenario *s, unsigned task, unsigned instance);

/* ---- compile_call.c, compile_kcall.c ---- */
/* A system call; its arguments are on the stack.  @flags: enum lab_call_flag. */
void lab_emit_call(struct lab_compiler *c, unsigned nr, unsigned argc, unsigned flags);
/* @depth: 0, or 1 + the nesting of the foreach that walks the call's events. */
void lab_compile_syscall(struct lab_compiler *c, lab_node_id node, unsigned depth);
void lab_compile_kcall(struct lab_compiler *c, lab_node_id node);

/* ---- compile_aio.c ---- */
/* Pushes the arguments of a call of POSIX AIO; how many. */
unsigned lab_compile_aio(struct lab_compiler *c, lab_node_id call, unsigned nr);
/* Helper threads that the process with this number can have. */
unsigned lab_aio_helpers(const struct lab_scenario *s, unsigned process);
/* The helpers of all processes become the last tasks. */
void lab_compile_helpers(struct lab_compiler *c);

/* ---- compile_loop.c ---- */
/* `loop NAME { }`, the whole code of task @t. */
void lab_compile_loop(struct lab_compiler *c, unsigned t);
/* on, off, timer, async, or start inside of it. */
void lab_compile_loop_statement(struct lab_compiler *c, lab_node_id id);
/* The arguments of async_send(); how many. */
unsigned lab_compile_async_send(struct lab_compiler *c, lab_node_id call);

/* ---- compile_code.c ---- */
void lab_compile_block(struct lab_compiler *c, lab_node_id node);

/* ---- compile_tables.c ---- */
void lab_compile_tables(struct lab_compiler *c);
void lab_compile_measures(struct lab_compiler *c);
unsigned lab_shared_index(const struct lab_compiler *c, const struct lab_variable *variable);
/* Index of a register of a model for traces, 0xff if the simulator names none there. */
unsigned lab_trace_register(unsigned model, uint32_t offset);
uint32_t lab_chip_base(unsigned machine, unsigned chip);
/* How a trace names a register of a chip, 0xff: by no name. */
unsigned lab_trace_chip_register(unsigned machine, unsigned chip, uint32_t offset);

/* Where the next byte of code goes, counted from the code's start. */
static inline uint32_t lab_here(const struct lab_compiler *c)
{
    return c->at - c->program->code_at;
}

static inline const struct lab_node *lab_at(const struct lab_compiler *c, lab_node_id id)
{
    return &c->s->nodes[id];
}

#endif
