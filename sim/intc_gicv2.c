/*
 * sim/intc_gicv2.c - the Arm Generic Interrupt Controller, version 1 and 2: how the best input
 * is found and the CPU interfaces; the distributor is sim/intc_gicv2_dist.c.
 *
 * An input's pending is (latch or, with a level trigger, the wire).  IAR hands out the best
 * input that is enabled, pending, not active and targeted here, clears its latch, makes it
 * active and raises the running priority; EOIR drops the priority and, with EOImode 0, ends
 * active.  Only inputs that are wired have state, in a probe all of them; INTIDs 0 to 31 are
 * read-only elsewhere.
 *
 * Source: Arm IHI 0048B.b (version 1: IHI 0048A); registers and sections in sim/regs/gicv2.h;
 * where QEMU 7.2.22 knowingly differs there is a row in sim/policy.h.  What the architecture
 * leaves open (UNPREDICTABLE, or IMPLEMENTATION DEFINED: 8 priority bits, 128 preemption
 * levels) is as in QEMU.  Not modelled: security extensions, private and software interrupts
 * outside a probe, virtualization, 1-of-N arbitration between CPUs that ask at once.
 */
#include "sim/intc_gicv2.h"
#include "sim/regs/board_vexpress.h"
#include "sim/regs/board_virt.h"
#include "sim/regs/v2m.h"

enum { PART_DISTRIBUTOR, PART_INTERFACE, PART_DEACTIVATE, PART_MESSAGES };

static const struct gic_board boards[SIM_MACHINES] = {
    [SIM_MACHINE_VIRT] = {VIRT_GICD_BASE, VIRT_GICC_BASE, VIRT_SPIS, 2, 0xff},
    [SIM_MACHINE_VEXPRESS_A9] = {VEXPRESS_A9_GICD_BASE, VEXPRESS_A9_GICC_BASE, VEXPRESS_A9_SPIS,
                                 1, 0xf8},
    [SIM_MACHINE_VEXPRESS_A15] = {VEXPRESS_A15_GICD_BASE, VEXPRESS_A15_GICC_BASE,
                                  VEXPRESS_A15_SPIS, 2, 0xff},
};

const struct gic_board *sim_gic_board(const struct sim *sim)
{
    return &boards[sim->config->machine];
}

/* ------------------------------------------------------------------ which one is the best */

/* Where the priority of an input splits: the bits that take part in preemption. */
static unsigned group_mask(const struct sim *sim, unsigned cpu, unsigned group)
{
    const struct gic_interface_cold *setup = gic_interface_setup(sim, cpu);

    if (group && !(setup->ctlr & GICC_CTLR_CBPR))
        return ~0u << setup->bpr[1];
    return ~0u << (setup->bpr[0] + 1);
}

