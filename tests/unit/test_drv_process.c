/* tests/unit/test_drv_process.c - fork, exec, ends, signals, timers. */
#include "test_drv_kit.h"

#define BIT(signal) (1ll << ((signal)-1))

enum { USR1 = 10, USR2 = 12, RT = 34, BLOCK = 0, UNBLOCK = 1 };

static void start_family(void)
{
    kit_plan_family();
    kit_start();
}

static void child_shares_descriptions_and_has_its_own_table(void **state)
{
    int r, w;

    (void)state;
    start_family();
    r = make_pipe(0, DRV_O_NONBLOCK);
    w = other_end(0);
    assert_int_equal(call(0, FORK, 0), DRV_PID_FIRST + 1);
    assert_int_equal(kit.task[0].result.out[0], 1);
    call(0, CLOSE, w);
    assert_int_equal(call(0, READ, r, 1), -DRV_EAGAIN); /* the child can still write */
    assert_int_equal(call(1, FILL, w, 1), 1);
    assert_int_equal(call(0, READ, r, 1), 1);
    call(1, CLOSE, w);
    assert_int_equal(call(0, READ, r, 1), 0);
}

static void family_ends_where_its_places_end(void **state)
{
    (void)state;
    start_family();
    assert_int_equal(call(0, FORK, 0), DRV_PID_FIRST + 1);
    assert_int_equal(call(1, FORK, 0), DRV_PID_FIRST + 2);
    forget();
    assert_int_equal(call(0, FORK, 0), -DRV_EAGAIN);
    assert_int_equal(recorded(SIM_EV_LIMIT, DRV_EAGAIN), 1);
}

static void wait_sleeps_for_a_living_child_and_takes_each_once(void **state)
{
    (void)state;
    start_family();
    assert_int_equal(call(0, WAIT, 0), -DRV_ECHILD);
    call(0, FORK, 0);
    assert_int_equal(begin(0, WAIT, 0), DRV_PARKED);
    drv_task_leave(&kit.drv, 1, 3);
    drv_task_exit(&kit.drv, 1);
    assert_int_equal(go_on(0), DRV_DONE);
    assert_int_equal(value_of(0), DRV_PID_FIRST + 1);
    assert_int_equal(kit.task[0].result.out[0], 3);
    assert_int_equal(call(0, WAIT, 0), -DRV_ECHILD);
    assert_int_equal(call(0, KILL, DRV_PID_FIRST + 1, 0), -DRV_ESRCH);
}

static void exec_closes_only_what_says_so(void **state)
{
    int r, w;

    (void)state;
    start_family();
    r = make_pipe(0, DRV_O_CLOEXEC);
    w = (int)call(0, DUP, other_end(0));
    call(0, EXEC, 0);
    assert_int_equal(call(0, CLOSE, r), -DRV_EBADF);
    assert_int_equal(call(0, CLOSE, w), 0);
}

static void limit_stops_new_descriptors_not_old_ones(void **state)
{
    int r;

    (void)state;
    start_family();
    r = make_pipe(0, 0);
    assert_int_equal(call(0, SETRLIMIT, DRV_RLIMIT_NOFILE, 4), 0);
    assert_int_equal(call(0, DUP, r), -DRV_EMFILE);
    assert_int_equal(call(0, DUP2, r, 4), -DRV_EBADF);
    assert_int_equal(call(0, FCNTL, r, DRV_F_DUPFD, 4), -DRV_EINVAL);
    call(0, CLOSE, r);
    assert_int_equal(call(0, DUP, r + 1), r);
}

