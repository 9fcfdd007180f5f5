/* lab/schedule.c - schedules as text, and replaying one. */
#define _POSIX_C_SOURCE 200809L
#include "lab/schedule.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static int header(const struct lab *lab, const char **at, char *error, size_t size)
{
    unsigned long hash;
    char *end;

    if (strncmp(*at, "il1:", 4)) {
        snprintf(error, size, "a schedule begins with 'il1:'");
        return -1;
    }
    hash = strtoul(*at + 4, &end, 16);
    if (*end != ':') {
        snprintf(error, size, "a schedule is il1:HASH:STEPS");
        return -1;
    }
    if (hash != lab->program->hash) {
        snprintf(error, size,
                 "the schedule is of another scenario or point (%08lx, this is %08x)", hash,
                 (unsigned)lab->program->hash);
        return -1;
    }
    *at = end + 1;
    return 0;
}

int lab_replay(struct lab *lab, const char *schedule, struct lab_sink *sink,
               struct lab_outcome *ret_outcome, char *error, size_t error_size)
{
    uint8_t choices[LAB_ACTORS_MAX];
    const char *at = schedule;
    unsigned repeat = 0, n;
    int actor = 0, next;
    uint64_t step = 0;

    if (header(lab, &at, error, error_size))
        return -1;
    for (; (next = lab_schedule_next(lab, &at, &repeat, &actor)) >= 0; step++) {
        char list[64];
        quiet(lab, sink);
        n = lab_choices(lab, choices);
        list_enabled(lab, choices, n, list, sizeof(list));
        if (!can_step(choices, n, next)) {
            snprintf(error, error_size, "step %llu: '%c' cannot step now; these can:%s",
                     (unsigned long long)step + 1, lab->actor[next].letter, list);
            return -1;
        }
        lab->trace.at = step + 1;
        lab_step(lab, (unsigned)next);
        lab->drv.readied.n = 0;
        lab->sim.armed = 0;
        if (sink)
            sink->records(sink, lab->trace.records, lab->trace.count);
    }
    if (next == -2) {
        snprintf(error, error_size, "step %llu: '%.8s' is no actor's letter",
                 (unsigned long long)step + 1, at);
        return -1;
    }
    quiet(lab, sink);
    n = lab_choices(lab, choices);
    lab->trace.count = 0;
    lab_outcome(lab, n ? SIM_END_LIMIT : SIM_END_QUIET, n == 0, ret_outcome);
    ret_outcome->steps = ret_outcome->end_ns = step;
    if (sink)
        sink->records(sink, lab->trace.records, lab->trace.count);
    return 0;
}
