/* lab/core/compile_code.c - statements. */
#include "lab/core/compile_internal.h"

static void statement(struct lab_compiler *c, lab_node_id id);

void lab_compile_block(struct lab_compiler *c, lab_node_id id)
{
    for (lab_node_id child = lab_at(c, id)->first; child; child = lab_at(c, child)->next)
        statement(c, child);
}

/* A loop's body with its own break and continue.  `continue` is patched by the caller. */
static void body(struct lab_compiler *c, lab_node_id id, uint32_t *ret_continues,
                 uint32_t *ret_breaks)
{
    uint32_t breaks = c->breaks, continues = c->continues;

    c->breaks = c->continues = 0;
    c->unit.loops++;
    statement(c, id);
    c->unit.loops--;
    *ret_breaks = c->breaks;
    *ret_continues = c->continues;
    c->breaks = breaks;
    c->continues = continues;
}

static bool is_none(const struct lab_compiler *c, lab_node_id id)
{
    return !id || lab_at(c, id)->kind == LAB_N_NONE;
}

/* A call in the head of a loop is made again and again too. */
static void loop_value(struct lab_compiler *c, lab_node_id id)
{
    c->unit.loops++;
    lab_compile_value(c, id);
    c->unit.loops--;
}

static void statement_while(struct lab_compiler *c, lab_node_id condition, lab_node_id step,
                            lab_node_id inner)
{
    uint32_t top = lab_here(c), out = 0, continues, breaks;

    if (!is_none(c, condition)) {
        loop_value(c, condition);
        lab_emit_jump(c, LAB_DO_JUMP_ZERO, &out);
    }
    body(c, inner, &continues, &breaks);
    lab_patch(c, continues);
    if (!is_none(c, step)) {
        c->unit.loops++;
        lab_compile_effect(c, step);
        c->unit.loops--;
    }
    lab_emit_jump_to(c, LAB_DO_JUMP, top);
    lab_patch(c, out);
    lab_patch(c, breaks);
}

static void statement_do(struct lab_compiler *c, lab_node_id id)
{
    uint32_t top = lab_here(c), continues, breaks;

    body(c, lab_child(c->s, id, 0), &continues, &breaks);
    lab_patch(c, continues);
    loop_value(c, lab_child(c->s, id, 1));
    lab_emit_jump_to(c, LAB_DO_JUMP_SET, top);
    lab_patch(c, breaks);
}

static void statement_foreach(struct lab_compiler *c, lab_node_id id)
{
    uint8_t index = lab_hidden(c), count = lab_hidden(c);
    unsigned depth = c->unit.foreach_depth++;
    uint32_t top, out = 0, continues, breaks;

    if (c->unit.foreach_depth > c->unit.foreach_deepest)
        c->unit.foreach_deepest = c->unit.foreach_depth;
    lab_compile_syscall(c, lab_child(c->s, id, 2), depth + 1);
    lab_emit(c, LAB_DO_STORE);
    lab_emit_byte(c, count);
    top = lab_here(c);
    lab_emit(c, LAB_DO_EACH);
    lab_emit_byte(c, depth);
    lab_emit_byte(c, index);
    lab_emit_byte(c, count);
    lab_emit_word(c, out, 2);
    out = lab_here(c) - 2;
    lab_compile_store(c, lab_child(c->s, id, 1));
    lab_compile_store(c, lab_child(c->s, id, 0));
    body(c, lab_child(c->s, id, 3), &continues, &breaks);
    lab_patch(c, continues);
    lab_emit_jump_to(c, LAB_DO_JUMP, top);
    lab_patch(c, breaks);
    lab_emit_int(c, 0); /* a break leaves the index where it was: the next walk starts anew */
    lab_emit(c, LAB_DO_STORE);
    lab_emit_byte(c, index);
    lab_patch(c, out);
    c->unit.foreach_depth--;
}

static void statement_if(struct lab_compiler *c, lab_node_id id)
{
    lab_node_id otherwise = lab_child(c->s, id, 2);
    uint32_t other = 0, end = 0;

    lab_compile_value(c, lab_child(c->s, id, 0));
    lab_emit_jump(c, LAB_DO_JUMP_ZERO, &other);
    statement(c, lab_child(c->s, id, 1));
    if (otherwise) {
        lab_emit_jump(c, LAB_DO_JUMP, &end);
        lab_patch(c, other);
        statement(c, otherwise);
        lab_patch(c, end);
    } else {
        lab_patch(c, other);
    }
}

static void statement_return(struct lab_compiler *c, lab_node_id id)
{
    lab_node_id value = lab_at(c, id)->first;
    bool goes_on = c->unit.epilogue || c->unit.in_callback;

    if (value) {
        lab_compile_value(c, value);
        if (goes_on)
            lab_emit(c, LAB_DO_POP);
        else
            lab_emit(c, LAB_DO_RETURN);
    }
    if (goes_on)
        lab_emit_jump(c, LAB_DO_JUMP, c->unit.in_callback ? &c->unit.turns : &c->unit.returns);
    else if (!value)
        lab_emit(c, LAB_DO_END);
}

static void statement(struct lab_compiler *c, lab_node_id id)
{
    const struct lab_node *node = lab_at(c, id);

    switch (node->kind) {
    case LAB_N_BLOCK:
        lab_compile_block(c, id);
        break;
    case LAB_N_IF:
        statement_if(c, id);
        break;
    case LAB_N_WHILE:
        statement_while(c, lab_child(c->s, id, 0), 0, lab_child(c->s, id, 1));
        break;
    case LAB_N_DO:
        statement_do(c, id);
        break;
    case LAB_N_FOR:
        if (!is_none(c, lab_child(c->s, id, 0)))
            lab_compile_effect(c, lab_child(c->s, id, 0));
        statement_while(c, lab_child(c->s, id, 1), lab_child(c->s, id, 2),
                        lab_child(c->s, id, 3));
        break;
    case LAB_N_FOREACH:
        statement_foreach(c, id);
        break;
    case LAB_N_BREAK:
        lab_emit_jump(c, LAB_DO_JUMP, &c->breaks);
        break;
    case LAB_N_CONTINUE:
        lab_emit_jump(c, LAB_DO_JUMP, &c->continues);
        break;
    case LAB_N_RETURN:
        statement_return(c, id);
        break;
    case LAB_N_EXPR:
        lab_compile_effect(c, node->first);
        break;
    case LAB_N_START:
    case LAB_N_ON:
    case LAB_N_OFF:
    case LAB_N_TIMER:
    case LAB_N_ASYNC:
        lab_compile_loop_statement(c, id);
        break;
    default:
        break;
    }
}
