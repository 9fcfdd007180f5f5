/*
 * drivers/call_block.c - the blocks of drivers that a call needs on its way: open {} and
 * release {} around a description, read {} before each look, write {} before each byte, poll
 * {}.
 *
 * Not modelled: release {} of a file whose last holder is a call under way.
 */
#include "drivers/process.h"

/* Does the call close this descriptor on its way?  exec() only what is close-on-exec. */
static bool closes(const struct drv_fd *entry, const struct drv_call *call)
{
    return call->nr == DRV_NR_EXIT || entry->flags & DRV_FD_CLOEXEC;
}

/* The open file whose last descriptors exit() or exec() would close; -1: no such. */
static int last_close(const struct drv *drv, drv_task_id task, const struct drv_call *call)
{
    const struct drv_fd *table = drv_fd_table(drv, task);

    for (unsigned t = 0; t < drv->config->tasks && call->nr == DRV_NR_EXIT; t++)
        if (t != task && drv->config->task_process[t] == drv->config->task_process[task] &&
            !drv_is_helper(drv, t) && !(drv->task[t].flags & (DRV_TASK_GONE | DRV_TASK_UNBORN)))
            return -1;
    for (unsigned i = 0; i < drv->config->fds; i++) {
        const struct drv_ofd *ofd = &drv->ofd[table[i].ofd ? table[i].ofd - 1 : 0];
        const struct drv_driver_config *driver;
        unsigned here = 0;
        if (!table[i].ofd || !closes(&table[i], call))
            continue;
        driver = drv_driver_of(drv, ofd->file);
        for (unsigned k = 0; k < drv->config->fds; k++)
            here += table[k].ofd == table[i].ofd && closes(&table[k], call);
        if (driver && driver->has[DRV_BLOCK_RELEASE] && here == ofd->refs)
            return (int)i + DRV_FD_FIRST;
    }
    return -1;
}

/* The device file that loses its last descriptor if @fd is closed, DRV_NONE: none. */
static drv_file_id released(const struct drv *drv, drv_task_id task, int64_t fd)
{
    drv_ofd_id ofd = drv_fd_ofd(drv, task, fd);

    return ofd != DRV_NONE && drv->ofd[ofd].refs == 1 ? drv->ofd[ofd].file : DRV_NONE;
}

static bool ask(const struct drv *drv, drv_file_id file, enum drv_block block,
                struct drv_need *ret_need)
{
    const struct drv_driver_config *driver = file == DRV_NONE ? 0 : drv_driver_of(drv, file);

    if (!driver || !driver->has[block])
        return false;
    *ret_need = (struct drv_need){
        .block = (uint8_t)block, .driver = drv->config->file[file].driver, .file = file};
    return true;
}

/* read {} before each look, write {} before each byte. */
static bool io_need(const struct drv *drv, drv_task_id task, const struct drv_call *call,
                    struct drv_need *ret_need)
{
    const struct drv_task *record = &drv->task[task];
    drv_ofd_id ofd =
        record->ofd ? (drv_ofd_id)(record->ofd - 1) : drv_fd_ofd(drv, task, drv_arg(call, 0));
    unsigned at = 2 + record->done;

    if (ofd == DRV_NONE || (call->argc > 1 && drv_arg(call, 1) <= 0))
        return false;
    if (!drv_call_writes(call))
        return drv_ofd_readable(drv, ofd) && !(record->flags & DRV_TASK_LOOKED) &&
               ask(drv, drv->ofd[ofd].file, DRV_BLOCK_READ, ret_need);
    if (!drv_ofd_writable(drv, ofd) || record->done >= drv_arg(call, 1) ||
        !ask(drv, drv->ofd[ofd].file, DRV_BLOCK_WRITE, ret_need))
        return false;
    if (call->nr == DRV_NR_WRITE) {
        ret_need->value = (uint8_t)drv_arg(call, at);
        ret_need->token = call->tokens && at < call->argc ? call->tokens[at] : 0;
    }
    return true;
}

/* open {} if the call will find a descriptor; release {} with the last one. */
static bool fd_need(const struct drv *drv, drv_task_id task, const struct drv_call *call,
                    struct drv_need *ret_need)
{
    int64_t a = drv_arg(call, 0), b = drv_arg(call, 1);

