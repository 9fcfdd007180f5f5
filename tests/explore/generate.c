/*
 * tests/explore/generate.c - one scenario for each thing that can become of the tokens.
 *
 *   generate FOLDER [EVERY]
 *
 * Goes through the family of lab/family.h, or each EVERYth member of it: trigger, controller
 * policy, order of the driver, mode of epoll and reader. Of all members that have the same set
 * of outcomes it keeps the one with the fewest states and writes it to FOLDER, with a question
 * and the expectations that hold. Each file is then read back and explored once more; a line
 * for each says its name and its set.
 *
 * Tokens have no names in a set: what counts is how many of each device are lost, left and
 * dropped, and devices can be exchanged.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/explore.h"
#include "lab/family.h"
#include "lab/load.h"
#include "lab/predicate.h"
#include "lab/words.h"

enum { TEXT_BYTES = 8192, PATH_BYTES = 512, SET_MAX = 64, KEPT_MAX = 512, STATES_MAX = 30000 };

static const enum lab_set sets[] = {LAB_SET_LOST, LAB_SET_LEFT, LAB_SET_DROPPED};

static const char *const kinds[] = {"lost", "good", "storm", "starve", "spin"};

/* What scenarios say of themselves: the first three are the sets above. */
static const char *const events[] = {"lost",   "left", "dropped", "storm",
                                     "starve", "spin", "hang"};

enum { SETS = 3, KINDS = 5, EVENTS = 7 };

struct found {
    uint32_t item[SET_MAX]; /* signatures of outcomes, sorted */
    unsigned n;
    unsigned kinds;       /* bits, as above */
    unsigned ever, never; /* bits of events: in some outcome; missing in some outcome */
    unsigned most;        /* tokens that are lost at once */
    unsigned tokens;
    uint64_t states;
};

struct kept {
    struct found found;
    uint32_t member;
};

/* Tokens in @set, six bits: of the device with fewer and of the other. */
static uint32_t counts_of(const struct lab_outcome *outcome, enum lab_set set, unsigned tokens,
                          unsigned each)
{
    unsigned n[2] = {0};

    for (unsigned i = 1; i <= tokens; i++)
        n[(i - 1) / each] += lab_set_has(outcome, set, i);
    return n[0] < n[1] ? n[0] << 3 | n[1] : n[1] << 3 | n[0];
}

static void add_item(struct found *found, uint32_t item)
{
    unsigned at = found->n;

    for (unsigned i = 0; i < found->n; i++)
        if (found->item[i] == item)
            return;
    assert(found->n < SET_MAX);
    for (found->n++; at > 0 && found->item[at - 1] > item; at--)
        found->item[at] = found->item[at - 1];
    found->item[at] = item;
}

static void add_outcome(struct found *found, const struct lab_outcome *outcome, unsigned each)
{
    uint32_t item = outcome->end | (uint32_t)(outcome->hang != 0) << 3;
    unsigned lost = 0, now = 0;
    bool quiet = outcome->end == SIM_END_QUIET;

    for (unsigned s = 0; s < SETS; s++) {
        uint32_t counts = counts_of(outcome, sets[s], found->tokens, each);
        item = item << 6 | counts;
        now |= (unsigned)(counts != 0) << s;
    }
    for (unsigned i = 1; i <= found->tokens; i++)
        lost += lab_set_has(outcome, LAB_SET_LOST, i);
    now |= (unsigned)(outcome->end == SIM_END_STORM) << 3 |
           (unsigned)(outcome->end == SIM_END_STARVE) << 4 |
           (unsigned)(outcome->end == SIM_END_SPIN) << 5 | (unsigned)(outcome->hang != 0) << 6;
    found->most = lost > found->most ? lost : found->most;
    found->ever |= now;
    found->never |= ~now;
    found->kinds |=
        (unsigned)(quiet && lost) | (unsigned)(quiet && !lost) << 1 | (now >> 3 & 7u) << 2;
    add_item(found, item);
}

/* Explores the scenario in the file.  False: it has too many states. */
static bool explore(const char *path, unsigned each, struct found *ret)
{
    static struct lab_loaded loaded;
    struct lab_load_options load = {0};
    struct lab_explore_options options = {.states = STATES_MAX};
    struct lab_explored explored;
    struct lab_program *program;
    bool complete;

    memset(&loaded, 0, sizeof(loaded));
    assert(lab_load(&loaded, path, &load) == LAB_EXIT_OK);
    assert(lab_load_point(&loaded, 0, &program) == LAB_EXIT_OK);
    lab_unload(&loaded);
    assert(lab_explore(program, &options, &explored) == 0);
    complete = explored.complete;
    *ret = (struct found){.tokens = program->tokens, .states = explored.states};
    for (size_t i = 0; i < explored.outcomes.n && complete; i++)
        add_outcome(ret, &explored.outcomes.item[i], each);
    lab_explored_free(&explored);
    free(program);
    return complete;
}

