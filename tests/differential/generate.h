/*
 * tests/differential/generate.h - random probe scripts: a seed, a length, and weights that
 * reach every register and every line.
 *
 * Most operations go to registers that the tables of sim/regs/ name and, in banks, to the few
 * inputs that a script concentrates on, so that the same interrupt is set up, moved,
 * acknowledged and ended; some go anywhere.  What a register needs to come alive is a recipe of
 * its machine.
 */
#ifndef TEST_DIFFERENTIAL_GENERATE_H
#define TEST_DIFFERENTIAL_GENERATE_H

#include "lab/probe.h"

enum { TEST_FOCUS = 6 }; /* inputs that a script concentrates on */

struct test_generator {
    const struct lab_probe_machine *machine;
    uint64_t state;
    uint32_t focus[TEST_FOCUS]; /* irqs: pins of the first chip */
    char *text;
    size_t used, room;
    uint32_t operations;
    uint32_t queued; /* where the recipe's next command goes */
    bool tables;     /* the recipe has laid tables in memory: nobody else moves them */
};

/*
 * A script of @operations lines for @machine, the same for the same @seed; the caller frees it.
 * 0: no memory.
 */
char *test_generate(const struct lab_probe_machine *machine, uint64_t seed,
                    uint32_t operations);

/* ---- for recipes ---- */

/* 0 .. n-1 */
uint32_t test_random(struct test_generator *g, uint32_t n);
/* One of the inputs of this script, as a pin of the first chip. */
uint32_t test_focus(struct test_generator *g);
/* A value that is likely to matter: a bit, a byte, all ones, nothing, anything. */
uint32_t test_value(struct test_generator *g);
/* One line of the script. */
void test_emit(struct test_generator *g, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* What a machine adds: how a script begins, and a few operations that belong together. */
struct test_recipe {
    const char *machine;
    void (*begin)(struct test_generator *g);
    void (*some)(struct test_generator *g);
    /* Must this access not be made (QEMU would end)?  0: all may be made. */
    bool (*forbids)(const struct test_generator *g, uint32_t address, unsigned size,
                    bool write);
};

/* The row of a machine, or 0. */
const struct test_recipe *test_recipe(const char *machine);

#endif
