/* tests/differential/recipe_arm.c - what scripts for the Arm machines add. */
#include "tests/differential/recipe.h"

#include <inttypes.h>

#include "sim/regs/board_mps2.h"
#include "sim/regs/board_vexpress.h"
#include "sim/regs/board_virt.h"
#include "sim/regs/cmsdk_uart.h"
#include "sim/regs/gicv2.h"
#include "sim/regs/gicv3.h"
#include "sim/regs/nvic.h"

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
        test_emit(g, "w32 gicc 0x%x 0x%" PRIx32,
                  g->machine->region[1].size > 0x1000 && test_random(g, 2) ? 0x1000 : 0x10, id);
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
        test_emit(g, "w32 gicd 0x%" PRIx32 " 0x%" PRIx32, (GICD_IPRIORITYR + id) & ~3u,
                  test_random(g, 0) & 0xf0f0f0f0);
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

/* A timer is loaded, started, looked at; LOAD 0 makes it expire without time. */
static void sp804_some(struct test_generator *g)
{
    const char *timer = test_random(g, 2) ? "timer" : "timer2";
    uint32_t n = 0x20 * test_random(g, 2);

    switch (test_random(g, g->machine->machine == SIM_MACHINE_VERSATILEPB ? 3 : 8)) {
    case 0:
        test_emit(g, "w32 %s 0x%" PRIx32 " 0x%" PRIx32, timer, n,
                  test_random(g, 2) ? test_value(g) : test_random(g, 3));
        test_emit(g, "w32 %s 0x%" PRIx32 " 0x%x", timer, n + 8, test_random(g, 256) | 0xa0);
        break;
    case 1:
        test_emit(g, "w32 %s 0x%" PRIx32 " 0x%x", timer, n + 8, test_random(g, 256));
        test_emit(g, "r32 %s 0x%" PRIx32, timer, n + 4);
        break;
    case 2:
        test_emit(g, "w32 %s 0x%" PRIx32 " 1", timer, n + 0xc);
        break;
    default:
        gic_some(g);
        break;
    }
}

/* A 0 among the bytes written to SPENDSGIR ends QEMU at the next acknowledge. */
static bool gic_forbids(const struct test_generator *g, uint32_t address, unsigned size,
                        bool write)
{
    (void)g;
    uint32_t base = address & ~0xfffu;
    uint32_t offset = address & 0xfff;

    return write &&
           (base == VIRT_GICD_BASE || base == VEXPRESS_A15_GICD_BASE ||
            base == VEXPRESS_A9_GICD_BASE) &&
           offset + size > GICD_SPENDSGIR && offset < GICD_SPENDSGIR + GIC_SGIS;
}

/* ---- GICv3 ---- */

/* The frame and the word of a bank of bits that an interrupt ID is in. */
static void gicv3_bit(struct test_generator *g, uint32_t bank, uint32_t id)
{
    test_emit(g, "w32 %s 0x%" PRIx32 " 0x%" PRIx32, id < 32 ? "sgi" : "gicd",
              bank + id / 32 * 4, 1u << id % 32);
}

static void gicv3_begin(struct test_generator *g)
{
    test_emit(g, "w32 gicd 0x0 3");
    test_emit(g, "w32 gicr 0x14 0");
    test_emit(g, "cpu wr PMR 0xff");
    test_emit(g, "cpu wr IGRPEN0 1");
    test_emit(g, "cpu wr IGRPEN1 1");
    for (unsigned i = 0; i < TEST_FOCUS; i++) {
        uint32_t id = intid(g);
        gicv3_bit(g, GICD3_ISENABLER, id);
        if (test_random(g, 2))
            gicv3_bit(g, GICD3_IGROUPR, id);
    }
    test_its_begin(g);
}

