/*
 * sim/intc_ioapic.c - the Intel I/O APIC: wires in, messages out.
 *
 * An edge is sent as a message at once, and is lost if its input is masked.  A level sends
 * one message and sets Remote IRR, which holds it back until the end of interrupt with its
 * vector comes; then a wire that is still active sends again.
 *
 * Source: Intel 82093AA data sheet (290566); registers in sim/regs/ioapic.h.  Where QEMU 7.2.22
 * knowingly differs there is a row in sim/policy.h.
 * Not modelled: delivery status (a message leaves at once), the brake by which QEMU delays the
 * ten thousandth level in a row, arbitration.
 */
#include "sim/bus.h"
#include "sim/controller.h"
#include "sim/intc_apic.h"
#include "sim/line.h"
#include "sim/msi.h"
#include "sim/policy.h"
#include "sim/regs/board_pc.h"
#include "sim/regs/ioapic.h"

/* Hot, per input. */
enum {
    WIRE = 1,   /* as the input saw it last, polarity applied */
    IRR = 2,    /* a level that is active; an edge only until it is sent */
    REMOTE = 4, /* Remote IRR */
};

static uint8_t *state_of(const struct sim *sim, unsigned line)
{
    return (uint8_t *)(sim_apic_ioapic(sim) + 1) + line;
}

/* The line of a pin + 1, or 0. */
static unsigned wired(const struct sim *sim, unsigned pin)
{
    unsigned line = pin < PC_IOAPIC_PINS ? sim->line_of_irq[pin] : 0;

    return line && !sim_msi_is(sim, line - 1) ? line : 0;
}

/* The pins among the lines: the others are inputs of the 8259A alone, or have no wire. */
static bool is_pin(const struct sim *sim, unsigned line)
{
    return sim->line_irq[line] < PC_IOAPIC_PINS && !sim_msi_is(sim, line);
}

static void store(struct sim *sim, unsigned line, unsigned state)
{
    unsigned changed = *state_of(sim, line) ^ state;

    *state_of(sim, line) = (uint8_t)state;
    if (changed & IRR && sim_input_traced(sim))
        sim_trace(sim->trace, SIM_EV_PENDING, sim->line_irq[line], (state & IRR) != 0, 0);
}

unsigned sim_ioapic_vector(const struct sim *sim, unsigned line)
{
    uint32_t told =
        sim_msi_is(sim, line) ? sim_msi_data(sim, line) : sim_apic_entry(sim, line)->low;

    return told & IOAPIC_RTE_VECTOR;
}

int sim_ioapic_line_of(const struct sim *sim, unsigned vector)
{
    for (unsigned line = 0; line < sim->lines; line++)
        if ((is_pin(sim, line) || sim_msi_is(sim, line)) &&
            sim_ioapic_vector(sim, line) == vector)
            return (int)line;
    return -1;
}

bool sim_ioapic_holds(const struct sim *sim, unsigned line)
{
    return (*state_of(sim, line) & IRR) != 0;
}

/* ---------------------------------------------------------------------------- messages */

static void send(struct sim *sim, const struct sim_ioapic_entry *entry)
{
    uint32_t mode = entry->low >> IOAPIC_RTE_MODE_SHIFT & 7;
    uint32_t vector = entry->low & IOAPIC_RTE_VECTOR;
    uint32_t address = PC_LAPIC_BASE | entry->high >> 16 << 4;

    if (mode == APIC_MODE_EXTINT) {
        struct sim_i8259 pics = sim_apic_pics(sim);
        vector = sim_i8259_acknowledge(sim, &pics);
    }
    if (entry->low & IOAPIC_RTE_MASKED)
        return;
    if (entry->low & IOAPIC_RTE_LOGICAL)
        address |= APIC_MSG_LOGICAL;
    sim_apic_message(sim, address,
                     vector | mode << IOAPIC_RTE_MODE_SHIFT |
                         (entry->low & IOAPIC_RTE_LEVEL ? APIC_MSG_LEVEL : 0));
}

