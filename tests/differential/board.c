/*
 * tests/differential/board.c - the simulator against QEMU's board: software must not see a
 * difference.
 *
 *   board same IMAGE SCENARIO...             every point, on `virt`
 *   board random IMAGE SEED COUNT            scenarios that nobody has seen before
 *   board saboteurs IMAGE INVERTED SCENARIO  a board that lies must be seen to lie
 *
 * A point runs in the simulator (as qemu) and on the board.  The records of software, times
 * included, and the fate of every token must be the same.  A saboteur (a runner that drops line
 * changes, an image that inverts triggers) must not agree at one point at least, and the lies
 * must be the ones told: no line changes, nothing arrives.  77: no QEMU here.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/side_stack.h"
#include "lab/load.h"
#include "lab/qemu_runner.h"

enum { RECORDS_MAX = 1 << 18, TEXT_MAX = 8192 };

/* One run: what it recorded, how it ended. */
struct story {
    struct lab_sink sink; /* first: a sink's owner is found behind it */
    struct sim_record *records;
    size_t count;
    struct lab_outcome outcome;
};

static void collect(struct lab_sink *sink, const struct sim_record *records, size_t count)
{
    struct story *story = (struct story *)(void *)sink;

    for (size_t i = 0; i < count && story->count < RECORDS_MAX; i++)
        story->records[story->count++] = records[i];
}

static struct story story_new(void)
{
    struct story story = {
        .sink = {collect},
        .records = calloc(RECORDS_MAX, sizeof(struct sim_record)),
    };

    if (!story.records)
        abort();
    return story;
}

static void run_sim(const struct lab_program *program, struct story *story)
{
    struct lab_counts counts = {0};
    struct lab *lab = calloc(1, sizeof(*lab));
    uint8_t *bytes;

    if (!lab || !drv_stack_init(LAB_CONTEXTS_MAX))
        abort();
    lab->counts = &counts;
    lab_layout(lab, program, 0, lab_bench_sim_context_bytes());
    bytes = aligned_alloc(64, 2 * ((lab->arena.size + 63u) & ~63u));
    if (!bytes)
        abort();
    sim_arena_place(&lab->arena, bytes);
    lab->trace.want = ~UINT64_C(0);
    lab_start(lab, &lab_bench_sim);
    lab_run(lab, &story->sink, bytes + ((lab->arena.size + 63u) & ~63u), &story->outcome);
    free(bytes);
    free(lab);
}

/* False: the board did not do it, *ret_result says why. */
static bool run_board(const struct lab_program *program, const struct lab_qemu_options *options,
                      struct story *story, int *ret_result)
{
    char error[LAB_QEMU_ERROR];

    *ret_result = lab_qemu_run_with(program, options, &story->sink, &story->outcome, 0, error);
    if (*ret_result == LAB_QEMU_BROKEN)
        printf("    %s\n", error);
    return *ret_result == LAB_QEMU_OK;
}

static bool is_soft(const struct sim_record *record)
{
#define SOFT(name, text, object, soft) soft,
    static const unsigned char soft[] = {SIM_TRACE_EVENTS(SOFT)};
#undef SOFT

    return soft[record->kind] != 0;
}

static void print_line(const struct lab_program *program, const char *world,
                       const struct sim_record *record)
{
    static struct lab lab;
    char line[256] = "(nothing more)";

    if (record) {
        memset(&lab, 0, sizeof(lab));
        lab_layout(&lab, program, 0, lab_bench_sim_context_bytes());
        lab_trace_line(&lab, record, line, sizeof(line));
    }
    printf("    %-6s %s\n", world, line);
}

/* Do software's records agree, one by one?  Says where they do not. */
static bool same_records(const struct lab_program *program, const struct story *sim,
                         const struct story *board, bool say)
{
    size_t i = 0, k = 0;

    for (;; i++, k++) {
        while (i < sim->count && !is_soft(&sim->records[i]))
            i++;
        while (k < board->count && !is_soft(&board->records[k]))
            k++;
        if (i == sim->count && k == board->count)
            return true;
        if (i < sim->count && k < board->count &&
            memcmp(&sim->records[i], &board->records[k], sizeof(sim->records[i])) == 0)
            continue;
        if (say) {
            print_line(program, "sim", i < sim->count ? &sim->records[i] : 0);
            print_line(program, "board", k < board->count ? &board->records[k] : 0);
        }
        return false;
    }
}

