/* tests/unit/test_loop_loop.c - the loop on this machine's kernel, on every back end. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "test_loop_kit.h"

/* ---- descriptors ---- */

static void tells_what_is_ready(struct loop *loop)
{
    struct told told = {0};
    int ends[2];
    loop_id id;

    pipe_of(ends);
    id = loop_add_io(loop, ends[0], LOOP_IN, note_told, &told);
    assert_true(id > 0);
    assert_int_equal(loop_turn(loop, 0), 0);
    put_byte(ends[1]);
    assert_int_equal(loop_turn(loop, -1), 1);
    assert_int_equal(told.events & LOOP_IN, LOOP_IN);
    take_byte(ends[0]);
    assert_int_equal(loop_turn(loop, 0), 0);
    assert_int_equal(loop_remove(loop, id), 0);
    put_byte(ends[1]);
    assert_int_equal(loop_turn(loop, 0), 0);
    close(ends[0]);
    close(ends[1]);
}

static void a_ready_descriptor_is_told_on_every_backend(void **state)
{
    (void)state;
    on_every_backend(tells_what_is_ready);
}

/* An edge back end tells it once, a level one until it is taken; both tell it after again. */
static void tells_what_was_left(struct loop *loop)
{
    struct told told = {0};
    int ends[2];
    loop_id id;

    pipe_of(ends);
    id = loop_add_io(loop, ends[0], LOOP_IN, note_told, &told);
    put_byte(ends[1]);
    assert_int_equal(loop_turn(loop, -1), 1);
    assert_int_equal(loop_turn(loop, 0), loop->backend.ops->edge ? 0 : 1);
    assert_int_equal(loop_again(&loop->core, id), 0);
    assert_int_equal(loop_turn(loop, -1), 1);
    loop_remove(loop, id);
    close(ends[0]);
    close(ends[1]);
}

static void what_was_left_is_told_again_if_asked_for(void **state)
{
    (void)state;
    on_every_backend(tells_what_was_left);
}

static void survives_a_close(struct loop *loop)
{
    struct told told = {0}, other = {0};
    int ends[2], more[2], zombie;
    loop_id id, second;

    pipe_of(ends);
    pipe_of(more);
    id = loop_add_io(loop, ends[0], LOOP_IN, note_told, &told);
    second = loop_add_io(loop, more[0], LOOP_IN, note_told, &other);
    loop_turn(loop, 0);
    close(ends[0]);
    /* Others go on being told, and the closed one does not make the loop spin. */
    put_byte(more[1]);
    loop_turn(loop, 0);
    loop_turn(loop, 0);
    take_byte(more[0]);
    assert_true(other.times >= 1);
    assert_true(told.times <= 1);
    if (is_backend(loop, "poll") || is_backend(loop, "select"))
        assert_int_equal(told.events, LOOP_GONE);
    other.times = 0;
    assert_int_equal(loop_turn(loop, 0), 0);
    assert_int_equal(loop_remove(loop, id), 0);
    /* The number serves another file. */
    zombie = fcntl(more[0], F_DUPFD, ends[0]);
    assert_int_equal(zombie, ends[0]);
    id = loop_add_io(loop, zombie, LOOP_IN, note_told, &told);
    assert_true(id > 0);
    told.times = 0;
    put_byte(more[1]);
    loop_turn(loop, -1);
    assert_int_equal(told.times, 1);
    loop_remove(loop, id);
    loop_remove(loop, second);
    close(zombie);
    close(ends[1]);
    close(more[0]);
    close(more[1]);
}

static void descriptor_closed_while_watched_harms_nobody(void **state)
{
    (void)state;
    on_every_backend(survives_a_close);
}

