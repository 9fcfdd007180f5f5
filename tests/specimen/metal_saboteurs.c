/*
 * tests/specimen/metal_saboteurs.c - a board that lies must be seen to lie.
 *
 *   metal_saboteurs SCENARIO IMAGE INVERTED-IMAGE
 *
 * Every point of the scenario (on `virt`) runs in the simulator, on the board, on the board
 * with lost line changes, and on the image that inverts triggers.  The honest board must give
 * the records of the simulator; each saboteur must not, at one point at least.  77: no QEMU
 * here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/side_stack.h"
#include "lab/load.h"
#include "lab/qemu_runner.h"

enum { RECORDS_MAX = 1 << 16 };

struct collector {
    struct lab_sink sink; /* first: a sink's owner is found behind it */
    struct sim_record *records;
    size_t count;
};

static void collect(struct lab_sink *sink, const struct sim_record *records, size_t count)
{
    struct collector *collector = (struct collector *)(void *)sink;

    for (size_t i = 0; i < count && collector->count < RECORDS_MAX; i++)
        collector->records[collector->count++] = records[i];
}

static struct collector collector_new(void)
{
    struct collector collector = {{collect}, calloc(RECORDS_MAX, sizeof(struct sim_record)), 0};

    if (!collector.records)
        abort();
    return collector;
}

static void run_sim(const struct lab_program *program, struct collector *collector)
{
    struct lab_outcome outcome;
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
    lab_run(lab, &collector->sink, bytes + ((lab->arena.size + 63u) & ~63u), &outcome);
    free(bytes);
    free(lab);
}

/* Do software's records agree, one by one? */
static bool agree(const struct collector *a, const struct collector *b)
{
#define SOFT(name, text, object, soft) soft,
    static const unsigned char is_soft[] = {SIM_TRACE_EVENTS(SOFT)};
#undef SOFT
    size_t i = 0, k = 0;

    for (;; i++, k++) {
        while (i < a->count && !is_soft[a->records[i].kind])
            i++;
        while (k < b->count && !is_soft[b->records[k].kind])
            k++;
        if (i == a->count || k == b->count)
            return i == a->count && k == b->count;
        if (memcmp(&a->records[i], &b->records[k], sizeof(struct sim_record)) != 0)
            return false;
    }
}

static bool board_agrees(const struct lab_program *program,
                         const struct lab_qemu_options *options, const struct collector *sim)
{
    struct collector board = collector_new();
    struct lab_outcome outcome;
    char error[LAB_QEMU_ERROR];
    int result = lab_qemu_run_with(program, options, &board.sink, &outcome, 0, error);
    bool same = result == LAB_QEMU_OK && agree(sim, &board);

    if (result != LAB_QEMU_OK)
        printf("    %s\n", error);
    free(board.records);
    if (result == LAB_QEMU_CANNOT)
        exit(LAB_QEMU_CANNOT);
    return same;
}

int main(int argc, char **argv)
{
    const struct lab_load_options load = {.machine = "virt", .as_qemu = true};
    struct lab_loaded loaded;
    unsigned points, honest = 0, dropped = 0, inverted = 0;

    if (argc != 4 || lab_load(&loaded, argv[1], &load) != 0)
        return 2;
    points = loaded.points;
    for (uint32_t point = 0; point < points; point++) {
        const struct lab_qemu_options board = {.image = argv[2]};
        const struct lab_qemu_options drops = {.image = argv[2], .drop_lines = true};
        const struct lab_qemu_options inverts = {.image = argv[3]};
        struct collector sim = collector_new();
        struct lab_program *program;
        if (lab_load_point(&loaded, point, &program) != 0)
            return 2;
        run_sim(program, &sim);
        honest += board_agrees(program, &board, &sim);
        dropped += board_agrees(program, &drops, &sim);
        inverted += board_agrees(program, &inverts, &sim);
        free(sim.records);
        free(program);
    }
    printf(
        "of %u points agree: %u on the board, %u with lost lines, %u with inverted triggers\n",
        points, honest, dropped, inverted);
    lab_unload(&loaded);
    return honest == points && dropped < points && inverted < points ? 0 : 1;
}
