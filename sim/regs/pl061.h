/*
 * sim/regs/pl061.h - PL061 GPIO register contract: eight pins.
 * Source: Arm DDI 0190B, chapter 3 (registers) and 2.3 (interrupts).
 */
#ifndef SIM_REGS_PL061_H
#define SIM_REGS_PL061_H

#define PL061_DATA                                                                             \
    0x000 /* 256 words: address bits 9:2 say which pins are read, written (3.3.1) */
#define PL061_DIR   0x400 /* 1: output (3.3.2) */
#define PL061_IS    0x404 /* interrupt sense: 1 level, 0 edge (3.3.3) */
#define PL061_IBE   0x408 /* both edges (3.3.4) */
#define PL061_IEV   0x40c /* 1: rising edge, high level; 0: falling, low (3.3.5) */
#define PL061_IE    0x410 /* 1 lets through (3.3.6) */
#define PL061_RIS   0x414 /* raw status (3.3.7) */
#define PL061_MIS   0x418 /* masked status (3.3.8) */
#define PL061_IC    0x41c /* write 1 clears an edge (3.3.9) */
#define PL061_AFSEL 0x420 /* 1: not ours (3.3.10) */
#define PL061_ID    0xfe0 /* PeriphID0-3, PCellID0-3 (3.3.11, 3.3.12) */

#define PL061_DATA_WORDS 256
#define PL061_PINS       8

/* clang-format off */
#define PL061_REGISTERS(X)                    \
    X(PL061_DATA,  FX,  0x00, 0x00, 256)      \
    X(PL061_DIR,   RW,  0xff, 0x00, 1)        \
    X(PL061_IS,    FX,  0xff, 0x00, 1)        \
    X(PL061_IBE,   RW,  0xff, 0x00, 1)        \
    X(PL061_IEV,   FX,  0xff, 0x00, 1)        \
    X(PL061_IE,    RW,  0xff, 0x00, 1)        \
    X(PL061_RIS,   RO,  0x00, 0x00, 1)        \
    X(PL061_MIS,   RO,  0x00, 0x00, 1)        \
    X(PL061_IC,    W1C, 0xff, 0x00, 1)        \
    X(PL061_AFSEL, RW,  0xff, 0x00, 1)        \
    X(PL061_ID,    FX,  0x00, 0x61, 8)
/* clang-format on */

#endif
