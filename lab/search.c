/* lab/search.c - see search.h. */
#include "lab/search.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lab/explore.h"
#include "lab/json.h"
#include "lab/predicate.h"
#include "lab/proof.h"
#include "lab/trial.h"
#include "lab/verdict.h"
#include "lab/words.h"

enum {
    TEXT_BYTES = 1024,
    SMALL = 100000,  /* states: so few are searched without reductions */
    LARGE = 5000000, /* so many to prove that a way is the shortest */
};

struct search {
    const struct lab_search_options *options;
    struct lab_loaded loaded;
    struct lab_verdicts verdicts;
    /* what decided each expectation, by number; program 0: nothing did */
    struct lab_proof proof[LAB_EXPECTS_MAX];
    struct lab_program *program[LAB_EXPECTS_MAX];
    char *pins[LAB_EXPECTS_MAX]; /* " -D mode=edge" */
    const char *bound;           /* the first one that was hit */
};

/* ---- one outcome ---- */

static void print_sets(const struct lab_style *style, const struct lab_program *program,
                       const struct lab_outcome *outcome)
{
    char text[TEXT_BYTES];

    for (unsigned set = 0; set < LAB_SETS; set++) {
        lab_set_text(program, outcome, (enum lab_set)set, text, sizeof(text));
        if (strcmp(text, "nothing") == 0 && set != LAB_SET_READ)
            continue;
        lab_style_put(style, stdout,
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

void lab_search_print_outcome(const struct lab_style *style, const struct lab_program *program,
                              const struct lab_outcome *outcome)
{
    static const char *const end[] = {
        [SIM_END_QUIET] = "",          [SIM_END_SPIN] = "spin; ",   [SIM_END_STORM] = "storm; ",
        [SIM_END_STARVE] = "starve; ", [SIM_END_LIMIT] = "limit; ",
    };

    print_sets(style, program, outcome);
    print_counters(program, outcome);
    if (outcome->end >= SIM_END_QUIET && outcome->end <= SIM_END_LIMIT)
        lab_style_put(style, stdout, LAB_INK_LOST, end[outcome->end]);
    if (outcome->hang)
        lab_style_put(style, stdout, LAB_INK_LOST, "hang; ");
}

static void print_outcome(const struct search *search, const struct lab_program *program,
                          const struct lab_explored *explored, size_t i)
{
    fputs("  ", stdout);
    lab_search_print_outcome(&search->options->style, program, &explored->outcomes.item[i]);
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

/* The outcomes that decide the expectation as @outcome does; malloc'ed. */
static bool *wanted_by(const struct search *search, const struct lab_program *program,
                       const struct lab_explored *explored, unsigned expect)
{
    const struct lab_scenario *scenario = &search->loaded.scenario;
    bool value = scenario->expects[expect].quantifier != LAB_ALWAYS;
    bool *wanted = calloc(explored->outcomes.n + 1, sizeof(*wanted));

    for (size_t i = 0; wanted && i < explored->outcomes.n; i++)
        wanted[i] = lab_predicate_holds(scenario, program, &explored->outcomes.item[i],
                                        scenario->expects[expect].predicate) == value;
    return wanted;
}

/* The first of the outcomes that decide the expectation. */
static size_t first_of(const bool *wanted, size_t n)
{
    size_t i = 0;

    while (i < n && !wanted[i])
        i++;
    return i;
}

/*
 * A reduced search has no graph of single steps: searches again without reductions, no deeper
 * than the way it found.  False: that would be too large.
 */
static bool search_plainly(const struct search *search, const struct lab_program *program,
                           uint64_t depth, struct lab_explored *ret)
{
    struct lab_explore_options options = {
        .memory = search->options->memory, .depth = depth + 1, .states = LARGE};

    return lab_explore(program, &options, ret) == 0 &&
           (ret->complete || strcmp(ret->bound, "depth") == 0);
}

static bool prove(struct search *search, unsigned expect, const struct lab_program *program,
                  struct lab_explored *explored)
{
    bool *wanted = wanted_by(search, program, explored, expect);
    size_t example = wanted ? first_of(wanted, explored->outcomes.n) : explored->outcomes.n;
    struct lab_explored plain = {0};
    bool good = wanted != 0;

    if (good && example < explored->outcomes.n) {
        if (explored->reduced &&
            search_plainly(search, program, explored->outcomes.item[example].steps, &plain)) {
            free(wanted);
            explored = &plain;
            wanted = wanted_by(search, program, explored, expect);
            example = wanted ? first_of(wanted, explored->outcomes.n) : 0;
        }
        good = wanted && example < explored->outcomes.n &&
               lab_proof_make(&search->proof[expect], explored, wanted, example);
        search->program[expect] = malloc(program->size);
        search->pins[expect] = point_pins(&search->loaded.scenario);
        good = good && search->program[expect] && search->pins[expect];
        if (good)
            memcpy(search->program[expect], program, program->size);
    }
    lab_explored_free(&plain);
    free(wanted);
    return good;
}

/* Keeps the proof of each expectation that was decided at this point. */
static bool prove_all(struct search *search, const struct lab_program *program,
                      struct lab_explored *explored)
{
    for (unsigned i = 0; i < search->verdicts.count; i++) {
        const struct lab_verdict *verdict = &search->verdicts.item[i];

        if (search->program[i] || !(verdict->refuted || verdict->witnessed) ||
            !search->loaded.scenario.expects[i].matches)
            continue;
        if (!prove(search, i, program, explored))
            return false;
    }
    return true;
}

/* Small searches go through every interleaving; large ones leave out what cannot matter. */
static int explore(const struct search *search, const struct lab_program *program,
                   struct lab_explored *ret)
{
    struct lab_explore_options options = {
        .memory = search->options->memory,
        .depth = search->options->depth,
        .prints = search->options->prints,
        .preempts = search->options->preempts,
        .preempt = search->options->preempt,
        .progress = search->options->progress ? stderr : 0,
    };
    bool may_reduce = !search->options->no_reduce && !options.depth && !options.preempts;
    int code;

    options.states = may_reduce ? SMALL : 0;
    code = lab_explore(program, &options, ret);
    if (code < 0 || ret->complete || !ret->bound || strcmp(ret->bound, "states") != 0)
        return code;
    lab_explored_free(ret);
    options.states = 0;
    options.reduce = true;
    return lab_explore(program, &options, ret);
}

static int search_point(struct search *search, uint32_t number)
{
    struct lab_explored explored = {0};
    struct lab_program *program;
    char point[LAB_POINT_TEXT];
    int code = lab_load_point(&search->loaded, number, &program);

    if (code != LAB_EXIT_OK)
        return code;
    if (explore(search, program, &explored) < 0) {
        fprintf(stderr, "irqlab: out of memory\n");
        free(program);
        return LAB_EXIT_INTERNAL;
    }
    lab_point_text(&search->loaded.scenario, " = ", point, sizeof(point));
    lab_verdicts_add(&search->verdicts, &search->loaded.scenario, program,
                     explored.outcomes.item, explored.outcomes.n, explored.complete, point);
    if (!explored.complete && !search->bound)
        search->bound = explored.bound;
    if (!prove_all(search, program, &explored))
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

static bool print_expect(const struct search *search, unsigned i)
{
    const struct lab_verdict *verdict = &search->verdicts.item[i];
    enum lab_verdict_state state = lab_verdict_state(&search->verdicts, i);
    unsigned ink = state == LAB_REFUTED ? LAB_INK_LOST
                   : state == LAB_HOLDS ? LAB_INK_GOOD
                                        : LAB_INK_LATE;
    char text[TEXT_BYTES], command[TEXT_BYTES];

    lab_span_text(&search->loaded.scenario, verdict->span, text, sizeof(text));
    printf("%s: ", text);
    lab_style_put(&search->options->style, stdout, ink, lab_verdict_state_name(state));
    if (state == LAB_UNDECIDED && search->bound)
        printf(": %s", search->bound);
    putchar('\n');
    if (!search->program[i] || (state != LAB_REFUTED && !verdict->witnessed))
        return true;
    lab_words_set(command, sizeof(command), "irqlab run %s%s", search->loaded.path,
                  search->pins[i]);
    return lab_proof_print(&search->proof[i], search->program[i], &search->options->style,
                           stdout, command);
}

static int finish(struct search *search)
{
    struct lab_json json = {stdout, search->loaded.stem, &search->loaded.scenario, 0};

    if (search->options->json) {
        lab_json_expects(&json, &search->verdicts);
    } else {
        for (unsigned i = 0; i < search->verdicts.count; i++)
            if (!print_expect(search, i))
                return LAB_EXIT_INTERNAL;
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
        lab_proof_free(&search->proof[i]);
        free(search->program[i]);
        free(search->pins[i]);
    }
    lab_unload(&search->loaded);
    free(search);
    return code;
}
