/*
 * tests/bench/bench_lab_run.c - what `run` costs.
 *
 *   bench_lab_run SCENARIO STEPS [POINT [ring]]
 *
 * Runs a point of the scenario, again and again, until so many steps are done, and prints what
 * it did in CPU time.  `ring`: the records of each step are kept, the last of them.  Under
 * callgrind with --collect-atstart=no only the runs are counted (tests/bench/instructions.sh).
 */
#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "drivers/side_stack.h"
#include "lab/core/lab.h"
#include "lab/load.h"

#ifdef HAVE_CALLGRIND
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_TOGGLE_COLLECT
#endif

enum { RING_RECORDS = 1 << 16 };

struct ring {
    struct lab_sink sink; /* first: the run knows only this part */
    size_t next;
    struct sim_record record[RING_RECORDS];
};

static double now_s(void)
{
    struct timespec time;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void keep(struct lab_sink *sink, const struct sim_record *records, size_t count)
{
    struct ring *ring = (struct ring *)(void *)sink;

    for (size_t i = 0; i < count; i++)
        ring->record[ring->next++ % RING_RECORDS] = records[i];
}

/* Steps done; a run that ends begins anew. */
static uint64_t run_steps(struct lab *lab, struct lab_sink *sink, uint64_t wanted)
{
    struct lab_outcome outcome;
    uint64_t steps = 0;

    while (steps < wanted) {
        sim_arena_place(&lab->arena, lab->arena.bytes);
        lab_start(lab, &lab_bench_sim);
        CALLGRIND_TOGGLE_COLLECT;
        lab_run(lab, sink, 0, &outcome);
        CALLGRIND_TOGGLE_COLLECT;
        steps += outcome.steps;
    }
    return steps;
}

static void measure(struct lab *lab, struct lab_sink *sink, uint64_t wanted, const char *what)
{
    double start = now_s(), seconds;
    uint64_t steps = run_steps(lab, sink, wanted), interrupts = 0;

    seconds = now_s() - start;
    for (unsigned d = 0; d < DRV_DRIVERS_MAX; d++)
        interrupts += lab->counts->runs[d];
    printf("run %s: %" PRIu64 " steps, %.2f million/s", what, steps,
           (double)steps / seconds / 1e6);
    if (interrupts)
        printf("; %" PRIu64 " interrupts, %.2f million/s", interrupts,
               (double)interrupts / seconds / 1e6);
    printf("\n");
}

int main(int argc, char **argv)
{
    static const struct lab_load_options options;
    static struct lab_loaded loaded;
    static struct lab_counts counts;
    static struct ring ring = {.sink = {keep}};
    struct lab_program *program;
    struct lab *lab = calloc(1, sizeof(*lab));
    unsigned point = argc > 3 ? (unsigned)strtoul(argv[3], 0, 10) : 0;
    bool with_ring = argc > 4 && !strcmp(argv[4], "ring");

    if (argc < 3 || !lab || lab_load(&loaded, argv[1], &options) != LAB_EXIT_OK ||
        point >= loaded.points || lab_load_point(&loaded, point, &program) != LAB_EXIT_OK ||
        !drv_stack_init(LAB_CONTEXTS_MAX))
        return 2;
    program->limit_steps = strtoull(argv[2], 0, 10);
    lab->counts = &counts;
    lab_layout(lab, program, 0, lab_bench_sim_context_bytes());
    sim_arena_place(&lab->arena, aligned_alloc(64, (lab->arena.size + 63u) & ~63u));
    lab->trace.want = ~UINT64_C(0);
    measure(lab, with_ring ? &ring.sink : 0, program->limit_steps, argv[1]);
    return 0;
}
