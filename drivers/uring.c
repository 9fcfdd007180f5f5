/*
 * drivers/uring.c - io_uring's model: requests in, completions out, a descriptor for both.
 *
 * A request that can be done at once is; else it is a job that waits for its file and completes
 * later (drivers/job.c), O_NONBLOCK or not.  A poll reports one event and ends; MULTISHOT goes
 * on, an edge each, until the completion queue is full: then it ends, and says so only by the
 * missing F_MORE.
 *
 * wake   IN for each completion
 * level  IN while a completion waits, OUT always: requests are taken as they are submitted
 * Source: io_uring/io_uring.c, io_uring/poll.c, io_uring/rw.c (Linux 6.x), io_uring_enter(2).
 *
 * Not modelled: links, fixed files and buffers, the other operations; that the caller fills
 * and empties the queues itself: here the call does both.
 */
#include "drivers/disk.h"
#include "drivers/job.h"

enum { OP_NOOP = 0, OP_POLL_ADD = 6, OP_POLL_REMOVE = 7, OP_READ = 22, OP_WRITE = 23 };

enum { PARTS = 4, FIRST = 2 }; /* of a request among the arguments, and where they begin */

enum { ENTRIES_MAX = 32768 };

#define ALWAYS ((uint32_t)(DRV_POLLERR | DRV_POLLHUP | DRV_POLLRDHUP))

int64_t drv_uring_setup(struct drv *drv, drv_task_id task, int64_t entries)
{
    uint32_t size = 1;
    int fd;

    if (entries < 1 || entries > ENTRIES_MAX)
        return -DRV_EINVAL;
    while (size < entries)
        size *= 2;
    fd = drv_file_make(drv, task, DRV_FILE_URING, DRV_O_RDWR | DRV_O_CLOEXEC);
    if (fd >= 0)
        drv_ring(drv, drv->ofd[drv_fd_ofd(drv, task, fd)].file)->limit =
            (uint16_t)(2 * size < UINT16_MAX ? 2 * size : UINT16_MAX);
    return fd;
}

/* ---- requests ---- */

static int32_t poll_remove(struct drv *drv, drv_file_id ring, int64_t number, unsigned *ret_job)
{
    *ret_job = drv_job_find(drv, ring, number);
    /* a read or write that waits for its file is polled, but no poll */
    if (*ret_job != DRV_NONE && drv->job[*ret_job].op != DRV_JOB_POLL)
        *ret_job = DRV_NONE;
    return *ret_job == DRV_NONE ? -DRV_ENOENT : 0;
}

/* Arms it; what is there already is reported at once. */
static void poll_add(struct drv *drv, drv_task_id task, unsigned job, int64_t events,
                     int64_t multishot)
{
    struct drv_job *it = &drv->job[job];
    drv_ofd_id ofd = (drv_ofd_id)(it->ofd - 1);
    uint32_t level;

    it->op = DRV_JOB_POLL;
    it->events = ((uint32_t)events & (0xffffu | DRV_EPOLLEXCLUSIVE)) | ALWAYS;
    it->flags = multishot & 1 ? DRV_JOB_MULTISHOT : 0;
    drv_job_listen(drv, job);
    level = drv_level(drv, task, ofd) & it->events & 0xffff;
    /* a file that never calls cannot be polled again and again */
    if (drv_file_kind(drv, drv->ofd[ofd].file) == DRV_FILE_REGULAR)
        it->flags = 0;
    if (!level ||
        (it->flags & DRV_JOB_MULTISHOT &&
         drv_ring_post(drv, (drv_file_id)(it->ring - 1), it->number, (int32_t)level, true)))
        return;
    drv_job_finish(drv, job, (int32_t)level);
}

/*
 * A file that can only be polled: the kernel waits until it is ready, and learns then that
 * there is nothing to read.
 */
