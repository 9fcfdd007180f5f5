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
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

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

static int64_t do_open(const struct job *job)
{
    int64_t file = arg(job, 0), flags = arg(job, 1);
    char path[32];

    if (file < 0 || file >= LAB_LINUX_FILES || job->host->file[file] < 0)
        return -ENOENT;
    if (!(flags & (O_ACCMODE | DRV_O_RDONLY_SAID)))
        flags |= O_RDWR;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", job->host->file[file]);
    return answer(open(path, (int)(flags & ~(int64_t)DRV_O_RDONLY_SAID)));
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
    int fd = fd_arg(job, 0);
    size_t count = job->call->argc > 1 ? clamp(arg(job, 1)) : sizeof(uint64_t);
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
