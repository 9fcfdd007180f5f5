/*
 * lab/core/diag_print.c - error records as framed excerpts or as JSON lines.
 *
 * Source: docs/language.md, "Errors".
 */
#include "lab/core/diag.h"
#include "lab/core/text.h"
#include "lab/core/utf8.h"

enum {
    TAB_COLUMNS = 4,     /* a tab in an excerpt goes to the next multiple of this */
    EXCERPT_BEFORE = 40, /* columns kept before the caret when a long line is cut */
    GUTTER_MIN = 2       /* the frame's shape for files below 100 lines */
};

struct printer {
    const struct lab_diags *diags;
    lab_sink_fn *sink;
    void *context;
};

static void out(struct printer *p, const char *text)
{
    p->sink(p->context, text, lab_text_length(text));
}

static void out_times(struct printer *p, char c, size_t times)
{
    for (size_t i = 0; i < times; i++) {
        p->sink(p->context, &c, 1);
    }
}

static unsigned out_number(struct printer *p, uint64_t value)
{
    char digits[20];
    size_t at = sizeof digits;

    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    if (p != NULL) {
        p->sink(p->context, digits + at, sizeof digits - at);
    }
    return (unsigned)(sizeof digits - at);
}

/* Columns that the character at `text` takes when it begins in `column`. */
static unsigned columns_of(char first, uint32_t point, size_t column)
{
    if (first == '\t') {
        return TAB_COLUMNS - (unsigned)(column % TAB_COLUMNS);
    }
    return lab_utf8_shown(point) ? lab_utf8_width(point) : 1;
}

