/*
 * sim/dev_pl061.c - Arm PrimeCell PL061: eight general purpose pins.
 *
 * A pin is an input or an output.  An input makes an interrupt by an edge, which sets a bit
 * that stays until IC clears it, or by a level, which IC cannot clear.  The line GPIOINTR is
 * (RIS and IE) != 0.
 *
 * Source: Arm DDI 0190B; registers in sim/regs/pl061.h; QEMU's differences are rows of
 * sim/policy.h.
 * Not modelled: the hardware control of AFSEL (the register is kept), pull-ups, what an output
 * drives.
 */
#include "sim/arrivals.h"
#include "sim/bus.h"
#include "sim/device.h"
#include "sim/line.h"
#include "sim/policy.h"
#include "sim/regs/pl061.h"

/* Behind it lie the arrivals. */
struct gpio {
    uint8_t pins;   /* what the world drives */
    uint8_t data;   /* the data register */
    uint8_t before; /* the pins as the edge detectors saw them last */
    uint8_t ris;    /* edges; as QEMU, also levels */
};

struct gpio_cold {
    uint8_t dir, is, ibe, iev, ie, afsel;
};

static struct gpio *gpio_of(const struct sim *sim, sim_dev_id dev)
{
    return (struct gpio *)(void *)sim->hot[dev];
}

static struct gpio_cold *setup_of(const struct sim *sim, sim_dev_id dev)
{
    return (struct gpio_cold *)(void *)sim->cold[dev];
}

static struct sim_arrivals *arrivals_of(const struct sim *sim, sim_dev_id dev)
{
    return (struct sim_arrivals *)(void *)(gpio_of(sim, dev) + 1);
}

static uint32_t hot_bytes(const struct sim_device_config *config)
{
    return (uint32_t)sizeof(struct gpio) + sim_arrivals_bytes(config);
}

static uint32_t cold_bytes(const struct sim_device_config *config)
{
    (void)config;
    return sizeof(struct gpio_cold);
}

/* What stands at the pins: inputs from the world, outputs from the data register. */
static unsigned pads(const struct sim *sim, sim_dev_id dev)
{
    const struct gpio *gpio = gpio_of(sim, dev);
    unsigned dir = setup_of(sim, dev)->dir;

    if (sim_policy(sim, SIM_POLICY_PL061_ONE_REGISTER))
        return gpio->data;
    return (gpio->pins & ~dir) | (gpio->data & dir);
}

/* Pins whose level asks for an interrupt. */
static unsigned levels(const struct sim *sim, sim_dev_id dev)
{
    const struct gpio_cold *setup = setup_of(sim, dev);
    unsigned active = ~(pads(sim, dev) ^ setup->iev) & setup->is;

    return sim_policy(sim, SIM_POLICY_PL061_LEVEL_OF_OUTPUT) ? active
                                                             : active & ~(unsigned)setup->dir;
}

static unsigned status(const struct sim *sim, sim_dev_id dev)
{
    unsigned edges = gpio_of(sim, dev)->ris;

    if (sim_policy(sim, SIM_POLICY_PL061_LEVEL_STICKS))
        return edges;
    return (edges & ~(unsigned)setup_of(sim, dev)->is) | levels(sim, dev);
}

static void update(struct sim *sim, sim_dev_id dev)
{
    const struct gpio_cold *setup = setup_of(sim, dev);
    struct gpio *gpio = gpio_of(sim, dev);
    unsigned now = pads(sim, dev);
    unsigned changed = (gpio->before ^ now) & ~(unsigned)setup->dir;
    unsigned edges = changed & ~(unsigned)setup->is;

    if (changed || !sim_policy(sim, SIM_POLICY_PL061_ONE_REGISTER))
        gpio->before = (uint8_t)now;
    gpio->ris |= (uint8_t)(edges & (setup->ibe | ~(now ^ setup->iev)));
    if (sim_policy(sim, SIM_POLICY_PL061_LEVEL_STICKS))
        gpio->ris |= (uint8_t)levels(sim, dev);
    sim_arrivals_clear(sim, dev, arrivals_of(sim, dev), ~status(sim, dev));
    sim_line_drive(sim, dev, (status(sim, dev) & setup->ie) != 0);
}

