/*
 * sim/intc_pl190.c - the Arm PL190 vectored interrupt controller and, in front of its input 31,
 * the secondary controller (SIC) of the Versatile/PB board.
 *
 * Nothing is latched: an input asks while its wire is high or software raises it.  A slot gives
 * a source its place in the order, slot 0 first, and a vector; below the slots comes the
 * default vector for everybody else.  A read of VECTADDR hands out the vector of the best level
 * above the current one and makes it the current one; a write goes back to the one before.
 *
 * Source: Arm DDI 0181E (registers in sim/regs/pl190.h), Arm DUI 0225D 4.11 (sim/regs/sic.h);
 * where QEMU 7.2.22 knowingly differs there is a row in sim/policy.h.
 * Not modelled: daisy chains (VICVECTADDRIN), protection (the bit is kept), test registers.
 */
#include "sim/bus.h"
#include "sim/controller.h"
#include "sim/line.h"
#include "sim/policy.h"
#include "sim/regs/board_versatile.h"
#include "sim/regs/pl190.h"
#include "sim/regs/sic.h"

enum { PART_VIC, PART_SIC };

struct vic_hot {
    uint32_t wires;             /* of the VIC's own inputs */
    uint32_t soft;              /* raised by software */
    uint32_t sic_wires;         /* of the secondary controller's inputs */
    uint8_t level;              /* the current one; VIC_LEVELS: none */
    uint8_t before[VIC_LEVELS]; /* of each level: the one it has interrupted */
    uint8_t sic_soft;           /* the secondary's input 0 is raised by software */
    uint8_t zero;
};

struct vic_cold {
    uint32_t enable, select, protection;
    uint32_t vector[VIC_LEVELS];
    uint32_t sic_enable, sic_pic;
    uint8_t control[VIC_SLOTS];
};

static struct vic_hot *hot_of(const struct sim *sim)
{
    return (struct vic_hot *)(void *)sim->ctl_hot;
}

static struct vic_cold *setup_of(const struct sim *sim)
{
    return (struct vic_cold *)(void *)sim->ctl_cold;
}

/* -------------------------------------------------------------- the secondary controller */

static uint32_t sic_raw(const struct sim *sim)
{
    return hot_of(sim)->sic_wires | hot_of(sim)->sic_soft;
}

static bool calls(const struct sim *sim)
{
    return sim->config->probe && sim_policy(sim, SIM_POLICY_LINE_LAST_CALL);
}

/* What it drives of the VIC's inputs. */
static uint32_t sic_output(const struct sim *sim)
{
    const struct vic_cold *setup = setup_of(sim);
    uint32_t own = sic_raw(sim) & setup->sic_enable ? 1u << SIC_VIC_INPUT : 0;

    return calls(sim) ? 0 : own | (sic_raw(sim) & setup->sic_pic);
}

/* As QEMU: it says what it drives, and input 31 holds what was said last. */
static void sic_call(struct sim *sim)
{
    if (calls(sim))
        sim_line_outside(sim, SIC_VIC_INPUT, (sic_raw(sim) & setup_of(sim)->sic_enable) != 0);
}

static void sic_call_pic(struct sim *sim)
{
    for (unsigned n = SIC_PIC_FIRST; n < SIC_PIC_END && calls(sim); n++)
        if (setup_of(sim)->sic_pic >> n & 1)
            sim_line_outside(sim, n, sic_raw(sim) >> n & 1);
}

static uint32_t sic_read(struct sim *sim, uint32_t offset)
{
    const struct vic_cold *setup = setup_of(sim);

    switch (offset & ~3u) {
    case SIC_STATUS:
        return sic_raw(sim) & setup->sic_enable;
    case SIC_RAWSTAT:
        return sic_raw(sim);
    case SIC_ENABLE:
        return setup->sic_enable;
    case SIC_SOFTINTSET:
        return sim_policy(sim, SIM_POLICY_SIC_SOFTINT_ENABLES) ? hot_of(sim)->sic_wires & 1
                                                               : hot_of(sim)->sic_soft;
    case SIC_PICENABLE:
        return setup->sic_pic;
    case SIC_ENCLR:
    case SIC_SOFTINTCLR:
    case SIC_PICENCLR:
        return 0;
    default:
        return sim_bus_bad(sim, VERSATILE_SIC_BASE + offset);
    }
}

static void sic_software(struct sim *sim, bool raised, uint32_t value)
{
    if (!sim_policy(sim, SIM_POLICY_SIC_SOFTINT_ENABLES)) {
        if (value & 1)
            hot_of(sim)->sic_soft = raised;
    } else if (value) {
        setup_of(sim)->sic_enable = (setup_of(sim)->sic_enable & ~1u) | raised;
    }
}

