/*
 * loop/loop.c - the loop on the host: memory, clock, back end, callbacks around the iterator.
 *
 * All that the core keeps are indices, so its arrays can be moved when they are too small.
 */
#define _GNU_SOURCE
#include "loop/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "loop/internal.h"

enum {
    SOURCES_USUAL = 64,
    DESCRIPTORS_MAX = 1 << 20, /* where RLIMIT_NOFILE says "any number" */
    NS_PER_S = 1000000000,
};

static uint64_t monotonic(void *arg)
{
    struct timespec now;

    (void)arg;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* ---- memory ---- */

/* Makes *@at hold @count zero-filled entries of @size beyond @old; false: no memory. */
static bool stretch(void *at, size_t size, uint32_t old, uint32_t count)
{
    char **array = at, *longer;

    /* The first time in pages that are zero already, and not touched before they are used. */
    longer = old == 0 ? calloc(count, size) : realloc(*array, size * count);
    if (!longer)
        return false;
    if (old > 0)
        memset(longer + size * old, 0, size * (count - old));
    *array = longer;
    return true;
}

/* Arrays of @count entries; those that could be stretched stay so if one cannot. */
static int stretch_all(struct loop *loop, struct loop_arrays *arrays, uint32_t count)
{
    uint32_t old = arrays->sources;

    if (!stretch(&arrays->slots, sizeof(*arrays->slots), old, count) ||
        !stretch(&arrays->heap, sizeof(*arrays->heap), old, count) ||
        !stretch(&arrays->place, sizeof(*arrays->place), old, count) ||
        !stretch(&loop->calls, sizeof(*loop->calls), old, count))
        return -ENOMEM;
    arrays->sources = count;
    return 0;
}

int loop_need_slot(struct loop *loop)
{
    struct loop_arrays arrays = loop->core.at;
    uint32_t count = arrays.sources * 2;
    int error;

    if (count > LOOP_SOURCES_MAX)
        return -ENOSPC;
    error = stretch_all(loop, &arrays, count);
    if (error) {
        /* What has moved has moved; it is still as long as it was. */
        arrays.sources = loop->core.at.sources;
        loop->core.at = arrays;
        return error;
    }
    loop_core_adopt(&loop->core, &arrays);
    return 0;
}

static void free_arrays(struct loop *loop, struct loop_arrays *arrays)
{
    free(arrays->slots);
    free(arrays->heap);
    free(arrays->place);
    free(arrays->fds);
    free(loop->calls);
    free(loop->results);
}

/* ---- opening ---- */

static uint32_t descriptors_here(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur > DESCRIPTORS_MAX)
        return DESCRIPTORS_MAX;
    return (uint32_t)limit.rlim_cur;
}

int loop_open(struct loop *loop, const struct loop_options *options)
{
    struct loop_arrays arrays = {.descriptors = descriptors_here()};
    uint32_t sources = options->sources ? options->sources : SOURCES_USUAL;
    int error;

    memset(loop, 0, sizeof(*loop));
    loop->backend.ops = options->ops;
    if (!loop->backend.ops)
        loop->backend.ops = loop_backend_find(options->backend ? options->backend : "epoll");
    if (!loop->backend.ops)
        return -ENOENT;
    loop->backend.descriptors = arrays.descriptors;
    loop->backend.fd = -1;
    loop->bell = -1;
    loop->spare = -1;
    loop->clock = options->clock ? options->clock : monotonic;
    loop->clock_arg = options->clock_arg;
    loop->results = calloc(LOOP_RESULTS_MAX, sizeof(*loop->results));
    arrays.fds = calloc(arrays.descriptors, sizeof(*arrays.fds));
    error = stretch_all(loop, &arrays, sources + LOOP_HEADS);
    if (error || !loop->results || !arrays.fds) {
        free_arrays(loop, &arrays);
        return -ENOMEM;
    }
    error = loop->backend.ops->open(&loop->backend);
    if (error) {
        free_arrays(loop, &arrays);
        return error;
    }
    loop_core_init(&loop->core, &arrays, loop->clock(loop->clock_arg));
    return 0;
}

