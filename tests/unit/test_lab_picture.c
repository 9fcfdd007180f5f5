/*
 * tests/unit/test_lab_picture.c - pictures and verdict lines from records made by hand.
 *
 * The records are those of the page-one scenario: devices a and b share a line, b1 comes while
 * a is served.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/axis.h"
#include "lab/picture.h"
#include "lab/story.h"

enum { A, B, KEYS = 0, READER = 0, A1 = 1, B1 = 2, A2 = 3, RECORDS_MAX = 256, NAMES = 256 };

enum { WORLD, TAKE, CPU, TASK, ACTORS };

/* A compiled scenario without code: the picture needs only its names and costs. */
struct bench {
    struct lab_program *program;
    struct lab lab;
    struct sim_record records[RECORDS_MAX];
    struct lab_outcome outcome;
    struct lab_trial trial;
    bool listed; /* the file is on the ready list */
};

static uint16_t add_name(struct lab_program *program, const char *name)
{
    uint16_t at = (uint16_t)program->names_size;

    memcpy((char *)program + program->names_at + at, name, strlen(name) + 1);
    program->names_size += (uint32_t)strlen(name) + 1;
    return at;
}

static struct lab_program *make_program(void)
{
    struct lab_program *program =
        calloc(1, sizeof(*program) + sizeof(struct lab_task_code) + NAMES);
    struct lab_task_code *task;

    assert_non_null(program);
    program->tasks_at = sizeof(*program);
    program->names_at = sizeof(*program) + sizeof(*task);
    program->cost_take = 3000;
    program->cost_access = 1000;
    program->cost_leave = 1000;
    program->cost_call = 2000;
    program->sim.devices = 2;
    program->drv.drivers = 1;
    program->drv.fixed_files = 1;
    program->drv.tasks = 1;
    program->tokens = 3;
    program->token_device[B1] = B;
    program->token_name[A1] = add_name(program, "a1");
    program->token_name[B1] = add_name(program, "b1");
    program->token_name[A2] = add_name(program, "a2");
    program->device_name[A] = add_name(program, "a");
    program->device_name[B] = add_name(program, "b");
    program->driver_name[KEYS] = add_name(program, "keys");
    program->file_name[KEYS] = program->driver_name[KEYS];
    task = (struct lab_task_code *)(void *)((char *)program + program->tasks_at);
    task->name = add_name(program, "reader");
    return program;
}

static void bench_open(struct bench *bench, const char *point, enum sim_trigger trigger)
{
    struct lab *lab = &bench->lab;

    memset(bench, 0, sizeof(*bench));
    bench->program = make_program();
    lab->program = bench->program;
    lab->actors = ACTORS;
    lab->actor[WORLD] = (struct lab_actor){LAB_WHO_WORLD, 0, 0, 'x'};
    lab->actor[TAKE] = (struct lab_actor){LAB_WHO_TAKE, 0, 0, 't'};
    lab->actor[CPU] = (struct lab_actor){LAB_WHO_CPU, 0, 0, 'c'};
    lab->actor[TASK] = (struct lab_actor){LAB_WHO_TASK, READER, 0, 'r'};
    lab->sim.lines = 1;
    lab->sim.line_irq[0] = 5;
    lab->sim.line_trigger[0] = (uint8_t)trigger;
    bench->outcome.end = SIM_END_QUIET;
    bench->trial = (struct lab_trial){point, bench->program,  lab,  bench->records,
                                      0,     &bench->outcome, true, true};
}

static void bench_close(struct bench *bench)
{
    free(bench->program);
}

static void say(struct bench *bench, unsigned us, unsigned actor, enum sim_trace_kind kind,
                unsigned object, uint32_t value, unsigned token)
{
    struct sim_record *record = &bench->records[bench->trial.count++];

    assert_true(bench->trial.count <= RECORDS_MAX);
    record->at_lo = us * 1000;
    record->kind = (uint8_t)kind;
    record->actor = (uint8_t)actor;
    record->object = (uint16_t)object;
    record->value = value;
    record->token = (uint8_t)token;
}

/* The task's way to its first epoll_wait. */
static void say_start(struct bench *bench)
{
    say(bench, 2, TASK, SIM_EV_CALL, DRV_NR_OPEN, 0, 0);
    say(bench, 2, TASK, SIM_EV_RETURN, DRV_NR_OPEN, 3, 0);
    say(bench, 4, TASK, SIM_EV_CALL, DRV_NR_EPOLL_WAIT, 4, 0);
    say(bench, 4, TASK, SIM_EV_BLOCK, DRV_NR_EPOLL_WAIT, 0, 0);
}

