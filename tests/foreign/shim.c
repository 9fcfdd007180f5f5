/*
 * tests/foreign/shim.c - see shim.h.
 *
 * Each thread of the program is a real thread, but only the one that has the turn runs.  A call
 * is stepped until it is done; if it sleeps, the turn goes to the next thread that can go on.
 */
#define SHIM_ITSELF
#include "tests/foreign/shim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/state.h"

enum {
    THREADS = 60,
    FDS = 60,
    EVENTS = 64,
    ALARMS = 8,
};

#define NEVER UINT64_MAX

struct thread {
    pthread_t id;
    void *(*routine)(void *);
    void *argument, *result;
    uint64_t deadline;
    bool used, finished, sleeping;
    int joins; /* the thread it waits for, -1: none */
};

static struct drv drv;
static struct drv_config config;
static struct sim_arena arena;
static struct sim_trace trace;
static struct thread thread[THREADS];
static uint64_t now, alarm_at[ALARMS];
static unsigned turn;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turned = PTHREAD_COND_INITIALIZER;
static _Thread_local unsigned self;

static void start(void)
{
    if (thread[0].used)
        return;
    config = (struct drv_config){.tasks = THREADS,
                                 .processes = 1,
                                 .pipes = FDS / 2,
                                 .eventfds = FDS,
                                 .epolls = FDS,
                                 .sockets = FDS,
                                 .timerfds = ALARMS,
                                 .socket_packets = 128,
                                 .fds = FDS,
                                 .ofds = FDS + 2 * THREADS,
                                 .items = 200,
                                 .poll_max = 64,
                                 .narrow_queues = 1,
                                 .pipe_bytes = 4096};
    drv_layout(&drv, &config, &arena, 0, 0);
    sim_arena_seal(&arena);
    sim_arena_place(&arena, calloc(1, arena.size + 8));
    drv_bind(&drv, &trace, 0);
    drv_reset(&drv);
    thread[0] = (struct thread){.id = pthread_self(), .used = true, .joins = -1};
    pthread_mutex_lock(&lock); /* whoever runs has it */
}

/* ---- whose turn it is ---- */

static bool can_go_on(unsigned t)
{
    const struct thread *it = &thread[t];

    if (!it->used || it->finished || (it->joins >= 0 && !thread[it->joins].finished))
        return false;
    return !it->sleeping || drv_task_ready(&drv, (drv_task_id)t);
}

/* All sleep: what is due next happens. */
static void pass_time(void)
{
    uint64_t next = NEVER;

    for (unsigned t = 0; t < THREADS; t++)
        if (thread[t].sleeping && thread[t].deadline < next)
            next = thread[t].deadline;
    for (unsigned i = 0; i < ALARMS; i++)
        if (alarm_at[i] && alarm_at[i] < next)
            next = alarm_at[i];
    if (next == NEVER) {
        fprintf(stderr, "shim: all threads sleep for ever\n");
        exit(99);
    }
    now = next;
    for (unsigned i = 0; i < ALARMS; i++)
        if (alarm_at[i] == now) {
            drv_alarm_fire(&drv, i);
            alarm_at[i] = drv_alarm_ns(&drv, i) ? now + drv_alarm_ns(&drv, i) : 0;
        }
    drv.alarmed = 0;
    for (unsigned t = 0; t < THREADS; t++)
        if (thread[t].sleeping && thread[t].deadline == now)
            drv_task_timeout(&drv, (drv_task_id)t);
}

/* Hands the turn to the next thread that can go on. */
static void give_way_for_good(void)
{
    unsigned next = self;

    for (;;) {
        unsigned k = 0;
        for (; k < THREADS; k++) {
            next = (self + 1 + k) % THREADS;
            if (can_go_on(next))
                break;
        }
        if (k < THREADS)
            break;
        pass_time();
    }
    turn = next;
    pthread_cond_broadcast(&turned);
}

