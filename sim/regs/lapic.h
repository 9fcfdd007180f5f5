/*
 * sim/regs/lapic.h - register contract of the local APIC.
 * Source: Intel SDM volume 3A, chapter 10 (local APIC), table 10-1.  32-bit accesses, 16 bytes
 * apart.
 */
#ifndef SIM_REGS_LAPIC_H
#define SIM_REGS_LAPIC_H

#define LAPIC_ID   0x020 /* bits 31:24 (10.4.6) */
#define LAPIC_VER  0x030 /* (10.4.8) */
#define LAPIC_TPR  0x080 /* only classes above it are taken (10.8.3) */
#define LAPIC_APR  0x090
#define LAPIC_PPR  0x0a0 /* the higher of TPR and what is in service (10.8.3) */
#define LAPIC_EOI  0x0b0 /* any write ends the highest in service (10.8.5) */
#define LAPIC_LDR  0x0d0 /* bits 31:24: logical names (10.6.2) */
#define LAPIC_DFR  0x0e0 /* bits 31:28: flat or clusters */
#define LAPIC_SVR  0x0f0 /* spurious vector, software enable (10.9) */
#define LAPIC_ISR  0x100 /* in service, 32 vectors a word (10.8.4) */
#define LAPIC_TMR  0x180 /* came as a level */
#define LAPIC_IRR  0x200 /* requested */
#define LAPIC_ESR  0x280 /* (10.5.3) */
#define LAPIC_ICR  0x300 /* a write of the low word sends a message (10.6.1) */
#define LAPIC_ICR2 0x310
#define LAPIC_LVT  0x320 /* timer, thermal, counter, LINT0, LINT1, error (10.5.1) */
#define LAPIC_TICR 0x380
#define LAPIC_TCCR 0x390
#define LAPIC_TDCR 0x3e0

#define LAPIC_STRIDE      0x10
#define LAPIC_BYTES       0x1000
#define LAPIC_WORDS       8 /* of ISR, TMR, IRR */
#define LAPIC_LVTS        6
#define LAPIC_LVT_LINT0   3
#define LAPIC_LVT_LEVEL   0x00008000u
#define LAPIC_LVT_MASKED  0x00010000u
#define LAPIC_LVT_RW      0x0003a7ffu
#define LAPIC_SVR_ON      0x100
#define LAPIC_SVR_RW      0x1ff
#define LAPIC_ESR_VECTOR  0x40 /* a vector below 16 was received */
#define LAPIC_ESR_ADDRESS 0x80 /* there is no such register */
#define LAPIC_DFR_FLAT    0xf
#define LAPIC_VERSION     0x00050014

#define LAPIC_ICR_LOGICAL         0x800u
#define LAPIC_ICR2_RW             0xff000000u
#define LAPIC_ICR_LEVEL           0x8000u
#define LAPIC_ICR_SHORTHAND_SHIFT 18

#define LAPIC_FIRST_VECTOR 16 /* the lower ones are exceptions' */

/* clang-format off */
#define LAPIC_REGISTERS(X)                                    \
    X(LAPIC_ID,   RW, 0xff000000, 0x00000000, 1)              \
    X(LAPIC_VER,  RO, 0x00000000, 0x00050014, 1)              \
    X(LAPIC_TPR,  RW, 0x000000ff, 0x00000000, 1)              \
    X(LAPIC_APR,  RO, 0x00000000, 0x00000000, 1)              \
    X(LAPIC_PPR,  RO, 0x00000000, 0x00000000, 1)              \
    X(LAPIC_EOI,  WO, 0x00000000, 0x00000000, 1)              \
    X(LAPIC_LDR,  RW, 0xff000000, 0x00000000, 1)              \
    X(LAPIC_DFR,  FX, 0xf0000000, 0xffffffff, 1)              \
    X(LAPIC_SVR,  RW, 0x000001ff, 0x000000ff, 1)              \
    X(LAPIC_ISR,  RO, 0x00000000, 0x00000000, 8)              \
    X(LAPIC_TMR,  RO, 0x00000000, 0x00000000, 8)              \
    X(LAPIC_IRR,  RO, 0x00000000, 0x00000000, 8)              \
    X(LAPIC_ESR,  RO, 0x00000000, 0x00000000, 1)              \
    X(LAPIC_ICR,  FX, 0x00000000, 0x00000000, 1)              \
    X(LAPIC_ICR2, RW, 0xff000000, 0x00000000, 1)              \
    X(LAPIC_LVT,  FX, 0x0003a7ff, 0x00010000, 6)              \
    X(LAPIC_TICR, RW, 0xffffffff, 0x00000000, 1)              \
    X(LAPIC_TCCR, RO, 0x00000000, 0x00000000, 1)              \
    X(LAPIC_TDCR, RW, 0x0000000b, 0x00000000, 1)
/* clang-format on */

#endif
