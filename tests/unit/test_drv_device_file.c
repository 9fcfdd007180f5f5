/* tests/unit/test_drv_device_file.c - a driver's queue, its blocks, and the size of it all. */
#include "test_drv_kit.h"

enum { IN = DRV_POLLIN | DRV_POLLRDNORM, KEYS = 0 };

static struct drv_driver_config *driver(void)
{
    return &kit.config.driver[0];
}

static void plan(void)
{
    kit_plan_threads(4);
    kit_plan_device(4);
}

static int plain(void **state)
{
    (void)state;
    plan();
    kit_start();
    return 0;
}

static void push(unsigned token)
{
    drv_queue(&kit.drv, KEYS, (uint8_t)token, token);
    drv_wake(&kit.drv, KEYS, IN);
}

static void bytes_are_read_in_the_order_they_were_queued(void **state)
{
    int64_t fd = call(0, OPEN, KEYS, DRV_O_NONBLOCK);

    (void)state;
    assert_int_equal(call(0, READ, fd, 4), -DRV_EAGAIN);
    push(3);
    push(4);
    push(5);
    assert_int_equal(drv_count(&kit.drv, KEYS), 3);
    assert_int_equal(drv_room(&kit.drv, KEYS), 1);
    assert_int_equal(call(0, READ, fd, 0), 0);
    assert_int_equal(call(0, READ, fd, 2), 2);
    assert_int_equal(kit.task[0].buf[1], 4 << 8 | 4);
    assert_int_equal(drv_holds(&kit.drv, 5), KEYS);
    assert_int_equal(call(0, READ, fd, 9), 1);
    assert_int_equal(drv_holds(&kit.drv, 5), DRV_NONE);
    assert_int_equal(call(0, WRITE, fd, 1, 'x'), -DRV_EINVAL);
    assert_int_equal(call(0, LSEEK, fd, 0, 0), -DRV_ESPIPE);
    assert_clean();
}

static void a_full_queue_drops_and_says_so(void **state)
{
    (void)state;
    for (unsigned token = 1; token <= 5; token++)
        push(token);
    assert_int_equal(recorded(SIM_EV_QUEUE, -1), 4);
    assert_int_equal(recorded(SIM_EV_FULL, 5), 1);
    assert_int_equal(recorded(SIM_EV_WAKE, IN), 5);
    assert_int_equal(drv_room(&kit.drv, KEYS), 0);
}

static void wide_queues_keep_bytes_without_tokens(void **state)
{
    int64_t fd;

    (void)state;
    plan();
    kit.config.narrow_queues = 0;
    kit_start();
    fd = call(0, OPEN, KEYS, 0);
    drv_queue(&kit.drv, KEYS, 'x', 0);
    drv_queue(&kit.drv, KEYS, 'y', 7);
    assert_int_equal(call(0, READ, fd, 1), 1);
    assert_int_equal(kit.task[0].buf[0], 'x');
    assert_int_equal(call(0, READ, fd, 1), 1);
    assert_int_equal(kit.task[0].buf[0], 7 << 8 | 'y');
    assert_clean();
}

static void all_sleepers_are_woken_and_queueing_alone_wakes_nobody(void **state)
{
    int64_t fd = call(0, OPEN, KEYS, 0);

    (void)state;
    assert_int_equal(begin(1, READ, fd, 4), DRV_PARKED);
    assert_int_equal(begin(2, READ, fd, 4), DRV_PARKED);
    drv_queue(&kit.drv, KEYS, 1, 1);
    assert_true(asleep(1) && asleep(2));
    drv_wake(&kit.drv, KEYS, IN);
    assert_true(woken(1) && woken(2));
    assert_int_equal(go_on(1), DRV_DONE);
    assert_int_equal(go_on(2), DRV_PARKED);
    push(2);
    assert_int_equal(go_on(2), DRV_DONE);
    assert_int_equal(recorded(SIM_EV_BLOCK, -1), 3);
    assert_clean();
}

static void a_sleep_counts_only_wakes_since_prepare(void **state)
{
    unsigned thread = kit.config.tasks; /* the driver's threaded half */

    (void)state;
    drv_wake(&kit.drv, KEYS, IN);
    assert_true(drv_sleep(&kit.drv, thread, KEYS));
    assert_true(drv_sleeping(&kit.drv, thread));
    drv_wake(&kit.drv, KEYS, IN);
    assert_false(drv_sleeping(&kit.drv, thread));
    assert_int_equal(kit.drv.readied.waiter[0], thread);
    drv_prepare(&kit.drv, thread, KEYS);
    drv_wake(&kit.drv, KEYS, IN);
    assert_false(drv_sleep(&kit.drv, thread, KEYS));
    drv_prepare(&kit.drv, thread, KEYS);
    assert_true(drv_sleep(&kit.drv, thread, KEYS));
    drv_wake(&kit.drv, KEYS, IN);
    assert_false(drv_sleeping(&kit.drv, thread));
    drv_prepare(&kit.drv, thread, KEYS);
    drv_finish(&kit.drv, thread);
    assert_clean();
}

