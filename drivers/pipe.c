/*
 * drivers/pipe.c - pipes: 16 page slots, filled and emptied as Linux does it.
 *
 * wake   readers, IN | RDNORM: a write that found the pipe empty; every write once the pipe was
 *        polled.  Writers, OUT | WRNORM: a read that freed a slot of a full pipe.  Both, any
 *        key: the other side closed.  From Linux 5.5 to 5.13 a polled pipe was like any other;
 *        before 5.5 every write that put something in woke, and every read that freed a slot
 * level  read end: IN while there is a byte, HUP without writer; write end: OUT while a slot is
 *        free, ERR without reader
 * read   what is there, over slots; O_DIRECT: one packet
 * write  into the last slot if it fits there, then slot by slot; at most PIPE_BUF bytes at once
 * Source: fs/pipe.c (Linux 6.x; "polled" is its poll_usage, 5.14), pipe(7).
 *
 * A byte is kept only if it bears a token or is not zero; filling is a number.
 * Not modelled: SIGPIPE, F_SETPIPE_SZ.  drivers/fifo.c opens the ones with names.
 */
#include "drivers/bytes.h"

enum {
    IN = DRV_POLLIN | DRV_POLLRDNORM,
    OUT = DRV_POLLOUT | DRV_POLLWRNORM,
    PIPE_FLAGS = DRV_O_NONBLOCK | DRV_O_CLOEXEC | DRV_O_DIRECT,
};

/* ---- making one ---- */

int64_t drv_pipe_create(struct drv *drv, drv_task_id task, int64_t flags,
                        struct drv_result *ret_result)
{
    unsigned file = drv->slot[DRV_FILE_PIPE], end = drv->slot_end[DRV_FILE_PIPE];
    int ends[2];

    if (flags & ~(int64_t)PIPE_FLAGS)
        return -DRV_EINVAL;
    ends[0] = drv_fd_free(drv, task, 0);
    if (ends[0] < 0 || drv_fd_free(drv, task, ends[0] + 1) < 0)
        return -DRV_EMFILE;
    while (file < end && drv_pipe(drv, (drv_file_id)file)->flags)
        file++;
    if (file == end)
        return drv_exhausted(drv, DRV_NR_PIPE, DRV_ENFILE);
    /* packets are made by the writing end; the reading one does not even say O_DIRECT */
    ends[0] = drv_file_publish(drv, task, (drv_file_id)file,
                               (uint32_t)flags & ~(uint32_t)DRV_O_DIRECT);
    if (ends[0] < 0)
        return ends[0];
    drv_pipe(drv, (drv_file_id)file)->flags = DRV_PIPE_OPEN;
    drv_pipe(drv, (drv_file_id)file)->readers = 1;
    ends[1] = drv_file_publish(drv, task, (drv_file_id)file, (uint32_t)flags | DRV_O_WRONLY);
    if (ends[1] < 0) {
        drv_fd_close(drv, task, ends[0]);
        return ends[1];
    }
    drv_pipe(drv, (drv_file_id)file)->writers = 1;
    sim_trace(drv->trace, SIM_EV_CREATE, file, (uint32_t)ends[0], 0);
    ret_result->out[0] = ends[0];
    ret_result->out[1] = ends[1];
    return 0;
}

/* ---- the bytes ---- */

static uint32_t bytes_in(const struct drv_pipe *pipe)
{
    uint32_t bytes = 0;

    for (unsigned i = 0; i < pipe->pages; i++)
        bytes += pipe->length[i];
    return bytes;
}

static struct drv_bytes cells_of(struct drv_pipe *pipe)
{
    return (struct drv_bytes){pipe->cell, &pipe->cells};
}

/* Keeps the next @n bytes of the call; their pages are counted after it. */
static void keep_bytes(struct drv *drv, const struct drv_io *io, uint32_t n)
{
    struct drv_pipe *pipe = drv_pipe(drv, io->file);

    drv_bytes_put(drv, io, cells_of(pipe), bytes_in(pipe), n);
}

