/*
 * lab/core/lex.h - from bytes to words, numbers, strings and punctuation.
 *
 * Source: docs/language.md, "Grammar". Works on demand and keeps no list: a copy of the lexer
 * is a look-ahead. Any bytes are fine as input; what is wrong is reported once, where it
 * stands.
 */
#ifndef LAB_CORE_LEX_H
#define LAB_CORE_LEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lab/core/diag.h"

enum lab_lexeme_kind {
    LAB_LEX_END, /* of the file */
    LAB_LEX_BAD, /* reported already */
    LAB_LEX_NAME,
    LAB_LEX_HYPHENED, /* virt-gicv3 … */
    LAB_LEX_KNOB,     /* $name; the text is without $ */
    LAB_LEX_INT,
    LAB_LEX_TIME, /* value in nanoseconds */
    LAB_LEX_CHAR,
    LAB_LEX_STR, /* text: raw bytes between the quotes, see lab_lex_unescape() */
    LAB_LEX_SIGN /* punctuation: `sign` says which */
};

/* A sign is its characters as a number, the first one lowest: ';', LAB_SIGN2('+', '=') … */
#define LAB_SIGN2(a, b)    ((uint32_t)(a) | (uint32_t)(b) << 8)
#define LAB_SIGN3(a, b, c) (LAB_SIGN2(a, b) | (uint32_t)(c) << 16)

struct lab_lexeme {
    uint8_t kind; /* enum lab_lexeme_kind */
    struct lab_span span;
    const char *text;
    uint32_t length;
    uint32_t sign;
    int64_t value;
};

struct lab_lexer {
    const char *text;
    uint32_t length;
    uint32_t offset; /* of the next byte */
    uint32_t line;
    uint32_t line_start;     /* offset of the line's first byte */
    struct lab_diags *diags; /* null: say nothing */
};

/* Begins at the start of `text`; a byte order mark is skipped. */
void lab_lex_init(struct lab_lexer *lexer, const char *text, uint32_t length,
                  struct lab_diags *diags);

/* The next lexeme; at the end of the file LAB_LEX_END for ever. */
struct lab_lexeme lab_lex_next(struct lab_lexer *lexer);

/* Decodes the raw bytes of a STR lexeme that had no error; `to` has room for as many bytes as
 * the raw text. Returns the decoded length. */
uint32_t lab_lex_unescape(char *to, const char *raw, uint32_t length);

#endif
