/* tests/unit/test_drv_epoll.c - the latch, the list, the errors, the steps. */
#include "test_drv_kit.h"

enum { IN = DRV_POLLIN, OUT = DRV_POLLOUT };

static int64_t ep;

static int plain(void **state)
{
    (void)state;
    kit_plan_threads(4);
    kit_start();
    ep = call(0, EPOLL_CREATE, 0);
    return 0;
}

static int64_t ctl(int64_t epfd, int64_t op, int64_t fd, uint32_t events)
{
    return call(0, EPOLL_CTL, epfd, op, fd, events, fd);
}

static void add(int64_t fd, uint32_t events)
{
    assert_int_equal(ctl(ep, DRV_EPOLL_CTL_ADD, fd, events), 0);
}

static int64_t make(uint32_t initial)
{
    return call(0, EVENTFD, initial, DRV_O_NONBLOCK);
}

static void ring(int64_t fd)
{
    assert_int_equal(call(0, WRITE, fd, 1, 1), 8);
}

/* ---- A, B: the latch ---- */

static void a_level_entry_is_reported_as_long_as_it_is_true(void **state)
{
    int64_t fd = make(0);

    (void)state; /* A01 */
    add(fd, IN);
    assert_int_equal(look(0, ep), 0);
    ring(fd);
    assert_int_equal(look(0, ep), 1);
    assert_int_equal(look(0, ep), 1);
    call(0, READ, fd);
    assert_int_equal(look(0, ep), 0);
    assert_clean();
}

static void add_and_mod_look_at_the_level(void **state)
{
    int64_t fd = make(1);

    (void)state; /* A06, A07, A08 */
    add(fd, IN | DRV_EPOLLET);
    assert_int_equal(look(0, ep), 1);
    assert_int_equal(look(0, ep), 0);
    ctl(ep, DRV_EPOLL_CTL_MOD, fd, IN | DRV_EPOLLET);
    assert_int_equal(look(0, ep), 1);
    call(0, READ, fd);
    assert_int_equal(look(0, ep), 0);
    ctl(ep, DRV_EPOLL_CTL_MOD, fd, IN | DRV_EPOLLET);
    assert_int_equal(look(0, ep), 0);
    assert_clean();
}

static void modes_can_be_exchanged(void **state)
{
    int64_t fd = make(1);

    (void)state; /* A09 */
    add(fd, IN | DRV_EPOLLET);
    assert_int_equal(look(0, ep), 1);
    ctl(ep, DRV_EPOLL_CTL_MOD, fd, IN);
    assert_int_equal(look(0, ep), 1);
    assert_int_equal(look(0, ep), 1);
    ctl(ep, DRV_EPOLL_CTL_MOD, fd, IN | DRV_EPOLLET);
    assert_int_equal(look(0, ep), 1);
    assert_int_equal(look(0, ep), 0);
    assert_clean();
}

static void the_full_mask_is_looked_at_anew(void **state)
{
    int64_t fd = make(0);

    (void)state; /* A11 in the eventfd's form */
    add(fd, IN | OUT | DRV_EPOLLET);
    assert_int_equal(look(0, ep), 1);
    assert_int_equal(event(0, 0)->events, OUT);
    ring(fd);
    assert_int_equal(look(0, ep), 1);
    assert_int_equal(event(0, 0)->events, IN | OUT);
    assert_int_equal(event(0, 0)->data, fd);
    assert_clean();
}

static void oneshot_is_disarmed_until_mod(void **state)
{
    int r = make_pipe(0, DRV_O_NONBLOCK), w = other_end(0);

    (void)state; /* B01, B02, B03, B04 */
    add(r, IN | DRV_EPOLLONESHOT);
    call(0, FILL, w, 1);
    assert_int_equal(look(0, ep), 1);
    call(0, FILL, w, 1);
    assert_int_equal(look(0, ep), 0);
    assert_int_equal(ctl(ep, DRV_EPOLL_CTL_ADD, r, IN), -DRV_EEXIST);
    ctl(ep, DRV_EPOLL_CTL_MOD, r, IN | DRV_EPOLLONESHOT | DRV_EPOLLET);
    assert_int_equal(look(0, ep), 1);
    call(0, CLOSE, w);
    assert_int_equal(look(0, ep), 0);
    assert_clean();
}

