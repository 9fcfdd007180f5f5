/*
 * sim/msi.h - message-signalled interrupts: what takes the place of a wire.
 *
 * A line whose trigger is `msi` has no wire to the controller.  When its request rises, the
 * device writes its entry's data to its entry's address; while the entry is masked, it only
 * notes that it would have.  There is no level to fall back on.
 *
 * Source: PCI Local Bus Specification 3.0, 6.8.3; registers in sim/regs/msix.h.
 * Not modelled: several vectors of one device, the function-wide mask, posted memory writes.
 */
#ifndef SIM_MSI_H
#define SIM_MSI_H

#include "sim/sim.h"

/* Does @line send messages? */
static inline bool sim_msi_is(const struct sim *sim, unsigned line)
{
    return sim->message_of[line] != 0;
}

/* The request of @line changed to @level. */
void sim_msi_request(struct sim *sim, unsigned line, bool level);

/* Has @line a message that its mask holds back?  Pure. */
bool sim_msi_waits(const struct sim *sim, unsigned line);

/* What the entry of @line says is written: 0 until software has filled it in. */
uint32_t sim_msi_data(const struct sim *sim, unsigned line);

/* Lays out and resets the entries; puts the table on the bus if there is a line for it. */
void sim_msi_layout(struct sim *sim);
void sim_msi_reset(struct sim *sim);

/* The registers. */
uint32_t sim_msi_read(struct sim *sim, uint32_t offset, unsigned size);
void sim_msi_write(struct sim *sim, uint32_t offset, unsigned size, uint32_t value);

#endif
