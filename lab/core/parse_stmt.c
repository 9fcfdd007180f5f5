/*
 * lab/core/parse_stmt.c - statements of driver blocks, tasks and loops.
 *
 * Source: docs/language.md, "Grammar". Which statement may stand where is the business of the
 * checks, so that a misplaced `break` is named and not merely unexpected.
 */
#include "lab/core/parse_internal.h"
#include "lab/core/scenario.h"

static lab_node_id parse_stmt(struct parser *p);

/* A nested statement; one level deeper. */
static lab_node_id parse_nested(struct parser *p)
{
    lab_node_id node = !p->panic && lab_parser_enter(p) ? parse_stmt(p) : 0;

    lab_parser_leave(p);
    return node;
}

lab_node_id lab_parse_block(struct parser *p, const char *where)
{
    struct lab_span opening = p->now.span;
    struct node_list list = {0, 0};
    lab_node_id node = 0;

    if (!lab_parser_expect_sign(p, '{', where)) {
        return 0;
    }
    node = lab_parser_node(p, LAB_N_BLOCK, opening);
    while (!lab_parser_list_ends(p, opening)) {
        uint32_t before = p->now.span.offset;

        lab_parser_add(p, &list, parse_nested(p));
        if (p->panic && !p->escape) {
            lab_parser_sync(p);
            if (p->now.span.offset == before && !lab_parser_is_sign(p, '}') &&
                !lab_parser_is_declaration(p)) {
                lab_parser_advance(p);
            }
        }
    }
    p->s->nodes[node].first = list.first;
    return lab_parser_finish(p, node);
}

/* "(" expr ")" */
static lab_node_id parse_condition(struct parser *p, const char *where)
{
    lab_node_id node = 0;

    if (!lab_parser_expect_sign(p, '(', where)) {
        return 0;
    }
    node = lab_parse_expr(p);
    lab_parser_expect_sign(p, ')', NULL);
    return node;
}

static lab_node_id parse_if(struct parser *p, struct lab_span from)
{
    lab_node_id condition = parse_condition(p, "if (condition) statement");
    lab_node_id yes = parse_nested(p), no = 0;

    if (!p->panic && !p->escape && lab_parser_accept_word(p, "else")) {
        no = parse_nested(p);
    }
    return lab_parser_make(p, LAB_N_IF, from, condition, yes, no, 0);
}

static lab_node_id parse_while(struct parser *p, struct lab_span from)
{
    lab_node_id condition = parse_condition(p, "while (condition) statement");
    lab_node_id body = parse_nested(p);

    return lab_parser_make(p, LAB_N_WHILE, from, condition, body, 0, 0);
}

static lab_node_id parse_do(struct parser *p, struct lab_span from)
{
    lab_node_id body = parse_nested(p), condition = 0;

    if (!p->panic && !p->escape && !lab_parser_accept_word(p, "while")) {
        lab_parser_expected(p, "'while' after the body of 'do'");
    }
    condition =
        p->panic || p->escape ? 0 : parse_condition(p, "do statement while (condition);");
    if (!p->escape) {
        lab_parser_expect_semicolon(p, "'do … while (…)'");
    }
    return lab_parser_make(p, LAB_N_DO, from, body, condition, 0, 0);
}

/* One of the three parts of a for; they end at `end`. */
static lab_node_id parse_for_part(struct parser *p, uint32_t end, const char *where)
{
    lab_node_id node = 0;

    if (p->panic) {
        return 0;
    }
    node = lab_parser_is_sign(p, end) ? lab_parser_none(p) : lab_parse_expr(p);
    lab_parser_expect_sign(p, end, where);
    return node;
}

static lab_node_id parse_for(struct parser *p, struct lab_span from)
{
    static const char form[] = "for (start; condition; step) statement";
    lab_node_id start = 0, condition = 0, step = 0, body = 0;

    if (!lab_parser_expect_sign(p, '(', form)) {
        return 0;
    }
    p->in_for = true;
    start = parse_for_part(p, ';', form);
    condition = parse_for_part(p, ';', form);
    step = parse_for_part(p, ')', form);
    if (p->panic) {
        return 0; /* in_for stays set: lab_parser_sync() has to leave the parentheses */
    }
    p->in_for = false;
    body = parse_nested(p);
    return lab_parser_make(p, LAB_N_FOR, from, start, condition, step, body);
}

