/*
 * sim/dev_sp804.c - Arm SP804 dual timer: two down counters that share one line.
 *
 * A counter that reaches 0 sets its RIS; INTCLR clears it.  The line is high while a timer with
 * CTRL.IE has RIS set.  A count is what is left until then; it is looked at only there, so
 * VALUE reads what the counter started from until it is stopped or has expired.
 *
 * Source: Arm DDI 0271D; registers in sim/regs/sp804.h; QEMU's differences are rows of
 * sim/policy.h.
 * Not modelled: the passing of time in the second timer (its registers are there), the
 * integration test registers.
 */
#include "sim/arrivals.h"
#include "sim/bus.h"
#include "sim/device.h"
#include "sim/line.h"
#include "sim/policy.h"
#include "sim/regs/sp804.h"

enum { STOPPED, ROUND, ONCE }; /* how it counts */

struct timer {
    uint32_t count; /* left until 0 */
    uint8_t counts;
    uint8_t ris;
    uint8_t zero[2];
};

/* Behind them lie the arrivals. */
struct timers {
    struct timer timer[SP804_TIMERS];
};

struct timers_cold {
    struct {
        uint32_t load, ctrl;
    } timer[SP804_TIMERS];
};

static struct timers *timers_of(const struct sim *sim, sim_dev_id dev)
{
    return (struct timers *)(void *)sim->hot[dev];
}

static struct timers_cold *setup_of(const struct sim *sim, sim_dev_id dev)
{
    return (struct timers_cold *)(void *)sim->cold[dev];
}

static struct sim_arrivals *arrivals_of(const struct sim *sim, sim_dev_id dev)
{
    return (struct sim_arrivals *)(void *)(timers_of(sim, dev) + 1);
}

static uint32_t hot_bytes(const struct sim_device_config *config)
{
    return (uint32_t)sizeof(struct timers) + sim_arrivals_bytes(config);
}

static uint32_t cold_bytes(const struct sim_device_config *config)
{
    (void)config;
    return sizeof(struct timers_cold);
}

/* The timers that ask, a bit each. */
static uint32_t asking(const struct sim *sim, sim_dev_id dev)
{
    uint32_t timers = 0;

    for (unsigned n = 0; n < SP804_TIMERS; n++)
        if (timers_of(sim, dev)->timer[n].ris &&
            (setup_of(sim, dev)->timer[n].ctrl & SP804_CTRL_IE))
            timers |= 1u << n;
    return timers;
}

static void update(struct sim *sim, sim_dev_id dev)
{
    sim_line_drive(sim, dev, asking(sim, dev) != 0);
}

/* All ones, as wide as the counter is. */
static uint32_t top(const struct sim *sim, sim_dev_id dev, unsigned n)
{
    return setup_of(sim, dev)->timer[n].ctrl & SP804_CTRL_32BIT ? UINT32_MAX : 0xffff;
}

/* Where a round starts from. */
static uint32_t limit(const struct sim *sim, sim_dev_id dev, unsigned n)
{
    uint32_t ctrl = setup_of(sim, dev)->timer[n].ctrl;
    uint32_t load = setup_of(sim, dev)->timer[n].load;

    if (!(ctrl & (SP804_CTRL_PERIODIC | SP804_CTRL_ONESHOT)))
        return top(sim, dev, n);
    return sim_policy(sim, SIM_POLICY_SP804_SIZE_IGNORED) ? load : load & top(sim, dev, n);
}

/* Clocks of the counter's one. */
static uint32_t divisor(uint32_t ctrl)
{
    static const uint16_t divisors[] = {1, 16, 256, 1};

    return divisors[ctrl >> SP804_CTRL_PRE_SHIFT & 3];
}

/* It has reached 0. */
static void expire(struct sim *sim, sim_dev_id dev, unsigned n)
{
    struct timer *timer = &timers_of(sim, dev)->timer[n];

    timer->ris = 1;
    timer->count = timer->counts == ONCE ? 0 : limit(sim, dev, n);
    if (timer->counts == ONCE || !timer->count)
        timer->counts = STOPPED;
    sim_arrivals_tick(sim, dev, arrivals_of(sim, dev), n);
    update(sim, dev);
}

