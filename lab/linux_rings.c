/*
 * lab/linux_rings.c - see linux_rings.h.
 *
 * Source: io_submit(2), io_uring_setup(2), io_uring_enter(2), io_uring(7).
 */
#define _GNU_SOURCE
#include "lab/linux_rings.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { FIRST = 2, AIO_PARTS = 5, URING_PARTS = 4, AT_ONCE = 32 };

static int64_t arg(const struct drv_call *call, unsigned i)
{
    return i < call->argc ? call->args[i] : 0;
}

static int64_t answer(int64_t value)
{
    return value < 0 ? -errno : value;
}

static struct lab_linux_ring *free_ring(const struct lab_linux *host)
{
    for (unsigned i = 0; i < LAB_RINGS && host->rings; i++)
        if (!host->rings->ring[i].used)
            return &host->rings->ring[i];
    return 0;
}

/* The lowest number that no request under way has. */
static unsigned number_of(struct lab_linux_ring *ring)
{
    unsigned number = 0;

    while (number < LAB_RING_REQUESTS - 1 && ring->in_flight >> number & 1)
        number++;
    ring->in_flight |= 1ull << number;
    return number;
}

static void report(const struct drv_call *call, unsigned i, uint64_t number, int32_t result,
                   bool more)
{
    if (call->events && i < call->events_max)
        call->events[i] =
            (struct drv_event){.data = (int64_t)number,
                               .events = (uint32_t)result,
                               .flags = DRV_EVENT_RESULT | (more ? DRV_EVENT_MORE : 0u)};
}

/* ---- Linux AIO ---- */

static int64_t setup_context(const struct lab_linux *host, const struct drv_call *call)
{
    struct lab_linux_ring *ring = free_ring(host);

    if (!ring)
        return -EAGAIN;
    memset(ring, 0, sizeof(*ring));
    ring->fd = -1;
    if (syscall(SYS_io_setup, (unsigned)arg(call, 0), &ring->context) != 0)
        return -errno;
    ring->used = true;
    return ring - host->rings->ring + 1;
}

/* The context with this number, 0: there is none. */
static struct lab_linux_ring *context_of(const struct lab_linux *host, int64_t number)
{
    struct lab_linux_ring *ring;

    if (!host->rings || number < 1 || number > LAB_RINGS)
        return 0;
    ring = &host->rings->ring[number - 1];
    return ring->used && ring->fd < 0 ? ring : 0;
}

static void fill_iocb(const struct lab_linux *host, const struct drv_call *call, unsigned at,
                      unsigned number, struct iocb *ret_iocb)
{
    bool poll = arg(call, at) == IOCB_CMD_POLL;

    *ret_iocb = (struct iocb){
        .aio_data = number,
        .aio_lio_opcode = (uint16_t)arg(call, at),
        .aio_fildes = (uint32_t)arg(call, at + 1),
        .aio_buf = poll ? (uint64_t)arg(call, at + 2) : (uint64_t)(uintptr_t)host->scratch,
        .aio_nbytes = poll ? 0 : (uint64_t)arg(call, at + 2),
        .aio_offset = arg(call, at + 3),
    };
    if (arg(call, at + 4) >= 0) {
        ret_iocb->aio_flags = IOCB_FLAG_RESFD;
        ret_iocb->aio_resfd = (uint32_t)arg(call, at + 4);
    }
}

static int64_t submit_context(const struct lab_linux *host, const struct drv_call *call)
{
    struct lab_linux_ring *ring = context_of(host, arg(call, 0));
    int64_t n = arg(call, 1), done = 0;

    if (!ring)
        return -EINVAL;
    if (n <= 0)
        return answer(syscall(SYS_io_submit, ring->context, (long)n, (struct iocb **)0));
    /* one after the other, so that a number comes free as early as in the model */
    for (; done < n; done++) {
        unsigned number = number_of(ring);
        struct iocb *iocb = &ring->iocb[number];
        fill_iocb(host, call, (unsigned)(FIRST + AIO_PARTS * done), number, iocb);
        if (syscall(SYS_io_submit, ring->context, 1l, &iocb) == 1)
            continue;
        ring->in_flight &= ~(1ull << number);
        return done ? done : -errno;
    }
    return done;
}

static int64_t get_events(const struct lab_linux *host, const struct drv_call *call)
{
    struct lab_linux_ring *ring = context_of(host, arg(call, 0));
    struct io_event events[AT_ONCE];
    int64_t timeout_ns = call->argc > 3 ? arg(call, 3) * (int64_t)host->scale : -1;
    struct timespec limit = {.tv_sec = timeout_ns / 1000000000,
                             .tv_nsec = timeout_ns % 1000000000};
    long most = arg(call, 2) > AT_ONCE ? AT_ONCE : (long)arg(call, 2), count;

    if (!ring)
        return -EINVAL;
    count = syscall(SYS_io_getevents, ring->context, (long)arg(call, 1), most, events,
                    timeout_ns < 0 ? 0 : &limit);
    for (long i = 0; i < count; i++) {
        ring->in_flight &= ~(1ull << events[i].data);
        report(call, (unsigned)i, events[i].data, (int32_t)events[i].res, false);
    }
    return answer(count);
}

static int64_t cancel(const struct lab_linux *host, const struct drv_call *call)
{
    struct lab_linux_ring *ring = context_of(host, arg(call, 0));
    struct io_event event;

    if (!ring || arg(call, 1) < 0 || arg(call, 1) >= LAB_RING_REQUESTS)
        return -EINVAL;
    return answer(syscall(SYS_io_cancel, ring->context, &ring->iocb[arg(call, 1)], &event));
}