static void standard_signal_pends_once_and_real_time_ones_queue(void **state)
{
    int64_t fd, ep;

    (void)state;
    start_family();
    call(0, SIGPROCMASK, BLOCK, BIT(USR1) | BIT(RT));
    fd = call(0, SIGNALFD, -1, BIT(USR1) | BIT(RT), DRV_O_NONBLOCK);
    ep = call(0, EPOLL_CREATE, 0);
    call(0, EPOLL_CTL, ep, DRV_EPOLL_CTL_ADD, fd, DRV_POLLIN | DRV_EPOLLET, 0);
    assert_int_equal(call(0, READ, fd, 128), -DRV_EAGAIN);
    assert_int_equal(call(0, KILL, DRV_PID_FIRST, USR1), 0);
    assert_int_equal(look(0, ep), 1);
    call(0, KILL, DRV_PID_FIRST, USR1);
    assert_int_equal(look(0, ep), 0);
    call(0, KILL, DRV_PID_FIRST, RT);
    assert_int_equal(look(0, ep), 1);
    call(0, KILL, DRV_PID_FIRST, RT);
    assert_int_equal(look(0, ep), 1);
    assert_int_equal(call(0, READ, fd, 127), -DRV_EINVAL);
    assert_int_equal(call(0, READ, fd, 256), 256);
    assert_int_equal(kit.task[0].buf[0], USR1);
    assert_int_equal(kit.task[0].buf[128], RT);
    assert_int_equal(call(0, READ, fd, 256), 128);
    assert_int_equal(call(0, READ, fd, 128), -DRV_EAGAIN);
}

static void inherited_epoll_listens_for_the_signals_of_who_registered(void **state)
{
    int64_t fd, ep;

    (void)state;
    start_family();
    call(0, SIGPROCMASK, BLOCK, BIT(USR1));
    fd = call(0, SIGNALFD, -1, BIT(USR1), DRV_O_NONBLOCK);
    ep = call(0, EPOLL_CREATE, 0);
    call(0, EPOLL_CTL, ep, DRV_EPOLL_CTL_ADD, fd, DRV_POLLIN, 0);
    call(0, FORK, 0);
    call(1, KILL, DRV_PID_FIRST + 1, USR1);
    assert_int_equal(level_of(1, fd, DRV_POLLIN), DRV_POLLIN);
    assert_int_equal(look(1, ep), 0);
    assert_int_equal(level_of(0, fd, DRV_POLLIN), 0);
}

static void unblocked_signal_ends_a_sleeper_and_its_descriptors(void **state)
{
    int r;

    (void)state;
    start_family();
    r = make_pipe(0, 0);
    call(0, FORK, 0);
    assert_int_equal(begin(1, READ, r, 1), DRV_PARKED);
    call(0, KILL, DRV_PID_FIRST + 1, 28); /* SIGWINCH: ignored */
    assert_false(drv_task_killed(&kit.drv, 1));
    call(0, KILL, DRV_PID_FIRST + 1, USR2);
    assert_true(drv_task_killed(&kit.drv, 1));
    drv_task_exit(&kit.drv, 1);
    assert_int_equal(kit.drv.waits->n, 0);
    assert_int_equal(call(0, WAIT, 0), DRV_PID_FIRST + 1);
    assert_int_equal(kit.task[0].result.out[0], USR2);
}

static void stop_interrupts_epoll_wait_and_nothing_else(void **state)
{
    int64_t ep;
    int r;

    (void)state;
    start_family();
    r = make_pipe(0, 0);
    call(0, FORK, 0);
    ep = call(1, EPOLL_CREATE, 0);
    assert_int_equal(begin(1, EPOLL_WAIT, ep, 1, -1), DRV_PARKED);
    call(0, KILL, DRV_PID_FIRST + 1, 19);
    assert_true(drv_task_stopped(&kit.drv, 1));
    call(0, KILL, DRV_PID_FIRST + 1, 18);
    assert_false(drv_task_stopped(&kit.drv, 1));
    assert_int_equal(go_on(1), DRV_DONE);
    assert_int_equal(value_of(1), -DRV_EINTR);
    assert_int_equal(begin(1, READ, r, 1), DRV_PARKED);
    call(0, KILL, DRV_PID_FIRST + 1, 19);
    call(0, KILL, DRV_PID_FIRST + 1, 18);
    assert_true(asleep(1));
}

static void pidfd_is_in_at_the_end_and_hup_once_reaped(void **state)
{
    int64_t fd;

    (void)state;
    start_family();
    call(0, FORK, 0);
    fd = call(0, PIDFD_OPEN, DRV_PID_FIRST + 1, 0);
    assert_int_equal(call(0, PIDFD_OPEN, 7, 0), -DRV_ESRCH);
    assert_int_equal(level_of(0, fd, DRV_POLLIN), 0);
    drv_task_exit(&kit.drv, 1);
    assert_int_equal(level_of(0, fd, DRV_POLLIN), DRV_POLLIN);
    call(0, WAIT, 0);
    assert_int_equal(level_of(0, fd, DRV_POLLIN), DRV_POLLIN | DRV_POLLHUP);
    assert_int_equal(call(0, READ, fd, 8), -DRV_EINVAL);
}

