/*
 * sim/intc_lapic.c - the local APIC of a CPU: messages and LINT0 in, vectors out.
 *
 *   message --> IRR --(class above PPR)--> taken by the CPU --> ISR --- EOI ---> gone
 *                                                               \ TMR: the I/O APICs are told
 *
 * A vector is one bit, so a second message before the take merges into the first; one that
 * comes while the vector is in service waits in IRR behind it.  The class of a vector (its
 * upper half) is its priority.
 *
 * Source: Intel SDM volume 3A, chapter 10; registers in sim/regs/lapic.h.  Where QEMU 7.2.22
 * knowingly differs there is a row in sim/policy.h.
 * Not modelled: the timer (TCCR reads the initial count), thermal, counter and error
 * interrupts, INIT and start-up messages, outside a probe NMI and SMI, focus and arbitration
 * (the lowest priority of several is the first CPU), x2APIC.
 */
#include "sim/bus.h"
#include "sim/controller.h"
#include "sim/intc_apic.h"
#include "sim/policy.h"
#include "sim/regs/board_pc.h"
#include "sim/regs/ioapic.h"

enum {
    EXTINT = -2,
    NO_VECTOR_TAKEN = 13 /* told to take one, QEMU's processor finds none and faults (#GP) */
};

/*
 * Bits of noted; OWN while an access or a take of the CPU itself lasts.  A probe's processor
 * never returns from what it took: in an NMI handler it takes no NMI, in system management mode
 * (SMM) neither.
 */
enum { HARD = 1, POLL = 2, OWN = 4, NMI = 8, SMI = 16, IN_NMI = 32, IN_SMM = 64 };

enum { NMI_VECTOR = 2 };

_Static_assert(sizeof(struct sim_lapic_hot) == 4 * 3 * LAPIC_WORDS + 4, "no padding");

static bool lags(const struct sim *sim)
{
    return sim->config->probe && sim_policy(sim, SIM_POLICY_LAPIC_REQUEST_LAGS);
}

static int highest(const uint32_t *words)
{
    for (unsigned i = LAPIC_WORDS; i-- > 0;)
        if (words[i])
            return (int)(i * 32 + 31) - __builtin_clz(words[i]);
    return -1;
}

static void set(struct sim *sim, uint32_t *words, unsigned vector, bool value,
                enum sim_trace_kind kind)
{
    uint32_t bit = UINT32_C(1) << vector % 32;
    bool before = (words[vector / 32] & bit) != 0;
    int line;

    if (value)
        words[vector / 32] |= bit;
    else
        words[vector / 32] &= ~bit;
    if (before == value || kind == SIM_EV_NONE || !sim_input_traced(sim))
        return;
    line = sim_ioapic_line_of(sim, vector);
    if (line >= 0)
        sim_trace(sim->trace, kind, sim->line_irq[line], value, 0);
}

/* ------------------------------------------------------------------ which one is the best */

static unsigned processor_priority(const struct sim_lapic_hot *lapic)
{
    int serving = highest(lapic->isr);
    unsigned class = serving < 0 ? 0 : (unsigned)serving & 0xf0;

    return (lapic->tpr & 0xf0u) >= class ? lapic->tpr : class;
}

/* The requested vector, 0: none, -1: what there is must wait. */
static int pending(const struct sim *sim, unsigned cpu)
{
    const struct sim_lapic_hot *lapic = sim_apic_lapic(sim, cpu);
    int vector = highest(lapic->irr);
    unsigned priority = processor_priority(lapic);

    if (!(sim_apic_lapic_setup(sim, cpu)->svr & LAPIC_SVR_ON) || vector <= 0)
        return 0;
    return priority && ((unsigned)vector & 0xf0) <= (priority & 0xf0) ? -1 : vector;
}

/* Does LINT0 let the 8259A through to the CPU? */
static bool accepts_pic(const struct sim *sim, unsigned cpu)
{
    return !(sim_apic_lapic_setup(sim, cpu)->lvt[LAPIC_LVT_LINT0] & LAPIC_LVT_MASKED);
}

static unsigned lint0_mode(const struct sim *sim, unsigned cpu)
{
    return sim_apic_lapic_setup(sim, cpu)->lvt[LAPIC_LVT_LINT0] >> 8 & 7;
}

int sim_lapic_best(const struct sim *sim, unsigned cpu)
{
    struct sim_i8259 pics = sim_apic_pics(sim);
    int vector = pending(sim, cpu);

    if (accepts_pic(sim, cpu) && lint0_mode(sim, cpu) == APIC_MODE_EXTINT &&
        sim_i8259_output(sim, &pics))
        return EXTINT;
    return vector > 0 ? vector : -1;
}

