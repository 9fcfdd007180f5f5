/*
 * drivers/socket.c - sockets of the unix domain: stream, datagram, sequenced packets.
 *
 * wake   each packet that arrives: IN.  Each packet that was read whole: the sender's OUT, if
 * it is writable then, whether or not it ever was full.  Shut down or closed by the other side:
 * any key, everybody level  IN while a packet is queued or receiving is shut down (then RDHUP,
 * too); OUT while at most a quarter of the buffer is charged; HUP when both directions are shut
 * down; ERR while an error waits to be fetched read   a stream joins packets up to one that
 * passes a descriptor; else one packet, cut off write  packets are charged to the sender with
 * the memory the kernel takes for them, until they are read; it may send while less than the
 * buffer is charged Source: net/unix/af_unix.c, net/core/sock.c, net/core/skbuff.c (Linux 6.x),
 * unix(7).
 *
 * "May send" and "writable" differ by a factor of four, so poll can say no where a write works.
 * Not modelled: SIGPIPE, names of datagram sockets, urgent data, the collection of sockets that
 * are only in flight to themselves.  A TCP socket differs: it wakes writers only after a write
 * failed, and honours SO_RCVLOWAT in poll (docs/files.md).
 */
#include "drivers/socket.h"

enum {
    HEAD_BYTES = 3776,   /* of a page, less struct skb_shared_info */
    CHUNK_BYTES = 36544, /* the most a stream puts into one packet: head and eight pages */
    ALLOC_BYTES = 16064, /* a datagram's first part, SKB_MAX_ALLOC */
    FRAG_BYTES = 69632,  /* and what may lie in pages: 17 fragments */
    INFO_BYTES = 320,    /* struct skb_shared_info */
    BUFF_BYTES = 256,    /* struct sk_buff */
    LINE_BYTES = 64,
};

/* ---- what a packet costs its sender ---- */

static uint32_t round_up(uint32_t n, uint32_t to)
{
    return (n + to - 1) / to * to;
}

/* Memory for the linear part: the allocator's next power of two. */
static uint32_t head_cost(uint32_t bytes)
{
    uint32_t needed = round_up(bytes, LINE_BYTES) + INFO_BYTES, size = 512;

    while (size < needed)
        size *= 2;
    return size + BUFF_BYTES;
}

static uint32_t cost_of(const struct drv_socket *socket, uint32_t bytes)
{
    uint32_t head = socket->type == DRV_SOCK_STREAM ? HEAD_BYTES : ALLOC_BYTES;
    uint32_t paged = bytes > head ? bytes - head : 0;

    if (socket->type != DRV_SOCK_STREAM && paged > FRAG_BYTES)
        paged = FRAG_BYTES;
    paged = round_up(paged, DRV_PAGE_BYTES);
    if (paged > bytes)
        paged = bytes;
    return head_cost(bytes - paged) + round_up(paged, DRV_PAGE_BYTES);
}

/* POLLOUT: at most a quarter of the buffer is charged.  The kernel counts from 1. */
static bool writable(const struct drv_socket *socket, uint32_t charged)
{
    return !(socket->flags & DRV_SOCKET_LISTENS) && (uint64_t)charged * 4 <= socket->sndbuf;
}

/* A packet of @file was read or thrown away: whoever sent it gets its memory back. */
static void uncharge(struct drv *drv, drv_file_id file, uint32_t bytes)
{
    struct drv_socket *sender = drv_socket_peer(drv, drv_socket(drv, file));
    drv_file_id from = (drv_file_id)(drv_socket(drv, file)->peer - 1);

    if (!sender)
        return;
    sender->charged -= cost_of(sender, bytes);
    /* the kernel asks before the last byte of the packet is given back */
    if (writable(sender, sender->charged + 2))
        drv_file_wake(drv, from, DRV_QUEUE_MAIN, DRV_SOCKET_OUT, false);
    drv_file_signal(drv, from, DRV_POLLOUT);
}

/* ---- the queue ---- */

static struct drv_bytes cells_of(const struct drv *drv, struct drv_socket *socket)
{
    return (struct drv_bytes){
        (struct drv_cell *)(void *)(socket->packet + drv->config->socket_packets),
        &socket->cells};
}

struct drv_socket *drv_socket_peer(const struct drv *drv, const struct drv_socket *socket)
{
    return socket->peer ? drv_socket(drv, (drv_file_id)(socket->peer - 1)) : 0;
}

static uint32_t bytes_in(const struct drv_socket *socket)
{
    uint32_t bytes = 0;

    for (unsigned i = 0; i < socket->packets; i++)
        bytes += socket->packet[i].length * socket->packet[i].count;
    return bytes - socket->taken;
}

