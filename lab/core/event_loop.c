/*
 * lab/core/event_loop.c - `loop NAME { }`: the event loop of loop/core.h, stepped by a task.
 *
 * The core makes no call of the kernel.  The code of a loop's task (lab/core/compile_loop.c)
 * asks it here what is next: a callback, a change to be told by epoll_ctl(), or the wait; the
 * calls between are the task's own and steps as any other.  All of a loop lies in the arena.
 *
 * Its time starts anew with each wait, so that a loop that has come round stands where it
 * stood. Under the clock it goes on as the clock does; without one it stands still, but for a
 * wait that timed out, which brings the timer that it was for.
 *
 * Not modelled: a new epoll instance when one reports a file that was closed and lives on as a
 * duplicate (loop/loop.c has it; docs/loop.md).
 */
#include "drivers/errno.h"
#include "drivers/file.h"
#include "lab/core/internal.h"
#include "loop/core.h"

enum { WAIT_MAX = LAB_LOOP_REPORTS };

/* Behind it the core's arrays, then each source's callback and how often a timer has told. */
struct lab_loop {
    struct loop_core core;     /* its pointers are 0 while nobody works with it */
    int64_t timeout_ns;        /* of the wait; -1 none */
    struct loop_change change; /* on its way to the kernel */
    int32_t epoll, wake;       /* descriptors, -1 none */
    uint32_t asked;            /* bit per async that was sent and not told */
    uint64_t always;           /* bit per descriptor that libev takes to be ready always */
    loop_id async[LAB_LOOP_ASYNCS];
    uint8_t retry;     /* enum loop_change_op the change is tried with next, 0: a new one */
    uint8_t wake_file; /* 1 + file of `wake` */
    uint8_t zero[6];
};

static uint32_t rounded(uint32_t bytes)
{
    return (bytes + 7u) & ~7u;
}

uint32_t lab_loop_bytes(const struct lab_program *program, unsigned loop)
{
    const struct lab_loop_config *config = &program->loop[loop];

    return rounded(sizeof(struct lab_loop)) +
           config->sources * (uint32_t)(sizeof(struct loop_slot) + sizeof(struct loop_due)) +
           rounded(config->sources * (uint32_t)sizeof(uint32_t)) +
           config->descriptors * (uint32_t)sizeof(struct loop_fd) + 2u * config->sources;
}

/* A loop taken out of the arena. */
struct open_loop {
    struct lab *lab;
    const struct lab_loop_config *config;
    struct lab_loop *own;
    struct loop_core *core;
    uint8_t *callback, *told;
    uint64_t *base_ns; /* when its time was 0 */
};

static struct open_loop take(struct lab *lab, unsigned loop)
{
    const struct lab_loop_config *config = &lab->program->loop[loop];
    struct lab_loop *own = (struct lab_loop *)(void *)lab->loop[loop];
    uint8_t *at = lab->loop[loop] + rounded(sizeof(*own));
    struct loop_arrays *arrays = &own->core.at;

    arrays->slots = (struct loop_slot *)(void *)at;
    at += config->sources * sizeof(struct loop_slot);
    arrays->heap = (struct loop_due *)(void *)at;
    at += config->sources * sizeof(struct loop_due);
    arrays->place = (uint32_t *)(void *)at;
    at += rounded(config->sources * (uint32_t)sizeof(uint32_t));
    arrays->fds = (struct loop_fd *)(void *)at;
    at += config->descriptors * sizeof(struct loop_fd);
    arrays->sources = config->sources;
    arrays->descriptors = config->descriptors;
    return (struct open_loop){
        lab, config, own, &own->core, at, at + config->sources, &lab->loop_base[loop]};
}

static void put(struct open_loop *loop)
{
    lab_zero(&loop->core->at, sizeof(loop->core->at));
}

/* The loop's time. */
static uint64_t now_of(const struct open_loop *loop)
{
    const struct lab *lab = loop->lab;

    return lab->untimed ? loop->core->now_ns : lab->trace.at + lab->spent_ns - *loop->base_ns;
}

/* Is the kernel told with each wait what is watched? */
static bool scans(const struct open_loop *loop)
{
    return loop->config->backend >= LAB_LOOP_POLL;
}

static bool is_always(const struct open_loop *loop, uint32_t fd)
{
    return fd < 64 && loop->own->always >> fd & 1 && loop->core->at.fds[fd].told;
}

/* ---- sources ---- */

