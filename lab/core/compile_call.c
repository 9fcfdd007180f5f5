/*
 * lab/core/compile_call.c - system calls and driver calls: arguments as drivers/call.h lays
 * them out, what is left out filled in.
 */
#include "lab/core/compile_internal.h"
#include "lab/core/text.h"

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

static unsigned weight(const struct lab_compiler *c)
{
    return c->unit.loops ? LOOP_SITE : 1;
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

static unsigned arg_open(struct lab_compiler *c, lab_node_id call)
{
    const struct lab_node *file = lab_at(c, argument(c, call, 0));
    lab_node_id flags = argument(c, call, 1);

    lab_emit_int(c, file->role == LAB_ROLE_FILE ? file->ref : -1);
    value_or(c, flags, 0);
    if (flags && says_read_only(c, flags)) {
        lab_emit_int(c, DRV_O_RDONLY_SAID);
        lab_emit(c, LAB_DO_OR);
    }
    c->fds += weight(c);
    c->ofds += weight(c);
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
    c->items += weight(c);
    return 5;
}

static unsigned arg_epoll_wait(struct lab_compiler *c, lab_node_id call)
{
    lab_compile_value(c, argument(c, call, 0));
    value_or(c, argument(c, call, 1), WAIT_EVENTS);
    value_or(c, argument(c, call, 2), -1);
    return 3;
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
    value_or(c, argument(c, call, 1), READ_BYTES);
    return 2;
}

static void makes(struct lab_compiler *c, uint32_t *slots, unsigned fds)
{
    c->fds += fds * weight(c);
    c->ofds += fds * weight(c);
    *slots += weight(c);
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
        c->fds += weight(c);
        return arg_plain(c, call, 3);
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
    default:
        return arg_plain(c, call, 1);
    }
}

static void emit_call(struct lab_compiler *c, unsigned nr, unsigned argc, unsigned flags)
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

    makes(c, &c->pipes, 2);
    value_or(c, argument(c, call, 2), 0);
    emit_call(c, nr, 1, 0);
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
    lab_node_id max = argument(c, call, 1);
    unsigned n = WAIT_EVENTS;

    if (nr == DRV_NR_POLL || nr == DRV_NR_SELECT)
        return c->poll_max;
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
    if (nr == DRV_NR_PIPE || nr == DRV_NR_SOCKETPAIR) {
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
    emit_call(c, nr, argc, flags);
}

/* ---- calls of driver blocks ---- */

static unsigned file_of(const struct lab_compiler *c, lab_node_id node)
{
    if (node && lab_at(c, node)->role == LAB_ROLE_FILE)
        return lab_at(c, node)->ref;
    return c->s->drivers[c->unit.driver].first_file;
}

/* Can the value be anything but a token's byte or 0? */
static bool is_narrow(const struct lab_compiler *c, lab_node_id node)
{
    const struct lab_node *n = lab_at(c, node);

    if (n->kind == LAB_N_CALL)
        return n->role == LAB_ROLE_KCALL && n->ref == LAB_K_ARRIVAL;
    return n->role == LAB_ROLE_REGISTER && !(n->aux & LAB_AUX_CHIP) &&
           c->s->devices[n->aux].model == LAB_MODEL_SOURCE && n->value == 0x08;
}

static void call_push(struct lab_compiler *c, lab_node_id call, bool wake)
{
    lab_node_id first = argument(c, call, 0), second = argument(c, call, 1);
    lab_node_id value = second ? second : first;

    if (!value) { /* push() is push(arrival(DEV)) */
        unsigned device = 0;
        while (device < c->s->device_count && c->s->devices[device].driver != c->unit.driver)
            device++;
        lab_emit(c, LAB_DO_ARRIVAL);
        lab_emit_byte(c, device);
        lab_emit_byte(c, 0);
    } else {
        lab_compile_value(c, value);
        c->wide |= !is_narrow(c, value);
    }
    lab_emit(c, wake ? LAB_DO_PUSH : LAB_DO_QUEUE);
    lab_emit_byte(c, file_of(c, second ? first : 0));
}

