/*
 * drivers/disk.c - see disk.h.
 *
 * A file that is not buffered goes to the disk for every transfer, as with O_DIRECT.  A
 * buffered one goes through the page cache, which is cold at first: the first transfer waits
 * for the disk, those that come meanwhile wait for the same request, later ones do not; a write
 * stays there.  Nothing at or behind the end of the
 * file is read from a disk.
 *
 * A task waits in its call, whatever its O_NONBLOCK says: for a regular file it means nothing.
 * Linux AIO leaves what is not buffered to the disk, and waits inside io_submit() for what is
 * (fs/aio.c calls read_iter, mm/filemap.c sleeps in folio_wait_locked()).  io_uring waits for
 * neither: what would sleep is done by a worker (io_uring/rw.c, io-wq).
 *
 * Source: mm/filemap.c (generic_file_read_iter(), filemap_read()), fs/direct-io.c (Linux 6.x);
 * open(2) O_DIRECT and O_NONBLOCK.
 * Not modelled: pages (a file is one), write-back, read-ahead, errors of a disk, requests
 * beyond those that have a token: they are never answered (LIMIT).
 */
#include "drivers/disk.h"

#include "drivers/job.h"

static unsigned disk_of(const struct drv *drv, drv_file_id file)
{
    return file < drv->config->fixed_files ? drv->config->file[file].disk : 0;
}

static struct drv_disk_request *request_of(const struct drv *drv, unsigned disk, unsigned i)
{
    return &drv->disk[disk].request[i];
}

bool drv_disk_needed(const struct drv *drv, drv_file_id file, int64_t offset, int64_t count,
                     bool write)
{
    unsigned disk = drv->disk ? disk_of(drv, file) : 0;
    const struct drv_regular *regular = drv->file[file];

    if (!disk || drv->served || count <= 0 || drv->disk[disk - 1].cached >> file & 1)
        return false;
    return write || offset < regular->size;
}

bool drv_disk_direct(const struct drv *drv, drv_file_id file)
{
    return !drv->config->file[file].buffered;
}

static void submit(struct drv *drv, unsigned disk, unsigned state, unsigned owner,
                   drv_file_id file)
{
    struct drv_disk *it = &drv->disk[disk];

    if (it->requests == DRV_DISK_REQUESTS) {
        (void)drv_exhausted(drv, DRV_NR_READ, DRV_EIO);
        return;
    }
    it->request[it->requests++] = (struct drv_disk_request){
        .state = (uint8_t)state,
        .owner = (uint8_t)owner,
        .fills = (uint8_t)(drv->config->file[file].buffered ? file + 1u : 0),
    };
    drv->notified[disk]++;
    drv->notifications++;
}

/* The request of this owner in one of two states; DRV_NONE: there is none. */
static unsigned find(const struct drv *drv, unsigned disk, unsigned state, unsigned other,
                     unsigned owner)
{
    for (unsigned i = 0; i < drv->disk[disk].requests; i++) {
        const struct drv_disk_request *request = request_of(drv, disk, i);
        if ((request->state == state || request->state == other) && request->owner == owner)
            return i;
    }
    return DRV_NONE;
}

/* Is the file's content on its way into the page cache? */
static bool is_filled(const struct drv *drv, unsigned disk, drv_file_id file)
{
    for (unsigned i = 0; i < drv->disk[disk].requests; i++)
        if (request_of(drv, disk, i)->fills == file + 1)
            return true;
    return false;
}

bool drv_disk_waits(struct drv *drv, drv_task_id task, drv_file_id file, int64_t offset,
                    int64_t count, bool write)
{
    unsigned disk = drv->disk && !drv->served ? disk_of(drv, file) : 0, i;

    if (!disk--)
        return false;
    i = find(drv, disk, DRV_DISK_ASKED, DRV_DISK_ANSWERED, task);
    if (i == DRV_NONE) {
        if (!drv_disk_needed(drv, file, offset, count, write))
            return false;
        if (!is_filled(drv, disk, file))
            submit(drv, disk, DRV_DISK_ASKED, task, file);
        return true;
    }
    if (request_of(drv, disk, i)->state == DRV_DISK_ASKED)
        return true;
    *request_of(drv, disk, i) = (struct drv_disk_request){.state = DRV_DISK_OVER};
    sim_trace(drv->trace, SIM_EV_GOT, file, 0, drv->config->disk[disk].token + i);
    return false;
}

void drv_disk_submit_job(struct drv *drv, drv_file_id file, unsigned job)
{
    submit(drv, disk_of(drv, file) - 1u, DRV_DISK_JOB, job, file);
}

