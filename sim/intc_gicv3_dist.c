/*
 * sim/intc_gicv3_dist.c - the GIC, version 3: the registers of the distributor and of the
 * redistributors, banks with a field for each input.
 *
 * Source: Arm IHI 0069H, 12.9 and 12.11.  See sim/intc_gicv3.c for the whole.
 */
#include "sim/intc_gicv3.h"

/* The banks, each 0x80 bytes of one bit per input. */
enum bank {
    BANK_GROUP = 1,
    BANK_SET_ENABLE,
    BANK_CLEAR_ENABLE,
    BANK_SET_PENDING,
    BANK_CLEAR_PENDING,
    BANK_SET_ACTIVE,
    BANK_CLEAR_ACTIVE
};

enum { WORD = 32 };

/* Which inputs a frame has: the distributor those that are shared. */
struct range {
    uint32_t first;
    uint32_t end;
};

static const struct range shared = {GICV3_SPI_FIRST, GICV3_INTERRUPTS};
static const struct range private = {0, GICV3_SPI_FIRST};

/* ------------------------------------------------------------------------------------ bits */

static bool bit_read(const struct sim *sim, enum bank bank, unsigned line)
{
    unsigned flags = *gicv3_input(sim, line);

    if (bank == BANK_GROUP)
        return gicv3_input_setup(sim, line)->group;
    if (bank <= BANK_CLEAR_ENABLE)
        return flags & GICV3_ENABLED;
    return bank <= BANK_CLEAR_PENDING ? gicv3_is_pending(sim, line, flags)
                                      : (flags & GICV3_ACTIVE) != 0;
}

static uint32_t bits_read(const struct sim *sim, enum bank bank, uint32_t first)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < WORD; i++) {
        unsigned line = gicv3_wired(sim, first + i);
        if (line && bit_read(sim, bank, line - 1))
            value |= 1u << i;
    }
    return value;
}

static void bit_write(struct sim *sim, enum bank bank, unsigned line)
{
    static const uint8_t flag[] = {GICV3_ENABLED, GICV3_LATCH, GICV3_ACTIVE};
    unsigned bit = flag[(bank - BANK_SET_ENABLE) / 2];
    unsigned flags = *gicv3_input(sim, line);

    if (bank % 2 == BANK_SET_ENABLE % 2) {
        sim_gicv3_store(sim, line, flags | bit);
        return;
    }
    sim_gicv3_store(sim, line, flags & ~bit);
    if (bank == BANK_CLEAR_PENDING && flags & bit)
        sim_line_forgotten(sim, line);
}

static void bits_write(struct sim *sim, enum bank bank, uint32_t first, uint32_t value)
{
    for (unsigned i = 0; i < WORD; i++) {
        unsigned line = gicv3_wired(sim, first + i);
        if (!line--)
            continue;
        if (bank == BANK_GROUP)
            gicv3_input_setup(sim, line)->group = value >> i & 1;
        else if (value >> i & 1)
            bit_write(sim, bank, line);
    }
    sim_gicv3_update(sim, first, WORD);
}

/* ------------------------------------------------------------------- priorities, triggers */

static uint32_t priorities_read(const struct sim *sim, uint32_t first, unsigned size)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < size; i++) {
        unsigned line = gicv3_wired(sim, first + i);
        if (line)
            value |= (uint32_t)gicv3_input_setup(sim, line - 1)->priority << i * 8;
    }
    return value;
}

static void priorities_write(struct sim *sim, uint32_t first, unsigned size, uint32_t value)
{
    for (unsigned i = 0; i < size; i++) {
        unsigned line = gicv3_wired(sim, first + i);
        if (line)
            gicv3_input_setup(sim, line - 1)->priority = (uint8_t)(value >> i * 8);
    }
    sim_gicv3_update(sim, first, size);
}

static uint32_t triggers_read(const struct sim *sim, uint32_t first)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < WORD / 2; i++) {
        unsigned line = gicv3_wired(sim, first + i);
        if (line && gicv3_input_setup(sim, line - 1)->edge)
            value |= 2u << i * 2;
    }
    return value;
}

/* The latch survives, and no edge is invented; what is pending may change. */
static void triggers_write(struct sim *sim, uint32_t first, uint32_t value)
{
    for (unsigned i = 0; i < WORD / 2; i++) {
        unsigned line = gicv3_wired(sim, first + i);
        if (!line--)
            continue;
        unsigned flags = *gicv3_input(sim, line);
        bool before = gicv3_is_pending(sim, line, flags);
        gicv3_input_setup(sim, line)->edge = value >> (i * 2 + 1) & 1;
        if (gicv3_is_pending(sim, line, flags) != before && sim_input_traced(sim))
            sim_trace(sim->trace, SIM_EV_PENDING, sim->line_irq[line], !before, 0);
    }
    if (first < GICV3_SPI_FIRST || !sim_policy(sim, SIM_POLICY_GICV3_TRIGGER_LAGS))
        sim_gicv3_update(sim, first, WORD / 2);
}