/* @id may be an error: of a descriptor that cannot be one, nothing is told. */
static void add_source(struct open_loop *loop, loop_id id, unsigned callback)
{
    uint32_t index = loop_index(loop->core, id);

    if (id == -DRV_ENOSPC)
        (void)drv_exhausted(&loop->lab->drv, DRV_NR_EPOLL_CTL, DRV_ENOSPC);
    if (!index)
        return;
    loop->callback[index] = (uint8_t)callback;
    loop->told[index] = 0;
}

static void begin(struct open_loop *loop, unsigned task, int64_t epoll, int64_t wake)
{
    struct loop_arrays arrays = loop->core->at;
    drv_ofd_id ofd;

    loop_core_init(loop->core, &arrays, 0);
    *loop->base_ns = loop->lab->trace.at;
    loop->own->epoll = (int32_t)epoll;
    loop->own->wake = (int32_t)wake;
    loop->own->timeout_ns = -1;
    if (wake < 0)
        return;
    ofd = drv_fd_ofd(&loop->lab->drv, (drv_task_id)task, wake);
    loop->own->wake_file = (uint8_t)(loop->lab->drv.ofd[ofd].file + 1);
    add_source(loop, loop_core_add_io(loop->core, LOOP_IO, (int)wake, LOOP_IN),
               LAB_CALLBACK_WAKE);
}

static void add_timer(struct open_loop *loop, int64_t delay, int64_t repeat, unsigned callback)
{
    loop_core_advance(loop->core, now_of(loop));
    add_source(loop,
               loop_core_add_timer(loop->core, delay > 0 ? (uint64_t)delay : 0,
                                   repeat > 0 ? (uint64_t)repeat : 0),
               callback);
}

static void add_async(struct open_loop *loop, unsigned async, unsigned callback)
{
    loop_id id = loop_core_add(loop->core, LOOP_WAKE, -1);

    loop->own->async[async] = id;
    add_source(loop, id, callback);
    if (loop->own->asked >> async & 1)
        loop_core_tell(loop->core, id, LOOP_DUE);
    loop->own->asked &= ~(1u << async);
}

static int descriptor_of(int64_t value)
{
    return value < 0 || value > INT32_MAX ? -1 : (int)value;
}

/* All sources of the descriptor go. */
static void drop(struct open_loop *loop, int64_t fd)
{
    for (uint32_t i = LOOP_HEADS; i < loop->core->at.sources; i++)
        if (loop->core->at.slots[i].kind == LOOP_IO && loop->core->at.slots[i].of == fd)
            loop_core_remove(loop->core, loop_core_id(loop->core, i));
}

static void tell_asked(struct open_loop *loop)
{
    for (unsigned k = 0; k < LAB_LOOP_ASYNCS; k++)
        if (loop->own->asked >> k & 1 && loop->own->async[k])
            loop_core_tell(loop->core, loop->own->async[k], LOOP_DUE);
    loop->own->asked = 0;
}

int lab_loop_bell(const struct lab *lab, unsigned loop)
{
    const struct lab_loop *own = (const struct lab_loop *)(const void *)lab->loop[loop];

    return own->asked == 0 && own->wake_file ? own->wake : -1;
}

void lab_loop_send(struct lab *lab, unsigned loop, unsigned async)
{
    struct lab_loop *own = (struct lab_loop *)(void *)lab->loop[loop];
    bool first = own->asked == 0;

    own->asked |= 1u << async;
    if (first && own->wake_file)
        drv_eventfd_signal(&lab->drv, (drv_file_id)(own->wake_file - 1));
}

/* ---- turns ---- */

/* A timer that repeats does so as often as the scenario lets it. */
static void count_tick(struct open_loop *loop, const struct loop_ready *ready, uint32_t index)
{
    if (ready->kind != LOOP_TIMER || !loop->core->at.slots[index].repeat_ns)
        return;
    if (++loop->told[index] >= loop->lab->program->limit_ticks ||
        loop->told[index] == UINT8_MAX)
        loop_core_remove(loop->core, ready->id);
}

/* Who is told next: its callback, 0 nobody's. */
static unsigned next(struct open_loop *loop, struct loop_ready *ret_ready)
{
    uint32_t index;
    unsigned callback;

    lab_zero(ret_ready, sizeof(*ret_ready));
    if (!loop_next(loop->core, ret_ready))
        return 0;
    index = loop_index(loop->core, ret_ready->id);
    callback = loop->callback[index];
    count_tick(loop, ret_ready, index);
    return callback;
}

/* What is watched lies in the core, for those that are told with each wait. */
static bool change(struct open_loop *loop)
{
    struct loop_change *now = &loop->own->change;

    if (loop->own->retry) {
        now->op = loop->own->retry;
        return true;
    }
    while (loop_change(loop->core, now))
        if (!scans(loop))
            return true;
    lab_zero(now, sizeof(*now));
    return false;
}