static void two_instances_fire_on_their_own(void **state)
{
    int64_t fd = make(0), other = call(0, EPOLL_CREATE, 0);

    (void)state; /* B06 */
    add(fd, IN | DRV_EPOLLONESHOT);
    ctl(other, DRV_EPOLL_CTL_ADD, fd, IN | DRV_EPOLLONESHOT);
    ring(fd);
    assert_int_equal(look(0, ep), 1);
    assert_int_equal(look(0, other), 1);
    assert_clean();
}

static void oneshot_gives_an_event_to_one_of_many_waiters(void **state)
{
    int64_t fd = make(0);

    (void)state; /* B05 */
    add(fd, IN | DRV_EPOLLONESHOT);
    for (unsigned t = 1; t < 4; t++)
        assert_int_equal(begin(t, EPOLL_WAIT, ep, 4, -1), DRV_PARKED);
    ring(fd);
    assert_true(woken(3) && asleep(2) && asleep(1)); /* the newest is called first */
    assert_int_equal(go_on(3), DRV_DONE);
    assert_true(asleep(2) && asleep(1));
}

/* ---- C: EXCLUSIVE ---- */

static void exclusive_wakes_one_instance_and_all_that_are_not(void **state)
{
    int64_t fd = make(0), eps[4];

    (void)state; /* C04, C05, C06 */
    for (unsigned i = 0; i < 4; i++) {
        eps[i] = call(0, EPOLL_CREATE, 0);
        ctl(eps[i], DRV_EPOLL_CTL_ADD, fd, i ? IN | DRV_EPOLLEXCLUSIVE : IN);
        if (i)
            assert_int_equal(begin(i, EPOLL_WAIT, eps[i], 4, -1), DRV_PARKED);
    }
    ring(fd);
    assert_true(woken(1) && asleep(2) && asleep(3));
    assert_int_equal(look(0, eps[0]), 1);
    assert_int_equal(look(0, eps[3]), 0);
}

static void exclusive_limits_wakes_not_readiness(void **state)
{
    int64_t fd = make(0), other = call(0, EPOLL_CREATE, 0);

    (void)state; /* C07 */
    add(fd, IN | DRV_EPOLLEXCLUSIVE);
    ctl(other, DRV_EPOLL_CTL_ADD, fd, IN | DRV_EPOLLEXCLUSIVE);
    ring(fd);
    assert_int_equal(look(0, ep), 1);
    assert_int_equal(look(0, other), 1);
    assert_clean();
}

static void exclusive_is_refused_where_it_cannot_be(void **state)
{
    int64_t fd = make(0), other = call(0, EPOLL_CREATE, 0);

    (void)state; /* C01, C02, C03 */
    assert_int_equal(ctl(ep, DRV_EPOLL_CTL_ADD, other, IN | DRV_EPOLLEXCLUSIVE), -DRV_EINVAL);
    assert_int_equal(ctl(ep, DRV_EPOLL_CTL_ADD, fd, IN | DRV_EPOLLEXCLUSIVE | DRV_EPOLLONESHOT),
                     -DRV_EINVAL);
    assert_int_equal(ctl(ep, DRV_EPOLL_CTL_ADD, fd, DRV_POLLPRI | DRV_EPOLLEXCLUSIVE),
                     -DRV_EINVAL);
    add(fd, IN | DRV_EPOLLEXCLUSIVE | DRV_EPOLLET);
    assert_int_equal(ctl(ep, DRV_EPOLL_CTL_MOD, fd, IN), -DRV_EINVAL);
    assert_int_equal(ctl(ep, DRV_EPOLL_CTL_MOD, fd, IN | DRV_EPOLLEXCLUSIVE), -DRV_EINVAL);
    assert_int_equal(ctl(ep, DRV_EPOLL_CTL_DEL, fd, 0), 0);
    assert_clean();
}

/* ---- D: identity ---- */

