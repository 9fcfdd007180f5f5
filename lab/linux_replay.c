/* lab/linux_replay.c - see linux_replay.h. */
#define _GNU_SOURCE
#include "lab/linux_replay.h"

#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/linux_director.h"
#include "lab/schedule.h"

enum { WHY_BYTES = 256 };

struct replay {
    struct lab_director *director;
    struct lab *model; /* steps by the schedule, and is compared with */
    uint8_t *bytes;
    uint64_t step;
};

static const char *call_name(unsigned nr)
{
    static const char *const names[] = {
#define NAME(nr, name) name,
        DRV_CALLS(NAME)
#undef NAME
    };

    return nr < DRV_NR_COUNT ? names[nr] : "?";
}

static void say(struct replay *replay, int code, unsigned task, unsigned nr, const char *kernel,
                const char *model)
{
    const struct lab *lab = replay->model;
    char why[WHY_BYTES];

    snprintf(why, sizeof(why), "step %" PRIu64 ": %s of %s: Linux %s, the model %s",
             replay->step, call_name(nr),
             lab_program_name(lab->program, lab->task_code[task].name), kernel, model);
    lab_director_stop(replay->director, code, why);
}

/* The kernel did something else than the model: said once, and the end of it. */
static void differs(struct replay *replay, unsigned task, unsigned nr, const char *kernel,
                    const char *model)
{
    say(replay, LAB_LINUX_DIFFERS, task, nr, kernel, model);
}

/* It was woken, and has run, before the schedule lets it. */
static void too_early(struct replay *replay, unsigned task, unsigned nr, const char *kernel,
                      const char *model)
{
    char kernel_text[WHY_BYTES];

    snprintf(kernel_text, sizeof(kernel_text), "was woken early and %s", kernel);
    say(replay, LAB_LINUX_EARLY, task, nr, kernel_text, model);
}

/* The record of @kind that the model's step made, 0: none. */
static const struct sim_record *find(const struct lab *model, enum sim_trace_kind kind)
{
    for (unsigned i = 0; i < model->trace.count; i++) {
        if (model->trace.records[i].kind == kind)
            return &model->trace.records[i];
    }
    return NULL;
}

/* Does the real task sleep in its call?  Seen twice, the same. */
static bool sleeps(struct replay *replay, unsigned task)
{
    uint64_t one, two;

    return lab_crew_asleep(replay->director->crew, task, &one) &&
           lab_crew_asleep(replay->director->crew, task, &two) && one == two;
}

/*
 * Until the real task has returned (true) or sleeps (false).  The end of a child can be seen
 * just before its parent is woken for it: a wait() that will return is waited for.
 */
static bool returns(struct replay *replay, unsigned task, bool will,
                    const struct lab_crew_answer **ret_answer)
{
    struct lab_director *d = replay->director;

    for (;;) {
        if (lab_crew_answered(d->crew, task, ret_answer))
            return true;
        if (!will && sleeps(replay, task) && !lab_director_has_timeout(d))
            return false;
        sched_yield();
    }
}

static void expect_sleep(struct replay *replay, unsigned task, unsigned nr)
{
    const struct lab_crew_answer *answer;
    char text[48];

    /* A time-out may end the sleep before it is looked at: then it has slept, too. */
    if (!returns(replay, task, false, &answer) || answer->slept)
        return;
    snprintf(text, sizeof(text), "returned %" PRId64, answer->result.value);
    differs(replay, task, nr, text, "sleeps");
}

static void expect_return(struct replay *replay, unsigned task, const struct sim_record *record)
{
    struct lab_director *d = replay->director;
    const struct lab_crew_answer *answer;
    char kernel[48], model[48];
    int32_t value;

    snprintf(model, sizeof(model), "returns %" PRId32, (int32_t)record->value);
    if (!returns(replay, task, record->object == DRV_NR_WAIT, &answer)) {
        differs(replay, task, record->object, "sleeps", model);
        return;
    }
    value = (int32_t)answer->result.value;
    snprintf(kernel, sizeof(kernel), "returned %" PRId32, value);
    if (answer->slept && value > 0 && value != (int32_t)record->value)
        too_early(replay, task, record->object, kernel, model);
    else if (record->object == DRV_NR_FORK ? value < 0 : value != (int32_t)record->value)
        differs(replay, task, record->object, kernel, model);
    else if (!lab_director_enter(d, task, answer))
        differs(replay, task, record->object, kernel, "cannot follow");
}

