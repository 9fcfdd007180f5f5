/* tests/unit/test_drv_eventfd.c - the counter, and an edge with every call on it. */
#include "test_drv_kit.h"

#define TOP (-2) /* 2^64 - 2, the most a counter can hold */

static int64_t ep;

static int plain(void **state)
{
    (void)state;
    kit_plan_threads(4);
    kit_start();
    ep = call(0, EPOLL_CREATE, 0);
    return 0;
}

static int64_t watched(uint32_t initial, int64_t flags, uint32_t events)
{
    int64_t fd = call(0, EVENTFD, initial, flags | DRV_O_NONBLOCK);

    assert_int_equal(call(0, EPOLL_CTL, ep, DRV_EPOLL_CTL_ADD, fd, events), 0);
    return fd;
}

static void a_read_takes_the_counter_or_one_of_a_semaphore(void **state)
{
    int64_t fd = call(0, EVENTFD, 3, DRV_O_NONBLOCK);
    int64_t sem = call(0, EVENTFD, 2, DRV_O_NONBLOCK | DRV_EFD_SEMAPHORE);

    (void)state;
    assert_int_equal(call(0, WRITE, fd, 1, 4), 8);
    assert_int_equal(call(0, READ, fd, 16), 7);
    assert_int_equal(call(0, READ, fd, 8), -DRV_EAGAIN);
    assert_int_equal(call(0, READ, sem), 1);
    assert_int_equal(call(0, READ, sem), 1);
    assert_int_equal(call(0, READ, sem), -DRV_EAGAIN);
    assert_clean();
}

static void wrong_sizes_values_and_flags_are_einval(void **state)
{
    int64_t fd = call(0, EVENTFD, 0, 0);

    (void)state; /* A26 */
    assert_int_equal(call(0, READ, fd, 7), -DRV_EINVAL);
    assert_int_equal(call(0, WRITE, fd, 1, -1), -DRV_EINVAL);
    assert_int_equal(call(0, WRITE, fd, 0), -DRV_EINVAL);
    assert_int_equal(call(0, WRITE, fd, 2, 1, 1), -DRV_EINVAL);
    assert_int_equal(call(0, FILL, fd, 9), -DRV_EINVAL);
    assert_int_equal(call(0, EVENTFD, 0, 2), -DRV_EINVAL);
    assert_clean();
}

static void eight_bytes_are_a_number(void **state)
{
    int64_t fd = call(0, EVENTFD, 0, 0);

    (void)state;
    assert_int_equal(call(0, WRITE, fd, 8, 2, 1, 0, 0, 0, 0, 0, 0), 8);
    assert_int_equal(call(0, READ, fd), 0x102);
    assert_clean();
}

static void any_counter_can_be_read(void **state)
{
    int64_t fd = call(0, EVENTFD, 0, 0);

    (void)state; /* the bits of 2^63 are those of the least number there is */
    assert_int_equal(call(0, WRITE, fd, 1, INT64_MIN), 8);
    assert_int_equal(call(0, READ, fd), INT64_MIN);
    assert_int_equal(call(0, LSEEK, fd, 5, 0), 0);
    assert_int_equal(call(0, LSEEK, fd, 5, 7), -DRV_EINVAL);
    assert_clean();
}

static void a_counter_at_its_top_is_not_writable(void **state)
{
    int64_t fd = call(0, EVENTFD, 0, DRV_O_NONBLOCK);

    (void)state; /* A25 */
    assert_int_equal(call(0, WRITE, fd, 1, TOP), 8);
    assert_int_equal(level_of(0, fd, DRV_POLLIN | DRV_POLLOUT), DRV_POLLIN);
    assert_int_equal(call(0, WRITE, fd, 1, 1), -DRV_EAGAIN);
    assert_int_equal(call(0, WRITE, fd, 1, 0), 8);
    assert_int_equal(call(0, READ, fd), TOP);
    assert_int_equal(level_of(0, fd, DRV_POLLIN | DRV_POLLOUT), DRV_POLLOUT);
    assert_clean();
}

static void every_write_is_an_edge_even_one_of_nothing(void **state)
{
    int64_t fd = watched(1, 0, DRV_POLLIN | DRV_EPOLLET);

    (void)state; /* A21 */
    assert_int_equal(look(0, ep), 1);
    assert_int_equal(look(0, ep), 0);
    assert_int_equal(call(0, WRITE, fd, 1, 1), 8);
    assert_int_equal(look(0, ep), 1);
    assert_int_equal(call(0, WRITE, fd, 1, 0), 8);
    assert_int_equal(look(0, ep), 1);
    assert_clean();
}

static void every_read_is_an_out_edge(void **state)
{
    int64_t fd = watched(1, 0, DRV_POLLOUT | DRV_EPOLLET);

    (void)state; /* A22 */
    assert_int_equal(look(0, ep), 1);
    assert_int_equal(call(0, READ, fd), 1);
    assert_int_equal(look(0, ep), 1);
    assert_int_equal(look(0, ep), 0);
    assert_clean();
}

