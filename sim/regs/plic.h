/*
 * sim/regs/plic.h - register contract of the RISC-V platform-level interrupt controller.
 * Source: RISC-V PLIC Specification 1.0.0; sections beside the registers.  32-bit accesses
 * only.
 *
 * A context is a target: hart h in machine mode is context 2h, in supervisor mode 2h + 1.
 */
#ifndef SIM_REGS_PLIC_H
#define SIM_REGS_PLIC_H

#define PLIC_PRIORITY  0x000000 /* a word per source, higher is first, 0 is never (4) */
#define PLIC_PENDING   0x001000 /* a bit per source (5) */
#define PLIC_ENABLE    0x002000 /* a bit per source, PLIC_ENABLE_STRIDE a context (6) */
#define PLIC_THRESHOLD 0x200000 /* only priorities above it ask, a page per context (7) */
#define PLIC_CLAIM     0x200004 /* read: takes the best source, 0 is none (8) */
#define PLIC_COMPLETE  0x200004 /* write: its handler has ended (9) */

#define PLIC_ENABLE_STRIDE  0x80
#define PLIC_CONTEXT_STRIDE 0x1000
#define PLIC_PRIORITY_MASK  7 /* implementation defined: as on QEMU's board */

/* clang-format off */
#define PLIC_REGISTERS(X)                                \
    X(PLIC_PRIORITY,  RW, 0x00000007, 0x00000000, 96)    \
    X(PLIC_PENDING,   RO, 0x00000000, 0x00000000, 3)     \
    X(PLIC_ENABLE,    FX, 0xffffffff, 0x00000000, 35)

/* Of the two contexts of a hart, PLIC_CONTEXT_STRIDE apart. */
#define PLIC_CONTEXT_REGISTERS(X)                        \
    X(PLIC_THRESHOLD, RW, 0x00000007, 0x00000000, 2)     \
    X(PLIC_CLAIM,     RC, 0x00000000, 0x00000000, 2)     \
    X(PLIC_COMPLETE,  WO, 0x00000000, 0x00000000, 2)
/* clang-format on */

#endif
