/*
 * drivers/pty.c - pseudo terminals in raw mode: two ends, bytes both ways, hang-up.
 *
 * wake   each write: the other end's IN | RDNORM; a read of a full end: the writer's OUT |
 *        WRNORM; the other end closed: any key
 * level  IN while a byte is there, OUT while the other end has room; HUP once the other end is
 *        closed, and of the slave then everything, for all its calls come back at once
 * read   up to N bytes; a master without a slave EIO, a slave without a master 0
 * Source: drivers/tty/pty.c, drivers/tty/n_tty.c, drivers/tty/tty_io.c (Linux 6.x), pty(7).
 *
 * Not modelled: line discipline (echo, lines, signals), packet mode, and what Linux keeps
 * behind the 4095 bytes of a terminal's read buffer: a writer waits there.
 */
#include "drivers/bytes.h"

enum {
    IN = DRV_POLLIN | DRV_POLLRDNORM,
    OUT = DRV_POLLOUT | DRV_POLLWRNORM,
    BUFFER_BYTES = 4095, /* N_TTY_BUF_SIZE - 1 */
};

static struct drv_bytes cells_of(struct drv_pty *pty)
{
    return (struct drv_bytes){pty->cell, &pty->cells};
}

/* The other end, 0 once it is closed. */
static struct drv_pty *other_of(const struct drv *drv, const struct drv_pty *pty)
{
    return pty->peer ? drv_pty(drv, (drv_file_id)(pty->peer - 1)) : 0;
}

int64_t drv_openpty(struct drv *drv, drv_task_id task, struct drv_result *ret_result)
{
    drv_file_id end[2];
    unsigned found = 0;
    int first = drv_fd_free(drv, task, 0);

    for (unsigned i = drv->slot[DRV_FILE_PTY]; i < drv->slot_end[DRV_FILE_PTY] && found < 2;
         i++)
        if (!drv_pty(drv, (drv_file_id)i)->flags)
            end[found++] = (drv_file_id)i;
    if (first < 0 || drv_fd_free(drv, task, first + 1) < 0)
        return -DRV_EMFILE;
    if (found < 2 || drv_ofd_left(drv) < 2)
        return drv_exhausted(drv, DRV_NR_OPENPTY, DRV_ENFILE);
    for (unsigned i = 0; i < 2; i++) {
        struct drv_pty *pty = drv_pty(drv, end[i]);
        pty->flags = DRV_SLOT_USED | (i ? 0 : DRV_PTY_MASTER);
        pty->peer = (uint8_t)(end[!i] + 1);
        ret_result->out[i] = drv_file_publish(drv, task, end[i], DRV_O_RDWR);
        sim_trace(drv->trace, SIM_EV_CREATE, end[i], (uint32_t)ret_result->out[i], 0);
    }
    return 0;
}

static int64_t pty_read(struct drv *drv, struct drv_io *io)
{
    struct drv_pty *pty = drv_pty(drv, io->file);
    bool was_full = pty->bytes == BUFFER_BYTES;
    uint32_t n = pty->bytes < io->count ? pty->bytes : (uint32_t)io->count;

    if (io->count <= 0)
        return 0;
    if (!pty->bytes && !pty->peer)
        return pty->flags & DRV_PTY_MASTER ? -DRV_EIO : 0;
    if (!pty->bytes)
        return DRV_WOULD_SLEEP;
    drv_bytes_take(drv, io, cells_of(pty), 0, n);
    pty->bytes = (uint16_t)(pty->bytes - n);
    if (was_full && pty->peer) {
        drv_file_wake(drv, (drv_file_id)(pty->peer - 1), DRV_QUEUE_MAIN, OUT, false);
        drv_file_signal(drv, (drv_file_id)(pty->peer - 1), DRV_POLLOUT);
    }
    return n;
}

static int64_t pty_write(struct drv *drv, struct drv_io *io)
{
    struct drv_pty *pty = drv_pty(drv, io->file), *other = other_of(drv, pty);
    const struct drv_task *task = &drv->task[io->task];
    struct drv_io into = *io;
    uint32_t room, left;

    if (!other && !(pty->flags & DRV_PTY_MASTER))
        return -DRV_EIO;
    if (io->count <= 0)
        return 0;
    if (!other) /* nobody will read what a master writes, and nobody minds */
        return io->count;
    room = BUFFER_BYTES - other->bytes;
    left = (uint32_t)(io->count - task->done);
    left = left < room ? left : room;
    if (left) {
        into.file = (drv_file_id)(pty->peer - 1);
        drv_bytes_put(drv, &into, cells_of(other), other->bytes, left);
        other->bytes = (uint16_t)(other->bytes + left);
        drv_file_wake(drv, into.file, DRV_QUEUE_MAIN, IN, false);
        drv_file_signal(drv, into.file, DRV_POLLIN);
    }
    if (task->done < io->count && !(drv->ofd[io->ofd].flags & DRV_O_NONBLOCK))
        return DRV_WOULD_SLEEP;
    return task->done ? (int64_t)task->done : DRV_WOULD_SLEEP;
}

static uint32_t pty_level(struct drv *drv, drv_task_id task, drv_ofd_id ofd)
{
    const struct drv_pty *pty = drv_pty(drv, drv->ofd[ofd].file);
    const struct drv_pty *other = other_of(drv, pty);

    (void)task;
    if (!other && !(pty->flags & DRV_PTY_MASTER))
        return IN | OUT | DRV_POLLERR | DRV_POLLHUP;
    return (pty->bytes ? IN : 0u) | (!other || other->bytes < BUFFER_BYTES ? OUT : 0u) |
           (other ? 0u : DRV_POLLHUP);
}

static void pty_release(struct drv *drv, drv_ofd_id ofd)
{
    drv_file_id file = drv->ofd[ofd].file, peer;
    struct drv_pty *pty = drv_pty(drv, file), *other = other_of(drv, pty);
    bool master = pty->flags & DRV_PTY_MASTER;

    peer = (drv_file_id)(pty->peer - 1);
    drv_bytes_lose(drv, file, cells_of(pty), pty->bytes, SIM_DROP_CLOSED);
    *pty = (struct drv_pty){0};
    if (!other)
        return;
    other->peer = 0;
    if (master) { /* a hang-up throws away what the slave has not read */
        drv_bytes_lose(drv, peer, cells_of(other), other->bytes, SIM_DROP_CLOSED);
        other->bytes = 0;
    }
    drv_file_wake(drv, peer, DRV_QUEUE_MAIN, 0, true);
    drv_file_signal(drv, peer, DRV_POLLHUP);
}

const struct drv_file_ops drv_pty_ops = {
    .name = "pty",
    .epoll = true,
    .sleep_place = DRV_WAIT_HEAD,
    .read = pty_read,
    .write = pty_write,
    .level = pty_level,
    .release = pty_release,
};
