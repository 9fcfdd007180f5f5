/* lab/core/compile_emit.c - bytes of code, jumps, the depth of the operand stack. */
#include "lab/core/compile_internal.h"
#include "lab/core/scenario.h"

static const int8_t effects[LAB_DO_COUNT_] = {
    [LAB_DO_RETURN] = -1,       [LAB_DO_INT8] = 1,        [LAB_DO_INT32] = 1,
    [LAB_DO_INT64] = 1,         [LAB_DO_TOKEN] = 1,       [LAB_DO_TOKEN_NEXT] = 1,
    [LAB_DO_LOAD] = 1,          [LAB_DO_STORE] = -1,      [LAB_DO_SHARED] = 1,
    [LAB_DO_SHARED_SET] = -1,   [LAB_DO_DUP] = 1,         [LAB_DO_POP] = -1,
    [LAB_DO_MUL] = -1,          [LAB_DO_DIV] = -1,        [LAB_DO_MOD] = -1,
    [LAB_DO_ADD] = -1,          [LAB_DO_SUB] = -1,        [LAB_DO_SHL] = -1,
    [LAB_DO_SHR] = -1,          [LAB_DO_LT] = -1,         [LAB_DO_GT] = -1,
    [LAB_DO_LE] = -1,           [LAB_DO_GE] = -1,         [LAB_DO_EQ] = -1,
    [LAB_DO_NE] = -1,           [LAB_DO_AND] = -1,        [LAB_DO_XOR] = -1,
    [LAB_DO_OR] = -1,           [LAB_DO_JUMP_ZERO] = -1,  [LAB_DO_JUMP_SET] = -1,
    [LAB_DO_SPEND] = -1,        [LAB_DO_BYTE] = 1,        [LAB_DO_EACH] = 2,
    [LAB_DO_OUT] = 1,           [LAB_DO_ROOM] = 1,        [LAB_DO_QUEUED] = 1,
    [LAB_DO_ARRIVAL] = 1,       [LAB_DO_RREG] = 1,        [LAB_DO_WREG] = -1,
    [LAB_DO_WREG_AT] = -2,      [LAB_DO_GET] = 1,         [LAB_DO_SET] = -1,
    [LAB_DO_PUSH] = -1,         [LAB_DO_QUEUE] = -1,      [LAB_DO_ACK] = 1,
    [LAB_DO_OVER] = 1,          [LAB_DO_LOOP_NEW] = -2,   [LAB_DO_LOOP_ON] = -2,
    [LAB_DO_LOOP_OFF] = -1,     [LAB_DO_LOOP_TIMER] = -2, [LAB_DO_LOOP_ASYNC] = -1,
    [LAB_DO_LOOP_NEXT] = 3,     [LAB_DO_LOOP_TELL] = -1,  [LAB_DO_LOOP_CHANGE] = 6,
    [LAB_DO_LOOP_CHANGED] = -1, [LAB_DO_LOOP_FEED] = -1,
};

void lab_too_much(struct lab_compiler *c, lab_node_id node, const char *what)
{
    if (!c->failed)
        lab_report(c->diags, lab_span_of(c->s, node), "too much: %s", what);
    c->failed = true;
}

void lab_emit_byte(struct lab_compiler *c, unsigned byte)
{
    if (c->at >= c->code_max) {
        lab_too_much(c, c->s->root, "the code does not fit into a program");
        return;
    }
    c->code[c->at++] = (uint8_t)byte;
}

void lab_emit_word(struct lab_compiler *c, uint32_t word, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        lab_emit_byte(c, word >> 8 * i & 0xff);
}

void lab_emit_stack(struct lab_compiler *c, int change)
{
    c->unit.depth = (uint16_t)(c->unit.depth + change);
    if (c->unit.depth > c->unit.deepest)
        c->unit.deepest = c->unit.depth;
}

void lab_emit(struct lab_compiler *c, enum lab_opcode op)
{
    lab_emit_byte(c, op);
    lab_emit_stack(c, effects[op]);
}

void lab_emit_int(struct lab_compiler *c, int64_t value)
{
    if (value >= INT8_MIN && value <= INT8_MAX) {
        lab_emit(c, LAB_DO_INT8);
        lab_emit_byte(c, (uint8_t)value);
    } else if (value >= INT32_MIN && value <= INT32_MAX) {
        lab_emit(c, LAB_DO_INT32);
        lab_emit_word(c, (uint32_t)value, 4);
    } else {
        lab_emit(c, LAB_DO_INT64);
        lab_emit_word(c, (uint32_t)value, 4);
        lab_emit_word(c, (uint32_t)((uint64_t)value >> 32), 4);
    }
}

void lab_emit_jump(struct lab_compiler *c, enum lab_opcode op, uint32_t *chain)
{
    lab_emit(c, op);
    lab_emit_word(c, *chain, 2);
    *chain = lab_here(c) - 2;
}

void lab_emit_jump_to(struct lab_compiler *c, enum lab_opcode op, uint32_t target)
{
    lab_emit(c, op);
    lab_emit_word(c, target, 2);
}

void lab_patch(struct lab_compiler *c, uint32_t chain)
{
    uint32_t here = lab_here(c);

    while (chain && !c->failed) {
        uint8_t *at = c->code + c->program->code_at + chain;
        chain = (uint32_t)(at[0] | at[1] << 8);
        at[0] = (uint8_t)here;
        at[1] = (uint8_t)(here >> 8);
    }
}

uint8_t lab_hidden(struct lab_compiler *c)
{
    if (c->unit.vars >= LAB_FRAME_SLOTS_MAX) {
        lab_too_much(c, c->s->root, "variables in one task or block");
        return 0;
    }
    return (uint8_t)c->unit.vars++;
}
