/*
 * tests/differential/differ.c - the same probe script on the models (`--as qemu`) and on QEMU,
 * line by line; a script that differs is shrunk until every line of it is needed.
 *
 *   differ [OPTION...] MACHINE [FILE...]
 *
 *   --seed N      of the first random script (1); the next ones count on
 *   --ops N       operations of each (2000)
 *   --scripts N   how many (1)
 *   --shows       each FILE bears the name of a policy row and shows it: turned the other way
 *                 round the answers are others
 *   --rows        also turn each row of policies the other way round: a row that changes
 *                 nothing was not hit
 *   --pin         fail also under a QEMU that is not the one the models are made after
 *
 * Exit: 0 equal, 1 a difference or a row that was not hit, 77 QEMU is not here.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lab/core/text.h"
#include "tests/differential/generate.h"
#include "tests/differential/qemu.h"

enum { EQUAL = 0, DIFFERENT = 1, CANNOT = 77, TRIES_MAX = 20000 };

struct options {
    uint64_t seed;
    uint32_t ops, scripts;
    bool rows, shows, pin;
};

/* A script and what both sides make of it. */
struct run {
    const struct lab_probe_machine *machine;
    struct lab_probe_script script;
    char (*model)[LAB_PROBE_LINE];
    char (*qemu)[LAB_PROBE_LINE];
    uint32_t done; /* lines of QEMU */
};

static void *must(void *memory)
{
    if (!memory) {
        fputs("differ: no memory\n", stderr);
        exit(3);
    }
    return memory;
}

static void on_models(const struct run *run, uint64_t flip, char (*ret_line)[LAB_PROBE_LINE])
{
    struct lab_probe *probe = must(lab_probe_open(run->machine, true, flip));

    for (uint32_t i = 0; i < run->script.count; i++)
        lab_probe_step(probe, &run->script.operation[i], ret_line[i]);
    lab_probe_close(probe);
}

static bool on_qemu(struct run *run)
{
    struct test_qemu *qemu = test_qemu_open(run->machine);

    run->done = 0;
    if (!qemu)
        return false;
    test_qemu_replay(qemu, &run->script, run->qemu, &run->done);
    test_qemu_close(qemu);
    return true;
}

/* The first line in which they differ; the script's length if there is none. */
static uint32_t first_difference(const struct run *run)
{
    for (uint32_t i = 0; i < run->script.count; i++)
        if (i >= run->done || strcmp(run->model[i], run->qemu[i]) != 0)
            return i;
    return run->script.count;
}

/* ---- shrinking ---- */

/* Does the script still differ, and in the last line?  It is cut behind the difference. */
static bool still_differs(struct run *run)
{
    on_models(run, 0, run->model);
    if (!on_qemu(run))
        return false;
    uint32_t at = first_difference(run);
    if (at == run->script.count)
        return false;
    run->script.count = at + 1;
    return true;
}

/* Is a name used that nothing sets any more? */
static bool lacks_a_name(const struct lab_probe_script *script)
{
    uint8_t set[LAB_PROBE_NAMES + 1] = {1};

    for (uint32_t i = 0; i < script->count; i++) {
        if (!set[script->operation[i].from])
            return true;
        set[script->operation[i].to] = 1;
    }
    return false;
}

/* Leaves out @count operations from @at on if the rest still differs. */
static bool leave_out(struct run *run, uint32_t at, uint32_t count)
{
    struct lab_probe_script kept = run->script;
    struct lab_probe_operation *copy = must(malloc((kept.count + 1) * sizeof(*copy)));
    bool differs;

    memcpy(copy, kept.operation, at * sizeof(*copy));
    memcpy(copy + at, kept.operation + at + count, (kept.count - at - count) * sizeof(*copy));
    run->script.operation = copy;
    run->script.count = kept.count - count;
    differs = !lacks_a_name(&run->script) && still_differs(run);
    free(differs ? kept.operation : copy);
    if (!differs)
        run->script = kept;
    return differs;
}

/* Halves, quarters, ... single operations, until nothing can be left out. */
static void shrink(struct run *run)
{
    uint32_t tries = 0;

    if (!still_differs(run))
        return;
    for (uint32_t size = run->script.count / 2; size; size = size > 1 ? (size + 1) / 2 : 0)
        for (uint32_t end = run->script.count; end > 0 && tries < TRIES_MAX; tries++) {
            uint32_t at = end > size ? end - size : 0;
            if (leave_out(run, at, end - at) && end > run->script.count)
                at = run->script.count;
            end = at;
        }
    still_differs(run);
}

static void print_difference(struct run *run)
{
    uint32_t last = run->script.count - 1;

    printf("machine %s\n", run->machine->name);
    for (uint32_t i = 0; i < last; i++)
        puts(run->model[i]);
    printf("model: %s\nQEMU:  %s\n", run->model[last],
           last < run->done ? run->qemu[last] : "(ended)");
}

