/*
 * sim/regs/pl011.h - PL011 UART register contract.
 * Source: Arm DDI 0183G, chapter 3 (registers) and 2.8 (interrupts).
 */
#ifndef SIM_REGS_PL011_H
#define SIM_REGS_PL011_H

#define PL011_DR    0x000 /* data: a read takes the oldest character and its errors (3.3.1) */
#define PL011_RSR   0x004 /* receive status; any write clears it, as ECR (3.3.2) */
#define PL011_FR    0x018 /* flags (3.3.3) */
#define PL011_ILPR  0x020 /* IrDA low-power divisor (3.3.4) */
#define PL011_IBRD  0x024 /* integer divisor (3.3.5) */
#define PL011_FBRD  0x028 /* fractional divisor (3.3.6) */
#define PL011_LCR_H 0x02c /* line control (3.3.7) */
#define PL011_CR    0x030 /* control (3.3.8) */
#define PL011_IFLS  0x034 /* FIFO levels (3.3.9) */
#define PL011_IMSC  0x038 /* interrupt mask: 1 lets through (3.3.10) */
#define PL011_RIS   0x03c /* raw status (3.3.11) */
#define PL011_MIS   0x040 /* masked status (3.3.12) */
#define PL011_ICR   0x044 /* clear (3.3.13) */
#define PL011_DMACR 0x048 /* DMA control (3.3.14) */
#define PL011_ID    0xfe0 /* PeriphID0-3, PCellID0-3 (3.3.15, 3.3.16) */

#define PL011_DR_OE  0x800 /* characters were lost before this one */
#define PL011_RSR_OE 0x8

#define PL011_FR_CTS  0x001
#define PL011_FR_BUSY 0x008
#define PL011_FR_RXFE 0x010
#define PL011_FR_TXFF 0x020
#define PL011_FR_RXFF 0x040
#define PL011_FR_TXFE 0x080

#define PL011_LCR_H_BRK   0x01
#define PL011_LCR_H_FEN   0x10 /* FIFOs; else one character deep */
#define PL011_LCR_H_WLEN8 0x60 /* 8 data bits */

#define PL011_CR_UARTEN 0x001
#define PL011_CR_LBE    0x080
#define PL011_CR_TXE    0x100
#define PL011_CR_RXE    0x200

#define PL011_IFLS_RX_SHIFT 3

/* Bits of IMSC, RIS, MIS and ICR. */
#define PL011_INT_RX  0x010 /* the FIFO rose to its level (2.8.2) */
#define PL011_INT_TX  0x020 /* set on the fall THROUGH the level, not at it (2.8.3) */
#define PL011_INT_RT  0x040 /* not empty and nothing came for 32 bit times (2.8.4) */
#define PL011_INT_OE  0x400
#define PL011_INT_ALL 0x7ff

#define PL011_FIFO_DEPTH 16

/* clang-format off */
#define PL011_REGISTERS(X)                       \
    X(PL011_DR,    RC,  0x0000, 0x000, 1)        \
    X(PL011_RSR,   FX,  0x0000, 0x000, 1)        \
    X(PL011_FR,    RO,  0x0000, 0x090, 1)        \
    X(PL011_ILPR,  RW,  0x00ff, 0x000, 1)        \
    X(PL011_IBRD,  RW,  0xffff, 0x000, 1)        \
    X(PL011_FBRD,  RW,  0x003f, 0x000, 1)        \
    X(PL011_LCR_H, RW,  0x00ff, 0x000, 1)        \
    X(PL011_CR,    RW,  0xff87, 0x300, 1)        \
    X(PL011_IFLS,  RW,  0x003f, 0x012, 1)        \
    X(PL011_IMSC,  RW,  0x07ff, 0x000, 1)        \
    X(PL011_RIS,   RO,  0x0000, 0x000, 1)        \
    X(PL011_MIS,   RO,  0x0000, 0x000, 1)        \
    X(PL011_ICR,   W1C, 0x07ff, 0x000, 1)        \
    X(PL011_DMACR, RW,  0x0007, 0x000, 1)        \
    X(PL011_ID,    FX,  0x0000, 0x011, 8)
/* clang-format on */

#endif
