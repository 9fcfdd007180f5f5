/*
 * lab/core/scenario.c - memory and names of a scenario; constant expressions.
 *
 * Source: docs/language.md, "Code". Knobs are in knobs.c.
 */
#include "lab/core/scenario.h"

#include "lab/core/names.h"
#include "lab/core/text.h"

void *lab_pool_take(struct lab_pool *pool, size_t size)
{
    size_t start = (size_t)((uintptr_t)(pool->base + pool->used) % 16);
    size_t skip = start == 0 ? 0 : 16 - start;
    char *taken = NULL;

    if (pool->base == NULL || skip > pool->size - pool->used ||
        size > pool->size - pool->used - skip) {
        return NULL;
    }
    taken = pool->base + pool->used + skip;
    pool->used += skip + size;
    memset(taken, 0, size);
    return taken;
}

lab_name_id lab_intern(struct lab_scenario *s, const char *text, size_t length)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    lab_name_id *bucket = NULL;
    struct lab_name_entry *entry = NULL;

    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ (unsigned char)text[i]) * 16777619u;
    }
    bucket = &s->buckets[hash & (s->bucket_count - 1)];
    for (lab_name_id id = *bucket; id != 0; id = s->names[id].chain) {
        entry = &s->names[id];
        if (entry->hash == hash && entry->length == length &&
            memcmp(s->chars + entry->offset, text, length) == 0) {
            return id;
        }
    }
    if (s->name_count == s->name_size || length >= s->chars_size - s->chars_used) {
        return 0;
    }
    entry = &s->names[s->name_count];
    entry->offset = s->chars_used;
    entry->length = (uint32_t)length;
    entry->hash = hash;
    entry->chain = *bucket;
    if (text != s->chars + s->chars_used) {
        memcpy(s->chars + s->chars_used, text, length);
    }
    s->chars[s->chars_used + length] = '\0';
    s->chars_used += (uint32_t)length + 1;
    *bucket = s->name_count;
    return s->name_count++;
}

/* ---- constant expressions ---- */

static bool eval(const struct lab_scenario *s, lab_node_id id, struct lab_diags *diags,
                 struct lab_value *ret);

static bool refuse(const struct lab_scenario *s, lab_node_id id, struct lab_diags *diags,
                   const char *message)
{
    if (s->nodes[id].kind != LAB_N_ERROR && diags != NULL) {
        lab_report(diags, lab_span_of(s, id), "%s", message);
    }
    return false;
}

static struct lab_value number(uint8_t kind, int64_t value)
{
    struct lab_value v = {kind, true, 0, value};

    return v;
}

static bool eval_number(const struct lab_scenario *s, lab_node_id id, struct lab_diags *diags,
                        struct lab_value *ret)
{
    if (!eval(s, id, diags, ret)) {
        return false;
    }
    return ret->numeric || refuse(s, id, diags, "this is a word, not a number");
}

static bool eval_word(const struct lab_scenario *s, lab_node_id id, struct lab_value *ret)
{
    const struct lab_node *node = &s->nodes[id];
    struct lab_value v = {LAB_V_WORD, false, node->name, 0};

    v.numeric = node->name != 0 && lab_find_flag(lab_name(s, node->name),
                                                 lab_name_length(s, node->name), &v.number);
    *ret = v;
    return node->name != 0;
}

static bool eval_flags(const struct lab_scenario *s, lab_node_id id, struct lab_diags *diags,
                       struct lab_value *ret)
{
    struct lab_value v = number(LAB_V_FLAGS, 0), part = {0};

    for (lab_node_id k = s->nodes[id].first; k != 0; k = s->nodes[k].next) {
        if (!eval(s, k, diags, &part)) {
            return false;
        }
        if (!part.numeric) {
            return refuse(s, k, diags, "this is not a flag");
        }
        v.number |= part.number;
    }
    *ret = v;
    return true;
}

static bool eval_knob(const struct lab_scenario *s, lab_node_id id, struct lab_diags *diags,
                      struct lab_value *ret)
{
    const struct lab_value *value = lab_point_value(s, &s->point, s->nodes[id].name);

    if (value == NULL) {
        return refuse(s, id, diags, "this knob does not exist");
    }
    *ret = *value;
    return true;
}

static bool eval_unary(const struct lab_scenario *s, lab_node_id id, struct lab_diags *diags,
                       struct lab_value *ret)
{
    const struct lab_node *node = &s->nodes[id];

    if (!eval_number(s, node->first, diags, ret)) {
        return false;
    }
    switch (node->op) {
    case LAB_OP_NOT:
        *ret = number(LAB_V_INT, ret->number == 0);
        break;
    case LAB_OP_COMPL:
        *ret = number(LAB_V_INT, ~ret->number);
        break;
    default:
        *ret = number(ret->kind, (int64_t)(0 - (uint64_t)ret->number));
        break;
    }
    return true;
}

/* Division as on the machine: the one overflowing case wraps around. */
static int64_t divide(int64_t a, int64_t b, bool rest)
{
    if (b == -1) {
        return rest ? 0 : (int64_t)(0 - (uint64_t)a);
    }
    return rest ? a % b : a / b;
}

static int64_t shift_right(int64_t a, unsigned by)
{
    return a < 0 ? (int64_t) ~(~(uint64_t)a >> by) : (int64_t)((uint64_t)a >> by);
}