/* ---- comparing ---- */

static int compare(const struct lab_probe_machine *machine, const char *name, const char *text,
                   uint64_t *hit)
{
    struct run run = {.machine = machine};
    struct lab_diags *diags = must(calloc(1, sizeof(*diags)));
    int code = EQUAL;
    unsigned rows;

    if (!lab_probe_parse(machine, name, text, strlen(text), diags, &run.script)) {
        printf("%s: line %u: %s\n", name, (unsigned)diags->item[0].span.line,
               diags->item[0].message);
        exit(2);
    }
    free(diags);
    run.model = must(calloc(run.script.count + 1, sizeof(*run.model)));
    run.qemu = must(calloc(run.script.count + 1, sizeof(*run.qemu)));
    on_models(&run, 0, run.model);
    if (!on_qemu(&run)) {
        code = CANNOT;
    } else if (first_difference(&run) < run.script.count) {
        printf("%s: differs in line %u, shrinking\n", name,
               (unsigned)run.script.operation[first_difference(&run)].line);
        shrink(&run);
        print_difference(&run);
        code = DIFFERENT;
    }
    sim_policies((enum sim_machine)machine->machine, &rows);
    for (unsigned row = 0; hit && row < rows && code == EQUAL; row++)
        if (!(*hit >> row & 1)) {
            on_models(&run, UINT64_C(1) << row, run.qemu);
            if (first_difference(&run) < run.script.count)
                *hit |= UINT64_C(1) << row;
        }
    free(run.script.operation);
    free(run.model);
    free(run.qemu);
    return code;
}

/* Rows that no script can show: what they need a probe has no operation for, or not there. */
static const struct {
    const char *row;
    const char *machine; /* 0: any */
    const char *needs;
} not_probed[] = {
    {"pl011-rx-at-one", 0, "a byte on the wire"},
    {"pl011-no-timeout", 0, "a byte on the wire"},
    {"pl011-byte-waits", 0, "a byte on the wire"},
    {"pl011-fen-keeps-flags", 0, "a byte on the wire"},
    {"cmsdk-uart-byte-waits", 0, "a byte on the wire"},
    {"ns16550-byte-waits", 0, "a byte on the wire"},
    {"gic-pending-per-target", 0, "two CPUs"},
    {"gic-no-aliases", "gicv1", "a GIC of version 2"},
    {"gic-active-per-cpu", "gicv1", "a GIC of version 2"},
    {"gic-group-off-blocks", "gicv1", "a GIC of version 2"},
    {"gic-v1-senders", "gicv2", "a GIC of version 1"},
    {"gic-v1-senders", "gicv2-sp804", "a GIC of version 1"},
};

/* Is the row that of a chip which other boards have?  Its name starts with the chip's. */
static bool is_chip_elsewhere(const struct lab_probe_machine *machine, const char *row)
{
    bool named = false, here = false;

    for (unsigned other = 0; other < SIM_MACHINES; other++) {
        const struct sim_chip *chip;
        for (unsigned i = 0; (chip = sim_chip((enum sim_machine)other, i)); i++) {
            bool hit = strncmp(row, chip->name, strlen(chip->name)) == 0 &&
                       row[strlen(chip->name)] == '-';
            named |= hit;
            here |= hit && other == machine->machine;
        }
    }
    return named && !here;
}

/* Is the row that of a device the board does not have?  Its name starts with the model's. */
static bool is_elsewhere(const struct lab_probe_machine *machine, const char *row)
{
    bool named = strncmp(row, "line-", 5) == 0, here = named && machine->device[0].base;

    for (unsigned model = 0; model < SIM_MODELS; model++) {
        const char *name = sim_model_name((enum sim_model)model);
        if (strncmp(row, name, strlen(name)) != 0 || row[strlen(name)] != '-' ||
            !sim_registers((enum sim_model)model, &(unsigned){0}))
            continue;
        named = true;
        for (unsigned i = 0; i < LAB_PROBE_DEVICES && machine->device[i].base; i++)
            here |= machine->device[i].model == model;
    }
    return named && !here;
}

static const char *needs(const struct lab_probe_machine *machine, const char *row)
{
    if (is_elsewhere(machine, row) || is_chip_elsewhere(machine, row))
        return "not on this board";
    for (size_t i = 0; i < sizeof(not_probed) / sizeof(not_probed[0]); i++)
        if (strcmp(not_probed[i].row, row) == 0 &&
            (!not_probed[i].machine || strcmp(not_probed[i].machine, machine->name) == 0))
            return not_probed[i].needs;
    return 0;
}

