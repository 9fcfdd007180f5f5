/*
 * qemu/mem.c - the four functions that gcc calls by itself, also in a freestanding program.
 *
 * Built with -fno-tree-loop-distribute-patterns: else these loops become calls to themselves.
 */
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *at, int value, size_t size);
int memcmp(const void *a, const void *b, size_t size);

static int is_aligned(const void *a, const void *b)
{
    return (((uintptr_t)a | (uintptr_t)b) & 3) == 0;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    uint8_t *t = to;
    const uint8_t *f = from;

    for (; size >= 4 && is_aligned(t, f); size -= 4, t += 4, f += 4)
        *(uint32_t *)(void *)t = *(const uint32_t *)(const void *)f;
    while (size--)
        *t++ = *f++;
    return to;
}

void *memmove(void *to, const void *from, size_t size)
{
    uint8_t *t = to;
    const uint8_t *f = from;

    if (t <= f || t >= f + size)
        return memcpy(to, from, size);
    while (size--)
        t[size] = f[size];
    return to;
}

void *memset(void *at, int value, size_t size)
{
    uint8_t *t = at;
    uint32_t word = (uint8_t)value * 0x01010101u;

    for (; size && (uintptr_t)t & 3; size--)
        *t++ = (uint8_t)value;
    for (; size >= 4; size -= 4, t += 4)
        *(uint32_t *)(void *)t = word;
    while (size--)
        *t++ = (uint8_t)value;
    return at;
}

int memcmp(const void *a, const void *b, size_t size)
{
    const uint8_t *x = a, *y = b;

    for (; size--; x++, y++)
        if (*x != *y)
            return *x < *y ? -1 : 1;
    return 0;
}
