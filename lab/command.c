/* lab/command.c - see command.h. */
#include "lab/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/arguments.h"
#include "lab/catalog.h"
#include "lab/core/diag.h"
#include "lab/interactive.h"
#include "lab/litmus.h"
#include "lab/matrix.h"
#include "lab/mount.h"
#include "lab/probe.h"
#include "lab/run.h"
#include "lab/search.h"
#include "lab/shelf.h"
#include "lab/why.h"

#ifndef LAB_VERSION
#define LAB_VERSION "0.1.0"
#endif

struct subcommand {
    const char *name;
    unsigned who; /* 0: not built yet */
    int (*act)(const struct lab_arguments *arguments, const struct lab_style *style);
    const char *usage;
};

static const char help_text[] =
    "irqlab: a laboratory for edge and level\n"
    "\n"
    "  irqlab run shared-line                      one run at every point, as a picture\n"
    "  irqlab explore shared-line -D mode=edge     every interleaving: always, sometimes, "
    "never\n"
    "  irqlab run --on qemu --machine virt NAME    the same on QEMU, bare-metal\n"
    "\n"
    "Usage:\n"
    "  irqlab [run] FILE|NAME...     run scenarios in virtual time\n"
    "      -D KNOB=VALUE             pin a knob\n"
    "      --machine M               another machine than the scenario's\n"
    "      --on sim|qemu[:BOARD]|linux   where it happens (sim)\n"
    "      --runs N                  on linux: how often which outcome, beside what is "
    "allowed\n"
    "      --as qemu                 model QEMU where it differs from the data sheet\n"
    "      --loop ENGINE             what drives its loops: epoll, poll, ...; on linux also\n"
    "                                io_uring, libuv, libev, libevent\n"
    "      --allow-native            load drivers that are shared objects\n"
    "      --schedule S              replay a schedule that explore printed\n"
    "      --skip                    leave out its steps that are not possible\n"
    "      --then explore            and search on from where it leads\n"
    "      --step                    walk by hand\n"
    "      --trace | --json          all events as lines instead of a picture\n"
    "  irqlab explore FILE|NAME...   every interleaving of every point\n"
    "      -D, --machine, --as, --json, --allow-native as above\n"
    "      --memory SIZE             bytes it may take: 512M, 4G\n"
    "      --depth N                 steps from the start\n"
    "      --preempt N               only ways with at most N preemptions\n"
    "      --no-reduce               step through every interleaving, also of equals\n"
    "      --store exact|hash        tell states apart by themselves, or by 128-bit hashes\n"
    "      --threads N               one stores what the others step through\n"
    "      --random N [--seed S]     N walks instead of a search\n"
    "      --timed                   under the clock, in the one order it gives\n"
    "      --check-determinism       replay every schedule that is printed, twice\n"
    "  irqlab why FILE|NAME TOKEN    how the token can be lost, in words\n"
    "  irqlab check FILE|NAME...     only look for errors\n"
    "  irqlab list [scenarios|machines|devices|files]\n"
    "  irqlab list --arena NAME      what the state of a scenario consists of\n"
    "  irqlab probe MACHINE [FILE]   bus operations on a machine's chips, and what they "
    "answer\n"
    "      --as qemu                 as above\n"
    "  irqlab kernel --matrix [FACT...]   what Linux does, on the model and on this Linux\n"
    "      --all                     every line of every fact\n"
    "  irqlab kernel --replay FILE   a call script on both\n"
    "  irqlab mount DIR FILE [COMMAND...]   the devices as files, for any program\n"
    "  irqlab explain NAME           a flow, an event of the trace, a machine, a word\n"
    "\n"
    "Everywhere: --ascii, --width N, --color auto|always|never, --help, --version\n"
    "FILE - is standard input; NAME is looked up in IRQLAB_SCENARIOS or the installed folder.\n"
    "Exit: 0 expectations hold, 1 one failed, 2 usage or scenario error, 3 internal error,\n"
    "4 inconclusive, 77 cannot run here.\n";

/* ---- the subcommands ---- */

/* Of several exit codes the one that matters most. */
static int worse(int one, int two)
{
    static const int rank[] = {LAB_EXIT_OK,     LAB_EXIT_CANNOT, LAB_EXIT_INCONCLUSIVE,
                               LAB_EXIT_FAILED, LAB_EXIT_USAGE,  LAB_EXIT_INTERNAL};

    for (size_t i = sizeof(rank) / sizeof(rank[0]); i-- > 0;) {
        if (one == rank[i] || two == rank[i])
            return rank[i];
    }
    return LAB_EXIT_INTERNAL;
}

static int act_litmus(const struct lab_arguments *arguments, const struct lab_style *style)
{
    struct lab_litmus_options options = {
        .load = arguments->load, .runs = arguments->runs, .style = *style};
    int code = LAB_EXIT_OK;

    if (arguments->on != LAB_ON_LINUX) {
        fputs("irqlab: --runs counts outcomes of --on linux\n", stderr);
        return LAB_EXIT_USAGE;
    }
    for (int i = 0; i < arguments->count; i++)
        code = worse(code, lab_litmus_scenario(arguments->names[i], &options));
    return code;
}

