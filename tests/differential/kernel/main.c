/*
 * tests/differential/kernel/main.c - random system calls on the model kernel and on this Linux.
 *
 *   kernel [--calls N] [--blocked N] [--seed S] [--pin]
 *
 * --calls    calls of one task, each compared at once
 * --blocked  calls of four tasks that may sleep: threads whose state is observed
 * --pin      a difference fails whatever the kernel; else only under Linux 6.x
 *
 * Prints what was covered, and for a difference the least sequence that shows it.
 */
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/differential/kernel/generate.h"
#include "tests/differential/kernel/histogram.h"
#include "tests/differential/kernel/sequence.h"

enum { LINES = 110, BLOCKED_LINES = 50, BLOCKED_TASKS = 4, HANG_SECONDS = 60, MANY = 300000 };

struct options {
    uint64_t calls, blocked, seed;
    bool pin;
};

/* ---- one task ---- */

struct alone {
    struct host host;
    struct lab_model model;
    struct histogram histogram;
};

static bool differs_alone(void *with, const struct lab_script *script,
                          struct difference *ret_difference)
{
    struct alone *alone = with;

    return sequence_differs(&alone->host, &alone->model, script, ret_difference);
}

/* One sequence, drawn and compared line by line; false: a difference was printed. */
static bool run_sequence(struct alone *alone, uint64_t seed)
{
    static struct lab_script script;
    static struct lab_seen seen[2];
    struct generator g = {0};
    int32_t var[LAB_SCRIPT_VARS];
    int64_t args[LAB_OP_ARGS];
    struct difference difference = {0};
    struct shrinker shrinker = {.differs = differs_alone, .with = alone};
    bool equal = true;

    generate_begin(&g, &script, seed);
    memset(var, -1, sizeof(var));
    lab_model_reset(&alone->model);
    sequence_host_reset(&alone->host, &script);
    alarm(HANG_SECONDS);
    for (unsigned i = 0; i < LINES && equal; i++) {
        const struct lab_script_op *op = &script.op[i];
        if (!generate_line(&g, &alone->model, var, 0))
            break;
        lab_op_resolve(op, var, args);
        histogram_count(&alone->histogram, &alone->model, op, args);
        equal = sequence_model_call(&alone->model, op, args, &seen[0]);
        if (!equal)
            break;
        sequence_host_call(&alone->host, op, args, &seen[1]);
        equal = lab_seen_equal(&seen[0], &seen[1]);
        lab_op_assign(op, &seen[0], var);
        alone->histogram.calls++;
        alone->histogram.successes += seen[0].value >= 0;
    }
    if (equal)
        return true;
    if (!sequence_differs(&alone->host, &alone->model, &script, &difference)) {
        printf("seed %" PRIu64 ": differed once and not again\n", seed);
        return false;
    }
    sequence_shrink(&shrinker, &script, &difference);
    sequence_print(&script, &difference, seed);
    return false;
}

static bool run_alone(const struct options *options)
{
    static struct alone alone;
    static struct lab_script files;
    struct generator g = {0};
    struct histogram *h = &alone.histogram;
    unsigned empty;
    bool good = true;

    generate_begin(&g, &files, 0);
    if (!lab_model_init(&alone.model, &files, &sequence_room) ||
        !histogram_init(h, &alone.model) || !sequence_host_init(&alone.host, &files)) {
        printf("this system does not let a process be set up\n");
        return false;
    }
    for (uint64_t i = 0; good && h->calls < options->calls; i++)
        good = run_sequence(&alone, options->seed + i);
    alarm(0);
    lab_linux_clean(alone.host.linux.names);
    empty = histogram_print(h);
    printf("%" PRIu64 " calls of one task, %" PRIu64 " %% succeed, %u cells empty\n", h->calls,
           h->calls ? h->successes * 100 / h->calls : 0, empty);
    return good && (options->calls < MANY || (!empty && h->successes * 10 >= h->calls * 3));
}

/* ---- several tasks ---- */

struct blocked {
    uint64_t calls, asleep, several; /* lines with more than one outcome */
};

static bool differs_blocked(void *with, const struct lab_script *script,
                            struct difference *ret_difference)
{
    (void)with;
    return sequence_differs_blocked(script, ret_difference);
}

enum { ALL_ASLEEP = (1 << BLOCKED_TASKS) - 1 };

/* A task that is awake and draws the next line; the first mostly wakes the others. */
static unsigned next_task(struct generator *g, uint8_t sleeping)
{
    unsigned task = (unsigned)generate_random(g, BLOCKED_TASKS);

    while (sleeping >> task & 1)
        task = (task + 1) % BLOCKED_TASKS;
    /* what there is to sleep on blocks */
    g->may_block = task != 0 || g->script->ops < 7;
    return task;
}

