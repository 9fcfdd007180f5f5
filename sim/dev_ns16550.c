/*
 * sim/dev_ns16550.c - National 16550A UART.
 *
 * Received tokens lie in a FIFO of 16 (one, with FCR bit 0 off).  The receive interrupt is a
 * level: it is there while the FIFO holds as many as the trigger says.  Fewer are told by the
 * time-out, four character times after the last one came or was taken.  The transmitter's
 * interrupt is a latch: set when the holding register empties or its enable rises, ended by a
 * read of IIR that shows it or by the next byte.  One line is the OR of all that are enabled.
 *
 * Source: National PC16550D data sheet; registers in sim/regs/ns16550.h; QEMU's differences are
 * rows of sim/policy.h.
 * Not modelled: time on the wire (a byte written leaves at once), parity, break, modem lines
 * but in loopback, the gate that OUT2 is on a PC, DMA.  In loopback a byte without a token
 * comes back as 0.
 */
#include "sim/bus.h"
#include "sim/device.h"
#include "sim/line.h"
#include "sim/policy.h"
#include "sim/regs/ns16550.h"

enum {
    WAITING = 1,  /* the time-out is running */
    TIMEOUT = 2,  /* ... and has passed */
    OVERRUN = 4,  /* LSR.OE */
    TX_EMPTY = 8, /* the transmitter's interrupt */
    READY = 16    /* LSR.DR without FIFOs: the receiver buffer has not been read */
};

enum { BITS_OF_TIMEOUT = 4 * 10, CLOCKS_OF_BIT = 16 }; /* four characters of 8N1 */

/* Behind it the FIFO's cells, oldest first; dead ones are zero. */
struct uart {
    uint8_t flags;
    uint8_t buffer; /* without FIFOs: the last character, also after it was read */
    uint8_t count;
    uint8_t fifo[];
};

struct uart_cold {
    uint8_t ier, fcr, lcr, mcr, scr, level;
    uint16_t divisor;
};

static struct uart *uart_of(const struct sim *sim, sim_dev_id dev)
{
    return (struct uart *)(void *)sim->hot[dev];
}

static struct uart_cold *setup_of(const struct sim *sim, sim_dev_id dev)
{
    return (struct uart_cold *)(void *)sim->cold[dev];
}

static unsigned cells(const struct sim_device_config *config)
{
    return config->tokens < NS16550_FIFO_DEPTH ? config->tokens : NS16550_FIFO_DEPTH;
}

static uint32_t hot_bytes(const struct sim_device_config *config)
{
    return (uint32_t)sizeof(struct uart) + cells(config);
}

static uint32_t cold_bytes(const struct sim_device_config *config)
{
    (void)config;
    return sizeof(struct uart_cold);
}

static bool has_fifos(const struct sim *sim, sim_dev_id dev)
{
    return (setup_of(sim, dev)->fcr & NS16550_FCR_ENABLE) != 0;
}

static uint8_t line_status(const struct sim *sim, sim_dev_id dev)
{
    const struct uart *uart = uart_of(sim, dev);
    uint8_t status = NS16550_LSR_THRE | NS16550_LSR_TEMT;

    if (uart->count || uart->flags & READY)
        status |= NS16550_LSR_DR;
    if (uart->flags & OVERRUN)
        status |= NS16550_LSR_OE;
    return status;
}

/* The best reason to ask that is enabled, as IIR names it (8.5, table IV). */
static uint8_t reason(const struct sim *sim, sim_dev_id dev)
{
    const struct uart *uart = uart_of(sim, dev);
    const struct uart_cold *setup = setup_of(sim, dev);

    if (setup->ier & NS16550_IER_RLSI && uart->flags & OVERRUN)
        return NS16550_IIR_RLSI;
    if (setup->ier & NS16550_IER_RDI && uart->flags & TIMEOUT)
        return NS16550_IIR_TIMEOUT;
    if (setup->ier & NS16550_IER_RDI &&
        (has_fifos(sim, dev) ? uart->count >= setup->level : uart->flags & READY))
        return NS16550_IIR_RDI;
    if (setup->ier & NS16550_IER_THRI && uart->flags & TX_EMPTY)
        return NS16550_IIR_THRI;
    return NS16550_IIR_NONE;
}

