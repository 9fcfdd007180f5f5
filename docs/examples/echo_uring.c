/*
 * docs/examples/echo_uring.c - an echo server, sixth way: io_uring.
 *
 * The others ask "is it ready?" and then read; here the read itself is handed over, and the
 * kernel tells when it is done.  There is nothing to forget: neither an edge nor a level, only
 * requests and their completions.  A connection has one request under way at any time.
 */
#include <liburing.h>
#include <signal.h>

#include "echo.h"

enum request { ACCEPT, READ, WRITE };

enum { ENTRIES = 1024 };

struct connection {
    enum request request; /* under way */
    int fd;
    char bytes[CHUNK];
    size_t from, to;
};

static struct io_uring ring;

static struct io_uring_sqe *ask(struct connection *connection, enum request request)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

    if (!sqe) { /* no room: hand over what is there */
        io_uring_submit(&ring);
        sqe = io_uring_get_sqe(&ring);
    }
    connection->request = request;
    io_uring_sqe_set_data(sqe, connection);
    return sqe;
}

static void ask_accept(struct connection *door)
{
    io_uring_prep_accept(ask(door, ACCEPT), door->fd, NULL, NULL, SOCK_CLOEXEC);
}

static void ask_read(struct connection *connection)
{
    io_uring_prep_recv(ask(connection, READ), connection->fd, connection->bytes,
                       sizeof(connection->bytes), 0);
}

static void ask_write(struct connection *connection)
{
    io_uring_prep_send(ask(connection, WRITE), connection->fd,
                       connection->bytes + connection->from, connection->to - connection->from,
                       MSG_NOSIGNAL);
}

static void accepted(struct connection *door, int fd)
{
    struct connection *connection = fd < 0 ? NULL : calloc(1, sizeof(*connection));

    if (connection) {
        connection->fd = fd;
        ask_read(connection);
    }
    ask_accept(door);
}

static void completed(struct connection *connection, int result)
{
    if (connection->request == ACCEPT) {
        accepted(connection, result);
        return;
    }
    if (result <= 0) {
        close(connection->fd);
        free(connection);
        return;
    }
    if (connection->request == READ) {
        connection->from = 0;
        connection->to = (size_t)result;
    } else {
        connection->from += (size_t)result;
    }
    if (connection->from < connection->to)
        ask_write(connection);
    else
        ask_read(connection);
}

int main(int argc, char **argv)
{
    struct connection door = {.fd = listener(argc, argv)};
    int error = io_uring_queue_init(ENTRIES, &ring, 0);

    if (error < 0) {
        fprintf(stderr, "io_uring: %s\n", strerror(-error));
        return error == -ENOSYS || error == -EPERM ? 77 : 1;
    }
    signal(SIGPIPE, SIG_IGN);
    ask_accept(&door);
    for (;;) {
        struct io_uring_cqe *cqe;

        error = io_uring_submit_and_wait(&ring, 1);
        if (error < 0 && error != -EINTR)
            return 1;
        /* One at a time: a handler asks for more, and the queue must not be held up. */
        while (io_uring_peek_cqe(&ring, &cqe) == 0) {
            struct connection *connection = io_uring_cqe_get_data(cqe);
            int result = cqe->res;

            io_uring_cqe_seen(&ring, cqe);
            completed(connection, result);
        }
    }
}
