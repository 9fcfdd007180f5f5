/*
 * sim/intc_gicv2_dist.c - the distributor of the GIC, version 1 and 2: banks of fields, one for
 * each input.
 *
 * Source: Arm IHI 0048B.b, 4.3.  See sim/intc_gicv2.c for the whole.
 */
#include "sim/intc_gicv2.h"
#include "sim/output.h"

/* --------------------------------------------------------------------------- distributor */

/* The register banks with a field per input. */
enum bank {
    BANK_NONE,
    BANK_GROUP,
    BANK_SET_ENABLE,
    BANK_CLEAR_ENABLE,
    BANK_SET_PENDING,
    BANK_CLEAR_PENDING,
    BANK_SET_ACTIVE,
    BANK_CLEAR_ACTIVE,
    BANK_PRIORITY,
    BANK_TARGET,
    BANK_CONFIG
};

/* The fields that one access touches: from INTID @first on, @count of @bits bits each. */
struct fields {
    enum bank bank;
    uint32_t first;
    uint32_t count;
    uint32_t bits;
};

/* Version 1 has no groups, and its active bits can only be read. */
static enum bank bank_of_bits(const struct sim *sim, uint32_t number)
{
    if (!gic_has_groups(sim) && (number == BANK_GROUP || number == BANK_CLEAR_ACTIVE))
        return BANK_NONE;
    return (enum bank)number;
}

static struct fields fields_at(const struct sim *sim, uint32_t offset, unsigned size)
{
    struct fields fields = {.bank = BANK_NONE};

    if (offset >= GICD_IGROUPR && offset < GICD_IPRIORITYR) {
        fields.bank = bank_of_bits(sim, offset / 0x80);
        fields.bits = 1;
        fields.first = offset % 0x80 * 8;
    } else if (offset >= GICD_IPRIORITYR && offset < GICD_ICFGR) {
        fields.bank = offset < GICD_ITARGETSR ? BANK_PRIORITY : BANK_TARGET;
        fields.bits = 8;
        fields.first = offset % 0x400;
    } else if (offset >= GICD_ICFGR && offset < GICD_SGIR) {
        fields.bank = BANK_CONFIG;
        fields.bits = 2;
        fields.first = (offset - GICD_ICFGR) * 4;
    }
    if (fields.first >= GIC_SPI_FIRST + sim_gic_board(sim)->spis)
        fields.bank = BANK_NONE;
    fields.count = fields.bits ? size * 8 / fields.bits : 0;
    return fields;
}

static uint32_t field_read(const struct sim *sim, enum bank bank, unsigned line)
{
    const struct gic_input_cold *setup = gic_input_setup(sim, line);
    unsigned state = *gic_input_of(sim, line);

    switch (bank) {
    case BANK_GROUP:
        return setup->group;
    case BANK_SET_ENABLE:
    case BANK_CLEAR_ENABLE:
        return (state & GIC_ENABLED) != 0;
    case BANK_SET_PENDING:
    case BANK_CLEAR_PENDING:
        return gic_is_pending(sim, line, state, GIC_LATCH_ALL);
    case BANK_SET_ACTIVE:
    case BANK_CLEAR_ACTIVE:
        return (state & GIC_ACTIVE_ALL) != 0;
    case BANK_PRIORITY:
        return setup->priority;
    case BANK_TARGET:
        return sim->cpus == 1 ? 0 : setup->target;
    case BANK_CONFIG:
        return setup->edge ? 2 : 0;
    case BANK_NONE:
    default:
        return 0;
    }
}

/* What a word of fields of INTIDs 0 to 31 reads: software interrupts are always enabled edges.
 */
static uint32_t private_read(const struct sim *sim, unsigned cpu, const struct fields *fields)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < fields->count; i++) {
        uint32_t intid = fields->first + i;
        uint32_t field = 0;
        if (intid < GIC_SGIS &&
            (fields->bank == BANK_SET_ENABLE || fields->bank == BANK_CLEAR_ENABLE))
            field = 1;
        else if (intid < GIC_SGIS && fields->bank == BANK_CONFIG)
            field = 2;
        else if (fields->bank == BANK_TARGET && sim->cpus > 1)
            field = 1u << cpu;
        value |= field << i * fields->bits;
    }
    return value;
}

/* Identification registers (4.3.18): PeriphID4-7, 0-3, ComponentID. */
static uint32_t read_id(const struct sim *sim, uint32_t offset)
{
    static const uint8_t id[2][12] = {
        {0x04, 0, 0, 0, 0x90, 0xb3, 0x1b, 0, 0x0d, 0xf0, 0x05, 0xb1},
        {0x04, 0, 0, 0, 0x90, 0xb4, 0x2b, 0, 0x0d, 0xf0, 0x05, 0xb1},
    };

    return offset % 4 ? 0 : id[gic_has_groups(sim)][(offset - GICD_ID) / 4];
}

