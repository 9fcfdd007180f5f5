/*
 * sim/dev_i8254.c - Intel 8254 programmable interval timer: three counters, of which the first
 * interrupts.
 *
 * The line is OUT of counter 0.  Mode 0: it rises when the count is over, once.  Mode 2: it
 * falls for one clock and rises at the end of each round.  Mode 3: it is low for the second
 * half of a round.  Each rise is an expiration.  A count is looked at only there: it reads
 * what the round started from.
 *
 * Source: Intel 8254 data sheet (231164); registers in sim/regs/i8254.h.
 * Not modelled: time in counters 1 and 2, gates (modes 1 and 5 never start), BCD; OUT is low
 * until the first round is over, also in modes 2 and 3, where the control word makes it high.
 */
#include "sim/arrivals.h"
#include "sim/bus.h"
#include "sim/device.h"
#include "sim/line.h"
#include "sim/regs/i8254.h"

enum {
    COUNTS = 1,         /* has been loaded and is not over */
    LATCHED = 2,        /* a read takes the latch */
    STATUS = 4,         /* the next read is the status byte */
    READS_HIGH = 8,     /* the next byte read is the high one */
    WRITES_HIGH = 16,   /* the next byte written is the high one */
    OUT = 32,           /* counter 0: the line */
    EVER_COUNTED = 0x40 /* has been loaded since its control word */
};

struct counter {
    uint16_t latch;
    uint8_t flags;
    uint8_t low; /* written, waits for the high byte */
};

/* Behind them lie the arrivals. */
struct pit {
    struct counter counter[I8254_COUNTERS];
};

struct pit_cold {
    uint16_t reload[I8254_COUNTERS];
    uint8_t control[I8254_COUNTERS];
    uint8_t zero[3];
};

static struct pit *pit_of(const struct sim *sim, sim_dev_id dev)
{
    return (struct pit *)(void *)sim->hot[dev];
}

static struct pit_cold *setup_of(const struct sim *sim, sim_dev_id dev)
{
    return (struct pit_cold *)(void *)sim->cold[dev];
}

static struct sim_arrivals *arrivals_of(const struct sim *sim, sim_dev_id dev)
{
    return (struct sim_arrivals *)(void *)(pit_of(sim, dev) + 1);
}

static uint32_t hot_bytes(const struct sim_device_config *config)
{
    return (uint32_t)sizeof(struct pit) + sim_arrivals_bytes(config);
}

static uint32_t cold_bytes(const struct sim_device_config *config)
{
    (void)config;
    return sizeof(struct pit_cold);
}

static unsigned mode_of(const struct sim *sim, sim_dev_id dev, unsigned n)
{
    unsigned mode = setup_of(sim, dev)->control[n] >> I8254_MODE_SHIFT & 7;

    return mode > 5 ? mode - 4 : mode;
}

/* A count of 0 is the longest. */
static uint32_t length_of(const struct sim *sim, sim_dev_id dev)
{
    uint32_t reload = setup_of(sim, dev)->reload[0];

    return reload ? reload : 0x10000;
}

static void set_out(struct sim *sim, sim_dev_id dev, bool high)
{
    struct counter *counter = &pit_of(sim, dev)->counter[0];

    counter->flags = (uint8_t)(high ? counter->flags | OUT : counter->flags & ~OUT);
    sim_line_drive(sim, dev, high);
}

/* ------------------------------------------------------------------------------ registers */

static void latch_count(struct sim *sim, sim_dev_id dev, unsigned n)
{
    struct counter *counter = &pit_of(sim, dev)->counter[n];

    if (counter->flags & LATCHED)
        return; /* the first latch counts until it is read */
    counter->latch = setup_of(sim, dev)->reload[n];
    counter->flags |= LATCHED;
}

static void write_control(struct sim *sim, sim_dev_id dev, uint32_t value)
{
    unsigned n = value >> I8254_SELECT_SHIFT;

    if (n == I8254_READ_BACK) {
        for (unsigned i = 0; i < I8254_COUNTERS; i++) {
            if (!(value >> (i + 1) & 1))
                continue;
            if (!(value & I8254_NO_COUNT))
                latch_count(sim, dev, i);
            if (!(value & I8254_NO_STATUS))
                pit_of(sim, dev)->counter[i].flags |= STATUS;
        }
        return;
    }
    if (!(value >> I8254_RW_SHIFT & 3)) {
        latch_count(sim, dev, n);
        return;
    }
    pit_of(sim, dev)->counter[n] = (struct counter){0};
    setup_of(sim, dev)->control[n] = value & 0x3f;
    if (n == 0)
        set_out(sim, dev, false);
}

/* A whole count: the counter starts, or goes on with it from the next round. */
static void load(struct sim *sim, sim_dev_id dev, unsigned n, uint32_t value)
{
    struct counter *counter = &pit_of(sim, dev)->counter[n];
    unsigned mode = mode_of(sim, dev, n);
    bool runs =
        (counter->flags & COUNTS) && (mode == I8254_MODE_RATE || mode == I8254_MODE_SQUARE);

    setup_of(sim, dev)->reload[n] = (uint16_t)value;
    counter->flags |= EVER_COUNTED;
    if (mode == 1 || mode == 5)
        return;
    counter->flags |= COUNTS;
    if (n == 0 && mode == I8254_MODE_TERMINAL)
        set_out(sim, dev, false);
    if (n == 0 && !runs)
        sim_device_arm(sim, dev);
}

