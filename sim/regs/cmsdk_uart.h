/*
 * sim/regs/cmsdk_uart.h - UART of the Cortex-M System Design Kit: one buffer each way.
 * Source: Arm DDI 0479D, 4.2 (APB UART).
 */
#ifndef SIM_REGS_CMSDK_UART_H
#define SIM_REGS_CMSDK_UART_H

#define CMSDK_UART_DATA      0x00  /* read: the receive buffer; write: the transmit buffer */
#define CMSDK_UART_STATE     0x04  /* buffers full, overruns; write 1 clears an overrun */
#define CMSDK_UART_CTRL      0x08  /* directions on, interrupts enabled */
#define CMSDK_UART_INTSTATUS 0x0c  /* what has come; write 1 clears, overruns in STATE, too */
#define CMSDK_UART_BAUDDIV   0x10  /* clocks of a bit */
#define CMSDK_UART_ID        0xfd0 /* PID4-7, PID0-3, CID0-3 */

/* STATE. */
#define CMSDK_UART_STATE_TXFULL 0x1
#define CMSDK_UART_STATE_RXFULL 0x2
#define CMSDK_UART_STATE_TXOVR  0x4
#define CMSDK_UART_STATE_RXOVR  0x8
#define CMSDK_UART_STATE_OVR    0xc

#define CMSDK_UART_CTRL_TXEN      0x01
#define CMSDK_UART_CTRL_RXEN      0x02
#define CMSDK_UART_CTRL_TXINTEN   0x04
#define CMSDK_UART_CTRL_RXINTEN   0x08
#define CMSDK_UART_CTRL_OVR_SHIFT 2 /* TXOVRINTEN and RXOVRINTEN are as far behind STATE's */
#define CMSDK_UART_CTRL_MASK      0x7f

#define CMSDK_UART_INT_TX 0x1
#define CMSDK_UART_INT_RX 0x2

#define CMSDK_UART_BAUDDIV_MASK 0xfffff

/* clang-format off */
#define CMSDK_UART_REGISTERS(X)                                     \
    X(CMSDK_UART_DATA,      FX,  0x000000ff, 0x00000000, 1)         \
    X(CMSDK_UART_STATE,     W1C, 0x0000000c, 0x00000000, 1)         \
    X(CMSDK_UART_CTRL,      FX,  0x0000007f, 0x00000000, 1)         \
    X(CMSDK_UART_INTSTATUS, W1C, 0x0000000f, 0x00000000, 1)         \
    X(CMSDK_UART_BAUDDIV,   RW,  0x000fffff, 0x00000000, 1)         \
    X(CMSDK_UART_ID,        FX,  0x00000000, 0x00000004, 12)
/* clang-format on */

#endif
