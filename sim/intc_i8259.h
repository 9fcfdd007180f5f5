/*
 * sim/intc_i8259.h - the two 8259A of a PC as a part that a board puts into its state.
 *
 * The machine `pc` is these two chips; `pc-ioapic` has them beside its IO-APIC.  Inputs are IRQ
 * 0 to 15: eight of the master, eight of the slave, whose output is the master's input 2.
 */
#ifndef SIM_INTC_I8259_H
#define SIM_INTC_I8259_H

#include "sim/sim.h"

/* One chip, what changes during the story. */
struct sim_i8259_hot {
    uint8_t irr;     /* requests */
    uint8_t isr;     /* in service */
    uint8_t imr;     /* masked */
    uint8_t seen;    /* levels of the inputs as the edge detectors know them */
    uint8_t lowest;  /* the input of lowest priority */
    uint8_t control; /* what OCW2 and OCW3 switched on */
};

/* One chip, what an initialization sets. */
struct sim_i8259_cold {
    uint8_t base; /* vector of input 0 */
    uint8_t elcr; /* inputs that are levels */
    uint8_t icw1;
    uint8_t icw4;
    uint8_t step; /* number of the ICW that A0 = 1 expects next; 0: it is IMR */
    uint8_t zero;
};

/* Where the board keeps the two chips, and what they are to it. */
struct sim_i8259 {
    struct sim_i8259_hot *hot;                   /* master, slave */
    struct sim_i8259_cold *cold;                 /* master, slave */
    bool traced;                                 /* their inputs are the board's: record them */
    void (*output)(struct sim *sim, bool level); /* INT was worked out again; may be 0 */
};

enum { SIM_I8259_HOT_BYTES = 12, SIM_I8259_COLD_BYTES = 12 };

/* Hardware reset. */
void sim_i8259_reset(const struct sim_i8259 *pics);

/* The wire of IRQ @irq has @level; saying it again is allowed. */
void sim_i8259_input(struct sim *sim, const struct sim_i8259 *pics, unsigned irq, bool level);

/* An access to the ports of @part: 0 the master, 1 the slave, 2 their ELCR. */
uint32_t sim_i8259_read_ports(struct sim *sim, const struct sim_i8259 *pics, unsigned part,
                              uint32_t offset, unsigned size);
void sim_i8259_write_ports(struct sim *sim, const struct sim_i8259 *pics, unsigned part,
                           uint32_t offset, unsigned size, uint32_t value);

/* INT, the output of the master.  Pure. */
bool sim_i8259_output(const struct sim *sim, const struct sim_i8259 *pics);

/* Would an acknowledge find a request?  That is INT, if INT does not lag. */
bool sim_i8259_asks(const struct sim_i8259 *pics);

/* The IRQ an acknowledge cycle would hand out now, or -1: a spurious vector.  Pure. */
int sim_i8259_best(const struct sim_i8259 *pics);

/* An interrupt acknowledge cycle of the CPU: the vector. */
uint8_t sim_i8259_acknowledge(struct sim *sim, const struct sim_i8259 *pics);

#endif
