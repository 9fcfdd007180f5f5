/*
 * lab/core/trace_text.c - one trace record as one line of text: TIME ACTOR EVENT OBJECT VALUE
 * [token].
 *
 * Source: docs/trace.md. Freestanding, so that the command, the page and a board write the same
 * lines. Columns are padded but never cut: a line is always five or six words.
 */
#include "drivers/errno.h"
#include "lab/core/lab.h"
#include "lab/core/text.h"

enum {
    COLUMN_ACTOR = 10, /* where the words begin, unless those before are longer */
    COLUMN_EVENT = 24,
    COLUMN_OBJECT = 35,
    COLUMN_VALUE = 48,
    COLUMN_TOKEN = 60,
    REGISTER_UNKNOWN = 0xff,
    ACTOR_NONE = 0xff,
};

enum object_kind { NONE, DEV, LINE, IRQ, REG, CPU, DRV, FILE_, CALL, OFD, TASK, VAR };

/* FILE is a type of the C library where there is one. */
#define OBJECT_NONE NONE
#define OBJECT_DEV  DEV
#define OBJECT_LINE LINE
#define OBJECT_IRQ  IRQ
#define OBJECT_REG  REG
#define OBJECT_CPU  CPU
#define OBJECT_DRV  DRV
#define OBJECT_FILE FILE_
#define OBJECT_CALL CALL
#define OBJECT_OFD  OFD
#define OBJECT_TASK TASK
#define OBJECT_VAR  VAR

static const struct {
    const char *name;
    uint8_t object;
} event_row[SIM_EV_COUNT] = {

#define EVENT_ROW(name, text, object, soft) {text, OBJECT_##object},
    SIM_TRACE_EVENTS(EVENT_ROW)
#undef EVENT_ROW
};

/* A line under way; what does not fit is dropped. */
struct pen {
    char *to;
    size_t size, used;
};

static void put_char(struct pen *pen, char c)
{
    if (pen->used + 1 < pen->size)
        pen->to[pen->used++] = c;
}

static void put(struct pen *pen, const char *text)
{
    for (; *text; text++)
        put_char(pen, *text);
}

