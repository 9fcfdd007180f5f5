/* tests/libraries/test_libuv.c - what libuv does with descriptors: levels, one handle each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include <fcntl.h>
#include <uv.h>

enum { TURNS = 5 };

static int told;

static void polled(uv_poll_t *handle, int status, int events)
{
    (void)handle;
    (void)events;
    told += status == 0;
}

static void drain(uv_loop_t *loop)
{
    uv_run(loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(loop), 0);
}

static void a_level_is_told_each_turn_and_the_descriptor_is_made_non_blocking(void **state)
{
    uv_loop_t loop;
    uv_poll_t poll;
    int end[2];

    (void)state;
    assert_int_equal(pipe(end), 0);
    assert_int_equal(write(end[1], "x", 1), 1);
    uv_loop_init(&loop);
    assert_int_equal(uv_poll_init(&loop, &poll, end[0]), 0);
    assert_true(fcntl(end[0], F_GETFL) & O_NONBLOCK);
    uv_poll_start(&poll, UV_READABLE, polled);
    for (int i = 0; i < TURNS; i++)
        uv_run(&loop, UV_RUN_NOWAIT);
    assert_int_equal(told, TURNS);
    uv_close((uv_handle_t *)&poll, NULL);
    drain(&loop);
    close(end[0]);
    close(end[1]);
}

static void a_second_handle_of_a_descriptor_is_refused(void **state)
{
    uv_loop_t loop;
    uv_poll_t one, two;
    int end[2], error;

    (void)state;
    assert_int_equal(pipe(end), 0);
    uv_loop_init(&loop);
    assert_int_equal(uv_poll_init(&loop, &one, end[0]), 0);
    uv_poll_start(&one, UV_READABLE, polled);
    error = uv_poll_init(&loop, &two, end[0]);
    assert_int_equal(error, UV_EEXIST);
    uv_close((uv_handle_t *)&one, NULL);
    drain(&loop);
    close(end[0]);
    close(end[1]);
}

static void a_regular_file_is_refused(void **state)
{
    uv_loop_t loop;
    uv_poll_t poll;
    int fd = open("/proc/self/exe", O_RDONLY);

    (void)state;
    uv_loop_init(&loop);
    assert_int_equal(uv_poll_init(&loop, &poll, fd), UV_EPERM);
    drain(&loop);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_level_is_told_each_turn_and_the_descriptor_is_made_non_blocking),
        cmocka_unit_test(a_second_handle_of_a_descriptor_is_refused),
        cmocka_unit_test(a_regular_file_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
