/*
 * sim/regs/sp804.h - SP804 dual timer register contract: two down counters, 0x20 apart.
 * Source: Arm DDI 0271D, chapter 3.
 */
#ifndef SIM_REGS_SP804_H
#define SIM_REGS_SP804_H

#define SP804_LOAD   0x00  /* where it starts from, at once (3.3.1) */
#define SP804_VALUE  0x04  /* the count (3.3.2) */
#define SP804_CTRL   0x08  /* (3.3.3) */
#define SP804_INTCLR 0x0c  /* any write clears RIS (3.3.4) */
#define SP804_RIS    0x10  /* it has reached 0 (3.3.5) */
#define SP804_MIS    0x14  /* the same, if CTRL.IE (3.3.6) */
#define SP804_BGLOAD 0x18  /* LOAD from the next round on (3.3.7) */
#define SP804_ID     0xfe0 /* PeriphID0-3, PCellID0-3 (3.3.10, 3.3.11) */

#define SP804_TIMER_STRIDE 0x20 /* the second timer's registers follow */
#define SP804_TIMERS       2

#define SP804_CTRL_ONESHOT   0x01 /* stops at 0 */
#define SP804_CTRL_32BIT     0x02 /* else it counts 16 bits */
#define SP804_CTRL_PRE_SHIFT 2    /* clock divided by 1, 16, 256 */
#define SP804_CTRL_IE        0x20
#define SP804_CTRL_PERIODIC  0x40 /* from LOAD again; else from all ones */
#define SP804_CTRL_EN        0x80

#define SP804_TICK_NS 1000 /* its clock on these boards: 1 MHz */

/* The second timer's, under names of their own. */
#define SP804_LOAD_2   (SP804_LOAD + SP804_TIMER_STRIDE)
#define SP804_VALUE_2  (SP804_VALUE + SP804_TIMER_STRIDE)
#define SP804_CTRL_2   (SP804_CTRL + SP804_TIMER_STRIDE)
#define SP804_INTCLR_2 (SP804_INTCLR + SP804_TIMER_STRIDE)
#define SP804_RIS_2    (SP804_RIS + SP804_TIMER_STRIDE)
#define SP804_MIS_2    (SP804_MIS + SP804_TIMER_STRIDE)
#define SP804_BGLOAD_2 (SP804_BGLOAD + SP804_TIMER_STRIDE)

/* clang-format off */
#define SP804_REGISTERS(X)                                  \
    X(SP804_LOAD,     FX, 0xffffffff, 0x00000000, 1)        \
    X(SP804_VALUE,    FX, 0x00000000, 0xffffffff, 1)        \
    X(SP804_CTRL,     FX, 0x000000ef, 0x00000020, 1)        \
    X(SP804_INTCLR,   WO, 0x00000000, 0x00000000, 1)        \
    X(SP804_RIS,      RO, 0x00000000, 0x00000000, 1)        \
    X(SP804_MIS,      RO, 0x00000000, 0x00000000, 1)        \
    X(SP804_BGLOAD,   FX, 0xffffffff, 0x00000000, 1)        \
    X(SP804_LOAD_2,   FX, 0xffffffff, 0x00000000, 1)        \
    X(SP804_VALUE_2,  FX, 0x00000000, 0xffffffff, 1)        \
    X(SP804_CTRL_2,   FX, 0x000000ef, 0x00000020, 1)        \
    X(SP804_INTCLR_2, WO, 0x00000000, 0x00000000, 1)        \
    X(SP804_RIS_2,    RO, 0x00000000, 0x00000000, 1)        \
    X(SP804_MIS_2,    RO, 0x00000000, 0x00000000, 1)        \
    X(SP804_BGLOAD_2, FX, 0xffffffff, 0x00000000, 1)        \
    X(SP804_ID,       FX, 0x00000000, 0x00000004, 8)
/* clang-format on */

#endif