/* Every row in which QEMU is not the data sheet must have changed the answer of a script. */
static int report_rows(const struct lab_probe_machine *machine, uint64_t hit)
{
    unsigned count;
    const struct sim_policy *rows = sim_policies((enum sim_machine)machine->machine, &count);
    int code = EQUAL;

    for (unsigned i = 0; i < count; i++) {
        const char *why = needs(machine, rows[i].name);
        bool is_hit = hit >> i & 1;
        bool matters = rows[i].qemu != rows[i].architecture && !why;
        printf("  %-24s %s", rows[i].name, is_hit ? "hit" : matters ? "NOT HIT" : "not probed");
        if (!is_hit && !matters)
            printf(": %s", needs(machine, rows[i].name) ? needs(machine, rows[i].name)
                                                        : "QEMU is as the data sheet");
        putchar('\n');
        if (!is_hit && matters)
            code = DIFFERENT;
    }
    return code;
}

/* Does the script @file show the row that it is named after? */
static int shows(const struct lab_probe_machine *machine, const char *file, uint64_t hit)
{
    const char *stem = strrchr(file, '/') ? strrchr(file, '/') + 1 : file;
    unsigned count;
    const struct sim_policy *rows = sim_policies((enum sim_machine)machine->machine, &count);

    for (unsigned i = 0; i < count; i++)
        if (lab_text_is(rows[i].name, stem, strcspn(stem, "."))) {
            printf("%s: %s\n", file, hit >> i & 1 ? "shows it" : "does not show it");
            return hit >> i & 1 ? EQUAL : DIFFERENT;
        }
    printf("%s: no policy of this name\n", file);
    return DIFFERENT;
}

static char *read_file(const char *name)
{
    FILE *stream = fopen(name, "rb");
    char *text = must(calloc(1, 1 << 24));

    if (!stream || fread(text, 1, (1 << 24) - 1, stream) == 0) {
        printf("differ: cannot read %s\n", name);
        exit(2);
    }
    fclose(stream);
    return text;
}

static int random_scripts(const struct lab_probe_machine *machine,
                          const struct options *options, uint64_t *hit)
{
    char name[64];

    for (uint32_t i = 0; i < options->scripts; i++) {
        char *text = must(test_generate(machine, options->seed + i, options->ops));
        snprintf(name, sizeof(name), "%s seed %" PRIu64, machine->name, options->seed + i);
        int code = compare(machine, name, text, hit);
        free(text);
        if (code != EQUAL)
            return code;
    }
    printf("%s: %" PRIu32 " scripts of %" PRIu32 " operations from seed %" PRIu64
           " on are equal\n",
           machine->name, options->scripts, options->ops, options->seed);
    return EQUAL;
}

static void parse(int argc, char **argv, struct options *ret)
{
    static const struct option long_options[] = {
        {"seed", required_argument, 0, 's'},
        {"ops", required_argument, 0, 'o'},
        {"scripts", required_argument, 0, 'n'},
        {"rows", no_argument, 0, 'r'},
        {"pin", no_argument, 0, 'p'},
        {"shows", no_argument, 0, 'w'},
        {0, 0, 0, 0},
    };
    int id;

    *ret = (struct options){.seed = 1, .ops = 2000, .scripts = 1};
    while ((id = getopt_long(argc, argv, "", long_options, 0)) != -1) {
        if (id == 's')
            ret->seed = strtoull(optarg, 0, 0);
        else if (id == 'o')
            ret->ops = (uint32_t)strtoul(optarg, 0, 0);
        else if (id == 'n')
            ret->scripts = (uint32_t)strtoul(optarg, 0, 0);
        else if (id == 'r')
            ret->rows = true;
        else if (id == 'w')
            ret->shows = true;
        else if (id == 'p')
            ret->pin = true;
        else
            exit(2);
    }
}

int main(int argc, char **argv)
{
    struct options options;
    const struct lab_probe_machine *machine;
    char version[32];
    uint64_t hit = 0;
    int code = EQUAL;

    parse(argc, argv, &options);
    machine = optind < argc ? lab_probe_find(argv[optind], strlen(argv[optind])) : 0;
    if (!machine) {
        fputs("usage: differ [--seed N] [--ops N] [--scripts N] [--rows] MACHINE [FILE...]\n",
              stderr);
        return 2;
    }
    bool pinned = test_qemu_is_pinned(machine, version, sizeof(version));
    for (int i = optind + 1; i < argc && code == EQUAL; i++) {
        char *text = read_file(argv[i]);
        hit = options.shows ? 0 : hit;
        code = compare(machine, argv[i], text, options.rows || options.shows ? &hit : 0);
        if (code == EQUAL && options.shows)
            code = shows(machine, argv[i], hit);
        free(text);
    }
    if (code == EQUAL && (optind + 1 == argc || options.rows))
        code = random_scripts(machine, &options, options.rows ? &hit : 0);
    if (code == EQUAL && options.rows)
        code = report_rows(machine, hit);
    if (code == CANNOT)
        printf("%s cannot be started here\n", machine->qemu[0]);
    if (code == DIFFERENT && !pinned && !options.pin) {
        printf("This is QEMU %s, the models are made after 7.2.22: reported, not failed.\n",
               version);
        return EQUAL;
    }
    return code;
}
