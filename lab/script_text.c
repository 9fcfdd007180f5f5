/*
 * lab/script_text.c - the calls of scripts, and lines and results as text.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lab/core/names.h"
#include "lab/script_shape.h"

/* clang-format off */
static const struct lab_shape shapes[] = {
    {"open",         "Fd",    0, DRV_NR_OPEN},
    {"close",        "v",     0, DRV_NR_CLOSE},
    {"dup",          "v",     0, DRV_NR_DUP},
    {"dup2",         "vv",    0, DRV_NR_DUP2},
    {"read",         "vn",    0, DRV_NR_READ},
    {"write",        "vb",    0, DRV_NR_WRITE},
    {"fill",         "vv",    0, DRV_NR_FILL},
    {"lseek",        "vvv",   0, DRV_NR_LSEEK},
    {"fcntl",        "vvd",   0, DRV_NR_FCNTL},
    {"pipe",         "OOd",   0, DRV_NR_PIPE},
    {"socketpair",   "OOd",   1, DRV_NR_SOCKETPAIR},
    {"shutdown",     "vv",    0, DRV_NR_SHUTDOWN},
    {"eventfd",      "dd",    0, DRV_NR_EVENTFD},
    {"timerfd_create", "d",   0, DRV_NR_TIMERFD_CREATE},
    {"timerfd_settime", "vvd", 0, DRV_NR_TIMERFD_SETTIME},
    {"signalfd",     "vgd",   0, DRV_NR_SIGNALFD},
    {"kill",         "pv",    0, DRV_NR_KILL},
    {"sigprocmask",  "vg",    0, DRV_NR_SIGPROCMASK},
    {"pidfd_open",   "pd",    0, DRV_NR_PIDFD_OPEN},
    {"mkfifo",       "Q",     0, DRV_NR_MKFIFO},
    {"openpty",      "OO",    0, DRV_NR_OPENPTY},
    {"listen",       "Nd",   -1, DRV_NR_LISTEN},
    {"accept",       "vd",    0, DRV_NR_ACCEPT},
    {"connect",      "N0d",   0, DRV_NR_CONNECT},
    {"sendfd",       "vv",    0, DRV_NR_SENDFD},
    {"recvfd",       "v",     0, DRV_NR_RECVFD},
    {"getsockopt",   "vv",    0, DRV_NR_GETSOCKOPT},
    {"setsockopt",   "vvv",   0, DRV_NR_SETSOCKOPT},
    {"setrlimit",    "vv",    0, DRV_NR_SETRLIMIT},
    {"io_setup",     "d",     1, DRV_NR_IO_SETUP},
    {"io_submit",    "vA",    0, DRV_NR_IO_SUBMIT},
    {"io_getevents", "vvmT",  0, DRV_NR_IO_GETEVENTS},
    {"io_cancel",    "vv",    0, DRV_NR_IO_CANCEL},
    {"io_destroy",   "v",     0, DRV_NR_IO_DESTROY},
    {"io_uring_setup", "d",   8, DRV_NR_IO_URING_SETUP},
    {"io_uring_enter", "vRd", 0, DRV_NR_IO_URING_ENTER},
    {"io_uring_submit", "vRd", 0, DRV_NR_IO_URING_ENTER, 1},
    {"poll",         "PT",    0, DRV_NR_POLL},
    {"select",       "SST",   0, DRV_NR_SELECT},
    {"epoll_create", "d",     0, DRV_NR_EPOLL_CREATE},
    {"epoll_ctl",    "vvvdD", 0, DRV_NR_EPOLL_CTL},
    {"epoll_wait",   "vmT",   0, DRV_NR_EPOLL_WAIT},
    {"expire",       "",      0, LAB_OP_EXPIRE},
    {"fire",         "v",     0, LAB_OP_FIRE},
    {"fork",         "",      0, LAB_OP_FORK},
};

const struct lab_uring_op lab_uring_op[] = {
    {"NOOP", 0}, {"POLL_ADD", 6}, {"POLL_REMOVE", 7}, {"READ", 22}, {"WRITE", 23},
};

const unsigned lab_uring_ops = sizeof(lab_uring_op) / sizeof(lab_uring_op[0]);

