/*
 * loop/aio.c - see aio.h.
 *
 * A request for a descriptor that has none under way becomes runnable; others for the same
 * descriptor *number* stand behind it.  A new helper is born with a request of its own if none
 * is idle, else an idle one is called, which takes what is first when it comes.  So the first
 * request of a process is never cancelled in time, later ones may be.
 *
 *   helper   UNBORN -> WORKING -> WORKED -> (next request: WORKING | IDLE)
 *            IDLE -> called -> WORKING | IDLE        UNBORN -> SCOUT -> WORKING | IDLE
 *
 * Not modelled: priorities; that a helper ends after a second without work, and that there can
 * be twenty: here as many as the text has places for; aio_init(); SIGEV_THREAD.
 */
#include "loop/aio.h"

#include "drivers/process.h"

enum { UNBORN, IDLE, SCOUT, WORKING, WORKED }; /* of a helper */

enum { OP_READ = 1, OP_WRITE, OP_FILL, OP_SYNC, OP_WRONG }; /* of a request */

enum { NONE = 0xff, GROUP_FIRST = 128 /* numbers of lists nobody waits for */ };

enum { LIO_READ, LIO_WRITE, LIO_NOP, LIO_WAIT = 0, LIO_NOWAIT };

enum { AIO_CANCELED, AIO_NOTCANCELED, AIO_ALLDONE };

enum { O_DSYNC_FLAG = 010000, O_SYNC_FLAG = 04010000 };

/* ---- laying out ---- */

uint32_t loop_aio_bytes(const struct loop_aio_config *config, const struct drv_config *drv)
{
    if (!config->requests)
        return 0;
    return (uint32_t)(config->requests *
                          (sizeof(struct loop_aio_request) + config->bytes * 2u) +
                      drv->helpers * sizeof(struct loop_aio_helper) + drv->processes);
}

void loop_aio_bind(struct loop_aio *aio, const struct loop_aio_config *config, struct drv *drv,
                   void *at)
{
    aio->config = config;
    aio->drv = drv;
    aio->request = at;
    aio->cell = (uint16_t *)(void *)(aio->request + config->requests);
    aio->helper =
        (struct loop_aio_helper *)(void *)(aio->cell + config->requests * config->bytes);
    aio->run = (uint8_t *)(aio->helper + drv->config->helpers);
}

static unsigned first_helper(const struct loop_aio *aio)
{
    return (unsigned)(aio->drv->config->tasks - aio->drv->config->helpers);
}

static void free_request(struct loop_aio *aio, unsigned r)
{
    aio->request[r] = (struct loop_aio_request){0};
    for (unsigned i = 0; i < aio->config->bytes; i++)
        aio->cell[r * aio->config->bytes + i] = 0;
}

void loop_aio_reset(struct loop_aio *aio)
{
    for (unsigned r = 0; r < aio->config->requests; r++)
        free_request(aio, r);
    for (unsigned h = 0; h < aio->drv->config->helpers; h++)
        aio->helper[h] = (struct loop_aio_helper){0};
    for (unsigned p = 0; p < aio->drv->config->processes && aio->config->requests; p++)
        aio->run[p] = 0;
}

/* ---- helpers ---- */

static unsigned process_of(const struct loop_aio *aio, drv_task_id task)
{
    return aio->drv->config->task_process[task];
}

/* The process's first helper in this state - asleep, if @asleep - NONE: there is none. */
static unsigned helper_in(const struct loop_aio *aio, unsigned process, unsigned state,
                          bool asleep)
{
    unsigned first = first_helper(aio);

    for (unsigned h = 0; h < aio->drv->config->helpers; h++)
        if (process_of(aio, (drv_task_id)(first + h)) == process &&
            aio->helper[h].state == state &&
            (!asleep || aio->drv->state[first + h] == DRV_ASLEEP))
            return h;
    return NONE;
}

