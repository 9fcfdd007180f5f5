/* lab/run.c - see run.h. */
#include "lab/run.h"

#include <stdlib.h>
#include <string.h>

#include "lab/json.h"
#include "lab/linux_replay.h"
#include "lab/picture.h"
#include "lab/qemu_runner.h"
#include "lab/schedule.h"
#include "lab/trial.h"
#include "lab/verdict.h"

enum {
    ERROR_BYTES = 512,
    LINE_BYTES = 512,
    PICTURES_WITHOUT_MAX = 2, /* drawn of a scenario with more points than fit a screen */
};

/* One point, with everything its trial looks at. */
struct run {
    char point[LAB_POINT_TEXT];
    struct lab_program *program;
    struct lab lab;
    struct lab_counts counts;
    struct lab_outcome outcome;
    struct sim_record *records;
    size_t count, room;
    uint8_t *actors; /* who stepped; a cycle is gone round once */
    size_t steps, steps_room;
    size_t take[SIM_CPUS_MAX]; /* how many had stepped when the CPU began to take */
    struct lab_point values;
    struct lab_judged judged;
};

/* Collects the records of a run. */
struct collector {
    struct lab_sink sink; /* first: the run knows only this part */
    struct run *run;
    bool failed;
};

struct session {
    const struct lab_run_options *options;
    struct lab_loaded loaded;
    struct lab_verdicts verdicts;
    struct run **runs;
    struct lab_trial *trials;
    size_t count;
};

/* ---- running ---- */

static void collect(struct lab_sink *sink, const struct sim_record *records, size_t count)
{
    struct collector *collector = (struct collector *)(void *)sink;
    struct run *run = collector->run;

    if (count > run->room - run->count) {
        size_t room = 2 * run->room + count + 64;
        struct sim_record *grown = realloc(run->records, room * sizeof(*grown));

        if (!grown) {
            collector->failed = true;
            return;
        }
        run->records = grown;
        run->room = room;
    }
    if (count)
        memcpy(run->records + run->count, records, count * sizeof(*records));
    run->count += count;
}

/*
 * Where what a CPU took is gone when the take takes effect, the step stands where it began: a
 * replay has no times, and takes only what is there.
 */
static size_t place_of(struct run *run, unsigned actor)
{
    const struct lab_actor *a = &run->lab.actor[actor];

    if (a->who != LAB_WHO_TAKE || sim_irq_output(&run->lab.sim, a->index))
        return run->steps;
    return run->take[a->index];
}

static void collect_step(struct lab_sink *sink, unsigned actor, bool begins)
{
    struct collector *collector = (struct collector *)(void *)sink;
    struct run *run = collector->run;
    size_t at;

    if (begins) {
        run->take[run->lab.actor[actor].index] = run->steps;
        return;
    }
    if (run->steps == run->steps_room) {
        size_t room = 2 * run->steps_room + 256;
        uint8_t *grown = realloc(run->actors, room);

        if (!grown) {
            collector->failed = true;
            return;
        }
        run->actors = grown;
        run->steps_room = room;
    }
    at = place_of(run, actor);
    memmove(run->actors + at + 1, run->actors + at, run->steps - at);
    run->actors[at] = (uint8_t)actor;
    run->steps++;
}

static int run_on_sim(struct run *run, struct collector *collector,
                      const struct lab_run_options *options)
{
    struct lab_replay replay = {.schedule = options->schedule, .skip = options->skip};
    uint8_t *bytes;
    uint8_t *scratch;
    int code = LAB_EXIT_OK;

    bytes = malloc(run->lab.arena.size + 1);
    scratch = malloc(run->lab.arena.size + 1);
    if (!bytes || !scratch) {
        free(bytes);
        free(scratch);
        return LAB_EXIT_INTERNAL;
    }
    sim_arena_place(&run->lab.arena, bytes);
    lab_start(&run->lab, &lab_bench_sim);
    replay.sink = &collector->sink;
    if (!options->schedule) {
        lab_run(&run->lab, &collector->sink, scratch, &run->outcome);
    } else if (lab_replay(&run->lab, &replay, &run->outcome) < 0) {
        fprintf(stderr, "irqlab: --schedule: %s\n", replay.error);
        code = LAB_EXIT_USAGE;
    } else {
        lab_replay_report(&replay);
    }
    free(bytes);
    free(scratch);
    return code;
}

static int run_on_qemu(struct run *run, struct collector *collector, const char *board)
{
    char error[ERROR_BYTES] = "";
    int code = lab_qemu_run(run->program, board, &collector->sink, &run->outcome, error,
                            sizeof(error));

    if (code != 0)
        fprintf(stderr, "irqlab: --on qemu: %s\n", error);
    return code;
}

