/*
 * drivers/device_file.c - a driver's file: a queue of bytes.
 *
 * wake   drv_wake(): with the key the driver gives (IN | RDNORM for push and wake)
 * level  IN while the queue holds something, OUT always; or what poll {} said
 * read   up to N bytes in the order they were queued; all who sleep are woken
 * write  the driver's write {}, byte by byte; without one EINVAL
 * Source: our choice, after the usual shape of a character driver (LDD3, chapter 6).
 */
#include "drivers/disk.h"

enum { IN = DRV_POLLIN | DRV_POLLRDNORM, OUT = DRV_POLLOUT | DRV_POLLWRNORM };

static unsigned capacity(const struct drv *drv, drv_file_id file)
{
    const struct drv_driver_config *driver = drv_driver_of(drv, file);

    return driver ? driver->queue : 0;
}

/* ---- the driver's side ---- */

void drv_queue(struct drv *drv, drv_file_id file, uint8_t value, unsigned token)
{
    struct drv_device_file *queue = drv_device_file(drv, file);

    if (drv->disk && drv_disk_pushed(drv, file, token))
        return;
    if (queue->n >= capacity(drv, file)) {
        sim_trace(drv->trace, SIM_EV_FULL, file, value, token);
        return;
    }
    if (drv->config->narrow_queues) {
        queue->cell[queue->n] = (uint8_t)token;
    } else {
        queue->cell[2 * queue->n] = (uint8_t)token;
        queue->cell[2 * queue->n + 1] = value;
    }
    queue->n++;
    sim_trace(drv->trace, SIM_EV_QUEUE, file, value, token);
}

void drv_wake(struct drv *drv, drv_file_id file, uint32_t key)
{
    drv_file_wake(drv, file, DRV_QUEUE_MAIN, key, false);
    drv_file_signal(drv, file, key);
    drv_jobs_run(drv);
}

unsigned drv_room(const struct drv *drv, drv_file_id file)
{
    return capacity(drv, file) - drv_device_file(drv, file)->n;
}

unsigned drv_count(const struct drv *drv, drv_file_id file)
{
    return drv_device_file(drv, file)->n;
}

/* ---- the caller's side ---- */

static int64_t device_read(struct drv *drv, struct drv_io *io)
{
    struct drv_device_file *queue = drv_device_file(drv, io->file);
    unsigned width = drv->config->narrow_queues ? 1 : 2;
    int64_t wanted = io->count;
    unsigned n = queue->n;

    if (wanted <= 0)
        return 0;
    if (!n)
        return DRV_WOULD_SLEEP;
    if (n > wanted)
        n = (unsigned)wanted;
    for (unsigned i = 0; i < n; i++) {
        unsigned token = queue->cell[width * i];
        uint8_t byte = width == 2
                           ? queue->cell[2 * i + 1]
                           : (uint8_t)(token && drv->token_byte ? drv->token_byte[token] : 0);
        drv_got(drv, io, i, byte, token);
    }
    queue->n = (uint16_t)(queue->n - n);
    for (unsigned i = 0; i < width * queue->n; i++)
        queue->cell[i] = queue->cell[i + width * n];
    for (unsigned i = width * queue->n; i < width * (queue->n + n); i++)
        queue->cell[i] = 0;
    return n;
}

/* Every byte went through write {} before this look. */
static int64_t device_write(struct drv *drv, struct drv_io *io)
{
    const struct drv_driver_config *driver = drv_driver_of(drv, io->file);

    if (!driver || !driver->has[DRV_BLOCK_WRITE])
        return -DRV_EINVAL;
    return drv->task[io->task].done;
}

static uint32_t device_level(struct drv *drv, drv_task_id task, drv_ofd_id ofd)
{
    drv_file_id file = drv->ofd[ofd].file;
    uint8_t slot = drv->poll_slot[file];

    if (slot != DRV_NONE) {
        uint16_t said = drv->look[task * drv->poll_files + slot];
        if (said & DRV_LOOKED)
            return said & ~(uint32_t)DRV_LOOKED;
    }
    return (drv_device_file(drv, file)->n ? IN : 0) | OUT;
}

/* What is queued stays the driver's. */
static void device_release(struct drv *drv, drv_ofd_id ofd)
{
    (void)drv;
    (void)ofd;
}

const struct drv_file_ops drv_device_file_ops = {
    .name = "device",
    .epoll = true,
    .sleep_flags = 0,
    .sleep_place = DRV_WAIT_HEAD,
    .read = device_read,
    .write = device_write,
    .level = device_level,
    .release = device_release,
};
