/* tests/unit/test_drv_pipe.c - pipes: slots, partial writes, who is woken when. */
#include "test_drv_kit.h"

enum { PAGE = 4096, FULL = 65536 };

static int r, w, ep;

static int plain(void **state)
{
    (void)state;
    kit_plan();
    kit_start();
    r = make_pipe(0, DRV_O_NONBLOCK);
    w = other_end(0);
    ep = (int)call(0, EPOLL_CREATE, 0);
    return 0;
}

/* Three tasks that share a blocking pipe. */
static int threads(void **state)
{
    (void)state;
    kit_plan_threads(4);
    kit_start();
    r = make_pipe(0, 0);
    w = other_end(0);
    ep = (int)call(0, EPOLL_CREATE, 0);
    return 0;
}

static void add(int fd, uint32_t events)
{
    assert_int_equal(call(0, EPOLL_CTL, ep, DRV_EPOLL_CTL_ADD, fd, events), 0);
}

static void bytes_come_out_in_order_with_their_tokens(void **state)
{
    (void)state;
    kit_load(0, DRV_NR_WRITE, 5, (int64_t)w, (int64_t)3, (int64_t)'a', (int64_t)'b',
             (int64_t)0);
    kit.task[0].tokens[3] = 9;
    assert_int_equal(kit_run(0), DRV_DONE);
    assert_int_equal(value_of(0), 3);
    assert_int_equal(drv_holds(&kit.drv, 9), kit.drv.slot[DRV_FILE_PIPE]);
    assert_int_equal(call(0, FILL, w, 2), 2);
    assert_int_equal(call(0, WRITE, w, 1, 'c'), 1);
    assert_int_equal(call(0, READ, r, 2), 2);
    assert_int_equal(kit.task[0].buf[0], 'a');
    assert_int_equal(kit.task[0].buf[1], 9 << 8 | 'b');
    assert_int_equal(call(0, READ, r, 2), 2);
    assert_int_equal(call(0, READ, r, 9), 2);
    assert_int_equal(kit.task[0].buf[0], 0);
    assert_int_equal(kit.task[0].buf[1], 'c');
    assert_int_equal(call(0, READ, r, 9), -DRV_EAGAIN);
    assert_clean();
}

static void a_byte_beyond_the_capacity_for_tokens_is_recorded_as_lost(void **state)
{
    (void)state;
    kit_plan();
    kit.config.pipe_bytes = 1;
    kit_start();
    r = make_pipe(0, 0);
    w = other_end(0);
    kit_load(0, DRV_NR_WRITE, 4, (int64_t)w, (int64_t)2, (int64_t)'a', (int64_t)'b');
    kit.task[0].tokens[3] = 9;
    assert_int_equal(kit_run(0), DRV_DONE);
    assert_int_equal(recorded(SIM_EV_LOSE, SIM_DROP_OVERRUN), 1);
    assert_int_equal(call(0, READ, r, 9), 2);
    assert_clean();
}

static void a_pipe_holds_sixteen_slots(void **state)
{
    (void)state;
    assert_int_equal(call(0, FILL, w, FULL + 100), FULL);
    assert_int_equal(call(0, FILL, w, 1), -DRV_EAGAIN);
    assert_int_equal(call(0, READ, r, FULL + 100), FULL);
    assert_clean();
}

static void pollout_is_a_free_slot_not_a_free_byte(void **state)
{
    (void)state; /* A15, A16, A17 */
    assert_int_equal(call(0, FILL, w, 15 * PAGE + 1), 15 * PAGE + 1);
    assert_int_equal(level_of(0, w, DRV_POLLOUT), 0);
    assert_int_equal(call(0, FILL, w, 1), 1);
    assert_int_equal(call(0, READ, r, 1), 1);
    assert_int_equal(level_of(0, w, DRV_POLLOUT), 0);
    assert_int_equal(call(0, READ, r, PAGE - 1), PAGE - 1);
    assert_int_equal(level_of(0, w, DRV_POLLOUT), DRV_POLLOUT);
    assert_int_equal(call(0, FILL, w, 2 * PAGE), PAGE);
    assert_clean();
}

static void a_write_of_a_page_or_less_is_whole_or_not_at_all(void **state)
{
    (void)state;
    assert_int_equal(call(0, FILL, w, 15 * PAGE + 100), 15 * PAGE + 100);
    assert_int_equal(call(0, FILL, w, PAGE - 99), -DRV_EAGAIN);
    assert_int_equal(call(0, FILL, w, PAGE - 100), PAGE - 100);
    assert_clean();
}

