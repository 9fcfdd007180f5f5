/*
 * sim/intc_gicv3.c - the Arm Generic Interrupt Controller, version 3: what is forwarded to
 * which processor, and the CPU interfaces; registers in memory: sim/intc_gicv3_dist.c.
 *
 * An input's pending is (latch or, with a level trigger, the wire).  The distributor and the
 * redistributors forward the best that is enabled, pending, not active and routed here; it is
 * worked out when something changes, not when it is asked for.  IAR of its group hands it out
 * if its priority passes PMR and preempts what runs, clears the latch and makes it active;
 * EOIR drops the priority and, with EOImode 0, ends active.
 *
 * Source: Arm IHI 0069H, 4.8 (priorities), 12; registers in sim/regs/gicv3.h; where QEMU 7.2.22
 * knowingly differs there is a row in sim/policy.h.  What is IMPLEMENTATION DEFINED (one
 * security state, 5 bits of priority in the CPU interface) is as in QEMU with a Cortex-A57.
 * Message interrupts: sim/intc_gicv3_lpi.c.
 * Not modelled: two security states, virtualization, private and software interrupts outside a
 * probe.
 */
#include "sim/intc_gicv3.h"
#include "sim/output.h"

/* ------------------------------------------------------------------------ what is forwarded */

void sim_gicv3_store(struct sim *sim, unsigned line, unsigned flags)
{
    uint8_t *input = gicv3_input(sim, line);
    unsigned before = *input;
    unsigned irq = sim->line_irq[line];

    *input = (uint8_t)flags;
    if (before == flags || !sim_input_traced(sim))
        return;
    bool pending = gicv3_is_pending(sim, line, flags);
    if ((before ^ flags) & GICV3_LATCH)
        sim_trace(sim->trace, SIM_EV_LATCH, irq, (flags & GICV3_LATCH) != 0, 0);
    if (gicv3_is_pending(sim, line, before) != pending)
        sim_trace(sim->trace, SIM_EV_PENDING, irq, pending, 0);
    if ((before ^ flags) & GICV3_ACTIVE)
        sim_trace(sim->trace, SIM_EV_ACTIVE, irq, (flags & GICV3_ACTIVE) != 0, 0);
}

/* The processor that an input goes to; one that is not there: none. */
static unsigned target(const struct sim *sim, unsigned line)
{
    const struct gicv3_input_cold *setup = gicv3_input_setup(sim, line);

    return (setup->router[0] & 0xffffff) | (setup->router[1] & 0xff) << 24;
}

static bool asks(const struct sim *sim, unsigned line)
{
    unsigned flags = *gicv3_input(sim, line);
    const struct gicv3_input_cold *setup = gicv3_input_setup(sim, line);

    return (flags & (GICV3_ENABLED | GICV3_ACTIVE)) == GICV3_ENABLED &&
           gicv3_is_pending(sim, line, flags) && *gicv3_groups(sim) >> setup->group & 1 &&
           setup->priority != GICV3_NONE;
}

/* Is this at least as good as what @cpu knows?  Then it knows this. */
static bool improve(struct sim *sim, unsigned cpu, uint32_t intid, uint8_t priority)
{
    struct gicv3_interface_hot *interface = gicv3_interface(sim, cpu);

    if (priority > interface->priority ||
        (priority == interface->priority && intid > interface->best))
        return false;
    interface->best = (uint16_t)intid;
    interface->priority = priority;
    return true;
}

/* The best LPI of each redistributor competes; which processors gained. */
static unsigned gather_lpis(struct sim *sim)
{
    unsigned gained = 0;

    for (unsigned cpu = 0; cpu < sim->cpus; cpu++) {
        const struct gicv3_interface_hot *interface = gicv3_interface(sim, cpu);
        if (gicv3_setup(sim, cpu)->lpis && *gicv3_groups(sim) & GICD3_CTLR_GRP1 &&
            interface->lpi_priority != GICV3_NONE &&
            improve(sim, cpu, interface->lpi, interface->lpi_priority))
            gained |= 1u << cpu;
    }
    return gained;
}

/* Of INTIDs @first ... what is at least as good as what is known; which processors gained. */
static unsigned gather(struct sim *sim, uint32_t first, uint32_t count)
{
    unsigned gained = first < GICV3_SPI_FIRST ? gather_lpis(sim) : 0;

    for (unsigned line = 0; line < sim->lines; line++) {
        uint32_t intid = gicv3_intid(sim, line);
        unsigned cpu = target(sim, line);
        if (intid - first < count && cpu < sim->cpus && asks(sim, line) &&
            improve(sim, cpu, intid, gicv3_input_setup(sim, line)->priority))
            gained |= 1u << cpu;
    }
    return gained;
}

