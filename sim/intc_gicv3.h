/*
 * sim/intc_gicv3.h - the state of the GIC, version 3, for its parts: the CPU interfaces
 * (sim/intc_gicv3.c), the registers in memory (sim/intc_gicv3_dist.c), message interrupts
 * (sim/intc_gicv3_lpi.c) and their translation (sim/intc_gicv3_its.c).  Private to them.
 *
 * Inputs are lines; in a probe line n is INTID n, so that the private and the software
 * interrupts are there, too.
 */
#ifndef SIM_INTC_GICV3_H
#define SIM_INTC_GICV3_H

#include "sim/bus.h"
#include "sim/controller.h"
#include "sim/line.h"
#include "sim/msi.h"
#include "sim/policy.h"
#include "sim/regs/board_virt.h"
#include "sim/regs/gicv3.h"
#include "sim/regs/its.h"

enum { GICV3_LEVEL = 1, GICV3_ENABLED = 2, GICV3_LATCH = 4, GICV3_ACTIVE = 8 };

enum { GICV3_NONE = 0xff }; /* a priority that never asks */

/* Pages by what is in them; of those of a redistributor there is one per processor. */
enum {
    GICV3_PART_DISTRIBUTOR,
    GICV3_PART_ROUTERS,
    GICV3_PART_ROUTERS_REST,
    GICV3_PART_ID,
    GICV3_PART_CPU,
    GICV3_PART_ITS,
    GICV3_PART_ITS_ID,
    GICV3_PART_TRANSLATER,
    GICV3_PART_MEMORY,
    GICV3_PART_REDISTRIBUTOR = 10,
    GICV3_PART_REDISTRIBUTOR_ID = GICV3_PART_REDISTRIBUTOR + SIM_CPUS_MAX,
    GICV3_PART_PRIVATE = GICV3_PART_REDISTRIBUTOR_ID + SIM_CPUS_MAX,
    GICV3_PART_PRIVATE_ID = GICV3_PART_PRIVATE + SIM_CPUS_MAX
};

struct gicv3_interface_hot {
    uint32_t apr[2];      /* per group: preemption levels in service */
    uint16_t best;        /* INTID of what is forwarded; */
    uint8_t priority;     /* its priority, GICV3_NONE: nothing is */
    uint8_t lpi_priority; /* of the best LPI, GICV3_NONE: none is pending; */
    uint16_t lpi;         /* its INTID, or what it was last */
    uint16_t zero;
};

