/*
 * loop/coro_io.c - calls on descriptors that park.
 *
 * A descriptor is tried first and waited for only when it has nothing.  Its source stays with
 * the loop between two calls, so that a dialogue costs one wait, one read and one write a turn
 * as it does without coroutines; only when something is reported that nobody waits for is it
 * taken out.  On a level back end a short count already says that nothing is left; on an edge
 * one only -EAGAIN does, for a datagram socket has short counts and more to come.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "loop/coro_internal.h"

enum { FAILED = LOOP_ERR | LOOP_HUP | LOOP_GONE };

static void resume_on(struct loop_coro **slot)
{
    struct loop_coro *coro = *slot;

    if (!coro || coro->waits_for == WAITS_FOR_TURN)
        return;
    *slot = NULL;
    coro->fd = -1;
    coro->woken_with = 0;
    loop_coro_resume(coro);
}

/* What the descriptor's source waits for, from now on. */
static void arm(struct loop_coros *set, struct loop_coro_fd *entry, unsigned events)
{
    set->armed += (unsigned)(events != 0) - (unsigned)(entry->armed != 0);
    entry->armed = (uint16_t)events;
}

static void fd_ready(struct loop *loop, const struct loop_ready *ready, void *arg)
{
    struct loop_coros *set = arg;
    struct loop_coro_fd *entry = &set->fds[ready->value];
    unsigned events = ready->events & FAILED ? (unsigned)(LOOP_IN | LOOP_OUT) : ready->events;
    unsigned unwanted = 0;

    entry->drained &= (uint16_t)~events;
    if (!entry->reader)
        unwanted |= events & LOOP_IN;
    if (!entry->writer)
        unwanted |= events & LOOP_OUT;
    if (ready->events & LOOP_GONE)
        unwanted = LOOP_IN | LOOP_OUT;
    if (unwanted & entry->armed) {
        arm(set, entry, entry->armed & ~unwanted);
        loop_set_events(loop, entry->source, entry->armed);
    }
    if (events & LOOP_IN)
        resume_on(&entry->reader);
    if (events & LOOP_OUT)
        resume_on(&entry->writer);
}

/* The descriptor's entry, made non-blocking when first seen; 0: no such descriptor. */
static struct loop_coro_fd *entry_of(struct loop_coro *self, int fd)
{
    struct loop_coros *set = self->set;
    struct loop_coro_fd *entry;
    int flags;

    if (fd < 0 || (uint32_t)fd >= set->loop->core.at.descriptors)
        return NULL;
    entry = &set->fds[fd];
    if (entry->source)
        return entry;
    flags = fcntl(fd, F_GETFL);
    if (flags < 0)
        return NULL;
    if (!(flags & O_NONBLOCK))
        fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    return entry;
}

/* Parks until @fd is ready for one of LOOP_IN and LOOP_OUT. */
static int wait_for(struct loop_coro *self, int fd, unsigned events)
{
    struct loop_coros *set = self->set;
    struct loop_coro_fd *entry = &set->fds[fd];
    struct loop_coro **slot = events == LOOP_IN ? &entry->reader : &entry->writer;
    int error;

    if (*slot)
        return -EBUSY;
    if (entry->source == 0) {
        loop_id id = loop_add_io(set->loop, fd, events, fd_ready, set);

        if (id < 0)
            return id;
        entry->source = id;
        arm(set, entry, events);
    } else if (!(entry->armed & events)) {
        arm(set, entry, entry->armed | events);
        loop_set_events(set->loop, entry->source, entry->armed);
    }
    *slot = self;
    self->fd = fd;
    error = loop_coro_park(self, events == LOOP_IN ? WAITS_FOR_INPUT : WAITS_FOR_OUTPUT,
                           self->limit_ns);
    if (*slot == self)
        *slot = NULL;
    self->fd = -1;
    return error;
}

void loop_coro_forget_fd(struct loop_coro *coro)
{
    struct loop_coro_fd *entry;

    if (coro->fd < 0)
        return;
    entry = &coro->set->fds[coro->fd];
    if (entry->reader == coro)
        entry->reader = NULL;
    if (entry->writer == coro)
        entry->writer = NULL;
    coro->fd = -1;
}