static int run_on_linux(struct run *run, struct collector *collector, const char *schedule)
{
    char error[ERROR_BYTES] = "";
    int code = schedule ? lab_linux_replay(&run->lab, schedule, &collector->sink, &run->outcome,
                                           error, sizeof(error))
                        : lab_linux_play(&run->lab, &collector->sink, &run->outcome, error,
                                         sizeof(error));

    if (code != 0)
        fprintf(stderr, "irqlab: --on linux: %s\n", error);
    return code;
}

/* The point once, in the world that was asked for. */
static int run_there(const struct lab_run_options *options, struct run *run,
                     struct collector *collector)
{
    switch (options->on) {
    case LAB_ON_QEMU:
        return run_on_qemu(run, collector, options->board);
    case LAB_ON_LINUX:
        return run_on_linux(run, collector, options->schedule);
    default:
        return run_on_sim(run, collector, options);
    }
}

static int run_point(struct session *session, uint32_t number, struct run *run)
{
    const struct lab_run_options *options = session->options;
    struct collector collector = {{collect, options->json ? collect_step : 0}, run, false};
    int code = lab_load_point(&session->loaded, number, &run->program);

    if (code != LAB_EXIT_OK)
        return code;
    lab_point_text(&session->loaded.scenario, " = ", run->point, sizeof(run->point));
    run->values = session->loaded.scenario.point;
    run->lab.counts = &run->counts;
    lab_layout(&run->lab, run->program, 0, lab_bench_sim_context_bytes());
    code = run_there(options, run, &collector);
    if (code == LAB_EXIT_OK && collector.failed)
        code = LAB_EXIT_INTERNAL;
    if (code == LAB_EXIT_OK) { /* a run that was stopped has no outcome */
        bool complete = run->outcome.end != SIM_END_LIMIT;
        run->judged =
            lab_verdicts_add(&session->verdicts, &session->loaded.scenario, run->program,
                             &run->outcome, complete, complete, run->point);
    }
    return code;
}

static void free_run(struct run *run)
{
    if (!run)
        return;
    free(run->program);
    free(run->records);
    free(run->actors);
    free(run);
}

static int run_all(struct session *session)
{
    session->runs = calloc(session->loaded.points, sizeof(*session->runs));
    session->trials = calloc(session->loaded.points, sizeof(*session->trials));
    if (!session->runs || !session->trials)
        return LAB_EXIT_INTERNAL;
    for (uint32_t i = 0; i < session->loaded.points; i++) {
        struct run *run = calloc(1, sizeof(*run));
        int code;

        if (!run)
            return LAB_EXIT_INTERNAL;
        session->runs[session->count++] = run;
        code = run_point(session, i, run);
        if (code != LAB_EXIT_OK)
            return code;
        session->trials[i] = (struct lab_trial){
            run->point, run->program,  &run->lab,        run->records,
            run->count, &run->outcome, run->judged.good, run->judged.any,
        };
    }
    return LAB_EXIT_OK;
}

/* ---- printing ---- */

static void print_trace(const struct session *session)
{
    char line[LINE_BYTES];

    for (size_t t = 0; t < session->count; t++) {
        const struct lab_trial *trial = &session->trials[t];

        if (trial->point[0])
            printf("%s# %s\n", t ? "\n" : "", trial->point);
        for (size_t i = 0; i < trial->count; i++) {
            lab_trace_line(trial->lab, &trial->records[i], line, sizeof(line));
            puts(line);
        }
    }
}

static void print_json(const struct session *session)
{
    struct lab_json json = {stdout, session->loaded.stem, &session->loaded.scenario, 0};

    for (size_t t = 0; t < session->count; t++) {
        json.point = &session->runs[t]->values;
        lab_json_events(&json, &session->trials[t]);
    }
    for (size_t t = 0; t < session->count; t++) {
        struct run *run = session->runs[t];
        bool stepped = run->steps && run->outcome.end != SIM_END_LIMIT;
        char *schedule = stepped ? lab_schedule_text(&run->lab, run->actors, run->steps) : 0;

        json.point = &run->values;
        lab_json_outcome(&json, run->program, &run->outcome, true, 1,
                         schedule ? schedule : session->options->schedule);
        free(schedule);
    }
    lab_json_expects(&json, &session->verdicts);
}

static bool same_outcome(const struct lab_outcome *one, const struct lab_outcome *two)
{
    return one->end == two->end && one->hang == two->hang &&
           memcmp(one->fate, two->fate, sizeof(one->fate)) == 0;
}

/* Of many points: the first, and the first that ends differently. */
static size_t choose_pictures(const struct session *session,
                              struct lab_trial ret_trials[PICTURES_WITHOUT_MAX])
{
    ret_trials[0] = session->trials[0];
    for (size_t t = 1; t < session->count; t++) {
        if (!same_outcome(session->trials[0].outcome, session->trials[t].outcome)) {
            ret_trials[1] = session->trials[t];
            return 2;
        }
    }
    return 1;
}

