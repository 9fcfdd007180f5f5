/*
 * sim/intc_nvic.h - the state of the NVIC, for its two halves: exceptions (sim/intc_nvic.c) and
 * the rest of the System Control Space (sim/intc_nvic_system.c).  Private to the two.
 *
 * A vector is one exception that has state: in a probe vector n is exception n, else vector n
 * is the exception of line n.
 */
#ifndef SIM_INTC_NVIC_H
#define SIM_INTC_NVIC_H

#include "sim/bus.h"
#include "sim/controller.h"
#include "sim/line.h"
#include "sim/policy.h"
#include "sim/regs/board_mps2.h"
#include "sim/regs/nvic.h"

enum { NVIC_LEVEL = 1, NVIC_ENABLED = 2, NVIC_PENDING = 4, NVIC_ACTIVE = 8 };

enum {
    NVIC_IDLE = 0x100, /* lower than every priority */
    NVIC_STACK_PROBE =
        128 /* handlers whose return lies on the stack; a scenario nests by lines */
};

struct nvic_hot {
    uint16_t current; /* number of the exception that runs, 0: none (IPSR) */
    uint8_t depth;    /* of the stack behind the vectors */
    uint8_t zero;
};

struct nvic_cold {
    uint32_t vtor, scr, ccr, cfsr, hfsr, dfsr, mmfar, bfar;
    uint32_t mpu_ctrl, mpu_rnr, mpu_base[MPU_REGIONS], mpu_attributes[MPU_REGIONS];
    uint32_t systick_csr, systick_rvr;
    uint8_t prigroup;
    uint8_t cache; /* CSSELR */
    uint8_t zero[2];
};

static inline struct nvic_hot *nvic_hot_of(const struct sim *sim)
{
    return (struct nvic_hot *)(void *)sim->ctl_hot;
}

static inline struct nvic_cold *nvic_cold_of(const struct sim *sim)
{
    return (struct nvic_cold *)(void *)sim->ctl_cold;
}

static inline unsigned nvic_vectors(const struct sim *sim)
{
    return sim->config->probe ? NVIC_EXCEPTIONS + NVIC_INPUTS : sim->lines;
}

/* The flags of a vector. */
static inline uint8_t *nvic_vector(const struct sim *sim, unsigned vector)
{
    return (uint8_t *)(nvic_hot_of(sim) + 1) + vector;
}

static inline uint8_t *nvic_stack(const struct sim *sim)
{
    return nvic_vector(sim, nvic_vectors(sim));
}

static inline uint8_t *nvic_priority(const struct sim *sim, unsigned vector)
{
    return (uint8_t *)(nvic_cold_of(sim) + 1) + vector;
}

/* The vector of an exception + 1, 0: it has no state. */
static inline unsigned nvic_find(const struct sim *sim, unsigned exception)
{
    if (sim->config->probe)
        return exception && exception < nvic_vectors(sim) ? exception + 1 : 0;
    return exception < NVIC_EXCEPTIONS || exception >= NVIC_EXCEPTIONS + NVIC_INPUTS
               ? 0
               : sim->line_of_irq[exception - NVIC_EXCEPTIONS];
}

static inline unsigned nvic_exception(const struct sim *sim, unsigned vector)
{
    return sim->config->probe ? vector : NVIC_EXCEPTIONS + sim->line_irq[vector];
}

/* Sets or clears one flag of a vector and records what changed. */
void sim_nvic_set(struct sim *sim, unsigned vector, unsigned flag, bool value);

/* The best exception that is pending and enabled, 0: none; its group priority. */
unsigned sim_nvic_next(const struct sim *sim, int *ret_priority);

/* The rest of the System Control Space. */
uint32_t sim_nvic_system_read(struct sim *sim, uint32_t offset, unsigned size);
void sim_nvic_system_write(struct sim *sim, uint32_t offset, unsigned size, uint32_t value);

#endif
