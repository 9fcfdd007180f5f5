/*
 * sim/intc_gicv2.c - the Arm Generic Interrupt Controller, version 2: distributor and one CPU
 * interface per CPU, as on QEMU's `virt`.
 *
 * An input's pending is (latch or, with a level trigger, the wire).  IAR hands out the best
 * input that is enabled, pending, not active and targeted here, clears its latch, makes it
 * active and raises the running priority; EOIR drops the priority and, with EOImode 0, ends
 * active.  Only inputs that are wired have state; INTIDs 0 to 31 are read-only.
 *
 * Source: Arm IHI 0048B.b; registers and sections in sim/regs/gicv2.h; where QEMU 7.2.22
 * knowingly differs there is a row in sim/policy.h.  What the architecture leaves open
 * (UNPREDICTABLE, or IMPLEMENTATION DEFINED: 8 priority bits, 128 preemption levels) is as in
 * QEMU. Not modelled: security extensions, software and private interrupts, virtualization,
 * 1-of-N arbitration between CPUs that ask at once.
 */
#include "sim/bus.h"
#include "sim/controller.h"
#include "sim/line.h"
#include "sim/policy.h"
#include "sim/regs/board_virt.h"
#include "sim/regs/gicv2.h"

enum { PART_DISTRIBUTOR, PART_INTERFACE, PART_DEACTIVATE };

enum {
    PRIORITY_IDLE = 0x100,          /* nothing runs: lower than every priority */
    MIN_ABPR = 1,                   /* group 1 splits one bit further left */
    APR_WORDS = 4,                  /* 128 preemption levels */
    OTHER_CPUS = 1u << SIM_CPUS_MAX /* stands for the CPUs 4 to 7 that no board here has */
};

/*
 * Hot, 16 bits per input.  The latch and active fields have a bit per CPU and one for the CPUs
 * that are not there; unless a policy says otherwise only the lowest one is used, for all.
 */
enum {
    LEVEL = 0x1,
    ENABLED = 0x2,
    LATCH_SHIFT = 2,
    ACTIVE_SHIFT = 7,
    FIELD = 0x1f,
    LATCH_ALL = FIELD << LATCH_SHIFT,
    ACTIVE_ALL = FIELD << ACTIVE_SHIFT
};

struct interface_hot {
    uint32_t apr[2][APR_WORDS]; /* per group: preemption levels in service */
    uint16_t running;           /* running priority; PRIORITY_IDLE: none */
    uint16_t zero;
};

struct interface_cold {
    uint16_t ctlr;
    uint8_t pmr;
    uint8_t bpr[2]; /* BPR, ABPR */
    uint8_t zero[3];
};

struct input_cold {
    uint8_t priority;
    uint8_t target;
    uint8_t group;
    uint8_t edge;
};

/* In front of the interfaces, behind which lie the inputs. */
struct distributor_cold {
    uint32_t ctlr;
};

_Static_assert(sizeof(struct interface_hot) == 8 * APR_WORDS + 4, "no padding");
_Static_assert(sizeof(struct interface_cold) == 8, "no padding");

static struct interface_hot *interface_of(const struct sim *sim, unsigned cpu)
{
    return (struct interface_hot *)(void *)sim->ctl_hot + cpu;
}

static uint16_t *input_of(const struct sim *sim, unsigned line)
{
    return (uint16_t *)(void *)(sim->ctl_hot + sim->cpus * sizeof(struct interface_hot)) + line;
}

static struct distributor_cold *distributor_of(const struct sim *sim)
{
    return (struct distributor_cold *)(void *)sim->ctl_cold;
}

static struct interface_cold *interface_setup(const struct sim *sim, unsigned cpu)
{
    return (struct interface_cold *)(void *)(sim->ctl_cold + sizeof(struct distributor_cold)) +
           cpu;
}

