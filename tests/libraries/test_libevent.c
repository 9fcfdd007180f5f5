/*
 * tests/libraries/test_libevent.c - what libevent 2.1 does with trigger modes: an API of
 * events, over a kernel that has one mode for each descriptor.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include <event2/event.h>
#include <fcntl.h>
#include <sys/socket.h>

enum { TURNS = 5 };

static void count(evutil_socket_t fd, short events, void *arg)
{
    (void)fd;
    (void)events;
    ++*(int *)arg;
}

static void turn(struct event_base *base)
{
    for (int i = 0; i < TURNS; i++)
        event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

struct pair {
    struct event_base *base;
    int end[2];
};

/* A byte is there, and there is room: everything is ready, at all times. */
static struct pair open_pair(void)
{
    struct pair pair = {.base = event_base_new()};

    assert_non_null(pair.base);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair.end), 0);
    assert_int_equal(write(pair.end[1], "x", 1), 1);
    return pair;
}

static void close_pair(struct pair *pair)
{
    event_base_free(pair->base);
    close(pair->end[0]);
    close(pair->end[1]);
}

static struct event *add(const struct pair *pair, short what, int *told)
{
    struct event *event =
        event_new(pair->base, pair->end[0], (short)(what | EV_PERSIST), count, told);

    assert_int_equal(event_add(event, NULL), 0);
    return event;
}

static void the_mode_that_was_added_last_is_that_of_all(void **state)
{
    struct pair pair = open_pair();
    int level = 0, edge = 0;

    (void)state;
    struct event *one = add(&pair, EV_READ | EV_ET, &edge);
    struct event *two = add(&pair, EV_READ, &level);
    turn(pair.base);
    assert_int_equal(level, 1); /* asked as a level, and told as an edge */
    event_free(one);
    event_free(two);
    level = edge = 0;
    one = add(&pair, EV_READ, &level);
    two = add(&pair, EV_READ | EV_ET, &edge);
    turn(pair.base);
    assert_int_equal(edge, TURNS); /* asked as an edge, and told as a level */
    assert_int_equal(level, TURNS);
    event_free(one);
    event_free(two);
    close_pair(&pair);
}

static void another_direction_takes_the_edge_away_and_leaves_it_behind(void **state)
{
    struct pair pair = open_pair();
    int in = 0, out = 0;

    (void)state;
    struct event *reads = add(&pair, EV_READ | EV_ET, &in);
    struct event *writes = add(&pair, EV_WRITE, &out);
    turn(pair.base);
    assert_int_equal(in, TURNS); /* an edge no more */
    event_free(reads);
    out = 0;
    turn(pair.base);
    assert_int_equal(out, 1); /* and the level has become one */
    event_free(writes);
    close_pair(&pair);
}

static void say_nothing(int severity, const char *text)
{
    (void)severity;
    (void)text;
}

static void a_regular_file_is_refused(void **state)
{
    struct event_base *base = event_base_new();
    int told = 0, fd = open("/proc/self/exe", O_RDONLY);
    struct event *event = event_new(base, fd, EV_READ, count, &told);

    (void)state;
    event_set_log_callback(say_nothing);
    assert_int_equal(event_add(event, NULL), -1);
    event_free(event);
    close(fd);
    event_base_free(base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_mode_that_was_added_last_is_that_of_all),
        cmocka_unit_test(another_direction_takes_the_edge_away_and_leaves_it_behind),
        cmocka_unit_test(a_regular_file_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
