/* tests/unit/test_drv_socket.c - sockets: charge, thresholds, shutting down, passing on. */
#include "test_drv_kit.h"

enum { NONBLOCK = DRV_O_NONBLOCK };

static int end[2];

static void make_pair(int64_t type)
{
    kit_plan();
    kit_start();
    assert_int_equal(call(0, SOCKETPAIR, type), 0);
    end[0] = (int)kit.task[0].result.out[0];
    end[1] = (int)kit.task[0].result.out[1];
    forget();
}

static uint32_t all_of(int fd)
{
    return level_of(0, fd, 0x3fdf);
}

static void stream_takes_93_kilobytes_and_is_writable_again_after_70_reads(void **state)
{
    unsigned sent = 0, reads = 0;

    (void)state;
    make_pair(DRV_SOCK_STREAM | NONBLOCK);
    while (call(0, FILL, end[0], 1024) == 1024)
        sent++;
    assert_int_equal(value_of(0), -DRV_EAGAIN);
    assert_int_equal(sent, 93);
    while (!(all_of(end[0]) & DRV_POLLOUT)) {
        assert_int_equal(call(0, READ, end[1], 1024), 1024);
        /* poll says no, and yet a write works */
        if (++reads == 1)
            assert_int_equal(call(0, FILL, end[0], 1024), 1024);
    }
    assert_int_equal(reads, 71);
}

static void every_read_packet_is_an_out_edge_though_it_was_always_writable(void **state)
{
    int64_t ep;

    (void)state;
    make_pair(DRV_SOCK_STREAM | NONBLOCK);
    ep = call(0, EPOLL_CREATE, 0);
    call(0, EPOLL_CTL, ep, DRV_EPOLL_CTL_ADD, end[0], DRV_POLLIN | DRV_POLLOUT | DRV_EPOLLET,
         7);
    assert_int_equal(look(0, ep), 1);
    assert_int_equal(look(0, ep), 0);
    call(0, FILL, end[0], 1);
    call(0, READ, end[1], 1);
    assert_int_equal(look(0, ep), 1);
    assert_int_equal(event(0, 0)->events, DRV_POLLOUT);
    call(0, FILL, end[1], 1);
    assert_int_equal(look(0, ep), 1);
    assert_int_equal(event(0, 0)->events, DRV_POLLIN | DRV_POLLOUT);
}

static void stream_joins_bytes_and_keeps_tokens_in_order(void **state)
{
    (void)state;
    make_pair(DRV_SOCK_STREAM);
    kit_load(0, DRV_NR_WRITE, 4, (int64_t)end[0], (int64_t)2, (int64_t)5, (int64_t)6);
    kit.task[0].tokens[2] = 5;
    kit.task[0].tokens[3] = 6;
    assert_int_equal(kit_run(0), DRV_DONE);
    call(0, FILL, end[0], 100000);
    kit_load(0, DRV_NR_WRITE, 3, (int64_t)end[0], (int64_t)1, (int64_t)7);
    kit.task[0].tokens[2] = 7;
    assert_int_equal(kit_run(0), DRV_DONE);
    assert_int_equal(call(0, READ, end[1], 3), 3);
    assert_int_equal(kit.task[0].buf[0], 5 << 8 | 5);
    assert_int_equal(kit.task[0].buf[1], 6 << 8 | 6);
    assert_int_equal(kit.task[0].buf[2], 0);
    assert_int_equal(drv_holds(&kit.drv, 7), kit.drv.slot[DRV_FILE_SOCKET] + 1);
    assert_int_equal(call(0, READ, end[1], 99999), 99999);
    assert_int_equal(call(0, READ, end[1], 10), 1);
    assert_int_equal(kit.task[0].buf[0], 7 << 8 | 7);
    assert_clean();
}

static void datagram_is_cut_off_and_its_rest_is_lost(void **state)
{
    (void)state;
    make_pair(DRV_SOCK_DGRAM | NONBLOCK);
    assert_int_equal(call(0, FILL, end[0], 0), 0);
    assert_int_equal(call(0, FILL, end[0], 10), 10);
    assert_int_equal(call(0, FILL, end[0], 212961), -DRV_EMSGSIZE);
    assert_int_equal(call(0, READ, end[1], 5), 0);
    assert_int_equal(call(0, READ, end[1], 5), 5);
    assert_int_equal(call(0, READ, end[1], 5), -DRV_EAGAIN);
    assert_clean();
}

