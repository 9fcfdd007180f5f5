/* drivers/bytes.c - see bytes.h. */
#include "drivers/bytes.h"

enum { GAP_MAX = 0xffff }; /* longer filling is cut by a cell for one of its bytes */

static void put_cell(struct drv *drv, const struct drv_io *io, struct drv_bytes bytes,
                     uint32_t *gap, uint8_t byte, uint8_t token)
{
    if (*bytes.n == drv->config->pipe_bytes) {
        if (token || byte)
            sim_trace(drv->trace, SIM_EV_LOSE, io->file, SIM_DROP_OVERRUN, token);
        ++*gap;
        return;
    }
    bytes.cell[(*bytes.n)++] =
        (struct drv_cell){.gap = (uint16_t)*gap, .token = token, .byte = byte};
    *gap = 0;
}

void drv_bytes_put(struct drv *drv, const struct drv_io *io, struct drv_bytes bytes,
                   uint32_t queued, uint32_t count)
{
    uint32_t from = drv->task[io->task].done, gap = queued;

    drv->task[io->task].done += count;
    if (io->call->nr != DRV_NR_WRITE)
        return;
    for (unsigned i = 0; i < *bytes.n; i++)
        gap -= bytes.cell[i].gap + 1u;
    for (uint32_t i = from; i < from + count; i++) {
        uint8_t token =
            io->call->tokens && i + 2 < io->call->argc ? io->call->tokens[i + 2] : 0;
        uint8_t byte = (uint8_t)drv_arg(io->call, i + 2);
        sim_trace(drv->trace, SIM_EV_PUT, io->file, byte, token);
        while (gap > GAP_MAX && *bytes.n < drv->config->pipe_bytes) {
            uint32_t rest = gap - GAP_MAX - 1u;
            gap = GAP_MAX;
            put_cell(drv, io, bytes, &gap, 0, 0);
            gap = rest;
        }
        if (token || byte)
            put_cell(drv, io, bytes, &gap, byte, token);
        else
            gap++;
    }
}

/* Takes the cells among the next @n bytes; what is said about each is the caller's. */
static void take(struct drv *drv, drv_file_id file, const struct drv_io *io,
                 struct drv_bytes bytes, uint32_t index, uint32_t n, enum sim_drop why)
{
    unsigned gone = 0;

    while (gone < *bytes.n && bytes.cell[gone].gap < n) {
        const struct drv_cell *cell = &bytes.cell[gone];
        index += cell->gap;
        n -= cell->gap + 1u;
        if (io)
            drv_got(drv, io, index, cell->byte, cell->token);
        else if (cell->token)
            sim_trace(drv->trace, SIM_EV_LOSE, file, why, cell->token);
        index++;
        gone++;
    }
    if (gone < *bytes.n)
        bytes.cell[gone].gap = (uint16_t)(bytes.cell[gone].gap - n);
    if (!gone)
        return;
    for (unsigned i = 0; i < *bytes.n; i++)
        bytes.cell[i] = i + gone < *bytes.n ? bytes.cell[i + gone] : (struct drv_cell){0};
    *bytes.n = (uint16_t)(*bytes.n - gone);
}

void drv_bytes_take(struct drv *drv, const struct drv_io *io, struct drv_bytes bytes,
                    uint32_t index, uint32_t count)
{
    if (io->call->buf)
        for (uint32_t i = index; i < index + count && i < io->call->buf_max; i++)
            io->call->buf[i] = 0;
    take(drv, io->file, io, bytes, index, count, SIM_DROP_CLOSED);
}

void drv_bytes_lose(struct drv *drv, drv_file_id file, struct drv_bytes bytes, uint32_t count,
                    enum sim_drop why)
{
    take(drv, file, 0, bytes, 0, count, why);
}
