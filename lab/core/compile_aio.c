/*
 * lab/core/compile_aio.c - POSIX AIO: arguments of its calls, and the helper threads that a
 * process has places for.
 *
 * glibc makes up to twenty helpers for a process; here it gets one for each place in its text
 * that can begin a request, four if that place is in a loop, and no more than six.
 */
#include "lab/core/compile_internal.h"
#include "lab/core/scenario.h"
#include "loop/aio.h"

enum { HELPERS_MAX = 6, HELPERS_OF_LOOP = 4, REQUESTS_MAX = 60, O_SYNC_FLAG = 04010000 };

/* ---- how many ---- */

static bool is_loop(unsigned kind)
{
    return kind == LAB_N_WHILE || kind == LAB_N_DO || kind == LAB_N_FOR ||
           kind == LAB_N_FOREACH;
}

/* Requests that one pass over this code begins; a place in a loop counts @looped times. */
static unsigned requests_in(const struct lab_scenario *s, lab_node_id id, unsigned looped,
                            unsigned times)
{
    const struct lab_node *node = &s->nodes[id];
    unsigned n = 0;

    if (is_loop(node->kind))
        times = looped;
    if (node->role == LAB_ROLE_SYSCALL &&
        (node->ref == LAB_SYS_AIO_READ || node->ref == LAB_SYS_AIO_WRITE ||
         node->ref == LAB_SYS_AIO_FSYNC))
        n += times;
    for (lab_node_id child = node->first; child; child = s->nodes[child].next) {
        if (node->role == LAB_ROLE_SYSCALL && node->ref == LAB_SYS_LIO_LISTIO &&
            s->nodes[child].kind == LAB_N_BRACES)
            n += times;
        n += requests_in(s, child, looped, times);
    }
    return n;
}

/* The same of all code of the process with this number. */
static unsigned requests_of(const struct lab_scenario *s, unsigned process, unsigned looped)
{
    unsigned n = 0;

    if (process < s->process_count && s->processes[process].start)
        n += requests_in(s, s->processes[process].start, looped, 1);
    for (unsigned t = 0; t < s->task_count; t++)
        for (unsigned k = 0; k < s->tasks[t].count; k++)
            if (lab_process_number(s, t, k) == process)
                n += requests_in(s, s->tasks[t].body, looped, 1);
    return n;
}

unsigned lab_aio_helpers(const struct lab_scenario *s, unsigned process)
{
    unsigned n = requests_of(s, process, HELPERS_OF_LOOP);

    return n < HELPERS_MAX ? n : HELPERS_MAX;
}

/* The most bytes that one aio_write() of this code writes. */
static unsigned longest(const struct lab_scenario *s, lab_node_id id)
{
    const struct lab_node *node = &s->nodes[id];
    unsigned most = 0;

    if (node->role == LAB_ROLE_SYSCALL && node->ref == LAB_SYS_AIO_WRITE) {
        const struct lab_node *value = &s->nodes[lab_child(s, id, 2)];
        most = value->kind == LAB_N_STR ? lab_name_length(s, value->name) : 1;
    }
    for (lab_node_id child = node->first; child; child = s->nodes[child].next) {
        unsigned inner = longest(s, child);
        most = inner > most ? inner : most;
    }
    return most;
}

void lab_compile_helpers(struct lab_compiler *c)
{
    struct lab_program *program = c->program;
    struct drv_config *drv = &program->drv;
    unsigned processes = drv->processes, requests = 0, bytes = 0;
    uint32_t entry = c->at;

    for (lab_node_id part = c->s->root; part; part = lab_at(c, part)->next) {
        unsigned most = longest(c->s, part);
        bytes = most > bytes ? most : bytes;
    }
    for (unsigned p = 0; p < processes; p++) {
        unsigned of = 0, family;
        while (drv->task_process[of] != p)
            of++;
        family = drv->task_family[of];
        requests += requests_of(c->s, family, LOOP_SITE);
        for (unsigned k = lab_aio_helpers(c->s, family); k > 0; k--, drv->helpers++) {
            unsigned task = drv->tasks++;
            struct lab_task_code *code =
                (struct lab_task_code *)(void *)((char *)program + program->tasks_at) + task;
            *code = (struct lab_task_code){
                .routine = {(uint16_t)(entry - program->code_at), 0, 1},
                .process = (uint8_t)p,
                .cpu = (code - task + of)->cpu,
            };
            drv->task_process[task] = (uint8_t)p;
            drv->task_family[task] = (uint8_t)family;
            drv->task_nth[task] = (uint8_t)(lab_aio_helpers(c->s, family) - k + 1);
        }
    }
    if (!drv->helpers)
        return;
    lab_emit(c, LAB_DO_CALL); /* it never returns from it */
    lab_emit_byte(c, DRV_NR_AIO_HELP);
    lab_emit_byte(c, 0);
    lab_emit_byte(c, 0);
    lab_emit(c, LAB_DO_END);
    program->aio.requests = (uint8_t)(requests < REQUESTS_MAX ? requests : REQUESTS_MAX);
    program->aio.bytes = (uint8_t)(bytes < LOOP_AIO_BYTES_MAX ? bytes : LOOP_AIO_BYTES_MAX);
}

