/*
 * sim/bus.h - from an address to the device or controller that answers.
 *
 * Registers lie in pages of 4096 bytes; a hash of pages finds the owner in one or two probes
 * however many devices there are.  Guest errors (nothing there, not aligned, a size that the
 * register does not know) read 0, write nothing and are recorded as BUS_BAD.
 */
#ifndef SIM_BUS_H
#define SIM_BUS_H

#include "sim/sim.h"

enum { SIM_PAGE_SHIFT = 12, SIM_PAGE_CONTROLLER = 0xff };

/* Empties the bus. */
void sim_bus_reset(struct sim *sim);

/* @owner (a device, or SIM_PAGE_CONTROLLER) answers in the page of @base as its page @part. */
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

/* A guest error at @address. */
static inline uint32_t sim_bus_bad(struct sim *sim, uint32_t address)
{
    sim_trace(sim->trace, SIM_EV_BUS_BAD, 0, address, 0);
    return 0;
}

#endif