static void write_count(struct sim *sim, sim_dev_id dev, unsigned n, uint32_t value)
{
    struct counter *counter = &pit_of(sim, dev)->counter[n];

    switch (setup_of(sim, dev)->control[n] >> I8254_RW_SHIFT & 3) {
    case 1:
        load(sim, dev, n, value);
        break;
    case 2:
        load(sim, dev, n, value << 8);
        break;
    case 3:
        if (counter->flags & WRITES_HIGH)
            load(sim, dev, n, value << 8 | counter->low);
        counter->low = (uint8_t)(counter->flags & WRITES_HIGH ? 0 : value);
        counter->flags ^= WRITES_HIGH;
        break;
    default:
        break;
    }
}

static uint32_t read_count(struct sim *sim, sim_dev_id dev, unsigned n)
{
    struct counter *counter = &pit_of(sim, dev)->counter[n];
    unsigned control = setup_of(sim, dev)->control[n];
    unsigned bytes = control >> I8254_RW_SHIFT & 3;
    bool high = bytes == 2 || (bytes == 3 && counter->flags & READS_HIGH);
    uint32_t value;

    if (counter->flags & STATUS) {
        counter->flags &= (uint8_t)~STATUS;
        return control | (counter->flags & OUT ? I8254_STATUS_OUT : 0) |
               (counter->flags & EVER_COUNTED ? 0 : I8254_STATUS_NULL);
    }
    value = counter->flags & LATCHED ? counter->latch : setup_of(sim, dev)->reload[n];
    if (bytes == 3)
        counter->flags ^= READS_HIGH;
    if (bytes != 3 || high) {
        counter->flags &= (uint8_t)~LATCHED;
        counter->latch = 0;
    }
    return high ? value >> 8 : value & 0xff;
}

static uint32_t read(struct sim *sim, sim_dev_id dev, uint32_t offset, unsigned size)
{
    (void)size;
    if (offset < I8254_COUNTERS)
        return read_count(sim, dev, offset);
    return offset == I8254_CONTROL ? 0
                                   : sim_bus_bad(sim, sim->config->device[dev].base + offset);
}

static void write(struct sim *sim, sim_dev_id dev, uint32_t offset, unsigned size,
                  uint32_t value, unsigned token)
{
    (void)size, (void)token;
    if (offset < I8254_COUNTERS)
        write_count(sim, dev, offset, value & 0xff);
    else if (offset == I8254_CONTROL)
        write_control(sim, dev, value & 0xff);
    else
        sim_bus_bad(sim, sim->config->device[dev].base + offset);
}

/* ----------------------------------------------------------------------------------- time */

static uint64_t timer_ns(const struct sim *sim, sim_dev_id dev)
{
    uint64_t ns = UINT64_C(1000000000) * length_of(sim, dev) / I8254_CLOCK_HZ;

    if (!(pit_of(sim, dev)->counter[0].flags & COUNTS) ||
        sim_arrivals_over(sim, dev, arrivals_of(sim, dev)))
        return 0;
    return mode_of(sim, dev, 0) == I8254_MODE_SQUARE ? ns / 2 : ns;
}

static void timer_fire(struct sim *sim, sim_dev_id dev)
{
    struct counter *counter = &pit_of(sim, dev)->counter[0];
    unsigned mode = mode_of(sim, dev, 0);
    bool falls = mode == I8254_MODE_SQUARE && counter->flags & OUT;

    if (falls) {
        set_out(sim, dev, false);
    } else {
        sim_arrivals_tick(sim, dev, arrivals_of(sim, dev), 0);
        set_out(sim, dev, false);
        set_out(sim, dev, true);
    }
    if (mode == I8254_MODE_RATE || mode == I8254_MODE_SQUARE)
        sim_device_arm(sim, dev);
    else
        counter->flags &= (uint8_t)~COUNTS;
}

static bool has_cause(const struct sim *sim, sim_dev_id dev)
{
    return arrivals_of(sim, dev)->count > 0;
}

static bool holds(const struct sim *sim, sim_dev_id dev, unsigned token)
{
    return sim_arrivals_hold(arrivals_of(sim, dev), token);
}

/* There is no status to read: those that had come at the acknowledge are seen. */
static void acknowledged(struct sim *sim, sim_dev_id dev)
{
    sim_arrivals_see(arrivals_of(sim, dev), 1);
}

static unsigned arrival(struct sim *sim, sim_dev_id dev, unsigned pin)
{
    return sim_arrivals_take(sim, dev, arrivals_of(sim, dev), pin);
}

const struct sim_device_ops sim_dev_i8254 = {
    .name = "i8254",
    .hot_align = 2,
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
