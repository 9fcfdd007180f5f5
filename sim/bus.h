/*
 * sim/bus.h - from an address to the device or controller that answers.
 *
 * Registers lie in pages of 4096 bytes; a hash of pages finds the owner in one or two probes
 * however many devices there are.  Guest errors (nothing there, not aligned, a size that the
 * register does not know) read 0, write nothing and are recorded as BUS_BAD.
 */
#ifndef SIM_BUS_H
#define SIM_BUS_H

#include "sim/device.h"
#include "sim/output.h"

enum { SIM_PAGE_SHIFT = 12, SIM_PAGE_MESSAGES = 0xfe, SIM_PAGE_CONTROLLER = 0xff };

/* Empties the bus. */
void sim_bus_reset(struct sim *sim);

/*
 * @owner (a device, SIM_PAGE_MESSAGES or SIM_PAGE_CONTROLLER) answers in the page of @base as
 * its page @part.
 */
void sim_bus_map(struct sim *sim, uint32_t base, unsigned owner, unsigned part);

/* The same for @pages of them at once; there is one such block, and its offsets go on. */
void sim_bus_map_block(struct sim *sim, uint32_t base, uint32_t pages, unsigned owner,
                       unsigned part);

/* Lays out the queue of a device whose writes are posted. */
void sim_bus_layout_posted(struct sim *sim, sim_dev_id dev, const char *name);

/* The writes under way to @dev arrive, oldest first. */
void sim_bus_deliver(struct sim *sim, sim_dev_id dev);

/* Are writes under way to @dev? */
bool sim_bus_pending(const struct sim *sim, sim_dev_id dev);

/*
 * sim_read() at @offset from the base of a device's registers, for who knows whose they are:
 * nobody has to be found.
 */
static inline bool sim_bus_knows(const struct sim *sim, sim_dev_id dev, uint32_t offset,
                                 unsigned size)
{
    return sim->prompt[dev] && size == 4 && !(offset & ~UINT32_C(0xffc));
}

static inline uint32_t sim_bus_read(struct sim *sim, unsigned cpu, sim_dev_id dev,
                                    uint32_t offset, unsigned size)
{
    uint32_t value;

    if (!sim_bus_knows(sim, dev, offset, size))
        return sim_read(sim, cpu, sim->config->device[dev].base + offset, size);
    sim->token = 0;
    sim_output_begin(sim);
    value = sim_device_ops(sim, dev)->read(sim, dev, offset, size);
    sim_output_end(sim);
    return value;
}

/* sim_write(), the same. */
static inline void sim_bus_write(struct sim *sim, unsigned cpu, sim_dev_id dev, uint32_t offset,
                                 unsigned size, uint32_t value, unsigned token)
{
    if (!sim_bus_knows(sim, dev, offset, size)) {
        sim_write(sim, cpu, sim->config->device[dev].base + offset, size, value, token);
        return;
    }
    sim_output_begin(sim);
    sim_device_ops(sim, dev)->write(sim, dev, offset, size, value, token);
    sim_output_end(sim);
}

/* A guest error at @address. */
static inline uint32_t sim_bus_bad(struct sim *sim, uint32_t address)
{
    sim_trace(sim->trace, SIM_EV_BUS_BAD, 0, address, 0);
    return 0;
}

#endif
