/*
 * lab/matrix.c - irqlab kernel --matrix: each fact on the model, in every order, and on Linux.
 *
 * A fact holds on the model if every line that is looked at has exactly the outcomes the fact
 * allows, no fewer and no more; on Linux, which shows one order at a time, if the outcome is
 * one of them.
 */
#include "lab/matrix.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "lab/facts.h"
#include "lab/json.h"
#include "lab/linux_stage.h"
#include "lab/load.h"
#include "lab/script_model.h"
#include "lab/words.h"

enum side { MODEL, LINUX, SIDES };

enum verdict { HOLDS, DIFFERS, NOT_BUILT, NOT_FOR, NOT_HERE, VERDICTS };

/* The version whose rules the model has. */
static const char model_release[] = "6.18";

static const char *const side_name[SIDES] = {"model", "linux"};
static const char *const verdict_name[VERDICTS] = {
    "holds", "differs", "not built yet", "another version", "not here",
};

/* What came of one case of a fact. */
struct trial {
    struct lab_fact fact;
    unsigned number; /* of the case */
    struct lab_fact_script script;
    enum verdict verdict[SIDES];
    char missing[LAB_SCRIPT_NAME_BYTES * 2]; /* what is not built */
    char why[120];                           /* Linux could not be asked */
    struct lab_model_outcomes model[LAB_SCRIPT_OPS];
    struct lab_linux_run run;
};

struct matrix {
    const struct lab_matrix_options *options;
    struct utsname host;
    unsigned facts, cases, differ, not_built, not_for;
    unsigned missing_count;

    struct {
        char name[LAB_SCRIPT_NAME_BYTES * 2];
        unsigned count;
    } missing[32];
};

/* ---- judging ---- */

static bool is_allowed(const struct lab_allowed *allowed, const char *outcome)
{
    for (unsigned i = 0; i < allowed->count; i++)
        if (strcmp(allowed->text[i], outcome) == 0)
            return true;
    return false;
}

/* A line that nobody looks at must not fail, or the fact would be about something else. */
static bool is_set_up(const char *outcome)
{
    return outcome[0] != '-';
}

static bool line_holds_on_model(const struct lab_allowed *allowed,
                                const struct lab_model_outcomes *outcomes)
{
    if (outcomes->bounded)
        return false;
    if (allowed->count && allowed->count != outcomes->count)
        return false;
    for (unsigned i = 0; i < outcomes->count; i++)
        if (allowed->count ? !is_allowed(allowed, outcomes->text[i])
                           : !is_set_up(outcomes->text[i]))
            return false;
    return true;
}

static bool line_holds_on_linux(const struct lab_allowed *allowed, const char *outcome)
{
    return allowed->count ? is_allowed(allowed, outcome) : is_set_up(outcome);
}

static void name_missing(struct trial *trial, const char *name)
{
    trial->verdict[MODEL] = NOT_BUILT;
    snprintf(trial->missing, sizeof(trial->missing), "%s", name ? name : "?");
}

static void run_on_model(struct trial *trial)
{
    const struct lab_script *script = &trial->script.script;
    struct lab_model_set *set = lab_model_set_new(script, &lab_model_room_default);

    if (!set) {
        name_missing(trial, "memory");
        return;
    }
    for (unsigned i = 0; i < script->ops; i += lab_group_lines(script, i)) {
        lab_model_set_run(set, i, &trial->model[i]);
        if (trial->model[i].not_built) {
            name_missing(trial, lab_op_name(script->op[i].nr));
            break;
        }
        if (!line_holds_on_model(&trial->script.allowed[i], &trial->model[i]))
            trial->verdict[MODEL] = DIFFERS;
    }
    lab_model_set_free(set);
}

/* Some systems forbid these, or have no terminals: containers, or an administrator. */
static bool is_forbidden(const struct lab_script_op *op, const char *outcome)
{
    if (op->nr == DRV_NR_OPENPTY)
        return strcmp(outcome, "-ENODEV") == 0 || strcmp(outcome, "-ENOENT") == 0;
    return (op->nr == DRV_NR_IO_URING_SETUP || op->nr == DRV_NR_IO_SETUP) &&
           (strcmp(outcome, "-EPERM") == 0 || strcmp(outcome, "-ENOSYS") == 0);
}

