/*
 * lab/core/compile_loop.c - `loop NAME { }` becomes a task's code around lab/core/event_loop.c.
 *
 * First the loop makes its descriptors, as one that is linked does, then comes the text; behind
 * it stands the turn, which callbacks go back to:
 *
 *     next: callback i?        tell it, next
 *     change?                  epoll_ctl(), change
 *     wait                     epoll_wait() or poll(), next
 */
#include "drivers/errno.h"
#include "lab/core/compile_internal.h"
#include "lab/core/scenario.h"
#include "loop/core.h"

enum {
    INNER_SOURCES = 8, /* that an on or timer inside a callback, or in a loop, can make */
    SOURCES_MAX = 60,
    POLLS_MAX = 24,
};

/* ---- sizes ---- */

static bool is_source(unsigned kind)
{
    return kind == LAB_N_ON || kind == LAB_N_TIMER || kind == LAB_N_ASYNC;
}

static bool repeats(unsigned kind)
{
    return is_source(kind) || kind == LAB_N_WHILE || kind == LAB_N_DO || kind == LAB_N_FOR ||
           kind == LAB_N_FOREACH;
}

/* Sources of a kind, or of any (NONE), that the text can make. */
static unsigned sources_in(const struct lab_scenario *s, lab_node_id id, unsigned kind,
                           unsigned times)
{
    const struct lab_node *node = &s->nodes[id];
    bool counts = kind == LAB_N_NONE ? is_source(node->kind) : node->kind == kind;
    unsigned n = counts ? times : 0, inside = repeats(node->kind) ? INNER_SOURCES : times;

    for (lab_node_id k = node->first; k; k = s->nodes[k].next)
        n += sources_in(s, k, kind, inside);
    return n;
}

static unsigned less(unsigned n, unsigned most)
{
    return n < most ? n : most;
}

/* Number of the ASYNC node among those of the body, from 0 on; -1: not there. */
static int async_number(const struct lab_scenario *s, lab_node_id id, lab_node_id wanted,
                        int *count)
{
    int found = -1;

    if (id == wanted)
        return *count;
    *count += s->nodes[id].kind == LAB_N_ASYNC;
    for (lab_node_id k = s->nodes[id].first; k && found < 0; k = s->nodes[k].next)
        found = async_number(s, k, wanted, count);
    return found;
}

/* ---- statements ---- */

static void drop(struct lab_compiler *c, unsigned n)
{
    while (n--)
        lab_emit(c, LAB_DO_POP);
}

/* Tells epoll what has changed. */
static void change(struct lab_compiler *c)
{
    uint32_t top = lab_here(c), none = 0;
    uint16_t depth = c->unit.depth;

    lab_emit(c, LAB_DO_LOOP_CHANGE);
    lab_emit_jump(c, LAB_DO_JUMP_ZERO, &none);
    lab_emit_call(c, DRV_NR_EPOLL_CTL, 5, 0);
    lab_emit(c, LAB_DO_LOOP_CHANGED);
    lab_emit_jump_to(c, LAB_DO_JUMP, top);
    c->unit.depth = (uint16_t)(depth + 5);
    lab_patch(c, none);
    drop(c, 5);
}

/*
 * At once, as loop/source.c does it: a descriptor that is closed next, and whose number comes
 * back, must not look as if nothing had changed.
 */
static void change_now(struct lab_compiler *c)
{
    if (c->program->loop[c->unit.loop].backend < LAB_LOOP_POLL)
        change(c);
}

/* The number of the next callback. */
static unsigned begin_callback(struct lab_compiler *c)
{
    if (c->unit.callbacks == LAB_CALLBACKS_MAX) {
        lab_too_much(c, c->s->root, "callbacks of one loop");
        return 0;
    }
    return ++c->unit.callbacks;
}

/* The callback's code, which is jumped over; what it is told lies on the stack. */
static void callback(struct lab_compiler *c, unsigned number, lab_node_id block)
{
    bool inner = c->unit.in_callback;
    uint32_t over = 0;
    uint16_t depth = c->unit.depth;

    lab_emit_jump(c, LAB_DO_JUMP, &over);
    c->unit.entry[number] = (uint16_t)lab_here(c);
    lab_emit_stack(c, 2);
    lab_emit(c, LAB_DO_STORE);
    lab_emit_byte(c, c->unit.fd_slot);
    lab_emit(c, LAB_DO_STORE);
    lab_emit_byte(c, c->unit.events_slot);
    c->unit.in_callback = true;
    c->unit.loops++; /* it is called again and again */
    lab_compile_block(c, block);
    c->unit.loops--;
    c->unit.in_callback = inner;
    lab_emit_jump(c, LAB_DO_JUMP, &c->unit.turns);
    c->unit.depth = depth;
    lab_patch(c, over);
}

