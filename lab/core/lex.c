/*
 * lab/core/lex.c - the lexer.
 *
 * Source: docs/language.md, "Grammar".
 */
#include "lab/core/lex.h"

#include "lab/core/ast.h"
#include "lab/core/text.h"
#include "lab/core/utf8.h"

static const char *const hyphened[] = {
    "virt-gicv3", "vexpress-a9", "mps2-an385",  "pc-ioapic", "riscv-virt",
    "riscv-aia",  "cmsdk-uart",  "cmsdk-timer", "epoll-et",  "epoll-oneshot",
};

static const char *const signs[] = {
    "<<=", ">>=", "..", "++", "--", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<", ">>",
    "<=",  ">=",  "==", "!=", "&&", "||", "{",  "}",  "(",  ")",  "[",  "]",  ";",  ",",  ".",
    ":",   "?",   "=",  "+",  "-",  "*",  "/",  "%",  "&",  "|",  "^",  "!",  "~",  "<",  ">",
};

static char at(const struct lab_lexer *lx, uint32_t offset)
{
    return offset < lx->length ? lx->text[offset] : '\0';
}

static bool is_word(char c)
{
    return lab_char_is_letter(c) || lab_char_is_digit(c);
}

static struct lab_span span_at(const struct lab_lexer *lx, uint32_t offset, uint32_t length)
{
    struct lab_span span = {offset, lx->line, offset - lx->line_start + 1, length};

    return span;
}

/* Reports once; gives the record to add to, or null when nothing is to be said. */
static struct lab_diag *complain(struct lab_lexer *lx, struct lab_lexeme *lexeme,
                                 struct lab_span span, const char *message)
{
    lexeme->kind = LAB_LEX_BAD;
    return lx->diags == NULL ? NULL : lab_report(lx->diags, span, "%s", message);
}

void lab_lex_init(struct lab_lexer *lexer, const char *text, uint32_t length,
                  struct lab_diags *diags)
{
    struct lab_lexer start = {text, length, 0, 1, 0, diags};

    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        start.offset = 3;
        start.line_start = 3;
    }
    *lexer = start;
}

static void new_line(struct lab_lexer *lx)
{
    lx->line++;
    lx->line_start = lx->offset;
}

/* Skips a block comment; false if it never ends. */
static bool skip_comment(struct lab_lexer *lx)
{
    lx->offset += 2;
    while (lx->offset < lx->length) {
        char c = lx->text[lx->offset++];

        if (c == '*' && at(lx, lx->offset) == '/') {
            lx->offset++;
            return true;
        }
        if (c == '\n') {
            new_line(lx);
        }
    }
    return false;
}

/* Skips white space and comments; false at a comment that never ends, already reported. */
static bool skip_blanks(struct lab_lexer *lx, struct lab_lexeme *ret_bad)
{
    while (lx->offset < lx->length) {
        char c = lx->text[lx->offset];

        if (c == '\n') {
            lx->offset++;
            new_line(lx);
        } else if (c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v') {
            lx->offset++;
        } else if (c == '/' && at(lx, lx->offset + 1) == '/') {
            while (lx->offset < lx->length && lx->text[lx->offset] != '\n') {
                lx->offset++;
            }
        } else if (c == '/' && at(lx, lx->offset + 1) == '*') {
            struct lab_span opening = span_at(lx, lx->offset, 2);

            if (!skip_comment(lx)) {
                ret_bad->span = opening;
                complain(lx, ret_bad, opening, "this comment never ends");
                return false;
            }
        } else {
            return true;
        }
    }
    return true;
}

static void lex_word(struct lab_lexer *lx, struct lab_lexeme *lexeme)
{
    uint32_t start = lx->offset;

    lexeme->kind = LAB_LEX_NAME;
    for (size_t i = 0; i < sizeof hyphened / sizeof hyphened[0]; i++) {
        uint32_t size = (uint32_t)lab_text_length(hyphened[i]);

        if (size <= lx->length - start && memcmp(lx->text + start, hyphened[i], size) == 0 &&
            !is_word(at(lx, start + size))) {
            lexeme->kind = LAB_LEX_HYPHENED;
            lx->offset += size;
            break;
        }
    }
    while (lexeme->kind == LAB_LEX_NAME && is_word(at(lx, lx->offset))) {
        lx->offset++;
    }
    lexeme->text = lx->text + start;
    lexeme->length = lx->offset - start;
    if (lexeme->length > LAB_NAME_MAX) {
        complain(lx, lexeme, span_at(lx, start, lexeme->length),
                 "this name is too long (at most 63 letters)");
    }
}

/* The digits of a number; false if it does not fit. */
static bool lex_digits(struct lab_lexer *lx, unsigned base, uint64_t *ret_value)
{
    uint64_t value = 0;
    bool fits = true;

    for (;; lx->offset++) {
        int digit = lab_char_hex(at(lx, lx->offset));

        if (digit < 0 || (unsigned)digit >= base) {
            break;
        }
        fits = fits && value <= ((uint64_t)INT64_MAX - (unsigned)digit) / base;
        value = fits ? value * base + (unsigned)digit : value;
    }
    *ret_value = value;
    return fits;
}

