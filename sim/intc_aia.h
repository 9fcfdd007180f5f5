/*
 * sim/intc_aia.h - the two halves of the RISC-V advanced interrupt architecture: the APLIC
 * (sim/intc_aplic.c), which has wires, and the interrupt files of the harts
 * (sim/intc_imsic.c), which get messages.
 *
 * A board has the one by itself (direct delivery) or both, the APLIC sending messages.
 */
#ifndef SIM_INTC_AIA_H
#define SIM_INTC_AIA_H

#include "sim/sim.h"

/* A hart's machine-level interrupt file, behind the APLIC's state. */
struct sim_imsic {
    uint8_t delivery;
    uint8_t zero;
    uint16_t threshold;
};

/* Of an input, per hart: identity = source number. */
struct sim_imsic_input {
    uint8_t pending; /* a bit per hart */
    uint8_t enabled;
};

/* Where the board keeps them (sim/intc_aplic.c). */
struct sim_imsic *sim_aia_file(const struct sim *sim, unsigned cpu);
struct sim_imsic_input *sim_aia_file_input(const struct sim *sim, unsigned line);

/* A message with identity @eiid arrives at @cpu. */
void sim_imsic_message(struct sim *sim, unsigned cpu, uint32_t eiid);

/* The registers of @cpu's file (sim/regs/aplic.h). */
uint32_t sim_imsic_read(struct sim *sim, unsigned cpu, uint32_t offset, unsigned size);
void sim_imsic_write(struct sim *sim, unsigned cpu, uint32_t offset, unsigned size,
                     uint32_t value);

/* The line that @cpu's file would hand out now, or -1.  Pure. */
int sim_imsic_best(const struct sim *sim, unsigned cpu);
bool sim_imsic_output(const struct sim *sim, unsigned cpu);

/* Does any file hold the identity of @line?  Pure. */
bool sim_imsic_holds(const struct sim *sim, unsigned line);

#endif
