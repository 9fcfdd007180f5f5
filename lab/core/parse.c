/*
 * lab/core/parse.c - the parser's machinery: lexemes, errors, nodes, names, memory.
 *
 * Source: docs/language.md, "Grammar". The grammar itself is in parse_decl.c (declarations),
 * parse_stmt.c (code) and lab_parse_expr.c.
 */
#include "lab/core/parse_internal.h"

#include "lab/core/scenario.h"
#include "lab/core/text.h"

/* ---- lexemes ---- */

void lab_parser_advance(struct parser *p)
{
    p->last = p->now.span;
    p->now = lab_lex_next(&p->lexer);
    if (p->now.kind == LAB_LEX_BAD && p->lexer.offset >= p->lexer.length) {
        p->broken_end = true;
    }
}

struct lab_lexeme lab_parser_peek(const struct parser *p)
{
    struct lab_lexer copy = p->lexer;

    copy.diags = NULL;
    return lab_lex_next(&copy);
}

bool lab_parser_is_sign(const struct parser *p, uint32_t sign)
{
    return p->now.kind == LAB_LEX_SIGN && p->now.sign == sign;
}

bool lab_parser_is_word(const struct parser *p, const char *word)
{
    return p->now.kind == LAB_LEX_NAME && lab_text_is(word, p->now.text, p->now.length);
}

bool lab_parser_accept_sign(struct parser *p, uint32_t sign)
{
    if (!lab_parser_is_sign(p, sign)) {
        return false;
    }
    lab_parser_advance(p);
    return true;
}

bool lab_parser_accept_word(struct parser *p, const char *word)
{
    if (!lab_parser_is_word(p, word)) {
        return false;
    }
    lab_parser_advance(p);
    return true;
}

static const char *sign_text(uint32_t sign)
{
    switch (sign) {
    case '{':
        return "'{'";
    case '}':
        return "'}'";
    case '(':
        return "'('";
    case ')':
        return "')'";
    case ']':
        return "']'";
    case ':':
        return "':'";
    case ',':
        return "','";
    case '=':
        return "'='";
    case '.':
        return "'.'";
    default:
        return "';'";
    }
}

bool lab_parser_expect_sign(struct parser *p, uint32_t sign, const char *where)
{
    struct lab_diag *diag = NULL;

    if (p->panic || lab_parser_accept_sign(p, sign)) {
        return !p->panic;
    }
    diag = lab_parser_expected(p, sign_text(sign));
    if (diag != NULL && where != NULL) {
        lab_note(diag, "%s", where);
    }
    return false;
}

void lab_parser_expect_semicolon(struct parser *p, const char *after)
{
    struct lab_span end = p->last;

    if (p->panic || lab_parser_accept_sign(p, ';')) {
        return;
    }
    if (p->now.kind == LAB_LEX_BAD) {
        p->panic = true;
        return;
    }
    end.offset += end.length;
    end.column += end.length;
    end.length = 0;
    lab_report(p->diags, end, "expected ';' after %s", after);
    p->panic = p->now.span.line == p->last.line && !lab_parser_is_sign(p, '}');
}

lab_name_id lab_parser_expect_name(struct parser *p, const char *what)
{
    lab_name_id name = 0;

    if (p->panic) {
        return 0;
    }
    if (p->now.kind != LAB_LEX_NAME) {
        lab_parser_expected(p, what);
        return 0;
    }
    name = lab_intern(p->s, p->now.text, p->now.length);
    lab_parser_advance(p);
    return name;
}

/* ---- errors ---- */

struct lab_diag *lab_parser_expected(struct parser *p, const char *what)
{
    bool silent =
        p->panic || p->now.kind == LAB_LEX_BAD || (p->now.kind == LAB_LEX_END && p->broken_end);

    p->panic = true;
    if (silent) {
        return NULL;
    }
    if (p->now.kind == LAB_LEX_END) {
        return lab_report(p->diags, p->now.span, "expected %s, found the end of the file",
                          what);
    }
    return lab_report(p->diags, p->now.span, "expected %s, found '%t'", what,
                      p->s->text + p->now.span.offset,
                      (size_t)(p->now.span.length > 40 ? 40 : p->now.span.length));
}

/* Out of the parentheses of a `for`, whose semicolons end nothing. */
static void leave_for(struct parser *p)
{
    unsigned open = 1;

    while (p->now.kind != LAB_LEX_END && !lab_parser_is_sign(p, '{') &&
           !lab_parser_is_sign(p, '}')) {
        bool closes = lab_parser_is_sign(p, ')');

        open += lab_parser_is_sign(p, '(');
        open -= closes;
        lab_parser_advance(p);
        if (open == 0) {
            return;
        }
    }
}

