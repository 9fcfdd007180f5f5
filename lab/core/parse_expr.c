/*
 * lab/core/lab_parse_expr.c - expressions, and the words and values of declarations.
 *
 * Source: docs/language.md, "Grammar". While parsing, the `aux` of an expression node is the
 * depth of its tree: chains like a + b + … nest as deeply as parentheses do, and whoever walks
 * the tree later wants a bound.
 */
#include "lab/core/parse_internal.h"

#include "lab/core/scenario.h"
#include "lab/core/text.h"

/* Sets the depth of a new expression node from its children; 0 after reporting "too deep". */
static lab_node_id deepen(struct parser *p, lab_node_id node)
{
    uint32_t deepest = 0;

    for (lab_node_id k = p->s->nodes[node].first; k != 0; k = p->s->nodes[k].next) {
        if (p->s->nodes[k].aux > deepest) {
            deepest = p->s->nodes[k].aux;
        }
    }
    p->s->nodes[node].aux = deepest + 1;
    if (deepest < LAB_DEPTH_MAX || node == 0) {
        return node;
    }
    if (!p->panic) {
        lab_report(p->diags, p->last, "this is nested too deeply (at most %i levels)",
                   (int64_t)LAB_DEPTH_MAX);
    }
    p->panic = true;
    return 0;
}

/* ---- words and values ---- */

lab_node_id lab_parse_name(struct parser *p, const char *what)
{
    lab_node_id node = 0;

    if (p->panic) {
        return 0;
    }
    if (p->now.kind != LAB_LEX_NAME) {
        lab_parser_expected(p, what);
        return 0;
    }
    node = lab_parser_node(p, LAB_N_NAME, p->now.span);
    lab_parser_intern(p, node, p->now.text, p->now.length);
    lab_parser_advance(p);
    return node;
}

lab_node_id lab_parse_names(struct parser *p, const char *what)
{
    struct node_list list = {0, 0};
    lab_node_id node = lab_parser_node(p, LAB_N_NAMES, p->now.span);

    do {
        lab_parser_add(p, &list, lab_parse_name(p, what));
    } while (!p->panic && lab_parser_accept_sign(p, ','));
    p->s->nodes[node].first = list.first;
    return lab_parser_finish(p, node);
}

/* A word like vexpress-a8 is no word of the language, but meant as one: swallow all of it. */
static void swallow_hyphens(struct parser *p, uint32_t *end)
{
    while (lab_parser_is_sign(p, '-') && p->now.span.offset == *end &&
           *end + 1 < p->s->text_length && lab_char_is_letter(p->s->text[*end + 1])) {
        lab_parser_advance(p);
        *end = p->now.span.offset + p->now.span.length;
        lab_parser_advance(p);
    }
}

lab_node_id lab_parse_word(struct parser *p, const char *what)
{
    struct lab_span span = p->now.span;
    uint32_t end = span.offset + span.length;
    lab_node_id node = 0;
    bool knob = p->now.kind == LAB_LEX_KNOB;

    if (p->panic) {
        return 0;
    }
    if (!knob && p->now.kind != LAB_LEX_NAME && p->now.kind != LAB_LEX_HYPHENED) {
        lab_parser_expected(p, what);
        return 0;
    }
    node = lab_parser_node(p, knob ? LAB_N_KNOB : LAB_N_WORD, span);
    lab_parser_advance(p);
    if (!knob) {
        swallow_hyphens(p, &end);
    }
    span.offset += knob;
    if (end - span.offset > LAB_NAME_MAX) {
        end = span.offset + LAB_NAME_MAX;
    }
    lab_parser_intern(p, node, p->s->text + span.offset, end - span.offset);
    return lab_parser_finish(p, node);
}