static void read_runs_at_each_look_and_write_once_a_byte(void **state)
{
    struct drv_need need;
    int64_t fd;

    (void)state;
    plan();
    driver()->has[DRV_BLOCK_READ] = 1;
    driver()->has[DRV_BLOCK_WRITE] = 1;
    kit_start();
    fd = call(0, OPEN, KEYS, 0);
    assert_int_equal(begin(1, READ, fd, 4), DRV_PARKED);
    assert_int_equal(kit.blocks, 1);
    push(1);
    assert_int_equal(go_on(1), DRV_DONE);
    assert_int_equal(kit.blocks, 2);
    kit_load(1, DRV_NR_WRITE, 4, fd, (int64_t)2, (int64_t)'x', (int64_t)'y');
    kit.task[1].tokens[3] = 8;
    assert_true(drv_call_need(&kit.drv, 1, &kit.task[1].call, &need));
    assert_int_equal(need.value, 'x');
    drv_call_block_begin(&kit.drv, 1, &kit.task[1].call, &need);
    drv_call_block_done(&kit.drv, 1, &kit.task[1].call, 0);
    assert_true(drv_call_need(&kit.drv, 1, &kit.task[1].call, &need));
    assert_int_equal(need.value, 'y');
    assert_int_equal(need.token, 8);
    assert_int_equal(kit_run(1), DRV_DONE);
    assert_int_equal(value_of(1), 2);
    assert_int_equal(recorded(SIM_EV_PUT, -1), 2);
    assert_int_equal(call(1, FILL, fd, 3), 3);
    assert_int_equal(kit.blocks, 2 + 1 + 3);
    assert_clean();
}

static void open_runs_at_each_open_and_release_at_the_last_close(void **state)
{
    int64_t fd, copy;

    (void)state;
    plan();
    driver()->has[DRV_BLOCK_OPEN] = 1;
    driver()->has[DRV_BLOCK_RELEASE] = 1;
    kit_start();
    fd = call(0, OPEN, KEYS, 0);
    assert_int_equal(kit.blocks, 1);
    copy = call(0, DUP, fd);
    assert_int_equal(call(0, CLOSE, fd), 0);
    assert_int_equal(kit.blocks, 1);
    assert_int_equal(call(0, CLOSE, copy), 0);
    assert_int_equal(kit.blocks, 2);
    fd = call(0, OPEN, KEYS, 0);
    copy = call(0, EVENTFD, 0, 0);
    assert_int_equal(call(0, DUP2, copy, fd), fd);
    assert_int_equal(kit.blocks, 4);
    assert_clean();
}

static void exit_releases_what_the_last_task_has_open(void **state)
{
    struct drv_need need;

    (void)state;
    plan();
    kit.config.tasks = 1;
    driver()->has[DRV_BLOCK_RELEASE] = 1;
    kit_start();
    call(0, OPEN, KEYS, 0);
    call(0, DUP, 3);
    call(0, OPEN, KEYS, 0);
    kit_load(0, DRV_NR_EXIT, 0);
    while (drv_call_need(&kit.drv, 0, &kit.task[0].call, &need)) {
        drv_call_block_begin(&kit.drv, 0, &kit.task[0].call, &need);
        drv_call_block_done(&kit.drv, 0, &kit.task[0].call, 0);
        kit.blocks++;
    }
    assert_int_equal(kit.blocks, 2);
    assert_false(drv_task_has_open(&kit.drv, 0, KEYS));
    drv_task_exit(&kit.drv, 0);
}

static void poll_says_the_level_to_poll_and_to_epoll(void **state)
{
    int64_t fd, ep;

    (void)state;
    plan();
    driver()->has[DRV_BLOCK_POLL] = 1;
    kit_start();
    fd = call(0, OPEN, KEYS, 0);
    ep = call(0, EPOLL_CREATE, 0);
    push(1);
    assert_int_equal(level_of(0, fd, IN), 0);
    kit.poll_mask = DRV_POLLIN;
    assert_int_equal(level_of(0, fd, IN), DRV_POLLIN);
    kit.blocks = 0;
    assert_int_equal(call(0, EPOLL_CTL, ep, DRV_EPOLL_CTL_ADD, fd, IN), 0);
    assert_int_equal(kit.blocks, 1);
    assert_int_equal(call(0, EPOLL_CTL, ep, DRV_EPOLL_CTL_ADD, fd, IN), -DRV_EEXIST);
    assert_int_equal(kit.blocks, 1);
    assert_int_equal(look(0, ep), 1);
    kit.poll_mask = 0;
    assert_int_equal(look(0, ep), 0);
    assert_int_equal(kit.blocks, 3);
    assert_int_equal(look(0, ep), 0);
    assert_int_equal(kit.blocks, 3);
    assert_int_equal(call(0, READ, fd, 4), 1);
    assert_clean();
}

