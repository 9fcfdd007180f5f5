/*
 * sim/regs/msix.h - the table of message-signalled interrupts of the devices of a scenario: an
 * entry per input of the board, and the pending bits.
 *
 * Source: PCI Local Bus Specification 3.0, 6.8.2 (MSI-X capability and table).  Where it lies
 * is ours: devices here have no configuration space, so one table serves all of them.
 */
#ifndef SIM_REGS_MSIX_H
#define SIM_REGS_MSIX_H

#define MSIX_BASE    0x7a000000
#define MSIX_ENTRY   0x10   /* bytes: entry n is that of input n (6.8.2.6) */
#define MSIX_ADDRESS 0x0    /* where the message is written to */
#define MSIX_UPPER   0x4    /* reads 0: everything lies below 4 GiB */
#define MSIX_DATA    0x8    /* what is written there */
#define MSIX_CONTROL 0xc    /* bit 0: masked, as after a reset (6.8.2.9) */
#define MSIX_PBA     0x4000 /* a bit per input: a masked one has a message to send (6.8.2.10) */
#define MSIX_PAGES   5

#define MSIX_CONTROL_MASKED 0x1u

#endif