static void sic_write(struct sim *sim, uint32_t offset, uint32_t value)
{
    struct vic_cold *setup = setup_of(sim);

    switch (offset & ~3u) {
    case SIC_ENABLE:
        setup->sic_enable |= value;
        break;
    case SIC_ENCLR:
        setup->sic_enable &= ~value;
        break;
    case SIC_SOFTINTSET:
    case SIC_SOFTINTCLR:
        sic_software(sim, (offset & ~3u) == SIC_SOFTINTSET, value);
        break;
    case SIC_PICENABLE:
        setup->sic_pic |= value & SIC_PIC_MASK;
        sic_call_pic(sim);
        break;
    case SIC_PICENCLR:
        setup->sic_pic &= ~value;
        sic_call_pic(sim);
        break;
    case SIC_STATUS:
    case SIC_RAWSTAT:
        return;
    default:
        sim_bus_bad(sim, VERSATILE_SIC_BASE + offset);
        return;
    }
    sic_call(sim);
}

static void sic_input(struct sim *sim, unsigned n, bool level)
{
    uint32_t *wires = &hot_of(sim)->sic_wires;

    *wires = (*wires & ~(1u << n)) | (uint32_t)level << n;
    if (calls(sim) && setup_of(sim)->sic_pic >> n & 1)
        sim_line_outside(sim, n, level);
    sic_call(sim);
}

/* ------------------------------------------------------------------ which one is the best */

static uint32_t raw(const struct sim *sim)
{
    return hot_of(sim)->wires | hot_of(sim)->soft | sic_output(sim);
}

static uint32_t irq_status(const struct sim *sim)
{
    return raw(sim) & setup_of(sim)->enable & ~setup_of(sim)->select;
}

static uint32_t fiq_status(const struct sim *sim)
{
    uint32_t selected = raw(sim) & setup_of(sim)->select;

    return sim_policy(sim, SIM_POLICY_PL190_FIQ_UNGATED) ? selected
                                                         : selected & setup_of(sim)->enable;
}

/* The best level of @sources above @end, or @end. */
static unsigned best_level(const struct sim *sim, uint32_t sources, unsigned end)
{
    const struct vic_cold *setup = setup_of(sim);

    for (unsigned n = 0; n < VIC_SLOTS && n < end; n++)
        if (setup->control[n] & VIC_CNTL_ENABLE &&
            sources >> (setup->control[n] & VIC_CNTL_SOURCE) & 1)
            return n;
    return sources && end > VIC_SLOTS ? VIC_SLOTS : end;
}

static unsigned output(const struct sim *sim, unsigned cpu)
{
    unsigned level = hot_of(sim)->level;
    bool irq = best_level(sim, irq_status(sim), level) < level;

    (void)cpu;
    return (irq ? 1u : 0u) | (fiq_status(sim) ? 2u : 0u);
}

static int best(const struct sim *sim, unsigned cpu)
{
    uint32_t sources = irq_status(sim);
    unsigned level = best_level(sim, sources, hot_of(sim)->level);
    unsigned source = 0;

    (void)cpu;
    if (level == hot_of(sim)->level)
        return -1;
    if (level < VIC_SLOTS)
        source = setup_of(sim)->control[level] & VIC_CNTL_SOURCE;
    else
        while (!(sources >> source & 1))
            source++;
    return (int)sim->line_of_irq[source] - 1;
}

static uint32_t acknowledge(struct sim *sim)
{
    struct vic_hot *hot = hot_of(sim);
    bool any = sim_policy(sim, SIM_POLICY_PL190_VECTOR_OF_ANY);
    unsigned level = best_level(sim, any ? raw(sim) : irq_status(sim), hot->level);

    if (level < hot->level) {
        hot->before[level] = hot->level;
        hot->level = (uint8_t)level;
    }
    return setup_of(sim)->vector[hot->level < VIC_LEVELS ? hot->level : VIC_SLOTS];
}

static void end_of_interrupt(struct sim *sim)
{
    struct vic_hot *hot = hot_of(sim);

    if (hot->level < VIC_LEVELS) {
        unsigned level = hot->level;
        hot->level = hot->before[level];
        hot->before[level] = 0;
    }
}

/* ------------------------------------------------------------------------------ registers */

static uint32_t vic_read(struct sim *sim, uint32_t offset)
{
    static const uint8_t id[] = {0x90, 0x11, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1};
    const struct vic_cold *setup = setup_of(sim);

    if (offset >= VIC_ID)
        return id[(offset - VIC_ID) / 4];
    if (offset >= VIC_VECTADDRn && offset < VIC_VECTADDRn + 4 * VIC_SLOTS)
        return setup->vector[(offset - VIC_VECTADDRn) / 4];
    if (offset >= VIC_VECTCNTLn && offset < VIC_VECTCNTLn + 4 * VIC_SLOTS)
        return setup->control[(offset - VIC_VECTCNTLn) / 4];
    switch (offset & ~3u) {
    case VIC_IRQSTATUS:
        return irq_status(sim);
    case VIC_FIQSTATUS:
        return fiq_status(sim);
    case VIC_RAWINTR:
        return raw(sim);
    case VIC_INTSELECT:
        return setup->select;
    case VIC_INTENABLE:
        return setup->enable;
    case VIC_SOFTINT:
        return hot_of(sim)->soft;
    case VIC_PROTECTION:
        return setup->protection;
    case VIC_VECTADDR:
        return acknowledge(sim);
    case VIC_DEFVECTADDR:
        return setup->vector[VIC_SLOTS];
    case VIC_INTENCLEAR:
    case VIC_SOFTINTCLEAR:
        return 0;
    default:
        return sim_bus_bad(sim, VERSATILE_VIC_BASE + offset);
    }
}

