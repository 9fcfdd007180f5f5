/*
 * docs/examples/connection.h - a client of a server that does not block: what is still to be
 * sent to him.
 *
 * As long as something is, nothing more is read: a client who never reads stops being read, and
 * our memory stays as it is.
 */
#ifndef CONNECTION_H
#define CONNECTION_H

#include <stdbool.h>

#include "echo.h"

struct connection {
    int fd;
    char bytes[CHUNK];
    size_t from, to; /* bytes[from] .. bytes[to - 1] are still to be sent */
};

/* What became of it. */
enum progress {
    WANTS_INPUT,  /* the kernel has no more: -EAGAIN from read() */
    WANTS_OUTPUT, /* the kernel takes no more: -EAGAIN from write() */
    MORE,         /* one round done: there may be more to read */
    GONE,         /* the client has left */
};

/* Sends what is still to be sent. */
static inline enum progress flush(struct connection *connection)
{
    while (connection->from < connection->to) {
        ssize_t n = write(connection->fd, connection->bytes + connection->from,
                          connection->to - connection->from);

        if (n < 0)
            return errno == EAGAIN ? WANTS_OUTPUT : GONE;
        connection->from += (size_t)n;
    }
    return MORE;
}

/* One read, and what was read back to where it came from. */
static inline enum progress echo_once(struct connection *connection)
{
    enum progress progress = flush(connection);
    ssize_t n;

    if (progress != MORE)
        return progress;
    n = read(connection->fd, connection->bytes, sizeof(connection->bytes));
    if (n < 0)
        return errno == EAGAIN ? WANTS_INPUT : GONE;
    if (n == 0)
        return GONE;
    connection->from = 0;
    connection->to = (size_t)n;
    return flush(connection);
}

/* The same until the kernel has no more, or takes no more. */
static inline enum progress echo_all(struct connection *connection)
{
    enum progress progress;

    do
        progress = echo_once(connection);
    while (progress == MORE);
    return progress;
}

/* A new client of @listener; 0: none waits. */
static inline struct connection *take(int listener)
{
    int fd = accept(listener, NULL, NULL);
    struct connection *connection;

    if (fd < 0)
        return NULL;
    make_nonblocking(fd);
    connection = calloc(1, sizeof(*connection));
    if (!connection)
        die("calloc");
    connection->fd = fd;
    return connection;
}

static inline void leave(struct connection *connection)
{
    close(connection->fd);
    free(connection);
}

#endif
