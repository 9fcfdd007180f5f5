/*
 * sim/regs/v2m.h - GICv2m register contract: a frame beside a GICv2 that turns a write into an
 * edge of a shared input.  Source: Arm Server Base System Architecture (DEN 0029), appendix E.
 */
#ifndef SIM_REGS_V2M_H
#define SIM_REGS_V2M_H

#define V2M_MSI_TYPER     0x008 /* 25:16 first interrupt ID, 9:0 how many follow it */
#define V2M_MSI_SETSPI_NS 0x040 /* write an interrupt ID: its input pulses */
#define V2M_MSI_IIDR      0xfcc /* 31:20 product: QEMU's 'Q' */

#define V2M_IIDR_VALUE 0x05100000

/* clang-format off */
#define V2M_REGISTERS(X)                                      \
    X(V2M_MSI_TYPER,     RO, 0x00000000, 0x00500040, 1)       \
    X(V2M_MSI_SETSPI_NS, WO, 0x00000000, 0x00000000, 1)       \
    X(V2M_MSI_IIDR,      RO, 0x00000000, 0x05100000, 1)
/* clang-format on */

#endif
