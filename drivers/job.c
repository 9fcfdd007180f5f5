/*
 * drivers/job.c - see job.h.
 *
 * wake   of a context or ring: IN for each completion
 * Source: fs/aio.c, io_uring/poll.c, io_uring/rw.c (Linux 6.x).
 *
 * Two wakes in one step are one completion with the level, one wake is one with its key: so a
 * poll of a pipe reports RDNORM, too, to Linux AIO, and to io_uring only what it asked for.
 *
 * Not modelled: that the kernel may do the work later than at the end of the step, and then
 * takes several wakes for one.
 */
#include "drivers/job.h"

#include "drivers/disk.h"

static struct drv_job *job_of(const struct drv *drv, unsigned job)
{
    return &drv->job[job];
}

/* ---- completions ---- */

static struct drv_ring *ring_of(const struct drv *drv, drv_file_id file)
{
    return drv_ring(drv, file);
}

/*
 * Beyond the limit the kernel keeps what is the last of its request, and nothing else, until
 * somebody asks for completions again.
 */
bool drv_ring_post(struct drv *drv, drv_file_id file, unsigned number, int32_t value, bool more)
{
    struct drv_ring *ring = ring_of(drv, file);

    bool full = ring->cqes >= ring->limit || ring->flags & DRV_RING_OVERFLOWN;

    if (more && full)
        return false;
    if (ring->cqes == drv->config->cqes) {
        drv_exhausted(drv, DRV_NR_IO_SUBMIT, DRV_ENOSPC);
        return false;
    }
    if (full)
        ring->flags |= DRV_RING_OVERFLOWN;
    ring->cqe[ring->cqes++] = (struct drv_cqe){
        .value = value, .number = (uint8_t)number, .flags = more ? DRV_CQE_MORE : 0};
    sim_trace(drv->trace, SIM_EV_COMPLETE, file, (uint32_t)value, 0);
    drv_file_wake(drv, file, DRV_QUEUE_MAIN, DRV_POLLIN | DRV_EPOLL_URING_WAKE, true);
    return true;
}

unsigned drv_ring_number(const struct drv *drv, drv_file_id file)
{
    const struct drv_ring *ring = ring_of(drv, file);
    unsigned number = 0;
    bool taken = true;

    while (taken) {
        taken = drv_job_find(drv, file, number) != DRV_NONE;
        for (unsigned i = 0; i < ring->cqes && !taken; i++)
            taken = ring->cqe[i].number == number;
        number += taken;
    }
    return number;
}

uint32_t drv_ring_reap(struct drv *drv, drv_file_id file, const struct drv_call *call,
                       uint32_t most)
{
    struct drv_ring *ring = ring_of(drv, file);
    uint32_t n = ring->cqes < most ? ring->cqes : most;

    for (uint32_t i = 0; i < n && call->events && i < call->events_max; i++)
        call->events[i] = (struct drv_event){
            .data = ring->cqe[i].number,
            .events = (uint32_t)ring->cqe[i].value,
            .flags =
                DRV_EVENT_RESULT | (ring->cqe[i].flags & DRV_CQE_MORE ? DRV_EVENT_MORE : 0u)};
    for (uint32_t i = 0; i < n; i++)
        if (ring->cqe[i].token)
            sim_trace(drv->trace, SIM_EV_GOT, file, (uint32_t)ring->cqe[i].value & 0xff,
                      ring->cqe[i].token);
    for (uint32_t i = 0; i < ring->cqes; i++)
        ring->cqe[i] = i + n < ring->cqes ? ring->cqe[i + n] : (struct drv_cqe){0};
    ring->cqes = (uint16_t)(ring->cqes - n);
    return n;
}

/* ---- jobs ---- */

unsigned drv_job_find(const struct drv *drv, drv_file_id ring, int64_t number)
{
    for (unsigned i = 0; i < drv->config->jobs; i++)
        if (job_of(drv, i)->ring == ring + 1 && job_of(drv, i)->number == number)
            return i;
    return DRV_NONE;
}

unsigned drv_job_new(struct drv *drv, drv_file_id ring, drv_task_id task, drv_ofd_id ofd)
{
    for (unsigned i = 0; i < drv->config->jobs; i++) {
        if (job_of(drv, i)->ring)
            continue;
        *job_of(drv, i) = (struct drv_job){
            .ring = (uint8_t)(ring + 1),
            .number = (uint8_t)drv_ring_number(drv, ring),
            .ofd = (uint8_t)(ofd + 1),
            .task = task,
        };
        drv_ofd_get(drv, ofd);
        return i;
    }
    return DRV_NONE;
}

void drv_job_listen(struct drv *drv, unsigned job)
{
    drv_ofd_id ofd = (drv_ofd_id)(job_of(drv, job)->ofd - 1);
    bool exclusive = job_of(drv, job)->events & DRV_EPOLLEXCLUSIVE;
    struct drv_wait_entry entry = {
        .file = drv_poll_file(drv, job_of(drv, job)->task, ofd),
        .flags = DRV_WAIT_JOB | (exclusive ? DRV_WAIT_EXCLUSIVE : 0),
        .who = (uint8_t)job,
    };

    if (drv_poll_queue(drv, ofd) == DRV_QUEUE_OTHER)
        entry.flags |= DRV_WAIT_OTHER;
    drv_wait_add(drv, entry, exclusive ? DRV_WAIT_TAIL : DRV_WAIT_HEAD);
}

