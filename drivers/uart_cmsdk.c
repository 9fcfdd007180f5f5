/*
 * drivers/uart_cmsdk.c - C driver of the CMSDK UART (Arm DDI 0479D): receive by interrupt, send
 * by waiting for room.
 *
 * Not driven: transmit and overrun interrupts.
 */
#include "drivers/port.h"
#include "sim/regs/cmsdk_uart.h"

enum { CLOCKS_OF_BIT = 217 }; /* 115200 baud of 25 MHz */

static void setup(const struct drv_c_args *args)
{
    drv_port_write32(args->base + CMSDK_UART_CTRL, 0);
    drv_port_write32(args->base + CMSDK_UART_INTSTATUS, 0xf);
    drv_port_write32(args->base + CMSDK_UART_BAUDDIV, CLOCKS_OF_BIT);
    drv_port_write32(args->base + CMSDK_UART_CTRL,
                     CMSDK_UART_CTRL_TXEN | CMSDK_UART_CTRL_RXEN | CMSDK_UART_CTRL_RXINTEN);
}

/* Clear first: a character that comes behind the read sets the status again. */
static void irq(const struct drv_c_args *args)
{
    drv_port_write32(args->base + CMSDK_UART_INTSTATUS, CMSDK_UART_INT_RX);
    while (drv_port_read32(args->base + CMSDK_UART_STATE) & CMSDK_UART_STATE_RXFULL)
        drv_port_push(args->file, drv_port_read32(args->base + CMSDK_UART_DATA));
}

static void write(const struct drv_c_args *args)
{
    while (drv_port_read32(args->base + CMSDK_UART_STATE) & CMSDK_UART_STATE_TXFULL) {}
    drv_port_write32(args->base + CMSDK_UART_DATA, args->value);
}

const struct drv_c_driver drv_c_cmsdk_uart = {
    .name = "cmsdk-uart",
    .setup = setup,
    .irq = irq,
    .write = write,
};
