/* lab/search.c - see search.h. */
#include "lab/search.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lab/explore.h"
#include "lab/json.h"
#include "lab/predicate.h"
#include "lab/trial.h"
#include "lab/verdict.h"
#include "lab/words.h"

enum { TEXT_BYTES = 1024 };

struct search {
    const struct lab_search_options *options;
    struct lab_loaded loaded;
    struct lab_verdicts verdicts;
    /* the way to each expectation's counterexample or witness, by number */
    char *schedule[LAB_EXPECTS_MAX];
    char *pins[LAB_EXPECTS_MAX]; /* " -D mode=edge" */
    const char *bound;           /* the first one that was hit */
};

/* ---- one outcome ---- */

static void print_sets(const struct search *search, const struct lab_program *program,
                       const struct lab_outcome *outcome)
{
    char text[TEXT_BYTES];

    for (unsigned set = 0; set < LAB_SETS; set++) {
        lab_set_text(program, outcome, (enum lab_set)set, text, sizeof(text));
        if (strcmp(text, "nothing") == 0 && set != LAB_SET_READ)
            continue;
        lab_style_put(&search->options->style, stdout,
                      set == LAB_SET_LOST   ? LAB_INK_LOST
                      : set == LAB_SET_LATE ? LAB_INK_LATE
                                            : LAB_INK_PLAIN,
                      lab_set_name((enum lab_set)set));
        putchar('=');
        for (const char *c = text; *c; c++) {
            if (*c != ' ')
                putchar(*c);
        }
        fputs("; ", stdout);
    }
}

/* Only what an expectation names is known. */
static void print_counters(const struct lab_program *program, const struct lab_outcome *outcome)
{
    const struct lab_counts *counts = &outcome->counts;

    const struct {
        const char *name;
        const uint32_t *value;
        const uint16_t *names; /* 0: tasks */
    } row[LAB_COUNTER_KINDS] = {
        [LAB_COUNT_RUNS] = {"runs", counts->runs, program->driver_name},
        [LAB_COUNT_SPURIOUS] = {"spurious", counts->spurious, program->driver_name},
        [LAB_COUNT_WAKES] = {"wakes", counts->wakes, 0},
        [LAB_COUNT_REPEATS] = {"repeats", counts->repeats, 0},
        [LAB_COUNT_EMPTY] = {"empty", counts->empty, 0},
        [LAB_COUNT_OVERRUNS] = {"overruns", counts->overruns, program->device_name},
        [LAB_COUNT_STRAYS] = {"strays", counts->strays, 0},
    };

    for (unsigned i = 0; i < program->counters; i++) {
        const struct lab_counter *counter = &program->counter[i];
        unsigned who = counter->who;
        uint32_t value = row[counter->kind].value[who];

        printf("%s(%s)=%" PRIu32 "%s; ", row[counter->kind].name,
               lab_program_name(program, row[counter->kind].names
                                             ? row[counter->kind].names[who]
                                             : lab_program_tasks(program)[who].name),
               value, counter->most && value >= counter->most ? "+" : "");
    }
    for (unsigned i = 0; i < program->watched; i++)
        printf("%s=%" PRId64 "; ", lab_program_name(program, program->watch_name[i]),
               outcome->watched[i]);
}

static void print_outcome(const struct search *search, const struct lab_program *program,
                          const struct lab_explored *explored, size_t i)
{
    static const char *const end[] = {
        [SIM_END_QUIET] = "",          [SIM_END_SPIN] = "spin; ",   [SIM_END_STORM] = "storm; ",
        [SIM_END_STARVE] = "starve; ", [SIM_END_LIMIT] = "limit; ",
    };
    const struct lab_outcome *outcome = &explored->outcomes.item[i];

    fputs("  ", stdout);
    print_sets(search, program, outcome);
    print_counters(program, outcome);
    if (outcome->end >= SIM_END_QUIET && outcome->end <= SIM_END_LIMIT)
        lab_style_put(&search->options->style, stdout, LAB_INK_LOST, end[outcome->end]);
    if (outcome->hang)
        lab_style_put(&search->options->style, stdout, LAB_INK_LOST, "hang; ");
    printf("count=%" PRIu32 "; ", explored->outcomes.count[i]);
    lab_style_put(&search->options->style, stdout, LAB_INK_SOFT, "schedule ");
    lab_style_put(&search->options->style, stdout, LAB_INK_SOFT,
                  explored->schedules[i] ? explored->schedules[i] : "-");
    putchar('\n');
}

/* ---- one point ---- */

static void print_point(const struct search *search, const struct lab_program *program,
                        const struct lab_explored *explored)
{
    const struct lab_style *style = &search->options->style;
    char point[LAB_POINT_TEXT];

    lab_point_text(&search->loaded.scenario, "=", point, sizeof(point));
    fputs("Test ", stdout);
    lab_style_put(style, stdout, LAB_INK_STRONG, search->loaded.stem);
    printf("%s%s\nStates %zu\n", point[0] ? " " : "", point, explored->outcomes.n);
    for (size_t i = 0; i < explored->outcomes.n; i++)
        print_outcome(search, program, explored, i);
    if (explored->complete)
        printf("Complete: %" PRIu64 " states, %" PRIu64 " transitions, depth %" PRIu64 "\n\n",
               explored->states, explored->transitions, explored->depth);
    else
        printf("Incomplete (%s): %" PRIu64 " states, %" PRIu64 " transitions, depth %" PRIu64
               "\n\n",
               explored->bound ? explored->bound : "stopped", explored->states,
               explored->transitions, explored->depth);
}

