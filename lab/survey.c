/* lab/survey.c - see survey.h. */
#include "lab/survey.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lab/predicate.h"

enum { TEXT_BYTES = 1024 };

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

void lab_survey_outcome(const struct lab_style *style, const struct lab_program *program,
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

static void print_outcome(const struct lab_style *style, const struct lab_program *program,
                          const struct lab_explored *explored, size_t i)
{
    fputs("  ", stdout);
    lab_survey_outcome(style, program, &explored->outcomes.item[i]);
    printf("count=%" PRIu32 "; ", explored->outcomes.count[i]);
    if (explored->schedules[i]) {
        lab_style_put(style, stdout, LAB_INK_SOFT, "schedule ");
        lab_style_put(style, stdout, LAB_INK_SOFT, explored->schedules[i]);
    }
    putchar('\n');
}

/* How sure all this is. */
static void print_extent(const struct lab_explored *explored)
{
    if (explored->walks) {
        printf("Random: %" PRIu64 " walks, %" PRIu64 " steps, the longest %" PRIu64 "\n",
               explored->walks, explored->transitions, explored->depth);
        return;
    }
    if (explored->timed) {
        printf("Timed: one order of events, %" PRIu64 " steps\n", explored->transitions);
        return;
    }
    if (explored->complete)
        printf("Complete: ");
    else
        printf("Incomplete (%s): ", explored->bound ? explored->bound : "stopped");
    printf("%" PRIu64 " states, %" PRIu64 " transitions, depth %" PRIu64 "%s", explored->states,
           explored->transitions, explored->depth, explored->reduced ? ", reduced" : "");
    if (explored->parts)
        printf(", in %u parts", explored->parts);
    putchar('\n');
    if (explored->hashed && explored->states) {
        double n = (double)explored->states;
        printf("States told apart by 128-bit hashes: one is missing with probability %.0e\n",
               n * n / 6.8e38);
    }
}

static void print_unreached(const struct lab_style *style, const struct lab_explored *explored)
{
    for (size_t i = 0; i < explored->unreached.n; i++) {
        lab_style_put(style, stdout, LAB_INK_LATE, "Never reached:");
        printf(" %s\n", explored->unreached.text[i]);
    }
}

void lab_survey_print(const struct lab_style *style, const char *name, const char *point,
                      const struct lab_program *program, const struct lab_explored *explored)
{
    fputs("Test ", stdout);
    lab_style_put(style, stdout, LAB_INK_STRONG, name);
    printf("%s%s\nStates %zu\n", point[0] ? " " : "", point, explored->outcomes.n);
    for (size_t i = 0; i < explored->outcomes.n; i++)
        print_outcome(style, program, explored, i);
    print_extent(explored);
    print_unreached(style, explored);
    putchar('\n');
}