static const struct {
    const char *name;
    uint32_t bit;
} event_names[] = {
    {"IN", DRV_POLLIN}, {"PRI", DRV_POLLPRI}, {"OUT", DRV_POLLOUT}, {"ERR", DRV_POLLERR},
    {"HUP", DRV_POLLHUP}, {"NVAL", DRV_POLLNVAL}, {"RDNORM", DRV_POLLRDNORM},
    {"RDBAND", 0x80}, {"WRNORM", DRV_POLLWRNORM}, {"WRBAND", 0x200}, {"MSG", 0x400},
    {"RDHUP", DRV_POLLRDHUP},
};

static const struct lab_flag mode_names[] = {
    {"EPOLLET", 1ll << 31}, {"EPOLLONESHOT", 1ll << 30}, {"EPOLLWAKEUP", 1ll << 29},
    {"EPOLLEXCLUSIVE", 1ll << 28},
};

static const struct lab_flag file_flags[] = {
    {"O_WRONLY", 1}, {"O_RDWR", 2}, {"O_APPEND", 02000}, {"O_NONBLOCK", 04000},
    {"O_TRUNC", 01000}, {"O_DIRECT", 040000}, {"O_CLOEXEC", 02000000}, {"O_RDONLY", DRV_O_RDONLY_SAID},
};

/* clang-format on */

enum {
    SHAPES = sizeof(shapes) / sizeof(shapes[0]),
    EVENT_NAMES = sizeof(event_names) / sizeof(event_names[0])
};

const struct lab_shape *lab_shape_named(const char *name, size_t length)
{
    for (unsigned i = 0; i < SHAPES; i++)
        if (strlen(shapes[i].name) == length && strncmp(shapes[i].name, name, length) == 0)
            return &shapes[i];
    return 0;
}

const struct lab_shape *lab_shape_of(unsigned nr)
{
    for (unsigned i = 0; i < SHAPES; i++)
        if (shapes[i].nr == nr)
            return &shapes[i];
    return 0;
}

const char *lab_op_name(unsigned nr)
{
    const struct lab_shape *shape = lab_shape_of(nr);

    return shape ? shape->name : 0;
}

bool lab_op_happens(unsigned nr)
{
    return nr >= DRV_NR_COUNT;
}

const char *lab_errno_name(int64_t number)
{
    size_t count;
    const struct lab_flag *flags = lab_flags(&count);

    /* the first name of a number is the one that the kernel's header gives it */
    for (size_t i = 0; i < count; i++)
        if (flags[i].name[0] == 'E' && strncmp(flags[i].name, "EPOLL", 5) != 0 &&
            strncmp(flags[i].name, "EFD", 3) != 0 && flags[i].value == number)
            return flags[i].name;
    return 0;
}

/* ---- values ---- */

void lab_op_resolve(const struct lab_script_op *op, const int32_t *var, int64_t *ret_args)
{
    for (unsigned i = 0; i < op->argc; i++)
        ret_args[i] = op->var[i] ? var[op->var[i] - 1] : op->arg[i];
    if (op->nr == DRV_NR_EPOLL_WAIT && ret_args[1] > LAB_SEEN_EVENTS)
        ret_args[1] = LAB_SEEN_EVENTS;
}

void lab_op_assign(const struct lab_script_op *op, const struct lab_seen *seen, int32_t *var)
{
    if (op->result)
        var[op->result - 1] = (int32_t)(seen->value < 0 ? -1 : seen->value & INT32_MAX);
    for (unsigned i = 0; i < 2; i++)
        if (op->out[i])
            var[op->out[i] - 1] = (int32_t)(seen->value < 0 ? -1 : seen->out[i]);
}

static uint16_t at_most(int64_t value, uint16_t most)
{
    return value <= 0 ? 0 : value < most ? (uint16_t)value : most;
}

void lab_seen_of_call(const struct drv_call *call, const struct drv_result *result,
                      struct lab_seen *ret_seen)
{
    ret_seen->value = result->value;
    ret_seen->out[0] = result->value < 0 ? 0 : result->out[0];
    ret_seen->out[1] = result->value < 0 ? 0 : result->out[1];
    ret_seen->zero = 0;
    ret_seen->events = ret_seen->bytes = 0;
    switch (call->nr) {
    case DRV_NR_READ:
        ret_seen->bytes = at_most(result->value, LAB_SEEN_BYTES);
        for (unsigned i = 0; i < ret_seen->bytes; i++)
            ret_seen->byte[i] = (uint8_t)call->buf[i];
        break;
    case DRV_NR_POLL:
    case DRV_NR_SELECT:
    case DRV_NR_EPOLL_WAIT:
    case DRV_NR_IO_GETEVENTS:
        ret_seen->events = at_most(result->value, LAB_SEEN_EVENTS);
        break;
    case DRV_NR_IO_URING_ENTER:
        if (call->events)
            ret_seen->events = at_most(result->value, LAB_SEEN_EVENTS);
        break;
    default:
        break;
    }
}

