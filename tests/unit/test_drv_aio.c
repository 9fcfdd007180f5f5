/* tests/unit/test_drv_aio.c - Linux AIO and io_uring: what completes where, and how often. */
#include "test_drv_kit.h"

enum { READ = 0, WRITE = 1, POLL = 5, POLL_ADD = 6, POLL_REMOVE = 7, URING_READ = 22 };

static int64_t context, ring;
static int r, w;

static void start(unsigned entries)
{
    kit_plan();
    kit.config.fixed_files = 1;
    kit.config.file[0] = (struct drv_file_config){.kind = DRV_FILE_REGULAR, .content_size = 9};
    kit.config.aios = 2;
    kit.config.urings = 1;
    kit.config.jobs = 4;
    kit.config.cqes = 12;
    kit_start();
    context = call(0, IO_SETUP, 4);
    ring = call(0, IO_URING_SETUP, entries);
    r = make_pipe(0, DRV_O_NONBLOCK);
    w = other_end(0);
    forget();
}

static int64_t submit(int64_t op, int64_t fd, int64_t count, int64_t offset)
{
    return call(0, IO_SUBMIT, context, 1, op, fd, count, offset, -1);
}

static int64_t events(void)
{
    return call(0, IO_GETEVENTS, context, 0, 16, 0);
}

/* Submits one request to the ring and leaves the completions there. */
static void enter(int64_t op, int64_t fd, int64_t events_or_count, int64_t last)
{
    kit_load(0, DRV_NR_IO_URING_ENTER, 7, ring, (int64_t)1, op, fd, events_or_count, last,
             (int64_t)0);
    kit.task[0].call.events = 0;
    assert_int_equal(kit_run(0), DRV_DONE);
    assert_int_equal(value_of(0), 1);
}

static int64_t reap(void)
{
    return call(0, IO_URING_ENTER, ring, 0, 0);
}

static int32_t result(unsigned k)
{
    return (int32_t)event(0, k)->events;
}

static void buffered_file_is_complete_when_submit_returns(void **state)
{
    int64_t fd;

    (void)state;
    start(4);
    fd = call(0, OPEN, 0, 0);
    assert_int_equal(submit(READ, fd, 4, 7), 1);
    assert_int_equal(events(), 1);
    assert_int_equal(result(0), 2);
    assert_int_equal(call(0, LSEEK, fd, 0, 1), 0);
    assert_int_equal(submit(POLL, fd, DRV_POLLIN, 0), 1); /* epoll says EPERM here */
    assert_int_equal(events(), 1);
    assert_int_equal(result(0), DRV_POLLIN);
}

static void read_of_an_empty_pipe_blocks_the_submit(void **state)
{
    (void)state;
    start(4);
    assert_int_equal(submit(READ, r, 4, 0), 1);
    assert_int_equal(events(), 1);
    assert_int_equal(result(0), -DRV_EAGAIN);
    call(0, FCNTL, r, DRV_F_SETFL, 0);
    kit_load(0, DRV_NR_IO_SUBMIT, 7, context, (int64_t)1, (int64_t)READ, (int64_t)r, (int64_t)4,
             (int64_t)0, (int64_t)-1);
    assert_int_equal(kit_run(0), DRV_PARKED);
}

static void poll_is_for_once_and_says_what_the_file_said(void **state)
{
    (void)state;
    start(4);
    submit(POLL, r, DRV_POLLIN, 0);
    assert_int_equal(events(), 0);
    call(0, FILL, w, 1);
    call(0, FILL, w, 1);
    assert_int_equal(events(), 1);
    assert_int_equal(result(0), DRV_POLLIN | DRV_POLLRDNORM);
    assert_int_equal(events(), 0);
    submit(POLL, r, DRV_POLLIN, 0);
    assert_int_equal(events(), 1);
    assert_int_equal(result(0), DRV_POLLIN);
}

