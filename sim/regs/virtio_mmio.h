/*
 * sim/regs/virtio_mmio.h - virtio over MMIO: the register block of one device.
 * Source: virtio 1.2, 4.2.2 (registers), 2.1 (status), 5.2 (block device).
 */
#ifndef SIM_REGS_VIRTIO_MMIO_H
#define SIM_REGS_VIRTIO_MMIO_H

/* The names are the standard's. */
#define VIRTIO_MagicValue        0x000 /* reads "virt" (4.2.2) */
#define VIRTIO_Version           0x004 /* 2; 1 is the legacy layout (4.2.4) */
#define VIRTIO_DeviceID          0x008
#define VIRTIO_VendorID          0x00c
#define VIRTIO_DeviceFeatures    0x010
#define VIRTIO_DeviceFeaturesSel 0x014
#define VIRTIO_DriverFeatures    0x020
#define VIRTIO_DriverFeaturesSel 0x024
#define VIRTIO_QueueSel          0x030
#define VIRTIO_QueueNumMax       0x034
#define VIRTIO_QueueNum          0x038
#define VIRTIO_QueueReady        0x044
#define VIRTIO_QueueNotify       0x050 /* write: the number of a queue that has more */
#define VIRTIO_InterruptStatus   0x060 /* bit 0: used buffers (4.2.2.1) */
#define VIRTIO_InterruptACK      0x064 /* write 1 clears */
#define VIRTIO_Status            0x070 /* writing 0 resets */
#define VIRTIO_QueueDescLow      0x080
#define VIRTIO_QueueDescHigh     0x084
#define VIRTIO_QueueDriverLow    0x090
#define VIRTIO_QueueDriverHigh   0x094
#define VIRTIO_QueueDeviceLow    0x0a0
#define VIRTIO_QueueDeviceHigh   0x0a4
#define VIRTIO_ConfigGeneration  0x0fc
#define VIRTIO_Config            0x100 /* block: capacity in sectors, 64 bits (5.2.4) */

/* clang-format off */
#define VIRTIO_REGISTERS(X)                                       \
    X(VIRTIO_MagicValue,        RO,  0x00000000, 0x74726976, 1)   \
    X(VIRTIO_Version,           RO,  0x00000000, 0x00000002, 1)   \
    X(VIRTIO_DeviceID,          RO,  0x00000000, 0x00000002, 1)   \
    X(VIRTIO_VendorID,          RO,  0x00000000, 0x00000000, 1)   \
    X(VIRTIO_DeviceFeatures,    RO,  0x00000000, 0x00000000, 1)   \
    X(VIRTIO_DeviceFeaturesSel, WO,  0x00000001, 0x00000000, 1)   \
    X(VIRTIO_DriverFeatures,    WO,  0xffffffff, 0x00000000, 1)   \
    X(VIRTIO_DriverFeaturesSel, WO,  0x00000001, 0x00000000, 1)   \
    X(VIRTIO_QueueSel,          WO,  0x00000001, 0x00000000, 1)   \
    X(VIRTIO_QueueNumMax,       RO,  0x00000000, 0x00000010, 1)   \
    X(VIRTIO_QueueNum,          WO,  0xffffffff, 0x00000000, 1)   \
    X(VIRTIO_QueueReady,        RW,  0x00000001, 0x00000000, 1)   \
    X(VIRTIO_QueueNotify,       WO,  0x00000000, 0x00000000, 1)   \
    X(VIRTIO_InterruptStatus,   RO,  0x00000000, 0x00000000, 1)   \
    X(VIRTIO_InterruptACK,      W1C, 0x00000003, 0x00000000, 1)   \
    X(VIRTIO_Status,            FX,  0x000000ff, 0x00000000, 1)   \
    X(VIRTIO_QueueDescLow,      WO,  0xffffffff, 0x00000000, 1)   \
    X(VIRTIO_QueueDescHigh,     WO,  0xffffffff, 0x00000000, 1)   \
    X(VIRTIO_QueueDriverLow,    WO,  0xffffffff, 0x00000000, 1)   \
    X(VIRTIO_QueueDriverHigh,   WO,  0xffffffff, 0x00000000, 1)   \
    X(VIRTIO_QueueDeviceLow,    WO,  0xffffffff, 0x00000000, 1)   \
    X(VIRTIO_QueueDeviceHigh,   WO,  0xffffffff, 0x00000000, 1)   \
    X(VIRTIO_ConfigGeneration,  RO,  0x00000000, 0x00000000, 1)   \
    X(VIRTIO_Config,            RO,  0x00000000, 0x00000001, 1)
/* clang-format on */

#define VIRTIO_BYTES       0x200 /* of one transport on QEMU's virt */
#define VIRTIO_MAGIC_VALUE 0x74726976u
#define VIRTIO_ID_BLOCK    2
#define VIRTIO_QUEUE_MOST  16

#define VIRTIO_S_ACKNOWLEDGE 0x01
#define VIRTIO_S_DRIVER      0x02
#define VIRTIO_S_DRIVER_OK   0x04
#define VIRTIO_S_FEATURES_OK 0x08

#define VIRTIO_INT_USED 0x1

#define VIRTIO_F_VERSION_1_HIGH 0x1 /* bit 32 of the features */

#endif
