/*
 * lab/linux_call.c - the host's kernel behind the interface of the model's.
 *
 * One row per call.  Source: the manual pages of section 2.
 * Not modelled: calls without a row.
 */
#define _GNU_SOURCE
#include "lab/linux_call.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "lab/linux_rings.h"

/* A call being carried out. */
struct job {
    const struct lab_linux *host;
    const struct drv_call *call;
    struct drv_result *result;
};

static int64_t arg(const struct job *job, unsigned i)
{
    return i < job->call->argc ? job->call->args[i] : 0;
}

static int fd_arg(const struct job *job, unsigned i)
{
    return (int)arg(job, i);
}

static int64_t answer(int64_t value)
{
    return value < 0 ? -errno : value;
}

/* Milliseconds of a time-out in ns; below 0: none. */
static int milliseconds(const struct job *job, int64_t ns)
{
    if (ns <= 0)
        return (int)ns;
    return (int)((ns + 999999) / 1000000 * job->host->scale);
}

static void report(const struct job *job, unsigned i, int64_t data, uint32_t events)
{
    if (i < job->call->events_max)
        job->call->events[i] = (struct drv_event){.data = data, .events = events};
}

/* ---- descriptors ---- */

static void fifo_path(unsigned id, int64_t file, char *ret_path, size_t size)
{
    snprintf(ret_path, size, "/tmp/irqlab-%u-%d", id, (int)file);
}

void lab_linux_clean(unsigned id)
{
    char path[48];

    for (int i = 0; i < LAB_LINUX_FILES; i++) {
        fifo_path(id, i, path, sizeof(path));
        unlink(path);
    }
}

static int64_t do_open(const struct job *job)
{
    int64_t file = arg(job, 0), flags = arg(job, 1);
    char path[48];

    if (file < 0 || file >= LAB_LINUX_FILES)
        return -ENOENT;
    if (!(flags & (O_ACCMODE | DRV_O_RDONLY_SAID)))
        flags |= O_RDWR;
    if (job->host->file[file] < 0)
        fifo_path(job->host->names, file, path, sizeof(path));
    else
        snprintf(path, sizeof(path), "/proc/self/fd/%d", job->host->file[file]);
    return answer(open(path, (int)(flags & ~(int64_t)DRV_O_RDONLY_SAID)));
}

static int64_t do_mkfifo(const struct job *job)
{
    char path[48];

    fifo_path(job->host->names, arg(job, 0), path, sizeof(path));
    return answer(mkfifo(path, 0600));
}

static int64_t do_close(const struct job *job)
{
    return answer(close(fd_arg(job, 0)));
}

static int64_t do_dup(const struct job *job)
{
    return answer(dup(fd_arg(job, 0)));
}

static int64_t do_dup2(const struct job *job)
{
    return answer(dup2(fd_arg(job, 0), fd_arg(job, 1)));
}

static int64_t do_fcntl(const struct job *job)
{
    int value = fcntl(fd_arg(job, 0), fd_arg(job, 1), (long)arg(job, 2));

    /* O_LARGEFILE is set by every open() on 64 bits and says nothing */
    if (value >= 0 && arg(job, 1) == F_GETFL)
        value &= ~0100000;
    return answer(value);
}

static int64_t do_lseek(const struct job *job)
{
    return answer(lseek(fd_arg(job, 0), arg(job, 1), (int)arg(job, 2)));
}

static int64_t two_ends(const struct job *job, int answered, const int *ends)
{
    if (answered < 0)
        return -errno;
    job->result->out[0] = ends[0];
    job->result->out[1] = ends[1];
    return 0;
}

static int64_t do_pipe(const struct job *job)
{
    int ends[2];

    return two_ends(job, pipe2(ends, (int)arg(job, 0)), ends);
}

static int64_t do_socketpair(const struct job *job)
{
    int ends[2];

    return two_ends(job, socketpair(AF_UNIX, (int)arg(job, 0), 0, ends), ends);
}

static int64_t do_shutdown(const struct job *job)
{
    return answer(shutdown(fd_arg(job, 0), (int)arg(job, 1)));
}

