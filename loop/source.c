/*
 * loop/source.c - what can be waited for, on the host: adding and removing it.
 *
 * A first interest in a descriptor is told to the kernel at once, so that the error is the
 * caller's to see; so is the last one's end, for a close() may follow.  What changes in between
 * is told before the next wait, several changes as one.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "loop/internal.h"

static inline int need_slot(struct loop *loop)
{
    return loop->core.free ? 0 : loop_need_slot(loop);
}

static void say_nothing(struct loop *loop, const struct loop_ready *ready, void *arg)
{
    (void)loop;
    (void)ready;
    (void)arg;
}

/* Gives a new source its callback, or hands its error on. */
static inline loop_id with_call(struct loop *loop, loop_id id, loop_callback *function,
                                void *arg)
{
    if (id > 0)
        loop->calls[(uint32_t)id & LOOP_SOURCES_MAX] =
            (struct loop_call){function ? function : say_nothing, arg};
    return id;
}

static loop_id add_io(struct loop *loop, enum loop_kind kind, int fd, unsigned events)
{
    int error = need_slot(loop);
    bool first;
    loop_id id;

    if (error)
        return error;
    id = loop_core_add_io(&loop->core, kind, fd, events);
    if (id < 0)
        return id;
    first = loop->core.at.fds[fd].told == 0;
    error = first ? loop_tell_kernel(loop, fd) : 0;
    if (error) {
        loop_core_remove(&loop->core, id);
        return error;
    }
    return id;
}

loop_id loop_add_io(struct loop *loop, int fd, unsigned events, loop_callback *function,
                    void *arg)
{
    return with_call(loop, add_io(loop, LOOP_IO, fd, events), function, arg);
}

int loop_set_events(struct loop *loop, loop_id id, unsigned events)
{
    return loop_core_set_events(&loop->core, id, events);
}

loop_id loop_add_timer(struct loop *loop, uint64_t delay_ns, uint64_t repeat_ns,
                       loop_callback *function, void *arg)
{
    int error = need_slot(loop);

    if (error)
        return error;
    if (!loop->fresh)
        loop_now(loop);
    return with_call(loop, loop_core_add_timer(&loop->core, delay_ns, repeat_ns), function,
                     arg);
}

int loop_set_timer(struct loop *loop, loop_id id, uint64_t delay_ns, uint64_t repeat_ns)
{
    loop_now(loop);
    return loop_core_set_timer(&loop->core, id, delay_ns, repeat_ns);
}

static loop_id add_plain(struct loop *loop, enum loop_kind kind, int of)
{
    int error = need_slot(loop);

    return error ? error : loop_core_add(&loop->core, kind, of);
}

loop_id loop_add_hook(struct loop *loop, enum loop_kind kind, loop_callback *function,
                      void *arg)
{
    if (kind != LOOP_IDLE && kind != LOOP_PREPARE && kind != LOOP_CHECK)
        return -EINVAL;
    return with_call(loop, add_plain(loop, kind, -1), function, arg);
}

loop_id loop_add_signal(struct loop *loop, int signal, loop_callback *function, void *arg)
{
    int error = loop_need_bell(loop);

    if (!error)
        error = loop_signal_take(loop, signal);
    if (error)
        return error;
    return with_call(loop, add_plain(loop, LOOP_SIGNAL, signal), function, arg);
}

loop_id loop_add_child(struct loop *loop, pid_t child, loop_callback *function, void *arg)
{
    long fd = syscall(SYS_pidfd_open, child, 0);
    loop_id id;

    if (fd < 0)
        return errno == ESRCH ? -ECHILD : -errno;
    fcntl((int)fd, F_SETFD, FD_CLOEXEC);
    id = add_io(loop, LOOP_CHILD, (int)fd, LOOP_IN);
    if (id < 0)
        close((int)fd);
    return with_call(loop, id, function, arg);
}

int loop_need_bell(struct loop *loop)
{
    loop_id id;

    if (loop->bell >= 0)
        return 0;
    loop->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (loop->bell < 0)
        return -errno;
    id = add_io(loop, LOOP_IO, loop->bell, LOOP_IN);
    if (id < 0) {
        close(loop->bell);
        loop->bell = -1;
        return id;
    }
    with_call(loop, id, loop_answer_bell, NULL);
    loop->core.active--; /* by itself it is no reason to go on */
    return 0;
}

void loop_ring(struct loop *loop)
{
    static const uint64_t one = 1;

    if (!atomic_exchange(&loop->rung, true) && write(loop->bell, &one, sizeof(one)) < 0)
        atomic_store(&loop->rung, false); /* only a full counter says so, and it is not */
}

loop_id loop_add_wake(struct loop *loop, struct loop_waker *waker, loop_callback *function,
                      void *arg)
{
    int error = loop_need_bell(loop);
    loop_id id;

    if (error)
        return error;
    id = add_plain(loop, LOOP_WAKE, -1);
    if (id < 0)
        return id;
    waker->loop = loop;
    waker->id = id;
    waker->next = loop->wakers;
    atomic_init(&waker->sent, false);
    loop->wakers = waker;
    return with_call(loop, id, function, arg);
}

void loop_wake(struct loop_waker *waker)
{
    if (!atomic_exchange(&waker->sent, true))
        loop_ring(waker->loop);
}

static void forget_waker(struct loop *loop, loop_id id)
{
    struct loop_waker **at = &loop->wakers;

    while ((*at)->id != id)
        at = &(*at)->next;
    *at = (*at)->next;
}

static bool has_signal(const struct loop_core *core, int signal)
{
    for (uint32_t i = core->kinds[LOOP_SIGNAL]; i; i = core->at.slots[i].peer) {
        if (core->at.slots[i].of == signal)
            return true;
    }
    return false;
}

int loop_remove(struct loop *loop, loop_id id)
{
    uint32_t index = loop_index(&loop->core, id);
    int kind = loop->core.at.slots[index].kind, of = loop->core.at.slots[index].of;

    if (index == 0)
        return -ENOENT;
    loop_core_remove(&loop->core, id);
    if (kind == LOOP_TIMER)
        return 0;
    if (kind == LOOP_IO || kind == LOOP_CHILD)
        loop_tell_kernel(loop, of);
    if (kind == LOOP_CHILD)
        close(of);
    if (kind == LOOP_WAKE)
        forget_waker(loop, id);
    if (kind == LOOP_SIGNAL && !has_signal(&loop->core, of))
        loop_signal_give(loop, of);
    return 0;
}

int loop_accept(struct loop *loop, int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), error = errno;

    if (loop->spare < 0)
        loop->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd >= 0)
        return fd;
    if ((error != EMFILE && error != ENFILE) || loop->spare < 0)
        return -error;
    close(loop->spare);
    fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0)
        close(fd);
    else
        error = errno;
    loop->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return -error;
}