/* Handler of @token from @us on: b.STATUS, a.STATUS, 4us of work, DATA, push. */
static void say_push(struct bench *bench, unsigned us, unsigned device, unsigned token)
{
    say(bench, us, CPU, SIM_EV_READ, device << 8 | 2, 0x80 + token, token);
    say(bench, us, CPU, SIM_EV_QUEUE, KEYS, 0x80 + token, token);
    say(bench, us, CPU, SIM_EV_WAKE, KEYS, 1, 0);
    if (!bench->listed)
        say(bench, us, CPU, SIM_EV_READY, KEYS, 1, 0);
    bench->listed = true;
}

static void say_take(struct bench *bench, unsigned us, bool still_high)
{
    say(bench, us, TAKE, SIM_EV_TAKE, 0, 5, 0);
    say(bench, us, TAKE, SIM_EV_PENDING, 5, still_high, 0);
    say(bench, us, TAKE, SIM_EV_ACTIVE, 5, 1, 0);
    say(bench, us, CPU, SIM_EV_RUN, KEYS, 0, 0);
}

/* epoll_wait returns at @us, one byte is read, then nothing more. */
static void say_reading(struct bench *bench, unsigned us, unsigned token)
{
    say(bench, us, TASK, SIM_EV_REPORT, KEYS, 1, 0);
    say(bench, us, TASK, SIM_EV_READY, KEYS, 0, 0);
    bench->listed = false;
    say(bench, us, TASK, SIM_EV_WOKEN, DRV_NR_EPOLL_WAIT, 1, 0);
    say(bench, us + 2, TASK, SIM_EV_CALL, DRV_NR_READ, 3, 0);
    say(bench, us + 2, TASK, SIM_EV_GOT, KEYS, 0x80 + token, token);
    say(bench, us + 2, TASK, SIM_EV_RETURN, DRV_NR_READ, 1, 0);
    say(bench, us + 4, TASK, SIM_EV_CALL, DRV_NR_READ, 3, 0);
    say(bench, us + 4, TASK, SIM_EV_RETURN, DRV_NR_READ, (uint32_t)-11, 0);
    say(bench, us + 6, TASK, SIM_EV_CALL, DRV_NR_EPOLL_WAIT, 4, 0);
    say(bench, us + 6, TASK, SIM_EV_BLOCK, DRV_NR_EPOLL_WAIT, 0, 0);
}

static void say_arrival(struct bench *bench, unsigned us, unsigned device, unsigned token,
                        bool rise, bool pending)
{
    say(bench, us, WORLD, SIM_EV_ARRIVE, device, 0x80 + token, token);
    if (rise)
        say(bench, us, WORLD, SIM_EV_LINE, 0, 1, 0);
    if (pending)
        say(bench, us, WORLD, SIM_EV_PENDING, 5, 1, 0);
}

static void say_leave(struct bench *bench, unsigned us, bool level_pending)
{
    say(bench, us, CPU, SIM_EV_EOI, 5, 0, 0);
    say(bench, us, CPU, SIM_EV_ACTIVE, 5, 0, 0);
    if (level_pending)
        say(bench, us, CPU, SIM_EV_PENDING, 5, 1, 0);
    say(bench, us, CPU, SIM_EV_LEAVE, 0, 0, 0);
}

static void play_edge(struct bench *bench)
{
    bench_open(bench, "mode = edge", SIM_TRIGGER_EDGE);
    say_start(bench);
    say_arrival(bench, 4, A, A1, true, true);
    say_take(bench, 7, false);
    say(bench, 8, CPU, SIM_EV_READ, B << 8, 0, 0);
    say(bench, 9, CPU, SIM_EV_READ, A << 8, 1, 0);
    say_arrival(bench, 11, B, B1, false, false);
    say_push(bench, 14, A, A1);
    say_leave(bench, 15, false);
    say_reading(bench, 17, A1);
    say_arrival(bench, 32, A, A2, false, false);
    say(bench, 32, 0xff, SIM_EV_LEFT, SIM_PLACE_DEVICE, B, B1);
    say(bench, 32, 0xff, SIM_EV_LEFT, SIM_PLACE_DEVICE, A, A2);
    say(bench, 32, 0xff, SIM_EV_END, 0, SIM_END_QUIET, 0);
    bench->outcome.fate[A1] = LAB_FATE_ARRIVED | LAB_FATE_READ;
    bench->outcome.fate[B1] = LAB_FATE_ARRIVED | LAB_FATE_LEFT;
    bench->outcome.fate[A2] = LAB_FATE_ARRIVED | LAB_FATE_LEFT;
    bench->outcome.end_ns = 32000;
}

