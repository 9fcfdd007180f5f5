/*
 * tests/differential/recipe_its.c - what scripts for a GICv3 with a translation service add:
 * tables in memory, commands, messages.
 *
 * Three of four scripts lay the tables into the memory that the models keep, and leave them
 * there; the others write any value to any register, and find memory that is all zeroes.
 */
#include <inttypes.h>

#include "sim/regs/board_virt.h"
#include "sim/regs/gicv3.h"
#include "sim/regs/its.h"
#include "tests/differential/recipe.h"

/* Offsets in the kept memory; all but the translation tables on pages of 64 KiB. */
enum {
    QUEUE = 0x00000,
    DEVICE_TABLE = 0x10000,
    COLLECTION_TABLE = 0x20000,
    EVENTS = 0x30000, /* a table of 16 entries for each device */
    EVENTS_STEP = 0x100,
    CONFIG = 0x40000,
    PENDING = 0x50000,
    LEVEL2 = 0x60000, /* of devices, then of collections */
    QUEUE_BYTES = 0x1000
};

enum { IDS = 6, LPIS = 24 }; /* devices, events, collections; interrupts that are used */

static void word(struct test_generator *g, uint32_t offset, uint32_t value)
{
    test_emit(g, "w32 ram 0x%" PRIx32 " 0x%" PRIx32, offset, value);
}

static void base(struct test_generator *g, const char *region, uint32_t offset, uint32_t low,
                 uint32_t high)
{
    test_emit(g, "w32 %s 0x%" PRIx32 " 0x%" PRIx32, region, offset, low);
    test_emit(g, "w32 %s 0x%" PRIx32 " 0x%" PRIx32, region, offset + 4, high);
}

/* A small number, now and then one that is too big. */
static uint32_t small(struct test_generator *g)
{
    return test_random(g, 24) ? test_random(g, IDS) : test_value(g);
}

static uint32_t lpi(struct test_generator *g)
{
    return test_random(g, 24) ? GICV3_LPI_FIRST + test_random(g, LPIS) : test_value(g);
}

/* A table of one or two levels. */
static void table(struct test_generator *g, unsigned which, uint32_t at, uint32_t level2)
{
    static const uint32_t sizes[] = {0, 0, 0, 1, 63, 127, 255};
    bool indirect = test_random(g, 3) == 0;
    uint32_t low =
        (VIRT_RAM_KEPT + at) | test_random(g, 4) << GITS_PAGE_SHIFT | sizes[test_random(g, 7)];

    if (indirect)
        base(g, "ram", at, VIRT_RAM_KEPT + level2, test_random(g, 8) ? GITS_VALID : 0);
    base(g, "its", GITS_BASER + 8 * which, low,
         (test_random(g, 12) ? GITS_VALID : 0) | (indirect ? GITS_INDIRECT : 0) |
             test_random(g, 8) << 27);
}

static void command(struct test_generator *g, const uint32_t half[8])
{
    for (unsigned i = 0; i < 8; i++)
        if (half[i] || test_random(g, 4) == 0 || g->queued + 4 * i >= QUEUE_BYTES / 2)
            word(g, QUEUE + g->queued + 4 * i, half[i]);
    g->queued = (g->queued + ITS_COMMAND_BYTES) % QUEUE_BYTES;
    if (test_random(g, 6)) /* else with the next one */
        test_emit(g, "w32 its 0x%x 0x%" PRIx32, GITS_CWRITER, g->queued);
}

static void map(struct test_generator *g)
{
    uint32_t device = small(g);

    switch (test_random(g, 4)) {
    case 0:
        command(g, (uint32_t[8]){ITS_MAPD, device, test_random(g, 12) ? 3 : test_random(g, 32),
                                 0, VIRT_RAM_KEPT + EVENTS + device % IDS * EVENTS_STEP,
                                 test_random(g, 8) ? GITS_VALID : 0, 0, 0});
        break;
    case 1:
        command(g, (uint32_t[8]){ITS_MAPC, 0, 0, 0,
                                 small(g) % 0x10000 | test_random(g, 5) / 4 << 16,
                                 test_random(g, 8) ? GITS_VALID : 0, 0, 0});
        break;
    default:
        command(g, (uint32_t[8]){test_random(g, 8) ? ITS_MAPTI : ITS_MAPI, device, small(g),
                                 lpi(g), small(g), 0, 0, 0});
        break;
    }
}

/* Software changes a byte of configuration, and says so or not. */
static void configure(struct test_generator *g)
{
    test_emit(g, "w8 ram 0x%" PRIx32 " 0x%" PRIx32, CONFIG + test_random(g, LPIS),
              test_random(g, 8) << 4 | (test_random(g, 4) ? 1 : 0));
    if (test_random(g, 2))
        command(g, (uint32_t[8]){ITS_INVALL});
}