/* Draws a sequence along one of the ways the model can go. */
static void draw_blocked(struct lab_script *script, uint64_t seed, struct blocked *sum)
{
    struct generator g = {.sleepers = true};
    struct lab_model_set *set;
    static struct lab_model_outcomes outcomes;
    int32_t var[LAB_SCRIPT_VARS];
    uint8_t sleeping = 0;
    bool bounded = false;

    generate_begin(&g, script, seed);
    script->tasks = BLOCKED_TASKS;
    set = lab_model_set_new(script, &sequence_room);
    if (!set)
        abort();
    while (script->ops < BLOCKED_LINES && sleeping != ALL_ASLEEP && !bounded) {
        const struct lab_model *model = lab_model_set_look(set, var, &sleeping);
        unsigned first = script->ops, task = next_task(&g, sleeping);
        if (!generate_line(&g, model, var, task))
            break;
        /* now and then two begin together */
        sleeping |= (uint8_t)(1u << task);
        if (generate_random(&g, 6) == 0 && sleeping != ALL_ASLEEP &&
            generate_line(&g, model, var, next_task(&g, sleeping)))
            script->op[first].beside = script->op[first + 1].task != script->op[first].task;
        for (unsigned i = first; i < script->ops; i += lab_group_lines(script, i)) {
            lab_model_set_run(set, i, &outcomes);
            bounded |= outcomes.bounded;
            sum->several += outcomes.count > 1;
            lab_model_set_keep(set, outcomes.text[generate_random(&g, outcomes.count)]);
        }
        lab_model_set_look(set, var, &sleeping);
        sum->asleep += sleeping >> task & 1;
    }
    sum->calls += script->ops;
    lab_model_set_free(set);
}

static bool run_blocked(const struct options *options)
{
    static struct lab_script script;
    struct shrinker shrinker = {.differs = differs_blocked};
    struct difference difference = {0};
    struct blocked sum = {0};

    for (uint64_t i = 0; sum.calls < options->blocked; i++) {
        draw_blocked(&script, options->seed + i, &sum);
        if (!sequence_differs_blocked(&script, &difference))
            continue;
        sequence_shrink(&shrinker, &script, &difference);
        sequence_print(&script, &difference, options->seed + i);
        return false;
    }
    printf("%" PRIu64 " calls of %d tasks: %" PRIu64 " sleep, %" PRIu64
           " have several outcomes\n",
           sum.calls, BLOCKED_TASKS, sum.asleep, sum.several);
    return true;
}

/* ---- the command ---- */

static bool parse(int argc, char **argv, struct options *ret)
{
    static const struct option known[] = {{"calls", required_argument, 0, 'c'},
                                          {"blocked", required_argument, 0, 'b'},
                                          {"seed", required_argument, 0, 's'},
                                          {"pin", no_argument, 0, 'p'},
                                          {0}};
    int id;

    while ((id = getopt_long(argc, argv, "", known, 0)) != -1)
        switch (id) {
        case 'c':
            ret->calls = strtoull(optarg, 0, 10);
            break;
        case 'b':
            ret->blocked = strtoull(optarg, 0, 10);
            break;
        case 's':
            ret->seed = strtoull(optarg, 0, 10);
            break;
        case 'p':
            ret->pin = true;
            break;
        default:
            return false;
        }
    return optind == argc;
}

static void on_alarm(int number)
{
    static const char text[] = "a call sleeps on Linux that the model says returns\n";

    (void)number;
    if (write(1, text, sizeof(text) - 1) < 0)
        _exit(3);
    _exit(1);
}

/* The calls ran with few descriptors; what looks for leaks at the end needs some more. */
static void lift_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int main(int argc, char **argv)
{
    struct options options = {.calls = 400000, .blocked = 4000, .seed = 1};
    struct utsname host;
    bool good;

    if (!parse(argc, argv, &options)) {
        fprintf(stderr, "usage: %s [--calls N] [--blocked N] [--seed S] [--pin]\n", argv[0]);
        return 2;
    }
    uname(&host);
    printf("Linux %s, seed %" PRIu64 "\n", host.release, options.seed);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGALRM, on_alarm);
    good = !options.blocked || run_blocked(&options);
    good = (!options.calls || run_alone(&options)) && good;
    lift_limit();
    if (!good && !options.pin && strncmp(host.release, "6.", 2) != 0) {
        printf("the model is that of Linux 6.x: this is data, no failure\n");
        return 0;
    }
    return !good;
}
