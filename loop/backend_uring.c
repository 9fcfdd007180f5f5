/*
 * loop/backend_uring.c - io_uring(7): poll requests that stay, through the bare system calls.
 *
 * A multishot poll reports once per wake, as an edge registration does, until a completion
 * comes without IORING_CQE_F_MORE (the completion queue was full, or the file failed): then it
 * is armed again before the next wait.  Requests are handed over by the very call that waits.
 * Completions of a request that was taken back meanwhile bear an old serial number and are
 * passed over.
 *
 * Not done: reads and writes through the ring; the loop tells who is ready, as all back ends
 * do.
 */
#define _GNU_SOURCE
#include "loop/backend.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <linux/time_types.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NS_PER_S = 1000000000, SUBMITTED = 1024, COMPLETED = 16384 };

#define NOBODY UINT64_MAX /* user data of requests whose completion is of no interest */

/* What was asked of one descriptor. */
struct asked {
    uint32_t serial; /* of its poll request; 0 none was made */
    uint16_t tag;
    uint16_t armed;
};

struct uring_own {
    void *rings; /* both queues' heads and tails, and the completions */
    size_t rings_bytes;
    struct io_uring_sqe *sqes;
    size_t sqes_bytes;
    const _Atomic unsigned *sq_head;
    _Atomic unsigned *sq_tail, *cq_head;
    const _Atomic unsigned *cq_tail;
    unsigned sq_mask, cq_mask, sq_entries;
    unsigned pending; /* requests written and not handed over */
    const struct io_uring_cqe *cqes;
    struct asked *asked;
    uint32_t serial;
};

static long enter(int fd, unsigned submit, unsigned complete, unsigned flags, const void *arg,
                  size_t size)
{
    return syscall(SYS_io_uring_enter, fd, submit, complete, flags, arg, size);
}

static int set_up(struct io_uring_params *params)
{
    /* Completions are made in our own call, by the only thread that asks: no interruptions. */
    static const unsigned wishes[] = {
        IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
        0,
    };
    long fd = -1;

    for (unsigned i = 0; i < sizeof(wishes) / sizeof(*wishes) && fd < 0; i++) {
        memset(params, 0, sizeof(*params));
        params->flags = wishes[i] | IORING_SETUP_CQSIZE;
        params->cq_entries = COMPLETED;
        fd = syscall(SYS_io_uring_setup, SUBMITTED, params);
    }
    if (fd < 0)
        return -errno;
    if (!(params->features & IORING_FEAT_SINGLE_MMAP) ||
        !(params->features & IORING_FEAT_EXT_ARG)) {
        close((int)fd);
        return -ENOSYS;
    }
    return (int)fd;
}

static void close_uring(struct loop_backend *backend)
{
    struct uring_own *own = backend->own;

    if (own->rings)
        munmap(own->rings, own->rings_bytes);
    if (own->sqes)
        munmap(own->sqes, own->sqes_bytes);
    if (backend->fd >= 0)
        close(backend->fd);
    free(own->asked);
    free(own);
}

static void *map(int fd, size_t bytes, off_t offset)
{
    void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, offset);

    return at == MAP_FAILED ? NULL : at;
}

static void find_rings(struct uring_own *own, const struct io_uring_params *params)
{
    char *rings = own->rings;
    unsigned *array = (unsigned *)(void *)(rings + params->sq_off.array);

    own->sq_head = (_Atomic unsigned *)(void *)(rings + params->sq_off.head);
    own->sq_tail = (_Atomic unsigned *)(void *)(rings + params->sq_off.tail);
    own->cq_head = (_Atomic unsigned *)(void *)(rings + params->cq_off.head);
    own->cq_tail = (_Atomic unsigned *)(void *)(rings + params->cq_off.tail);
    own->sq_mask = params->sq_entries - 1;
    own->cq_mask = params->cq_entries - 1;
    own->sq_entries = params->sq_entries;
    own->cqes = (const struct io_uring_cqe *)(void *)(rings + params->cq_off.cqes);
    for (unsigned i = 0; i < params->sq_entries; i++)
        array[i] = i;
}

static int open_uring(struct loop_backend *backend)
{
    struct uring_own *own = calloc(1, sizeof(*own));
    struct io_uring_params params;
    size_t submissions, completions;

    if (!own)
        return -ENOMEM;
    backend->own = own;
    backend->fd = set_up(&params);
    if (backend->fd < 0) {
        int error = backend->fd;

        close_uring(backend);
        return error;
    }
    submissions = params.sq_off.array + params.sq_entries * sizeof(unsigned);
    completions = params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe);
    own->rings_bytes = submissions > completions ? submissions : completions;
    own->sqes_bytes = params.sq_entries * sizeof(struct io_uring_sqe);
    own->rings = map(backend->fd, own->rings_bytes, IORING_OFF_SQ_RING);
    own->sqes = map(backend->fd, own->sqes_bytes, IORING_OFF_SQES);
    own->asked = calloc(backend->descriptors, sizeof(*own->asked));
    if (!own->rings || !own->sqes || !own->asked) {
        close_uring(backend);
        return -ENOMEM;
    }
    find_rings(own, &params);
    return 0;
}

