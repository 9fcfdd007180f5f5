/* tests/unit/test_loop_coro.c - coroutines: they park, wake, time out, and say who waits. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "loop/coro.h"
#include "test_loop_kit.h"

enum { LETTERS = 26, ROUNDS = 500 };

struct line {
    int in, out;
    unsigned count;
    char seen[LETTERS + 1];
};

static int reader(struct loop_coro *self, void *arg)
{
    struct line *line = arg;
    ssize_t n;

    while ((n = loop_coro_read(self, line->in, line->seen + line->count, 1)) > 0)
        line->count++;
    return (int)n;
}

static int writer(struct loop_coro *self, void *arg)
{
    struct line *line = arg;

    for (char letter = 'a'; letter < 'a' + LETTERS; letter++) {
        assert_int_equal(loop_coro_write(self, line->out, &letter, 1), 1);
        assert_int_equal(loop_coro_yield(self), 0);
    }
    loop_coro_close(self, line->out);
    return 42;
}

static int parent(struct loop_coro *self, void *arg)
{
    struct loop_coro *other = loop_coro_start(loop_coro_set(self), "writer", writer, arg);

    assert_int_equal(loop_coro_wait(self, self), -EDEADLK);
    assert_int_equal(loop_coro_wait(self, other), 42);
    return 0;
}

static void passes_letters(struct loop *loop)
{
    struct loop_coros set;
    struct line line = {0};
    int ends[2];

    pipe_of(ends);
    line.in = ends[0];
    line.out = ends[1];
    assert_int_equal(loop_coros_open(&set, loop, 0), 0);
    loop_coro_start(&set, "reader", reader, &line);
    loop_coro_start(&set, "parent", parent, &line);
    assert_int_equal(loop_coros_run(&set), 0);
    assert_string_equal(line.seen, "abcdefghijklmnopqrstuvwxyz");
    loop_coros_close(&set);
    close(line.in);
}

static void calls_park_and_go_on_on_every_backend(void **state)
{
    (void)state;
    on_every_backend(passes_letters);
}

/* More than a pipe holds, written at once: both park, by turns. */
enum { LONG = 1 << 20 };

static int write_long(struct loop_coro *self, void *arg)
{
    static char bytes[LONG];
    const struct line *line = arg;

    assert_int_equal(loop_coro_write(self, line->out, bytes, LONG), LONG);
    loop_coro_close(self, line->out);
    return 0;
}

static int read_long(struct loop_coro *self, void *arg)
{
    char bytes[3000];
    struct line *line = arg;
    ssize_t n;

    while ((n = loop_coro_read(self, line->in, bytes, sizeof(bytes))) > 0)
        line->count += (unsigned)n;
    return 0;
}

static void passes_much(struct loop *loop)
{
    struct loop_coros set;
    struct line line = {0};
    int ends[2];

    pipe_of(ends);
    line.in = ends[0];
    line.out = ends[1];
    assert_int_equal(loop_coros_open(&set, loop, 0), 0);
    loop_coro_start(&set, "writer", write_long, &line);
    loop_coro_start(&set, "reader", read_long, &line);
    assert_int_equal(loop_coros_run(&set), 0);
    assert_int_equal(line.count, LONG);
    loop_coros_close(&set);
    close(line.in);
}

static void full_pipe_parks_the_writer(void **state)
{
    (void)state;
    on_every_backend(passes_much);
}

/* ---- limits, cancellation, waiting for one another ---- */

static uint64_t hand_clock(void *arg)
{
    return *(uint64_t *)arg;
}

static int reads_in_vain(struct loop_coro *self, void *arg)
{
    char byte;

    loop_coro_limit(self, 1000);
    return (int)loop_coro_read(self, *(int *)arg, &byte, 1);
}

static int sleeps(struct loop_coro *self, void *arg)
{
    (void)arg;
    return loop_coro_sleep(self, 500);
}

static void limit_ends_a_call_and_time_is_the_loops(void **state)
{
    uint64_t now = 0;
    struct loop_options options = {.clock = hand_clock, .clock_arg = &now};
    struct loop_coro *vain, *sleeper;
    struct loop_coros set;
    struct loop loop;
    int ends[2];

    (void)state;
    pipe_of(ends);
    assert_int_equal(loop_open(&loop, &options), 0);
    assert_int_equal(loop_coros_open(&set, &loop, 0), 0);
    vain = loop_coro_start(&set, "vain", reads_in_vain, &ends[0]);
    sleeper = loop_coro_start(&set, "sleeper", sleeps, NULL);
    loop_turn(&loop, 0);
    assert_int_equal(loop_coros_report(&set, stdout), 2);
    now = 500;
    loop_turn(&loop, 0);
    assert_int_equal(loop_coros_report(&set, stdout), 1);
    now = 1000;
    loop_turn(&loop, 0);
    assert_int_equal(loop_coros_report(&set, stdout), 0);
    assert_int_equal(set.running, 0);
    loop_coro_detach(vain);
    loop_coro_detach(sleeper);
    loop_coros_close(&set);
    loop_close(&loop);
    close(ends[0]);
    close(ends[1]);
}