static void give(struct loop_aio *aio, unsigned h, unsigned r)
{
    aio->helper[h] = (struct loop_aio_helper){.state = WORKING, .request = (uint8_t)(r + 1)};
    aio->request[r].state = LOOP_AIO_ALLOCATED;
    aio->request[r].helper = (uint8_t)(first_helper(aio) + h + 1);
}

static void rouse_helper(struct loop_aio *aio, unsigned h)
{
    drv_task_rouse(aio->drv, (drv_task_id)(first_helper(aio) + h));
}

/* Tells an idle helper that there is something on the run list; it may already know. */
static void call_helper(struct loop_aio *aio, unsigned process)
{
    unsigned h = helper_in(aio, process, IDLE, true);

    if (h != NONE)
        rouse_helper(aio, h);
}

static void put_on_run_list(struct loop_aio *aio, unsigned r)
{
    uint8_t *link = &aio->run[aio->request[r].process - 1];

    aio->request[r].state = LOOP_AIO_RUNNABLE;
    while (*link)
        link = &aio->request[*link - 1].run;
    *link = (uint8_t)(r + 1);
}

static void take_off_run_list(struct loop_aio *aio, unsigned r)
{
    uint8_t *link = &aio->run[aio->request[r].process - 1];

    while (*link && *link != r + 1)
        link = &aio->request[*link - 1].run;
    if (*link)
        *link = aio->request[r].run;
    aio->request[r].run = 0;
}

/* The helper takes the first request of the run list, and sees that the next one is taken. */
static void take(struct loop_aio *aio, unsigned h)
{
    unsigned task = first_helper(aio) + h, process = process_of(aio, (drv_task_id)task);
    unsigned r = aio->run[process], other;

    aio->helper[h] = (struct loop_aio_helper){.state = IDLE};
    aio->drv->state[task] = r ? DRV_AWAKE : DRV_ASLEEP;
    if (!r)
        return;
    take_off_run_list(aio, r - 1);
    give(aio, h, r - 1);
    if (!aio->run[process])
        return;
    if (helper_in(aio, process, IDLE, false) != NONE) {
        call_helper(aio, process);
        return;
    }
    other = helper_in(aio, process, UNBORN, false);
    if (other == NONE)
        return;
    aio->helper[other].state = SCOUT;
    rouse_helper(aio, other);
}

/* The last request under way for the same descriptor, NONE: there is no other. */
static unsigned last_before(const struct loop_aio *aio, unsigned r)
{
    for (unsigned i = 0; i < aio->config->requests; i++) {
        const struct loop_aio_request *other = &aio->request[i];
        if (i != r && other->process == aio->request[r].process && !other->next &&
            other->fd == aio->request[r].fd && other->state != LOOP_AIO_DONE)
            return i;
    }
    return NONE;
}

static void begin_request(struct loop_aio *aio, unsigned r)
{
    unsigned process = aio->request[r].process - 1u, last = last_before(aio, r), h;

    if (last != NONE) {
        aio->request[last].next = (uint8_t)(r + 1);
        aio->request[r].state = LOOP_AIO_QUEUED;
        return;
    }
    h = helper_in(aio, process, UNBORN, false);
    if (h != NONE && helper_in(aio, process, IDLE, false) == NONE) {
        give(aio, h, r);
        rouse_helper(aio, h);
        return;
    }
    put_on_run_list(aio, r);
    call_helper(aio, process);
}

/* ---- requests ---- */

static bool is_under_way(const struct loop_aio_request *request)
{
    return request->process && request->state != LOOP_AIO_DONE;
}

/* The request with this handle, NONE: there is none. */
static unsigned find(const struct loop_aio *aio, unsigned process, int64_t number)
{
    for (unsigned r = 0; r < aio->config->requests; r++)
        if (aio->request[r].process == process + 1 && aio->request[r].number == number)
            return r;
    return NONE;
}

static int32_t narrow(int64_t value)
{
    return (int32_t)(value > INT32_MAX ? INT32_MAX : value < INT32_MIN ? INT32_MIN : value);
}

