/* tests/differential/kernel/print.c - a sequence as a call script and as a scenario. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tests/differential/kernel/sequence.h"

static void print_script(const struct lab_script *script, const struct difference *difference)
{
    char text[LAB_SEEN_TEXT];

    for (unsigned i = 0; i < script->files; i++)
        if (script->file[i].kind == DRV_FILE_REGULAR)
            printf("file %s = \"%.*s\"\n", script->file[i].name, (int)script->file[i].size,
                   (const char *)script->file[i].content);
    for (unsigned i = 0; i < script->ops; i++) {
        lab_op_text(script, &script->op[i], text, sizeof(text));
        printf("%s%s%s\n", text, i == difference->line ? "  -> " : "",
               i == difference->line ? difference->linux : "");
    }
}

/* The variables a line takes that nobody gave a value: they are no descriptor. */
static void without_unset(const struct lab_script *script, const bool *set,
                          const struct lab_script_op *op, struct lab_script_op *ret_op)
{
    (void)script;
    *ret_op = *op;
    for (unsigned i = 0; i < op->argc; i++)
        if (op->var[i] && !set[op->var[i]]) {
            ret_op->var[i] = 0;
            ret_op->arg[i] = -1;
        }
}

static void mark_set(const struct lab_script_op *op, bool *set)
{
    set[op->result] = set[op->out[0]] = set[op->out[1]] = true;
}

/* One call as a statement; the last one keeps what it gives. */
static void print_statement(const struct lab_script *script, const struct lab_script_op *op,
                            bool last)
{
    struct lab_script alone = {.tasks = 1};
    char text[LAB_SEEN_TEXT];
    bool waits =
        op->nr == DRV_NR_POLL || op->nr == DRV_NR_SELECT || op->nr == DRV_NR_EPOLL_WAIT;

    memcpy(alone.var_name, script->var_name, sizeof(alone.var_name));
    memcpy(alone.file, script->file, sizeof(alone.file));
    lab_op_text(&alone, op, text, sizeof(text));
    if (last && waits)
        printf("        seen = 0;\n        foreach (k, e in %s) { seen = seen * 65536 + e; }\n",
               text);
    else if (last && !op->result)
        printf("        seen = %s;\n", text);
    else
        printf("        %s;\n", text);
}

/*
 * One task per letter; a line waits for its turn, and settle() for all that comes of the line
 * before.
 */
static void print_task(const struct lab_script *script, unsigned task)
{
    bool set[LAB_SCRIPT_VARS + 1] = {false};
    struct lab_script_op op;

    printf("    task %c {\n", 'a' + task);
    for (unsigned i = 0; i < script->ops; i++) {
        without_unset(script, set, &script->op[i], &op);
        mark_set(&script->op[i], set);
        if (op.task != task)
            continue;
        if (script->tasks > 1)
            printf("        do settle(); while (turn < %u);\n        turn = %u;\n", i, i + 1);
        print_statement(script, &op, i + 1u == script->ops);
    }
    printf("    }\n");
}

static void print_scenario(const struct lab_script *script, const struct difference *difference,
                           uint64_t seed)
{
    printf("irqlab 1;\ntitle \"The model and Linux differ\";\n");
    printf("about \"Found with seed %" PRIu64 ". The last call: the model %s, Linux %s.\";\n",
           seed, difference->model, difference->linux);
    printf("machine textbook;\n");
    for (unsigned i = 0; i < script->files; i++)
        if (script->file[i].kind == DRV_FILE_REGULAR)
            printf("file %s = \"%.*s\";\n", script->file[i].name, (int)script->file[i].size,
                   (const char *)script->file[i].content);
    printf("process both {\n    start { %s }\n", script->tasks > 1 ? "turn = 0;" : "");
    for (unsigned t = 0; t < script->tasks; t++)
        print_task(script, t);
    printf("}\n");
}

void sequence_print(const struct lab_script *script, const struct difference *difference,
                    uint64_t seed)
{
    printf("\nThe model and Linux differ (seed %" PRIu64 "). As a call script:\n\n", seed);
    print_script(script, difference);
    printf("\n    model  %s\n    linux  %s\n\nAs a scenario:\n\n", difference->model,
           difference->linux);
    print_scenario(script, difference, seed);
    fflush(stdout);
}
