/*
 * sim/dev_virtio.c - a block device behind virtio over MMIO: requests in, completions out.
 *
 * A notification adds a request.  Served one after the other, or when the world finishes one,
 * it goes to the used ring and sets bit 0 of InterruptStatus, which is the line; InterruptACK
 * clears the bit and leaves the ring.  So a driver that acknowledges after it has looked at the
 * ring loses what came in between.  A completion is a token; arrival() takes the oldest of the
 * used ring, and nothing merges: the ring keeps them all.
 *
 * Source: virtio 1.2, 2.7 (split queues), 4.2 (MMIO), 5.2 (block); registers in
 * sim/regs/virtio_mmio.h.
 * Not modelled: the rings in guest memory (the device keeps what is in them), the data, the
 * legacy layout, queue sizes below the most, event suppression, changes of the configuration.
 */
#include "sim/bus.h"
#include "sim/device.h"
#include "sim/line.h"
#include "sim/regs/virtio_mmio.h"

struct disk {
    uint16_t under_way; /* bit per request that was taken and not yet finished */
    uint8_t submitted;  /* requests so far */
    uint8_t interrupt;  /* InterruptStatus */
    uint8_t used_count;
    uint8_t zero[3];
    uint8_t used[VIRTIO_QUEUE_MOST]; /* 1 + request, the oldest first; dead entries 0 */
};

struct disk_cold {
    uint32_t driver_features[2];
    uint32_t address[(VIRTIO_QueueDeviceHigh - VIRTIO_QueueDescLow) / 4 + 1];
    uint32_t queue_num;
    uint8_t status, queue_sel, queue_ready;
    uint8_t features_sel; /* bit 0 the device's, bit 1 the driver's */
};

static struct disk *disk_of(const struct sim *sim, sim_dev_id dev)
{
    return (struct disk *)(void *)sim->hot[dev];
}

static struct disk_cold *setup_of(const struct sim *sim, sim_dev_id dev)
{
    return (struct disk_cold *)(void *)sim->cold[dev];
}

static uint32_t hot_bytes(const struct sim_device_config *config)
{
    (void)config;
    return sizeof(struct disk);
}

static uint32_t cold_bytes(const struct sim_device_config *config)
{
    (void)config;
    return sizeof(struct disk_cold);
}

/* Several transports share a page: which one @offset means, seen from the page's first. */
static bool find(const struct sim *sim, sim_dev_id *dev, uint32_t *offset)
{
    const struct sim_config *config = sim->config;
    uint32_t base = config->device[*dev].base + (*offset & ~(VIRTIO_BYTES - 1u));

    *offset &= VIRTIO_BYTES - 1u;
    for (unsigned d = 0; d < config->devices; d++)
        if (config->device[d].model == SIM_MODEL_VIRTIO && config->device[d].base == base) {
            *dev = (sim_dev_id)d;
            return true;
        }
    return false;
}

static void update(struct sim *sim, sim_dev_id dev)
{
    sim_line_drive(sim, dev, disk_of(sim, dev)->interrupt != 0);
}

/* The bit of the oldest request under way; 0: none. */
static unsigned oldest(const struct disk *disk)
{
    return disk->under_way & (unsigned)-disk->under_way;
}

static void finish(struct sim *sim, sim_dev_id dev, unsigned bit)
{
    const struct sim_device_config *config = &sim->config->device[dev];
    struct disk *disk = disk_of(sim, dev);
    unsigned request = (unsigned)__builtin_ctz(bit);
    unsigned token = config->tick ? config->tick + request : 0;

    disk->under_way &= (uint16_t)~bit;
    disk->used[disk->used_count++] = (uint8_t)(request + 1);
    disk->interrupt |= VIRTIO_INT_USED;
    sim_trace(sim->trace, SIM_EV_ARRIVE, dev, sim_token_byte(sim, token), token);
    update(sim, dev);
    if (disk->under_way)
        sim_device_arm(sim, dev);
}

/* ---- registers ---- */

static void notify(struct sim *sim, sim_dev_id dev, uint32_t queue)
{
    const struct disk_cold *setup = setup_of(sim, dev);
    struct disk *disk = disk_of(sim, dev);

    if (queue || !(setup->status & VIRTIO_S_DRIVER_OK) || !setup->queue_ready ||
        disk->submitted == VIRTIO_QUEUE_MOST)
        return;
    if (!disk->under_way)
        sim_device_arm(sim, dev);
    disk->under_way |= (uint16_t)(1u << disk->submitted++);
}

/* What was under way is forgotten, and so is what nobody took. */
static void reset_device(struct sim *sim, sim_dev_id dev)
{
    struct disk *disk = disk_of(sim, dev);
    const struct sim_device_config *config = &sim->config->device[dev];
    uint8_t submitted = disk->submitted;

    for (unsigned i = 0; i < disk->used_count; i++)
        sim_trace(sim->trace, SIM_EV_DROP, dev, SIM_DROP_CLEARED,
                  config->tick ? config->tick + disk->used[i] - 1u : 0);
    *disk = (struct disk){.submitted = submitted};
    *setup_of(sim, dev) = (struct disk_cold){.queue_num = VIRTIO_QUEUE_MOST};
    update(sim, dev);
}

static bool is_register(uint32_t offset)
{
#define IS_REGISTER(reg, rule, mask, value, many) offset == (reg) ||
    return VIRTIO_REGISTERS(IS_REGISTER) offset > VIRTIO_Config;
#undef IS_REGISTER
}

static uint32_t read_features(const struct disk_cold *setup)
{
    return setup->features_sel & 1 ? VIRTIO_F_VERSION_1_HIGH : 0;
}

