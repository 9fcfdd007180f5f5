/* lab/core/compile_expr.c - expressions and assignments. */
#include "lab/core/compile_internal.h"

static const uint8_t operators[] = {
    [LAB_OP_MUL] = LAB_DO_MUL, [LAB_OP_DIV] = LAB_DO_DIV, [LAB_OP_MOD] = LAB_DO_MOD,
    [LAB_OP_ADD] = LAB_DO_ADD, [LAB_OP_SUB] = LAB_DO_SUB, [LAB_OP_SHL] = LAB_DO_SHL,
    [LAB_OP_SHR] = LAB_DO_SHR, [LAB_OP_LT] = LAB_DO_LT,   [LAB_OP_GT] = LAB_DO_GT,
    [LAB_OP_LE] = LAB_DO_LE,   [LAB_OP_GE] = LAB_DO_GE,   [LAB_OP_EQ] = LAB_DO_EQ,
    [LAB_OP_NE] = LAB_DO_NE,   [LAB_OP_AND] = LAB_DO_AND, [LAB_OP_XOR] = LAB_DO_XOR,
    [LAB_OP_OR] = LAB_DO_OR,
};

/* ---- variables ---- */

/* Is an access to the variable a step of its own here? */
static bool stepped(const struct lab_compiler *c, const struct lab_variable *v)
{
    return v->shared_write && !(v->scope == LAB_SCOPE_PROCESS && c->unit.starting);
}

static void load_variable(struct lab_compiler *c, unsigned ref)
{
    const struct lab_variable *v = &c->s->variables[ref];

    if (v->scope == LAB_SCOPE_TASK || v->scope == LAB_SCOPE_BLOCK) {
        lab_emit(c, LAB_DO_LOAD);
        lab_emit_byte(c, v->slot);
        return;
    }
    lab_emit(c, stepped(c, v) ? LAB_DO_GET : LAB_DO_SHARED);
    lab_emit_byte(c, lab_shared_index(c, v));
}

void lab_compile_store(struct lab_compiler *c, lab_node_id target)
{
    const struct lab_node *node = lab_at(c, target);
    const struct lab_variable *v = &c->s->variables[node->ref];

    if (node->kind != LAB_N_NAME || node->role != LAB_ROLE_VARIABLE) {
        lab_emit(c, LAB_DO_POP);
        return;
    }
    if (v->scope == LAB_SCOPE_TASK || v->scope == LAB_SCOPE_BLOCK) {
        lab_emit(c, LAB_DO_STORE);
        lab_emit_byte(c, v->slot);
        return;
    }
    lab_emit(c, stepped(c, v) ? LAB_DO_SET : LAB_DO_SHARED_SET);
    lab_emit_byte(c, lab_shared_index(c, v));
}

/* ---- registers ---- */

/* The FIELD node of dev.REG, dev.REG[i] or dev.REG.BIT, and the index expression. */
static lab_node_id register_field(const struct lab_compiler *c, lab_node_id id,
                                  lab_node_id *ret_index)
{
    const struct lab_node *node = lab_at(c, id);

    *ret_index = 0;
    if (node->role == LAB_ROLE_BIT) {
        id = node->first;
        node = lab_at(c, id);
    }
    if (node->kind == LAB_N_INDEX) {
        *ret_index = lab_child(c->s, id, 1);
        id = node->first;
    }
    return id;
}

static bool is_register(const struct lab_compiler *c, lab_node_id id)
{
    const struct lab_node *node = lab_at(c, id);

    if (node->role == LAB_ROLE_REGISTER || node->role == LAB_ROLE_BIT)
        return true;
    return node->kind == LAB_N_INDEX && lab_at(c, node->first)->role == LAB_ROLE_REGISTER;
}

/* Emits one access; of an indexed register the index lies on the stack (below the value). */
static void emit_access(struct lab_compiler *c, lab_node_id field, bool indexed, bool write)
{
    const struct lab_node *node = lab_at(c, field);
    bool chip = (node->aux & LAB_AUX_CHIP) != 0;
    unsigned model = chip ? node->aux & ~LAB_AUX_CHIP : c->s->devices[node->aux].model;
    size_t count;
    const struct lab_register *reg = &lab_registers(model, &count)[node->ref];
    uint32_t offset = (uint32_t)node->value;

    if (chip)
        offset += lab_chip_base(c->s->machine.id, model);
    lab_emit(c, write ? (indexed ? LAB_DO_WREG_AT : LAB_DO_WREG)
                      : (indexed ? LAB_DO_RREG_AT : LAB_DO_RREG));
    lab_emit_byte(c, chip ? LAB_CHIP_DEVICE : node->aux);
    lab_emit_byte(c,
                  chip ? lab_trace_chip_register(c->s->machine.id, model, (uint32_t)node->value)
                       : lab_trace_register(model, (uint32_t)node->value));
    lab_emit_byte(c, reg->width);
    lab_emit_word(c, offset, 4);
    if (indexed)
        lab_emit_byte(c, reg->stride);
}