/* A word of fields of inputs that have state. */
static uint32_t fields_read(const struct sim *sim, const struct fields *fields)
{
    uint32_t value = 0;

    for (uint32_t i = 0; i < fields->count; i++) {
        unsigned line = gic_wired(sim, fields->first + i);
        if (line)
            value |= field_read(sim, fields->bank, line - 1) << i * fields->bits;
    }
    return value;
}

/* CPENDSGIR and SPENDSGIR came with version 2. */
static bool has_senders(const struct sim *sim)
{
    return gic_has_groups(sim) || sim_policy(sim, SIM_POLICY_GIC_V1_SENDERS);
}

/* The senders of a few software interrupts, a byte each. */
static uint32_t senders_read(const struct sim *sim, uint32_t first, unsigned size)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < size && sim->config->probe; i++)
        value |= (uint32_t)gic_senders_of(sim)[first + i] << i * 8;
    return value;
}

uint32_t sim_gic_distributor_read(struct sim *sim, unsigned cpu, uint32_t offset, unsigned size)
{
    struct fields fields = fields_at(sim, offset, size);
    uint32_t word = 0;

    if (fields.bank != BANK_NONE && fields.first < GIC_SPI_FIRST && !sim->config->probe)
        return private_read(sim, cpu, &fields);
    if (fields.bank != BANK_NONE)
        return fields_read(sim, &fields);
    if (has_senders(sim) && offset >= GICD_CPENDSGIR && offset < GICD_SPENDSGIR + GIC_SGIS)
        return senders_read(sim, offset % GIC_SGIS, size);
    switch (offset & ~3u) {
    case GICD_CTLR:
        word = gic_distributor_of(sim)->ctlr;
        break;
    case GICD_TYPER:
        word = (sim_gic_board(sim)->spis / 32u) | (uint32_t)(sim->cpus - 1) << 5;
        break;
    case GICD_IIDR:
        word = GICD_IIDR_VALUE;
        break;
    case GICD_SGIR:
        break;
    default:
        if (offset < GICD_ID)
            return sim_bus_bad(sim, sim_gic_board(sim)->distributor + offset);
        word = read_id(sim, offset & ~3u);
    }
    return word >> offset % 4 * 8;
}

/* The latch bits that a request for @target sets. */
static unsigned latch_bits(const struct sim *sim, unsigned target)
{
    unsigned cpus =
        (target & (GIC_OTHER_CPUS - 1)) | (target >> SIM_CPUS_MAX ? GIC_OTHER_CPUS : 0);

    return (sim_policy(sim, SIM_POLICY_GIC_PENDING_PER_TARGET) ? cpus : 1u) << GIC_LATCH_SHIFT;
}

/* The active bits that ISACTIVER sets: a private interrupt has its own register per CPU. */
static unsigned active_bits(const struct sim *sim, unsigned line)
{
    if (gic_intid(sim, line) < GIC_SPI_FIRST)
        return gic_active_bit(sim, 0);
    return sim_policy(sim, SIM_POLICY_GIC_ACTIVE_PER_CPU) ? (unsigned)GIC_ACTIVE_ALL
                                                          : 1u << GIC_ACTIVE_SHIFT;
}

static void set_enable(struct sim *sim, unsigned line)
{
    const struct gic_input_cold *setup = gic_input_setup(sim, line);
    unsigned state = *gic_input_of(sim, line) | (unsigned)GIC_ENABLED;

    if (sim_policy(sim, SIM_POLICY_GIC_ENABLE_LATCHES) && (state & GIC_LEVEL) && !setup->edge)
        state |= latch_bits(sim, setup->target);
    gic_store(sim, line, state);
}

void sim_gic_latch(struct sim *sim, unsigned line, unsigned state)
{
    unsigned bits = latch_bits(sim, gic_input_setup(sim, line)->target);

    if (!bits)
        sim_trace(sim->trace, SIM_EV_IGNORED, sim->line_irq[line], 3, 0);
    gic_store(sim, line, state | bits);
}

static void clear_latch(struct sim *sim, unsigned line)
{
    unsigned state = *gic_input_of(sim, line);

    gic_store(sim, line, state & ~(unsigned)GIC_LATCH_ALL);
    if (state & GIC_LATCH_ALL)
        sim_line_forgotten(sim, line);
}

/* The latch survives a change of the trigger and no edge is invented; pending may change. */
static void set_config(struct sim *sim, unsigned line, bool edge)
{
    unsigned state = *gic_input_of(sim, line);
    bool before = gic_is_pending(sim, line, state, GIC_LATCH_ALL);

    gic_input_setup(sim, line)->edge = edge;
    if (gic_is_pending(sim, line, state, GIC_LATCH_ALL) != before)
        sim_trace(sim->trace, SIM_EV_PENDING, sim->line_irq[line], !before, 0);
}