/* Starts to count, or goes on with another count; a count of 0 expires at once. */
static void run(struct sim *sim, sim_dev_id dev, unsigned n)
{
    struct timer *timer = &timers_of(sim, dev)->timer[n];
    bool once = (setup_of(sim, dev)->timer[n].ctrl & SP804_CTRL_ONESHOT) != 0;

    timer->counts = once ? ONCE : ROUND;
    if (!timer->count) {
        timer->counts = ROUND; /* from LOAD again, even a one-shot timer: it has just started */
        expire(sim, dev, n);
        if (timer->count)
            timer->counts = once ? ONCE : ROUND;
    }
    if (timer->counts && n == 0)
        sim_device_arm(sim, dev);
}

/*
 * QEMU keeps a running counter as a time in whole nanoseconds and divides it by the period when
 * it is looked at.  Only the clock of 1 MHz / 256 = 3906 Hz has a fraction: it loses one.
 */
static uint32_t counted(const struct sim *sim, sim_dev_id dev, unsigned n)
{
    enum { WHOLE_NS = 256016 };

    static const uint64_t fraction = (UINT64_C(1000000000) << 32) / 3906 & UINT32_MAX;
    const struct timer *timer = &timers_of(sim, dev)->timer[n];
    uint32_t ctrl = setup_of(sim, dev)->timer[n].ctrl;

    if (!sim_policy(sim, SIM_POLICY_SP804_ROUNDS) || divisor(ctrl) != 256 || !timer->counts ||
        !timer->count)
        return timer->count;
    uint64_t left = (uint64_t)timer->count * WHOLE_NS + (fraction * timer->count >> 32);
    uint64_t period = WHOLE_NS;
    unsigned shift = (unsigned)__builtin_clzll(left);
    left <<= shift;
    period <<= shift;
    period |= shift >= 32 ? fraction << (shift - 32) : fraction >> (32 - shift);
    if ((uint32_t)(fraction << shift))
        period++;
    return (uint32_t)(left / period);
}

/* ------------------------------------------------------------------------------ registers */

static uint32_t read_status(struct sim *sim, sim_dev_id dev, unsigned n)
{
    unsigned ris = timers_of(sim, dev)->timer[n].ris;

    sim_arrivals_see(arrivals_of(sim, dev), ris << n);
    return ris;
}

static uint32_t timer_read(struct sim *sim, sim_dev_id dev, unsigned n, uint32_t offset)
{
    const struct timers_cold *setup = setup_of(sim, dev);

    switch (offset & ~3u) {
    case SP804_LOAD:
    case SP804_BGLOAD:
        return setup->timer[n].load;
    case SP804_VALUE:
        return counted(sim, dev, n);
    case SP804_CTRL:
        return setup->timer[n].ctrl;
    case SP804_RIS:
        return read_status(sim, dev, n);
    case SP804_MIS:
        return setup->timer[n].ctrl & SP804_CTRL_IE ? read_status(sim, dev, n) : 0;
    case SP804_INTCLR:
        return 0;
    default:
        return sim_bus_bad(sim,
                           sim->config->device[dev].base + n * SP804_TIMER_STRIDE + offset);
    }
}