void drv_job_drop(struct drv *drv, unsigned job)
{
    struct drv_job was = *job_of(drv, job);

    drv_wait_leave_job(drv, job);
    drv_disk_forget_job(drv, job);
    *job_of(drv, job) = (struct drv_job){0};
    drv_ofd_put(drv, (drv_ofd_id)(was.ofd - 1));
    if (was.resfd)
        drv_ofd_put(drv, (drv_ofd_id)(was.resfd - 1));
}

void drv_job_finish(struct drv *drv, unsigned job, int32_t value)
{
    struct drv_job was = *job_of(drv, job);

    drv_ring_post(drv, (drv_file_id)(was.ring - 1), was.number, value, false);
    if (was.resfd)
        drv_eventfd_signal(drv, drv->ofd[was.resfd - 1].file);
    drv_job_drop(drv, job);
}

void drv_jobs_cancel(struct drv *drv, drv_file_id ring)
{
    for (unsigned i = 0; i < drv->config->jobs; i++)
        if (job_of(drv, i)->ring == ring + 1)
            drv_job_drop(drv, i);
}

int64_t drv_job_io(struct drv *drv, drv_task_id task, drv_ofd_id ofd, bool write,
                   uint32_t count, int64_t offset)
{
    const struct drv_file_ops *ops = drv_file_ops(drv, drv->ofd[ofd].file);
    const int64_t args[2] = {-1, count};
    const struct drv_call call = {
        .nr = write ? DRV_NR_FILL : DRV_NR_READ, .argc = 2, .args = args};
    struct drv_task record = drv->task[task];
    uint16_t flags = drv->ofd[ofd].flags;
    uint64_t counter = 0;
    struct drv_io io = {
        .task = task,
        .ofd = ofd,
        .file = drv->ofd[ofd].file,
        .call = &call,
        .count = count,
        .counter = &counter,
        .offset = offset,
    };
    int64_t value;

    if (offset > 0 && drv_is_socket(drv, io.file))
        return -DRV_ESPIPE;
    drv->task[task].done = 0;
    drv->task[task].flags &= (uint16_t)~DRV_TASK_SLEPT;
    drv->ofd[ofd].flags |= DRV_O_NONBLOCK;
    value = write ? ops->write(drv, &io) : ops->read(drv, &io);
    drv->ofd[ofd].flags = flags;
    drv->task[task] = record;
    return value == -DRV_EAGAIN ? DRV_WOULD_SLEEP : value; /* a pipe knows it may not sleep */
}

/* ---- wakes, and what comes of them ---- */

bool drv_job_woken(struct drv *drv, unsigned job, uint32_t key)
{
    struct drv_job *it = job_of(drv, job);

    if (key && !(key & it->events & 0xffff))
        return false;
    /* a completion that makes completions of a ring would never end: it is the last */
    if (key & DRV_EPOLL_URING_WAKE)
        it->flags &= (uint8_t)~DRV_JOB_MULTISHOT;
    key &= 0xffff;
    if (!it->wakes) {
        it->key = key;
        drv->due[drv->dues++ % sizeof(drv->due)] = (uint8_t)job;
    }
    /* one, or several; but who is called with a key for one event has left the queue */
    if (it->flags & DRV_JOB_MULTISHOT || !it->wakes || !it->key)
        it->wakes = (uint8_t)(1 + (it->wakes != 0));
    return true;
}

/* What the wakes of this step amount to. */
static uint32_t found(struct drv *drv, const struct drv_job *job)
{
    uint32_t level;

    if (job->wakes == 1 && job->key)
        return job->op == DRV_JOB_AIO_POLL ? job->key : job->key & job->events;
    level = drv_level(drv, job->task, (drv_ofd_id)(job->ofd - 1));
    return level & job->events;
}

static void run(struct drv *drv, unsigned job)
{
    struct drv_job *it = job_of(drv, job);
    uint32_t mask = found(drv, it) & 0xffff;
    int64_t value;

    it->wakes = 0;
    it->key = 0;
    if (!mask)
        return;
    if (it->op == DRV_JOB_READ || it->op == DRV_JOB_WRITE) {
        value = drv_job_io(drv, it->task, (drv_ofd_id)(it->ofd - 1), it->op == DRV_JOB_WRITE,
                           it->count, it->offset);
        if (value != DRV_WOULD_SLEEP) {
            drv_job_finish(drv, job, (int32_t)value);
            return;
        }
        drv_wait_leave_job(drv, job); /* somebody else was first: it queues anew */
        drv_job_listen(drv, job);
        return;
    }
    if (it->flags & DRV_JOB_MULTISHOT &&
        drv_ring_post(drv, (drv_file_id)(it->ring - 1), it->number, (int32_t)mask, true))
        return;
    drv_job_finish(drv, job, (int32_t)mask);
}

/* In the order of the wakes; the kernel promises none among different requests. */
void drv_jobs_run(struct drv *drv)
{
    for (unsigned i = 0; i < drv->dues; i++)
        if (job_of(drv, drv->due[i % sizeof(drv->due)])->wakes)
            run(drv, drv->due[i % sizeof(drv->due)]);
    drv->dues = 0;
}