/* Closed while a duplicate lives, then removed: epoll goes on reporting and cannot be told. */
static void forgets_a_duplicate(struct loop *loop)
{
    struct told told = {0}, other = {0};
    int ends[2], more[2], copy;
    loop_id id, second;

    pipe_of(ends);
    pipe_of(more);
    id = loop_add_io(loop, ends[0], LOOP_IN, note_told, &told);
    second = loop_add_io(loop, more[0], LOOP_IN, note_told, &other);
    loop_turn(loop, 0);
    copy = dup(ends[0]);
    close(ends[0]);
    loop_remove(loop, id);
    put_byte(ends[1]);
    loop_turn(loop, 0);
    assert_int_equal(told.times, 0);
    /* Nothing is ready but the zombie, and it has been left behind. */
    assert_int_equal(loop->backend.ops->wait(&loop->backend, 0, loop->results), 0);
    put_byte(more[1]);
    loop_turn(loop, -1);
    assert_int_equal(other.times, 1);
    loop_remove(loop, second);
    close(copy);
    close(ends[1]);
    close(more[0]);
    close(more[1]);
}

static void registration_that_outlives_its_number_is_left_behind(void **state)
{
    (void)state;
    on_every_backend(forgets_a_duplicate);
}

struct pair {
    loop_id *neighbour;
    struct told told;
};

static void remove_neighbour(struct loop *loop, const struct loop_ready *ready, void *arg)
{
    struct pair *pair = arg;

    note_told(loop, ready, &pair->told);
    loop_remove(loop, *pair->neighbour);
}

static void removes_neighbour(struct loop *loop)
{
    struct pair pair[2] = {0};
    int ends[2][2];
    loop_id id[2];

    for (int i = 0; i < 2; i++) {
        pipe_of(ends[i]);
        pair[i].neighbour = &id[1 - i];
        id[i] = loop_add_io(loop, ends[i][0], LOOP_IN, remove_neighbour, &pair[i]);
        put_byte(ends[i][1]);
    }
    assert_int_equal(loop_turn(loop, -1), 1);
    assert_int_equal(pair[0].told.times + pair[1].told.times, 1);
    for (int i = 0; i < 2; i++) {
        loop_remove(loop, id[i]);
        close(ends[i][0]);
        close(ends[i][1]);
    }
}

static void callback_may_remove_who_comes_next(void **state)
{
    (void)state;
    on_every_backend(removes_neighbour);
}

static void refuses_what_epoll_refuses(struct loop *loop)
{
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    loop_id id = loop_add_io(loop, fd, LOOP_IN, NULL, NULL);

    if (strncmp(loop->backend.ops->name, "epoll", 5) == 0)
        assert_int_equal(id, -EPERM);
    else
        assert_true(id > 0);
    loop_remove(loop, id);
    close(fd);
    assert_int_equal(loop_add_io(loop, -1, LOOP_IN, NULL, NULL), -EBADF);
    assert_int_equal(loop->core.active, 0);
}

static void error_of_a_first_interest_is_the_callers(void **state)
{
    (void)state;
    on_every_backend(refuses_what_epoll_refuses);
}

/* ---- signals, children, threads ---- */

static void stormed(struct loop *loop)
{
    struct told usr1 = {0}, usr2 = {0};
    loop_id one = loop_add_signal(loop, SIGUSR1, note_told, &usr1);
    loop_id two = loop_add_signal(loop, SIGUSR2, note_told, &usr2);

    assert_true(one > 0 && two > 0);
    for (int i = 0; i < 10000; i++)
        raise(SIGUSR1);
    while (usr1.times == 0)
        loop_turn(loop, -1);
    assert_int_equal(usr1.times, 1);
    assert_int_equal(usr1.value, SIGUSR1);
    assert_int_equal(usr2.times, 0);
    assert_int_equal(loop_turn(loop, 0), 0);
    raise(SIGUSR2);
    while (usr2.times == 0)
        loop_turn(loop, -1);
    loop_remove(loop, one);
    loop_remove(loop, two);
    assert_int_equal(loop_add_signal(loop, SIGKILL, note_told, &usr1), -EINVAL);
}

static void storm_of_signals_is_told_once(void **state)
{
    struct sigaction action;

    (void)state;
    on_every_backend(stormed);
    sigaction(SIGUSR1, NULL, &action);
    assert_true(action.sa_handler == SIG_DFL);
}

