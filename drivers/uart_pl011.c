/*
 * drivers/uart_pl011.c - C driver of the PL011 UART (Arm DDI 0183): receive by interrupt, send
 * by waiting for room.
 *
 * Not driven: baud rate, modem lines, DMA, transmit interrupts.
 */
#include "drivers/port.h"
#include "sim/regs/pl011.h"

static void setup(const struct drv_c_args *args)
{
    drv_port_write32(args->base + PL011_CR, 0);
    drv_port_write32(args->base + PL011_ICR, PL011_INT_ALL);
    drv_port_write32(args->base + PL011_LCR_H, PL011_LCR_H_WLEN8 | PL011_LCR_H_FEN);
    drv_port_write32(args->base + PL011_IMSC, PL011_INT_RX | PL011_INT_RT);
    drv_port_write32(args->base + PL011_CR, PL011_CR_UARTEN | PL011_CR_TXE | PL011_CR_RXE);
}

/*
 * Clear first, then drain: a byte that comes while the FIFO is being drained sets the status
 * again.  The other order loses it under an edge.
 */
static void irq(const struct drv_c_args *args)
{
    drv_port_write32(args->base + PL011_ICR, PL011_INT_RX | PL011_INT_RT);
    while (!(drv_port_read32(args->base + PL011_FR) & PL011_FR_RXFE))
        drv_port_push(args->file, drv_port_read32(args->base + PL011_DR));
}

static void write(const struct drv_c_args *args)
{
    while (drv_port_read32(args->base + PL011_FR) & PL011_FR_TXFF) {}
    drv_port_write32(args->base + PL011_DR, args->value);
}

const struct drv_c_driver drv_c_pl011 = {
    .name = "pl011",
    .setup = setup,
    .irq = irq,
    .write = write,
};