/* Where a line lies, and which of its columns are shown. */
struct excerpt {
    size_t start, end;  /* bytes of the line */
    size_t caret;       /* column of the span's first character, 0 … */
    size_t caret_width; /* columns of the span on this line */
    size_t from;        /* first column shown */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct excerpt measure(const struct lab_diags *diags, struct lab_span span)
{
    struct excerpt e = {span.offset - (span.column - 1), 0, 0, 0, 0};
    size_t column = 0, stop = span.offset + span.length;

    for (e.end = e.start; e.end < diags->text_length && diags->text[e.end] != '\n'; e.end++) {}
    while (e.end > e.start && e.end > stop && is_blank(diags->text[e.end - 1])) {
        e.end--;
    }
    for (size_t i = e.start; i < e.end && i < stop;) {
        uint32_t point = 0;
        size_t step = lab_utf8(diags->text + i, e.end - i, &point);
        unsigned width = columns_of(diags->text[i], point, column);

        if (i < span.offset) {
            e.caret = column + width;
        } else {
            e.caret_width += width;
        }
        column += width;
        i += step;
    }
    if (e.caret_width == 0) {
        e.caret_width = 1;
    }
    if (e.caret + e.caret_width > LAB_EXCERPT_COLUMNS && e.caret > EXCERPT_BEFORE) {
        e.from = e.caret - EXCERPT_BEFORE;
    }
    return e;
}

static void out_line(struct printer *p, const struct excerpt *e)
{
    const char *text = p->diags->text;
    size_t column = 0;

    for (size_t i = e->start; i < e->end && column < e->from + LAB_EXCERPT_COLUMNS;) {
        uint32_t point = 0;
        size_t step = lab_utf8(text + i, e->end - i, &point);
        unsigned width = columns_of(text[i], point, column);

        if (column >= e->from) {
            if (text[i] == '\t') {
                out_times(p, ' ', width);
            } else if (lab_utf8_shown(point)) {
                p->sink(p->context, text + i, step);
            } else {
                out(p, "?");
            }
        } else if (column + width > e->from) {
            out_times(p, ' ', column + width - e->from); /* half of a wide one */
        }
        column += width;
        i += step;
    }
}

static void out_gutter(struct printer *p, unsigned width, uint32_t line)
{
    if (line == 0) {
        out_times(p, ' ', width + 1);
    } else {
        out_times(p, ' ', width - out_number(NULL, line));
        out_number(p, line);
        out(p, " ");
    }
    out(p, "|");
}

static void out_excerpt(struct printer *p, unsigned width, struct lab_span span,
                        const char *hint)
{
    struct excerpt e = measure(p->diags, span);
    size_t carets = e.caret_width, room = e.from + LAB_EXCERPT_COLUMNS - e.caret;

    out_gutter(p, width, span.line);
    if (e.end > e.start) {
        out(p, " ");
        out_line(p, &e);
    }
    out(p, "\n");
    out_gutter(p, width, 0);
    out_times(p, ' ', 1 + e.caret - e.from);
    out_times(p, '^', carets < room ? carets : room);
    if (hint[0] != '\0') {
        out(p, " ");
        out(p, hint);
    }
    out(p, "\n");
}

static void print_one(struct printer *p, const struct lab_diag *diag)
{
    uint32_t last = diag->also.line > diag->span.line ? diag->also.line : diag->span.line;
    unsigned width = out_number(NULL, last) + 1;

    width = width < GUTTER_MIN ? GUTTER_MIN : width;
    out(p, "error: ");
    out(p, diag->message);
    out(p, "\n");
    if (diag->span.line != 0) {
        out_times(p, ' ', width);
        out(p, "--> ");
        out(p, p->diags->file_name);
        out(p, ":");
        out_number(p, diag->span.line);
        out(p, ":");
        out_number(p, diag->column);
        out(p, "\n");
        out_gutter(p, width, 0);
        out(p, "\n");
        out_excerpt(p, width, diag->span, diag->hint);
        if (diag->also.line != 0) {
            out_excerpt(p, width, diag->also, diag->also_hint);
        }
    } else if (diag->hint[0] != '\0') {
        out_times(p, ' ', width + 1);
        out(p, "= ");
        out(p, diag->hint);
        out(p, "\n");
    }
    if (diag->note[0] != '\0') {
        out_times(p, ' ', width + 1);
        out(p, "= ");
        out(p, diag->note);
        out(p, "\n");
    }
}

/* The i-th record in the order of the text. Ten records need no cleverer sorting. */
static const struct lab_diag *nth(const struct lab_diags *diags, uint32_t n)
{
    for (uint32_t i = 0; i < diags->count; i++) {
        uint32_t before = 0;

        for (uint32_t k = 0; k < diags->count; k++) {
            uint32_t a = diags->item[k].span.offset, b = diags->item[i].span.offset;

            before += a < b || (a == b && k < i);
        }
        if (before == n) {
            return &diags->item[i];
        }
    }
    return NULL;
}

void lab_diags_print(const struct lab_diags *diags, lab_sink_fn *sink, void *context)
{
    struct printer p = {diags, sink, context};

    for (uint32_t i = 0; i < diags->count; i++) {
        if (i > 0) {
            out(&p, "\n");
        }
        print_one(&p, nth(diags, i));
    }
}

static void out_json_string(struct printer *p, const char *text)
{
    static const char hex[] = "0123456789abcdef";
    size_t length = lab_text_length(text);

    out(p, "\"");
    for (size_t i = 0; i < length;) {
        uint32_t point = 0;
        size_t step = lab_utf8(text + i, length - i, &point);

        if (text[i] == '"' || text[i] == '\\') {
            char escape[2] = {'\\', text[i]};

            p->sink(p->context, escape, 2);
        } else if (point < 0x20) {
            char escape[6] = {'\\', 'u', '0', '0', hex[point >> 4], hex[point & 15]};

            p->sink(p->context, escape, 6);
        } else if (point == LAB_UTF8_BAD) {
            out(p, "\\ufffd");
        } else {
            p->sink(p->context, text + i, step);
        }
        i += step;
    }
    out(p, "\"");
}

static void out_json_text(struct printer *p, const char *key, const char *text)
{
    if (text[0] != '\0') {
        out(p, ",\"");
        out(p, key);
        out(p, "\":");
        out_json_string(p, text);
    }
}

void lab_diags_print_json(const struct lab_diags *diags, lab_sink_fn *sink, void *context)
{
    struct printer p = {diags, sink, context};

    for (uint32_t i = 0; i < diags->count; i++) {
        const struct lab_diag *diag = nth(diags, i);

        out(&p, "{\"irqlab\":1,\"kind\":\"error\",\"file\":");
        out_json_string(&p, diags->file_name);
        out(&p, ",\"line\":");
        out_number(&p, diag->span.line);
        out(&p, ",\"column\":");
        out_number(&p, diag->column);
        out(&p, ",\"length\":");
        out_number(&p, diag->length);
        out_json_text(&p, "message", diag->message);
        out_json_text(&p, "hint", diag->hint);
        out_json_text(&p, "also", diag->also_hint);
        out_json_text(&p, "note", diag->note);
        out(&p, "}\n");
    }
}
