/*
 * lab/core/diag.h - what is wrong with a scenario, where, and how to mend it.
 *
 * Source: docs/language.md, "Errors".
 *
 * Errors are collected as records, at most LAB_DIAGS_MAX, each distinct one once, and printed
 * in the order of the text: as frames with an excerpt and a caret, or as JSON lines.
 */
#ifndef LAB_CORE_DIAG_H
#define LAB_CORE_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LAB_DIAGS_MAX = 10,     /* more than a screen of errors helps nobody */
    LAB_DIAG_MESSAGE = 200, /* bytes; longer texts are cut and end in "..." */
    LAB_DIAG_HINT = 96,
    LAB_DIAG_NOTE = 640,     /* holds the longest list of names */
    LAB_EXCERPT_COLUMNS = 96 /* of a longer line, only the part around the caret is shown */
};

/* A stretch of the text. `line` 0 means: not in the text (an option of the command). */
struct lab_span {
    uint32_t offset; /* in bytes */
    uint32_t line;   /* 1 … */
    uint32_t column; /* in bytes, 1 … */
    uint32_t length; /* in bytes; what lies beyond the first line gets no caret */
};

struct lab_diag {
    struct lab_span span;
    uint32_t column;      /* in characters, 1 … */
    uint32_t length;      /* in characters, on the first line */
    struct lab_span also; /* a second place, or line 0 */
    char message[LAB_DIAG_MESSAGE];
    char hint[LAB_DIAG_HINT];      /* behind the caret: did you mean 'x'? */
    char also_hint[LAB_DIAG_HINT]; /* behind the second caret */
    char note[LAB_DIAG_NOTE];      /* after "= ": one of: … */
};

struct lab_diags {
    const char *file_name; /* set by lab_parse() */
    const char *text;
    size_t text_length;
    uint32_t count;    /* records kept */
    uint32_t reported; /* all reports, also repeated ones and those beyond the last record */
    struct lab_diag item[LAB_DIAGS_MAX];
    struct lab_diag spare; /* where reports go that are not kept */
};

/* The nearest known name so far; zero it before the first lab_near_try(). */
struct lab_near {
    const char *name;
    unsigned distance;
};

/* Receives output in pieces. */
typedef void lab_sink_fn(void *context, const char *text, size_t length);

void lab_diags_init(struct lab_diags *diags);

/* Reports an error at `span`. The format knows %s (0-terminated), %t (const char *, size_t),
 * %i (int64_t) and %%; bytes that cannot be shown are escaped. Returns the record so that a
 * hint or a note can be added; a repeated report, or one too many, gets a record that is not
 * kept. */
struct lab_diag *lab_report(struct lab_diags *diags, struct lab_span span, const char *format,
                            ...);

/* Adds text behind the caret, after "= ", or at a second place, in the same format. */
void lab_hint(struct lab_diag *diag, const char *format, ...);
void lab_note(struct lab_diag *diag, const char *format, ...); /* appends to an earlier note */
void lab_also(struct lab_diag *diag, struct lab_span span, const char *format, ...);

/* Offers a candidate for what was meant by `name`: kept if its Damerau-Levenshtein distance is
 * at most 2 (1 for short names), below the length of `name`, and the smallest so far. */
void lab_near_try(struct lab_near *near, const char *name, size_t length,
                  const char *candidate);
/* Adds "did you mean 'x'?" if anything was near. */
void lab_near_hint(struct lab_diag *diag, const struct lab_near *near);

/* Prints all records as text, or as one JSON object a line. */
void lab_diags_print(const struct lab_diags *diags, lab_sink_fn *sink, void *context);
void lab_diags_print_json(const struct lab_diags *diags, lab_sink_fn *sink, void *context);

#endif
