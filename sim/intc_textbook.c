/*
 * sim/intc_textbook.c - the textbook interrupt controller: line, latch, masked, active.
 *
 *            edge            unmasked, not active            ACK               EOI
 *   (idle) --------> latch ----------------------> request ------> active ---------> (idle)
 *                     ^ level: the wire itself                       | a new edge sets the
 * latch
 *
 * request = not masked and not active and (edge ? latch : level).  ACK clears the latch and
 * sets active, EOI clears active, masking never clears the latch; the lowest irq comes first.
 * Variations are the scenario's: `forgets active`, `forgets masked` (an edge then sets no
 * latch) and `sample` (the controller looks at its wires only at multiples of a time).
 *
 * Source: our own controller, docs/controllers.md.  Registers: sim/regs/textbook.h.
 * Not modelled: priorities, software-set interrupts.
 */
#include "sim/bus.h"
#include "sim/controller.h"
#include "sim/line.h"
#include "sim/regs/textbook.h"

/* Hot, a byte per input. */
enum {
    LATCH = 1,  /* only with an edge trigger */
    SEEN = 2,   /* the wire as the controller saw it last */
    ACTIVE = 4, /* acknowledged, not yet ended */
    UNMASKED = 8
};

/* Cold, a byte per input: trigger, then CPU. */
enum { TRIGGER_MASK = 7, CPU_SHIFT = 4 };

static enum sim_trigger trigger_of(const struct sim *sim, unsigned line)
{
    return (enum sim_trigger)(sim->ctl_cold[line] & TRIGGER_MASK);
}

static unsigned cpu_of(const struct sim *sim, unsigned line)
{
    return (unsigned)sim->ctl_cold[line] >> CPU_SHIFT;
}

static bool is_level(enum sim_trigger trigger)
{
    return trigger == SIM_TRIGGER_LEVEL || trigger == SIM_TRIGGER_LOW;
}

/* Does the controller look at this input only at its sampling clock? */
static bool is_sampled(const struct sim *sim, enum sim_trigger trigger)
{
    return sim->config->sample_edges || (sim->config->sample_levels && is_level(trigger));
}

/* What would be delivered, masks and service aside. */
static bool is_pending(enum sim_trigger trigger, unsigned state)
{
    if (trigger == SIM_TRIGGER_LEVEL)
        return (state & SEEN) != 0;
    if (trigger == SIM_TRIGGER_LOW)
        return (state & SEEN) == 0;
    return (state & LATCH) != 0;
}

static bool requests(const struct sim *sim, unsigned line)
{
    unsigned state = sim->ctl_hot[line];

    return (state & (ACTIVE | UNMASKED)) == UNMASKED &&
           is_pending(trigger_of(sim, line), state);
}

static bool remembers(const struct sim *sim, unsigned line)
{
    enum sim_trigger trigger = trigger_of(sim, line);

    return (!is_level(trigger) || is_sampled(sim, trigger)) &&
           is_pending(trigger, sim->ctl_hot[line]);
}

/* Stores the new state of an input and records what changed. */
static void store(struct sim *sim, unsigned line, unsigned state)
{
    enum sim_trigger trigger = trigger_of(sim, line);
    unsigned before = sim->ctl_hot[line];
    unsigned irq = sim->line_irq[line];

    sim->ctl_hot[line] = (uint8_t)state;
    if (state == before || !sim_input_traced(sim))
        return;
    if ((before ^ state) & LATCH)
        sim_trace(sim->trace, SIM_EV_LATCH, irq, (state & LATCH) != 0, 0);
    if (is_pending(trigger, before) != is_pending(trigger, state))
        sim_trace(sim->trace, SIM_EV_PENDING, irq, is_pending(trigger, state), 0);
    if ((before ^ state) & ACTIVE)
        sim_trace(sim->trace, SIM_EV_ACTIVE, irq, (state & ACTIVE) != 0, 0);
}

static bool is_edge(enum sim_trigger trigger, bool level)
{
    switch (trigger) {
    case SIM_TRIGGER_EDGE:
        return level;
    case SIM_TRIGGER_FALLING:
        return !level;
    case SIM_TRIGGER_BOTH:
        return true;
    case SIM_TRIGGER_LEVEL:
    case SIM_TRIGGER_LOW:
    case SIM_TRIGGER_MSI:
    default:
        return false;
    }
}

/* The controller looks at the wire of @line and finds @level. */
static void look(struct sim *sim, unsigned line, bool level)
{
    unsigned state = sim->ctl_hot[line];

    if (((state & SEEN) != 0) == level)
        return;
    state ^= SEEN;
    if (is_edge(trigger_of(sim, line), level)) {
        if ((state & ACTIVE) && sim->config->forgets_active)
            sim_trace(sim->trace, SIM_EV_IGNORED, sim->line_irq[line], 1, 0);
        else if (!(state & UNMASKED) && sim->config->forgets_masked)
            sim_trace(sim->trace, SIM_EV_IGNORED, sim->line_irq[line], 2, 0);
        else
            state |= LATCH;
    }
    store(sim, line, state);
}

static void input(struct sim *sim, unsigned line, bool level)
{
    if (!is_sampled(sim, trigger_of(sim, line)))
        look(sim, line, level);
}

