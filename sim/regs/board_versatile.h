/*
 * sim/regs/board_versatile.h - addresses and inputs of `qemu-system-arm -M versatilepb`.
 * Source: Arm DUI 0225D, 4.1 (memory map) and 4.11 (interrupts); QEMU 7.2 hw/arm/versatilepb.c.
 */
#ifndef SIM_REGS_BOARD_VERSATILE_H
#define SIM_REGS_BOARD_VERSATILE_H

#define VERSATILE_VIC_BASE    0x10140000
#define VERSATILE_SIC_BASE    0x10003000
#define VERSATILE_TIMER_BASE  0x101e2000
#define VERSATILE_TIMER2_BASE 0x101e3000
#define VERSATILE_GPIO_BASE   0x101e4000 /* four of them, a page each */
#define VERSATILE_RTC_BASE    0x101e8000
#define VERSATILE_UART_BASE   0x101f1000 /* three of them, a page each */

#define VERSATILE_TIMER_IRQ  4
#define VERSATILE_TIMER2_IRQ 5
#define VERSATILE_GPIO_IRQ   6
#define VERSATILE_RTC_IRQ    10
#define VERSATILE_UART_IRQ   12

#define VERSATILE_VIC_INPUTS 32 /* behind them count the secondary controller's 32 */

#endif
