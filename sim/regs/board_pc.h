/*
 * sim/regs/board_pc.h - addresses and inputs of `qemu-system-x86_64 -M pc` and `-M q35`.
 * Source: QEMU 7.2 hw/i386/pc.c, hw/i386/pc_piix.c, hw/i386/pc_q35.c.
 *
 * The PC has I/O ports beside its memory; the simulator has one bus.  A port block is a page of
 * its own there: PC_PORTS(first port), where a byte is a port.  The interrupt acknowledge cycle
 * of the CPU, which has no address at all, is a read of PC_INTA.
 */
#ifndef SIM_REGS_BOARD_PC_H
#define SIM_REGS_BOARD_PC_H

#define PC_PORTS(port)      (0x60000000 + (port)*0x1000)
/* ... and back: the port that an address stands for. */
#define PC_PORT_OF(address) (((address) >> 12 & 0xffff) + ((address)&0xfff))

#define PC_PIC0_PORT 0x20
#define PC_PIT_PORT  0x40
#define PC_PIC1_PORT 0xa0
#define PC_COM2_PORT 0x2f8
#define PC_COM1_PORT 0x3f8
#define PC_ELCR_PORT 0x4d0

#define PC_PIC0_BASE PC_PORTS(PC_PIC0_PORT)
#define PC_PIC1_BASE PC_PORTS(PC_PIC1_PORT)
#define PC_ELCR_BASE PC_PORTS(PC_ELCR_PORT)
#define PC_PIT_BASE  PC_PORTS(PC_PIT_PORT)
#define PC_COM1_BASE PC_PORTS(PC_COM1_PORT)
#define PC_COM2_BASE PC_PORTS(PC_COM2_PORT)
#define PC_INTA_BASE 0x7d000000

#define PC_IOAPIC_BASE 0xfec00000
#define PC_LAPIC_BASE  0xfee00000

#define PC_IRQS        16 /* inputs of the two 8259A */
#define PC_CASCADE_IRQ 2  /* the slave's output */
#define PC_IOAPIC_PINS 24
#define PC_MSI_PIN     23 /* in a probe of `pc-msi`: makes the acknowledge cycle */
#define PC_PIT_PIN     2  /* of the IO-APIC; IRQ 0 of the 8259A */

#endif
