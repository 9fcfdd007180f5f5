/* lab/why.c - see why.h. */
#include "lab/why.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lab/replayed.h"
#include "lab/witness.h"
#include "lab/words.h"
#include "sim/line.h"

enum { TEXT_BYTES = 512 };

/* A token's way, told step by step. */
struct telling {
    const struct lab_replayed *r;
    const struct lab_program *program;
    unsigned token;
    unsigned device; /* it comes to, program->sim.devices: a task's token */
    unsigned line;   /* of that device, sim->lines: none */
    unsigned file;   /* it lies in, DRV_NONE */
    bool arrived, taken, over;
    bool level[SIM_DEVICES_MAX]; /* of each line, as the steps go */
    size_t looked;               /* 1 + the step that last found nothing there */
    uint32_t looked_at;          /* the register */
};

static const char *token_name(const struct telling *t)
{
    return lab_program_name(t->program, t->program->token_name[t->token]);
}

static const char *device_name(const struct telling *t, unsigned device)
{
    return lab_program_name(t->program, t->program->device_name[device]);
}

static const char *file_name(const struct telling *t, unsigned file)
{
    return file < t->program->drv.fixed_files
               ? lab_program_name(t->program, t->program->file_name[file])
               : "a file made by a call";
}

static const char *task_name(const struct telling *t, unsigned actor)
{
    const struct lab_actor *a = &t->r->lab.actor[actor];

    return lab_program_name(t->program, lab_program_tasks(t->program)[a->index].name);
}

static void say(size_t step, const char *text)
{
    printf("  %4zu  %s\n", step + 1, text);
}

static bool is_edge(const struct telling *t)
{
    unsigned trigger = t->r->lab.sim.line_trigger[t->line];

    return trigger != SIM_TRIGGER_LEVEL && trigger != SIM_TRIGGER_LOW;
}

/* What else the step of the arrival did: to the line and to the controller. */
static void say_arrival(struct telling *t, size_t step)
{
    const struct lab_replayed_step *s = &t->r->step[step];
    const struct sim *sim = &t->r->lab.sim;
    bool rose = false, latched = false;
    unsigned forgotten = 0;
    char text[TEXT_BYTES];

    for (size_t i = s->first; i < s[1].first; i++) {
        const struct sim_record *record = &t->r->records[i];
        rose |= record->kind == SIM_EV_LINE && record->object == t->line && record->value;
        latched |=
            (record->kind == SIM_EV_LATCH || record->kind == SIM_EV_PENDING) && record->value;
        if (record->kind == SIM_EV_IGNORED)
            forgotten = record->value;
    }
    lab_words_set(text, sizeof(text), "%s arrives at %s", token_name(t),
                  device_name(t, t->device));
    if (t->line >= sim->lines)
        lab_words_add(text, sizeof(text), "%s", "");
    else if (forgotten)
        lab_words_add(text, sizeof(text), ": an edge, but the input is %s and forgets it",
                      forgotten == 1   ? "active"
                      : forgotten == 2 ? "masked"
                                       : "sent to no CPU");
    else if (rose)
        lab_words_add(text, sizeof(text), ": the line rises%s",
                      latched ? ", the controller remembers it" : "");
    else if (t->level[t->line])
        lab_words_add(text, sizeof(text), ": the line is active already%s",
                      is_edge(t) ? ", so this is no edge" : "");
    if (t->looked)
        printf("  %4zu  the driver looks at %s: nothing there yet\n", t->looked,
               device_name(t, t->device));
    say(step, text);
}

/* What a step did to the token itself. */
static void tell_token(struct telling *t, size_t step, const struct sim_record *record)
{
    char text[TEXT_BYTES] = "";

    switch (record->kind) {
    case SIM_EV_ARRIVE:
        t->arrived = true;
        say_arrival(t, step);
        return;
    case SIM_EV_READ:
        t->taken = true;
        lab_words_set(text, sizeof(text), "the driver takes %s out of %s", token_name(t),
                      device_name(t, t->device));
        break;
    case SIM_EV_QUEUE:
        t->file = record->object;
        t->taken = true;
        lab_words_set(text, sizeof(text), "%s is queued in %s", token_name(t),
                      file_name(t, record->object));
        break;
    case SIM_EV_PUT:
        t->file = record->object;
        lab_words_set(text, sizeof(text), "%s %s %s to %s", task_name(t, record->actor),
                      t->arrived ? "passes" : "writes", token_name(t),
                      file_name(t, record->object));
        t->arrived = true;
        break;
    case SIM_EV_FULL:
        lab_words_set(text, sizeof(text), "the queue of %s is full: %s is dropped",
                      file_name(t, record->object), token_name(t));
        break;
    case SIM_EV_DROP:
    case SIM_EV_LOSE:
        lab_words_set(text, sizeof(text), "%s is destroyed", token_name(t));
        break;
    case SIM_EV_GOT:
        t->over = true;
        lab_words_set(text, sizeof(text), "%s reads %s", task_name(t, record->actor),
                      token_name(t));
        break;
    default:
        return;
    }
    say(step, text);
}

