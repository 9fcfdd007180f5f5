/* tests/unit/test_drv_fd.c - descriptors and what stands behind them. */
#include "test_drv_kit.h"

static int plain(void **state)
{
    (void)state;
    kit_plan();
    kit_start();
    return 0;
}

static void a_new_descriptor_is_the_lowest_free_one(void **state)
{
    (void)state;
    assert_int_equal(call(0, EVENTFD, 0, 0), 3);
    assert_int_equal(call(0, EVENTFD, 0, 0), 4);
    assert_int_equal(call(0, EVENTFD, 0, 0), 5);
    assert_int_equal(call(0, CLOSE, 4), 0);
    assert_int_equal(call(0, DUP, 5), 4);
    assert_int_equal(call(0, CLOSE, 4), 0);
    assert_int_equal(call(0, CLOSE, 4), -DRV_EBADF);
    assert_clean();
}

static void processes_have_tables_of_their_own(void **state)
{
    (void)state;
    assert_int_equal(call(0, EVENTFD, 0, 0), 3);
    assert_int_equal(call(1, CLOSE, 3), -DRV_EBADF);
    assert_int_equal(call(1, EVENTFD, 0, 0), 3);
    assert_clean();
}

static void flags_belong_to_the_description_cloexec_to_the_descriptor(void **state)
{
    int64_t fd = call(0, EVENTFD, 0, DRV_O_NONBLOCK | DRV_O_CLOEXEC), copy = call(0, DUP, fd);

    (void)state;
    assert_int_equal(call(0, FCNTL, fd, DRV_F_GETFD, 0), DRV_FD_CLOEXEC);
    assert_int_equal(call(0, FCNTL, copy, DRV_F_GETFD, 0), 0);
    assert_int_equal(call(0, FCNTL, copy, DRV_F_SETFL, 0), 0);
    assert_int_equal(call(0, FCNTL, fd, DRV_F_GETFL, 0), DRV_O_RDWR);
    assert_int_equal(call(0, FCNTL, fd, DRV_F_SETFL, DRV_O_DIRECT), -DRV_EINVAL);
    assert_int_equal(call(0, FCNTL, fd, 77, 0), -DRV_EINVAL);
    assert_int_equal(call(0, FCNTL, fd, DRV_F_DUPFD, 9), 9);
    assert_int_equal(call(0, FCNTL, fd, DRV_F_DUPFD, -1), -DRV_EINVAL);
    assert_int_equal(call(0, FCNTL, fd, DRV_F_DUPFD, 1000), -DRV_EINVAL);
    assert_int_equal(call(0, FCNTL, fd, DRV_F_DUPFD_CLOEXEC, 9), 10);
    assert_int_equal(call(0, FCNTL, 10, DRV_F_GETFD, 0), DRV_FD_CLOEXEC);
    assert_clean();
}

static void dup2_closes_what_was_there(void **state)
{
    int r = make_pipe(0, 0), w = other_end(0);
    int64_t efd = call(0, EVENTFD, 5, 0);

    (void)state;
    assert_int_equal(call(0, DUP2, efd, w), w);
    assert_int_equal(call(0, READ, r, 1), 0);
    assert_int_equal(call(0, READ, w, 8), 5);
    assert_int_equal(call(0, DUP2, efd, efd), efd);
    assert_int_equal(call(0, DUP2, 20, 3), -DRV_EBADF);
    assert_int_equal(call(0, DUP2, efd, 400), -DRV_EBADF);
    assert_clean();
}

static void a_full_table_is_emfile_and_no_more_descriptions_is_enfile(void **state)
{
    (void)state;
    kit_plan();
    kit.config.fds = 4;
    kit.config.ofds = 3;
    kit_start();
    assert_int_equal(call(0, EVENTFD, 0, 0), 3);
    assert_int_equal(call(0, PIPE, 0), 0);
    assert_int_equal(call(1, EVENTFD, 0, 0), -DRV_ENFILE);
    assert_int_equal(call(0, DUP, 3), 6);
    assert_int_equal(call(0, DUP, 3), -DRV_EMFILE);
    assert_int_equal(call(0, EPOLL_CREATE, 0), -DRV_EMFILE);
    assert_int_equal(call(0, CLOSE, 6), 0);
    assert_int_equal(call(0, PIPE, 0), -DRV_EMFILE);
    assert_clean();
}

static void a_number_is_taken_before_the_rest_is_looked_at(void **state)
{
    (void)state;
    kit_plan();
    kit.config.fds = 1;
    kit.config.fixed_files = 2;
    kit.config.file[0] = (struct drv_file_config){.kind = DRV_FILE_NAME};
    kit.config.file[1] = (struct drv_file_config){.kind = DRV_FILE_FIFO};
    kit_start();
    assert_int_equal(call(0, EVENTFD, 0, 0), 3);
    assert_int_equal(call(0, ACCEPT, 3, 0), -DRV_EMFILE);
    assert_int_equal(call(0, LISTEN, 0, 0), -DRV_EMFILE);
    assert_int_equal(call(0, SOCKETPAIR, 9), -DRV_EMFILE);
    assert_int_equal(call(0, OPEN, 1, 0), -DRV_EMFILE);
    assert_int_equal(call(0, OPEN, -1, 0), -DRV_EMFILE);
    call(0, CLOSE, 3);
    assert_int_equal(call(0, OPEN, 1, 0), -DRV_ENOENT);
    assert_clean();
}