void lab_parser_sync(struct parser *p)
{
    unsigned braces = 0;

    if (p->in_for) {
        leave_for(p);
    }
    p->in_for = false;
    p->panic = false;
    while (p->now.kind != LAB_LEX_END) {
        if (lab_parser_is_sign(p, '{')) {
            braces++;
        } else if (lab_parser_is_sign(p, '}')) {
            if (braces == 0) {
                return;
            }
            braces--;
        } else if (braces == 0 && lab_parser_is_declaration(p)) {
            return;
        }
        if (braces == 0 && (lab_parser_is_sign(p, ';') || lab_parser_is_sign(p, '}'))) {
            lab_parser_advance(p);
            return;
        }
        lab_parser_advance(p);
    }
}

bool lab_parser_enter(struct parser *p)
{
    p->depth++;
    if (p->depth <= LAB_DEPTH_MAX) {
        return true;
    }
    if (!p->panic) {
        lab_report(p->diags, p->now.span, "this is nested too deeply (at most %i levels)",
                   (int64_t)LAB_DEPTH_MAX);
    }
    p->panic = true;
    return false;
}

void lab_parser_leave(struct parser *p)
{
    p->depth--;
}

bool lab_parser_is_declaration(const struct parser *p)
{
    static const char *const with_name[] = {"vary", "machine", "device", "file",  "driver",
                                            "task", "process", "loop",   "world", "expect"};
    static const char *const with_text[] = {"title", "about", "question", "answer"};
    struct lab_lexeme next;

    if (p->now.kind != LAB_LEX_NAME) {
        return false;
    }
    next = lab_parser_peek(p);
    for (size_t i = 0; i < sizeof with_name / sizeof with_name[0]; i++) {
        if (lab_parser_is_word(p, with_name[i])) {
            return next.kind == LAB_LEX_NAME || next.kind == LAB_LEX_HYPHENED ||
                   (next.kind == LAB_LEX_SIGN && next.sign == '{' &&
                    lab_parser_is_word(p, "world"));
        }
    }
    for (size_t i = 0; i < sizeof with_text / sizeof with_text[0]; i++) {
        if (lab_parser_is_word(p, with_text[i])) {
            return next.kind == LAB_LEX_STR;
        }
    }
    return false;
}

bool lab_parser_list_ends(struct parser *p, struct lab_span opening)
{
    struct lab_diag *diag = NULL;

    if (p->escape || lab_parser_accept_sign(p, '}')) {
        return true;
    }
    if (p->now.kind != LAB_LEX_END && !lab_parser_is_declaration(p)) {
        return false;
    }
    diag = lab_parser_expected(p, "'}'");
    if (diag != NULL) {
        lab_also(diag, opening, "this '{' is not closed");
    }
    p->panic = false;
    p->escape = true;
    return true;
}

/* ---- nodes ---- */

lab_node_id lab_parser_node(struct parser *p, enum lab_node_kind kind, struct lab_span from)
{
    struct lab_scenario *s = p->s;
    struct lab_node *node = NULL;

    if (s->node_count == p->node_size) {
        if (p->lexer.offset < p->lexer.length || !p->escape) {
            lab_report(p->diags, from, "the scenario is too large for the memory it was given");
        }
        p->lexer.offset = p->lexer.length; /* nothing that follows can be kept */
        p->now.kind = LAB_LEX_END;
        p->panic = true;
        p->escape = true;
        p->broken_end = true;
        return 0;
    }
    node = &s->nodes[s->node_count];
    memset(node, 0, sizeof *node);
    node->kind = (uint16_t)kind;
    node->offset = from.offset;
    node->line = from.line;
    node->column = from.column;
    node->length = from.length;
    return s->node_count++;
}

lab_node_id lab_parser_finish(struct parser *p, lab_node_id node)
{
    uint32_t end = p->last.offset + p->last.length;

    if (node != 0 && end > p->s->nodes[node].offset) {
        p->s->nodes[node].length = end - p->s->nodes[node].offset;
    }
    return node;
}

void lab_parser_add(struct parser *p, struct node_list *list, lab_node_id child)
{
    if (child == 0) {
        return;
    }
    if (list->first == 0) {
        list->first = child;
    } else {
        p->s->nodes[list->last].next = child;
    }
    list->last = child;
}

lab_node_id lab_parser_make(struct parser *p, enum lab_node_kind kind, struct lab_span from,
                            lab_node_id a, lab_node_id b, lab_node_id c, lab_node_id d)
{
    struct node_list list = {0, 0};
    lab_node_id node = lab_parser_node(p, kind, from);

    lab_parser_add(p, &list, a);
    lab_parser_add(p, &list, b);
    lab_parser_add(p, &list, c);
    lab_parser_add(p, &list, d);
    p->s->nodes[node].first = list.first;
    return lab_parser_finish(p, node);
}

lab_node_id lab_parser_none(struct parser *p)
{
    return lab_parser_node(p, LAB_N_NONE, p->now.span);
}

lab_node_id lab_parser_intern(struct parser *p, lab_node_id node, const char *text,
                              uint32_t length)
{
    lab_name_id name = lab_intern(p->s, text, length);

    if (name == 0 && node != 0) {
        lab_report(p->diags, lab_span_of(p->s, node),
                   "the scenario is too large for the memory it was given");
        p->panic = true;
        return 0;
    }
    p->s->nodes[node].name = name;
    return node;
}
