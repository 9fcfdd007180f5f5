/*
 * tests/foreign/wakeups.c - a foreign program: who is woken when a byte comes, and how often.
 *
 * Plain Linux, without a word about irqlab: built as it is it runs on this kernel, with the
 * shim before it on the model.  Both must print the same lines.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* usleep */
#endif

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WAITERS = 3, PATIENCE_MS = 300 };

struct waiter {
    pthread_t thread;
    int epfd;
    int reported;
};

static void *wait_once(void *argument)
{
    struct waiter *waiter = argument;
    struct epoll_event event;

    waiter->reported = epoll_wait(waiter->epfd, &event, 1, PATIENCE_MS);
    return 0;
}

static void watch(int epfd, int fd, unsigned events)
{
    struct epoll_event event = {.events = events, .data.fd = fd};

    if (epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event))
        printf("  epoll_ctl: %s\n", strerror(errno));
}

/* @WAITERS threads wait, then a byte comes: how many of them are told? */
static void herd(const char *what, unsigned events, int instances, int nested)
{
    struct waiter waiter[WAITERS] = {0};
    int ends[2], told = 0;

    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    for (int i = 0; i < WAITERS; i++) {
        waiter[i].epfd = i < instances ? epoll_create1(0) : waiter[0].epfd;
        if (i < instances && !nested)
            watch(waiter[i].epfd, ends[0], events);
    }
    if (nested) {
        int inner = epoll_create1(0);
        watch(inner, ends[0], EPOLLIN);
        watch(waiter[0].epfd, inner, events);
    }
    for (int i = 0; i < WAITERS; i++)
        pthread_create(&waiter[i].thread, 0, wait_once, &waiter[i]);
    usleep(100000); /* all of them sleep now */
    if (write(ends[1], "x", 1) != 1)
        printf("  write failed\n");
    for (int i = 0; i < WAITERS; i++) {
        pthread_join(waiter[i].thread, 0);
        told += waiter[i].reported;
    }
    printf("%-34s %d of %d\n", what, told, WAITERS);
    for (int i = 0; i < instances; i++)
        close(waiter[i].epfd);
    close(ends[0]);
    close(ends[1]);
}

static void sequence(const char *what, unsigned events)
{
    int fd = eventfd(0, EFD_NONBLOCK), epfd = epoll_create1(0);
    unsigned long long one = 1;
    struct epoll_event event;

    watch(epfd, fd, events);
    printf("%-34s", what);
    for (int i = 0; i < 3; i++) {
        if (write(fd, &one, sizeof(one)) != sizeof(one))
            printf(" !");
        printf(" %d", epoll_wait(epfd, &event, 1, 0));
        printf("%d", epoll_wait(epfd, &event, 1, 0));
    }
    if (read(fd, &one, sizeof(one)) != sizeof(one))
        printf(" !");
    printf(" %d, counter %llu\n", epoll_wait(epfd, &event, 1, 0), one);
    close(fd);
    close(epfd);
}

static void interrupted(int signal)
{
    (void)signal;
}

/* A signal with a handler ends the wait, whatever SA_RESTART says. */
static void signals(void)
{
    struct sigaction action = {.sa_handler = interrupted, .sa_flags = SA_RESTART};
    struct waiter waiter = {.epfd = epoll_create1(0)};

    sigaction(SIGUSR1, &action, 0);
    pthread_create(&waiter.thread, 0, wait_once, &waiter);
    usleep(100000);
    pthread_kill(waiter.thread, SIGUSR1);
    pthread_join(waiter.thread, 0);
    printf("%-34s %d\n", "a signal during epoll_wait", waiter.reported);
    close(waiter.epfd);
}

int main(void)
{
    herd("one instance, LT, undrained", EPOLLIN, 1, 0);
    herd("one instance, ET", EPOLLIN | EPOLLET, 1, 0);
    herd("an instance each, LT", EPOLLIN, WAITERS, 0);
    herd("an instance each, ET", EPOLLIN | EPOLLET, WAITERS, 0);
    herd("an instance each, EXCLUSIVE", EPOLLIN | EPOLLEXCLUSIVE, WAITERS, 0);
    herd("one instance, ONESHOT", EPOLLIN | EPOLLONESHOT, 1, 0);
    herd("nested, outer LT", EPOLLIN, 1, 1);
    herd("nested, outer ET", EPOLLIN | EPOLLET, 1, 1);
    sequence("eventfd, LT", EPOLLIN);
    sequence("eventfd, ET", EPOLLIN | EPOLLET);
    sequence("eventfd, ET, IN and OUT", EPOLLIN | EPOLLOUT | EPOLLET);
    signals();
    return 0;
}