static void gicv3_interface(struct test_generator *g, uint32_t id)
{
    static const char *const read[] = {"PMR",   "HPPIR0", "BPR0",    "AP0R0",
                                       "AP1R0", "RPR",    "HPPIR1",  "BPR1",
                                       "CTLR",  "SRE",    "IGRPEN0", "IGRPEN1"};
    unsigned group = test_random(g, 2);

    switch (test_random(g, 10)) {
    case 0:
    case 1:
    case 2:
        test_emit(g, "cpu rd IAR%u = a", group);
        if (test_random(g, 3))
            test_emit(g, "cpu wr EOIR%u a", group);
        break;
    case 3:
        test_emit(g, "cpu wr EOIR%u 0x%" PRIx32, group,
                  test_random(g, 4) ? id : test_random(g, 1024));
        break;
    case 4:
        test_emit(g, "cpu wr DIR 0x%" PRIx32, test_random(g, 4) ? id : test_random(g, 2048));
        break;
    case 5:
        test_emit(g, "cpu wr %s 0x%" PRIx32,
                  group ? "SGI1R" : (test_random(g, 2) ? "SGI0R" : "ASGI1R"),
                  test_random(g, 16) << 24 | (test_random(g, 8) ? 0 : 1u << 16) |
                      test_random(g, 4));
        break;
    case 6:
        test_emit(g, "cpu wr PMR 0x%x", test_random(g, 3) ? 0xff : test_random(g, 256));
        test_emit(g, "cpu wr IGRPEN%u 0x%x", group, test_random(g, 5) ? 1 : test_value(g));
        break;
    case 7:
        test_emit(g, "cpu wr BPR%u 0x%x", group, test_random(g, 8)); /* 8 ends QEMU */
        test_emit(g, "cpu wr CTLR 0x%x", test_random(g, 4));
        break;
    case 8:
        test_emit(g, "cpu wr AP%uR0 0x%" PRIx32, group,
                  test_random(g, 3) ? 0 : 1u << test_random(g, 32));
        break;
    default:
        test_emit(g, "cpu rd %s", read[test_random(g, sizeof(read) / sizeof(read[0]))]);
        break;
    }
}

static void gicv3_some(struct test_generator *g)
{
    uint32_t id = intid(g);
    const char *frame = id < 32 ? "sgi" : "gicd";

    switch (test_random(g, 22)) {
    case 0:
        gicv3_bit(g, test_random(g, 4) ? GICD3_ISENABLER : GICD3_ICENABLER, id);
        break;
    case 1:
        gicv3_bit(g, test_random(g, 2) ? GICD3_ISPENDR : GICD3_ICPENDR, id);
        break;
    case 2:
        gicv3_bit(g, test_random(g, 3) ? GICD3_ICACTIVER : GICD3_ISACTIVER, id);
        break;
    case 3:
        test_emit(g, "w8 %s 0x%" PRIx32 " 0x%x", frame, GICD3_IPRIORITYR + id,
                  test_random(g, 16) << 4 | test_random(g, 16));
        break;
    case 4:
        test_emit(g, "w32 %s 0x%" PRIx32 " 0x%" PRIx32, frame, GICD3_ICFGR + id / 16 * 4,
                  test_random(g, 0));
        break;
    case 5:
        test_emit(g, "w32 gicd 0x%" PRIx32 " 0x%x", GICD3_IROUTER + id * 8,
                  test_random(g, 3) ? 0 : test_random(g, 3));
        test_emit(g, "w32 gicd 0x0 0x%x", test_random(g, 6) ? 3 : test_random(g, 4));
        break;
    case 6:
    case 7:
    case 8:
    case 9:
    case 10:
    case 11:
    case 12:
    case 13:
        test_its_some(g);
        break;
    default:
        gicv3_interface(g, id);
        break;
    }
}

static bool gicv3_forbids(const struct test_generator *g, uint32_t address, unsigned size,
                          bool write)
{
    return write && test_its_forbids(g, address, size);
}

/* ---- PL190 ---- */

static void vic_begin(struct test_generator *g)
{
    for (unsigned i = 0; i < 4; i++) {
        test_emit(g, "w32 vic 0x%x 0x%" PRIx32, 0x100 + 4 * i, 0x1000 + i);
        test_emit(g, "w32 vic 0x%x 0x%" PRIx32, 0x200 + 4 * i, 0x20 | (test_focus(g) & 0x1f));
    }
    test_emit(g, "w32 vic 0x34 0xdef");
}