static void timers_and_signals_have_no_offset_and_fifos_have_packets(void **state)
{
    int64_t fd;

    (void)state;
    kit_plan();
    kit.config.timerfds = kit.config.signalfds = kit.config.signals = 1;
    kit.config.fixed_files = 1;
    kit.config.file[0] = (struct drv_file_config){.kind = DRV_FILE_FIFO};
    kit_start();
    fd = call(0, TIMERFD_CREATE, 0);
    assert_int_equal(call(0, LSEEK, fd, 9, 0), 0);
    assert_int_equal(call(0, LSEEK, call(0, SIGNALFD, -1, 0, 0), 9, 0), 0);
    assert_int_equal(call(0, TIMERFD_SETTIME, 9, -1, 0), -DRV_EINVAL);
    assert_int_equal(call(0, MKFIFO, 0), 0);
    fd = call(0, OPEN, 0, DRV_O_NONBLOCK);
    assert_int_equal(call(0, FCNTL, fd, DRV_F_SETFL, DRV_O_DIRECT), 0);
}

static int with_file(void **state)
{
    static const uint8_t content[] = "xxhello";

    (void)state;
    kit_plan();
    kit.config.fixed_files = 1;
    kit.config.file[0] =
        (struct drv_file_config){.kind = DRV_FILE_REGULAR, .content_size = 5, .content_at = 2};
    kit.drv.content = content;
    kit_start();
    return 0;
}

static void a_regular_file_is_read_from_its_offset(void **state)
{
    int64_t fd = call(0, OPEN, 0, 0), copy = call(0, DUP, fd), again = call(0, OPEN, 0, 0);

    (void)state;
    assert_int_equal(call(0, READ, fd, 2), 2);
    assert_int_equal(kit.task[0].buf[0], 'h');
    assert_int_equal(call(0, READ, copy, 9), 3);
    assert_int_equal(kit.task[0].buf[0], 'l');
    assert_int_equal(call(0, READ, fd, 9), 0);
    assert_int_equal(call(0, READ, again, 9), 5);
    assert_int_equal(call(0, LSEEK, fd, -1, 2), 4);
    assert_int_equal(call(0, WRITE, fd, 2, 'O', 'O'), 1);
    assert_int_equal(call(0, WRITE, fd, 1, 'O'), -DRV_ENOSPC);
    assert_int_equal(call(0, LSEEK, again, 4, 0), 4);
    assert_int_equal(call(0, READ, again, 1), 1);
    assert_int_equal(kit.task[0].buf[0], 'O');
    assert_int_equal(call(0, LSEEK, fd, -9, 1), -DRV_EINVAL);
    assert_int_equal(call(0, LSEEK, fd, 0, 7), -DRV_EINVAL);
}

static int with_room(void **state)
{
    kit_plan();
    (void)state;
    kit.config.fixed_files = 1;
    kit.config.file[0] = (struct drv_file_config){
        .kind = DRV_FILE_REGULAR, .content_size = 5, .content_at = 2, .content_room = 9};
    kit.drv.content = (const uint8_t *)"xxhello";
    kit_start();
    return 0;
}

static void a_regular_file_grows_as_far_as_its_room(void **state)
{
    int64_t fd = call(0, OPEN, 0, 0), end = call(0, OPEN, 0, DRV_O_APPEND);

    (void)state;
    assert_int_equal(call(0, LSEEK, fd, 7, 0), 7);
    assert_int_equal(call(0, WRITE, fd, 1, 'x'), 1);
    assert_int_equal(call(0, LSEEK, fd, 0, 2), 8);
    assert_int_equal(call(0, WRITE, end, 2, 'y', 'z'), 1);
    assert_int_equal(call(0, WRITE, end, 1, 'z'), -DRV_ENOSPC);
    assert_int_equal(recorded(SIM_EV_LIMIT, -1), 1);
    assert_int_equal(call(0, LSEEK, fd, 4, 0), 4);
    assert_int_equal(call(0, READ, fd, 9), 5);
    assert_int_equal(kit.task[0].buf[0], 'o');
    assert_int_equal(kit.task[0].buf[1], 0);
    assert_int_equal(kit.task[0].buf[3], 'x');
    assert_int_equal(kit.task[0].buf[4], 'y');
    assert_int_equal(call(0, OPEN, 0, DRV_O_TRUNC), 5);
    assert_int_equal(call(0, LSEEK, fd, 0, 2), 0);
}