static struct input_cold *input_setup(const struct sim *sim, unsigned line)
{
    return (struct input_cold *)(void *)(sim->ctl_cold + sizeof(struct distributor_cold) +
                                         sim->cpus * sizeof(struct interface_cold)) +
           line;
}

/* The line of an INTID + 1, or 0. */
static unsigned wired(const struct sim *sim, uint32_t intid)
{
    if (intid < GIC_SPI_FIRST || intid >= GIC_SPI_FIRST + VIRT_SPIS)
        return 0;
    return sim->line_of_irq[intid - GIC_SPI_FIRST];
}

/* The latch bit that counts for @cpu. */
static unsigned latch_bit(const struct sim *sim, unsigned cpu)
{
    return 1u << (sim_policy(sim, SIM_POLICY_GIC_PENDING_PER_TARGET) ? cpu : 0) << LATCH_SHIFT;
}

/* The latch bits that a request for @target sets. */
static unsigned latch_bits(const struct sim *sim, unsigned target)
{
    unsigned cpus = (target & (OTHER_CPUS - 1)) | (target >> SIM_CPUS_MAX ? OTHER_CPUS : 0);

    return (sim_policy(sim, SIM_POLICY_GIC_PENDING_PER_TARGET) ? cpus : 1u) << LATCH_SHIFT;
}

static unsigned active_bit(const struct sim *sim, unsigned cpu)
{
    return 1u << (sim_policy(sim, SIM_POLICY_GIC_ACTIVE_PER_CPU) ? cpu : 0) << ACTIVE_SHIFT;
}

static unsigned active_bits(const struct sim *sim)
{
    return sim_policy(sim, SIM_POLICY_GIC_ACTIVE_PER_CPU) ? (unsigned)ACTIVE_ALL
                                                          : 1u << ACTIVE_SHIFT;
}

static bool is_pending(const struct sim *sim, unsigned line, unsigned state, unsigned latch)
{
    return (state & latch) || ((state & LEVEL) && !input_setup(sim, line)->edge);
}

/* Stores the new state of an input and records what changed. */
static void store(struct sim *sim, unsigned line, unsigned state)
{
    uint16_t *input = input_of(sim, line);
    unsigned before = *input;
    unsigned irq = sim->line_irq[line];

    *input = (uint16_t)state;
    if (before == state || !sim_input_traced(sim))
        return;
    if (!(before & LATCH_ALL) != !(state & LATCH_ALL))
        sim_trace(sim->trace, SIM_EV_LATCH, irq, (state & LATCH_ALL) != 0, 0);
    if (is_pending(sim, line, before, LATCH_ALL) != is_pending(sim, line, state, LATCH_ALL))
        sim_trace(sim->trace, SIM_EV_PENDING, irq, is_pending(sim, line, state, LATCH_ALL), 0);
    if (!(before & ACTIVE_ALL) != !(state & ACTIVE_ALL))
        sim_trace(sim->trace, SIM_EV_ACTIVE, irq, (state & ACTIVE_ALL) != 0, 0);
}

/* ------------------------------------------------------------------ which one is the best */

/* Where the priority of an input splits: the bits that take part in preemption. */
static unsigned group_mask(const struct sim *sim, unsigned cpu, unsigned group)
{
    const struct interface_cold *setup = interface_setup(sim, cpu);

    if (group && !(setup->ctlr & GICC_CTLR_CBPR))
        return ~0u << setup->bpr[1];
    return ~0u << (setup->bpr[0] + 1);
}