bool sim_lapic_output(const struct sim *sim, unsigned cpu)
{
    return sim_lapic_best(sim, cpu) != -1;
}

bool sim_lapic_has(const struct sim *sim, unsigned vector, bool active)
{
    for (unsigned cpu = 0; cpu < sim->cpus; cpu++) {
        const struct sim_lapic_hot *lapic = sim_apic_lapic(sim, cpu);
        if ((active ? lapic->isr : lapic->irr)[vector / 32] >> vector % 32 & 1)
            return true;
    }
    return false;
}

/* ------------------------------------------ what the CPU has been told, where that lags */

/* By the CPU's own doing it knows at once; else it is told to look when it does something. */
static void update(struct sim *sim, unsigned cpu)
{
    struct sim_lapic_hot *lapic = sim_apic_lapic(sim, cpu);
    struct sim_i8259 pics = sim_apic_pics(sim);

    if (!lags(sim))
        return;
    if (!(lapic->noted & OWN))
        lapic->noted |= POLL;
    else if (pending(sim, cpu) > 0)
        lapic->noted |= HARD;
    else if (!accepts_pic(sim, cpu) || !sim_i8259_asks(&pics))
        lapic->noted &= (uint8_t)~HARD;
}

/* The CPU goes into SMM, or takes an NMI: its vector, or UINT32_MAX; is there either of them?
 */
static bool take_special(struct sim *sim, unsigned cpu, uint32_t *ret_vector)
{
    struct sim_lapic_hot *lapic = sim_apic_lapic(sim, cpu);

    *ret_vector = UINT32_MAX;
    if (lapic->noted & SMI && !(lapic->noted & IN_SMM)) {
        lapic->noted = (uint8_t)((lapic->noted & ~SMI) | IN_SMM | IN_NMI);
        return true;
    }
    if (!(lapic->noted & NMI) || lapic->noted & IN_NMI)
        return false;
    lapic->noted = (uint8_t)((lapic->noted & ~NMI) | IN_NMI);
    *ret_vector = NMI_VECTOR;
    return true;
}

/* The CPU begins to do something: now it looks. */
static void begin(struct sim *sim, unsigned cpu)
{
    struct sim_lapic_hot *lapic = sim_apic_lapic(sim, cpu);
    bool told = (lapic->noted & POLL) != 0;

    if (!lags(sim))
        return;
    lapic->noted = (uint8_t)((lapic->noted & ~POLL) | OWN);
    if (told)
        update(sim, cpu);
}

/* The same for an access: what it took first, nobody has seen. */
static void begin_access(struct sim *sim, unsigned cpu)
{
    uint32_t vector;

    begin(sim, cpu);
    while (lags(sim) && take_special(sim, cpu, &vector)) {}
}

static void end(struct sim *sim, unsigned cpu)
{
    sim_apic_lapic(sim, cpu)->noted &= (uint8_t)~OWN;
}

/* ------------------------------------------------------------------------------ messages */

static void request(struct sim *sim, unsigned cpu, unsigned vector, bool level)
{
    struct sim_lapic_hot *lapic = sim_apic_lapic(sim, cpu);

    if (vector < LAPIC_FIRST_VECTOR && !sim_policy(sim, SIM_POLICY_LAPIC_LOW_VECTORS)) {
        lapic->esr |= LAPIC_ESR_VECTOR;
        return;
    }
    if (!(sim_apic_lapic_setup(sim, cpu)->svr & LAPIC_SVR_ON) &&
        !sim_policy(sim, SIM_POLICY_LAPIC_OFF_ACCEPTS))
        return;
    set(sim, lapic->irr, vector, true, SIM_EV_LATCH);
    set(sim, lapic->tmr, vector, level, SIM_EV_NONE);
    update(sim, cpu);
}

/* The CPUs that @dest names, a bit each. */
static unsigned targets(const struct sim *sim, unsigned dest, bool logical)
{
    unsigned found = 0;

    for (unsigned cpu = 0; cpu < sim->cpus; cpu++) {
        const struct sim_lapic_cold *setup = sim_apic_lapic_setup(sim, cpu);
        bool hit = dest == 0xff || setup->id == dest;
        if (logical && setup->dfr == LAPIC_DFR_FLAT)
            hit = (dest & setup->ldr) != 0;
        else if (logical)
            hit = !setup->dfr && ((dest ^ setup->ldr) & 0xf0) == 0 && (dest & setup->ldr & 0xf);
        found |= (unsigned)hit << cpu;
    }
    return found;
}