static uint32_t read(struct sim *sim, sim_dev_id dev, uint32_t offset, unsigned size)
{
    uint32_t at = offset;
    const struct disk_cold *setup;

    (void)size;
    if (!find(sim, &dev, &offset))
        return sim_bus_bad(sim, sim->config->device[dev].base + at);
    setup = setup_of(sim, dev);
    switch (offset) {
    case VIRTIO_MagicValue:
        return VIRTIO_MAGIC_VALUE;
    case VIRTIO_Version:
        return 2;
    case VIRTIO_DeviceID:
        return VIRTIO_ID_BLOCK;
    case VIRTIO_DeviceFeatures:
        return read_features(setup);
    case VIRTIO_QueueNumMax:
        return setup->queue_sel ? 0 : VIRTIO_QUEUE_MOST;
    case VIRTIO_QueueReady:
        return setup->queue_sel ? 0 : setup->queue_ready;
    case VIRTIO_InterruptStatus:
        return disk_of(sim, dev)->interrupt;
    case VIRTIO_Status:
        return setup->status;
    case VIRTIO_Config:
        return 1; /* a sector */
    default: /* what can only be written, what nobody sets, the rest of the configuration */
        return is_register(offset) ? 0 : sim_bus_bad(sim, sim->config->device[dev].base + at);
    }
}

static void write_setup(struct sim *sim, sim_dev_id dev, uint32_t offset, uint32_t value)
{
    struct disk_cold *setup = setup_of(sim, dev);

    switch (offset) {
    case VIRTIO_DeviceFeaturesSel:
        setup->features_sel = (uint8_t)((setup->features_sel & ~1u) | (value & 1));
        break;
    case VIRTIO_DriverFeaturesSel:
        setup->features_sel = (uint8_t)((setup->features_sel & ~2u) | (value & 1) << 1);
        break;
    case VIRTIO_DriverFeatures:
        setup->driver_features[setup->features_sel >> 1] = value;
        break;
    case VIRTIO_QueueSel:
        setup->queue_sel = (uint8_t)(value != 0);
        break;
    case VIRTIO_QueueNum:
        setup->queue_num = value;
        break;
    case VIRTIO_QueueReady:
        setup->queue_ready = setup->queue_sel ? setup->queue_ready : value & 1;
        break;
    default:
        if (offset >= VIRTIO_QueueDescLow && offset <= VIRTIO_QueueDeviceHigh)
            setup->address[(offset - VIRTIO_QueueDescLow) / 4] = value;
        if (!is_register(offset))
            sim_bus_bad(sim, sim->config->device[dev].base + offset);
    }
}

static void write(struct sim *sim, sim_dev_id dev, uint32_t offset, unsigned size,
                  uint32_t value, unsigned token)
{
    uint32_t at = offset;

    (void)size, (void)token;
    if (!find(sim, &dev, &offset)) {
        sim_bus_bad(sim, sim->config->device[dev].base + at);
        return;
    }
    switch (offset) {
    case VIRTIO_QueueNotify:
        notify(sim, dev, value);
        break;
    case VIRTIO_InterruptACK:
        disk_of(sim, dev)->interrupt &= (uint8_t)~value;
        update(sim, dev);
        break;
    case VIRTIO_Status:
        if (value == 0)
            reset_device(sim, dev);
        else
            setup_of(sim, dev)->status = (uint8_t)value;
        break;
    default:
        write_setup(sim, dev, offset, value);
    }
}

static void reset(struct sim *sim, sim_dev_id dev)
{
    setup_of(sim, dev)->queue_num = VIRTIO_QUEUE_MOST;
}

/* ---- the world, time, the driver ---- */

/* disk.finish(k); k = 0: the oldest. */
static unsigned meant(const struct disk *disk, uint32_t request)
{
    return request ? disk->under_way & 1u << (request - 1) : oldest(disk);
}

static bool can_act(const struct sim *sim, sim_dev_id dev, enum sim_verb verb, uint32_t arg)
{
    (void)verb;
    return meant(disk_of(sim, dev), arg) != 0;
}

static void act(struct sim *sim, sim_dev_id dev, enum sim_verb verb, uint32_t arg,
                unsigned token)
{
    (void)verb, (void)token;
    finish(sim, dev, meant(disk_of(sim, dev), arg));
}

/* Of the one that is served; 0 if the world does it. */
static uint64_t timer_ns(const struct sim *sim, sim_dev_id dev)
{
    return disk_of(sim, dev)->under_way ? sim->config->device[dev].pulse_ns : 0;
}

static void timer_fire(struct sim *sim, sim_dev_id dev)
{
    finish(sim, dev, oldest(disk_of(sim, dev)));
}

static bool has_cause(const struct sim *sim, sim_dev_id dev)
{
    return disk_of(sim, dev)->interrupt || disk_of(sim, dev)->used_count;
}

static bool holds(const struct sim *sim, sim_dev_id dev, unsigned token)
{
    const struct disk *disk = disk_of(sim, dev);
    unsigned first = sim->config->device[dev].tick;

    for (unsigned i = 0; first && i < disk->used_count; i++)
        if (first + disk->used[i] - 1u == token)
            return true;
    return false;
}

static unsigned arrival(struct sim *sim, sim_dev_id dev, unsigned pin)
{
    struct disk *disk = disk_of(sim, dev);
    unsigned request = disk->used[0];

    (void)pin;
    if (!disk->used_count)
        return 0;
    disk->used_count--;
    for (unsigned i = 0; i < disk->used_count; i++)
        disk->used[i] = disk->used[i + 1];
    disk->used[disk->used_count] = 0;
    return sim->config->device[dev].tick + request - 1;
}

const struct sim_device_ops sim_dev_virtio = {
    .name = "virtio",
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
    .arrival = arrival,
};
