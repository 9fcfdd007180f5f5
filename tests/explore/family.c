/*
 * tests/explore/family.c - the explorer against a model of its own on generated scenarios.
 *
 *   family FIRST COUNT       seeds FIRST .. FIRST + COUNT - 1
 *   family SEED              prints that scenario and both opinions
 *   family --macros SEED     for spin.sh: the scenario for another checker, and its classes
 *
 * Says which seed is the first of each kind of outcome: one scenario per distinct set.
 *
 * Lost or never lost, or both kinds of end; storm, starve and spin: the same for all of them,
 * reduced and not.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/explore.h"
#include "lab/load.h"
#include "tests/explore/model.h"

enum { TEXT_BYTES = 8192 };

static struct lab_program *compile(const char *path)
{
    static struct lab_loaded loaded;
    struct lab_load_options options = {0};
    struct lab_program *program;

    memset(&loaded, 0, sizeof(loaded));
    assert(lab_load(&loaded, path, &options) == LAB_EXIT_OK);
    assert(lab_load_point(&loaded, 0, &program) == LAB_EXIT_OK);
    lab_unload(&loaded);
    return program;
}

static struct model_classes classes_of(const struct lab_program *program, bool reduce,
                                       bool prints)
{
    struct lab_explore_options options = {.reduce = reduce, .prints = prints};
    struct lab_explored explored;
    struct model_classes found = {0};

    assert(lab_explore(program, &options, &explored) == 0);
    assert(explored.complete);
    for (size_t i = 0; i < explored.outcomes.n; i++) {
        const struct lab_outcome *outcome = &explored.outcomes.item[i];
        bool lost = false;
        for (unsigned token = 1; token <= program->tokens; token++)
            lost |= lab_fate_lost(outcome->fate[token]) != 0;
        found.lost |= outcome->end == SIM_END_QUIET && lost;
        found.good |= outcome->end == SIM_END_QUIET && !lost;
        found.storm |= outcome->end == SIM_END_STORM;
        found.starve |= outcome->end == SIM_END_STARVE;
        found.spin |= outcome->end == SIM_END_SPIN;
    }
    found.states = explored.states;
    lab_explored_free(&explored);
    return found;
}

static bool same(const struct model_classes *a, const struct model_classes *b)
{
    return a->lost == b->lost && a->good == b->good && a->storm == b->storm &&
           a->starve == b->starve && a->spin == b->spin;
}

static void print(const char *who, const struct model_classes *c)
{
    printf("  %-10s%s%s%s%s%s (%zu states)\n", who, c->lost ? " lost" : "",
           c->good ? " good" : "", c->storm ? " storm" : "", c->starve ? " starve" : "",
           c->spin ? " spin" : "", c->states);
}

static struct lab_program *compile_text(const char *text)
{
    struct lab_program *program;
    char path[64];
    FILE *file;

    snprintf(path, sizeof(path), "/tmp/irqlab-family-%ld", (long)getpid());
    file = fopen(path, "w");
    assert(file && fputs(text, file) >= 0 && fclose(file) == 0);
    program = compile(path);
    unlink(path);
    return program;
}

/* The scenario as macros for family.pml, and what another checker can see of its classes. */
static void print_macros(uint64_t seed)
{
    struct lab_family f = lab_family_of(seed);
    struct model_classes plain;
    struct lab_program *program;
    char text[TEXT_BYTES];

    lab_family_text(&f, text, sizeof(text));
    program = compile_text(text);
    plain = classes_of(program, false, false);
    free(program);
    printf("-DDEVICES=%u -DTOKENS=%u -DFIFO=%u -DQUEUE=%u -DEDGE=%u -DFORGETS=%u -DLATCHED=%u "
           "-DCLEARS=%u -DCLEARS_LAST=%u -DDRAINS=%u -DSCANS=%u -DEOI_FIRST=%u -DTHREADED=%u "
           "-DUNMASK_FIRST=%u -DEPOLL=%u -DREADER=%u -DCHUNK=%u -DREADERS=%u -DCPUS=%u\n",
           f.devices, f.tokens, f.fifo, f.queue, f.edge, f.forgets, f.latched, f.clears,
           f.clears_last, f.drains, f.scans, f.eoi_first, f.threaded, f.unmask_first, f.epoll,
           f.reader, f.chunk, f.readers, f.cpus);
    printf("%s%s%s%s\n", plain.lost ? " lost" : "", plain.good ? " good" : "",
           plain.storm || plain.starve ? " storm-or-starve" : "", plain.spin ? " spin" : "");
}

static bool check(uint64_t seed, bool aloud, unsigned seen[32])
{
    struct lab_family family = lab_family_of(seed);
    struct model_classes model = model_explore(&family), plain, reduced;
    char text[TEXT_BYTES];
    struct lab_program *program;
    unsigned kind;
    bool good;

    lab_family_text(&family, text, sizeof(text));
    program = compile_text(text);
    plain = classes_of(program, false, false);
    reduced = classes_of(program, true, seed % 2);
    free(program);
    good = same(&model, &plain) && same(&plain, &reduced);
    kind = (unsigned)model.lost | (unsigned)model.good << 1 | (unsigned)model.storm << 2 |
           (unsigned)model.starve << 3 | (unsigned)model.spin << 4;
    if (seen[kind]++ == 0) {
        printf("seed %llu is the first that has:", (unsigned long long)seed);
        print("", &model);
    }
    if (good && !aloud)
        return true;
    printf("%sseed %llu\n", text, (unsigned long long)seed);
    print("model", &model);
    print("plain", &plain);
    print("reduced", &reduced);
    return good;
}

static int compare_all(int argc, char **argv)
{
    uint64_t first = argc > 1 ? strtoull(argv[1], 0, 10) : 1;
    uint64_t count = argc > 2 ? strtoull(argv[2], 0, 10) : 1;
    unsigned seen[32] = {0}, kinds = 0, bad = 0;

    for (uint64_t i = 0; i < count; i++)
        bad += !check(first + i, argc == 2, seen);
    for (unsigned i = 0; i < 32; i++)
        kinds += seen[i] != 0;
    printf("%llu scenarios, %u kinds of outcome, %u differences\n", (unsigned long long)count,
           kinds, bad);
    return bad ? 1 : 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--macros") == 0) {
        print_macros(strtoull(argv[2], 0, 10));
        return 0;
    }
    return compare_all(argc, argv);
}
