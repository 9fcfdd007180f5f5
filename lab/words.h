/*
 * lab/words.h - building a line of text in a buffer of fixed size; what does not fit is cut.
 */
#ifndef LAB_WORDS_H
#define LAB_WORDS_H

#include <stddef.h>

/* Formats as printf() does and adds the result behind the 0-terminated @text. */
void lab_words_add(char *text, size_t size, const char *format, ...);

/* The same from the start of the buffer. */
void lab_words_set(char *text, size_t size, const char *format, ...);

#endif
