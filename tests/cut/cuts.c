/*
 * tests/cut/cuts.c - the foundation: a run can be cut between any two steps.
 *
 * Every point of every scenario is run once whole.  Then it is run to a random step, its arena
 * is written to a file, a new process reads it and runs on: the trace from there on and the
 * last bytes must be those of the whole run.  A state inside a C driver's handler holds return
 * addresses of this process, so there the new process is a forked one.  And a run whose steps
 * follow each other undisputed must be the one that is made step by step.
 *
 *   cuts NUMBER SCENARIO...            cuts --resume SCENARIO POINT CUTS RESULTS
 */
#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drivers/side_stack.h"
#include "lab/core/lab.h"
#include "lab/load.h"

enum { STEPS_MAX = 4000 /* of a run that does not end */ };

struct machine {
    struct lab lab;
    struct lab_counts counts;
    struct lab_sink sink;
    uint64_t trace; /* hash of all records so far */
    uint8_t *bytes;
};

struct result {
    uint64_t trace, bytes;
};

static uint64_t hash(uint64_t seed, const void *data, size_t size)
{
    const uint8_t *bytes = data;

    for (size_t i = 0; i < size; i++)
        seed = (seed ^ bytes[i]) * UINT64_C(1099511628211);
    return seed;
}

static void take_records(struct lab_sink *sink, const struct sim_record *records, size_t count)
{
    struct machine *m =
        (struct machine *)(void *)((char *)sink - offsetof(struct machine, sink));

    m->trace = hash(m->trace, records, count * sizeof(*records));
}

static void open_machine(struct machine *m, const struct lab_program *program)
{
    memset(m, 0, sizeof(*m));
    m->lab.counts = &m->counts;
    m->sink.records = take_records;
    lab_layout(&m->lab, program, 0, lab_bench_sim_context_bytes());
    m->bytes = aligned_alloc(64, (m->lab.arena.size + 127u) & ~(size_t)63);
    if (!m->bytes || !drv_stack_init(LAB_CONTEXTS_MAX))
        exit(77);
    sim_arena_place(&m->lab.arena, m->bytes);
    m->lab.trace.want = ~UINT64_C(0);
}

static void begin(struct machine *m, const struct lab_program *program)
{
    open_machine(m, program);
    lab_start(&m->lab, &lab_bench_sim);
    m->lab.sink = &m->sink;
    lab_run_begin(&m->lab);
}

static void tell(const struct machine *m, struct result *ret)
{
    ret->trace = m->trace;
    ret->bytes = hash(0, m->bytes, m->lab.arena.size);
}

/* Runs on from @step; returns the step at which it ended. */
static uint64_t finish(struct machine *m, uint64_t step, struct result *ret)
{
    enum sim_end end;

    while (step < STEPS_MAX && lab_run_next(&m->lab, &end))
        step++;
    tell(m, ret);
    free(m->bytes);
    return step;
}

/* What @m has come to step by step, made in as few pieces as there can be. */
static struct result at_once(const struct machine *m, const struct lab_program *program)
{
    uint64_t steps = lab_run_steps(&m->lab);
    struct result result;
    struct machine other;
    enum sim_end end;

    begin(&other, program);
    while (lab_run_steps(&other.lab) < steps &&
           lab_run_on(&other.lab, steps - lab_run_steps(&other.lab), &end))
        ;
    tell(&other, &result);
    free(other.bytes);
    return result;
}

static void load_cut(struct machine *m, const struct lab_program *program, uint64_t trace,
                     const uint8_t *bytes)
{
    open_machine(m, program);
    memcpy(m->bytes, bytes, m->lab.arena.size);
    m->trace = trace;
    lab_resume(&m->lab, &lab_bench_sim);
    m->lab.sink = &m->sink;
}

static bool inside_c(const struct machine *m)
{
    for (unsigned i = 0; i < LAB_CONTEXTS_MAX; i++)
        if (m->lab.context[i] && ((const struct drv_request *)(void *)m->lab.context[i])->busy)
            return true;
    return false;
}

/* A forked process has its code and its side stacks at the same addresses. */
static struct result finish_forked(const struct lab_program *program, uint64_t step,
                                   uint64_t trace, const uint8_t *bytes)
{
    struct result result = {0, 0};
    struct machine m;
    int ends[2];
    pid_t child;

    if (pipe(ends))
        exit(3);
    fflush(0);
    child = fork();
    if (child == 0) {
        load_cut(&m, program, trace, bytes);
        finish(&m, step, &result);
        if (write(ends[1], &result, sizeof(result)) != sizeof(result))
            _exit(3);
        _exit(0);
    }
    close(ends[1]);
    if (read(ends[0], &result, sizeof(result)) != sizeof(result))
        memset(&result, 0, sizeof(result));
    close(ends[0]);
    waitpid(child, 0, 0);
    return result;
}

/* ---- the new process ---- */

static struct lab_program *compiled(const char *scenario, unsigned point)
{
    static const struct lab_load_options options;
    struct lab_loaded loaded;
    struct lab_program *program = 0;

    if (lab_load(&loaded, scenario, &options) == LAB_EXIT_OK && point < loaded.points)
        lab_load_point(&loaded, point, &program);
    lab_unload(&loaded);
    return program;
}

