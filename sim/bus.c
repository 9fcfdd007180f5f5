/* sim/bus.c - from an address to the device or controller that answers. */
#include "sim/bus.h"

#include "sim/controller.h"
#include "sim/device.h"
#include "sim/msi.h"
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

/* Where an access arrives. */
struct place {
    uint32_t offset; /* inside its page, or inside the block of pages */
    uint8_t owner;   /* enum sim_page_owner or device */
    uint8_t part;
    bool none; /* nowhere: a guest error */
};

/* The offset from the first page of an owner of several. */
static uint32_t in_block(const struct place *to)
{
    return (uint32_t)to->part << SIM_PAGE_SHIFT | to->offset;
}

static inline bool is_aligned(uint32_t address, unsigned size)
{
    return size - 1 < 4 && ((size | address) & (size - 1)) == 0;
}

static inline struct place place_in(const struct sim_page *page, uint32_t address)
{
    return (struct place){.offset = address & ((1u << SIM_PAGE_SHIFT) - 1),
                          .owner = page->owner,
                          .part = page->part};
}

/*
 * The same as find() for what is not in the first slot where it could be.  A block of pages is
 * a processor's own: it takes accesses that are not aligned.
 */
static __attribute__((noinline)) struct place search(const struct sim *sim, unsigned cpu,
                                                     uint32_t address, unsigned size)
{
    uint32_t number = address >> SIM_PAGE_SHIFT;
    unsigned slot = slot_of(number);

    if (cpu >= sim->cpus || size - 1 >= 4 || (size & (size - 1)))
        return (struct place){.none = true};
    for (; sim->page[slot].used; slot = (slot + 1) & (SIM_BUS_SLOTS - 1))
        if (sim->page[slot].number == number) {
            struct place place = place_in(&sim->page[slot], address);
            place.none = !is_aligned(address, size);
            return place;
        }
    return (struct place){.offset = address - (sim->block.number << SIM_PAGE_SHIFT),
                          .owner = sim->block.owner,
                          .part = sim->block.part,
                          .none = number - sim->block.number >= sim->block_pages};
}

static inline struct place find(const struct sim *sim, unsigned cpu, uint32_t address,
                                unsigned size)
{
    uint32_t number = address >> SIM_PAGE_SHIFT;
    const struct sim_page *page = &sim->page[slot_of(number)];

    if (page->number == number && page->used && is_aligned(address, size) && cpu < sim->cpus)
        return place_in(page, address);
    return search(sim, cpu, address, size);
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

__attribute__((noinline)) void sim_bus_deliver(struct sim *sim, sim_dev_id dev)
{
    while (sim_bus_pending(sim, dev))
        deliver_oldest(sim, dev);
}

/* The write leaves the CPU; it arrives when the timer fires or the device is read. */
static __attribute__((noinline)) void post(struct sim *sim, sim_dev_id dev,
                                           const struct posted_write *write)
{
    struct posted *posted = posted_of(sim, dev);

    if (posted->count == SIM_POSTED_MAX)
        deliver_oldest(sim, dev);
    posted->write[posted->count++] = *write;
    sim_device_arm(sim, dev);
}

/* The bits of a value of so many bytes. */
static const uint32_t mask_of[] = {0, 0xff, 0xffff, 0, 0xffffffff};

uint32_t sim_read(struct sim *sim, unsigned cpu, uint32_t address, unsigned size)
{
    struct place to = find(sim, cpu, address, size);
    uint32_t value;

    sim->token = 0;
    if (to.none)
        return sim_bus_bad(sim, address);
    sim_output_begin(sim);
    if (to.owner == SIM_PAGE_CONTROLLER) {
        value = sim_controller_read(sim, cpu, to.part, to.offset, size);
    } else if (to.owner == SIM_PAGE_MESSAGES) {
        value = sim_msi_read(sim, in_block(&to), size);
    } else {
        if (sim->posted[to.owner])
            sim_bus_deliver(sim, to.owner);
        value = sim_device_ops(sim, to.owner)->read(sim, to.owner, to.offset, size);
    }
    sim_output_end(sim);
    return value & mask_of[size];
}

void sim_write(struct sim *sim, unsigned cpu, uint32_t address, unsigned size, uint32_t value,
               unsigned token)
{
    struct place to = find(sim, cpu, address, size);

    if (to.none) {
        sim_bus_bad(sim, address);
        return;
    }
    value &= mask_of[size];
    sim_output_begin(sim);
    if (to.owner == SIM_PAGE_CONTROLLER) {
        sim_controller_write(sim, cpu, to.part, to.offset, size, value);
    } else if (to.owner == SIM_PAGE_MESSAGES) {
        sim_msi_write(sim, in_block(&to), size, value);
    } else if (sim->posted[to.owner]) {
        struct posted_write write = {.value = value,
                                     .offset = (uint16_t)to.offset,
                                     .size = (uint8_t)size,
                                     .token = (uint8_t)token};
        post(sim, to.owner, &write);
    } else {
        sim_device_ops(sim, to.owner)->write(sim, to.owner, to.offset, size, value, token);
    }
    sim_output_end(sim);
}