static int64_t do_eventfd(const struct job *job)
{
    return answer(eventfd((unsigned)arg(job, 0), (int)arg(job, 1)));
}

/* ---- connections ---- */

/* The scenario's name as one of the abstract space; its length. */
static socklen_t name_of(const struct job *job, int64_t file, struct sockaddr_un *ret_name)
{
    *ret_name = (struct sockaddr_un){.sun_family = AF_UNIX};
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
                       (size_t)snprintf(ret_name->sun_path + 1, sizeof(ret_name->sun_path) - 1,
                                        "irqlab-%u-%d", job->host->names, (int)file));
}

static int64_t do_listen(const struct job *job)
{
    struct sockaddr_un name;
    socklen_t length = name_of(job, arg(job, 0), &name);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0), error;

    if (fd < 0)
        return -errno;
    if (bind(fd, (struct sockaddr *)&name, length) == 0 &&
        listen(fd, job->call->argc > 1 ? (int)arg(job, 1) : SOMAXCONN) == 0)
        return fd;
    error = errno;
    close(fd);
    return -error;
}

static int64_t do_connect(const struct job *job)
{
    struct sockaddr_un name;
    socklen_t length = name_of(job, arg(job, 0), &name);
    int fd = socket(AF_UNIX, SOCK_STREAM | (int)arg(job, 2), 0), error;

    if (fd < 0)
        return -errno;
    if (connect(fd, (struct sockaddr *)&name, length) == 0)
        return fd;
    error = errno;
    close(fd);
    return -error;
}

static int64_t do_accept(const struct job *job)
{
    return answer(accept4(fd_arg(job, 0), NULL, NULL, (int)arg(job, 1)));
}

static int64_t do_openpty(const struct job *job)
{
    struct termios raw;
    int ends[2], opened = openpty(&ends[0], &ends[1], 0, 0, 0);

    if (opened == 0 && tcgetattr(ends[1], &raw) == 0) {
        cfmakeraw(&raw);
        tcsetattr(ends[1], TCSANOW, &raw);
    }
    return two_ends(job, opened, ends);
}

static int64_t do_setrlimit(const struct job *job)
{
    struct rlimit limit;

    if (getrlimit((__rlimit_resource_t)arg(job, 0), &limit) < 0)
        return -errno;
    limit.rlim_cur = (rlim_t)arg(job, 1);
    return answer(setrlimit((__rlimit_resource_t)arg(job, 0), &limit));
}

/* ---- processes ---- */

/* What execve() does to descriptors; the program stays the same. */
static int64_t do_exec(const struct job *job)
{
    (void)job;
    for (int fd = 3; fd < LAB_LINUX_FD_HIGH; fd++) {
        int flags = fcntl(fd, F_GETFD);

        if (flags >= 0 && flags & FD_CLOEXEC)
            close(fd);
    }
    return 0;
}

/* ---- descriptors through sockets, options ---- */

static int64_t do_sendfd(const struct job *job)
{
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr header;
    } control = {0};

    char byte = 0;
    struct iovec data = {&byte, 1};
    struct msghdr message = {.msg_iov = &data,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof(control.bytes)};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    int passed = fd_arg(job, 1);

    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &passed, sizeof(passed));
    return answer(sendmsg(fd_arg(job, 0), &message, MSG_NOSIGNAL));
}

static int64_t do_recvfd(const struct job *job)
{
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr header;
    } control = {0};

    char byte;
    struct iovec data = {&byte, 1};
    struct msghdr message = {.msg_iov = &data,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof(control.bytes)};
    ssize_t got = recvmsg(fd_arg(job, 0), &message, 0);
    const struct cmsghdr *header = got < 0 ? 0 : CMSG_FIRSTHDR(&message);
    int passed;

    if (!header)
        return answer(got);
    memcpy(&passed, CMSG_DATA(header), sizeof(passed));
    return passed;
}

static int64_t do_getsockopt(const struct job *job)
{
    int value = 0;
    socklen_t size = sizeof(value);

    if (getsockopt(fd_arg(job, 0), SOL_SOCKET, fd_arg(job, 1), &value, &size) != 0)
        return -errno;
    return value;
}