static void datagram_pair_is_unconnected_once_the_other_end_was_missed(void **state)
{
    (void)state;
    make_pair(DRV_SOCK_DGRAM | NONBLOCK);
    call(0, CLOSE, end[1]);
    assert_int_equal(all_of(end[0]) & DRV_POLLHUP, 0);
    assert_int_equal(call(0, FILL, end[0], 1), -DRV_ECONNREFUSED);
    assert_int_equal(call(0, FILL, end[0], 1), -DRV_ENOTCONN);
    assert_clean();
}

static void half_close_is_in_and_rdhup_until_the_end(void **state)
{
    (void)state;
    make_pair(DRV_SOCK_STREAM | NONBLOCK);
    assert_int_equal(call(0, SHUTDOWN, end[0], 1), 0);
    assert_int_equal(all_of(end[1]) & (DRV_POLLIN | DRV_POLLRDHUP | DRV_POLLHUP),
                     DRV_POLLIN | DRV_POLLRDHUP);
    assert_int_equal(call(0, READ, end[1], 1), 0);
    assert_int_equal(call(0, FILL, end[0], 1), -DRV_EPIPE);
    assert_int_equal(call(0, FILL, end[1], 1), 1);
    assert_int_equal(call(0, SHUTDOWN, end[1], 1), 0);
    assert_true(all_of(end[0]) & DRV_POLLHUP);
    assert_int_equal(call(0, SHUTDOWN, end[1], 3), -DRV_EINVAL);
    assert_clean();
}

static void close_with_unread_data_resets(void **state)
{
    (void)state;
    make_pair(DRV_SOCK_STREAM | NONBLOCK);
    call(0, FILL, end[0], 1);
    call(0, CLOSE, end[1]);
    assert_int_equal(all_of(end[0]) & (DRV_POLLIN | DRV_POLLERR | DRV_POLLHUP | DRV_POLLRDHUP),
                     DRV_POLLIN | DRV_POLLERR | DRV_POLLHUP | DRV_POLLRDHUP);
    assert_int_equal(call(0, READ, end[0], 1), -DRV_ECONNRESET);
    assert_int_equal(call(0, READ, end[0], 1), 0);
    assert_int_equal(call(0, FILL, end[0], 1), -DRV_EPIPE);
    assert_clean();
}

static void error_is_fetched_once_by_so_error(void **state)
{
    (void)state;
    make_pair(DRV_SOCK_SEQPACKET | NONBLOCK);
    call(0, FILL, end[0], 1);
    call(0, CLOSE, end[1]);
    assert_int_equal(call(0, GETSOCKOPT, end[0], DRV_SO_ERROR), DRV_ECONNRESET);
    assert_int_equal(call(0, GETSOCKOPT, end[0], DRV_SO_ERROR), 0);
    assert_int_equal(call(0, GETSOCKOPT, end[0], DRV_SO_TYPE), DRV_SOCK_SEQPACKET);
    assert_int_equal(call(0, GETSOCKOPT, end[0], 99), -DRV_ENOPROTOOPT);
    assert_clean();
}

static void descriptor_in_flight_keeps_its_registration(void **state)
{
    int64_t ep, r, w, got;

    (void)state;
    make_pair(DRV_SOCK_STREAM | NONBLOCK);
    r = make_pipe(0, NONBLOCK);
    w = other_end(0);
    ep = call(0, EPOLL_CREATE, 0);
    call(0, EPOLL_CTL, ep, DRV_EPOLL_CTL_ADD, r, DRV_POLLIN, 7);
    assert_int_equal(call(0, SENDFD, end[0], r), 1);
    call(0, CLOSE, r);
    call(0, FILL, w, 1);
    assert_int_equal(look(0, ep), 1);
    got = call(0, RECVFD, end[1]);
    assert_int_equal(got, r);
    assert_int_equal(call(0, READ, got, 5), 1);
    call(0, CLOSE, got);
    call(0, FILL, w, 1);
    assert_int_equal(look(0, ep), 0);
    assert_int_equal(call(0, RECVFD, end[1]), -DRV_EAGAIN);
    call(0, FILL, end[0], 1);
    assert_int_equal(call(0, RECVFD, end[1]), -DRV_ENOMSG);
    assert_int_equal(call(0, SENDFD, w, end[0]), -DRV_ENOTSOCK);
    assert_clean();
}

