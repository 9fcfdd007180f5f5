/*
 * sim/intc_pc_apic.c - the interrupt side of `pc-ioapic`: an I/O APIC, a local APIC per CPU,
 * and the two 8259A of every PC.
 *
 * Input n of the board is pin n of the I/O APIC; the 8259A have the first sixteen, too, with
 * the interval timer on pin 2 and IRQ 0.  In a probe each chip has inputs of its own: behind
 * the pins come the IRQs.  A probe of `pc-msi` has no local APIC but memory: what the I/O APIC
 * sends is stored where it was sent to, until it is read.
 *
 * Source: QEMU 7.2 hw/i386/x86.c, hw/i386/pc.c; the chips name their own.
 */
#include "sim/bus.h"
#include "sim/controller.h"
#include "sim/intc_apic.h"
#include "sim/output.h"
#include "sim/policy.h"
#include "sim/regs/board_pc.h"
#include "sim/regs/ioapic.h"

enum { PART_PIC0, PART_PIC1, PART_ELCR, PART_INTA, PART_IOAPIC, PART_LAPIC };

enum {
    MESSAGE_BYTES = 0x100000, /* of `pc-msi`: where messages can go to */
};

static bool has_lapic(const struct sim *sim)
{
    return sim->config->machine != SIM_MACHINE_PC_MSI;
}

static unsigned lapics(const struct sim *sim)
{
    return has_lapic(sim) ? sim->cpus : 0;
}

/* ---------------------------------------------------------------------- where things lie */

struct sim_lapic_hot *sim_apic_lapic(const struct sim *sim, unsigned cpu)
{
    return (struct sim_lapic_hot *)(void *)sim->ctl_hot + cpu;
}

struct sim_lapic_cold *sim_apic_lapic_setup(const struct sim *sim, unsigned cpu)
{
    return (struct sim_lapic_cold *)(void *)sim->ctl_cold + cpu;
}

static uint8_t *hot_behind_lapics(const struct sim *sim)
{
    return (uint8_t *)sim_apic_lapic(sim, lapics(sim));
}

static uint8_t *cold_behind_lapics(const struct sim *sim)
{
    return (uint8_t *)sim_apic_lapic_setup(sim, lapics(sim));
}

struct sim_ioapic_entry *sim_apic_entry(const struct sim *sim, unsigned line)
{
    return (struct sim_ioapic_entry *)(void *)cold_behind_lapics(sim) + line;
}

/* The memory for messages. */
static uint8_t *messages_of(const struct sim *sim)
{
    return (uint8_t *)sim_apic_entry(sim, sim->lines);
}

static uint32_t message_bytes(const struct sim *sim)
{
    return has_lapic(sim) ? 0 : MESSAGE_BYTES;
}

struct sim_ioapic_hot *sim_apic_ioapic(const struct sim *sim)
{
    return (struct sim_ioapic_hot *)(void *)(hot_behind_lapics(sim) + SIM_I8259_HOT_BYTES);
}

/* INT is a wire: what it passes through while both 8259A are acknowledged is seen, too. */
static void hear_int(struct sim *sim, bool level)
{
    if (has_lapic(sim))
        sim_lapic_lint0(sim, level);
    sim_output_note(sim);
}

struct sim_i8259 sim_apic_pics(const struct sim *sim)
{
    return (struct sim_i8259){
        .hot = (struct sim_i8259_hot *)(void *)hot_behind_lapics(sim),
        .cold = (struct sim_i8259_cold *)(void *)(messages_of(sim) + message_bytes(sim)),
        .output = hear_int,
    };
}

/* ------------------------------------------------------------------------------ messages */

static void store_bytes(struct sim *sim, uint32_t offset, unsigned size, uint32_t value)
{
    for (unsigned i = 0; i < size; i++)
        messages_of(sim)[offset + i] = (uint8_t)(value >> i * 8);
}