static void field_write(struct sim *sim, enum bank bank, unsigned line, uint32_t value)
{
    struct gic_input_cold *setup = gic_input_setup(sim, line);
    unsigned state = *gic_input_of(sim, line);

    switch (bank) {
    case BANK_GROUP:
        setup->group = (uint8_t)value;
        break;
    case BANK_SET_ENABLE:
        if (value && !gic_is_software(sim, line))
            set_enable(sim, line);
        break;
    case BANK_CLEAR_ENABLE:
        if (value && !gic_is_software(sim, line))
            gic_store(sim, line, state & ~(unsigned)GIC_ENABLED);
        break;
    case BANK_SET_PENDING:
        if (value && !gic_is_software(sim, line))
            sim_gic_latch(sim, line, state);
        break;
    case BANK_CLEAR_PENDING:
        if (value && !gic_is_software(sim, line))
            clear_latch(sim, line);
        break;
    case BANK_SET_ACTIVE:
        if (value && gic_has_groups(sim))
            gic_store(sim, line, state | active_bits(sim, line));
        break;
    case BANK_CLEAR_ACTIVE:
        if (value)
            gic_store(sim, line, state & ~(unsigned)GIC_ACTIVE_ALL);
        break;
    case BANK_PRIORITY:
        setup->priority = (uint8_t)(value & sim_gic_board(sim)->priorities);
        break;
    case BANK_TARGET:
        if (sim->cpus > 1)
            setup->target = (uint8_t)value;
        break;
    case BANK_CONFIG:
        set_config(sim, line, (value & 2) != 0 || gic_is_software(sim, line));
        break;
    case BANK_NONE:
    default:
        break;
    }
}

/* GICD_SGIR by CPU 0, the only one of a probe. */
static void send_software(struct sim *sim, uint32_t value)
{
    unsigned line = value & (GIC_SGIS - 1);
    unsigned filter = value >> GICD_SGIR_FILTER_SHIFT & 3;

    if (!sim->config->probe || filter == 1 ||
        (filter == 0 && !(value >> GICD_SGIR_LIST_SHIFT & 1)))
        return;
    gic_senders_of(sim)[line] |= 1;
    sim_gic_latch(sim, line, *gic_input_of(sim, line));
}

/* CPENDSGIR and SPENDSGIR: a byte of senders for each software interrupt. */
static void senders_write(struct sim *sim, uint32_t offset, uint32_t value)
{
    unsigned line = offset % GIC_SGIS;
    uint8_t *senders = gic_senders_of(sim) + line;
    unsigned state = *gic_input_of(sim, line);

    if (offset < GICD_SPENDSGIR)
        *senders &= (uint8_t)~value;
    else
        *senders |= (uint8_t)value;
    if (offset >= GICD_SPENDSGIR && (*senders || sim_policy(sim, SIM_POLICY_GIC_SGI_OF_NOBODY)))
        sim_gic_latch(sim, line, state);
    else if (!*senders)
        gic_store(sim, line, state & ~gic_latch_bit(sim, 0));
}

/* A part of a write that takes effect at once. */
static void part_write(struct sim *sim, uint32_t offset, unsigned size, uint32_t value)
{
    struct fields fields = fields_at(sim, offset, size);

    for (uint32_t i = 0; i < fields.count && fields.bank != BANK_NONE; i++) {
        unsigned line = gic_wired(sim, fields.first + i);
        if (line)
            field_write(sim, fields.bank, line - 1,
                        value >> i * fields.bits & ((1u << fields.bits) - 1));
    }
    if (has_senders(sim) && offset >= GICD_CPENDSGIR && offset < GICD_SPENDSGIR + GIC_SGIS)
        for (unsigned i = 0; i < size && sim->config->probe; i++)
            senders_write(sim, offset + i, value >> i * 8 & 0xff);
    else if (offset == GICD_CTLR)
        gic_distributor_of(sim)->ctlr =
            value & (gic_has_groups(sim) ? GICD_CTLR_GRP0 | GICD_CTLR_GRP1 : GICD_CTLR_GRP0);
    else if (fields.bank == BANK_NONE && offset > GICD_IIDR + 3 && offset < GICD_ID)
        sim_bus_bad(sim, sim_gic_board(sim)->distributor + offset);
}

void sim_gic_distributor_write(struct sim *sim, unsigned cpu, uint32_t offset, unsigned size,
                               uint32_t value)
{
    unsigned step = sim_policy(sim, SIM_POLICY_GIC_BYTEWISE) ? 1 : size;

    (void)cpu;
    if (offset == GICD_SGIR && size == 4) {
        send_software(sim, value);
        return;
    }
    for (unsigned at = 0; at < size; at += step) {
        uint32_t part = value >> at * 8;
        part_write(sim, offset + at, step, step == 1 ? part & 0xff : part);
        sim_output_note(sim);
    }
}