static void a_semaphore_taken_once_is_stuck_unless_out_is_watched(void **state)
{
    int64_t fd = watched(3, DRV_EFD_SEMAPHORE, DRV_POLLIN | DRV_EPOLLET);

    (void)state; /* A23, A24 */
    assert_int_equal(look(0, ep), 1);
    assert_int_equal(call(0, READ, fd), 1);
    assert_int_equal(look(0, ep), 0);
    assert_int_equal(
        call(0, EPOLL_CTL, ep, DRV_EPOLL_CTL_MOD, fd, DRV_POLLIN | DRV_POLLOUT | DRV_EPOLLET),
        0);
    assert_int_equal(look(0, ep), 1);
    assert_int_equal(call(0, READ, fd), 1);
    assert_int_equal(look(0, ep), 1);
    assert_int_equal(event(0, 0)->events, DRV_POLLIN | DRV_POLLOUT);
    assert_clean();
}

static void oneshot_does_not_fire_again_when_room_comes(void **state)
{
    int64_t fd = watched(0, 0, DRV_POLLOUT | DRV_EPOLLONESHOT);

    (void)state; /* B07 */
    assert_int_equal(look(0, ep), 1);
    assert_int_equal(call(0, WRITE, fd, 1, TOP), 8);
    assert_int_equal(call(0, READ, fd), TOP);
    assert_int_equal(look(0, ep), 0);
    assert_clean();
}

static void all_blocked_readers_are_woken_and_the_late_ones_sleep_again(void **state)
{
    int64_t fd = call(0, EVENTFD, 0, 0);

    (void)state;
    assert_int_equal(begin(1, READ, fd, 8), DRV_PARKED);
    assert_int_equal(begin(2, READ, fd, 8), DRV_PARKED);
    assert_int_equal(call(0, WRITE, fd, 1, 5), 8);
    assert_true(woken(1) && woken(2));
    assert_int_equal(kit.drv.readied.n, 2);
    assert_int_equal(kit.drv.readied.waiter[0], 1);
    assert_int_equal(go_on(2), DRV_DONE);
    assert_int_equal(value_of(2), 5);
    assert_int_equal(go_on(1), DRV_PARKED);
    assert_int_equal(call(0, WRITE, fd, 1, 6), 8);
    assert_int_equal(go_on(1), DRV_DONE);
    assert_int_equal(value_of(1), 6);
    assert_clean();
}

static void who_sleeps_does_not_see_o_nonblock(void **state)
{
    int64_t fd = call(0, EVENTFD, 0, 0);

    (void)state;
    assert_int_equal(begin(1, READ, fd, 8), DRV_PARKED);
    assert_int_equal(call(0, FCNTL, fd, DRV_F_SETFL, DRV_O_NONBLOCK), 0);
    assert_int_equal(call(0, WRITE, fd, 1, 0), 8);
    assert_int_equal(go_on(1), DRV_PARKED);
    assert_int_equal(call(0, READ, fd, 8), -DRV_EAGAIN);
}

static void a_blocked_writer_waits_for_a_read(void **state)
{
    int64_t fd = call(0, EVENTFD, 0, 0);

    (void)state;
    assert_int_equal(call(0, WRITE, fd, 1, TOP), 8);
    assert_int_equal(begin(1, WRITE, fd, 1, 5), DRV_PARKED);
    assert_int_equal(call(0, READ, fd), TOP);
    assert_int_equal(go_on(1), DRV_DONE);
    assert_int_equal(recorded(SIM_EV_WOKEN, 8), 1);
    assert_int_equal(call(0, READ, fd), 5);
    assert_clean();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_read_takes_the_counter_or_one_of_a_semaphore, plain),
        cmocka_unit_test_setup(wrong_sizes_values_and_flags_are_einval, plain),
        cmocka_unit_test_setup(eight_bytes_are_a_number, plain),
        cmocka_unit_test_setup(any_counter_can_be_read, plain),
        cmocka_unit_test_setup(a_counter_at_its_top_is_not_writable, plain),
        cmocka_unit_test_setup(every_write_is_an_edge_even_one_of_nothing, plain),
        cmocka_unit_test_setup(every_read_is_an_out_edge, plain),
        cmocka_unit_test_setup(a_semaphore_taken_once_is_stuck_unless_out_is_watched, plain),
        cmocka_unit_test_setup(oneshot_does_not_fire_again_when_room_comes, plain),
        cmocka_unit_test_setup(all_blocked_readers_are_woken_and_the_late_ones_sleep_again,
                               plain),
        cmocka_unit_test_setup(who_sleeps_does_not_see_o_nonblock, plain),
        cmocka_unit_test_setup(a_blocked_writer_waits_for_a_read, plain),
    };

    return cmocka_run_group_tests(tests, 0, 0);
}
