/*
 * drivers/uart_ns16550.c - C driver of the 16550A UART (National PC16550D): receive by
 * interrupt, send by waiting for the holding register.
 *
 * Not driven: baud rate, modem lines, transmit interrupts.
 */
#include "drivers/port.h"
#include "sim/regs/ns16550.h"

static void setup(const struct drv_c_args *args)
{
    drv_port_write8(args->base + NS16550_IER, 0);
    drv_port_write8(args->base + NS16550_LCR, NS16550_LCR_WLEN8);
    drv_port_write8(args->base + NS16550_FCR,
                    NS16550_FCR_ENABLE | NS16550_FCR_RXCLR | NS16550_FCR_TXCLR);
    drv_port_write8(args->base + NS16550_MCR, NS16550_MCR_OUT2);
    drv_port_write8(args->base + NS16550_IER, NS16550_IER_RDI | NS16550_IER_RLSI);
}

/*
 * Until nothing is left to read: on a line that is an edge, a byte that comes between the last
 * look and the return raises it again only because the line has been low in between.
 */
static void irq(const struct drv_c_args *args)
{
    while (drv_port_read8(args->base + NS16550_LSR) & NS16550_LSR_DR)
        drv_port_push(args->file, drv_port_read8(args->base + NS16550_RBR));
}

static void write(const struct drv_c_args *args)
{
    while (!(drv_port_read8(args->base + NS16550_LSR) & NS16550_LSR_THRE)) {}
    drv_port_write8(args->base + NS16550_THR, args->value);
}

const struct drv_c_driver drv_c_ns16550 = {
    .name = "ns16550",
    .setup = setup,
    .irq = irq,
    .write = write,
};
