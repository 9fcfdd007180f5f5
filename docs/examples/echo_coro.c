/*
 * docs/examples/echo_coro.c - an echo server, fifth way: coroutines.
 *
 * It reads like the one with threads and runs like the one with epoll: read() and write() park
 * the coroutine, and who waits for what is the loop's business.  A client who never pauses
 * starves nobody: every 64 calls the others go first.
 */
#include <signal.h>

#include "echo.h"
#include "loop/coro.h"

static int serve(struct loop_coro *self, void *arg)
{
    int fd = (int)(intptr_t)arg;
    char bytes[CHUNK];
    ssize_t n;

    while ((n = loop_coro_read(self, fd, bytes, sizeof(bytes))) > 0) {
        if (loop_coro_write(self, fd, bytes, (size_t)n) < 0)
            break;
    }
    loop_coro_close(self, fd);
    return 0;
}

static int welcome(struct loop_coro *self, void *arg)
{
    int fd;

    while ((fd = loop_coro_accept(self, (int)(intptr_t)arg)) >= 0 || fd == -EMFILE) {
        struct loop_coro *client = fd < 0 ? NULL
                                          : loop_coro_start(loop_coro_set(self), "client",
                                                            serve, (void *)(intptr_t)fd);

        if (client)
            loop_coro_detach(client);
        else if (fd >= 0)
            loop_coro_close(self, fd);
    }
    return fd;
}

int main(int argc, char **argv)
{
    int fd = listener(argc, argv), error;
    struct loop_coros coros;
    struct loop loop;

    signal(SIGPIPE, SIG_IGN);
    error = loop_open(&loop, &(struct loop_options){.backend = "epoll"});
    if (!error)
        error = loop_coros_open(&coros, &loop, 0);
    if (error) {
        fprintf(stderr, "loop: %s\n", strerror(-error));
        return 1;
    }
    loop_coro_start(&coros, "door", welcome, (void *)(intptr_t)fd);
    return loop_coros_run(&coros) == 0 ? 0 : 1;
}