static void vic_some(struct test_generator *g)
{
    uint32_t bit = 1u << test_focus(g) % 32;
    uint32_t slot = 4 * test_random(g, 6);

    switch (test_random(g, 12)) {
    case 0:
    case 1:
        test_emit(g, "r32 vic 0x30");
        if (test_random(g, 3))
            test_emit(g, "w32 vic 0x30 0");
        break;
    case 2:
        test_emit(g, "w32 vic 0x30 0");
        break;
    case 3:
    case 4:
        test_emit(g, "w32 vic 0x%x 0x%" PRIx32, test_random(g, 3) ? 0x10 : 0x14, bit);
        break;
    case 5:
        test_emit(g, "w32 vic 0x%x 0x%" PRIx32, test_random(g, 2) ? 0x18 : 0x1c, bit);
        break;
    case 6:
        test_emit(g, "w32 vic 0xc 0x%" PRIx32, test_random(g, 3) ? 0 : bit);
        break;
    case 7:
        test_emit(g, "w32 vic 0x%" PRIx32 " 0x%" PRIx32, 0x200 + slot,
                  (test_random(g, 4) ? 0x20 : 0) | (test_focus(g) & 0x1f));
        break;
    case 8:
        test_emit(g, "w32 sic 0x%x 0x%" PRIx32, 4 * (2 + test_random(g, 2)), test_value(g));
        test_emit(g, "line sic %" PRIu32 " %" PRIu32, test_random(g, 32), test_random(g, 2));
        break;
    case 9:
        test_emit(g, "w32 sic 0x%x 0x%" PRIx32, test_random(g, 2) ? 0x20 : 0x24,
                  1u << (20 + test_random(g, 12)));
        test_emit(g, "line sic %" PRIu32 " %" PRIu32, 20 + test_random(g, 12),
                  test_random(g, 2));
        break;
    default:
        sp804_some(g);
        break;
    }
}

/* ---- NVIC ---- */

static void nvic_begin(struct test_generator *g)
{
    for (unsigned i = 0; i < TEST_FOCUS; i++) {
        test_emit(g, "w32 scs 0x100 0x%" PRIx32, 1u << test_focus(g));
        test_emit(g, "w8 scs 0x%" PRIx32 " 0x%x", 0x400 + test_focus(g),
                  test_random(g, 8) << 5);
    }
}

static void nvic_some(struct test_generator *g)
{
    uint32_t bit = 1u << test_focus(g);

    switch (test_random(g, 10)) {
    case 0:
    case 1:
    case 2:
        test_emit(g, "cpu take");
        break;
    case 3:
    case 4:
        test_emit(g, "cpu ret");
        break;
    case 5:
        test_emit(g, "w32 scs 0x%x 0x%" PRIx32, test_random(g, 4) ? 0x100 : 0x180, bit);
        break;
    case 6:
        test_emit(g, "w32 scs 0x%x 0x%" PRIx32, test_random(g, 2) ? 0x200 : 0x280, bit);
        break;
    case 7:
        test_emit(g, "w8 scs 0x%" PRIx32 " 0x%x", 0x400 + test_focus(g),
                  test_random(g, 16) << 4 | test_random(g, 2));
        break;
    case 8:
        test_emit(g, "w32 scs 0xd0c 0x%x", 0x05fa0000 | test_random(g, 8) << 8);
        test_emit(g, "w32 scs 0xd04 0x%" PRIx32,
                  test_random(g, 6) ? 1u << (25 + test_random(g, 4)) : 1u << 31);
        break;
    default:
        test_emit(g, "r32 scs 0xd04");
        test_emit(g, "w32 scs 0xd24 0x%" PRIx32,
                  test_random(g, 3) ? test_random(g, 8) << 16 : test_random(g, 0));
        break;
    }
}

/*
 * A started SysTick counts while the core makes a step; a reset is no probe's; an MPU that is
 * on hides the stack.
 */