static void put_number(struct pen *pen, uint64_t number)
{
    char digits[20];
    unsigned n = 0;

    do {
        digits[n++] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    while (n > 0)
        put_char(pen, digits[--n]);
}

static void put_hex(struct pen *pen, uint32_t number)
{
    unsigned shift = 28;

    put(pen, "0x");
    while (shift > 0 && number >> shift == 0)
        shift -= 4;
    for (;; shift -= 4) {
        put_char(pen, "0123456789abcdef"[number >> shift & 15]);
        if (shift == 0)
            return;
    }
}

/* Pads to a column; one blank at least. */
static void put_column(struct pen *pen, size_t column)
{
    do {
        put_char(pen, ' ');
    } while (pen->used < column && pen->used + 1 < pen->size);
}

/* The shortest exact unit. */
static void put_time(struct pen *pen, uint64_t ns)
{
    static const struct {
        uint64_t ns;
        const char *name;
    } unit[] = {{1000000000, "s"}, {1000000, "ms"}, {1000, "us"}, {1, "ns"}};

    unsigned i = 0;

    if (ns == 0) {
        put(pen, "0us");
        return;
    }
    while (ns % unit[i].ns != 0)
        i++;
    put_number(pen, ns / unit[i].ns);
    put(pen, unit[i].name);
}

static const char *name_at(const struct lab *lab, uint16_t name)
{
    return lab_program_name(lab->program, name);
}

static void put_named(struct pen *pen, const char *kind, unsigned number)
{
    put(pen, kind);
    put_number(pen, number);
}

static void put_device(struct pen *pen, const struct lab *lab, unsigned device)
{
    if (device < lab->program->sim.devices)
        put(pen, name_at(lab, lab->program->device_name[device]));
    else
        put(pen, "chip");
}

static void put_driver(struct pen *pen, const struct lab *lab, unsigned driver)
{
    if (driver < lab->program->drv.drivers)
        put(pen, name_at(lab, lab->program->driver_name[driver]));
    else
        put_named(pen, "driver", driver);
}

static void put_task(struct pen *pen, const struct lab *lab, unsigned task)
{
    if (task < lab->program->drv.tasks)
        put(pen, name_at(lab, lab_program_tasks(lab->program)[task].name));
    else
        put_named(pen, "task", task);
}

/* Objects that calls make are named by kind and slot; behind them each process's signals. */
static void put_file(struct pen *pen, const struct lab *lab, unsigned file)
{
    static const char *const names[DRV_FILE_KINDS] = {
        [DRV_FILE_PIPE] = "pipe",       [DRV_FILE_EVENTFD] = "eventfd",
        [DRV_FILE_EPOLL] = "epoll",     [DRV_FILE_SOCKET] = "socket",
        [DRV_FILE_TIMERFD] = "timerfd", [DRV_FILE_SIGNALFD] = "signalfd",
        [DRV_FILE_PIDFD] = "pidfd",     [DRV_FILE_PTY] = "pty",
        [DRV_FILE_AIO] = "aio",         [DRV_FILE_URING] = "io_uring",
    };
    const struct drv_config *drv = &lab->program->drv;

    if (file < drv->fixed_files) {
        put(pen, name_at(lab, lab->program->file_name[file]));
        return;
    }
    if (file >= lab->drv.files) {
        put_named(pen, "signals", file - lab->drv.files);
        return;
    }
    put_named(pen, names[lab->drv.kind[file]], file - lab->drv.slot[lab->drv.kind[file]]);
}

static void put_register(struct pen *pen, const struct lab *lab, unsigned object)
{
    unsigned device = object >> 8;
    unsigned reg = object & 0xff;
    const struct sim_register *row = 0;
    unsigned count = 0;

    if (device == LAB_CHIP_DEVICE && reg != REGISTER_UNKNOWN) {
        const struct sim_chip *chip =
            sim_chip((enum sim_machine)lab->program->sim.machine, reg / LAB_TRACE_CHIP_ROWS);
        put(pen, chip->name);
        put_char(pen, '.');
        put(pen, chip->registers[reg % LAB_TRACE_CHIP_ROWS].name);
        return;
    }
    put_device(pen, lab, device);
    put_char(pen, '.');
    if (device < lab->program->sim.devices)
        row = sim_registers((enum sim_model)lab->program->sim.device[device].model, &count);
    if (row && reg < count)
        put(pen, row[reg].name);
    else
        put_hex(pen, reg);
}

static void put_call(struct pen *pen, unsigned nr)
{
    static const char *const call[] = {
#define CALL_NAME(nr, name) name,
        DRV_CALLS(CALL_NAME)
#undef CALL_NAME
    };

    if (nr < DRV_NR_COUNT)
        put(pen, call[nr]);
    else
        put_named(pen, "call", nr);
}

static void put_actor(struct pen *pen, const struct lab *lab, unsigned number)
{
    const struct lab_actor *actor;

    if (number >= lab->actors) {
        put(pen, "end");
        return;
    }
    actor = &lab->actor[number];
    switch (actor->who) {
    case LAB_WHO_WORLD:
        put(pen, *name_at(lab, lab->program->world_name[actor->index])
                     ? name_at(lab, lab->program->world_name[actor->index])
                     : "world");
        break;
    case LAB_WHO_TAKE:
    case LAB_WHO_CPU:
        put_named(pen, "cpu", actor->index);
        break;
    case LAB_WHO_INIT:
        put_driver(pen, lab, actor->index);
        put(pen, ".init");
        break;
    case LAB_WHO_THREAD:
        put_driver(pen, lab, actor->index);
        put(pen, ".thread");
        break;
    case LAB_WHO_TASK:
        put_task(pen, lab, actor->index);
        break;
    case LAB_WHO_ALARM:
        put_named(pen, "timerfd", actor->index);
        break;
    case LAB_WHO_TIMEOUT:
        put_task(pen, lab, actor->index);
        put(pen, ".timeout");
        break;
    default:
        put_device(pen, lab, actor->index);
        put(pen, ".timer");
        break;
    }
}

static const char *place_name(unsigned place)
{
    static const char *const name[] = {
        "nowhere",
        [SIM_PLACE_DEVICE] = "device",
        [SIM_PLACE_DRIVER] = "driver",
        [SIM_PLACE_FILE] = "file",
        [SIM_PLACE_TASK] = "task",
    };

    return place <= SIM_PLACE_TASK ? name[place] : name[0];
}

static void put_object(struct pen *pen, const struct lab *lab, const struct sim_record *record)
{
    unsigned object = record->object;

    switch (event_row[record->kind].object) {
    case DEV:
        put_device(pen, lab, object);
        break;
    case LINE:
        put_named(pen, "line", object < lab->sim.lines ? lab->sim.line_irq[object] : object);
        break;
    case IRQ:
        if (object == 0xffff)
            put_char(pen, '-');
        else
            put_named(pen, "irq", object);
        break;
    case REG:
        put_register(pen, lab, object);
        break;
    case CPU:
        put_named(pen, "cpu", object);
        break;
    case DRV:
        put_driver(pen, lab, object);
        break;
    case FILE_:
        put_file(pen, lab, object);
        break;
    case CALL:
        put_call(pen, object);
        break;
    case OFD:
        put_named(pen, "ofd", object);
        break;
    case TASK:
        put_task(pen, lab, object);
        break;
    case VAR:
        put(pen, name_at(lab, record->kind == SIM_EV_VALUE
                                  ? lab->program->watch_name[object & ~(unsigned)LAB_VALUE_HIGH]
                                  : lab->program->shared_name[object]));
        break;
    default:
        put(pen, record->kind == SIM_EV_LEFT ? place_name(object) : "-");
        break;
    }
}

static void put_errno(struct pen *pen, uint32_t value)
{
    static const struct {
        uint8_t number;
        const char *name;
    } row[] = {
        {DRV_EPERM, "EPERM"},
        {DRV_ENOENT, "ENOENT"},
        {DRV_EINTR, "EINTR"},
        {DRV_EBADF, "EBADF"},
        {DRV_EAGAIN, "EAGAIN"},
        {DRV_ENOMEM, "ENOMEM"},
        {DRV_EFAULT, "EFAULT"},
        {DRV_EEXIST, "EEXIST"},
        {DRV_EINVAL, "EINVAL"},
        {DRV_ENFILE, "ENFILE"},
        {DRV_EMFILE, "EMFILE"},
        {DRV_ENOSPC, "ENOSPC"},
        {DRV_ESPIPE, "ESPIPE"},
        {DRV_EPIPE, "EPIPE"},
        {DRV_ENOSYS, "ENOSYS"},
        {DRV_ELOOP, "ELOOP"},
        {DRV_ESRCH, "ESRCH"},
        {DRV_ECHILD, "ECHILD"},
        {DRV_EBUSY, "EBUSY"},
        {DRV_EIO, "EIO"},
        {DRV_ENXIO, "ENXIO"},
        {DRV_ENOMSG, "ENOMSG"},
        {DRV_ENOTSOCK, "ENOTSOCK"},
        {DRV_EMSGSIZE, "EMSGSIZE"},
        {DRV_ENOPROTOOPT, "ENOPROTOOPT"},
        {DRV_ESOCKTNOSUPPORT, "ESOCKTNOSUPPORT"},
        {DRV_EOPNOTSUPP, "EOPNOTSUPP"},
        {DRV_EADDRINUSE, "EADDRINUSE"},
        {DRV_ECONNRESET, "ECONNRESET"},
        {DRV_ENOBUFS, "ENOBUFS"},
        {DRV_ENOTCONN, "ENOTCONN"},
        {DRV_ECONNREFUSED, "ECONNREFUSED"},
        {DRV_EINPROGRESS, "EINPROGRESS"},
        {DRV_ECANCELED, "ECANCELED"},
    };

    uint32_t number = 0u - value;

    put_char(pen, '-');
    for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        if (row[i].number == number) {
            put(pen, row[i].name);
            return;
        }
    }
    put_number(pen, number);
}

