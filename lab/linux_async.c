/*
 * lab/linux_async.c - see linux_async.h.
 *
 * Source: io_submit(2), io_uring_enter(2); the bare system calls, so that the descriptor of a
 * ring is the lowest that is free, as for any other call.
 */
#define _GNU_SOURCE
#include "lab/linux_async.h"

#include <errno.h>
#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
    CONTEXTS = 8,
    RINGS = 8,
    NUMBERS = 64, /* requests of one context or ring under way */
    REQUEST_BYTES = 4096,
    AIO_PARTS = 5,
    URING_PARTS = 4,
    FIRST = 2, /* where requests begin among the arguments */
    NS_PER_S = 1000000000,
};

struct request {
    bool busy;
    char bytes[REQUEST_BYTES];
};

struct context {
    aio_context_t context; /* 0: free */
    struct request request[NUMBERS];
};

struct ring {
    int fd; /* -1: free */
    char *rings;
    struct io_uring_sqe *sqes;
    struct io_uring_params params;
    struct request request[NUMBERS];
};

struct lab_linux_async {
    struct context context[CONTEXTS];
    struct ring ring[RINGS];
};

struct lab_linux_async *lab_linux_async_new(void)
{
    struct lab_linux_async *async = calloc(1, sizeof(*async));

    for (unsigned i = 0; async && i < RINGS; i++)
        async->ring[i].fd = -1;
    return async;
}

static int64_t arg(const struct drv_call *call, unsigned i)
{
    return i < call->argc ? call->args[i] : 0;
}

static unsigned take_number(struct request *request)
{
    unsigned number = 0;

    while (number < NUMBERS && request[number].busy)
        number++;
    if (number < NUMBERS)
        request[number].busy = true;
    return number;
}

/* ---- Linux AIO ---- */

static struct context *context_of(struct lab_linux_async *async, int64_t number)
{
    if (number < 1 || number > CONTEXTS || !async->context[number - 1].context)
        return NULL;
    return &async->context[number - 1];
}

static int64_t do_setup(struct lab_linux_async *async, const struct drv_call *call)
{
    for (unsigned i = 0; i < CONTEXTS; i++) {
        if (async->context[i].context)
            continue;
        if (syscall(SYS_io_setup, arg(call, 0), &async->context[i].context) < 0)
            return -errno;
        return i + 1;
    }
    return -EAGAIN;
}

static int64_t do_submit(struct lab_linux_async *async, const struct drv_call *call)
{
    struct context *context = context_of(async, arg(call, 0));
    int64_t n = arg(call, 1), done = 0;

    if (!context)
        return -EINVAL;
    for (; done < n; done++) {
        unsigned at = (unsigned)(FIRST + AIO_PARTS * done);
        unsigned number = take_number(context->request);
        struct iocb iocb = {.aio_lio_opcode = (uint16_t)arg(call, at),
                            .aio_fildes = (uint32_t)arg(call, at + 1),
                            .aio_offset = arg(call, at + 3),
                            .aio_data = number};
        struct iocb *list = &iocb;

        if (number == NUMBERS)
            return done ? done : -EAGAIN;
        iocb.aio_buf = (uintptr_t)context->request[number].bytes;
        iocb.aio_nbytes = (uint64_t)arg(call, at + 2);
        if (iocb.aio_lio_opcode == IOCB_CMD_POLL)
            iocb = (struct iocb){.aio_lio_opcode = IOCB_CMD_POLL,
                                 .aio_fildes = (uint32_t)arg(call, at + 1),
                                 .aio_buf = (uint64_t)arg(call, at + 2),
                                 .aio_data = number};
        if (arg(call, at + 4) >= 0) {
            iocb.aio_flags = IOCB_FLAG_RESFD;
            iocb.aio_resfd = (uint32_t)arg(call, at + 4);
        }
        if (syscall(SYS_io_submit, context->context, 1, &list) < 0) {
            context->request[number].busy = false;
            return done ? done : -errno;
        }
    }
    return done;
}

static int64_t do_getevents(struct lab_linux_async *async, const struct drv_call *call)
{
    struct context *context = context_of(async, arg(call, 0));
    struct io_event events[NUMBERS];
    int64_t ns = arg(call, 3), max = arg(call, 2);
    struct timespec limit = {ns / NS_PER_S, ns % NS_PER_S};
    long n;

    if (!context)
        return -EINVAL;
    n = syscall(SYS_io_getevents, context->context, arg(call, 1), max < NUMBERS ? max : NUMBERS,
                events, ns < 0 ? NULL : &limit);
    for (long i = 0; i < n; i++) {
        context->request[events[i].data].busy = false;
        if (call->events && i < call->events_max)
            call->events[i] = (struct drv_event){.data = (int64_t)events[i].data,
                                                 .events = (uint32_t)events[i].res};
    }
    return n < 0 ? -errno : n;
}

static int64_t do_destroy(struct lab_linux_async *async, const struct drv_call *call)
{
    struct context *context = context_of(async, arg(call, 0));

    if (!context)
        return -EINVAL;
    if (syscall(SYS_io_destroy, context->context) < 0)
        return -errno;
    memset(context, 0, sizeof(*context));
    return 0;
}

/* ---- io_uring ---- */

static struct ring *ring_of(struct lab_linux_async *async, int64_t fd)
{
    for (unsigned i = 0; i < RINGS; i++) {
        if (fd >= 0 && async->ring[i].fd == fd)
            return &async->ring[i];
    }
    return NULL;
}

static void *map(int fd, size_t bytes, off_t offset)
{
    void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, offset);

    return at == MAP_FAILED ? NULL : at;
}

