/*
 * drivers/bytes.h - the bytes in a pipe, a socket or a terminal: only those that say something.
 *
 * A byte is kept if it bears a token or is not zero; filling between such bytes is a number.
 * So a full pipe of filling costs no room in the arena, and equal contents are equal bytes.
 *
 * Calling context: a task's step.
 */
#ifndef DRIVERS_BYTES_H
#define DRIVERS_BYTES_H

#include "drivers/file.h"

/* Where a file keeps its bytes: views of two fields of its record. */
struct drv_bytes {
    struct drv_cell *cell; /* config->pipe_bytes of them */
    uint16_t *n;
};

/*
 * Keeps the next @count bytes that the call of @io writes, behind @queued bytes that the file
 * holds already.  What does not find a cell goes on as filling; its token is lost (LOSE).
 */
void drv_bytes_put(struct drv *drv, const struct drv_io *io, struct drv_bytes bytes,
                   uint32_t queued, uint32_t count);

/* Takes @count bytes off the front: the call of @io reads them from its @index-th on. */
void drv_bytes_take(struct drv *drv, const struct drv_io *io, struct drv_bytes bytes,
                    uint32_t index, uint32_t count);

/* @count bytes at the front of @file are lost; @why: enum sim_drop. */
void drv_bytes_lose(struct drv *drv, drv_file_id file, struct drv_bytes bytes, uint32_t count,
                    enum sim_drop why);

#endif