static void update(struct sim *sim, sim_dev_id dev)
{
    sim_line_say(sim, dev, reason(sim, dev) != NS16550_IIR_NONE);
}

static void reset(struct sim *sim, sim_dev_id dev)
{
    setup_of(sim, dev)->mcr = NS16550_MCR_OUT2;
    setup_of(sim, dev)->divisor = NS16550_DIVISOR;
    setup_of(sim, dev)->level = 1;
}

/* ---------------------------------------------------------------------------- receiving */

static void wait_for_more(struct sim *sim, sim_dev_id dev)
{
    uart_of(sim, dev)->flags |= WAITING;
    sim_device_arm(sim, dev);
}

static void lose(struct sim *sim, sim_dev_id dev, unsigned token)
{
    uart_of(sim, dev)->flags |= OVERRUN;
    sim_trace(sim->trace, SIM_EV_DROP, dev, SIM_DROP_OVERRUN, token);
}

/* A full FIFO keeps what it has; a full buffer is written over (8.3). */
static void receive(struct sim *sim, sim_dev_id dev, unsigned token)
{
    struct uart *uart = uart_of(sim, dev);

    if (has_fifos(sim, dev)) {
        if (uart->count < cells(&sim->config->device[dev]))
            uart->fifo[uart->count++] = (uint8_t)token;
        else
            lose(sim, dev, token);
        wait_for_more(sim, dev);
    } else {
        if (uart->flags & READY)
            lose(sim, dev, uart->buffer);
        uart->buffer = (uint8_t)token;
        uart->flags |= READY;
    }
    update(sim, dev);
}

static uint32_t take(struct sim *sim, sim_dev_id dev)
{
    struct uart *uart = uart_of(sim, dev);

    if (!has_fifos(sim, dev)) {
        sim->token = uart->buffer;
        uart->flags &= (uint8_t)~READY;
    } else if (uart->count) {
        sim->token = uart->fifo[0];
        uart->count--;
        for (unsigned i = 0; i < uart->count; i++)
            uart->fifo[i] = uart->fifo[i + 1];
        uart->fifo[uart->count] = 0;
        uart->flags &= (uint8_t)~WAITING;
        if (uart->count)
            wait_for_more(sim, dev);
    }
    if (has_fifos(sim, dev))
        uart->flags &= (uint8_t)~TIMEOUT;
    update(sim, dev);
    return sim->token ? sim_token_byte(sim, sim->token) : 0;
}

static void empty(struct sim *sim, sim_dev_id dev)
{
    struct uart *uart = uart_of(sim, dev);

    while (uart->count) {
        uart->count--;
        sim_trace(sim->trace, SIM_EV_DROP, dev, SIM_DROP_CLEARED, uart->fifo[uart->count]);
        uart->fifo[uart->count] = 0;
    }
    if (uart->flags & READY)
        sim_trace(sim->trace, SIM_EV_DROP, dev, SIM_DROP_CLEARED, uart->buffer);
    uart->flags &= (uint8_t) ~(READY | WAITING | TIMEOUT);
}

/* -------------------------------------------------------------------------- registers */

/* A byte leaves at once: the holding register is full for a moment, then empty again. */
static void transmit(struct sim *sim, sim_dev_id dev, uint32_t value, unsigned token)
{
    struct uart *uart = uart_of(sim, dev);

    uart->flags &= (uint8_t)~TX_EMPTY;
    update(sim, dev);
    uart->flags |= TX_EMPTY;
    update(sim, dev);
    if (setup_of(sim, dev)->mcr & NS16550_MCR_LOOP)
        receive(sim, dev, token || sim->token_byte ? token : value);
    else
        sim_trace(sim->trace, SIM_EV_TX, dev, value, token);
}