/* What the model's task has done in this step, done by the real one. */
static void step_task(struct replay *replay, unsigned task)
{
    struct lab_director *d = replay->director;
    const struct sim_record *sleep = find(replay->model, SIM_EV_BLOCK);
    const struct sim_record *answer = find(replay->model, SIM_EV_RETURN);

    if (!answer)
        answer = find(replay->model, SIM_EV_WOKEN);
    if (!d->calling[task]) {
        if (lab_director_needs_block(d, task)) {
            lab_director_enter_block(d, task);
            lab_director_step_in_model(d, task);
            return;
        }
        if (lab_task_at_call(d->lab, task))
            lab_director_send(d, task);
        else
            lab_director_step_in_model(d, task);
    }
    if (!d->calling[task])
        return; /* no call of the kernel's: the driver took it, or the task has ended */
    if (answer)
        expect_return(replay, task, answer);
    else if (sleep)
        expect_sleep(replay, task, sleep->object);
}

static void step(struct replay *replay, unsigned actor)
{
    const struct lab_actor *who = &replay->model->actor[actor];
    struct lab_director *d = replay->director;

    replay->step++;
    lab_step(replay->model, actor);
    replay->model->drv.readied.n = 0;
    replay->model->sim.armed = 0;
    if (who->who == LAB_WHO_TASK)
        step_task(replay, who->index);
    else if (who->who != LAB_WHO_TIMEOUT)
        lab_real_step(&d->real, actor);
}

/* Behind "il1:HASH:". */
static const char *steps_of(const char *schedule)
{
    const char *hash = strchr(schedule, ':');
    const char *steps = hash ? strchr(hash + 1, ':') : NULL;

    return steps ? steps + 1 : schedule + strlen(schedule);
}

static void follow(struct replay *replay, const char *schedule, struct lab_outcome *ret_outcome)
{
    struct lab_director *d = replay->director;
    const char *at = steps_of(schedule);
    uint8_t choices[LAB_ACTORS_MAX];
    unsigned repeat = 0;
    int actor = 0, next;

    while (!d->code && (next = lab_schedule_next(replay->model, &at, &repeat, &actor)) >= 0)
        step(replay, (unsigned)next);
    while (!d->code && !lab_director_at_rest(d))
        sched_yield();
    if (!d->code)
        lab_director_outcome(
            d, lab_choices(replay->model, choices) ? SIM_END_LIMIT : SIM_END_QUIET,
            ret_outcome);
}

/* Does the model follow the schedule at all?  Leaves it before the first step. */
static int check(struct lab *model, uint8_t *bytes, const char *schedule, char *error,
                 size_t size)
{
    struct lab_replay replay = {.schedule = schedule};
    struct lab_outcome outcome;

    sim_arena_place(&model->arena, bytes);
    lab_start(model, &lab_bench_sim);
    if (lab_replay(model, &replay, &outcome) < 0) {
        snprintf(error, size, "%s", replay.error);
        return LAB_LINUX_USAGE;
    }
    sim_arena_place(&model->arena, bytes);
    lab_start(model, &lab_bench_sim);
    return LAB_LINUX_OK;
}

int lab_linux_replay(struct lab *lab, const char *schedule, struct lab_sink *sink,
                     struct lab_outcome *ret_outcome, char *error, size_t size)
{
    struct replay replay = {.model = calloc(1, sizeof(*replay.model))};
    int code = LAB_LINUX_BROKEN;

    snprintf(error, size, "no memory");
    if (replay.model) {
        lab_layout(replay.model, lab->program, 0, lab_bench_sim_context_bytes());
        replay.bytes = malloc(replay.model->arena.size + 1);
    }
    if (replay.bytes)
        code = check(replay.model, replay.bytes, schedule, error, size);
    if (code == LAB_LINUX_OK) {
        replay.director = lab_director_open(lab, sink, error, size, &code);
        if (replay.director) {
            follow(&replay, schedule, ret_outcome);
            code = lab_director_close(replay.director);
        }
    }
    free(replay.bytes);
    free(replay.model);
    return code;
}
