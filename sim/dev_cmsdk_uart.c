/*
 * sim/dev_cmsdk_uart.c - the UART of Arm's Cortex-M System Design Kit: one buffer each way.
 *
 * A character for a full receive buffer writes over the one that is there.  One that comes
 * while CTRL.RXINTEN is set makes INTSTATUS.RX, which is the line; it stays until a 1 is
 * written to it, whether the character was read or not.
 *
 * Source: Arm DDI 0479D, 4.2; registers in sim/regs/cmsdk_uart.h; QEMU's differences are rows
 * of sim/policy.h.
 * Not modelled: time on the wire (a byte written leaves at once), the wires of the transmitter
 * and of the overruns (their bits in INTSTATUS are there), the high speed test mode.
 */
#include "sim/bus.h"
#include "sim/device.h"
#include "sim/line.h"
#include "sim/policy.h"
#include "sim/regs/cmsdk_uart.h"

struct uart {
    uint8_t state;
    uint8_t interrupts;
    uint8_t received; /* a token; also after it was read */
    uint8_t sent;     /* a byte that waits for TXEN, else 0 */
    uint8_t sent_token;
};

struct uart_cold {
    uint32_t ctrl, bauddiv;
};

static struct uart *uart_of(const struct sim *sim, sim_dev_id dev)
{
    return (struct uart *)(void *)sim->hot[dev];
}

static struct uart_cold *setup_of(const struct sim *sim, sim_dev_id dev)
{
    return (struct uart_cold *)(void *)sim->cold[dev];
}

static uint32_t hot_bytes(const struct sim_device_config *config)
{
    (void)config;
    return sizeof(struct uart);
}

static uint32_t cold_bytes(const struct sim_device_config *config)
{
    (void)config;
    return sizeof(struct uart_cold);
}

/* An overrun interrupt is the overrun and its enable (4.2.1). */
static void update(struct sim *sim, sim_dev_id dev)
{
    struct uart *uart = uart_of(sim, dev);
    uint32_t enables = setup_of(sim, dev)->ctrl >> CMSDK_UART_CTRL_OVR_SHIFT;

    uart->interrupts &= CMSDK_UART_INT_TX | CMSDK_UART_INT_RX;
    uart->interrupts |= uart->state & enables & CMSDK_UART_STATE_OVR;
    sim_line_say(sim, dev, (uart->interrupts & CMSDK_UART_INT_RX) != 0);
}

/* ------------------------------------------------------------------------- both directions */

static void receive(struct sim *sim, sim_dev_id dev, unsigned token)
{
    struct uart *uart = uart_of(sim, dev);

    if (!(setup_of(sim, dev)->ctrl & CMSDK_UART_CTRL_RXEN)) {
        if (token)
            sim_trace(sim->trace, SIM_EV_DROP, dev, SIM_DROP_UNSEEN, token);
        return;
    }
    if (uart->state & CMSDK_UART_STATE_RXFULL) {
        uart->state |= CMSDK_UART_STATE_RXOVR;
        sim_trace(sim->trace, SIM_EV_DROP, dev, SIM_DROP_OVERRUN, uart->received);
    }
    uart->received = (uint8_t)token;
    uart->state |= CMSDK_UART_STATE_RXFULL;
    if (setup_of(sim, dev)->ctrl & CMSDK_UART_CTRL_RXINTEN)
        uart->interrupts |= CMSDK_UART_INT_RX;
    update(sim, dev);
}

static uint32_t take(struct sim *sim, sim_dev_id dev)
{
    struct uart *uart = uart_of(sim, dev);

    sim->token = uart->received;
    uart->state &= (uint8_t)~CMSDK_UART_STATE_RXFULL;
    update(sim, dev);
    return sim->token ? sim_token_byte(sim, sim->token) : 0;
}

/* What waits in the transmit buffer leaves, if it may. */
static void transmit(struct sim *sim, sim_dev_id dev)
{
    struct uart *uart = uart_of(sim, dev);
    uint32_t ctrl = setup_of(sim, dev)->ctrl;

    if (!(uart->state & CMSDK_UART_STATE_TXFULL) || !(ctrl & CMSDK_UART_CTRL_TXEN))
        return;
    sim_trace(sim->trace, SIM_EV_TX, dev, uart->sent, uart->sent_token);
    uart->sent = 0;
    uart->sent_token = 0;
    uart->state &= (uint8_t)~CMSDK_UART_STATE_TXFULL;
    if (ctrl & CMSDK_UART_CTRL_TXINTEN)
        uart->interrupts |= CMSDK_UART_INT_TX;
    update(sim, dev);
}