/* What was known stays the best unless it is one of those that changed: then all compete. */
void sim_gicv3_update(struct sim *sim, uint32_t first, uint32_t count)
{
    unsigned gained = gather(sim, first, count);
    bool lost = false;

    for (unsigned cpu = 0; cpu < sim->cpus; cpu++) {
        const struct gicv3_interface_hot *interface = gicv3_interface(sim, cpu);
        lost |= !(gained >> cpu & 1) && interface->priority != GICV3_NONE &&
                (interface->best - first < count ||
                 (first < GICV3_SPI_FIRST && interface->best >= GICV3_LPI_FIRST));
    }
    if (!lost)
        return;
    for (unsigned cpu = 0; cpu < sim->cpus; cpu++) {
        gicv3_interface(sim, cpu)->best = 0;
        gicv3_interface(sim, cpu)->priority = GICV3_NONE;
    }
    gather(sim, 0, GICV3_INTERRUPTS);
}

/* ---------------------------------------------------------------------------- CPU interface */

/* Nobody's number: what is not forwarded. */
enum { NOTHING = -1 };

/* LPIs are of group 1. */
static unsigned group_of(const struct sim *sim, int intid)
{
    if (intid >= (int)GICV3_LPI_FIRST)
        return 1;
    return gicv3_input_setup(sim, gicv3_wired(sim, (uint32_t)intid) - 1)->group;
}

/* The best for @cpu whose group its interface lets through: its INTID, or NOTHING. */
static int forwarded(const struct sim *sim, unsigned cpu)
{
    const struct gicv3_interface_hot *interface = gicv3_interface(sim, cpu);
    const struct gicv3_interface_cold *setup = gicv3_setup(sim, cpu);

    if (interface->priority == GICV3_NONE ||
        !(setup->groups >> group_of(sim, interface->best) & 1))
        return NOTHING;
    if (setup->waker && !sim_policy(sim, SIM_POLICY_GICV3_SLEEPER_HEARS))
        return NOTHING;
    return interface->best;
}

static unsigned running(const struct gicv3_interface_hot *interface)
{
    uint32_t levels = interface->apr[0] | interface->apr[1];
    unsigned level = 0;

    if (!levels)
        return GICV3_NONE;
    while (!(levels >> level & 1))
        level++;
    return level << 3;
}

/* The bits of a priority that take part in preemption. */
static unsigned group_mask(const struct gicv3_interface_cold *setup, unsigned group)
{
    if (group && !(setup->ctlr & ICC_CTLR_CBPR))
        return ~0u << setup->bpr[1];
    return ~0u << (setup->bpr[0] + 1);
}

/* What may interrupt @cpu now: an INTID, or NOTHING. */
static int preempting(const struct sim *sim, unsigned cpu)
{
    const struct gicv3_interface_hot *interface = gicv3_interface(sim, cpu);
    const struct gicv3_interface_cold *setup = gicv3_setup(sim, cpu);
    int intid = forwarded(sim, cpu);
    unsigned runs = running(interface);

    if (intid < 0 || interface->priority >= setup->pmr)
        return NOTHING;
    unsigned mask = group_mask(setup, group_of(sim, intid));
    return runs == GICV3_NONE || (interface->priority & mask) < (runs & mask) ? intid : NOTHING;
}

static unsigned output(const struct sim *sim, unsigned cpu)
{
    int intid = preempting(sim, cpu);

    if (intid < 0)
        return 0;
    return group_of(sim, intid) ? 1 : 2;
}

/* @intid as an answer to somebody who asks for @group. */
static uint32_t visible(const struct sim *sim, int intid, unsigned group)
{
    return intid < 0 || group_of(sim, intid) != group ? ICC_SPURIOUS : (uint32_t)intid;
}

