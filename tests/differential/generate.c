/* tests/differential/generate.c - see generate.h. */
#include "tests/differential/generate.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "sim/regs/access.h"

enum { LINE_BYTES = 96 };

uint32_t test_random(struct test_generator *g, uint32_t n)
{
    /* splitmix64: any seed, also 0, and no short cycles */
    uint64_t z = g->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    z ^= z >> 31;
    return n ? (uint32_t)(z >> 16) % n : (uint32_t)(z >> 16);
}

uint32_t test_focus(struct test_generator *g)
{
    return g->focus[test_random(g, TEST_FOCUS)];
}

uint32_t test_value(struct test_generator *g)
{
    switch (test_random(g, 8)) {
    case 0:
        return 0;
    case 1:
        return UINT32_MAX;
    case 2:
    case 3:
        return 1u << test_random(g, 32);
    case 4:
        return test_random(g, 256);
    case 5:
        return test_random(g, 8);
    case 6:
        return 1u << test_focus(g) % 32;
    default:
        return test_random(g, 0);
    }
}

void test_emit(struct test_generator *g, const char *format, ...)
{
    va_list arguments;

    if (g->room - g->used < LINE_BYTES)
        return;
    va_start(arguments, format);
    vsnprintf(g->text + g->used, LINE_BYTES - 1, format, arguments);
    va_end(arguments);
    g->used += strlen(g->text + g->used);
    g->text[g->used++] = '\n';
    g->operations++;
}

/* ---- where to ---- */

/* The registers that live in @region, and whether a chip of the controller has them. */
static const struct sim_register *registers_of(const struct lab_probe_machine *machine,
                                               const struct lab_probe_region *region,
                                               unsigned *ret_count)
{
    const struct sim_chip *chip;

    for (unsigned i = 0; (chip = sim_chip((enum sim_machine)machine->machine, i)); i++)
        if (strcmp(chip->name, region->name) == 0) {
            *ret_count = chip->count;
            return chip->registers;
        }
    for (unsigned i = 0; i < LAB_PROBE_DEVICES && machine->device[i].base; i++)
        if (machine->device[i].base == region->base)
            return sim_registers((enum sim_model)machine->device[i].model, ret_count);
    *ret_count = 0;
    return 0;
}

static unsigned regions_of(const struct lab_probe_machine *machine)
{
    unsigned count = 0;

    while (count < LAB_PROBE_REGIONS && machine->region[count].name)
        count++;
    return count;
}

/* Which of a bank's registers: mostly one with a field of an input in focus. */
static uint32_t index_in(struct test_generator *g, const struct sim_register *row)
{
    if (row->count <= 1)
        return 0;
    if (test_random(g, 8) == 0)
        return test_random(g, row->count);
    const struct lab_probe_chip *chip = &g->machine->chip[0];
    /* inputs of a GIC start behind 32 private ones; a bank spreads evenly over all */
    uint32_t inputs = chip->pins ? chip->pins : 32;
    uint32_t input = (test_focus(g) + (chip->hole_pins ? 32 : 0)) % inputs;
    return input * row->count / inputs;
}

static bool forbidden(const struct test_generator *g, uint32_t address, unsigned size,
                      bool write)
{
    const struct test_recipe *recipe = test_recipe(g->machine->name);

    return recipe && recipe->forbids && recipe->forbids(g, address, size, write);
}

static void access_to(struct test_generator *g, const struct lab_probe_region *region,
                      uint32_t offset, unsigned size, bool write)
{
    if (forbidden(g, region->base + offset, size, write))
        return;
    if (write)
        test_emit(g, "w%u %s 0x%" PRIx32 " 0x%" PRIx32, size * 8, region->name, offset,
                  test_value(g));
    else
        test_emit(g, "r%u %s 0x%" PRIx32, size * 8, region->name, offset);
}

/* An access to a register that somebody thought of. */
static void known(struct test_generator *g)
{
    const struct lab_probe_region *region =
        &g->machine->region[test_random(g, regions_of(g->machine))];
    unsigned count;
    const struct sim_register *row = registers_of(g->machine, region, &count);
    bool write = test_random(g, 5) < 3;

    if (!count) {
        access_to(g, region, test_random(g, region->size) & ~3u, 4, write);
        return;
    }
    row += test_random(g, count);
    write = row->access == SIM_ACCESS_WO || (write && row->access != SIM_ACCESS_RO);
    access_to(g, region, row->offset + row->stride * index_in(g, row), row->size, write);
}

/* An access of any size, to anywhere. */
static void anywhere(struct test_generator *g)
{
    const struct lab_probe_region *region =
        &g->machine->region[test_random(g, regions_of(g->machine))];
    unsigned size = 1u << test_random(g, 3);
    uint32_t offset = test_random(g, region->size);
    unsigned count;
    const struct sim_register *row = registers_of(g->machine, region, &count);

    if (count && test_random(g, 2)) {
        row += test_random(g, count);
        offset = row->offset + row->stride * index_in(g, row) + test_random(g, 4);
    }
    if (test_random(g, 4))
        offset &= ~(size - 1);
    if (offset + size <= region->size)
        access_to(g, region, offset, size, test_random(g, 2));
}

static void level(struct test_generator *g)
{
    unsigned chips = 0;

    while (chips < LAB_PROBE_CHIPS && g->machine->chip[chips].name)
        chips++;
    if (!chips)
        return;
    unsigned which = test_random(g, 3) ? 0 : test_random(g, chips);
    const struct lab_probe_chip *chip = &g->machine->chip[which];
    uint32_t pin =
        which || test_random(g, 10) == 0 ? test_random(g, chip->pins) : test_focus(g);
    if (pin - chip->hole_first < chip->hole_pins)
        return;
    test_emit(g, "line %s %" PRIu32 " %" PRIu32, chip->name, pin, test_random(g, 2));
}

static void choose_focus(struct test_generator *g)
{
    const struct lab_probe_chip *chip = &g->machine->chip[0];

    for (unsigned i = 0; i < TEST_FOCUS; i++) {
        uint32_t pin;
        do
            pin = test_random(g, chip->pins ? chip->pins : 32);
        while (pin - chip->hole_first < chip->hole_pins);
        g->focus[i] = pin;
        /* neighbours share a register; devices hold the low inputs */
        if (i % 3 == 1 && g->focus[i - 1] + 1 < chip->pins)
            g->focus[i] = g->focus[i - 1] + 1;
        if (i % 3 == 2 && g->machine->device[0].base)
            g->focus[i] = g->machine->device[0].irq;
        if (g->focus[i] - chip->hole_first < chip->hole_pins)
            g->focus[i] = pin;
    }
}

char *test_generate(const struct lab_probe_machine *machine, uint64_t seed, uint32_t operations)
{
    const struct test_recipe *recipe = test_recipe(machine->name);
    struct test_generator g = {.machine = machine, .state = seed};

    g.room = (size_t)(operations + 64) * LINE_BYTES;
    g.text = malloc(g.room);
    if (!g.text)
        return 0;
    choose_focus(&g);
    test_emit(&g, "machine %s", machine->name);
    g.operations = 0;
    if (recipe && recipe->begin)
        recipe->begin(&g);
    while (g.operations < operations) {
        uint32_t dice = test_random(&g, 100);
        if (dice < 30 && recipe && recipe->some)
            recipe->some(&g);
        else if (dice < 50)
            level(&g);
        else if (dice < 92)
            known(&g);
        else
            anywhere(&g);
    }
    g.text[g.used] = 0;
    return g.text;
}
