/*
 * tests/bench/bench_loop.c - what a loop costs: tokens in a ring, timers, switches.
 *
 *   bench_loop ring [--sockets] [--pairs N] [--active A] [--tokens W] [--rounds R]
 *   bench_loop timers            per timer: insert, cancel, fire
 *   bench_loop switch            a coroutine's switch against swapcontext
 *   bench_loop one ENGINE N A W  just one engine: to be run under callgrind or strace
 *   bench_loop one ENGINE N      the same of its timers
 *
 * The engines take turns, each round begins with another one; a figure is CPU time of the
 * thread, compared with raw epoll of the same round; printed are the median of the rounds and
 * their quartiles.  One line per figure, as `bench/plot.sh` reads it:
 *
 *   KIND NAME N A VALUE LOW HIGH UNIT
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <ucontext.h>

#include "engine.h"
#include "loop/context.h"

enum { ENGINES_MAX = 16, ROUNDS_MAX = 99, NS_PER_S = 1000000000 };

static const struct engine *const families[] = {
    engines_raw,      engines_loop,
#ifdef HAVE_LIBEV
    engines_libev,
#endif
#ifdef HAVE_LIBEVENT
    engines_libevent,
#endif
#ifdef HAVE_LIBUV
    engines_libuv,
#endif
};

static struct ring ring;

double cpu_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * NS_PER_S + (double)now.tv_nsec;
}

/* Another row of deadlines each round: a branch predictor would learn the only one. */
static uint64_t deadline_row;

unsigned long deadline_ns(unsigned k)
{
    uint64_t mixed = (k + deadline_row) * 0x9e3779b97f4a7c15u;

    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
    return 1 + (mixed ^ mixed >> 31) % 999999999u;
}

static void die(const char *what)
{
    fprintf(stderr, "bench_loop: %s\n", what);
    exit(2);
}

static unsigned list_engines(const struct engine *list[ENGINES_MAX])
{
    unsigned n = 0;

    for (unsigned f = 0; f < sizeof(families) / sizeof(*families); f++) {
        for (const struct engine *engine = families[f]; engine->name; engine++)
            list[n++] = engine;
    }
    return n;
}

/* ---- the ring ---- */

static void make_ring(unsigned pairs, unsigned active, bool sockets)
{
    ring.pairs = pairs;
    ring.active = active;
    for (unsigned i = 0; i < pairs; i++) {
        int ends[2];

        if (sockets ? socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends)
                    : pipe2(ends, O_NONBLOCK))
            die("too few descriptors");
        ring.in[i] = ends[0];
        ring.out[i] = ends[1];
        /* With all pairs active each feeds itself, else the next of its stretch. */
        ring.next[i] = active == pairs ? i : (i + 1) % pairs;
    }
    for (unsigned k = 0; k < active; k++) {
        if (write(ring.out[k * (pairs / active)], "t", 1) != 1)
            die("a token does not fit");
    }
}

static void drop_ring(void)
{
    for (unsigned i = 0; i < ring.pairs; i++) {
        close(ring.in[i]);
        close(ring.out[i]);
    }
}

