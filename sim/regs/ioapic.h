/*
 * sim/regs/ioapic.h - register contract of the 82093AA I/O APIC, with the end-of-interrupt
 * register of its successors.
 * Source: Intel 82093AA data sheet (290566), section 3; ICH9 datasheet 13.5 for EOI.
 *
 * Two windows: IOREGSEL names a register, IOWIN is it.  32-bit accesses.
 */
#ifndef SIM_REGS_IOAPIC_H
#define SIM_REGS_IOAPIC_H

#define IOAPIC_IOREGSEL 0x00 /* index of the register behind IOWIN (3.1.1) */
#define IOAPIC_IOWIN    0x10 /* (3.1.2) */
#define IOAPIC_EOI      0x40 /* write a vector: its level inputs may send again */

/* Indices. */
#define IOAPIC_ID    0x00 /* bits 27:24 (3.2.1) */
#define IOAPIC_VER   0x01 /* highest entry 23:16, version 7:0 (3.2.2) */
#define IOAPIC_ARB   0x02 /* (3.2.3) */
#define IOAPIC_TABLE 0x10 /* two words per input, low then high (3.2.4) */

/* A redirection table entry. */
#define IOAPIC_RTE_VECTOR     0x000000ffu
#define IOAPIC_RTE_MODE_SHIFT 8 /* delivery mode, below */
#define IOAPIC_RTE_LOGICAL    0x00000800u
#define IOAPIC_RTE_STATUS     0x00001000u /* read-only: a message waits to be sent */
#define IOAPIC_RTE_LOW        0x00002000u /* the input is active low */
#define IOAPIC_RTE_REMOTE_IRR                                                                  \
    0x00004000u /* read-only: a level was sent, its end has not come */
#define IOAPIC_RTE_LEVEL      0x00008000u
#define IOAPIC_RTE_MASKED     0x00010000u
#define IOAPIC_RTE_RW         0xffffafffu
#define IOAPIC_RTE_DEST_SHIFT 24 /* of the high word */

/* Delivery modes, also of the local APIC. */
#define APIC_MODE_FIXED  0
#define APIC_MODE_LOWEST 1
#define APIC_MODE_SMI    2
#define APIC_MODE_NMI    4
#define APIC_MODE_INIT   5
#define APIC_MODE_SIPI   6
#define APIC_MODE_EXTINT 7

/* A message on its way: the address says who, the data what. */
#define APIC_MSG_LOGICAL    0x4u
#define APIC_MSG_DEST_SHIFT 12
#define APIC_MSG_LEVEL      0x8000u

#define IOAPIC_VERSION 0x00170020 /* 24 inputs, with EOI */

/* clang-format off */
#define IOAPIC_REGISTERS(X)                                     \
    X(IOAPIC_IOREGSEL, RW, 0x000000ff, 0x00000000, 1)           \
    X(IOAPIC_IOWIN,    FX, 0x00000000, 0x00000000, 1)           \
    X(IOAPIC_EOI,      WO, 0x00000000, 0x00000000, 1)
/* clang-format on */

#endif
