/*
 * sim/regs/pl190.h - PL190 vectored interrupt controller register contract.
 * Source: Arm DDI 0181E, chapter 3.
 */
#ifndef SIM_REGS_PL190_H
#define SIM_REGS_PL190_H

#define VIC_IRQSTATUS    0x000 /* asks, is enabled, comes as IRQ (3.3.1) */
#define VIC_FIQSTATUS    0x004 /* the same as FIQ (3.3.2) */
#define VIC_RAWINTR      0x008 /* wires and software, before any mask (3.3.3) */
#define VIC_INTSELECT    0x00c /* 1: FIQ (3.3.4) */
#define VIC_INTENABLE    0x010 /* write 1 enables (3.3.5) */
#define VIC_INTENCLEAR   0x014 /* write 1 disables (3.3.6) */
#define VIC_SOFTINT      0x018 /* write 1 raises by software (3.3.7) */
#define VIC_SOFTINTCLEAR 0x01c /* (3.3.8) */
#define VIC_PROTECTION   0x020 /* bit 0: privileged accesses only (3.3.9) */
#define VIC_VECTADDR     0x030 /* read: the handler's address; write: its end (3.3.10) */
#define VIC_DEFVECTADDR  0x034 /* the vector of what has no slot (3.3.11) */
#define VIC_VECTADDRn    0x100 /* the vector of each of 16 slots (3.3.12) */
#define VIC_VECTCNTLn    0x200 /* 4:0 its source, bit 5 on (3.3.13) */
#define VIC_ITCR         0x300 /* integration test (4.3) */
#define VIC_ID           0xfe0 /* PeriphID0-3, PCellID0-3 (3.3.14, 3.3.15) */

#define VIC_SLOTS       16
#define VIC_LEVELS      17 /* the slots and, below them, the default vector */
#define VIC_CNTL_ENABLE 0x20
#define VIC_CNTL_SOURCE 0x1f
#define VIC_CNTL_MASK   0x3f

/* clang-format off */
#define VIC_REGISTERS(X)                                          \
    X(VIC_IRQSTATUS,    RO,  0x00000000, 0x00000000, 1)           \
    X(VIC_FIQSTATUS,    RO,  0x00000000, 0x00000000, 1)           \
    X(VIC_RAWINTR,      RO,  0x00000000, 0x00000000, 1)           \
    X(VIC_INTSELECT,    RW,  0xffffffff, 0x00000000, 1)           \
    X(VIC_INTENABLE,    W1S, 0xffffffff, 0x00000000, 1)           \
    X(VIC_INTENCLEAR,   WO,  0x00000000, 0x00000000, 1)           \
    X(VIC_SOFTINT,      W1S, 0xffffffff, 0x00000000, 1)           \
    X(VIC_SOFTINTCLEAR, WO,  0x00000000, 0x00000000, 1)           \
    X(VIC_PROTECTION,   RW,  0x00000001, 0x00000000, 1)           \
    X(VIC_VECTADDR,     RC,  0x00000000, 0x00000000, 1)           \
    X(VIC_DEFVECTADDR,  RW,  0xffffffff, 0x00000000, 1)           \
    X(VIC_VECTADDRn,    RW,  0xffffffff, 0x00000000, 16)          \
    X(VIC_VECTCNTLn,    RW,  0x0000003f, 0x00000000, 16)          \
    X(VIC_ID,           FX,  0x00000000, 0x00000090, 8)
/* clang-format on */

#endif