static void put_signed(struct pen *pen, uint32_t value)
{
    if (value >> 31) {
        put_char(pen, '-');
        value = 0u - value;
    }
    put_number(pen, value);
}

/* Event bits: IN|OUT; 0 for none. */
static void put_events(struct pen *pen, uint32_t bits)
{
    static const struct {
        uint16_t bit;
        const char *name;
    } row[] = {
        {DRV_POLLIN, "IN"},       {DRV_POLLPRI, "PRI"}, {DRV_POLLOUT, "OUT"},
        {DRV_POLLERR, "ERR"},     {DRV_POLLHUP, "HUP"}, {DRV_POLLNVAL, "NVAL"},
        {DRV_POLLRDHUP, "RDHUP"},
    };

    bool first = true;

    bits &= ~(uint32_t)(DRV_POLLRDNORM | DRV_POLLWRNORM); /* always beside IN and OUT */
    for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        if (!(bits & row[i].bit))
            continue;
        if (!first)
            put_char(pen, '|');
        put(pen, row[i].name);
        bits &= ~(uint32_t)row[i].bit;
        first = false;
    }
    if (bits || first) {
        if (!first)
            put_char(pen, '|');
        put_hex(pen, bits);
    }
}

static const char *drop_name(uint32_t drop)
{
    static const char *const name[] = {
        "none",
        [SIM_DROP_OVERRUN] = "overrun",
        [SIM_DROP_MERGED] = "merged",
        [SIM_DROP_CLEARED] = "cleared",
        [SIM_DROP_UNSEEN] = "unseen",
        [SIM_DROP_CLOSED] = "closed",
        [SIM_DROP_FORGOTTEN] = "forgotten",
    };

    return drop <= SIM_DROP_FORGOTTEN ? name[drop] : "dropped";
}