void loop_close(struct loop *loop)
{
    const struct loop_core *core = &loop->core;

    while (core->kinds[LOOP_SIGNAL])
        loop_remove(loop, loop_core_id(core, core->kinds[LOOP_SIGNAL]));
    for (uint32_t i = 0; i < core->at.sources; i++) {
        if (core->at.slots[i].kind == LOOP_CHILD)
            close(core->at.slots[i].of);
    }
    loop->backend.ops->close(&loop->backend);
    if (loop->bell >= 0)
        close(loop->bell);
    if (loop->spare >= 0)
        close(loop->spare);
    free_arrays(loop, &loop->core.at);
    memset(loop, 0, sizeof(*loop));
}

/* ---- what is told to the kernel ---- */

static int apply(struct loop *loop, const struct loop_change *change)
{
    int error = loop->backend.ops->change(&loop->backend, change);

    if (error)
        loop_change_failed(&loop->core, change->fd);
    return error;
}

int loop_tell_kernel(struct loop *loop, int fd)
{
    struct loop_change change;

    return loop_change_of(&loop->core, fd, &change) ? apply(loop, &change) : 0;
}

/* A change that fails says that the descriptor was closed while watched. */
static void apply_all(struct loop *loop)
{
    struct loop_change change;

    while (loop_change(&loop->core, &change)) {
        if (apply(loop, &change) == 0)
            continue;
        loop->core.at.fds[change.fd].told = change.events;
        loop_core_lose(&loop->core, change.fd);
    }
}

/*
 * Reports came that belong to nobody: a file is registered under a number that was closed and
 * lives on as a duplicate.  It cannot be removed, only left behind.
 */
static int forget_zombies(struct loop *loop)
{
    struct loop_core *core = &loop->core;
    int error;

    core->stale = 0;
    if (!loop->backend.ops->renew)
        return 0;
    error = loop->backend.ops->renew(&loop->backend);
    for (uint32_t fd = 0; fd < core->at.descriptors && !error; fd++) {
        const struct loop_fd *entry = &core->at.fds[fd];
        struct loop_change change = {(int32_t)fd, entry->told, entry->tag, LOOP_ADD};

        if (entry->told && apply(loop, &change) < 0) {
            core->at.fds[fd].told = change.events;
            loop_core_lose(core, (int)fd);
        }
    }
    return error;
}

/* ---- turns ---- */

uint64_t loop_now(struct loop *loop)
{
    if (!loop->fresh) {
        loop_core_advance(&loop->core, loop->clock(loop->clock_arg));
        loop->fresh = true;
    }
    return loop->core.now_ns;
}

/* The clock is read only for timers: without any, what it said last is as good. */
static uint64_t clock_if_needed(struct loop *loop)
{
    loop->fresh = loop->core.timers > 0;
    return loop->fresh ? loop->clock(loop->clock_arg) : loop->core.clock_ns;
}

int loop_wait(struct loop *loop, int64_t timeout_ns)
{
    struct loop_core *core = &loop->core;
    int64_t needed_ns;
    int count, error = 0;

    apply_all(loop);
    needed_ns = loop_prepare(core, clock_if_needed(loop));
    if (timeout_ns < 0 || (needed_ns >= 0 && needed_ns < timeout_ns))
        timeout_ns = needed_ns;
    count = loop->backend.ops->wait(&loop->backend, timeout_ns, loop->results);
    loop_feed(core, clock_if_needed(loop), loop->results, count < 0 ? 0 : (unsigned)count);
    if (core->stale)
        error = forget_zombies(loop);
    return count < 0 ? count : error;
}

void loop_answer_bell(struct loop *loop, const struct loop_ready *ready, void *arg)
{
    uint64_t count;

    (void)ready;
    (void)arg;
    if (read(loop->bell, &count, sizeof(count)) < 0)
        return; /* rung between two reads: answered already */
    /* First the bell, then who rang: what comes in between rings again. */
    atomic_store(&loop->rung, false);
    for (struct loop_waker *waker = loop->wakers; waker; waker = waker->next) {
        if (atomic_exchange(&waker->sent, false))
            loop_core_tell(&loop->core, waker->id, LOOP_DUE);
    }
    loop_signals_tell(loop);
}