/* What happens around it, while it waits. */
static void tell_around(struct telling *t, size_t step, const struct sim_record *record)
{
    const struct sim *sim = &t->r->lab.sim;
    unsigned irq = t->line < sim->lines ? sim->line_irq[t->line] : SIM_IRQS_MAX;
    char text[TEXT_BYTES] = "";

    if (record->kind == SIM_EV_WAKE && record->object == t->file)
        lab_words_set(text, sizeof(text), "%s wakes those that wait for it",
                      file_name(t, t->file));
    else if (record->kind == SIM_EV_REPORT && record->object == t->file)
        lab_words_set(text, sizeof(text), "%s is told that %s can be read",
                      task_name(t, record->actor), file_name(t, t->file));
    else if (record->kind == SIM_EV_BLOCK && t->file != DRV_NONE)
        lab_words_set(text, sizeof(text), "%s goes to sleep", task_name(t, record->actor));
    else if (!t->taken && record->kind == SIM_EV_LINE && record->object == t->line)
        lab_words_set(text, sizeof(text), "the line %s", record->value ? "rises" : "falls");
    else if (!t->taken && record->kind == SIM_EV_TAKE)
        lab_words_set(text, sizeof(text), "the CPU takes an interrupt");
    else if (!t->taken && record->kind == SIM_EV_EOI && record->object == irq)
        lab_words_set(text, sizeof(text), "the interrupt is completed");
    else if (!t->taken && record->kind == SIM_EV_LEAVE)
        lab_words_set(text, sizeof(text), "the handler returns");
    else if (!t->taken && (record->kind == SIM_EV_MASK || record->kind == SIM_EV_UNMASK) &&
             record->object == irq)
        lab_words_set(text, sizeof(text), "the input is %s",
                      record->kind == SIM_EV_MASK ? "masked" : "unmasked");
    else if (record->kind == SIM_EV_AIM && record->object == irq)
        lab_words_set(text, sizeof(text), "the input is given to CPU %" PRIu32, record->value);
    if (text[0])
        say(step, text);
}

static void note(struct telling *t, size_t step, const struct sim_record *record)
{
    if (record->kind == SIM_EV_LINE)
        t->level[record->object % SIM_DEVICES_MAX] = record->value;
    if (record->kind == SIM_EV_READ && record->object >> 8 == t->device && !record->token &&
        record->value == 0 && !t->arrived)
        t->looked = step + 1;
}

static void tell(struct telling *t)
{
    const struct lab_replayed *r = t->r;

    for (size_t step = 0; step < r->steps && !t->over; step++) {
        bool waits = t->arrived;
        for (size_t i = r->step[step].first; i < r->step[step + 1].first; i++) {
            const struct sim_record *record = &r->records[i];
            if (record->token == t->token)
                tell_token(t, step, record);
            else if (waits && !t->over)
                tell_around(t, step, record);
        }
        for (size_t i = r->step[step].first; i < r->step[step + 1].first; i++)
            note(t, step, &r->records[i]);
    }
}

/* ---- what there is to tell ---- */

enum fate { READ, LOST, NOT_SENT };

static enum fate fate_of(const struct lab_outcome *outcome, unsigned token)
{
    if (lab_fate_lost(outcome->fate[token]))
        return LOST;
    return outcome->fate[token] & LAB_FATE_READ ? READ : NOT_SENT;
}

static bool tell_way(const struct lab_program *program, unsigned token, const char *point,
                     const struct lab_way *way, const struct lab_outcome *outcome,
                     const struct lab_style *style)
{
    struct lab_replayed replayed;
    struct telling t = {.r = &replayed, .program = program, .token = token, .file = DRV_NONE};
    bool good = lab_replayed_make(&replayed, program, way->actors, way->length);
    char text[TEXT_BYTES];

    t.device = program->token_device[token] < program->sim.devices
                   ? program->token_device[token]
                   : program->sim.devices;
    t.line =
        t.device < program->sim.devices ? replayed.lab.sim.line_of[t.device] : SIM_DEVICES_MAX;
    if (good) {
        lab_style_put(style, stdout, LAB_INK_STRONG, token_name(&t));
        printf(fate_of(outcome, token) == LOST ? " can be lost" : " is read at every end");
        printf("%s%s:\n", point[0] ? ", " : "", point);
        tell(&t);
        if (fate_of(outcome, token) == LOST) {
            lab_stuck_text(&replayed, outcome, token, text, sizeof(text));
            printf("  %s is ", token_name(&t));
            lab_style_put(style, stdout, LAB_INK_LOST, "lost");
            printf(", %s\n", text);
        }
    }
    lab_replayed_free(&replayed);
    return good;
}