static bool waits_first(struct drv *drv, drv_task_id task, drv_ofd_id ofd, bool write)
{
    enum drv_file_kind kind = drv_file_kind(drv, drv->ofd[ofd].file);

    return (kind == DRV_FILE_EPOLL || kind == DRV_FILE_URING || kind == DRV_FILE_PIDFD) &&
           !(drv_level(drv, task, ofd) & (write ? DRV_POLLOUT : DRV_POLLIN));
}

static void transfer(struct drv *drv, drv_task_id task, unsigned job, bool write, int64_t count,
                     int64_t offset)
{
    struct drv_job *it = &drv->job[job];
    drv_ofd_id ofd = (drv_ofd_id)(it->ofd - 1);
    int64_t value;

    if (write ? !drv_ofd_writable(drv, ofd) : !drv_ofd_readable(drv, ofd)) {
        drv_job_finish(drv, job, -DRV_EBADF);
        return;
    }
    if (drv_disk_needed(drv, drv->ofd[ofd].file, offset < 0 ? drv->offset[ofd] : offset, count,
                        write)) {
        it->op = write ? DRV_JOB_WRITE : DRV_JOB_READ;
        it->count = (uint32_t)count;
        it->offset = (int32_t)offset;
        drv_disk_submit_job(drv, drv->ofd[ofd].file, job);
        return;
    }
    value = waits_first(drv, task, ofd, write)
                ? DRV_WOULD_SLEEP
                : drv_job_io(drv, task, ofd, write, (uint32_t)count, offset);
    if (value != DRV_WOULD_SLEEP) {
        drv_job_finish(drv, job, (int32_t)value);
        return;
    }
    it->op = write ? DRV_JOB_WRITE : DRV_JOB_READ;
    it->events = (write ? DRV_POLLOUT | DRV_POLLWRNORM : DRV_POLLIN | DRV_POLLRDNORM) | ALWAYS;
    it->count = (uint32_t)count;
    it->offset = (int32_t)offset;
    drv_job_listen(drv, job);
}

/* One request.  0, or -EBUSY: it was not taken. */
static int submit(struct drv *drv, drv_task_id task, drv_file_id ring,
                  const struct drv_call *call, unsigned k)
{
    const unsigned at = FIRST + PARTS * k;
    int64_t op = drv_arg(call, at), fd = drv_arg(call, at + 1);
    drv_ofd_id ofd = drv_fd_ofd(drv, task, fd);
    unsigned job = DRV_NONE, number = drv_ring_number(drv, ring);
    int32_t value = 0;

    if (drv_ring(drv, ring)->cqes == drv->config->cqes)
        return drv_exhausted(drv, DRV_NR_IO_URING_ENTER, DRV_EBUSY);
    if (op == OP_POLL_REMOVE) {
        value = poll_remove(drv, ring, fd, &job);
        drv_ring_post(drv, ring, number, value, false);
        if (job != DRV_NONE)
            drv_job_finish(drv, job, -DRV_ECANCELED);
        return 0;
    }
    /* MULTISHOT is the only flag: LEVEL has a number, and nobody who takes it */
    if ((op != OP_POLL_ADD && op != OP_READ && op != OP_WRITE) ||
        (op == OP_POLL_ADD && drv_arg(call, at + 3) & ~1ll)) {
        drv_ring_post(drv, ring, number, op == OP_NOOP ? 0 : -DRV_EINVAL, false);
        return 0;
    }
    if (ofd == DRV_NONE) {
        drv_ring_post(drv, ring, number, -DRV_EBADF, false);
        return 0;
    }
    job = drv_job_new(drv, ring, task, ofd);
    if (job == DRV_NONE)
        return drv_exhausted(drv, DRV_NR_IO_URING_ENTER, DRV_EBUSY);
    if (op == OP_POLL_ADD)
        poll_add(drv, task, job, drv_arg(call, at + 2), drv_arg(call, at + 3));
    else
        transfer(drv, task, job, op == OP_WRITE, drv_arg(call, at + 2), drv_arg(call, at + 3));
    return 0;
}

/* Who asks for completions empties what was kept beyond the queue: at once, or as it goes on.
 */