/* A new request with the lowest handle that is free, NONE: there are no more. */
static unsigned new_request(struct loop_aio *aio, drv_task_id task, int64_t fd, unsigned op)
{
    unsigned process = process_of(aio, task), number = 1;

    for (unsigned r = 0; r < aio->config->requests; r++) {
        if (aio->request[r].process)
            continue;
        while (find(aio, process, number) != NONE)
            number++;
        aio->request[r] = (struct loop_aio_request){
            .fd = (int16_t)(fd < 0 || fd > INT16_MAX ? -1 : fd),
            .op = (uint8_t)op,
            .process = (uint8_t)(process + 1),
            .number = (uint8_t)number,
        };
        return r;
    }
    return NONE;
}

/* How many requests of the list are under way still. */
static unsigned left_of(const struct loop_aio *aio, unsigned process, unsigned list)
{
    unsigned n = 0;

    for (unsigned r = 0; r < aio->config->requests; r++)
        n += is_under_way(&aio->request[r]) && aio->request[r].process == process + 1 &&
             aio->request[r].list == list;
    return n;
}

static void send(struct loop_aio *aio, unsigned process, unsigned signal)
{
    if (signal && aio->drv->process)
        drv_signal_send(aio->drv, process,
                        (struct drv_queued_signal){.signal = (uint8_t)signal});
}

static void forget_waiter(struct loop_aio *aio, unsigned task)
{
    for (unsigned r = 0; r < aio->config->requests; r++)
        aio->request[r].waiters &= ~(UINT64_C(1) << task);
}

static void notify(struct loop_aio *aio, const struct loop_aio_request *was)
{
    unsigned process = was->process - 1u;

    send(aio, process, was->signal);
    for (unsigned t = 0; t < first_helper(aio); t++)
        if (was->waiters >> t & 1) {
            forget_waiter(aio, t);
            drv_task_rouse(aio->drv, (drv_task_id)t);
        }
    if (!was->list || left_of(aio, process, was->list))
        return;
    if (was->list >= GROUP_FIRST)
        send(aio, process, was->list_signal);
    else
        drv_task_rouse(aio->drv, (drv_task_id)(was->list - 1));
}

/* It has a result, and all who waited for it know. */
static void finish(struct loop_aio *aio, unsigned r, int32_t result)
{
    static const uint8_t names[] = {[OP_READ] = DRV_NR_AIO_READ,
                                    [OP_WRITE] = DRV_NR_AIO_WRITE,
                                    [OP_FILL] = DRV_NR_AIO_WRITE,
                                    [OP_SYNC] = DRV_NR_AIO_FSYNC,
                                    [OP_WRONG] = DRV_NR_LIO_LISTIO};
    struct loop_aio_request *request = &aio->request[r], was;

    request->state = LOOP_AIO_DONE;
    request->result = result;
    request->next = 0;
    request->helper = 0;
    was = *request;
    request->waiters = 0;
    sim_trace(aio->drv->trace, SIM_EV_DONE, names[was.op], (uint32_t)result, 0);
    notify(aio, &was);
    if (was.orphan)
        free_request(aio, r);
}

/* ---- what helpers do ---- */

bool loop_aio_helps(struct loop_aio *aio, drv_task_id task, struct drv_call *ret_call,
                    bool *ret_in_call)
{
    const struct loop_aio_helper *helper;
    const struct loop_aio_request *request;
    unsigned n = 0, argc = 0;

    if (task < first_helper(aio))
        return false;
    helper = &aio->helper[task - first_helper(aio)];
    *ret_in_call = helper->state == WORKING && aio->request[helper->request - 1].op < OP_SYNC;
    if (!*ret_in_call)
        return true;
    request = &aio->request[helper->request - 1];
    n = request->op == OP_WRITE ? (unsigned)request->count : 0;
    aio->args[argc++] = request->fd;
    aio->args[argc++] = request->count;
    aio->tokens[0] = aio->tokens[1] = 0;
    for (unsigned i = 0; i < n; i++, argc++) {
        uint16_t cell = aio->cell[(helper->request - 1u) * aio->config->bytes + i];
        aio->args[argc] = cell & 0xff;
        aio->tokens[argc] = (uint8_t)(cell >> 8);
    }
    aio->tokens[argc] = 0;
    aio->args[argc++] = request->offset;
    *ret_call = (struct drv_call){
        .nr = request->op == OP_READ    ? DRV_NR_READ
              : request->op == OP_WRITE ? DRV_NR_WRITE
                                        : DRV_NR_FILL,
        .argc = (uint8_t)argc,
        .args = aio->args,
        .tokens = aio->tokens,
    };
    return true;
}

