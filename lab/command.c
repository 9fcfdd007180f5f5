/* lab/command.c - see command.h. */
#include "lab/command.h"

#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/catalog.h"
#include "lab/core/diag.h"
#include "lab/core/names.h"
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

enum option_id {
    OPT_HELP = 'h',
    OPT_DEFINE = 'D',
    OPT_OUTPUT = 'o',
    OPT_VERSION = 256,
    OPT_MACHINE,
    OPT_ON,
    OPT_AS,
    OPT_SCHEDULE,
    OPT_TRACE,
    OPT_JSON,
    OPT_ASCII,
    OPT_WIDTH,
    OPT_COLOUR,
    OPT_MEMORY,
    OPT_DEPTH,
    OPT_ARENA,
    OPT_MATRIX,
    OPT_REPLAY,
    OPT_RUNS,
    OPT_ALL,
    OPT_NO_REDUCE,
    OPT_PREEMPT,
    OPT_RANDOM,
    OPT_SEED,
    OPT_SKIP,
    OPT_THEN,
    OPT_STEP,
    OPT_TIMED,
    OPT_THREADS,
    OPT_CHECK,
    OPT_STORE,
    OPT_LOOP,
    OPT_ALLOW_NATIVE,
    OPT_NOT_BUILT, /* known, of a later issue */
};

/* Which options a subcommand takes. */
enum {
    FOR_RUN = 1,
    FOR_EXPLORE = 2,
    FOR_CHECK = 4,
    FOR_LIST = 8,
    FOR_EXPLAIN = 16,
    FOR_PROBE = 32,
    FOR_KERNEL = 64,
    FOR_MOUNT = 128,
    FOR_WHY = 256
};

enum {
    FOR_ALL = FOR_RUN | FOR_EXPLORE | FOR_CHECK | FOR_LIST | FOR_EXPLAIN | FOR_PROBE |
              FOR_KERNEL | FOR_MOUNT | FOR_WHY
};

static const struct {
    const char *name;
    int argument;
    int id;
    unsigned who;
} option_row[] = {
    {"help", no_argument, OPT_HELP, FOR_ALL},
    {"version", no_argument, OPT_VERSION, FOR_ALL},
    {"machine", required_argument, OPT_MACHINE,
     FOR_RUN | FOR_EXPLORE | FOR_CHECK | FOR_MOUNT | FOR_WHY},
    {"on", required_argument, OPT_ON, FOR_RUN},
    {"as", required_argument, OPT_AS, FOR_RUN | FOR_EXPLORE | FOR_PROBE | FOR_WHY},
    {"schedule", required_argument, OPT_SCHEDULE, FOR_RUN},
    {"trace", no_argument, OPT_TRACE, FOR_RUN},
    {"json", no_argument, OPT_JSON, FOR_RUN | FOR_EXPLORE | FOR_CHECK | FOR_KERNEL},
    {"ascii", no_argument, OPT_ASCII, FOR_ALL},
    {"width", required_argument, OPT_WIDTH, FOR_ALL},
    {"color", required_argument, OPT_COLOUR, FOR_ALL},
    {"memory", required_argument, OPT_MEMORY, FOR_RUN | FOR_EXPLORE | FOR_WHY},
    {"depth", required_argument, OPT_DEPTH, FOR_EXPLORE},
    {"matrix", no_argument, OPT_MATRIX, FOR_KERNEL},
    {"replay", required_argument, OPT_REPLAY, FOR_KERNEL},
    {"all", no_argument, OPT_ALL, FOR_KERNEL},
    {"arena", required_argument, OPT_ARENA, FOR_LIST},
    {"runs", required_argument, OPT_RUNS, FOR_RUN},
    {"seed", required_argument, OPT_SEED, FOR_EXPLORE},
    {"loop", required_argument, OPT_LOOP, FOR_RUN | FOR_EXPLORE},
    {"skip", no_argument, OPT_SKIP, FOR_RUN},
    {"then", required_argument, OPT_THEN, FOR_RUN},
    {"step", no_argument, OPT_STEP, FOR_RUN},
    {"svg", no_argument, OPT_NOT_BUILT, FOR_RUN},
    {"html", no_argument, OPT_NOT_BUILT, FOR_RUN},
    {"vcd", no_argument, OPT_NOT_BUILT, FOR_RUN},
    {"perfetto", no_argument, OPT_NOT_BUILT, FOR_RUN},
    {"wavejson", no_argument, OPT_NOT_BUILT, FOR_RUN},
    {"allow-native", no_argument, OPT_ALLOW_NATIVE,
     FOR_RUN | FOR_EXPLORE | FOR_MOUNT | FOR_WHY},
    {"timed", no_argument, OPT_TIMED, FOR_EXPLORE},
    {"threads", required_argument, OPT_THREADS, FOR_EXPLORE},
    {"check-determinism", no_argument, OPT_CHECK, FOR_EXPLORE},
    {"preempt", required_argument, OPT_PREEMPT, FOR_EXPLORE},
    {"random", required_argument, OPT_RANDOM, FOR_EXPLORE},
    {"no-reduce", no_argument, OPT_NO_REDUCE, FOR_EXPLORE},
    {"store", required_argument, OPT_STORE, FOR_EXPLORE},
};

