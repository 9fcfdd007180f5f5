/*
 * sim/intc_nvic.c - the Armv7-M nested vectored interrupt controller of a Cortex-M3.
 *
 * A rising edge, and a level still high when its handler returns, make an input pending; a
 * level that falls does not take that back.  The processor takes the pending and enabled
 * exception of the lowest priority number if it is below that of all that are active; the
 * return is the end of interrupt, and takes the next one at once (tail-chaining).  There is no
 * trigger to configure: every input senses both.
 *
 * Source: Arm DDI 0403E.b, B1.5 (exceptions) and B3.4; registers in sim/regs/nvic.h.
 * What is IMPLEMENTATION DEFINED (8 priority bits) is as in QEMU 7.2.22.
 * Not modelled: PRIMASK, BASEPRI, FAULTMASK, sleep, late arrival, the core's own exceptions
 * outside a probe, a reset by AIRCR.
 */
#include "sim/intc_nvic.h"
#include "sim/output.h"

enum { PART_SCS, PART_CPU };

void sim_nvic_set(struct sim *sim, unsigned vector, unsigned flag, bool value)
{
    uint8_t *flags = nvic_vector(sim, vector);
    unsigned exception = nvic_exception(sim, vector);
    bool before = (*flags & flag) != 0;

    *flags = (uint8_t)(value ? *flags | flag : *flags & ~flag);
    if (before == value || exception < NVIC_EXCEPTIONS || !sim_input_traced(sim))
        return;
    if (flag == NVIC_PENDING) {
        sim_trace(sim->trace, SIM_EV_LATCH, exception - NVIC_EXCEPTIONS, value, 0);
        sim_trace(sim->trace, SIM_EV_PENDING, exception - NVIC_EXCEPTIONS, value, 0);
    }
    if (flag == NVIC_ACTIVE)
        sim_trace(sim->trace, SIM_EV_ACTIVE, exception - NVIC_EXCEPTIONS, value, 0);
}

/* ------------------------------------------------------------------ which one is the best */

/* NMI and HardFault stand above all that can be set. */
static int priority_of(const struct sim *sim, unsigned vector)
{
    unsigned exception = nvic_exception(sim, vector);

    return exception <= NVIC_HARDFAULT ? (int)exception - 4 : *nvic_priority(sim, vector);
}

/* The part that takes part in preemption. */
static int group(const struct sim *sim, int priority)
{
    return priority > 0 ? priority & (int)(~0u << (nvic_cold_of(sim)->prigroup + 1)) : priority;
}

unsigned sim_nvic_next(const struct sim *sim, int *ret_priority)
{
    int lowest = NVIC_IDLE;
    unsigned next = 0;

    for (unsigned v = 0; v < nvic_vectors(sim); v++) {
        unsigned flags = *nvic_vector(sim, v);
        if ((flags & (NVIC_ENABLED | NVIC_PENDING)) != (NVIC_ENABLED | NVIC_PENDING) ||
            priority_of(sim, v) >= lowest)
            continue;
        lowest = priority_of(sim, v);
        next = nvic_exception(sim, v);
    }
    *ret_priority = group(sim, lowest);
    return next;
}

/* The priority of what runs: the best of all that are active. */
static int execution_priority(const struct sim *sim)
{
    int lowest = NVIC_IDLE;

    for (unsigned v = 0; v < nvic_vectors(sim); v++)
        if (*nvic_vector(sim, v) & NVIC_ACTIVE && priority_of(sim, v) < lowest)
            lowest = priority_of(sim, v);
    return group(sim, lowest);
}

/* What the processor would take now, 0: nothing. */
static unsigned takeable(const struct sim *sim)
{
    int priority;
    unsigned next = sim_nvic_next(sim, &priority);

    return next && priority < execution_priority(sim) ? next : 0;
}

static unsigned output(const struct sim *sim, unsigned cpu)
{
    (void)cpu;
    return takeable(sim) != 0;
}

static int best(const struct sim *sim, unsigned cpu)
{
    unsigned next = takeable(sim);

    (void)cpu;
    return next < NVIC_EXCEPTIONS ? -1 : (int)sim->line_of_irq[next - NVIC_EXCEPTIONS] - 1;
}

/* ------------------------------------------------------------------- entry and return */

static void enter(struct sim *sim, unsigned exception)
{
    unsigned vector = nvic_find(sim, exception) - 1;

    sim_nvic_set(sim, vector, NVIC_ACTIVE, true);
    sim_nvic_set(sim, vector, NVIC_PENDING, false);
    nvic_hot_of(sim)->current = (uint16_t)exception;
}

static unsigned stack_room(const struct sim *sim)
{
    return sim->config->probe ? NVIC_STACK_PROBE : sim->lines;
}