static void flush(struct drv_ring *ring, unsigned most)
{
    if (ring->cqes <= ring->limit || most > ring->limit)
        ring->flags &= (uint8_t)~DRV_RING_OVERFLOWN;
}

/* io_uring_enter(): ring, n, requests, completions to wait for. */
enum drv_step drv_uring_enter_step(struct drv *drv, drv_task_id task,
                                   const struct drv_call *call, struct drv_result *ret_result)
{
    drv_ofd_id ofd = drv->task[task].ofd ? (drv_ofd_id)(drv->task[task].ofd - 1) : DRV_NONE;
    struct drv_task *record = &drv->task[task];
    int64_t requests = drv_arg(call, 1);
    int64_t least;
    struct drv_wait_entry entry = {.who = task};
    uint32_t most = call->events_max;
    int error = 0;

    drv->state[task] = DRV_AWAKE;
    if (ofd == DRV_NONE)
        return drv_call_return(drv, task, call, ret_result, -DRV_EBADF);
    entry.file = drv->ofd[ofd].file;
    if (drv_file_kind(drv, entry.file) != DRV_FILE_URING)
        return drv_call_return(drv, task, call, ret_result, -DRV_EOPNOTSUPP);
    if (requests < 0 || requests > call->argc || FIRST + PARTS * requests > call->argc)
        return drv_call_return(drv, task, call, ret_result, -DRV_EINVAL);
    least = drv_arg(call, (unsigned)(FIRST + PARTS * requests));
    while (record->done < requests && !error) {
        error = submit(drv, task, entry.file, call, record->done);
        record->done += !error;
    }
    if (error && !record->done)
        return drv_call_return(drv, task, call, ret_result, error);
    drv_jobs_run(drv);
    /* what overflowed comes into the queue with the next call: one takes no more than it holds
     */
    if (most > drv_ring(drv, entry.file)->limit)
        most = drv_ring(drv, entry.file)->limit;
    if (call->events)
        flush(drv_ring(drv, entry.file), most);
    if (drv_ring(drv, entry.file)->cqes < least)
        return drv_call_park(drv, task, call, &entry, DRV_WAIT_TAIL, -1);
    /* who does not look at completions leaves them there, and learns what was submitted */
    return drv_call_return(drv, task, call, ret_result,
                           call->events ? drv_ring_reap(drv, entry.file, call, most)
                                        : record->done);
}

void drv_uring_end(struct drv *drv, drv_task_id task)
{
    for (unsigned i = 0; i < drv->config->jobs; i++)
        if (drv->job[i].ring && drv->job[i].task == task &&
            drv_file_kind(drv, (drv_file_id)(drv->job[i].ring - 1)) == DRV_FILE_URING)
            drv_job_finish(drv, i, -DRV_ECANCELED);
}

/* ---- the ring as a file ---- */

static int64_t uring_no_data(struct drv *drv, struct drv_io *io)
{
    (void)drv;
    (void)io;
    return -DRV_EINVAL;
}

static uint32_t uring_level(struct drv *drv, drv_task_id task, drv_ofd_id ofd)
{
    (void)task;
    return (drv_ring(drv, drv->ofd[ofd].file)->cqes ? DRV_POLLIN | DRV_POLLRDNORM : 0u) |
           DRV_POLLOUT | DRV_POLLWRNORM;
}

static void uring_release(struct drv *drv, drv_ofd_id ofd)
{
    drv_file_id file = drv->ofd[ofd].file;
    struct drv_ring *ring = drv_ring(drv, file);

    drv_jobs_cancel(drv, file);
    for (unsigned i = 0; i < ring->cqes; i++)
        ring->cqe[i] = (struct drv_cqe){0};
    *ring = (struct drv_ring){0};
}

const struct drv_file_ops drv_uring_ops = {
    .name = "io_uring",
    .epoll = true,
    .read = uring_no_data,
    .write = uring_no_data,
    .level = uring_level,
    .release = uring_release,
};
