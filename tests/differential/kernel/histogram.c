/*
 * tests/differential/kernel/histogram.c - see histogram.h.
 *
 * A new file kind is a few rows, a new call a column.
 */
#include "tests/differential/kernel/histogram.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/file.h"

enum {
    IN = DRV_POLLIN,
    OUT = DRV_POLLOUT,
    ERR = DRV_POLLERR,
    HUP = DRV_POLLHUP,
    LOOKED_AT = IN | OUT | ERR | HUP
};

enum side { BOTH, READS, WRITES };

/* Every state of a file that a caller can tell from another. */
static const struct {
    const char *name;
    uint8_t kind; /* enum drv_file_kind */
    uint8_t side; /* enum side: how its description is open */
    uint8_t level;
} rows[] = {
    {"pipe, read end: empty", DRV_FILE_PIPE, READS, 0},
    {"pipe, read end: data", DRV_FILE_PIPE, READS, IN},
    {"pipe, read end: end of file", DRV_FILE_PIPE, READS, HUP},
    {"pipe, read end: data, then end", DRV_FILE_PIPE, READS, IN | HUP},
    {"pipe, write end: room", DRV_FILE_PIPE, WRITES, OUT},
    {"pipe, write end: full", DRV_FILE_PIPE, WRITES, 0},
    {"pipe, write end: no reader", DRV_FILE_PIPE, WRITES, OUT | ERR},
    {"pipe, write end: full, no reader", DRV_FILE_PIPE, WRITES, ERR},
    {"eventfd: 0", DRV_FILE_EVENTFD, BOTH, OUT},
    {"eventfd: between", DRV_FILE_EVENTFD, BOTH, IN | OUT},
    {"eventfd: at its top", DRV_FILE_EVENTFD, BOTH, IN},
    {"epoll: nothing ready", DRV_FILE_EPOLL, BOTH, 0},
    {"epoll: something ready", DRV_FILE_EPOLL, BOTH, IN},
    {"fifo, read end: empty", DRV_FILE_FIFO, READS, 0},
    {"fifo, read end: data", DRV_FILE_FIFO, READS, IN},
    {"fifo, read end: end of file", DRV_FILE_FIFO, READS, HUP},
    {"fifo, both ends: empty", DRV_FILE_FIFO, BOTH, OUT},
    {"fifo, both ends: data", DRV_FILE_FIFO, BOTH, IN | OUT},
    {"fifo, write end: room", DRV_FILE_FIFO, WRITES, OUT},
    {"socket: empty", DRV_FILE_SOCKET, BOTH, OUT},
    {"socket: data, or the end", DRV_FILE_SOCKET, BOTH, IN | OUT},
    {"socket: full", DRV_FILE_SOCKET, BOTH, 0},
    {"socket: full, and data", DRV_FILE_SOCKET, BOTH, IN},
    {"socket: hung up", DRV_FILE_SOCKET, BOTH, IN | OUT | HUP},
    {"socket: reset", DRV_FILE_SOCKET, BOTH, IN | OUT | ERR | HUP},
    {"listener: nobody", DRV_FILE_NAME, BOTH, 0},
    {"listener: a connection", DRV_FILE_NAME, BOTH, IN},
    {"timerfd: not run out", DRV_FILE_TIMERFD, BOTH, 0},
    {"timerfd: run out", DRV_FILE_TIMERFD, BOTH, IN},
    {"signalfd: none", DRV_FILE_SIGNALFD, BOTH, 0},
    {"signalfd: pending", DRV_FILE_SIGNALFD, BOTH, IN},
    {"regular file", DRV_FILE_REGULAR, BOTH, IN | OUT},
    {"no file (EBADF)", DRV_FILE_FREE, BOTH, 0},
};