/* The best input that the distributor forwards to @cpu, or -1; its priority if there is one. */
static int forwarded(const struct sim *sim, unsigned cpu, unsigned *ret_priority)
{
    unsigned latch = gic_latch_bit(sim, cpu);
    unsigned active = gic_active_bit(sim, cpu);
    unsigned groups = gic_distributor_of(sim)->ctlr;
    unsigned lowest = GIC_PRIORITY_IDLE;
    int best = -1;

    if (sim_policy(sim, SIM_POLICY_GIC_GROUP_OFF_BLOCKS) && groups)
        groups = GICD_CTLR_GRP0 | GICD_CTLR_GRP1;
    for (unsigned line = 0; line < sim->lines; line++) {
        unsigned state = *gic_input_of(sim, line);
        const struct gic_input_cold *setup = gic_input_setup(sim, line);
        if (!(state & GIC_ENABLED) || (state & active) || !(setup->target >> cpu & 1))
            continue;
        if (!gic_is_pending(sim, line, state, latch) || !(groups >> setup->group & 1))
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
    const struct gic_interface_cold *setup = gic_interface_setup(sim, cpu);
    unsigned priority = GIC_PRIORITY_IDLE;

    if (!(setup->ctlr & (GICC_CTLR_GRP0 | GICC_CTLR_GRP1)))
        return -1;
    int line = forwarded(sim, cpu, &priority);
    return line >= 0 && priority < setup->pmr ? line : -1;
}

/* Are both ends of @group on? */
static bool signals(const struct sim *sim, unsigned cpu, unsigned group)
{
    return (gic_distributor_of(sim)->ctlr & gic_interface_setup(sim, cpu)->ctlr) >> group & 1;
}

static unsigned output(const struct sim *sim, unsigned cpu)
{
    int line = highest_pending(sim, cpu);

    if (line < 0)
        return 0;
    const struct gic_input_cold *setup = gic_input_setup(sim, (unsigned)line);
    if (setup->priority >= gic_interface_of(sim, cpu)->running ||
        !signals(sim, cpu, setup->group))
        return 0;
    return !setup->group && (gic_interface_setup(sim, cpu)->ctlr & GICC_CTLR_FIQEN) ? 2 : 1;
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
    const struct gic_input_cold *setup = gic_input_setup(sim, (unsigned)line);
    if (!sim_policy(sim, SIM_POLICY_GIC_GROUP_OFF_BLOCKS) && preempts &&
        !signals(sim, cpu, setup->group))
        return -1;
    if (alias && !setup->group)
        return -1;
    if (!alias && setup->group && !(gic_interface_setup(sim, cpu)->ctlr & GICC_CTLR_ACKCTL)) {
        *ret_none = GIC_OTHER_GROUP;
        return -1;
    }
    return preempts && setup->priority >= gic_interface_of(sim, cpu)->running ? -1 : line;
}

static int best(const struct sim *sim, unsigned cpu)
{
    uint32_t none;

    return visible(sim, cpu, false, true, &none);
}

/* ------------------------------------------------------------ acknowledge and end of interrupt
 */

static unsigned running_priority(const struct gic_interface_hot *interface)
{
    for (unsigned i = 0; i < GIC_APR_WORDS; i++) {
        uint32_t bits = interface->apr[0][i] | interface->apr[1][i];
        if (bits)
            return (i * 32 + (unsigned)__builtin_ctz(bits)) << 1;
    }
    return GIC_PRIORITY_IDLE;
}

/* A software interrupt stays pending until each of its senders was acknowledged. */
static uint32_t acknowledge_software(struct sim *sim, unsigned cpu, unsigned line,
                                     unsigned state)
{
    uint8_t *senders = &gic_senders_of(sim)[line];
    uint32_t sender = 0;

    while (sender < 7 && !(*senders >> sender & 1))
        sender++;
    *senders &= (uint8_t)(*senders - 1);
    gic_store(sim, line, *senders ? state : state & ~gic_latch_bit(sim, cpu));
    return line | sender << GICC_IAR_SENDER_SHIFT;
}

static uint32_t acknowledge(struct sim *sim, unsigned cpu, bool alias)
{
    struct gic_interface_hot *interface = gic_interface_of(sim, cpu);
    uint32_t none;
    int found = visible(sim, cpu, alias, true, &none);

    if (found < 0)
        return none;
    unsigned line = (unsigned)found;
    const struct gic_input_cold *setup = gic_input_setup(sim, line);
    unsigned priority = setup->priority & group_mask(sim, cpu, setup->group);
    interface->apr[setup->group][priority >> 6] |= 1u << (priority >> 1) % 32;
    interface->running = (uint16_t)priority;
    unsigned state = *gic_input_of(sim, line) | gic_active_bit(sim, cpu);
    if (gic_is_software(sim, line))
        return acknowledge_software(sim, cpu, line, state);
    gic_store(sim, line, state & ~gic_latch_bit(sim, cpu));
    return gic_intid(sim, line);
}

/* The running priority of @group falls back to the one below. */
static void drop_priority(struct gic_interface_hot *interface, unsigned group)
{
    for (unsigned i = 0; i < GIC_APR_WORDS; i++) {
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
    unsigned line = gic_wired(sim, intid);

    if (line--)
        gic_store(sim, line, *gic_input_of(sim, line) & ~gic_active_bit(sim, cpu));
}

/* EOIR; an end with nothing running, or of an INTID that cannot be, is ignored (4.4.5). */
static void end_of_interrupt(struct sim *sim, unsigned cpu, uint32_t intid)
{
    struct gic_interface_hot *interface = gic_interface_of(sim, cpu);
    unsigned line = gic_wired(sim, intid);

    if (intid >= GIC_SPI_FIRST + sim_gic_board(sim)->spis ||
        interface->running == GIC_PRIORITY_IDLE)
        return;
    drop_priority(interface, line ? gic_input_setup(sim, line - 1)->group : 0);
    if (!(gic_interface_setup(sim, cpu)->ctlr & GICC_CTLR_EOIMODE))
        deactivate(sim, cpu, intid);
}

/* ------------------------------------------------------------------------- CPU interface */

static bool has_aliases(const struct sim *sim)
{
    return gic_has_groups(sim) && !sim_policy(sim, SIM_POLICY_GIC_NO_ALIASES);
}

/* HPPIR or, with @alias, AHPPIR. */
static uint32_t read_highest(const struct sim *sim, unsigned cpu, bool alias)
{
    uint32_t none;
    int line = visible(sim, cpu, alias, false, &none);

    return line < 0 ? none : gic_intid(sim, (unsigned)line);
}

static uint32_t read_running(const struct sim *sim, unsigned cpu)
{
    unsigned running = gic_interface_of(sim, cpu)->running;

    return running < GIC_PRIORITY_IDLE ? running : 0xff;
}

/* Version 1 keeps them to itself. */
static uint32_t read_apr(const struct sim *sim, unsigned cpu, uint32_t offset)
{
    const struct gic_interface_hot *interface = gic_interface_of(sim, cpu);

    return gic_has_groups(sim)
               ? interface->apr[(offset - GICC_APR) / 16][offset / 4 % GIC_APR_WORDS]
               : 0;
}

static uint32_t interface_read(struct sim *sim, unsigned cpu, uint32_t offset)
{
    const struct gic_interface_cold *setup = gic_interface_setup(sim, cpu);

    switch (offset) {
    case GICC_CTLR:
        return setup->ctlr;
    case GICC_PMR:
        return setup->pmr;
    case GICC_BPR:
        return setup->bpr[0];
    case GICC_ABPR:
        return gic_has_groups(sim) ? setup->bpr[1] : 0;
    case GICC_IAR:
        return acknowledge(sim, cpu, false);
    case GICC_RPR:
        return read_running(sim, cpu);
    case GICC_HPPIR:
        return read_highest(sim, cpu, false);
    default:
        break;
    }
    if (offset >= GICC_APR && offset < GICC_APR + 8 * GIC_APR_WORDS && offset % 4 == 0)
        return read_apr(sim, cpu, offset);
    if (has_aliases(sim) && offset == GICC_AIAR)
        return acknowledge(sim, cpu, true);
    if (has_aliases(sim) && offset == GICC_AHPPIR)
        return read_highest(sim, cpu, true);
    if (offset == GICC_IIDR)
        return GICC_IIDR_VALUE | (uint32_t)sim_gic_board(sim)->version << GICC_IIDR_VERSION;
    if (offset == GICC_EOIR || (has_aliases(sim) && offset == GICC_AEOIR))
        return 0;
    return sim_bus_bad(sim, sim_gic_board(sim)->interface + offset);
}

static void write_apr(struct sim *sim, unsigned cpu, uint32_t offset, uint32_t value)
{
    struct gic_interface_hot *interface = gic_interface_of(sim, cpu);

    interface->apr[(offset - GICC_APR) / 16][offset / 4 % GIC_APR_WORDS] = value;
    interface->running = (uint16_t)running_priority(interface);
}

static void interface_write(struct sim *sim, unsigned cpu, uint32_t offset, uint32_t value)
{
    struct gic_interface_cold *setup = gic_interface_setup(sim, cpu);

    switch (offset) {
    case GICC_CTLR:
        setup->ctlr =
            (uint16_t)(value & (gic_has_groups(sim) ? GICC_CTLR_MASK : GICC_CTLR_V1_MASK));
        return;
    case GICC_PMR:
        setup->pmr = (uint8_t)(value & sim_gic_board(sim)->priorities);
        return;
    case GICC_BPR:
        setup->bpr[0] = value & 7;
        return;
    case GICC_ABPR:
        setup->bpr[1] = (uint8_t)((value & 7) < GIC_MIN_ABPR ? GIC_MIN_ABPR : value & 7);
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
    if (offset >= GICC_APR && offset < GICC_APR + 8 * GIC_APR_WORDS && offset % 4 == 0) {
        if (gic_has_groups(sim))
            write_apr(sim, cpu, offset, value);
    } else if (has_aliases(sim) && offset == GICC_AEOIR)
        end_of_interrupt(sim, cpu, value & GIC_INTID_MASK);
    else if (offset != GICC_IIDR &&
             (!has_aliases(sim) || (offset != GICC_AIAR && offset != GICC_AHPPIR)))
        sim_bus_bad(sim, sim_gic_board(sim)->interface + offset);
}

/* ------------------------------------------------------------------------ the controller */

/* The message frame: only `virt` has one. */
static uint32_t messages_read(struct sim *sim, uint32_t offset, unsigned size)
{
    if (size == 4 && offset == V2M_MSI_TYPER)
        return (GIC_SPI_FIRST + VIRT_V2M_SPI) << 16 | VIRT_V2M_SPIS;
    if (size == 4 && offset == V2M_MSI_IIDR)
        return V2M_IIDR_VALUE;
    if (size == 4 && (offset == V2M_MSI_SETSPI_NS || offset > V2M_MSI_IIDR))
        return 0;
    return sim_bus_bad(sim, VIRT_V2M_BASE + offset);
}

static void messages_write(struct sim *sim, uint32_t offset, unsigned size, uint32_t value)
{
    uint32_t message = (value & GIC_INTID_MASK) - GIC_SPI_FIRST - VIRT_V2M_SPI;

    if (size == 1 ||
        (offset != V2M_MSI_SETSPI_NS && offset != V2M_MSI_TYPER && offset < V2M_MSI_IIDR))
        sim_bus_bad(sim, VIRT_V2M_BASE + offset);
    else if (offset == V2M_MSI_SETSPI_NS && message < VIRT_V2M_SPIS)
        sim_line_pulse(sim, VIRT_V2M_SPI + message);
}

/* An offset in the interface's page as one in the interface: an MPCore's starts inside. */
static uint32_t inside(const struct sim *sim, uint32_t offset)
{
    uint32_t start = sim_gic_board(sim)->interface & 0xfff;

    if (start && (offset < start || offset >= 2 * start))
        return UINT32_MAX; /* the private timers' and the snoop control unit's registers */
    return offset - start;
}

static uint32_t read(struct sim *sim, unsigned cpu, unsigned part, uint32_t offset,
                     unsigned size)
{
    if (part == PART_DISTRIBUTOR)
        return sim_gic_distributor_read(sim, cpu, offset, size);
    if (part == PART_INTERFACE)
        return interface_read(sim, cpu, inside(sim, offset));
    if (part == PART_MESSAGES)
        return messages_read(sim, offset, size);
    return offset == 0 ? 0
                       : sim_bus_bad(sim, sim_gic_board(sim)->interface + GICC_DIR + offset);
}

static void write(struct sim *sim, unsigned cpu, unsigned part, uint32_t offset, unsigned size,
                  uint32_t value)
{
    if (part == PART_DISTRIBUTOR)
        sim_gic_distributor_write(sim, cpu, offset, size, value);
    else if (part == PART_INTERFACE)
        interface_write(sim, cpu, inside(sim, offset), value);
    else if (part == PART_MESSAGES)
        messages_write(sim, offset, size, value);
    else if (offset)
        sim_bus_bad(sim, sim_gic_board(sim)->interface + GICC_DIR + offset);
    else if (gic_interface_setup(sim, cpu)->ctlr & GICC_CTLR_EOIMODE)
        deactivate(sim, cpu, value & GIC_INTID_MASK);
}

static void input(struct sim *sim, unsigned line, bool level)
{
    unsigned before = *gic_input_of(sim, line);
    unsigned state = before & ~(unsigned)GIC_LEVEL;

    if (((before & GIC_LEVEL) != 0) == level)
        return;
    if (!level)
        gic_store(sim, line, state);
    else if (gic_input_setup(sim, line)->edge)
        sim_gic_latch(sim, line, state | (unsigned)GIC_LEVEL);
    else
        gic_store(sim, line, state | (unsigned)GIC_LEVEL);
}

static void message(struct sim *sim, uint32_t address, uint32_t data)
{
    messages_write(sim, address - VIRT_V2M_BASE, sizeof(data), data);
}

static bool remembers(const struct sim *sim, unsigned line)
{
    return (*gic_input_of(sim, line) & GIC_LATCH_ALL) != 0;
}

static void reset(struct sim *sim)
{
    for (unsigned cpu = 0; cpu < sim->cpus; cpu++) {
        gic_interface_of(sim, cpu)->running = GIC_PRIORITY_IDLE;
        gic_interface_setup(sim, cpu)->bpr[1] = GIC_MIN_ABPR;
    }
    for (unsigned line = 0; line < sim->lines && sim->cpus == 1; line++)
        gic_input_setup(sim, line)->target = 1;
    for (unsigned line = 0; line < sim->lines && gic_is_software(sim, line); line++) {
        *gic_input_of(sim, line) = GIC_ENABLED;
        gic_input_setup(sim, line)->edge = 1;
    }
}

static unsigned inputs(const struct sim *sim)
{
    return GIC_SPI_FIRST + sim_gic_board(sim)->spis;
}

/* Shared inputs count from 0; behind them comes private input n of CPU 0 as the n-th. */
static unsigned input_irq(const struct sim *sim, unsigned input)
{
    if (input < GIC_SGIS)
        return SIM_IRQS_MAX;
    return input < GIC_SPI_FIRST ? sim_gic_board(sim)->spis + input : input - GIC_SPI_FIRST;
}

static uint32_t hot_bytes(const struct sim *sim)
{
    return (uint32_t)(sim->cpus * sizeof(struct gic_interface_hot) +
                      sim->lines * sizeof(uint16_t) + (sim->config->probe ? GIC_SGIS : 0));
}

static uint32_t cold_bytes(const struct sim *sim)
{
    return (uint32_t)(sizeof(struct gic_distributor_cold) +
                      sim->cpus * sizeof(struct gic_interface_cold) +
                      sim->lines * sizeof(struct gic_input_cold));
}

static void map(struct sim *sim)
{
    const struct gic_board *board = sim_gic_board(sim);

    sim_bus_map(sim, board->distributor, SIM_PAGE_CONTROLLER, PART_DISTRIBUTOR);
    sim_bus_map(sim, board->interface, SIM_PAGE_CONTROLLER, PART_INTERFACE);
    if (board->version >= 2)
        sim_bus_map(sim, board->interface + GICC_DIR, SIM_PAGE_CONTROLLER, PART_DEACTIVATE);
    if (sim->config->machine == SIM_MACHINE_VIRT)
        sim_bus_map(sim, VIRT_V2M_BASE, SIM_PAGE_CONTROLLER, PART_MESSAGES);
}

const struct sim_controller_ops sim_intc_gicv2 = {
    .name = "gic",
    .hot_bytes = hot_bytes,
    .cold_bytes = cold_bytes,
    .map = map,
    .inputs = inputs,
    .input_irq = input_irq,
    .reset = reset,
    .input = input,
    .message = message,
    .read = read,
    .write = write,
    .best = best,
    .output = output,
    .remembers = remembers,
};
