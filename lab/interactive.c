/* lab/interactive.c - see interactive.h. */
#define _POSIX_C_SOURCE 200809L
#include "lab/interactive.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lab/columns.h"
#include "lab/schedule.h"

enum { LINE_BYTES = 256, TEXT_BYTES = 128 };

struct walk {
    const struct lab_program *program;
    const struct lab_style *style;
    struct lab_replayed replayed; /* the steps so far */
    uint8_t *actors;
    size_t steps, room;
};

static bool again(struct walk *walk)
{
    lab_replayed_free(&walk->replayed);
    return lab_replayed_make(&walk->replayed, walk->program, walk->actors, walk->steps);
}

static bool add(struct walk *walk, unsigned actor)
{
    if (walk->steps == walk->room) {
        size_t room = 2 * walk->room + 64;
        uint8_t *actors = realloc(walk->actors, room);
        if (!actors)
            return false;
        walk->actors = actors;
        walk->room = room;
    }
    walk->actors[walk->steps++] = (uint8_t)actor;
    return true;
}

static void show_step(const struct walk *walk, size_t step)
{
    char who[TEXT_BYTES] = "", did[TEXT_BYTES];

    lab_columns_actor(&walk->replayed.lab, walk->replayed.step[step].actor, who, sizeof(who));
    lab_columns_step(&walk->replayed, step, did, sizeof(did));
    printf("  %4zu  ", step + 1);
    lab_style_put(walk->style, stdout, LAB_INK_STRONG, who);
    printf("  %s\n", did);
}

static unsigned show_choices(struct walk *walk, uint8_t choices[LAB_ACTORS_MAX])
{
    struct lab *lab = &walk->replayed.lab;
    unsigned n = lab_choices(lab, choices);
    char who[TEXT_BYTES];

    if (n == 0) {
        puts("nobody can step: this is an end");
        return 0;
    }
    fputs("can step:", stdout);
    for (unsigned i = 0; i < n; i++) {
        who[0] = '\0';
        lab_columns_actor(lab, choices[i], who, sizeof(who));
        printf("  %u %s", i + 1, who);
        if (lab->actor[choices[i]].letter)
            printf(" (%c)", lab->actor[choices[i]].letter);
        if (lab->actor[choices[i]].who == LAB_WHO_TAKE)
            fputs(" takes", stdout);
    }
    putchar('\n');
    return n;
}

static void show_schedule(const struct walk *walk)
{
    char *text = lab_schedule_text(&walk->replayed.lab, walk->actors, walk->steps);

    if (text)
        printf("--schedule %s\n", text);
    free(text);
}

static void show_help(void)
{
    puts("N or LETTER [COUNT]  step        Enter  the first that can\n"
         "b [N]  back          j N  to step N    t  table so far\n"
         "s  schedule so far   q  quit");
}

/* Who a word stands for: a number in the list, or an actor's letter.  -1: nobody. */
static int chosen(const struct walk *walk, const char *word, const uint8_t *choices, unsigned n)
{
    if (isdigit((unsigned char)word[0])) {
        unsigned long number = strtoul(word, 0, 10);
        return number >= 1 && number <= n ? choices[number - 1] : -1;
    }
    for (unsigned i = 0; i < n; i++)
        if (word[0] && !word[1] && walk->replayed.lab.actor[choices[i]].letter == word[0])
            return choices[i];
    return -1;
}

/* Steps of one actor, as long as it can.  False: out of memory. */
static bool step(struct walk *walk, unsigned actor, unsigned long count)
{
    size_t before = walk->steps;
    uint8_t choices[LAB_ACTORS_MAX];

    for (unsigned long i = 0; i < count; i++) {
        unsigned n = lab_choices(&walk->replayed.lab, choices), k = 0;
        while (k < n && choices[k] != actor)
            k++;
        if (k == n)
            break;
        if (!add(walk, actor) || !again(walk))
            return false;
    }
    for (size_t i = before; i < walk->steps; i++)
        show_step(walk, i);
    return true;
}

static bool go_to(struct walk *walk, size_t step)
{
    walk->steps = step < walk->steps ? step : walk->steps;
    printf("at step %zu\n", walk->steps);
    return again(walk);
}

/* One line of input.  False: out of memory. */
static bool obey(struct walk *walk, const char *line, const uint8_t *choices, unsigned n)
{
    char word[LINE_BYTES] = "";
    unsigned long number = 1;
    int words = sscanf(line, "%255s %lu", word, &number), actor;

    if (words < 1)
        return n == 0 || step(walk, choices[0], 1);
    actor = chosen(walk, word, choices, n);
    if (actor >= 0)
        return step(walk, (unsigned)actor, number);
    if (strcmp(word, "b") == 0)
        return go_to(walk, number < walk->steps ? walk->steps - number : 0);
    if (strcmp(word, "j") == 0 && words == 2)
        return go_to(walk, number);
    if (strcmp(word, "t") == 0)
        return lab_columns_print(walk->style, stdout, &walk->replayed, 0);
    if (strcmp(word, "s") == 0)
        show_schedule(walk);
    else
        show_help();
    return true;
}

static bool begin(struct walk *walk, const struct lab_interactive_options *options, int *code)
{
    struct lab_replay replay = {.schedule = options->schedule, .skip = options->skip};

    if (options->schedule) {
        walk->actors = lab_schedule_actors(walk->program, &replay);
        if (!walk->actors) {
            fprintf(stderr, "irqlab: --schedule: %s\n", replay.error);
            *code = LAB_EXIT_USAGE;
            return false;
        }
        lab_replay_report(&replay);
        walk->steps = replay.steps;
        walk->room = replay.room;
    }
    return again(walk);
}

static int walk_through(struct walk *walk, const struct lab_interactive_options *options)
{
    uint8_t choices[LAB_ACTORS_MAX];
    char line[LINE_BYTES];
    int code = LAB_EXIT_INTERNAL;
    bool good = begin(walk, options, &code);

    for (size_t i = 0; good && i < walk->steps; i++)
        show_step(walk, i);
    while (good) {
        unsigned n = show_choices(walk, choices);
        fputs("? ", stdout);
        fflush(stdout);
        code = LAB_EXIT_OK;
        if (!fgets(line, sizeof(line), stdin) || line[0] == 'q')
            break;
        good = obey(walk, line, choices, n);
    }
    if (!good)
        return code == LAB_EXIT_OK ? LAB_EXIT_INTERNAL : code;
    putchar('\n');
    show_schedule(walk);
    return LAB_EXIT_OK;
}

int lab_interactive(const char *name, const struct lab_interactive_options *options)
{
    struct lab_loaded *loaded = calloc(1, sizeof(*loaded));
    struct lab_program *program = 0;
    struct walk walk = {.style = &options->style};
    int code;

    if (!loaded)
        return LAB_EXIT_INTERNAL;
    code = lab_load(loaded, name, &options->load);
    if (code == LAB_EXIT_OK && loaded->points > 1) {
        fprintf(stderr, "irqlab: --step is for one point; pin the knobs with -D\n");
        code = LAB_EXIT_USAGE;
    }
    if (code == LAB_EXIT_OK)
        code = lab_load_point(loaded, 0, &program);
    if (code == LAB_EXIT_OK) {
        walk.program = program;
        code = walk_through(&walk, options);
    }
    lab_replayed_free(&walk.replayed);
    free(walk.actors);
    free(program);
    lab_unload(loaded);
    free(loaded);
    return code;
}
