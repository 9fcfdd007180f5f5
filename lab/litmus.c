/* lab/litmus.c - see litmus.h. */
#include "lab/litmus.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "lab/explore.h"
#include "lab/linux_run.h"
#include "lab/survey.h"
#include "lab/trial.h"

enum { ERROR_BYTES = 512 };

struct litmus {
    const struct lab_litmus_options *options;
    struct lab_loaded loaded;
};

static bool is_allowed(const struct lab_explored *explored, const struct lab_outcome *outcome)
{
    for (size_t i = 0; i < explored->outcomes.n; i++) {
        if (lab_outcome_same(&explored->outcomes.item[i], outcome))
            return true;
    }
    return false;
}

/* Counters lie in the arena, as in a search: only those that an expectation names. */
static int run_once(const struct lab_program *program, struct lab_outcomes *seen)
{
    struct lab *lab = calloc(1, sizeof(*lab));
    char error[ERROR_BYTES] = "";
    struct lab_outcome outcome;
    int code = LAB_EXIT_INTERNAL;

    if (lab) {
        lab_layout(lab, program, 0, lab_bench_sim_context_bytes());
        code = lab_linux_play(lab, 0, &outcome, error, sizeof(error));
        if (code != LAB_EXIT_OK)
            fprintf(stderr, "irqlab: --on linux: %s\n", error);
        else if (lab_outcomes_add(seen, &outcome, 0) == LAB_OUTCOME_NONE)
            code = LAB_EXIT_INTERNAL;
    }
    free(lab);
    return code;
}

static int print_point(const struct litmus *litmus, const struct lab_program *program,
                       const struct lab_explored *explored, const struct lab_outcomes *seen)
{
    const struct lab_style *style = &litmus->options->style;
    char point[LAB_POINT_TEXT];
    size_t allowed = 0, forbidden = 0;
    struct utsname kernel;

    uname(&kernel);
    lab_point_text(&litmus->loaded.scenario, "=", point, sizeof(point));
    printf("Test %s%s%s\nHistogram of %" PRIu64 " runs on Linux %s\n", litmus->loaded.stem,
           point[0] ? " " : "", point, litmus->options->runs, kernel.release);
    for (size_t i = 0; i < seen->n; i++) {
        bool good = is_allowed(explored, &seen->item[i]);

        allowed += good;
        forbidden += !good;
        printf("%8" PRIu32 "  ", seen->count[i]);
        lab_survey_outcome(style, program, &seen->item[i]);
        if (!good)
            lab_style_put(style, stdout, LAB_INK_LOST,
                          explored->complete ? "FORBIDDEN" : "not among those found");
        putchar('\n');
    }
    printf("%zu of %zu allowed seen, %zu forbidden%s\n\n", allowed, explored->outcomes.n,
           forbidden, explored->complete ? "" : " (the search was cut short)");
    if (forbidden == 0)
        return LAB_EXIT_OK;
    return explored->complete ? LAB_EXIT_FAILED : LAB_EXIT_INCONCLUSIVE;
}

static int do_point(struct litmus *litmus, uint32_t number)
{
    struct lab_explore_options options = {.reduce = true};
    struct lab_explored explored = {0};
    struct lab_outcomes seen = {0};
    struct lab_program *program;
    int code = lab_load_point(&litmus->loaded, number, &program);

    if (code != LAB_EXIT_OK)
        return code;
    for (uint64_t i = 0; i < litmus->options->runs && code == LAB_EXIT_OK; i++)
        code = run_once(program, &seen);
    if (code == LAB_EXIT_OK && lab_explore(program, &options, &explored) < 0)
        code = LAB_EXIT_INTERNAL;
    if (code == LAB_EXIT_OK) {
        lab_outcomes_sort(&seen);
        code = print_point(litmus, program, &explored, &seen);
    }
    lab_explored_free(&explored);
    lab_outcomes_free(&seen);
    free(program);
    return code;
}

int lab_litmus_scenario(const char *name, const struct lab_litmus_options *options)
{
    struct litmus *litmus = calloc(1, sizeof(*litmus));
    int code, worst = LAB_EXIT_OK;

    if (!litmus)
        return LAB_EXIT_INTERNAL;
    litmus->options = options;
    code = lab_load(&litmus->loaded, name, &options->load);
    if (code != LAB_EXIT_OK)
        worst = code;
    for (uint32_t i = 0; i < litmus->loaded.points && code == LAB_EXIT_OK; i++) {
        code = do_point(litmus, i);
        if (code == LAB_EXIT_FAILED || worst == LAB_EXIT_OK)
            worst = code;
        if (code == LAB_EXIT_FAILED || code == LAB_EXIT_INCONCLUSIVE)
            code = LAB_EXIT_OK;
    }
    lab_unload(&litmus->loaded);
    free(litmus);
    return worst;
}
