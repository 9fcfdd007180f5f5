/*
 * drivers/blk_virtio.c - C driver of a virtio block device (virtio 1.2, 3.1 and 4.2).
 *
 * Acknowledged first, then everything in the used ring: what comes afterwards asks again.  The
 * requests are the kernel's (drivers/disk.c), which notifies the device.
 */
#include "drivers/port.h"
#include "sim/regs/virtio_mmio.h"

static void setup(const struct drv_c_args *args)
{
    uint32_t status = VIRTIO_S_ACKNOWLEDGE | VIRTIO_S_DRIVER;

    drv_port_write32(args->base + VIRTIO_Status, 0);
    drv_port_write32(args->base + VIRTIO_Status, status);
    drv_port_write32(args->base + VIRTIO_DriverFeaturesSel, 1);
    drv_port_write32(args->base + VIRTIO_DriverFeatures, VIRTIO_F_VERSION_1_HIGH);
    status |= VIRTIO_S_FEATURES_OK;
    drv_port_write32(args->base + VIRTIO_Status, status);
    drv_port_write32(args->base + VIRTIO_QueueSel, 0);
    drv_port_write32(args->base + VIRTIO_QueueNum, VIRTIO_QUEUE_MOST);
    drv_port_write32(args->base + VIRTIO_QueueReady, 1);
    drv_port_write32(args->base + VIRTIO_Status, status | VIRTIO_S_DRIVER_OK);
}

static void irq(const struct drv_c_args *args)
{
    uint32_t status = drv_port_read32(args->base + VIRTIO_InterruptStatus);

    if (!(status & VIRTIO_INT_USED))
        return;
    drv_port_write32(args->base + VIRTIO_InterruptACK, status);
    while (drv_port_push_arrival(args->file, args->device))
        continue;
}

const struct drv_c_driver drv_c_virtio = {
    .name = "virtio",
    .setup = setup,
    .irq = irq,
};
