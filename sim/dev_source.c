/*
 * sim/dev_source.c - `source`: the smallest device with data.
 *
 * Tokens come from the world into a FIFO; the device asks for an interrupt in one of three
 * ways:
 *
 *   held     while it holds a token
 *   latched  from an arrival until ACK is written; the tokens stay
 *   pulse    for pulse_ns from an arrival on; another arrival meanwhile starts the time again
 *
 * ENABLE gates the request, not the FIFO.  An arrival counts even if the full FIFO drops it.
 * Source: our own device, docs/devices.md.  Line: the request.  Registers: sim/regs/source.h.
 */
#include "sim/bus.h"
#include "sim/device.h"
#include "sim/line.h"
#include "sim/regs/source.h"

enum { ENABLED = 1, LATCHED = 2, PULSING = 4 };

/* Behind it the FIFO's cells, oldest first; dead ones are zero. */
struct source {
    uint8_t flags;
    uint8_t count;
    uint8_t fifo[];
};

static struct source *source_of(const struct sim *sim, sim_dev_id dev)
{
    return (struct source *)(void *)sim->hot[dev];
}

static unsigned cells(const struct sim_device_config *config)
{
    unsigned cells = config->fifo < config->tokens ? config->fifo : config->tokens;

    return cells < UINT8_MAX ? cells : UINT8_MAX;
}

static uint32_t hot_bytes(const struct sim_device_config *config)
{
    return (uint32_t)sizeof(struct source) + cells(config);
}

static bool asks(const struct sim *sim, sim_dev_id dev)
{
    const struct source *source = source_of(sim, dev);

    if (!(source->flags & ENABLED))
        return false;
    switch ((enum sim_request)sim->config->device[dev].request) {
    case SIM_REQUEST_LATCHED:
        return (source->flags & LATCHED) != 0;
    case SIM_REQUEST_PULSE:
        return (source->flags & PULSING) != 0;
    case SIM_REQUEST_HELD:
    default:
        return source->count > 0;
    }
}

static void update(struct sim *sim, sim_dev_id dev)
{
    sim_line_drive(sim, dev, asks(sim, dev));
}

static void reset(struct sim *sim, sim_dev_id dev)
{
    source_of(sim, dev)->flags = ENABLED;
}

/* Takes the oldest token; 0 if there is none. */
static unsigned take(struct source *source)
{
    unsigned token;

    if (!source->count)
        return 0;
    token = source->fifo[0];
    source->count--;
    for (unsigned i = 0; i < source->count; i++)
        source->fifo[i] = source->fifo[i + 1];
    source->fifo[source->count] = 0;
    return token;
}

static uint32_t read(struct sim *sim, sim_dev_id dev, uint32_t offset, unsigned size)
{
    struct source *source = source_of(sim, dev);
    uint32_t base = sim->config->device[dev].base;

    if (size != 4)
        return sim_bus_bad(sim, base + offset);
    switch (offset) {
    case SOURCE_STATUS:
        return asks(sim, dev);
    case SOURCE_COUNT:
        return source->count;
    case SOURCE_DATA:
        sim->token = (uint8_t)take(source);
        update(sim, dev);
        return sim->token ? sim_token_byte(sim, sim->token) : 0;
    case SOURCE_ACK:
        return 0;
    case SOURCE_ENABLE:
        return source->flags & ENABLED;
    default:
        return sim_bus_bad(sim, base + offset);
    }
}

static void write(struct sim *sim, sim_dev_id dev, uint32_t offset, unsigned size,
                  uint32_t value, unsigned token)
{
    struct source *source = source_of(sim, dev);
    unsigned flags = source->flags;

    (void)token;
    if (size != 4 || offset > SOURCE_ENABLE || offset % 4) {
        sim_bus_bad(sim, sim->config->device[dev].base + offset);
        return;
    }
    if (offset == SOURCE_ACK)
        flags &= ~(unsigned)LATCHED;
    else if (offset == SOURCE_ENABLE)
        flags = (flags & ~(unsigned)ENABLED) | (value & ENABLED);
    source->flags = (uint8_t)flags;
    update(sim, dev);
}

static bool can_act(const struct sim *sim, sim_dev_id dev, enum sim_verb verb, uint32_t arg)
{
    (void)arg;
    const struct sim_device_config *config = &sim->config->device[dev];

    return verb != SIM_VERB_SEND || !config->full_wait ||
           source_of(sim, dev)->count < config->fifo;
}

static void act(struct sim *sim, sim_dev_id dev, enum sim_verb verb, uint32_t arg,
                unsigned token)
{
    struct source *source = source_of(sim, dev);
    const struct sim_device_config *config = &sim->config->device[dev];

    (void)arg;
    if (verb != SIM_VERB_SEND)
        return;
    sim_trace(sim->trace, SIM_EV_ARRIVE, dev, token ? sim_token_byte(sim, token) : 0, token);
    if (source->count < cells(config))
        source->fifo[source->count++] = (uint8_t)token;
    else
        sim_trace(sim->trace, SIM_EV_DROP, dev, SIM_DROP_OVERRUN, token);
    if (config->request == SIM_REQUEST_LATCHED) {
        source->flags |= LATCHED;
    } else if (config->request == SIM_REQUEST_PULSE) {
        source->flags |= PULSING;
        sim_device_arm(sim, dev);
    }
    update(sim, dev);
}

static uint64_t timer_ns(const struct sim *sim, sim_dev_id dev)
{
    uint32_t ns = sim->config->device[dev].pulse_ns;

    if (!(source_of(sim, dev)->flags & PULSING))
        return 0;
    return ns ? ns : 1;
}

static void timer_fire(struct sim *sim, sim_dev_id dev)
{
    source_of(sim, dev)->flags &= (uint8_t)~PULSING;
    update(sim, dev);
}

static bool has_cause(const struct sim *sim, sim_dev_id dev)
{
    return source_of(sim, dev)->count > 0 || asks(sim, dev);
}

static bool holds(const struct sim *sim, sim_dev_id dev, unsigned token)
{
    const struct source *source = source_of(sim, dev);

    for (unsigned i = 0; i < source->count; i++)
        if (source->fifo[i] == token)
            return true;
    return false;
}

/*
 * The oldest token stays the oldest, a request that lasts stays, and a FIFO that holds all
 * there will ever be drops nothing.  Taking the last token of a held request would end it.
 */
static enum sim_settled settled(const struct sim *sim, sim_dev_id dev, uint32_t offset)
{
    const struct source *source = source_of(sim, dev);
    const struct sim_device_config *config = &sim->config->device[dev];
    unsigned least = config->request == SIM_REQUEST_HELD ? 2 : 1;
    bool drops = !config->full_wait && config->fifo < config->tokens;

    if (offset == SOURCE_STATUS && config->request != SIM_REQUEST_PULSE && asks(sim, dev))
        return SIM_SETTLED;
    if (offset == SOURCE_COUNT && source->count > 0)
        return SIM_SETTLED_COUNT;
    if (offset == SOURCE_DATA && source->count >= least && !drops)
        return SIM_SETTLED_TAKES;
    return SIM_UNSETTLED;
}

const struct sim_device_ops sim_dev_source = {
    .name = "source",
    .hot_align = 1,
    .hot_bytes = hot_bytes,
    .reset = reset,
    .read = read,
    .write = write,
    .can_act = can_act,
    .act = act,
    .timer_ns = timer_ns,
    .timer_fire = timer_fire,
    .has_cause = has_cause,
    .holds = holds,
    .settled = settled,
};
