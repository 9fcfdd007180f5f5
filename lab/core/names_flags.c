/*
 * lab/core/names_flags.c - flags, signals and error numbers with Linux's values.
 *
 * Source: Linux 6.x include/uapi (asm-generic; x86-64 and arm64 agree on every row).
 *
 * Not modelled: flags that no call of the language takes.
 */
#include "lab/core/names.h"
#include "lab/core/text.h"

/* clang-format off */
static const struct lab_flag flags[] = {
    /* fcntl.h */
    {"O_RDONLY", 0}, {"O_WRONLY", 1}, {"O_RDWR", 2}, {"O_CREAT", 0100}, {"O_TRUNC", 01000},
    {"O_APPEND", 02000}, {"O_NONBLOCK", 04000}, {"O_ASYNC", 020000}, {"O_CLOEXEC", 02000000},
    {"O_DIRECT", 040000}, {"O_DSYNC", 010000}, {"O_SYNC", 04010000},
    {"F_DUPFD", 0}, {"F_GETFD", 1}, {"F_SETFD", 2}, {"F_GETFL", 3}, {"F_SETFL", 4},
    {"F_SETOWN", 8}, {"F_GETOWN", 9}, {"F_SETSIG", 10}, {"F_GETSIG", 11},
    {"F_DUPFD_CLOEXEC", 1030}, {"F_SETPIPE_SZ", 1031}, {"F_GETPIPE_SZ", 1032},
    {"FD_CLOEXEC", 1}, {"SEEK_SET", 0}, {"SEEK_CUR", 1}, {"SEEK_END", 2},
    /* poll.h, eventpoll.h */
    {"POLLIN", 0x001}, {"POLLPRI", 0x002}, {"POLLOUT", 0x004}, {"POLLERR", 0x008},
    {"POLLHUP", 0x010}, {"POLLNVAL", 0x020}, {"POLLRDNORM", 0x040}, {"POLLRDBAND", 0x080},
    {"POLLWRNORM", 0x100}, {"POLLWRBAND", 0x200}, {"POLLRDHUP", 0x2000},
    {"EPOLLIN", 0x001}, {"EPOLLPRI", 0x002}, {"EPOLLOUT", 0x004}, {"EPOLLERR", 0x008},
    {"EPOLLHUP", 0x010}, {"EPOLLRDNORM", 0x040}, {"EPOLLRDBAND", 0x080},
    {"EPOLLWRNORM", 0x100}, {"EPOLLWRBAND", 0x200}, {"EPOLLRDHUP", 0x2000},
    {"EPOLLEXCLUSIVE", 1ll << 28}, {"EPOLLWAKEUP", 1ll << 29}, {"EPOLLONESHOT", 1ll << 30},
    {"EPOLLET", 1ll << 31}, {"EPOLL_CTL_ADD", 1}, {"EPOLL_CTL_DEL", 2}, {"EPOLL_CTL_MOD", 3},
    {"EPOLL_CLOEXEC", 02000000},
    /* eventfd.h, timerfd.h, signalfd.h, pidfd.h */
    {"EFD_SEMAPHORE", 1}, {"EFD_NONBLOCK", 04000}, {"EFD_CLOEXEC", 02000000},
    {"TFD_NONBLOCK", 04000}, {"TFD_CLOEXEC", 02000000},
    {"SFD_NONBLOCK", 04000}, {"SFD_CLOEXEC", 02000000}, {"PIDFD_NONBLOCK", 04000},
    /* socket.h, resource.h */
    {"SOCK_STREAM", 1}, {"SOCK_DGRAM", 2}, {"SOCK_SEQPACKET", 5}, {"SOCK_NONBLOCK", 04000},
    {"SOCK_CLOEXEC", 02000000}, {"SHUT_RD", 0}, {"SHUT_WR", 1}, {"SHUT_RDWR", 2},
    {"SO_TYPE", 3}, {"SO_ERROR", 4}, {"SO_SNDBUF", 7}, {"SO_RCVBUF", 8}, {"SO_RCVLOWAT", 18},
    {"SO_ACCEPTCONN", 30}, {"RLIMIT_NOFILE", 7},
    /* signal.h */
    {"SIGHUP", 1}, {"SIGINT", 2}, {"SIGQUIT", 3}, {"SIGKILL", 9}, {"SIGUSR1", 10},
    {"SIGUSR2", 12}, {"SIGPIPE", 13}, {"SIGALRM", 14}, {"SIGTERM", 15}, {"SIGCHLD", 17},
    {"SIGCONT", 18}, {"SIGSTOP", 19}, {"SIGURG", 23}, {"SIGWINCH", 28}, {"SIGIO", 29},
    {"SIGPOLL", 29}, {"SIGRTMIN", 34}, {"SIG_BLOCK", 0}, {"SIG_UNBLOCK", 1},
    {"SIG_SETMASK", 2},
    /* aio.h (POSIX), aio_abi.h (Linux), io_uring.h */
    {"AIO_CANCELED", 0}, {"AIO_NOTCANCELED", 1}, {"AIO_ALLDONE", 2},
    {"LIO_READ", 0}, {"LIO_WRITE", 1}, {"LIO_NOP", 2}, {"LIO_WAIT", 0}, {"LIO_NOWAIT", 1},
    {"READ", 0}, {"WRITE", 1}, {"FSYNC", 2}, {"FDSYNC", 3}, {"POLL", 5}, {"NOOP", 6},
    {"POLL_ADD", 6}, {"POLL_REMOVE", 7}, {"MULTISHOT", 1},
    /* errno.h */
    {"EPERM", 1}, {"ENOENT", 2}, {"ESRCH", 3}, {"EINTR", 4}, {"EIO", 5}, {"ENXIO", 6}, {"EBADF", 9},
    {"ECHILD", 10}, {"EAGAIN", 11}, {"EWOULDBLOCK", 11}, {"ENOMEM", 12}, {"EACCES", 13},
    {"EFAULT", 14}, {"EBUSY", 16}, {"EEXIST", 17}, {"ENODEV", 19}, {"EISDIR", 21},
    {"EINVAL", 22}, {"ENFILE", 23}, {"EMFILE", 24}, {"ENOTTY", 25}, {"ENOSPC", 28},
    {"ESPIPE", 29}, {"EROFS", 30}, {"EPIPE", 32}, {"ENOSYS", 38}, {"ELOOP", 40}, {"ENOTSOCK", 88},
    {"EOPNOTSUPP", 95}, {"EADDRINUSE", 98}, {"ECONNRESET", 104}, {"ENOBUFS", 105},
    {"ENOTCONN", 107}, {"ETIMEDOUT", 110}, {"ECONNREFUSED", 111}, {"EALREADY", 114},
    {"EINPROGRESS", 115}, {"ECANCELED", 125},
};

/* clang-format on */

const struct lab_flag *lab_flags(size_t *ret_count)
{
    *ret_count = sizeof flags / sizeof flags[0];
    return flags;
}

bool lab_find_flag(const char *name, size_t length, int64_t *ret_value)
{
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (lab_text_is(flags[i].name, name, length)) {
            *ret_value = flags[i].value;
            return true;
        }
    }
    return false;
}
