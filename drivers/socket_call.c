/*
 * drivers/socket_call.c - making sockets, connecting them, shutting them down, their options.
 *
 * A listening socket is the scenario's name itself.  connect() makes both ends at once; the
 * other one lies in the listener's queue, bearing the connection's token, until accept() takes
 * it: so it can be written to, or lost, before.
 *
 * Source: net/unix/af_unix.c, net/socket.c, net/core/sock.c (Linux 6.x), socket(7).
 * Not modelled: SO_RCVBUF has no effect here, as on Linux between sockets of this domain.
 */
#include "drivers/socket.h"

enum {
    TYPE_BITS = 0xf,
    BACKLOG = 4096, /* SOMAXCONN */
    SNDBUF_LEAST = 4608,
    SNDBUF_MOST = 4194304, /* net.core.wmem_max */
};

drv_file_id drv_socket_new(struct drv *drv, unsigned type)
{
    for (unsigned i = drv->slot[DRV_FILE_SOCKET]; i < drv->slot_end[DRV_FILE_SOCKET]; i++) {
        struct drv_socket *socket = drv_socket(drv, (drv_file_id)i);
        if (socket->flags)
            continue;
        socket->flags = DRV_SOCKET_OPEN;
        socket->type = (uint8_t)type;
        socket->sndbuf = DRV_SOCKET_BUFFER;
        socket->lowat = 1;
        return (drv_file_id)i;
    }
    return DRV_NONE;
}

/* Two sockets, each the other's peer.  False: there are no two left. */
static bool new_pair(struct drv *drv, unsigned type, drv_file_id ret_file[2])
{
    for (unsigned i = 0; i < 2; i++) {
        ret_file[i] = drv_socket_new(drv, type);
        if (ret_file[i] != DRV_NONE)
            continue;
        if (i)
            *drv_socket(drv, ret_file[0]) = (struct drv_socket){0};
        return false;
    }
    drv_socket(drv, ret_file[0])->peer = (uint8_t)(ret_file[1] + 1);
    drv_socket(drv, ret_file[1])->peer = (uint8_t)(ret_file[0] + 1);
    return true;
}

int64_t drv_socket_pair(struct drv *drv, drv_task_id task, int64_t type,
                        struct drv_result *ret_result)
{
    uint32_t flags = (uint32_t)type & (DRV_O_NONBLOCK | DRV_O_CLOEXEC);
    unsigned kind = type & TYPE_BITS ? (unsigned)type & TYPE_BITS : DRV_SOCK_STREAM;
    drv_file_id end[2];
    int first;

    if (type & ~(int64_t)(TYPE_BITS | DRV_O_NONBLOCK | DRV_O_CLOEXEC))
        return -DRV_EINVAL;
    first = drv_fd_free(drv, task, 0);
    if (first < 0 || drv_fd_free(drv, task, first + 1) < 0)
        return -DRV_EMFILE;
    if (kind != DRV_SOCK_STREAM && kind != DRV_SOCK_DGRAM && kind != DRV_SOCK_SEQPACKET)
        return -DRV_ESOCKTNOSUPPORT;
    if (drv_ofd_left(drv) < 2 || !new_pair(drv, kind, end))
        return drv_exhausted(drv, DRV_NR_SOCKETPAIR, DRV_ENFILE);
    for (unsigned i = 0; i < 2; i++) {
        ret_result->out[i] = drv_file_publish(drv, task, end[i], flags | DRV_O_RDWR);
        sim_trace(drv->trace, SIM_EV_CREATE, end[i], (uint32_t)ret_result->out[i], 0);
    }
    return 0;
}

int64_t drv_socket_listen(struct drv *drv, drv_task_id task, int64_t name, int64_t backlog)
{
    struct drv_socket *socket;
    int fd;

    if (name < 0 || name >= drv->config->fixed_files || drv->kind[name] != DRV_FILE_NAME)
        return -DRV_ENOENT;
    socket = drv_socket(drv, (drv_file_id)name);
    /* socket() comes before bind() */
    if (drv_fd_free(drv, task, 0) < 0)
        return -DRV_EMFILE;
    if (socket->flags)
        return -DRV_EADDRINUSE;
    fd = drv_file_publish(drv, task, (drv_file_id)name, DRV_O_RDWR);
    if (fd < 0)
        return fd;
    socket->flags = DRV_SOCKET_OPEN | DRV_SOCKET_LISTENS;
    socket->type = DRV_SOCK_STREAM;
    socket->sndbuf = DRV_SOCKET_BUFFER;
    socket->lowat = 1;
    socket->backlog = (uint16_t)(backlog < 0 || backlog > BACKLOG ? BACKLOG : backlog);
    sim_trace(drv->trace, SIM_EV_CREATE, (unsigned)name, (uint32_t)fd, 0);
    return fd;
}

static unsigned connections(const struct drv_socket *socket)
{
    return socket->packets; /* each has a record of its own */
}