void loop_aio_called(struct loop_aio *aio, drv_task_id helper, int64_t value)
{
    struct loop_aio_helper *it = &aio->helper[helper - first_helper(aio)];

    it->state = WORKED;
    aio->request[it->request - 1].result = narrow(value);
}

/* fsync() of what can be behind a descriptor here. */
static int32_t synchronise(const struct loop_aio *aio, drv_task_id task, int64_t fd)
{
    drv_ofd_id ofd = drv_fd_ofd(aio->drv, task, fd);

    if (ofd == DRV_NONE)
        return -DRV_EBADF;
    return drv_file_kind(aio->drv, aio->drv->ofd[ofd].file) == DRV_FILE_REGULAR ? 0
                                                                                : -DRV_EINVAL;
}

void loop_aio_help(struct loop_aio *aio, drv_task_id helper)
{
    unsigned h = helper - first_helper(aio), r = aio->helper[h].request - 1u, next;
    const struct loop_aio_request *request;

    aio->drv->state[helper] = DRV_AWAKE;
    if (!aio->helper[h].request) {
        take(aio, h);
        return;
    }
    request = &aio->request[r];
    if (aio->helper[h].state == WORKING) {
        loop_aio_called(aio, helper,
                        request->op == OP_SYNC ? synchronise(aio, helper, request->fd)
                                               : -DRV_EINVAL);
        return;
    }
    next = request->next;
    finish(aio, r, request->result);
    if (next)
        put_on_run_list(aio, next - 1);
    take(aio, h);
    drv_jobs_run(aio->drv);
}

/* ---- ends ---- */

void loop_aio_task_gone(struct loop_aio *aio, drv_task_id task)
{
    forget_waiter(aio, task);
    for (unsigned r = 0; r < aio->config->requests; r++)
        if (aio->request[r].list == task + 1) {
            aio->request[r].list = 0;
            aio->request[r].orphan = 1;
            if (aio->request[r].state == LOOP_AIO_DONE)
                free_request(aio, r);
        }
}

void loop_aio_process_gone(struct loop_aio *aio, unsigned process)
{
    unsigned first = first_helper(aio);

    if (!aio->config->requests)
        return;
    for (unsigned r = 0; r < aio->config->requests; r++)
        if (aio->request[r].process == process + 1)
            free_request(aio, r);
    for (unsigned h = 0; h < aio->drv->config->helpers; h++)
        if (process_of(aio, (drv_task_id)(first + h)) == process)
            aio->helper[h] = (struct loop_aio_helper){0};
    aio->run[process] = 0;
}

/* ---- the calls ---- */

bool loop_aio_is_call(unsigned nr)
{
    return nr >= DRV_NR_AIO_READ && nr <= DRV_NR_LIO_LISTIO;
}

