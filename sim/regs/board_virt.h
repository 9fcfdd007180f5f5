/*
 * sim/regs/board_virt.h - addresses and inputs of `qemu-system-arm -M virt,gic-version=2`.
 * Source: QEMU 7.2 docs/system/arm/virt.rst and the device tree it makes (seen with dumpdtb).
 */
#ifndef SIM_REGS_BOARD_VIRT_H
#define SIM_REGS_BOARD_VIRT_H

#define VIRT_GICD_BASE 0x08000000
#define VIRT_GICC_BASE 0x08010000
#define VIRT_GICR_BASE 0x080a0000 /* with gic-version=3 instead */
#define VIRT_GITS_BASE 0x08080000 /* the same */
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

/* The memory that a bus master sees: flash, which is empty, and RAM. */
#define VIRT_FLASH_BYTES 0x08000000
#define VIRT_RAM_BASE    0x40000000
#define VIRT_RAM_BYTES   0x08000000
#define VIRT_RAM_KEPT    0x40100000 /* in front of it lies the device tree; */
#define VIRT_KEPT_BYTES  0x00100000 /* so much of it is kept in a probe */

/* Where the driver of the ITS lays its tables, each on a page of its own. */
#define VIRT_ITS_QUEUE       (VIRT_RAM_KEPT + 0x0000)
#define VIRT_ITS_DEVICES     (VIRT_RAM_KEPT + 0x1000)
#define VIRT_ITS_COLLECTIONS (VIRT_RAM_KEPT + 0x2000)
#define VIRT_ITS_EVENTS      (VIRT_RAM_KEPT + 0x4000) /* 1024 entries of 12 bytes */
#define VIRT_LPI_CONFIG      (VIRT_RAM_KEPT + 0x8000)
#define VIRT_LPI_PENDING     (VIRT_RAM_KEPT + 0x10000) /* a step from CPU to CPU */
#define VIRT_LPI_STEP        0x10000

#endif