/* A request that may go is sent. */
static void service(struct sim *sim, unsigned line)
{
    const struct sim_ioapic_entry *entry = sim_apic_entry(sim, line);
    unsigned state = *state_of(sim, line);
    bool masked = (entry->low & IOAPIC_RTE_MASKED) != 0;

    if (!(state & IRR))
        return;
    if (masked) {
        /* even a masked ExtINT acknowledges at the 8259A there */
        if (sim_policy(sim, SIM_POLICY_IOAPIC_EXTINT_MASKED) &&
            (entry->low >> IOAPIC_RTE_MODE_SHIFT & 7) == APIC_MODE_EXTINT)
            send(sim, entry);
        return;
    }
    if (!(entry->low & IOAPIC_RTE_LEVEL)) {
        store(sim, line, state & ~(unsigned)IRR);
        send(sim, entry);
    } else if (!(state & REMOTE)) {
        store(sim, line, state | REMOTE);
        send(sim, entry);
    } else if (sim_policy(sim, SIM_POLICY_IOAPIC_EXTINT_MASKED) &&
               (entry->low >> IOAPIC_RTE_MODE_SHIFT & 7) == APIC_MODE_EXTINT) {
        struct sim_i8259 pics = sim_apic_pics(sim);
        sim_i8259_acknowledge(sim, &pics);
    }
}

void sim_ioapic_service(struct sim *sim)
{
    for (unsigned line = 0; line < sim->lines; line++)
        if (is_pin(sim, line))
            service(sim, line);
}

/* ------------------------------------------------------------------------------ inputs */

/* Is the input of @line active when its wire has @level? */
static bool is_active(const struct sim *sim, unsigned line, bool level)
{
    bool low = (sim_apic_entry(sim, line)->low & IOAPIC_RTE_LOW) != 0;

    return level != (low && !sim_policy(sim, SIM_POLICY_IOAPIC_ACTIVE_HIGH));
}

/* An input that turned @active; @rises: it was not before. */
static void sense(struct sim *sim, unsigned line, bool active, bool rises)
{
    const struct sim_ioapic_entry *entry = sim_apic_entry(sim, line);
    unsigned state = *state_of(sim, line);

    if (entry->low & IOAPIC_RTE_LEVEL) {
        store(sim, line, active ? state | IRR : state & ~(unsigned)IRR);
        if (active && !(state & REMOTE))
            sim_ioapic_service(sim);
    } else if (rises && entry->low & IOAPIC_RTE_MASKED) {
        sim_trace(sim->trace, SIM_EV_IGNORED, sim->line_irq[line], 2, 0);
    } else if (rises) {
        store(sim, line, state | IRR);
        sim_ioapic_service(sim);
    }
}

void sim_ioapic_input(struct sim *sim, unsigned line, bool level)
{
    bool active = is_active(sim, line, level);
    bool before = (*state_of(sim, line) & WIRE) != 0;

    *state_of(sim, line) ^= (uint8_t)(active == before ? 0 : WIRE);
    sense(sim, line, active,
          active && (!before || sim_policy(sim, SIM_POLICY_IOAPIC_EACH_CALL)));
}

void sim_ioapic_end(struct sim *sim, uint32_t vector)
{
    for (unsigned line = 0; line < sim->lines; line++) {
        const struct sim_ioapic_entry *entry;
        unsigned state = *state_of(sim, line);
        if (!is_pin(sim, line) || !(state & REMOTE))
            continue;
        entry = sim_apic_entry(sim, line);
        if ((entry->low & IOAPIC_RTE_VECTOR) != vector || !(entry->low & IOAPIC_RTE_LEVEL))
            continue;
        store(sim, line, state & ~(unsigned)REMOTE);
        if (state & IRR && !(entry->low & IOAPIC_RTE_MASKED))
            sim_ioapic_service(sim);
    }
}

/* --------------------------------------------------------------------------- registers */