/* The unit behind a number, in nanoseconds; 0 if it is none. */
static uint64_t unit(const char *text, uint32_t length)
{
    return lab_text_is("ns", text, length)   ? 1
           : lab_text_is("us", text, length) ? 1000
           : lab_text_is("ms", text, length) ? 1000000
           : lab_text_is("s", text, length)  ? 1000000000
                                             : 0;
}

static void lex_unit(struct lab_lexer *lx, struct lab_lexeme *lexeme, uint32_t start,
                     uint64_t value)
{
    uint32_t letters = lx->offset;
    uint64_t ns = 0;

    while (is_word(at(lx, lx->offset))) {
        lx->offset++;
    }
    ns = unit(lx->text + letters, lx->offset - letters);
    lexeme->kind = LAB_LEX_TIME;
    if (ns == 0) {
        struct lab_diag *diag = complain(lx, lexeme, span_at(lx, letters, lx->offset - letters),
                                         "this is no unit of time");

        if (diag != NULL) {
            lab_note(diag, "one of: ns, us, ms, s");
        }
    } else if (value > (uint64_t)INT64_MAX / ns) {
        complain(lx, lexeme, span_at(lx, start, lx->offset - start), "this time is too long");
    } else {
        lexeme->value = (int64_t)(value * ns);
    }
}

static void lex_number(struct lab_lexer *lx, struct lab_lexeme *lexeme)
{
    uint32_t start = lx->offset;
    bool hex = at(lx, start) == '0' && lab_char_lower(at(lx, start + 1)) == 'x';
    uint64_t value = 0;
    bool fits = false;
    struct lab_diag *diag = NULL;

    lexeme->kind = LAB_LEX_INT;
    lx->offset += hex ? 2 : 0;
    fits = lex_digits(lx, hex ? 16 : 10, &value);
    lexeme->value = (int64_t)value;
    if (hex && lx->offset == start + 2) {
        complain(lx, lexeme, span_at(lx, start, 2), "a digit is missing after 0x");
    } else if (!fits) {
        diag = complain(lx, lexeme, span_at(lx, start, lx->offset - start), "number too large");
        if (diag != NULL) {
            lab_note(diag, "the largest is 9223372036854775807");
        }
    } else if (!hex && at(lx, start) == '0' && lx->offset > start + 1) {
        diag = complain(lx, lexeme, span_at(lx, start, lx->offset - start),
                        "a number does not begin with 0");
        if (diag != NULL) {
            lab_note(diag, "there are no octal numbers: write 8 or 0x8");
        }
    }
    if (!is_word(at(lx, lx->offset))) {
        return;
    }
    if (lexeme->kind == LAB_LEX_BAD || hex) {
        while (is_word(at(lx, lx->offset))) {
            lx->offset++;
        }
        if (lexeme->kind != LAB_LEX_BAD) {
            complain(lx, lexeme, span_at(lx, start, lx->offset - start),
                     "this is no hexadecimal number");
        }
        return;
    }
    lex_unit(lx, lexeme, start, value);
}

static bool is_escape(char c)
{
    return c != '\0' && lab_text_has("nt0\\\"'x", c);
}

/* Goes to the closing quote and checks the escapes on the way. The text is then the raw bytes
 * between the quotes. */
static void lex_quoted(struct lab_lexer *lx, struct lab_lexeme *lexeme, char quote)
{
    uint32_t start = lx->offset++;

    while (lx->offset < lx->length && lx->text[lx->offset] != quote) {
        char c = lx->text[lx->offset];
        char next = at(lx, lx->offset + 1);

        if (c == '\n') {
            break;
        }
        if (c != '\\' || next == '\n' || lx->offset + 1 == lx->length) {
            lx->offset++;
            continue;
        }
        if (!is_escape(next)) {
            struct lab_diag *diag =
                complain(lx, lexeme, span_at(lx, lx->offset, 2), "unknown escape");

            if (diag != NULL) {
                lab_note(diag, "one of: \\n, \\t, \\0, \\\\, \\\", \\', \\xHH");
            }
        } else if (next == 'x' && (lab_char_hex(at(lx, lx->offset + 2)) < 0 ||
                                   lab_char_hex(at(lx, lx->offset + 3)) < 0)) {
            complain(lx, lexeme, span_at(lx, lx->offset, 2),
                     "\\x is followed by two hexadecimal digits");
        }
        lx->offset += 2;
    }
    if (at(lx, lx->offset) != quote) {
        complain(lx, lexeme, span_at(lx, start, lx->offset - start),
                 quote == '"' ? "this string is not closed on its line"
                              : "this character is not closed on its line");
        return;
    }
    lexeme->text = lx->text + start + 1;
    lexeme->length = lx->offset - start - 1;
    lx->offset++;
}