/* An input becomes active; an LPI is no longer pending, and that is all. */
static uint32_t acknowledge(struct sim *sim, unsigned cpu, unsigned group)
{
    struct gicv3_interface_hot *interface = gicv3_interface(sim, cpu);
    uint32_t intid = visible(sim, preempting(sim, cpu), group);

    if (intid == ICC_SPURIOUS)
        return intid;
    unsigned level = (interface->priority & group_mask(gicv3_setup(sim, cpu), group)) >> 3;
    interface->apr[group] |= 1u << level;
    if (intid >= GICV3_LPI_FIRST) {
        sim_gicv3_lpi_set(sim, cpu, intid, false);
        return intid;
    }
    unsigned line = gicv3_wired(sim, intid) - 1;
    sim_gicv3_store(
        sim, line, (*gicv3_input(sim, line) | (unsigned)GICV3_ACTIVE) & ~(unsigned)GICV3_LATCH);
    sim_gicv3_update(sim, intid, 1);
    return intid;
}

static void deactivate(struct sim *sim, uint32_t intid)
{
    unsigned line = gicv3_wired(sim, intid);

    if (!line--)
        return;
    sim_gicv3_store(sim, line, *gicv3_input(sim, line) & ~(unsigned)GICV3_ACTIVE);
    sim_gicv3_update(sim, intid, 1);
}

/* The end of an interrupt of a group that is not the one that runs is ignored. */
static void end_of_interrupt(struct sim *sim, unsigned cpu, unsigned group, uint32_t intid)
{
    uint32_t *apr = gicv3_interface(sim, cpu)->apr;
    uint32_t lowest = (apr[0] | apr[1]) & -(apr[0] | apr[1]);

    if ((intid >= GICV3_INTERRUPTS && intid < GICV3_LPI_FIRST) || !(apr[group] & lowest) ||
        (group && apr[0] & lowest))
        return;
    apr[group] &= ~lowest;
    if (sim_policy(sim, SIM_POLICY_GICV3_END_IN_STEPS))
        sim_output_note(sim);
    if (!(gicv3_setup(sim, cpu)->ctlr & ICC_CTLR_EOIMODE))
        deactivate(sim, intid);
}

/* A software interrupt to the processors listed, if it is of @group there. */
static void send(struct sim *sim, unsigned group, uint32_t value)
{
    uint32_t intid = value >> ICC_SGI_INTID & (GICV3_SGIS - 1);
    unsigned line = gicv3_wired(sim, intid);

    if (!line-- || value >> ICC_SGI_AFF1 & 0xff || !(value & 1) ||
        gicv3_input_setup(sim, line)->group != group)
        return;
    sim_gicv3_store(sim, line, *gicv3_input(sim, line) | (unsigned)GICV3_LATCH);
    sim_gicv3_update(sim, intid, 1);
}

static uint32_t interface_read(struct sim *sim, unsigned cpu, uint32_t offset)
{
    const struct gicv3_interface_cold *setup = gicv3_setup(sim, cpu);
    const struct gicv3_interface_hot *interface = gicv3_interface(sim, cpu);

    switch (offset) {
    case ICC_PMR:
        return setup->pmr;
    case ICC_IAR0:
    case ICC_IAR1:
        return acknowledge(sim, cpu, offset == ICC_IAR1);
    case ICC_HPPIR0:
    case ICC_HPPIR1:
        return visible(sim, forwarded(sim, cpu), offset == ICC_HPPIR1);
    case ICC_BPR0:
        return setup->bpr[0];
    case ICC_BPR1:
        if (setup->ctlr & ICC_CTLR_CBPR)
            return setup->bpr[0] < 7 ? setup->bpr[0] + 1u : 7;
        return setup->bpr[1];
    case ICC_AP0R0:
    case ICC_AP1R0:
        return interface->apr[offset == ICC_AP1R0];
    case ICC_RPR:
        return running(interface);
    case ICC_CTLR:
        return ICC_CTLR_FIXED | setup->ctlr;
    case ICC_SRE:
        return ICC_SRE_VALUE;
    case ICC_IGRPEN0:
    case ICC_IGRPEN1:
        return setup->groups >> (offset == ICC_IGRPEN1) & 1;
    default:
        return sim_bus_bad(sim, GICV3_CPU_BASE + offset);
    }
}

static void set_split(struct gicv3_interface_cold *setup, unsigned group, uint32_t value,
                      bool wide)
{
    uint32_t least = group ? ICC_BPR1_MIN : ICC_BPR0_MIN;

    if (!wide)
        value &= ICC_BPR_MASK;
    if (!group || !(setup->ctlr & ICC_CTLR_CBPR))
        setup->bpr[group] = (value < least ? least : value) & ICC_BPR_MASK;
}

