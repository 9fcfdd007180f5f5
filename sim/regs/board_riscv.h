/*
 * sim/regs/board_riscv.h - addresses and sources of `qemu-system-riscv64 -M virt`, with a PLIC,
 * with `aia=aplic` and with `aia=aplic-imsic`.
 * Source: QEMU 7.2 hw/riscv/virt.c and the device tree it makes (seen with dumpdtb).
 *
 * The control registers of a hart have no address: the page RISCV_CSR_BASE stands for those
 * that belong to its interrupt file.
 */
#ifndef SIM_REGS_BOARD_RISCV_H
#define SIM_REGS_BOARD_RISCV_H

#define RISCV_PLIC_BASE     0x0c000000
#define RISCV_APLICM_BASE   0x0c000000
#define RISCV_APLICS_BASE   0x0d000000
#define RISCV_IMSICM_BASE   0x24000000
#define RISCV_UART_BASE     0x10000000
#define RISCV_CSR_BASE      0x7d000000
#define RISCV_UART_SOURCE   10
#define RISCV_APLIC_SOURCES 97 /* the same with one more: 1 to 96 */
#define RISCV_SOURCES       96 /* source 0 is none; 1 to 95 */

#endif
