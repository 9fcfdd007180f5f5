/*
 * sim/regs/pl031.h - PL031 real time clock register contract: a counter of seconds and an
 * alarm. Source: Arm DDI 0224B, chapter 3.
 */
#ifndef SIM_REGS_PL031_H
#define SIM_REGS_PL031_H

#define PL031_DR   0x00  /* seconds now (3.3.1) */
#define PL031_MR   0x04  /* match: the alarm (3.3.2) */
#define PL031_LR   0x08  /* load: sets the seconds (3.3.3) */
#define PL031_CR   0x0c  /* bit 0: started; stays so until reset (3.3.4) */
#define PL031_IMSC 0x10  /* bit 0 lets through (3.3.5) */
#define PL031_RIS  0x14  /* raw status (3.3.6) */
#define PL031_MIS  0x18  /* masked status (3.3.7) */
#define PL031_ICR  0x1c  /* write 1 clears (3.3.8) */
#define PL031_ID   0xfe0 /* PeriphID0-3, PCellID0-3 (3.3.9, 3.3.10) */

#define PL031_CR_START 0x1
#define PL031_INT      0x1

/* clang-format off */
#define PL031_REGISTERS(X)                              \
    X(PL031_DR,   RO,  0x00000000, 0x00000000, 1)       \
    X(PL031_MR,   RW,  0xffffffff, 0x00000000, 1)       \
    X(PL031_LR,   FX,  0xffffffff, 0x00000000, 1)       \
    X(PL031_CR,   FX,  0x00000001, 0x00000000, 1)       \
    X(PL031_IMSC, RW,  0x00000001, 0x00000000, 1)       \
    X(PL031_RIS,  RO,  0x00000000, 0x00000000, 1)       \
    X(PL031_MIS,  RO,  0x00000000, 0x00000000, 1)       \
    X(PL031_ICR,  W1C, 0x00000001, 0x00000000, 1)       \
    X(PL031_ID,   FX,  0x00000000, 0x00000031, 8)
/* clang-format on */

#endif
