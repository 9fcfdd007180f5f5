/*
 * lab/core/utf8.h - just enough of UTF-8 to put a caret under the right character.
 *
 * Source: RFC 3629; East Asian Width and general categories of Unicode 15, as ranges.
 *
 * Not modelled: grapheme clusters beyond combining marks.
 */
#ifndef LAB_CORE_UTF8_H
#define LAB_CORE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LAB_UTF8_BAD = 0x110000 /* what a byte that is not UTF-8 decodes to */
};

/* Decodes one character of at most `length` (above 0) bytes and returns how many it took; a
 * byte that does not begin a valid sequence is taken alone, as LAB_UTF8_BAD. */
size_t lab_utf8(const char *text, size_t length, uint32_t *ret_point);

/* Whether a terminal can show it: no control, no change of writing direction, no bad byte. */
bool lab_utf8_shown(uint32_t point);

/* Columns on a terminal: 0, 1 or 2. */
unsigned lab_utf8_width(uint32_t point);

#endif