/* ---- arguments ---- */

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

/* The signal that says that it is done: SIGEV_SIGNAL; left out: SIGEV_NONE. */
static void push_signal(struct lab_compiler *c, lab_node_id node)
{
    value_or(c, node, 0);
    c->signals |= node != 0;
}

static unsigned arg_write(struct lab_compiler *c, lab_node_id call)
{
    lab_node_id what = argument(c, call, 1);
    const struct lab_node *node = lab_at(c, what);
    unsigned n = node->kind == LAB_N_STR ? lab_name_length(c->s, node->name) : 1;

    if (n > LOOP_AIO_BYTES_MAX)
        lab_too_much(c, call, "bytes in one aio_write()");
    lab_compile_value(c, argument(c, call, 0));
    lab_emit_int(c, n);
    if (node->kind == LAB_N_STR)
        for (unsigned i = 0; i < n; i++)
            lab_emit_int(c, (uint8_t)lab_name(c->s, node->name)[i]);
    else
        lab_compile_value(c, what);
    lab_compile_value(c, argument(c, call, 2));
    push_signal(c, argument(c, call, 3));
    return n + 4;
}

static unsigned arg_suspend(struct lab_compiler *c, lab_node_id call)
{
    lab_node_id group = argument(c, call, 0);
    unsigned n = 0;

    for (lab_node_id h = lab_at(c, group)->first; h; h = lab_at(c, h)->next)
        n++;
    lab_emit_int(c, n);
    for (lab_node_id h = lab_at(c, group)->first; h; h = lab_at(c, h)->next)
        lab_compile_value(c, h);
    value_or(c, argument(c, call, 1), -1);
    return n + 2;
}

static unsigned arg_listio(struct lab_compiler *c, lab_node_id call)
{
    enum { PARTS = 4 };

    lab_node_id signal = 0;
    unsigned n = 0;

    lab_compile_value(c, argument(c, call, 0));
    for (lab_node_id group = argument(c, call, 1); group; group = lab_at(c, group)->next)
        n += lab_at(c, group)->kind == LAB_N_BRACES;
    lab_emit_int(c, n);
    for (lab_node_id group = argument(c, call, 1); group; group = lab_at(c, group)->next) {
        lab_node_id part = lab_at(c, group)->first;
        if (lab_at(c, group)->kind != LAB_N_BRACES) {
            signal = group;
            continue;
        }
        for (unsigned k = 0; k < PARTS; k++) {
            value_or(c, part, 0);
            part = part ? lab_at(c, part)->next : 0;
        }
    }
    push_signal(c, signal);
    return PARTS * n + 3;
}

unsigned lab_compile_aio(struct lab_compiler *c, lab_node_id call, unsigned nr)
{
    switch (nr) {
    case DRV_NR_AIO_READ:
        for (unsigned k = 0; k < 3; k++)
            lab_compile_value(c, argument(c, call, k));
        push_signal(c, argument(c, call, 3));
        return 4;
    case DRV_NR_AIO_WRITE:
        return arg_write(c, call);
    case DRV_NR_AIO_FSYNC:
        lab_compile_value(c, argument(c, call, 0));
        value_or(c, argument(c, call, 1), O_SYNC_FLAG);
        push_signal(c, argument(c, call, 2));
        return 3;
    case DRV_NR_AIO_SUSPEND:
        return arg_suspend(c, call);
    case DRV_NR_AIO_CANCEL:
        lab_compile_value(c, argument(c, call, 0));
        value_or(c, argument(c, call, 1), 0);
        return 2;
    case DRV_NR_LIO_LISTIO:
        return arg_listio(c, call);
    default:
        lab_compile_value(c, argument(c, call, 0));
        return 1;
    }
}