/* A read erases what it saw. */
static uint32_t take_bytes(struct sim *sim, uint32_t offset, unsigned size)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < size; i++)
        value |= (uint32_t)messages_of(sim)[offset + i] << i * 8;
    store_bytes(sim, offset, size, 0);
    return value;
}

void sim_apic_message(struct sim *sim, uint32_t address, uint32_t data)
{
    if (has_lapic(sim))
        sim_lapic_message(sim, address, data);
    else
        store_bytes(sim, address - PC_LAPIC_BASE, sizeof(data), data);
}

/* -------------------------------------------------------------------------------- wires */

/* The IRQ of the 8259A that is on the same wire as @pin, or -1. */
static int irq_of_pin(unsigned pin)
{
    if (pin == PC_PIT_PIN)
        return 0;
    return pin > 0 && pin < PC_IRQS ? (int)pin : -1;
}

static int pin_of_irq(unsigned irq)
{
    return irq ? (int)irq : PC_PIT_PIN;
}

static void input(struct sim *sim, unsigned line, bool level)
{
    struct sim_i8259 pics = sim_apic_pics(sim);
    unsigned irq = sim->line_irq[line];
    int pic = sim->config->probe ? -1 : irq_of_pin(irq);

    if (irq >= PC_IOAPIC_PINS)
        sim_i8259_input(sim, &pics, irq - PC_IOAPIC_PINS, level);
    else if (!irq && sim_policy(sim, SIM_POLICY_IOAPIC_PIN_0))
        sim_ioapic_input(
            sim, sim->line_of_irq[PC_PIT_PIN] ? sim->line_of_irq[PC_PIT_PIN] - 1u : line,
            level);
    else
        sim_ioapic_input(sim, line, level);
    if (pic >= 0)
        sim_i8259_input(sim, &pics, (unsigned)pic, level);
}

/* ------------------------------------------------------------------------ the controller */

static uint32_t acknowledge(struct sim *sim, unsigned cpu)
{
    struct sim_i8259 pics = sim_apic_pics(sim);

    return has_lapic(sim) ? sim_lapic_acknowledge(sim, cpu) : sim_i8259_acknowledge(sim, &pics);
}

static uint32_t read(struct sim *sim, unsigned cpu, unsigned part, uint32_t offset,
                     unsigned size)
{
    struct sim_i8259 pics = sim_apic_pics(sim);

    switch (part) {
    case PART_IOAPIC:
        return sim_ioapic_read(sim, offset, size);
    case PART_INTA:
        return offset ? sim_bus_bad(sim, PC_INTA_BASE + offset) : acknowledge(sim, cpu);
    case PART_PIC0:
    case PART_PIC1:
    case PART_ELCR:
        return sim_i8259_read_ports(sim, &pics, part, offset, size);
    default:
        break;
    }
    return has_lapic(sim) ? sim_lapic_read(sim, cpu, offset, size)
                          : take_bytes(sim, offset, size);
}

static void write(struct sim *sim, unsigned cpu, unsigned part, uint32_t offset, unsigned size,
                  uint32_t value)
{
    struct sim_i8259 pics = sim_apic_pics(sim);

    if (part == PART_IOAPIC)
        sim_ioapic_write(sim, offset, size, value);
    else if (part < PART_INTA)
        sim_i8259_write_ports(sim, &pics, part, offset, size, value);
    else if (part == PART_INTA)
        sim_bus_bad(sim, PC_INTA_BASE + offset);
    else if (has_lapic(sim))
        sim_lapic_write(sim, cpu, offset, size, value);
    else
        store_bytes(sim, offset, size, value);
}

static int best(const struct sim *sim, unsigned cpu)
{
    struct sim_i8259 pics = sim_apic_pics(sim);
    int found = has_lapic(sim) ? sim_lapic_best(sim, cpu) : -2;

    if (found >= 0)
        return sim_ioapic_line_of(sim, (unsigned)found);
    if (found == -1)
        return -1;
    found = sim_i8259_best(&pics);
    return found < 0 ? -1 : sim->line_of_irq[pin_of_irq((unsigned)found)] - 1;
}

