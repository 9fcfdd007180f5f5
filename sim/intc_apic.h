/*
 * sim/intc_apic.h - the parts of a PC with APICs, and where its board keeps them.
 *
 *   wires --> I/O APIC --message--> local APIC of a CPU --> CPU
 *        \--> two 8259A ------------------ LINT0 ---/
 *
 * sim/intc_ioapic.c, sim/intc_lapic.c and sim/intc_i8259.c are the chips, each after its own
 * document; sim/intc_pc_apic.c is the board that joins them.
 */
#ifndef SIM_INTC_APIC_H
#define SIM_INTC_APIC_H

#include "sim/intc_i8259.h"
#include "sim/regs/lapic.h"
#include "sim/sim.h"

/* A local APIC, what changes during the story. */
struct sim_lapic_hot {
    uint32_t irr[LAPIC_WORDS];
    uint32_t isr[LAPIC_WORDS];
    uint32_t tmr[LAPIC_WORDS];
    uint8_t tpr;
    uint8_t esr;
    uint8_t extint; /* LINT0 asks for a vector of the 8259A */
    uint8_t noted;  /* SIM_POLICY_LAPIC_REQUEST_LAGS: what the CPU has been told */
};

/* A local APIC, set up once. */
struct sim_lapic_cold {
    uint8_t id;
    uint8_t ldr;
    uint8_t dfr;
    uint8_t tdcr;
    uint32_t svr;
    uint32_t icr[2];
    uint32_t lvt[LAPIC_LVTS];
    uint32_t ticr;
};

/* The I/O APIC; behind it a byte per input. */
struct sim_ioapic_hot {
    uint8_t select;
    uint8_t id;
};

struct sim_ioapic_entry {
    uint32_t low;
    uint32_t high;
};

/* ---- where the board keeps them (sim/intc_pc_apic.c) ---- */

struct sim_i8259 sim_apic_pics(const struct sim *sim);
struct sim_lapic_hot *sim_apic_lapic(const struct sim *sim, unsigned cpu);
struct sim_lapic_cold *sim_apic_lapic_setup(const struct sim *sim, unsigned cpu);
struct sim_ioapic_hot *sim_apic_ioapic(const struct sim *sim);
struct sim_ioapic_entry *sim_apic_entry(const struct sim *sim, unsigned line);

/* A message on the bus: to the local APICs, or where there are none, to memory. */
void sim_apic_message(struct sim *sim, uint32_t address, uint32_t data);

/* ---- the I/O APIC ---- */

void sim_ioapic_reset(struct sim *sim);
uint32_t sim_ioapic_read(struct sim *sim, uint32_t offset, unsigned size);
void sim_ioapic_write(struct sim *sim, uint32_t offset, unsigned size, uint32_t value);

/* The wire of @line has @level; saying it again is allowed. */
void sim_ioapic_input(struct sim *sim, unsigned line, bool level);

/* Sends what may be sent, input by input. */
void sim_ioapic_service(struct sim *sim);

/* The end of an interrupt with @vector: level inputs that sent it may send again. */
void sim_ioapic_end(struct sim *sim, uint32_t vector);

/* Will the input send, or has it a level that waits for its end?  Pure. */
bool sim_ioapic_holds(const struct sim *sim, unsigned line);

/* The first input whose entry has @vector, or -1.  Pure. */
int sim_ioapic_line_of(const struct sim *sim, unsigned vector);
/* The vector of @line: of its pin's entry, or of its message. */
unsigned sim_ioapic_vector(const struct sim *sim, unsigned line);

/* ---- the local APIC ---- */

void sim_lapic_reset(struct sim *sim, unsigned cpu);
uint32_t sim_lapic_read(struct sim *sim, unsigned cpu, uint32_t offset, unsigned size);
void sim_lapic_write(struct sim *sim, unsigned cpu, uint32_t offset, unsigned size,
                     uint32_t value);

/* A message reaches the local APICs; its address and data are those of sim/regs/ioapic.h. */
void sim_lapic_message(struct sim *sim, uint32_t address, uint32_t data);

/* The output of the 8259A says its level, also if it is the old one. */
void sim_lapic_lint0(struct sim *sim, bool level);

/* The vector that an acknowledge by @cpu would take, -1: none, -2: one of the 8259A.  Pure. */
int sim_lapic_best(const struct sim *sim, unsigned cpu);

/* Does it ask @cpu?  Pure. */
bool sim_lapic_output(const struct sim *sim, unsigned cpu);

/* @cpu takes an interrupt: its vector; the spurious one if there is none. */
uint32_t sim_lapic_acknowledge(struct sim *sim, unsigned cpu);

/* The same as a probe sees it: 0xffffffff if the CPU would not take one. */
uint32_t sim_lapic_take(struct sim *sim, unsigned cpu);

/* Is @vector requested or, with @active, in service at some CPU?  Pure. */
bool sim_lapic_has(const struct sim *sim, unsigned vector, bool active);

#endif