/* run --schedule S --then explore: as explore, from where the schedule leads. */
static int act_explore(const struct lab_arguments *arguments, const struct lab_style *style);

static int act_step(const struct lab_arguments *arguments, const struct lab_style *style)
{
    struct lab_interactive_options options = {
        .load = arguments->load,
        .schedule = arguments->schedule,
        .skip = arguments->skip,
        .style = *style,
    };

    return lab_interactive(arguments->names[0], &options);
}

static int act_run(const struct lab_arguments *arguments, const struct lab_style *style)
{
    struct lab_run_options options = {
        .load = arguments->load,
        .on = arguments->on,
        .board = arguments->board,
        .schedule = arguments->schedule,
        .skip = arguments->skip,
        .trace = arguments->trace,
        .json = arguments->json,
        .style = *style,
    };
    int code = LAB_EXIT_OK;

    if (arguments->runs)
        return act_litmus(arguments, style);
    if (arguments->step)
        return act_step(arguments, style);
    if (arguments->then)
        return act_explore(arguments, style);
    for (int i = 0; i < arguments->count; i++) {
        if (i && !options.json)
            putchar('\n');
        code = worse(code, lab_run_scenario(arguments->names[i], &options));
    }
    return code;
}

static int act_explore(const struct lab_arguments *arguments, const struct lab_style *style)
{
    struct lab_search_options options = {
        .load = arguments->load,
        .memory = arguments->memory,
        .depth = arguments->depth,
        .prints = arguments->prints,
        .no_reduce = arguments->no_reduce,
        .walks = arguments->walks,
        .seed = arguments->seed,
        .timed = arguments->timed,
        .check = arguments->check,
        .threads = (unsigned)arguments->threads,
        .schedule = arguments->schedule,
        .skip = arguments->skip,
        .preempts = arguments->preempts,
        .preempt = arguments->preempt,
        .json = arguments->json,
        .progress = isatty(STDERR_FILENO) == 1,
        .style = *style,
    };
    int code = LAB_EXIT_OK;

    for (int i = 0; i < arguments->count; i++) {
        if (i && !options.json)
            putchar('\n');
        code = worse(code, lab_search_scenario(arguments->names[i], &options));
    }
    return code;
}

static int check_one(const char *name, const struct lab_load_options *options)
{
    struct lab_loaded *loaded = calloc(1, sizeof(*loaded));
    int code;

    if (!loaded)
        return LAB_EXIT_INTERNAL;
    code = lab_load(loaded, name, options);
    for (uint32_t i = 0; i < loaded->points && code == LAB_EXIT_OK; i++)
        code = lab_load_check(loaded, i);
    if (code == LAB_EXIT_OK && !options->json)
        printf("%s: fine, %u %s\n", loaded->path, (unsigned)loaded->points,
               loaded->points == 1 ? "point" : "points");
    lab_unload(loaded);
    free(loaded);
    return code;
}

static int act_check(const struct lab_arguments *arguments, const struct lab_style *style)
{
    int code = LAB_EXIT_OK;

    (void)style;
    for (int i = 0; i < arguments->count; i++)
        code = worse(code, check_one(arguments->names[i], &arguments->load));
    return code;
}

static int act_list(const struct lab_arguments *arguments, const struct lab_style *style)
{
    int code = LAB_EXIT_OK;

    if (arguments->arena)
        return lab_list_arena(arguments->arena);
    if (arguments->count == 0)
        return lab_list(style, 0);
    for (int i = 0; i < arguments->count; i++)
        code = worse(code, lab_list(style, arguments->names[i]));
    return code;
}

static int act_explain(const struct lab_arguments *arguments, const struct lab_style *style)
{
    int code = LAB_EXIT_OK;

    for (int i = 0; i < arguments->count; i++)
        code = worse(code, lab_explain(style, arguments->names[i]));
    return code;
}

static int act_probe(const struct lab_arguments *arguments, const struct lab_style *style)
{
    (void)style;
    if (arguments->count > 2) {
        fputs("usage: irqlab probe MACHINE [--as architecture|qemu] [FILE]\n", stderr);
        return LAB_EXIT_USAGE;
    }
    return lab_probe_command(arguments->names[0],
                             arguments->count > 1 ? arguments->names[1] : 0,
                             arguments->load.as_qemu);
}

static int act_kernel(const struct lab_arguments *arguments, const struct lab_style *style)
{
    struct lab_matrix_options options = {
        .json = arguments->json,
        .all = arguments->all,
        .ids = arguments->names,
        .count = arguments->count,
        .style = *style,
    };

    if (arguments->replay)
        return lab_replay_script(arguments->replay, &options);
    if (arguments->matrix)
        return lab_matrix(&options);
    fputs("usage: irqlab kernel --matrix [FACT...] | --replay FILE\n", stderr);
    return LAB_EXIT_USAGE;
}