/* What a probe watches is INT of the 8259A; a CPU sees its local APIC. */
static unsigned output(const struct sim *sim, unsigned cpu)
{
    struct sim_i8259 pics = sim_apic_pics(sim);

    if (sim->config->probe)
        return sim_i8259_output(sim, &pics);
    return sim_lapic_output(sim, cpu);
}

static uint32_t ask_cpu(struct sim *sim, unsigned cpu, enum sim_cpu_verb verb, unsigned reg,
                        uint32_t value)
{
    struct sim_i8259 pics = sim_apic_pics(sim);

    (void)reg;
    (void)value;
    if (verb == SIM_CPU_TAKE)
        return sim_lapic_take(sim, cpu);
    sim_ioapic_service(sim);
    return sim_i8259_acknowledge(sim, &pics);
}

static bool remembers(const struct sim *sim, unsigned line)
{
    return sim_ioapic_holds(sim, line) ||
           sim_lapic_has(sim, sim_ioapic_vector(sim, line), false);
}

static void message(struct sim *sim, uint32_t address, uint32_t data)
{
    if (address - PC_LAPIC_BASE < MESSAGE_BYTES)
        sim_apic_message(sim, address, data);
}

static unsigned inputs(const struct sim *sim)
{
    (void)sim;
    return PC_IOAPIC_PINS + PC_IRQS;
}

static void reset(struct sim *sim)
{
    struct sim_i8259 pics = sim_apic_pics(sim);

    for (unsigned cpu = 0; cpu < lapics(sim); cpu++)
        sim_lapic_reset(sim, cpu);
    sim_ioapic_reset(sim);
    if (!has_lapic(sim))
        sim_apic_entry(sim, PC_MSI_PIN)->low = APIC_MODE_EXTINT << IOAPIC_RTE_MODE_SHIFT;
    sim_i8259_reset(&pics);
}

static uint32_t hot_bytes(const struct sim *sim)
{
    return (uint32_t)(lapics(sim) * sizeof(struct sim_lapic_hot) + SIM_I8259_HOT_BYTES +
                      sizeof(struct sim_ioapic_hot) + sim->lines);
}

static uint32_t cold_bytes(const struct sim *sim)
{
    return (uint32_t)(lapics(sim) * sizeof(struct sim_lapic_cold) + SIM_I8259_COLD_BYTES +
                      sim->lines * sizeof(struct sim_ioapic_entry) + message_bytes(sim));
}

static void map(struct sim *sim)
{
    sim_bus_map(sim, PC_PIC0_BASE, SIM_PAGE_CONTROLLER, PART_PIC0);
    sim_bus_map(sim, PC_PIC1_BASE, SIM_PAGE_CONTROLLER, PART_PIC1);
    sim_bus_map(sim, PC_ELCR_BASE, SIM_PAGE_CONTROLLER, PART_ELCR);
    sim_bus_map(sim, PC_INTA_BASE, SIM_PAGE_CONTROLLER, PART_INTA);
    sim_bus_map(sim, PC_IOAPIC_BASE, SIM_PAGE_CONTROLLER, PART_IOAPIC);
    sim_bus_map_block(sim, PC_LAPIC_BASE, MESSAGE_BYTES >> SIM_PAGE_SHIFT, SIM_PAGE_CONTROLLER,
                      PART_LAPIC);
}

const struct sim_controller_ops sim_intc_pc_apic = {
    .name = "apic",
    .hot_bytes = hot_bytes,
    .cold_bytes = cold_bytes,
    .map = map,
    .reset = reset,
    .input = input,
    .message = message,
    .read = read,
    .write = write,
    .inputs = inputs,
    .cpu = ask_cpu,
    .best = best,
    .output = output,
    .remembers = remembers,
};