/* ------------------------------------------------------------------------------------ frames
 */

/* What the distributor and the private frame of a redistributor share: the fields of inputs. */
static bool is_field(uint32_t offset, unsigned size)
{
    bool priority = offset >= GICD3_IPRIORITYR && offset < GICD3_ITARGETSR;

    return priority ? size != 2
                    : size == 4 && ((offset >= GICD3_IGROUPR && offset < GICD3_IPRIORITYR) ||
                                    (offset >= GICD3_ICFGR && offset < GICD3_IGRPMODR));
}

static uint32_t field_first(uint32_t offset)
{
    if (offset < GICD3_IPRIORITYR)
        return offset % 0x80 * 8;
    return offset < GICD3_ICFGR ? offset - GICD3_IPRIORITYR : (offset - GICD3_ICFGR) * 4;
}

static uint32_t fields_read(const struct sim *sim, struct range range, uint32_t offset,
                            unsigned size)
{
    uint32_t first = field_first(offset);

    if (!is_field(offset, size) || first < range.first || first >= range.end)
        return 0;
    if (offset < GICD3_IPRIORITYR)
        return bits_read(sim, (enum bank)(offset / 0x80), first);
    return offset < GICD3_ICFGR ? priorities_read(sim, first, size) : triggers_read(sim, first);
}

static void fields_write(struct sim *sim, struct range range, uint32_t offset, unsigned size,
                         uint32_t value)
{
    uint32_t first = field_first(offset);

    if (!is_field(offset, size) || first < range.first || first >= range.end)
        return;
    if (offset < GICD3_IPRIORITYR)
        bits_write(sim, (enum bank)(offset / 0x80), first, value);
    else if (offset < GICD3_ICFGR)
        priorities_write(sim, first, size, value);
    else if (first >= GICV3_SGIS) /* software interrupts are edges */
        triggers_write(sim, first, value);
}

/* The part number and who made it; the first three parts differ by frame. */
static uint32_t id_read(uint32_t offset, unsigned size, uint8_t part_number)
{
    static const uint8_t id[12] = {0x44, 0, 0, 0, 0, 0xb4, 0x3b, 0, 0x0d, 0xf0, 0x05, 0xb1};
    uint32_t word = (offset - GICD3_ID % 0x1000) / 4;

    if (size != 4 || offset < GICD3_ID % 0x1000)
        return 0;
    return word == 4 ? part_number : id[word];
}

static uint32_t distributor_read(const struct sim *sim, uint32_t offset, unsigned size)
{
    if (size == 4 && offset == GICD3_CTLR)
        return GICD3_CTLR_FIXED | *gicv3_groups(sim);
    if (size == 4 && offset == GICD3_TYPER)
        return GICD3_TYPER_VALUE;
    if (size == 4 && offset == GICD3_IIDR)
        return GICD3_IIDR_VALUE;
    return fields_read(sim, shared, offset, size);
}

static void distributor_write(struct sim *sim, uint32_t offset, unsigned size, uint32_t value)
{
    if (offset != GICD3_CTLR || size != 4) {
        fields_write(sim, shared, offset, size, value);
        return;
    }
    *gicv3_groups(sim) = value & (GICD3_CTLR_GRP0 | GICD3_CTLR_GRP1);
    sim_gicv3_update(sim, 0, GICV3_INTERRUPTS);
}

/* The router of the input whose words lie at @offset from the first, or 0. */
static uint32_t *router(struct sim *sim, uint32_t offset, unsigned size)
{
    uint32_t intid = offset / 8;
    unsigned line = intid < GICV3_SPI_FIRST ? 0 : gicv3_wired(sim, intid);

    return size == 4 && line ? &gicv3_input_setup(sim, line - 1)->router[offset / 4 % 2] : 0;
}

static uint32_t redistributor_read(const struct sim *sim, unsigned cpu, uint32_t offset,
                                   unsigned size)
{
    if (size != 4)
        return 0;
    switch (offset) {
    case GICR_CTLR:
        return GICR_CTLR_FIXED | gicv3_setup(sim, cpu)->lpis;
    case GICR_IIDR:
        return GICD3_IIDR_VALUE;
    case GICR_TYPER:
        return GICR_TYPER_VALUE | cpu << GICR_TYPER_NUMBER |
               (cpu + 1 == sim->cpus ? (uint32_t)GICR_TYPER_LAST : 0);
    case GICR_TYPERH:
        return cpu;
    case GICR_WAKER:
        return gicv3_setup(sim, cpu)->waker;
    case GICR_PROPBASER:
    case GICR_PROPBASER + 4:
    case GICR_PENDBASER:
    case GICR_PENDBASER + 4:
        return gicv3_setup(sim, cpu)->base[(offset - GICR_PROPBASER) / 4];
    default:
        return 0;
    }
}