/* The turn goes round; comes back when this thread has it again. */
static void give_way(void)
{
    give_way_for_good();
    while (turn != self)
        pthread_cond_wait(&turned, &lock);
}

/* ---- a call ---- */

static int64_t made(struct drv_call *call, struct drv_result *ret_result)
{
    enum drv_step step;

    start();
    thread[self].deadline = NEVER;
    while ((step = drv_call_step(&drv, (drv_task_id)self, call, ret_result)) != DRV_DONE) {
        for (unsigned i = 0; drv.alarmed; i++, drv.alarmed >>= 1)
            if (drv.alarmed & 1)
                alarm_at[i] = drv_alarm_ns(&drv, i) ? now + drv_alarm_ns(&drv, i) : 0;
        if (step == DRV_AGAIN)
            continue;
        if (step == DRV_PARKED) {
            int64_t timeout_ns = drv_task_timeout_ns(&drv, (drv_task_id)self);
            thread[self].sleeping = true;
            if (timeout_ns >= 0 && thread[self].deadline == NEVER)
                thread[self].deadline = now + (uint64_t)timeout_ns;
        }
        give_way();
        thread[self].sleeping = false;
    }
    for (unsigned i = 0; drv.alarmed; i++, drv.alarmed >>= 1)
        if (drv.alarmed & 1)
            alarm_at[i] = drv_alarm_ns(&drv, i) ? now + drv_alarm_ns(&drv, i) : 0;
    drv.readied.n = 0;
    if (ret_result->value < 0) {
        errno = (int)-ret_result->value;
        return -1;
    }
    return ret_result->value;
}

static int plain(unsigned nr, unsigned argc, ...)
{
    struct drv_call call = {.nr = (uint8_t)nr, .argc = (uint8_t)argc};
    struct drv_result result = {0};
    int64_t args[8];
    va_list list;

    va_start(list, argc);
    for (unsigned i = 0; i < argc; i++)
        args[i] = va_arg(list, int64_t);
    va_end(list);
    call.args = args;
    return (int)made(&call, &result);
}

static int both_ends(unsigned nr, int64_t argument, int fds[2])
{
    struct drv_call call = {.nr = (uint8_t)nr, .argc = 1, .args = &argument};
    struct drv_result result = {0};
    int value = (int)made(&call, &result);

    for (unsigned i = 0; i < 2 && value == 0; i++)
        fds[i] = (int)result.out[i];
    return value;
}

/* ---- epoll ---- */

int shim_epoll_create(int size)
{
    if (size <= 0) {
        errno = EINVAL;
        return -1;
    }
    return plain(DRV_NR_EPOLL_CREATE, 1, (int64_t)0);
}

int shim_epoll_create1(int flags)
{
    return plain(DRV_NR_EPOLL_CREATE, 1, (int64_t)flags);
}

int shim_epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
{
    if (!event && op != EPOLL_CTL_DEL) {
        errno = EFAULT;
        return -1;
    }
    return plain(DRV_NR_EPOLL_CTL, 5, (int64_t)epfd, (int64_t)op, (int64_t)fd,
                 (int64_t)(event ? event->events : 0), (int64_t)(event ? event->data.u64 : 0));
}

static int wait_ns(int epfd, struct epoll_event *events, int max, int64_t timeout_ns)
{
    struct drv_event seen[EVENTS];
    int64_t args[3] = {epfd, max < EVENTS ? max : EVENTS, timeout_ns};
    struct drv_call call = {
        .nr = DRV_NR_EPOLL_WAIT, .argc = 3, .args = args, .events = seen, .events_max = EVENTS};
    struct drv_result result = {0};
    int n = (int)made(&call, &result);

    for (int i = 0; i < n; i++) {
        events[i].events = seen[i].events;
        events[i].data.u64 = (uint64_t)seen[i].data;
    }
    return n;
}

int shim_epoll_wait(int epfd, struct epoll_event *events, int max, int timeout_ms)
{
    return wait_ns(epfd, events, max, timeout_ms < 0 ? -1 : timeout_ms * INT64_C(1000000));
}

