/*
 * sim/regs/board_virt.h - addresses and inputs of `qemu-system-arm -M virt,gic-version=2`.
 * Source: QEMU 7.2 docs/system/arm/virt.rst and the device tree it makes (seen with dumpdtb).
 */
#ifndef SIM_REGS_BOARD_VIRT_H
#define SIM_REGS_BOARD_VIRT_H

#define VIRT_GICD_BASE 0x08000000
#define VIRT_GICC_BASE 0x08010000
#define VIRT_GICR_BASE 0x080a0000 /* with gic-version=3 instead */
#define VIRT_V2M_BASE  0x08020000
#define VIRT_V2M_SPI   48 /* the first of its messages; */
#define VIRT_V2M_SPIS  64 /* so many follow each other */
#define VIRT_UART_BASE 0x09000000
#define VIRT_UART_SPI  1
#define VIRT_RTC_BASE  0x09010000
#define VIRT_RTC_SPI   2
#define VIRT_GPIO_BASE 0x09030000
#define VIRT_GPIO_SPI  7
#define VIRT_SPIS      256 /* shared inputs of the GIC */

#endif