/* What epoll_ctl() said to the change, as loop/backend_epoll.c and loop/loop.c take it. */
static void changed(struct open_loop *loop, int64_t result)
{
    struct loop_change *now = &loop->own->change;
    bool again = loop->own->retry != 0;

    loop->own->retry = 0;
    if (now->fd < 64 && (now->op == LOOP_DEL || result >= 0))
        loop->own->always &= ~(UINT64_C(1) << now->fd);
    if (result == -DRV_EPERM && loop->config->emulates && now->op != LOOP_DEL && now->fd < 64) {
        loop->own->always |= UINT64_C(1) << now->fd;
        return;
    }
    if (!again && now->op == LOOP_MOD && result == -DRV_ENOENT)
        loop->own->retry = LOOP_ADD;
    else if (!again && now->op == LOOP_ADD && result == -DRV_EEXIST)
        loop->own->retry = LOOP_MOD;
    if (loop->own->retry || result >= 0 || now->op == LOOP_DEL)
        return;
    loop_change_failed(loop->core, now->fd);
    if (result == -DRV_EPERM)
        return; /* a file that is always ready: it is never told */
    loop->core->at.fds[now->fd].told = now->events;
    loop_core_lose(loop->core, now->fd);
}

/* select() does not say which descriptor it is that is not open. */
static unsigned closed(const struct open_loop *loop, unsigned task, struct loop_result *results)
{
    unsigned n = 0;

    for (uint32_t fd = 0; fd < loop->core->at.descriptors && n < WAIT_MAX; fd++) {
        const struct loop_fd *entry = &loop->core->at.fds[fd];
        if (!entry->told || drv_fd_ofd(&loop->lab->drv, (drv_task_id)task, fd) != DRV_NONE)
            continue;
        results[n++] = (struct loop_result){LOOP_GONE, (int32_t)fd, entry->tag};
    }
    return n;
}

static void feed(struct open_loop *loop, unsigned task, const struct drv_event *events,
                 int64_t count)
{
    struct loop_result results[WAIT_MAX];
    bool oneshot = loop->config->backend == LAB_LOOP_EPOLL_ONESHOT;
    uint64_t now = now_of(loop);
    unsigned n = 0;

    if (loop->lab->untimed && count == 0 && loop->own->timeout_ns > 0)
        now += (uint64_t)loop->own->timeout_ns;
    for (; n < count && n < WAIT_MAX; n++) {
        uint32_t fd = (uint32_t)events[n].data;
        results[n].events = events[n].events | (oneshot ? LOOP_DISARMED : 0u);
        results[n].fd = (int32_t)fd;
        results[n].tag = scans(loop) ? loop->core->at.fds[fd].tag
                                     : (uint32_t)((uint64_t)events[n].data >> 32);
    }
    if (count == -DRV_EBADF)
        n = closed(loop, task, results);
    for (uint32_t fd = 0; loop->own->always && fd < loop->core->at.descriptors; fd++)
        if (is_always(loop, fd) && n < WAIT_MAX)
            results[n++] =
                (struct loop_result){loop->core->at.fds[fd].told & (LOOP_IN | LOOP_OUT),
                                     (int32_t)fd, loop->core->at.fds[fd].tag};
    loop_feed(loop->core, now, results, n);
    loop->core->stale = 0; /* it only counts, and nobody here renews the instance */
    loop->own->timeout_ns = -1;
}

/* ---- the operations of its code ---- */

struct stack {
    struct lab_frame *frame;
    int64_t *slot;
    uint8_t *tag;
};

static void push(struct stack *stack, int64_t value)
{
    stack->slot[stack->frame->sp] = value;
    stack->tag[stack->frame->sp++] = 0;
}

static int64_t pop(struct stack *stack)
{
    unsigned at = --stack->frame->sp;
    int64_t value = stack->slot[at];

    stack->slot[at] = 0;
    stack->tag[at] = 0;
    return value;
}

/* epoll_ctl()'s arguments, and whether there is anything to tell. */
static void push_change(struct open_loop *loop, struct stack *stack)
{
    static const uint32_t modes[] = {
        [LAB_LOOP_EPOLL_ET] = DRV_EPOLLET,
        [LAB_LOOP_EPOLL_ONESHOT] = DRV_EPOLLONESHOT,
        [LAB_LOOP_SELECT] = 0,
    };
    bool any = change(loop);
    const struct loop_change *now = &loop->own->change;

    push(stack, any ? loop->own->epoll : 0);
    push(stack, now->op);
    push(stack, now->fd);
    push(stack, any ? (int64_t)(now->events | modes[loop->config->backend]) : 0);
    push(stack, (int64_t)((uint32_t)now->fd | (uint64_t)now->tag << 32));
    push(stack, any);
}