static void redistributor_write(struct sim *sim, unsigned cpu, uint32_t offset, unsigned size,
                                uint32_t value)
{
    struct gicv3_interface_cold *setup = gicv3_setup(sim, cpu);

    if (size == 4 && offset == GICR_CTLR)
        sim_gicv3_lpi_control(sim, cpu, value);
    else if (size == 4 && offset == GICR_WAKER)
        setup->waker = value & GICR_WAKER_SLEEP ? GICR_WAKER_ASLEEP : 0;
    else if (size == 4 && offset >= GICR_PROPBASER && offset < GICR_PENDBASER + 8)
        setup->base[(offset - GICR_PROPBASER) / 4] = value;
}

/* The doorbell, in its frame; a probe writes as the device 0. */
static void ring(struct sim *sim, uint32_t offset, unsigned size, uint32_t value)
{
    if (offset == GITS_TRANSLATER % 0x1000 && size >= 2)
        sim_gicv3_its_message(sim, 0, value);
}

/* What is not the distributor's or a redistributor's. */
static uint32_t service_read(struct sim *sim, unsigned part, uint32_t offset, unsigned size)
{
    uint64_t value = 0;

    switch (part) {
    case GICV3_PART_ITS:
        return sim_gicv3_its_read(sim, offset, size);
    case GICV3_PART_ITS_ID:
        return id_read(offset, size, 0x94);
    case GICV3_PART_MEMORY:
        sim_gicv3_load(sim, VIRT_RAM_KEPT + offset, size, &value);
        return (uint32_t)value;
    default:
        return 0;
    }
}

static void service_write(struct sim *sim, unsigned part, uint32_t offset, unsigned size,
                          uint32_t value)
{
    if (part == GICV3_PART_ITS)
        sim_gicv3_its_write(sim, offset, size, value);
    else if (part == GICV3_PART_TRANSLATER)
        ring(sim, offset, size, value);
    else if (part == GICV3_PART_MEMORY)
        sim_gicv3_store_memory(sim, VIRT_RAM_KEPT + offset, size, value);
}

uint32_t sim_gicv3_frame_read(struct sim *sim, unsigned part, uint32_t offset, unsigned size)
{
    const uint32_t *word;

    switch (part) {
    case GICV3_PART_DISTRIBUTOR:
        return distributor_read(sim, offset, size);
    case GICV3_PART_ROUTERS:
    case GICV3_PART_ROUTERS_REST:
        word = router(sim, offset + (part == GICV3_PART_ROUTERS ? 0u : 0x1000u), size);
        return word ? *word : 0;
    case GICV3_PART_ID:
        return id_read(offset, size, 0x92);
    default:
        break;
    }
    if (part < GICV3_PART_REDISTRIBUTOR)
        return service_read(sim, part, offset, size);
    if (part < GICV3_PART_REDISTRIBUTOR_ID)
        return redistributor_read(sim, part - GICV3_PART_REDISTRIBUTOR, offset, size);
    if (part < GICV3_PART_PRIVATE)
        return id_read(offset, size, 0x93);
    return part < GICV3_PART_PRIVATE_ID ? fields_read(sim, private, offset, size) : 0;
}

void sim_gicv3_frame_write(struct sim *sim, unsigned part, uint32_t offset, unsigned size,
                           uint32_t value)
{
    uint32_t *word;

    if (part == GICV3_PART_DISTRIBUTOR) {
        distributor_write(sim, offset, size, value);
    } else if (part == GICV3_PART_ROUTERS || part == GICV3_PART_ROUTERS_REST) {
        offset += part == GICV3_PART_ROUTERS ? 0u : 0x1000u;
        word = router(sim, offset, size);
        if (!word)
            return;
        *word = value;
        sim_gicv3_update(sim, offset / 8, 1);
    } else if (part < GICV3_PART_REDISTRIBUTOR) {
        service_write(sim, part, offset, size, value);
    } else if (part < GICV3_PART_REDISTRIBUTOR_ID) {
        redistributor_write(sim, part - GICV3_PART_REDISTRIBUTOR, offset, size, value);
    } else if (part >= GICV3_PART_PRIVATE && part < GICV3_PART_PRIVATE_ID) {
        fields_write(sim, private, offset, size, value);
    }
}