static void a_remainder_is_merged_before_whole_pages(void **state)
{
    (void)state;
    assert_int_equal(call(0, FILL, w, 15 * PAGE + 1), 15 * PAGE + 1);
    /* 4096 + 10: the ten go into the last slot, no slot is left for the page */
    assert_int_equal(call(0, FILL, w, PAGE + 10), 10);
    assert_int_equal(call(0, READ, r, FULL), 15 * PAGE + 11);
    assert_clean();
}

static void packets_keep_their_bounds(void **state)
{
    (void)state;
    r = make_pipe(0, DRV_O_DIRECT | DRV_O_NONBLOCK);
    w = other_end(0);
    assert_int_equal(call(0, FCNTL, r, DRV_F_GETFL, 0), DRV_O_NONBLOCK);
    forget();
    kit_load(0, DRV_NR_WRITE, 5, (int64_t)w, (int64_t)3, (int64_t)'a', (int64_t)'b',
             (int64_t)'c');
    kit.task[0].tokens[4] = 5;
    assert_int_equal(kit_run(0), DRV_DONE);
    assert_int_equal(call(0, WRITE, w, 1, 'd'), 1);
    assert_int_equal(call(0, READ, r, 2), 2);
    assert_int_equal(recorded(SIM_EV_LOSE, -1), 1);
    assert_int_equal(call(0, READ, r, 9), 1);
    assert_int_equal(kit.task[0].buf[0], 'd');
    assert_int_equal(call(0, PIPE, 1), -DRV_EINVAL);
    assert_clean();
}

static void end_of_file_is_hup_and_a_lost_reader_is_err(void **state)
{
    (void)state; /* A40, A41, G17 */
    add(r, 0);
    assert_int_equal(call(0, WRITE, w, 1, 'x'), 1);
    assert_int_equal(call(0, CLOSE, w), 0);
    assert_int_equal(look(0, ep), 1);
    assert_int_equal(event(0, 0)->events, DRV_POLLHUP);
    assert_int_equal(level_of(0, r, DRV_POLLIN), DRV_POLLIN | DRV_POLLHUP);
    assert_int_equal(call(0, READ, r, 9), 1);
    assert_int_equal(level_of(0, r, DRV_POLLIN), DRV_POLLHUP);
    assert_int_equal(call(0, READ, r, 9), 0);
    assert_int_equal(look(0, ep), 1);
    r = make_pipe(0, 0);
    w = other_end(0);
    assert_int_equal(call(0, CLOSE, r), 0);
    assert_int_equal(level_of(0, w, 0), DRV_POLLERR);
    assert_int_equal(level_of(0, w, DRV_POLLOUT), DRV_POLLOUT | DRV_POLLERR);
    assert_int_equal(call(0, FILL, w, 1), -DRV_EPIPE);
    assert_int_equal(call(0, FILL, w, 0), 0);
    assert_clean();
}

static void an_edge_comes_with_every_write_once_polled(void **state)
{
    (void)state; /* A02, A03, A04, A05 */
    add(r, DRV_POLLIN | DRV_EPOLLET);
    assert_int_equal(call(0, FILL, w, 2), 2);
    assert_int_equal(look(0, ep), 1);
    assert_int_equal(look(0, ep), 0);
    assert_int_equal(call(0, FILL, w, 1), 1);
    assert_int_equal(look(0, ep), 1);
    assert_int_equal(call(0, READ, r, 1), 1);
    assert_int_equal(look(0, ep), 0);
    assert_int_equal(call(0, FILL, w, 1), 1);
    assert_int_equal(call(0, FILL, w, 1), 1);
    assert_int_equal(look(0, ep), 1);
    assert_int_equal(look(0, ep), 0);
    assert_clean();
}

static void an_unpolled_pipe_wakes_only_when_it_was_empty(void **state)
{
    (void)state;
    forget();
    assert_int_equal(call(0, FILL, w, 1), 1);
    assert_int_equal(call(0, FILL, w, 1), 1);
    assert_int_equal(recorded(SIM_EV_WAKE, -1), 1);
    assert_int_equal(level_of(0, r, DRV_POLLIN), DRV_POLLIN);
    assert_int_equal(call(0, FILL, w, 1), 1);
    assert_int_equal(recorded(SIM_EV_WAKE, -1), 2);
    assert_clean();
}