static void run_on_linux(struct trial *trial)
{
    const struct lab_script *script = &trial->script.script;

    lab_linux_run(script, lab_model_room_default.fds, &trial->run);
    if (trial->run.failed) {
        trial->verdict[LINUX] = DIFFERS;
        snprintf(trial->why, sizeof(trial->why), "%s", trial->run.why);
        return;
    }
    for (unsigned i = 0; i < script->ops; i += lab_group_lines(script, i)) {
        if (is_forbidden(&script->op[i], trial->run.outcome[i])) {
            trial->verdict[LINUX] = NOT_HERE;
            snprintf(trial->why, sizeof(trial->why), "not here: %s",
                     lab_op_name(script->op[i].nr));
            return;
        }
        if (!line_holds_on_linux(&trial->script.allowed[i], trial->run.outcome[i]))
            trial->verdict[LINUX] = DIFFERS;
    }
}

static bool line_holds(const struct trial *trial, unsigned i, enum side side)
{
    const struct lab_allowed *allowed = &trial->script.allowed[i];

    if (trial->verdict[side] != DIFFERS || (side == LINUX && trial->run.failed))
        return true;
    return side == MODEL ? line_holds_on_model(allowed, &trial->model[i])
                         : line_holds_on_linux(allowed, trial->run.outcome[i]);
}

/* ---- printing ---- */

static void print_outcomes(const struct lab_model_outcomes *outcomes)
{
    for (unsigned i = 0; i < outcomes->count; i++)
        printf("%s%s", i ? " | " : "", outcomes->text[i]);
    printf("%s\n", outcomes->bounded ? " | ..." : "");
}

/* A line of the script and what came of it on both sides. */
static void print_line(const struct trial *trial, unsigned i)
{
    const struct lab_script *script = &trial->script.script;
    const struct lab_allowed *allowed = &trial->script.allowed[i];
    char text[LAB_SEEN_TEXT];

    for (unsigned k = i; k < i + lab_group_lines(script, i); k++) {
        lab_op_text(script, &script->op[k], text, sizeof(text));
        printf("      %s\n", text);
    }
    if (allowed->count) {
        printf("          allowed  ");
        for (unsigned k = 0; k < allowed->count; k++)
            printf("%s%s", k ? " | " : "", allowed->text[k]);
        putchar('\n');
    }
    if (trial->verdict[MODEL] < NOT_BUILT) {
        printf("        %s model    ", line_holds(trial, i, MODEL) ? " " : "!");
        print_outcomes(&trial->model[i]);
    }
    if (!trial->run.failed)
        printf("        %s linux    %s\n", line_holds(trial, i, LINUX) ? " " : "!",
               trial->run.outcome[i]);
}

static void print_trial(const struct matrix *matrix, const struct trial *trial)
{
    static const char *const mark[2][VERDICTS] = {
        {"ok", "XX", "--", "  ", "--"},
        {"\xe2\x9c\x93", "\xe2\x9c\x97", "\xc2\xb7", " ", "\xc2\xb7"}};
    const struct lab_style *style = &matrix->options->style;
    const struct lab_script *script = &trial->script.script;
    bool differs = trial->verdict[MODEL] == DIFFERS || trial->verdict[LINUX] == DIFFERS;

    printf("%-5s", trial->fact.id);
    for (unsigned side = 0; side < SIDES; side++) {
        lab_style_put(style, stdout,
                      trial->verdict[side] == HOLDS     ? LAB_INK_GOOD
                      : trial->verdict[side] == DIFFERS ? LAB_INK_LOST
                                                        : LAB_INK_SOFT,
                      mark[style->utf8][trial->verdict[side]]);
        fputs("  ", stdout);
    }
    fputs(trial->fact.title, stdout);
    if (trial->fact.cases > 1)
        printf("  [%s]", trial->fact.name[trial->number]);
    if (trial->missing[0])
        printf("  (not built yet: %s)", trial->missing);
    if (trial->verdict[LINUX] == NOT_FOR)
        printf("  (Linux %s..%s)", trial->fact.since, trial->fact.until);
    putchar('\n');
    if (trial->why[0])
        printf("      Linux: %s\n", trial->why);
    if (differs || matrix->options->all)
        for (unsigned i = 0; i < script->ops; i += lab_group_lines(script, i))
            if (matrix->options->all || !line_holds(trial, i, MODEL) ||
                !line_holds(trial, i, LINUX))
                print_line(trial, i);
}

