/*
 * sim/dev_line.c - `line`: a bare wire in the hands of the world, without registers.
 *
 * assert() and deassert() move it; pulse() asserts it for a time; send(t) is a pulse that
 * stands for the token t.  Its only memory is the list of arrivals nobody has taken yet: first
 * those that had come when the interrupt was acknowledged, then the younger ones.  A token
 * whose pulse is over and whose request the controller does not remember has not been seen: it
 * is dropped.
 *
 * Source: our own device, docs/devices.md.  Line: asserted or pulsing.
 */
#include "sim/device.h"
#include "sim/line.h"

enum { ASSERTED = 1, PULSING = 2 };

/* Behind it the arrivals, oldest first; dead ones are zero. */
struct wire {
    uint8_t flags;
    uint8_t count;
    uint8_t acknowledged; /* so many of them have been acknowledged; <= count */
    uint8_t arrivals[];
};

/* Only of use while the pulse is on; else zero. */
struct wire_clock {
    uint32_t pulse_ns;
};

static struct wire *wire_of(const struct sim *sim, sim_dev_id dev)
{
    return (struct wire *)(void *)sim->hot[dev];
}

static struct wire_clock *clock_of(const struct sim *sim, sim_dev_id dev)
{
    return (struct wire_clock *)(void *)sim->clock[dev];
}

static unsigned cells(const struct sim_device_config *config)
{
    return config->tokens < UINT8_MAX ? config->tokens : UINT8_MAX;
}

static uint32_t hot_bytes(const struct sim_device_config *config)
{
    return (uint32_t)sizeof(struct wire) + cells(config);
}

static uint32_t clock_bytes(const struct sim_device_config *config)
{
    (void)config;
    return sizeof(struct wire_clock);
}

/* Removes arrival @at and closes the gap. */
static unsigned remove_arrival(struct wire *wire, unsigned at)
{
    unsigned token = wire->arrivals[at];

    wire->count--;
    for (unsigned i = at; i < wire->count; i++)
        wire->arrivals[i] = wire->arrivals[i + 1];
    wire->arrivals[wire->count] = 0;
    return token;
}

/* Nothing tells of the arrivals that were not acknowledged any more. */
static void forgotten(struct sim *sim, sim_dev_id dev)
{
    struct wire *wire = wire_of(sim, dev);

    if (wire->flags)
        return;
    while (wire->count > wire->acknowledged) {
        unsigned token = remove_arrival(wire, wire->acknowledged);
        sim_trace(sim->trace, SIM_EV_DROP, dev, SIM_DROP_UNSEEN, token);
    }
}

static void update(struct sim *sim, sim_dev_id dev)
{
    bool before = sim_line_asserted_by(sim, dev);
    bool after = wire_of(sim, dev)->flags != 0;

    sim_line_drive(sim, dev, after);
    if (before && !after && !sim_line_remembered(sim, sim->line_of[dev]))
        forgotten(sim, dev);
}

static void start_pulse(struct sim *sim, sim_dev_id dev, uint32_t ns)
{
    wire_of(sim, dev)->flags |= PULSING;
    clock_of(sim, dev)->pulse_ns = ns ? ns : sim->config->device[dev].pulse_ns;
    sim_device_arm(sim, dev);
}

static void arrive(struct sim *sim, sim_dev_id dev, unsigned token)
{
    struct wire *wire = wire_of(sim, dev);

    sim_trace(sim->trace, SIM_EV_ARRIVE, dev, token ? sim_token_byte(sim, token) : 0, token);
    if (!token)
        return;
    if (wire->count < cells(&sim->config->device[dev]))
        wire->arrivals[wire->count++] = (uint8_t)token;
    else
        sim_trace(sim->trace, SIM_EV_DROP, dev, SIM_DROP_OVERRUN, token);
}

static void act(struct sim *sim, sim_dev_id dev, enum sim_verb verb, uint32_t arg,
                unsigned token)
{
    struct wire *wire = wire_of(sim, dev);

    switch (verb) {
    case SIM_VERB_SEND:
        arrive(sim, dev, token);
        start_pulse(sim, dev, 0);
        break;
    case SIM_VERB_PULSE:
        start_pulse(sim, dev, arg);
        break;
    case SIM_VERB_ASSERT:
        wire->flags |= ASSERTED;
        break;
    case SIM_VERB_DEASSERT:
        wire->flags = 0;
        clock_of(sim, dev)->pulse_ns = 0;
        break;
    case SIM_VERB_RECEIVE:
    case SIM_VERB_DRIVE:
    case SIM_VERB_FINISH:
    default:
        return;
    }
    update(sim, dev);
}

static uint64_t timer_ns(const struct sim *sim, sim_dev_id dev)
{
    uint32_t ns = clock_of(sim, dev)->pulse_ns;

    if (!(wire_of(sim, dev)->flags & PULSING))
        return 0;
    return ns ? ns : 1;
}

static void timer_fire(struct sim *sim, sim_dev_id dev)
{
    wire_of(sim, dev)->flags &= (uint8_t)~PULSING;
    clock_of(sim, dev)->pulse_ns = 0;
    update(sim, dev);
}

static bool has_cause(const struct sim *sim, sim_dev_id dev)
{
    return wire_of(sim, dev)->count > 0;
}

static bool holds(const struct sim *sim, sim_dev_id dev, unsigned token)
{
    const struct wire *wire = wire_of(sim, dev);

    for (unsigned i = 0; i < wire->count; i++)
        if (wire->arrivals[i] == token)
            return true;
    return false;
}

static unsigned arrival(struct sim *sim, sim_dev_id dev, unsigned pin)
{
    struct wire *wire = wire_of(sim, dev);

    (void)pin;
    if (!wire->acknowledged)
        return 0;
    unsigned token = remove_arrival(wire, 0);
    while (--wire->acknowledged)
        sim_trace(sim->trace, SIM_EV_DROP, dev, SIM_DROP_MERGED, remove_arrival(wire, 0));
    return token;
}

static void acknowledged(struct sim *sim, sim_dev_id dev)
{
    struct wire *wire = wire_of(sim, dev);

    wire->acknowledged = wire->count;
}

const struct sim_device_ops sim_dev_line = {
    .name = "line",
    .hot_align = 1,
    .hot_bytes = hot_bytes,
    .clock_bytes = clock_bytes,
    .act = act,
    .timer_ns = timer_ns,
    .timer_fire = timer_fire,
    .has_cause = has_cause,
    .holds = holds,
    .arrival = arrival,
    .acknowledged = acknowledged,
    .forgotten = forgotten,
};
