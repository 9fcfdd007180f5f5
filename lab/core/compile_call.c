/*
 * lab/core/compile_call.c - system calls: arguments as drivers/call.h lays them out, what is
 * left out filled in.
 */
#include "lab/core/compile_internal.h"
#include "lab/core/text.h"
#include "loop/aio.h"

enum { WAIT_EVENTS = 16 /* epoll_wait's max when it is left out */, READ_BYTES = 8 };

static const char *const call_names[] = {
#define CALL_NAME(nr, name) name,
    DRV_CALLS(CALL_NAME)
#undef CALL_NAME
};

static bool same_text(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

static unsigned nr_of(unsigned syscall)
{
    const char *name = lab_syscall_row(syscall)->name;

    if (syscall == LAB_SYS_EPOLL_PWAIT2)
        return DRV_NR_EPOLL_WAIT;
    for (unsigned nr = 0; nr < DRV_NR_COUNT; nr++)
        if (same_text(call_names[nr], name))
            return nr;
    return DRV_NR_COUNT;
}

static lab_node_id argument(const struct lab_compiler *c, lab_node_id call, unsigned k)
{
    return lab_child(c->s, call, k + 1);
}

static void value_or(struct lab_compiler *c, lab_node_id node, int64_t otherwise)
{
    if (node)
        lab_compile_value(c, node);
    else
        lab_emit_int(c, otherwise);
}

/* Descriptors that one call in the text can make in one process. */
static unsigned weight(const struct lab_compiler *c)
{
    return c->unit.loops ? LOOP_SITE : 1;
}

/* Objects that it can make in all processes of the family. */
static unsigned made(const struct lab_compiler *c)
{
    return weight(c) * (c->unit.family ? c->unit.family : 1);
}

/* ---- tokens ---- */

/* A name in a loop takes the next of its numbers each time; elsewhere it has just one. */
static unsigned push_tokens(struct lab_compiler *c, lab_node_id id)
{
    const struct lab_node *node = lab_at(c, id);
    const uint8_t *sent = c->s->sent + node->aux;
    unsigned chars = node->kind == LAB_N_STR ? lab_name_length(c->s, node->name) : 1;
    unsigned rounds = chars ? node->ref / chars : 0;

    for (unsigned k = 0; k < chars && k < node->ref; k++) {
        if (rounds <= 1) {
            lab_emit(c, LAB_DO_TOKEN);
            lab_emit_byte(c, sent[k]);
            continue;
        }
        lab_emit(c, LAB_DO_TOKEN_NEXT);
        lab_emit_byte(c, sent[k]);
        lab_emit_byte(c, rounds);
        lab_emit_byte(c, lab_hidden(c));
    }
    return chars < node->ref ? chars : node->ref;
}

static unsigned arg_write(struct lab_compiler *c, lab_node_id call)
{
    unsigned values = 0;
    uint32_t count_at;

    lab_compile_value(c, argument(c, call, 0));
    lab_emit(c, LAB_DO_INT32); /* patched: how many values follow */
    count_at = c->at;
    lab_emit_word(c, 0, 4);
    for (lab_node_id arg = argument(c, call, 1); arg; arg = lab_at(c, arg)->next) {
        if (lab_at(c, arg)->role == LAB_ROLE_TOKENS) {
            values += push_tokens(c, arg);
        } else {
            lab_compile_value(c, arg);
            values++;
        }
    }
    if (values + 2 + c->unit.vars > LAB_FRAME_SLOTS_MAX)
        lab_too_much(c, call, "values in one write()");
    if (!c->failed)
        c->code[count_at] = (uint8_t)values;
    return values + 2;
}

/* ---- descriptor lists ---- */

static unsigned arg_poll(struct lab_compiler *c, lab_node_id call)
{
    unsigned n = 0;
    lab_node_id timeout = 0;

    for (lab_node_id arg = argument(c, call, 0); arg; arg = lab_at(c, arg)->next)
        n += lab_at(c, arg)->kind == LAB_N_BRACES;
    lab_emit_int(c, n);
    for (lab_node_id arg = argument(c, call, 0); arg; arg = lab_at(c, arg)->next) {
        if (lab_at(c, arg)->kind != LAB_N_BRACES) {
            timeout = arg;
            continue;
        }
        lab_compile_value(c, lab_child(c->s, arg, 0));
        value_or(c, lab_child(c->s, arg, 1), 0);
    }
    value_or(c, timeout, -1);
    if (n > c->poll_max)
        c->poll_max = n;
    return 2 * n + 2;
}

static unsigned push_set(struct lab_compiler *c, lab_node_id set)
{
    unsigned n = 0;

    for (lab_node_id fd = lab_at(c, set)->first; fd; fd = lab_at(c, fd)->next)
        n++;
    lab_emit_int(c, n);
    for (lab_node_id fd = lab_at(c, set)->first; fd; fd = lab_at(c, fd)->next)
        lab_compile_value(c, fd);
    return n;
}

static unsigned arg_select(struct lab_compiler *c, lab_node_id call)
{
    unsigned n = push_set(c, argument(c, call, 0)) + push_set(c, argument(c, call, 1));

    value_or(c, argument(c, call, 2), -1);
    if (n > c->poll_max)
        c->poll_max = n;
    return n + 3;
}

/* ---- the others ---- */

static bool says_read_only(const struct lab_compiler *c, lab_node_id flags)
{
    const struct lab_node *node = lab_at(c, flags);
    const char *name = node->name ? lab_name(c->s, node->name) : "";

    if (node->kind == LAB_N_NAME || node->kind == LAB_N_WORD)
        return same_text(name, "O_RDONLY");
    for (lab_node_id child = node->first; child; child = lab_at(c, child)->next)
        if (says_read_only(c, child))
            return true;
    return false;
}

/* A file of the scenario by its number. */
static void push_file(struct lab_compiler *c, lab_node_id id)
{
    const struct lab_node *file = lab_at(c, id);

    lab_emit_int(c, file->role == LAB_ROLE_FILE ? file->ref : -1);
}

/* A process by its number: a task's name, or what fork() returned. */
static void push_process(struct lab_compiler *c, lab_node_id id)
{
    const struct lab_node *node = id ? lab_at(c, id) : 0;

    if (node && node->role == LAB_ROLE_TASK)
        lab_emit_int(c, DRV_PID_FIRST + (int64_t)lab_process_number(
                                            c->s, node->ref, node->aux ? node->aux - 1 : 0));
    else
        value_or(c, id, 0);
}

/* {SIG, SIG} or one of them as the bits of a sigset_t. */
static void push_signals(struct lab_compiler *c, lab_node_id id)
{
    bool group = lab_at(c, id)->kind == LAB_N_BRACES;

    lab_emit_int(c, 0);
    for (lab_node_id k = group ? lab_at(c, id)->first : id; k;
         k = group ? lab_at(c, k)->next : 0) {
        lab_emit_int(c, 1);
        lab_compile_value(c, k);
        lab_emit_int(c, 1);
        lab_emit(c, LAB_DO_SUB);
        lab_emit(c, LAB_DO_SHL);
        lab_emit(c, LAB_DO_OR);
    }
}

static unsigned arg_open(struct lab_compiler *c, lab_node_id call)
{
    lab_node_id flags = argument(c, call, 1);

    push_file(c, argument(c, call, 0));
    value_or(c, flags, 0);
    if (flags && says_read_only(c, flags)) {
        lab_emit_int(c, DRV_O_RDONLY_SAID);
        lab_emit(c, LAB_DO_OR);
    }
    c->fds += weight(c);
    c->ofds += made(c);
    return 2;
}

static unsigned arg_epoll_ctl(struct lab_compiler *c, lab_node_id call)
{
    lab_node_id data = argument(c, call, 4);

    lab_compile_value(c, argument(c, call, 0));
    lab_compile_value(c, argument(c, call, 1));
    lab_compile_value(c, argument(c, call, 2));
    value_or(c, argument(c, call, 3), 0);
    if (data)
        lab_compile_value(c, data);
    else
        lab_emit(c, LAB_DO_OVER);
    c->items += made(c);
    return 5;
}

static unsigned arg_epoll_wait(struct lab_compiler *c, lab_node_id call)
{
    lab_compile_value(c, argument(c, call, 0));
    value_or(c, argument(c, call, 1), WAIT_EVENTS);
    value_or(c, argument(c, call, 2), -1);
    if (!argument(c, call, 3))
        return 3;
    push_signals(c, argument(c, call, 3));
    c->signals = true;
    return 4;
}

/* Arguments in order, @most of them, those left out being 0. */
static unsigned arg_plain(struct lab_compiler *c, lab_node_id call, unsigned most)
{
    for (unsigned k = 0; k < most; k++)
        value_or(c, argument(c, call, k), 0);
    return most;
}

static unsigned arg_read(struct lab_compiler *c, lab_node_id call)
{
    lab_compile_value(c, argument(c, call, 0));
    if (!argument(c, call, 1))
        return 1;
    lab_compile_value(c, argument(c, call, 1));
    return 2;
}

static void makes(struct lab_compiler *c, uint32_t *slots, unsigned fds)
{
    c->fds += fds * weight(c);
    c->ofds += fds * made(c);
    *slots += made(c);
}

/* listen(NAME [, backlog]), connect(NAME [, token]). */
static unsigned arg_name(struct lab_compiler *c, lab_node_id call, unsigned nr)
{
    lab_node_id second = argument(c, call, 1);

    push_file(c, argument(c, call, 0));
    if (nr == DRV_NR_LISTEN)
        value_or(c, second, -1);
    else if (second && lab_at(c, second)->role == LAB_ROLE_TOKENS)
        push_tokens(c, second);
    else
        value_or(c, second, 0);
    c->fds += weight(c);
    c->ofds += 2 * made(c);
    c->sockets += nr == DRV_NR_CONNECT ? 2 * made(c) : 0;
    return 2;
}

static unsigned arg_signal(struct lab_compiler *c, lab_node_id call, unsigned nr)
{
    c->signals = true;
    if (nr == DRV_NR_KILL) {
        push_process(c, argument(c, call, 0));
        lab_compile_value(c, argument(c, call, 1));
        return 2;
    }
    lab_compile_value(c, argument(c, call, 0));
    push_signals(c, argument(c, call, 1));
    if (nr == DRV_NR_SIGPROCMASK)
        return 2;
    makes(c, &c->signalfds, 1);
    value_or(c, argument(c, call, 2), 0);
    return 3;
}

static unsigned arg_fcntl(struct lab_compiler *c, lab_node_id call)
{
    lab_compile_value(c, argument(c, call, 0));
    lab_compile_value(c, argument(c, call, 1));
    push_process(c, argument(c, call, 2));
    c->fds += weight(c);
    c->signals |= lab_at(c, argument(c, call, 1))->value == DRV_F_SETOWN;
    return 3;
}

/* What a request of io_uring begins with, in the kernel's numbers. */
static int64_t uring_op(const struct lab_compiler *c, lab_node_id op)
{
    static const struct {
        const char *name;
        uint8_t number;
    } row[] = {{"NOOP", 0}, {"POLL_ADD", 6}, {"POLL_REMOVE", 7}, {"READ", 22}, {"WRITE", 23}};

    for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++)
        if (same_text(lab_name(c->s, lab_at(c, op)->name), row[i].name))
            return row[i].number;
    return -1;
}

