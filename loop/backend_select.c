/*
 * loop/backend_select.c - select(2) with bitmaps of our own, as long as the table of
 * descriptors: the kernel knows no bound of 1024, only the C library's fd_set does.
 *
 * Hang-up and error are "readable" to select, error also "writable"; it cannot tell them apart.
 * If one descriptor is closed, the whole call fails with -EBADF and names none: then each is
 * looked at, and the closed ones are reported.
 */
#define _GNU_SOURCE
#include "loop/backend.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/select.h>
#include <time.h>

enum { NS_PER_S = 1000000000, WORD_BITS = 64, READ = 0, WRITE = 1, EXCEPT = 2, SETS = 3 };

struct select_own {
    uint64_t *asked[SETS], *found[SETS];
    uint16_t *tags; /* by descriptor */
    uint32_t end;   /* descriptors at and above are not watched */
    uint32_t from;  /* where the next scan starts */
};

static const uint16_t bit_of_set[SETS] = {LOOP_IN, LOOP_OUT, LOOP_PRI};

static void close_select(struct loop_backend *backend)
{
    struct select_own *own = backend->own;

    for (int s = 0; s < SETS; s++) {
        free(own->asked[s]);
        free(own->found[s]);
    }
    free(own->tags);
    free(own);
}

static int open_select(struct loop_backend *backend)
{
    struct select_own *own = calloc(1, sizeof(*own));
    size_t words = backend->descriptors / WORD_BITS + 1;
    bool whole = true;

    if (!own)
        return -ENOMEM;
    backend->own = own;
    for (int s = 0; s < SETS; s++) {
        own->asked[s] = calloc(words, sizeof(uint64_t));
        own->found[s] = calloc(words, sizeof(uint64_t));
        whole = whole && own->asked[s] && own->found[s];
    }
    own->tags = calloc(backend->descriptors, sizeof(*own->tags));
    if (!whole || !own->tags) {
        close_select(backend);
        return -ENOMEM;
    }
    return 0;
}

static uint64_t bit_of(uint32_t fd)
{
    return UINT64_C(1) << fd % WORD_BITS;
}

static bool watches(const struct select_own *own, uint32_t fd)
{
    uint64_t word = own->asked[READ][fd / WORD_BITS] | own->asked[WRITE][fd / WORD_BITS] |
                    own->asked[EXCEPT][fd / WORD_BITS];

    return word & bit_of(fd);
}

static int change(struct loop_backend *backend, const struct loop_change *change)
{
    struct select_own *own = backend->own;
    uint32_t fd = (uint32_t)change->fd;

    for (int s = 0; s < SETS; s++) {
        if (change->op != LOOP_DEL && change->events & bit_of_set[s])
            own->asked[s][fd / WORD_BITS] |= bit_of(fd);
        else
            own->asked[s][fd / WORD_BITS] &= ~bit_of(fd);
    }
    own->tags[fd] = change->tag;
    if (fd >= own->end)
        own->end = fd + 1;
    while (own->end > 0 && !watches(own, own->end - 1))
        own->end--;
    return 0;
}

/* Which of those watched are closed. */
static int find_closed(struct select_own *own, struct loop_result *results)
{
    int n = 0;

    for (uint32_t fd = 0; fd < own->end && n < LOOP_RESULTS_MAX; fd++) {
        if (!watches(own, fd) || fcntl((int)fd, F_GETFD) >= 0)
            continue;
        results[n++] = (struct loop_result){LOOP_GONE, (int32_t)fd, own->tags[fd]};
        for (int s = 0; s < SETS; s++)
            own->asked[s][fd / WORD_BITS] &= ~bit_of(fd);
    }
    return n;
}

static uint16_t events_of(const struct select_own *own, uint32_t fd)
{
    uint16_t events = 0;

    for (int s = 0; s < SETS; s++) {
        if (own->found[s][fd / WORD_BITS] & bit_of(fd))
            events |= bit_of_set[s];
    }
    return events;
}

/* Adds what was found in one word from bit @first on; false: no room for more. */
static bool collect(struct select_own *own, uint32_t word, uint32_t first,
                    struct loop_result *results, int *n)
{
    uint64_t any = own->found[READ][word] | own->found[WRITE][word] | own->found[EXCEPT][word];

    any &= ~UINT64_C(0) << first;
    while (any) {
        uint32_t fd = word * WORD_BITS + (uint32_t)__builtin_ctzll(any);

        if (*n == LOOP_RESULTS_MAX) {
            own->from = fd;
            return false;
        }
        results[(*n)++] = (struct loop_result){events_of(own, fd), (int32_t)fd, own->tags[fd]};
        any &= any - 1;
    }
    return true;
}

static int wait_select(struct loop_backend *backend, int64_t timeout_ns,
                       struct loop_result *results)
{
    struct select_own *own = backend->own;
    struct timespec timeout = {timeout_ns / NS_PER_S, timeout_ns % NS_PER_S};
    uint32_t words = (own->end + WORD_BITS - 1) / WORD_BITS, from = own->from;
    bool room = true;
    int n = 0;

    for (int s = 0; s < SETS; s++) {
        for (uint32_t w = 0; w < words; w++)
            own->found[s][w] = own->asked[s][w];
    }
    if (pselect((int)own->end, (fd_set *)own->found[READ], (fd_set *)own->found[WRITE],
                (fd_set *)own->found[EXCEPT], timeout_ns < 0 ? NULL : &timeout, NULL) < 0) {
        if (errno == EBADF)
            return find_closed(own, results);
        return errno == EINTR ? 0 : -errno;
    }
    if (from >= own->end)
        from = 0;
    own->from = 0;
    for (uint32_t w = from / WORD_BITS; w < words && room; w++)
        room = collect(own, w, w == from / WORD_BITS ? from % WORD_BITS : 0, results, &n);
    for (uint32_t w = 0; w < from / WORD_BITS && room; w++)
        room = collect(own, w, 0, results, &n);
    return n;
}

const struct loop_backend_ops loop_backend_select = {
    .name = "select",
    .open = open_select,
    .close = close_select,
    .change = change,
    .wait = wait_select,
};