static void a_write_that_fails_still_wakes_a_polled_pipe(void **state)
{
    (void)state;
    add(r, DRV_POLLIN | DRV_EPOLLET);
    assert_int_equal(call(0, FILL, w, FULL), FULL);
    assert_int_equal(look(0, ep), 1);
    assert_int_equal(call(0, FILL, w, 1), -DRV_EAGAIN);
    assert_int_equal(look(0, ep), 1);
    assert_clean();
}

static void an_out_edge_needs_a_slot_freed_of_a_full_pipe(void **state)
{
    (void)state; /* A14, A15 */
    add(w, DRV_POLLOUT | DRV_EPOLLET);
    assert_int_equal(look(0, ep), 1);
    assert_int_equal(call(0, FILL, w, 1), 1);
    assert_int_equal(call(0, READ, r, 1), 1);
    assert_int_equal(look(0, ep), 0);
    assert_int_equal(call(0, FILL, w, FULL), FULL);
    assert_int_equal(call(0, READ, r, 1), 1);
    assert_int_equal(look(0, ep), 0);
    assert_int_equal(call(0, READ, r, PAGE), PAGE);
    assert_int_equal(look(0, ep), 1);
    assert_clean();
}

static void one_blocked_reader_is_woken_and_passes_on_what_it_leaves(void **state)
{
    (void)state; /* H03 */
    assert_int_equal(begin(1, READ, r, 1), DRV_PARKED);
    assert_int_equal(begin(2, READ, r, 1), DRV_PARKED);
    assert_int_equal(begin(3, READ, r, 1), DRV_PARKED);
    assert_int_equal(call(0, FILL, w, 2), 2);
    assert_true(woken(1));
    assert_true(asleep(2));
    assert_int_equal(go_on(1), DRV_DONE);
    assert_true(woken(2));
    assert_true(asleep(3));
    assert_int_equal(go_on(2), DRV_DONE);
    assert_true(asleep(3));
    assert_int_equal(call(0, CLOSE, w), 0);
    assert_int_equal(go_on(3), DRV_DONE);
    assert_int_equal(value_of(3), 0);
    assert_clean();
}

static void a_woken_reader_that_finds_nothing_sleeps_again_at_the_end(void **state)
{
    (void)state;
    assert_int_equal(begin(1, READ, r, 1), DRV_PARKED);
    assert_int_equal(begin(2, READ, r, 1), DRV_PARKED);
    assert_int_equal(call(0, FILL, w, 1), 1);
    assert_int_equal(call(0, READ, r, 1), 1);
    assert_int_equal(go_on(1), DRV_PARKED);
    assert_int_equal(call(0, FILL, w, 1), 1);
    assert_true(woken(2));
    assert_true(asleep(1));
    assert_int_equal(go_on(2), DRV_DONE);
    assert_int_equal(call(0, FILL, w, 1), 1);
    assert_int_equal(go_on(1), DRV_DONE);
    assert_clean();
}

static void a_blocked_writer_goes_on_where_it_stopped(void **state)
{
    (void)state;
    assert_int_equal(begin(1, FILL, w, FULL + 2 * PAGE), DRV_PARKED);
    assert_int_equal(call(0, READ, r, PAGE), PAGE);
    assert_true(woken(1));
    assert_int_equal(go_on(1), DRV_PARKED);
    assert_int_equal(call(0, READ, r, FULL), FULL);
    assert_int_equal(go_on(1), DRV_DONE);
    assert_int_equal(value_of(1), FULL + 2 * PAGE);
    assert_int_equal(call(0, READ, r, FULL), PAGE);
    assert_int_equal(begin(1, FILL, w, FULL + 1), DRV_PARKED);
    assert_int_equal(call(0, CLOSE, r), 0);
    assert_int_equal(go_on(1), DRV_DONE);
    assert_int_equal(value_of(1), FULL);
    assert_clean();
}

static void refills_within_one_write_do_not_wake_a_pipe_that_is_not_empty(void **state)
{
    (void)state; /* A47 */
    add(r, DRV_POLLIN | DRV_EPOLLET);
    assert_int_equal(begin(1, FILL, w, 4 * FULL), DRV_PARKED);
    assert_int_equal(look(0, ep), 1);
    assert_int_equal(call(0, READ, r, PAGE), PAGE);
    assert_int_equal(go_on(1), DRV_PARKED);
    assert_int_equal(look(0, ep), 0);
}