/* The processor takes what is asked for, if anything; what it left lies on the stack. */
static uint32_t take(struct sim *sim)
{
    struct nvic_hot *hot = nvic_hot_of(sim);
    unsigned exception = takeable(sim);

    if (exception && hot->depth < stack_room(sim)) {
        nvic_stack(sim)[hot->depth++] = (uint8_t)hot->current;
        enter(sim, exception);
    }
    return hot->current;
}

/* Is exactly one exception active, or none?  (ICSR.RETTOBASE) */
static bool is_base(const struct sim *sim)
{
    unsigned active = 0;

    for (unsigned v = 0; v < nvic_vectors(sim); v++)
        active += (*nvic_vector(sim, v) & NVIC_ACTIVE) != 0;
    return active < 2;
}

/* A return that cannot be makes a UsageFault, or a HardFault if that cannot be taken. */
static void fault(struct sim *sim)
{
    unsigned usage = nvic_find(sim, NVIC_USAGE) - 1;

    nvic_cold_of(sim)->cfsr |= CFSR_INVPC;
    if (*nvic_vector(sim, usage) & NVIC_ENABLED &&
        group(sim, priority_of(sim, usage)) < execution_priority(sim)) {
        sim_nvic_set(sim, usage, NVIC_PENDING, true);
        return;
    }
    nvic_cold_of(sim)->hfsr |= HFSR_FORCED;
    sim_nvic_set(sim, nvic_find(sim, NVIC_HARDFAULT) - 1, NVIC_PENDING, true);
}

/*
 * Return from the exception that runs: deactivates, samples the level and, with @chains, takes
 * the next at once.  Where the taking is somebody else's step the next one just asks.
 */
static uint32_t leave(struct sim *sim, bool chains)
{
    struct nvic_hot *hot = nvic_hot_of(sim);
    unsigned found = nvic_find(sim, hot->current);

    if (!hot->current || !found)
        return hot->current;
    unsigned vector = found - 1;
    bool was_active = (*nvic_vector(sim, vector) & NVIC_ACTIVE) != 0;
    bool base = is_base(sim) || nvic_cold_of(sim)->ccr & CCR_NONBASETHRDENA;
    bool to_thread = hot->depth && !nvic_stack(sim)[hot->depth - 1];
    sim_nvic_set(sim, vector, NVIC_ACTIVE, false);
    if (*nvic_vector(sim, vector) & NVIC_LEVEL)
        sim_nvic_set(sim, vector, NVIC_PENDING, true);
    else if (!(*nvic_vector(sim, vector) & NVIC_PENDING) && !sim->config->probe)
        sim_line_forgotten(sim, vector);
    sim_output_note(sim);
    if (sim->config->probe && (!was_active || (to_thread && !base)))
        fault(sim);
    sim_output_note(sim);
    unsigned next = chains ? takeable(sim) : 0;
    if (next) {
        enter(sim, next);
    } else if (hot->depth) {
        uint8_t *frame = &nvic_stack(sim)[--hot->depth];
        hot->current = *frame;
        *frame = 0;
    }
    return hot->current;
}

/* ------------------------------------------------------------------------------ registers */

/* From which input on, and how many bits of @bits each one access touches. */
static uint32_t fields_read(const struct sim *sim, unsigned first, unsigned count,
                            unsigned flag)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < count && first + i < NVIC_INPUTS; i++) {
        unsigned found = nvic_find(sim, NVIC_EXCEPTIONS + first + i);
        if (found && *nvic_vector(sim, found - 1) & flag)
            value |= 1u << i;
    }
    return value;
}

static void fields_write(struct sim *sim, uint32_t offset, unsigned first, unsigned count,
                         uint32_t value)
{
    for (unsigned i = 0; i < count && first + i < NVIC_INPUTS; i++) {
        unsigned found = nvic_find(sim, NVIC_EXCEPTIONS + first + i);
        if (!found-- || !(value >> i & 1))
            continue;
        unsigned flags = *nvic_vector(sim, found);
        if (offset < SCS_ISPR) {
            sim_nvic_set(sim, found, NVIC_ENABLED, offset < SCS_ICER);
        } else if (offset < SCS_ICPR) {
            sim_nvic_set(sim, found, NVIC_PENDING, true);
        } else if (!(flags & NVIC_LEVEL) || flags & NVIC_ACTIVE) {
            sim_nvic_set(sim, found, NVIC_PENDING, false);
            if (flags & NVIC_PENDING && !sim->config->probe)
                sim_line_forgotten(sim, found);
        }
    }
}

static uint32_t priorities_read(const struct sim *sim, uint32_t offset, unsigned size)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < size; i++) {
        unsigned found = nvic_find(sim, NVIC_EXCEPTIONS + offset - SCS_IPR + i);
        if (found)
            value |= (uint32_t)*nvic_priority(sim, found - 1) << i * 8;
    }
    return value;
}