/* The data is there: the request does its transfer, and its completion bears the token. */
static void finish_job(struct drv *drv, unsigned job, unsigned token)
{
    struct drv_job *it = &drv->job[job];
    drv_file_id ring = (drv_file_id)(it->ring - 1);
    drv_ofd_id ofd = (drv_ofd_id)(it->ofd - 1);
    unsigned before = drv_ring(drv, ring)->cqes;
    int64_t value;

    drv->served = true;
    value = drv_job_io(drv, it->task, ofd, it->op == DRV_JOB_WRITE, it->count, it->offset);
    drv->served = false;
    drv_job_finish(drv, job, (int32_t)value);
    if (drv_ring(drv, ring)->cqes > before)
        drv_ring(drv, ring)->cqe[before].token = (uint8_t)token;
    else
        sim_trace(drv->trace, SIM_EV_LOSE, ring, SIM_DROP_OVERRUN, token);
}

/* The page is there: whoever waits for it goes on, whether he asked or not. */
static void fill(struct drv *drv, unsigned disk, drv_file_id file)
{
    drv->disk[disk].cached |= UINT64_C(1) << file;
    drv_wait_wake(drv, file, DRV_QUEUE_MAIN, 0, true);
}

/* Request @i of the disk is answered. */
static void answer(struct drv *drv, unsigned disk, unsigned i, unsigned token)
{
    struct drv_disk_request *request = request_of(drv, disk, i), was = *request;
    drv_file_id file = drv->config->disk[disk].file;

    sim_trace(drv->trace, SIM_EV_COMPLETE, file, i + 1, token);
    *request = (struct drv_disk_request){.state = DRV_DISK_OVER};
    if (was.fills)
        fill(drv, disk, (drv_file_id)(was.fills - 1));
    if (was.state == DRV_DISK_ASKED) {
        *request = (struct drv_disk_request){.state = DRV_DISK_ANSWERED, .owner = was.owner};
        if (!was.fills)
            drv_task_rouse(drv, was.owner);
    } else if (was.state == DRV_DISK_JOB) {
        finish_job(drv, was.owner, token);
    } else if (was.state == DRV_DISK_ORPHAN) {
        sim_trace(drv->trace, SIM_EV_LOSE, file, SIM_DROP_CLOSED, token);
    }
}

bool drv_disk_pushed(struct drv *drv, drv_file_id file, unsigned token)
{
    for (unsigned d = 0; d < drv->config->disks && token; d++) {
        unsigned i = token - drv->config->disk[d].token;
        if (drv->config->disk[d].file != file || i >= drv->disk[d].requests)
            continue;
        answer(drv, d, i, token);
        return true;
    }
    return false;
}

static void forget(struct drv *drv, unsigned state, unsigned answered, unsigned owner)
{
    for (unsigned d = 0; drv->disk && d < drv->config->disks; d++) {
        unsigned i = find(drv, d, state, answered, owner);
        struct drv_disk_request *request = i == DRV_NONE ? 0 : request_of(drv, d, i);
        if (!request)
            continue;
        if (request->state == DRV_DISK_ANSWERED)
            sim_trace(drv->trace, SIM_EV_LOSE, drv->config->disk[d].file, SIM_DROP_CLOSED,
                      drv->config->disk[d].token + i);
        *request = (struct drv_disk_request){
            .state = request->state == DRV_DISK_ANSWERED ? DRV_DISK_OVER : DRV_DISK_ORPHAN,
            .fills = request->fills,
        };
    }
}

void drv_disk_forget_task(struct drv *drv, drv_task_id task)
{
    forget(drv, DRV_DISK_ASKED, DRV_DISK_ANSWERED, task);
}

void drv_disk_forget_job(struct drv *drv, unsigned job)
{
    forget(drv, DRV_DISK_JOB, DRV_DISK_JOB, job);
}

drv_file_id drv_disk_holds(const struct drv *drv, unsigned token)
{
    for (unsigned d = 0; drv->disk && d < drv->config->disks; d++) {
        unsigned i = token - drv->config->disk[d].token;
        if (i < drv->disk[d].requests && request_of(drv, d, i)->state == DRV_DISK_ANSWERED)
            return drv->config->disk[d].file;
    }
    return DRV_NONE;
}

bool drv_disk_feeds(const struct drv *drv, drv_file_id file, drv_file_id on)
{
    unsigned disk = disk_of(drv, on);

    return disk && drv->config->disk[disk - 1].file == file;
}