static int64_t compute(unsigned op, int64_t a, int64_t b)
{
    uint64_t x = (uint64_t)a, y = (uint64_t)b;

    switch (op) {
    case LAB_OP_MUL:
        return (int64_t)(x * y);
    case LAB_OP_ADD:
        return (int64_t)(x + y);
    case LAB_OP_SUB:
        return (int64_t)(x - y);
    case LAB_OP_SHL:
        return (int64_t)(x << (y & 63));
    case LAB_OP_SHR:
        return shift_right(a, (unsigned)(y & 63));
    case LAB_OP_LT:
        return a < b;
    case LAB_OP_GT:
        return a > b;
    case LAB_OP_LE:
        return a <= b;
    case LAB_OP_GE:
        return a >= b;
    case LAB_OP_AND:
        return (int64_t)(x & y);
    case LAB_OP_XOR:
        return (int64_t)(x ^ y);
    default:
        return (int64_t)(x | y);
    }
}

static uint8_t kind_of(unsigned op, const struct lab_value *a, const struct lab_value *b)
{
    bool times = a->kind == LAB_V_TIME || b->kind == LAB_V_TIME;

    if (op >= LAB_OP_LT && op <= LAB_OP_NE) {
        return LAB_V_INT;
    }
    if (op == LAB_OP_DIV && b->kind == LAB_V_TIME) {
        return LAB_V_INT;
    }
    return times ? LAB_V_TIME : LAB_V_INT;
}

static bool eval_logical(const struct lab_scenario *s, lab_node_id id, struct lab_diags *diags,
                         struct lab_value *ret)
{
    const struct lab_node *node = &s->nodes[id];
    bool is_or = node->op == LAB_OP_LOR;

    if (!eval_number(s, node->first, diags, ret)) {
        return false;
    }
    if ((ret->number != 0) != is_or &&
        !eval_number(s, s->nodes[node->first].next, diags, ret)) {
        return false;
    }
    *ret = number(LAB_V_INT, ret->number != 0);
    return true;
}

static bool eval_binary(const struct lab_scenario *s, lab_node_id id, struct lab_diags *diags,
                        struct lab_value *ret)
{
    const struct lab_node *node = &s->nodes[id];
    lab_node_id right = s->nodes[node->first].next;
    struct lab_value a = {0}, b = {0};
    bool equality = node->op == LAB_OP_EQ || node->op == LAB_OP_NE;

    if (node->op == LAB_OP_LAND || node->op == LAB_OP_LOR) {
        return eval_logical(s, id, diags, ret);
    }
    if (equality) {
        if (!eval(s, node->first, diags, &a) || !eval(s, right, diags, &b)) {
            return false;
        }
        *ret = number(LAB_V_INT, lab_value_equal(&a, &b) == (node->op == LAB_OP_EQ));
        return true;
    }
    if (!eval_number(s, node->first, diags, &a) || !eval_number(s, right, diags, &b)) {
        return false;
    }
    if (node->op == LAB_OP_DIV || node->op == LAB_OP_MOD) {
        if (b.number == 0) {
            return refuse(s, right, diags, "division by zero");
        }
        *ret = number(kind_of(node->op, &a, &b),
                      divide(a.number, b.number, node->op == LAB_OP_MOD));
        return true;
    }
    *ret = number(kind_of(node->op, &a, &b), compute(node->op, a.number, b.number));
    return true;
}

static bool eval_cond(const struct lab_scenario *s, lab_node_id id, struct lab_diags *diags,
                      struct lab_value *ret)
{
    lab_node_id condition = s->nodes[id].first;
    lab_node_id yes = s->nodes[condition].next;

    if (!eval_number(s, condition, diags, ret)) {
        return false;
    }
    return eval(s, ret->number != 0 ? yes : s->nodes[yes].next, diags, ret);
}

/* Recursion is bounded: the parser lets no tree be deeper than LAB_DEPTH_MAX. */
static bool eval(const struct lab_scenario *s, lab_node_id id, struct lab_diags *diags,
                 struct lab_value *ret)
{
    const struct lab_node *node = &s->nodes[id];

    switch (node->kind) {
    case LAB_N_INT:
        *ret = number(LAB_V_INT, node->value);
        return true;
    case LAB_N_TIME:
        *ret = number(LAB_V_TIME, node->value);
        return true;
    case LAB_N_CHAR:
        *ret = number(LAB_V_CHAR, node->value);
        return true;
    case LAB_N_WORD:
        return eval_word(s, id, ret);
    case LAB_N_FLAGS:
        return eval_flags(s, id, diags, ret);
    case LAB_N_KNOB:
        return eval_knob(s, id, diags, ret);
    case LAB_N_NAME:
        if (node->role == LAB_ROLE_KNOB) {
            return eval_knob(s, id, diags, ret);
        }
        if (eval_word(s, id, ret) && (ret->numeric || node->role == LAB_ROLE_WORD)) {
            return true;
        }
        return refuse(s, id, diags, "this is not a constant");
    case LAB_N_UNARY:
        return eval_unary(s, id, diags, ret);
    case LAB_N_BINARY:
        return eval_binary(s, id, diags, ret);
    case LAB_N_COND:
        return eval_cond(s, id, diags, ret);
    default:
        return refuse(s, id, diags, "this is not a constant");
    }
}

bool lab_const_eval(const struct lab_scenario *s, lab_node_id node, struct lab_diags *diags,
                    struct lab_value *ret_value)
{
    struct lab_value value = {0};

    if (!eval(s, node, diags, &value)) {
        return false;
    }
    *ret_value = value;
    return true;
}