lab_node_id lab_parse_string(struct parser *p, const char *what)
{
    lab_node_id node = 0;
    struct lab_scenario *s = p->s;

    if (p->panic) {
        return 0;
    }
    if (p->now.kind != LAB_LEX_STR) {
        lab_parser_expected(p, what);
        return 0;
    }
    node = lab_parser_node(p, LAB_N_STR, p->now.span);
    if (p->now.length <= s->chars_size - s->chars_used) {
        /* Decoded in place, behind the names; lab_intern() copes with its own memory. */
        uint32_t length =
            lab_lex_unescape(s->chars + s->chars_used, p->now.text, p->now.length);

        lab_parser_intern(p, node, s->chars + s->chars_used, length);
    }
    lab_parser_advance(p);
    return node;
}

static lab_node_id parse_number(struct parser *p)
{
    enum lab_node_kind kind = p->now.kind == LAB_LEX_TIME   ? LAB_N_TIME
                              : p->now.kind == LAB_LEX_CHAR ? LAB_N_CHAR
                                                            : LAB_N_INT;
    lab_node_id node = lab_parser_node(p, kind, p->now.span);

    p->s->nodes[node].value = p->now.value;
    lab_parser_advance(p);
    return node;
}

static bool is_number(const struct parser *p)
{
    return p->now.kind == LAB_LEX_INT || p->now.kind == LAB_LEX_TIME;
}

static bool is_word(const struct parser *p)
{
    return p->now.kind == LAB_LEX_NAME || p->now.kind == LAB_LEX_HYPHENED ||
           p->now.kind == LAB_LEX_KNOB;
}

/* 5.5, as in `linux 5.5`. */
static lab_node_id parse_version(struct parser *p, lab_node_id major)
{
    struct lab_node *node = &p->s->nodes[major];

    lab_parser_advance(p);
    if (p->now.kind != LAB_LEX_INT) {
        lab_parser_expected(p, "a number after the '.' of a version");
        return 0;
    }
    node->kind = LAB_N_VERSION;
    if (node->value > 0xffff || p->now.value > 0xffff) {
        node->value = 0x10000;
        p->now.value = 0;
    }
    node->value = node->value << 16 | p->now.value;
    lab_parser_advance(p);
    return lab_parser_finish(p, major);
}

static lab_node_id parse_simple(struct parser *p)
{
    struct lab_span from = p->now.span;
    lab_node_id node = 0;

    if (lab_parser_accept_sign(p, '-')) {
        if (!is_number(p)) {
            lab_parser_expected(p, "a number or a time after '-'");
            return 0;
        }
        node = parse_number(p);
        p->s->nodes[node].value = -p->s->nodes[node].value;
        p->s->nodes[node].offset = from.offset;
        p->s->nodes[node].column = from.column;
        p->s->nodes[node].line = from.line;
        return lab_parser_finish(p, node);
    }
    if (is_number(p) || p->now.kind == LAB_LEX_CHAR) {
        node = parse_number(p);
        return lab_parser_is_sign(p, '.') && p->s->nodes[node].kind == LAB_N_INT
                   ? parse_version(p, node)
                   : node;
    }
    return lab_parse_word(p, "a number, a time, a character, a word or a $knob");
}

lab_node_id lab_parse_value(struct parser *p)
{
    struct lab_span from = p->now.span;
    struct node_list list = {0, 0};
    lab_node_id node = p->panic ? 0 : parse_simple(p);

    if (p->panic || !lab_parser_is_sign(p, '|')) {
        return node;
    }
    lab_parser_add(p, &list, node);
    while (!p->panic && lab_parser_accept_sign(p, '|')) {
        lab_parser_add(p, &list, parse_simple(p));
    }
    node = lab_parser_node(p, LAB_N_FLAGS, from);
    p->s->nodes[node].first = list.first;
    return lab_parser_finish(p, node);
}

/* ---- primary expressions ---- */

/* `token { , token }` behind lost, read …; token = NAME [ .. NAME ]. */
static void parse_set_tokens(struct parser *p, struct node_list *list)
{
    do {
        struct lab_span from = p->now.span;
        lab_node_id name = lab_parse_name(p, "a token");

        if (!p->panic && lab_parser_accept_sign(p, LAB_SIGN2('.', '.'))) {
            lab_node_id last = lab_parse_name(p, "the last token of the range");

            name = lab_parser_make(p, LAB_N_RANGE, from, name, last, 0, 0);
        }
        lab_parser_add(p, list, name);
    } while (!p->panic && lab_parser_accept_sign(p, ','));
}