static void plan_name(void)
{
    kit_plan();
    kit.config.fixed_files = 1;
    kit.config.file[0] = (struct drv_file_config){.kind = DRV_FILE_NAME};
    kit_start();
}

static void backlog_holds_one_more_and_then_connect_waits(void **state)
{
    int64_t l, c;

    (void)state;
    plan_name();
    assert_int_equal(call(1, CONNECT, 0, 0), -DRV_ECONNREFUSED);
    l = call(0, LISTEN, 0, 1);
    assert_true(l >= 0);
    assert_int_equal(call(0, LISTEN, 0, 1), -DRV_EADDRINUSE);
    assert_true(call(1, CONNECT, 0, 0) >= 0);
    c = call(1, CONNECT, 0, 0);
    assert_int_equal(begin(2, CONNECT, 0, 0), DRV_PARKED);
    assert_int_equal(level_of(0, l, 0x3fdf), DRV_POLLIN | DRV_POLLRDNORM);
    assert_true(call(0, ACCEPT, l, 0) >= 0);
    assert_int_equal(go_on(2), DRV_DONE);
    assert_true(value_of(2) >= 0);
    /* what waits in the backlog when the listener goes is reset */
    call(0, CLOSE, l);
    assert_int_equal(call(1, READ, c, 1), -DRV_ECONNRESET);
    assert_clean();
}

static void accept_without_a_free_descriptor_leaves_the_connection(void **state)
{
    int64_t l;

    (void)state;
    plan_name();
    l = call(0, LISTEN, 0, 5);
    call(1, CONNECT, 0, 0);
    while (call(0, DUP, l) >= 0)
        ;
    assert_int_equal(call(0, ACCEPT, l, 0), -DRV_EMFILE);
    assert_int_equal(level_of(0, l, DRV_POLLIN), DRV_POLLIN);
    assert_clean();
}

static void one_connection_wakes_one_of_two_acceptors(void **state)
{
    int64_t l;

    (void)state;
    kit_plan_threads(3);
    kit.config.fixed_files = 1;
    kit.config.file[0] = (struct drv_file_config){.kind = DRV_FILE_NAME};
    kit_start();
    l = call(0, LISTEN, 0, 5);
    assert_int_equal(begin(1, ACCEPT, l, 0), DRV_PARKED);
    assert_int_equal(begin(2, ACCEPT, l, 0), DRV_PARKED);
    call(0, CONNECT, 0, 0);
    assert_true(woken(1));
    assert_true(asleep(2));
    assert_int_equal(go_on(1), DRV_DONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stream_takes_93_kilobytes_and_is_writable_again_after_70_reads),
        cmocka_unit_test(every_read_packet_is_an_out_edge_though_it_was_always_writable),
        cmocka_unit_test(stream_joins_bytes_and_keeps_tokens_in_order),
        cmocka_unit_test(datagram_is_cut_off_and_its_rest_is_lost),
        cmocka_unit_test(datagram_pair_is_unconnected_once_the_other_end_was_missed),
        cmocka_unit_test(half_close_is_in_and_rdhup_until_the_end),
        cmocka_unit_test(close_with_unread_data_resets),
        cmocka_unit_test(error_is_fetched_once_by_so_error),
        cmocka_unit_test(descriptor_in_flight_keeps_its_registration),
        cmocka_unit_test(backlog_holds_one_more_and_then_connect_waits),
        cmocka_unit_test(accept_without_a_free_descriptor_leaves_the_connection),
        cmocka_unit_test(one_connection_wakes_one_of_two_acceptors),
    };

    return cmocka_run_group_tests(tests, 0, 0);
}
