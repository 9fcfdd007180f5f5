/*
 * sim/regs/board_vexpress.h - addresses and inputs of two Versatile Express boards:
 * `qemu-system-arm -M vexpress-a9` (legacy memory map) and `-M vexpress-a15` (the RS1 map).
 * Source: Arm DUI 0448 (CoreTile A9) and DUI 0604 (CoreTile A15), chapter 3; Arm DDI 0407 (A9
 * MPCore), 1.5; QEMU 7.2 hw/arm/vexpress.c.
 */
#ifndef SIM_REGS_BOARD_VEXPRESS_H
#define SIM_REGS_BOARD_VEXPRESS_H

#define VEXPRESS_A9_GICD_BASE   0x1e001000
#define VEXPRESS_A9_GICC_BASE   0x1e000100
#define VEXPRESS_A9_TIMER_BASE  0x10011000
#define VEXPRESS_A9_TIMER2_BASE 0x10012000
#define VEXPRESS_A9_UART_BASE   0x10009000
#define VEXPRESS_A9_SPIS        64

#define VEXPRESS_A15_GICD_BASE   0x2c001000
#define VEXPRESS_A15_GICC_BASE   0x2c002000
#define VEXPRESS_A15_TIMER_BASE  0x1c110000
#define VEXPRESS_A15_TIMER2_BASE 0x1c120000
#define VEXPRESS_A15_UART_BASE   0x1c090000
#define VEXPRESS_A15_SPIS        128

#define VEXPRESS_TIMER_SPI  2
#define VEXPRESS_TIMER2_SPI 3
#define VEXPRESS_UART_SPI   5

#endif
