/*
 * sim/regs/aplic.h - register contract of the RISC-V advanced platform-level interrupt
 * controller and of the interrupt file to which it sends messages.
 * Source: RISC-V Advanced Interrupt Architecture 1.0, chapters 3 (IMSIC) and 4 (APLIC).
 * 32-bit accesses only.  The registers below belong to one domain.
 */
#ifndef SIM_REGS_APLIC_H
#define SIM_REGS_APLIC_H

#define APLIC_DOMAINCFG   0x0000 /* (4.5.1) */
#define APLIC_SOURCECFG   0x0000 /* + 4 * source, from source 1 on (4.5.2) */
#define APLIC_MMSICFGADDR 0x1bc0 /* where messages go, and three more (4.5.3, 4.5.4) */
#define APLIC_SETIP       0x1c00 /* a bit per source (4.5.5) */
#define APLIC_SETIPNUM    0x1cdc /* write a source (4.5.6) */
#define APLIC_IN_CLRIP    0x1d00 /* read: the inputs; write 1: clears pending (4.5.7) */
#define APLIC_CLRIPNUM    0x1ddc /* (4.5.8) */
#define APLIC_SETIE       0x1e00 /* (4.5.9) */
#define APLIC_SETIENUM    0x1edc /* (4.5.10) */
#define APLIC_CLRIE       0x1f00 /* (4.5.11) */
#define APLIC_CLRIENUM    0x1fdc /* (4.5.12) */
#define APLIC_SETIPNUM_LE 0x2000 /* (4.5.13) */
#define APLIC_SETIPNUM_BE 0x2004 /* (4.5.14) */
#define APLIC_GENMSI      0x3000 /* (4.5.15) */
#define APLIC_TARGET      0x3000 /* + 4 * source, from source 1 on (4.5.16) */
#define APLIC_IDC         0x4000 /* per hart, APLIC_IDC_STRIDE apart (4.8.1) */

#define APLIC_IDELIVERY  0x00 /* of an IDC: 1 lets it ask */
#define APLIC_IFORCE     0x04 /* 1: asks without a source */
#define APLIC_ITHRESHOLD 0x08 /* only priorities below it ask; 0: all */
#define APLIC_TOPI       0x18 /* the best source and its priority */
#define APLIC_CLAIMI     0x1c /* read: the same, and takes it */

#define APLIC_IDC_STRIDE 0x20
#define APLIC_BIT_WORDS  4 /* of a bank with a bit per source, as on QEMU's board */

#define APLIC_DOMAINCFG_RO 0x80000000u
#define APLIC_DOMAINCFG_IE 0x100u
#define APLIC_DOMAINCFG_DM 0x004u /* delivers by messages */

#define APLIC_SOURCECFG_D     0x400u /* delegated to the child domain in bits 9:0 */
#define APLIC_SOURCECFG_CHILD 0x3ffu
#define APLIC_SOURCECFG_SM    0x007u /* source mode */

#define APLIC_SM_INACTIVE 0
#define APLIC_SM_DETACHED 1 /* only software sets pending */
#define APLIC_SM_RISING   4
#define APLIC_SM_FALLING  5
#define APLIC_SM_HIGH     6
#define APLIC_SM_LOW      7

#define APLIC_TARGET_HART_SHIFT 18
#define APLIC_TARGET_PRIORITY   0xffu  /* direct delivery; lower is first */
#define APLIC_TARGET_EIID       0x7ffu /* by messages: the identity at the interrupt file */
#define APLIC_PRIORITY_MASK     7      /* implementation defined: as on QEMU's board */
#define APLIC_TOPI_SHIFT        16

/* Registers of a hart's interrupt file, as offsets in RISCV_CSR_BASE: they are CSRs (3.8). */
#define IMSIC_TOPEI       0x000 /* read: the best identity twice, and takes it (3.10) */
#define IMSIC_EIDELIVERY  0x004 /* 1 lets it ask */
#define IMSIC_EITHRESHOLD 0x008 /* only identities below it ask; 0: all */
#define IMSIC_EIP         0x100 /* a bit per identity */
#define IMSIC_EIE         0x200

#define IMSIC_SETEIPNUM_LE 0x000 /* in its page of memory: a message arrives (3.5) */
#define IMSIC_TOPEI_SHIFT  16

/* clang-format off */
#define APLIC_REGISTERS(X)                                     \
    X(APLIC_DOMAINCFG,   FX, 0x00000100, 0x80000000, 1)        \
    X(APLIC_SOURCECFG,   FX, 0x000007ff, 0x80000000, 97)       \
    X(APLIC_SETIP,       FX, 0x00000000, 0x00000000, 4)        \
    X(APLIC_SETIPNUM,    WO, 0x00000000, 0x00000000, 1)        \
    X(APLIC_IN_CLRIP,    FX, 0x00000000, 0x00000000, 4)        \
    X(APLIC_CLRIPNUM,    WO, 0x00000000, 0x00000000, 1)        \
    X(APLIC_SETIE,       FX, 0x00000000, 0x00000000, 4)        \
    X(APLIC_SETIENUM,    WO, 0x00000000, 0x00000000, 1)        \
    X(APLIC_CLRIE,       WO, 0x00000000, 0x00000000, 4)        \
    X(APLIC_CLRIENUM,    WO, 0x00000000, 0x00000000, 1)        \
    X(APLIC_SETIPNUM_LE, WO, 0x00000000, 0x00000000, 1)        \
    X(APLIC_SETIPNUM_BE, WO, 0x00000000, 0x00000000, 1)        \
    X(APLIC_TARGET,      FX, 0xffffffff, 0x00000000, 97)

/* Of the interrupt delivery control of a hart, APLIC_IDC + offset. */
#define APLIC_IDC_REGISTERS(X)                                 \
    X(APLIC_IDELIVERY,   RW, 0x00000001, 0x00000000, 1)        \
    X(APLIC_IFORCE,      RW, 0x00000001, 0x00000000, 1)        \
    X(APLIC_ITHRESHOLD,  RW, 0x00000007, 0x00000000, 1)        \
    X(APLIC_TOPI,        RO, 0x00000000, 0x00000000, 1)        \
    X(APLIC_CLAIMI,      RC, 0x00000000, 0x00000000, 1)

#define IMSIC_REGISTERS(X)                                     \
    X(IMSIC_TOPEI,       RC, 0x00000000, 0x00000000, 1)        \
    X(IMSIC_EIDELIVERY,  RW, 0x00000001, 0x00000000, 1)        \
    X(IMSIC_EITHRESHOLD, RW, 0x000000ff, 0x00000000, 1)        \
    X(IMSIC_EIP,         FX, 0xffffffff, 0x00000000, 4)        \
    X(IMSIC_EIE,         FX, 0xffffffff, 0x00000000, 4)
/* clang-format on */

#endif
