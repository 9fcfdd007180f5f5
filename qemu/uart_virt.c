/*
 * qemu/uart_virt.c - the image's `pl011`: the board's own PL011 behind sim/device.h.
 *
 * Registers are those of the hardware.  What is kept here is which token stands for which byte
 * in the FIFO (hardware knows bytes only), and a picture of the registers for the clock's
 * search for cycles.  A byte from the world is asked of the runner, who writes it to the UART's
 * other end.
 *
 * Source: Arm DDI 0183G; hw/char/pl011.c of QEMU 7.2 for what a full FIFO does to its other
 * end: the byte waits outside.
 */
#include "qemu/metal.h"
#include "sim/bus.h"
#include "sim/device.h"
#include "sim/line.h"
#include "sim/regs/pl011.h"

struct uart {
    uint16_t ris, imsc, cr, lcr_h, ifls;
    uint8_t count;                  /* bytes in the FIFO */
    uint8_t fifo[PL011_FIFO_DEPTH]; /* their tokens, oldest first; dead ones are zero */
    uint8_t zero;
};

static struct uart *uart_of(const struct sim *sim, sim_dev_id dev)
{
    return (struct uart *)(void *)sim->hot[dev];
}

static uint32_t look(const struct sim *sim, sim_dev_id dev, uint32_t offset)
{
    return metal_read(sim->config->device[dev].base + offset, 4);
}

static uint32_t hot_bytes(const struct sim_device_config *config)
{
    (void)config;
    return sizeof(struct uart);
}

/* After everything that may have changed the UART; its line is only looked at. */
static void update(struct sim *sim, sim_dev_id dev)
{
    struct uart *uart = uart_of(sim, dev);

    uart->ris = (uint16_t)look(sim, dev, PL011_RIS);
    uart->imsc = (uint16_t)look(sim, dev, PL011_IMSC);
    uart->cr = (uint16_t)look(sim, dev, PL011_CR);
    uart->lcr_h = (uint16_t)look(sim, dev, PL011_LCR_H);
    uart->ifls = (uint16_t)look(sim, dev, PL011_IFLS);
    sim_line_drive(sim, dev, look(sim, dev, PL011_MIS) != 0);
}

static unsigned depth(const struct uart *uart)
{
    return uart->lcr_h & PL011_LCR_H_FEN ? PL011_FIFO_DEPTH : 1;
}

static unsigned remove_token(struct uart *uart, unsigned at)
{
    unsigned token = uart->fifo[at];

    uart->count--;
    for (unsigned i = at; i < uart->count; i++)
        uart->fifo[i] = uart->fifo[i + 1];
    uart->fifo[uart->count] = 0;
    return token;
}

/* The oldest token whose byte the hardware has just handed out; 0: it was none of ours. */
static unsigned take_token(const struct sim *sim, struct uart *uart, uint32_t byte)
{
    for (unsigned i = 0; i < uart->count; i++)
        if (!uart->fifo[i] || (sim_token_byte(sim, uart->fifo[i]) & 0xff) == byte)
            return remove_token(uart, i);
    return 0;
}

static uint32_t read(struct sim *sim, sim_dev_id dev, uint32_t offset, unsigned size)
{
    bool is_empty = (look(sim, dev, PL011_FR) & PL011_FR_RXFE) != 0;
    uint32_t value = metal_read(sim->config->device[dev].base + offset, size);

    if ((offset & ~3u) == PL011_DR && !is_empty)
        sim->token = (uint8_t)take_token(sim, uart_of(sim, dev), value & 0xff);
    update(sim, dev);
    return value;
}

/* A change of FEN empties the FIFO (3.3.7). */
static void write(struct sim *sim, sim_dev_id dev, uint32_t offset, unsigned size,
                  uint32_t value, unsigned token)
{
    struct uart *uart = uart_of(sim, dev);
    unsigned before = depth(uart);

    metal_store(sim->config->device[dev].base + offset, size, value);
    if ((offset & ~3u) == PL011_DR)
        sim_trace(sim->trace, SIM_EV_TX, dev, value & 0xff, token);
    update(sim, dev);
    while (depth(uart) != before && uart->count)
        sim_trace(sim->trace, SIM_EV_DROP, dev, SIM_DROP_CLEARED,
                  remove_token(uart, uart->count - 1u));
}

static bool can_act(const struct sim *sim, sim_dev_id dev, enum sim_verb verb, uint32_t arg)
{
    (void)arg;
    return verb != SIM_VERB_RECEIVE || uart_of(sim, dev)->count < depth(uart_of(sim, dev));
}

static void act(struct sim *sim, sim_dev_id dev, enum sim_verb verb, uint32_t arg,
                unsigned token)
{
    struct uart *uart = uart_of(sim, dev);
    uint32_t byte = (token ? sim_token_byte(sim, token) : arg) & 0xff;

    if (verb != SIM_VERB_RECEIVE)
        return;
    sim_trace(sim->trace, SIM_EV_ARRIVE, dev, byte, token);
    metal_host_byte(sim->config->device[dev].instance, byte);
    uart->fifo[uart->count++] = (uint8_t)token;
    update(sim, dev);
}

static bool has_cause(const struct sim *sim, sim_dev_id dev)
{
    return uart_of(sim, dev)->count > 0;
}

static bool holds(const struct sim *sim, sim_dev_id dev, unsigned token)
{
    const struct uart *uart = uart_of(sim, dev);

    for (unsigned i = 0; i < uart->count; i++)
        if (uart->fifo[i] == token)
            return true;
    return false;
}

const struct sim_device_ops sim_dev_pl011 = {
    .name = "pl011",
    .hot_align = 2,
    .hot_bytes = hot_bytes,
    .reset = update,
    .read = read,
    .write = write,
    .can_act = can_act,
    .act = act,
    .has_cause = has_cause,
    .holds = holds,
};