static void an_entry_is_descriptor_and_description(void **state)
{
    int64_t fd = make(0), copy = call(0, DUP, fd);

    (void)state; /* D01 */
    add(fd, IN);
    assert_int_equal(ctl(ep, DRV_EPOLL_CTL_ADD, fd, IN), -DRV_EEXIST);
    add(copy, IN);
    ring(fd);
    assert_int_equal(look(0, ep), 2);
    assert_clean();
}

static void a_closed_descriptor_with_a_living_copy_goes_on_reporting(void **state)
{
    int64_t fd = make(1), copy = call(0, DUP, fd);

    (void)state; /* D02, D03 */
    add(fd, IN);
    assert_int_equal(call(0, CLOSE, fd), 0);
    assert_int_equal(look(0, ep), 1);
    assert_int_equal(event(0, 0)->data, fd);
    assert_int_equal(ctl(ep, DRV_EPOLL_CTL_DEL, fd, 0), -DRV_EBADF);
    assert_int_equal(ctl(ep, DRV_EPOLL_CTL_DEL, copy, 0), -DRV_ENOENT);
    assert_int_equal(call(0, DUP2, copy, fd), fd);
    assert_int_equal(ctl(ep, DRV_EPOLL_CTL_DEL, fd, 0), 0);
    assert_int_equal(look(0, ep), 0);
    assert_clean();
}

static void a_number_used_again_is_another_entry(void **state)
{
    int64_t fd = make(1), copy = call(0, DUP, fd);

    (void)state; /* D04 */
    add(fd, IN);
    call(0, CLOSE, fd);
    assert_int_equal(make(1), fd);
    add(fd, IN);
    assert_int_equal(look(0, ep), 2);
    assert_int_equal(ctl(ep, DRV_EPOLL_CTL_DEL, fd, 0), 0);
    assert_int_equal(look(0, ep), 1);
    assert_int_equal(call(0, READ, copy), 1);
    assert_clean();
}

static void the_last_close_takes_the_entry_and_its_event(void **state)
{
    int64_t fd = make(1);

    (void)state; /* D05 */
    add(fd, IN);
    call(0, CLOSE, fd);
    assert_int_equal(look(0, ep), 0);
    assert_int_equal(recorded(SIM_EV_READY, -1), 2);
    assert_clean();
}

static void an_instance_closed_under_a_wait_still_reports(void **state)
{
    int64_t fd = make(0);

    (void)state; /* D11 */
    add(fd, IN);
    assert_int_equal(begin(1, EPOLL_WAIT, ep, 4, -1), DRV_PARKED);
    assert_int_equal(call(0, CLOSE, ep), 0);
    ring(fd);
    assert_int_equal(go_on(1), DRV_DONE);
    assert_int_equal(value_of(1), 1);
    assert_clean();
}

static void a_target_closed_under_a_wait_is_silent(void **state)
{
    int64_t fd = make(0);

    (void)state; /* D12 */
    add(fd, IN);
    assert_int_equal(begin(1, EPOLL_WAIT, ep, 4, 1000), DRV_PARKED);
    assert_int_equal(call(0, CLOSE, fd), 0);
    assert_true(asleep(1));
    drv_task_timeout(&kit.drv, 1);
    assert_int_equal(go_on(1), DRV_DONE);
    assert_int_equal(value_of(1), 0);
    assert_clean();
}

static void del_and_add_act_as_an_edge(void **state)
{
    int64_t fd = make(1);

    (void)state; /* D14 */
    add(fd, IN | DRV_EPOLLET);
    assert_int_equal(look(0, ep), 1);
    ctl(ep, DRV_EPOLL_CTL_DEL, fd, 0);
    add(fd, IN | DRV_EPOLLET);
    assert_int_equal(look(0, ep), 1);
    assert_clean();
}

