/*
 * tests/fuzz/fuzz_lab_run.c - any text as a scenario, and what it says is done: in virtual time
 * and along a random path of a search.
 *
 * Bytes that are no scenario are fuzz_lab_parse's business; here a mutator of our own changes
 * words and lines, so that most inputs are scenarios.  Whatever a text says, a run must stay
 * inside its arena, end at its limit and leave no memory behind.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/side_stack.h"
#include "lab/core/check.h"
#include "lab/core/compile.h"
#include "lab/core/lab.h"
#include "lab/core/parse.h"
#include "lab/core/scenario.h"
#include "lab/load.h"

enum {
    POOL_SIZE = 4 << 20,
    POINTS_MAX = 3,
    RUN_STEPS = 400,
    WALK_STEPS = 300,
    TEXT_MAX = 6000,
    FENCE = 0x5a,
    FENCE_BYTES = 64,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned long ran, steps;

static bool is_built(const struct lab_scenario *scenario)
{
    size_t count;
    const struct lab_feature *feature = lab_features(scenario, &count);

    /* nothing here loads shared objects, and what was not loaded does not compile */
    for (unsigned i = 0; i < scenario->driver_count; i++)
        if (scenario->drivers[i].kind == LAB_DRIVER_SHARED)
            return false;
    for (size_t i = 0; i < count; i++)
        if (!lab_is_built(feature[i].name))
            return false;
    return true;
}

/* The arena with a fence behind it. */
static uint8_t *open_lab(struct lab *lab, const struct lab_program *program)
{
    uint32_t size;
    uint8_t *bytes;

    lab_layout(lab, program, 0, lab_bench_sim_context_bytes());
    size = (lab->arena.size + 63u) & ~63u;
    bytes = aligned_alloc(64, 2 * size + FENCE_BYTES);
    if (!bytes)
        abort();
    memset(bytes + 2 * size, FENCE, FENCE_BYTES);
    sim_arena_place(&lab->arena, bytes);
    lab->trace.want = ~UINT64_C(0);
    lab_start(lab, &lab_bench_sim);
    return bytes;
}

static void close_lab(struct lab *lab, uint8_t *bytes)
{
    uint32_t size = (lab->arena.size + 63u) & ~63u;

    for (unsigned i = 0; i < FENCE_BYTES; i++)
        if (bytes[2 * size + i] != FENCE)
            abort();
    free(bytes);
}

static void run(struct lab *lab, struct lab_program *program)
{
    static struct lab_counts counts;
    struct lab_outcome outcome;
    uint8_t *bytes;

    memset(&counts, 0, sizeof(counts));
    lab->counts = &counts;
    if (program->limit_steps > RUN_STEPS)
        program->limit_steps = RUN_STEPS;
    bytes = open_lab(lab, program);
    lab_run(lab, 0, bytes + ((lab->arena.size + 63u) & ~63u), &outcome);
    if (outcome.steps > RUN_STEPS || lab->trace.lost)
        abort();
    steps += outcome.steps;
    close_lab(lab, bytes);
}

static void walk(struct lab *lab, const struct lab_program *program, uint32_t random)
{
    uint8_t choices[LAB_ACTORS_MAX];
    uint8_t *bytes;

    lab->counts = 0;
    bytes = open_lab(lab, program);
    for (unsigned i = 0; i < WALK_STEPS; i++) {
        unsigned n = lab_choices(lab, choices);
        if (!n)
            break;
        random = random * 1664525u + 1013904223u;
        lab_step(lab, choices[(random >> 8) % n]);
        if (lab->trace.lost)
            abort();
        steps++;
    }
    close_lab(lab, bytes);
}

static void try_point(struct lab_scenario *scenario, struct lab_diags *diags, uint32_t number)
{
    static uint64_t block[LAB_PROGRAM_BYTES_MAX / 8];
    static struct lab *lab;
    struct lab_program *program = (struct lab_program *)(void *)block;
    struct lab_point point;

    if (!lab)
        lab = calloc(1, sizeof(*lab));
    lab_points_at(scenario, number, &point);
    if (!lab || lab_check(scenario, &point, diags) < 0 || !is_built(scenario))
        return;
    memset(block, 0, sizeof(block));
    if (lab_compile(scenario, program, sizeof(block), diags) < 0)
        return;
    ran++;
    run(lab, program);
    walk(lab, program, program->hash);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char memory[POOL_SIZE];
    static struct lab_scenario scenario;
    static struct lab_diags diags;
    struct lab_pool pool = {memory, sizeof(memory), 0};
    uint32_t points;

    if (!drv_stack_init(LAB_CONTEXTS_MAX))
        abort();
    lab_diags_init(&diags);
    if (lab_parse(&scenario, &pool, "fuzz.lab", (const char *)data, size, &diags) != 0)
        return 0;
    points = lab_points_count(&scenario, &diags);
    for (uint32_t i = 0; i < points && i < POINTS_MAX; i++)
        try_point(&scenario, &diags, i);
    return 0;
}

/* ---- mutation ---- */

