/* tests/libraries/test_libev.c - what libev does with descriptors: levels, emulation, zombies.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include <ev.h>
#include <fcntl.h>

enum { TURNS = 5 };

static void count(struct ev_loop *loop, ev_io *io, int events)
{
    (void)loop;
    (void)events;
    ++*(int *)io->data;
}

static void start(struct ev_loop *loop, ev_io *io, int fd, int *told)
{
    ev_io_init(io, count, fd, EV_READ);
    io->data = told;
    ev_io_start(loop, io);
}

static void turn(struct ev_loop *loop)
{
    for (int i = 0; i < TURNS; i++)
        ev_run(loop, EVRUN_NOWAIT);
}

static void two_watchers_of_a_descriptor_are_both_told(void **state)
{
    struct ev_loop *loop = ev_loop_new(EVBACKEND_EPOLL);
    ev_io one, two;
    int end[2], first = 0, second = 0;

    (void)state;
    assert_int_equal(pipe(end), 0);
    assert_int_equal(write(end[1], "x", 1), 1);
    start(loop, &one, end[0], &first);
    start(loop, &two, end[0], &second);
    turn(loop);
    assert_int_equal(first, TURNS);
    assert_int_equal(second, TURNS);
    ev_io_stop(loop, &one);
    ev_io_stop(loop, &two);
    ev_loop_destroy(loop);
    close(end[0]);
    close(end[1]);
}

static void a_regular_file_is_always_ready(void **state)
{
    struct ev_loop *loop = ev_loop_new(EVBACKEND_EPOLL);
    ev_io io;
    int told = 0, fd = open("/proc/self/exe", O_RDONLY);

    (void)state;
    start(loop, &io, fd, &told);
    turn(loop);
    assert_true(told >= TURNS - 1);
    ev_io_stop(loop, &io);
    ev_loop_destroy(loop);
    close(fd);
}

/* The registration of a closed descriptor lives on in its copy, and reports its number. */
static void reports_of_a_closed_descriptor_reach_nobody(void **state)
{
    struct ev_loop *loop = ev_loop_new(EVBACKEND_EPOLL);
    ev_io io, other;
    int end[2], told = 0, wrong = 0, again[2];

    (void)state;
    assert_int_equal(pipe(end), 0);
    int copy = dup(end[0]);
    start(loop, &io, end[0], &told);
    turn(loop);
    ev_io_stop(loop, &io);
    close(end[0]);
    assert_int_equal(pipe(again), 0); /* takes the number */
    assert_int_equal(again[0], end[0]);
    start(loop, &other, again[0], &wrong);
    turn(loop);
    assert_int_equal(write(end[1], "x", 1), 1); /* wakes the zombie */
    turn(loop);
    assert_int_equal(told, 0);
    assert_int_equal(wrong, 0);
    ev_io_stop(loop, &other);
    ev_loop_destroy(loop);
    close(copy);
    close(end[1]);
    close(again[0]);
    close(again[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_watchers_of_a_descriptor_are_both_told),
        cmocka_unit_test(a_regular_file_is_always_ready),
        cmocka_unit_test(reports_of_a_closed_descriptor_reach_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