static void wrong_arguments_have_their_numbers(void **state)
{
    int64_t fd = make(0);

    (void)state; /* D16, F05 */
    assert_int_equal(ctl(22, DRV_EPOLL_CTL_ADD, fd, IN), -DRV_EBADF);
    assert_int_equal(ctl(ep, DRV_EPOLL_CTL_ADD, 22, IN), -DRV_EBADF);
    assert_int_equal(ctl(fd, DRV_EPOLL_CTL_ADD, ep, IN), -DRV_EINVAL);
    assert_int_equal(ctl(ep, DRV_EPOLL_CTL_ADD, ep, IN), -DRV_EINVAL);
    assert_int_equal(ctl(ep, DRV_EPOLL_CTL_MOD, fd, IN), -DRV_ENOENT);
    assert_int_equal(ctl(ep, DRV_EPOLL_CTL_DEL, fd, IN), -DRV_ENOENT);
    assert_int_equal(ctl(ep, 7, fd, IN), -DRV_EINVAL);
    assert_int_equal(call(0, EPOLL_WAIT, ep, 0, 0), -DRV_EINVAL);
    assert_int_equal(call(0, EPOLL_WAIT, 22, 1, 0), -DRV_EBADF);
    assert_int_equal(call(0, EPOLL_WAIT, 22, 0, 0), -DRV_EBADF);
    assert_int_equal(call(0, EPOLL_WAIT, fd, 1, 0), -DRV_EINVAL);
    assert_int_equal(call(0, EPOLL_CREATE, 1), -DRV_EINVAL);
    assert_int_equal(call(0, READ, ep, 8), -DRV_EINVAL);
    assert_int_equal(call(0, WRITE, ep, 1, 1), -DRV_EINVAL);
    assert_clean();
}

static void too_many_entries_are_enospc(void **state)
{
    int64_t a, b;

    (void)state;
    kit_plan();
    kit.config.items = 1;
    kit_start();
    ep = call(0, EPOLL_CREATE, 0);
    a = make(0);
    b = make(0);
    add(a, IN);
    assert_int_equal(ctl(ep, DRV_EPOLL_CTL_ADD, b, IN), -DRV_ENOSPC);
    assert_int_equal(ctl(ep, DRV_EPOLL_CTL_ADD, a, IN), -DRV_EEXIST);
    assert_clean();
}

/* ---- E: nested ---- */

static void an_inner_edge_stays_until_the_inner_is_waited_on(void **state)
{
    int64_t outer = call(0, EPOLL_CREATE, 0), fd = make(0);

    (void)state; /* E01, E03 */
    add(fd, IN | DRV_EPOLLET);
    ctl(outer, DRV_EPOLL_CTL_ADD, ep, IN);
    ring(fd);
    assert_int_equal(look(0, outer), 1);
    assert_int_equal(look(0, outer), 1);
    assert_int_equal(level_of(0, ep, IN), IN);
    assert_int_equal(look(0, ep), 1);
    assert_int_equal(look(0, outer), 0);
    assert_clean();
}

static void two_inner_sources_are_two_outer_edges(void **state)
{
    int64_t outer = call(0, EPOLL_CREATE, 0), a = make(0), b = make(0);

    (void)state; /* E02 */
    add(a, IN);
    add(b, IN);
    ctl(outer, DRV_EPOLL_CTL_ADD, ep, IN | DRV_EPOLLET);
    ring(a);
    assert_int_equal(look(0, outer), 1);
    assert_int_equal(look(0, outer), 0);
    ring(b);
    assert_int_equal(look(0, outer), 1);
    assert_int_equal(look(0, outer), 0);
    assert_clean();
}

static void rings_and_towers_are_eloop(void **state)
{
    int64_t e[7];

    (void)state; /* E04 */
    e[0] = ep;
    for (unsigned i = 1; i < 7; i++)
        e[i] = call(0, EPOLL_CREATE, 0);
    assert_int_equal(ctl(e[0], DRV_EPOLL_CTL_ADD, e[1], IN), 0);
    assert_int_equal(ctl(e[1], DRV_EPOLL_CTL_ADD, e[0], IN), -DRV_ELOOP);
    assert_int_equal(ctl(e[1], DRV_EPOLL_CTL_ADD, e[2], IN), 0);
    assert_int_equal(ctl(e[2], DRV_EPOLL_CTL_ADD, e[0], IN), -DRV_ELOOP);
    assert_int_equal(ctl(e[3], DRV_EPOLL_CTL_ADD, e[4], IN), 0);
    assert_int_equal(ctl(e[2], DRV_EPOLL_CTL_ADD, e[3], IN), 0);
    assert_int_equal(ctl(e[4], DRV_EPOLL_CTL_ADD, e[5], IN), -DRV_ELOOP);
    assert_int_equal(ctl(e[5], DRV_EPOLL_CTL_ADD, e[0], IN), -DRV_ELOOP);
    assert_int_equal(ctl(e[0], DRV_EPOLL_CTL_ADD, e[1], IN), -DRV_EEXIST);
    assert_clean();
}

