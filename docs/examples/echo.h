/*
 * docs/examples/echo.h - what all echo servers here share: a listening socket.
 *
 * A server listens on standard input if that is a listening socket (as inetd and systemd hand
 * one over, and as the test does), else on the TCP port of its last argument.
 */
#ifndef ECHO_H
#define ECHO_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CHUNK = 4096 }; /* bytes of one read */

static inline void die(const char *what)
{
    perror(what);
    exit(1);
}

static inline int listener(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int listening = 0, one = 1, fd;
    socklen_t length = sizeof(listening);

    if (getsockopt(0, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) == 0 && listening)
        return 0;
    if (argc < 2) {
        fprintf(stderr, "usage: %s PORT\n", argv[0]);
        exit(2);
    }
    address.sin_port = htons((unsigned short)atoi(argv[argc - 1]));
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 128) < 0)
        die("listen");
    return fd;
}

static inline void make_nonblocking(int fd)
{
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

#endif