int shim_epoll_pwait(int epfd, struct epoll_event *events, int max, int timeout_ms,
                     const sigset_t *mask)
{
    (void)mask;
    return shim_epoll_wait(epfd, events, max, timeout_ms);
}

int shim_epoll_pwait2(int epfd, struct epoll_event *events, int max,
                      const struct timespec *timeout, const sigset_t *mask)
{
    (void)mask;
    if (timeout && (timeout->tv_sec < 0 || timeout->tv_nsec < 0)) {
        errno = EINVAL;
        return -1;
    }
    return wait_ns(epfd, events, max,
                   timeout ? timeout->tv_sec * INT64_C(1000000000) + timeout->tv_nsec : -1);
}

int shim_poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
    struct drv_event seen[EVENTS];
    int64_t args[2 * EVENTS + 2];
    struct drv_call call = {.nr = DRV_NR_POLL,
                            .argc = (uint8_t)(2 * n + 2),
                            .args = args,
                            .events = seen,
                            .events_max = EVENTS};
    struct drv_result result = {0};
    int count, next = 0;

    if (n > EVENTS) {
        errno = EINVAL;
        return -1;
    }
    args[0] = (int64_t)n;
    for (nfds_t i = 0; i < n; i++) {
        args[1 + 2 * i] = fds[i].fd;
        args[2 + 2 * i] = (unsigned short)fds[i].events;
    }
    args[1 + 2 * n] = timeout_ms < 0 ? -1 : timeout_ms * INT64_C(1000000);
    count = (int)made(&call, &result);
    for (nfds_t i = 0; i < n && count >= 0; i++) {
        fds[i].revents = 0;
        if (next < count && seen[next].data == fds[i].fd)
            fds[i].revents = (short)seen[next++].events;
    }
    return count;
}

int shim_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
               const sigset_t *mask)
{
    (void)mask;
    return shim_poll(fds, n,
                     timeout ? (int)(timeout->tv_sec * 1000 + timeout->tv_nsec / 1000000) : -1);
}

/* The members of a set behind their number; returns how many. */
static unsigned put_set(int64_t *args, const fd_set *set, int n)
{
    unsigned count = 0;

    for (int fd = 0; set && fd < n; fd++)
        if (FD_ISSET(fd, set))
            args[++count] = fd;
    args[0] = count;
    return count + 1;
}

int shim_select(int n, fd_set *readable, fd_set *writable, fd_set *exceptional,
                struct timeval *timeout)
{
    struct drv_event seen[EVENTS];
    int64_t args[2 * EVENTS + 4];
    unsigned argc = 0;
    struct drv_call call = {
        .nr = DRV_NR_SELECT, .args = args, .events = seen, .events_max = EVENTS};
    struct drv_result result = {0};
    int count;

    argc += put_set(args, readable, n);
    argc += put_set(args + argc, writable, n);
    args[argc++] =
        timeout ? timeout->tv_sec * INT64_C(1000000000) + timeout->tv_usec * 1000 : -1;
    call.argc = (uint8_t)argc;
    count = (int)made(&call, &result);
    if (count < 0)
        return count;
    if (readable)
        FD_ZERO(readable);
    if (writable)
        FD_ZERO(writable);
    if (exceptional)
        FD_ZERO(exceptional);
    for (int i = 0; i < count; i++)
        FD_SET((int)seen[i].data, seen[i].events & POLLIN ? readable : writable);
    return count;
}

/* ---- files ---- */

int shim_pipe(int fds[2])
{
    return both_ends(DRV_NR_PIPE, 0, fds);
}

int shim_pipe2(int fds[2], int flags)
{
    return both_ends(DRV_NR_PIPE, flags, fds);
}

int shim_socketpair(int domain, int type, int protocol, int fds[2])
{
    (void)protocol;
    if (domain != AF_UNIX) {
        errno = EAFNOSUPPORT;
        return -1;
    }
    return both_ends(DRV_NR_SOCKETPAIR, type, fds);
}