static void an_instance_with_a_drained_entry_is_not_ready(void **state)
{
    int64_t fd = make(0);

    (void)state; /* E05 */
    add(fd, IN);
    ring(fd);
    call(0, READ, fd);
    assert_int_equal(level_of(0, ep, IN), 0);
    assert_clean();
}

static void waiters_above_and_below_are_both_woken(void **state)
{
    int64_t outer = call(0, EPOLL_CREATE, 0), fd = make(0);

    (void)state;
    add(fd, IN);
    ctl(outer, DRV_EPOLL_CTL_ADD, ep, IN | DRV_EPOLLET);
    assert_int_equal(begin(1, EPOLL_WAIT, ep, 4, -1), DRV_PARKED);
    assert_int_equal(begin(2, EPOLL_WAIT, outer, 4, -1), DRV_PARKED);
    assert_int_equal(begin(3, POLL, 1, outer, IN, -1), DRV_PARKED);
    ring(fd);
    assert_true(woken(1) && woken(2) && woken(3));
    assert_int_equal(go_on(3), DRV_DONE); /* before the edge above is consumed */
    assert_int_equal(go_on(1), DRV_DONE);
    assert_int_equal(go_on(2), DRV_DONE);
    assert_int_equal(value_of(2), 1);
    assert_clean();
}

/* ---- F: order ---- */

static void level_entries_take_turns(void **state)
{
    int64_t fd[3];

    (void)state; /* F01 */
    for (unsigned i = 0; i < 3; i++) {
        fd[i] = make(1);
        add(fd[i], IN);
    }
    for (unsigned i = 0; i < 6; i++) {
        assert_int_equal(call(0, EPOLL_WAIT, ep, 1, 0), 1);
        assert_int_equal(event(0, 0)->data, fd[i % 3]);
    }
    assert_clean();
}

static void the_order_is_that_of_becoming_ready(void **state)
{
    int64_t fd[3];

    (void)state; /* F02, F03, F04, F06 */
    for (unsigned i = 0; i < 3; i++) {
        fd[i] = make(0);
        add(fd[i], i == 1 ? (uint32_t)IN : IN | DRV_EPOLLET);
    }
    ring(fd[2]);
    ring(fd[0]);
    ring(fd[1]);
    ring(fd[2]);
    assert_int_equal(call(0, EPOLL_WAIT, ep, 1, 0), 1);
    assert_int_equal(event(0, 0)->data, fd[2]);
    assert_int_equal(call(0, EPOLL_WAIT, ep, 2, 0), 2);
    assert_int_equal(event(0, 0)->data, fd[0]);
    assert_int_equal(event(0, 1)->data, fd[1]);
    ring(fd[0]);
    assert_int_equal(look(0, ep), 2);
    assert_int_equal(event(0, 0)->data, fd[1]);
    assert_int_equal(event(0, 1)->data, fd[0]);
    assert_clean();
}

/* ---- H and the steps ---- */

static void an_edge_per_write_wakes_a_waiter_each(void **state)
{
    int64_t fd = make(0);

    (void)state; /* H01 */
    add(fd, IN | DRV_EPOLLET);
    for (unsigned t = 1; t < 4; t++)
        assert_int_equal(begin(t, EPOLL_WAIT, ep, 4, -1), DRV_PARKED);
    ring(fd);
    ring(fd);
    assert_true(woken(3) && woken(2) && asleep(1));
    assert_int_equal(go_on(3), DRV_DONE);
    assert_int_equal(go_on(2), DRV_PARKED); /* one latch: the first took it */
    ring(fd);
    assert_true(woken(2) && asleep(1)); /* it came last, again */
}