/* A child's end is told once: reaped, then its source is gone. */
static void reap(struct loop *loop, struct loop_ready *ready, loop_callback *function,
                 void *arg)
{
    siginfo_t info = {.si_pid = 0};
    int status = 0;

    if (waitid(P_PIDFD, (id_t)ready->value, &info, WEXITED | WNOHANG) == 0 && !info.si_pid)
        return;
    if (info.si_code == CLD_EXITED)
        status = info.si_status << 8;
    else
        status = info.si_status | (info.si_code == CLD_DUMPED ? 0x80 : 0);
    ready->value = status;
    ready->events = LOOP_DUE;
    loop_remove(loop, ready->id);
    function(loop, ready, arg);
}

void loop_dispatch(struct loop *loop, struct loop_ready *ready)
{
    const struct loop_call *call = &loop->calls[(uint32_t)ready->id & LOOP_SOURCES_MAX];

    if (ready->kind == LOOP_CHILD)
        reap(loop, ready, call->function, call->arg);
    else
        call->function(loop, ready, call->arg);
}

int loop_dispatch_all(struct loop *loop)
{
    struct loop_ready ready;
    int told = 0;

    while (loop_next(&loop->core, &ready)) {
        loop_dispatch(loop, &ready);
        told++;
    }
    return told;
}

/*
 * The rest of a turn in which something came up that must stand in a queue.  @first: reports
 * before it have been told.
 */
__attribute__((noinline)) static int tell_rest(struct loop *loop, int first, int count)
{
    struct loop_core *core = &loop->core;

    loop_feed(core, core->clock_ns, &loop->results[first], (unsigned)(count - first));
    if (core->stale && first == 0)
        forget_zombies(loop);
    /* Of a source that was removed in this very turn?  The next one will see. */
    core->special |= core->stale ? (uint32_t)LOOP_SUSPECTS : 0;
    core->stale = 0;
    return first + loop_dispatch_all(loop);
}

__attribute__((noinline)) static int long_turn(struct loop *loop, int64_t timeout_ns)
{
    int error = loop_wait(loop, timeout_ns);

    return error < 0 ? error : loop_dispatch_all(loop);
}

/*
 * A turn.  Where only descriptors are waited for, and nothing about them has changed, reports
 * are told straight away: this is what a busy server does nearly all the time.
 */
__attribute__((always_inline)) static inline int turn(struct loop *loop, int64_t timeout_ns)
{
    struct loop_core *core = &loop->core;
    struct loop_ready ready;
    int count;

    if (core->special | core->change | core->timers)
        return long_turn(loop, timeout_ns);
    loop->fresh = false;
    count = loop->backend.ops->wait(&loop->backend, timeout_ns, loop->results);
    for (int i = 0; i < count; i++) {
        const struct loop_call *call;

        if ((core->special | core->change) || !loop_direct(core, &loop->results[i], &ready))
            return tell_rest(loop, i, count);
        call = &loop->calls[(uint32_t)ready.id & LOOP_SOURCES_MAX];
        call->function(loop, &ready, call->arg);
    }
    return count;
}

int loop_turn(struct loop *loop, int64_t timeout_ns)
{
    return turn(loop, timeout_ns);
}

int loop_run(struct loop *loop)
{
    loop->stopped = false;
    /* What was made ready, and the prepare sources, come before the first wait. */
    loop_dispatch_all(loop);
    while (!loop->stopped && (loop->core.active || loop_core_pending(&loop->core))) {
        int told = turn(loop, -1);

        if (told < 0)
            return told;
    }
    return 0;
}

void loop_stop(struct loop *loop)
{
    loop->stopped = true;
}

int loop_descriptor(struct loop *loop)
{
    return loop->backend.fd >= 0 ? loop->backend.fd : -ENOTSUP;
}

int64_t loop_timeout(struct loop *loop)
{
    apply_all(loop);
    return loop_prepare(&loop->core, clock_if_needed(loop));
}
