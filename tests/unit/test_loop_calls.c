/*
 * tests/unit/test_loop_calls.c - system calls per token, counted: what raw epoll would make.
 *
 * The linker leads the calls of the loop through the counters below (--wrap).
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/syscall.h>

#include "test_loop_kit.h"

enum { PAIRS = 1000, TOKENS = 10000 };

static struct {
    unsigned waits, controls, reads, writes, enters;
} calls;

int __real_epoll_wait(int fd, struct epoll_event *events, int max, int timeout);
int __wrap_epoll_wait(int fd, struct epoll_event *events, int max, int timeout);
int __real_epoll_ctl(int fd, int op, int target, struct epoll_event *event);
int __wrap_epoll_ctl(int fd, int op, int target, struct epoll_event *event);
long __real_syscall(long number, long a, long b, long c, long d, long e, long f);
long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f);

int __wrap_epoll_wait(int fd, struct epoll_event *events, int max, int timeout)
{
    calls.waits++;
    return __real_epoll_wait(fd, events, max, timeout);
}

int __wrap_epoll_ctl(int fd, int op, int target, struct epoll_event *event)
{
    calls.controls++;
    return __real_epoll_ctl(fd, op, target, event);
}

long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f)
{
    if (number == SYS_io_uring_enter)
        calls.enters++;
    return __real_syscall(number, a, b, c, d, e, f);
}

static struct {
    int ends[PAIRS][2];
    unsigned pairs, left;
} ring;

/* One read, one write; the tokens go round. */
static void forward(struct loop *loop, const struct loop_ready *ready, void *arg)
{
    unsigned next = ((unsigned)(uintptr_t)arg + 1) % ring.pairs;
    char bytes[64];
    ssize_t n = read(ready->value, bytes, sizeof(bytes));

    calls.reads++;
    assert_true(n > 0);
    calls.writes++;
    assert_int_equal(write(ring.ends[next][1], bytes, (size_t)n), n);
    if (ring.left <= (unsigned)n)
        loop_stop(loop);
    ring.left -= ring.left < (unsigned)n ? ring.left : (unsigned)n;
}

/* Runs TOKENS tokens, @active at a time; false: not this back end here. */
static bool run_ring(const char *backend, unsigned pairs, unsigned active)
{
    struct loop_options options = {.backend = backend};
    struct loop loop;

    if (loop_open(&loop, &options) < 0)
        return false;
    memset(&calls, 0, sizeof(calls));
    ring.pairs = pairs;
    ring.left = TOKENS;
    for (unsigned i = 0; i < pairs; i++) {
        assert_int_equal(pipe2(ring.ends[i], O_CLOEXEC), 0);
        assert_true(
            loop_add_io(&loop, ring.ends[i][0], LOOP_IN, forward, (void *)(uintptr_t)i) > 0);
    }
    for (unsigned k = 0; k < active; k++)
        put_byte(ring.ends[k * (pairs / active)][1]);
    assert_int_equal(loop_run(&loop), 0);
    loop_close(&loop);
    for (unsigned i = 0; i < pairs; i++) {
        close(ring.ends[i][0]);
        close(ring.ends[i][1]);
    }
    return true;
}

static void one_active_costs_a_wait_a_read_and_a_write(void **state)
{
    static const char *const backends[] = {"epoll", "epoll-et"};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        assert_true(run_ring(backends[i], 10, 1));
        assert_int_equal(calls.waits, TOKENS);
        assert_int_equal(calls.reads, TOKENS);
        assert_int_equal(calls.writes, TOKENS);
        assert_int_equal(calls.controls, 10);
    }
}

static void many_active_share_a_wait(void **state)
{
    (void)state;
    assert_true(run_ring("epoll", PAIRS, 100));
    assert_int_equal(calls.waits, TOKENS / 100);
    assert_int_equal(calls.reads, TOKENS);
    assert_int_equal(calls.controls, PAIRS);
}

static void oneshot_costs_one_control_more(void **state)
{
    (void)state;
    assert_true(run_ring("epoll-oneshot", 10, 1));
    assert_int_equal(calls.waits, TOKENS);
    assert_int_equal(calls.controls, TOKENS - 1 + 10);
}

static void uring_enters_once_per_turn(void **state)
{
    (void)state;
    if (!run_ring("io_uring", PAIRS, 100))
        skip();
    /* Deferred completions are made twenty at a time (IO_LOCAL_TW_DEFAULT_MAX). */
    assert_in_range(calls.enters, TOKENS / 100, TOKENS / 20 + TOKENS / 100);
    assert_int_equal(calls.controls, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_active_costs_a_wait_a_read_and_a_write),
        cmocka_unit_test(many_active_share_a_wait),
        cmocka_unit_test(oneshot_costs_one_control_more),
        cmocka_unit_test(uring_enters_once_per_turn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