enum { OPTIONS = sizeof(option_row) / sizeof(option_row[0]) };

/* Everything the options can say. */
struct arguments {
    struct lab_load_options load;
    enum lab_world_kind on;
    const char *board;
    const char *schedule;
    const char *arena;
    const char *replay; /* a call script */
    bool matrix, all;
    bool trace, json, ascii;
    enum lab_colour_mode colour;
    unsigned width;
    uint64_t memory, depth, runs;
    bool no_reduce, prints, preempts, skip, then, step, timed, check;
    uint64_t walks, seed, threads;
    uint32_t preempt;
    char **names;
    int count;
};

struct subcommand {
    const char *name;
    unsigned who; /* 0: not built yet */
    int (*act)(const struct arguments *arguments, const struct lab_style *style);
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

static int act_litmus(const struct arguments *arguments, const struct lab_style *style)
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
static int act_explore(const struct arguments *arguments, const struct lab_style *style);

static int act_step(const struct arguments *arguments, const struct lab_style *style)
{
    struct lab_interactive_options options = {
        .load = arguments->load,
        .schedule = arguments->schedule,
        .skip = arguments->skip,
        .style = *style,
    };

    return lab_interactive(arguments->names[0], &options);
}

static int act_run(const struct arguments *arguments, const struct lab_style *style)
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

static int act_explore(const struct arguments *arguments, const struct lab_style *style)
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

static int act_check(const struct arguments *arguments, const struct lab_style *style)
{
    int code = LAB_EXIT_OK;

    (void)style;
    for (int i = 0; i < arguments->count; i++)
        code = worse(code, check_one(arguments->names[i], &arguments->load));
    return code;
}

static int act_list(const struct arguments *arguments, const struct lab_style *style)
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

static int act_explain(const struct arguments *arguments, const struct lab_style *style)
{
    int code = LAB_EXIT_OK;

    for (int i = 0; i < arguments->count; i++)
        code = worse(code, lab_explain(style, arguments->names[i]));
    return code;
}

static int act_probe(const struct arguments *arguments, const struct lab_style *style)
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

static int act_kernel(const struct arguments *arguments, const struct lab_style *style)
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

static int act_mount(const struct arguments *arguments, const struct lab_style *style)
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

static int act_why(const struct arguments *arguments, const struct lab_style *style)
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
    {"run", FOR_RUN, act_run, "irqlab run FILE|NAME..."},
    {"explore", FOR_EXPLORE, act_explore, "irqlab explore FILE|NAME..."},
    {"check", FOR_CHECK, act_check, "irqlab check FILE|NAME..."},
    {"list", FOR_LIST, act_list, "irqlab list [scenarios|machines|devices|files]"},
    {"explain", FOR_EXPLAIN, act_explain, "irqlab explain NAME"},
    {"probe", FOR_PROBE, act_probe, "irqlab probe MACHINE [--as architecture|qemu] [FILE]"},
    {"kernel", FOR_KERNEL, act_kernel, "irqlab kernel --matrix [FACT...] | --replay FILE"},
    {"mount", FOR_MOUNT, act_mount, "irqlab mount DIR FILE [COMMAND...]"},
    {"conform", 0, 0, 0},
    {"why", FOR_WHY, act_why, "irqlab why FILE|NAME TOKEN"},
    {"diff", 0, 0, 0},
    {"ask", 0, 0, 0},
    {"quiz", 0, 0, 0},
    {"fmt", 0, 0, 0},
    {"page", 0, 0, 0},
};

