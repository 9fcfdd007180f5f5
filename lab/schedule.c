/* lab/schedule.c - schedules as text, and replaying one. */
#define _POSIX_C_SOURCE 200809L
#include "lab/schedule.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/side_stack.h"
#include "lab/words.h"

char *lab_schedule_text(const struct lab *lab, const uint8_t *actors, size_t length)
{
    size_t size = 32 + length * 6, used;
    char *text = malloc(size);

    if (!text)
        return 0;
    used = (size_t)snprintf(text, size, "il1:%08x:", (unsigned)lab->program->hash);
    for (size_t i = 0; i < length;) {
        size_t run = 1;
        char letter = lab->actor[actors[i]].letter;
        while (i + run < length && actors[i + run] == actors[i])
            run++;
        if (letter)
            used += (size_t)snprintf(text + used, size - used, "%c", letter);
        else
            used += (size_t)snprintf(text + used, size - used, "{%u}", actors[i]);
        if (run > 1)
            used += (size_t)snprintf(text + used, size - used, "%zu", run);
        i += run;
    }
    return text;
}

static int actor_of_letter(const struct lab *lab, char letter)
{
    for (unsigned a = 0; a < lab->actors; a++)
        if (lab->actor[a].letter == letter)
            return (int)a;
    return -2;
}

int lab_schedule_next(const struct lab *lab, const char **at, unsigned *repeat, int *actor)
{
    char *end;

    if (*repeat) {
        --*repeat;
        return *actor;
    }
    if (!**at)
        return -1;
    if (**at == '{') {
        *actor = (int)strtol(*at + 1, &end, 10);
        if (*end != '}' || *actor < 0 || *actor >= lab->actors)
            return -2;
        *at = end + 1;
    } else {
        *actor = isalpha((unsigned char)**at) ? actor_of_letter(lab, **at) : -2;
        ++*at;
    }
    if (*actor >= 0 && isdigit((unsigned char)**at)) {
        unsigned long run = strtoul(*at, &end, 10);
        if (run == 0 || run > 100000000)
            return -2;
        *repeat = (unsigned)run - 1;
        *at = end;
    }
    return *actor;
}

static void list_enabled(const struct lab *lab, const uint8_t *choices, unsigned n, char *text,
                         size_t size)
{
    size_t used = 0;

    text[0] = 0;
    for (unsigned i = 0; i < n && used + 4 < size; i++)
        used += (size_t)snprintf(text + used, size - used, " %c",
                                 lab->actor[choices[i]].letter ? lab->actor[choices[i]].letter
                                                               : '?');
}

static bool can_step(const uint8_t *choices, unsigned n, int actor)
{
    for (unsigned i = 0; i < n; i++)
        if (choices[i] == actor)
            return true;
    return false;
}

static void quiet(struct lab *lab, struct lab_sink *sink)
{
    uint8_t choices[LAB_ACTORS_MAX];
    unsigned n = lab_choices(lab, choices);

    for (unsigned i = 0; i < n; i++)
        if (lab->actor[choices[i]].who != LAB_WHO_WORLD || lab_is_settle(lab, choices[i]))
            return;
    lab->trace.count = 0;
    if (n)
        lab_ledger_quiet(lab);
    if (sink && lab->trace.count)
        sink->records(sink, lab->trace.records, lab->trace.count);
}

static int header(const struct lab *lab, const char **at, struct lab_replay *replay)
{
    unsigned long hash;
    char *end;

    if (strncmp(*at, "il1:", 4) != 0) {
        lab_words_set(replay->error, sizeof(replay->error), "a schedule begins with 'il1:'");
        return -1;
    }
    hash = strtoul(*at + 4, &end, 16);
    if (*end != ':') {
        lab_words_set(replay->error, sizeof(replay->error), "a schedule is il1:HASH:STEPS");
        return -1;
    }
    if (hash != lab->program->hash && !replay->skip) {
        lab_words_set(replay->error, sizeof(replay->error),
                      "the schedule is of another scenario or point (%08lx, this is %08x); "
                      "--skip follows it as far as it goes",
                      hash, (unsigned)lab->program->hash);
        return -1;
    }
    *at = end + 1;
    return 0;
}

