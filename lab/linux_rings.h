/*
 * lab/linux_rings.h - Linux AIO and io_uring on the host's kernel, as the model numbers them.
 *
 * A context or ring keeps what its requests need until they complete, and gives each request
 * the lowest number that is free, as the model does.
 *
 * Calling context: the threads of one process; calls on one ring one after the other.
 */
#ifndef LAB_LINUX_RINGS_H
#define LAB_LINUX_RINGS_H

#include <linux/aio_abi.h>
#include <linux/io_uring.h>

#include "lab/linux_call.h"

enum { LAB_RINGS = 8, LAB_RING_REQUESTS = 64 };

struct lab_linux_ring {
    bool used;
    int fd; /* io_uring; -1: a context of AIO */
    aio_context_t context;
    uint64_t in_flight; /* bit per number */
    struct iocb iocb[LAB_RING_REQUESTS];
    struct io_uring_params params;
    uint8_t *sq, *cq; /* mapped */
    struct io_uring_sqe *sqe;
};

struct lab_linux_rings {
    struct lab_linux_ring ring[LAB_RINGS];
};

/* The calls, with their arguments as drivers/call.h lays them out; results as lab_linux_call().
 */
int64_t lab_linux_aio(const struct lab_linux *host, const struct drv_call *call);
int64_t lab_linux_uring(const struct lab_linux *host, const struct drv_call *call);

#endif