static void source(struct lab_compiler *c, enum lab_opcode op, lab_node_id block)
{
    unsigned number = begin_callback(c);

    lab_emit(c, op);
    lab_emit_byte(c, number);
    if (op == LAB_DO_LOOP_ON)
        change_now(c);
    callback(c, number, block);
}

void lab_compile_loop_statement(struct lab_compiler *c, lab_node_id id)
{
    const struct lab_task *task = &c->s->tasks[c->unit.owner];
    int asyncs = 0;

    switch (lab_at(c, id)->kind) {
    case LAB_N_START:
        lab_compile_block(c, lab_child(c->s, id, 0));
        break;
    case LAB_N_ON:
        lab_compile_value(c, lab_child(c->s, id, 0));
        lab_compile_value(c, lab_child(c->s, id, 1));
        source(c, LAB_DO_LOOP_ON, lab_child(c->s, id, 2));
        break;
    case LAB_N_OFF:
        lab_compile_value(c, lab_child(c->s, id, 0));
        lab_emit(c, LAB_DO_LOOP_OFF);
        change_now(c);
        break;
    case LAB_N_TIMER:
        lab_compile_value(c, lab_child(c->s, id, 0));
        if (lab_at(c, lab_child(c->s, id, 1))->kind == LAB_N_NONE)
            lab_emit_int(c, 0);
        else
            lab_compile_value(c, lab_child(c->s, id, 1));
        source(c, LAB_DO_LOOP_TIMER, lab_child(c->s, id, 2));
        break;
    default: /* ASYNC */
        lab_emit_int(c, async_number(c->s, task->body, id, &asyncs));
        source(c, LAB_DO_LOOP_ASYNC, lab_child(c->s, id, 0));
        break;
    }
}

unsigned lab_compile_async_send(struct lab_compiler *c, lab_node_id call_node)
{
    const struct lab_node *name = lab_at(c, lab_child(c->s, call_node, 1));
    unsigned loop = 0;
    int asyncs = 0;

    for (unsigned t = 0; t < name->ref; t++)
        loop += c->s->tasks[t].is_loop;
    lab_emit_int(c, loop);
    lab_emit_int(c, async_number(c->s, c->s->tasks[name->ref].body, name->aux, &asyncs));
    return 2;
}

/* ---- the loop ---- */

static void configure(struct lab_compiler *c, const struct lab_task *task)
{
    static const uint8_t backends[LAB_BACKEND_COUNT] = {
        [LAB_BACKEND_SELECT] = LAB_LOOP_SELECT,
        [LAB_BACKEND_POLL] = LAB_LOOP_POLL,
        [LAB_BACKEND_EPOLL] = LAB_LOOP_EPOLL,
        [LAB_BACKEND_EPOLL_ET] = LAB_LOOP_EPOLL_ET,
        [LAB_BACKEND_EPOLL_ONESHOT] = LAB_LOOP_EPOLL_ONESHOT,
        /* what these are: a report for each wake, or as long as it is level */
        [LAB_BACKEND_IO_URING] = LAB_LOOP_EPOLL_ET,
        [LAB_BACKEND_LIBUV] = LAB_LOOP_EPOLL,
        [LAB_BACKEND_LIBEV] = LAB_LOOP_EPOLL,
        [LAB_BACKEND_LIBEVENT] = LAB_LOOP_EPOLL,
    };
    int asyncs = 0;
    unsigned watched = sources_in(c->s, task->body, LAB_N_ON, 1) + 1;
    unsigned sources = sources_in(c->s, task->body, LAB_N_NONE, 1) + LOOP_HEADS + 2;
    struct lab_loop_config *config = &c->program->loop[c->program->loops];

    (void)async_number(c->s, task->body, 0, &asyncs);
    if (c->program->loops == LAB_LOOPS_MAX || asyncs > LAB_LOOP_ASYNCS) {
        lab_too_much(c, task->node,
                     asyncs > LAB_LOOP_ASYNCS ? "async callbacks of one loop (32)"
                                              : "loops (8)");
        return;
    }
    *config = (struct lab_loop_config){
        .backend = backends[task->backend],
        .sources = (uint8_t)less(sources, SOURCES_MAX),
        .polls = (uint8_t)less(watched, POLLS_MAX),
        .emulates = task->backend == LAB_BACKEND_LIBEV,
        .engine = task->backend >= LAB_BACKEND_IO_URING ? (uint8_t)(task->backend + 1) : 0,
    };
    c->program->loops++;
    c->items += watched;
    if (config->backend >= LAB_LOOP_POLL && c->poll_max < config->polls)
        c->poll_max = config->polls;
}

