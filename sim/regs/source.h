/*
 * sim/regs/source.h - register contract of `source`, the smallest device with data.
 * Source: our own device, docs/devices.md.  32-bit accesses only.
 */
#ifndef SIM_REGS_SOURCE_H
#define SIM_REGS_SOURCE_H

#define SOURCE_STATUS 0x00 /* 1 while it asks for an interrupt */
#define SOURCE_COUNT  0x04 /* tokens it holds */
#define SOURCE_DATA   0x08 /* takes the oldest token and reads its byte, 0 if there is none */
#define SOURCE_ACK    0x0c /* any write ends a latched request; the tokens stay */
#define SOURCE_ENABLE 0x10 /* bit 0: may ask */

#define SOURCE_BASE   0x7f000000 /* of the first; the next ones follow SOURCE_STRIDE apart */
#define SOURCE_STRIDE 0x1000

/* clang-format off */
#define SOURCE_REGISTERS(X)                \
    X(SOURCE_STATUS, RO, 0x0, 0x0, 1)      \
    X(SOURCE_COUNT,  RO, 0x0, 0x0, 1)      \
    X(SOURCE_DATA,   RC, 0x0, 0x0, 1)      \
    X(SOURCE_ACK,    WO, 0x0, 0x0, 1)      \
    X(SOURCE_ENABLE, RW, 0x1, 0x1, 1)
/* clang-format on */

#endif
