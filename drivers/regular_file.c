/*
 * drivers/regular_file.c - a file with content that cannot grow.
 *
 * wake   never
 * level  IN and OUT, always; epoll refuses it (EPERM)
 * read   from the description's offset; 0 at the end
 * write  over what is there; at the end ENOSPC
 * Source: read(2), write(2), lseek(2); DEFAULT_POLLMASK of include/linux/poll.h.
 */
#include "drivers/file.h"

static uint32_t size_of(const struct drv *drv, drv_file_id file)
{
    return drv->config->file[file].content_size;
}

static int64_t regular_read(struct drv *drv, struct drv_io *io)
{
    const uint8_t *content = drv->file[io->file];
    uint32_t size = size_of(drv, io->file), at = (uint32_t)io->offset, n = 0;
    uint32_t *offset = io->offset < 0 ? &drv->offset[io->ofd] : &at;
    int64_t wanted = io->count;

    for (; n < wanted && *offset < size; n++, (*offset)++)
        if (io->call->buf && n < io->call->buf_max)
            io->call->buf[n] = content[*offset];
    return n;
}

static int64_t regular_write(struct drv *drv, struct drv_io *io)
{
    uint8_t *content = drv->file[io->file];
    uint32_t size = size_of(drv, io->file), at = (uint32_t)io->offset, n = 0;
    uint32_t *offset = io->offset < 0 ? &drv->offset[io->ofd] : &at;
    int64_t wanted = io->count;

    if (drv->ofd[io->ofd].flags & DRV_O_APPEND)
        *offset = size;
    if (wanted > 0 && *offset >= size)
        return -DRV_ENOSPC;
    for (; n < wanted && *offset < size; n++, (*offset)++)
        content[*offset] =
            (uint8_t)(io->call->nr == DRV_NR_FILL ? 0 : drv_arg(io->call, 2 + n));
    return n;
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
                   : whence == END ? size_of(drv, drv->ofd[ofd].file)
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