static int best(const struct sim *sim, unsigned cpu)
{
    for (unsigned line = 0; line < sim->lines; line++)
        if (requests(sim, line) && cpu_of(sim, line) == cpu)
            return (int)line;
    return -1;
}

static uint32_t acknowledge(struct sim *sim, unsigned cpu)
{
    int line = best(sim, cpu);

    if (line < 0)
        return TEXTBOOK_NONE;
    store(sim, (unsigned)line, (sim->ctl_hot[line] & ~(unsigned)LATCH) | (unsigned)ACTIVE);
    return sim->line_irq[line];
}

/* A changed trigger keeps no latch that only an edge could have set, and invents no edge. */
static void set_trigger(struct sim *sim, unsigned line, unsigned trigger)
{
    bool remembered = remembers(sim, line);
    unsigned state = sim->ctl_hot[line];

    if (trigger > SIM_TRIGGER_BOTH)
        return;
    sim->ctl_cold[line] = (uint8_t)((sim->ctl_cold[line] & ~(unsigned)TRIGGER_MASK) | trigger);
    if (is_level((enum sim_trigger)trigger))
        state &= ~(unsigned)LATCH;
    if (!is_sampled(sim, (enum sim_trigger)trigger)) {
        state &= ~(unsigned)SEEN;
        state |= sim_line_level(sim, line) ? (unsigned)SEEN : 0;
    }
    store(sim, line, state);
    if (remembered && !remembers(sim, line))
        sim_line_forgotten(sim, line);
}

static uint32_t read(struct sim *sim, unsigned cpu, unsigned part, uint32_t offset,
                     unsigned size)
{
    (void)part;
    if (size != 4 || offset > TEXTBOOK_TARGET)
        return sim_bus_bad(sim, TEXTBOOK_BASE + offset);
    return offset == TEXTBOOK_ACK ? acknowledge(sim, cpu) : 0;
}

static void write(struct sim *sim, unsigned cpu, unsigned part, uint32_t offset, unsigned size,
                  uint32_t value)
{
    uint32_t irq = value & TEXTBOOK_IRQ_MASK;
    uint32_t arg = value >> TEXTBOOK_ARG_SHIFT;
    unsigned line = irq < SIM_IRQS_MAX ? sim->line_of_irq[irq] : 0;

    (void)cpu;
    (void)part;
    if (size != 4 || offset > TEXTBOOK_TARGET)
        sim_bus_bad(sim, TEXTBOOK_BASE + offset);
    if (size != 4 || !line--)
        return;
    switch (offset) {
    case TEXTBOOK_EOI:
        store(sim, line, sim->ctl_hot[line] & ~(unsigned)ACTIVE);
        break;
    case TEXTBOOK_MASK:
        store(sim, line, sim->ctl_hot[line] & ~(unsigned)UNMASKED);
        break;
    case TEXTBOOK_UNMASK:
        store(sim, line, sim->ctl_hot[line] | (unsigned)UNMASKED);
        break;
    case TEXTBOOK_SENSE:
        set_trigger(sim, line, arg);
        break;
    case TEXTBOOK_TARGET:
        if (arg < sim->cpus)
            sim->ctl_cold[line] =
                (uint8_t)((sim->ctl_cold[line] & TRIGGER_MASK) | arg << CPU_SHIFT);
        break;
    default:
        break;
    }
}

static bool has_clock(const struct sim *sim)
{
    return sim->config->sample_levels || sim->config->sample_edges;
}

static uint64_t timer_ns(const struct sim *sim)
{
    if (!has_clock(sim))
        return 0;
    for (unsigned line = 0; line < sim->lines; line++)
        if (is_sampled(sim, trigger_of(sim, line)) &&
            ((sim->ctl_hot[line] & SEEN) != 0) != sim_line_level(sim, line))
            return sim->config->sample_ns ? sim->config->sample_ns : 1;
    return 0; /* a tick that would see nothing new is none */
}

/* The sampling clock ticks: the controller looks at its sampled wires, lowest irq first. */
static void timer_fire(struct sim *sim)
{
    for (unsigned line = 0; line < sim->lines; line++) {
        bool remembered = remembers(sim, line);
        if (!is_sampled(sim, trigger_of(sim, line)))
            continue;
        look(sim, line, sim_line_level(sim, line));
        if (remembered && !remembers(sim, line))
            sim_line_forgotten(sim, line);
    }
    sim->armed |= UINT64_C(1) << (sim->config->devices & 63);
}

static void reset(struct sim *sim)
{
    if (has_clock(sim))
        sim->armed |= UINT64_C(1) << (sim->config->devices & 63);
}

static uint32_t bytes(const struct sim *sim)
{
    return sim->lines;
}

static void map(struct sim *sim)
{
    sim_bus_map(sim, TEXTBOOK_BASE, SIM_PAGE_CONTROLLER, 0);
}

const struct sim_controller_ops sim_intc_textbook = {
    .name = "textbook",
    .align = 1,
    .hot_bytes = bytes,
    .cold_bytes = bytes,
    .map = map,
    .reset = reset,
    .input = input,
    .read = read,
    .write = write,
    .best = best,
    .remembers = remembers,
    .timer_ns = timer_ns,
    .timer_fire = timer_fire,
};