static void bears(struct loop *loop)
{
    struct told told = {0};
    pid_t child = fork();

    if (child == 0)
        _exit(7);
    assert_true(loop_add_child(loop, child, note_told, &told) > 0);
    assert_int_equal(loop_run(loop), 0);
    assert_int_equal(told.times, 1);
    assert_true(WIFEXITED(told.value) && WEXITSTATUS(told.value) == 7);
    assert_int_equal(waitpid(child, NULL, WNOHANG), -1);
    assert_int_equal(loop_add_child(loop, child, note_told, &told), -ECHILD);
}

static void end_of_a_child_is_told_and_reaped(void **state)
{
    (void)state;
    on_every_backend(bears);
}

enum { THREADS = 4, WAKES = 2000 };

struct sleeper {
    struct loop_waker waker;
    atomic_uint sent;
    unsigned seen;
};

static void *wake_often(void *arg)
{
    struct sleeper *sleeper = arg;

    for (int i = 0; i < WAKES; i++) {
        atomic_fetch_add(&sleeper->sent, 1);
        loop_wake(&sleeper->waker);
    }
    return NULL;
}

static void woken(struct loop *loop, const struct loop_ready *ready, void *arg)
{
    struct sleeper *sleeper = arg;

    (void)ready;
    sleeper->seen = atomic_load(&sleeper->sent);
    if (sleeper->seen == THREADS * WAKES)
        loop_stop(loop);
}

static void is_woken(struct loop *loop)
{
    struct sleeper sleeper = {.seen = 0};
    pthread_t thread[THREADS];
    loop_id id = loop_add_wake(loop, &sleeper.waker, woken, &sleeper);

    assert_true(id > 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, wake_often, &sleeper), 0);
    /* A wake-up that were lost would leave it waiting for ever. */
    assert_int_equal(loop_run(loop), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    assert_int_equal(sleeper.seen, THREADS * WAKES);
    loop_remove(loop, id);
}

static void no_wake_of_another_thread_is_lost(void **state)
{
    (void)state;
    on_every_backend(is_woken);
}

/* ---- accept without a free descriptor ---- */

static bool same_file(int a, int b)
{
    struct stat one, other;

    return fstat(a, &one) == 0 && fstat(b, &other) == 0 && one.st_ino == other.st_ino;
}

/* A listener of the abstract name space, and a client whose connection waits there. */
static int listen_and_connect(int *ret_client)
{
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    socklen_t length = sizeof(address);

    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(sa_family_t)), 0);
    assert_int_equal(listen(listener, 8), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    *ret_client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(*ret_client, (struct sockaddr *)&address, length), 0);
    return listener;
}

static void meets_the_limit(struct loop *loop)
{
    struct rlimit before, few;
    int client, first, listener = listen_and_connect(&client);
    char byte;

    first = loop_accept(loop, listener);
    assert_true(first >= 0);
    close(client);
    close(listener);
    listener = listen_and_connect(&client);

    /* From here on no number is free but the one in reserve. */
    getrlimit(RLIMIT_NOFILE, &before);
    few = before;
    few.rlim_cur = (rlim_t)loop->spare + 1;
    for (int fd = 3; fd < loop->spare; fd++) {
        if (fcntl(fd, F_GETFD) < 0)
            assert_int_equal(fcntl(first, F_DUPFD, fd), fd);
    }
    setrlimit(RLIMIT_NOFILE, &few);
    assert_int_equal(loop_accept(loop, listener), -EMFILE);
    /* The peer was told, and the listener is quiet. */
    assert_int_equal(read(client, &byte, 1), 0);
    assert_int_equal(loop_accept(loop, listener), -EAGAIN);
    setrlimit(RLIMIT_NOFILE, &before);
    assert_int_equal(loop_accept(loop, listener), -EAGAIN);
    for (int fd = 3; fd < 256; fd++) {
        if (same_file(fd, first) && fd != first)
            close(fd);
    }
    close(first);
    close(client);
    close(listener);
}

static void accept_at_the_limit_says_so(void **state)
{
    (void)state;
    on_every_backend(meets_the_limit);
}

/* ---- ten thousand descriptors ---- */

enum { PAIRS = 5000, EVERY = 97 };