bool lab_seen_equal(const struct lab_seen *one, const struct lab_seen *two)
{
    if (one->value != two->value || one->events != two->events || one->bytes != two->bytes ||
        one->out[0] != two->out[0] || one->out[1] != two->out[1])
        return false;
    for (unsigned i = 0; i < one->events; i++)
        if (one->event[i].data != two->event[i].data ||
            one->event[i].events != two->event[i].events ||
            one->event[i].flags != two->event[i].flags)
            return false;
    return !one->bytes || memcmp(one->byte, two->byte, one->bytes) == 0;
}

int64_t lab_op_timeout_ns(const struct lab_script_op *op, const int64_t *args)
{
    unsigned at;

    switch (op->nr) {
    case DRV_NR_EPOLL_WAIT:
    case DRV_NR_POLL:
    case DRV_NR_SELECT:
    case DRV_NR_IO_GETEVENTS:
        at = op->argc - 1u;
        return args[at] > 0 ? args[at] : -1;
    default:
        return -1;
    }
}

/* ---- lines as text ---- */

struct out {
    char *text;
    size_t size, length;
};

__attribute__((format(printf, 2, 3))) static void say(struct out *out, const char *format, ...)
{
    va_list list;
    int n;

    va_start(list, format);
    n = vsnprintf(out->text + out->length, out->size - out->length, format, list);
    va_end(list);
    if (n > 0)
        out->length +=
            (size_t)n < out->size - out->length ? (size_t)n : out->size - out->length - 1;
}

static void say_event_bits(struct out *out, uint32_t events, const char *prefix)
{
    const char *between = "";

    for (unsigned i = 0; i < EVENT_NAMES; i++)
        if (events & event_names[i].bit) {
            say(out, "%s%s%s", between, prefix, event_names[i].name);
            between = "|";
        }
    if (!*between)
        say(out, "0");
}

/* A mask that is asked for: of poll or epoll, with how it is to be reported. */
static void say_mask(struct out *out, uint32_t events, bool epoll)
{
    uint32_t bits = events & 0x7fff;
    const char *between = "";

    if (bits || !(events & ~0x7fffu)) {
        say_event_bits(out, bits, epoll ? "EPOLL" : "POLL");
        between = "|";
    }
    for (unsigned i = 0; i < sizeof(mode_names) / sizeof(mode_names[0]); i++)
        if (events & (uint32_t)mode_names[i].value) {
            say(out, "%s%s", between, mode_names[i].name);
            between = "|";
        }
}

static void say_flags(struct out *out, int64_t flags)
{
    const char *between = "";

    for (unsigned i = 0; i < sizeof(file_flags) / sizeof(file_flags[0]); i++)
        if (flags & file_flags[i].value) {
            say(out, "%s%s", between, file_flags[i].name);
            between = "|";
            flags &= ~file_flags[i].value;
        }
    if (flags || !*between)
        say(out, "%s%" PRId64, between, flags);
}

static void say_value(struct out *out, const struct lab_script *script,
                      const struct lab_script_op *op, unsigned i)
{
    if (op->var[i])
        say(out, "%s", script->var_name[op->var[i] - 1]);
    else
        say(out, "%" PRId64, op->arg[i]);
}

static void say_timeout(struct out *out, const struct lab_script_op *op, unsigned i)
{
    if (op->arg[i] > 0)
        say(out, "%" PRId64 "ms", (op->arg[i] + 999999) / 1000000);
    else
        say(out, "%" PRId64, op->arg[i]);
}