static bool same_outcome(const struct story *a, const struct story *b)
{
    return a->outcome.end == b->outcome.end && a->outcome.hang == b->outcome.hang &&
           memcmp(a->outcome.fate, b->outcome.fate, sizeof(a->outcome.fate)) == 0;
}

static bool has_event(const struct story *story, enum sim_trace_kind kind)
{
    for (size_t i = 0; i < story->count; i++)
        if (story->records[i].kind == kind)
            return true;
    return false;
}

/* ---- same ---- */

struct tally {
    unsigned points, differ, broken, unfit;
    uint64_t records;
};

static void compare_point(const struct lab_program *program, const char *image,
                          const char *name, uint32_t point, struct tally *tally)
{
    const struct lab_qemu_options options = {.image = image};
    struct story sim = story_new(), board = story_new();
    int result;

    run_sim(program, &sim);
    if (run_board(program, &options, &board, &result)) {
        tally->points++;
        tally->records += board.count;
        if (!same_records(program, &sim, &board, true) || !same_outcome(&sim, &board)) {
            printf("%s point %" PRIu32 " differs\n", name, point);
            tally->differ++;
        }
    } else if (result == LAB_QEMU_CANNOT) {
        tally->unfit++;
    } else {
        printf("%s point %" PRIu32 " broke off\n", name, point);
        tally->broken++;
    }
    free(sim.records);
    free(board.records);
}

/* Every point of a scenario; false: it has no place on `virt`. */
static bool compare(const char *name, const char *image, struct tally *tally)
{
    const struct lab_load_options options = {.machine = "virt", .as_qemu = true};
    struct lab_loaded loaded;
    bool fits = lab_load(&loaded, name, &options) == LAB_EXIT_OK;

    for (uint32_t point = 0; fits && point < loaded.points; point++) {
        struct lab_program *program = 0;
        fits = lab_load_point(&loaded, point, &program) == LAB_EXIT_OK;
        if (fits)
            compare_point(program, image, name, point, tally);
        free(program);
    }
    lab_unload(&loaded);
    return fits;
}

static int report(const struct tally *tally)
{
    printf("%u points on the board, %u differ, %u broke off; %u not for this board; %" PRIu64
           " records\n",
           tally->points, tally->differ, tally->broken, tally->unfit, tally->records);
    return tally->points == 0 || tally->differ || tally->broken;
}

static int same(const char *image, char **names, int count)
{
    struct tally tally = {0};

    for (int i = 0; i < count; i++)
        if (!compare(names[i], image, &tally))
            tally.unfit++;
    return report(&tally);
}

/* ---- random ---- */

struct writer {
    char text[TEXT_MAX];
    size_t used;
    uint64_t random;
    unsigned devices, lines;
    char kind[4]; /* of each device: 's'ource, 'l'ine, 'u'art */
};

static unsigned below(struct writer *w, unsigned n)
{
    w->random ^= w->random << 13;
    w->random ^= w->random >> 7;
    w->random ^= w->random << 17;
    return (unsigned)((w->random >> 11) % n);
}

static const char *one_of(struct writer *w, const char *const *words, unsigned n)
{
    return words[below(w, n)];
}

__attribute__((format(printf, 2, 3))) static void put(struct writer *w, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(w->text + w->used, TEXT_MAX - w->used, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= TEXT_MAX - w->used)
        abort();
    w->used += (size_t)length;
}

static void put_devices(struct writer *w)
{
    static const char *const requests[] = {"", " request latched;", " request pulse 2us;",
                                           " request pulse 12us;", " full wait;"};
    const char *trigger = below(w, 2) ? "edge" : "level";
    unsigned irq = 8 + below(w, 40);

    w->devices = 1 + below(w, 3);
    for (unsigned d = 0; d < w->devices; d++) {
        unsigned kind = below(w, 5);
        w->kind[d] = kind == 4 && d == 0 ? 'u' : kind == 3 ? 'l' : 's';
        if (w->kind[d] == 'u') {
            put(w, "device d%u = pl011 { trigger %s; }\n", d, trigger);
            continue;
        }
        put(w, "device d%u = %s { irq %u; trigger %s;", d,
            w->kind[d] == 'l' ? "line" : "source", irq, trigger);
        if (w->kind[d] == 's')
            put(w, "%s fifo %u;", one_of(w, requests, 5), 1 + below(w, 4));
        else
            put(w, " pulse %uus;", 1 + below(w, 9));
        put(w, " }\n");
        if (below(w, 3) == 0) {
            irq += 3;
            trigger = below(w, 2) ? "edge" : "level";
        }
    }
}