static void a_stolen_byte_leaves_no_event(void **state)
{
    (void)state; /* A10 */
    add(r, DRV_POLLIN | DRV_EPOLLET);
    assert_int_equal(call(0, FILL, w, 1), 1);
    assert_int_equal(call(0, READ, r, 1), 1);
    assert_int_equal(look(0, ep), 0);
    assert_clean();
}

/* Edges that an epoll entry sees of two writes into a pipe that nobody drains. */
static unsigned edges_of_two_writes(unsigned version)
{
    int64_t set;
    int end;

    kit_plan();
    kit.config.linux_version = (uint16_t)version;
    kit_start();
    end = make_pipe(0, DRV_O_NONBLOCK);
    set = call(0, EPOLL_CREATE, 0);
    call(0, EPOLL_CTL, set, DRV_EPOLL_CTL_ADD, end, DRV_POLLIN | DRV_EPOLLET, 0);
    call(0, FILL, end + 1, 1);
    assert_int_equal(look(0, set), 1);
    call(0, FILL, end + 1, 1);
    return (unsigned)look(0, set) + 1;
}

static void version_of_linux_says_which_writes_wake(void **state)
{
    (void)state;
    assert_int_equal(edges_of_two_writes(0), 2);
    assert_int_equal(edges_of_two_writes(5 << 8 | 4), 2);
    assert_int_equal(edges_of_two_writes(5 << 8 | 5), 1);
    assert_int_equal(edges_of_two_writes(5 << 8 | 13), 1);
    assert_int_equal(edges_of_two_writes(5 << 8 | 14), 2);
}

static void signal_that_is_caught_ends_a_sleep(void **state)
{
    int end;

    (void)state;
    kit_plan();
    kit_start();
    end = make_pipe(0, 0);
    assert_int_equal(begin(0, READ, end, 1), DRV_PARKED);
    drv_task_interrupt(&kit.drv, 0);
    assert_int_equal(go_on(0), DRV_DONE);
    assert_int_equal(value_of(0), -DRV_EINTR);
    assert_int_equal(begin(0, FILL, end + 1, 70000), DRV_PARKED);
    drv_task_interrupt(&kit.drv, 0);
    assert_int_equal(go_on(0), DRV_DONE);
    assert_int_equal(value_of(0), 65536);
    assert_clean();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(bytes_come_out_in_order_with_their_tokens, plain),
        cmocka_unit_test(a_byte_beyond_the_capacity_for_tokens_is_recorded_as_lost),
        cmocka_unit_test(version_of_linux_says_which_writes_wake),
        cmocka_unit_test(signal_that_is_caught_ends_a_sleep),
        cmocka_unit_test_setup(a_pipe_holds_sixteen_slots, plain),
        cmocka_unit_test_setup(pollout_is_a_free_slot_not_a_free_byte, plain),
        cmocka_unit_test_setup(a_write_of_a_page_or_less_is_whole_or_not_at_all, plain),
        cmocka_unit_test_setup(a_remainder_is_merged_before_whole_pages, plain),
        cmocka_unit_test_setup(packets_keep_their_bounds, plain),
        cmocka_unit_test_setup(end_of_file_is_hup_and_a_lost_reader_is_err, plain),
        cmocka_unit_test_setup(an_edge_comes_with_every_write_once_polled, plain),
        cmocka_unit_test_setup(an_unpolled_pipe_wakes_only_when_it_was_empty, plain),
        cmocka_unit_test_setup(a_write_that_fails_still_wakes_a_polled_pipe, plain),
        cmocka_unit_test_setup(an_out_edge_needs_a_slot_freed_of_a_full_pipe, plain),
        cmocka_unit_test_setup(one_blocked_reader_is_woken_and_passes_on_what_it_leaves,
                               threads),
        cmocka_unit_test_setup(a_woken_reader_that_finds_nothing_sleeps_again_at_the_end,
                               threads),
        cmocka_unit_test_setup(a_blocked_writer_goes_on_where_it_stopped, threads),
        cmocka_unit_test_setup(refills_within_one_write_do_not_wake_a_pipe_that_is_not_empty,
                               threads),
        cmocka_unit_test_setup(a_stolen_byte_leaves_no_event, plain),
    };

    return cmocka_run_group_tests(tests, 0, 0);
}
