/*
 * drivers/aio.c - Linux AIO: io_setup, io_submit, io_getevents, io_cancel, io_destroy.
 *
 * A read or write is done inside io_submit, as read and write would do it: a buffered file is
 * complete when the call returns, and an empty pipe blocks it.  Only POLL, and what goes to a
 * disk directly (drivers/disk.c), stays behind as a job (drivers/job.c).  A request bears the
 * lowest number that is free in its context.
 *
 * Source: fs/aio.c (Linux 6.x), io_submit(2).
 * Not modelled: RWF flags, priorities; a context takes as many requests as the model has room
 * for (Linux: by the page), then EAGAIN.
 */
#include "drivers/disk.h"
#include "drivers/job.h"
#include "drivers/process.h"

enum { OP_READ = 0, OP_WRITE = 1, OP_FSYNC = 2, OP_FDSYNC = 3, OP_POLL = 5 };

enum { PARTS = 5, FIRST = 2 }; /* of a request among the arguments, and where they begin */

#define ALWAYS ((uint32_t)(DRV_POLLERR | DRV_POLLHUP))

/* The context with this number in the caller's process, DRV_NONE: there is none. */
static drv_file_id context_of(const struct drv *drv, drv_task_id task, int64_t number)
{
    int64_t contexts = drv->slot_end[DRV_FILE_AIO] - drv->slot[DRV_FILE_AIO];
    int64_t file = drv->slot[DRV_FILE_AIO] + (number < 1 || number > contexts ? 0 : number - 1);

    if (number < 1 || number > contexts ||
        drv_ring(drv, (drv_file_id)file)->process != drv->config->task_process[task] + 1)
        return DRV_NONE;
    return (drv_file_id)file;
}

int64_t drv_io_setup(struct drv *drv, drv_task_id task, int64_t requests)
{
    if (requests < 1)
        return -DRV_EINVAL;
    for (unsigned i = drv->slot[DRV_FILE_AIO]; i < drv->slot_end[DRV_FILE_AIO]; i++) {
        struct drv_ring *ring = drv_ring(drv, (drv_file_id)i);
        if (ring->flags)
            continue;
        ring->flags = DRV_SLOT_USED;
        ring->process = (uint8_t)(drv->config->task_process[task] + 1);
        ring->limit = drv->config->cqes;
        return (int64_t)i - drv->slot[DRV_FILE_AIO] + 1;
    }
    return drv_exhausted(drv, DRV_NR_IO_SETUP, DRV_EAGAIN);
}

static void destroy(struct drv *drv, drv_file_id context)
{
    struct drv_ring *ring = drv_ring(drv, context);

    drv_jobs_cancel(drv, context);
    for (unsigned i = 0; i < ring->cqes; i++)
        ring->cqe[i] = (struct drv_cqe){0};
    *ring = (struct drv_ring){0};
    drv_file_wake(drv, context, DRV_QUEUE_MAIN, 0, true);
}

int64_t drv_io_destroy(struct drv *drv, drv_task_id task, int64_t number)
{
    drv_file_id context = context_of(drv, task, number);

    if (context == DRV_NONE)
        return -DRV_EINVAL;
    destroy(drv, context);
    return 0;
}

void drv_aio_end(struct drv *drv, unsigned process)
{
    for (unsigned i = drv->slot[DRV_FILE_AIO]; i < drv->slot_end[DRV_FILE_AIO]; i++)
        if (drv_ring(drv, (drv_file_id)i)->process == process + 1)
            destroy(drv, (drv_file_id)i);
}

int64_t drv_io_cancel(struct drv *drv, drv_task_id task, int64_t number, int64_t request)
{
    drv_file_id context = context_of(drv, task, number);
    unsigned job = context == DRV_NONE ? DRV_NONE : drv_job_find(drv, context, request);

    if (job == DRV_NONE || drv->job[job].op != DRV_JOB_AIO_POLL)
        return -DRV_EINVAL;      /* only a poll can be taken back */
    drv_job_finish(drv, job, 0); /* the result of a poll that was cancelled */
    return -DRV_EINPROGRESS;
}

/* ---- io_submit ---- */

/* The k-th request of the call. */
struct request {
    int64_t op, fd, count, offset, resfd;
    drv_ofd_id ofd;
};