/* One step of the schedule.  -1: it is not possible. */
static int follow(struct lab *lab, struct lab_replay *replay, unsigned actor, uint64_t number)
{
    uint8_t choices[LAB_ACTORS_MAX];
    char list[64];
    unsigned n;

    quiet(lab, replay->sink);
    n = lab_choices(lab, choices);
    if (!can_step(choices, n, (int)actor)) {
        replay->skipped++;
        if (!replay->first_skipped)
            replay->first_skipped = number;
        if (replay->skip)
            return 0;
        list_enabled(lab, choices, n, list, sizeof(list));
        lab_words_set(replay->error, sizeof(replay->error),
                      "step %llu: '%c' cannot step now; these can:%s",
                      (unsigned long long)number, lab->actor[actor].letter, list);
        return -1;
    }
    lab->trace.at = replay->steps + 1;
    lab_step(lab, actor);
    lab->drv.readied.n = 0;
    lab->sim.armed = 0;
    if (replay->sink)
        replay->sink->records(replay->sink, lab->trace.records, lab->trace.count);
    if (replay->actors && replay->steps < replay->room)
        replay->actors[replay->steps] = (uint8_t)actor;
    replay->steps++;
    return 0;
}

int lab_replay(struct lab *lab, struct lab_replay *replay, struct lab_outcome *ret_outcome)
{
    uint8_t choices[LAB_ACTORS_MAX];
    const char *at = replay->schedule;
    unsigned repeat = 0, n;
    int actor = 0, next;
    uint64_t number = 0;

    replay->steps = replay->skipped = replay->first_skipped = 0;
    if (header(lab, &at, replay))
        return -1;
    while ((next = lab_schedule_next(lab, &at, &repeat, &actor)) >= 0)
        if (follow(lab, replay, (unsigned)next, ++number))
            return -1;
    if (next == -2) {
        lab_words_set(replay->error, sizeof(replay->error),
                      "step %llu: '%.8s' is no actor's letter", (unsigned long long)number + 1,
                      at);
        return -1;
    }
    quiet(lab, replay->sink);
    n = lab_choices(lab, choices);
    lab->trace.count = 0;
    lab_outcome(lab, n ? SIM_END_LIMIT : SIM_END_QUIET, n == 0, ret_outcome);
    ret_outcome->steps = ret_outcome->end_ns = replay->steps;
    if (replay->sink)
        replay->sink->records(replay->sink, lab->trace.records, lab->trace.count);
    return 0;
}

size_t lab_schedule_length(const char *schedule)
{
    size_t length = 0;

    for (const char *at = schedule; *at; at++) {
        length++;
        if (isalpha((unsigned char)*at) || *at == '}')
            length += strtoul(at + 1, 0, 10);
    }
    return length;
}

void lab_replay_report(const struct lab_replay *replay)
{
    if (replay->skipped)
        fprintf(stderr,
                "irqlab: --skip: %llu of %llu steps left out, the first of them step %llu\n",
                (unsigned long long)replay->skipped,
                (unsigned long long)replay->steps + replay->skipped,
                (unsigned long long)replay->first_skipped);
}

uint8_t *lab_schedule_actors(const struct lab_program *program, struct lab_replay *replay)
{
    struct lab *lab = calloc(1, sizeof(*lab));
    struct lab_outcome outcome;
    uint8_t *bytes = 0;
    bool good = false;

    replay->room = lab_schedule_length(replay->schedule);
    replay->actors = malloc(replay->room + 1);
    if (lab && replay->actors) {
        lab_layout(lab, program, 0, lab_bench_sim_context_bytes());
        bytes = aligned_alloc(64, (lab->arena.size + 127u) & ~(size_t)63);
    }
    if (bytes && drv_stack_init(LAB_CONTEXTS_MAX)) {
        sim_arena_place(&lab->arena, bytes);
        lab_start(lab, &lab_bench_sim);
        good = lab_replay(lab, replay, &outcome) == 0;
    } else {
        lab_words_set(replay->error, sizeof(replay->error), "out of memory");
    }
    free(bytes);
    free(lab);
    if (!good)
        free(replay->actors);
    return good ? replay->actors : 0;
}