enum { SUBCOMMANDS = sizeof(subcommand_row) / sizeof(subcommand_row[0]) };

/* ---- refusing ---- */

static int refuse(const char *what, const char *value, const char *hint)
{
    fprintf(stderr, "irqlab: %s '%s'%s%s\n", what, value, hint[0] ? "; " : "", hint);
    return LAB_EXIT_USAGE;
}

static int refuse_not_built(const char *what, const char *value)
{
    fprintf(stderr, "irqlab: not built yet: %s%s\n", what, value);
    return LAB_EXIT_CANNOT;
}

static int refuse_option(const struct subcommand *subcommand, const char *word)
{
    struct lab_near near = {0};
    size_t length = strcspn(word, "=");
    char name[64];

    snprintf(name, sizeof(name), "%.*s", (int)length, word);
    for (unsigned i = 0; i < OPTIONS; i++) {
        if (strncmp(word, "--", 2) == 0 && option_row[i].who & subcommand->who)
            lab_near_try(&near, name + 2, strlen(name + 2), option_row[i].name);
    }
    fprintf(stderr, "irqlab: %s does not know the option '%s'", subcommand->name, name);
    if (near.name)
        fprintf(stderr, ", did you mean '--%s'?\n", near.name);
    else
        fputs("; 'irqlab --help' shows all\n", stderr);
    return LAB_EXIT_USAGE;
}

/* ---- values of options ---- */