static void print_json(const struct search *search, const struct lab_program *program,
                       const struct lab_explored *explored)
{
    struct lab_json json = {stdout, search->loaded.stem, &search->loaded.scenario,
                            &search->loaded.scenario.point};
    struct lab_json_stats stats = {explored->states, explored->transitions, explored->seconds,
                                   explored->complete, explored->bound};

    for (size_t i = 0; i < explored->outcomes.n; i++)
        lab_json_outcome(&json, program, &explored->outcomes.item[i], false,
                         explored->outcomes.count[i], explored->schedules[i]);
    lab_json_stats(&json, &stats);
}

/* The knobs of the point as options of the command. */
static char *point_pins(const struct lab_scenario *scenario)
{
    char text[LAB_POINT_TEXT + LAB_KNOBS_MAX * 4];
    char point[LAB_POINT_TEXT];
    char *rest = 0;

    lab_point_text(scenario, "=", point, sizeof(point));
    text[0] = '\0';
    for (char *pin = strtok_r(point, ", ", &rest); pin; pin = strtok_r(0, ", ", &rest))
        lab_words_add(text, sizeof(text), " -D %s", pin);
    return strdup(text);
}

/* Remembers how to get to what decided an expectation at this point. */
static bool keep_schedules(struct search *search, const struct lab_explored *explored)
{
    for (unsigned i = 0; i < search->verdicts.count; i++) {
        const struct lab_verdict *verdict = &search->verdicts.item[i];

        if (search->schedule[i] || !(verdict->refuted || verdict->witnessed) ||
            verdict->outcome >= explored->outcomes.n || !explored->schedules[verdict->outcome])
            continue;
        search->schedule[i] = strdup(explored->schedules[verdict->outcome]);
        search->pins[i] = point_pins(&search->loaded.scenario);
        if (!search->schedule[i] || !search->pins[i])
            return false;
    }
    return true;
}

static int search_point(struct search *search, uint32_t number)
{
    struct lab_explore_options options = {
        .memory = search->options->memory,
        .depth = search->options->depth,
        .prints = search->options->prints,
        .reduce = !search->options->no_reduce,
        .progress = search->options->progress ? stderr : 0,
    };
    struct lab_explored explored = {0};
    struct lab_program *program;
    char point[LAB_POINT_TEXT];
    int code = lab_load_point(&search->loaded, number, &program);

    if (code != LAB_EXIT_OK)
        return code;
    if (lab_explore(program, &options, &explored) < 0) {
        fprintf(stderr, "irqlab: out of memory\n");
        free(program);
        return LAB_EXIT_INTERNAL;
    }
    lab_point_text(&search->loaded.scenario, " = ", point, sizeof(point));
    lab_verdicts_add(&search->verdicts, &search->loaded.scenario, program,
                     explored.outcomes.item, explored.outcomes.n, explored.complete, point);
    if (!explored.complete && !search->bound)
        search->bound = explored.bound;
    if (!keep_schedules(search, &explored))
        code = LAB_EXIT_INTERNAL;
    if (search->options->json)
        print_json(search, program, &explored);
    else
        print_point(search, program, &explored);
    fflush(stdout);
    lab_explored_free(&explored);
    free(program);
    return code;
}

/* ---- all points ---- */

static void print_expect(const struct search *search, unsigned i)
{
    const struct lab_verdict *verdict = &search->verdicts.item[i];
    enum lab_verdict_state state = lab_verdict_state(&search->verdicts, i);
    unsigned ink = state == LAB_REFUTED ? LAB_INK_LOST
                   : state == LAB_HOLDS ? LAB_INK_GOOD
                                        : LAB_INK_LATE;
    char text[TEXT_BYTES];

    lab_span_text(&search->loaded.scenario, verdict->span, text, sizeof(text));
    printf("%s: ", text);
    lab_style_put(&search->options->style, stdout, ink, lab_verdict_state_name(state));
    if (state == LAB_UNDECIDED && search->bound)
        printf(": %s", search->bound);
    putchar('\n');
    if (search->schedule[i] && (state == LAB_REFUTED || verdict->witnessed))
        printf("  %s: irqlab run %s%s --schedule %s\n",
               state == LAB_REFUTED ? "shortest counterexample" : "shortest witness",
               search->loaded.path, search->pins[i], search->schedule[i]);
}

static int finish(struct search *search)
{
    struct lab_json json = {stdout, search->loaded.stem, &search->loaded.scenario, 0};

    if (search->options->json) {
        lab_json_expects(&json, &search->verdicts);
    } else {
        for (unsigned i = 0; i < search->verdicts.count; i++)
            print_expect(search, i);
    }
    fflush(stdout);
    lab_verdicts_report(&search->verdicts, &search->loaded.scenario, &search->loaded.diags);
    lab_load_print_diags(&search->loaded);
    return lab_verdicts_exit(&search->verdicts);
}

int lab_search_scenario(const char *name, const struct lab_search_options *options)
{
    struct search *search = calloc(1, sizeof(*search));
    int code;

    if (!search) {
        fprintf(stderr, "irqlab: out of memory\n");
        return LAB_EXIT_INTERNAL;
    }
    search->options = options;
    lab_verdicts_init(&search->verdicts, LAB_VERDICT_EXPLORE);
    code = lab_load(&search->loaded, name, &options->load);
    for (uint32_t i = 0; i < search->loaded.points && code == LAB_EXIT_OK; i++)
        code = search_point(search, i);
    if (code == LAB_EXIT_OK)
        code = finish(search);
    for (unsigned i = 0; i < LAB_EXPECTS_MAX; i++) {
        free(search->schedule[i]);
        free(search->pins[i]);
    }
    lab_unload(&search->loaded);
    free(search);
    return code;
}