static void o_async_sends_a_signal_for_each_write(void **state)
{
    int64_t fd;
    int r;

    (void)state;
    start_family();
    r = make_pipe(0, DRV_O_NONBLOCK);
    call(0, SIGPROCMASK, BLOCK, BIT(DRV_SIGIO) | BIT(RT));
    fd = call(0, SIGNALFD, -1, BIT(DRV_SIGIO) | BIT(RT), DRV_O_NONBLOCK);
    assert_int_equal(call(0, FCNTL, r, DRV_F_SETOWN, DRV_PID_FIRST), 0);
    assert_int_equal(call(0, FCNTL, r, DRV_F_GETOWN, 0), DRV_PID_FIRST);
    assert_int_equal(call(0, FCNTL, r, DRV_F_SETFL, DRV_O_NONBLOCK | DRV_O_ASYNC), 0);
    call(0, FILL, r + 1, 1);
    assert_int_equal(call(0, READ, fd, 128), 128);
    assert_int_equal(kit.task[0].buf[0], DRV_SIGIO);
    call(0, FCNTL, r, DRV_F_SETSIG, RT);
    call(0, FILL, r + 1, 1);
    assert_int_equal(call(0, READ, fd, 128), 128);
    assert_int_equal(kit.task[0].buf[0], RT);
    assert_int_equal(kit.task[0].buf[20], r);
}

static void periodic_timer_that_nobody_reads_wakes_once(void **state)
{
    int64_t fd, ep;

    (void)state;
    kit_plan();
    kit_start();
    fd = call(0, TIMERFD_CREATE, DRV_O_NONBLOCK);
    ep = call(0, EPOLL_CREATE, 0);
    call(0, EPOLL_CTL, ep, DRV_EPOLL_CTL_ADD, fd, DRV_POLLIN | DRV_EPOLLET, 0);
    assert_int_equal(call(0, TIMERFD_SETTIME, fd, 100, 50), 0);
    assert_int_equal(drv_alarm_ns(&kit.drv, 0), 100);
    drv_alarm_fire(&kit.drv, 0);
    assert_int_equal(drv_alarm_ns(&kit.drv, 0), 50);
    assert_int_equal(look(0, ep), 1);
    drv_alarm_fire(&kit.drv, 0);
    drv_alarm_fire(&kit.drv, 0);
    assert_int_equal(look(0, ep), 0);
    assert_int_equal(call(0, READ, fd, 8), 3);
    assert_int_equal(call(0, READ, fd, 8), -DRV_EAGAIN);
    drv_alarm_fire(&kit.drv, 0);
    assert_int_equal(look(0, ep), 1);
    call(0, TIMERFD_SETTIME, fd, 0, 0); /* takes back what was not read */
    assert_int_equal(level_of(0, fd, DRV_POLLIN), 0);
    assert_clean();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(child_shares_descriptions_and_has_its_own_table),
        cmocka_unit_test(family_ends_where_its_places_end),
        cmocka_unit_test(wait_sleeps_for_a_living_child_and_takes_each_once),
        cmocka_unit_test(exec_closes_only_what_says_so),
        cmocka_unit_test(limit_stops_new_descriptors_not_old_ones),
        cmocka_unit_test(standard_signal_pends_once_and_real_time_ones_queue),
        cmocka_unit_test(inherited_epoll_listens_for_the_signals_of_who_registered),
        cmocka_unit_test(unblocked_signal_ends_a_sleeper_and_its_descriptors),
        cmocka_unit_test(stop_interrupts_epoll_wait_and_nothing_else),
        cmocka_unit_test(pidfd_is_in_at_the_end_and_hup_once_reaped),
        cmocka_unit_test(o_async_sends_a_signal_for_each_write),
        cmocka_unit_test(periodic_timer_that_nobody_reads_wakes_once),
    };

    return cmocka_run_group_tests(tests, 0, 0);
}