static bool print_pictures(const struct session *session)
{
    const struct lab_style *style = &session->options->style;
    struct lab_trial some[PICTURES_WITHOUT_MAX];
    size_t count;

    if (session->count <= LAB_PICTURE_POINTS_MAX)
        return lab_picture_print(style, stdout, session->trials, session->count);
    count = choose_pictures(session, some);
    if (!lab_picture_print(style, stdout, some, count))
        return false;
    printf("\n  drawn: %zu of %zu points; -D NAME=VALUE draws others\n", count, session->count);
    return true;
}

static void print_head(const struct session *session)
{
    const struct lab_scenario *scenario = &session->loaded.scenario;
    const struct lab_style *style = &session->options->style;

    lab_style_put(style, stdout, LAB_INK_STRONG,
                  scenario->title ? lab_name(scenario, scenario->title) : session->loaded.stem);
    if (session->options->on == LAB_ON_QEMU)
        lab_style_put(style, stdout, LAB_INK_SOFT, "  (on QEMU)");
    if (session->options->on == LAB_ON_LINUX)
        lab_style_put(style, stdout, LAB_INK_SOFT, "  (on this Linux)");
    fputc('\n', stdout);
    if (scenario->question)
        puts(lab_name(scenario, scenario->question));
    fputc('\n', stdout);
}

/* Expectations about all interleavings, and those that were not judged, need a line of their
 * own; the others are in the verdict lines. */
static void print_expects(const struct session *session)
{
    bool first = true;

    for (unsigned i = 0; i < session->verdicts.count; i++) {
        const struct lab_verdict *verdict = &session->verdicts.item[i];
        enum lab_verdict_state state = lab_verdict_state(&session->verdicts, i);
        unsigned ink = state == LAB_REFUTED                              ? LAB_INK_LOST
                       : state == LAB_HOLDS || state == LAB_HOLDS_IN_RUN ? LAB_INK_GOOD
                                                                         : LAB_INK_LATE;
        char text[256];

        if (state == LAB_HOLDS && verdict->quantifier == LAB_QUANTIFIER_TIMED)
            continue;
        if (first)
            fputc('\n', stdout);
        first = false;
        lab_span_text(&session->loaded.scenario, verdict->span, text, sizeof(text));
        printf("  %s: ", text);
        lab_style_put(&session->options->style, stdout, ink, lab_verdict_state_name(state));
        fputc('\n', stdout);
    }
}

static int print_all(struct session *session)
{
    if (session->options->json) {
        print_json(session);
    } else if (session->options->trace) {
        print_trace(session);
    } else {
        print_head(session);
        if (!print_pictures(session))
            return LAB_EXIT_INTERNAL;
        fputc('\n', stdout);
        if (!lab_verdict_lines(&session->options->style, stdout, session->trials,
                               session->count))
            return LAB_EXIT_INTERNAL;
        if (session->options->schedule && session->trials[0].outcome->end == SIM_END_LIMIT)
            puts("\n  the schedule ends, and steps could follow: of a cycle it is the way "
                 "there");
        print_expects(session);
    }
    fflush(stdout);
    lab_verdicts_report(&session->verdicts, &session->loaded.scenario, &session->loaded.diags);
    lab_load_print_diags(&session->loaded);
    return lab_verdicts_exit(&session->verdicts);
}

int lab_run_scenario(const char *name, const struct lab_run_options *options)
{
    struct session *session = calloc(1, sizeof(*session));
    int code;

    if (!session) {
        fprintf(stderr, "irqlab: out of memory\n");
        return LAB_EXIT_INTERNAL;
    }
    session->options = options;
    /* A replay has steps and no times, so expectations about times cannot be judged. */
    lab_verdicts_init(&session->verdicts, options->schedule             ? LAB_VERDICT_EXPLORE
                                          : options->on == LAB_ON_LINUX ? LAB_VERDICT_ONCE
                                                                        : LAB_VERDICT_RUN);
    code = lab_load(&session->loaded, name, &options->load);
    if (code == LAB_EXIT_OK && options->schedule && session->loaded.points > 1) {
        fprintf(stderr, "irqlab: --schedule is for one point; pin the knobs with -D\n");
        code = LAB_EXIT_USAGE;
    }
    if (code == LAB_EXIT_OK)
        code = run_all(session);
    if (code == LAB_EXIT_OK)
        code = print_all(session);
    for (size_t i = 0; i < session->count; i++)
        free_run(session->runs[i]);
    free(session->runs);
    free(session->trials);
    lab_unload(&session->loaded);
    free(session);
    return code;
}