static void a_wake_between_poll_and_sleep_is_not_lost(void **state)
{
    struct drv_call *c = &kit.task[1].call;
    struct drv_need need;
    int64_t fd, ep;

    (void)state;
    plan();
    driver()->has[DRV_BLOCK_POLL] = 1;
    kit_start();
    fd = call(0, OPEN, KEYS, 0);
    ep = call(0, EPOLL_CREATE, 0);
    kit_load(1, DRV_NR_POLL, 4, (int64_t)1, fd, (int64_t)IN, (int64_t)-1);
    assert_true(drv_call_need(&kit.drv, 1, c, &need));
    drv_call_block_begin(&kit.drv, 1, c, &need);
    push(1);
    drv_call_block_done(&kit.drv, 1, c, 0);
    assert_int_equal(drv_call_step(&kit.drv, 1, c, &kit.task[1].result), DRV_AGAIN);
    kit.poll_mask = DRV_POLLIN;
    assert_int_equal(kit_run(1), DRV_DONE);
    assert_int_equal(value_of(1), 1);
    kit_load(1, DRV_NR_EPOLL_CTL, 4, ep, (int64_t)DRV_EPOLL_CTL_ADD, fd, (int64_t)IN);
    assert_true(drv_call_need(&kit.drv, 1, c, &need));
    drv_call_block_begin(&kit.drv, 1, c, &need);
    push(2); /* the entry listens already */
    kit_load(0, DRV_NR_EPOLL_WAIT, 3, ep, (int64_t)4, (int64_t)0);
    assert_true(drv_call_locked_out(&kit.drv, 0, &kit.task[0].call));
    assert_int_equal(drv_call_step(&kit.drv, 0, &kit.task[0].call, &kit.task[0].result),
                     DRV_WAIT_LOCK);
    drv_call_block_done(&kit.drv, 1, c, 0);
    assert_int_equal(kit_run(1), DRV_DONE);
    assert_int_equal(look(0, ep), 1);
    assert_int_equal(call(0, READ, fd, 4), 2);
    assert_clean();
}

static void poll_is_asked_for_below_a_nested_instance(void **state)
{
    int64_t fd, inner, outer;

    (void)state;
    plan();
    driver()->has[DRV_BLOCK_POLL] = 1;
    kit_start();
    fd = call(0, OPEN, KEYS, 0);
    inner = call(0, EPOLL_CREATE, 0);
    outer = call(0, EPOLL_CREATE, 0);
    assert_int_equal(call(0, EPOLL_CTL, inner, DRV_EPOLL_CTL_ADD, fd, IN), 0);
    assert_int_equal(call(0, EPOLL_CTL, outer, DRV_EPOLL_CTL_ADD, inner, IN), 0);
    push(1);
    kit.blocks = 0;
    assert_int_equal(look(0, outer), 0);
    assert_int_equal(kit.blocks, 1);
    kit.poll_mask = DRV_POLLIN;
    push(2);
    assert_int_equal(look(0, outer), 1);
    assert_int_equal(level_of(0, outer, IN), IN);
    assert_int_equal(call(0, READ, fd, 4), 2);
    assert_clean();
}

static void the_smallest_scenario_is_small(void **state)
{
    (void)state;
    kit_plan();
    kit_plan_device(DRV_QUEUE_DEFAULT);
    kit.config.tasks = kit.config.processes = 1;
    kit.config.pipes = kit.config.eventfds = kit.config.sockets = kit.config.timerfds = 0;
    kit.config.epolls = kit.config.items = 1;
    kit.config.fds = kit.config.ofds = 2;
    kit.config.poll_max = 0;
    kit_start();
    print_message("one file, one instance, one entry, one task: %u hot bytes\n",
                  kit.arena.fill[SIM_HOT]);
    assert_true(kit.arena.fill[SIM_HOT] <= 150);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(bytes_are_read_in_the_order_they_were_queued, plain),
        cmocka_unit_test_setup(a_full_queue_drops_and_says_so, plain),
        cmocka_unit_test(wide_queues_keep_bytes_without_tokens),
        cmocka_unit_test_setup(all_sleepers_are_woken_and_queueing_alone_wakes_nobody, plain),
        cmocka_unit_test_setup(a_sleep_counts_only_wakes_since_prepare, plain),
        cmocka_unit_test(read_runs_at_each_look_and_write_once_a_byte),
        cmocka_unit_test(open_runs_at_each_open_and_release_at_the_last_close),
        cmocka_unit_test(exit_releases_what_the_last_task_has_open),
        cmocka_unit_test(poll_says_the_level_to_poll_and_to_epoll),
        cmocka_unit_test(a_wake_between_poll_and_sleep_is_not_lost),
        cmocka_unit_test(poll_is_asked_for_below_a_nested_instance),
        cmocka_unit_test(the_smallest_scenario_is_small),
    };

    return cmocka_run_group_tests(tests, 0, 0);
}
