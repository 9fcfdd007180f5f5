/*
 * sim/dev_pl011.c - Arm PrimeCell PL011 UART.
 *
 * Received tokens lie in a FIFO of 16 (one, with LCR_H.FEN 0).  The receive interrupt is set
 * when the FIFO rises to its level and falls when it is read below; the time-out interrupt is
 * set when characters have lain there for 32 bit times at 115200 baud with nothing new, and
 * falls when the FIFO is empty.  ICR clears either; neither comes back by itself.  The combined
 * line UARTINTR is (RIS and IMSC) != 0.
 *
 * Source: Arm DDI 0183G; registers in sim/regs/pl011.h; QEMU's differences are rows of
 * sim/policy.h.
 * Not modelled: time on the wire (a byte written leaves at once, so the transmit FIFO never
 * fills and, with FIFOs on, never falls through its level), baud rate, parity, break, modem
 * lines, loopback, DMA, IrDA; reading an empty FIFO gives 0.
 */
#include "sim/bus.h"
#include "sim/device.h"
#include "sim/line.h"
#include "sim/policy.h"
#include "sim/regs/pl011.h"

enum {
    WAITING = 1,        /* the time-out is running */
    OVERRUN = 2,        /* RSR.OE */
    STALE_NOTEMPTY = 4, /* FR as QEMU keeps it over a change of FEN: RXFE cleared ... */
    STALE_FULL = 8,     /* ... and RXFF set, until DR is read */
    LOST = 16           /* DR.OE: characters were lost since one was stored last */
};

enum { TIMEOUT_NS = 277778 }; /* 32 bit times at 115200 baud (DDI 0183G 2.8.4) */

/* Behind it the FIFO's cells, oldest first; dead ones are zero. */
struct uart {
    uint16_t ris;
    uint8_t flags;
    uint8_t count;
    uint8_t fifo[];
};