static int set_word(const struct parser *p)
{
    static const char *const sets[LAB_SETS] = {"read",    "lost", "left",
                                               "dropped", "late", "twice"};

    for (int i = 0; i < LAB_SETS; i++) {
        if (lab_parser_is_word(p, sets[i])) {
            return i;
        }
    }
    return -1;
}

static lab_node_id parse_set(struct parser *p, int set)
{
    struct node_list list = {0, 0};
    lab_node_id node = lab_parser_node(p, LAB_N_SET, p->now.span);
    int64_t form = LAB_SET_SOME;

    lab_parser_advance(p);
    if (lab_parser_accept_word(p, "nothing")) {
        form = LAB_SET_NOTHING;
    } else if (lab_parser_accept_word(p, "all")) {
        form = LAB_SET_ALL;
    } else if (p->now.kind == LAB_LEX_NAME && !lab_parser_is_word(p, "when")) {
        form = LAB_SET_EXACT;
        parse_set_tokens(p, &list);
    }
    p->s->nodes[node].op = (uint16_t)set;
    p->s->nodes[node].value = form;
    p->s->nodes[node].first = list.first;
    return lab_parser_finish(p, node);
}

/* Arguments up to the closing sign, which is consumed. */
static void parse_args(struct parser *p, struct node_list *list, uint32_t close)
{
    if (lab_parser_accept_sign(p, close)) {
        return;
    }
    do {
        lab_parser_add(p, list, lab_parse_expr(p));
    } while (!p->panic && lab_parser_accept_sign(p, ','));
    if (!p->panic && !lab_parser_accept_sign(p, close)) {
        lab_parser_expected(p, close == ')' ? "',' or ')'" : "',' or '}'");
    }
}

static lab_node_id parse_parentheses(struct parser *p)
{
    struct lab_span from = p->now.span;
    lab_node_id node = 0;

    lab_parser_advance(p);
    node = lab_parse_expr(p);
    if (!lab_parser_expect_sign(p, ')', NULL) || node == 0) {
        return 0;
    }
    p->s->nodes[node].offset = from.offset;
    p->s->nodes[node].line = from.line;
    p->s->nodes[node].column = from.column;
    return lab_parser_finish(p, node);
}

static lab_node_id parse_primary(struct parser *p)
{
    struct lab_span from = p->now.span;
    struct node_list list = {0, 0};
    lab_node_id node = 0;
    int set = p->in_expect ? set_word(p) : -1;

    if (set >= 0) {
        return parse_set(p, set);
    }
    if (is_number(p) || p->now.kind == LAB_LEX_CHAR) {
        return parse_number(p);
    }
    if (p->now.kind == LAB_LEX_STR) {
        return lab_parse_string(p, "a string");
    }
    if (is_word(p)) {
        enum lab_node_kind kind = p->now.kind == LAB_LEX_KNOB       ? LAB_N_KNOB
                                  : p->now.kind == LAB_LEX_HYPHENED ? LAB_N_WORD
                                                                    : LAB_N_NAME;

        node = lab_parser_node(p, kind, from);
        lab_parser_intern(p, node, p->now.text, p->now.length);
        lab_parser_advance(p);
        return node;
    }
    if (lab_parser_is_sign(p, '(')) {
        return parse_parentheses(p);
    }
    if (lab_parser_accept_sign(p, '{')) {
        node = lab_parser_node(p, LAB_N_BRACES, from);
        parse_args(p, &list, '}');
        p->s->nodes[node].first = list.first;
        return deepen(p, lab_parser_finish(p, node));
    }
    lab_parser_expected(p, "an expression");
    return 0;
}

/* ---- operators ---- */

