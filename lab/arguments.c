/* lab/arguments.c - see arguments.h: which options there are, who takes them, what they can be.
 */
#include "lab/arguments.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/core/diag.h"
#include "lab/core/names.h"
#include "lab/search.h"

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

static const struct {
    const char *name;
    int argument;
    int id;
    unsigned who;
} option_row[] = {
    {"help", no_argument, OPT_HELP, LAB_FOR_ALL},
    {"version", no_argument, OPT_VERSION, LAB_FOR_ALL},
    {"machine", required_argument, OPT_MACHINE,
     LAB_FOR_RUN | LAB_FOR_EXPLORE | LAB_FOR_CHECK | LAB_FOR_MOUNT | LAB_FOR_WHY},
    {"on", required_argument, OPT_ON, LAB_FOR_RUN},
    {"as", required_argument, OPT_AS,
     LAB_FOR_RUN | LAB_FOR_EXPLORE | LAB_FOR_PROBE | LAB_FOR_WHY},
    {"schedule", required_argument, OPT_SCHEDULE, LAB_FOR_RUN},
    {"trace", no_argument, OPT_TRACE, LAB_FOR_RUN},
    {"json", no_argument, OPT_JSON,
     LAB_FOR_RUN | LAB_FOR_EXPLORE | LAB_FOR_CHECK | LAB_FOR_KERNEL},
    {"ascii", no_argument, OPT_ASCII, LAB_FOR_ALL},
    {"width", required_argument, OPT_WIDTH, LAB_FOR_ALL},
    {"color", required_argument, OPT_COLOUR, LAB_FOR_ALL},
    {"memory", required_argument, OPT_MEMORY, LAB_FOR_RUN | LAB_FOR_EXPLORE | LAB_FOR_WHY},
    {"depth", required_argument, OPT_DEPTH, LAB_FOR_EXPLORE},
    {"matrix", no_argument, OPT_MATRIX, LAB_FOR_KERNEL},
    {"replay", required_argument, OPT_REPLAY, LAB_FOR_KERNEL},
    {"all", no_argument, OPT_ALL, LAB_FOR_KERNEL},
    {"arena", required_argument, OPT_ARENA, LAB_FOR_LIST},
    {"runs", required_argument, OPT_RUNS, LAB_FOR_RUN},
    {"seed", required_argument, OPT_SEED, LAB_FOR_EXPLORE},
    {"loop", required_argument, OPT_LOOP, LAB_FOR_RUN | LAB_FOR_EXPLORE},
    {"skip", no_argument, OPT_SKIP, LAB_FOR_RUN},
    {"then", required_argument, OPT_THEN, LAB_FOR_RUN},
    {"step", no_argument, OPT_STEP, LAB_FOR_RUN},
    {"svg", no_argument, OPT_NOT_BUILT, LAB_FOR_RUN},
    {"html", no_argument, OPT_NOT_BUILT, LAB_FOR_RUN},
    {"vcd", no_argument, OPT_NOT_BUILT, LAB_FOR_RUN},
    {"perfetto", no_argument, OPT_NOT_BUILT, LAB_FOR_RUN},
    {"wavejson", no_argument, OPT_NOT_BUILT, LAB_FOR_RUN},
    {"allow-native", no_argument, OPT_ALLOW_NATIVE,
     LAB_FOR_RUN | LAB_FOR_EXPLORE | LAB_FOR_MOUNT | LAB_FOR_WHY},
    {"timed", no_argument, OPT_TIMED, LAB_FOR_EXPLORE},
    {"threads", required_argument, OPT_THREADS, LAB_FOR_EXPLORE},
    {"check-determinism", no_argument, OPT_CHECK, LAB_FOR_EXPLORE},
    {"preempt", required_argument, OPT_PREEMPT, LAB_FOR_EXPLORE},
    {"random", required_argument, OPT_RANDOM, LAB_FOR_EXPLORE},
    {"no-reduce", no_argument, OPT_NO_REDUCE, LAB_FOR_EXPLORE},
    {"store", required_argument, OPT_STORE, LAB_FOR_EXPLORE},
};

enum { OPTIONS = sizeof(option_row) / sizeof(option_row[0]) };

/* ---- refusing ---- */

static int refuse(const char *what, const char *value, const char *hint)
{
    fprintf(stderr, "irqlab: %s '%s'%s%s\n", what, value, hint[0] ? "; " : "", hint);
    return LAB_EXIT_USAGE;
}