static struct request request_of(const struct drv *drv, drv_task_id task,
                                 const struct drv_call *call, unsigned k)
{
    unsigned at = FIRST + PARTS * k;
    struct request r = {drv_arg(call, at),     drv_arg(call, at + 1), drv_arg(call, at + 2),
                        drv_arg(call, at + 3), drv_arg(call, at + 4), DRV_NONE};

    r.ofd = drv_fd_ofd(drv, task, r.fd);
    return r;
}

/* Files that have no read_iter, or no write_iter: a request cannot move their data. */
static bool has_no_data(enum drv_file_kind kind, bool write)
{
    switch (kind) {
    case DRV_FILE_EPOLL:
    case DRV_FILE_URING:
    case DRV_FILE_PIDFD:
        return true;
    case DRV_FILE_EVENTFD:
    case DRV_FILE_TIMERFD:
    case DRV_FILE_SIGNALFD:
        return write;
    default:
        return false;
    }
}

static int check(const struct drv *drv, drv_task_id task, const struct request *r)
{
    drv_ofd_id resfd = r->resfd < 0 ? DRV_NONE : drv_fd_ofd(drv, task, r->resfd);
    enum drv_file_kind kind;

    if (r->ofd == DRV_NONE || (r->resfd >= 0 && resfd == DRV_NONE))
        return -DRV_EBADF;
    if (resfd != DRV_NONE && drv_file_kind(drv, drv->ofd[resfd].file) != DRV_FILE_EVENTFD)
        return -DRV_EINVAL;
    kind = drv_file_kind(drv, drv->ofd[r->ofd].file);
    switch (r->op) {
    case OP_READ:
    case OP_WRITE:
        if (r->op == OP_READ ? !drv_ofd_readable(drv, r->ofd) : !drv_ofd_writable(drv, r->ofd))
            return -DRV_EBADF;
        return has_no_data(kind, r->op == OP_WRITE) || r->count < 0 || r->offset < 0
                   ? -DRV_EINVAL
                   : 0;
    case OP_FSYNC:
    case OP_FDSYNC:
        return kind == DRV_FILE_REGULAR ? 0 : -DRV_EINVAL;
    case OP_POLL:
        return r->count & ~0xffffll ? -DRV_EINVAL : 0;
    default:
        return -DRV_EINVAL;
    }
}

static void complete(struct drv *drv, drv_task_id task, drv_file_id context,
                     const struct request *r, int64_t value)
{
    drv_ring_post(drv, context, drv_ring_number(drv, context), (int32_t)value, false);
    if (r->resfd >= 0)
        drv_eventfd_signal(drv, drv->ofd[drv_fd_ofd(drv, task, r->resfd)].file);
}

/* An eventfd that is told of the completion is held until then. */
static void hold_resfd(struct drv *drv, drv_task_id task, unsigned job, const struct request *r)
{
    struct drv_job *it = &drv->job[job];

    if (r->resfd < 0)
        return;
    it->resfd = (uint8_t)(drv_fd_ofd(drv, task, r->resfd) + 1);
    drv_ofd_get(drv, (drv_ofd_id)(it->resfd - 1));
}

/* Listens first, then looks, as everybody does. */
static void poll_job(struct drv *drv, drv_task_id task, unsigned job, const struct request *r)
{
    struct drv_job *it = &drv->job[job];
    uint32_t level;

    it->op = DRV_JOB_AIO_POLL;
    it->events = (uint32_t)r->count | ALWAYS;
    hold_resfd(drv, task, job, r);
    drv_job_listen(drv, job);
    level = drv_level(drv, task, r->ofd) & it->events;
    if (level)
        drv_job_finish(drv, job, (int32_t)(level & 0xffff));
}

/* A transfer that its disk does later. */
static void disk_job(struct drv *drv, drv_task_id task, unsigned job, const struct request *r)
{
    struct drv_job *it = &drv->job[job];

    it->op = r->op == OP_WRITE ? DRV_JOB_WRITE : DRV_JOB_READ;
    it->count = (uint32_t)r->count;
    it->offset = (int32_t)r->offset;
    hold_resfd(drv, task, job, r);
    drv_disk_submit_job(drv, drv->ofd[r->ofd].file, job);
}