static int act_mount(const struct lab_arguments *arguments, const struct lab_style *style)
{
    struct lab_mount_options options = {
        .load = arguments->load,
        .style = *style,
        .directory = arguments->names[0],
        .command = arguments->count > 2 ? arguments->names + 2 : 0,
    };

    if (arguments->count < 2) {
        fputs("usage: irqlab mount DIR FILE [COMMAND...]\n", stderr);
        return LAB_EXIT_USAGE;
    }
    return lab_mount_scenario(arguments->names[1], &options);
}

static int act_why(const struct lab_arguments *arguments, const struct lab_style *style)
{
    struct lab_why_options options = {
        .load = arguments->load, .memory = arguments->memory, .style = *style};

    if (arguments->count != 2) {
        fputs("usage: irqlab why FILE|NAME TOKEN\n", stderr);
        return LAB_EXIT_USAGE;
    }
    return lab_why(arguments->names[0], arguments->names[1], &options);
}

static const struct subcommand subcommand_row[] = {
    {"run", LAB_FOR_RUN, act_run, "irqlab run FILE|NAME..."},
    {"explore", LAB_FOR_EXPLORE, act_explore, "irqlab explore FILE|NAME..."},
    {"check", LAB_FOR_CHECK, act_check, "irqlab check FILE|NAME..."},
    {"list", LAB_FOR_LIST, act_list, "irqlab list [scenarios|machines|devices|files]"},
    {"explain", LAB_FOR_EXPLAIN, act_explain, "irqlab explain NAME"},
    {"probe", LAB_FOR_PROBE, act_probe, "irqlab probe MACHINE [--as architecture|qemu] [FILE]"},
    {"kernel", LAB_FOR_KERNEL, act_kernel, "irqlab kernel --matrix [FACT...] | --replay FILE"},
    {"mount", LAB_FOR_MOUNT, act_mount, "irqlab mount DIR FILE [COMMAND...]"},
    {"conform", 0, 0, 0},
    {"why", LAB_FOR_WHY, act_why, "irqlab why FILE|NAME TOKEN"},
    {"diff", 0, 0, 0},
    {"ask", 0, 0, 0},
    {"quiz", 0, 0, 0},
    {"fmt", 0, 0, 0},
    {"page", 0, 0, 0},
};

enum { SUBCOMMANDS = sizeof(subcommand_row) / sizeof(subcommand_row[0]) };

/* ---- the command line ---- */

static int perform(const struct subcommand *subcommand, int argc, char **argv)
{
    struct lab_arguments arguments = {0};
    struct lab_style style;
    int code = lab_arguments_read(&arguments, subcommand->name, subcommand->who, argc, argv);

    if (code != LAB_EXIT_OK)
        return code;
    if (arguments.help || arguments.version) {
        fputs(arguments.help ? help_text : "irqlab " LAB_VERSION "\n", stdout);
        return LAB_EXIT_OK;
    }
    if (arguments.count == 0 && !(subcommand->who & (LAB_FOR_LIST | LAB_FOR_KERNEL))) {
        fprintf(stderr, "usage: %s\n", subcommand->usage);
        return LAB_EXIT_USAGE;
    }
    lab_style_detect(&style, stdout, arguments.colour, arguments.ascii, arguments.width);
    return subcommand->act(&arguments, &style);
}

/* `irqlab FILE` runs it: a path, standard input, or a name on the shelf. */
static bool is_scenario(const char *word)
{
    struct lab_shelf shelf;
    bool found;

    if (strcmp(word, "-") == 0 || strchr(word, '/') || strchr(word, '.') ||
        access(word, F_OK) == 0)
        return true;
    if (!lab_shelf_open(&shelf, lab_shelf_folder()))
        return false;
    found = lab_shelf_find(&shelf, word) != 0;
    lab_shelf_close(&shelf);
    return found;
}

static int refuse_word(const char *word)
{
    struct lab_near near = {0};

    for (unsigned i = 0; i < SUBCOMMANDS; i++)
        lab_near_try(&near, word, strlen(word), subcommand_row[i].name);
    fprintf(stderr, "irqlab: no command and no scenario '%s'", word);
    if (near.name)
        fprintf(stderr, ", did you mean '%s'?\n", near.name);
    else
        fputs("; 'irqlab --help' shows the commands\n", stderr);
    return LAB_EXIT_USAGE;
}

int lab_command(int argc, char **argv)
{
    if (argc < 2) {
        fputs(help_text, stderr);
        return LAB_EXIT_USAGE;
    }
    for (unsigned i = 0; i < SUBCOMMANDS; i++) {
        if (strcmp(argv[1], subcommand_row[i].name) != 0)
            continue;
        if (!subcommand_row[i].who)
            return lab_refuse_not_built(argv[1], "");
        return perform(&subcommand_row[i], argc - 1, argv + 1);
    }
    if (argv[1][0] != '-' && !is_scenario(argv[1]))
        return refuse_word(argv[1]);
    return perform(&subcommand_row[0], argc, argv);
}