static int64_t do_setsockopt(const struct job *job)
{
    int value = (int)arg(job, 2);

    return answer(
        setsockopt(fd_arg(job, 0), SOL_SOCKET, fd_arg(job, 1), &value, sizeof(value)));
}

/* ---- signals ---- */

static void signals_of(uint64_t mask, sigset_t *ret_set)
{
    sigemptyset(ret_set);
    for (int i = 1; i <= 64; i++)
        if (mask >> (i - 1) & 1)
            sigaddset(ret_set, i);
}

static pid_t process_of(const struct job *job)
{
    return arg(job, 0) == DRV_PID_FIRST ? getpid() : (pid_t)arg(job, 0);
}

static int64_t do_signalfd(const struct job *job)
{
    sigset_t set;

    signals_of((uint64_t)arg(job, 1), &set);
    return answer(signalfd(fd_arg(job, 0), &set, (int)arg(job, 2)));
}

static int64_t do_kill(const struct job *job)
{
    return answer(kill(process_of(job), (int)arg(job, 1)));
}

static int64_t do_sigprocmask(const struct job *job)
{
    sigset_t set;

    signals_of((uint64_t)arg(job, 1), &set);
    return answer(sigprocmask((int)arg(job, 0), &set, 0));
}

static int64_t do_pidfd_open(const struct job *job)
{
    return answer(syscall(SYS_pidfd_open, process_of(job), (unsigned)arg(job, 1)));
}

/* ---- bytes ---- */

/* Counters (eventfd, timerfd) and instances have no file type: their data are 64-bit values. */
static bool is_counter(int fd)
{
    struct stat status;

    return fstat(fd, &status) == 0 && !(status.st_mode & S_IFMT);
}

static size_t clamp(int64_t count)
{
    return count < 0 || count > LAB_LINUX_BYTES ? LAB_LINUX_BYTES : (size_t)count;
}

static int64_t do_read(const struct job *job)
{
    enum { LAB_SIGNAL_REST = 16 }; /* to the descriptor that a SIGIO tells of */

    int fd = fd_arg(job, 0);
    /* a read that names no count: a counter, or one signal */
    size_t count = job->call->argc > 1 ? clamp(arg(job, 1)) : sizeof(struct signalfd_siginfo);
    /* asked before: somebody may close the descriptor under the call */
    bool counts = count >= sizeof(uint64_t) && is_counter(fd);
    ssize_t got = read(fd, job->host->scratch, count);
    uint64_t counter;

    if (got < 0)
        return -errno;
    if (counts && got == sizeof(counter)) {
        memcpy(&counter, job->host->scratch, sizeof(counter));
        return (int64_t)counter;
    }
    /* of a signal only its number: who sent it is not the model's */
    if (counts && got && got % (int)sizeof(struct signalfd_siginfo) == 0)
        memset(job->host->scratch + sizeof(uint32_t), 0, LAB_SIGNAL_REST);
    for (int i = 0; i < got && i < job->call->buf_max && job->call->buf; i++)
        job->call->buf[i] = job->host->scratch[i];
    return got;
}

static int64_t do_write(const struct job *job)
{
    int fd = fd_arg(job, 0);
    unsigned n = (unsigned)arg(job, 1);
    uint64_t addend = (uint64_t)arg(job, 2);
    uint8_t bytes[64];

    if (n == 1 && is_counter(fd))
        return answer(write(fd, &addend, sizeof(addend)));
    for (unsigned i = 0; i < n && i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)arg(job, 2 + i);
    return answer(write(fd, bytes, n));
}

static int64_t do_fill(const struct job *job)
{
    size_t count = clamp(arg(job, 1));

    memset(job->host->scratch, 0, count);
    return answer(write(fd_arg(job, 0), job->host->scratch, count));
}

/* ---- time ---- */

static int64_t do_timerfd_create(const struct job *job)
{
    return answer(timerfd_create(CLOCK_MONOTONIC, (int)arg(job, 0)));
}