/* ---- the slots ---- */

/*
 * The part of the write that is no whole page goes behind the data of the last slot, if all of
 * it fits; a packet is not added to.
 */
static void merge(struct drv *drv, const struct drv_io *io, uint32_t total)
{
    struct drv_pipe *pipe = drv_pipe(drv, io->file);
    uint32_t n = total % DRV_PAGE_BYTES;
    unsigned last = pipe->pages - 1u;

    if (!pipe->pages || !n || pipe->packets >> last & 1 || pipe->end + n > DRV_PAGE_BYTES)
        return;
    keep_bytes(drv, io, n);
    pipe->length[last] = (uint16_t)(pipe->length[last] + n);
    pipe->end = (uint16_t)(pipe->end + n);
}

static void add_page(struct drv *drv, const struct drv_io *io, uint32_t left)
{
    struct drv_pipe *pipe = drv_pipe(drv, io->file);
    uint32_t n = left < DRV_PAGE_BYTES ? left : DRV_PAGE_BYTES;

    keep_bytes(drv, io, n);
    if (drv->ofd[io->ofd].flags & DRV_O_DIRECT)
        pipe->packets |= (uint16_t)(1u << pipe->pages);
    pipe->length[pipe->pages++] = (uint16_t)n;
    pipe->end = (uint16_t)n;
}

static void drop_page(struct drv_pipe *pipe)
{
    for (unsigned i = 1; i < pipe->pages; i++)
        pipe->length[i - 1] = pipe->length[i];
    pipe->length[--pipe->pages] = 0;
    pipe->packets >>= 1;
    if (!pipe->pages)
        pipe->end = 0;
}

/* ---- the operations ---- */

/* ---- who is called, by version ---- */

enum { LINUX_5_5 = 5 << 8 | 5, LINUX_5_14 = 5 << 8 | 14 };

static bool before(const struct drv *drv, unsigned version)
{
    return drv->config->linux_version && drv->config->linux_version < version;
}

/* Are readers called at the end of a write that found the pipe not empty? */
static bool calls_readers(const struct drv *drv, const struct drv_pipe *pipe, bool wrote)
{
    if (before(drv, LINUX_5_5))
        return wrote;
    return !before(drv, LINUX_5_14) && pipe->flags & DRV_PIPE_POLLED;
}

static int64_t pipe_read(struct drv *drv, struct drv_io *io)
{
    struct drv_pipe *pipe = drv_pipe(drv, io->file);
    int64_t wanted = io->count;
    bool slept = drv->task[io->task].flags & DRV_TASK_SLEPT, freed = false;
    uint32_t got = 0;

    if (wanted <= 0)
        return 0;
    while (pipe->pages && got < wanted) {
        bool packet = pipe->packets & 1, full = pipe->pages == DRV_PIPE_PAGES;
        uint32_t n = pipe->length[0];
        if (n > wanted - got)
            n = (uint32_t)(wanted - got);
        drv_bytes_take(drv, io, cells_of(pipe), got, n);
        got += n;
        pipe->length[0] = (uint16_t)(pipe->length[0] - n);
        if (packet) {
            drv_bytes_lose(drv, io->file, cells_of(pipe), pipe->length[0], SIM_DROP_OVERRUN);
            pipe->length[0] = 0;
        }
        if (!pipe->length[0]) {
            freed |= full || before(drv, LINUX_5_5);
            drop_page(pipe);
        }
        if (packet)
            break;
    }
    if (!got && pipe->writers)
        return DRV_WOULD_SLEEP;
    if (freed)
        drv_file_wake(drv, io->file, DRV_QUEUE_OTHER, OUT, false);
    if (slept && pipe->pages) /* what this one leaves is for the next who waits */
        drv_file_wake(drv, io->file, DRV_QUEUE_MAIN, IN, false);
    drv_file_signal(drv, io->file, DRV_POLLOUT);
    return got;
}