/* A number, with K, M or G behind it if @sizes. */
static bool read_number(const char *text, bool sizes, uint64_t *ret_number)
{
    char *rest = 0;
    unsigned long long number;

    if (text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    number = strtoull(text, &rest, 10);
    if (sizes && *rest && strchr("kKmMgG", *rest)) {
        unsigned shift = *rest == 'k' || *rest == 'K'   ? 10
                         : *rest == 'm' || *rest == 'M' ? 20
                                                        : 30;

        if (number > UINT64_MAX >> shift)
            return false;
        number <<= shift;
        rest++;
        if (*rest == 'B')
            rest++;
    }
    *ret_number = number;
    return errno == 0 && *rest == '\0';
}

static int set_world(struct arguments *arguments, const char *value)
{
    if (strcmp(value, "sim") == 0) {
        arguments->on = LAB_ON_SIM;
        return LAB_EXIT_OK;
    }
    if (strcmp(value, "linux") == 0) {
        arguments->on = LAB_ON_LINUX;
        return LAB_EXIT_OK;
    }
    if (strncmp(value, "qemu", 4) != 0 || (value[4] != '\0' && value[4] != ':'))
        return refuse("--on cannot be", value, "one of: sim, qemu, qemu:BOARD, linux");
    arguments->on = LAB_ON_QEMU;
    arguments->board = value[4] == ':' ? value + 5 : 0;
    return LAB_EXIT_OK;
}

static int set_colour(struct arguments *arguments, const char *value)
{
    if (strcmp(value, "auto") == 0)
        arguments->colour = LAB_COLOUR_AUTO;
    else if (strcmp(value, "always") == 0)
        arguments->colour = LAB_COLOUR_ALWAYS;
    else if (strcmp(value, "never") == 0)
        arguments->colour = LAB_COLOUR_NEVER;
    else
        return refuse("--color cannot be", value, "one of: auto, always, never");
    return LAB_EXIT_OK;
}

/* 0 is a bound, too. */
static int set_preempt(struct arguments *arguments, const char *value)
{
    uint64_t number;

    if (!read_number(value, false, &number) || number > UINT32_MAX)
        return refuse("not a number of preemptions:", value, "");
    arguments->preempts = true;
    arguments->preempt = (uint32_t)number;
    return LAB_EXIT_OK;
}

static int set_store(struct arguments *arguments, const char *value)
{
    arguments->prints = strcmp(value, "hash") == 0;
    if (!arguments->prints && strcmp(value, "exact") != 0)
        return refuse("--store cannot be", value, "one of: exact, hash");
    return LAB_EXIT_OK;
}

static int set_pin(struct arguments *arguments, const char *value)
{
    if (!strchr(value, '='))
        return refuse("-D needs KNOB=VALUE, not", value, "");
    if (arguments->load.pins == LAB_PINS_MAX)
        return refuse("too many knobs at", value, "");
    arguments->load.pin[arguments->load.pins++] = value;
    return LAB_EXIT_OK;
}

static int set_number(struct arguments *arguments, int id, const char *value)
{
    uint64_t number;

    if (!read_number(value, id == OPT_MEMORY, &number) || number == 0)
        return refuse("not a number above 0:", value,
                      id == OPT_MEMORY ? "a size is 4G, 512M or a number of bytes" : "");
    switch (id) {
    case OPT_MEMORY:
        arguments->memory = number;
        break;
    case OPT_DEPTH:
        arguments->depth = number;
        break;
    case OPT_RANDOM:
        arguments->walks = number;
        break;
    case OPT_SEED:
        arguments->seed = number;
        break;
    case OPT_RUNS:
        arguments->runs = number;
        break;
    case OPT_THREADS:
        arguments->threads = number;
        break;
    default:
        arguments->width = number < LAB_WIDTH_MAX ? (unsigned)number : LAB_WIDTH_MAX;
        break;
    }
    return LAB_EXIT_OK;
}

/* Options of explore, and of run about schedules. */
static int set_search_option(struct arguments *arguments, int id, const char *value)
{
    switch (id) {
    case OPT_NO_REDUCE:
        arguments->no_reduce = true;
        break;
    case OPT_SKIP:
        arguments->skip = true;
        break;
    case OPT_STEP:
        arguments->step = true;
        break;
    case OPT_TIMED:
        arguments->timed = true;
        break;
    case OPT_CHECK:
        arguments->check = true;
        break;
    case OPT_THEN:
        arguments->then = true;
        return strcmp(value, "explore") ? refuse("--then cannot be", value, "only: explore")
                                        : LAB_EXIT_OK;
    case OPT_STORE:
        return set_store(arguments, value);
    case OPT_PREEMPT:
        return set_preempt(arguments, value);
    default:
        return set_number(arguments, id, value);
    }
    return LAB_EXIT_OK;
}

static int set_loop(struct arguments *arguments, const char *value)
{
    int backend = lab_find_backend(value, strlen(value));

    if (backend < 0)
        return refuse("--loop cannot be", value,
                      "one of: select, poll, epoll, epoll-et, epoll-oneshot, io_uring, libuv, "
                      "libev, libevent");
    arguments->load.loop = (unsigned)backend + 1;
    return LAB_EXIT_OK;
}

static int set_option(struct arguments *arguments, int id, const char *value)
{
    switch (id) {
    case OPT_DEFINE:
        return set_pin(arguments, value);
    case OPT_MACHINE:
        arguments->load.machine = value;
        break;
    case OPT_ON:
        return set_world(arguments, value);
    case OPT_AS:
        if (strcmp(value, "qemu") != 0 && strcmp(value, "architecture") != 0)
            return refuse("--as cannot be", value, "one of: architecture, qemu");
        arguments->load.as_qemu = strcmp(value, "qemu") == 0;
        break;
    case OPT_LOOP:
        return set_loop(arguments, value);
    case OPT_ALLOW_NATIVE:
        arguments->load.allow_native = true;
        break;
    case OPT_SCHEDULE:
        arguments->schedule = value;
        break;
    case OPT_TRACE:
        arguments->trace = true;
        break;
    case OPT_JSON:
        arguments->json = true;
        arguments->load.json = true;
        break;
    case OPT_ASCII:
        arguments->ascii = true;
        break;
    case OPT_COLOUR:
        return set_colour(arguments, value);
    case OPT_MATRIX:
        arguments->matrix = true;
        break;
    case OPT_REPLAY:
        arguments->replay = value;
        break;
    case OPT_ALL:
        arguments->all = true;
        break;
    case OPT_ARENA:
        arguments->arena = value;
        break;
    default:
        return set_search_option(arguments, id, value);
    }
    return LAB_EXIT_OK;
}

/* An option that would be ignored beside another, or without it, is a mistake. */
static int check_together(const struct arguments *arguments)
{
    bool bounded = arguments->preempts || arguments->depth;

    const struct {
        bool wrong;
        const char *what, *option;
    } row[] = {
        {arguments->timed && arguments->walks, "--timed is one order of events, no",
         "--random"},
        {arguments->timed && bounded, "--timed is one order of events, no",
         arguments->preempts ? "--preempt" : "--depth"},
        {arguments->walks && bounded, "--random does not keep to",
         arguments->preempts ? "--preempt" : "--depth"},
        {arguments->seed && !arguments->walks, "--random is missing beside", "--seed"},
        {arguments->skip && !arguments->schedule, "--schedule is missing beside", "--skip"},
    };

    for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++)
        if (row[i].wrong)
            return refuse(row[i].what, row[i].option, "");
    return LAB_EXIT_OK;
}

