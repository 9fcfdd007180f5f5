/* lab/linux_books.c - see linux_books.h. */
#include "lab/linux_books.h"

#include <string.h>

#include "drivers/file.h"
#include "drivers/state.h"

enum { STEPS_MAX = 4096, REPORTED_BY_POLL = 0x8000 };

drv_file_id lab_books_file(const struct lab *lab, unsigned task, int64_t fd)
{
    drv_ofd_id ofd = drv_fd_ofd(&lab->drv, (drv_task_id)task, fd);

    return ofd == DRV_NONE ? DRV_NONE : lab->drv.ofd[ofd].file;
}

static bool moves_bytes(unsigned nr)
{
    return nr == DRV_NR_READ || nr == DRV_NR_WRITE || nr == DRV_NR_FILL;
}

/* Is the call one that the books must follow? */
static bool is_entered(const struct lab *lab, unsigned task, const struct drv_call *call,
                       int64_t value)
{
    drv_file_id file;

    switch (call->nr) {
    case DRV_NR_OPEN:
    case DRV_NR_CLOSE:
    case DRV_NR_DUP:
    case DRV_NR_DUP2:
    case DRV_NR_FCNTL:
    case DRV_NR_PIPE:
    case DRV_NR_SOCKETPAIR:
    case DRV_NR_SHUTDOWN:
    case DRV_NR_EVENTFD:
    case DRV_NR_EPOLL_CREATE:
    case DRV_NR_EPOLL_CTL:
    case DRV_NR_LSEEK:
    case DRV_NR_LISTEN:
    case DRV_NR_CONNECT:
    case DRV_NR_ACCEPT:
    case DRV_NR_SETRLIMIT:
    case DRV_NR_FORK:
    case DRV_NR_EXEC:
    case DRV_NR_WAIT:
    case DRV_NR_IO_SETUP:
    case DRV_NR_IO_SUBMIT:
    case DRV_NR_IO_GETEVENTS:
    case DRV_NR_IO_DESTROY:
    case DRV_NR_IO_URING_SETUP:
    case DRV_NR_IO_URING_ENTER:
        return value >= 0;
    case DRV_NR_READ:
    case DRV_NR_WRITE:
    case DRV_NR_FILL:
        file = lab_books_file(lab, task, call->args[0]);
        return value > 0 && file != DRV_NONE;
    default:
        return false;
    }
}

/* The call with the kernel's count in place of the one that was asked for. */
static void as_answered(struct drv_call *call, int64_t args[LAB_CREW_ARGS], int64_t value,
                        bool counter)
{
    memcpy(args, call->args, call->argc * sizeof(*args));
    call->args = args;
    if (!moves_bytes(call->nr) || counter || call->argc < 2)
        return;
    args[1] = value;
    if (call->nr == DRV_NR_WRITE)
        call->argc = (uint8_t)(2 + value);
}

static bool step_through(struct lab *lab, unsigned task, const struct drv_call *call,
                         struct drv_result *ret_result)
{
    for (unsigned i = 0; i < STEPS_MAX; i++) {
        enum drv_step step = drv_call_step(&lab->drv, (drv_task_id)task, call, ret_result);

        if (step == DRV_DONE)
            return true;
        if (step != DRV_AGAIN)
            return false;
    }
    return false;
}

/* Makes the call in the model.  False: it comes to something else there, nothing has changed.
 */
static bool enter(struct lab_books *books, unsigned task, struct drv_call call,
                  const struct lab_crew_answer *answer, struct drv_result *ret_result)
{
    struct lab *lab = books->lab;
    drv_file_id file = lab_books_file(lab, task, call.argc ? call.args[0] : -1);
    bool counter = file != DRV_NONE && drv_file_kind(&lab->drv, file) == DRV_FILE_EVENTFD;
    int64_t args[LAB_CREW_ARGS], value = answer->result.value;
    uint16_t cells[LAB_CREW_BYTES] = {0}, *buf = call.buf;
    struct drv_event events[LAB_CREW_EVENTS];
    bool fits;

    as_answered(&call, args, value, counter);
    call.events = call.events ? events : 0;
    call.events_max = LAB_CREW_EVENTS;
    call.buf = cells;
    memcpy(books->before, lab->arena.bytes, lab->arena.size);
    fits = step_through(lab, task, &call, ret_result);
    if (call.nr == DRV_NR_FORK && fits)
        value = ret_result->value; /* the scenario's number of the process */
    fits = fits && (counter || ret_result->value == value);
    for (int64_t i = 0; fits && call.nr == DRV_NR_READ && !counter && i < value; i++)
        fits = i >= call.buf_max || (cells[i] & 0xff) == answer->byte[i];
    if (!fits) {
        memcpy(lab->arena.bytes, books->before, lab->arena.size);
        lab_refresh(lab);
        return false;
    }
    if (buf && call.nr == DRV_NR_READ)
        memcpy(buf, cells, call.buf_max * sizeof(*buf));
    ret_result->value = value;
    return true;
}