static void json_strings(const char *name, unsigned count, const char (*text)[LAB_SEEN_TEXT])
{
    printf(",\"%s\":[", name);
    for (unsigned i = 0; i < count; i++) {
        if (i)
            putchar(',');
        lab_json_string(stdout, text[i]);
    }
    putchar(']');
}

static void json_line(const struct trial *trial, unsigned i)
{
    const struct lab_script *script = &trial->script.script;
    char text[LAB_SEEN_TEXT];

    printf("%s{\"call\":", i ? "," : "");
    lab_op_text(script, &script->op[i], text, sizeof(text));
    lab_json_string(stdout, text);
    json_strings("allowed", trial->script.allowed[i].count,
                 (const char(*)[LAB_SEEN_TEXT])trial->script.allowed[i].text);
    if (trial->verdict[MODEL] < NOT_BUILT)
        json_strings("model", trial->model[i].count,
                     (const char(*)[LAB_SEEN_TEXT])trial->model[i].text);
    if (!trial->run.failed && trial->run.groups) {
        printf(",\"linux\":");
        lab_json_string(stdout, trial->run.outcome[i]);
    }
    putchar('}');
}

static void json_trial(const struct trial *trial)
{
    const struct lab_script *script = &trial->script.script;

    printf("{\"irqlab\":1,\"kind\":\"fact\",\"id\":\"%s\",\"title\":", trial->fact.id);
    lab_json_string(stdout, trial->fact.title);
    printf(",\"case\":");
    lab_json_string(stdout, trial->fact.name[trial->number]);
    for (unsigned side = 0; side < SIDES; side++)
        printf(",\"%s\":\"%s\"", side_name[side], verdict_name[trial->verdict[side]]);
    if (trial->missing[0]) {
        printf(",\"missing\":");
        lab_json_string(stdout, trial->missing);
    }
    printf(",\"lines\":[");
    for (unsigned i = 0; i < script->ops; i += lab_group_lines(script, i))
        json_line(trial, i);
    printf("]}\n");
}

/* ---- the whole ---- */

static void count_missing(struct matrix *matrix, const char *name)
{
    unsigned i = 0;

    matrix->not_built++;
    while (i < matrix->missing_count && strcmp(matrix->missing[i].name, name) != 0)
        i++;
    if (i == sizeof(matrix->missing) / sizeof(matrix->missing[0]))
        return;
    if (i == matrix->missing_count) {
        snprintf(matrix->missing[i].name, sizeof(matrix->missing[i].name), "%s", name);
        matrix->missing_count++;
    }
    matrix->missing[i].count++;
}

static void run_case(struct matrix *matrix, struct trial *trial)
{
    const struct lab_fact *fact = &trial->fact;

    if (fact->needs[0]) {
        name_missing(trial, fact->needs);
        trial->verdict[LINUX] = NOT_BUILT;
        trial->run.failed = true;
    } else {
        if (lab_fact_is_for(fact, model_release))
            run_on_model(trial);
        else
            trial->verdict[MODEL] = NOT_FOR;
        if (lab_fact_is_for(fact, matrix->host.release)) {
            run_on_linux(trial);
        } else {
            trial->verdict[LINUX] = NOT_FOR;
            trial->run.failed = true;
            matrix->not_for++;
        }
    }
    if (trial->verdict[MODEL] == NOT_BUILT)
        count_missing(matrix, trial->missing);
    if (trial->verdict[MODEL] == DIFFERS || trial->verdict[LINUX] == DIFFERS)
        matrix->differ++;
    matrix->cases++;
    if (matrix->options->json)
        json_trial(trial);
    else
        print_trial(matrix, trial);
    fflush(stdout);
}

static bool is_asked_for(const struct lab_matrix_options *options, const char *id)
{
    for (int i = 0; i < options->count; i++)
        if (strncmp(id, options->ids[i], strlen(options->ids[i])) == 0)
            return true;
    return options->count == 0;
}

static int bad_fact(const char *file, const struct lab_script_error *error)
{
    fprintf(stderr, "irqlab: %s:%u:%u: %s\n", file, error->line, error->column, error->text);
    return LAB_EXIT_INTERNAL;
}