/* What a handler does for one device. */
static void put_service(struct writer *w, unsigned d)
{
    static const char *const sources[] = {
        "while (d%u.COUNT) push(d%u.DATA);", "if (d%u.STATUS) push(d%u.DATA);",
        "push(d%u.DATA); d%u.ACK = 1;", "d%u.ACK = 1; while (d%u.COUNT) push(d%u.DATA);",
        "if (d%u.STATUS) { spend(3us); push(d%u.DATA); d%u.ACK = 1; }"};
    static const char *const uarts[] = {
        "while (!d%u.FR.RXFE) push(d%u.DR);", "if (!d%u.FR.RXFE) push(d%u.DR);",
        "d%u.ICR = 0x7ff; while (!d%u.FR.RXFE) push(d%u.DR);",
        "while (!d%u.FR.RXFE) { spend(2us); push(d%u.DR); } d%u.ICR = 0x7ff;"};
    char format[96];

    if (below(w, 4) == 0)
        put(w, "        spend(%uus);\n", 1 + below(w, 6));
    if (w->kind[d] == 'l') {
        put(w, "        push(arrival(d%u));\n", d);
        return;
    }
    snprintf(format, sizeof(format), "        %s\n",
             w->kind[d] == 'u' ? one_of(w, uarts, 4) : one_of(w, sources, 5));
    for (const char *c = format; *c; c++) {
        if (c[0] == '%' && c[1] == 'u') {
            put(w, "%u", d);
            c++;
        } else {
            put(w, "%c", *c);
        }
    }
}

static void put_driver(struct writer *w)
{
    static const char *const flows[] = {"", "    flow fasteoi;\n", "    flow level;\n",
                                        "    flow edge;\n"};
    bool threaded = below(w, 4) == 0, manual = below(w, 6) == 0;

    put(w, "driver drv for d0");
    for (unsigned d = 1; d < w->devices; d++)
        put(w, ", d%u", d);
    put(w, " {\n%s%s    queue %u;\n", manual ? "    flow manual;\n" : one_of(w, flows, 4),
        threaded && below(w, 2) ? "    oneshot;\n" : "", 1 + below(w, 8));
    put(w, "    irq {\n%s", manual ? "        ack();\n" : "");
    if (threaded)
        put(w, "        wake_thread();\n");
    for (unsigned d = 0; !threaded && d < w->devices; d++)
        put_service(w, d);
    if (!threaded && below(w, 5) == 0)
        put(w, "        disable_irq(); spend(4us); enable_irq();\n");
    put(w, "%s    }\n", manual ? "        eoi();\n" : "");
    if (threaded) {
        put(w, "    thread {\n");
        for (unsigned d = 0; d < w->devices; d++)
            put_service(w, d);
        put(w, "    }\n");
    }
    put(w, "}\n");
}

static void put_task(struct writer *w)
{
    static const char *const modes[] = {"EPOLLIN", "EPOLLIN | EPOLLET",
                                        "EPOLLIN | EPOLLONESHOT"};
    static const char *const reads[] = {"read(fd, 1);", "read(fd, 4);",
                                        "while (read(fd, 2) > 0) {}"};
    unsigned kind = below(w, 3);

    put(w, "task reader {\n    fd = open(\"drv\"%s);\n", kind ? ", O_NONBLOCK" : "");
    if (kind == 0)
        put(w, "    for (;;) { read(fd, %u); spend(%uus); }\n", 1 + below(w, 4), below(w, 9));
    else if (kind == 1)
        put(w, "    for (;;) { poll({fd, POLLIN}); %s }\n", one_of(w, reads, 3));
    else
        put(w,
            "    ep = epoll_create();\n"
            "    epoll_ctl(ep, EPOLL_CTL_ADD, fd, %s);\n"
            "    for (;;) { epoll_wait(ep); %s%s }\n",
            one_of(w, modes, 3), one_of(w, reads, 3),
            below(w, 2) ? " epoll_ctl(ep, EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLONESHOT);" : "");
    put(w, "}\n");
}

