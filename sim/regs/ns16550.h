/*
 * sim/regs/ns16550.h - register contract of the 16550A UART.
 * Source: National PC16550D data sheet, section 8; bytes, one address each.
 *
 * With LCR.DLAB the first two addresses are the divisor.
 */
#ifndef SIM_REGS_NS16550_H
#define SIM_REGS_NS16550_H

#define NS16550_RBR 0 /* read: takes the oldest character (8.0) */
#define NS16550_THR 0 /* write: sends one (8.0) */
#define NS16550_IER 1 /* which interrupts may ask (8.6) */
#define NS16550_IIR 2 /* read: which one asks (8.5); a read of THRE ends it */
#define NS16550_FCR 2 /* write: FIFOs (8.4) */
#define NS16550_LCR 3 /* line control (8.1) */
#define NS16550_MCR 4 /* modem control (8.7) */
#define NS16550_LSR 5 /* line status (8.3) */
#define NS16550_MSR 6 /* modem status (8.8) */
#define NS16550_SCR 7 /* scratch (8.9) */
#define NS16550_DLL 0 /* divisor, low and high byte (8.2) */
#define NS16550_DLM 1

#define NS16550_IER_RDI  0x01 /* received data, time-out */
#define NS16550_IER_THRI 0x02 /* transmitter empty */
#define NS16550_IER_RLSI 0x04 /* line status */
#define NS16550_IER_MSI  0x08 /* modem status */

#define NS16550_IIR_NONE    0x01
#define NS16550_IIR_MSI     0x00
#define NS16550_IIR_THRI    0x02
#define NS16550_IIR_RDI     0x04
#define NS16550_IIR_RLSI    0x06
#define NS16550_IIR_TIMEOUT 0x0c
#define NS16550_IIR_FIFO    0xc0 /* FIFOs are on */

#define NS16550_FCR_ENABLE      0x01
#define NS16550_FCR_RXCLR       0x02
#define NS16550_FCR_TXCLR       0x04
#define NS16550_FCR_KEPT        0xc9
#define NS16550_FCR_LEVEL_SHIFT 6 /* characters that make the receive interrupt: 1 4 8 14 */

#define NS16550_LCR_WLEN8 0x03
#define NS16550_LCR_DLAB  0x80

#define NS16550_MCR_OUT2 0x08
#define NS16550_MCR_LOOP 0x10
#define NS16550_MCR_MASK 0x1f

#define NS16550_LSR_DR   0x01 /* a character is there */
#define NS16550_LSR_OE   0x02 /* one was lost */
#define NS16550_LSR_THRE 0x20
#define NS16550_LSR_TEMT 0x40

#define NS16550_MSR_LINES 0xb0 /* CTS, DSR and DCD: the other end is there */

#define NS16550_FIFO_DEPTH 16
#define NS16550_CLOCK_HZ   1843200 /* 16 clocks and the divisor make a bit */
#define NS16550_DIVISOR    12

/* clang-format off */
#define NS16550_REGISTERS(X)                 \
    X(NS16550_RBR, RC,  0x00, 0x00, 1)       \
    X(NS16550_THR, WO,  0x00, 0x00, 1)       \
    X(NS16550_IER, RW,  0x0f, 0x00, 1)       \
    X(NS16550_IIR, RC,  0x00, 0x01, 1)       \
    X(NS16550_FCR, WO,  0x00, 0x00, 1)       \
    X(NS16550_LCR, RW,  0xff, 0x00, 1)       \
    X(NS16550_MCR, RW,  0x1f, 0x08, 1)       \
    X(NS16550_LSR, RC,  0x00, 0x60, 1)       \
    X(NS16550_MSR, RO,  0x00, 0xb0, 1)       \
    X(NS16550_SCR, RW,  0xff, 0x00, 1)
/* clang-format on */

#endif