static const char *const words[] = {
    "edge",
    "level",
    "falling",
    "low",
    "both",
    "textbook",
    "virt",
    "source",
    "line",
    "pl011",
    "0",
    "1",
    "2",
    "7",
    "64",
    "255",
    "-1",
    "0x7ff",
    "1us",
    "3us",
    "10us",
    "0us",
    "fd",
    "ep",
    "r",
    "w",
    "EPOLLIN",
    "EPOLLOUT",
    "EPOLLET",
    "EPOLLONESHOT",
    "EPOLLEXCLUSIVE",
    "POLLIN",
    "O_NONBLOCK",
    "O_RDONLY",
    "EPOLL_CTL_ADD",
    "EPOLL_CTL_MOD",
    "EPOLL_CTL_DEL",
    "fasteoi",
    "manual",
    "oneshot;",
    "request latched;",
    "request pulse 2us;",
    "fifo 1;",
    "full wait;",
    "posted 3us;",
    "cpu 1;",
    "cpus 2;",
    "close(fd);",
    "dup(fd);",
    "dup2(fd, ep);",
    "read(fd, 1);",
    "pipe(r, w);",
    "write(w, x);",
    "fill(w, 4096);",
    "eventfd();",
    "epoll_create();",
    "epoll_wait(ep);",
    "poll({fd, POLLIN}, 0);",
    "select({fd}, {}, 5);",
    "settle();",
    "exit();",
    "fork();",
    "spend(2us);",
    "wake_thread();",
    "disable_irq();",
    "enable_irq();",
    "local_irq_enable();",
    "ack();",
    "eoi();",
    "lseek(fd, 0, SEEK_SET);",
    "for (;;) {}",
    "while (1) {}",
    "repeat (3)",
    "queue 1;",
    "thread {}",
    "state n;",
    "sleep();",
    "prepare();",
};

static uint32_t next(uint32_t *random)
{
    *random = *random * 1664525u + 1013904223u;
    return *random >> 8;
}

static size_t put_in(uint8_t *data, size_t size, size_t max, size_t at, size_t gone,
                     const char *text, size_t length)
{
    if (at + gone > size || size - gone + length > max)
        return size;
    memmove(data + at + length, data + at + gone, size - at - gone);
    memcpy(data + at, text, length);
    return size - gone + length;
}

static bool is_word(uint8_t c)
{
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
}

/* Another word in the place of one, or a word between two. */
static size_t mutate_word(uint8_t *data, size_t size, size_t max, uint32_t *random)
{
    const char *word = words[next(random) % (sizeof(words) / sizeof(words[0]))];
    size_t at = next(random) % size, end;

    while (at > 0 && !is_word(data[at]))
        at--;
    while (at > 0 && is_word(data[at - 1]))
        at--;
    for (end = at; end < size && is_word(data[end]);)
        end++;
    return put_in(data, size, max, at, next(random) % 3 ? end - at : 0, word, strlen(word));
}

/* A line twice, in another place, or gone. */
static size_t mutate_line(uint8_t *data, size_t size, size_t max, uint32_t *random)
{
    char line[200];
    size_t at = next(random) % size, end, to = next(random) % size;

    while (at > 0 && data[at - 1] != '\n')
        at--;
    for (end = at; end < size && data[end] != '\n' && end - at < sizeof(line) - 1;)
        end++;
    end += end < size;
    if (next(random) % 3 == 0)
        return put_in(data, size, max, at, end - at, "", 0);
    memcpy(line, data + at, end - at);
    while (to > 0 && data[to - 1] != '\n')
        to--;
    return put_in(data, size, max, to, 0, line, end - at);
}

static size_t mutate(uint8_t *data, size_t size, size_t max, uint32_t seed)
{
    uint32_t random = seed * 2654435761u + 1;
    unsigned times = 1 + next(&random) % 3;

    for (unsigned i = 0; i < times && size > 0; i++)
        size = next(&random) % 3 ? mutate_word(data, size, max, &random)
                                 : mutate_line(data, size, max, &random);
    return size;
}

#ifdef FUZZ_LIBFUZZER
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    return mutate(data, size, max, seed);
}
#else
/* Every file as it is, and @mutants of it. */
static int replay(const char *name, unsigned mutants)
{
    static uint8_t original[TEXT_MAX], text[TEXT_MAX];
    FILE *file = fopen(name, "rb");
    size_t size;

    if (!file)
        return 1;
    size = fread(original, 1, sizeof(original), file);
    fclose(file);
    LLVMFuzzerTestOneInput(original, size);
    for (unsigned i = 1; i <= mutants; i++) {
        size_t length = size;
        memcpy(text, original, size);
        for (unsigned k = 0; k <= i % 4; k++)
            length = mutate(text, length, sizeof(text), i * 4 + k);
        LLVMFuzzerTestOneInput(text, length);
    }
    return 0;
}

int main(int argc, char **argv)
{
    const char *mutants = getenv("FUZZ_MUTANTS");
    int failed = 0;

    for (int i = 1; i < argc; i++)
        failed |= replay(argv[i], mutants ? (unsigned)strtoul(mutants, 0, 10) : 30);
    printf("%d files, %lu programs ran, %lu steps\n", argc - 1, ran, steps);
    return failed || !ran;
}
#endif