/* One mask or unmask for each controller input of the driver, or of one device. */
static void call_mask(struct lab_compiler *c, lab_node_id call, enum lab_opcode op)
{
    unsigned only = lab_at(c, call)->aux;

    for (unsigned d = 0; d < c->s->device_count; d++) {
        const struct lab_device *device = &c->s->devices[d];
        bool done = false;
        if (only ? d + 1 != only : device->driver != c->unit.driver)
            continue;
        for (unsigned e = 0; e < d && !only; e++)
            done |= c->s->devices[e].driver == c->unit.driver &&
                    c->s->devices[e].irq == device->irq;
        if (done)
            continue;
        lab_emit(c, op);
        lab_emit_word(c, device->irq, 2);
    }
}

static void emit_with(struct lab_compiler *c, enum lab_opcode op, unsigned operand)
{
    lab_emit(c, op);
    lab_emit_byte(c, operand);
}

/* Calls that do something and have no value. */
static void call_plain(struct lab_compiler *c, lab_node_id call)
{
    const struct lab_node *node = lab_at(c, call);
    unsigned file = file_of(c, argument(c, call, 0));

    switch (node->ref) {
    case LAB_K_PUSH:
    case LAB_K_QUEUE:
        call_push(c, call, node->ref == LAB_K_PUSH);
        break;
    case LAB_K_WAKE:
        emit_with(c, LAB_DO_WAKE, file);
        break;
    case LAB_K_SLEEP:
        emit_with(c, LAB_DO_SLEEP, file);
        break;
    case LAB_K_PREPARE:
        emit_with(c, LAB_DO_PREPARE, file);
        break;
    case LAB_K_DISABLE_IRQ:
        call_mask(c, call, LAB_DO_MASK);
        break;
    case LAB_K_ENABLE_IRQ:
        call_mask(c, call, LAB_DO_UNMASK);
        break;
    case LAB_K_LOCAL_IRQ_DISABLE:
        emit_with(c, LAB_DO_CPU_MASK, 1);
        break;
    case LAB_K_LOCAL_IRQ_ENABLE:
        emit_with(c, LAB_DO_CPU_MASK, 0);
        c->unmasks_cpu |= c->unit.block == LAB_BLOCK_IRQ;
        break;
    case LAB_K_EOI:
        emit_with(c, LAB_DO_EOI, c->unit.driver);
        break;
    case LAB_K_WAKE_THREAD:
        emit_with(c, LAB_DO_WAKE_THREAD, c->unit.driver);
        break;
    case LAB_K_LINE_ASSERT:
    case LAB_K_LINE_DEASSERT:
        emit_with(c, LAB_DO_ASSERT, node->aux - 1);
        lab_emit_byte(c, node->ref == LAB_K_LINE_ASSERT);
        break;
    default: /* spend */
        value_or(c, argument(c, call, 0), 0);
        lab_emit(c, LAB_DO_SPEND);
        break;
    }
}

void lab_compile_kcall(struct lab_compiler *c, lab_node_id id)
{
    const struct lab_node *node = lab_at(c, id);
    lab_node_id first = argument(c, id, 0);

    switch (node->ref) {
    case LAB_K_ROOM:
        emit_with(c, LAB_DO_ROOM, file_of(c, first));
        break;
    case LAB_K_COUNT:
        emit_with(c, LAB_DO_QUEUED, file_of(c, first));
        break;
    case LAB_K_ARRIVAL:
        emit_with(c, LAB_DO_ARRIVAL, lab_at(c, first)->ref);
        lab_emit_byte(c, 0);
        break;
    case LAB_K_ACK:
        emit_with(c, LAB_DO_ACK, c->unit.driver);
        break;
    default:
        call_plain(c, id);
        lab_emit_int(c, 0);
        break;
    }
}
