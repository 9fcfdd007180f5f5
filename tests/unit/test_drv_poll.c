/* tests/unit/test_drv_poll.c - poll and select: no latch, only looks. */
#include "test_drv_kit.h"

enum { IN = DRV_POLLIN, OUT = DRV_POLLOUT };

static int plain(void **state)
{
    (void)state;
    kit_plan_threads(4);
    kit_start();
    return 0;
}

static int64_t make(uint32_t initial)
{
    return call(0, EVENTFD, initial, DRV_O_NONBLOCK);
}

static void ring(int64_t fd)
{
    assert_int_equal(call(0, WRITE, fd, 1, 1), 8);
}

static void a_closed_descriptor_is_nval_at_once(void **state)
{
    (void)state; /* G01, G02, G03 */
    assert_int_equal(call(0, POLL, 1, 20, IN, -1), 1);
    assert_int_equal(event(0, 0)->events, DRV_POLLNVAL);
    assert_int_equal(call(0, POLL, 2, -1, IN, 20, 0, -1), 1);
    assert_int_equal(event(0, 0)->data, 20);
    assert_int_equal(call(0, POLL, 1, -1, IN, 0), 0);
    assert_int_equal(call(0, POLL, 0, 0), 0);
    assert_int_equal(call(0, POLL, 1000, 0), -DRV_EINVAL);
    assert_clean();
}

static void descriptors_are_reported_in_their_order(void **state)
{
    int64_t a = make(1), b = make(1);

    (void)state; /* G04, G16 */
    assert_int_equal(call(0, POLL, 3, b, IN, a, IN, b, IN | OUT, 0), 3);
    assert_int_equal(event(0, 0)->data, b);
    assert_int_equal(event(0, 1)->data, a);
    assert_int_equal(event(0, 2)->events, IN | OUT);
    assert_clean();
}

static void poll_does_not_use_up_anything(void **state)
{
    int64_t fd = make(1);

    (void)state;
    assert_int_equal(level_of(0, fd, IN), IN);
    assert_int_equal(level_of(0, fd, IN), IN);
    assert_clean();
}

static void a_sleeper_wakes_with_its_events_only(void **state)
{
    int64_t a = make(0), b = make(0);

    (void)state;
    assert_int_equal(begin(1, POLL, 2, a, IN, b, DRV_POLLPRI, -1), DRV_PARKED);
    assert_int_equal(drv_task_timeout_ns(&kit.drv, 1), -1);
    ring(b); /* not what it asked for */
    assert_true(asleep(1));
    ring(a);
    assert_true(woken(1));
    assert_int_equal(go_on(1), DRV_DONE);
    assert_int_equal(event(1, 0)->data, a);
    assert_int_equal(recorded(SIM_EV_REPORT, (0x8000 | 1 << 8 | a) << 16 | IN), 1);
    assert_clean();
}

static void a_sleeper_that_finds_nothing_sleeps_again_on_the_same_files(void **state)
{
    int64_t a = make(0);

    (void)state;
    assert_int_equal(begin(1, POLL, 1, a, IN, -1), DRV_PARKED);
    ring(a);
    call(0, READ, a);
    assert_int_equal(go_on(1), DRV_PARKED);
    ring(a);
    assert_int_equal(go_on(1), DRV_DONE);
    assert_clean();
}

static void all_pollers_of_a_file_are_woken(void **state)
{
    int64_t a = make(0);

    (void)state; /* H03 */
    for (unsigned t = 1; t < 3; t++)
        assert_int_equal(begin(t, POLL, 1, a, IN, -1), DRV_PARKED);
    assert_int_equal(begin(3, SELECT, 1, a, 0, -1), DRV_PARKED);
    ring(a);
    assert_true(woken(1) && woken(2) && woken(3));
    for (unsigned t = 1; t < 4; t++)
        assert_int_equal(go_on(t), DRV_DONE);
    assert_clean();
}

static void a_target_closed_under_poll_is_nval_at_the_time_out(void **state)
{
    int64_t a = make(0);

    (void)state; /* D13 */
    assert_int_equal(begin(1, POLL, 1, a, IN, 5000), DRV_PARKED);
    assert_int_equal(drv_task_timeout_ns(&kit.drv, 1), 5000);
    assert_int_equal(call(0, CLOSE, a), 0);
    assert_true(asleep(1));
    drv_task_timeout(&kit.drv, 1);
    assert_int_equal(go_on(1), DRV_DONE);
    assert_int_equal(value_of(1), 1);
    assert_int_equal(event(1, 0)->events, DRV_POLLNVAL);
    assert_clean();
}

static void a_number_used_again_under_poll_is_looked_at_as_what_it_is_now(void **state)
{
    int64_t a = make(0), copy = call(0, DUP, a);

    (void)state; /* D18 */
    assert_int_equal(begin(1, POLL, 1, a, IN, 5000), DRV_PARKED);
    call(0, CLOSE, a);
    assert_int_equal(make(1), a);
    assert_true(asleep(1));
    ring(copy);
    assert_int_equal(go_on(1), DRV_DONE);
    assert_int_equal(event(1, 0)->data, a);
    assert_clean();
}