static lab_node_id parse_field(struct parser *p, struct lab_span from, lab_node_id base)
{
    lab_node_id node = lab_parser_make(p, LAB_N_FIELD, from, base, 0, 0, 0);

    if (p->now.kind == LAB_LEX_INT) {
        p->s->nodes[node].value = p->now.value;
    } else if (p->now.kind == LAB_LEX_NAME) {
        lab_parser_intern(p, node, p->now.text, p->now.length);
    } else {
        lab_parser_expected(p, "a name or a number after '.'");
        return 0;
    }
    lab_parser_advance(p);
    return node;
}

static lab_node_id parse_postfix(struct parser *p)
{
    struct lab_span from = p->now.span;
    lab_node_id node = parse_primary(p);

    while (!p->panic && node != 0) {
        struct node_list list = {node, node};

        if (lab_parser_accept_sign(p, '(')) {
            parse_args(p, &list, ')');
            node = lab_parser_node(p, LAB_N_CALL, from);
            p->s->nodes[node].first = list.first;
        } else if (lab_parser_accept_sign(p, '[')) {
            lab_node_id index = lab_parse_expr(p);

            lab_parser_expect_sign(p, ']', NULL);
            node = lab_parser_make(p, LAB_N_INDEX, from, node, index, 0, 0);
        } else if (lab_parser_accept_sign(p, '.')) {
            node = parse_field(p, from, node);
        } else if (lab_parser_is_sign(p, LAB_SIGN2('+', '+')) ||
                   lab_parser_is_sign(p, LAB_SIGN2('-', '-'))) {
            bool up = lab_parser_is_sign(p, LAB_SIGN2('+', '+'));

            lab_parser_advance(p);
            node = lab_parser_make(p, LAB_N_STEP, from, node, 0, 0, 0);
            p->s->nodes[node].op = up ? LAB_POST_INC : LAB_POST_DEC;
        } else {
            break;
        }
        node = p->panic ? 0 : deepen(p, lab_parser_finish(p, node));
    }
    return p->panic ? 0 : node;
}

static lab_node_id parse_unary(struct parser *p)
{
    static const struct prefix {
        uint32_t sign;
        uint16_t kind, op;
    } prefixes[] = {
        {'!', LAB_N_UNARY, LAB_OP_NOT},
        {'~', LAB_N_UNARY, LAB_OP_COMPL},
        {'-', LAB_N_UNARY, LAB_OP_NEG},
        {LAB_SIGN2('+', '+'), LAB_N_STEP, LAB_PRE_INC},
        {LAB_SIGN2('-', '-'), LAB_N_STEP, LAB_PRE_DEC},
    };
    struct lab_span from = p->now.span;
    lab_node_id node = 0;

    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        if (!lab_parser_accept_sign(p, prefixes[i].sign)) {
            continue;
        }
        node = lab_parser_enter(p) ? parse_unary(p) : 0;
        lab_parser_leave(p);
        if (node == 0) {
            return 0;
        }
        node = lab_parser_make(p, prefixes[i].kind, from, node, 0, 0, 0);
        p->s->nodes[node].op = prefixes[i].op;
        return deepen(p, node);
    }
    return parse_postfix(p);
}

enum {
    LEVEL_ADD = 9 /* of + and - in the table below */
};

/* Level of a binary operator, 1 binds least; 0 if the lexeme is none. */
static unsigned binary_level(const struct parser *p, uint16_t *ret_op)
{
    static const struct binary {
        uint32_t sign;
        uint16_t op;
        uint8_t level;
    } table[] = {
        {LAB_SIGN2('|', '|'), LAB_OP_LOR, 1},
        {LAB_SIGN2('&', '&'), LAB_OP_LAND, 2},
        {'|', LAB_OP_OR, 3},
        {'^', LAB_OP_XOR, 4},
        {'&', LAB_OP_AND, 5},
        {LAB_SIGN2('=', '='), LAB_OP_EQ, 6},
        {LAB_SIGN2('!', '='), LAB_OP_NE, 6},
        {'<', LAB_OP_LT, 7},
        {'>', LAB_OP_GT, 7},
        {LAB_SIGN2('<', '='), LAB_OP_LE, 7},
        {LAB_SIGN2('>', '='), LAB_OP_GE, 7},
        {LAB_SIGN2('<', '<'), LAB_OP_SHL, 8},
        {LAB_SIGN2('>', '>'), LAB_OP_SHR, 8},
        {'+', LAB_OP_ADD, LEVEL_ADD},
        {'-', LAB_OP_SUB, LEVEL_ADD},
        {'*', LAB_OP_MUL, 10},
        {'/', LAB_OP_DIV, 10},
        {'%', LAB_OP_MOD, 10},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (lab_parser_is_sign(p, table[i].sign)) {
            *ret_op = table[i].op;
            return table[i].level;
        }
    }
    return 0;
}