static void a_regular_file_is_always_ready_and_epoll_refuses_it(void **state)
{
    int64_t fd = call(0, OPEN, 0, 0), ep = call(0, EPOLL_CREATE, 0);

    (void)state; /* G05 */
    assert_int_equal(level_of(0, fd, DRV_POLLIN | DRV_POLLOUT), DRV_POLLIN | DRV_POLLOUT);
    assert_int_equal(call(0, SELECT, 1, fd, 1, fd, 0), 2);
    assert_int_equal(call(0, EPOLL_CTL, ep, DRV_EPOLL_CTL_ADD, fd, DRV_POLLIN), -DRV_EPERM);
}

static void the_access_mode_is_kept(void **state)
{
    int64_t r = call(0, OPEN, 0, DRV_O_RDONLY_SAID), w = call(0, OPEN, 0, DRV_O_WRONLY);

    (void)state;
    assert_int_equal(call(0, WRITE, r, 1, 'x'), -DRV_EBADF);
    assert_int_equal(call(0, READ, w, 1), -DRV_EBADF);
    assert_int_equal(call(0, FCNTL, r, DRV_F_GETFL, 0), 0);
    assert_int_equal(call(0, FCNTL, w, DRV_F_GETFL, 0), DRV_O_WRONLY);
    assert_int_equal(call(0, OPEN, -1, 0), -DRV_ENOENT);
}

static void a_call_under_way_keeps_its_file(void **state)
{
    int r, w;

    (void)state;
    kit_plan_threads(3);
    kit_start();
    r = make_pipe(0, 0);
    w = other_end(0);
    assert_int_equal(begin(0, READ, r, 4), DRV_PARKED);
    assert_int_equal(call(1, CLOSE, r), 0);
    assert_int_equal(call(1, WRITE, w, 1, 'x'), 1);
    assert_int_equal(go_on(0), DRV_DONE);
    assert_int_equal(value_of(0), 1);
    assert_int_equal(call(1, WRITE, w, 1, 'x'), -DRV_EPIPE);
    assert_clean();
}

static void the_last_task_of_a_process_closes_its_descriptors(void **state)
{
    int r, w;

    (void)state;
    kit_plan_threads(2);
    kit_start();
    r = make_pipe(0, 0);
    w = other_end(0);
    kit.task[0].tokens[2] = 7;
    kit_load(0, DRV_NR_WRITE, 3, (int64_t)w, (int64_t)1, (int64_t)7);
    kit.task[0].tokens[2] = 7;
    assert_int_equal(kit_run(0), DRV_DONE);
    assert_int_equal(drv_holds(&kit.drv, 7), kit.drv.slot[DRV_FILE_PIPE]);
    drv_task_exit(&kit.drv, 0);
    assert_true(drv_task_has_open(&kit.drv, 1, kit.drv.slot[DRV_FILE_PIPE]));
    forget();
    drv_task_exit(&kit.drv, 1);
    assert_false(drv_task_has_open(&kit.drv, 1, kit.drv.slot[DRV_FILE_PIPE]));
    assert_int_equal(recorded(SIM_EV_LOSE, SIM_DROP_CLOSED), 1);
    assert_int_equal(drv_holds(&kit.drv, 7), DRV_NONE);
    (void)r;
}

static void other_calls_are_not_implemented_and_sleep_is_only_time(void **state)
{
    (void)state;
    assert_int_equal(call(0, AIO_READ, 1), -DRV_ENOSYS);
    assert_int_equal(call(0, SCHED_YIELD, 0), 0);
    assert_int_equal(call(0, NANOSLEEP, -1), -DRV_EINVAL);
    assert_int_equal(begin(0, NANOSLEEP, 700), DRV_PARKED);
    assert_int_equal(drv_task_timeout_ns(&kit.drv, 0), 700);
    drv_task_timeout(&kit.drv, 0);
    assert_int_equal(go_on(0), DRV_DONE);
    assert_int_equal(value_of(0), 0);
    assert_clean();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_new_descriptor_is_the_lowest_free_one, plain),
        cmocka_unit_test_setup(processes_have_tables_of_their_own, plain),
        cmocka_unit_test_setup(flags_belong_to_the_description_cloexec_to_the_descriptor,
                               plain),
        cmocka_unit_test_setup(dup2_closes_what_was_there, plain),
        cmocka_unit_test(a_full_table_is_emfile_and_no_more_descriptions_is_enfile),
        cmocka_unit_test(a_number_is_taken_before_the_rest_is_looked_at),
        cmocka_unit_test(timers_and_signals_have_no_offset_and_fifos_have_packets),
        cmocka_unit_test_setup(a_regular_file_is_read_from_its_offset, with_file),
        cmocka_unit_test_setup(a_regular_file_grows_as_far_as_its_room, with_room),
        cmocka_unit_test_setup(a_regular_file_is_always_ready_and_epoll_refuses_it, with_file),
        cmocka_unit_test_setup(the_access_mode_is_kept, with_file),
        cmocka_unit_test(a_call_under_way_keeps_its_file),
        cmocka_unit_test(the_last_task_of_a_process_closes_its_descriptors),
        cmocka_unit_test_setup(other_calls_are_not_implemented_and_sleep_is_only_time, plain),
    };

    return cmocka_run_group_tests(tests, 0, 0);
}