static bool nvic_forbids(const struct test_generator *g, uint32_t address, unsigned size,
                         bool write)
{
    (void)g;
    uint32_t offset = address - MPS2_SCS_BASE;

    return write && ((offset + size > SCS_SYST_CSR && offset < SCS_SYST_RVR) ||
                     (offset + size > SCS_AIRCR && offset < SCS_SCR) ||
                     (offset + size > SCS_MPU_CTRL && offset < SCS_MPU_RNR));
}

/* ---- NVIC with timers and a UART ---- */

static void mps2_begin(struct test_generator *g)
{
    test_emit(g, "w32 scs 0x100 0x%x", 3u << MPS2_TIMER_IRQ | 1u << MPS2_UART_RX_IRQ);
    nvic_begin(g);
}

/* A timer is set up, started, stopped, cleared and looked at; no time passes. */
static void timer_some(struct test_generator *g, const char *timer)
{
    switch (test_random(g, 5)) {
    case 0:
        test_emit(g, "w32 %s 0x8 %" PRIu32, timer,
                  test_random(g, 3) ? 250 + test_random(g, 500) : test_value(g));
        test_emit(g, "w32 %s 0x0 0x%x", timer, test_random(g, 16));
        break;
    case 1:
        test_emit(g, "w32 %s 0x4 %" PRIu32, timer, test_random(g, 600));
        break;
    case 2:
        test_emit(g, "w32 %s 0x8 0", timer); /* then VALUE makes a timer that stops */
        break;
    case 3:
        test_emit(g, "w32 %s 0xc 1", timer);
        break;
    default:
        test_emit(g, "w32 %s 0x0 0x%x", timer, test_random(g, 4) ? 9 : test_random(g, 16));
        test_emit(g, "r32 %s 0x4", timer);
        break;
    }
}

/* The interrupts whose wires the models do not have are on only while nothing is there. */
static void cmsdk_uart_some(struct test_generator *g)
{
    switch (test_random(g, 3)) {
    case 0:
        test_emit(g, "w32 uart 0x8 0x%x",
                  test_random(g, 0x80) &
                      (CMSDK_UART_CTRL_TXEN | CMSDK_UART_CTRL_RXEN | CMSDK_UART_CTRL_RXINTEN));
        test_emit(g, "r32 uart 0x4");
        break;
    case 1:
        test_emit(g, "w32 uart 0x0 0x%x", test_random(g, 256));
        test_emit(g, "r32 uart 0x4");
        break;
    default:
        test_emit(g, "w32 uart 0x%x 0xc", test_random(g, 2) ? 0x4 : 0xc);
        test_emit(g, "w32 uart 0x8 0x%" PRIx32, test_value(g));
        test_emit(g, "r32 uart 0x8");
        test_emit(g, "r32 uart 0xc");
        test_emit(g, "w32 uart 0x8 0x%x", test_random(g, 4));
        break;
    }
}

static void mps2_some(struct test_generator *g)
{
    if (test_random(g, 2))
        cmsdk_uart_some(g);
    else
        timer_some(g, test_random(g, 2) ? "timer" : "timer2");
    if (test_random(g, 4) == 0)
        test_emit(g, "w32 scs 0x280 0x%" PRIx32, 1u << test_focus(g));
}

static bool mps2_forbids(const struct test_generator *g, uint32_t address, unsigned size,
                         bool write)
{
    uint32_t offset = address - MPS2_UART_BASE;

    return nvic_forbids(g, address, size, write) ||
           (write && offset + size > CMSDK_UART_CTRL && offset < CMSDK_UART_INTSTATUS);
}

const struct test_recipe test_recipes_arm[] = {
    {"gicv1", gic_begin, sp804_some, gic_forbids},
    {"gicv2-sp804", gic_begin, sp804_some, gic_forbids},
    {"gicv2", gic_begin, gic_some, gic_forbids},
    {"gicv3", gicv3_begin, gicv3_some, gicv3_forbids},
    {"nvic", nvic_begin, nvic_some, nvic_forbids},
    {"nvic-devs", mps2_begin, mps2_some, mps2_forbids},
    {"pl190", vic_begin, vic_some, 0},
    {"pl190-devs", vic_begin, vic_some, 0},
    {0, 0, 0, 0},
};
