/*
 * docs/examples/echo_threads.c - an echo server, first way: a thread for each connection.
 *
 * Everything blocks, and everything is simple: who waits is a thread's business, not ours.  The
 * price is a stack for each client and a switch for each message.
 */
#include <pthread.h>
#include <signal.h>
#include <stdint.h>

#include "echo.h"

static void *serve(void *arg)
{
    int fd = (int)(intptr_t)arg;
    char bytes[CHUNK];
    ssize_t n;

    while ((n = read(fd, bytes, sizeof(bytes))) > 0) {
        for (ssize_t done = 0; done < n;) {
            ssize_t sent = write(fd, bytes + done, (size_t)(n - done));

            if (sent < 0)
                break;
            done += sent;
        }
    }
    close(fd);
    return NULL;
}

int main(int argc, char **argv)
{
    int fd = listener(argc, argv);

    signal(SIGPIPE, SIG_IGN);
    for (;;) {
        int connection = accept(fd, NULL, NULL);
        pthread_t thread;

        if (connection < 0)
            die("accept");
        if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)connection) != 0)
            die("pthread_create");
        pthread_detach(thread);
    }
}