static void completion_is_an_eventfd_edge(void **state)
{
    int64_t e, ep;

    (void)state;
    start(4);
    e = call(0, EVENTFD, 0, DRV_O_NONBLOCK);
    ep = call(0, EPOLL_CREATE, 0);
    call(0, EPOLL_CTL, ep, DRV_EPOLL_CTL_ADD, e, DRV_POLLIN | DRV_EPOLLET, 0);
    call(0, IO_SUBMIT, context, 1, POLL, r, DRV_POLLIN, 0, e);
    assert_int_equal(look(0, ep), 0);
    call(0, FILL, w, 1);
    assert_int_equal(look(0, ep), 1);
    assert_int_equal(call(0, READ, e, 8), 1);
}

static void completion_is_the_only_way_to_an_eventfd_in_error(void **state)
{
    int64_t e;

    (void)state; /* I15 */
    start(4);
    e = call(0, EVENTFD, 0, DRV_O_NONBLOCK);
    call(0, WRITE, e, 1, INT64_MAX);
    call(0, WRITE, e, 1, INT64_MAX);
    assert_int_equal(level_of(0, e, DRV_POLLOUT), 0);
    call(0, IO_SUBMIT, context, 1, POLL, w, DRV_POLLOUT, 0, e);
    assert_int_equal(level_of(0, e, 0), DRV_POLLERR);
}

static void cancelled_poll_completes_with_nothing(void **state)
{
    (void)state;
    start(4);
    submit(POLL, r, DRV_POLLIN, 0);
    assert_int_equal(call(0, IO_CANCEL, context, 0), -DRV_EINPROGRESS);
    assert_int_equal(call(0, IO_CANCEL, context, 0), -DRV_EINVAL);
    assert_int_equal(events(), 1);
    assert_int_equal(result(0), 0);
}

static void wrong_requests_are_refused_with_their_numbers(void **state)
{
    (void)state;
    start(4);
    assert_int_equal(submit(READ, 77, 1, 0), -DRV_EBADF);
    assert_int_equal(submit(READ, w, 1, 0), -DRV_EBADF);
    assert_int_equal(submit(9, r, 1, 0), -DRV_EINVAL);
    assert_int_equal(submit(READ, ring, 1, 0), -DRV_EINVAL);
    assert_int_equal(call(0, IO_SUBMIT, context, -1), -DRV_EINVAL);
    assert_int_equal(call(0, IO_SUBMIT, 9, 0), -DRV_EINVAL);
    assert_int_equal(call(0, IO_GETEVENTS, context, 2, 1, 0), -DRV_EINVAL);
    assert_int_equal(call(0, IO_SETUP, 0), -DRV_EINVAL);
    assert_int_equal(call(0, IO_DESTROY, context), 0);
    assert_int_equal(call(0, IO_DESTROY, context), -DRV_EINVAL);
    assert_int_equal(call(1, IO_GETEVENTS, context, 0, 1, 0), -DRV_EINVAL);
}

static void getevents_sleeps_until_there_are_enough(void **state)
{
    (void)state;
    start(4);
    submit(POLL, r, DRV_POLLIN, 0);
    assert_int_equal(begin(0, IO_GETEVENTS, context, 1, 16, 500), DRV_PARKED);
    assert_int_equal(drv_task_timeout_ns(&kit.drv, 0), 500);
    drv_task_timeout(&kit.drv, 0);
    assert_int_equal(go_on(0), DRV_DONE);
    assert_int_equal(value_of(0), 0);
}

static void multishot_is_an_edge_for_each_write_and_looks_only_at_first(void **state)
{
    (void)state; /* I02, I03 */
    start(4);
    call(0, FILL, w, 1);
    enter(POLL_ADD, r, DRV_POLLIN, 1);
    assert_int_equal(reap(), 1);
    assert_true(event(0, 0)->flags & DRV_EVENT_MORE);
    assert_int_equal(reap(), 0);
    call(0, FILL, w, 1);
    call(0, FILL, w, 1);
    assert_int_equal(reap(), 2);
    enter(POLL_REMOVE, 0, 0, 0);
    assert_int_equal(reap(), 2);
    assert_int_equal(result(0), 0);
    assert_int_equal(result(1), -DRV_ECANCELED);
    enter(POLL_REMOVE, 0, 0, 0);
    assert_int_equal(reap(), 1);
    assert_int_equal(result(0), -DRV_ENOENT);
}

