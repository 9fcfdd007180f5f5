/* drivers/errno.h - Linux's error numbers and flag values, by number (asm-generic/errno*.h,
 * fcntl.h, eventpoll.h, poll.h of the x86-64 and Arm user ABI). */
#ifndef DRIVERS_ERRNO_H
#define DRIVERS_ERRNO_H

enum drv_errno {
    DRV_EPERM = 1,
    DRV_ENOENT = 2,
    DRV_ESRCH = 3,
    DRV_EINTR = 4,
    DRV_EIO = 5,
    DRV_ENXIO = 6,
    DRV_EBADF = 9,
    DRV_ECHILD = 10,
    DRV_EAGAIN = 11,
    DRV_ENOMEM = 12,
    DRV_EFAULT = 14,
    DRV_EBUSY = 16,
    DRV_EEXIST = 17,
    DRV_EINVAL = 22,
    DRV_ENFILE = 23,
    DRV_EMFILE = 24,
    DRV_ENOSPC = 28,
    DRV_ESPIPE = 29,
    DRV_EPIPE = 32,
    DRV_ENOSYS = 38,
    DRV_ELOOP = 40,
    DRV_ENOMSG = 42,
    DRV_ENOTSOCK = 88,
    DRV_EMSGSIZE = 90,
    DRV_ENOPROTOOPT = 92,
    DRV_ESOCKTNOSUPPORT = 94,
    DRV_EOPNOTSUPP = 95,
    DRV_EADDRINUSE = 98,
    DRV_ECONNRESET = 104,
    DRV_ENOBUFS = 105,
    DRV_ENOTCONN = 107,
    DRV_ECONNREFUSED = 111,
    DRV_EINPROGRESS = 115,
    DRV_ECANCELED = 125,
};

enum drv_open_flag {
    DRV_O_WRONLY = 01,
    DRV_O_RDWR = 02,
    DRV_O_ACCMODE = 03,
    DRV_O_CREAT = 0100,
    DRV_O_TRUNC = 01000,
    DRV_O_APPEND = 02000,
    DRV_O_NONBLOCK = 04000,
    DRV_O_ASYNC = 020000,
    DRV_O_DIRECT = 040000,
    DRV_O_CLOEXEC = 02000000,
    /* Ours: O_RDONLY was written.  Its value is 0, and without any of the three an open is for
     * reading and writing. */
    DRV_O_RDONLY_SAID = 010000000000,
};

enum drv_fcntl {
    DRV_F_DUPFD = 0,
    DRV_F_GETFD = 1,
    DRV_F_SETFD = 2,
    DRV_F_GETFL = 3,
    DRV_F_SETFL = 4,
    DRV_F_SETOWN = 8,
    DRV_F_GETOWN = 9,
    DRV_F_SETSIG = 10,
    DRV_F_GETSIG = 11,
    DRV_F_DUPFD_CLOEXEC = 1030,
    DRV_FD_CLOEXEC = 1,
};

enum drv_event_bit {
    DRV_POLLIN = 0x001,
    DRV_POLLPRI = 0x002,
    DRV_POLLOUT = 0x004,
    DRV_POLLERR = 0x008,
    DRV_POLLHUP = 0x010,
    DRV_POLLNVAL = 0x020,
    DRV_POLLRDNORM = 0x040,
    DRV_POLLRDBAND = 0x080,
    DRV_POLLWRNORM = 0x100,
    DRV_POLLWRBAND = 0x200,
    DRV_POLLRDHUP = 0x2000,
};

#define DRV_EPOLL_URING_WAKE (1u << 27) /* of a wake: a ring called, or what watches it */
#define DRV_EPOLLEXCLUSIVE   (1u << 28)
#define DRV_EPOLLWAKEUP      (1u << 29)
#define DRV_EPOLLONESHOT     (1u << 30)
#define DRV_EPOLLET          (1u << 31)

enum drv_epoll_op { DRV_EPOLL_CTL_ADD = 1, DRV_EPOLL_CTL_DEL = 2, DRV_EPOLL_CTL_MOD = 3 };

enum drv_eventfd_flag { DRV_EFD_SEMAPHORE = 1 };

enum drv_socket_type { DRV_SOCK_STREAM = 1, DRV_SOCK_DGRAM = 2, DRV_SOCK_SEQPACKET = 5 };

enum drv_socket_option {
    DRV_SO_TYPE = 3,
    DRV_SO_ERROR = 4,
    DRV_SO_SNDBUF = 7,
    DRV_SO_RCVBUF = 8,
    DRV_SO_RCVLOWAT = 18,
    DRV_SO_ACCEPTCONN = 30,
};

enum drv_signal_number {
    DRV_SIGKILL = 9,
    DRV_SIGCHLD = 17,
    DRV_SIGCONT = 18,
    DRV_SIGSTOP = 19,
    DRV_SIGTSTP = 20,
    DRV_SIGTTIN = 21,
    DRV_SIGTTOU = 22,
    DRV_SIGURG = 23,
    DRV_SIGWINCH = 28,
    DRV_SIGIO = 29,
};

enum drv_rlimit { DRV_RLIMIT_NOFILE = 7 };

#endif