static void vic_write(struct sim *sim, uint32_t offset, uint32_t value)
{
    struct vic_cold *setup = setup_of(sim);
    struct vic_hot *hot = hot_of(sim);

    if (offset >= VIC_VECTADDRn && offset < VIC_VECTADDRn + 4 * VIC_SLOTS) {
        setup->vector[(offset - VIC_VECTADDRn) / 4] = value;
        return;
    }
    if (offset >= VIC_VECTCNTLn && offset < VIC_VECTCNTLn + 4 * VIC_SLOTS) {
        unsigned keeps = sim_policy(sim, SIM_POLICY_PL190_WIDE) ? 0xff : VIC_CNTL_MASK;
        setup->control[(offset - VIC_VECTCNTLn) / 4] = (uint8_t)(value & keeps);
        return;
    }
    switch (offset & ~3u) {
    case VIC_INTSELECT:
        setup->select = value;
        break;
    case VIC_INTENABLE:
        setup->enable |= value;
        break;
    case VIC_INTENCLEAR:
        setup->enable &= ~value;
        break;
    case VIC_SOFTINT:
        hot->soft |= value;
        break;
    case VIC_SOFTINTCLEAR:
        hot->soft &= ~value;
        break;
    case VIC_PROTECTION:
        setup->protection = value & 1;
        break;
    case VIC_VECTADDR:
        end_of_interrupt(sim);
        break;
    case VIC_DEFVECTADDR:
        setup->vector[VIC_SLOTS] = value;
        break;
    case VIC_IRQSTATUS:
    case VIC_FIQSTATUS:
    case VIC_RAWINTR:
    case VIC_ITCR:
        break;
    default:
        sim_bus_bad(sim, VERSATILE_VIC_BASE + offset);
    }
}

/* ------------------------------------------------------------------------- the controller */

static uint32_t read(struct sim *sim, unsigned cpu, unsigned part, uint32_t offset,
                     unsigned size)
{
    (void)cpu, (void)size;
    return part == PART_VIC ? vic_read(sim, offset) : sic_read(sim, offset);
}

static void write(struct sim *sim, unsigned cpu, unsigned part, uint32_t offset, unsigned size,
                  uint32_t value)
{
    (void)cpu, (void)size;
    if (part == PART_VIC)
        vic_write(sim, offset, value);
    else
        sic_write(sim, offset, value);
}

static void input(struct sim *sim, unsigned line, bool level)
{
    unsigned irq = sim->line_irq[line];
    uint32_t *wires = &hot_of(sim)->wires;

    if (irq >= VERSATILE_VIC_INPUTS) {
        sic_input(sim, irq - VERSATILE_VIC_INPUTS, level);
        return;
    }
    *wires = (*wires & ~(1u << irq)) | (uint32_t)level << irq;
    if (!(hot_of(sim)->soft >> irq & 1))
        sim_trace(sim->trace, SIM_EV_PENDING, irq, level, 0);
}

/* Only what software raises outlives the wire. */
static bool remembers(const struct sim *sim, unsigned line)
{
    unsigned irq = sim->line_irq[line];

    return irq < VERSATILE_VIC_INPUTS && hot_of(sim)->soft >> irq & 1;
}

static void reset(struct sim *sim)
{
    hot_of(sim)->level = VIC_LEVELS;
}

static unsigned inputs(const struct sim *sim)
{
    (void)sim;
    return 2 * VERSATILE_VIC_INPUTS;
}

static uint32_t hot_bytes(const struct sim *sim)
{
    (void)sim;
    return sizeof(struct vic_hot);
}

static uint32_t cold_bytes(const struct sim *sim)
{
    (void)sim;
    return sizeof(struct vic_cold);
}

static void map(struct sim *sim)
{
    sim_bus_map(sim, VERSATILE_VIC_BASE, SIM_PAGE_CONTROLLER, PART_VIC);
    sim_bus_map(sim, VERSATILE_SIC_BASE, SIM_PAGE_CONTROLLER, PART_SIC);
}

const struct sim_controller_ops sim_intc_pl190 = {
    .name = "vic",
    .hot_bytes = hot_bytes,
    .cold_bytes = cold_bytes,
    .map = map,
    .inputs = inputs,
    .reset = reset,
    .input = input,
    .read = read,
    .write = write,
    .best = best,
    .output = output,
    .remembers = remembers,
};
