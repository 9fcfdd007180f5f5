/*
 * sim/intc_gicv2.h - the state of the GIC, version 1 and 2, for its two halves: the CPU
 * interfaces (sim/intc_gicv2.c) and the distributor (sim/intc_gicv2_dist.c).
 *
 * Private to the two.  Inputs are lines; in a probe line n is interrupt ID n, so that the
 * private ones and the software interrupts are there, too.
 */
#ifndef SIM_INTC_GICV2_H
#define SIM_INTC_GICV2_H

#include "sim/bus.h"
#include "sim/controller.h"
#include "sim/line.h"
#include "sim/policy.h"
#include "sim/regs/gicv2.h"

enum {
    GIC_PRIORITY_IDLE = 0x100,          /* nothing runs: lower than every priority */
    GIC_MIN_ABPR = 1,                   /* group 1 splits one bit further left */
    GIC_APR_WORDS = 4,                  /* 128 preemption levels */
    GIC_OTHER_CPUS = 1u << SIM_CPUS_MAX /* stands for the CPUs 4 to 7 that no board here has */
};

/*
 * Hot, 16 bits per input.  The latch and active fields have a bit per CPU and one for the CPUs
 * that are not there; unless a policy says otherwise only the lowest one is used, for all.
 */
enum {
    GIC_LEVEL = 0x1,
    GIC_ENABLED = 0x2,
    GIC_LATCH_SHIFT = 2,
    GIC_ACTIVE_SHIFT = 7,
    GIC_FIELD = 0x1f,
    GIC_LATCH_ALL = GIC_FIELD << GIC_LATCH_SHIFT,
    GIC_ACTIVE_ALL = GIC_FIELD << GIC_ACTIVE_SHIFT
};

/* Where it stands on which board. */
struct gic_board {
    uint32_t distributor;
    uint32_t interface;
    uint16_t spis;
    uint8_t version;
    uint8_t priorities; /* the bits of a priority that it has */
};

struct gic_interface_hot {
    uint32_t apr[2][GIC_APR_WORDS]; /* per group: preemption levels in service */
    uint16_t running;               /* running priority; GIC_PRIORITY_IDLE: none */
    uint16_t zero;
};

struct gic_interface_cold {
    uint16_t ctlr;
    uint8_t pmr;
    uint8_t bpr[2]; /* BPR, ABPR */
    uint8_t zero[3];
};

struct gic_input_cold {
    uint8_t priority;
    uint8_t target;
    uint8_t group;
    uint8_t edge;
};

/* In front of the interfaces, behind which lie the inputs. */
struct gic_distributor_cold {
    uint32_t ctlr;
};

_Static_assert(sizeof(struct gic_interface_hot) == 8 * GIC_APR_WORDS + 4, "no padding");
_Static_assert(sizeof(struct gic_interface_cold) == 8, "no padding");

const struct gic_board *sim_gic_board(const struct sim *sim);

/* A set-pending or an edge: sets the latch for the CPUs that @line targets now. */
void sim_gic_latch(struct sim *sim, unsigned line, unsigned state);

/* The distributor's part of sim_controller_ops. */
uint32_t sim_gic_distributor_read(struct sim *sim, unsigned cpu, uint32_t offset,
                                  unsigned size);
void sim_gic_distributor_write(struct sim *sim, unsigned cpu, uint32_t offset, unsigned size,
                               uint32_t value);

static inline struct gic_interface_hot *gic_interface_of(const struct sim *sim, unsigned cpu)
{
    return (struct gic_interface_hot *)(void *)sim->ctl_hot + cpu;
}

static inline uint16_t *gic_input_of(const struct sim *sim, unsigned line)
{
    return (uint16_t *)(void *)(sim->ctl_hot + sim->cpus * sizeof(struct gic_interface_hot)) +
           line;
}

/* Who asks for each software interrupt, a bit per CPU: only in a probe, of CPU 0. */
static inline uint8_t *gic_senders_of(const struct sim *sim)
{
    return (uint8_t *)gic_input_of(sim, sim->lines);
}

static inline struct gic_distributor_cold *gic_distributor_of(const struct sim *sim)
{
    return (struct gic_distributor_cold *)(void *)sim->ctl_cold;
}

static inline struct gic_interface_cold *gic_interface_setup(const struct sim *sim,
                                                             unsigned cpu)
{
    return (struct gic_interface_cold *)(void *)(sim->ctl_cold +
                                                 sizeof(struct gic_distributor_cold)) +
           cpu;
}

static inline struct gic_input_cold *gic_input_setup(const struct sim *sim, unsigned line)
{
    return (struct gic_input_cold *)(void *)(sim->ctl_cold +
                                             sizeof(struct gic_distributor_cold) +
                                             sim->cpus * sizeof(struct gic_interface_cold)) +
           line;
}

/* The line of an INTID + 1, or 0. */
static inline unsigned gic_wired(const struct sim *sim, uint32_t intid)
{
    uint32_t end = GIC_SPI_FIRST + sim_gic_board(sim)->spis;

    if (sim->config->probe)
        return intid < end ? intid + 1 : 0;
    return intid < GIC_SPI_FIRST || intid >= end ? 0 : sim->line_of_irq[intid - GIC_SPI_FIRST];
}

static inline uint32_t gic_intid(const struct sim *sim, unsigned line)
{
    return sim->config->probe ? line : GIC_SPI_FIRST + sim->line_irq[line];
}

static inline bool gic_is_software(const struct sim *sim, unsigned line)
{
    return sim->config->probe && line < GIC_SGIS;
}

/* Groups came with version 2. */
static inline bool gic_has_groups(const struct sim *sim)
{
    return sim_gic_board(sim)->version >= 2;
}

/* The latch bit that counts for @cpu. */
static inline unsigned gic_latch_bit(const struct sim *sim, unsigned cpu)
{
    return 1u << (sim_policy(sim, SIM_POLICY_GIC_PENDING_PER_TARGET) ? cpu : 0)
              << GIC_LATCH_SHIFT;
}

static inline unsigned gic_active_bit(const struct sim *sim, unsigned cpu)
{
    return 1u << (sim_policy(sim, SIM_POLICY_GIC_ACTIVE_PER_CPU) ? cpu : 0) << GIC_ACTIVE_SHIFT;
}

static inline bool gic_is_pending(const struct sim *sim, unsigned line, unsigned state,
                                  unsigned latch)
{
    return (state & latch) || ((state & GIC_LEVEL) && !gic_input_setup(sim, line)->edge);
}

/* Stores the new state of an input and records what changed. */
static inline void gic_store(struct sim *sim, unsigned line, unsigned state)
{
    uint16_t *input = gic_input_of(sim, line);
    unsigned before = *input;
    unsigned irq = sim->line_irq[line];

    *input = (uint16_t)state;
    if (before == state || !sim_input_traced(sim))
        return;
    bool pending = gic_is_pending(sim, line, state, GIC_LATCH_ALL);
    if (!(before & GIC_LATCH_ALL) != !(state & GIC_LATCH_ALL))
        sim_trace(sim->trace, SIM_EV_LATCH, irq, (state & GIC_LATCH_ALL) != 0, 0);
    if (gic_is_pending(sim, line, before, GIC_LATCH_ALL) != pending)
        sim_trace(sim->trace, SIM_EV_PENDING, irq, pending, 0);
    if (!(before & GIC_ACTIVE_ALL) != !(state & GIC_ACTIVE_ALL))
        sim_trace(sim->trace, SIM_EV_ACTIVE, irq, (state & GIC_ACTIVE_ALL) != 0, 0);
}

#endif