/* The model's record of a descriptor's registration with an instance; -1 none. */
static int entry_of(const struct lab *lab, drv_file_id instance, int64_t data)
{
    for (unsigned i = 0; i < lab->drv.config->items; i++) {
        const struct drv_item *item = &lab->drv.item[i];

        if (item->epoll == instance + 1 && item->data_lo == (uint32_t)data &&
            item->data_hi == (uint32_t)((uint64_t)data >> 32))
            return (int)i;
    }
    return -1;
}

static void report(struct lab *lab, unsigned task, const struct drv_call *call,
                   const struct drv_event *event)
{
    drv_file_id file = lab_books_file(lab, task, event->data);
    unsigned id = REPORTED_BY_POLL | task << 8 | ((unsigned)event->data & 0xff);

    if (call->nr == DRV_NR_EPOLL_WAIT) {
        int entry = entry_of(lab, lab_books_file(lab, task, call->args[0]), event->data);

        if (entry < 0)
            return;
        id = (unsigned)entry;
        file = lab->drv.ofd[lab->drv.item[entry].ofd].file;
    }
    if (file != DRV_NONE)
        sim_trace(&lab->trace, SIM_EV_REPORT, file, id << 16 | (event->events & 0xffff), 0);
}

static bool is_wait(unsigned nr)
{
    return nr == DRV_NR_EPOLL_WAIT || nr == DRV_NR_POLL || nr == DRV_NR_SELECT;
}

static void report_all(struct lab *lab, unsigned task, const struct drv_call *call,
                       const struct lab_crew_answer *answer)
{
    int64_t count = answer->result.value;
    bool completes = call->nr == DRV_NR_IO_GETEVENTS || call->nr == DRV_NR_IO_URING_ENTER;

    if (!is_wait(call->nr) && !completes)
        return;
    for (int64_t i = 0; i < count && i < LAB_CREW_EVENTS; i++) {
        if (call->events && i < call->events_max)
            call->events[i] = answer->event[i];
        if (!completes)
            report(lab, task, call, &answer->event[i]);
    }
}

/* Of the model's own records of the call those stay that say what moved. */
static void keep_moves(struct sim_trace *trace)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < trace->count; i++) {
        switch (trace->records[i].kind) {
        case SIM_EV_CALL:
        case SIM_EV_BLOCK:
        case SIM_EV_RETURN:
        case SIM_EV_WOKEN:
        case SIM_EV_READY:
            break;
        default:
            trace->records[kept++] = trace->records[i];
        }
    }
    trace->count = (uint16_t)kept;
}

int lab_books_next_child(struct lab_books *books, unsigned task)
{
    struct lab *lab = books->lab;
    struct drv_call call = lab_task_call(lab, task);
    struct drv_result result = {.value = 0};
    bool born;

    memcpy(books->before, lab->arena.bytes, lab->arena.size);
    sim_trace_begin(&lab->trace, lab->actor_of_task[task], lab->task_code[task].cpu);
    born = step_through(lab, task, &call, &result) && result.value > 0;
    memcpy(lab->arena.bytes, books->before, lab->arena.size);
    lab_refresh(lab);
    return born ? (int)result.out[0] : -1;
}

/* A library may watch what epoll refuses: that it did stands nowhere in the model. */
static bool is_of_engine(const struct lab *lab, unsigned task, const struct drv_call *call)
{
    unsigned loop = lab->task_code[task].loop;

    return call->nr == DRV_NR_EPOLL_CTL && loop && lab->program->loop[loop - 1].engine;
}

bool lab_books_enter(struct lab_books *books, unsigned task,
                     const struct lab_crew_answer *answer)
{
    struct lab *lab = books->lab;
    struct drv_call call = lab_task_call(lab, task);
    struct drv_result result = answer->result;

    sim_trace_begin(&lab->trace, lab->actor_of_task[task], lab->task_code[task].cpu);
    lab->spent_ns = 0;
    if (is_entered(lab, task, &call, answer->result.value) &&
        !enter(books, task, call, answer, &result) && !is_of_engine(lab, task, &call))
        return false;
    keep_moves(&lab->trace);
    report_all(lab, task, &call, answer);
    sim_trace(&lab->trace, answer->slept ? SIM_EV_WOKEN : SIM_EV_RETURN, call.nr,
              (uint32_t)result.value, 0);
    lab_ledger_fold(lab);
    lab_task_answer(lab, task, &result);
    return true;
}