static void put_world(struct writer *w)
{
    unsigned actions = 1 + below(w, 6);

    put(w, "world {\n");
    for (unsigned i = 0; i < actions; i++) {
        unsigned d = below(w, w->devices);
        const char *verb = w->kind[d] == 'u' ? "receive" : "send";
        put(w, "    %s %u%s: d%u.%s(t%u_%u%s);\n", i == 0 ? "at" : "after", 1 + below(w, 24),
            below(w, 3) ? "us" : "500ns", d, verb, d, i, "");
    }
    put(w, "}\nlimit steps 3000;\nexpect always lost || read all;\n");
}

static void put_scenario(struct writer *w)
{
    w->used = 0;
    put(w, "machine virt;\n");
    put_devices(w);
    put_driver(w);
    put_task(w);
    put_world(w);
}

static int random_scenarios(const char *image, uint64_t seed, unsigned count)
{
    struct tally tally = {0};
    struct writer w = {.random = seed * 0x9e3779b97f4a7c15u + 1};
    char name[64];
    FILE *file;

    snprintf(name, sizeof(name), "random-%ld.lab", (long)getpid());
    for (unsigned i = 0; i < count; i++) {
        unsigned bad = tally.differ + tally.broken;
        put_scenario(&w);
        file = fopen(name, "w");
        if (!file)
            return 3;
        fputs(w.text, file);
        fclose(file);
        if (!compare(name, image, &tally) || tally.differ + tally.broken > bad) {
            printf("seed %" PRIu64 ", scenario %u:\n%s", seed, i, w.text);
            tally.broken += tally.differ + tally.broken == bad;
        }
    }
    unlink(name);
    return report(&tally);
}

/* ---- saboteurs ---- */

struct verdict {
    unsigned honest, dropped, inverted, arrived;
};

static bool board_agrees(const struct lab_program *program,
                         const struct lab_qemu_options *options, const struct story *sim,
                         unsigned *takes)
{
    struct story board = story_new();
    int result;
    bool ran = run_board(program, options, &board, &result);
    bool agrees = ran && same_records(program, sim, &board, false);

    *takes += ran && has_event(&board, SIM_EV_TAKE);
    free(board.records);
    if (result == LAB_QEMU_CANNOT)
        exit(LAB_QEMU_CANNOT);
    return agrees;
}

static int saboteurs(const char *image, const char *inverted, const char *name)
{
    const struct lab_load_options load = {.machine = "virt", .as_qemu = true};
    const struct lab_qemu_options honest = {.image = image};
    const struct lab_qemu_options drops = {.image = image, .drop_lines = true};
    const struct lab_qemu_options inverts = {.image = inverted};
    struct lab_loaded loaded;
    struct verdict v = {0};
    unsigned takes = 0;

    if (lab_load(&loaded, name, &load) != LAB_EXIT_OK)
        return 2;
    for (uint32_t point = 0; point < loaded.points; point++) {
        struct story sim = story_new();
        struct lab_program *program;
        if (lab_load_point(&loaded, point, &program) != LAB_EXIT_OK)
            return 2;
        run_sim(program, &sim);
        v.honest += board_agrees(program, &honest, &sim, &takes);
        v.dropped += board_agrees(program, &drops, &sim, &v.arrived);
        v.inverted += board_agrees(program, &inverts, &sim, &takes);
        free(sim.records);
        free(program);
    }
    printf(
        "of %u points agree: %u on the board, %u with lost lines (interrupts in %u), %u with "
        "inverted triggers\n",
        loaded.points, v.honest, v.dropped, v.arrived, v.inverted);
    takes = loaded.points;
    lab_unload(&loaded);
    return v.honest == takes && v.dropped < takes && v.arrived == 0 && v.inverted < takes ? 0
                                                                                          : 1;
}

int main(int argc, char **argv)
{
    if (argc > 3 && strcmp(argv[1], "same") == 0)
        return lab_qemu_version() ? same(argv[2], argv + 3, argc - 3) : LAB_QEMU_CANNOT;
    if (argc == 5 && strcmp(argv[1], "random") == 0)
        return lab_qemu_version() ? random_scenarios(argv[2], strtoull(argv[3], 0, 10),
                                                     (unsigned)strtoul(argv[4], 0, 10))
                                  : LAB_QEMU_CANNOT;
    if (argc == 5 && strcmp(argv[1], "saboteurs") == 0)
        return saboteurs(argv[2], argv[3], argv[4]);
    fprintf(stderr, "usage: board same IMAGE SCENARIO... | random IMAGE SEED COUNT | saboteurs "
                    "IMAGE INVERTED SCENARIO\n");
    return 2;
}