/* A request to fill in; hands the others over if there is no room. */
static struct io_uring_sqe *request(struct loop_backend *backend)
{
    struct uring_own *own = backend->own;
    unsigned tail = atomic_load_explicit(own->sq_tail, memory_order_relaxed);
    struct io_uring_sqe *sqe = &own->sqes[tail & own->sq_mask];

    while (own->pending == own->sq_entries) {
        long n = enter(backend->fd, own->pending, 0, 0, NULL, 0);

        if (n > 0)
            own->pending -= (unsigned)n;
    }
    memset(sqe, 0, sizeof(*sqe));
    return sqe;
}

static void written(struct uring_own *own)
{
    unsigned tail = atomic_load_explicit(own->sq_tail, memory_order_relaxed);

    atomic_store_explicit(own->sq_tail, tail + 1, memory_order_release);
    own->pending++;
}

static uint64_t name_of(int fd, uint32_t serial)
{
    return (uint32_t)fd | (uint64_t)serial << 32;
}

static void take_back(struct loop_backend *backend, int fd)
{
    struct uring_own *own = backend->own;
    struct io_uring_sqe *sqe;

    if (!own->asked[fd].armed)
        return;
    sqe = request(backend);
    sqe->opcode = IORING_OP_POLL_REMOVE;
    sqe->fd = -1;
    sqe->addr = name_of(fd, own->asked[fd].serial);
    sqe->user_data = NOBODY;
    written(own);
    own->asked[fd].armed = 0;
}

static int change(struct loop_backend *backend, const struct loop_change *change)
{
    struct uring_own *own = backend->own;
    struct asked *asked = &own->asked[change->fd];
    struct io_uring_sqe *sqe;

    take_back(backend, change->fd);
    asked->serial = 0;
    if (change->op == LOOP_DEL) {
        /* The request holds the file: handed over now, so that a close() after it is one. */
        long n = own->pending ? enter(backend->fd, own->pending, 0, 0, NULL, 0) : 0;

        own->pending -= n > 0 ? (unsigned)n : 0;
        return 0;
    }
    if (++own->serial == UINT32_MAX)
        own->serial = 1;
    asked->serial = own->serial;
    asked->tag = change->tag;
    asked->armed = 1;
    sqe = request(backend);
    sqe->opcode = IORING_OP_POLL_ADD;
    sqe->fd = change->fd;
    sqe->poll32_events = change->events;
    sqe->len = IORING_POLL_ADD_MULTI;
    sqe->user_data = name_of(change->fd, asked->serial);
    written(own);
    return 0;
}

/* Copies completions out before anything new is asked for: the queue is never held up. */
static int collect(struct uring_own *own, struct loop_result *results)
{
    unsigned head = atomic_load_explicit(own->cq_head, memory_order_relaxed);
    unsigned tail = atomic_load_explicit(own->cq_tail, memory_order_acquire);
    int n = 0;

    for (; head != tail && n < LOOP_RESULTS_MAX; head++) {
        const struct io_uring_cqe *cqe = &own->cqes[head & own->cq_mask];
        struct asked *asked = &own->asked[(uint32_t)cqe->user_data];
        unsigned events = cqe->res < 0 ? LOOP_GONE : (unsigned)cqe->res;

        if (cqe->user_data == NOBODY || asked->serial != cqe->user_data >> 32)
            continue;
        if (!(cqe->flags & IORING_CQE_F_MORE)) {
            events |= LOOP_DISARMED;
            asked->armed = 0;
        }
        results[n++] = (struct loop_result){
            .fd = (int32_t)(uint32_t)cqe->user_data,
            .events = events,
            .tag = asked->tag,
        };
    }
    atomic_store_explicit(own->cq_head, head, memory_order_release);
    return n;
}

static int wait_uring(struct loop_backend *backend, int64_t timeout_ns,
                      struct loop_result *results)
{
    struct uring_own *own = backend->own;
    struct __kernel_timespec timeout = {timeout_ns / NS_PER_S, timeout_ns % NS_PER_S};
    struct io_uring_getevents_arg arg = {
        .ts = timeout_ns > 0 ? (uint64_t)(uintptr_t)&timeout : 0,
    };
    bool here = atomic_load_explicit(own->cq_tail, memory_order_acquire) !=
                atomic_load_explicit(own->cq_head, memory_order_relaxed);
    long n = enter(backend->fd, own->pending, timeout_ns == 0 || here ? 0 : 1,
                   IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &arg, sizeof(arg));

    if (n >= 0)
        own->pending -= (unsigned)n;
    else if (errno != ETIME && errno != EINTR && errno != EAGAIN && errno != EBUSY)
        return -errno;
    else
        own->pending = atomic_load_explicit(own->sq_tail, memory_order_relaxed) -
                       atomic_load_explicit(own->sq_head, memory_order_acquire);
    return collect(own, results);
}

const struct loop_backend_ops loop_backend_io_uring = {
    .name = "io_uring",
    .edge = true,
    .open = open_uring,
    .close = close_uring,
    .change = change,
    .wait = wait_uring,
};