static bool joins(const struct drv_packet *last, const struct drv_packet *packet)
{
    return last->length == packet->length && !last->carries && !packet->carries &&
           last->count < UINT16_MAX;
}

bool drv_socket_room(const struct drv *drv, const struct drv_socket *socket,
                     const struct drv_packet *packet)
{
    return socket->packets < drv->config->socket_packets ||
           (socket->packets && joins(&socket->packet[socket->packets - 1], packet));
}

void drv_socket_append(struct drv_socket *socket, const struct drv_packet *packet)
{
    struct drv_packet *last = &socket->packet[socket->packets - 1u];

    if (socket->packets && joins(last, packet))
        last->count++;
    else
        socket->packet[socket->packets++] = *packet;
}

void drv_socket_drop_front(struct drv_socket *socket)
{
    socket->taken = 0;
    if (--socket->packet[0].count)
        return;
    socket->packets--;
    for (unsigned i = 0; i < socket->packets; i++)
        socket->packet[i] = socket->packet[i + 1];
    socket->packet[socket->packets] = (struct drv_packet){0};
}

/* The error that waits, and it waits no more. */
static int fetch_error(struct drv_socket *socket)
{
    int error = socket->error;

    socket->error = 0;
    return error;
}

/* ---- reading ---- */

/* The descriptor that came with the front packet: handed on, or closed if nobody asks for it.
 */
static bool fetch_passed(struct drv *drv, struct drv_io *io)
{
    struct drv_packet *front = &drv_socket(drv, io->file)->packet[0];
    uint8_t carried = front->carries;

    if (!carried)
        return false;
    front->carries = 0;
    if (io->call->nr == DRV_NR_RECVFD && !io->passed)
        io->passed = carried;
    else
        drv_ofd_put(drv, (drv_ofd_id)(carried - 1));
    return true;
}

static int64_t stream_read(struct drv *drv, struct drv_io *io)
{
    struct drv_socket *socket = drv_socket(drv, io->file);
    uint32_t *got = &drv->task[io->task].done;
    int64_t enough = socket->lowat < io->count ? socket->lowat : io->count;
    int error;

    if (io->count <= 0)
        return 0;
    if (socket->flags & DRV_SOCKET_LISTENS)
        return -DRV_EINVAL;
    while (socket->packets && *got < io->count) {
        uint32_t length = socket->packet[0].length, left = length - socket->taken;
        uint32_t n = left < io->count - *got ? left : (uint32_t)(io->count - *got);
        drv_bytes_take(drv, io, cells_of(drv, socket), *got, n);
        *got += n;
        socket->taken += n;
        bool passed = fetch_passed(drv, io);
        if (socket->taken == length) {
            drv_socket_drop_front(socket);
            uncharge(drv, io->file, length);
        }
        if (passed)
            return *got;
    }
    if (*got >= enough)
        return *got;
    error = fetch_error(socket);
    if (error || socket->shut & DRV_SHUT_RECEIVE)
        return *got ? (int64_t)*got : -error;
    if (*got && drv_call_nonblock(drv, io->task, io->ofd))
        return *got;
    return DRV_WOULD_SLEEP;
}

static int64_t packet_read(struct drv *drv, struct drv_io *io)
{
    struct drv_socket *socket = drv_socket(drv, io->file);
    bool datagram = socket->type == DRV_SOCK_DGRAM;
    int error;

    if (io->count <= 0 && io->call->nr != DRV_NR_RECVFD)
        return 0;
    if (socket->flags & DRV_SOCKET_LISTENS)
        return -DRV_ENOTCONN;
    error = fetch_error(socket);
    if (error)
        return -error;
    if (socket->packets) {
        uint32_t length = socket->packet[0].length;
        uint32_t n = length < io->count ? length : (uint32_t)io->count;
        drv_bytes_take(drv, io, cells_of(drv, socket), 0, n);
        drv_bytes_lose(drv, io->file, cells_of(drv, socket), length - n, SIM_DROP_OVERRUN);
        fetch_passed(drv, io);
        drv_socket_drop_front(socket);
        uncharge(drv, io->file, length);
        return n;
    }
    io->sleep_flags = DRV_WAIT_EXCLUSIVE;
    io->sleep_place = DRV_WAIT_TAIL;
    io->sleep_keys = drv_wait_pack(DRV_POLLIN | DRV_POLLERR);
    /* a datagram socket that may not sleep says so even at the end of all data */
    if (socket->shut & DRV_SHUT_RECEIVE &&
        !(datagram && drv_call_nonblock(drv, io->task, io->ofd)))
        return 0;
    return DRV_WOULD_SLEEP;
}