static void look(struct test_generator *g)
{
    switch (test_random(g, 5)) {
    case 0:
        test_emit(g, "r32 ram 0x%" PRIx32,
                  PENDING + GICV3_LPI_FIRST / 8 + 4 * test_random(g, 2));
        break;
    case 1:
        test_emit(g, "r32 ram 0x%" PRIx32,
                  EVENTS + test_random(g, IDS) * EVENTS_STEP + 4 * test_random(g, 3 * IDS));
        break;
    case 2:
        test_emit(g, "r32 ram 0x%" PRIx32, DEVICE_TABLE + 4 * test_random(g, 2 * IDS));
        break;
    case 3:
        test_emit(g, "r32 ram 0x%" PRIx32, COLLECTION_TABLE + 4 * test_random(g, 2 * IDS));
        break;
    default:
        test_emit(g, "r32 its 0x%x", GITS_CREADR);
        break;
    }
}

void test_its_begin(struct test_generator *g)
{
    static const uint32_t bits[] = {15, 15, 15, 13, 14, 12, 31};

    g->tables = test_random(g, 4) != 0;
    if (!g->tables)
        return;
    base(g, "gicr", GICR_PROPBASER, (VIRT_RAM_KEPT + CONFIG) | bits[test_random(g, 7)], 0);
    base(g, "gicr", GICR_PENDBASER, VIRT_RAM_KEPT + PENDING, 0);
    base(g, "its", GITS_CBASER, VIRT_RAM_KEPT + QUEUE, GITS_VALID);
    table(g, 0, DEVICE_TABLE, LEVEL2);
    table(g, 1, COLLECTION_TABLE, LEVEL2 + 0x10000);
    for (unsigned i = 0; i < LPIS; i++)
        test_emit(g, "w8 ram 0x%x 0x%" PRIx32, CONFIG + i, test_random(g, 16) << 4 | 1);
    /* only now: the pending table is the redistributor's own once it is on */
    test_emit(g, "w16 ram 0x%x 0x%" PRIx32, PENDING + GICV3_LPI_FIRST / 8, test_value(g));
    test_emit(g, "w32 gicr 0x0 1");
    test_emit(g, "w32 its 0x0 1");
    for (uint32_t i = 0; i < IDS; i++) {
        command(g, (uint32_t[8]){ITS_MAPD, i, 3, 0, VIRT_RAM_KEPT + EVENTS + i * EVENTS_STEP,
                                 GITS_VALID, 0, 0});
        command(g, (uint32_t[8]){ITS_MAPC, 0, 0, 0, i, GITS_VALID, 0, 0});
        command(g, (uint32_t[8]){ITS_MAPTI, 0, i, lpi(g), small(g), 0, 0, 0});
    }
}

void test_its_some(struct test_generator *g)
{
    static const uint8_t of_events[] = {ITS_INT, ITS_INT,     ITS_INT, ITS_CLEAR,
                                        ITS_INV, ITS_DISCARD, ITS_MOVI};
    uint32_t event = small(g);

    switch (g->tables ? test_random(g, 12) : 11) {
    case 0:
    case 1:
    case 2:
    case 3:
        command(g, (uint32_t[8]){of_events[test_random(g, 7)], test_random(g, 3) ? 0 : small(g),
                                 event, 0, small(g), 0, 0, 0});
        break;
    case 4:
    case 5:
        test_emit(g, "w%d its 0x%x 0x%" PRIx32, test_random(g, 4) ? 32 : 16, GITS_TRANSLATER,
                  event);
        break;
    case 6:
        map(g);
        break;
    case 7:
        configure(g);
        break;
    case 8:
    case 9:
        look(g);
        break;
    case 10:
        command(g, (uint32_t[8]){test_random(g, 4) ? ITS_MOVALL : test_random(g, 256), small(g),
                                 small(g), small(g), test_random(g, 3) << 16, 0,
                                 test_random(g, 3) << 16, 0});
        break;
    default:
        test_emit(g, "w32 gicr 0x0 0x%" PRIx32, test_random(g, 4) ? 1 : test_value(g));
        test_emit(g, "w32 its 0x0 0x%" PRIx32, test_random(g, 4) ? 1 : test_value(g));
        break;
    }
}

bool test_its_forbids(const struct test_generator *g, uint32_t address, unsigned size)
{
    uint32_t redistributor = address - VIRT_GICR_BASE, service = address - VIRT_GITS_BASE;

    if (address - VIRT_RAM_KEPT < VIRT_KEPT_BYTES)
        return true;
    if (!g->tables)
        return false;
    return (redistributor + size > GICR_PROPBASER && redistributor < GICR_PENDBASER + 8) ||
           (service + size > GITS_CBASER && service < GITS_CWRITER) ||
           (service + size > GITS_BASER && service < GITS_BASER + 8 * GITS_BASERS);
}
