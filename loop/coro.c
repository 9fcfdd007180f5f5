/*
 * loop/coro.c - coroutines: stacks, parking, waiting for one another.
 *
 * A coroutine is run from the loop's own stack only - by the callback of what it waited for, or
 * by the hook at the end of a turn - and parks by switching back there.  Its record lies at the
 * top of its stack, below it a guard page: a stack that overflows ends the program at once.
 */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "loop/coro_internal.h"
#include "loop/internal.h"

/* ---- stacks ---- */

struct spare {
    struct spare *next;
};

static size_t page_bytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

/* A stack with a guard page below; 0: no memory. */
static char *take_stack(struct loop_coros *set)
{
    size_t guard = page_bytes();
    char *base;

    if (set->stacks) {
        struct spare *spare = set->stacks;

        set->stacks = spare->next;
        return (char *)(spare + 1) - set->stack_bytes;
    }
    base = mmap(NULL, guard + set->stack_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED)
        return NULL;
    if (mprotect(base + guard, set->stack_bytes, PROT_READ | PROT_WRITE) < 0) {
        munmap(base, guard + set->stack_bytes);
        return NULL;
    }
    return base + guard;
}

static void give_stack(struct loop_coros *set, char *stack)
{
    struct spare *spare = (struct spare *)(void *)(stack + set->stack_bytes) - 1;

    spare->next = set->stacks;
    set->stacks = spare;
}

/* ---- being ready, running, parking ---- */

void loop_coro_ready(struct loop_coro *coro, int result)
{
    struct loop_coros *set = coro->set;

    coro->woken_with = result;
    coro->waits_for = WAITS_FOR_TURN;
    coro->next_ready = NULL;
    *set->ready_end = coro;
    set->ready_end = &coro->next_ready;
}

static void forget(struct loop_coro *coro)
{
    struct loop_coro **at = &coro->set->all;

    while (*at != coro)
        at = &(*at)->next;
    *at = coro->next;
    free(coro);
}

void loop_coro_resume(struct loop_coro *coro)
{
    struct loop_coros *set = coro->set;

    coro->waits_for = WAITS_FOR_NOTHING;
    coro->gives_way = LOOP_CORO_GIVES_WAY;
    loop_context_switch(&set->outside, &coro->context);
    if (!coro->ended)
        return;
    give_stack(set, coro->stack);
    coro->stack = NULL;
    set->running--;
    if (coro->waiter)
        loop_coro_wake(coro->waiter, coro->result);
    if (coro->detached)
        forget(coro);
}

/* At the end of a turn: those who were made ready, each once. */
static void run_ready(struct loop *loop, const struct loop_ready *ready, void *arg)
{
    struct loop_coros *set = arg;
    struct loop_coro *coro = set->ready;

    set->ready = NULL;
    set->ready_end = &set->ready;
    while (coro) {
        struct loop_coro *next = coro->next_ready;

        loop_coro_resume(coro);
        coro = next;
    }
    if (set->ready)
        loop_again(&loop->core, ready->id);
}

static void limit_reached(struct loop *loop, const struct loop_ready *ready, void *arg)
{
    struct loop_coro *coro = arg;

    (void)loop;
    (void)ready;
    coro->timer = 0;
    loop_coro_wake(coro, coro->waits_for == WAITS_FOR_TIME ? 0 : -ETIMEDOUT);
}

void loop_coro_wake(struct loop_coro *coro, int result)
{
    if (coro->waits_for == WAITS_FOR_NOTHING || coro->waits_for == WAITS_FOR_TURN)
        return;
    if (coro->timer) {
        loop_remove(coro->set->loop, coro->timer);
        coro->timer = 0;
    }
    if (coro->waits_for == WAITS_FOR_CORO)
        coro->other->waiter = NULL;
    loop_coro_forget_fd(coro);
    loop_coro_ready(coro, result);
}

int loop_coro_park(struct loop_coro *self, enum coro_waits waits_for, int64_t limit_ns)
{
    bool hopeful;

    assert(self->waits_for == WAITS_FOR_NOTHING);
    if (self->canceled) {
        self->canceled = false;
        return -ECANCELED;
    }
    if (limit_ns >= 0) {
        self->timer =
            loop_add_timer(self->set->loop, (uint64_t)limit_ns, 0, limit_reached, self);
        if (self->timer < 0)
            return self->timer;
    }
    hopeful = waits_for != WAITS_FOR_CORO || limit_ns >= 0;
    self->set->hopeful += hopeful;
    self->waits_for = (uint8_t)waits_for;
    loop_context_switch(&self->context, &self->set->outside);
    self->set->hopeful -= hopeful;
    if (self->timer) {
        loop_remove(self->set->loop, self->timer);
        self->timer = 0;
    }
    if (self->canceled) {
        self->canceled = false;
        return -ECANCELED;
    }
    return self->woken_with;
}

int loop_coro_give_way(struct loop_coro *self)
{
    if (self->gives_way-- > 0)
        return 0;
    return loop_coro_yield(self);
}

/* ---- coroutines ---- */

/* First function on a coroutine's stack, and the last one. */
static void entry(void *arg)
{
    struct loop_coro *coro = arg;

    coro->result = coro->function(coro, coro->arg);
    coro->ended = true;
    loop_context_switch(&coro->context, &coro->set->outside);
    abort();
}