/* The calls, and which argument says what they are about. */
static const struct {
    uint8_t nr, about;
    uint8_t operation; /* epoll_ctl */
    const char *name;
} columns[] = {
    {DRV_NR_READ, 0, 0, "read"},
    {DRV_NR_WRITE, 0, 0, "write"},
    {DRV_NR_FILL, 0, 0, "fill"},
    {DRV_NR_LSEEK, 0, 0, "lseek"},
    {DRV_NR_FCNTL, 0, 0, "fcntl"},
    {DRV_NR_DUP, 0, 0, "dup"},
    {DRV_NR_DUP2, 0, 0, "dup2"},
    {DRV_NR_CLOSE, 0, 0, "close"},
    {DRV_NR_POLL, 1, 0, "poll"},
    {DRV_NR_SELECT, 1, 0, "select"},
    {DRV_NR_EPOLL_CTL, 2, DRV_EPOLL_CTL_ADD, "ADD"},
    {DRV_NR_EPOLL_CTL, 2, DRV_EPOLL_CTL_MOD, "MOD"},
    {DRV_NR_EPOLL_CTL, 2, DRV_EPOLL_CTL_DEL, "DEL"},
    {DRV_NR_EPOLL_WAIT, 0, 0, "wait"},
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]), COLUMNS = sizeof(columns) / sizeof(columns[0]) };

bool histogram_init(struct histogram *histogram, const struct lab_model *model)
{
    *histogram = (struct histogram){.copy = malloc(model->arena.size)};
    return histogram->copy != 0;
}

/* What is true of the file, without the traces that looking leaves. */
static uint32_t level_of(struct histogram *histogram, struct lab_model *model, drv_ofd_id ofd)
{
    uint32_t level;

    memcpy(histogram->copy, model->bytes, model->arena.size);
    level = drv_level(&model->drv, 0, ofd);
    memcpy(model->bytes, histogram->copy, model->arena.size);
    return level & LOOKED_AT;
}

static unsigned row_of(struct histogram *histogram, struct lab_model *model, int64_t fd)
{
    drv_ofd_id ofd = drv_fd_ofd(&model->drv, 0, fd);
    uint8_t kind = DRV_FILE_FREE, side = BOTH;
    uint32_t level = 0;
    unsigned row = 0;

    if (ofd != DRV_NONE) {
        kind = (uint8_t)drv_file_kind(&model->drv, model->drv.ofd[ofd].file);
        level = level_of(histogram, model, ofd);
        if (kind == DRV_FILE_PIPE ||
            (kind == DRV_FILE_FIFO &&
             !(drv_ofd_readable(&model->drv, ofd) && drv_ofd_writable(&model->drv, ofd))))
            side = drv_ofd_readable(&model->drv, ofd) ? READS : WRITES;
    }
    while (row < ROWS &&
           (rows[row].kind != kind || rows[row].side != side || rows[row].level != level))
        row++;
    return row;
}

void histogram_count(struct histogram *histogram, struct lab_model *model,
                     const struct lab_script_op *op, const int64_t *args)
{
    for (unsigned c = 0; c < COLUMNS; c++) {
        unsigned row;
        if (columns[c].nr != op->nr || columns[c].about >= op->argc ||
            (columns[c].operation && columns[c].operation != args[1]))
            continue;
        row = row_of(histogram, model, args[columns[c].about]);
        if (row < ROWS)
            histogram->cell[row][c]++;
        else
            histogram->elsewhere++;
    }
}

unsigned histogram_print(const struct histogram *histogram)
{
    unsigned empty = 0;

    printf("%-34s", "");
    for (unsigned c = 0; c < COLUMNS; c++)
        printf("%7s", columns[c].name);
    putchar('\n');
    for (unsigned row = 0; row < ROWS; row++) {
        printf("%-34s", rows[row].name);
        for (unsigned c = 0; c < COLUMNS; c++) {
            printf("%7" PRIu64, histogram->cell[row][c]);
            empty += !histogram->cell[row][c];
        }
        putchar('\n');
    }
    printf("%" PRIu64 " calls about a file in some other state\n", histogram->elsewhere);
    return empty;
}