static lab_node_id parse_foreach(struct parser *p, struct lab_span from)
{
    static const char form[] = "foreach (key, value in call(...)) statement";
    lab_node_id key = 0, value = 0, call = 0, body = 0;

    if (!lab_parser_expect_sign(p, '(', form)) {
        return 0;
    }
    key = lab_parse_name(p, "a variable");
    lab_parser_expect_sign(p, ',', form);
    value = lab_parse_name(p, "a variable");
    if (!p->panic && !lab_parser_accept_word(p, "in")) {
        struct lab_diag *diag = lab_parser_expected(p, "'in'");

        if (diag != NULL) {
            lab_note(diag, "%s", form);
        }
    }
    call = lab_parse_expr(p);
    lab_parser_expect_sign(p, ')', form);
    body = parse_nested(p);
    return lab_parser_make(p, LAB_N_FOREACH, from, key, value, call, body);
}

static lab_node_id parse_jump(struct parser *p, struct lab_span from, enum lab_node_kind kind,
                              const char *what)
{
    lab_node_id node = lab_parser_node(p, kind, from);

    lab_parser_expect_semicolon(p, what);
    return node;
}

static lab_node_id parse_return(struct parser *p, struct lab_span from)
{
    lab_node_id value = lab_parser_is_sign(p, ';') ? 0 : lab_parse_expr(p);
    lab_node_id node = lab_parser_make(p, LAB_N_RETURN, from, value, 0, 0, 0);

    lab_parser_expect_semicolon(p, "'return'");
    return node;
}

/* ---- loops ---- */

static lab_node_id parse_on(struct parser *p, struct lab_span from)
{
    static const char form[] = "on (descriptor, EVENTS) { ... }";
    lab_node_id fd = 0, events = 0, body = 0;

    lab_parser_expect_sign(p, '(', form);
    fd = lab_parse_expr(p);
    lab_parser_expect_sign(p, ',', form);
    events = lab_parse_expr(p);
    lab_parser_expect_sign(p, ')', form);
    body = lab_parse_block(p, form);
    return lab_parser_make(p, LAB_N_ON, from, fd, events, body, 0);
}

static lab_node_id parse_off(struct parser *p, struct lab_span from)
{
    lab_node_id fd = parse_condition(p, "off (descriptor);");
    lab_node_id node = lab_parser_make(p, LAB_N_OFF, from, fd, 0, 0, 0);

    lab_parser_expect_semicolon(p, "'off (…)'");
    return node;
}

static lab_node_id parse_timer(struct parser *p, struct lab_span from)
{
    static const char form[] = "timer (T, repeat T) { ... }";
    lab_node_id first = 0, again = 0, body = 0;

    lab_parser_expect_sign(p, '(', form);
    first = lab_parse_expr(p);
    if (!p->panic && lab_parser_accept_sign(p, ',')) {
        if (!lab_parser_accept_word(p, "repeat")) {
            lab_parser_expected(p, "'repeat'");
        }
        again = lab_parse_expr(p);
    } else if (!p->panic) {
        again = lab_parser_none(p);
    }
    lab_parser_expect_sign(p, ')', form);
    body = lab_parse_block(p, form);
    return lab_parser_make(p, LAB_N_TIMER, from, first, again, body, 0);
}

static lab_node_id parse_async(struct parser *p, struct lab_span from)
{
    lab_name_id name = lab_parser_expect_name(p, "a name for this async callback");
    lab_node_id body = lab_parse_block(p, "async NAME { ... }");
    lab_node_id node = lab_parser_make(p, LAB_N_ASYNC, from, body, 0, 0, 0);

    p->s->nodes[node].name = name;
    return node;
}

static lab_node_id parse_start(struct parser *p, struct lab_span from)
{
    lab_node_id body = lab_parse_block(p, NULL);

    return lab_parser_make(p, LAB_N_START, from, body, 0, 0, 0);
}

/* ---- one statement ---- */

enum follow {
    FOLLOW_ANY,
    FOLLOW_PAREN, /* a word only before "(": variables may have the name */
    FOLLOW_BRACE,
    FOLLOW_NAME
};

enum keyword {
    WORD_NONE,
    WORD_IF,
    WORD_WHILE,
    WORD_DO,
    WORD_FOR,
    WORD_FOREACH,
    WORD_BREAK,
    WORD_CONTINUE,
    WORD_RETURN,
    WORD_ELSE,
    WORD_ON,
    WORD_OFF,
    WORD_TIMER,
    WORD_ASYNC,
    WORD_START
};

