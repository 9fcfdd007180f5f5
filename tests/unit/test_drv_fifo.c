/* tests/unit/test_drv_fifo.c - named pipes and terminals: who waits for whom, hang-ups. */
#include "test_drv_kit.h"

enum {
    IN_HUP = DRV_POLLIN | DRV_POLLHUP,
};

static int64_t read_only;

static void start_fifo(void)
{
    read_only = DRV_O_RDONLY_SAID;
    kit_plan();
    kit.config.fixed_files = 1;
    kit.config.ptys = 2;
    kit.config.file[0] = (struct drv_file_config){.kind = DRV_FILE_FIFO};
    kit_start();
    assert_int_equal(call(0, OPEN, 0, DRV_O_NONBLOCK), -DRV_ENOENT);
    assert_int_equal(call(0, MKFIFO, 0), 0);
    assert_int_equal(call(0, MKFIFO, 0), -DRV_EEXIST);
}

static void each_side_waits_for_the_other(void **state)
{
    (void)state;
    start_fifo();
    assert_int_equal(begin(0, OPEN, 0, read_only), DRV_PARKED);
    assert_int_equal(begin(1, OPEN, 0, DRV_O_WRONLY), DRV_DONE);
    assert_true(value_of(1) >= 0);
    assert_int_equal(go_on(0), DRV_DONE);
    assert_true(value_of(0) >= 0);
}

static void writer_that_may_not_wait_needs_a_reader(void **state)
{
    (void)state;
    start_fifo();
    assert_int_equal(call(0, OPEN, 0, DRV_O_WRONLY | DRV_O_NONBLOCK), -DRV_ENXIO);
    assert_true(call(0, OPEN, 0, read_only | DRV_O_NONBLOCK) >= 0);
    assert_true(call(0, OPEN, 0, DRV_O_WRONLY | DRV_O_NONBLOCK) >= 0);
}

static void reader_sees_no_hup_before_its_first_writer(void **state)
{
    int64_t r, w;

    (void)state; /* A43 */
    start_fifo();
    r = call(0, OPEN, 0, read_only | DRV_O_NONBLOCK);
    assert_int_equal(level_of(0, r, DRV_POLLIN), 0);
    assert_int_equal(call(0, READ, r, 1), 0);
    w = call(0, OPEN, 0, DRV_O_WRONLY);
    assert_int_equal(call(0, READ, r, 1), -DRV_EAGAIN);
    call(0, FILL, w, 1);
    call(0, CLOSE, w);
    assert_int_equal(level_of(0, r, DRV_POLLIN), IN_HUP);
    call(0, READ, r, 1);
    assert_int_equal(level_of(0, r, DRV_POLLIN), DRV_POLLHUP);
    w = call(0, OPEN, 0, DRV_O_WRONLY);
    assert_int_equal(level_of(0, r, DRV_POLLIN), 0);
}

static void both_directions_in_one_description_listen_on_both_queues(void **state)
{
    int64_t both, ep;

    (void)state;
    start_fifo();
    both = call(0, OPEN, 0, DRV_O_RDWR | DRV_O_NONBLOCK);
    ep = call(0, EPOLL_CREATE, 0);
    call(0, EPOLL_CTL, ep, DRV_EPOLL_CTL_ADD, both, DRV_POLLIN | DRV_POLLOUT | DRV_EPOLLET, 0);
    assert_int_equal(look(0, ep), 1);
    assert_int_equal(call(0, FILL, both, 65536), 65536);
    assert_int_equal(look(0, ep), 1);
    assert_int_equal(event(0, 0)->events, DRV_POLLIN);
    assert_int_equal(call(0, READ, both, 4096), 4096);
    assert_int_equal(look(0, ep), 1);
    assert_int_equal(event(0, 0)->events, DRV_POLLIN | DRV_POLLOUT);
}

static void master_hangs_up_for_ever_when_the_slave_is_closed(void **state)
{
    int64_t m, s;

    (void)state; /* A45 */
    start_fifo();
    assert_int_equal(call(0, OPENPTY, 0), 0);
    m = kit.task[0].result.out[0];
    s = kit.task[0].result.out[1];
    call(0, FCNTL, m, DRV_F_SETFL, DRV_O_NONBLOCK);
    call(0, FILL, m, 3);
    assert_int_equal(call(0, READ, s, 9), 3);
    call(0, FILL, s, 2);
    call(0, CLOSE, s);
    assert_int_equal(level_of(0, m, 0), DRV_POLLHUP);
    assert_int_equal(call(0, READ, m, 9), 2);
    assert_int_equal(call(0, READ, m, 9), -DRV_EIO);
    assert_int_equal(call(0, FILL, m, 1), 1);
    assert_int_equal(level_of(0, m, 0), DRV_POLLHUP);
}

static void slave_without_master_is_at_its_end(void **state)
{
    int64_t m, s;

    (void)state;
    start_fifo();
    call(0, OPENPTY, 0);
    m = kit.task[0].result.out[0];
    s = kit.task[0].result.out[1];
    call(0, FILL, m, 3);
    call(0, CLOSE, m);
    assert_int_equal(level_of(0, s, DRV_POLLIN | DRV_POLLOUT),
                     IN_HUP | DRV_POLLOUT | DRV_POLLERR);
    assert_int_equal(call(0, READ, s, 9), 0);
    assert_int_equal(call(0, FILL, s, 1), -DRV_EIO);
}

static void full_terminal_makes_its_writer_wait(void **state)
{
    int64_t m, s;

    (void)state;
    start_fifo();
    call(0, OPENPTY, 0);
    m = kit.task[0].result.out[0];
    s = kit.task[0].result.out[1];
    assert_int_equal(call(0, FILL, m, 4095), 4095);
    assert_int_equal(level_of(0, m, DRV_POLLOUT), 0);
    assert_int_equal(begin(0, FILL, m, 1), DRV_PARKED);
    (void)s;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_side_waits_for_the_other),
        cmocka_unit_test(writer_that_may_not_wait_needs_a_reader),
        cmocka_unit_test(reader_sees_no_hup_before_its_first_writer),
        cmocka_unit_test(both_directions_in_one_description_listen_on_both_queues),
        cmocka_unit_test(master_hangs_up_for_ever_when_the_slave_is_closed),
        cmocka_unit_test(slave_without_master_is_at_its_end),
        cmocka_unit_test(full_terminal_makes_its_writer_wait),
    };

    return cmocka_run_group_tests(tests, 0, 0);
}