/* Turning the FIFOs on or off empties them (8.4). */
static void write_fifo_control(struct sim *sim, sim_dev_id dev, uint32_t value)
{
    static const uint8_t levels[4] = {1, 4, 8, 14};
    struct uart_cold *setup = setup_of(sim, dev);

    if ((value ^ setup->fcr) & NS16550_FCR_ENABLE)
        value |= NS16550_FCR_RXCLR | NS16550_FCR_TXCLR;
    if (value & NS16550_FCR_RXCLR)
        empty(sim, dev);
    if (value & NS16550_FCR_TXCLR)
        uart_of(sim, dev)->flags |= TX_EMPTY;
    setup->fcr = value & NS16550_FCR_KEPT;
    if (value & NS16550_FCR_ENABLE)
        setup->level = levels[value >> NS16550_FCR_LEVEL_SHIFT & 3];
    update(sim, dev);
}

/* Turning the transmitter's interrupt on shows that it is empty, as it is here always. */
static void write_enables(struct sim *sim, sim_dev_id dev, uint32_t value)
{
    struct uart *uart = uart_of(sim, dev);
    struct uart_cold *setup = setup_of(sim, dev);
    uint32_t changed = (setup->ier ^ value) & 0xf;

    setup->ier = value & 0xf;
    if (changed & NS16550_IER_THRI) {
        uart->flags &= (uint8_t)~TX_EMPTY;
        if (setup->ier & NS16550_IER_THRI)
            uart->flags |= TX_EMPTY;
    }
    if (changed)
        update(sim, dev);
}

/* In loopback the outputs of MCR are the inputs of MSR (8.7). */
static uint8_t modem_status(const struct sim *sim, sim_dev_id dev)
{
    uint8_t mcr = setup_of(sim, dev)->mcr;

    if (!(mcr & NS16550_MCR_LOOP))
        return NS16550_MSR_LINES;
    return (uint8_t)((mcr & 0x0c) << 4 | (mcr & 0x02) << 3 | (mcr & 0x01) << 5);
}

static uint32_t read_status(struct sim *sim, sim_dev_id dev)
{
    struct uart *uart = uart_of(sim, dev);
    uint8_t status = line_status(sim, dev);

    if (uart->flags & OVERRUN) {
        uart->flags &= (uint8_t)~OVERRUN;
        update(sim, dev);
    }
    return status;
}

static uint32_t read_identification(struct sim *sim, sim_dev_id dev)
{
    uint8_t why = reason(sim, dev);

    if (why == NS16550_IIR_THRI) {
        uart_of(sim, dev)->flags &= (uint8_t)~TX_EMPTY;
        update(sim, dev);
    }
    return has_fifos(sim, dev) ? why | NS16550_IIR_FIFO : why;
}

static uint32_t read(struct sim *sim, sim_dev_id dev, uint32_t offset, unsigned size)
{
    const struct uart_cold *setup = setup_of(sim, dev);
    bool divisor = (setup->lcr & NS16550_LCR_DLAB) != 0;

    (void)size;
    switch (offset) {
    case NS16550_RBR:
        return divisor ? setup->divisor & 0xff : take(sim, dev);
    case NS16550_IER:
        return divisor ? setup->divisor >> 8 : setup->ier;
    case NS16550_IIR:
        return read_identification(sim, dev);
    case NS16550_LCR:
        return setup->lcr;
    case NS16550_MCR:
        return setup->mcr;
    case NS16550_LSR:
        return read_status(sim, dev);
    case NS16550_MSR:
        return modem_status(sim, dev);
    case NS16550_SCR:
        return setup->scr;
    default:
        return sim_bus_bad(sim, sim->config->device[dev].base + offset);
    }
}

