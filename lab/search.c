/* lab/search.c - see search.h. */
#define _POSIX_C_SOURCE 200809L
#include "lab/search.h"

#include <stdlib.h>
#include <string.h>

#include "lab/exploration.h"
#include "lab/inquiry.h"
#include "lab/json.h"
#include "lab/predicate.h"
#include "lab/proof.h"
#include "lab/survey.h"
#include "lab/trial.h"
#include "lab/verdict.h"
#include "lab/words.h"

enum {
    TEXT_BYTES = 1024,
    BOUND_BYTES = 96,
    MIDDLE = 1000000, /* states, to prove anything about a way */
    LARGE =
        5000000, /* states, to prove that it is the shortest, or has the fewest preemptions */
};

struct search {
    const struct lab_search_options *options;
    struct lab_loaded loaded;
    struct lab_verdicts verdicts;
    /* what decided each expectation, by number; program 0: nothing did */
    struct lab_proof proof[LAB_EXPECTS_MAX];
    struct lab_program *program[LAB_EXPECTS_MAX];
    char *pins[LAB_EXPECTS_MAX];    /* " -D mode=edge" */
    bool restless[LAB_EXPECTS_MAX]; /* at a matching point nothing ever comes to rest */
    char bound[BOUND_BYTES];        /* the first one that was hit: "within 5 preemptions" */
};

static void print_json(const struct search *search, const struct lab_program *program,
                       const struct lab_explored *explored)
{
    struct lab_json json = {stdout, search->loaded.stem, &search->loaded.scenario,
                            &search->loaded.scenario.point};
    struct lab_json_stats stats = {explored->states,   explored->transitions, explored->seconds,
                                   explored->complete, explored->bound,       explored->depth,
                                   explored->bytes};

    for (size_t i = 0; i < explored->outcomes.n; i++)
        lab_json_outcome(&json, program, &explored->outcomes.item[i], false,
                         explored->outcomes.count[i], explored->schedules[i]);
    lab_json_stats(&json, &stats);
}

