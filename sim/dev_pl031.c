/*
 * sim/dev_pl031.c - Arm PrimeCell PL031: a clock of seconds with an alarm.
 *
 * When the counter equals MR, RIS is set; ICR clears it.  The line RTCINTR is RIS and IMSC.
 * The counter is looked at where it matters: it reads what was loaded until the alarm, then the
 * second of the alarm.
 *
 * Source: Arm DDI 0224B; registers in sim/regs/pl031.h; QEMU's differences are rows of
 * sim/policy.h.
 * Not modelled: the seconds between load and alarm, the delay of one clock between LR and DR.
 */
#include "sim/arrivals.h"
#include "sim/bus.h"
#include "sim/device.h"
#include "sim/line.h"
#include "sim/policy.h"
#include "sim/regs/pl031.h"

enum { ARMED = 1 };

/* Behind it lie the arrivals. */
struct clock {
    uint32_t seconds; /* DR */
    uint8_t ris;
    uint8_t flags;
    uint8_t zero[2];
};

struct clock_cold {
    uint32_t mr, lr;
    uint8_t cr, imsc, zero[2];
};

static struct clock *clock_of(const struct sim *sim, sim_dev_id dev)
{
    return (struct clock *)(void *)sim->hot[dev];
}

static struct clock_cold *setup_of(const struct sim *sim, sim_dev_id dev)
{
    return (struct clock_cold *)(void *)sim->cold[dev];
}

static struct sim_arrivals *arrivals_of(const struct sim *sim, sim_dev_id dev)
{
    return (struct sim_arrivals *)(void *)(clock_of(sim, dev) + 1);
}

static uint32_t hot_bytes(const struct sim_device_config *config)
{
    return (uint32_t)sizeof(struct clock) + sim_arrivals_bytes(config);
}

static uint32_t cold_bytes(const struct sim_device_config *config)
{
    (void)config;
    return sizeof(struct clock_cold);
}

static void update(struct sim *sim, sim_dev_id dev)
{
    sim_line_drive(sim, dev, (clock_of(sim, dev)->ris & setup_of(sim, dev)->imsc) != 0);
}

static bool is_started(const struct sim *sim, sim_dev_id dev)
{
    return sim_policy(sim, SIM_POLICY_PL031_ALWAYS_ON) || setup_of(sim, dev)->cr;
}

/* The counter and the alarm are equal. */
static void match(struct sim *sim, sim_dev_id dev)
{
    struct clock *clock = clock_of(sim, dev);

    clock->flags = 0;
    clock->ris = PL031_INT;
    sim_arrivals_tick(sim, dev, arrivals_of(sim, dev), 0);
    update(sim, dev);
}

/* MR, LR or CR was written: the alarm is now, or that many seconds away. */
static void compare(struct sim *sim, sim_dev_id dev)
{
    struct clock *clock = clock_of(sim, dev);

    clock->flags = 0;
    if (!is_started(sim, dev))
        return;
    if (clock->seconds == setup_of(sim, dev)->mr) {
        match(sim, dev);
    } else {
        clock->flags = ARMED;
        sim_device_arm(sim, dev);
    }
}

static uint32_t read_id(uint32_t offset)
{
    static const uint8_t id[] = {0x31, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

    return id[(offset - PL031_ID) / 4];
}

static uint32_t read_status(struct sim *sim, sim_dev_id dev, uint32_t mask)
{
    struct clock *clock = clock_of(sim, dev);

    sim_arrivals_see(arrivals_of(sim, dev), clock->ris & mask);
    return clock->ris & mask;
}

static uint32_t read(struct sim *sim, sim_dev_id dev, uint32_t offset, unsigned size)
{
    const struct clock_cold *setup = setup_of(sim, dev);

    (void)size;
    switch (offset) {
    case PL031_DR:
        return clock_of(sim, dev)->seconds;
    case PL031_MR:
        return setup->mr;
    case PL031_LR:
        return setup->lr;
    case PL031_CR:
        return is_started(sim, dev);
    case PL031_IMSC:
        return setup->imsc;
    case PL031_RIS:
        return read_status(sim, dev, PL031_INT);
    case PL031_MIS:
        return read_status(sim, dev, setup->imsc);
    case PL031_ICR:
        return 0;
    default:
        if (offset >= PL031_ID)
            return read_id(offset);
        return sim_bus_bad(sim, sim->config->device[dev].base + offset);
    }
}

static void write(struct sim *sim, sim_dev_id dev, uint32_t offset, unsigned size,
                  uint32_t value, unsigned token)
{
    struct clock_cold *setup = setup_of(sim, dev);
    struct clock *clock = clock_of(sim, dev);

    (void)size, (void)token;
    switch (offset) {
    case PL031_MR:
        setup->mr = value;
        compare(sim, dev);
        break;
    case PL031_LR:
        setup->lr = clock->seconds = value;
        compare(sim, dev);
        break;
    case PL031_CR:
        setup->cr |= value & PL031_CR_START;
        if (!sim_policy(sim, SIM_POLICY_PL031_ALWAYS_ON))
            compare(sim, dev);
        break;
    case PL031_IMSC:
        setup->imsc = value & PL031_INT;
        update(sim, dev);
        break;
    case PL031_ICR:
        clock->ris &= (uint8_t)~value;
        sim_arrivals_clear(sim, dev, arrivals_of(sim, dev), value & PL031_INT);
        update(sim, dev);
        break;
    case PL031_DR:
    case PL031_RIS:
    case PL031_MIS:
        break;
    default:
        sim_bus_bad(sim, sim->config->device[dev].base + offset);
    }
}

static uint64_t timer_ns(const struct sim *sim, sim_dev_id dev)
{
    const struct clock *clock = clock_of(sim, dev);

    return clock->flags & ARMED && !sim_arrivals_over(sim, dev, arrivals_of(sim, dev))
               ? (uint64_t)(setup_of(sim, dev)->mr - clock->seconds) * UINT64_C(1000000000)
               : 0;
}

static void timer_fire(struct sim *sim, sim_dev_id dev)
{
    clock_of(sim, dev)->seconds = setup_of(sim, dev)->mr;
    match(sim, dev);
}

static bool has_cause(const struct sim *sim, sim_dev_id dev)
{
    return clock_of(sim, dev)->ris != 0;
}

static bool holds(const struct sim *sim, sim_dev_id dev, unsigned token)
{
    return sim_arrivals_hold(arrivals_of(sim, dev), token);
}

/* Those that asked for the interrupt just taken are the ones it stands for. */
static void acknowledged(struct sim *sim, sim_dev_id dev)
{
    (void)read_status(sim, dev, setup_of(sim, dev)->imsc);
}

static unsigned arrival(struct sim *sim, sim_dev_id dev, unsigned pin)
{
    return sim_arrivals_take(sim, dev, arrivals_of(sim, dev), pin);
}

const struct sim_device_ops sim_dev_pl031 = {
    .name = "pl031",
    .hot_align = 4,
    .hot_bytes = hot_bytes,
    .cold_bytes = cold_bytes,
    .read = read,
    .write = write,
    .timer_ns = timer_ns,
    .timer_fire = timer_fire,
    .has_cause = has_cause,
    .holds = holds,
    .arrival = arrival,
    .acknowledged = acknowledged,
};