/* Requests in braces, @parts values each; what is left out is 0, an eventfd -1. */
static unsigned push_requests(struct lab_compiler *c, lab_node_id first, unsigned parts,
                              bool uring)
{
    unsigned n = 0;

    for (lab_node_id group = first; group; group = lab_at(c, group)->next)
        n += lab_at(c, group)->kind == LAB_N_BRACES;
    lab_emit_int(c, n);
    for (lab_node_id group = first; group; group = lab_at(c, group)->next) {
        lab_node_id part = lab_at(c, group)->first;
        bool poll = !uring && lab_at(c, part)->value == 5;
        if (lab_at(c, group)->kind != LAB_N_BRACES)
            continue;
        for (unsigned k = 0; k < parts; k++) {
            bool left_out = poll && k == 3; /* a poll has no offset before its eventfd */
            if (k == 0 && uring)
                lab_emit_int(c, uring_op(c, part));
            else
                value_or(c, left_out ? 0 : part, !uring && k == 4 ? -1 : 0);
            if (part && !left_out)
                part = lab_at(c, part)->next;
        }
    }
    c->jobs += n * made(c);
    return 1 + n * parts;
}

static unsigned arg_async(struct lab_compiler *c, lab_node_id call, unsigned nr)
{
    enum { CONTEXT_REQUESTS = 16, RING_ENTRIES = 8, SUBMIT_PARTS = 5, ENTER_PARTS = 4 };

    lab_node_id first = argument(c, call, 0), last = argument(c, call, 1);
    unsigned n;

    switch (nr) {
    case DRV_NR_IO_SETUP:
        c->aios += made(c);
        value_or(c, first, CONTEXT_REQUESTS);
        return 1;
    case DRV_NR_IO_URING_SETUP:
        makes(c, &c->urings, 1);
        value_or(c, first, RING_ENTRIES);
        return 1;
    case DRV_NR_IO_SUBMIT:
        lab_compile_value(c, first);
        return 1 + push_requests(c, last, SUBMIT_PARTS, false);
    case DRV_NR_IO_URING_ENTER:
        lab_compile_value(c, first);
        n = 1 + push_requests(c, last, ENTER_PARTS, true);
        while (last && lab_at(c, last)->next)
            last = lab_at(c, last)->next;
        value_or(c, last && lab_at(c, last)->kind != LAB_N_BRACES ? last : 0, 0);
        return n + 1;
    case DRV_NR_IO_GETEVENTS:
        lab_compile_value(c, first);
        lab_compile_value(c, last);
        value_or(c, argument(c, call, 2), WAIT_EVENTS);
        value_or(c, argument(c, call, 3), -1);
        return 4;
    default:
        return arg_plain(c, call, nr == DRV_NR_IO_CANCEL ? 2 : 1);
    }
}

