/*
 * lab/linux_async.h - Linux AIO and io_uring as calls of a scenario, on the real kernel.
 *
 * A scenario speaks of contexts and requests by number; what the kernel calls them is kept
 * here, once per process.  A request bears the lowest number that is free in its context or
 * ring, as in the model.
 *
 * Not modelled: descriptors of rings that are duplicated or passed on; links, fixed buffers.
 *
 * Calling context: one thread of the process at a time is in one of these calls' bookkeeping.
 */
#ifndef LAB_LINUX_ASYNC_H
#define LAB_LINUX_ASYNC_H

#include <stdbool.h>

#include "drivers/drv.h"

struct lab_linux_async;

/* 0: no memory. */
struct lab_linux_async *lab_linux_async_new(void);

bool lab_linux_async_has(unsigned nr);

/* Carries the call out; ring entries are taken out only if @call has events to put them in. */
int64_t lab_linux_async_call(struct lab_linux_async *async, const struct drv_call *call);

#endif