struct uart_cold {
    uint32_t ilpr, ibrd, fbrd, lcr_h, cr, ifls, imsc, dmacr;
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
    return config->tokens < PL011_FIFO_DEPTH ? config->tokens : PL011_FIFO_DEPTH;
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

static void update(struct sim *sim, sim_dev_id dev)
{
    sim_line_drive(sim, dev, (uart_of(sim, dev)->ris & setup_of(sim, dev)->imsc) != 0);
}

/* The set-up register at @offset, or 0. */
static uint32_t *setup_register(const struct sim *sim, sim_dev_id dev, uint32_t offset)
{
    struct uart_cold *setup = setup_of(sim, dev);

    switch (offset) {
    case PL011_ILPR:
        return &setup->ilpr;
    case PL011_IBRD:
        return &setup->ibrd;
    case PL011_FBRD:
        return &setup->fbrd;
    case PL011_LCR_H:
        return &setup->lcr_h;
    case PL011_CR:
        return &setup->cr;
    case PL011_IFLS:
        return &setup->ifls;
    case PL011_IMSC:
        return &setup->imsc;
    case PL011_DMACR:
        return &setup->dmacr;
    default:
        return 0;
    }
}

static void reset(struct sim *sim, sim_dev_id dev)
{
    unsigned count;
    const struct sim_register *rows = sim_registers(SIM_MODEL_PL011, &count);

    for (unsigned i = 0; i < count; i++) {
        uint32_t *setup = setup_register(sim, dev, rows[i].offset);
        if (setup)
            *setup = rows[i].reset;
    }
}

static bool has_fifos(const struct sim *sim, sim_dev_id dev)
{
    return (setup_of(sim, dev)->lcr_h & PL011_LCR_H_FEN) != 0;
}

static unsigned depth(const struct sim *sim, sim_dev_id dev)
{
    return has_fifos(sim, dev) ? PL011_FIFO_DEPTH : 1;
}

/* How many characters make the receive interrupt (3.3.9). */
static unsigned receive_level(const struct sim *sim, sim_dev_id dev)
{
    static const uint8_t levels[8] = {2, 4, 8, 12, 14, 14, 14, 14};

    if (!has_fifos(sim, dev) || sim_policy(sim, SIM_POLICY_PL011_RX_AT_ONE))
        return 1;
    return levels[setup_of(sim, dev)->ifls >> PL011_IFLS_RX_SHIFT & 7];
}

/* Is this direction on?  @enable is TXE or RXE. */
static bool is_on(const struct sim *sim, sim_dev_id dev, uint32_t enable)
{
    uint32_t on = PL011_CR_UARTEN | enable;

    return sim_policy(sim, SIM_POLICY_PL011_ALWAYS_ON) || (setup_of(sim, dev)->cr & on) == on;
}

static uint32_t flags_read(const struct sim *sim, sim_dev_id dev)
{
    const struct uart *uart = uart_of(sim, dev);
    uint32_t flags = PL011_FR_TXFE;

    if (!uart->count && !(uart->flags & STALE_NOTEMPTY))
        flags |= PL011_FR_RXFE;
    if (uart->count >= depth(sim, dev) || (uart->flags & STALE_FULL))
        flags |= PL011_FR_RXFF;
    return flags;
}

static uint32_t take(struct sim *sim, sim_dev_id dev)
{
    struct uart *uart = uart_of(sim, dev);
    uint32_t value = 0;

    uart->flags &= (uint8_t) ~(STALE_NOTEMPTY | STALE_FULL);
    if (uart->count) {
        sim->token = uart->fifo[0];
        value = sim->token ? sim_token_byte(sim, sim->token) : 0;
        uart->count--;
        for (unsigned i = 0; i < uart->count; i++)
            uart->fifo[i] = uart->fifo[i + 1];
        uart->fifo[uart->count] = 0;
    }
    if (uart->flags & LOST)
        value |= PL011_DR_OE;
    if (uart->count == receive_level(sim, dev) - 1)
        uart->ris &= (uint16_t)~PL011_INT_RX;
    if (!uart->count) {
        uart->ris &= (uint16_t)~PL011_INT_RT;
        uart->flags &= (uint8_t)~WAITING;
    }
    update(sim, dev);
    return value;
}

static uint32_t read_id(uint32_t offset)
{
    static const uint8_t id[] = {0x11, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

    return id[(offset - PL011_ID) / 4];
}

static uint32_t read(struct sim *sim, sim_dev_id dev, uint32_t offset, unsigned size)
{
    const struct uart *uart = uart_of(sim, dev);
    const uint32_t *setup = setup_register(sim, dev, offset & ~3u);

    (void)size;
    if (setup)
        return *setup;
    switch (offset & ~3u) {
    case PL011_DR:
        return take(sim, dev);
    case PL011_RSR:
        return uart->flags & OVERRUN ? PL011_RSR_OE : 0;
    case PL011_FR:
        return flags_read(sim, dev);
    case PL011_RIS:
        return uart->ris;
    case PL011_MIS:
        return uart->ris & setup_of(sim, dev)->imsc;
    case PL011_ICR:
        return 0;
    default:
        if (offset >= PL011_ID)
            return read_id(offset);
        return sim_bus_bad(sim, sim->config->device[dev].base + offset);
    }
}

/*
 * A byte leaves at once.  With one-character depth the transmitter is full for a moment and the
 * interrupt set on the way down; with FIFOs the level was not passed, so nothing happens
 * (2.8.3).
 */
static void transmit(struct sim *sim, sim_dev_id dev, uint32_t value, unsigned token)
{
    struct uart *uart = uart_of(sim, dev);

    if (!is_on(sim, dev, PL011_CR_TXE)) {
        if (token)
            sim_trace(sim->trace, SIM_EV_DROP, dev, SIM_DROP_UNSEEN, token);
        return;
    }
    sim_trace(sim->trace, SIM_EV_TX, dev, value & 0xff, token);
    if (sim_policy(sim, SIM_POLICY_PL011_TX_EACH_WRITE) || !has_fifos(sim, dev))
        uart->ris |= PL011_INT_TX;
}

/* Changing FEN empties the FIFO (3.3.7): what it held is lost. */
static void write_line_control(struct sim *sim, sim_dev_id dev, uint32_t value)
{
    struct uart *uart = uart_of(sim, dev);
    uint32_t flags = flags_read(sim, dev);

    if ((setup_of(sim, dev)->lcr_h ^ value) & PL011_LCR_H_FEN) {
        while (uart->count) {
            uart->count--;
            sim_trace(sim->trace, SIM_EV_DROP, dev, SIM_DROP_CLEARED, uart->fifo[uart->count]);
            uart->fifo[uart->count] = 0;
        }
        uart->flags &= (uint8_t) ~(WAITING | STALE_NOTEMPTY | STALE_FULL);
        if (sim_policy(sim, SIM_POLICY_PL011_FEN_KEEPS_FLAGS)) {
            uart->flags |= flags & PL011_FR_RXFE ? 0 : STALE_NOTEMPTY;
            uart->flags |= flags & PL011_FR_RXFF ? STALE_FULL : 0;
        } else {
            bool falls = (uart->ris & (PL011_INT_RX | PL011_INT_RT)) != 0;
            uart->ris &= (uint16_t) ~(PL011_INT_RX | PL011_INT_RT);
            if (falls)
                update(sim, dev);
        }
    }
    setup_of(sim, dev)->lcr_h = value;
}

static uint32_t writable(uint32_t offset)
{
    unsigned count;
    const struct sim_register *row = sim_registers(SIM_MODEL_PL011, &count);

    while (row->offset != offset)
        row++;
    return row->writable;
}

static void write(struct sim *sim, sim_dev_id dev, uint32_t offset, unsigned size,
                  uint32_t value, unsigned token)
{
    struct uart *uart = uart_of(sim, dev);
    uint32_t *setup = setup_register(sim, dev, offset & ~3u);

    (void)size;
    if (setup) {
        if (!sim_policy(sim, SIM_POLICY_PL011_WIDE))
            value &= writable(offset & ~3u);
        if ((offset & ~3u) == PL011_LCR_H) {
            write_line_control(sim, dev, value);
            return;
        }
        *setup = value;
        if ((offset & ~3u) == PL011_IMSC)
            update(sim, dev);
        return;
    }
    switch (offset & ~3u) {
    case PL011_DR:
        transmit(sim, dev, value, token);
        update(sim, dev);
        break;
    case PL011_RSR:
        uart->flags &= (uint8_t)~OVERRUN;
        break;
    case PL011_ICR:
        uart->ris &= (uint16_t)~value;
        update(sim, dev);
        break;
    case PL011_FR:
    case PL011_RIS:
    case PL011_MIS:
        break;
    default:
        sim_bus_bad(sim, sim->config->device[dev].base + offset);
    }
}

static bool can_act(const struct sim *sim, sim_dev_id dev, enum sim_verb verb, uint32_t arg)
{
    (void)arg;
    return verb != SIM_VERB_RECEIVE || !sim_policy(sim, SIM_POLICY_PL011_BYTE_WAITS) ||
           uart_of(sim, dev)->count < depth(sim, dev);
}

static void overrun(struct sim *sim, sim_dev_id dev, unsigned token)
{
    struct uart *uart = uart_of(sim, dev);

    uart->flags |= OVERRUN | LOST;
    uart->ris |= PL011_INT_OE;
    sim_trace(sim->trace, SIM_EV_DROP, dev, SIM_DROP_OVERRUN, token);
}

static void act(struct sim *sim, sim_dev_id dev, enum sim_verb verb, uint32_t arg,
                unsigned token)
{
    struct uart *uart = uart_of(sim, dev);

    (void)arg;
    if (verb != SIM_VERB_RECEIVE)
        return;
    sim_trace(sim->trace, SIM_EV_ARRIVE, dev, token ? sim_token_byte(sim, token) : 0, token);
    if (!is_on(sim, dev, PL011_CR_RXE)) {
        sim_trace(sim->trace, SIM_EV_DROP, dev, SIM_DROP_UNSEEN, token);
        return;
    }
    if (uart->count >= depth(sim, dev) || uart->count >= cells(&sim->config->device[dev])) {
        overrun(sim, dev, token);
    } else {
        uart->flags &= (uint8_t) ~(STALE_NOTEMPTY | LOST);
        uart->fifo[uart->count++] = (uint8_t)token;
        if (uart->count == receive_level(sim, dev))
            uart->ris |= PL011_INT_RX;
    }
    if (has_fifos(sim, dev) && !sim_policy(sim, SIM_POLICY_PL011_NO_TIMEOUT)) {
        uart->flags |= WAITING;
        sim_device_arm(sim, dev);
    }
    update(sim, dev);
}

static uint64_t timer_ns(const struct sim *sim, sim_dev_id dev)
{
    return uart_of(sim, dev)->flags & WAITING ? TIMEOUT_NS : 0;
}

static void timer_fire(struct sim *sim, sim_dev_id dev)
{
    struct uart *uart = uart_of(sim, dev);

    uart->flags &= (uint8_t)~WAITING;
    uart->ris |= PL011_INT_RT;
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
