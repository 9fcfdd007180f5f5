/*
 * sim/dev_cmsdk_timer.c - the timer of Arm's Cortex-M System Design Kit: a down counter.
 *
 * A count that reaches 0 sets INTSTATUS if CTRL.IRQEN is set; INTSTATUS is the line, and only a
 * 1 written to it clears it.  The count stays 0 for one clock, then the next round starts from
 * RELOAD; with RELOAD 0 the timer stops.  A count is what is left until then; it is looked at
 * only there, so VALUE reads what it started from until it is stopped or has expired.
 *
 * Source: Arm DDI 0479D, 4.1; registers in sim/regs/cmsdk_timer.h.  Not modelled: the external
 * input (CTRL bits 1 and 2 are kept).
 */
#include "sim/arrivals.h"
#include "sim/bus.h"
#include "sim/device.h"
#include "sim/line.h"
#include "sim/regs/cmsdk_timer.h"

enum { STOPPED, ROUND, ONCE }; /* how it counts */

/* Behind it lie the arrivals. */
struct timer {
    uint32_t count; /* left until 0; of a later round one clock more */
    uint8_t counts;
    uint8_t is_later; /* not the first round */
    uint8_t status;
    uint8_t zero;
};

struct timer_cold {
    uint32_t reload, ctrl;
};

static struct timer *timer_of(const struct sim *sim, sim_dev_id dev)
{
    return (struct timer *)(void *)sim->hot[dev];
}

static struct timer_cold *setup_of(const struct sim *sim, sim_dev_id dev)
{
    return (struct timer_cold *)(void *)sim->cold[dev];
}

static struct sim_arrivals *arrivals_of(const struct sim *sim, sim_dev_id dev)
{
    return (struct sim_arrivals *)(void *)(timer_of(sim, dev) + 1);
}

static uint32_t hot_bytes(const struct sim_device_config *config)
{
    return (uint32_t)sizeof(struct timer) + sim_arrivals_bytes(config);
}

static uint32_t cold_bytes(const struct sim_device_config *config)
{
    (void)config;
    return sizeof(struct timer_cold);
}

/* Starts to count, or goes on with another count. */
static void run(struct sim *sim, sim_dev_id dev)
{
    struct timer *timer = timer_of(sim, dev);

    timer->is_later = 0;
    timer->counts = setup_of(sim, dev)->reload ? ROUND : ONCE;
    if (timer->counts == ONCE && !timer->count)
        timer->counts = STOPPED;
    if (timer->counts)
        sim_device_arm(sim, dev);
}

/* ------------------------------------------------------------------------------ registers */

static uint32_t read(struct sim *sim, sim_dev_id dev, uint32_t offset, unsigned size)
{
    static const uint8_t id[] = {0x04, 0, 0, 0, 0x22, 0xb8, 0x1b, 0, 0x0d, 0xf0, 0x05, 0xb1};
    const struct timer *timer = timer_of(sim, dev);

    (void)size;
    switch (offset) {
    case CMSDK_TIMER_CTRL:
        return setup_of(sim, dev)->ctrl;
    case CMSDK_TIMER_VALUE:
        return timer->count;
    case CMSDK_TIMER_RELOAD:
        return setup_of(sim, dev)->reload;
    case CMSDK_TIMER_INTSTATUS:
        sim_arrivals_see(arrivals_of(sim, dev), timer->status);
        return timer->status;
    default:
        if (offset >= CMSDK_TIMER_ID && offset <= CMSDK_TIMER_ID + 44)
            return id[(offset - CMSDK_TIMER_ID) / 4];
        return sim_bus_bad(sim, sim->config->device[dev].base + offset);
    }
}

static void write_control(struct sim *sim, sim_dev_id dev, uint32_t value)
{
    struct timer *timer = timer_of(sim, dev);

    setup_of(sim, dev)->ctrl = value & CMSDK_TIMER_CTRL_MASK;
    if (!(value & CMSDK_TIMER_CTRL_EN))
        timer->counts = STOPPED;
    else if (!timer->counts)
        run(sim, dev);
}

/* VALUE and RELOAD: the count begins anew, if it is on. */
static void write_count(struct sim *sim, sim_dev_id dev, uint32_t value)
{
    struct timer *timer = timer_of(sim, dev);

    timer->count = value;
    if (!value && !setup_of(sim, dev)->reload)
        timer->counts = STOPPED;
    else if (timer->counts || (value && setup_of(sim, dev)->ctrl & CMSDK_TIMER_CTRL_EN))
        run(sim, dev);
}

static void write(struct sim *sim, sim_dev_id dev, uint32_t offset, unsigned size,
                  uint32_t value, unsigned token)
{
    (void)size, (void)token;
    switch (offset) {
    case CMSDK_TIMER_CTRL:
        write_control(sim, dev, value);
        break;
    case CMSDK_TIMER_RELOAD:
        setup_of(sim, dev)->reload = value;
        write_count(sim, dev, value);
        break;
    case CMSDK_TIMER_VALUE:
        write_count(sim, dev, value);
        break;
    case CMSDK_TIMER_INTSTATUS:
        if (value & 1) {
            timer_of(sim, dev)->status = 0;
            sim_arrivals_clear(sim, dev, arrivals_of(sim, dev), 1);
        }
        sim_line_drive(sim, dev, timer_of(sim, dev)->status);
        break;
    default:
        if (offset < CMSDK_TIMER_ID)
            sim_bus_bad(sim, sim->config->device[dev].base + offset);
    }
}

/* ----------------------------------------------------------------------------------- time */

static uint64_t timer_ns(const struct sim *sim, sim_dev_id dev)
{
    const struct timer *timer = timer_of(sim, dev);

    if (!timer->counts || sim_arrivals_over(sim, dev, arrivals_of(sim, dev)))
        return 0;
    uint64_t clocks = timer->count ? (uint64_t)timer->count + timer->is_later : 1;
    return clocks * CMSDK_TIMER_TICK_NS;
}

static void timer_fire(struct sim *sim, sim_dev_id dev)
{
    struct timer *timer = timer_of(sim, dev);
    bool expires = timer->count != 0; /* else the clock at 0 is over */

    timer->count = setup_of(sim, dev)->reload;
    if (timer->counts == ONCE)
        timer->counts = STOPPED;
    else
        sim_device_arm(sim, dev);
    timer->is_later = timer->counts && expires;
    if (!expires)
        return;
    if (setup_of(sim, dev)->ctrl & CMSDK_TIMER_CTRL_IRQEN)
        timer->status = 1;
    sim_arrivals_tick(sim, dev, arrivals_of(sim, dev), 0);
    if (timer->status)
        sim_line_drive(sim, dev, true);
}

static bool has_cause(const struct sim *sim, sim_dev_id dev)
{
    return arrivals_of(sim, dev)->count > 0;
}

static bool holds(const struct sim *sim, sim_dev_id dev, unsigned token)
{
    return sim_arrivals_hold(arrivals_of(sim, dev), token);
}

/* Those that asked for the interrupt just taken are the ones it stands for. */
static void acknowledged(struct sim *sim, sim_dev_id dev)
{
    sim_arrivals_see(arrivals_of(sim, dev), timer_of(sim, dev)->status);
}

static unsigned arrival(struct sim *sim, sim_dev_id dev, unsigned pin)
{
    return sim_arrivals_take(sim, dev, arrivals_of(sim, dev), pin);
}

const struct sim_device_ops sim_dev_cmsdk_timer = {
    .name = "cmsdk-timer",
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
