/*
 * lab/core/utf8.c - decoding UTF-8 and the width of characters.
 *
 * Source: see utf8.h.
 */
#include "lab/core/utf8.h"

size_t lab_utf8(const char *text, size_t length, uint32_t *ret_point)
{
    static const uint32_t smallest[5] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *bytes = (const unsigned char *)text;
    size_t size = bytes[0] < 0x80   ? 1
                  : bytes[0] < 0xc0 ? 0
                  : bytes[0] < 0xe0 ? 2
                  : bytes[0] < 0xf0 ? 3
                                    : 4;
    uint32_t point = bytes[0];

    *ret_point = LAB_UTF8_BAD;
    if (size == 1) {
        *ret_point = point;
        return 1;
    }
    if (size == 0 || size > length || bytes[0] >= 0xf8) {
        return 1;
    }
    point &= 0x7fu >> size;
    for (size_t i = 1; i < size; i++) {
        if ((bytes[i] & 0xc0) != 0x80) {
            return 1;
        }
        point = point << 6 | (bytes[i] & 0x3fu);
    }
    if (point < smallest[size] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) {
        return 1;
    }
    *ret_point = point;
    return size;
}

bool lab_utf8_shown(uint32_t point)
{
    if (point < 0x20 || (point >= 0x7f && point < 0xa0) || point >= LAB_UTF8_BAD) {
        return false;
    }
    /* Line separators and marks that turn the writing direction would break the frame. */
    return !(point >= 0x2028 && point <= 0x202e) && !(point >= 0x2066 && point <= 0x2069) &&
           point != 0x200e && point != 0x200f && point != 0xfeff;
}

unsigned lab_utf8_width(uint32_t point)
{
    static const struct range {
        uint32_t first, last;
        unsigned width;
    } ranges[] = {
        {0x0300, 0x036f, 0},   {0x1100, 0x115f, 2},   {0x200b, 0x200d, 0},
        {0x20d0, 0x20ff, 0},   {0x2e80, 0xa4cf, 2},   {0xac00, 0xd7a3, 2},
        {0xf900, 0xfaff, 2},   {0xfe00, 0xfe0f, 0},   {0xfe30, 0xfe6f, 2},
        {0xff00, 0xff60, 2},   {0xffe0, 0xffe6, 2},   {0x1f300, 0x1f64f, 2},
        {0x1f680, 0x1f6ff, 2}, {0x1f900, 0x1f9ff, 2}, {0x20000, 0x3fffd, 2},
    };

    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (point >= ranges[i].first && point <= ranges[i].last) {
            return ranges[i].width;
        }
    }
    return 1;
}