static void print_point(const struct search *search, const struct lab_program *program,
                        const struct lab_explored *explored)
{
    char point[LAB_POINT_TEXT];

    if (search->options->json) {
        print_json(search, program, explored);
    } else {
        lab_point_text(&search->loaded.scenario, "=", point, sizeof(point));
        lab_survey_print(&search->options->style, search->loaded.stem, point, program,
                         explored);
    }
    fflush(stdout);
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

/* What a search of single steps begins with, for a proof of what @explored found. */
static struct lab_explore_options plain_options(const struct search *search,
                                                const struct lab_explored *explored)
{
    struct lab_explore_options options = {.memory = search->options->memory, .states = LARGE};

    if (explored->exploration) {
        options.prefix = explored->exploration->options.prefix;
        options.prefix_length = explored->exploration->options.prefix_length;
    }
    return options;
}

/*
 * A reduced search has no graph of single steps: searches again without reductions; if that is
 * too large, no deeper than the way it found.  False: that is still too large.
 */
static bool search_plainly(const struct search *search, const struct lab_program *program,
                           const struct lab_explored *explored, uint64_t steps,
                           struct lab_explored *ret)
{
    struct lab_explore_options options = plain_options(search, explored);

    options.states = MIDDLE;
    if (lab_explore(program, &options, ret) == 0 && ret->complete)
        return true;
    lab_explored_free(ret);
    options.states = LARGE;
    options.depth = steps - options.prefix_length + 1;
    return lab_explore(program, &options, ret) == 0 &&
           (ret->complete || strcmp(ret->bound, "depth") == 0);
}

/* Has the search one of the outcomes that decide the expectation, and which comes first? */
static bool decides(const struct search *search, const struct lab_program *program,
                    const struct lab_explored *explored, unsigned expect, size_t *ret_first)
{
    bool *wanted = wanted_by(search, program, explored, expect);

    *ret_first = wanted ? first_of(wanted, explored->outcomes.n) : explored->outcomes.n;
    free(wanted);
    return *ret_first < explored->outcomes.n;
}

/*
 * Where the whole graph was too large to look for the fewest preemptions: searches with none,
 * one, and so on, as many states as are still tried.  Cycles are not found so, an end is.
 */
static void find_fewest(struct search *search, unsigned expect,
                        const struct lab_program *program, const struct lab_explored *explored)
{
    struct lab_proof *proof = &search->proof[expect];
    struct lab_explore_options options = plain_options(search, explored);
    bool go_on = true;

    options.preempts = true;
    for (; options.preempt < proof->preemptions && go_on; options.preempt++) {
        struct lab_explored within;
        size_t first;
        go_on = lab_explore(program, &options, &within) == 0;
        if (go_on && decides(search, program, &within, expect, &first)) {
            proof->fewest = strdup(within.schedules[first]);
            proof->fewest_steps = within.outcomes.item[first].steps;
            proof->fewest_preemptions = options.preempt;
            proof->fewest_known = proof->fewest != 0;
            go_on = false;
        } else if (go_on) {
            go_on = within.complete || strcmp(within.bound, "preemptions") == 0;
        }
        lab_explored_free(&within);
    }
    if (go_on) {
        proof->fewest_known = true;
        proof->fewest_preemptions = proof->preemptions;
    }
}

/* Cycles are found in complete searches only: then fewer preemptions may lead to one. */
static bool wants_cycle(const struct lab_explored *explored, const bool *wanted)
{
    for (size_t i = 0; i < explored->outcomes.n; i++)
        if (wanted[i] && explored->outcomes.item[i].end != SIM_END_QUIET)
            return true;
    return false;
}

static bool prove(struct search *search, unsigned expect, const struct lab_program *program,
                  struct lab_explored *explored)
{
    bool *wanted = wanted_by(search, program, explored, expect);
    size_t example = wanted ? first_of(wanted, explored->outcomes.n) : explored->outcomes.n;
    struct lab_explored plain = {0}, *all = explored;
    bool good = wanted != 0, with_cycles = false;

    if (good && example < explored->outcomes.n) {
        with_cycles = wants_cycle(explored, wanted);
        if (explored->reduced &&
            search_plainly(search, program, explored, explored->outcomes.item[example].steps,
                           &plain)) {
            bool *there = wanted_by(search, program, &plain, expect);
            size_t found = there ? first_of(there, plain.outcomes.n) : plain.outcomes.n;
            if (found < plain.outcomes.n) { /* a cycle may be one only for the reduced search */
                free(wanted);
                wanted = there;
                explored = &plain;
                example = found;
            } else {
                free(there);
            }
        }
        good = lab_proof_make(&search->proof[expect], explored, program, wanted, example);
        if (good && all->complete && !with_cycles && !search->proof[expect].fewest_known)
            find_fewest(search, expect, program, all);
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

/* Is there no end at all, only cycles? */
static bool is_restless(const struct lab_explored *explored)
{
    for (size_t i = 0; i < explored->outcomes.n; i++)
        if (explored->outcomes.item[i].end == SIM_END_QUIET)
            return false;
    return explored->complete;
}

/* Do expectations say what they think of cycles?  Then they are no surprise. */
static bool names_cycles(const struct search *search)
{
    static const char *const word[] = {"storm", "starve", "spin"};
    char text[TEXT_BYTES];

    for (unsigned i = 0; i < search->verdicts.count; i++) {
        lab_span_text(&search->loaded.scenario, search->verdicts.item[i].span, text,
                      sizeof(text));
        for (unsigned k = 0; k < sizeof(word) / sizeof(word[0]); k++)
            if (strstr(text, word[k]))
                return true;
    }
    return false;
}

static void note_restless(struct search *search, const struct lab_explored *explored)
{
    if (!is_restless(explored) || names_cycles(search))
        return;
    for (unsigned i = 0; i < search->verdicts.count; i++)
        search->restless[i] |= search->loaded.scenario.expects[i].matches;
}

/* What nothing speaks against is still not safe if the system never comes to rest. */
static bool is_unsafe(const struct search *search, unsigned i)
{
    return search->restless[i] && search->verdicts.item[i].quantifier != LAB_SOMETIMES &&
           lab_verdict_state(&search->verdicts, i) == LAB_HOLDS;
}

/* Keeps the proof of each expectation that was decided at this point. */
static bool prove_all(struct search *search, const struct lab_program *program,
                      struct lab_explored *explored)
{
    for (unsigned i = 0; i < search->verdicts.count; i++) {
        const struct lab_verdict *verdict = &search->verdicts.item[i];

        if ((!explored->exploration && !explored->parts) || search->program[i] ||
            !(verdict->refuted || verdict->witnessed) ||
            !search->loaded.scenario.expects[i].matches)
            continue;
        if (!prove(search, i, program, explored))
            return false;
    }
    return true;
}

static int search_point(struct search *search, uint32_t number)
{
    struct lab_explored explored = {0};
    struct lab_program *program;
    char point[LAB_POINT_TEXT];
    int code = lab_load_point(&search->loaded, number, &program);

    if (code != LAB_EXIT_OK)
        return code;
    code = lab_inquire(program, search->options, &explored);
    if (code != LAB_EXIT_OK) {
        free(program);
        return code;
    }
    lab_point_text(&search->loaded.scenario, " = ", point, sizeof(point));
    lab_verdicts_add(&search->verdicts, &search->loaded.scenario, program,
                     explored.outcomes.item, explored.outcomes.n, explored.complete, point);
    if (!explored.complete && !search->bound[0])
        lab_inquiry_bound(search->options, &explored, search->bound, sizeof(search->bound));
    note_restless(search, &explored);
    if (!prove_all(search, program, &explored))
        code = LAB_EXIT_INTERNAL;
    print_point(search, program, &explored);
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
    if (is_unsafe(search, i)) {
        lab_style_put(&search->options->style, stdout, LAB_INK_LOST, "NOT SAFE");
        puts(": nothing ever comes to rest (see storm, starve, spin above)");
    } else if (state == LAB_UNDECIDED) {
        lab_style_put(&search->options->style, stdout, ink, "undecided");
        printf(": %s %s\n",
               verdict->quantifier == LAB_SOMETIMES ? "not seen" : "nothing against it",
               search->bound);
    } else {
        lab_style_put(&search->options->style, stdout, ink, lab_verdict_state_name(state));
        putchar('\n');
    }
    if (!search->program[i] || (state != LAB_REFUTED && !verdict->witnessed))
        return true;
    lab_words_set(command, sizeof(command), "irqlab run %s%s", search->loaded.path,
                  search->pins[i]);
    return lab_proof_print(&search->proof[i], search->program[i], &search->options->style,
                           stdout, command);
}

static void print_json_proof(const struct search *search, const struct lab_json *json,
                             unsigned i)
{
    const struct lab_proof *proof = &search->proof[i];
    struct lab_json_proof out = {
        .schedule = proof->schedule,
        .steps = proof->steps,
        .preemptions = proof->preemptions,
        .fewest = !proof->fewest_known && proof->preemptions ? 0
                  : proof->fewest                            ? proof->fewest
                                                             : proof->schedule,
        .fewest_preemptions = proof->fewest_preemptions,
        .no_return = proof->no_return,
    };

    if (!search->program[i])
        return;
    lab_span_text(&search->loaded.scenario, search->verdicts.item[i].span, out.text,
                  sizeof(out.text));
    lab_json_proof(json, &out);
}

static int finish(struct search *search)
{
    struct lab_json json = {stdout, search->loaded.stem, &search->loaded.scenario, 0};

    if (search->options->json) {
        lab_json_expects(&json, &search->verdicts);
        for (unsigned i = 0; i < search->verdicts.count; i++)
            print_json_proof(search, &json, i);
    } else {
        for (unsigned i = 0; i < search->verdicts.count; i++)
            if (!print_expect(search, i))
                return LAB_EXIT_INTERNAL;
    }
    fflush(stdout);
    lab_verdicts_report(&search->verdicts, &search->loaded.scenario, &search->loaded.diags);
    lab_load_print_diags(&search->loaded);
    for (unsigned i = 0; i < search->verdicts.count; i++)
        if (is_unsafe(search, i))
            return LAB_EXIT_FAILED;
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
    lab_verdicts_init(&search->verdicts,
                      options->timed ? LAB_VERDICT_RUN : LAB_VERDICT_EXPLORE);
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