static int64_t pipe_write(struct drv *drv, struct drv_io *io)
{
    struct drv_pipe *pipe = drv_pipe(drv, io->file);
    const struct drv_task *task = &drv->task[io->task];
    int64_t total = io->count, result;
    bool slept = task->flags & DRV_TASK_SLEPT, was_empty = !pipe->pages;

    if (total <= 0)
        return 0;
    if (!pipe->readers)
        return task->done ? (int64_t)task->done : -DRV_EPIPE;
    if (!slept)
        merge(drv, io, (uint32_t)total);
    while (task->done < total && pipe->pages < DRV_PIPE_PAGES)
        add_page(drv, io, (uint32_t)(total - task->done));
    result = task->done;
    if (task->done < total) {
        if (!(drv->ofd[io->ofd].flags & DRV_O_NONBLOCK)) {
            if (was_empty)
                drv_file_wake(drv, io->file, DRV_QUEUE_MAIN, IN, false);
            drv_file_signal(drv, io->file, DRV_POLLIN);
            io->sleep_flags |= DRV_WAIT_OTHER;
            return DRV_WOULD_SLEEP;
        }
        if (!result)
            result = -DRV_EAGAIN;
    }
    /* a polled pipe is called even if it was not empty, even if nothing could be written */
    if (was_empty || calls_readers(drv, pipe, result > 0))
        drv_file_wake(drv, io->file, DRV_QUEUE_MAIN, IN, false);
    drv_file_signal(drv, io->file, DRV_POLLIN);
    if (slept && pipe->pages < DRV_PIPE_PAGES)
        drv_file_wake(drv, io->file, DRV_QUEUE_OTHER, OUT, false);
    return result;
}

static uint32_t pipe_level(struct drv *drv, drv_task_id task, drv_ofd_id ofd)
{
    struct drv_pipe *pipe = drv_pipe(drv, drv->ofd[ofd].file);
    uint32_t level = 0;

    (void)task;
    pipe->flags |= DRV_PIPE_POLLED;
    if (drv_ofd_readable(drv, ofd))
        level |= (pipe->pages ? IN : 0u) |
                 (pipe->writers || drv->ofd[ofd].flags & DRV_OFD_YOUNG ? 0u : DRV_POLLHUP);
    if (drv_ofd_writable(drv, ofd))
        level |= (pipe->pages < DRV_PIPE_PAGES ? OUT : 0u) | (pipe->readers ? 0u : DRV_POLLERR);
    return level;
}

static void pipe_release(struct drv *drv, drv_ofd_id ofd)
{
    drv_file_id file = drv->ofd[ofd].file;
    struct drv_pipe *pipe = drv_pipe(drv, file);
    uint8_t named = pipe->flags & DRV_PIPE_NAMED;

    pipe->readers = (uint8_t)(pipe->readers - drv_ofd_readable(drv, ofd));
    pipe->writers = (uint8_t)(pipe->writers - drv_ofd_writable(drv, ofd));
    if (!pipe->readers != !pipe->writers) {
        drv_file_wake(drv, file, DRV_QUEUE_MAIN, 0, true);
        drv_file_wake(drv, file, DRV_QUEUE_OTHER, 0, true);
        drv_file_signal(drv, file, DRV_POLLIN);
        drv_file_signal(drv, file, DRV_POLLOUT);
    }
    if (pipe->readers || pipe->writers)
        return;
    drv_bytes_lose(drv, file, cells_of(pipe), bytes_in(pipe), SIM_DROP_CLOSED);
    *pipe = (struct drv_pipe){.flags = named};
}

const struct drv_file_ops drv_pipe_ops = {
    .name = "pipe",
    .epoll = true,
    .sleep_flags = DRV_WAIT_EXCLUSIVE,
    .sleep_place = DRV_WAIT_TAIL,
    .read = pipe_read,
    .write = pipe_write,
    .level = pipe_level,
    .release = pipe_release,
};