/* CPU time per token; 0: the engine is not here. */
static double measure(const struct engine *engine, long tokens)
{
    double from, spent;

    if (!engine->open(&ring, engine))
        return 0;
    ring.left = tokens / 10 + 1;
    engine->run(&ring);
    ring.left = tokens;
    from = cpu_ns();
    engine->run(&ring);
    spent = cpu_ns() - from;
    engine->close(&ring);
    return spent / (double)tokens;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void print_line(const char *kind, const char *name, unsigned n, unsigned a,
                       double *values, unsigned count, const char *unit)
{
    char word[32];

    snprintf(word, sizeof(word), "%s", name);
    for (char *c = word; *c; c++)
        *c = *c == ' ' ? '-' : *c;
    qsort(values, count, sizeof(*values), by_size);
    printf("%-8s %-22s %6u %6u %9.3f %9.3f %9.3f %s\n", kind, word, n, a, values[count / 2],
           values[count / 4], values[count * 3 / 4], unit);
    fflush(stdout);
}

static void bench_ring(unsigned pairs, unsigned active, long tokens, unsigned rounds,
                       bool sockets)
{
    static double spent[ENGINES_MAX][ROUNDS_MAX];
    const struct engine *list[ENGINES_MAX];
    unsigned count = list_engines(list);

    make_ring(pairs, active, sockets);
    for (unsigned r = 0; r < rounds; r++) {
        for (unsigned k = 0; k < count; k++) {
            unsigned e = (k + r) % count;
            /* These two grow with the number of descriptors: fewer tokens tell as much. */
            bool scans =
                e > 0 && list[e]->backend &&
                (!strcmp(list[e]->backend, "poll") || !strcmp(list[e]->backend, "select"));

            spent[e][r] = measure(list[e], scans && pairs > 100 ? tokens / 50 + 1 : tokens);
        }
        for (unsigned e = 1; e < count; e++)
            spent[e][r] /= spent[0][r];
    }
    for (unsigned e = 0; e < count; e++) {
        if (spent[e][0] > 0)
            print_line(sockets ? "sockets" : "pipes", list[e]->name, pairs, active, spent[e],
                       rounds, e == 0 ? "ns/token" : "of-raw");
    }
    drop_ring();
}

static void bench_one(const char *name, unsigned pairs, unsigned active, long tokens)
{
    const struct engine *list[ENGINES_MAX];
    unsigned count = list_engines(list);

    for (unsigned e = 0; e < count; e++) {
        if (strcmp(list[e]->name, name) != 0)
            continue;
        make_ring(pairs, active, false);
        if (!list[e]->open(&ring, list[e]))
            exit(77);
        ring.left = tokens;
        list[e]->run(&ring);
        list[e]->close(&ring);
        return;
    }
    exit(77);
}

/* ---- timers ---- */

static void bench_timers(unsigned timers, unsigned rounds)
{
    static const char *const kinds[3] = {"insert", "cancel", "fire"};
    static double spent[ENGINES_MAX][3][ROUNDS_MAX];
    const struct engine *list[ENGINES_MAX];
    unsigned count = list_engines(list);

    for (unsigned r = 0; r < rounds; r++) {
        deadline_row = (uint64_t)r << 32;
        for (unsigned k = 0; k < count; k++) {
            unsigned e = (k + r) % count;
            double ns[3];

            if (!list[e]->timers)
                continue;
            if (!list[e]->timers(timers, list[e], ns))
                die("not every timer fired");
            for (int i = 0; i < 3; i++)
                spent[e][i][r] = ns[i];
        }
    }
    for (unsigned e = 0; e < count; e++) {
        for (int i = 0; list[e]->timers && i < 3; i++)
            print_line(kinds[i], list[e]->name, timers, 0, spent[e][i], rounds, "ns/timer");
    }
}

static void bench_one_timers(const char *name, unsigned timers)
{
    const struct engine *list[ENGINES_MAX];
    unsigned count = list_engines(list);
    double ns[3];

    for (unsigned e = 0; e < count; e++) {
        if (strcmp(list[e]->name, name) == 0 && list[e]->timers)
            exit(list[e]->timers(timers, list[e], ns) ? 0 : 1);
    }
    exit(77);
}

/* ---- switches ---- */

enum { SWITCHES = 200000, STACK = 65536 };

static struct loop_context ours[2];
static ucontext_t theirs[2];

static void back_and_forth(void *arg)
{
    (void)arg;
    for (;;)
        loop_context_switch(&ours[1], &ours[0]);
}

static void swap_back(void)
{
    for (;;)
        swapcontext(&theirs[1], &theirs[0]);
}

static void bench_switch(unsigned rounds)
{
    static char stack[2][STACK];
    double spent[2][ROUNDS_MAX];

    loop_context_make(&ours[1], stack[0], STACK, back_and_forth, NULL);
    getcontext(&theirs[1]);
    theirs[1].uc_stack.ss_sp = stack[1];
    theirs[1].uc_stack.ss_size = STACK;
    makecontext(&theirs[1], swap_back, 0);
    for (unsigned r = 0; r < rounds; r++) {
        double from = cpu_ns();

        for (int i = 0; i < SWITCHES; i++)
            loop_context_switch(&ours[0], &ours[1]);
        spent[0][r] = (cpu_ns() - from) / (2.0 * SWITCHES);
        from = cpu_ns();
        for (int i = 0; i < SWITCHES / 10; i++)
            swapcontext(&theirs[0], &theirs[1]);
        spent[1][r] = (cpu_ns() - from) / (2.0 * SWITCHES / 10);
    }
    print_line("switch", "irqlab", 0, 0, spent[0], rounds, "ns");
    print_line("switch", "swapcontext", 0, 0, spent[1], rounds, "ns");
}

/* ---- arguments ---- */

static long number_after(int argc, char **argv, const char *option, long usual)
{
    for (int i = 1; i + 1 < argc; i++) {
        if (strcmp(argv[i], option) == 0)
            return strtol(argv[i + 1], NULL, 0);
    }
    return usual;
}

static bool has(int argc, char **argv, const char *option)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], option) == 0)
            return true;
    }
    return false;
}

/* As many pairs as RLIMIT_NOFILE lets us have. */
static unsigned pairs_here(long wish)
{
    struct rlimit limit;
    long most;

    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    most = ((long)limit.rlim_cur - 100) / 2;
    if (wish > most)
        wish = most;
    return (unsigned)(wish < PAIRS_MAX ? wish : PAIRS_MAX);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    unsigned rounds = (unsigned)number_after(argc, argv, "--rounds", 9);
    cpu_set_t one;

    CPU_ZERO(&one);
    CPU_SET((size_t)sched_getcpu(), &one);
    sched_setaffinity(0, sizeof(one), &one);
    if (rounds > ROUNDS_MAX)
        die("too many rounds");
    if (strcmp(what, "ring") == 0)
        bench_ring(pairs_here(number_after(argc, argv, "--pairs", 1000)),
                   (unsigned)number_after(argc, argv, "--active", 100),
                   number_after(argc, argv, "--tokens", 20000), rounds,
                   has(argc, argv, "--sockets"));
    else if (strcmp(what, "timers") == 0)
        bench_timers((unsigned)number_after(argc, argv, "--count", 1000), rounds);
    else if (strcmp(what, "switch") == 0)
        bench_switch(rounds);
    else if (strcmp(what, "one") == 0 && argc == 6)
        bench_one(argv[2], pairs_here(atol(argv[3])), (unsigned)atol(argv[4]), atol(argv[5]));
    else if (strcmp(what, "one") == 0 && argc == 4)
        bench_one_timers(argv[2], (unsigned)atol(argv[3]));
    else
        die("usage: bench_loop ring|timers|switch [OPTION...] | one ENGINE N [A W]");
    return 0;
}
