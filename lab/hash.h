/*
 * lab/hash.h - 128-bit hashes of the lines a state is cut into, and of the state they make.
 *
 * A line's hash depends on where in the state it lies; a state's hash is the sum of those of
 * its lines.  So a step costs as many hashes as it changed lines.
 */
#ifndef LAB_HASH_H
#define LAB_HASH_H

#include <stdint.h>
#include <string.h>

enum { LAB_LINE_BYTES = 64 };

struct lab_hash {
    uint64_t lo, hi;
};

__extension__ typedef unsigned __int128 lab_wide;

static inline uint64_t lab_hash_fold(uint64_t a, uint64_t b)
{
    lab_wide product = (lab_wide)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/*
 * The hash of the 64 bytes at @line, which is line @position of its state.  Two halves from two
 * sets of keys, each a sum of folded products (as in wyhash) that a last product mixes with the
 * position.
 */
static inline struct lab_hash lab_hash_line(const uint8_t *line, uint32_t position)
{
    /* fractional digits of the square roots of the first primes: nothing up the sleeve */
    static const uint64_t key[16] = {
        0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
        0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
        0xcbbb9d5dc1059ed8, 0x629a292a367cd507, 0x9159015a3070dd17, 0x152fecd8f70e5939,
        0x67332667ffc00b31, 0x8eb44a8768581511, 0xdb0c2e0d64f98fa7, 0x47b5481dbefa4fa4,
    };
    uint64_t word[8];
    uint64_t lo = position * UINT64_C(0x9e3779b97f4a7c15), hi = ~lo;

    memcpy(word, line, sizeof(word));
#pragma GCC unroll 4
    for (unsigned i = 0; i < 4; i++) {
        lo += lab_hash_fold(word[2 * i] ^ key[2 * i], word[2 * i + 1] ^ key[2 * i + 1]);
        hi += lab_hash_fold(word[i] ^ key[8 + 2 * i], word[i + 4] ^ key[9 + 2 * i]);
    }
    return (struct lab_hash){lab_hash_fold(lo ^ key[3], hi | 1) + hi,
                             lab_hash_fold(hi ^ key[7], lo | 1) ^ lo};
}

static inline struct lab_hash lab_hash_add(struct lab_hash a, struct lab_hash b)
{
    lab_wide sum = ((lab_wide)a.hi << 64 | a.lo) + ((lab_wide)b.hi << 64 | b.lo);

    return (struct lab_hash){(uint64_t)sum, (uint64_t)(sum >> 64)};
}

static inline struct lab_hash lab_hash_take(struct lab_hash a, struct lab_hash b)
{
    lab_wide rest = ((lab_wide)a.hi << 64 | a.lo) - ((lab_wide)b.hi << 64 | b.lo);

    return (struct lab_hash){(uint64_t)rest, (uint64_t)(rest >> 64)};
}

#endif
