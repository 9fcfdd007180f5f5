/*
 * lab/style.h - how text goes to a terminal: colour, character set, width.
 *
 * Nothing here depends on the scenario. Colour is never the only carrier of a meaning: whatever
 * is red is also a cross or a word.
 */
#ifndef LAB_STYLE_H
#define LAB_STYLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum lab_colour_mode { LAB_COLOUR_AUTO, LAB_COLOUR_ALWAYS, LAB_COLOUR_NEVER };

/* What a piece of text is for; lab_style_set() turns it into an escape sequence. */
enum lab_ink {
    LAB_INK_PLAIN,
    LAB_INK_SOFT,   /* axes, idle stretches, keys */
    LAB_INK_STRONG, /* titles, what the mechanism looks at */
    LAB_INK_LOST,
    LAB_INK_LATE,
    LAB_INK_GOOD,
    LAB_INK_DEVICE, /* + device index: eight colours that colour-blind readers tell apart */
};

enum {
    LAB_WIDTH_DEFAULT = 100, /* off a terminal */
    LAB_WIDTH_MIN = 40,      /* narrower and the lanes are only labels */
    LAB_WIDTH_MAX = 1000,
    LAB_DEVICE_INKS = 8,
};

struct lab_style {
    bool utf8;
    bool colour;
    unsigned width; /* columns of a line */
};

/*
 * Finds out what @file can show. @width 0: that of the terminal, or LAB_WIDTH_DEFAULT. Calls
 * setlocale() for LC_CTYPE only, so numbers stay those of the C locale.
 */
void lab_style_detect(struct lab_style *ret_style, FILE *file, enum lab_colour_mode mode,
                      bool ascii, unsigned width);

/* Switches to @ink; LAB_INK_PLAIN ends any other. Writes nothing without colour. */
void lab_style_set(const struct lab_style *style, FILE *file, unsigned ink);

/* Writes @text in @ink and goes back to plain. */
void lab_style_put(const struct lab_style *style, FILE *file, unsigned ink, const char *text);

/* The mark of a device by its index: a shape, or a capital letter without UTF-8. */
const char *lab_style_shape(const struct lab_style *style, unsigned device);

/* Columns that @text takes: code points, as everything written here is one column wide. */
size_t lab_style_columns(const char *text);

/* Writes @count blanks. */
void lab_style_blanks(FILE *file, size_t count);

/* A time in its shortest exact unit: "4us", "1500ns", "0us" is "0". At most 24 bytes. */
void lab_style_time(char *ret_text, size_t size, unsigned long long ns);

#endif
