/*
 * lab/core/text.h - the few helpers for bytes that lab/core needs instead of a C library.
 *
 * All are pure; callable from anywhere.
 */
#ifndef LAB_CORE_TEXT_H
#define LAB_CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A compiler may call these on its own even in freestanding code, so every environment has
 * them; declared here because <string.h> is not a freestanding header. */
void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);

static inline size_t lab_text_length(const char *text)
{
    size_t length = 0;

    while (text[length] != '\0') {
        length++;
    }
    return length;
}

/* Whether the 0-terminated `text` is exactly the `length` bytes at `name`. */
static inline bool lab_text_is(const char *text, const char *name, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\0' || text[i] != name[i]) {
            return false;
        }
    }
    return text[length] == '\0';
}

static inline bool lab_text_has(const char *text, char c)
{
    for (; *text != '\0'; text++) {
        if (*text == c) {
            return true;
        }
    }
    return false;
}

static inline bool lab_char_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool lab_char_is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static inline char lab_char_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* The value of a hexadecimal digit, -1 if it is none. */
static inline int lab_char_hex(char c)
{
    if (lab_char_is_digit(c)) {
        return c - '0';
    }
    c = lab_char_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#endif