struct gicv3_interface_cold {
    uint32_t pmr;
    uint8_t bpr[2];
    uint8_t ctlr;
    uint8_t groups; /* IGRPEN, a bit per group */
    uint8_t waker;
    uint8_t lpis; /* GICR_CTLR.EnableLPIs */
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

/* The translation service; words of registers, low half first. */
struct gicv3_its {
    uint32_t on;
    uint32_t cwriter[2], creadr[2];
    uint32_t cbaser[2], baser[GITS_TABLES][2];
};

static inline struct gicv3_interface_hot *gicv3_interface(const struct sim *sim, unsigned cpu)
{
    return (struct gicv3_interface_hot *)(void *)sim->ctl_hot + cpu;
}

static inline uint8_t *gicv3_input(const struct sim *sim, unsigned line)
{
    return (uint8_t *)gicv3_interface(sim, sim->cpus) + line;
}

/* Behind the inputs: the translation service, where it is reached, and memory. */
static inline struct gicv3_its *gicv3_its(const struct sim *sim)
{
    uint32_t inputs = (sim->lines + 3u) & ~3u;

    return (struct gicv3_its *)(void *)(gicv3_input(sim, 0) + inputs);
}

static inline uint8_t *gicv3_memory(const struct sim *sim)
{
    return (uint8_t *)(gicv3_its(sim) + 1);
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
    unsigned line;

    if (sim->config->probe)
        return intid < GICV3_INTERRUPTS ? intid + 1 : 0;
    if (intid < GICV3_SPI_FIRST || intid >= GICV3_INTERRUPTS)
        return 0;
    line = sim->line_of_irq[intid - GICV3_SPI_FIRST];
    return line && !sim_msi_is(sim, line - 1) ? line : 0;
}

/* The line whose messages become this LPI, + 1; or 0. */
static inline unsigned gicv3_message_line(const struct sim *sim, uint32_t intid)
{
    unsigned line = 0;

    if (intid >= GICV3_LPI_FIRST && intid - GICV3_LPI_FIRST < SIM_IRQS_MAX)
        line = sim->line_of_irq[intid - GICV3_LPI_FIRST];
    return line && sim_msi_is(sim, line - 1) ? line : 0;
}

static inline uint32_t gicv3_intid(const struct sim *sim, unsigned line)
{
    if (sim->config->probe)
        return line;
    return (sim_msi_is(sim, line) ? GICV3_LPI_FIRST : GICV3_SPI_FIRST) + sim->line_irq[line];
}

static inline bool gicv3_is_pending(const struct sim *sim, unsigned line, unsigned flags)
{
    return flags & GICV3_LATCH || (flags & GICV3_LEVEL && !gicv3_input_setup(sim, line)->edge);
}

/* Stores the new flags of an input and records what changed. */
void sim_gicv3_store(struct sim *sim, unsigned line, unsigned flags);

/*
 * What is forwarded, after a change of INTIDs @first ... @first + @count - 1.  Those below 32
 * and the LPIs belong to the redistributors: what begins below 32 means them, too.
 */
void sim_gicv3_update(struct sim *sim, uint32_t first, uint32_t count);

/* The registers in memory: those of the distributor and of the redistributors. */
uint32_t sim_gicv3_frame_read(struct sim *sim, unsigned part, uint32_t offset, unsigned size);
void sim_gicv3_frame_write(struct sim *sim, unsigned part, uint32_t offset, unsigned size,
                           uint32_t value);

/* ---- message interrupts (sim/intc_gicv3_lpi.c) ---- */

/* The kept memory; its content at any address, low byte first; false: a bus error. */
uint32_t sim_gicv3_memory_bytes(const struct sim *sim);
bool sim_gicv3_load(const struct sim *sim, uint64_t address, unsigned size,
                    uint64_t *ret_value);
bool sim_gicv3_store_memory(struct sim *sim, uint64_t address, unsigned size, uint64_t value);

/* A write of GICR_CTLR. */
void sim_gicv3_lpi_control(struct sim *sim, unsigned cpu, uint32_t value);
/* Looks at the tables of @cpu again. */
void sim_gicv3_lpi_rescan(struct sim *sim, unsigned cpu);
/* Its pending bit; what follows from a change of it.  False: it was so already. */
bool sim_gicv3_lpi_pending(const struct sim *sim, unsigned cpu, uint32_t intid);
bool sim_gicv3_lpi_set(struct sim *sim, unsigned cpu, uint32_t intid, bool pending);
/* The same for a translated message: only where @cpu has such an LPI. */
bool sim_gicv3_lpi_message(struct sim *sim, unsigned cpu, uint32_t intid, bool pending);
/* What is pending at one redistributor becomes pending at another. */
void sim_gicv3_lpi_move(struct sim *sim, unsigned from, unsigned to, uint32_t intid);
void sim_gicv3_lpi_move_all(struct sim *sim, unsigned from, unsigned to);

/* ---- their translation (sim/intc_gicv3_its.c) ---- */

void sim_gicv3_its_reset(struct sim *sim);
uint32_t sim_gicv3_its_read(const struct sim *sim, uint32_t offset, unsigned size);
void sim_gicv3_its_write(struct sim *sim, uint32_t offset, unsigned size, uint32_t value);
/* A device writes an event ID to the doorbell; false: it has no translation. */
bool sim_gicv3_its_message(struct sim *sim, uint32_t device, uint32_t event);

#endif