static int resume(char **arguments)
{
    struct lab_program *program =
        compiled(arguments[0], (unsigned)strtoul(arguments[1], 0, 10));
    FILE *cuts = fopen(arguments[2], "rb"), *results = fopen(arguments[3], "wb");
    uint64_t header[2]; /* step, hash of the trace so far */
    struct machine m;
    uint8_t *bytes;

    if (!program || !cuts || !results)
        return 3;
    open_machine(&m, program);
    bytes = malloc(m.lab.arena.size);
    free(m.bytes);
    while (bytes && fread(header, sizeof(header), 1, cuts) == 1 &&
           fread(bytes, m.lab.arena.size, 1, cuts) == 1) {
        struct result result;
        load_cut(&m, program, header[1], bytes);
        finish(&m, header[0], &result);
        fwrite(&result, sizeof(result), 1, results);
    }
    fclose(cuts);
    fclose(results);
    free(bytes);
    free(program);
    return 0;
}

/* ---- cutting ---- */

struct tally {
    const char *self;
    unsigned cuts, forked, wrong;
};

static uint64_t random_below(uint64_t n)
{
    static uint64_t state = 0x9e3779b97f4a7c15u;

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % n;
}

static void judge(struct tally *tally, const char *scenario, unsigned point, uint64_t step,
                  const struct result *got, const struct result *whole)
{
    tally->cuts++;
    if (got->trace == whole->trace && got->bytes == whole->bytes)
        return;
    tally->wrong++;
    printf("%s point %u cut at step %" PRIu64 ": other %s\n", scenario, point, step,
           got->trace != whole->trace ? "trace" : "bytes");
}

/* Brings @m to @step: the same is to come out where undisputed steps follow each other. */
static void judge_pieces(struct tally *tally, const char *scenario, unsigned point,
                         const struct lab_program *program, struct machine *m, uint64_t step)
{
    struct result pieces, whole;
    uint64_t before = 0;
    enum sim_end end;

    for (uint64_t k = 0; k < step; k++) {
        before = lab_run_steps(&m->lab);
        if (!lab_run_next(&m->lab, &end))
            break;
    }
    if (lab_run_steps(&m->lab) == before) /* a slice ended, which is no step */
        return;
    pieces = at_once(m, program);
    tell(m, &whole);
    judge(tally, scenario, point, step, &pieces, &whole);
    tally->cuts--;
}

static void compare(struct tally *tally, const char *scenario, unsigned point,
                    char names[2][32], const uint64_t *steps, unsigned n,
                    const struct result *whole)
{
    char command[1024];
    FILE *results;
    struct result result;

    snprintf(command, sizeof(command), "'%s' --resume '%s' %u %s %s", tally->self, scenario,
             point, names[0], names[1]);
    if (system(command))
        printf("%s point %u: the new process failed\n", scenario, point);
    results = fopen(names[1], "rb");
    for (unsigned i = 0; i < n; i++) {
        if (!results || fread(&result, sizeof(result), 1, results) != 1)
            memset(&result, 0, sizeof(result));
        judge(tally, scenario, point, steps[i], &result, whole);
    }
    if (results)
        fclose(results);
}

static void cut_point(struct tally *tally, const char *scenario, unsigned point,
                      const struct lab_program *program, unsigned cuts)
{
    char names[2][32];
    FILE *file;
    uint64_t *steps = calloc(cuts + 1, sizeof(*steps)), length;
    struct result whole;
    struct machine m;
    unsigned written = 0;

    snprintf(names[0], sizeof(names[0]), "cuts-%ld-states", (long)getpid());
    snprintf(names[1], sizeof(names[1]), "cuts-%ld-results", (long)getpid());
    file = fopen(names[0], "wb");
    begin(&m, program);
    length = finish(&m, 0, &whole);
    for (unsigned i = 0; i < cuts && file && steps; i++) {
        uint64_t step = random_below(length + 1), header[2];
        begin(&m, program);
        judge_pieces(tally, scenario, point, program, &m, step);
        if (inside_c(&m)) {
            struct result result = finish_forked(program, step, m.trace, m.bytes);
            tally->forked++;
            judge(tally, scenario, point, step, &result, &whole);
        } else {
            header[0] = step;
            header[1] = m.trace;
            fwrite(header, sizeof(header), 1, file);
            fwrite(m.bytes, m.lab.arena.size, 1, file);
            steps[written++] = step;
        }
        free(m.bytes);
    }
    if (file)
        fclose(file);
    compare(tally, scenario, point, names, steps, written, &whole);
    unlink(names[0]);
    unlink(names[1]);
    free(steps);
}

/* Spreads the cuts evenly over all points of all scenarios. */
static unsigned points_of(const char *scenario)
{
    static const struct lab_load_options options;
    struct lab_loaded loaded;
    unsigned points = lab_load(&loaded, scenario, &options) == LAB_EXIT_OK ? loaded.points : 0;

    lab_unload(&loaded);
    return points;
}

int main(int argc, char **argv)
{
    struct tally tally = {.self = argv[0]};
    unsigned points = 0, wanted;

    if (argc == 6 && !strcmp(argv[1], "--resume"))
        return resume(argv + 2);
    if (argc < 3) {
        fprintf(stderr, "usage: cuts NUMBER SCENARIO...\n");
        return 2;
    }
    for (int i = 2; i < argc; i++)
        points += points_of(argv[i]);
    wanted = ((unsigned)strtoul(argv[1], 0, 10) + points) / (points ? points : 1);
    for (int i = 2; i < argc; i++)
        for (unsigned p = 0, n = points_of(argv[i]); p < n; p++) {
            struct lab_program *program = compiled(argv[i], p);
            if (program)
                cut_point(&tally, argv[i], p, program, wanted);
            free(program);
        }
    printf("%u cuts, %u of them inside C code, %u wrong\n", tally.cuts, tally.forked,
           tally.wrong);
    return tally.wrong || !tally.cuts;
}
