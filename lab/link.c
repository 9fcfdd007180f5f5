/* lab/link.c - one end of a socket to an emulator. */
#include "lab/link.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

static bool fill(struct lab_link *link)
{
    struct pollfd poll_fd = {.fd = link->fd, .events = POLLIN};
    ssize_t got;
    int ready;

    do
        ready = poll(&poll_fd, 1, link->timeout_ms);
    while (ready < 0 && errno == EINTR);
    if (ready <= 0)
        return false;
    do
        got = read(link->fd, link->bytes, sizeof(link->bytes));
    while (got < 0 && errno == EINTR);
    link->at = 0;
    link->used = got > 0 ? (size_t)got : 0;
    return got > 0;
}

int lab_link_byte(struct lab_link *link)
{
    if (link->at == link->used && !fill(link))
        return -1;
    return (unsigned char)link->bytes[link->at++];
}

bool lab_link_send(struct lab_link *link, const char *bytes, size_t size)
{
    while (size) {
        ssize_t sent = send(link->fd, bytes, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        bytes += sent;
        size -= (size_t)sent;
    }
    return true;
}

long lab_link_line(struct lab_link *link, char *ret_line, size_t size)
{
    size_t length = 0;
    int byte;

    while ((byte = lab_link_byte(link)) != '\n') {
        if (byte < 0)
            return -1;
        if (byte != '\r' && length + 1 < size)
            ret_line[length++] = (char)byte;
    }
    ret_line[length] = 0;
    return (long)length;
}