/* The best input that the distributor forwards to @cpu, or -1; its priority if there is one. */
static int forwarded(const struct sim *sim, unsigned cpu, unsigned *ret_priority)
{
    unsigned latch = latch_bit(sim, cpu);
    unsigned active = active_bit(sim, cpu);
    unsigned groups = distributor_of(sim)->ctlr;
    unsigned lowest = PRIORITY_IDLE;
    int best = -1;

    if (sim_policy(sim, SIM_POLICY_GIC_GROUP_OFF_BLOCKS) && groups)
        groups = GICD_CTLR_GRP0 | GICD_CTLR_GRP1;
    for (unsigned line = 0; line < sim->lines; line++) {
        unsigned state = *input_of(sim, line);
        const struct input_cold *setup = input_setup(sim, line);
        if (!(state & ENABLED) || (state & active) || !(setup->target >> cpu & 1))
            continue;
        if (!is_pending(sim, line, state, latch) || !(groups >> setup->group & 1))
            continue;
        if (setup->priority < lowest) {
            lowest = setup->priority;
            best = (int)line;
        }
    }
    if (best >= 0)
        *ret_priority = lowest;
    return best;
}

/* The best input that passes the priority mask of @cpu, or -1: what HPPIR tells of. */
static int highest_pending(const struct sim *sim, unsigned cpu)
{
    const struct interface_cold *setup = interface_setup(sim, cpu);
    unsigned priority = PRIORITY_IDLE;

    if (!(setup->ctlr & (GICC_CTLR_GRP0 | GICC_CTLR_GRP1)))
        return -1;
    int line = forwarded(sim, cpu, &priority);
    return line >= 0 && priority < setup->pmr ? line : -1;
}

/* Are both ends of @group on? */
static bool signals(const struct sim *sim, unsigned cpu, unsigned group)
{
    return (distributor_of(sim)->ctlr & interface_setup(sim, cpu)->ctlr) >> group & 1;
}

static unsigned output(const struct sim *sim, unsigned cpu)
{
    int line = highest_pending(sim, cpu);

    if (line < 0)
        return 0;
    const struct input_cold *setup = input_setup(sim, (unsigned)line);
    if (setup->priority >= interface_of(sim, cpu)->running || !signals(sim, cpu, setup->group))
        return 0;
    return !setup->group && (interface_setup(sim, cpu)->ctlr & GICC_CTLR_FIQEN) ? 2 : 1;
}

/*
 * What a read of IAR (or, with @alias, AIAR) by @cpu finds: a line, or -1 with the special
 * INTID in @ret_none.  @preempts: it must also be better than what runs; else as HPPIR.
 */
static int visible(const struct sim *sim, unsigned cpu, bool alias, bool preempts,
                   uint32_t *ret_none)
{
    int line = highest_pending(sim, cpu);

    *ret_none = GIC_SPURIOUS;
    if (line < 0)
        return -1;
    const struct input_cold *setup = input_setup(sim, (unsigned)line);
    if (!sim_policy(sim, SIM_POLICY_GIC_GROUP_OFF_BLOCKS) && preempts &&
        !signals(sim, cpu, setup->group))
        return -1;
    if (alias && !setup->group)
        return -1;
    if (!alias && setup->group && !(interface_setup(sim, cpu)->ctlr & GICC_CTLR_ACKCTL)) {
        *ret_none = GIC_OTHER_GROUP;
        return -1;
    }
    return preempts && setup->priority >= interface_of(sim, cpu)->running ? -1 : line;
}

static int best(const struct sim *sim, unsigned cpu)
{
    uint32_t none;

    return visible(sim, cpu, false, true, &none);
}

/* ------------------------------------------------------------ acknowledge and end of interrupt
 */

static unsigned running_priority(const struct interface_hot *interface)
{
    for (unsigned i = 0; i < APR_WORDS; i++) {
        uint32_t bits = interface->apr[0][i] | interface->apr[1][i];
        for (unsigned bit = 0; bits; bit++, bits >>= 1)
            if (bits & 1)
                return (i * 32 + bit) << 1;
    }
    return PRIORITY_IDLE;
}