static int result_of_read(struct loop_coro *self, void *arg)
{
    char byte;

    return (int)loop_coro_read(self, *(int *)arg, &byte, 1);
}

static int canceler(struct loop_coro *self, void *arg)
{
    struct loop_coro *victim = loop_coro_start(loop_coro_set(self), "one", result_of_read, arg);

    loop_coro_yield(self);
    loop_coro_cancel(victim);
    assert_int_equal(loop_coro_wait(self, victim), -ECANCELED);

    victim = loop_coro_start(loop_coro_set(self), "two", result_of_read, arg);
    loop_coro_yield(self);
    loop_coro_close(self, *(int *)arg);
    assert_int_equal(loop_coro_wait(self, victim), -EBADF);
    return 7;
}

static void cancels(struct loop *loop)
{
    struct loop_coro *coro;
    struct loop_coros set;
    int ends[2];

    pipe_of(ends);
    assert_int_equal(loop_coros_open(&set, loop, 0), 0);
    coro = loop_coro_start(&set, "canceler", canceler, &ends[0]);
    loop_coro_detach(coro);
    assert_int_equal(loop_coros_run(&set), 0);
    loop_coros_close(&set);
    close(ends[1]);
}

static void canceled_and_closed_calls_return(void **state)
{
    (void)state;
    on_every_backend(cancels);
}

static int waits_for(struct loop_coro *self, void *arg)
{
    return loop_coro_wait(self, *(struct loop_coro **)arg);
}

static void deadlock_names_who_waits_for_whom(void **state)
{
    struct loop_options options = {.backend = NULL};
    struct loop_coro *cat, *dog;
    struct loop_coros set;
    struct loop loop;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    assert_int_equal(loop_open(&loop, &options), 0);
    assert_int_equal(loop_coros_open(&set, &loop, 0), 0);
    cat = loop_coro_start(&set, "cat", waits_for, &dog);
    dog = loop_coro_start(&set, "dog", waits_for, &cat);
    assert_int_equal(loop_coros_run(&set), -EDEADLK);
    assert_int_equal(loop_coros_report(&set, out), 2);
    fclose(out);
    assert_string_equal(text, "dog waits for cat to end\ncat waits for dog to end\n");
    free(text);
    loop_coros_close(&set);
    loop_close(&loop);
}

static int parent_of_child(struct loop_coro *self, void *arg)
{
    pid_t child = fork();
    int status = 0;

    if (child == 0)
        _exit(3);
    assert_int_equal(loop_coro_wait_child(self, child, &status), 0);
    *(int *)arg = WEXITSTATUS(status);
    return 0;
}

static void waits_for_child(struct loop *loop)
{
    struct loop_coros set;
    int status = 0;

    assert_int_equal(loop_coros_open(&set, loop, 0), 0);
    loop_coro_start(&set, "parent", parent_of_child, &status);
    assert_int_equal(loop_coros_run(&set), 0);
    assert_int_equal(status, 3);
    loop_coros_close(&set);
}

static void child_of_a_coroutine_is_waited_for(void **state)
{
    (void)state;
    on_every_backend(waits_for_child);
}

/* ---- sockets ---- */

struct service {
    int listener;
    struct sockaddr_un address;
    socklen_t length;
    unsigned served;
};

static int serve_one(struct loop_coro *self, void *arg)
{
    int fd = (int)(intptr_t)arg;
    char bytes[16];
    ssize_t n;

    while ((n = loop_coro_read(self, fd, bytes, sizeof(bytes))) > 0)
        assert_int_equal(loop_coro_write(self, fd, bytes, (size_t)n), n);
    loop_coro_close(self, fd);
    return 0;
}

static int serve(struct loop_coro *self, void *arg)
{
    const struct service *service = arg;
    int fd;

    while ((fd = loop_coro_accept(self, service->listener)) >= 0)
        loop_coro_detach(loop_coro_start(loop_coro_set(self), "connection", serve_one,
                                         (void *)(intptr_t)fd));
    return fd;
}