static void interface_write(struct sim *sim, unsigned cpu, uint32_t offset, uint32_t value)
{
    struct gicv3_interface_cold *setup = gicv3_setup(sim, cpu);
    bool wide = sim_policy(sim, SIM_POLICY_GICV3_WIDE);
    unsigned group;

    switch (offset) {
    case ICC_PMR:
        setup->pmr = value & (wide ? ~ICC_PMR_UNUSED : ICC_PMR_MASK);
        return;
    case ICC_EOIR0:
    case ICC_EOIR1:
        end_of_interrupt(sim, cpu, offset == ICC_EOIR1, value & ICC_INTID_MASK);
        return;
    case ICC_BPR0:
    case ICC_BPR1:
        set_split(setup, offset == ICC_BPR1, value, wide);
        return;
    case ICC_AP0R0:
    case ICC_AP1R0:
        gicv3_interface(sim, cpu)->apr[offset == ICC_AP1R0] = value;
        return;
    case ICC_DIR:
        if (setup->ctlr & ICC_CTLR_EOIMODE)
            deactivate(sim, value & ICC_INTID_MASK);
        return;
    case ICC_SGI0R:
    case ICC_ASGI1R:
    case ICC_SGI1R:
        send(sim, offset == ICC_SGI1R, value);
        return;
    case ICC_CTLR:
        setup->ctlr = value & (ICC_CTLR_CBPR | ICC_CTLR_EOIMODE);
        return;
    case ICC_SRE:
        return;
    case ICC_IGRPEN0:
    case ICC_IGRPEN1:
        group = offset == ICC_IGRPEN1;
        setup->groups = (uint8_t)((setup->groups & ~(1u << group)) | (value & 1) << group);
        return;
    default:
        sim_bus_bad(sim, GICV3_CPU_BASE + offset);
    }
}

/* -------------------------------------------------------------------------- the controller */

static uint32_t read(struct sim *sim, unsigned cpu, unsigned part, uint32_t offset,
                     unsigned size)
{
    return part == GICV3_PART_CPU ? interface_read(sim, cpu, offset)
                                  : sim_gicv3_frame_read(sim, part, offset, size);
}

static void write(struct sim *sim, unsigned cpu, unsigned part, uint32_t offset, unsigned size,
                  uint32_t value)
{
    if (part == GICV3_PART_CPU)
        interface_write(sim, cpu, offset, value);
    else
        sim_gicv3_frame_write(sim, part, offset, size, value);
}

static uint32_t cpu_verb(struct sim *sim, unsigned cpu, enum sim_cpu_verb verb, unsigned reg,
                         uint32_t value)
{
    if (verb == SIM_CPU_READ)
        return interface_read(sim, cpu, reg);
    interface_write(sim, cpu, reg, value);
    return 0;
}

static int best(const struct sim *sim, unsigned cpu)
{
    int intid = preempting(sim, cpu);

    if (intid < 0)
        return -1;
    if (intid >= (int)GICV3_LPI_FIRST)
        return (int)gicv3_message_line(sim, (uint32_t)intid) - 1;
    return (int)gicv3_wired(sim, (uint32_t)intid) - 1;
}

static bool remembers(const struct sim *sim, unsigned line)
{
    if (!sim_msi_is(sim, line))
        return (*gicv3_input(sim, line) & GICV3_LATCH) != 0;
    for (unsigned cpu = 0; cpu < sim->cpus; cpu++)
        if (sim_gicv3_lpi_pending(sim, cpu, gicv3_intid(sim, line)))
            return true;
    return false;
}

/* All that send messages here are functions of one requester. */
static void message(struct sim *sim, uint32_t address, uint32_t data)
{
    if (address == VIRT_GITS_BASE + GITS_TRANSLATER)
        sim_gicv3_its_message(sim, 0, data);
}

static void input(struct sim *sim, unsigned line, bool level)
{
    unsigned flags = *gicv3_input(sim, line);

    if (((flags & GICV3_LEVEL) != 0) == level)
        return;
    flags ^= (unsigned)GICV3_LEVEL;
    if (level && gicv3_input_setup(sim, line)->edge)
        flags |= (unsigned)GICV3_LATCH;
    sim_gicv3_store(sim, line, flags);
    sim_gicv3_update(sim, gicv3_intid(sim, line), 1);
}

