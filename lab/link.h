/*
 * lab/link.h - one end of a socket to an emulator: bytes in, bytes out, each with a time limit.
 */
#ifndef LAB_LINK_H
#define LAB_LINK_H

#include <stdbool.h>
#include <stddef.h>

struct lab_link {
    int fd;
    int timeout_ms; /* how long the other side may be silent while we wait for it */
    size_t at, used;
    char bytes[8192];
};

/* The next byte, or -1: the other side has gone or was silent for too long. */
int lab_link_byte(struct lab_link *link);

/* Sends all of @bytes; false if the other side has gone. */
bool lab_link_send(struct lab_link *link, const char *bytes, size_t size);

/* One line without its end, cut to @size bytes with the final 0; -1 as above. */
long lab_link_line(struct lab_link *link, char *ret_line, size_t size);

#endif