/* Descriptors that are watched for one of @events; 0: those of any, with their events. */
static unsigned push_watched(struct open_loop *loop, struct stack *stack, unsigned events)
{
    const struct loop_core *core = loop->core;
    unsigned n = 0, count = stack->frame->sp;

    push(stack, 0);
    for (uint32_t fd = 0; fd < core->at.descriptors && n < loop->config->polls; fd++) {
        unsigned told = core->at.fds[fd].told;
        if (!told || (events && !(told & events)))
            continue;
        push(stack, fd);
        if (!events)
            push(stack, told);
        n++;
    }
    stack->slot[count] = n;
    return stack->frame->sp - count;
}

/* poll()'s or select()'s arguments; the call has room for more, and ends with the time-out too.
 */
static void push_scan(struct open_loop *loop, struct stack *stack)
{
    bool select = loop->config->backend == LAB_LOOP_SELECT;
    unsigned used = push_watched(loop, stack, select ? LOOP_IN : 0);

    if (select)
        used += push_watched(loop, stack, LOOP_OUT);
    push(stack, loop->own->timeout_ns);
    for (used++; used < LAB_LOOP_SCAN_ARGS(loop->config->polls) - 1u; used++)
        push(stack, 0);
    push(stack, loop->own->timeout_ns);
}

static void push_wait(struct open_loop *loop, struct stack *stack)
{
    loop_core_advance(loop->core, now_of(loop));
    loop_core_rebase(loop->core);
    *loop->base_ns = loop->lab->trace.at + loop->lab->spent_ns;
    loop->own->timeout_ns = loop_prepare(loop->core, 0);
    for (uint32_t fd = 0; loop->own->always && fd < loop->core->at.descriptors; fd++)
        if (is_always(loop, fd))
            loop->own->timeout_ns = 0;
    if (scans(loop)) {
        push_scan(loop, stack);
        return;
    }
    push(stack, loop->own->epoll);
    push(stack, WAIT_MAX);
    push(stack, loop->own->timeout_ns);
}

static void operate(struct open_loop *loop, struct stack *stack, unsigned task,
                    enum lab_opcode op, unsigned operand)
{
    struct drv_event *events = loop->lab->events[task];
    struct loop_ready ready;
    int64_t value;

    switch (op) {
    case LAB_DO_LOOP_NEW:
        value = pop(stack);
        begin(loop, task, pop(stack), value);
        break;
    case LAB_DO_LOOP_ON:
        value = pop(stack);
        add_source(loop,
                   loop_core_add_io(loop->core, LOOP_IO, descriptor_of(pop(stack)),
                                    (unsigned)value & ~(unsigned)LOOP_UNASKED),
                   operand);
        break;
    case LAB_DO_LOOP_OFF:
        drop(loop, pop(stack));
        break;
    case LAB_DO_LOOP_TIMER:
        value = pop(stack);
        add_timer(loop, pop(stack), value, operand);
        break;
    case LAB_DO_LOOP_ASYNC:
        add_async(loop, (unsigned)pop(stack), operand);
        break;
    case LAB_DO_LOOP_NEXT:
        operand = next(loop, &ready);
        push(stack, ready.events);
        push(stack, ready.value);
        push(stack, operand);
        break;
    case LAB_DO_LOOP_TELL:
        pop(stack);
        tell_asked(loop);
        break;
    case LAB_DO_LOOP_CHANGE:
        push_change(loop, stack);
        break;
    case LAB_DO_LOOP_CHANGED:
        changed(loop, pop(stack));
        break;
    case LAB_DO_LOOP_WAIT:
        push_wait(loop, stack);
        break;
    default: /* LOOP_FEED */
        feed(loop, task, events, pop(stack));
        lab_zero(events, WAIT_MAX * sizeof(*events));
        break;
    }
}

void lab_loop_operate(struct lab *lab, unsigned frame, enum lab_opcode op, unsigned operand)
{
    unsigned task = lab->frame_task[frame];
    struct stack stack = {lab->frame[frame], lab->slots[frame], lab->tags[frame]};
    struct open_loop loop = take(lab, lab->task_code[task].loop - 1u);

    operate(&loop, &stack, task, op, operand);
    put(&loop);
}