static void write(struct sim *sim, sim_dev_id dev, uint32_t offset, unsigned size,
                  uint32_t value, unsigned token)
{
    struct uart_cold *setup = setup_of(sim, dev);
    bool divisor = (setup->lcr & NS16550_LCR_DLAB) != 0;

    (void)size;
    value &= 0xff;
    switch (offset) {
    case NS16550_THR:
        if (divisor)
            setup->divisor = (uint16_t)((setup->divisor & 0xff00) | value);
        else
            transmit(sim, dev, value, token);
        break;
    case NS16550_IER:
        if (divisor)
            setup->divisor = (uint16_t)((setup->divisor & 0xff) | value << 8);
        else
            write_enables(sim, dev, value);
        break;
    case NS16550_FCR:
        write_fifo_control(sim, dev, value);
        break;
    case NS16550_LCR:
        setup->lcr = (uint8_t)value;
        break;
    case NS16550_MCR:
        setup->mcr = value & NS16550_MCR_MASK;
        break;
    case NS16550_LSR:
    case NS16550_MSR:
        break;
    case NS16550_SCR:
        setup->scr = (uint8_t)value;
        break;
    default:
        sim_bus_bad(sim, sim->config->device[dev].base + offset);
    }
}

/* -------------------------------------------------------------------------- the world */

static bool can_act(const struct sim *sim, sim_dev_id dev, enum sim_verb verb, uint32_t arg)
{
    (void)arg;
    const struct uart *uart = uart_of(sim, dev);

    if (verb != SIM_VERB_RECEIVE || !sim_policy(sim, SIM_POLICY_NS16550_BYTE_WAITS))
        return true;
    return has_fifos(sim, dev) ? uart->count < NS16550_FIFO_DEPTH : !(uart->flags & READY);
}

static void act(struct sim *sim, sim_dev_id dev, enum sim_verb verb, uint32_t arg,
                unsigned token)
{
    (void)arg;
    if (verb != SIM_VERB_RECEIVE)
        return;
    sim_trace(sim->trace, SIM_EV_ARRIVE, dev, token ? sim_token_byte(sim, token) : 0, token);
    receive(sim, dev, token);
}

static uint64_t timer_ns(const struct sim *sim, sim_dev_id dev)
{
    uint64_t divisor = setup_of(sim, dev)->divisor ? setup_of(sim, dev)->divisor : 1;

    if (!(uart_of(sim, dev)->flags & WAITING))
        return 0;
    return divisor * CLOCKS_OF_BIT * BITS_OF_TIMEOUT * UINT64_C(1000000000) / NS16550_CLOCK_HZ;
}

static void timer_fire(struct sim *sim, sim_dev_id dev)
{
    struct uart *uart = uart_of(sim, dev);

    uart->flags &= (uint8_t)~WAITING;
    if (uart->count)
        uart->flags |= TIMEOUT;
    update(sim, dev);
}

static bool has_cause(const struct sim *sim, sim_dev_id dev)
{
    return (line_status(sim, dev) & NS16550_LSR_DR) != 0;
}

static bool holds(const struct sim *sim, sim_dev_id dev, unsigned token)
{
    const struct uart *uart = uart_of(sim, dev);

    if (uart->flags & READY && uart->buffer == token)
        return true;
    for (unsigned i = 0; i < uart->count; i++)
        if (uart->fifo[i] == token)
            return true;
    return false;
}

const struct sim_device_ops sim_dev_ns16550 = {
    .name = "ns16550",
    .hot_align = 1,
    .hot_bytes = hot_bytes,
    .cold_bytes = cold_bytes,
    .reset = reset,
    .read = read,
    .write = write,
    .can_act = can_act,
    .act = act,
    .timer_ns = timer_ns,
    .timer_fire = timer_fire,
    .has_cause = has_cause,
    .holds = holds,
};
