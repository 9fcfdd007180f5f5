/*
 * tests/foreign/shim.h - system calls of a small foreign program, made on the model kernel.
 *
 * Put before a program with `-include tests/foreign/shim.h` and linked with shim.c, it maps the
 * names: what the program calls read() is a call of the model.  Its threads become tasks of one
 * process; one of them runs at a time, until it sleeps or gives way, so every run is the same.
 * Time is virtual: when all sleep, the next time-out or timer runs out.  docs/internals.md.
 *
 * Not mapped: fork() (memory cannot be shared by halves), files with names, signals but
 * pthread_kill() with a handler, which interrupts a sleeping call with EINTR.
 */
#ifndef TESTS_FOREIGN_SHIM_H
#define TESTS_FOREIGN_SHIM_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

int shim_epoll_create(int size);
int shim_epoll_create1(int flags);
int shim_epoll_ctl(int epfd, int op, int fd, struct epoll_event *event);
int shim_epoll_wait(int epfd, struct epoll_event *events, int max, int timeout_ms);
int shim_epoll_pwait(int epfd, struct epoll_event *events, int max, int timeout_ms,
                     const sigset_t *mask);
int shim_epoll_pwait2(int epfd, struct epoll_event *events, int max,
                      const struct timespec *timeout, const sigset_t *mask);
int shim_poll(struct pollfd *fds, nfds_t n, int timeout_ms);
int shim_pipe(int fds[2]);
int shim_pipe2(int fds[2], int flags);
int shim_socketpair(int domain, int type, int protocol, int fds[2]);
int shim_shutdown(int fd, int how);
int shim_eventfd(unsigned initial, int flags);
int shim_timerfd_create(int clock, int flags);
int shim_timerfd_settime(int fd, int flags, const struct itimerspec *new,
                         struct itimerspec *old);
ssize_t shim_read(int fd, void *bytes, size_t count);
ssize_t shim_write(int fd, const void *bytes, size_t count);
int shim_close(int fd);
int shim_dup(int fd);
int shim_dup2(int fd, int copy);
int shim_fcntl(int fd, int command, ...);
int shim_usleep(useconds_t us);
unsigned shim_sleep(unsigned seconds);
int shim_nanosleep(const struct timespec *wanted, struct timespec *left);
int shim_sched_yield(void);
int shim_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                        void *(*routine)(void *), void *argument);
int shim_pthread_join(pthread_t thread, void **result);
int shim_pthread_tryjoin_np(pthread_t thread, void **result);
int shim_pthread_kill(pthread_t thread, int signal);
int shim_select(int n, fd_set *readable, fd_set *writable, fd_set *exceptional,
                struct timeval *timeout);
int shim_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
               const sigset_t *mask);
ssize_t shim_send(int fd, const void *bytes, size_t count, int flags);
ssize_t shim_recv(int fd, void *bytes, size_t count, int flags);
int shim_eventfd_read(int fd, eventfd_t *value);
int shim_eventfd_write(int fd, eventfd_t value);
long shim_syscall(long number, ...);

/* clang-format off */
#ifndef SHIM_ITSELF
#define epoll_create    shim_epoll_create
#define epoll_create1   shim_epoll_create1
#define epoll_ctl       shim_epoll_ctl
#define epoll_wait      shim_epoll_wait
#define epoll_pwait     shim_epoll_pwait
#define epoll_pwait2    shim_epoll_pwait2
#define poll            shim_poll
#define pipe            shim_pipe
#define pipe2           shim_pipe2
#define socketpair      shim_socketpair
#define shutdown        shim_shutdown
#define eventfd         shim_eventfd
#define timerfd_create  shim_timerfd_create
#define timerfd_settime shim_timerfd_settime
#define read            shim_read
#define write           shim_write
#define close           shim_close
#define dup             shim_dup
#define dup2            shim_dup2
#define fcntl           shim_fcntl
#define usleep          shim_usleep
#define sleep           shim_sleep
#define nanosleep       shim_nanosleep
#define sched_yield     shim_sched_yield
#define pthread_create  shim_pthread_create
#define pthread_join    shim_pthread_join
#define pthread_kill    shim_pthread_kill
#define pthread_tryjoin_np shim_pthread_tryjoin_np
#define select          shim_select
#define ppoll           shim_ppoll
#define send            shim_send
#define recv            shim_recv
#define eventfd_read    shim_eventfd_read
#define eventfd_write   shim_eventfd_write
#define syscall         shim_syscall /* epoll_pwait2 by number; others go to the real kernel */
#endif
/* clang-format on */

#endif