static int64_t destroy(const struct lab_linux *host, const struct drv_call *call)
{
    struct lab_linux_ring *ring = context_of(host, arg(call, 0));

    if (!ring)
        return -EINVAL;
    ring->used = false;
    return answer(syscall(SYS_io_destroy, ring->context));
}

int64_t lab_linux_aio(const struct lab_linux *host, const struct drv_call *call)
{
    switch (call->nr) {
    case DRV_NR_IO_SETUP:
        return setup_context(host, call);
    case DRV_NR_IO_SUBMIT:
        return submit_context(host, call);
    case DRV_NR_IO_GETEVENTS:
        return get_events(host, call);
    case DRV_NR_IO_CANCEL:
        return cancel(host, call);
    default:
        return destroy(host, call);
    }
}

/* ---- io_uring ---- */

static void *map(int fd, size_t size, uint64_t what)
{
    void *at =
        mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, (off_t)what);

    return at == MAP_FAILED ? 0 : at;
}

static int64_t setup_ring(const struct lab_linux *host, const struct drv_call *call)
{
    struct lab_linux_ring *ring = free_ring(host);
    struct io_uring_params *params;

    if (!ring)
        return -ENFILE;
    memset(ring, 0, sizeof(*ring));
    params = &ring->params;
    ring->fd = (int)syscall(SYS_io_uring_setup, (unsigned)arg(call, 0), params);
    if (ring->fd < 0)
        return -errno;
    ring->sq = map(ring->fd, params->sq_off.array + params->sq_entries * sizeof(uint32_t),
                   IORING_OFF_SQ_RING);
    ring->cq =
        map(ring->fd, params->cq_off.cqes + params->cq_entries * sizeof(struct io_uring_cqe),
            IORING_OFF_CQ_RING);
    ring->sqe =
        map(ring->fd, params->sq_entries * sizeof(struct io_uring_sqe), IORING_OFF_SQES);
    if (!ring->sq || !ring->cq || !ring->sqe)
        return -ENOMEM;
    ring->used = true;
    return ring->fd;
}

static _Atomic uint32_t *word(uint8_t *ring, uint32_t offset)
{
    return (_Atomic uint32_t *)(void *)(ring + offset);
}

/* Puts a request into the submission queue. */
static void push(const struct lab_linux *host, struct lab_linux_ring *ring,
                 const struct drv_call *call, unsigned at)
{
    uint32_t tail = atomic_load(word(ring->sq, ring->params.sq_off.tail));
    uint32_t slot = tail & (ring->params.sq_entries - 1);
    struct io_uring_sqe *sqe = &ring->sqe[slot];

    *sqe = (struct io_uring_sqe){.opcode = (uint8_t)arg(call, at),
                                 .fd = (int)arg(call, at + 1),
                                 .user_data = number_of(ring)};
    if (sqe->opcode == IORING_OP_POLL_ADD) {
        sqe->poll32_events = (uint32_t)arg(call, at + 2);
        sqe->len = (uint32_t)arg(call, at + 3);
    } else if (sqe->opcode == IORING_OP_POLL_REMOVE) {
        sqe->addr = (uint64_t)arg(call, at + 1);
        sqe->fd = -1;
    } else if (sqe->opcode != IORING_OP_NOP) {
        sqe->addr = (uint64_t)(uintptr_t)host->scratch;
        sqe->len = (uint32_t)arg(call, at + 2);
        sqe->off = (uint64_t)arg(call, at + 3);
    }
    *(uint32_t *)(void *)(ring->sq + ring->params.sq_off.array + slot * sizeof(uint32_t)) =
        slot;
    atomic_store(word(ring->sq, ring->params.sq_off.tail), tail + 1);
}

static int64_t reap(struct lab_linux_ring *ring, const struct drv_call *call)
{
    _Atomic uint32_t *head = word(ring->cq, ring->params.cq_off.head);
    struct io_uring_cqe *cqes = (void *)(ring->cq + ring->params.cq_off.cqes);
    unsigned n = 0;

    while (n < call->events_max &&
           atomic_load(head) != atomic_load(word(ring->cq, ring->params.cq_off.tail))) {
        struct io_uring_cqe *cqe = &cqes[atomic_load(head) & (ring->params.cq_entries - 1)];
        bool more = cqe->flags & IORING_CQE_F_MORE;
        if (!more)
            ring->in_flight &= ~(1ull << (cqe->user_data & 63));
        report(call, n++, cqe->user_data, cqe->res, more);
        atomic_fetch_add(head, 1);
    }
    return n;
}

static int64_t enter(const struct lab_linux *host, const struct drv_call *call)
{
    struct lab_linux_ring *ring = 0;
    int64_t n = arg(call, 1), least = arg(call, (unsigned)(FIRST + URING_PARTS * n)), done;

    for (unsigned i = 0; i < LAB_RINGS && host->rings; i++)
        if (host->rings->ring[i].used && host->rings->ring[i].fd == arg(call, 0))
            ring = &host->rings->ring[i];
    if (!ring)
        return answer(
            syscall(SYS_io_uring_enter, (int)arg(call, 0), 0u, 0u, 0u, (void *)0, 0l));
    for (int64_t i = 0; i < n; i++)
        push(host, ring, call, (unsigned)(FIRST + URING_PARTS * i));
    done = syscall(SYS_io_uring_enter, ring->fd, (unsigned)n, (unsigned)least,
                   IORING_ENTER_GETEVENTS, (void *)0, 0l);
    if (done < 0)
        return -errno;
    return call->events ? reap(ring, call) : done;
}

int64_t lab_linux_uring(const struct lab_linux *host, const struct drv_call *call)
{
    return call->nr == DRV_NR_IO_URING_SETUP ? setup_ring(host, call) : enter(host, call);
}