static bool follows(const struct parser *p, enum follow follow)
{
    struct lab_lexeme next;

    if (follow == FOLLOW_ANY) {
        return true;
    }
    next = lab_parser_peek(p);
    if (follow == FOLLOW_NAME) {
        return next.kind == LAB_LEX_NAME;
    }
    return next.kind == LAB_LEX_SIGN && next.sign == (follow == FOLLOW_PAREN ? '(' : '{');
}

static enum keyword keyword(const struct parser *p)
{
    static const struct row {
        const char *word;
        uint8_t keyword, follow;
    } table[] = {
        {"if", WORD_IF, FOLLOW_ANY},
        {"while", WORD_WHILE, FOLLOW_ANY},
        {"do", WORD_DO, FOLLOW_ANY},
        {"for", WORD_FOR, FOLLOW_ANY},
        {"foreach", WORD_FOREACH, FOLLOW_ANY},
        {"break", WORD_BREAK, FOLLOW_ANY},
        {"continue", WORD_CONTINUE, FOLLOW_ANY},
        {"return", WORD_RETURN, FOLLOW_ANY},
        {"else", WORD_ELSE, FOLLOW_ANY},
        {"on", WORD_ON, FOLLOW_PAREN},
        {"off", WORD_OFF, FOLLOW_PAREN},
        {"timer", WORD_TIMER, FOLLOW_PAREN},
        {"async", WORD_ASYNC, FOLLOW_NAME},
        {"start", WORD_START, FOLLOW_BRACE},
    };

    if (p->now.kind != LAB_LEX_NAME) {
        return WORD_NONE;
    }
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (lab_parser_is_word(p, table[i].word)) {
            return follows(p, table[i].follow) ? table[i].keyword : WORD_NONE;
        }
    }
    return WORD_NONE;
}

static lab_node_id parse_keyword(struct parser *p, enum keyword word, struct lab_span from)
{
    switch (word) {
    case WORD_IF:
        return parse_if(p, from);
    case WORD_WHILE:
        return parse_while(p, from);
    case WORD_DO:
        return parse_do(p, from);
    case WORD_FOR:
        return parse_for(p, from);
    case WORD_FOREACH:
        return parse_foreach(p, from);
    case WORD_BREAK:
        return parse_jump(p, from, LAB_N_BREAK, "'break'");
    case WORD_CONTINUE:
        return parse_jump(p, from, LAB_N_CONTINUE, "'continue'");
    case WORD_RETURN:
        return parse_return(p, from);
    case WORD_ON:
        return parse_on(p, from);
    case WORD_OFF:
        return parse_off(p, from);
    case WORD_TIMER:
        return parse_timer(p, from);
    case WORD_ASYNC:
        return parse_async(p, from);
    case WORD_START:
        return parse_start(p, from);
    default:
        lab_report(p->diags, from, "'else' without 'if'");
        p->panic = true;
        return 0;
    }
}

/* Reports a statement keyword with a slip in it: whlie (…). */
static bool is_misspelt(struct parser *p, lab_node_id callee)
{
    static const char *const words[] = {"if", "while", "for", "foreach"};
    struct lab_near near = {NULL, 0};
    const struct lab_node *node = &p->s->nodes[callee];
    struct lab_diag *diag = NULL;

    if (node->kind != LAB_N_CALL || !lab_parser_is_sign(p, '{')) {
        return false;
    }
    node = &p->s->nodes[node->first];
    if (node->kind != LAB_N_NAME) {
        return false;
    }
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        lab_near_try(&near, p->s->text + node->offset, node->length, words[i]);
    }
    if (near.name == NULL) {
        return false;
    }
    diag = lab_report(p->diags, lab_span_of(p->s, p->s->nodes[callee].first),
                      "unknown statement '%s'", lab_name(p->s, node->name));
    lab_near_hint(diag, &near);
    p->panic = true;
    return true;
}

static lab_node_id parse_stmt(struct parser *p)
{
    struct lab_span from = p->now.span;
    enum keyword word = keyword(p);
    lab_node_id node = 0;

    if (lab_parser_is_sign(p, '{')) {
        return lab_parse_block(p, NULL);
    }
    if (lab_parser_accept_sign(p, ';')) {
        return lab_parser_node(p, LAB_N_EMPTY, from);
    }
    if (word != WORD_NONE) {
        lab_parser_advance(p);
        node = parse_keyword(p, word, from);
        return p->panic ? 0 : node;
    }
    node = lab_parse_expr(p);
    if (p->panic || is_misspelt(p, node)) {
        return 0;
    }
    node = lab_parser_make(p, LAB_N_EXPR, from, node, 0, 0, 0);
    lab_parser_expect_semicolon(p, "this statement");
    return node;
}