static uint32_t acknowledge(struct sim *sim, unsigned cpu, bool alias)
{
    struct interface_hot *interface = interface_of(sim, cpu);
    uint32_t none;
    int found = visible(sim, cpu, alias, true, &none);

    if (found < 0)
        return none;
    unsigned line = (unsigned)found;
    const struct input_cold *setup = input_setup(sim, line);
    unsigned priority = setup->priority & group_mask(sim, cpu, setup->group);
    interface->apr[setup->group][priority >> 6] |= 1u << (priority >> 1) % 32;
    interface->running = (uint16_t)priority;
    store(sim, line, (*input_of(sim, line) & ~latch_bit(sim, cpu)) | active_bit(sim, cpu));
    return GIC_SPI_FIRST + sim->line_irq[line];
}

/* The running priority of @group falls back to the one below. */
static void drop_priority(struct interface_hot *interface, unsigned group)
{
    for (unsigned i = 0; i < APR_WORDS; i++) {
        uint32_t *word = &interface->apr[group][i];
        if (*word) {
            *word &= *word - 1;
            break;
        }
    }
    interface->running = (uint16_t)running_priority(interface);
}

static void deactivate(struct sim *sim, unsigned cpu, uint32_t intid)
{
    unsigned line = wired(sim, intid);

    if (line--)
        store(sim, line, *input_of(sim, line) & ~active_bit(sim, cpu));
}

/* EOIR; an end with nothing running, or of an INTID that cannot be, is ignored (4.4.5). */
static void end_of_interrupt(struct sim *sim, unsigned cpu, uint32_t intid)
{
    struct interface_hot *interface = interface_of(sim, cpu);
    unsigned line = wired(sim, intid);

    if (intid >= GIC_SPI_FIRST + VIRT_SPIS || interface->running == PRIORITY_IDLE)
        return;
    drop_priority(interface, line ? input_setup(sim, line - 1)->group : 0);
    if (!(interface_setup(sim, cpu)->ctlr & GICC_CTLR_EOIMODE))
        deactivate(sim, cpu, intid);
}

/* ------------------------------------------------------------------------- CPU interface */

static bool has_aliases(const struct sim *sim)
{
    return !sim_policy(sim, SIM_POLICY_GIC_NO_ALIASES);
}

/* HPPIR or, with @alias, AHPPIR. */
static uint32_t read_highest(const struct sim *sim, unsigned cpu, bool alias)
{
    uint32_t none;
    int line = visible(sim, cpu, alias, false, &none);

    return line < 0 ? none : GIC_SPI_FIRST + sim->line_irq[line];
}

static uint32_t read_running(const struct sim *sim, unsigned cpu)
{
    unsigned running = interface_of(sim, cpu)->running;

    return running < PRIORITY_IDLE ? running : 0xff;
}

static uint32_t interface_read(struct sim *sim, unsigned cpu, uint32_t offset)
{
    const struct interface_cold *setup = interface_setup(sim, cpu);

    switch (offset) {
    case GICC_CTLR:
        return setup->ctlr;
    case GICC_PMR:
        return setup->pmr;
    case GICC_BPR:
        return setup->bpr[0];
    case GICC_ABPR:
        return setup->bpr[1];
    case GICC_IAR:
        return acknowledge(sim, cpu, false);
    case GICC_RPR:
        return read_running(sim, cpu);
    case GICC_HPPIR:
        return read_highest(sim, cpu, false);
    default:
        break;
    }
    if (offset >= GICC_APR && offset < GICC_APR + 8 * APR_WORDS && offset % 4 == 0)
        return interface_of(sim, cpu)->apr[(offset - GICC_APR) / 16][offset / 4 % APR_WORDS];
    if (has_aliases(sim) && offset == GICC_AIAR)
        return acknowledge(sim, cpu, true);
    if (has_aliases(sim) && offset == GICC_AHPPIR)
        return read_highest(sim, cpu, true);
    if (offset == GICC_IIDR)
        return GICC_IIDR_VALUE;
    if (offset == GICC_EOIR || (has_aliases(sim) && offset == GICC_AEOIR))
        return 0;
    return sim_bus_bad(sim, VIRT_GICC_BASE + offset);
}