static void a_poller_holds_what_it_sleeps_on(void **state)
{
    int r = make_pipe(0, 0), w = other_end(0);

    (void)state;
    assert_int_equal(begin(1, POLL, 1, w, 0, 5000), DRV_PARKED);
    assert_int_equal(begin(2, READ, r, 1), DRV_PARKED);
    call(0, CLOSE, w);
    assert_true(asleep(2)); /* the writing end lives on in the poll */
    drv_task_timeout(&kit.drv, 1);
    assert_int_equal(go_on(1), DRV_DONE);
    assert_true(woken(2));
    assert_int_equal(go_on(2), DRV_DONE);
    assert_int_equal(value_of(2), 0);
    assert_clean();
}

static void a_closing_peer_wakes_pollers_whatever_they_asked(void **state)
{
    int r = make_pipe(0, 0), w = other_end(0);

    (void)state; /* G17 */
    assert_int_equal(begin(1, POLL, 1, r, 0, -1), DRV_PARKED);
    call(0, CLOSE, w);
    assert_int_equal(go_on(1), DRV_DONE);
    assert_int_equal(event(1, 0)->events, DRV_POLLHUP);
    assert_clean();
}

static void select_counts_bits(void **state)
{
    int64_t a = make(1), b = make(0);

    (void)state; /* G06, G13 */
    assert_int_equal(call(0, SELECT, 2, b, a, 2, a, b, 0), 3);
    assert_int_equal(event(0, 0)->data, a);
    assert_int_equal(event(0, 0)->events, IN);
    assert_int_equal(event(0, 1)->events, OUT);
    assert_int_equal(event(0, 2)->data, b);
    assert_int_equal(event(0, 2)->events, OUT);
    assert_clean();
}

static void select_with_a_closed_descriptor_is_ebadf(void **state)
{
    int64_t a = make(1);

    (void)state; /* G07, G11 */
    assert_int_equal(call(0, SELECT, 2, a, 20, 0, -1), -DRV_EBADF);
    assert_int_equal(call(0, SELECT, 1, a, 1, -1, -1), -DRV_EBADF);
    assert_int_equal(call(0, SELECT, -1, 0, 0), -DRV_EINVAL);
    assert_clean();
}

static void a_set_that_loses_a_descriptor_meanwhile_finds_it_ready(void **state)
{
    int64_t a = make(0), b = make(0), spare = call(0, DUP, b);

    (void)state; /* POLLIN_SET and POLLOUT_SET have NVAL; the check is only at the beginning */
    assert_int_equal(begin(1, SELECT, 2, a, b, 0, -1), DRV_PARKED);
    call(0, CLOSE, b);
    ring(a);
    assert_int_equal(go_on(1), DRV_DONE);
    assert_int_equal(value_of(1), 2);
    assert_int_equal(event(1, 1)->data, b);
    assert_int_equal(event(1, 1)->events, IN);
    (void)spare;
    assert_clean();
}

static void hang_up_is_readable_and_an_error_both(void **state)
{
    int r = make_pipe(0, 0), w = other_end(0), r2;

    (void)state; /* G13 */
    call(0, CLOSE, w);
    assert_int_equal(call(0, SELECT, 1, r, 0, -1), 1);
    r2 = make_pipe(0, 0);
    w = other_end(0);
    call(0, CLOSE, r2);
    assert_int_equal(call(0, SELECT, 1, w, 1, w, -1), 2);
    assert_clean();
}

static void a_time_out_of_zero_polls(void **state)
{
    int64_t a = make(0);

    (void)state;
    assert_int_equal(call(0, POLL, 1, a, IN, 0), 0);
    assert_int_equal(call(0, SELECT, 1, a, 0, 0), 0);
    assert_int_equal(recorded(SIM_EV_BLOCK, -1), 0);
    assert_clean();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_closed_descriptor_is_nval_at_once, plain),
        cmocka_unit_test_setup(descriptors_are_reported_in_their_order, plain),
        cmocka_unit_test_setup(poll_does_not_use_up_anything, plain),
        cmocka_unit_test_setup(a_sleeper_wakes_with_its_events_only, plain),
        cmocka_unit_test_setup(a_sleeper_that_finds_nothing_sleeps_again_on_the_same_files,
                               plain),
        cmocka_unit_test_setup(all_pollers_of_a_file_are_woken, plain),
        cmocka_unit_test_setup(a_target_closed_under_poll_is_nval_at_the_time_out, plain),
        cmocka_unit_test_setup(a_number_used_again_under_poll_is_looked_at_as_what_it_is_now,
                               plain),
        cmocka_unit_test_setup(a_poller_holds_what_it_sleeps_on, plain),
        cmocka_unit_test_setup(a_closing_peer_wakes_pollers_whatever_they_asked, plain),
        cmocka_unit_test_setup(select_counts_bits, plain),
        cmocka_unit_test_setup(select_with_a_closed_descriptor_is_ebadf, plain),
        cmocka_unit_test_setup(a_set_that_loses_a_descriptor_meanwhile_finds_it_ready, plain),
        cmocka_unit_test_setup(hang_up_is_readable_and_an_error_both, plain),
        cmocka_unit_test_setup(a_time_out_of_zero_polls, plain),
    };

    return cmocka_run_group_tests(tests, 0, 0);
}