/* aio_read: fd, count, offset, signal; aio_write: fd, n, value x n, offset, signal. */
static int64_t transfer(struct loop_aio *aio, drv_task_id task, const struct drv_call *call)
{
    bool writes = call->nr == DRV_NR_AIO_WRITE;
    unsigned n = writes ? (unsigned)drv_arg(call, 1) : 0, r;

    if (n > aio->config->bytes)
        return drv_exhausted(aio->drv, call->nr, DRV_EAGAIN);
    r = new_request(aio, task, drv_arg(call, 0), writes ? OP_WRITE : OP_READ);
    if (r == NONE)
        return drv_exhausted(aio->drv, call->nr, DRV_EAGAIN);
    aio->request[r].count = narrow(drv_arg(call, 1));
    aio->request[r].offset = narrow(drv_arg(call, 2 + n));
    aio->request[r].signal = (uint8_t)drv_arg(call, 3 + n);
    for (unsigned i = 0; i < n; i++)
        aio->cell[r * aio->config->bytes + i] =
            (uint16_t)((call->tokens ? call->tokens[2 + i] : 0) << 8 |
                       (uint8_t)drv_arg(call, 2 + i));
    begin_request(aio, r);
    return aio->request[r].number;
}

/* aio_fsync: fd, which, signal.  It waits behind the descriptor's requests as they do. */
static int64_t fsync_request(struct loop_aio *aio, drv_task_id task,
                             const struct drv_call *call)
{
    drv_ofd_id ofd = drv_fd_ofd(aio->drv, task, drv_arg(call, 0));
    unsigned r;

    if (drv_arg(call, 1) != O_SYNC_FLAG && drv_arg(call, 1) != O_DSYNC_FLAG)
        return -DRV_EINVAL;
    if (ofd == DRV_NONE || !drv_ofd_writable(aio->drv, ofd))
        return -DRV_EBADF;
    r = new_request(aio, task, drv_arg(call, 0), OP_SYNC);
    if (r == NONE)
        return drv_exhausted(aio->drv, call->nr, DRV_EAGAIN);
    aio->request[r].signal = (uint8_t)drv_arg(call, 2);
    begin_request(aio, r);
    return aio->request[r].number;
}

/* The error as a positive number: what the control block says. */
static int64_t error_of(const struct loop_aio *aio, unsigned r)
{
    if (r == NONE)
        return -DRV_EINVAL;
    if (is_under_way(&aio->request[r]))
        return DRV_EINPROGRESS;
    return aio->request[r].result < 0 ? -aio->request[r].result : 0;
}

/* Its result, once: the control block is free again. */
static int64_t result_of(struct loop_aio *aio, unsigned r)
{
    int64_t result;

    if (r == NONE)
        return -DRV_EINVAL;
    if (is_under_way(&aio->request[r]))
        return -DRV_EINPROGRESS;
    result = aio->request[r].result;
    free_request(aio, r);
    return result;
}

/* Takes one that no helper has begun out of its lists. */
static void unlink_request(struct loop_aio *aio, unsigned r)
{
    uint8_t next = aio->request[r].next;

    for (unsigned i = 0; i < aio->config->requests; i++)
        if (aio->request[i].next == r + 1)
            aio->request[i].next = next;
    if (aio->request[r].state != LOOP_AIO_RUNNABLE)
        return;
    take_off_run_list(aio, r);
    if (next)
        put_on_run_list(aio, next - 1u);
}

/* Cancels what is under way for the descriptor, but for what a helper has begun. */
static int64_t cancel_all(struct loop_aio *aio, unsigned process, int64_t fd)
{
    int64_t outcome = AIO_ALLDONE;

    for (unsigned r = 0; r < aio->config->requests; r++) {
        struct loop_aio_request *request = &aio->request[r];
        if (!is_under_way(request) || request->process != process + 1 || request->fd != fd)
            continue;
        if (request->state == LOOP_AIO_ALLOCATED) {
            outcome = AIO_NOTCANCELED;
            continue;
        }
        if (outcome == AIO_ALLDONE)
            outcome = AIO_CANCELED;
        unlink_request(aio, r);
        finish(aio, r, -DRV_ECANCELED);
    }
    return outcome;
}