void loop_coro_forget_fds(struct loop_coros *set)
{
    for (uint32_t fd = 0; fd < set->loop->core.at.descriptors; fd++) {
        if (set->fds[fd].source)
            loop_remove(set->loop, set->fds[fd].source);
    }
}

/* Is a short count the end of what is there? */
static bool tells_short(const struct loop_coro *self)
{
    return !self->set->loop->backend.ops->edge;
}

ssize_t loop_coro_read(struct loop_coro *self, int fd, void *bytes, size_t size)
{
    struct loop_coro_fd *entry = entry_of(self, fd);
    int error;

    if (!entry)
        return -EBADF;
    for (;;) {
        if (!(entry->drained & LOOP_IN)) {
            ssize_t n = read(fd, bytes, size);

            if (n >= 0) {
                if (n > 0 && (size_t)n < size && tells_short(self) && entry->source)
                    entry->drained |= LOOP_IN;
                error = loop_coro_give_way(self);
                return error ? error : n;
            }
            if (errno != EAGAIN)
                return -errno;
        }
        entry->drained |= LOOP_IN;
        error = wait_for(self, fd, LOOP_IN);
        if (error)
            return error;
    }
}

ssize_t loop_coro_write(struct loop_coro *self, int fd, const void *bytes, size_t size)
{
    struct loop_coro_fd *entry = entry_of(self, fd);
    size_t done = 0;
    int error = 0;

    if (!entry)
        return -EBADF;
    while (done < size && !error) {
        ssize_t n = write(fd, (const char *)bytes + done, size - done);

        if (n >= 0)
            done += (size_t)n;
        else if (errno == EAGAIN)
            error = wait_for(self, fd, LOOP_OUT);
        else
            return -errno;
    }
    if (!error)
        error = loop_coro_give_way(self);
    return error ? error : (ssize_t)done;
}

int loop_coro_accept(struct loop_coro *self, int listener)
{
    struct loop_coro_fd *entry = entry_of(self, listener);

    if (!entry)
        return -EBADF;
    for (;;) {
        int fd = loop_accept(self->set->loop, listener), error;

        if (fd >= 0) {
            error = loop_coro_give_way(self);
            if (error)
                close(fd);
            return error ? error : fd;
        }
        if (fd != -EAGAIN)
            return fd;
        error = wait_for(self, listener, LOOP_IN);
        if (error)
            return error;
    }
}

int loop_coro_connect(struct loop_coro *self, int fd, const struct sockaddr *address,
                      socklen_t length)
{
    socklen_t size = sizeof(int);
    int error;

    if (!entry_of(self, fd))
        return -EBADF;
    if (connect(fd, address, length) == 0)
        return 0;
    if (errno != EINPROGRESS)
        return -errno;
    error = wait_for(self, fd, LOOP_OUT);
    if (error)
        return error;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
        return -errno;
    return -error;
}

void loop_coro_close(struct loop_coro *self, int fd)
{
    struct loop_coro_fd *entry = entry_of(self, fd);

    if (!entry)
        return;
    if (entry->source)
        loop_remove(self->set->loop, entry->source);
    arm(self->set, entry, 0);
    if (entry->reader)
        loop_coro_wake(entry->reader, -EBADF);
    if (entry->writer)
        loop_coro_wake(entry->writer, -EBADF);
    *entry = (struct loop_coro_fd){.reader = NULL};
    close(fd);
}

/* ---- children ---- */

static void child_ended(struct loop *loop, const struct loop_ready *ready, void *arg)
{
    struct loop_coro *coro = arg;

    (void)loop;
    coro->child = 0;
    coro->child_status = ready->value;
    loop_coro_wake(coro, 0);
}

int loop_coro_wait_child(struct loop_coro *self, pid_t child, int *ret_status)
{
    loop_id id = loop_add_child(self->set->loop, child, child_ended, self);
    int error;

    if (id < 0)
        return id;
    self->child = id;
    error = loop_coro_park(self, WAITS_FOR_CHILD, self->limit_ns);
    if (self->child)
        loop_remove(self->set->loop, self->child);
    self->child = 0;
    if (!error)
        *ret_status = self->child_status;
    return error;
}