/* ---- the command line ---- */

/* The word that getopt_long() has just stumbled over. */
static const char *bad_word(char **argv)
{
    static char letter[3] = "-?";

    if (optopt && optopt < 256 && (optind == 0 || strncmp(argv[optind - 1], "--", 2) != 0)) {
        letter[1] = (char)optopt;
        return letter;
    }
    return argv[optind - 1];
}

static int parse(const struct subcommand *subcommand, int argc, char **argv,
                 struct arguments *ret_arguments, bool *ret_done)
{
    struct option option[OPTIONS + 1] = {{0}};
    unsigned count = 0;
    int index = 0;
    int code = LAB_EXIT_OK;

    for (unsigned i = 0; i < OPTIONS; i++) {
        if (option_row[i].who & subcommand->who)
            option[count++] = (struct option){option_row[i].name, option_row[i].argument, 0,
                                              option_row[i].id};
    }
    opterr = 0;
    while (code == LAB_EXIT_OK) {
        int id = getopt_long(argc, argv, ":hD:o:", option, &index);

        if (id == -1)
            break;
        if (id == OPT_HELP || id == OPT_VERSION) {
            fputs(id == OPT_HELP ? help_text : "irqlab " LAB_VERSION "\n", stdout);
            *ret_done = true;
            return LAB_EXIT_OK;
        }
        if (id == ':')
            return refuse("the option needs a value:", argv[optind - 1], "");
        if (id == '?')
            return refuse_option(subcommand, bad_word(argv));
        if (id == OPT_NOT_BUILT)
            return refuse_not_built("--", option[index].name);
        if (id == OPT_OUTPUT)
            return refuse_not_built("-", "o");
        if (id == OPT_DEFINE &&
            !(subcommand->who & (FOR_RUN | FOR_EXPLORE | FOR_CHECK | FOR_MOUNT | FOR_WHY)))
            return refuse_option(subcommand, "-D");
        code = set_option(ret_arguments, id, optarg);
    }
    ret_arguments->names = argv + optind;
    ret_arguments->count = argc - optind;
    return code == LAB_EXIT_OK ? check_together(ret_arguments) : code;
}

static int perform(const struct subcommand *subcommand, int argc, char **argv)
{
    struct arguments arguments = {0};
    struct lab_style style;
    bool done = false;
    int code = parse(subcommand, argc, argv, &arguments, &done);

    if (code != LAB_EXIT_OK || done)
        return code;
    if (arguments.count == 0 && !(subcommand->who & (FOR_LIST | FOR_KERNEL))) {
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
            return refuse_not_built(argv[1], "");
        return perform(&subcommand_row[i], argc - 1, argv + 1);
    }
    if (argv[1][0] != '-' && !is_scenario(argv[1]))
        return refuse_word(argv[1]);
    return perform(&subcommand_row[0], argc, argv);
}