int lab_refuse_not_built(const char *what, const char *value)
{
    fprintf(stderr, "irqlab: not built yet: %s%s\n", what, value);
    return LAB_EXIT_CANNOT;
}

static int refuse_option(const char *command, unsigned who, const char *word)
{
    struct lab_near near = {0};
    size_t length = strcspn(word, "=");
    char name[64];

    snprintf(name, sizeof(name), "%.*s", (int)length, word);
    for (unsigned i = 0; i < OPTIONS; i++) {
        if (strncmp(word, "--", 2) == 0 && option_row[i].who & who)
            lab_near_try(&near, name + 2, strlen(name + 2), option_row[i].name);
    }
    fprintf(stderr, "irqlab: %s does not know the option '%s'", command, name);
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

static int set_world(struct lab_arguments *arguments, const char *value)
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

static int set_colour(struct lab_arguments *arguments, const char *value)
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
static int set_preempt(struct lab_arguments *arguments, const char *value)
{
    uint64_t number;

    if (!read_number(value, false, &number) || number > UINT32_MAX)
        return refuse("not a number of preemptions:", value, "");
    arguments->preempts = true;
    arguments->preempt = (uint32_t)number;
    return LAB_EXIT_OK;
}

static int set_store(struct lab_arguments *arguments, const char *value)
{
    arguments->prints = strcmp(value, "hash") == 0;
    if (!arguments->prints && strcmp(value, "exact") != 0)
        return refuse("--store cannot be", value, "one of: exact, hash");
    return LAB_EXIT_OK;
}

static int set_pin(struct lab_arguments *arguments, const char *value)
{
    if (!strchr(value, '='))
        return refuse("-D needs KNOB=VALUE, not", value, "");
    if (arguments->load.pins == LAB_PINS_MAX)
        return refuse("too many knobs at", value, "");
    arguments->load.pin[arguments->load.pins++] = value;
    return LAB_EXIT_OK;
}

static int set_number(struct lab_arguments *arguments, int id, const char *value)
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
static int set_search_option(struct lab_arguments *arguments, int id, const char *value)
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

static int set_loop(struct lab_arguments *arguments, const char *value)
{
    int backend = lab_find_backend(value, strlen(value));

    if (backend < 0)
        return refuse("--loop cannot be", value,
                      "one of: select, poll, epoll, epoll-et, epoll-oneshot, io_uring, libuv, "
                      "libev, libevent");
    arguments->load.loop = (unsigned)backend + 1;
    return LAB_EXIT_OK;
}

static int set_option(struct lab_arguments *arguments, int id, const char *value)
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
static int check_together(const struct lab_arguments *arguments)
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

/* ---- reading ---- */

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

int lab_arguments_read(struct lab_arguments *ret_arguments, const char *command, unsigned who,
                       int argc, char **argv)
{
    struct option option[OPTIONS + 1] = {{0}};
    unsigned count = 0;
    int index = 0;
    int code = LAB_EXIT_OK;

    for (unsigned i = 0; i < OPTIONS; i++) {
        if (option_row[i].who & who)
            option[count++] = (struct option){option_row[i].name, option_row[i].argument, 0,
                                              option_row[i].id};
    }
    opterr = 0;
    while (code == LAB_EXIT_OK) {
        int id = getopt_long(argc, argv, ":hD:o:", option, &index);

        if (id == -1)
            break;
        if (id == OPT_HELP || id == OPT_VERSION) {
            ret_arguments->help = id == OPT_HELP;
            ret_arguments->version = id == OPT_VERSION;
            return LAB_EXIT_OK;
        }
        if (id == ':')
            return refuse("the option needs a value:", argv[optind - 1], "");
        if (id == '?')
            return refuse_option(command, who, bad_word(argv));
        if (id == OPT_NOT_BUILT)
            return lab_refuse_not_built("--", option[index].name);
        if (id == OPT_OUTPUT)
            return lab_refuse_not_built("-", "o");
        if (id == OPT_DEFINE && !(who & (LAB_FOR_RUN | LAB_FOR_EXPLORE | LAB_FOR_CHECK |
                                         LAB_FOR_MOUNT | LAB_FOR_WHY)))
            return refuse_option(command, who, "-D");
        code = set_option(ret_arguments, id, optarg);
    }
    ret_arguments->names = argv + optind;
    ret_arguments->count = argc - optind;
    return code == LAB_EXIT_OK ? check_together(ret_arguments) : code;
}