static int64_t socket_read(struct drv *drv, struct drv_io *io)
{
    return drv_socket(drv, io->file)->type == DRV_SOCK_STREAM ? stream_read(drv, io)
                                                              : packet_read(drv, io);
}

/* ---- writing ---- */

/* Can one packet more be sent now?  0, or what to answer if nothing was sent before. */
static int64_t may_send(const struct drv *drv, struct drv_socket *socket)
{
    int error = fetch_error(socket);

    (void)drv;
    if (error)
        return -error;
    if (socket->shut & DRV_SHUT_SEND)
        return -DRV_EPIPE;
    return socket->charged < socket->sndbuf ? 0 : DRV_WOULD_SLEEP;
}

/* Sends the next @bytes of the call as one packet.  0, or -ENOBUFS. */
static int64_t send_packet(struct drv *drv, struct drv_io *io, uint32_t bytes)
{
    struct drv_socket *socket = drv_socket(drv, io->file);
    struct drv_socket *peer = drv_socket_peer(drv, socket);
    struct drv_packet packet = {.length = bytes, .count = 1, .carries = io->passed};
    struct drv_io into = *io;

    if (!drv_socket_room(drv, peer, &packet))
        return drv_exhausted(drv, io->call->nr, DRV_ENOBUFS);
    into.file = (drv_file_id)(socket->peer - 1);
    drv_bytes_put(drv, &into, cells_of(drv, peer), bytes_in(peer), bytes);
    drv_socket_append(peer, &packet);
    if (io->passed)
        drv_ofd_get(drv, (drv_ofd_id)(io->passed - 1));
    io->passed = 0;
    socket->charged += cost_of(socket, bytes);
    drv_file_wake(drv, into.file, DRV_QUEUE_MAIN, DRV_SOCKET_IN, false);
    drv_file_signal(drv, into.file, DRV_POLLIN);
    return 0;
}

/*
 * The packet was made and charged before it was seen that nobody can have it: giving its memory
 * back is a wake like any other.
 */
static int64_t unsendable(struct drv *drv, const struct drv_io *io, int error)
{
    const struct drv_socket *socket = drv_socket(drv, io->file);

    if (writable(socket, socket->charged + 2))
        drv_file_wake(drv, io->file, DRV_QUEUE_MAIN, DRV_SOCKET_OUT, false);
    drv_file_signal(drv, io->file, DRV_POLLOUT);
    return -error;
}

static int64_t stream_write(struct drv *drv, struct drv_io *io)
{
    struct drv_socket *socket = drv_socket(drv, io->file);
    const struct drv_task *task = &drv->task[io->task];
    int64_t answer = 0;

    if (!socket->peer && !(socket->flags & DRV_SOCKET_ORPHAN))
        return -DRV_ENOTCONN;
    if (socket->shut & DRV_SHUT_SEND)
        return task->done ? (int64_t)task->done : -DRV_EPIPE;
    while (task->done < io->count && !answer) {
        uint32_t left = (uint32_t)(io->count - task->done), most = socket->sndbuf / 2 - 64;
        most = most < CHUNK_BYTES ? most : CHUNK_BYTES;
        answer = may_send(drv, socket);
        if (!answer && drv_socket_peer(drv, socket)->shut & DRV_SHUT_RECEIVE)
            answer = unsendable(drv, io, DRV_EPIPE);
        if (!answer)
            answer = send_packet(drv, io, left < most ? left : most);
    }
    if (answer == DRV_WOULD_SLEEP && task->done && drv_call_nonblock(drv, io->task, io->ofd))
        return task->done;
    if (answer == DRV_WOULD_SLEEP)
        return answer;
    return task->done || !answer ? (int64_t)task->done : answer;
}

/* The other end of a datagram pair is gone: the first to notice is told, then unconnected. */
static int64_t refused(struct drv *drv, struct drv_io *io, struct drv_socket *socket)
{
    socket->flags &= (uint8_t)~DRV_SOCKET_ORPHAN;
    while (socket->packets) {
        uint32_t length = socket->packet[0].length;
        drv_bytes_lose(drv, io->file, cells_of(drv, socket), length, SIM_DROP_CLOSED);
        fetch_passed(drv, io);
        drv_socket_drop_front(socket);
    }
    return unsendable(drv, io, DRV_ECONNREFUSED);
}