/* Is it a transfer that a disk does later?  What goes through the page cache waits here. */
static bool is_for_disk(const struct drv *drv, const struct request *r)
{
    drv_file_id file = drv->ofd[r->ofd].file;

    return (r->op == OP_READ || r->op == OP_WRITE) &&
           drv_disk_needed(drv, file, r->offset, r->count, r->op == OP_WRITE) &&
           drv_disk_direct(drv, file);
}

/* One request.  0: submitted; or the error; or DRV_WOULD_SLEEP. */
static int64_t submit(struct drv *drv, drv_task_id task, drv_file_id context,
                      const struct request *r)
{
    int error = check(drv, task, r);
    bool disk = !error && is_for_disk(drv, r);
    int64_t value = 0;
    unsigned job;

    if (error)
        return error;
    if (drv_ring(drv, context)->cqes == drv->config->cqes)
        return drv_exhausted(drv, DRV_NR_IO_SUBMIT, DRV_EAGAIN);
    if (r->op == OP_POLL || disk) {
        job = drv_job_new(drv, context, task, r->ofd);
        if (job == DRV_NONE)
            return drv_exhausted(drv, DRV_NR_IO_SUBMIT, DRV_EAGAIN);
        if (disk)
            disk_job(drv, task, job, r);
        else
            poll_job(drv, task, job, r);
        return 0;
    }
    if (r->op == OP_READ || r->op == OP_WRITE)
        value = drv_job_io(drv, task, r->ofd, r->op == OP_WRITE, (uint32_t)r->count, r->offset);
    if (value == DRV_WOULD_SLEEP &&
        (drv_file_kind(drv, drv->ofd[r->ofd].file) == DRV_FILE_REGULAR || /* for its disk */
         !(drv->ofd[r->ofd].flags & DRV_O_NONBLOCK)))
        return value;
    complete(drv, task, context, r, value == DRV_WOULD_SLEEP ? -DRV_EAGAIN : value);
    return 0;
}

enum drv_step drv_io_submit_step(struct drv *drv, drv_task_id task, const struct drv_call *call,
                                 struct drv_result *ret_result)
{
    drv_file_id context = context_of(drv, task, drv_arg(call, 0));
    struct drv_task *record = &drv->task[task];
    int64_t requests = drv_arg(call, 1), value = 0;

    drv->state[task] = DRV_AWAKE;
    if (context == DRV_NONE || requests < 0 || requests > call->argc ||
        FIRST + PARTS * requests > call->argc)
        return drv_call_return(drv, task, call, ret_result, -DRV_EINVAL);
    while (record->done < requests) {
        struct request r = request_of(drv, task, call, record->done);
        value = submit(drv, task, context, &r);
        if (value == DRV_WOULD_SLEEP) {
            struct drv_wait_entry entry = {.file = drv->ofd[r.ofd].file, .who = task};
            if (drv_poll_queue(drv, r.ofd) == DRV_QUEUE_OTHER)
                entry.flags |= DRV_WAIT_OTHER;
            return drv_call_park(drv, task, call, &entry, DRV_WAIT_TAIL, -1);
        }
        if (value)
            break;
        record->done++;
    }
    return drv_call_return(drv, task, call, ret_result,
                           record->done ? (int64_t)record->done : value);
}

/* ---- io_getevents: context, least, most, time-out ---- */

enum drv_step drv_io_getevents_step(struct drv *drv, drv_task_id task,
                                    const struct drv_call *call, struct drv_result *ret_result)
{
    drv_file_id context = context_of(drv, task, drv_arg(call, 0));
    int64_t least = drv_arg(call, 1), most = drv_arg(call, 2);
    int64_t timeout_ns = call->argc > 3 ? drv_arg(call, 3) : -1;
    struct drv_wait_entry entry = {.file = context, .who = task};
    struct drv_ring *ring;

    drv->state[task] = DRV_AWAKE;
    if (context == DRV_NONE || least < 0 || most < least)
        return drv_call_return(drv, task, call, ret_result, -DRV_EINVAL);
    ring = drv_ring(drv, context);
    if (ring->cqes < least && timeout_ns && !(drv->task[task].flags & DRV_TASK_EXPIRED))
        return drv_call_park(drv, task, call, &entry, DRV_WAIT_TAIL, timeout_ns);
    return drv_call_return(
        drv, task, call, ret_result,
        drv_ring_reap(drv, context, call, (uint32_t)(most < UINT16_MAX ? most : UINT16_MAX)));
}