static uint32_t read(struct sim *sim, sim_dev_id dev, uint32_t offset, unsigned size)
{
    static const uint8_t id[] = {0x04, 0x18, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

    (void)size;
    if (offset < SP804_TIMERS * SP804_TIMER_STRIDE)
        return timer_read(sim, dev, offset / SP804_TIMER_STRIDE, offset % SP804_TIMER_STRIDE);
    if (offset >= SP804_ID && offset <= SP804_ID + 28)
        return id[(offset - SP804_ID) / 4];
    return sim_bus_bad(sim, sim->config->device[dev].base + offset);
}

static void write_load(struct sim *sim, sim_dev_id dev, unsigned n, uint32_t value)
{
    struct timer *timer = &timers_of(sim, dev)->timer[n];

    setup_of(sim, dev)->timer[n].load = value;
    if (sim_policy(sim, SIM_POLICY_SP804_TOP_FIRST))
        timer->count = limit(sim, dev, n);
    else
        timer->count = value & top(sim, dev, n);
    if (timer->counts || (!sim_policy(sim, SIM_POLICY_SP804_TOP_FIRST) &&
                          setup_of(sim, dev)->timer[n].ctrl & SP804_CTRL_EN))
        run(sim, dev, n);
}

static void write_control(struct sim *sim, sim_dev_id dev, unsigned n, uint32_t value)
{
    struct timer *timer = &timers_of(sim, dev)->timer[n];
    uint32_t *ctrl = &setup_of(sim, dev)->timer[n].ctrl;
    bool restarts = sim_policy(sim, SIM_POLICY_SP804_CONTROL_RELOADS);
    bool is_over = (*ctrl & SP804_CTRL_EN) && !timer->counts;

    timer->count = counted(sim, dev, n);
    timer->counts = STOPPED;
    *ctrl = sim_policy(sim, SIM_POLICY_SP804_WIDE) ? value : value & 0xef;
    if (!(value & SP804_CTRL_EN))
        return;
    if (restarts)
        timer->count = limit(sim, dev, n);
    else if (is_over && (value & SP804_CTRL_ONESHOT))
        return; /* a one-shot timer stays at 0 until LOAD is written */
    run(sim, dev, n);
}

static void write(struct sim *sim, sim_dev_id dev, uint32_t offset, unsigned size,
                  uint32_t value, unsigned token)
{
    unsigned n = offset / SP804_TIMER_STRIDE;

    (void)size, (void)token;
    if (n >= SP804_TIMERS) {
        sim_bus_bad(sim, sim->config->device[dev].base + offset);
        return;
    }
    switch (offset % SP804_TIMER_STRIDE & ~3u) {
    case SP804_LOAD:
        write_load(sim, dev, n, value);
        break;
    case SP804_CTRL:
        write_control(sim, dev, n, value);
        break;
    case SP804_INTCLR:
        timers_of(sim, dev)->timer[n].ris = 0;
        sim_arrivals_clear(sim, dev, arrivals_of(sim, dev), 1u << n);
        break;
    case SP804_BGLOAD:
        setup_of(sim, dev)->timer[n].load = value;
        break;
    case SP804_VALUE:
    case SP804_RIS:
    case SP804_MIS:
        break;
    default:
        sim_bus_bad(sim, sim->config->device[dev].base + offset);
    }
    update(sim, dev);
}

static void reset(struct sim *sim, sim_dev_id dev)
{
    for (unsigned n = 0; n < SP804_TIMERS; n++) {
        setup_of(sim, dev)->timer[n].ctrl = SP804_CTRL_IE;
        if (!sim_policy(sim, SIM_POLICY_SP804_STARTS_AT_0))
            timers_of(sim, dev)->timer[n].count = UINT32_MAX;
    }
}

/* ----------------------------------------------------------------------------------- time */

static uint64_t timer_ns(const struct sim *sim, sim_dev_id dev)
{
    const struct timer *timer = &timers_of(sim, dev)->timer[0];

    if (!timer->counts || !timer->count || sim_arrivals_over(sim, dev, arrivals_of(sim, dev)))
        return 0;
    return (uint64_t)timer->count * divisor(setup_of(sim, dev)->timer[0].ctrl) * SP804_TICK_NS;
}

static void timer_fire(struct sim *sim, sim_dev_id dev)
{
    expire(sim, dev, 0);
    if (timers_of(sim, dev)->timer[0].counts)
        sim_device_arm(sim, dev);
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
    sim_arrivals_see(arrivals_of(sim, dev), asking(sim, dev));
}

static unsigned arrival(struct sim *sim, sim_dev_id dev, unsigned pin)
{
    return sim_arrivals_take(sim, dev, arrivals_of(sim, dev), pin);
}

const struct sim_device_ops sim_dev_sp804 = {
    .name = "sp804",
    .hot_align = 4,
    .hot_bytes = hot_bytes,
    .cold_bytes = cold_bytes,
    .reset = reset,
    .read = read,
    .write = write,
    .timer_ns = timer_ns,
    .timer_fire = timer_fire,
    .has_cause = has_cause,
    .holds = holds,
    .arrival = arrival,
    .acknowledged = acknowledged,
};
