/*
 * docs/examples/echo_poll.c - an echo server, second way: poll().
 *
 * One thread, one array.  A level is a question that is asked anew each time: what was left is
 * told again, so one read per turn is enough.  The price is the array, which is handed over and
 * searched in every turn, however few are ready.
 */
#include <poll.h>
#include <signal.h>

#include "connection.h"

enum { CLIENTS_MAX = 4096 };

static struct pollfd set[CLIENTS_MAX];
static struct connection *client[CLIENTS_MAX];
static nfds_t count = 1; /* set[0] is the listener */

static void welcome(void)
{
    struct connection *connection = count < CLIENTS_MAX ? take(set[0].fd) : NULL;

    if (!connection)
        return;
    client[count] = connection;
    set[count++] = (struct pollfd){.fd = connection->fd, .events = POLLIN};
}

static void serve(nfds_t i)
{
    switch (echo_once(client[i])) {
    case GONE:
        leave(client[i]);
        count--;
        client[i] = client[count];
        set[i] = set[count];
        break;
    case WANTS_OUTPUT:
        set[i].events = POLLOUT; /* nothing is read before it has been sent */
        break;
    default:
        set[i].events = POLLIN;
        break;
    }
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    set[0] = (struct pollfd){.fd = listener(argc, argv), .events = POLLIN};
    make_nonblocking(set[0].fd);
    for (;;) {
        if (poll(set, count, -1) < 0)
            die("poll");
        /* From the end: whoever leaves is replaced by one that has been looked at. */
        for (nfds_t i = count; i-- > 1;) {
            if (set[i].revents)
                serve(i);
        }
        if (set[0].revents)
            welcome();
    }
}