/* aio_cancel: fd, handle or 0. */
static int64_t cancel(struct loop_aio *aio, drv_task_id task, const struct drv_call *call)
{
    int64_t fd = drv_arg(call, 0), number = drv_arg(call, 1);
    unsigned process = process_of(aio, task), r;

    if (drv_fd_ofd(aio->drv, task, fd) == DRV_NONE)
        return -DRV_EBADF;
    if (!number)
        return cancel_all(aio, process, fd);
    r = find(aio, process, number);
    if (r == NONE || aio->request[r].fd != fd)
        return -DRV_EINVAL;
    if (!is_under_way(&aio->request[r]))
        return AIO_ALLDONE;
    if (aio->request[r].state == LOOP_AIO_ALLOCATED)
        return AIO_NOTCANCELED;
    unlink_request(aio, r);
    finish(aio, r, -DRV_ECANCELED);
    return AIO_CANCELED;
}

/* aio_suspend: n, handle x n, time-out.  Those that are no handle do not count. */
static enum drv_step suspend(struct loop_aio *aio, drv_task_id task,
                             const struct drv_call *call, struct drv_result *ret_result)
{
    unsigned n = (unsigned)drv_arg(call, 0), process = process_of(aio, task), waits = 0;
    struct drv_task *record = &aio->drv->task[task];
    int64_t timeout_ns = drv_arg(call, 1 + n);

    if (record->flags & DRV_TASK_SLEPT) {
        bool expired = record->flags & DRV_TASK_EXPIRED;
        forget_waiter(aio, task);
        return drv_call_return(aio->drv, task, call, ret_result, expired ? -DRV_EAGAIN : 0);
    }
    for (unsigned i = 1; i <= n; i++) {
        unsigned r = find(aio, process, drv_arg(call, i));
        if (drv_arg(call, i) <= 0)
            continue;
        if (r == NONE || !is_under_way(&aio->request[r]))
            return drv_call_return(aio->drv, task, call, ret_result, 0);
        waits++;
    }
    if (!waits || !timeout_ns)
        return drv_call_return(aio->drv, task, call, ret_result, waits ? -DRV_EAGAIN : 0);
    for (unsigned i = 1; i <= n; i++) {
        unsigned r = find(aio, process, drv_arg(call, i));
        if (r != NONE)
            aio->request[r].waiters |= UINT64_C(1) << task;
    }
    return drv_call_park(aio->drv, task, call, 0, DRV_WAIT_HEAD, timeout_ns);
}

/* ---- lio_listio: mode, n, {op, fd, count, offset} x n, signal ---- */

enum { PARTS = 4, FIRST = 2 };

static void report(const struct drv_call *call, unsigned k, int64_t value)
{
    if (call->events && k < call->events_max)
        call->events[k] =
            (struct drv_event){.data = k, .events = (uint32_t)value, .flags = DRV_EVENT_RESULT};
}

/* A number that no list of the process has whose requests are under way. */
static unsigned free_group(const struct loop_aio *aio, unsigned process)
{
    unsigned group = GROUP_FIRST;

    while (left_of(aio, process, group))
        group++;
    return group;
}

/* Begins all requests of the list.  How many there are; *ret_error: one could not begin. */
static unsigned begin_list(struct loop_aio *aio, drv_task_id task, const struct drv_call *call,
                           unsigned list, bool *ret_error)
{
    unsigned n = (unsigned)drv_arg(call, 1), begun = 0;
    int64_t signal = drv_arg(call, FIRST + PARTS * n);

    for (unsigned k = 0; k < n; k++) {
        unsigned at = FIRST + PARTS * k, r;
        int64_t op = drv_arg(call, at);
        report(call, k, 0);
        if (op == LIO_NOP)
            continue;
        r = new_request(aio, task, drv_arg(call, at + 1),
                        op == LIO_READ    ? OP_READ
                        : op == LIO_WRITE ? OP_FILL
                                          : OP_WRONG);
        if (r == NONE) {
            *ret_error = true;
            report(call, k, drv_exhausted(aio->drv, call->nr, DRV_EAGAIN));
            continue;
        }
        aio->request[r].count = narrow(drv_arg(call, at + 2));
        aio->request[r].offset = narrow(drv_arg(call, at + 3));
        aio->request[r].list = (uint8_t)list;
        aio->request[r].list_signal = list < GROUP_FIRST ? 0 : (uint8_t)signal;
        aio->request[r].index = (uint8_t)k;
        aio->request[r].orphan = list >= GROUP_FIRST && !call->events;
        if (list >= GROUP_FIRST)
            report(call, k, aio->request[r].number);
        begin_request(aio, r);
        begun++;
    }
    return begun;
}