/* Bytes as a string if they are letters, else one by one. */
static unsigned say_bytes(struct out *out, const struct lab_script *script,
                          const struct lab_script_op *op, unsigned at)
{
    unsigned n = (unsigned)op->arg[at];
    bool letters = n != 1 || op->arg[at + 1] >= 'a';

    for (unsigned i = 1; i <= n; i++)
        letters &= !op->var[at + i] && op->arg[at + i] >= ' ' && op->arg[at + i] <= 'z' &&
                   op->arg[at + i] != '"' && op->arg[at + i] != '\\';
    say(out, letters ? "\"" : "");
    for (unsigned i = 1; i <= n; i++) {
        if (letters) {
            say(out, "%c", (int)op->arg[at + i]);
            continue;
        }
        say(out, i > 1 ? ", " : "");
        say_value(out, script, op, at + i);
    }
    say(out, letters ? "\"" : "");
    return at + 1 + n;
}

static unsigned say_set(struct out *out, const struct lab_script *script,
                        const struct lab_script_op *op, unsigned at)
{
    unsigned n = (unsigned)op->arg[at];

    say(out, "{");
    for (unsigned i = 1; i <= n; i++) {
        say(out, i > 1 ? ", " : "");
        say_value(out, script, op, at + i);
    }
    say(out, "}");
    return at + 1 + n;
}

static unsigned say_groups(struct out *out, const struct lab_script *script,
                           const struct lab_script_op *op, unsigned at)
{
    unsigned n = (unsigned)op->arg[at];

    for (unsigned i = 0; i < n; i++) {
        say(out, i ? ", {" : "{");
        say_value(out, script, op, at + 1 + 2 * i);
        say(out, ", ");
        say_mask(out, (uint32_t)op->arg[at + 2 + 2 * i], false);
        say(out, "}");
    }
    return at + 1 + 2 * n;
}

static unsigned say_requests(struct out *out, const struct lab_script *script,
                             const struct lab_script_op *op, unsigned at, unsigned parts)
{
    unsigned n = (unsigned)op->arg[at++];

    for (unsigned i = 0; i < n; i++) {
        const char *name = 0;
        for (unsigned k = 0; parts == LAB_URING_PARTS && k < lab_uring_ops; k++)
            if (lab_uring_op[k].number == op->arg[at])
                name = lab_uring_op[k].name;
        say(out, i ? ", {" : "{");
        if (name)
            say(out, "%s", name);
        for (unsigned k = name ? 1 : 0; k < parts; k++) {
            say(out, k ? ", " : "");
            say_value(out, script, op, at + k);
        }
        say(out, "}");
        at += parts;
    }
    return at;
}

/* An argument that is one number: by its name if it has one. */
static void say_argument(struct out *out, const struct lab_script *script,
                         const struct lab_script_op *op, unsigned at)
{
    static const char *const op_names[] = {"0", "EPOLL_CTL_ADD", "EPOLL_CTL_DEL",
                                           "EPOLL_CTL_MOD"};
    bool flags = (op->nr == DRV_NR_OPEN && at == 1) || (op->nr == DRV_NR_PIPE && at == 0) ||
                 (op->nr == DRV_NR_EPOLL_CREATE && at == 0);

    if (op->nr == DRV_NR_EPOLL_CTL && at == 1 && op->arg[1] > 0 && op->arg[1] < 4)
        say(out, "%s", op_names[op->arg[1]]);
    else if (op->nr == DRV_NR_EPOLL_CTL && at == 3)
        say_mask(out, (uint32_t)op->arg[3], true);
    else if (flags)
        say_flags(out, op->arg[at]);
    else
        say_value(out, script, op, at);
}

static void say_signals(struct out *out, uint64_t mask)
{
    const char *between = "";

    say(out, "{");
    for (unsigned i = 1; i <= 64; i++)
        if (mask >> (i - 1) & 1) {
            say(out, "%s%u", between, i);
            between = ", ";
        }
    say(out, "}");
}