static void a_level_undrained_wakes_one_waiter_after_the_other(void **state)
{
    int64_t fd = make(0);

    (void)state; /* H02 */
    add(fd, IN);
    for (unsigned t = 1; t < 4; t++)
        assert_int_equal(begin(t, EPOLL_WAIT, ep, 4, -1), DRV_PARKED);
    ring(fd);
    for (unsigned t = 3; t; t--) {
        assert_true(woken(t) && (t == 1 || asleep(t - 1)));
        assert_int_equal(go_on(t), DRV_DONE);
        assert_int_equal(value_of(t), 1);
    }
    assert_clean();
}

static void one_entry_is_delivered_a_step_and_the_instance_is_locked(void **state)
{
    int64_t a = make(1), b = make(1);
    struct kit_call *c = &kit.task[1];

    (void)state;
    add(a, IN);
    add(b, IN | DRV_EPOLLET);
    kit_load(1, DRV_NR_EPOLL_WAIT, 3, ep, (int64_t)4, (int64_t)-1);
    assert_int_equal(drv_call_step(&kit.drv, 1, &c->call, &c->result), DRV_AGAIN);
    kit_load(2, DRV_NR_EPOLL_WAIT, 3, ep, (int64_t)4, (int64_t)0);
    assert_true(drv_call_locked_out(&kit.drv, 2, &kit.task[2].call));
    kit_load(2, DRV_NR_EPOLL_CTL, 5, ep, (int64_t)DRV_EPOLL_CTL_DEL, a, (int64_t)0, (int64_t)0);
    assert_true(drv_call_locked_out(&kit.drv, 2, &kit.task[2].call));
    kit_load(2, DRV_NR_POLL, 4, (int64_t)1, ep, (int64_t)IN, (int64_t)0);
    assert_true(drv_call_locked_out(&kit.drv, 2, &kit.task[2].call));
    ring(b); /* wakes go on */
    assert_int_equal(drv_call_step(&kit.drv, 1, &c->call, &c->result), DRV_DONE);
    assert_int_equal(c->result.value, 2);
    assert_false(drv_call_locked_out(&kit.drv, 2, &kit.task[2].call));
    /* b was woken before its turn and is on the list once more, before a, which queued again */
    assert_int_equal(look(0, ep), 2);
    assert_int_equal(event(0, 0)->data, b);
    assert_int_equal(event(0, 1)->data, a);
    assert_clean();
}

static void what_is_closed_during_a_scan_is_not_reported(void **state)
{
    int64_t a = make(1), b = make(1);
    struct kit_call *c = &kit.task[1];

    (void)state;
    add(a, IN);
    add(b, IN);
    kit_load(1, DRV_NR_EPOLL_WAIT, 3, ep, (int64_t)4, (int64_t)-1);
    assert_int_equal(drv_call_step(&kit.drv, 1, &c->call, &c->result), DRV_AGAIN);
    assert_int_equal(call(0, CLOSE, b), 0);
    assert_int_equal(drv_call_step(&kit.drv, 1, &c->call, &c->result), DRV_DONE);
    assert_int_equal(c->result.value, 1);
    assert_clean();
}

static void a_waiter_that_finds_nothing_sleeps_again(void **state)
{
    int64_t fd = make(0);

    (void)state;
    add(fd, IN);
    assert_int_equal(begin(1, EPOLL_WAIT, ep, 4, 5000), DRV_PARKED);
    ring(fd);
    call(0, READ, fd);
    assert_int_equal(go_on(1), DRV_PARKED);
    drv_task_timeout(&kit.drv, 1);
    assert_int_equal(go_on(1), DRV_DONE);
    assert_int_equal(value_of(1), 0);
    assert_int_equal(recorded(SIM_EV_BLOCK, -1), 2);
    assert_clean();
}

