/* tests/differential/recipe_riscv.c - what scripts for the RISC-V machines add. */
#include <inttypes.h>

#include "sim/regs/aplic.h"
#include "sim/regs/board_riscv.h"
#include "sim/regs/ns16550.h"
#include "sim/regs/plic.h"
#include "tests/differential/recipe.h"

static void plic_begin(struct test_generator *g)
{
    for (unsigned i = 0; i < TEST_FOCUS; i++) {
        uint32_t source = test_focus(g);
        test_emit(g, "w32 plic 0x%" PRIx32 " %" PRIu32, PLIC_PRIORITY + 4 * source,
                  1 + test_random(g, 7));
        test_emit(g, "w32 plic 0x%" PRIx32 " 0x%x",
                  PLIC_ENABLE + PLIC_ENABLE_STRIDE * test_random(g, 2) + source / 32 * 4,
                  1u << source % 32);
    }
}

/* The UART in loopback: what is written is received. */
static void uart_some(struct test_generator *g)
{
    switch (test_random(g, 8)) {
    case 0:
        test_emit(g, "w8 uart 1 %" PRIu32, test_random(g, 16));
        break;
    case 1:
        test_emit(g, "w8 uart 4 0x%x", test_random(g, 4) ? 0x18 : 0x08);
        break;
    case 2:
        test_emit(g, "w8 uart 2 0x%" PRIx32, test_random(g, 4) << 6 | test_random(g, 8));
        break;
    case 3:
        test_emit(g, "w8 uart 3 %x", test_random(g, 8) ? 3 : 0x83);
        break;
    case 4:
    case 5:
        test_emit(g, "w8 uart 0 %" PRIu32, test_random(g, 256));
        break;
    case 6:
        test_emit(g, "r8 uart 0");
        break;
    default:
        test_emit(g, "r8 uart %" PRIu32, test_random(g, 8));
        break;
    }
}

static void plic_some(struct test_generator *g)
{
    uint32_t context = PLIC_CONTEXT_STRIDE * test_random(g, 2);
    uint32_t source = test_focus(g);

    switch (test_random(g, 8)) {
    case 0:
    case 1:
        test_emit(g, "r32 plic 0x%" PRIx32 " = a", PLIC_CLAIM + context);
        if (test_random(g, 3))
            test_emit(g, "w32 plic 0x%" PRIx32 " a", PLIC_COMPLETE + context);
        break;
    case 2:
        test_emit(g, "w32 plic 0x%" PRIx32 " %" PRIu32, PLIC_COMPLETE + context, source);
        break;
    case 3:
        test_emit(g, "w32 plic 0x%" PRIx32 " %" PRIu32, PLIC_THRESHOLD + context,
                  test_random(g, 3) ? 0 : test_random(g, 8));
        break;
    case 4:
        source = test_random(g, 6) ? source : RISCV_SOURCES; /* one word beyond the last */
        test_emit(g, "w32 plic 0x%" PRIx32 " %" PRIu32, PLIC_PRIORITY + 4 * source,
                  test_random(g, 8));
        test_emit(g, "r32 plic 0x%" PRIx32, PLIC_PRIORITY + 4 * source);
        break;
    case 5:
        test_emit(g, "w32 plic 0x%" PRIx32 " 0x%" PRIx32,
                  PLIC_ENABLE + PLIC_ENABLE_STRIDE * test_random(g, 2) + source / 32 * 4,
                  test_random(g, 2) ? UINT32_MAX : test_value(g));
        break;
    default:
        uart_some(g);
        break;
    }
}

/* ---- APLIC ---- */

static const char *domain(struct test_generator *g)
{
    return test_random(g, 3) ? "aplicm" : "aplics";
}

static uint32_t source_mode(struct test_generator *g)
{
    return test_random(g, 4) ? 4 + test_random(g, 4) : test_random(g, 8);
}

/* A source becomes the domain's and is turned on. */
static void aplic_source(struct test_generator *g)
{
    const char *name = domain(g);
    uint32_t source = 1 + test_focus(g) % (RISCV_APLIC_SOURCES - 1);

    if (name[5] == 's')
        test_emit(g, "w32 aplicm 0x%" PRIx32 " 0x400", 4 * source);
    test_emit(g, "w32 %s 0x%" PRIx32 " %" PRIu32, name, 4 * source, source_mode(g));
    test_emit(g, "w32 %s 0x%x %" PRIu32, name, APLIC_SETIENUM, source);
    test_emit(g, "w32 %s 0x%" PRIx32 " %" PRIu32, name, APLIC_TARGET + 4 * source,
              test_random(g, 9));
}

static void aplic_begin(struct test_generator *g)
{
    for (unsigned i = 0; i < 2; i++) {
        const char *name = i ? "aplics" : "aplicm";
        test_emit(g, "w32 %s 0 0x100", name);
        test_emit(g, "w32 %s 0x%x 1", name, APLIC_IDC + APLIC_IDELIVERY);
    }
    for (unsigned i = 0; i < TEST_FOCUS; i++)
        aplic_source(g);
}

static void aplic_some(struct test_generator *g)
{
    static const uint16_t numbers[] = {APLIC_SETIPNUM,    APLIC_CLRIPNUM,    APLIC_SETIENUM,
                                       APLIC_CLRIENUM,    APLIC_SETIPNUM_LE, APLIC_SETIENUM,
                                       APLIC_SETIPNUM_LE, APLIC_SETIENUM};
    const char *name = domain(g);
    uint32_t source = 1 + test_focus(g) % (RISCV_APLIC_SOURCES - 1);

    switch (test_random(g, 10)) {
    case 0:
    case 1:
    case 2:
        test_emit(g, "r32 %s 0x%x", name, APLIC_IDC + APLIC_CLAIMI);
        break;
    case 3:
        aplic_source(g);
        break;
    case 4:
        test_emit(g, "w32 %s 0x%x %" PRIu32, name, numbers[test_random(g, 8)], source);
        break;
    case 5:
        test_emit(g, "w32 %s 0x%x %" PRIu32, name, APLIC_IDC + APLIC_ITHRESHOLD,
                  test_random(g, 3) ? 0 : test_random(g, 8));
        break;
    case 6:
        test_emit(g, "w32 %s 0x%x %" PRIu32, name, APLIC_IDC + APLIC_IFORCE, test_random(g, 2));
        break;
    case 7:
        test_emit(g, "w32 %s 0 0x%x", name, test_random(g, 4) ? 0x100 : 0);
        test_emit(g, "w32 %s 0x%x %u", name, APLIC_IDC + APLIC_IDELIVERY,
                  test_random(g, 4) ? 1 : 0);
        break;
    case 8:
        test_emit(g, "r32 %s 0x%" PRIx32, name,
                  (test_random(g, 2) ? APLIC_SETIP : APLIC_IN_CLRIP) + source / 32 * 4);
        break;
    default:
        test_emit(g, "w32 aplicm 0x%" PRIx32 " 0x%" PRIx32, 4 * source,
                  test_random(g, 2) ? 0x400 : source_mode(g));
        break;
    }
}

const struct test_recipe test_recipes_riscv[] = {
    {"aplic", aplic_begin, aplic_some, 0},
    {"plic", plic_begin, plic_some, 0},
    {0, 0, 0, 0},
};