/* What no vector stands for: only a probe's processor knows it. */
static void tell(struct sim *sim, unsigned cpu, unsigned mode)
{
    if (sim->config->probe)
        sim_apic_lapic(sim, cpu)->noted |= mode == APIC_MODE_NMI ? NMI : SMI;
}

/* Delivers to a set of CPUs; with the lowest priority only to one. */
static void deliver(struct sim *sim, unsigned cpus, unsigned mode, unsigned vector, bool level)
{
    bool special = mode == APIC_MODE_NMI || mode == APIC_MODE_SMI;

    for (unsigned cpu = 0; special && cpu < sim->cpus; cpu++)
        if (cpus >> cpu & 1)
            tell(sim, cpu, mode);
    if (mode != APIC_MODE_FIXED && mode != APIC_MODE_LOWEST && mode != APIC_MODE_EXTINT)
        return;
    for (unsigned cpu = 0; cpu < sim->cpus; cpu++) {
        if (!(cpus >> cpu & 1))
            continue;
        request(sim, cpu, vector, level);
        if (mode == APIC_MODE_LOWEST)
            return;
    }
}

void sim_lapic_message(struct sim *sim, uint32_t address, uint32_t data)
{
    unsigned cpus =
        targets(sim, address >> APIC_MSG_DEST_SHIFT & 0xff, (address & APIC_MSG_LOGICAL) != 0);

    deliver(sim, cpus, data >> 8 & 7, data & 0xff, (data & APIC_MSG_LEVEL) != 0);
}

/* A write of ICR: to the destination, to itself, to all, or to all others. */
static void send(struct sim *sim, unsigned cpu)
{
    const struct sim_lapic_cold *setup = sim_apic_lapic_setup(sim, cpu);
    uint32_t icr = setup->icr[0];
    unsigned all = (1u << sim->cpus) - 1;
    unsigned self = setup->id < sim->cpus ? 1u << setup->id : 0;
    unsigned cpus;

    switch (icr >> LAPIC_ICR_SHORTHAND_SHIFT & 3) {
    case 0:
        cpus = targets(sim, setup->icr[1] >> 24, (icr & LAPIC_ICR_LOGICAL) != 0);
        break;
    case 1:
        cpus = self;
        break;
    case 2:
        cpus = all;
        break;
    default:
        cpus = all & ~self;
        break;
    }
    deliver(sim, cpus, icr >> 8 & 7, icr & 0xff, (icr & LAPIC_ICR_LEVEL) != 0);
}

void sim_lapic_lint0(struct sim *sim, bool level)
{
    for (unsigned cpu = 0; cpu < sim->cpus; cpu++) {
        uint32_t lvt = sim_apic_lapic_setup(sim, cpu)->lvt[LAPIC_LVT_LINT0];
        if (lvt & LAPIC_LVT_MASKED)
            continue;
        switch (lint0_mode(sim, cpu)) {
        case APIC_MODE_EXTINT:
            if (!level)
                update(sim, cpu);
            else if (lags(sim))
                sim_apic_lapic(sim, cpu)->noted |= HARD;
            break;
        case APIC_MODE_FIXED:
            if (level)
                request(sim, cpu, lvt & 0xff, (lvt & LAPIC_LVT_LEVEL) != 0);
            else if (lvt & LAPIC_LVT_LEVEL)
                set(sim, sim_apic_lapic(sim, cpu)->irr, lvt & 0xff, false, SIM_EV_LATCH);
            if (!level && lvt & LAPIC_LVT_LEVEL)
                update(sim, cpu);
            break;
        case APIC_MODE_NMI:
        case APIC_MODE_SMI:
            if (level)
                tell(sim, cpu, lint0_mode(sim, cpu));
            break;
        default:
            break;
        }
    }
}

/* ---------------------------------------------------------- acknowledge and end of interrupt
 */

uint32_t sim_lapic_acknowledge(struct sim *sim, unsigned cpu)
{
    struct sim_lapic_hot *lapic = sim_apic_lapic(sim, cpu);
    struct sim_i8259 pics = sim_apic_pics(sim);
    int vector = sim_lapic_best(sim, cpu);

    if (vector == EXTINT)
        return sim_i8259_acknowledge(sim, &pics);
    if (vector < 0)
        return sim_apic_lapic_setup(sim, cpu)->svr & 0xff;
    set(sim, lapic->irr, (unsigned)vector, false, SIM_EV_LATCH);
    set(sim, lapic->isr, (unsigned)vector, true, SIM_EV_ACTIVE);
    update(sim, cpu);
    return (uint32_t)vector;
}

