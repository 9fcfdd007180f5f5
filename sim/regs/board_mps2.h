/*
 * sim/regs/board_mps2.h - addresses and inputs of `qemu-system-arm -M mps2-an385`.
 * Source: Arm DAI 0385 (memory map, interrupts); QEMU 7.2 hw/arm/mps2.c.
 */
#ifndef SIM_REGS_BOARD_MPS2_H
#define SIM_REGS_BOARD_MPS2_H

#define MPS2_SCS_BASE   0xe000e000
#define MPS2_UART_BASE  0x40004000 /* three of them, a page each */
#define MPS2_TIMER_BASE 0x40000000 /* two of them, a page each */

#define MPS2_UART_RX_IRQ 0 /* receiver; the transmitter has the next input */
#define MPS2_TIMER_IRQ   8

#define MPS2_UART_OVERRUN_IRQ 12 /* of all */

#endif
