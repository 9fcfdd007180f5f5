/*
 * sim/regs/cmsdk_timer.h - timer of the Cortex-M System Design Kit: one down counter.
 * Source: Arm DDI 0479D, 4.1 (APB timer).
 */
#ifndef SIM_REGS_CMSDK_TIMER_H
#define SIM_REGS_CMSDK_TIMER_H

#define CMSDK_TIMER_CTRL      0x00  /* on, external enable and clock, interrupt enable */
#define CMSDK_TIMER_VALUE     0x04  /* the count */
#define CMSDK_TIMER_RELOAD    0x08  /* where a round starts from; also sets the count */
#define CMSDK_TIMER_INTSTATUS 0x0c  /* it has reached 0; write 1 clears */
#define CMSDK_TIMER_ID        0xfd0 /* PID4-7, PID0-3, CID0-3 */

#define CMSDK_TIMER_CTRL_EN    0x1
#define CMSDK_TIMER_CTRL_IRQEN 0x8
#define CMSDK_TIMER_CTRL_MASK  0xf

#define CMSDK_TIMER_TICK_NS 40 /* 25 MHz */

/* clang-format off */
#define CMSDK_TIMER_REGISTERS(X)                                    \
    X(CMSDK_TIMER_CTRL,      RW,  0x0000000f, 0x00000000, 1)        \
    X(CMSDK_TIMER_VALUE,     FX,  0xffffffff, 0x00000000, 1)        \
    X(CMSDK_TIMER_RELOAD,    FX,  0xffffffff, 0x00000000, 1)        \
    X(CMSDK_TIMER_INTSTATUS, W1C, 0x00000001, 0x00000000, 1)        \
    X(CMSDK_TIMER_ID,        FX,  0x00000000, 0x00000004, 12)
/* clang-format on */

#endif