static void priorities_write(struct sim *sim, uint32_t offset, unsigned size, uint32_t value)
{
    for (unsigned i = 0; i < size; i++) {
        unsigned found = nvic_find(sim, NVIC_EXCEPTIONS + offset - SCS_IPR + i);
        if (found)
            *nvic_priority(sim, found - 1) = (uint8_t)(value >> i * 8);
    }
}

/* A bank of bits: 0x40 bytes of each 0x80. */
static bool is_bank(uint32_t offset)
{
    return offset >= SCS_ISER && offset < SCS_IABR + 0x40 && offset % 0x80 < 0x40;
}

static uint32_t read(struct sim *sim, unsigned cpu, unsigned part, uint32_t offset,
                     unsigned size)
{
    static const uint8_t flags[] = {NVIC_ENABLED, NVIC_ENABLED, NVIC_PENDING, NVIC_PENDING,
                                    NVIC_ACTIVE};

    (void)cpu;
    if (part == PART_CPU)
        return offset == NVIC_CPU_TAKE && takeable(sim) ? take(sim) : 0;
    if (is_bank(offset))
        return fields_read(sim, offset % 0x80 * 8, size * 8, flags[(offset - SCS_ISER) / 0x80]);
    if (offset >= SCS_IPR && offset < SCS_IPR_END)
        return priorities_read(sim, offset, size);
    return sim_nvic_system_read(sim, offset, size);
}

static void write(struct sim *sim, unsigned cpu, unsigned part, uint32_t offset, unsigned size,
                  uint32_t value)
{
    (void)cpu;
    if (part == PART_CPU && offset == NVIC_CPU_RETURN)
        leave(sim, false);
    else if (part == PART_CPU || (is_bank(offset) && offset >= SCS_IABR))
        return;
    else if (is_bank(offset))
        fields_write(sim, offset, offset % 0x80 * 8, size * 8, value);
    else if (offset >= SCS_IPR && offset < SCS_IPR_END)
        priorities_write(sim, offset, size, value);
    else
        sim_nvic_system_write(sim, offset, size, value);
}

/* ------------------------------------------------------------------------- the controller */

static uint32_t cpu_verb(struct sim *sim, unsigned cpu, enum sim_cpu_verb verb, unsigned reg,
                         uint32_t value)
{
    (void)cpu, (void)reg, (void)value;
    return verb == SIM_CPU_TAKE ? take(sim) : leave(sim, true);
}

static void input(struct sim *sim, unsigned line, bool level)
{
    unsigned vector = sim->config->probe ? NVIC_EXCEPTIONS + line : line;
    bool before = (*nvic_vector(sim, vector) & NVIC_LEVEL) != 0;

    sim_nvic_set(sim, vector, NVIC_LEVEL, level);
    if (level && !before)
        sim_nvic_set(sim, vector, NVIC_PENDING, true);
}

static bool remembers(const struct sim *sim, unsigned line)
{
    return (*nvic_vector(sim, line) & NVIC_PENDING) != 0;
}

static void reset(struct sim *sim)
{
    nvic_cold_of(sim)->ccr = CCR_RESET;
    if (!sim->config->probe)
        return;
    static const uint8_t always_on[] = {NVIC_NMI, NVIC_HARDFAULT, NVIC_SVCALL, NVIC_PENDSV,
                                        NVIC_SYSTICK};
    for (unsigned i = 0; i < sizeof(always_on); i++)
        *nvic_vector(sim, always_on[i]) = NVIC_ENABLED;
}

static unsigned inputs(const struct sim *sim)
{
    (void)sim;
    return NVIC_INPUTS;
}

static uint32_t hot_bytes(const struct sim *sim)
{
    return (uint32_t)sizeof(struct nvic_hot) + nvic_vectors(sim) + stack_room(sim);
}

static uint32_t cold_bytes(const struct sim *sim)
{
    return (uint32_t)sizeof(struct nvic_cold) + nvic_vectors(sim);
}

static void map(struct sim *sim)
{
    sim_bus_map(sim, MPS2_SCS_BASE, SIM_PAGE_CONTROLLER, PART_SCS);
    sim_bus_map(sim, NVIC_CPU_BASE, SIM_PAGE_CONTROLLER, PART_CPU);
}

const struct sim_controller_ops sim_intc_nvic = {
    .name = "nvic",
    .hot_bytes = hot_bytes,
    .cold_bytes = cold_bytes,
    .map = map,
    .inputs = inputs,
    .cpu = cpu_verb,
    .reset = reset,
    .input = input,
    .read = read,
    .write = write,
    .best = best,
    .output = output,
    .remembers = remembers,
};
