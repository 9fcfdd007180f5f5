/*
 * docs/examples/echo_epoll.c - an echo server, third way: epoll, as a level.
 *
 * The array of poll() has moved into the kernel: each turn brings only those that are ready.
 * What was left is told again, so one read per turn is enough here, too.
 */
#include <signal.h>
#include <sys/epoll.h>

#include "connection.h"

enum { EVENTS = 64 };

static void watch(int epoll, int op, struct connection *connection, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = connection};

    if (epoll_ctl(epoll, op, connection->fd, &event) < 0)
        die("epoll_ctl");
}

static void serve(int epoll, struct connection *connection)
{
    size_t before = connection->to - connection->from;

    switch (echo_once(connection)) {
    case GONE:
        leave(connection); /* close() takes it out of the set: it was the only descriptor */
        break;
    case WANTS_OUTPUT:
        if (before == 0)
            watch(epoll, EPOLL_CTL_MOD, connection, EPOLLOUT);
        break;
    default:
        if (before > 0)
            watch(epoll, EPOLL_CTL_MOD, connection, EPOLLIN);
        break;
    }
}

int main(int argc, char **argv)
{
    struct connection door = {.fd = listener(argc, argv)};
    struct epoll_event events[EVENTS];
    int epoll = epoll_create1(EPOLL_CLOEXEC);

    signal(SIGPIPE, SIG_IGN);
    make_nonblocking(door.fd);
    watch(epoll, EPOLL_CTL_ADD, &door, EPOLLIN);
    for (;;) {
        int n = epoll_wait(epoll, events, EVENTS, -1);

        if (n < 0)
            die("epoll_wait");
        for (int i = 0; i < n; i++) {
            struct connection *connection = events[i].data.ptr;

            if (connection != &door)
                serve(epoll, connection);
            else if ((connection = take(door.fd)) != NULL)
                watch(epoll, EPOLL_CTL_ADD, connection, EPOLLIN);
        }
    }
}