/* Calls about processes, sockets and timers. */
static unsigned other_arguments(struct lab_compiler *c, lab_node_id call, unsigned nr)
{
    switch (nr) {
    case DRV_NR_LISTEN:
    case DRV_NR_CONNECT:
        return arg_name(c, call, nr);
    case DRV_NR_ACCEPT:
        c->fds += weight(c);
        c->ofds += made(c);
        return arg_plain(c, call, 2);
    case DRV_NR_SIGNALFD:
    case DRV_NR_KILL:
    case DRV_NR_SIGPROCMASK:
        return arg_signal(c, call, nr);
    case DRV_NR_PIDFD_OPEN:
        makes(c, &c->pidfds, 1);
        c->families = true;
        push_process(c, argument(c, call, 0));
        value_or(c, argument(c, call, 1), 0);
        return 2;
    case DRV_NR_TIMERFD_CREATE:
        makes(c, &c->timerfds, 1);
        return arg_plain(c, call, 1);
    case DRV_NR_TIMERFD_SETTIME:
    case DRV_NR_SETSOCKOPT:
        return arg_plain(c, call, 3);
    case DRV_NR_SENDFD:
    case DRV_NR_GETSOCKOPT:
    case DRV_NR_SHUTDOWN:
        return arg_plain(c, call, 2);
    case DRV_NR_SETRLIMIT:
        c->families = true;
        return arg_plain(c, call, 2);
    case DRV_NR_RECVFD:
        c->fds += weight(c);
        return arg_plain(c, call, 1);
    case DRV_NR_IO_SETUP:
    case DRV_NR_IO_SUBMIT:
    case DRV_NR_IO_GETEVENTS:
    case DRV_NR_IO_CANCEL:
    case DRV_NR_IO_DESTROY:
    case DRV_NR_IO_URING_SETUP:
    case DRV_NR_IO_URING_ENTER:
        return arg_async(c, call, nr);
    case DRV_NR_MKFIFO:
        push_file(c, argument(c, call, 0));
        return 1;
    case DRV_NR_FORK:
    case DRV_NR_EXEC:
        c->families = true;
        return 0;
    case DRV_NR_EXIT:
    case DRV_NR_WAIT:
        c->families = true;
        return arg_plain(c, call, 1);
    default:
        return arg_plain(c, call, 1);
    }
}

