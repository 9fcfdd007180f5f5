/* lab/unreached.c - see unreached.h. */
#define _POSIX_C_SOURCE 200809L
#include "lab/unreached.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/live.h"
#include "lab/words.h"

enum { TEXT_BYTES = 160 };

/* The record that a step at this place would leave: its line in a trace has the words. */
static struct sim_record record_of(const uint8_t *at)
{
    struct sim_record record = {.kind = SIM_EV_NONE};

    switch ((enum lab_opcode)at[0]) {
    case LAB_DO_RREG:
    case LAB_DO_RREG_AT:
    case LAB_DO_WREG:
    case LAB_DO_WREG_AT:
        record.kind =
            at[0] == LAB_DO_RREG || at[0] == LAB_DO_RREG_AT ? SIM_EV_READ : SIM_EV_WRITE;
        record.object = (uint16_t)(at[1] << 8 | at[2]);
        break;
    case LAB_DO_GET:
    case LAB_DO_SET:
        record.kind = at[0] == LAB_DO_GET ? SIM_EV_STATE_GET : SIM_EV_STATE_SET;
        record.object = at[1];
        break;
    case LAB_DO_PUSH:
    case LAB_DO_QUEUE:
    case LAB_DO_WAKE:
        record.kind = at[0] == LAB_DO_WAKE ? SIM_EV_WAKE : SIM_EV_QUEUE;
        record.object = at[1];
        break;
    case LAB_DO_PREPARE:
    case LAB_DO_SLEEP:
        record.kind = SIM_EV_SLEEP;
        record.object = at[1];
        break;
    case LAB_DO_MASK:
    case LAB_DO_UNMASK:
        record.kind = at[0] == LAB_DO_MASK ? SIM_EV_MASK : SIM_EV_UNMASK;
        record.object = (uint16_t)(at[1] | at[2] << 8);
        break;
    case LAB_DO_AIM:
        record.kind = SIM_EV_AIM;
        record.object = (uint16_t)(at[1] | at[2] << 8);
        break;
    case LAB_DO_CALL:
        record.kind = SIM_EV_CALL;
        record.object = at[1];
        break;
    case LAB_DO_WAKE_THREAD:
        record.kind = SIM_EV_THREAD;
        record.object = at[1];
        break;
    default:
        break;
    }
    return record;
}

/* Does it say its file only when it runs? */
static bool is_of_any_file(const uint8_t *at)
{
    return (at[0] == LAB_DO_PUSH || at[0] == LAB_DO_QUEUE || at[0] == LAB_DO_WAKE ||
            at[0] == LAB_DO_PREPARE || at[0] == LAB_DO_SLEEP) &&
           at[1] == LAB_THIS_FILE;
}

static bool add(struct lab_unreached *unreached, const struct lab *lab, const char *where,
                const uint8_t *at)
{
    struct sim_record record = record_of(at);
    char line[256], event[32], object[64], text[TEXT_BYTES];
    char **grown;

    if (is_of_any_file(at))
        record.object = 0;
    lab_trace_line(lab, &record, line, sizeof(line));
    if (record.kind == SIM_EV_NONE || sscanf(line, "%*s %*s %31s %63s", event, object) != 2)
        return true;
    lab_words_set(text, sizeof(text), is_of_any_file(at) ? "%s: %s" : "%s: %s %s", where, event,
                  object);
    for (size_t i = 0; i < unreached->n; i++)
        if (strcmp(unreached->text[i], text) == 0)
            return true;
    grown = realloc(unreached->text, (unreached->n + 1) * sizeof(*grown));
    if (!grown)
        return false;
    unreached->text = grown;
    unreached->text[unreached->n] = strdup(text);
    return unreached->text[unreached->n++] != 0;
}

static bool look(struct lab_unreached *unreached, const struct lab *lab,
                 const struct lab_routine *routine, const char *where, uint8_t *seen)
{
    const struct lab_program *program = lab->program;
    const uint8_t *code = lab_program_code(program);

    memset(seen, 0, program->code_size + 1u);
    lab_live_walk(program, routine, seen);
    for (uint32_t pc = 0; pc < program->code_size; pc++)
        if (seen[pc] && code[pc] >= LAB_DO_RREG && !lab->reached[pc] &&
            !add(unreached, lab, where, code + pc))
            return false;
    return true;
}

bool lab_unreached_find(const struct lab *lab, struct lab_unreached *ret)
{
    static const char *const block[DRV_BLOCKS] = {
        [DRV_BLOCK_INIT] = "init",       [DRV_BLOCK_IRQ] = "irq",
        [DRV_BLOCK_THREAD] = "thread",   [DRV_BLOCK_OPEN] = "open",
        [DRV_BLOCK_RELEASE] = "release", [DRV_BLOCK_READ] = "read",
        [DRV_BLOCK_WRITE] = "write",     [DRV_BLOCK_POLL] = "poll",
    };
    const struct lab_program *program = lab->program;
    uint8_t *seen = malloc(program->code_size + 1u);
    bool good = seen != 0;
    char where[TEXT_BYTES];

    memset(ret, 0, sizeof(*ret));
    for (unsigned d = 0; d < program->drv.drivers; d++)
        for (unsigned b = 0; b < DRV_BLOCKS && good; b++) {
            lab_words_set(where, sizeof(where), "%s, %s",
                          lab_program_name(program, program->driver_name[d]),
                          block[b] ? block[b] : "block");
            good = look(ret, lab, &program->block[d][b], where, seen);
        }
    for (unsigned t = 0; t < program->drv.tasks && good; t++) {
        const char *name = lab_program_name(program, lab->task_code[t].name);
        if (!strchr(name, '.')) /* a child of fork() that may never be born */
            good = look(ret, lab, &lab->task_code[t].routine, name, seen);
    }
    free(seen);
    return good;
}

void lab_unreached_free(struct lab_unreached *unreached)
{
    for (size_t i = 0; i < unreached->n; i++)
        free(unreached->text[i]);
    free(unreached->text);
    memset(unreached, 0, sizeof(*unreached));
}