static int ask(struct loop_coro *self, void *arg)
{
    struct service *service = arg;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char byte = 'q';

    assert_int_equal(
        loop_coro_connect(self, fd, (struct sockaddr *)&service->address, service->length), 0);
    for (unsigned i = 0; i < ROUNDS; i++) {
        assert_int_equal(loop_coro_write(self, fd, &byte, 1), 1);
        assert_int_equal(loop_coro_read(self, fd, &byte, 1), 1);
    }
    loop_coro_close(self, fd);
    service->served++;
    return 0;
}

static int audience(struct loop_coro *self, void *arg)
{
    enum { CLIENTS = 5 };
    struct loop_coros *set = loop_coro_set(self);
    struct loop_coro *server = loop_coro_start(set, "server", serve, arg), *client[CLIENTS];

    for (int i = 0; i < CLIENTS; i++)
        client[i] = loop_coro_start(set, "client", ask, arg);
    for (int i = 0; i < CLIENTS; i++)
        assert_int_equal(loop_coro_wait(self, client[i]), 0);
    assert_int_equal(((struct service *)arg)->served, CLIENTS);
    loop_coro_cancel(server);
    assert_int_equal(loop_coro_wait(self, server), -ECANCELED);
    return 0;
}

static void serves(struct loop *loop)
{
    struct service service = {.address = {.sun_family = AF_UNIX}};
    struct loop_coros set;

    service.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    service.length = sizeof(service.address);
    assert_int_equal(
        bind(service.listener, (struct sockaddr *)&service.address, sizeof(sa_family_t)), 0);
    assert_int_equal(listen(service.listener, 16), 0);
    getsockname(service.listener, (struct sockaddr *)&service.address, &service.length);
    assert_int_equal(loop_coros_open(&set, loop, 0), 0);
    loop_coro_detach(loop_coro_start(&set, "audience", audience, &service));
    assert_int_equal(loop_coros_run(&set), 0);
    loop_coros_close(&set);
    close(service.listener);
}

static void clients_and_server_talk_in_one_thread(void **state)
{
    (void)state;
    on_every_backend(serves);
}

/* ---- stacks ---- */

static int overflow(struct loop_coro *self, void *arg)
{
    volatile char page[8192];

    page[0] = 1;
    return arg ? overflow(self, arg) + page[0] : 0;
}

static void overflowing_stack_meets_its_guard_page(void **state)
{
    pid_t child = fork();
    int status;

    (void)state;
    if (child == 0) {
        struct rlimit none = {0, 0};
        struct loop_options options = {.backend = NULL};
        struct loop_coros set;
        struct loop loop;

        setrlimit(RLIMIT_CORE, &none);
        signal(SIGSEGV, SIG_DFL);
        loop_open(&loop, &options);
        loop_coros_open(&set, &loop, 0);
        loop_coro_start(&set, "deep", overflow, &loop);
        loop_coros_run(&set);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

/* An argument and the rounding mode arrive and are kept. */
static int keeps_registers(struct loop_coro *self, void *arg)
{
    volatile double third = 1.0 / 3.0, sum = 0;

    for (int i = 0; i < 100; i++) {
        sum += third;
        assert_int_equal(loop_coro_yield(self), 0);
    }
    *(double *)arg = sum;
    return 0;
}

static void registers_survive_the_others(void **state)
{
    enum { COROS = 10 };
    struct loop_options options = {.backend = NULL};
    double sum[COROS];
    struct loop_coros set;
    struct loop loop;

    (void)state;
    assert_int_equal(loop_open(&loop, &options), 0);
    assert_int_equal(loop_coros_open(&set, &loop, 0), 0);
    for (int i = 0; i < COROS; i++)
        loop_coro_start(&set, "adder", keeps_registers, &sum[i]);
    assert_int_equal(loop_coros_run(&set), 0);
    for (int i = 0; i < COROS; i++)
        assert_true(sum[i] == sum[0] && sum[0] > 33.3);
    loop_coros_close(&set);
    loop_close(&loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_park_and_go_on_on_every_backend),
        cmocka_unit_test(full_pipe_parks_the_writer),
        cmocka_unit_test(limit_ends_a_call_and_time_is_the_loops),
        cmocka_unit_test(canceled_and_closed_calls_return),
        cmocka_unit_test(deadlock_names_who_waits_for_whom),
        cmocka_unit_test(child_of_a_coroutine_is_waited_for),
        cmocka_unit_test(clients_and_server_talk_in_one_thread),
        cmocka_unit_test(overflowing_stack_meets_its_guard_page),
        cmocka_unit_test(registers_survive_the_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