/* The way to an outcome with this fate of the token; false: there is none. */
static bool way_with(struct lab_explored *explored, unsigned token, enum fate fate,
                     struct lab_way *ret_way, struct lab_outcome *ret_outcome)
{
    const struct lab_outcomes *outcomes = &explored->outcomes;
    bool *wanted = calloc(outcomes->n + 1, sizeof(*wanted)), found = false;

    for (size_t i = 0; i < outcomes->n && wanted; i++) {
        wanted[outcomes->id[i]] = fate_of(&outcomes->item[i], token) == fate;
        if (!wanted[outcomes->id[i]] || found)
            continue;
        *ret_outcome = outcomes->item[i];
        found = true;
    }
    found = found && lab_way_best(explored->exploration, wanted, LAB_WAY_SHORTEST, ret_way);
    free(wanted);
    return found;
}

static unsigned token_by_name(const struct lab_program *program, const char *name)
{
    for (unsigned token = 1; token <= program->tokens; token++)
        if (strcmp(lab_program_name(program, program->token_name[token]), name) == 0)
            return token;
    return 0;
}

static int unknown_token(const struct lab_program *program, const char *name)
{
    fprintf(stderr, "irqlab: no token '%s'; the scenario has:", name);
    for (unsigned token = 1; token <= program->tokens; token++)
        fprintf(stderr, " %s", lab_program_name(program, program->token_name[token]));
    fputc('\n', stderr);
    return LAB_EXIT_USAGE;
}

/* Looks at one point; says so in *ret_told if there was something to tell. */
static int why_at(struct lab_loaded *loaded, uint32_t number, const char *name, enum fate fate,
                  const struct lab_why_options *options, bool *ret_told)
{
    struct lab_explore_options explore = {.memory = options->memory};
    struct lab_program *program;
    struct lab_explored explored;
    struct lab_outcome outcome;
    struct lab_way way = {0};
    char point[TEXT_BYTES];
    unsigned token;
    int code = lab_load_point(loaded, number, &program);

    if (code != LAB_EXIT_OK)
        return code;
    token = token_by_name(program, name);
    if (!token) {
        code = unknown_token(program, name);
    } else if (lab_explore(program, &explore, &explored) < 0) {
        code = LAB_EXIT_INTERNAL;
    } else {
        if (!explored.complete)
            code = LAB_EXIT_INCONCLUSIVE;
        lab_point_text(&loaded->scenario, " = ", point, sizeof(point));
        if (way_with(&explored, token, fate, &way, &outcome)) {
            *ret_told = true;
            code = tell_way(program, token, point, &way, &outcome, &options->style)
                       ? LAB_EXIT_OK
                       : LAB_EXIT_INTERNAL;
        }
        lab_way_free(&way);
        lab_explored_free(&explored);
    }
    free(program);
    return code;
}

int lab_why(const char *name, const char *token, const struct lab_why_options *options)
{
    static const enum fate order[] = {LOST, READ};
    struct lab_loaded *loaded = calloc(1, sizeof(*loaded));
    bool told = false, open = false;
    int code;

    if (!loaded)
        return LAB_EXIT_INTERNAL;
    code = lab_load(loaded, name, &options->load);
    for (unsigned k = 0; k < 2 && !told && code == LAB_EXIT_OK; k++)
        for (uint32_t i = 0; i < loaded->points && !told && code == LAB_EXIT_OK; i++) {
            code = why_at(loaded, i, token, order[k], options, &told);
            open |= code == LAB_EXIT_INCONCLUSIVE;
            code = code == LAB_EXIT_INCONCLUSIVE ? LAB_EXIT_OK : code;
        }
    if (code == LAB_EXIT_OK && open && !told) {
        fprintf(stderr, "irqlab: why: the search did not fit into the memory it may take\n");
        code = LAB_EXIT_INCONCLUSIVE;
    } else if (code == LAB_EXIT_OK && !told) {
        printf("%s is never sent\n", token);
    }
    lab_unload(loaded);
    free(loaded);
    return code;
}
