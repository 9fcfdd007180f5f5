/*
 * docs/examples/echo_edge.c - an echo server, fourth way: epoll, as an edge - wrong and right.
 *
 * An edge tells you to look; it is not told again.  With --wrong one read answers each edge, as
 * under a level: whatever did not fit into it stays in the socket until the client happens to
 * send more - for ever, if he waits for his echo first.  The right way is to look until the
 * kernel says that there is nothing (-EAGAIN), each time; the same holds for the listener,
 * where one edge may stand for several clients.
 *
 * Nothing has to be changed while it runs: the right way watches both directions from the
 * beginning.
 */
#include <signal.h>
#include <sys/epoll.h>

#include "connection.h"

enum { EVENTS = 64 };

static bool wrong;

static void watch(int epoll, struct connection *connection)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.ptr = connection};

    /*
     * Watched for output, too, the wrong way works on a unix socket, by luck: the client's
     * reading is an edge there, and brings the input along.
     */
    if (!wrong)
        event.events |= EPOLLOUT;

    if (epoll_ctl(epoll, EPOLL_CTL_ADD, connection->fd, &event) < 0)
        die("epoll_ctl");
}

int main(int argc, char **argv)
{
    struct connection door = {.fd = listener(argc, argv)};
    struct epoll_event events[EVENTS];
    int epoll = epoll_create1(EPOLL_CLOEXEC);

    wrong = argc > 1 && strcmp(argv[1], "--wrong") == 0;
    signal(SIGPIPE, SIG_IGN);
    make_nonblocking(door.fd);
    watch(epoll, &door);
    for (;;) {
        int n = epoll_wait(epoll, events, EVENTS, -1);

        if (n < 0)
            die("epoll_wait");
        for (int i = 0; i < n; i++) {
            struct connection *connection = events[i].data.ptr;

            if (connection == &door) {
                while ((connection = take(door.fd)) != NULL)
                    watch(epoll, connection);
            } else if ((wrong ? echo_once(connection) : echo_all(connection)) == GONE) {
                leave(connection);
            }
        }
    }
}