static void say_arguments(struct out *out, const struct lab_script *script,
                          const struct lab_script_op *op, const char *form)
{
    unsigned at = 0, outs = 0;

    for (const char *letter = form; *letter; letter++) {
        if (*letter != 'O' && at >= op->argc)
            break;
        if (*letter == 'D' && op->var[at] == op->var[2] && op->arg[at] == op->arg[2])
            break;
        if (*letter == '0') {
            at++;
            continue;
        }
        if (letter > form && out->text[out->length - 1] != '(')
            say(out, ", ");
        switch (*letter) {
        case 'O':
            say(out, "%s", op->out[outs] ? script->var_name[op->out[outs] - 1] : "_");
            outs++;
            break;
        case 'F':
        case 'N':
        case 'Q':
            say(out, "%s", script->file[op->arg[at++] % LAB_SCRIPT_FILES].name);
            break;
        case 'b':
            at = say_bytes(out, script, op, at);
            break;
        case 'S':
            at = say_set(out, script, op, at);
            break;
        case 'P':
            at = say_groups(out, script, op, at);
            break;
        case 'A':
            at = say_requests(out, script, op, at, LAB_AIO_PARTS);
            break;
        case 'R':
            at = say_requests(out, script, op, at, LAB_URING_PARTS);
            break;
        case 'T':
            say_timeout(out, op, at++);
            break;
        case 'g':
            say_signals(out, (uint64_t)op->arg[at++]);
            break;
        case 'p':
            if (!op->var[at] && op->arg[at] == DRV_PID_FIRST)
                say(out, "self");
            else
                say_value(out, script, op, at);
            at++;
            break;
        default:
            say_argument(out, script, op, at++);
        }
    }
}

size_t lab_op_text(const struct lab_script *script, const struct lab_script_op *op,
                   char *ret_text, size_t size)
{
    const struct lab_shape *shape = lab_shape_of(op->nr);
    struct out out = {.text = ret_text, .size = size};

    ret_text[0] = '\0';
    if (script->tasks > 1)
        say(&out, "%c: ", 'a' + op->task);
    if (op->times)
        say(&out, "%u x ", op->times);
    if (op->result)
        say(&out, "%s = ", script->var_name[op->result - 1]);
    say(&out, "%s(", op->blind ? "io_uring_submit" : shape ? shape->name : "?");
    if (shape)
        say_arguments(&out, script, op, shape->form);
    say(&out, ")%s", op->beside ? " ||" : "");
    return out.length;
}

/* ---- results as text ---- */

/* The variable whose value is @fd: the one that the call before last set wins nothing here. */
static const char *name_of(const struct lab_script *script, const int32_t *var, int64_t fd)
{
    for (unsigned i = 0; i < script->vars; i++)
        if (var[i] == fd)
            return script->var_name[i];
    return 0;
}

static void say_read(struct out *out, const struct lab_seen *seen)
{
    unsigned n = seen->bytes;

    while (n && !seen->byte[n - 1])
        n--;
    if (!n)
        return;
    say(out, " \"");
    for (unsigned i = 0; i < n; i++)
        if (seen->byte[i] >= ' ' && seen->byte[i] < 127 && seen->byte[i] != '"')
            say(out, "%c", seen->byte[i]);
        else
            say(out, "\\x%02x", seen->byte[i]);
    say(out, "\"");
}

/* Of an asynchronous request: its number, its result, and + if more will follow. */
static void say_completion(struct out *out, const struct drv_event *event)
{
    int32_t result = (int32_t)event->events;
    const char *error = result < 0 ? lab_errno_name(-result) : 0;

    say(out, " %" PRId64 ":", event->data);
    if (error)
        say(out, "-%s", error);
    else
        say(out, "%" PRId32, result);
    say(out, event->flags & DRV_EVENT_MORE ? "+" : "");
}

size_t lab_seen_text(const struct lab_script *script, const int32_t *var,
                     const struct lab_script_op *op, const struct lab_seen *seen,
                     char *ret_text, size_t size)
{
    struct out out = {.text = ret_text, .size = size};
    const char *error = seen->value < 0 ? lab_errno_name(-seen->value) : 0;

    ret_text[0] = '\0';
    if (error)
        say(&out, "-%s", error);
    else if ((op->out[0] || op->result) && seen->value >= 0)
        say(&out, "ok"); /* numbers of descriptors are compared, but say nothing to a reader */
    else
        say(&out, "%" PRId64, seen->value);
    for (unsigned i = 0; i < seen->events; i++) {
        const char *name = name_of(script, var, seen->event[i].data);
        if (seen->event[i].flags & DRV_EVENT_RESULT) {
            say_completion(&out, &seen->event[i]);
            continue;
        }
        if (name)
            say(&out, " %s:", name);
        else
            say(&out, " %" PRId64 ":", seen->event[i].data);
        say_event_bits(&out, seen->event[i].events, "");
    }
    say_read(&out, seen);
    return out.length;
}