static int64_t packet_write(struct drv *drv, struct drv_io *io)
{
    struct drv_socket *socket = drv_socket(drv, io->file);
    int64_t answer = 0;
    int error = socket->type == DRV_SOCK_SEQPACKET ? fetch_error(socket) : 0;

    if (error)
        return -error;
    if (io->count > (int64_t)socket->sndbuf - 32)
        return -DRV_EMSGSIZE;
    answer = may_send(drv, socket);
    if (answer)
        return answer;
    if (!socket->peer && !(socket->flags & DRV_SOCKET_ORPHAN))
        return unsendable(drv, io, DRV_ENOTCONN);
    if (!socket->peer)
        return refused(drv, io, socket);
    if (drv_socket_peer(drv, socket)->shut & DRV_SHUT_RECEIVE)
        return unsendable(drv, io, DRV_EPIPE);
    answer = send_packet(drv, io, io->count > 0 ? (uint32_t)io->count : 0);
    return answer ? answer : io->count;
}

static int64_t socket_write(struct drv *drv, struct drv_io *io)
{
    return drv_socket(drv, io->file)->type == DRV_SOCK_STREAM ? stream_write(drv, io)
                                                              : packet_write(drv, io);
}

/* ---- the level, and the end ---- */

static uint32_t socket_level(struct drv *drv, drv_task_id task, drv_ofd_id ofd)
{
    const struct drv_socket *socket = drv_socket(drv, drv->ofd[ofd].file);

    (void)task;
    return (socket->error ? DRV_POLLERR : 0u) |
           (socket->shut == DRV_SHUT_BOTH ? DRV_POLLHUP : 0u) |
           (socket->shut & DRV_SHUT_RECEIVE ? DRV_POLLRDHUP | DRV_POLLIN | DRV_POLLRDNORM
                                            : 0u) |
           (socket->packets ? DRV_POLLIN | DRV_POLLRDNORM : 0u) |
           (writable(socket, socket->charged + 1) ? DRV_SOCKET_OUT : 0u);
}

/* Data that nobody read resets the connection; a single empty packet is overlooked. */
static bool has_unread(const struct drv_socket *socket)
{
    return socket->packets &&
           (socket->packet[0].length || socket->packets > 1 || socket->packet[0].count > 1);
}

static void tell_peer(struct drv *drv, const struct drv_socket *socket)
{
    struct drv_socket *peer = drv_socket_peer(drv, socket);
    drv_file_id file = (drv_file_id)(socket->peer - 1);

    if (!peer)
        return;
    peer->peer = 0;
    peer->flags |= DRV_SOCKET_ORPHAN;
    peer->charged = 0;
    if (socket->type == DRV_SOCK_DGRAM)
        return;
    peer->shut = DRV_SHUT_BOTH;
    if (has_unread(socket) || socket->flags & DRV_SOCKET_EMBRYO)
        peer->error = DRV_ECONNRESET;
    drv_file_wake(drv, file, DRV_QUEUE_MAIN, 0, true);
    drv_file_signal(drv, file, DRV_POLLHUP);
}

void drv_socket_release(struct drv *drv, drv_file_id file)
{
    struct drv_socket *socket = drv_socket(drv, file);
    uint8_t peer = socket->peer;

    if (socket->flags & DRV_SOCKET_LISTENS)
        drv_file_wake(drv, file, DRV_QUEUE_OTHER, 0, true);
    tell_peer(drv, socket);
    while (socket->packets) {
        struct drv_packet front = socket->packet[0];
        if (!(socket->flags & DRV_SOCKET_LISTENS))
            drv_bytes_lose(drv, file, cells_of(drv, socket), front.length - socket->taken,
                           SIM_DROP_CLOSED);
        socket->packet[0].carries = 0;
        drv_socket_drop_front(socket);
        if (front.token)
            sim_trace(drv->trace, SIM_EV_LOSE, file, SIM_DROP_CLOSED, front.token);
        if (socket->flags & DRV_SOCKET_LISTENS)
            drv_socket_release(drv, (drv_file_id)(front.carries - 1));
        else if (front.carries)
            drv_ofd_put(drv, (drv_ofd_id)(front.carries - 1));
        /* what the peer had sent is no more: it is writable, and is told so each time */
        if (peer && writable(drv_socket(drv, (drv_file_id)(peer - 1)), 0))
            drv_file_wake(drv, (drv_file_id)(peer - 1), DRV_QUEUE_MAIN, DRV_SOCKET_OUT, false);
    }
    *socket = (struct drv_socket){0};
}

static void socket_release(struct drv *drv, drv_ofd_id ofd)
{
    drv_socket_release(drv, drv->ofd[ofd].file);
}

const struct drv_file_ops drv_socket_ops = {
    .name = "socket",
    .epoll = true,
    .sleep_flags = 0,
    .sleep_place = DRV_WAIT_HEAD,
    .read = socket_read,
    .write = socket_write,
    .level = socket_level,
    .release = socket_release,
};