static struct timespec span(const struct job *job, int64_t ns)
{
    ns *= job->host->scale;
    return (struct timespec){.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
}

static int64_t do_timerfd_settime(const struct job *job)
{
    struct itimerspec setting = {.it_value = span(job, arg(job, 1)),
                                 .it_interval = span(job, arg(job, 2))};

    return answer(timerfd_settime(fd_arg(job, 0), 0, &setting, 0));
}

static int64_t do_nanosleep(const struct job *job)
{
    struct timespec duration = span(job, arg(job, 0));

    return answer(nanosleep(&duration, 0));
}

static int64_t do_sched_yield(const struct job *job)
{
    (void)job;
    return answer(sched_yield());
}

/* ---- readiness ---- */

static int64_t do_poll(const struct job *job)
{
    struct pollfd fds[64];
    unsigned n = (unsigned)arg(job, 0), at = 0;
    int count;

    if (arg(job, 0) < 0 || n > sizeof(fds) / sizeof(fds[0]))
        return -EINVAL;
    for (unsigned i = 0; i < n; i++)
        fds[i] =
            (struct pollfd){.fd = fd_arg(job, 1 + 2 * i), .events = (short)arg(job, 2 + 2 * i)};
    count = poll(fds, n, milliseconds(job, arg(job, 1 + 2 * n)));
    for (unsigned i = 0; i < n && count > 0; i++)
        if (fds[i].revents)
            report(job, at++, fds[i].fd, (uint32_t)(unsigned short)fds[i].revents);
    return answer(count);
}

/* A set of select's arguments; false: a number that no set can hold. */
static bool read_set(const struct job *job, unsigned *at, fd_set *ret_set, int *highest)
{
    unsigned n = (unsigned)arg(job, (*at)++);

    FD_ZERO(ret_set);
    for (unsigned i = 0; i < n; i++) {
        int fd = fd_arg(job, (*at)++);
        if (fd < 0 || fd >= FD_SETSIZE)
            return false;
        FD_SET(fd, ret_set);
        if (fd > *highest)
            *highest = fd;
    }
    return true;
}

static int64_t do_select(const struct job *job)
{
    fd_set readable, writable;
    struct timeval limit = {0};
    int highest = -1, count;
    unsigned at = 0, reported = 0;
    int timeout_ms;

    if (!read_set(job, &at, &readable, &highest) || !read_set(job, &at, &writable, &highest))
        return -EBADF;
    timeout_ms = milliseconds(job, arg(job, at));
    if (timeout_ms > 0)
        limit =
            (struct timeval){.tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000};
    count = select(highest + 1, &readable, &writable, 0, timeout_ms < 0 ? 0 : &limit);
    for (int fd = 0; fd <= highest && count > 0; fd++) {
        if (FD_ISSET(fd, &readable))
            report(job, reported++, fd, POLLIN);
        if (FD_ISSET(fd, &writable))
            report(job, reported++, fd, POLLOUT);
    }
    return answer(count);
}

static int64_t do_epoll_create(const struct job *job)
{
    return answer(epoll_create1((int)arg(job, 0)));
}

static int64_t do_epoll_ctl(const struct job *job)
{
    struct epoll_event event = {.events = (uint32_t)arg(job, 3),
                                .data.u64 = (uint64_t)arg(job, job->call->argc > 4 ? 4 : 2)};

    return answer(epoll_ctl(fd_arg(job, 0), fd_arg(job, 1), fd_arg(job, 2), &event));
}

static int64_t do_epoll_wait(const struct job *job)
{
    struct epoll_event events[64];
    int64_t max = arg(job, 1);
    int count = epoll_wait(fd_arg(job, 0), events, (int)(max > 64 ? 64 : max),
                           job->call->argc > 2 ? milliseconds(job, arg(job, 2)) : -1);

    for (int i = 0; i < count; i++)
        report(job, (unsigned)i, (int64_t)events[i].data.u64, events[i].events);
    return answer(count);
}

/* ---- asynchronous ---- */

static int64_t do_aio(const struct job *job)
{
    return job->host->rings ? lab_linux_aio(job->host, job->call) : -ENOSYS;
}

static int64_t do_uring(const struct job *job)
{
    return job->host->rings ? lab_linux_uring(job->host, job->call) : -ENOSYS;
}

/* ---- the table ---- */

static int64_t (*const row[DRV_NR_COUNT])(const struct job *job) = {
    [DRV_NR_OPEN] = do_open,
    [DRV_NR_CLOSE] = do_close,
    [DRV_NR_DUP] = do_dup,
    [DRV_NR_DUP2] = do_dup2,
    [DRV_NR_FCNTL] = do_fcntl,
    [DRV_NR_LSEEK] = do_lseek,
    [DRV_NR_PIPE] = do_pipe,
    [DRV_NR_SOCKETPAIR] = do_socketpair,
    [DRV_NR_SHUTDOWN] = do_shutdown,
    [DRV_NR_EVENTFD] = do_eventfd,
    [DRV_NR_READ] = do_read,
    [DRV_NR_WRITE] = do_write,
    [DRV_NR_FILL] = do_fill,
    [DRV_NR_LISTEN] = do_listen,
    [DRV_NR_CONNECT] = do_connect,
    [DRV_NR_ACCEPT] = do_accept,
    [DRV_NR_SETRLIMIT] = do_setrlimit,
    [DRV_NR_EXEC] = do_exec,
    [DRV_NR_TIMERFD_CREATE] = do_timerfd_create,
    [DRV_NR_TIMERFD_SETTIME] = do_timerfd_settime,
    [DRV_NR_NANOSLEEP] = do_nanosleep,
    [DRV_NR_SCHED_YIELD] = do_sched_yield,
    [DRV_NR_MKFIFO] = do_mkfifo,
    [DRV_NR_OPENPTY] = do_openpty,
    [DRV_NR_SENDFD] = do_sendfd,
    [DRV_NR_RECVFD] = do_recvfd,
    [DRV_NR_GETSOCKOPT] = do_getsockopt,
    [DRV_NR_SETSOCKOPT] = do_setsockopt,
    [DRV_NR_SIGNALFD] = do_signalfd,
    [DRV_NR_KILL] = do_kill,
    [DRV_NR_SIGPROCMASK] = do_sigprocmask,
    [DRV_NR_PIDFD_OPEN] = do_pidfd_open,
    [DRV_NR_IO_SETUP] = do_aio,
    [DRV_NR_IO_SUBMIT] = do_aio,
    [DRV_NR_IO_GETEVENTS] = do_aio,
    [DRV_NR_IO_CANCEL] = do_aio,
    [DRV_NR_IO_DESTROY] = do_aio,
    [DRV_NR_IO_URING_SETUP] = do_uring,
    [DRV_NR_IO_URING_ENTER] = do_uring,
    [DRV_NR_POLL] = do_poll,
    [DRV_NR_SELECT] = do_select,
    [DRV_NR_EPOLL_CREATE] = do_epoll_create,
    [DRV_NR_EPOLL_CTL] = do_epoll_ctl,
    [DRV_NR_EPOLL_WAIT] = do_epoll_wait,
};

bool lab_linux_has(unsigned nr)
{
    return nr < DRV_NR_COUNT && row[nr];
}

void lab_linux_call(const struct lab_linux *host, const struct drv_call *call,
                    struct drv_result *ret_result)
{
    struct job job = {.host = host, .call = call, .result = ret_result};

    *ret_result = (struct drv_result){0};
    ret_result->value = lab_linux_has(call->nr) ? row[call->nr](&job) : -ENOSYS;
}

int lab_linux_file(const uint8_t *content, unsigned size)
{
    int low = memfd_create("irqlab", MFD_CLOEXEC), high;

    if (low < 0)
        return -1;
    high = fcntl(low, F_DUPFD_CLOEXEC, LAB_LINUX_FD_HIGH);
    close(low);
    if (high >= 0 && pwrite(high, content, size, 0) != (ssize_t)size) {
        close(high);
        return -1;
    }
    return high;
}