struct loop_coro *loop_coro_start(struct loop_coros *set, const char *name,
                                  loop_coro_function *function, void *arg)
{
    struct loop_coro *coro = calloc(1, sizeof(*coro));

    if (!coro)
        return NULL;
    coro->stack = take_stack(set);
    if (!coro->stack) {
        free(coro);
        return NULL;
    }
    coro->set = set;
    coro->name = name;
    coro->function = function;
    coro->arg = arg;
    coro->fd = -1;
    coro->limit_ns = -1;
    loop_context_make(&coro->context, coro->stack, set->stack_bytes, entry, coro);
    coro->next = set->all;
    set->all = coro;
    set->running++;
    loop_coro_ready(coro, 0);
    return coro;
}

void loop_coro_detach(struct loop_coro *coro)
{
    coro->detached = true;
    if (coro->ended)
        forget(coro);
}

void loop_coro_cancel(struct loop_coro *coro)
{
    coro->canceled = !coro->ended;
    loop_coro_wake(coro, -ECANCELED);
}

void loop_coro_limit(struct loop_coro *self, int64_t ns)
{
    self->limit_ns = ns;
}

struct loop_coros *loop_coro_set(struct loop_coro *self)
{
    return self->set;
}

int loop_coro_wait(struct loop_coro *self, struct loop_coro *other)
{
    int result;

    if (other == self)
        return -EDEADLK;
    if (other->waiter)
        return -EBUSY;
    if (!other->ended) {
        other->waiter = self;
        self->other = other;
        result = loop_coro_park(self, WAITS_FOR_CORO, self->limit_ns);
        self->other = NULL;
        if (!other->ended) {
            other->waiter = NULL;
            return result;
        }
    }
    result = other->result;
    forget(other);
    return result;
}

int loop_coro_sleep(struct loop_coro *self, uint64_t ns)
{
    return loop_coro_park(self, WAITS_FOR_TIME, ns > INT64_MAX ? INT64_MAX : (int64_t)ns);
}

int loop_coro_yield(struct loop_coro *self)
{
    if (!self->canceled) {
        loop_coro_ready(self, 0);
        loop_context_switch(&self->context, &self->set->outside);
    }
    if (!self->canceled)
        return 0;
    self->canceled = false;
    return -ECANCELED;
}

/* ---- sets ---- */

int loop_coros_open(struct loop_coros *set, struct loop *loop, size_t stack_bytes)
{
    size_t page = page_bytes();
    loop_id hook = loop_add_hook(loop, LOOP_PREPARE, run_ready, set);

    if (hook < 0)
        return hook;
    memset(set, 0, sizeof(*set));
    set->loop = loop;
    set->hook = hook;
    set->ready_end = &set->ready;
    set->stack_bytes = stack_bytes ? (stack_bytes + page - 1) / page * page : LOOP_CORO_STACK;
    set->fds = calloc(loop->core.at.descriptors, sizeof(*set->fds));
    if (!set->fds) {
        loop_remove(loop, hook);
        return -ENOMEM;
    }
    return 0;
}

int loop_coros_run(struct loop_coros *set)
{
    struct loop *loop = set->loop;
    int told = 0;

    loop->stopped = false;
    loop_dispatch_all(loop);
    while (set->running && !loop->stopped && told >= 0) {
        /* Armed descriptors that nobody waits for end nothing. */
        if (!set->hopeful && !loop_core_pending(&loop->core) && loop->core.active <= set->armed)
            return -EDEADLK;
        told = loop_turn(loop, -1);
    }
    return told < 0 ? told : 0;
}

void loop_coros_close(struct loop_coros *set)
{
    while (set->running) {
        for (struct loop_coro *coro = set->all; coro; coro = coro->next)
            loop_coro_cancel(coro);
        loop_turn(set->loop, 0);
    }
    for (struct loop_coro *coro = set->all, *next; coro; coro = next) {
        next = coro->next;
        free(coro);
    }
    set->all = NULL;
    while (set->stacks) {
        struct spare *spare = set->stacks;
        char *base = (char *)(spare + 1) - set->stack_bytes - page_bytes();

        set->stacks = spare->next;
        munmap(base, page_bytes() + set->stack_bytes);
    }
    loop_coro_forget_fds(set);
    free(set->fds);
    loop_remove(set->loop, set->hook);
}

/* ---- who waits for what ---- */

/* What the kernel calls the file, as "pipe:[4711]". */
static const char *name_of_file(int fd, char *name, size_t size)
{
    char path[32];
    ssize_t n;

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    n = readlink(path, name, size - 1);
    if (n <= 0)
        return "closed";
    name[n] = '\0';
    return name;
}

unsigned loop_coros_report(const struct loop_coros *set, FILE *out)
{
    char name[64];
    unsigned n = 0;

    for (const struct loop_coro *coro = set->all; coro; coro = coro->next) {
        if (coro->ended || coro->waits_for == WAITS_FOR_NOTHING)
            continue;
        n++;
        fprintf(out, "%s waits ", coro->name);
        switch ((enum coro_waits)coro->waits_for) {
        case WAITS_FOR_CORO:
            fprintf(out, "for %s to end\n", coro->other->name);
            break;
        case WAITS_FOR_INPUT:
        case WAITS_FOR_OUTPUT:
            fprintf(out, "to %s descriptor %d (%s)\n",
                    coro->waits_for == WAITS_FOR_INPUT ? "read" : "write", coro->fd,
                    name_of_file(coro->fd, name, sizeof(name)));
            break;
        case WAITS_FOR_CHILD:
            fprintf(out, "for a child to end\n");
            break;
        case WAITS_FOR_TIME:
            fprintf(out, "for its time to come\n");
            break;
        case WAITS_FOR_TURN:
        case WAITS_FOR_NOTHING:
            fprintf(out, "for its turn\n");
            break;
        }
    }
    return n;
}