static void print_sum(const struct matrix *matrix)
{
    if (matrix->options->json) {
        printf("{\"irqlab\":1,\"kind\":\"matrix\",\"linux\":\"%s\",\"facts\":%u,\"cases\":%u,"
               "\"differ\":%u,\"not_built\":%u,\"other_version\":%u}\n",
               matrix->host.release, matrix->facts, matrix->cases, matrix->differ,
               matrix->not_built, matrix->not_for);
        return;
    }
    printf("\n%u facts in %u cases, the model and Linux %s: %u differ, %u not built yet\n",
           matrix->facts, matrix->cases, matrix->host.release, matrix->differ,
           matrix->not_built);
    for (unsigned i = 0; i < matrix->missing_count; i++)
        printf("    not built yet: %s (%u)\n", matrix->missing[i].name,
               matrix->missing[i].count);
    if (matrix->not_for)
        printf("    %u for other versions of Linux\n", matrix->not_for);
}

int lab_matrix(const struct lab_matrix_options *options)
{
    struct matrix *matrix = calloc(1, sizeof(*matrix));
    struct trial *trial = calloc(1, sizeof(*trial));
    const struct lab_fact_line *cursor = lab_fact_lines;
    struct lab_script_error error = {0};
    struct lab_fact fact;
    int code = LAB_EXIT_OK;

    if (!matrix || !trial) {
        free(matrix);
        free(trial);
        return LAB_EXIT_INTERNAL;
    }
    matrix->options = options;
    uname(&matrix->host);
    while (code == LAB_EXIT_OK && lab_fact_next(&cursor, &fact, &error)) {
        if (!is_asked_for(options, fact.id))
            continue;
        matrix->facts++;
        for (unsigned i = 0; i < fact.cases && code == LAB_EXIT_OK; i++) {
            memset(trial, 0, sizeof(*trial));
            trial->fact = fact;
            trial->number = i;
            if (lab_fact_script(&fact, i, &trial->script, &error))
                run_case(matrix, trial);
            else
                code = bad_fact(fact.file, &error);
        }
    }
    if (error.text[0] && code == LAB_EXIT_OK)
        code = bad_fact(fact.file, &error);
    if (code == LAB_EXIT_OK) {
        print_sum(matrix);
        code = matrix->differ ? LAB_EXIT_FAILED : LAB_EXIT_OK;
    }
    free(matrix);
    free(trial);
    return code;
}

/* ---- a script of somebody's ---- */

static bool read_script(FILE *file, struct lab_fact_script *script,
                        struct lab_script_error *error)
{
    char text[512];

    for (unsigned line = 1; fgets(text, sizeof(text), file); line++) {
        text[strcspn(text, "\r\n")] = '\0';
        if (!lab_fact_script_line(script, text, line, error))
            return false;
    }
    return true;
}

int lab_replay_script(const char *path, const struct lab_matrix_options *options)
{
    struct trial *trial = calloc(1, sizeof(*trial));
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
    struct lab_script_error error = {0};
    const struct lab_script *script;
    bool differ = false;

    if (!trial || !file || !read_script(file, &trial->script, &error)) {
        if (!file)
            fprintf(stderr, "irqlab: %s: cannot be read\n", path);
        else
            fprintf(stderr, "irqlab: %s:%u:%u: %s\n", path, error.line, error.column,
                    error.text);
        free(trial);
        return LAB_EXIT_USAGE;
    }
    if (file != stdin)
        fclose(file);
    script = &trial->script.script;
    trial->fact.cases = 1;
    run_on_model(trial);
    run_on_linux(trial);
    for (unsigned i = 0; i < script->ops; i += lab_group_lines(script, i)) {
        struct lab_allowed *allowed = &trial->script.allowed[i];
        bool here = true;
        if (trial->verdict[MODEL] != NOT_BUILT && !trial->run.failed) {
            here = false;
            for (unsigned k = 0; k < trial->model[i].count; k++)
                here |= strcmp(trial->model[i].text[k], trial->run.outcome[i]) == 0;
        }
        if (allowed->count && !trial->run.failed)
            here &= is_allowed(allowed, trial->run.outcome[i]);
        differ |= !here;
        if (!options->json) {
            print_line(trial, i);
            if (!here)
                printf("        ! these differ\n");
        }
    }
    if (options->json)
        json_trial(trial);
    if (trial->missing[0])
        fprintf(stderr, "irqlab: not built yet: %s\n", trial->missing);
    if (trial->why[0])
        fprintf(stderr, "irqlab: Linux: %s\n", trial->why);
    differ |= trial->run.failed;
    free(trial);
    return differ ? LAB_EXIT_FAILED : LAB_EXIT_OK;
}
