/*
 * tests/bench/bench_lab_run.c - what a step of `run` costs.
 *
 *   bench_lab_run SCENARIO STEPS     prints steps per second of one run that is cut off there
 *
 * Under callgrind its instructions per step are counted by tests/bench/instructions.sh: the
 * run is the only thing done between main()'s two looks at the clock.
 */
#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "drivers/side_stack.h"
#include "lab/core/lab.h"
#include "lab/load.h"

static double now_s(void)
{
    struct timespec time;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Steps done; a run that ends begins anew. */
static uint64_t run_steps(struct lab *lab, uint64_t wanted)
{
    struct lab_outcome outcome;
    uint64_t steps = 0;

    while (steps < wanted) {
        sim_arena_place(&lab->arena, lab->arena.bytes);
        lab_start(lab, &lab_bench_sim);
        lab_run(lab, 0, 0, &outcome);
        steps += outcome.steps;
    }
    return steps;
}

int main(int argc, char **argv)
{
    static const struct lab_load_options options;
    static struct lab_loaded loaded;
    static struct lab_counts counts;
    struct lab_program *program;
    struct lab *lab = calloc(1, sizeof(*lab));
    uint64_t steps;
    double start;

    if (argc != 3 || !lab || lab_load(&loaded, argv[1], &options) != LAB_EXIT_OK ||
        lab_load_point(&loaded, 0, &program) != LAB_EXIT_OK ||
        !drv_stack_init(LAB_CONTEXTS_MAX))
        return 2;
    program->limit_steps = strtoull(argv[2], 0, 10);
    lab->counts = &counts;
    lab_layout(lab, program, 0, lab_bench_sim_context_bytes());
    sim_arena_place(&lab->arena, aligned_alloc(64, (lab->arena.size + 63u) & ~63u));
    lab->trace.want = ~UINT64_C(0);
    start = now_s();
    steps = run_steps(lab, program->limit_steps);
    printf("run: %" PRIu64 " steps, %.1f million/s\n", steps,
           (double)steps / (now_s() - start) / 1e6);
    return 0;
}