/* The set-up register at @offset, or 0. */
static uint8_t *setup_register(const struct sim *sim, sim_dev_id dev, uint32_t offset)
{
    struct gpio_cold *setup = setup_of(sim, dev);

    switch (offset) {
    case PL061_DIR:
        return &setup->dir;
    case PL061_IS:
        return &setup->is;
    case PL061_IBE:
        return &setup->ibe;
    case PL061_IEV:
        return &setup->iev;
    case PL061_IE:
        return &setup->ie;
    case PL061_AFSEL:
        return &setup->afsel;
    default:
        return 0;
    }
}

static uint32_t read_id(uint32_t offset)
{
    static const uint8_t id[] = {0x61, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

    return id[(offset - PL061_ID) / 4];
}

static uint32_t read_status(struct sim *sim, sim_dev_id dev, unsigned mask)
{
    unsigned value = status(sim, dev) & mask;

    sim_arrivals_see(arrivals_of(sim, dev), value);
    return value;
}

static uint32_t read(struct sim *sim, sim_dev_id dev, uint32_t offset, unsigned size)
{
    const uint8_t *setup = setup_register(sim, dev, offset);

    (void)size;
    if (setup)
        return *setup;
    if (offset < PL061_DIR)
        return pads(sim, dev) & offset / 4;
    if (offset == PL061_RIS)
        return read_status(sim, dev, 0xff);
    if (offset == PL061_MIS)
        return read_status(sim, dev, setup_of(sim, dev)->ie);
    if (offset == PL061_IC)
        return 0;
    if (offset >= PL061_ID)
        return read_id(offset);
    return sim_bus_bad(sim, sim->config->device[dev].base + offset);
}

static void write(struct sim *sim, sim_dev_id dev, uint32_t offset, unsigned size,
                  uint32_t value, unsigned token)
{
    struct gpio *gpio = gpio_of(sim, dev);
    uint8_t *setup = setup_register(sim, dev, offset);
    unsigned mask = offset / 4 & setup_of(sim, dev)->dir;

    (void)size, (void)token;
    if (setup)
        *setup = (uint8_t)value;
    else if (offset < PL061_DIR)
        gpio->data = (uint8_t)((gpio->data & ~mask) | (value & mask));
    else if (offset == PL061_IC)
        gpio->ris &= (uint8_t)~value;
    else {
        if (offset != PL061_RIS && offset != PL061_MIS)
            sim_bus_bad(sim, sim->config->device[dev].base + offset);
        return;
    }
    update(sim, dev);
}

/* DRIVE: the wire at pin @arg >> 8 goes to level @arg & 1. */
static void act(struct sim *sim, sim_dev_id dev, enum sim_verb verb, uint32_t arg,
                unsigned token)
{
    struct gpio *gpio = gpio_of(sim, dev);
    unsigned bit = 1u << (arg >> 8) % PL061_PINS;
    bool is_output = (setup_of(sim, dev)->dir & bit) != 0;

    if (verb != SIM_VERB_DRIVE)
        return;
    unsigned moved = ((gpio->pins & bit) != 0) != (arg & 1);
    gpio->pins = (uint8_t)(arg & 1 ? gpio->pins | bit : gpio->pins & ~bit);
    if (sim_policy(sim, SIM_POLICY_PL061_ONE_REGISTER)) {
        if (!is_output)
            gpio->data = (uint8_t)((gpio->data & ~bit) | (gpio->pins & bit));
        moved = !is_output;
    }
    if (moved)
        update(sim, dev);
    sim_arrivals_add(sim, dev, arrivals_of(sim, dev), arg >> 8, (status(sim, dev) & bit) != 0,
                     token);
}

static bool has_cause(const struct sim *sim, sim_dev_id dev)
{
    return arrivals_of(sim, dev)->count > 0;
}

static bool holds(const struct sim *sim, sim_dev_id dev, unsigned token)
{
    return sim_arrivals_hold(arrivals_of(sim, dev), token);
}

static unsigned arrival(struct sim *sim, sim_dev_id dev, unsigned pin)
{
    return sim_arrivals_take(sim, dev, arrivals_of(sim, dev), pin);
}

const struct sim_device_ops sim_dev_pl061 = {
    .name = "pl061",
    .hot_align = 1,
    .hot_bytes = hot_bytes,
    .cold_bytes = cold_bytes,
    .read = read,
    .write = write,
    .act = act,
    .has_cause = has_cause,
    .holds = holds,
    .arrival = arrival,
};
