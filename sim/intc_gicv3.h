/*
 * sim/intc_gicv3.h - the state of the GIC, version 3, for its two halves: the CPU interfaces
 * (sim/intc_gicv3.c) and the registers in memory (sim/intc_gicv3_dist.c).  Private to the two.
 *
 * Inputs are lines; in a probe line n is INTID n, so that the private and the software
 * interrupts are there, too.
 */
#ifndef SIM_INTC_GICV3_H
#define SIM_INTC_GICV3_H

#include "sim/bus.h"
#include "sim/controller.h"
#include "sim/line.h"
#include "sim/policy.h"
#include "sim/regs/board_virt.h"
#include "sim/regs/gicv3.h"

enum { GICV3_LEVEL = 1, GICV3_ENABLED = 2, GICV3_LATCH = 4, GICV3_ACTIVE = 8 };

enum { GICV3_NONE = 0xff }; /* a priority that never asks */

/* Pages by what is in them; of those of a redistributor there is one per processor. */
enum {
    GICV3_PART_DISTRIBUTOR,
    GICV3_PART_ROUTERS,
    GICV3_PART_ROUTERS_REST,
    GICV3_PART_ID,
    GICV3_PART_CPU,
    GICV3_PART_REDISTRIBUTOR = 8,
    GICV3_PART_REDISTRIBUTOR_ID = GICV3_PART_REDISTRIBUTOR + SIM_CPUS_MAX,
    GICV3_PART_PRIVATE = GICV3_PART_REDISTRIBUTOR_ID + SIM_CPUS_MAX,
    GICV3_PART_PRIVATE_ID = GICV3_PART_PRIVATE + SIM_CPUS_MAX
};

struct gicv3_interface_hot {
    uint32_t apr[2];  /* per group: preemption levels in service */
    uint16_t best;    /* INTID of what is forwarded; */
    uint8_t priority; /* its priority, GICV3_NONE: nothing is */
    uint8_t zero;
};

struct gicv3_interface_cold {
    uint8_t pmr;
    uint8_t bpr[2];
    uint8_t ctlr;
    uint8_t groups; /* IGRPEN, a bit per group */
    uint8_t waker;
    uint8_t zero[2];
    uint32_t base[4]; /* PROPBASER, PENDBASER */
};

struct gicv3_input_cold {
    uint8_t priority;
    uint8_t group;
    uint8_t edge;
    uint8_t zero;
    uint32_t router[2];
};

static inline struct gicv3_interface_hot *gicv3_interface(const struct sim *sim, unsigned cpu)
{
    return (struct gicv3_interface_hot *)(void *)sim->ctl_hot + cpu;
}

static inline uint8_t *gicv3_input(const struct sim *sim, unsigned line)
{
    return (uint8_t *)gicv3_interface(sim, sim->cpus) + line;
}

/* Group enables of the distributor, in front of the interfaces. */
static inline uint32_t *gicv3_groups(const struct sim *sim)
{
    return (uint32_t *)(void *)sim->ctl_cold;
}

static inline struct gicv3_interface_cold *gicv3_setup(const struct sim *sim, unsigned cpu)
{
    return (struct gicv3_interface_cold *)(void *)(sim->ctl_cold + sizeof(uint32_t)) + cpu;
}

static inline struct gicv3_input_cold *gicv3_input_setup(const struct sim *sim, unsigned line)
{
    return (struct gicv3_input_cold *)(void *)gicv3_setup(sim, sim->cpus) + line;
}

/* The line of an INTID + 1, or 0. */
static inline unsigned gicv3_wired(const struct sim *sim, uint32_t intid)
{
    if (sim->config->probe)
        return intid < GICV3_INTERRUPTS ? intid + 1 : 0;
    return intid < GICV3_SPI_FIRST || intid >= GICV3_INTERRUPTS
               ? 0
               : sim->line_of_irq[intid - GICV3_SPI_FIRST];
}

static inline uint32_t gicv3_intid(const struct sim *sim, unsigned line)
{
    return sim->config->probe ? line : GICV3_SPI_FIRST + sim->line_irq[line];
}

static inline bool gicv3_is_pending(const struct sim *sim, unsigned line, unsigned flags)
{
    return flags & GICV3_LATCH || (flags & GICV3_LEVEL && !gicv3_input_setup(sim, line)->edge);
}

/* Stores the new flags of an input and records what changed. */
void sim_gicv3_store(struct sim *sim, unsigned line, unsigned flags);

/* What is forwarded, after a change of INTIDs @first ... @first + @count - 1. */
void sim_gicv3_update(struct sim *sim, uint32_t first, uint32_t count);

/* The registers in memory: those of the distributor and of the redistributors. */
uint32_t sim_gicv3_frame_read(struct sim *sim, unsigned part, uint32_t offset, unsigned size);
void sim_gicv3_frame_write(struct sim *sim, unsigned part, uint32_t offset, unsigned size,
                           uint32_t value);

#endif