static unsigned arguments(struct lab_compiler *c, lab_node_id call, unsigned nr)
{
    switch (nr) {
    case DRV_NR_OPEN:
        return arg_open(c, call);
    case DRV_NR_DUP:
        c->fds += weight(c);
        return arg_plain(c, call, 1);
    case DRV_NR_DUP2:
        c->fds += weight(c);
        return arg_plain(c, call, 2);
    case DRV_NR_READ:
        return arg_read(c, call);
    case DRV_NR_WRITE:
        return arg_write(c, call);
    case DRV_NR_FCNTL:
        return arg_fcntl(c, call);
    case DRV_NR_LSEEK:
        return arg_plain(c, call, 3);
    case DRV_NR_EVENTFD:
        makes(c, &c->eventfds, 1);
        return arg_plain(c, call, 2);
    case DRV_NR_EPOLL_CREATE:
        makes(c, &c->epolls, 1);
        return arg_plain(c, call, 1);
    case DRV_NR_POLL:
        return arg_poll(c, call);
    case DRV_NR_SELECT:
        return arg_select(c, call);
    case DRV_NR_EPOLL_CTL:
        return arg_epoll_ctl(c, call);
    case DRV_NR_EPOLL_WAIT:
        return arg_epoll_wait(c, call);
    case DRV_NR_FILL:
        return arg_plain(c, call, 2);
    case DRV_NR_SCHED_YIELD:
    case DRV_NR_SETTLE:
        return 0;
    case DRV_NR_ASYNC_SEND:
        return lab_compile_async_send(c, call);
    default:
        return loop_aio_is_call(nr) ? lab_compile_aio(c, call, nr)
                                    : other_arguments(c, call, nr);
    }
}