static bool same(const struct found *a, const struct found *b)
{
    return a->n == b->n && !memcmp(a->item, b->item, a->n * sizeof(a->item[0]));
}

static void put_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    if (!file || fputs(text, file) < 0 || fclose(file) != 0) {
        perror(path);
        exit(1);
    }
}

/* The question, and the answers of which exactly one is right. */
static void put_question(const struct found *found, char *text, size_t size)
{
    static const char *const answer[] = {
        "All is read, in every order", "It comes to rest, but in some orders something is lost",
        "It comes to rest, but something is lost in every order",
        "There are orders in which it never comes to rest"};
    unsigned right = found->kinds >> 2         ? 3
                     : (found->kinds & 1) == 0 ? 0
                     : (found->kinds & 2) != 0 ? 1
                                               : 2;

    lab_words_add(text, size, "question \"What can become of what arrives?\";\n");
    for (unsigned i = 0; i < sizeof(answer) / sizeof(answer[0]); i++)
        lab_words_add(text, size, "answer \"%s\"%s;\n", answer[i],
                      i == right ? " correct" : "");
}

static void put_scenario(const struct kept *kept, char *text, size_t size)
{
    struct lab_family family = lab_family_member(kept->member);
    const struct found *found = &kept->found;
    char name[256];

    lab_family_name(&family, name, sizeof(name));
    lab_words_set(text, size, "irqlab 1;\ntitle \"%s\";\n", name);
    put_question(found, text, size);
    lab_family_system(&family, text, size);
    for (unsigned i = 0; i < EVENTS; i++)
        lab_words_add(text, size, "expect %s %s;\n",
                      (found->ever >> i & 1) == 0    ? "never"
                      : (found->never >> i & 1) != 0 ? "sometimes"
                                                     : "always",
                      events[i]);
    if (found->most > 0 && found->most < found->tokens)
        lab_words_add(text, size, "expect never count(lost) > %u;\n", found->most);
}

/* Writes a kept scenario and reads it back.  False: it is another one then. */
static bool write_kept(const char *folder, const struct kept *kept)
{
    char text[TEXT_BYTES], path[PATH_BYTES], name[64] = "";
    struct found again;

    for (unsigned i = 0; i < KINDS; i++)
        if (kept->found.kinds >> i & 1)
            lab_words_add(name, sizeof(name), "%s-", kinds[i]);
    lab_words_add(name, sizeof(name), "%05u", (unsigned)kept->member);
    snprintf(path, sizeof(path), "%s/%s.lab", folder, name);
    put_scenario(kept, text, sizeof(text));
    put_file(path, text);
    if (!explore(path, lab_family_member(kept->member).tokens, &again) ||
        !same(&again, &kept->found)) {
        printf("%s: read back it has another set of outcomes\n", path);
        return false;
    }
    printf("%s", name);
    for (unsigned i = 0; i < again.n; i++)
        printf("%c%06x", i ? ',' : ' ', (unsigned)again.item[i]);
    printf("\n");
    return true;
}

/* Keeps a member if its set is new, or if it is smaller than the one that has it. */
static void keep(struct kept *kept, unsigned *n, const struct found *found, uint32_t member)
{
    unsigned at = 0;

    while (at < *n && !same(&kept[at].found, found))
        at++;
    if (at < *n && kept[at].found.states <= found->states)
        return;
    assert(at < KEPT_MAX);
    *n += at == *n;
    kept[at] = (struct kept){*found, member};
}

int main(int argc, char **argv)
{
    static struct kept kept[KEPT_MAX];
    uint32_t every = argc > 2 ? (uint32_t)strtoul(argv[2], 0, 10) : 1;
    unsigned n = 0, seen = 0, large = 0, bad = 0;
    char text[TEXT_BYTES], path[PATH_BYTES];

    if (argc < 2 || every == 0) {
        fprintf(stderr, "usage: generate FOLDER [EVERY]\n");
        return 2;
    }
    snprintf(path, sizeof(path), "%s/member", argv[1]);
    for (uint32_t member = 0; member < lab_family_count(); member += every) {
        struct lab_family family = lab_family_member(member);
        struct found found;
        lab_family_text(&family, text, sizeof(text));
        put_file(path, text);
        seen++;
        if (explore(path, family.tokens, &found))
            keep(kept, &n, &found, member);
        else
            large++;
    }
    remove(path);
    for (unsigned i = 0; i < n; i++)
        bad += !write_kept(argv[1], &kept[i]);
    printf("%u members, %u too large, %u sets of outcomes\n", seen, large, n);
    return bad ? 1 : 0;
}
