/* tests/differential/recipe_arm.c - what scripts for the Arm machines add. */
#include "tests/differential/recipe.h"

#include <inttypes.h>

#include "sim/regs/board_virt.h"
#include "sim/regs/gicv2.h"

/* ---- GICv2 ---- */

/* The interrupt ID of an input in focus; now and then a software interrupt's. */
static uint32_t intid(struct test_generator *g)
{
    uint32_t pin = test_focus(g);
    uint32_t spis = g->machine->chip[0].hole_first;

    if (test_random(g, 8) == 0)
        return test_random(g, GIC_SGIS);
    return pin < spis ? pin + GIC_SPI_FIRST : pin - spis;
}

static void gic_begin(struct test_generator *g)
{
    test_emit(g, "w32 gicd 0x0 0x%x", test_random(g, 4) ? 3 : 1);
    test_emit(g, "w32 gicc 0x0 0x%x", test_random(g, 2) ? 7 : test_random(g, 0x220));
    test_emit(g, "w32 gicc 0x4 0xff");
    for (unsigned i = 0; i < TEST_FOCUS; i++) {
        uint32_t id = intid(g);
        test_emit(g, "w32 gicd 0x%" PRIx32 " 0x%" PRIx32, GICD_ISENABLER + id / 32 * 4,
                  1u << id % 32);
    }
}

static void gic_some(struct test_generator *g)
{
    uint32_t id = intid(g);
    uint32_t word = id / 32 * 4;
    uint32_t bit = 1u << id % 32;

    switch (test_random(g, 12)) {
    case 0:
    case 1:
        test_emit(g, "r32 gicc 0xc = a");
        if (test_random(g, 3))
            test_emit(g, "w32 gicc 0x10 a");
        break;
    case 2:
        test_emit(g, "r32 gicc 0xc = b");
        break;
    case 3:
        test_emit(g, "w32 gicc 0x%x 0x%" PRIx32, test_random(g, 2) ? 0x10 : 0x1000, id);
        break;
    case 4:
        test_emit(g, "w32 gicd 0x%" PRIx32 " 0x%" PRIx32,
                  (test_random(g, 4) ? GICD_ISENABLER : GICD_ICENABLER) + word, bit);
        break;
    case 5:
        test_emit(g, "w32 gicd 0x%" PRIx32 " 0x%" PRIx32,
                  (test_random(g, 2) ? GICD_ISPENDR : GICD_ICPENDR) + word, bit);
        break;
    case 6:
        test_emit(g, "w32 gicd 0x%" PRIx32 " 0x%" PRIx32,
                  (test_random(g, 3) ? GICD_ICACTIVER : GICD_ISACTIVER) + word, bit);
        break;
    case 7:
        test_emit(g, "w8 gicd 0x%" PRIx32 " 0x%x", GICD_IPRIORITYR + id,
                  test_random(g, 16) << 4 | test_random(g, 2));
        break;
    case 8:
        test_emit(g, "w32 gicd 0x%" PRIx32 " 0x%" PRIx32, GICD_ICFGR + id / 16 * 4,
                  test_random(g, 0));
        break;
    case 9:
        test_emit(g, "w32 gicc 0x0 0x%x", test_random(g, 4) ? test_random(g, 0x20) | 3 : 0x207);
        test_emit(g, "w32 gicd 0x0 0x%x", test_random(g, 6) ? 3 : test_random(g, 4));
        break;
    case 10:
        test_emit(g, "w32 gicd 0xf00 0x%" PRIx32,
                  test_random(g, 4) << 24 | test_random(g, 256) << 16 | test_random(g, 16));
        test_emit(g, "w8 gicd 0x%x 0x%x", GICD_SPENDSGIR + test_random(g, 16),
                  1 + test_random(g, 255));
        break;
    default:
        test_emit(g, "w32 gicc 0x4 0x%x", test_random(g, 3) ? 0xff : test_random(g, 256));
        if (g->machine->machine == SIM_MACHINE_VIRT)
            test_emit(g, "w32 v2m 0x40 0x%" PRIx32, 80 + test_random(g, 64));
        break;
    }
}

/* A 0 among the bytes written to SPENDSGIR ends QEMU at the next acknowledge. */
static bool gic_forbids(uint32_t address, unsigned size, bool write)
{
    uint32_t base = address & ~0xfffu;
    uint32_t offset = address & 0xfff;

    return write && base == VIRT_GICD_BASE && offset + size > GICD_SPENDSGIR &&
           offset < GICD_SPENDSGIR + GIC_SGIS;
}

const struct test_recipe test_recipes_arm[] = {
    {"gicv2", gic_begin, gic_some, gic_forbids},
    {0, 0, 0, 0},
};