static void end_of_interrupt(struct sim *sim, unsigned cpu)
{
    struct sim_lapic_hot *lapic = sim_apic_lapic(sim, cpu);
    int vector = highest(lapic->isr);

    if (vector < 0)
        return;
    set(sim, lapic->isr, (unsigned)vector, false, SIM_EV_ACTIVE);
    if (lapic->tmr[vector / 32] >> vector % 32 & 1)
        sim_ioapic_end(sim, (uint32_t)vector);
    update(sim, cpu);
}

/* ----------------------------------------------------------------------------- registers */

uint32_t sim_lapic_read(struct sim *sim, unsigned cpu, uint32_t offset, unsigned size)
{
    struct sim_lapic_hot *lapic = sim_apic_lapic(sim, cpu);
    const struct sim_lapic_cold *setup = sim_apic_lapic_setup(sim, cpu);
    unsigned index = offset / LAPIC_STRIDE % LAPIC_WORDS;
    uint32_t at = offset % LAPIC_BYTES / LAPIC_STRIDE * LAPIC_STRIDE;

    begin_access(sim, cpu);
    end(sim, cpu);
    if (size != 4)
        return sim_bus_bad(sim, PC_LAPIC_BASE + offset);
    if (at >= LAPIC_ISR && at < LAPIC_TMR)
        return lapic->isr[index];
    if (at >= LAPIC_TMR && at < LAPIC_IRR)
        return lapic->tmr[index];
    if (at >= LAPIC_IRR && at < LAPIC_ESR)
        return lapic->irr[index];
    if (at >= LAPIC_LVT && at < LAPIC_TICR)
        return setup->lvt[(at - LAPIC_LVT) / LAPIC_STRIDE];
    switch (at) {
    case LAPIC_ID:
        return (uint32_t)setup->id << 24;
    case LAPIC_VER:
        return LAPIC_VERSION;
    case LAPIC_TPR:
        return lapic->tpr;
    case LAPIC_APR:
    case LAPIC_EOI:
        return 0;
    case LAPIC_PPR:
        return processor_priority(lapic);
    case LAPIC_LDR:
        return (uint32_t)setup->ldr << 24;
    case LAPIC_DFR:
        return (uint32_t)setup->dfr << 28 | 0x0fffffff;
    case LAPIC_SVR:
        return setup->svr;
    case LAPIC_ESR:
        return lapic->esr;
    case LAPIC_ICR:
    case LAPIC_ICR2:
        return setup->icr[(at - LAPIC_ICR) / LAPIC_STRIDE];
    case LAPIC_TICR:
    case LAPIC_TCCR:
        return setup->ticr;
    case LAPIC_TDCR:
        return setup->tdcr;
    default:
        lapic->esr |= LAPIC_ESR_ADDRESS;
        return sim_bus_bad(sim, PC_LAPIC_BASE + offset);
    }
}

static void write_lvt(struct sim *sim, unsigned cpu, unsigned which, uint32_t value)
{
    struct sim_lapic_cold *setup = sim_apic_lapic_setup(sim, cpu);
    struct sim_i8259 pics = sim_apic_pics(sim);

    if (!sim_policy(sim, SIM_POLICY_LAPIC_RAW)) {
        value &= LAPIC_LVT_RW;
        if (!(setup->svr & LAPIC_SVR_ON))
            value |= LAPIC_LVT_MASKED;
    }
    setup->lvt[which] = value;
    if (which == LAPIC_LVT_LINT0 && accepts_pic(sim, cpu) && sim_i8259_asks(&pics)) {
        sim_lapic_lint0(sim, true);
        update(sim, cpu);
    }
}

/* Turned off by software, all entries of the table are masked (10.4.7.2). */
static void write_svr(struct sim *sim, unsigned cpu, uint32_t value)
{
    struct sim_lapic_cold *setup = sim_apic_lapic_setup(sim, cpu);

    setup->svr = value & LAPIC_SVR_RW;
    for (unsigned i = 0; i < LAPIC_LVTS; i++)
        if (!(value & LAPIC_SVR_ON) && !sim_policy(sim, SIM_POLICY_LAPIC_RAW))
            setup->lvt[i] |= LAPIC_LVT_MASKED;
    update(sim, cpu);
}

