/*
 * lab/core/parse_internal.h - what the files of the parser share.
 *
 * A function that parses something returns its node, or 0 after an error. An error sets
 * `panic`, which silences further ones until lab_parser_sync() has found the next `;` or `}`.
 * `escape` means: a brace is not closed, leave all blocks.
 */
#ifndef LAB_CORE_PARSE_INTERNAL_H
#define LAB_CORE_PARSE_INTERNAL_H

#include "lab/core/ast.h"
#include "lab/core/diag.h"
#include "lab/core/lex.h"

struct parser {
    struct lab_scenario *s;
    struct lab_diags *diags;
    struct lab_lexer lexer;
    struct lab_lexeme now;
    struct lab_span last;  /* of the lexeme before `now` */
    struct lab_span brace; /* the innermost open `{` */
    uint32_t node_size;
    unsigned depth;
    bool panic;
    bool escape;
    bool in_expect;  /* `lost`, `read` … are predicates */
    bool in_for;     /* in the parentheses of for: `;` is no end there */
    bool broken_end; /* the file ends in a comment: its end surprises nobody */
};

struct node_list {
    lab_node_id first;
    lab_node_id last;
};

/* ---- lexemes ---- */
void lab_parser_advance(struct parser *p);
struct lab_lexeme lab_parser_peek(const struct parser *p); /* the one after `now` */
bool lab_parser_is_sign(const struct parser *p, uint32_t sign);
bool lab_parser_is_word(const struct parser *p, const char *word);
bool lab_parser_accept_sign(struct parser *p, uint32_t sign);
bool lab_parser_accept_word(struct parser *p, const char *word);
/* Consumes a sign; otherwise reports "expected 'x' WHERE, found …" and panics. */
bool lab_parser_expect_sign(struct parser *p, uint32_t sign, const char *where);
/* The `;` at the end of a statement; a missing one at the end of a line is only reported. */
void lab_parser_expect_semicolon(struct parser *p, const char *after);
lab_name_id lab_parser_expect_name(struct parser *p, const char *what);

/* ---- errors ---- */
/* Reports "expected WHAT, found …" at the current lexeme and panics. Null if it said nothing.
 */
struct lab_diag *lab_parser_expected(struct parser *p, const char *what);
void lab_parser_sync(struct parser *p);
/* Counts a nesting; false after reporting that it is too deep. Always pair with leave. */
bool lab_parser_enter(struct parser *p);
void lab_parser_leave(struct parser *p);
/* Whether the current lexeme begins a declaration although a `}` is missing before it. */
bool lab_parser_is_declaration(const struct parser *p);
/* Whether a list in braces ends here; `opening` is its brace. Consumes the `}`, or reports that
 * it is missing and escapes. */
bool lab_parser_list_ends(struct parser *p, struct lab_span opening);

/* ---- nodes ---- */
lab_node_id lab_parser_node(struct parser *p, enum lab_node_kind kind, struct lab_span from);
/* Ends the node's span at the last lexeme consumed. */
lab_node_id lab_parser_finish(struct parser *p, lab_node_id node);
void lab_parser_add(struct parser *p, struct node_list *list, lab_node_id child);
/* A node whose children are given, 0s left out; spans from `from` to the last lexeme. */
lab_node_id lab_parser_make(struct parser *p, enum lab_node_kind kind, struct lab_span from,
                            lab_node_id a, lab_node_id b, lab_node_id c, lab_node_id d);
lab_node_id lab_parser_none(struct parser *p); /* an absent child */
lab_node_id lab_parser_intern(struct parser *p, lab_node_id node, const char *text,
                              uint32_t length);

/* ---- grammar ---- */
lab_node_id lab_parse_expr(struct parser *p);
lab_node_id lab_parse_additive(struct parser *p);
lab_node_id lab_parse_name(struct parser *p, const char *what); /* a NAME node */
lab_node_id lab_parse_names(struct parser *p, const char *what);
lab_node_id lab_parse_word(struct parser *p, const char *what);
lab_node_id lab_parse_value(struct parser *p);
lab_node_id lab_parse_string(struct parser *p, const char *what);
lab_node_id lab_parse_block(struct parser *p, const char *where);
lab_node_id lab_parse_task(struct parser *p);
lab_node_id lab_parse_process(struct parser *p);
lab_node_id lab_parse_loop(struct parser *p);
lab_node_id lab_parse_driver(struct parser *p);
lab_node_id lab_parse_world(struct parser *p);
lab_node_id lab_parse_options(struct parser *p, struct node_list *list);

#endif