static void read_register(struct lab_compiler *c, lab_node_id id)
{
    const struct lab_node *node = lab_at(c, id);
    lab_node_id index, field = register_field(c, id, &index);
    uint64_t mask = (uint64_t)node->value;
    unsigned shift = 0;

    if (index)
        lab_compile_value(c, index);
    emit_access(c, field, index != 0, false);
    if (node->role != LAB_ROLE_BIT)
        return;
    while (mask && !(mask >> shift & 1))
        shift++;
    lab_emit_int(c, (int64_t)mask);
    lab_emit(c, LAB_DO_AND);
    if (shift) {
        lab_emit_int(c, shift);
        lab_emit(c, LAB_DO_SHR);
    }
}

/* dev.REG op= value.  With @keep the assigned value stays on the stack. */
static void assign_register(struct lab_compiler *c, lab_node_id target, enum lab_op op,
                            lab_node_id value, int64_t constant, bool keep)
{
    lab_node_id index, field = register_field(c, target, &index);
    uint8_t index_slot = 0, value_slot = 0;

    if (index) {
        index_slot = lab_hidden(c);
        lab_compile_value(c, index);
        lab_emit(c, LAB_DO_STORE);
        lab_emit_byte(c, index_slot);
        lab_emit(c, LAB_DO_LOAD);
        lab_emit_byte(c, index_slot);
    }
    if (op != LAB_OP_NONE) {
        if (index) {
            lab_emit(c, LAB_DO_LOAD);
            lab_emit_byte(c, index_slot);
        }
        emit_access(c, field, index != 0, false);
    }
    if (value)
        lab_compile_value(c, value);
    else
        lab_emit_int(c, constant);
    if (op != LAB_OP_NONE)
        lab_emit(c, operators[op]);
    if (keep) {
        value_slot = lab_hidden(c);
        lab_emit(c, LAB_DO_DUP);
        lab_emit(c, LAB_DO_STORE);
        lab_emit_byte(c, value_slot);
    }
    emit_access(c, field, index != 0, true);
    if (keep) {
        lab_emit(c, LAB_DO_LOAD);
        lab_emit_byte(c, value_slot);
    }
}

/* ---- assignments ---- */

static void assign(struct lab_compiler *c, lab_node_id target, enum lab_op op,
                   lab_node_id value, int64_t constant, bool keep)
{
    if (is_register(c, target)) {
        assign_register(c, target, op, value, constant, keep);
        return;
    }
    if (op != LAB_OP_NONE)
        load_variable(c, lab_at(c, target)->ref);
    if (value)
        lab_compile_value(c, value);
    else
        lab_emit_int(c, constant);
    if (op != LAB_OP_NONE)
        lab_emit(c, operators[op]);
    if (keep)
        lab_emit(c, LAB_DO_DUP);
    lab_compile_store(c, target);
}

static void step_by_one(struct lab_compiler *c, const struct lab_node *node, bool keep)
{
    enum lab_step_op op = (enum lab_step_op)node->op;
    bool down = op == LAB_PRE_DEC || op == LAB_POST_DEC;
    bool post = op == LAB_POST_INC || op == LAB_POST_DEC;

    assign(c, node->first, down ? LAB_OP_SUB : LAB_OP_ADD, 0, 1, keep);
    if (keep && post) { /* the value before is the value after, undone */
        lab_emit_int(c, 1);
        lab_emit(c, down ? LAB_DO_ADD : LAB_DO_SUB);
    }
}

/* ---- values ---- */

