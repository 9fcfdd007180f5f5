/*
 * sim/regs/nvic.h - Armv7-M System Control Space: SysTick, NVIC, system control block, MPU.
 * Source: Arm DDI 0403E.b, B3.2 (system control), B3.3 (SysTick), B3.4 (NVIC), B3.5 (MPU).
 */
#ifndef SIM_REGS_NVIC_H
#define SIM_REGS_NVIC_H

#define SCS_ICTR       0x004 /* inputs / 32 - 1 (B3.2.25) */
#define SCS_SYST_CSR   0x010 /* SysTick: on, pends, clock, has counted (B3.3.3) */
#define SCS_SYST_RVR   0x014 /* where it starts from (B3.3.4) */
#define SCS_SYST_CVR   0x018 /* the count; a write clears it (B3.3.5) */
#define SCS_SYST_CALIB 0x01c /* (B3.3.6) */
#define SCS_ISER       0x100 /* write 1 enables (B3.4.4) */
#define SCS_ICER       0x180 /* write 1 disables (B3.4.5) */
#define SCS_ISPR       0x200 /* write 1 makes pending (B3.4.6) */
#define SCS_ICPR       0x280 /* write 1 takes pending back, unless the wire holds it (B3.4.7) */
#define SCS_IABR       0x300 /* active (B3.4.8) */
#define SCS_IPR        0x400 /* a byte per input, lower is first (B3.4.9) */
#define SCS_IPR_END    0x5f0
#define SCS_CPUID      0xd00 /* (B3.2.3) */
#define SCS_ICSR       0xd04 /* what is active, what is next (B3.2.4) */
#define SCS_VTOR       0xd08 /* the vector table (B3.2.5) */
#define SCS_AIRCR      0xd0c /* where priorities split; reset (B3.2.6) */
#define SCS_SCR        0xd10 /* sleep (B3.2.7) */
#define SCS_CCR        0xd14 /* (B3.2.8) */
#define SCS_SHPR       0xd18 /* priorities of exceptions 4 to 15, a byte each (B3.2.10) */
#define SCS_SHCSR      0xd24 /* system exceptions: enabled, pending, active (B3.2.13) */
#define SCS_CFSR       0xd28 /* faults; write 1 clears (B3.2.15) */
#define SCS_HFSR       0xd2c /* (B3.2.16) */
#define SCS_DFSR       0xd30 /* (C1.6.1) */
#define SCS_MMFAR      0xd34 /* (B3.2.17) */
#define SCS_BFAR       0xd38 /* (B3.2.18) */
#define SCS_AFSR       0xd3c /* (B3.2.19) */
#define SCS_FEATURES   0xd40 /* 14 words of what the core can do (B4) */
#define SCS_CSSELR     0xd84 /* which cache CCSIDR tells of; a Cortex-M3 has none (B4.8.4) */
#define SCS_MPU_TYPE   0xd90 /* (B3.5.4) */
#define SCS_MPU_CTRL   0xd94 /* (B3.5.5) */
#define SCS_MPU_RNR    0xd98 /* (B3.5.7) */
#define SCS_MPU_RBAR   0xd9c /* and three aliases, 8 apart (B3.5.8) */
#define SCS_MPU_RASR   0xda0 /* (B3.5.9) */
#define SCS_STIR       0xf00 /* write an input's number: makes it pending (B3.2.26) */
#define SCS_ID         0xfe0 /* identification, one byte each */

#define NVIC_EXCEPTIONS 16u /* below them come the core's own; input n is exception 16 + n */
#define NVIC_INPUTS     32u /* as built into the AN385 image */

/* Exceptions by number (B1.5.2). */
#define NVIC_NMI       2
#define NVIC_HARDFAULT 3
#define NVIC_MEMMANAGE 4
#define NVIC_BUSFAULT  5
#define NVIC_USAGE     6
#define NVIC_SVCALL    11
#define NVIC_DEBUG     12
#define NVIC_PENDSV    14
#define NVIC_SYSTICK   15

#define SYST_CSR_ENABLE   0x1
#define SYST_CSR_WRITABLE 0x7
#define SYST_CALIB_VALUE  0x270f /* 10 ms of the 1 MHz reference clock */
#define SYST_COUNT_MASK   0x00ffffffu

#define ICSR_RETTOBASE   (1u << 11)
#define ICSR_VECTPENDING 12 /* shift */
#define ICSR_ISRPENDING  (1u << 22)
#define ICSR_PENDSTCLR   (1u << 25)
#define ICSR_PENDSTSET   (1u << 26)
#define ICSR_PENDSVCLR   (1u << 27)
#define ICSR_PENDSVSET   (1u << 28)
#define ICSR_NMIPENDSET  (1u << 31)

