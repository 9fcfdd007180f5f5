/*
 * tests/bench/engine.h - one ring of descriptors, driven by one loop after another.
 *
 * @pairs pairs; @active of them hold a token at any time.  A handler reads what is there and
 * writes as much to the next pair, until @left tokens have been forwarded.
 */
#ifndef BENCH_ENGINE_H
#define BENCH_ENGINE_H

#include <stdbool.h>
#include <unistd.h>

enum { PAIRS_MAX = 10000 };

struct ring {
    unsigned pairs, active;
    long left;                /* tokens still to be forwarded */
    unsigned next[PAIRS_MAX]; /* of pair i: where its tokens go */
    int in[PAIRS_MAX], out[PAIRS_MAX];
    void *own; /* the engine's */
};

struct engine {
    const char *name;
    const char *backend; /* of our loop */
    /* Registers all read ends; false: not on this machine. */
    bool (*open)(struct ring *ring, const struct engine *engine);
    void (*run)(struct ring *ring); /* until ring->left is used up */
    void (*close)(struct ring *ring);
    /* Timers: inserts @count at pseudo-random times, cancels half, lets the rest fire. */
    bool (*timers)(unsigned count, const struct engine *engine, double ns[3]);
};

/* All of them, ended by one without name. */
extern const struct engine engines_raw[], engines_loop[], engines_libev[], engines_libevent[],
    engines_libuv[];

/* What every handler does; false: the work is done. */
static inline bool forward(struct ring *ring, unsigned pair)
{
    char bytes[4096];
    ssize_t n = read(ring->in[pair], bytes, sizeof(bytes));

    if (n <= 0)
        return ring->left > 0;
    ring->left -= n;
    if (ring->left <= 0) {
        /* The tokens stay in the ring for the next engine. */
        ring->left -= write(ring->out[pair], bytes, (size_t)n) < 0;
        return false;
    }
    ring->left -= write(ring->out[ring->next[pair]], bytes, (size_t)n) < 0;
    return true;
}

/* CPU time of this thread, in nanoseconds. */
double cpu_ns(void);
/* The k-th of a fixed row of deadlines, 1 ns to 1 s. */
unsigned long deadline_ns(unsigned k);

#endif