/* The epoll instance and the eventfd; -1 where there is none. */
static void make_descriptors(struct lab_compiler *c, bool scans, bool asyncs)
{
    c->fds += 2;
    c->ofds += 2;
    lab_emit_int(c, scans ? -1 : 0);
    if (!scans) {
        c->epolls++;
        lab_emit_call(c, DRV_NR_EPOLL_CREATE, 1, 0);
    }
    lab_emit_int(c, asyncs ? 0 : -1);
    if (asyncs) {
        c->eventfds++;
        lab_emit_int(c, DRV_O_NONBLOCK);
        lab_emit_call(c, DRV_NR_EVENTFD, 2, 0);
    }
    lab_emit(c, LAB_DO_LOOP_NEW);
}

/* Stack: events, descriptor, callback.  Goes to the callback, or falls through if nobody's. */
static void tell(struct lab_compiler *c, uint32_t turn)
{
    uint32_t other = 0;
    uint16_t depth = c->unit.depth;

    for (unsigned i = 1; i <= c->unit.callbacks; i++) {
        uint32_t not_this = 0;
        lab_emit(c, LAB_DO_DUP);
        lab_emit_int(c, i);
        lab_emit(c, LAB_DO_EQ);
        lab_emit_jump(c, LAB_DO_JUMP_ZERO, &not_this);
        lab_emit(c, LAB_DO_POP);
        lab_emit_jump_to(c, LAB_DO_JUMP, c->unit.entry[i]);
        c->unit.depth = depth;
        lab_patch(c, not_this);
    }
    lab_emit_jump(c, LAB_DO_JUMP_ZERO, &other);
    lab_emit_int(c, 8);
    lab_emit_call(c, DRV_NR_READ, 2, 0);
    lab_emit(c, LAB_DO_LOOP_TELL);
    lab_emit(c, LAB_DO_POP);
    lab_emit_jump_to(c, LAB_DO_JUMP, turn);
    c->unit.depth = (uint16_t)(depth - 1);
    lab_patch(c, other);
    drop(c, 2);
}

static void wait(struct lab_compiler *c, const struct lab_loop_config *config)
{
    static const uint8_t calls[] = {
        [LAB_LOOP_EPOLL] = DRV_NR_EPOLL_WAIT,
        [LAB_LOOP_EPOLL_ET] = DRV_NR_EPOLL_WAIT,
        [LAB_LOOP_EPOLL_ONESHOT] = DRV_NR_EPOLL_WAIT,
        [LAB_LOOP_POLL] = DRV_NR_POLL,
        [LAB_LOOP_SELECT] = DRV_NR_SELECT,
    };
    unsigned argc = config->backend >= LAB_LOOP_POLL ? LAB_LOOP_SCAN_ARGS(config->polls) : 3u;

    lab_emit(c, LAB_DO_LOOP_WAIT);
    lab_emit_stack(c, (int)argc);
    lab_emit_call(c, calls[config->backend], argc, LAB_CALL_EVENTS);
    lab_emit(c, LAB_DO_LOOP_FEED);
}

void lab_compile_loop(struct lab_compiler *c, unsigned t)
{
    const struct lab_task *task = &c->s->tasks[t];
    const struct lab_loop_config *config = &c->program->loop[c->program->loops];
    uint32_t turn;

    c->unit.loop = c->program->loops;
    configure(c, task);
    if (c->failed)
        return;
    c->unit.fd_slot = lab_hidden(c);
    c->unit.events_slot = lab_hidden(c);
    c->unit.events_max = LAB_LOOP_REPORTS;
    c->unit.foreach_deepest = 1;
    make_descriptors(c, config->backend >= LAB_LOOP_POLL,
                     sources_in(c->s, task->body, LAB_N_ASYNC, 1) > 0);
    lab_compile_block(c, task->body);
    lab_patch(c, c->unit.turns);
    turn = lab_here(c);
    lab_emit(c, LAB_DO_LOOP_NEXT);
    tell(c, turn);
    change(c);
    wait(c, config);
    lab_emit_jump_to(c, LAB_DO_JUMP, turn);
}
