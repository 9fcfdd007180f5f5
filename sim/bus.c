/* sim/bus.c - from an address to the device or controller that answers. */
#include "sim/bus.h"

#include "sim/controller.h"
#include "sim/device.h"
#include "sim/output.h"

/* Writes under way to one device (`posted T`), oldest first; dead entries are zero. */
struct posted {
    uint32_t count;

    struct posted_write {
        uint32_t value;
        uint16_t offset;
        uint8_t size;
        uint8_t token;
    } write[SIM_POSTED_MAX];
};

_Static_assert(sizeof(struct posted) == 4 + 8 * SIM_POSTED_MAX, "no padding");
_Static_assert((SIM_BUS_SLOTS & (SIM_BUS_SLOTS - 1)) == 0, "the hash masks");
_Static_assert(SIM_DEVICES_MAX + 4 < SIM_BUS_SLOTS / 2, "probing always ends");

/* Multiplicative hashing: bases differ in few bits, far apart. */
static unsigned slot_of(uint32_t number)
{
    return number * UINT32_C(2654435769) >> 24 & (SIM_BUS_SLOTS - 1);
}

void sim_bus_reset(struct sim *sim)
{
    for (unsigned i = 0; i < SIM_BUS_SLOTS; i++)
        sim->page[i] = (struct sim_page){0};
    sim->block_pages = 0;
}

void sim_bus_map(struct sim *sim, uint32_t base, unsigned owner, unsigned part)
{
    uint32_t number = base >> SIM_PAGE_SHIFT;
    unsigned slot = slot_of(number);

    while (sim->page[slot].used)
        slot = (slot + 1) & (SIM_BUS_SLOTS - 1);
    sim->page[slot] = (struct sim_page){
        .number = number, .owner = (uint8_t)owner, .part = (uint8_t)part, .used = 1};
}

void sim_bus_map_block(struct sim *sim, uint32_t base, uint32_t pages, unsigned owner,
                       unsigned part)
{
    sim->block = (struct sim_page){
        .number = base >> SIM_PAGE_SHIFT, .owner = (uint8_t)owner, .part = (uint8_t)part};
    sim->block_pages = pages;
}

/* The page of @address, or 0. */
static const struct sim_page *find(const struct sim *sim, uint32_t address)
{
    uint32_t number = address >> SIM_PAGE_SHIFT;
    unsigned slot = slot_of(number);

    while (sim->page[slot].used) {
        if (sim->page[slot].number == number)
            return &sim->page[slot];
        slot = (slot + 1) & (SIM_BUS_SLOTS - 1);
    }
    return number - sim->block.number < sim->block_pages ? &sim->block : 0;
}

/* Inside its page, or inside the block of pages. */
static uint32_t offset_of(const struct sim *sim, const struct sim_page *page, uint32_t address)
{
    if (page == &sim->block)
        return address - (sim->block.number << SIM_PAGE_SHIFT);
    return address & ((1u << SIM_PAGE_SHIFT) - 1);
}

/* A block of pages is a processor's own: it takes accesses that are not aligned. */
static bool is_access(const struct sim *sim, const struct sim_page *page, uint32_t address,
                      unsigned size)
{
    return size - 1 < 4 && (size & (size - 1)) == 0 &&
           ((address & (size - 1)) == 0 || page == &sim->block);
}

static struct posted *posted_of(const struct sim *sim, sim_dev_id dev)
{
    return (struct posted *)(void *)sim->posted[dev];
}

void sim_bus_layout_posted(struct sim *sim, sim_dev_id dev, const char *name)
{
    sim->device_posted[dev] =
        sim_arena_add(sim->arena, SIM_HOT, sizeof(struct posted), 4, name, "posted");
}

bool sim_bus_pending(const struct sim *sim, sim_dev_id dev)
{
    return sim->posted[dev] && posted_of(sim, dev)->count > 0;
}

static void deliver_oldest(struct sim *sim, sim_dev_id dev)
{
    struct posted *posted = posted_of(sim, dev);
    struct posted_write write = posted->write[0];

    posted->count--;
    for (unsigned i = 0; i < posted->count; i++)
        posted->write[i] = posted->write[i + 1];
    posted->write[posted->count] = (struct posted_write){0};
    sim_device_ops(sim, dev)->write(sim, dev, write.offset, write.size, write.value,
                                    write.token);
}

void sim_bus_deliver(struct sim *sim, sim_dev_id dev)
{
    while (sim_bus_pending(sim, dev))
        deliver_oldest(sim, dev);
}

/* The write leaves the CPU; it arrives when the timer fires or the device is read. */
static void post(struct sim *sim, sim_dev_id dev, const struct posted_write *write)
{
    struct posted *posted = posted_of(sim, dev);

    if (posted->count == SIM_POSTED_MAX)
        deliver_oldest(sim, dev);
    posted->write[posted->count++] = *write;
    sim_device_arm(sim, dev);
}

uint32_t sim_read(struct sim *sim, unsigned cpu, uint32_t address, unsigned size)
{
    const struct sim_page *page = find(sim, address);
    uint32_t offset = offset_of(sim, page, address);
    uint32_t value;

    sim->token = 0;
    if (!page || !is_access(sim, page, address, size) || cpu >= sim->cpus)
        return sim_bus_bad(sim, address);
    sim_output_begin(sim);
    if (page->owner == SIM_PAGE_CONTROLLER) {
        value = sim_controller_read(sim, cpu, page->part, offset, size);
    } else {
        if (sim->posted[page->owner])
            sim_bus_deliver(sim, page->owner);
        value = sim_device_ops(sim, page->owner)->read(sim, page->owner, offset, size);
    }
    sim_output_end(sim);
    return size == 4 ? value : value & ((1u << size * 8) - 1);
}

void sim_write(struct sim *sim, unsigned cpu, uint32_t address, unsigned size, uint32_t value,
               unsigned token)
{
    const struct sim_page *page = find(sim, address);
    uint32_t offset = offset_of(sim, page, address);

    if (!page || !is_access(sim, page, address, size) || cpu >= sim->cpus) {
        sim_bus_bad(sim, address);
        return;
    }
    if (size < 4)
        value &= (1u << size * 8) - 1;
    sim_output_begin(sim);
    if (page->owner == SIM_PAGE_CONTROLLER) {
        sim_controller_write(sim, cpu, page->part, offset, size, value);
    } else if (sim->posted[page->owner]) {
        struct posted_write write = {.value = value,
                                     .offset = (uint16_t)offset,
                                     .size = (uint8_t)size,
                                     .token = (uint8_t)token};
        post(sim, page->owner, &write);
    } else {
        sim_device_ops(sim, page->owner)->write(sim, page->owner, offset, size, value, token);
    }
    sim_output_end(sim);
}