void lab_emit_call(struct lab_compiler *c, unsigned nr, unsigned argc, unsigned flags)
{
    lab_emit(c, LAB_DO_CALL);
    lab_emit_byte(c, nr);
    lab_emit_byte(c, argc);
    lab_emit_byte(c, flags);
    lab_emit_stack(c, 1 - (int)argc);
}

/* pipe(r, w [, flags]): both ends are on the stack before either is assigned. */
static void call_pipe(struct lab_compiler *c, lab_node_id call, unsigned nr)
{
    uint8_t result = lab_hidden(c);
    uint32_t *slots = nr == DRV_NR_PIPE      ? &c->pipes
                      : nr == DRV_NR_OPENPTY ? &c->ptys
                                             : &c->sockets;

    makes(c, slots, 2);
    if (nr != DRV_NR_PIPE)
        *slots += made(c);
    value_or(c, argument(c, call, 2), 0);
    lab_emit_call(c, nr, 1, 0);
    lab_emit(c, LAB_DO_STORE);
    lab_emit_byte(c, result);
    for (unsigned k = 0; k < 2; k++) {
        lab_emit(c, LAB_DO_OUT);
        lab_emit_byte(c, k);
    }
    lab_compile_store(c, argument(c, call, 1));
    lab_compile_store(c, argument(c, call, 0));
    lab_emit(c, LAB_DO_LOAD);
    lab_emit_byte(c, result);
}

/* How many entries a foreach over this call can walk at most. */
static unsigned events_of(struct lab_compiler *c, lab_node_id call, unsigned nr)
{
    lab_node_id max = argument(c, call, nr == DRV_NR_IO_GETEVENTS ? 2 : 1);
    unsigned n = WAIT_EVENTS;

    if (nr == DRV_NR_POLL || nr == DRV_NR_SELECT)
        return c->poll_max;
    if (nr == DRV_NR_LIO_LISTIO) {
        for (n = 0; max; max = lab_at(c, max)->next)
            n += lab_at(c, max)->kind == LAB_N_BRACES;
        return n;
    }
    if (max && lab_at(c, max)->kind == LAB_N_INT && lab_at(c, max)->value > 0 &&
        lab_at(c, max)->value < 64)
        n = (unsigned)lab_at(c, max)->value;
    return n;
}

static int64_t constant_of(const struct lab_compiler *c, lab_node_id node, int64_t otherwise)
{
    const struct lab_node *n = lab_at(c, node);

    if (!node)
        return READ_BYTES;
    if (n->kind == LAB_N_INT || n->role == LAB_ROLE_CONSTANT || n->role == LAB_ROLE_KNOB)
        return n->value;
    return otherwise;
}

void lab_compile_syscall(struct lab_compiler *c, lab_node_id id, unsigned depth)
{
    unsigned syscall = lab_at(c, id)->ref, nr = nr_of(syscall), flags = 0, argc;

    if (syscall == LAB_SYS_SPEND) {
        lab_compile_value(c, argument(c, id, 0));
        lab_emit(c, LAB_DO_SPEND);
        lab_emit_int(c, 0);
        return;
    }
    if (nr == DRV_NR_PIPE || nr == DRV_NR_SOCKETPAIR || nr == DRV_NR_OPENPTY) {
        call_pipe(c, id, nr);
        return;
    }
    argc = arguments(c, id, nr);
    if (depth) {
        unsigned most = events_of(c, id, nr);
        flags |= LAB_CALL_EVENTS | (depth - 1) * LAB_CALL_DEPTH;
        if (most > c->unit.events_max)
            c->unit.events_max = (uint8_t)most;
    }
    if (nr == DRV_NR_READ && c->unit.uses_buf) {
        int64_t bytes = constant_of(c, argument(c, id, 1), 64);
        flags |= LAB_CALL_BUF;
        if (bytes > c->unit.buf_max)
            c->unit.buf_max = (uint16_t)(bytes < 256 ? bytes : 256);
    }
    lab_emit_call(c, nr, argc, flags);
}