static int64_t do_uring_setup(struct lab_linux_async *async, const struct drv_call *call)
{
    struct ring *ring = NULL;
    size_t completions, bytes;

    for (unsigned i = 0; i < RINGS && !ring; i++)
        ring = async->ring[i].fd < 0 ? &async->ring[i] : NULL;
    if (!ring)
        return -ENFILE;
    memset(ring, 0, sizeof(*ring));
    ring->fd = (int)syscall(SYS_io_uring_setup, (unsigned)arg(call, 0), &ring->params);
    if (ring->fd < 0)
        return -errno;
    completions =
        ring->params.cq_off.cqes + ring->params.cq_entries * sizeof(struct io_uring_cqe);
    bytes = ring->params.sq_off.array + ring->params.sq_entries * sizeof(unsigned);
    ring->rings = map(ring->fd, bytes > completions ? bytes : completions, IORING_OFF_SQ_RING);
    ring->sqes = map(ring->fd, ring->params.sq_entries * sizeof(*ring->sqes), IORING_OFF_SQES);
    if (ring->rings && ring->sqes)
        return ring->fd;
    close(ring->fd);
    ring->fd = -1;
    return -ENOMEM;
}

static _Atomic unsigned *word(const struct ring *ring, unsigned offset)
{
    return (_Atomic unsigned *)(void *)(ring->rings + offset);
}

/* Writes one request down. */
static bool write_request(struct ring *ring, const struct drv_call *call, unsigned at)
{
    unsigned tail = atomic_load(word(ring, ring->params.sq_off.tail));
    unsigned slot = tail & (ring->params.sq_entries - 1), number = take_number(ring->request);
    struct io_uring_sqe *sqe = &ring->sqes[slot];

    if (number == NUMBERS)
        return false;
    memset(sqe, 0, sizeof(*sqe));
    sqe->opcode = (uint8_t)arg(call, at);
    sqe->fd = (int)arg(call, at + 1);
    sqe->user_data = number;
    if (sqe->opcode == IORING_OP_POLL_ADD) {
        sqe->poll32_events = (uint32_t)arg(call, at + 2);
        sqe->len = arg(call, at + 3) & 1 ? IORING_POLL_ADD_MULTI : 0;
    } else if (sqe->opcode == IORING_OP_POLL_REMOVE) {
        sqe->addr = (uint64_t)arg(call, at + 1);
        sqe->fd = -1;
    } else {
        sqe->addr = (uintptr_t)ring->request[number].bytes;
        sqe->len = (uint32_t)arg(call, at + 2);
        sqe->off = (uint64_t)arg(call, at + 3);
    }
    atomic_store(word(ring, ring->params.sq_off.array + slot * (unsigned)sizeof(unsigned)),
                 slot);
    atomic_store(word(ring, ring->params.sq_off.tail), tail + 1);
    return true;
}

/* Takes completions out, from the @n-th event on; how many there are then. */
static int64_t reap(struct ring *ring, const struct drv_call *call, int64_t n)
{
    const struct io_uring_cqe *cqes =
        (const struct io_uring_cqe *)(void *)(ring->rings + ring->params.cq_off.cqes);
    unsigned head = atomic_load(word(ring, ring->params.cq_off.head));
    unsigned tail = atomic_load(word(ring, ring->params.cq_off.tail));

    for (; head != tail && n < call->events_max; head++, n++) {
        const struct io_uring_cqe *cqe = &cqes[head & (ring->params.cq_entries - 1)];

        call->events[n] =
            (struct drv_event){.data = (int64_t)cqe->user_data, .events = (uint32_t)cqe->res};
        if (!(cqe->flags & IORING_CQE_F_MORE))
            ring->request[cqe->user_data].busy = false;
    }
    atomic_store(word(ring, ring->params.cq_off.head), head);
    return n;
}

static int64_t do_uring_enter(struct lab_linux_async *async, const struct drv_call *call)
{
    struct ring *ring = ring_of(async, arg(call, 0));
    int64_t n = arg(call, 1);
    unsigned least = (unsigned)arg(call, (unsigned)(FIRST + URING_PARTS * n)), written = 0;
    long done;

    if (!ring)
        return -EBADF;
    while (written < n && write_request(ring, call, FIRST + URING_PARTS * written))
        written++;
    done =
        syscall(SYS_io_uring_enter, ring->fd, written, least, IORING_ENTER_GETEVENTS, NULL, 0);
    if (done < 0)
        return -errno;
    if (!call->events)
        return done;
    /* What did not fit into the queue is kept by the kernel; the next call moves it there. */
    return reap(ring, call, 0);
}

/* ---- the table ---- */

static int64_t (*const row[DRV_NR_COUNT])(struct lab_linux_async *async,
                                          const struct drv_call *call) = {
    [DRV_NR_IO_SETUP] = do_setup,
    [DRV_NR_IO_SUBMIT] = do_submit,
    [DRV_NR_IO_GETEVENTS] = do_getevents,
    [DRV_NR_IO_DESTROY] = do_destroy,
    [DRV_NR_IO_URING_SETUP] = do_uring_setup,
    [DRV_NR_IO_URING_ENTER] = do_uring_enter,
};

bool lab_linux_async_has(unsigned nr)
{
    return nr < DRV_NR_COUNT && row[nr];
}

int64_t lab_linux_async_call(struct lab_linux_async *async, const struct drv_call *call)
{
    return async && lab_linux_async_has(call->nr) ? row[call->nr](async, call) : -ENOSYS;
}
