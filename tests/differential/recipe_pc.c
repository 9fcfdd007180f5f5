/* tests/differential/recipe_pc.c - what scripts for the PCs add. */
#include <inttypes.h>

#include "sim/regs/board_pc.h"
#include "sim/regs/i8259.h"
#include "sim/regs/ioapic.h"
#include "sim/regs/lapic.h"
#include "tests/differential/recipe.h"

static const char *pic(struct test_generator *g)
{
    return test_random(g, 3) ? "pic0" : "pic1";
}

/* The four words of an initialization, or as many as the first one says. */
static void initialize(struct test_generator *g, const char *chip)
{
    uint32_t icw1 = I8259_ICW1_INIT | (test_random(g, 4) ? 1 : test_random(g, 16));

    test_emit(g, "w8 %s 0 0x%" PRIx32, chip, icw1);
    test_emit(g, "w8 %s 1 0x%" PRIx32, chip, 0x20 + 8 * test_random(g, 28));
    if (!(icw1 & I8259_ICW1_SNGL))
        test_emit(g, "w8 %s 1 4", chip);
    if (icw1 & I8259_ICW1_IC4)
        test_emit(g, "w8 %s 1 0x%" PRIx32, chip,
                  test_random(g, 3) ? 1 : (test_random(g, 2) ? 0x11 : test_random(g, 32)));
}

/* Two thirds of the time what is in service ends, so that scripts do not stall. */
static void pic_some(struct test_generator *g)
{
    const char *chip = pic(g);

    switch (test_random(g, 12)) {
    case 0:
        initialize(g, chip);
        break;
    case 1:
    case 2:
    case 3:
        test_emit(g, "w8 %s 0 0x%x", chip, test_random(g, 4) ? 0x20 : 0xa0);
        break;
    case 4:
        test_emit(g, "w8 %s 0 0x%" PRIx32, chip,
                  (test_random(g, 2) ? 0x60 : 0xe0) | test_random(g, 8));
        break;
    case 5:
        test_emit(g, "w8 %s 0 0x%" PRIx32, chip, test_random(g, 8) << 5 | test_random(g, 8));
        break;
    case 6:
        test_emit(g, "w8 %s 0 0x%x", chip, 0x08 | test_random(g, 8));
        test_emit(g, "r8 %s 0", chip);
        break;
    case 7:
        test_emit(g, "w8 %s 0 0x0c", chip);
        test_emit(g, "r8 %s %" PRIu32, chip, test_random(g, 2));
        break;
    case 8:
        test_emit(g, "w8 %s 0 0x%x", chip, test_random(g, 2) ? 0x48 : 0x68);
        break;
    case 9:
        test_emit(g, "w8 %s 1 0x%" PRIx32, chip, test_random(g, 256) & test_random(g, 256));
        break;
    case 10:
        test_emit(g, "w8 elcr %" PRIu32 " 0x%" PRIx32, test_random(g, 2), test_random(g, 256));
        break;
    default:
        test_emit(g, "line %s %" PRIu32 " %" PRIu32, chip, test_random(g, 8),
                  test_random(g, 2));
        break;
    }
}

static void select(struct test_generator *g, uint32_t index)
{
    test_emit(g, "w32 ioapic 0 0x%" PRIx32, index);
}

/* A redirection entry; on a machine with a processor only what that can take. */
static uint32_t entry(struct test_generator *g)
{
    static const uint8_t modes[] = {0, 0, 0, 0, 0, 1, 1, 7, 2, 4};
    uint32_t low = 0x20 + test_random(g, 0xe0);

    if (test_random(g, 3))
        low = 0x30 + 8 * test_random(g, 6);
    low |= (uint32_t)modes[test_random(g, test_random(g, 8) ? 8 : 10)] << IOAPIC_RTE_MODE_SHIFT;
    low |= test_random(g, 2) ? IOAPIC_RTE_LEVEL : 0;
    low |= test_random(g, 4) ? 0 : IOAPIC_RTE_MASKED;
    low |= test_random(g, 4) ? 0 : IOAPIC_RTE_LOGICAL;
    low |= test_random(g, 8) ? 0 : IOAPIC_RTE_LOW;
    return low;
}

static uint32_t io_pin(struct test_generator *g)
{
    return test_random(g, 4) ? 2 + test_focus(g) % 8 : test_random(g, 23);
}

static void ioapic_some(struct test_generator *g)
{
    uint32_t pin = io_pin(g);

    switch (test_random(g, 6)) {
    case 0:
        select(g, IOAPIC_TABLE + 2 * pin);
        test_emit(g, "w32 ioapic 0x10 0x%" PRIx32, entry(g));
        break;
    case 1:
        select(g, IOAPIC_TABLE + 2 * pin + 1);
        test_emit(g, "w32 ioapic 0x10 0x%" PRIx32,
                  test_random(g, 3) ? 0 : test_random(g, 3) << 24);
        break;
    case 2:
        select(g, test_random(g, 4) ? IOAPIC_TABLE + 2 * pin : test_random(g, 256));
        test_emit(g, "r32 ioapic 0x10");
        break;
    case 3:
        test_emit(g, "w32 ioapic 0x40 0x%" PRIx32, 0x30 + 8 * test_random(g, 6));
        break;
    default:
        test_emit(g, "line ioapic %" PRIu32 " %" PRIu32, pin, test_random(g, 2));
        break;
    }
}