    if (call->nr == DRV_NR_EXIT || call->nr == DRV_NR_EXEC) {
        int fd = last_close(drv, task, call);
        return fd >= 0 &&
               ask(drv, drv->ofd[drv_fd_ofd(drv, task, fd)].file, DRV_BLOCK_RELEASE, ret_need);
    }
    if (drv->task[task].flags & DRV_TASK_LOOKED)
        return false;
    if (call->nr == DRV_NR_CLOSE)
        return ask(drv, released(drv, task, a), DRV_BLOCK_RELEASE, ret_need);
    if (call->nr == DRV_NR_DUP2)
        return a != b && drv_fd_ofd(drv, task, a) != DRV_NONE &&
               ask(drv, released(drv, task, b), DRV_BLOCK_RELEASE, ret_need);
    if (a < 0 || a >= drv->config->fixed_files || drv_fd_free(drv, task, 0) < 0)
        return false;
    for (unsigned i = 0; i < drv->config->ofds; i++)
        if (!drv->ofd[i].refs)
            return ask(drv, (drv_file_id)a, DRV_BLOCK_OPEN, ret_need);
    return false;
}

bool drv_call_need(const struct drv *drv, drv_task_id task, const struct drv_call *call,
                   struct drv_need *ret_need)
{
    if (!drv->blocks || drv->task[task].flags & DRV_TASK_LEAVING)
        return false;
    switch (call->nr) {
    case DRV_NR_READ:
    case DRV_NR_WRITE:
    case DRV_NR_FILL:
        return io_need(drv, task, call, ret_need);
    case DRV_NR_OPEN:
    case DRV_NR_CLOSE:
    case DRV_NR_DUP2:
    case DRV_NR_EXIT:
    case DRV_NR_EXEC:
        return fd_need(drv, task, call, ret_need);
    case DRV_NR_POLL:
    case DRV_NR_SELECT:
        return ask(drv, drv_poll_need(drv, task, call), DRV_BLOCK_POLL, ret_need);
    case DRV_NR_EPOLL_WAIT:
        return ask(drv, drv_epoll_wait_need(drv, task, call), DRV_BLOCK_POLL, ret_need);
    case DRV_NR_EPOLL_CTL:
        return ask(drv, drv_epoll_ctl_need(drv, task, call), DRV_BLOCK_POLL, ret_need);
    default:
        return false;
    }
}

void drv_call_block_begin(struct drv *drv, drv_task_id task, const struct drv_call *call,
                          const struct drv_need *need)
{
    drv_call_begin(drv, task, call);
    drv->state[task] = DRV_AWAKE;
    drv->task[task].flags |= DRV_TASK_BLOCK;
    drv->task[task].file = (uint8_t)(need->file + 1);
    switch (call->nr) {
    case DRV_NR_WRITE:
        sim_trace(drv->trace, SIM_EV_PUT, need->file, need->value, need->token);
        break;
    case DRV_NR_POLL:
    case DRV_NR_SELECT:
        drv_poll_begin(drv, task, call);
        break;
    case DRV_NR_EPOLL_WAIT:
        drv_epoll_wait_begin(drv, task);
        break;
    case DRV_NR_EPOLL_CTL:
        drv_epoll_ctl_begin(drv, task, call);
        break;
    default:
        break;
    }
}

/* They close what the block was for before they ask for the next one. */
static void close_released(struct drv *drv, drv_task_id task, const struct drv_call *call)
{
    int fd;

    while ((fd = last_close(drv, task, call)) >= 0) {
        drv_ofd_id ofd = drv_fd_ofd(drv, task, fd);
        if (drv->ofd[ofd].file != drv->task[task].file - 1)
            return;
        while (fd < DRV_FD_FIRST + drv->config->fds) {
            if (drv_fd_ofd(drv, task, fd) == ofd &&
                closes(&drv_fd_table(drv, task)[fd - DRV_FD_FIRST], call))
                drv_fd_close(drv, task, fd);
            fd++;
        }
        return;
    }
}

void drv_call_block_done(struct drv *drv, drv_task_id task, const struct drv_call *call,
                         int64_t value)
{
    struct drv_task *record = &drv->task[task];
    struct drv_need need;

    if (!(record->flags & DRV_TASK_BLOCK) && drv_call_need(drv, task, call, &need))
        drv_call_block_begin(drv, task, call, &need);
    if (!record->file)
        return;
    drv_finish(drv, task);
    switch (call->nr) {
    case DRV_NR_WRITE:
    case DRV_NR_FILL:
        record->done++;
        break;
    case DRV_NR_EXIT:
    case DRV_NR_EXEC:
        close_released(drv, task, call);
        break;
    case DRV_NR_POLL:
    case DRV_NR_SELECT:
    case DRV_NR_EPOLL_WAIT:
    case DRV_NR_EPOLL_CTL:
        drv->look[task * drv->poll_files + drv->poll_slot[record->file - 1]] =
            (uint16_t)((uint64_t)value | DRV_LOOKED);
        break;
    default:
        record->flags |= DRV_TASK_LOOKED;
        break;
    }
    record->flags &= (uint16_t)~DRV_TASK_BLOCK;
    record->file = 0;
}