static void a_wake_passes_over_a_waiter_whose_time_is_out(void **state)
{
    int64_t fd = make(0);

    (void)state;
    add(fd, IN);
    assert_int_equal(begin(2, EPOLL_WAIT, ep, 4, -1), DRV_PARKED);
    assert_int_equal(begin(1, EPOLL_WAIT, ep, 4, 5000), DRV_PARKED);
    drv_task_timeout(&kit.drv, 1);
    ring(fd);
    assert_true(woken(2));
    assert_int_equal(go_on(1), DRV_DONE); /* called as well, it looks once more */
    assert_int_equal(value_of(1), 1);
    assert_int_equal(go_on(2), DRV_DONE);
    assert_int_equal(value_of(2), 1);
    assert_clean();
}

static void add_of_a_ready_file_wakes_who_waits(void **state)
{
    int64_t fd = make(1);

    (void)state;
    assert_int_equal(begin(1, EPOLL_WAIT, ep, 4, -1), DRV_PARKED);
    add(fd, IN);
    assert_int_equal(go_on(1), DRV_DONE);
    assert_int_equal(value_of(1), 1);
    assert_int_equal(recorded(SIM_EV_REPORT, 0u << 16 | IN), 1);
    assert_clean();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_level_entry_is_reported_as_long_as_it_is_true, plain),
        cmocka_unit_test_setup(add_and_mod_look_at_the_level, plain),
        cmocka_unit_test_setup(modes_can_be_exchanged, plain),
        cmocka_unit_test_setup(the_full_mask_is_looked_at_anew, plain),
        cmocka_unit_test_setup(oneshot_is_disarmed_until_mod, plain),
        cmocka_unit_test_setup(two_instances_fire_on_their_own, plain),
        cmocka_unit_test_setup(oneshot_gives_an_event_to_one_of_many_waiters, plain),
        cmocka_unit_test_setup(exclusive_wakes_one_instance_and_all_that_are_not, plain),
        cmocka_unit_test_setup(exclusive_limits_wakes_not_readiness, plain),
        cmocka_unit_test_setup(exclusive_is_refused_where_it_cannot_be, plain),
        cmocka_unit_test_setup(an_entry_is_descriptor_and_description, plain),
        cmocka_unit_test_setup(a_closed_descriptor_with_a_living_copy_goes_on_reporting, plain),
        cmocka_unit_test_setup(a_number_used_again_is_another_entry, plain),
        cmocka_unit_test_setup(the_last_close_takes_the_entry_and_its_event, plain),
        cmocka_unit_test_setup(an_instance_closed_under_a_wait_still_reports, plain),
        cmocka_unit_test_setup(a_target_closed_under_a_wait_is_silent, plain),
        cmocka_unit_test_setup(del_and_add_act_as_an_edge, plain),
        cmocka_unit_test_setup(wrong_arguments_have_their_numbers, plain),
        cmocka_unit_test(too_many_entries_are_enospc),
        cmocka_unit_test_setup(an_inner_edge_stays_until_the_inner_is_waited_on, plain),
        cmocka_unit_test_setup(two_inner_sources_are_two_outer_edges, plain),
        cmocka_unit_test_setup(rings_and_towers_are_eloop, plain),
        cmocka_unit_test_setup(an_instance_with_a_drained_entry_is_not_ready, plain),
        cmocka_unit_test_setup(waiters_above_and_below_are_both_woken, plain),
        cmocka_unit_test_setup(level_entries_take_turns, plain),
        cmocka_unit_test_setup(the_order_is_that_of_becoming_ready, plain),
        cmocka_unit_test_setup(an_edge_per_write_wakes_a_waiter_each, plain),
        cmocka_unit_test_setup(a_level_undrained_wakes_one_waiter_after_the_other, plain),
        cmocka_unit_test_setup(one_entry_is_delivered_a_step_and_the_instance_is_locked, plain),
        cmocka_unit_test_setup(what_is_closed_during_a_scan_is_not_reported, plain),
        cmocka_unit_test_setup(a_waiter_that_finds_nothing_sleeps_again, plain),
        cmocka_unit_test_setup(a_wake_passes_over_a_waiter_whose_time_is_out, plain),
        cmocka_unit_test_setup(add_of_a_ready_file_wakes_who_waits, plain),
    };

    return cmocka_run_group_tests(tests, 0, 0);
}