/* Operators of at least `least`, left to right. */
static lab_node_id parse_binary(struct parser *p, unsigned least)
{
    struct lab_span from = p->now.span;
    lab_node_id left = parse_unary(p);

    while (!p->panic && left != 0) {
        uint16_t op = 0;
        unsigned level = binary_level(p, &op);
        lab_node_id right = 0;

        if (level == 0 || level < least) {
            break;
        }
        lab_parser_advance(p);
        right = parse_binary(p, level + 1);
        if (right == 0) {
            return 0;
        }
        left = lab_parser_make(p, LAB_N_BINARY, from, left, right, 0, 0);
        p->s->nodes[left].op = op;
        left = deepen(p, left);
    }
    return p->panic ? 0 : left;
}

lab_node_id lab_parse_additive(struct parser *p)
{
    return parse_binary(p, LEVEL_ADD);
}

static lab_node_id parse_cond(struct parser *p)
{
    struct lab_span from = p->now.span;
    lab_node_id condition = parse_binary(p, 1);
    lab_node_id yes = 0, no = 0;

    if (p->panic || !lab_parser_accept_sign(p, '?')) {
        return condition;
    }
    yes = lab_parse_expr(p);
    if (!lab_parser_expect_sign(p, ':', NULL)) {
        return 0;
    }
    no = lab_parser_enter(p) ? parse_cond(p) : 0;
    lab_parser_leave(p);
    if (p->panic) {
        return 0;
    }
    return deepen(p, lab_parser_make(p, LAB_N_COND, from, condition, yes, no, 0));
}

static bool assign_op(const struct parser *p, uint16_t *ret_op)
{
    static const struct assign {
        uint32_t sign;
        uint16_t op;
    } table[] = {
        {'=', LAB_OP_NONE},
        {LAB_SIGN2('+', '='), LAB_OP_ADD},
        {LAB_SIGN2('-', '='), LAB_OP_SUB},
        {LAB_SIGN2('*', '='), LAB_OP_MUL},
        {LAB_SIGN2('/', '='), LAB_OP_DIV},
        {LAB_SIGN2('%', '='), LAB_OP_MOD},
        {LAB_SIGN2('&', '='), LAB_OP_AND},
        {LAB_SIGN2('|', '='), LAB_OP_OR},
        {LAB_SIGN2('^', '='), LAB_OP_XOR},
        {LAB_SIGN3('<', '<', '='), LAB_OP_SHL},
        {LAB_SIGN3('>', '>', '='), LAB_OP_SHR},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (lab_parser_is_sign(p, table[i].sign)) {
            *ret_op = table[i].op;
            return true;
        }
    }
    return false;
}

lab_node_id lab_parse_expr(struct parser *p)
{
    struct lab_span from = p->now.span;
    lab_node_id left = 0, right = 0;
    uint16_t op = 0;

    left = !p->panic && lab_parser_enter(p) ? parse_cond(p) : 0;
    if (left != 0 && !p->panic && assign_op(p, &op)) {
        lab_parser_advance(p);
        right = lab_parse_expr(p);
        if (right == 0) {
            left = 0;
        } else {
            left = lab_parser_make(p, LAB_N_ASSIGN, from, left, right, 0, 0);
            p->s->nodes[left].op = op;
            left = deepen(p, left);
        }
    }
    lab_parser_leave(p);
    return p->panic ? 0 : left;
}