static void write_register(struct sim *sim, unsigned cpu, uint32_t offset, unsigned size,
                           uint32_t value)
{
    struct sim_lapic_hot *lapic = sim_apic_lapic(sim, cpu);
    struct sim_lapic_cold *setup = sim_apic_lapic_setup(sim, cpu);
    uint32_t at = offset / LAPIC_STRIDE * LAPIC_STRIDE;

    if (size != 4) {
        sim_bus_bad(sim, PC_LAPIC_BASE + offset);
        return;
    }
    if (offset >= LAPIC_BYTES || at == 0) { /* where no register is, messages arrive */
        sim_lapic_message(sim, PC_LAPIC_BASE + offset, value);
        return;
    }
    if (at >= LAPIC_LVT && at < LAPIC_TICR) {
        write_lvt(sim, cpu, (at - LAPIC_LVT) / LAPIC_STRIDE, value);
        return;
    }
    switch (at) {
    case LAPIC_ID:
        setup->id = (uint8_t)(value >> 24);
        break;
    case LAPIC_TPR:
        lapic->tpr = (uint8_t)value;
        update(sim, cpu);
        break;
    case LAPIC_EOI:
        end_of_interrupt(sim, cpu);
        break;
    case LAPIC_LDR:
        setup->ldr = (uint8_t)(value >> 24);
        break;
    case LAPIC_DFR:
        setup->dfr = (uint8_t)(value >> 28);
        break;
    case LAPIC_SVR:
        write_svr(sim, cpu, value);
        break;
    case LAPIC_ICR:
        setup->icr[0] = value;
        send(sim, cpu);
        break;
    case LAPIC_ICR2:
        setup->icr[1] = sim_policy(sim, SIM_POLICY_LAPIC_RAW) ? value : value & LAPIC_ICR2_RW;
        break;
    case LAPIC_TICR:
        setup->ticr = value;
        break;
    case LAPIC_TDCR:
        setup->tdcr = value & 0xb;
        break;
    default:
        if ((at >= LAPIC_ISR && at <= LAPIC_ESR) || at == LAPIC_VER || at == LAPIC_APR ||
            at == LAPIC_PPR || at == LAPIC_TCCR)
            break;
        lapic->esr |= LAPIC_ESR_ADDRESS;
        sim_bus_bad(sim, PC_LAPIC_BASE + offset);
    }
}

void sim_lapic_write(struct sim *sim, unsigned cpu, uint32_t offset, unsigned size,
                     uint32_t value)
{
    begin_access(sim, cpu);
    write_register(sim, cpu, offset, size, value);
    end(sim, cpu);
}

/* -------------------------------------------------------------------------------- a probe */

/* The vector that the CPU finds when it goes for one. */
static uint32_t find_vector(struct sim *sim, unsigned cpu)
{
    struct sim_lapic_hot *lapic = sim_apic_lapic(sim, cpu);
    const struct sim_lapic_cold *setup = sim_apic_lapic_setup(sim, cpu);
    struct sim_i8259 pics = sim_apic_pics(sim);

    if (!(lapic->noted & HARD))
        return UINT32_MAX;
    lapic->noted &= (uint8_t)~HARD;
    if (setup->svr & LAPIC_SVR_ON && pending(sim, cpu)) {
        if (!accepts_pic(sim, cpu) || !sim_i8259_asks(&pics)) {
            int vector = pending(sim, cpu);
            if (vector < 0)
                return setup->svr & 0xff;
            set(sim, lapic->irr, (unsigned)vector, false, SIM_EV_LATCH);
            set(sim, lapic->isr, (unsigned)vector, true, SIM_EV_ACTIVE);
            update(sim, cpu);
            return (uint32_t)vector;
        }
        sim_lapic_lint0(sim, true);
    }
    return accepts_pic(sim, cpu) ? sim_i8259_acknowledge(sim, &pics) : NO_VECTOR_TAKEN;
}

uint32_t sim_lapic_take(struct sim *sim, unsigned cpu)
{
    uint32_t vector;

    if (!lags(sim)) {
        if (take_special(sim, cpu, &vector))
            return vector;
        return sim_lapic_output(sim, cpu) ? sim_lapic_acknowledge(sim, cpu) : UINT32_MAX;
    }
    begin(sim, cpu);
    if (!take_special(sim, cpu, &vector))
        vector = find_vector(sim, cpu);
    end(sim, cpu);
    return vector;
}

void sim_lapic_reset(struct sim *sim, unsigned cpu)
{
    struct sim_lapic_cold *setup = sim_apic_lapic_setup(sim, cpu);

    setup->id = (uint8_t)cpu;
    setup->dfr = LAPIC_DFR_FLAT;
    setup->svr = 0xff;
    for (unsigned i = 0; i < LAPIC_LVTS; i++)
        setup->lvt[i] = LAPIC_LVT_MASKED;
}