static void write_apr(struct sim *sim, unsigned cpu, uint32_t offset, uint32_t value)
{
    struct interface_hot *interface = interface_of(sim, cpu);

    interface->apr[(offset - GICC_APR) / 16][offset / 4 % APR_WORDS] = value;
    interface->running = (uint16_t)running_priority(interface);
}

static void interface_write(struct sim *sim, unsigned cpu, uint32_t offset, uint32_t value)
{
    struct interface_cold *setup = interface_setup(sim, cpu);

    switch (offset) {
    case GICC_CTLR:
        setup->ctlr = (uint16_t)(value & GICC_CTLR_MASK);
        return;
    case GICC_PMR:
        setup->pmr = (uint8_t)value;
        return;
    case GICC_BPR:
        setup->bpr[0] = value & 7;
        return;
    case GICC_ABPR:
        setup->bpr[1] = (uint8_t)((value & 7) < MIN_ABPR ? MIN_ABPR : value & 7);
        return;
    case GICC_EOIR:
        end_of_interrupt(sim, cpu, value & GIC_INTID_MASK);
        return;
    case GICC_IAR:
    case GICC_RPR:
    case GICC_HPPIR:
        return;
    default:
        break;
    }
    if (offset >= GICC_APR && offset < GICC_APR + 8 * APR_WORDS && offset % 4 == 0)
        write_apr(sim, cpu, offset, value);
    else if (has_aliases(sim) && offset == GICC_AEOIR)
        end_of_interrupt(sim, cpu, value & GIC_INTID_MASK);
    else if (offset != GICC_IIDR &&
             (!has_aliases(sim) || (offset != GICC_AIAR && offset != GICC_AHPPIR)))
        sim_bus_bad(sim, VIRT_GICC_BASE + offset);
}

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

static struct fields fields_at(uint32_t offset, unsigned size)
{
    struct fields fields = {.bank = BANK_NONE};