/* connect(): name, token's value, flags. */
enum drv_step drv_connect_step(struct drv *drv, drv_task_id task, const struct drv_call *call,
                               struct drv_result *ret_result)
{
    int64_t name = drv_arg(call, 0);
    uint8_t token = call->tokens && call->argc > 1 ? call->tokens[1] : 0;
    uint32_t flags = (uint32_t)drv_arg(call, 2) & (DRV_O_NONBLOCK | DRV_O_CLOEXEC);
    struct drv_wait_entry entry = {.who = task, .flags = DRV_WAIT_OTHER | DRV_WAIT_EXCLUSIVE};
    struct drv_packet packet = {.count = 1, .token = token};
    struct drv_socket *listener;
    drv_file_id end[2];
    int fd;

    if (name < 0 || name >= drv->config->fixed_files || drv->kind[name] != DRV_FILE_NAME)
        return drv_call_return(drv, task, call, ret_result, -DRV_ENOENT);
    listener = drv_socket(drv, (drv_file_id)name);
    drv->state[task] = DRV_AWAKE;
    if (drv_fd_next(drv, task) < 0)
        return drv_call_return(drv, task, call, ret_result, -DRV_EMFILE);
    if (!listener->flags || listener->shut & DRV_SHUT_RECEIVE)
        return drv_call_return(drv, task, call, ret_result, -DRV_ECONNREFUSED);
    if (connections(listener) > listener->backlog) {
        if (flags & DRV_O_NONBLOCK)
            return drv_call_return(drv, task, call, ret_result, -DRV_EAGAIN);
        entry.file = (uint8_t)name;
        return drv_call_park(drv, task, call, &entry, DRV_WAIT_TAIL, -1);
    }
    if (!drv_ofd_left(drv) || listener->packets == drv->config->socket_packets ||
        !new_pair(drv, DRV_SOCK_STREAM, end))
        return drv_call_return(drv, task, call, ret_result,
                               drv_exhausted(drv, DRV_NR_CONNECT, DRV_ENFILE));
    fd = drv_file_publish(drv, task, end[0], flags | DRV_O_RDWR);
    sim_trace(drv->trace, SIM_EV_CREATE, end[0], (uint32_t)fd, 0);
    drv_socket(drv, end[1])->flags |= DRV_SOCKET_EMBRYO;
    packet.carries = (uint8_t)(end[1] + 1);
    drv_socket_append(listener, &packet);
    sim_trace(drv->trace, SIM_EV_PUT, (unsigned)name, (uint32_t)drv_arg(call, 1), token);
    drv_file_wake(drv, (drv_file_id)name, DRV_QUEUE_MAIN, DRV_SOCKET_IN, false);
    drv_file_signal(drv, (drv_file_id)name, DRV_POLLIN);
    return drv_call_return(drv, task, call, ret_result, fd);
}

/* accept(): listener, flags. */
enum drv_step drv_accept_step(struct drv *drv, drv_task_id task, const struct drv_call *call,
                              struct drv_result *ret_result)
{
    drv_ofd_id ofd = drv->task[task].ofd ? (drv_ofd_id)(drv->task[task].ofd - 1) : DRV_NONE;
    uint32_t flags = (uint32_t)drv_arg(call, 1);
    struct drv_wait_entry entry = {.who = task, .flags = DRV_WAIT_EXCLUSIVE};
    struct drv_socket *listener;
    struct drv_packet front;
    drv_file_id file;
    int64_t fd;

    drv->state[task] = DRV_AWAKE;
    fd = ofd == DRV_NONE ? -DRV_EBADF : 0;
    if (!fd && flags & ~(uint32_t)(DRV_O_NONBLOCK | DRV_O_CLOEXEC))
        fd = -DRV_EINVAL;
    /* the number is taken before it is known whether the file is a socket */
    if (!fd && drv_fd_next(drv, task) < 0)
        fd = -DRV_EMFILE;
    if (!fd)
        fd = drv_socket_check(drv, ofd);
    if (fd)
        return drv_call_return(drv, task, call, ret_result, fd);
    file = drv->ofd[ofd].file;
    listener = drv_socket(drv, file);
    if (!(listener->flags & DRV_SOCKET_LISTENS))
        return drv_call_return(drv, task, call, ret_result,
                               listener->type == DRV_SOCK_DGRAM ? -DRV_EOPNOTSUPP
                                                                : -DRV_EINVAL);
    if (!listener->packets) {
        if (drv_call_nonblock(drv, task, ofd) || listener->shut & DRV_SHUT_RECEIVE)
            return drv_call_return(drv, task, call, ret_result,
                                   drv_call_nonblock(drv, task, ofd) ? -DRV_EAGAIN
                                                                     : -DRV_EINVAL);
        entry.file = file;
        entry.filter = drv_wait_pack(DRV_POLLIN | DRV_POLLERR);
        return drv_call_park(drv, task, call, &entry, DRV_WAIT_TAIL, -1);
    }
    if (!drv_ofd_left(drv))
        return drv_call_return(drv, task, call, ret_result,
                               drv_exhausted(drv, DRV_NR_ACCEPT, DRV_ENFILE));
    front = listener->packet[0];
    drv_socket_drop_front(listener);
    drv_socket(drv, (drv_file_id)(front.carries - 1))->flags &= (uint8_t)~DRV_SOCKET_EMBRYO;
    fd = drv_file_publish(drv, task, (drv_file_id)(front.carries - 1), flags | DRV_O_RDWR);
    sim_trace(drv->trace, SIM_EV_CREATE, front.carries - 1u, (uint32_t)fd, 0);
    if (front.token)
        sim_trace(drv->trace, SIM_EV_GOT, file,
                  drv->token_byte ? drv->token_byte[front.token] : 0, front.token);
    ret_result->token = front.token;
    drv_file_wake(drv, file, DRV_QUEUE_OTHER, 0, false);
    return drv_call_return(drv, task, call, ret_result, fd);
}