static void logical(struct lab_compiler *c, const struct lab_node *node)
{
    bool or = node->op == LAB_OP_LOR;
    enum lab_opcode jump = or ? LAB_DO_JUMP_SET : LAB_DO_JUMP_ZERO;
    uint32_t early = 0, end = 0;

    lab_compile_value(c, node->first);
    lab_emit_jump(c, jump, &early);
    lab_compile_value(c, lab_at(c, node->first)->next);
    lab_emit_jump(c, jump, &early);
    lab_emit_int(c, ! or);
    lab_emit_jump(c, LAB_DO_JUMP, &end);
    lab_emit_stack(c, -1);
    lab_patch(c, early);
    lab_emit_int(c, or);
    lab_patch(c, end);
}

static void conditional(struct lab_compiler *c, lab_node_id id)
{
    uint32_t other = 0, end = 0;

    lab_compile_value(c, lab_child(c->s, id, 0));
    lab_emit_jump(c, LAB_DO_JUMP_ZERO, &other);
    lab_compile_value(c, lab_child(c->s, id, 1));
    lab_emit_jump(c, LAB_DO_JUMP, &end);
    lab_emit_stack(c, -1);
    lab_patch(c, other);
    lab_compile_value(c, lab_child(c->s, id, 2));
    lab_patch(c, end);
}

static void named(struct lab_compiler *c, lab_node_id id)
{
    const struct lab_node *node = lab_at(c, id);

    switch (node->role) {
    case LAB_ROLE_VARIABLE:
        load_variable(c, node->ref);
        break;
    case LAB_ROLE_SELF:
        lab_emit_int(c, c->unit.self);
        break;
    case LAB_ROLE_BYTE:
        lab_emit(c, LAB_DO_BYTE);
        break;
    case LAB_ROLE_FD:
    case LAB_ROLE_EVENTS:
        lab_emit(c, LAB_DO_LOAD);
        lab_emit_byte(c, node->role == LAB_ROLE_FD ? c->unit.fd_slot : c->unit.events_slot);
        break;
    default:
        lab_emit_int(c, node->value);
        break;
    }
}

static void indexed(struct lab_compiler *c, lab_node_id id)
{
    if (is_register(c, id)) {
        read_register(c, id);
        return;
    }
    lab_compile_value(c, lab_child(c->s, id, 1));
    lab_emit(c, LAB_DO_BUF);
}

void lab_compile_value(struct lab_compiler *c, lab_node_id id)
{
    const struct lab_node *node = lab_at(c, id);

    switch (node->kind) {
    case LAB_N_UNARY:
        lab_compile_value(c, node->first);
        lab_emit(c, node->op == LAB_OP_NOT   ? LAB_DO_NOT
                    : node->op == LAB_OP_NEG ? LAB_DO_NEG
                                             : LAB_DO_COMPL);
        break;
    case LAB_N_BINARY:
        if (node->role == LAB_ROLE_CONSTANT) {
            lab_emit_int(c, node->value);
            break;
        }
        if (node->op == LAB_OP_LAND || node->op == LAB_OP_LOR) {
            logical(c, node);
            break;
        }
        lab_compile_value(c, node->first);
        lab_compile_value(c, lab_at(c, node->first)->next);
        lab_emit(c, operators[node->op]);
        break;
    case LAB_N_COND:
        conditional(c, id);
        break;
    case LAB_N_ASSIGN:
        assign(c, node->first, (enum lab_op)node->op, lab_at(c, node->first)->next, 0, true);
        break;
    case LAB_N_STEP:
        step_by_one(c, node, true);
        break;
    case LAB_N_CALL:
        if (node->role == LAB_ROLE_KCALL)
            lab_compile_kcall(c, id);
        else
            lab_compile_syscall(c, id, 0);
        break;
    case LAB_N_INDEX:
        indexed(c, id);
        break;
    case LAB_N_FIELD:
        if (is_register(c, id))
            read_register(c, id);
        else
            lab_emit_int(c, node->value);
        break;
    case LAB_N_INT:
    case LAB_N_TIME:
    case LAB_N_CHAR:
        lab_emit_int(c, node->value);
        break;
    default:
        named(c, id);
        break;
    }
}

void lab_compile_effect(struct lab_compiler *c, lab_node_id id)
{
    const struct lab_node *node = lab_at(c, id);

    if (node->kind == LAB_N_ASSIGN) {
        assign(c, node->first, (enum lab_op)node->op, lab_at(c, node->first)->next, 0, false);
    } else if (node->kind == LAB_N_STEP) {
        step_by_one(c, node, false);
    } else {
        lab_compile_value(c, id);
        lab_emit(c, LAB_DO_POP);
    }
}