/* All requests the task waited for are done: their results, and whether one failed. */
static bool end_list(struct loop_aio *aio, drv_task_id task, const struct drv_call *call)
{
    bool failed = false;

    for (unsigned r = 0; r < aio->config->requests; r++) {
        if (aio->request[r].list != task + 1 ||
            aio->request[r].process != process_of(aio, task) + 1)
            continue;
        failed |= aio->request[r].result < 0;
        report(call, aio->request[r].index, aio->request[r].result);
        free_request(aio, r);
    }
    return failed;
}

static enum drv_step lio_listio(struct loop_aio *aio, drv_task_id task,
                                const struct drv_call *call, struct drv_result *ret_result)
{
    int64_t mode = drv_arg(call, 0), n = drv_arg(call, 1);
    struct drv_task *record = &aio->drv->task[task];
    unsigned process = process_of(aio, task), begun = 0;
    bool failed = false;

    if (mode != LIO_WAIT && mode != LIO_NOWAIT)
        return drv_call_return(aio->drv, task, call, ret_result, -DRV_EINVAL);
    if (mode == LIO_NOWAIT) {
        begun = begin_list(aio, task, call, free_group(aio, process), &failed);
        if (!begun)
            send(aio, process, (unsigned)drv_arg(call, (unsigned)(FIRST + PARTS * n)));
        return drv_call_return(aio->drv, task, call, ret_result,
                               call->events ? n
                               : failed     ? -DRV_EAGAIN
                                            : 0);
    }
    if (!(record->flags & DRV_TASK_SLEPT)) {
        begin_list(aio, task, call, task + 1u, &failed);
        record->done = failed;
    }
    if (left_of(aio, process, task + 1u))
        return drv_call_park(aio->drv, task, call, 0, DRV_WAIT_HEAD, -1);
    failed = end_list(aio, task, call) || record->done;
    return drv_call_return(aio->drv, task, call, ret_result,
                           call->events ? n
                           : failed     ? -DRV_EIO
                                        : 0);
}

/* Calls that never sleep. */
static int64_t at_once(struct loop_aio *aio, drv_task_id task, const struct drv_call *call)
{
    unsigned process = process_of(aio, task);

    switch (call->nr) {
    case DRV_NR_AIO_READ:
    case DRV_NR_AIO_WRITE:
        return transfer(aio, task, call);
    case DRV_NR_AIO_FSYNC:
        return fsync_request(aio, task, call);
    case DRV_NR_AIO_ERROR:
        return error_of(aio, find(aio, process, drv_arg(call, 0)));
    case DRV_NR_AIO_RETURN:
        return result_of(aio, find(aio, process, drv_arg(call, 0)));
    default:
        return cancel(aio, task, call);
    }
}

enum drv_step loop_aio_step(struct loop_aio *aio, drv_task_id task, const struct drv_call *call,
                            struct drv_result *ret_result)
{
    enum drv_step next = DRV_DONE;

    drv_call_begin(aio->drv, task, call);
    if (call->nr == DRV_NR_AIO_SUSPEND)
        next = suspend(aio, task, call, ret_result);
    else if (call->nr == DRV_NR_LIO_LISTIO)
        next = lio_listio(aio, task, call, ret_result);
    else
        drv_call_return(aio->drv, task, call, ret_result, at_once(aio, task, call));
    drv_jobs_run(aio->drv);
    return next;
}