static void poll_has_no_flag_but_multishot(void **state)
{
    (void)state; /* I04, I20 */
    start(8);
    enter(POLL_ADD, r, DRV_POLLIN, 8);
    enter(POLL_ADD, r, DRV_POLLIN, 9);
    assert_int_equal(reap(), 2);
    assert_int_equal(result(0), -DRV_EINVAL);
    assert_int_equal(result(1), -DRV_EINVAL);
}

static void full_queue_ends_a_multishot_without_a_word(void **state)
{
    (void)state; /* I08 */
    start(1);
    enter(POLL_ADD, r, DRV_POLLIN, 1);
    for (unsigned i = 0; i < 10; i++)
        call(0, FILL, w, 1);
    assert_int_equal(reap(), 2);
    assert_true(event(0, 1)->flags & DRV_EVENT_MORE);
    assert_int_equal(reap(), 1); /* it had no room before */
    assert_false(event(0, 0)->flags & DRV_EVENT_MORE);
    call(0, FILL, w, 1);
    assert_int_equal(reap(), 0);
}

static void uring_read_waits_for_the_pipe_even_if_it_is_nonblocking(void **state)
{
    (void)state;
    start(4);
    enter(URING_READ, r, 10, -1);
    assert_int_equal(reap(), 0);
    call(0, CLOSE, r); /* the request holds the file */
    call(0, FILL, w, 3);
    assert_int_equal(reap(), 1);
    assert_int_equal(result(0), 3);
    assert_int_equal(call(0, FILL, w, 1), -DRV_EPIPE);
}

static void ring_can_be_polled_an_edge_for_each_completion(void **state)
{
    int64_t ep;

    (void)state; /* I10 */
    start(4);
    ep = call(0, EPOLL_CREATE, 0);
    assert_int_equal(level_of(0, ring, DRV_POLLIN | DRV_POLLOUT), DRV_POLLOUT);
    call(0, EPOLL_CTL, ep, DRV_EPOLL_CTL_ADD, ring, DRV_POLLIN | DRV_EPOLLET, 0);
    enter(POLL_ADD, w, DRV_POLLOUT, 0);
    assert_int_equal(look(0, ep), 1);
    enter(POLL_ADD, w, DRV_POLLOUT, 0);
    assert_int_equal(look(0, ep), 1);
    assert_int_equal(look(0, ep), 0);
}

static void requests_beyond_the_room_are_refused_and_recorded(void **state)
{
    (void)state;
    start(4);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(submit(POLL, r, DRV_POLLIN, 0), 1);
    forget();
    assert_int_equal(submit(POLL, r, DRV_POLLIN, 0), -DRV_EAGAIN);
    assert_int_equal(recorded(SIM_EV_LIMIT, DRV_EAGAIN), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buffered_file_is_complete_when_submit_returns),
        cmocka_unit_test(read_of_an_empty_pipe_blocks_the_submit),
        cmocka_unit_test(poll_is_for_once_and_says_what_the_file_said),
        cmocka_unit_test(completion_is_an_eventfd_edge),
        cmocka_unit_test(completion_is_the_only_way_to_an_eventfd_in_error),
        cmocka_unit_test(cancelled_poll_completes_with_nothing),
        cmocka_unit_test(wrong_requests_are_refused_with_their_numbers),
        cmocka_unit_test(getevents_sleeps_until_there_are_enough),
        cmocka_unit_test(multishot_is_an_edge_for_each_write_and_looks_only_at_first),
        cmocka_unit_test(poll_has_no_flag_but_multishot),
        cmocka_unit_test(full_queue_ends_a_multishot_without_a_word),
        cmocka_unit_test(uring_read_waits_for_the_pipe_even_if_it_is_nonblocking),
        cmocka_unit_test(ring_can_be_polled_an_edge_for_each_completion),
        cmocka_unit_test(requests_beyond_the_room_are_refused_and_recorded),
    };

    return cmocka_run_group_tests(tests, 0, 0);
}
