/*
 * sim/regs/i8254.h - register contract of the Intel 8254 programmable interval timer.
 * Source: Intel 8254 data sheet (231164); bytes, one port each.
 */
#ifndef SIM_REGS_I8254_H
#define SIM_REGS_I8254_H

#define I8254_COUNTER                                                                          \
    0 /* three of them: the count, low and high byte as the control word says */
#define I8254_CONTROL 3 /* write: a control word, or a command to latch */

#define I8254_SELECT_SHIFT 6    /* of a control word: which counter; 3 reads back */
#define I8254_RW_SHIFT     4    /* 0 latches the count, 1 low byte, 2 high byte, 3 both */
#define I8254_MODE_SHIFT   1    /* 0 to 5; 6 and 7 are 2 and 3 */
#define I8254_READ_BACK    3    /* selects nothing: latches of several counters */
#define I8254_NO_COUNT     0x20 /* of a read-back: leaves the counts alone ... */
#define I8254_NO_STATUS    0x10 /* ... or the status bytes */

#define I8254_MODE_TERMINAL 0 /* OUT rises once */
#define I8254_MODE_RATE     2 /* OUT falls for one clock each round */
#define I8254_MODE_SQUARE   3 /* OUT is low for half a round */
#define I8254_MODE_STROBE   4 /* OUT falls for one clock, once */

#define I8254_STATUS_OUT  0x80
#define I8254_STATUS_NULL 0x40 /* the count has not been loaded yet */

#define I8254_COUNTERS 3
#define I8254_CLOCK_HZ 1193182

/* clang-format off */
#define I8254_REGISTERS(X)                   \
    X(I8254_COUNTER, FX, 0xff, 0x00, 3)      \
    X(I8254_CONTROL, WO, 0x00, 0x00, 1)
/* clang-format on */

#endif
