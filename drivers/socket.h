/*
 * drivers/socket.h - what the two files about sockets share.
 *
 * Sockets are of the unix domain: pairs, and connections through a listening name.  Each end is
 * a file of its own with one wait queue; DRV_QUEUE_OTHER of a listening one is where connect()
 * waits for room in the backlog.
 *
 * Calling context: a task's step.
 */
#ifndef DRIVERS_SOCKET_H
#define DRIVERS_SOCKET_H

#include "drivers/bytes.h"

/* The keys of net/core/sock.c and net/unix/af_unix.c. */
enum {
    DRV_SOCKET_IN = DRV_POLLIN | DRV_POLLPRI | DRV_POLLRDNORM | DRV_POLLRDBAND,
    DRV_SOCKET_OUT = DRV_POLLOUT | DRV_POLLWRNORM | DRV_POLLWRBAND,
};

enum { DRV_SHUT_RECEIVE = 1, DRV_SHUT_SEND = 2, DRV_SHUT_BOTH = 3 };

/* Memory that may be charged to one socket: net.core.wmem_default. */
enum { DRV_SOCKET_BUFFER = 212992 };

/* A free socket of the pool with its first settings, DRV_NONE: there are no more. */
drv_file_id drv_socket_new(struct drv *drv, unsigned type);

/* The other end, 0 if it is closed or never was. */
struct drv_socket *drv_socket_peer(const struct drv *drv, const struct drv_socket *socket);

/* Closes a socket that has no description (any more): the peer is told, the queue thrown away.
 */
void drv_socket_release(struct drv *drv, drv_file_id file);

/* Can another packet be kept?  False: the model's own room ran out. */
bool drv_socket_room(const struct drv *drv, const struct drv_socket *socket,
                     const struct drv_packet *packet);

/* Puts one packet at the end of the socket's queue.  There is room. */
void drv_socket_append(struct drv_socket *socket, const struct drv_packet *packet);

/* Takes the front packet off the queue. */
void drv_socket_drop_front(struct drv_socket *socket);

#endif