static void reset(struct sim *sim)
{
    for (unsigned cpu = 0; cpu < sim->cpus; cpu++) {
        gicv3_interface(sim, cpu)->priority = GICV3_NONE;
        gicv3_interface(sim, cpu)->lpi_priority = GICV3_NONE;
        gicv3_setup(sim, cpu)->bpr[0] = ICC_BPR0_MIN;
        gicv3_setup(sim, cpu)->bpr[1] = ICC_BPR1_MIN;
        gicv3_setup(sim, cpu)->waker = GICR_WAKER_ASLEEP;
    }
    for (unsigned line = 0; line < sim->lines; line++)
        gicv3_input_setup(sim, line)->edge = gicv3_intid(sim, line) < GICV3_SGIS;
    sim_gicv3_its_reset(sim);
}

static unsigned inputs(const struct sim *sim)
{
    (void)sim;
    return GICV3_INTERRUPTS;
}

/* Shared inputs count from 0; behind them comes private input n of CPU 0 as the n-th. */
static unsigned input_irq(const struct sim *sim, unsigned input)
{
    (void)sim;
    if (input < GICV3_SGIS)
        return SIM_IRQS_MAX;
    return input < GICV3_SPI_FIRST ? VIRT_SPIS + input : input - GICV3_SPI_FIRST;
}

static uint32_t hot_bytes(const struct sim *sim)
{
    uint32_t memory = sim_gicv3_memory_bytes(sim);

    return (uint32_t)(sim->cpus * sizeof(struct gicv3_interface_hot) +
                      ((sim->lines + 3u) & ~3u) + sizeof(struct gicv3_its)) +
           memory;
}

static uint32_t cold_bytes(const struct sim *sim)
{
    return (uint32_t)(sizeof(uint32_t) + sim->cpus * sizeof(struct gicv3_interface_cold) +
                      sim->lines * sizeof(struct gicv3_input_cold));
}

static void map(struct sim *sim)
{
    const uint32_t routers = VIRT_GICD_BASE + GICD3_IROUTER;
    const uint32_t last = 0xf000; /* the page of the identification, in each frame */

    sim_bus_map(sim, VIRT_GICD_BASE, SIM_PAGE_CONTROLLER, GICV3_PART_DISTRIBUTOR);
    sim_bus_map(sim, routers, SIM_PAGE_CONTROLLER, GICV3_PART_ROUTERS);
    sim_bus_map(sim, routers + 0x1000, SIM_PAGE_CONTROLLER, GICV3_PART_ROUTERS_REST);
    sim_bus_map(sim, VIRT_GICD_BASE + last, SIM_PAGE_CONTROLLER, GICV3_PART_ID);
    sim_bus_map(sim, GICV3_CPU_BASE, SIM_PAGE_CONTROLLER, GICV3_PART_CPU);
    sim_bus_map(sim, VIRT_GITS_BASE, SIM_PAGE_CONTROLLER, GICV3_PART_ITS);
    sim_bus_map(sim, VIRT_GITS_BASE + last, SIM_PAGE_CONTROLLER, GICV3_PART_ITS_ID);
    sim_bus_map(sim, VIRT_GITS_BASE + GITS_TRANSLATER, SIM_PAGE_CONTROLLER,
                GICV3_PART_TRANSLATER);
    if (sim_gicv3_memory_bytes(sim))
        sim_bus_map_block(sim, VIRT_RAM_KEPT, VIRT_KEPT_BYTES >> SIM_PAGE_SHIFT,
                          SIM_PAGE_CONTROLLER, GICV3_PART_MEMORY);
    for (unsigned cpu = 0; cpu < sim->cpus; cpu++) {
        uint32_t base = VIRT_GICR_BASE + cpu * GICV3_REDIST_STEP;
        uint32_t private_base = base + GICV3_REDIST_STEP / 2;
        sim_bus_map(sim, base, SIM_PAGE_CONTROLLER, GICV3_PART_REDISTRIBUTOR + cpu);
        sim_bus_map(sim, base + last, SIM_PAGE_CONTROLLER, GICV3_PART_REDISTRIBUTOR_ID + cpu);
        sim_bus_map(sim, private_base, SIM_PAGE_CONTROLLER, GICV3_PART_PRIVATE + cpu);
        sim_bus_map(sim, private_base + last, SIM_PAGE_CONTROLLER, GICV3_PART_PRIVATE_ID + cpu);
    }
}

const struct sim_controller_ops sim_intc_gicv3 = {
    .name = "gic",
    .hot_bytes = hot_bytes,
    .cold_bytes = cold_bytes,
    .map = map,
    .inputs = inputs,
    .input_irq = input_irq,
    .cpu = cpu_verb,
    .reset = reset,
    .input = input,
    .message = message,
    .read = read,
    .write = write,
    .best = best,
    .output = output,
    .remembers = remembers,
};