/* A changed entry: an edge has no Remote IRR; a level is looked at, an edge is not invented. */
static void write_entry(struct sim *sim, unsigned line, bool high, uint32_t value)
{
    struct sim_ioapic_entry *entry = sim_apic_entry(sim, line);
    uint32_t before = entry->low;
    unsigned state;

    if (high)
        entry->high = value;
    else
        entry->low = value & IOAPIC_RTE_RW;
    state = *state_of(sim, line);
    if (!(entry->low & IOAPIC_RTE_LEVEL))
        state &= ~(unsigned)REMOTE;
    if (!sim_policy(sim, SIM_POLICY_IOAPIC_BLIND)) {
        bool active =
            ((before ^ entry->low) & IOAPIC_RTE_LOW ? !(state & WIRE) : (state & WIRE) != 0);
        state &= ~(unsigned)(WIRE | IRR);
        state |= active ? (unsigned)WIRE : 0;
        state |= active && entry->low & IOAPIC_RTE_LEVEL ? (unsigned)IRR : 0;
    }
    store(sim, line, state);
    sim_ioapic_service(sim);
}

static uint32_t read_entry(const struct sim *sim, unsigned line, bool high)
{
    const struct sim_ioapic_entry *entry = sim_apic_entry(sim, line);

    if (high)
        return entry->high;
    return entry->low | (*state_of(sim, line) & REMOTE ? IOAPIC_RTE_REMOTE_IRR : 0);
}

static uint32_t read_window(const struct sim *sim)
{
    const struct sim_ioapic_hot *hot = sim_apic_ioapic(sim);
    unsigned pin = (hot->select - IOAPIC_TABLE) / 2u;

    switch (hot->select) {
    case IOAPIC_ID:
    case IOAPIC_ARB:
        return (uint32_t)hot->id << 24;
    case IOAPIC_VER:
        return IOAPIC_VERSION;
    default:
        break;
    }
    if (hot->select < IOAPIC_TABLE || pin >= PC_IOAPIC_PINS)
        return 0;
    if (!wired(sim, pin))
        return hot->select & 1 ? 0 : IOAPIC_RTE_MASKED;
    return read_entry(sim, wired(sim, pin) - 1, hot->select & 1);
}

static void write_window(struct sim *sim, uint32_t value)
{
    struct sim_ioapic_hot *hot = sim_apic_ioapic(sim);
    unsigned pin = (hot->select - IOAPIC_TABLE) / 2u;

    if (hot->select == IOAPIC_ID)
        hot->id = value >> 24 & 0xf;
    else if (hot->select >= IOAPIC_TABLE && wired(sim, pin))
        write_entry(sim, wired(sim, pin) - 1, hot->select & 1, value);
}

uint32_t sim_ioapic_read(struct sim *sim, uint32_t offset, unsigned size)
{
    switch (offset & 0xff) {
    case IOAPIC_IOREGSEL:
        return sim_apic_ioapic(sim)->select;
    case IOAPIC_IOWIN:
        return size == 4 ? read_window(sim) : sim_bus_bad(sim, PC_IOAPIC_BASE + offset);
    case IOAPIC_EOI:
        return 0;
    default:
        return sim_bus_bad(sim, PC_IOAPIC_BASE + offset);
    }
}

void sim_ioapic_write(struct sim *sim, uint32_t offset, unsigned size, uint32_t value)
{
    uint32_t at = offset & 0xff;

    if (at == IOAPIC_IOREGSEL)
        sim_apic_ioapic(sim)->select = (uint8_t)value;
    else if (at == IOAPIC_IOWIN && size == 4)
        write_window(sim, value);
    else if (at == IOAPIC_EOI && size == 4)
        sim_ioapic_end(sim, value);
    else
        sim_bus_bad(sim, PC_IOAPIC_BASE + offset);
}

void sim_ioapic_reset(struct sim *sim)
{
    for (unsigned line = 0; line < sim->lines; line++)
        sim_apic_entry(sim, line)->low = IOAPIC_RTE_MASKED;
}