/* A full transmit buffer is written over, too. */
static void send(struct sim *sim, sim_dev_id dev, uint32_t value, unsigned token)
{
    struct uart *uart = uart_of(sim, dev);
    bool full = (uart->state & CMSDK_UART_STATE_TXFULL) != 0;

    if (full && uart->sent_token)
        sim_trace(sim->trace, SIM_EV_DROP, dev, SIM_DROP_OVERRUN, uart->sent_token);
    uart->sent = (uint8_t)value;
    uart->sent_token = (uint8_t)token;
    uart->state |= full ? CMSDK_UART_STATE_TXOVR : CMSDK_UART_STATE_TXFULL;
    if (full)
        update(sim, dev);
    else
        transmit(sim, dev);
}

/* ------------------------------------------------------------------------------ registers */

static uint32_t read(struct sim *sim, sim_dev_id dev, uint32_t offset, unsigned size)
{
    static const uint8_t id[] = {0x04, 0, 0, 0, 0x21, 0xb8, 0x1b, 0, 0x0d, 0xf0, 0x05, 0xb1};

    (void)size;
    switch (offset) {
    case CMSDK_UART_DATA:
        return take(sim, dev);
    case CMSDK_UART_STATE:
        return uart_of(sim, dev)->state;
    case CMSDK_UART_CTRL:
        return setup_of(sim, dev)->ctrl;
    case CMSDK_UART_INTSTATUS:
        return uart_of(sim, dev)->interrupts;
    case CMSDK_UART_BAUDDIV:
        return setup_of(sim, dev)->bauddiv;
    default:
        if (offset >= CMSDK_UART_ID && offset <= CMSDK_UART_ID + 44)
            return id[(offset - CMSDK_UART_ID) / 4];
        return sim_bus_bad(sim, sim->config->device[dev].base + offset);
    }
}

static void write_control(struct sim *sim, sim_dev_id dev, uint32_t value)
{
    setup_of(sim, dev)->ctrl = value & CMSDK_UART_CTRL_MASK;
    update(sim, dev);
    if (!sim_policy(sim, SIM_POLICY_CMSDK_UART_TX_STUCK))
        transmit(sim, dev);
}

static void write(struct sim *sim, sim_dev_id dev, uint32_t offset, unsigned size,
                  uint32_t value, unsigned token)
{
    struct uart *uart = uart_of(sim, dev);

    (void)size;
    switch (offset) {
    case CMSDK_UART_DATA:
        send(sim, dev, value, token);
        break;
    case CMSDK_UART_STATE:
        uart->state &= (uint8_t) ~(value & CMSDK_UART_STATE_OVR);
        update(sim, dev);
        break;
    case CMSDK_UART_CTRL:
        write_control(sim, dev, value);
        break;
    case CMSDK_UART_INTSTATUS:
        uart->state &= (uint8_t) ~(value & CMSDK_UART_STATE_OVR);
        uart->interrupts &= (uint8_t)~value;
        update(sim, dev);
        break;
    case CMSDK_UART_BAUDDIV:
        setup_of(sim, dev)->bauddiv = value & CMSDK_UART_BAUDDIV_MASK;
        break;
    default:
        if (offset < CMSDK_UART_ID)
            sim_bus_bad(sim, sim->config->device[dev].base + offset);
    }
}

/* ------------------------------------------------------------------------------ the world */

static bool can_act(const struct sim *sim, sim_dev_id dev, enum sim_verb verb, uint32_t arg)
{
    (void)arg;
    if (verb != SIM_VERB_RECEIVE || !sim_policy(sim, SIM_POLICY_CMSDK_UART_BYTE_WAITS))
        return true;
    return setup_of(sim, dev)->ctrl & CMSDK_UART_CTRL_RXEN &&
           !(uart_of(sim, dev)->state & CMSDK_UART_STATE_RXFULL);
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

static bool has_cause(const struct sim *sim, sim_dev_id dev)
{
    return (uart_of(sim, dev)->state & CMSDK_UART_STATE_RXFULL) != 0;
}

static bool holds(const struct sim *sim, sim_dev_id dev, unsigned token)
{
    const struct uart *uart = uart_of(sim, dev);

    return (uart->state & CMSDK_UART_STATE_RXFULL && uart->received == token) ||
           (uart->state & CMSDK_UART_STATE_TXFULL && uart->sent_token == token);
}

const struct sim_device_ops sim_dev_cmsdk_uart = {
    .name = "cmsdk-uart",
    .hot_align = 1,
    .hot_bytes = hot_bytes,
    .cold_bytes = cold_bytes,
    .read = read,
    .write = write,
    .can_act = can_act,
    .act = act,
    .has_cause = has_cause,
    .holds = holds,
};