int shim_shutdown(int fd, int how)
{
    return plain(DRV_NR_SHUTDOWN, 2, (int64_t)fd, (int64_t)how);
}

int shim_eventfd(unsigned initial, int flags)
{
    return plain(DRV_NR_EVENTFD, 2, (int64_t)initial, (int64_t)flags);
}

int shim_timerfd_create(int clock, int flags)
{
    (void)clock;
    return plain(DRV_NR_TIMERFD_CREATE, 1, (int64_t)flags);
}

static int64_t ns_of(struct timespec time)
{
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

int shim_timerfd_settime(int fd, int flags, const struct itimerspec *new,
                         struct itimerspec *old)
{
    (void)old;
    if (flags) {
        errno = EINVAL;
        return -1;
    }
    return plain(DRV_NR_TIMERFD_SETTIME, 3, (int64_t)fd, ns_of(new->it_value),
                 ns_of(new->it_interval));
}

/* Is it a counter: eventfd, timerfd? */
static bool counts(int fd)
{
    unsigned at = (unsigned)(fd - DRV_FD_FIRST);
    unsigned ofd = at < FDS ? drv_fd_table(&drv, (drv_task_id)self)[at].ofd : 0;
    enum drv_file_kind kind = ofd ? drv_file_kind(&drv, drv.ofd[ofd - 1].file) : DRV_FILE_FREE;

    return kind == DRV_FILE_EVENTFD || kind == DRV_FILE_TIMERFD;
}

ssize_t shim_read(int fd, void *bytes, size_t count)
{
    int64_t args[2] = {fd, (int64_t)count};
    uint16_t *buf = calloc(count + 1, sizeof(*buf));
    struct drv_call call = {.nr = DRV_NR_READ,
                            .argc = 2,
                            .args = args,
                            .buf = buf,
                            .buf_max = (uint16_t)(count < UINT16_MAX ? count : UINT16_MAX)};
    struct drv_result result = {0};
    ssize_t n;

    start();
    n = made(&call, &result);
    if (n > 0 && counts(fd)) {
        memcpy(bytes, &(uint64_t){(uint64_t)n}, sizeof(uint64_t));
        n = sizeof(uint64_t);
    } else {
        for (ssize_t i = 0; i < n; i++)
            ((uint8_t *)bytes)[i] = i < UINT16_MAX ? (uint8_t)buf[i] : 0;
    }
    free(buf);
    return n;
}

/* A few bytes are written as they are; many are filling: nobody looks at them. */
ssize_t shim_write(int fd, const void *bytes, size_t count)
{
    enum { FEW = 200 };

    int64_t args[FEW + 2] = {fd, (int64_t)count};
    struct drv_call call = {.nr = DRV_NR_WRITE, .argc = (uint8_t)(count + 2), .args = args};
    struct drv_result result = {0};

    start();
    if (count > FEW || !count) {
        call.nr = DRV_NR_FILL;
        call.argc = 2;
    }
    for (size_t i = 0; i < count && count <= FEW; i++)
        args[i + 2] = ((const uint8_t *)bytes)[i];
    return (ssize_t)made(&call, &result);
}

ssize_t shim_send(int fd, const void *bytes, size_t count, int flags)
{
    (void)flags;
    return shim_write(fd, bytes, count);
}

ssize_t shim_recv(int fd, void *bytes, size_t count, int flags)
{
    (void)flags;
    return shim_read(fd, bytes, count);
}

int shim_eventfd_read(int fd, eventfd_t *value)
{
    return shim_read(fd, value, sizeof(*value)) == sizeof(*value) ? 0 : -1;
}

int shim_eventfd_write(int fd, eventfd_t value)
{
    return shim_write(fd, &value, sizeof(value)) == sizeof(value) ? 0 : -1;
}

long shim_syscall(long number, ...)
{
    long args[6];
    va_list list;

    va_start(list, number);
    for (unsigned i = 0; i < 6; i++)
        args[i] = va_arg(list, long);
    va_end(list);
    if (number == SYS_epoll_pwait2)
        return shim_epoll_pwait2((int)args[0], (struct epoll_event *)args[1], (int)args[2],
                                 (const struct timespec *)args[3], 0);
    return syscall(number, args[0], args[1], args[2], args[3], args[4], args[5]);
}

int shim_close(int fd)
{
    return plain(DRV_NR_CLOSE, 1, (int64_t)fd);
}

int shim_dup(int fd)
{
    return plain(DRV_NR_DUP, 1, (int64_t)fd);
}

int shim_dup2(int fd, int copy)
{
    return plain(DRV_NR_DUP2, 2, (int64_t)fd, (int64_t)copy);
}

int shim_fcntl(int fd, int command, ...)
{
    va_list list;
    int argument;

    va_start(list, command);
    argument = va_arg(list, int);
    va_end(list);
    return plain(DRV_NR_FCNTL, 3, (int64_t)fd, (int64_t)command, (int64_t)argument);
}

/* ---- time and threads ---- */

int shim_nanosleep(const struct timespec *wanted, struct timespec *left)
{
    (void)left;
    return plain(DRV_NR_NANOSLEEP, 1, ns_of(*wanted));
}

int shim_usleep(useconds_t us)
{
    return plain(DRV_NR_NANOSLEEP, 1, us * INT64_C(1000));
}

unsigned shim_sleep(unsigned seconds)
{
    plain(DRV_NR_NANOSLEEP, 1, seconds * INT64_C(1000000000));
    return 0;
}

int shim_sched_yield(void)
{
    start();
    give_way();
    return 0;
}

static void *run(void *argument)
{
    struct thread *it = argument;

    pthread_mutex_lock(&lock);
    self = (unsigned)(it - thread);
    while (turn != self)
        pthread_cond_wait(&turned, &lock);
    it->result = it->routine(it->argument);
    it->finished = true;
    give_way_for_good();
    pthread_mutex_unlock(&lock);
    return 0;
}

int shim_pthread_create(pthread_t *id, const pthread_attr_t *attributes,
                        void *(*routine)(void *), void *argument)
{
    unsigned t = 1;
    int error;

    start();
    while (t < THREADS && thread[t].used)
        t++;
    /* nobody may ever join one that has ended */
    for (unsigned i = 1; i < THREADS && t == THREADS; i++)
        if (thread[i].finished)
            t = i;
    if (t == THREADS)
        return EAGAIN;
    thread[t] =
        (struct thread){.routine = routine, .argument = argument, .used = true, .joins = -1};
    error = pthread_create(&thread[t].id, attributes, run, &thread[t]);
    *id = thread[t].id;
    return error;
}

/* The thread of the program with this name. */
static unsigned thread_of(pthread_t id)
{
    unsigned t = 0;

    while (t < THREADS - 1 && !(thread[t].used && pthread_equal(thread[t].id, id)))
        t++;
    return t;
}

int shim_pthread_join(pthread_t id, void **result)
{
    unsigned t = thread_of(id);
    int error;

    thread[self].joins = (int)t;
    while (!thread[t].finished)
        give_way();
    thread[self].joins = -1;
    if (result)
        *result = thread[t].result;
    pthread_mutex_unlock(&lock); /* it may still be on its way out */
    error = pthread_join(id, 0);
    pthread_mutex_lock(&lock);
    thread[t] = (struct thread){.joins = -1};
    return error;
}

int shim_pthread_tryjoin_np(pthread_t id, void **result)
{
    return thread[thread_of(id)].finished ? shim_pthread_join(id, result) : EBUSY;
}

int shim_pthread_kill(pthread_t id, int signal)
{
    struct sigaction action;

    sigaction(signal, 0, &action);
    if (action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN)
        action.sa_handler(signal);
    drv_task_interrupt(&drv, (drv_task_id)thread_of(id));
    return 0;
}