static const char *end_name(uint32_t end)
{
    static const char *const name[] = {
        "none",
        [SIM_END_QUIET] = "quiet",
        [SIM_END_SPIN] = "spin",
        [SIM_END_STORM] = "storm",
        [SIM_END_STARVE] = "starve",
        [SIM_END_LIMIT] = "limit",
    };

    return (end & 0xff) <= SIM_END_LIMIT ? name[end & 0xff] : "end";
}

static void put_left(struct pen *pen, const struct lab *lab, unsigned place, uint32_t id)
{
    switch (place) {
    case SIM_PLACE_DEVICE:
        put_device(pen, lab, id);
        break;
    case SIM_PLACE_DRIVER:
        put_driver(pen, lab, id);
        break;
    case SIM_PLACE_FILE:
        put_file(pen, lab, id);
        break;
    case SIM_PLACE_TASK:
        put_task(pen, lab, id);
        break;
    default:
        put_char(pen, '-');
        break;
    }
}

static void put_value(struct pen *pen, const struct lab *lab, const struct sim_record *record)
{
    uint32_t value = record->value;

    switch (record->kind) {
    case SIM_EV_READ:
    case SIM_EV_WRITE:
    case SIM_EV_BUS_BAD:
        put_hex(pen, value);
        break;
    case SIM_EV_DROP:
    case SIM_EV_LOSE:
        put(pen, drop_name(value));
        break;
    case SIM_EV_IGNORED:
        put(pen, value == 1 ? "active" : "masked");
        break;
    case SIM_EV_RETURN:
    case SIM_EV_WOKEN:
    case SIM_EV_COMPLETE:
    case SIM_EV_DONE:
        if (value >= 0u - 4095u)
            put_errno(pen, value);
        else
            put_number(pen, value);
        break;
    case SIM_EV_CALL:
    case SIM_EV_STATE_GET:
    case SIM_EV_STATE_SET:
        put_signed(pen, value);
        break;
    case SIM_EV_VALUE:
        put(pen, record->object & LAB_VALUE_HIGH ? "high:" : "");
        put_signed(pen, value);
        break;
    case SIM_EV_WAKE:
        put_events(pen, value);
        break;
    case SIM_EV_REPORT:
        put_number(pen, value >> 16);
        put_char(pen, ':');
        put_events(pen, value & 0xffff);
        break;
    case SIM_EV_READY:
        put_number(pen, value >> 8);
        put(pen, value & 1 ? ":set" : ":clear");
        break;
    case SIM_EV_LEFT:
        put_left(pen, lab, record->object, value);
        break;
    case SIM_EV_END:
        put(pen, end_name(value));
        put(pen, value >> 8 & 1 ? "+hang" : "");
        break;
    default:
        put_number(pen, value);
        break;
    }
}

size_t lab_trace_line(const struct lab *lab, const struct sim_record *record, char *ret_line,
                      size_t size)
{
    struct pen pen = {ret_line, size, 0};

    if (size == 0)
        return 0;
    put_time(&pen, record->at_lo | (uint64_t)record->at_hi << 32);
    put_column(&pen, COLUMN_ACTOR);
    put_actor(&pen, lab,
              record->kind == SIM_EV_LEFT || record->kind == SIM_EV_END ||
                      record->kind == SIM_EV_VALUE
                  ? ACTOR_NONE
                  : record->actor);
    put_column(&pen, COLUMN_EVENT);
    put(&pen, record->kind < SIM_EV_COUNT ? event_row[record->kind].name : "unknown");
    put_column(&pen, COLUMN_OBJECT);
    if (record->kind < SIM_EV_COUNT)
        put_object(&pen, lab, record);
    put_column(&pen, COLUMN_VALUE);
    put_value(&pen, lab, record);
    if (record->token && record->token <= lab->program->tokens) {
        put_column(&pen, COLUMN_TOKEN);
        put(&pen, name_at(lab, lab->program->token_name[record->token]));
    }
    ret_line[pen.used] = '\0';
    return pen.used;
}