static void play_level(struct bench *bench)
{
    bench_open(bench, "mode = level", SIM_TRIGGER_LEVEL);
    say_start(bench);
    say_arrival(bench, 4, A, A1, true, true);
    say_take(bench, 7, true);
    say(bench, 8, CPU, SIM_EV_READ, B << 8, 0, 0);
    say(bench, 9, CPU, SIM_EV_READ, A << 8, 1, 0);
    say_arrival(bench, 11, B, B1, false, false);
    say_push(bench, 14, A, A1);
    say_leave(bench, 15, false);
    say_take(bench, 18, true);
    say(bench, 19, CPU, SIM_EV_READ, B << 8, 1, 0);
    say(bench, 24, CPU, SIM_EV_LINE, 0, 0, 0);
    say(bench, 24, CPU, SIM_EV_PENDING, 5, 0, 0);
    say_push(bench, 24, B, B1);
    say(bench, 25, CPU, SIM_EV_READ, A << 8, 0, 0);
    say_leave(bench, 26, false);
    say_reading(bench, 28, A1);
    bench->trial.count -= 4;
    say(bench, 32, TASK, SIM_EV_CALL, DRV_NR_READ, 3, 0);
    say(bench, 32, TASK, SIM_EV_GOT, KEYS, 0x80 + B1, B1);
    say(bench, 32, TASK, SIM_EV_RETURN, DRV_NR_READ, 1, 0);
    say_arrival(bench, 32, A, A2, true, true);
    say_take(bench, 35, true);
    say(bench, 36, CPU, SIM_EV_READ, B << 8, 0, 0);
    say(bench, 37, CPU, SIM_EV_READ, A << 8, 1, 0);
    say(bench, 42, CPU, SIM_EV_LINE, 0, 0, 0);
    say(bench, 42, CPU, SIM_EV_PENDING, 5, 0, 0);
    say_push(bench, 42, A, A2);
    say_leave(bench, 43, false);
    say_reading(bench, 45, A2);
    for (unsigned i = A1; i <= A2; i++)
        bench->outcome.fate[i] = LAB_FATE_ARRIVED | LAB_FATE_READ;
    bench->outcome.end_ns = 51000;
}

/* What a printer writes, as a string to be freed. */
static char *print(bool (*printer)(const struct lab_style *, FILE *, const struct lab_trial *,
                                   size_t),
                   const struct lab_trial *trials, size_t count, bool utf8, unsigned width)
{
    struct lab_style style = {utf8, getenv("SHOW_COLOUR") != NULL, width};
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);

    assert_non_null(file);
    assert_true(printer(&style, file, trials, count));
    fclose(file);
    if (getenv("SHOW"))
        fprintf(stderr, "%s\n", text);
    return text;
}

static void assert_line(const char *text, const char *line)
{
    assert_non_null(text);
    if (!strstr(text, line))
        fail_msg("missing: %s\nin:\n%s", line, text);
}

static void both_points_share_one_axis_and_the_lost_are_crossed_out(void **state)
{
    static struct bench edge, level;
    struct lab_trial trials[2];
    char *text;

    (void)state;
    play_edge(&edge);
    play_level(&level);
    trials[0] = edge.trial;
    trials[1] = level.trial;
    text = print(lab_picture_print, trials, 2, true, 100);
    assert_line(text, "0    5    10   15   20");
    free(text);
    free(print(lab_picture_print, trials, 2, false, 60));
    free(print(lab_picture_print, trials, 2, true, 300));
    free(print(lab_verdict_lines, trials, 2, true, 100));
    free(print(lab_verdict_lines, trials, 2, false, 60));
    bench_close(&edge);
    bench_close(&level);
}

/* Only an unfair schedule keeps b1 and a2 from being read: they are not lost. */
static void what_only_starves_is_not_called_lost(void **state)
{
    static struct bench bench;
    char *text;

    (void)state;
    play_edge(&bench);
    bench.outcome.end = SIM_END_STARVE;
    bench.outcome.fate[B1] = 0;
    bench.outcome.fate[A2] = 0;
    text = print(lab_verdict_lines, &bench.trial, 1, true, 100);
    assert_line(text, "b1 not read");
    assert_line(text, "1 of 3   starve");
    assert_null(strstr(text, "LOST"));
    free(text);
    text = print(lab_picture_print, &bench.trial, 1, true, 100);
    assert_line(text, "1 of 3 read, starve");
    free(text);
    bench_close(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_points_share_one_axis_and_the_lost_are_crossed_out),
        cmocka_unit_test(what_only_starves_is_not_called_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