uint32_t lab_lex_unescape(char *to, const char *raw, uint32_t length)
{
    uint32_t used = 0;

    for (uint32_t i = 0; i < length; i++) {
        char c = raw[i];

        if (c == '\\' && i + 1 < length) {
            c = raw[++i];
            if (c == 'x' && i + 2 < length) {
                c = (char)(lab_char_hex(raw[i + 1]) << 4 | lab_char_hex(raw[i + 2]));
                i += 2;
            } else {
                c = c == 'n' ? '\n' : c == 't' ? '\t' : c == '0' ? '\0' : c;
            }
        }
        to[used++] = c;
    }
    return used;
}

static void lex_char(struct lab_lexer *lx, struct lab_lexeme *lexeme)
{
    uint32_t start = lx->offset;
    bool one = false;
    char byte = '\0';

    lexeme->kind = LAB_LEX_CHAR;
    lex_quoted(lx, lexeme, '\'');
    if (lexeme->kind == LAB_LEX_BAD) {
        return;
    }
    one = lexeme->length == 1 || (lexeme->text[0] == '\\' && lexeme->length == 2) ||
          (lexeme->length == 4 && lexeme->text[0] == '\\' && lexeme->text[1] == 'x');
    if (lexeme->length == 0 || !one) {
        struct lab_diag *diag = complain(lx, lexeme, span_at(lx, start, lx->offset - start),
                                         "a character is one byte between the quotes");

        if (diag != NULL) {
            lab_note(diag, "strings have double quotes: \"hello\"");
        }
        return;
    }
    lab_lex_unescape(&byte, lexeme->text, lexeme->length);
    lexeme->value = (unsigned char)byte;
}

static void lex_knob(struct lab_lexer *lx, struct lab_lexeme *lexeme)
{
    uint32_t start = lx->offset++;

    if (!lab_char_is_letter(at(lx, lx->offset))) {
        complain(lx, lexeme, span_at(lx, start, 1), "the name of a knob is missing after '$'");
        return;
    }
    while (is_word(at(lx, lx->offset))) {
        lx->offset++;
    }
    lexeme->kind = LAB_LEX_KNOB;
    lexeme->text = lx->text + start + 1;
    lexeme->length = lx->offset - start - 1;
    if (lexeme->length > LAB_NAME_MAX) {
        complain(lx, lexeme, span_at(lx, start, lexeme->length + 1),
                 "this name is too long (at most 63 letters)");
    }
}

/* Neither text of the language nor white space. */
static bool is_strange(char c)
{
    unsigned byte = (unsigned char)c;

    return byte >= 0x7f || (byte < 0x20 && !(byte >= '\t' && byte <= '\r'));
}

static void lex_sign(struct lab_lexer *lx, struct lab_lexeme *lexeme)
{
    uint32_t point = 0, start = lx->offset;

    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        uint32_t size = (uint32_t)lab_text_length(signs[i]);

        if (size <= lx->length - lx->offset &&
            memcmp(lx->text + lx->offset, signs[i], size) == 0) {
            lexeme->kind = LAB_LEX_SIGN;
            lexeme->sign = 0;
            for (uint32_t k = 0; k < size; k++) {
                lexeme->sign |= (uint32_t)(unsigned char)signs[i][k] << (8 * k);
            }
            lx->offset += size;
            return;
        }
    }
    /* A run of such bytes is one mistake: a binary file is not a thousand of them. */
    do {
        lx->offset++;
    } while (lx->offset < lx->length && is_strange(lx->text[lx->offset]));
    lexeme->kind = LAB_LEX_BAD;
    if (lx->diags != NULL) {
        struct lab_span span = span_at(lx, start, lx->offset - start);

        size_t step = lab_utf8(lx->text + start, lx->length - start, &point);

        lab_report(lx->diags, span, "unexpected character '%t'", lx->text + start, step);
    }
}

struct lab_lexeme lab_lex_next(struct lab_lexer *lexer)
{
    struct lab_lexeme lexeme = {.kind = LAB_LEX_END};
    char c = '\0';
    uint32_t start = 0;

    if (!skip_blanks(lexer, &lexeme)) {
        return lexeme;
    }
    start = lexer->offset;
    lexeme.span = span_at(lexer, start, 0);
    if (start >= lexer->length) {
        return lexeme;
    }
    c = lexer->text[start];
    if (lab_char_is_letter(c)) {
        lex_word(lexer, &lexeme);
    } else if (lab_char_is_digit(c)) {
        lex_number(lexer, &lexeme);
    } else if (c == '$') {
        lex_knob(lexer, &lexeme);
    } else if (c == '"') {
        lexeme.kind = LAB_LEX_STR;
        lex_quoted(lexer, &lexeme, '"');
    } else if (c == '\'') {
        lex_char(lexer, &lexeme);
    } else {
        lex_sign(lexer, &lexeme);
    }
    lexeme.span.length = lexer->offset - start;
    return lexeme;
}
