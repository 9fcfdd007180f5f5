/*
 * lab/core/diag.c - collecting error records and finding the nearest known name.
 *
 * Source: docs/language.md, "Errors". Printing is in diag_print.c.
 */
#include "lab/core/diag.h"

#include <stdarg.h>

#include "lab/core/text.h"
#include "lab/core/utf8.h"

enum {
    NEAR_SHORT = 5,    /* in names shorter than this, two slips make another word */
    NEAR_NAME_MAX = 40 /* longer names are not compared: two slips are nothing in them */
};

/* Text being built in a fixed buffer; `full` once something had to be cut. */
struct builder {
    char *to;
    size_t size;
    size_t used;
    bool full;
};

static void put(struct builder *b, const char *text, size_t length)
{
    if (b->full) {
        return;
    }
    if (length >= b->size - b->used) {
        size_t dots = b->size - 4 < b->used ? b->size - 4 : b->used;

        memcpy(b->to + dots, "...", 4);
        b->full = true;
        return;
    }
    memcpy(b->to + b->used, text, length);
    b->used += length;
    b->to[b->used] = '\0';
}

static void put_number(struct builder *b, int64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0) {
        digits[--at] = '-';
    }
    put(b, digits + at, sizeof digits - at);
}

/* Text of the user: what a terminal cannot show becomes \xHH. */
static void put_shown(struct builder *b, const char *text, size_t length)
{
    static const char hex[] = "0123456789abcdef";

    for (size_t i = 0; i < length && !b->full;) {
        uint32_t point = 0;
        size_t step = lab_utf8(text + i, length - i, &point);

        if (lab_utf8_shown(point)) {
            put(b, text + i, step);
        } else {
            for (size_t k = i; k < i + step; k++) {
                unsigned byte = (unsigned char)text[k];
                char escape[4] = {'\\', 'x', hex[byte >> 4], hex[byte & 15]};

                put(b, escape, sizeof escape);
            }
        }
        i += step;
    }
}

static void put_format(struct builder *b, const char *format, va_list args)
{
    for (; *format != '\0'; format++) {
        if (*format != '%') {
            put(b, format, 1);
            continue;
        }
        format++;
        if (*format == 's') {
            const char *text = va_arg(args, const char *);

            put_shown(b, text, lab_text_length(text));
        } else if (*format == 't') {
            const char *text = va_arg(args, const char *);
            size_t length = va_arg(args, size_t);

            put_shown(b, text, length);
        } else if (*format == 'i') {
            put_number(b, va_arg(args, int64_t));
        } else {
            put(b, format, 1);
        }
    }
}

static void fill(char *to, size_t size, const char *format, va_list args)
{
    size_t used = lab_text_length(to);
    struct builder b = {to, size, used, false};

    put_format(&b, format, args);
}

void lab_diags_init(struct lab_diags *diags)
{
    memset(diags, 0, sizeof *diags);
}

/* Turns the span's byte column and length into characters of its first line. */
static void count_characters(const struct lab_diags *diags, struct lab_diag *diag)
{
    size_t start = diag->span.offset - (diag->span.column - 1);
    size_t end = diag->span.offset + diag->span.length;

    diag->column = 1;
    diag->length = 0;
    if (diag->span.line == 0 || diags->text == NULL) {
        return;
    }
    for (size_t i = start; i < diag->span.offset;) {
        uint32_t point = 0;

        i += lab_utf8(diags->text + i, diags->text_length - i, &point);
        diag->column++;
    }
    for (size_t i = diag->span.offset; i < end && i < diags->text_length;) {
        uint32_t point = 0;

        if (diags->text[i] == '\n') {
            break;
        }
        i += lab_utf8(diags->text + i, diags->text_length - i, &point);
        diag->length++;
    }
    if (diag->length == 0) {
        diag->length = 1; /* the end of a line or of the file still gets a caret */
    }
}

struct lab_diag *lab_report(struct lab_diags *diags, struct lab_span span, const char *format,
                            ...)
{
    struct lab_diag *diag = &diags->spare;
    va_list args;

    memset(diag, 0, sizeof *diag);
    diag->span = span;
    va_start(args, format);
    fill(diag->message, sizeof diag->message, format, args);
    va_end(args);
    diags->reported++;
    for (uint32_t i = 0; i < diags->count; i++) {
        const struct lab_diag *old = &diags->item[i];

        if (old->span.offset == span.offset && old->span.line == span.line &&
            memcmp(old->message, diag->message, sizeof diag->message) == 0) {
            return diag;
        }
    }
    if (diags->count == LAB_DIAGS_MAX) {
        return diag;
    }
    count_characters(diags, diag);
    diags->item[diags->count] = *diag;
    return &diags->item[diags->count++];
}

void lab_hint(struct lab_diag *diag, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fill(diag->hint, sizeof diag->hint, format, args);
    va_end(args);
}

void lab_note(struct lab_diag *diag, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fill(diag->note, sizeof diag->note, format, args);
    va_end(args);
}

void lab_also(struct lab_diag *diag, struct lab_span span, const char *format, ...)
{
    va_list args;

    diag->also = span;
    va_start(args, format);
    fill(diag->also_hint, sizeof diag->also_hint, format, args);
    va_end(args);
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Optimal string alignment: insert, delete, replace, swap neighbours; case does not count. */
static unsigned distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    unsigned rows[3][NEAR_NAME_MAX + 1];
    unsigned *before = rows[0], *last = rows[1], *now = rows[2];

    for (size_t j = 0; j <= b_length; j++) {
        before[j] = 0;
        last[j] = (unsigned)j;
    }
    for (size_t i = 1; i <= a_length; i++) {
        unsigned *free_row = before;
        char x = lab_char_lower(a[i - 1]);

        now[0] = (unsigned)i;
        for (size_t j = 1; j <= b_length; j++) {
            char y = lab_char_lower(b[j - 1]);

            now[j] = least(least(last[j] + 1, now[j - 1] + 1), last[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == lab_char_lower(b[j - 2]) &&
                lab_char_lower(a[i - 2]) == y) {
                now[j] = least(now[j], before[j - 2] + 1);
            }
        }
        before = last;
        last = now;
        now = free_row;
    }
    return last[b_length];
}

void lab_near_try(struct lab_near *near, const char *name, size_t length, const char *candidate)
{
    size_t other = lab_text_length(candidate);
    unsigned d = 0;

    if (length > NEAR_NAME_MAX || other > NEAR_NAME_MAX || length > other + 2 ||
        other > length + 2) {
        return;
    }
    d = distance(name, length, candidate, other);
    if (d <= (length < NEAR_SHORT ? 1u : 2u) && d < length &&
        (near->name == NULL || d < near->distance)) {
        near->name = candidate;
        near->distance = d;
    }
}

void lab_near_hint(struct lab_diag *diag, const struct lab_near *near)
{
    if (near->name != NULL) {
        lab_hint(diag, "did you mean '%s'?", near->name);
    }
}