int64_t drv_socket_check(const struct drv *drv, drv_ofd_id ofd)
{
    if (ofd == DRV_NONE)
        return -DRV_EBADF;
    return drv_is_socket(drv, drv->ofd[ofd].file) ? 0 : -DRV_ENOTSOCK;
}

/* The other direction of the same wire. */
static unsigned mirrored(unsigned shut)
{
    return (shut & DRV_SHUT_RECEIVE ? DRV_SHUT_SEND : 0u) |
           (shut & DRV_SHUT_SEND ? DRV_SHUT_RECEIVE : 0u);
}

int64_t drv_socket_shutdown(struct drv *drv, drv_ofd_id ofd, int64_t how)
{
    int64_t error = drv_socket_check(drv, ofd);
    struct drv_socket *socket, *peer;
    unsigned shut = (unsigned)how + 1;

    if (error)
        return error;
    if (how < 0 || how > 2)
        return -DRV_EINVAL;
    socket = drv_socket(drv, drv->ofd[ofd].file);
    peer = drv_socket_peer(drv, socket);
    socket->shut |= (uint8_t)shut;
    if (peer && socket->type != DRV_SOCK_DGRAM)
        peer->shut |= (uint8_t)mirrored(shut);
    drv_file_wake(drv, drv->ofd[ofd].file, DRV_QUEUE_MAIN, 0, true);
    if (peer && socket->type != DRV_SOCK_DGRAM) {
        drv_file_wake(drv, (drv_file_id)(socket->peer - 1), DRV_QUEUE_MAIN, 0, true);
        if (shut & DRV_SHUT_SEND)
            drv_file_signal(drv, (drv_file_id)(socket->peer - 1),
                            shut == DRV_SHUT_BOTH ? DRV_POLLHUP : DRV_POLLIN);
    }
    return 0;
}

int64_t drv_socket_getopt(struct drv *drv, drv_ofd_id ofd, int64_t option)
{
    int64_t error = drv_socket_check(drv, ofd), value;
    struct drv_socket *socket;

    if (error)
        return error;
    socket = drv_socket(drv, drv->ofd[ofd].file);
    switch (option) {
    case DRV_SO_TYPE:
        return socket->type;
    case DRV_SO_ERROR:
        value = socket->error;
        socket->error = 0;
        return value;
    case DRV_SO_SNDBUF:
        return socket->sndbuf;
    case DRV_SO_RCVBUF:
        return DRV_SOCKET_BUFFER;
    case DRV_SO_RCVLOWAT:
        return socket->lowat;
    case DRV_SO_ACCEPTCONN:
        return !!(socket->flags & DRV_SOCKET_LISTENS);
    default:
        return -DRV_ENOPROTOOPT;
    }
}

int64_t drv_socket_setopt(struct drv *drv, drv_ofd_id ofd, int64_t option, int64_t value)
{
    int64_t error = drv_socket_check(drv, ofd);
    struct drv_socket *socket;
    uint32_t bytes;

    if (error)
        return error;
    socket = drv_socket(drv, drv->ofd[ofd].file);
    switch (option) {
    case DRV_SO_RCVLOWAT:
        socket->lowat = value < 0 ? INT32_MAX : value ? (int32_t)value : 1;
        return 0;
    case DRV_SO_RCVBUF:
        return 0;
    case DRV_SO_SNDBUF:
        bytes = value < 0 || value > SNDBUF_MOST ? SNDBUF_MOST : (uint32_t)value;
        socket->sndbuf = bytes * 2 < SNDBUF_LEAST ? SNDBUF_LEAST : bytes * 2;
        if ((uint64_t)(socket->charged + 1) * 4 <= socket->sndbuf &&
            !(socket->flags & DRV_SOCKET_LISTENS))
            drv_file_wake(drv, drv->ofd[ofd].file, DRV_QUEUE_MAIN, DRV_SOCKET_OUT, false);
        return 0;
    default:
        return -DRV_ENOPROTOOPT;
    }
}