#define AIRCR_KEY      0x05fau /* in the upper half of what is written */
#define AIRCR_KEY_READ 0xfa050000u
#define AIRCR_PRIGROUP 8 /* shift, three bits */

#define VTOR_WRITABLE      0xffffff80
#define SCR_WRITABLE       0x16
#define CCR_NONBASETHRDENA 0x001
#define CCR_WRITABLE       0x31b
#define CCR_RESET          0x200
#define CFSR_INVPC         (1u << 18) /* a return that cannot be */
#define HFSR_FORCED        (1u << 30) /* a fault that could not be taken as itself */
#define CSSELR_WRITABLE    0xf
#define MPU_CTRL_WRITABLE  0x7
#define MPU_REGIONS        8

#define CPUID_VALUE    0x410fc231 /* Cortex-M3 r2p1 */
#define MPU_TYPE_VALUE (MPU_REGIONS << 8)

/* What only the processor does to it, as accesses for those that are no processor. */
#define NVIC_CPU_BASE   0x7d000000
#define NVIC_CPU_TAKE   0x0 /* read: takes the best exception; its number, 0: none */
#define NVIC_CPU_RETURN 0x4 /* write: returns from the active one */

/* clang-format off */
#define SCS_REGISTERS(X)                                         \
    X(SCS_ICTR,       RO,  0x00000000, 0x00000000, 1)            \
    X(SCS_SYST_CSR,   FX,  0x00000007, 0x00000000, 1)            \
    X(SCS_SYST_RVR,   RW,  0x00ffffff, 0x00000000, 1)            \
    X(SCS_SYST_CVR,   FX,  0x00000000, 0x00000000, 1)            \
    X(SCS_SYST_CALIB, RO,  0x00000000, 0x0000270f, 1)            \
    X(SCS_ISER,       W1S, 0xffffffff, 0x00000000, 1)            \
    X(SCS_ICER,       FX,  0xffffffff, 0x00000000, 1)            \
    X(SCS_ISPR,       W1S, 0xffffffff, 0x00000000, 1)            \
    X(SCS_ICPR,       FX,  0xffffffff, 0x00000000, 1)            \
    X(SCS_IABR,       RO,  0x00000000, 0x00000000, 1)            \
    X(SCS_IPR,        RW,  0xffffffff, 0x00000000, 8)            \
    X(SCS_CPUID,      RO,  0x00000000, 0x410fc231, 1)            \
    X(SCS_ICSR,       FX,  0x00000000, 0x00000800, 1)            \
    X(SCS_VTOR,       RW,  0xffffff80, 0x00000000, 1)            \
    X(SCS_AIRCR,      FX,  0x00000000, 0xfa050000, 1)            \
    X(SCS_SCR,        FX,  0x00000016, 0x00000000, 1)            \
    X(SCS_CCR,        FX,  0x0000031b, 0x00000200, 1)            \
    X(SCS_SHPR,       FX,  0x00000000, 0x00000000, 3)            \
    X(SCS_SHCSR,      FX,  0x00000000, 0x00000000, 1)            \
    X(SCS_CFSR,       W1C, 0xffffffff, 0x00000000, 1)            \
    X(SCS_HFSR,       W1C, 0xffffffff, 0x00000000, 1)            \
    X(SCS_DFSR,       W1C, 0xffffffff, 0x00000000, 1)            \
    X(SCS_MMFAR,      RW,  0xffffffff, 0x00000000, 1)            \
    X(SCS_BFAR,       RW,  0xffffffff, 0x00000000, 1)            \
    X(SCS_AFSR,       RO,  0x00000000, 0x00000000, 1)            \
    X(SCS_FEATURES,   FX,  0x00000000, 0x00000030, 14)           \
    X(SCS_CSSELR,     FX,  0x00000000, 0x00000000, 1)            \
    X(SCS_MPU_TYPE,   RO,  0x00000000, 0x00000800, 1)            \
    X(SCS_MPU_CTRL,   RW,  0x00000007, 0x00000000, 1)            \
    X(SCS_MPU_RNR,    FX,  0x00000007, 0x00000000, 1)            \
    X(SCS_MPU_RBAR,   FX,  0xffffffe0, 0x00000000, 1)            \
    X(SCS_MPU_RASR,   FX,  0x173fff3f, 0x00000000, 1)            \
    X(SCS_STIR,       WO,  0x00000000, 0x00000000, 1)            \
    X(SCS_ID,         FX,  0x00000000, 0x00000000, 8)
/* clang-format on */

#endif
