/*
 * drivers/regular_file.c - a file with content, which grows where it is written.
 *
 * wake   never, but for those who wait for a disk (drivers/disk.c)
 * level  IN and OUT, always; epoll refuses it (EPERM)
 * read   from the description's offset, pread() from its own; 0 at the end
 * write  at the offset, O_APPEND at the end; what lies between the end and the offset is zero
 * Source: read(2), write(2), pwrite(2), lseek(2); mm/shmem.c, mm/filemap.c (Linux 6.x);
 * DEFAULT_POLLMASK of include/linux/poll.h.
 *
 * Not modelled: SEEK_DATA and SEEK_HOLE; a disk larger than the file's room: beyond it a write
 * is cut short, then ENOSPC.
 */
#include "drivers/disk.h"

static struct drv_regular *regular_of(const struct drv *drv, drv_file_id file)
{
    return (struct drv_regular *)drv->file[file];
}

/* Has the transfer to wait for a disk? */
static bool waits(struct drv *drv, struct drv_io *io, uint32_t offset, bool write)
{
    io->disk = drv_disk_waits(drv, io->task, io->file, offset, io->count, write);
    return io->disk;
}

static int64_t regular_read(struct drv *drv, struct drv_io *io)
{
    const struct drv_regular *regular = regular_of(drv, io->file);
    uint32_t at = (uint32_t)io->offset, n = 0;
    uint32_t *offset = io->offset < 0 ? &drv->offset[io->ofd] : &at;
    int64_t wanted = io->count;

    if (waits(drv, io, *offset, false))
        return DRV_WOULD_SLEEP;
    for (; n < wanted && *offset < regular->size; n++, (*offset)++)
        if (io->call->buf && n < io->call->buf_max)
            io->call->buf[n] = regular->content[*offset];
    return n;
}

static int64_t regular_write(struct drv *drv, struct drv_io *io)
{
    struct drv_regular *regular = regular_of(drv, io->file);
    uint32_t room = drv_content_room(&drv->config->file[io->file]), n = 0;
    uint32_t at = (uint32_t)io->offset;
    uint32_t *offset = io->offset < 0 ? &drv->offset[io->ofd] : &at;
    int64_t wanted = io->count;

    if (wanted <= 0)
        return 0;
    if (drv->ofd[io->ofd].flags & DRV_O_APPEND)
        *offset = regular->size;
    if (*offset >= room)
        return drv_exhausted(drv, io->call->nr, DRV_ENOSPC);
    if (waits(drv, io, *offset, true))
        return DRV_WOULD_SLEEP;
    for (; n < wanted && *offset < room; n++, (*offset)++)
        regular->content[*offset] =
            (uint8_t)(io->call->nr == DRV_NR_FILL ? 0 : drv_arg(io->call, 2 + n));
    if (*offset > regular->size)
        regular->size = *offset;
    return n;
}

void drv_regular_truncate(struct drv *drv, drv_file_id file)
{
    struct drv_regular *regular = regular_of(drv, file);

    for (uint32_t i = 0; i < regular->size; i++)
        regular->content[i] = 0;
    regular->size = 0;
}

static uint32_t regular_level(struct drv *drv, drv_task_id task, drv_ofd_id ofd)
{
    (void)drv;
    (void)task;
    (void)ofd;
    return DRV_POLLIN | DRV_POLLRDNORM | DRV_POLLOUT | DRV_POLLWRNORM;
}

static void regular_release(struct drv *drv, drv_ofd_id ofd)
{
    (void)drv;
    (void)ofd;
}

static int64_t regular_lseek(struct drv *drv, drv_ofd_id ofd, int64_t offset, int64_t whence)
{
    enum { SET, CUR, END };

    int64_t base = whence == CUR   ? drv->offset[ofd]
                   : whence == END ? regular_of(drv, drv->ofd[ofd].file)->size
                                   : 0;

    /* an offset is 32 bits here; nothing in a scenario is farther out */
    if (whence < SET || whence > END || offset < -INT32_MAX || offset > INT32_MAX ||
        base + offset < 0 || base + offset > INT32_MAX)
        return -DRV_EINVAL;
    drv->offset[ofd] = (uint32_t)(base + offset);
    return base + offset;
}

const struct drv_file_ops drv_regular_file_ops = {
    .name = "regular",
    .epoll = false,
    .read = regular_read,
    .write = regular_write,
    .level = regular_level,
    .release = regular_release,
    .lseek = regular_lseek,
};