    if (offset >= GICD_IGROUPR && offset < GICD_IPRIORITYR) {
        fields.bank = (enum bank)(offset / 0x80);
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
    if (fields.first >= GIC_SPI_FIRST + VIRT_SPIS)
        fields.bank = BANK_NONE;
    fields.count = fields.bits ? size * 8 / fields.bits : 0;
    return fields;
}

static uint32_t field_read(const struct sim *sim, enum bank bank, unsigned line)
{
    const struct input_cold *setup = input_setup(sim, line);
    unsigned state = *input_of(sim, line);

    switch (bank) {
    case BANK_GROUP:
        return setup->group;
    case BANK_SET_ENABLE:
    case BANK_CLEAR_ENABLE:
        return (state & ENABLED) != 0;
    case BANK_SET_PENDING:
    case BANK_CLEAR_PENDING:
        return is_pending(sim, line, state, LATCH_ALL);
    case BANK_SET_ACTIVE:
    case BANK_CLEAR_ACTIVE:
        return (state & ACTIVE_ALL) != 0;
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

/* Identification registers of a GICv2 (4.3.18): PeriphID4-7, 0-3, ComponentID. */
static uint32_t read_id(uint32_t offset)
{
    static const uint8_t id[] = {0x04, 0, 0, 0, 0x90, 0xb4, 0x2b, 0, 0x0d, 0xf0, 0x05, 0xb1};

    return offset % 4 ? 0 : id[(offset - GICD_ID) / 4];
}

static uint32_t distributor_read(struct sim *sim, unsigned cpu, uint32_t offset, unsigned size)
{
    struct fields fields = fields_at(offset, size);
    uint32_t value = 0;
    uint32_t word = 0;

    if (fields.bank != BANK_NONE) {
        if (fields.first < GIC_SPI_FIRST)
            return private_read(sim, cpu, &fields);
        for (unsigned line = 0; line < sim->lines; line++) {
            uint32_t i = GIC_SPI_FIRST + sim->line_irq[line] - fields.first;
            if (i < fields.count)
                value |= field_read(sim, fields.bank, line) << i * fields.bits;
        }
        return value;
    }
    switch (offset & ~3u) {
    case GICD_CTLR:
        word = distributor_of(sim)->ctlr;
        break;
    case GICD_TYPER:
        word = (VIRT_SPIS / 32) | (uint32_t)(sim->cpus - 1) << 5;
        break;
    case GICD_IIDR:
        word = GICD_IIDR_VALUE;
        break;
    case GICD_SGIR:
        break;
    default:
        if (offset < GICD_ID)
            return sim_bus_bad(sim, VIRT_GICD_BASE + offset);
        word = read_id(offset & ~3u);
    }
    return word >> offset % 4 * 8;
}

static void set_enable(struct sim *sim, unsigned line)
{
    const struct input_cold *setup = input_setup(sim, line);
    unsigned state = *input_of(sim, line) | (unsigned)ENABLED;

    if (sim_policy(sim, SIM_POLICY_GIC_ENABLE_LATCHES) && (state & LEVEL) && !setup->edge)
        state |= latch_bits(sim, setup->target);
    store(sim, line, state);
}

/* A set-pending or an edge: sets the latch for the CPUs it is for. */
static void set_latch(struct sim *sim, unsigned line, unsigned state)
{
    unsigned bits = latch_bits(sim, input_setup(sim, line)->target);

    if (!bits)
        sim_trace(sim->trace, SIM_EV_IGNORED, sim->line_irq[line], 3, 0);
    store(sim, line, state | bits);
}

static void clear_latch(struct sim *sim, unsigned line)
{
    unsigned state = *input_of(sim, line);

    store(sim, line, state & ~(unsigned)LATCH_ALL);
    if (state & LATCH_ALL)
        sim_line_forgotten(sim, line);
}

/* The latch survives a change of the trigger and no edge is invented; pending may change. */
static void set_config(struct sim *sim, unsigned line, bool edge)
{
    unsigned state = *input_of(sim, line);
    bool before = is_pending(sim, line, state, LATCH_ALL);

    input_setup(sim, line)->edge = edge;
    if (is_pending(sim, line, state, LATCH_ALL) != before)
        sim_trace(sim->trace, SIM_EV_PENDING, sim->line_irq[line], !before, 0);
}

static void field_write(struct sim *sim, enum bank bank, unsigned line, uint32_t value)
{
    struct input_cold *setup = input_setup(sim, line);
    unsigned state = *input_of(sim, line);

    switch (bank) {
    case BANK_GROUP:
        setup->group = (uint8_t)value;
        break;
    case BANK_SET_ENABLE:
        if (value)
            set_enable(sim, line);
        break;
    case BANK_CLEAR_ENABLE:
        if (value)
            store(sim, line, state & ~(unsigned)ENABLED);
        break;
    case BANK_SET_PENDING:
        if (value)
            set_latch(sim, line, state);
        break;
    case BANK_CLEAR_PENDING:
        if (value)
            clear_latch(sim, line);
        break;
    case BANK_SET_ACTIVE:
        if (value)
            store(sim, line, state | active_bits(sim));
        break;
    case BANK_CLEAR_ACTIVE:
        if (value)
            store(sim, line, state & ~(unsigned)ACTIVE_ALL);
        break;
    case BANK_PRIORITY:
        setup->priority = (uint8_t)value;
        break;
    case BANK_TARGET:
        if (sim->cpus > 1)
            setup->target = (uint8_t)value;
        break;
    case BANK_CONFIG:
        set_config(sim, line, (value & 2) != 0);
        break;
    case BANK_NONE:
    default:
        break;
    }
}

static void distributor_write(struct sim *sim, uint32_t offset, unsigned size, uint32_t value)
{
    struct fields fields = fields_at(offset, size);

    for (unsigned line = 0; line < sim->lines && fields.bank != BANK_NONE; line++) {
        uint32_t i = GIC_SPI_FIRST + sim->line_irq[line] - fields.first;
        if (i < fields.count)
            field_write(sim, fields.bank, line,
                        value >> i * fields.bits & ((1u << fields.bits) - 1));
    }
    if (offset == GICD_CTLR)
        distributor_of(sim)->ctlr = value & (GICD_CTLR_GRP0 | GICD_CTLR_GRP1);
    else if (fields.bank == BANK_NONE && offset > GICD_IIDR + 3 && offset < GICD_ID &&
             offset != GICD_SGIR)
        sim_bus_bad(sim, VIRT_GICD_BASE + offset);
}

/* ------------------------------------------------------------------------ the controller */

static uint32_t read(struct sim *sim, unsigned cpu, unsigned part, uint32_t offset,
                     unsigned size)
{
    if (part == PART_DISTRIBUTOR)
        return distributor_read(sim, cpu, offset, size);
    if (part == PART_INTERFACE)
        return interface_read(sim, cpu, offset);
    return offset == 0 ? 0 : sim_bus_bad(sim, VIRT_GICC_BASE + GICC_DIR + offset);
}

static void write(struct sim *sim, unsigned cpu, unsigned part, uint32_t offset, unsigned size,
                  uint32_t value)
{
    if (part == PART_DISTRIBUTOR)
        distributor_write(sim, offset, size, value);
    else if (part == PART_INTERFACE)
        interface_write(sim, cpu, offset, value);
    else if (offset)
        sim_bus_bad(sim, VIRT_GICC_BASE + GICC_DIR + offset);
    else if (interface_setup(sim, cpu)->ctlr & GICC_CTLR_EOIMODE)
        deactivate(sim, cpu, value & GIC_INTID_MASK);
}

static void input(struct sim *sim, unsigned line, bool level)
{
    unsigned state = *input_of(sim, line) & ~(unsigned)LEVEL;

    if (!level)
        store(sim, line, state);
    else if (input_setup(sim, line)->edge)
        set_latch(sim, line, state | (unsigned)LEVEL);
    else
        store(sim, line, state | (unsigned)LEVEL);
}

static bool remembers(const struct sim *sim, unsigned line)
{
    return (*input_of(sim, line) & LATCH_ALL) != 0;
}

static void reset(struct sim *sim)
{
    for (unsigned cpu = 0; cpu < sim->cpus; cpu++) {
        interface_of(sim, cpu)->running = PRIORITY_IDLE;
        interface_setup(sim, cpu)->bpr[1] = MIN_ABPR;
    }
    for (unsigned line = 0; line < sim->lines && sim->cpus == 1; line++)
        input_setup(sim, line)->target = 1;
}

static uint32_t hot_bytes(const struct sim *sim)
{
    return (uint32_t)(sim->cpus * sizeof(struct interface_hot) + sim->lines * sizeof(uint16_t));
}

static uint32_t cold_bytes(const struct sim *sim)
{
    return (uint32_t)(sizeof(struct distributor_cold) +
                      sim->cpus * sizeof(struct interface_cold) +
                      sim->lines * sizeof(struct input_cold));
}

static void map(struct sim *sim)
{
    sim_bus_map(sim, VIRT_GICD_BASE, SIM_PAGE_CONTROLLER, PART_DISTRIBUTOR);
    sim_bus_map(sim, VIRT_GICC_BASE, SIM_PAGE_CONTROLLER, PART_INTERFACE);
    sim_bus_map(sim, VIRT_GICC_BASE + GICC_DIR, SIM_PAGE_CONTROLLER, PART_DEACTIVATE);
}

const struct sim_controller_ops sim_intc_gicv2 = {
    .name = "gic",
    .hot_bytes = hot_bytes,
    .cold_bytes = cold_bytes,
    .map = map,
    .reset = reset,
    .input = input,
    .read = read,
    .write = write,
    .best = best,
    .output = output,
    .remembers = remembers,
};