static void holds_many(struct loop *loop)
{
    static struct told told[PAIRS];
    static int ends[PAIRS][2];
    static loop_id id[PAIRS];
    unsigned due = 0, seen = 0;

    memset(told, 0, sizeof(told));
    for (int i = 0; i < PAIRS; i++) {
        pipe_of(ends[i]);
        id[i] = loop_add_io(loop, ends[i][0], LOOP_IN, note_told, &told[i]);
        assert_true(id[i] > 0);
    }
    for (int i = 0; i < PAIRS; i += EVERY, due++)
        put_byte(ends[i][1]);
    while (seen < due) {
        seen = 0;
        assert_true(loop_turn(loop, -1) > 0);
        for (int i = 0; i < PAIRS; i++)
            seen += told[i].times > 0;
    }
    for (int i = 0; i < PAIRS; i++) {
        assert_int_equal(told[i].times > 0, i % EVERY == 0);
        assert_int_equal(loop_remove(loop, id[i]), 0);
        close(ends[i][0]);
        close(ends[i][1]);
    }
    assert_int_equal(loop->core.active, 0);
}

static void ten_thousand_descriptors_are_watched(void **state)
{
    struct rlimit limit;

    (void)state;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < 2 * PAIRS + 64)
        skip();
    on_every_backend(holds_many);
}

/* ---- inside another loop ---- */

static void nests(struct loop *loop)
{
    struct told told = {0};
    struct pollfd outer = {.events = POLLIN};
    int ends[2];
    loop_id id;

    outer.fd = loop_descriptor(loop);
    if (outer.fd < 0) {
        assert_int_equal(outer.fd, -ENOTSUP);
        return;
    }
    pipe_of(ends);
    id = loop_add_io(loop, ends[0], LOOP_IN, note_told, &told);
    assert_int_equal(loop_timeout(loop), -1);
    loop_turn(loop, 0);
    put_byte(ends[1]);
    assert_int_equal(poll(&outer, 1, -1), 1);
    assert_int_equal(loop_turn(loop, 0), 1);
    loop_remove(loop, id);
    close(ends[0]);
    close(ends[1]);
}

static void loop_can_be_waited_for_by_another(void **state)
{
    (void)state;
    on_every_backend(nests);
}

/* ---- time ---- */

static uint64_t hand_clock(void *arg)
{
    return *(uint64_t *)arg;
}

static void clock_is_the_callers_to_give(void **state)
{
    uint64_t now = 1000;
    struct loop_options options = {.clock = hand_clock, .clock_arg = &now};
    struct told told = {0};
    struct loop loop;

    (void)state;
    assert_int_equal(loop_open(&loop, &options), 0);
    assert_true(loop_add_timer(&loop, 50, 0, note_told, &told) > 0);
    assert_int_equal(loop_turn(&loop, 0), 0);
    now = 10; /* back, by more than the timer is long */
    assert_int_equal(loop_turn(&loop, 0), 0);
    assert_int_equal(loop_timeout(&loop), 50);
    now = 60;
    assert_int_equal(loop_turn(&loop, 0), 1);
    assert_int_equal(told.times, 1);
    loop_close(&loop);
}

static void unknown_backend_is_an_error(void **state)
{
    struct loop_options options = {.backend = "kqueue"};
    struct loop loop;

    (void)state;
    assert_int_equal(loop_open(&loop, &options), -ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ready_descriptor_is_told_on_every_backend),
        cmocka_unit_test(what_was_left_is_told_again_if_asked_for),
        cmocka_unit_test(descriptor_closed_while_watched_harms_nobody),
        cmocka_unit_test(registration_that_outlives_its_number_is_left_behind),
        cmocka_unit_test(callback_may_remove_who_comes_next),
        cmocka_unit_test(error_of_a_first_interest_is_the_callers),
        cmocka_unit_test(storm_of_signals_is_told_once),
        cmocka_unit_test(end_of_a_child_is_told_and_reaped),
        cmocka_unit_test(no_wake_of_another_thread_is_lost),
        cmocka_unit_test(accept_at_the_limit_says_so),
        cmocka_unit_test(ten_thousand_descriptors_are_watched),
        cmocka_unit_test(loop_can_be_waited_for_by_another),
        cmocka_unit_test(clock_is_the_callers_to_give),
        cmocka_unit_test(unknown_backend_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