/* ---- pc-msi ---- */

static void msi_begin(struct test_generator *g)
{
    initialize(g, "pic0");
    initialize(g, "pic1");
}

static void msi_some(struct test_generator *g)
{
    switch (test_random(g, 5)) {
    case 0:
    case 1:
        pic_some(g);
        break;
    case 2:
        test_emit(g, test_random(g, 2) ? "cpu inta" : "r32 msi 0");
        break;
    case 3:
        test_emit(g, "r32 msi 0x%" PRIx32,
                  test_random(g, 3) << APIC_MSG_DEST_SHIFT | 4 * test_random(g, 2));
        break;
    default:
        ioapic_some(g);
        break;
    }
}

/* Pin 23 is the harness's: its entry must not be selected and written. */
static bool msi_forbids(const struct test_generator *g, uint32_t address, unsigned size,
                        bool write)
{
    (void)g;
    (void)size;
    return write && address >> 12 == PC_IOAPIC_BASE >> 12;
}

/* ---- pc ---- */

static void pc_begin(struct test_generator *g)
{
    msi_begin(g);
    test_emit(g, "w32 lapic 0xf0 0x1%02" PRIx32, 0xf0 + test_random(g, 16));
    if (test_random(g, 2))
        test_emit(g, "w32 lapic 0x350 0x10700");
}

static void lapic_some(struct test_generator *g)
{
    static const uint16_t reads[] = {0x20, 0x30,  0x80,  0xa0,  0xd0,  0xe0,
                                     0xf0, 0x280, 0x300, 0x310, 0x350, 0x360};

    switch (test_random(g, 14)) {
    case 0:
    case 1:
    case 2:
        test_emit(g, "w32 lapic 0xb0 0");
        break;
    case 3:
        test_emit(g, "w32 lapic 0x80 0x%" PRIx32, test_random(g, 3) ? 0 : test_random(g, 256));
        break;
    case 4:
        test_emit(g, "w32 lapic 0xf0 0x%" PRIx32,
                  (test_random(g, 6) ? 0x100 : 0) | test_random(g, 256));
        break;
    case 5:
        test_emit(g, "w32 lapic 0x300 0x%" PRIx32,
                  0x30 + 8 * test_random(g, 8) + (test_random(g, 4) << 18) +
                      (test_random(g, 2) << 15) + (test_random(g, 2) << 8));
        break;
    case 6:
        if (test_random(g, 12) == 0)
            test_emit(g, "w32 lapic 0x350 0x%x", test_random(g, 2) ? 0x200 : 0x400);
        test_emit(g, "w32 lapic 0x350 0x%" PRIx32,
                  test_random(g, 2) ? 0x700u + (test_random(g, 2) << 16)
                                    : 0x30 + 8 * test_random(g, 8) + (test_random(g, 2) << 15));
        break;
    case 7:
        test_emit(g, "w32 lapic 0x%x 0x%" PRIx32, test_random(g, 2) ? 0xd0 : 0xe0,
                  test_random(g, 0));
        break;
    case 8:
        test_emit(g, "w32 lapic 0x310 0x%" PRIx32, test_random(g, 3) << 24);
        break;
    case 9:
        test_emit(g, "w32 lapic 0x0 0x%" PRIx32,
                  0x30 + 8 * test_random(g, 8) + (test_random(g, 2) << 15));
        break;
    case 10:
    case 11:
        test_emit(g, "r32 lapic 0x%" PRIx32, 0x100 + 0x10 * test_random(g, 24));
        break;
    default:
        test_emit(g, "r32 lapic 0x%x", reads[test_random(g, 12)]);
        break;
    }
}

static void pc_some(struct test_generator *g)
{
    switch (test_random(g, 7)) {
    case 0:
        pic_some(g);
        break;
    case 1:
    case 2:
        test_emit(g, "cpu take");
        break;
    case 3:
    case 4:
        ioapic_some(g);
        break;
    default:
        lapic_some(g);
        break;
    }
}

/*
 * What makes the processor do something else than take a vector (INIT, start-up) and what
 * passes with time (the timer) is left to the recipe, which avoids it.
 */
static bool pc_forbids(const struct test_generator *g, uint32_t address, unsigned size,
                       bool write)
{
    (void)g;
    uint32_t page = address >> 12;

    (void)size;
    if (page == PC_IOAPIC_BASE >> 12 || page == PC_LAPIC_BASE >> 12)
        return write || (address & 0xfff) / LAPIC_STRIDE == LAPIC_TCCR / LAPIC_STRIDE;
    return false;
}

const struct test_recipe test_recipes_pc[] = {
    {"pc", pc_begin, pc_some, pc_forbids},
    {"pc-msi", msi_begin, msi_some, msi_forbids},
    {0, 0, 0, 0},
};
