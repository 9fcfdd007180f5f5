/*
 * sim/intc_nvic_system.c - the System Control Space around the NVIC: system control block,
 * SysTick, MPU registers, identification.
 *
 * Source: Arm DDI 0403E.b, B3.2, B3.3, B3.5.  See sim/intc_nvic.c for the whole.
 * Not modelled: the passing of time in SysTick, what sleep, MPU and faults do.
 */
#include "sim/intc_nvic.h"

/* What the core can do, from SCS_FEATURES on; as QEMU's cortex-m3. */
static const uint32_t features[] = {0x00000030, 0x00000200, 0x00100000, 0x00000000, 0x00000030,
                                    0x00000000, 0x00000000, 0x00000000, 0x01141110, 0x02111000,
                                    0x21112231, 0x01111110, 0x01310102, 0x00000000};

/* The bits of SHCSR: which exception, which flag. */
static const struct {
    uint8_t bit, exception, flag;
} handler_bits[] = {
    {0, NVIC_MEMMANAGE, NVIC_ACTIVE},   {1, NVIC_BUSFAULT, NVIC_ACTIVE},
    {3, NVIC_USAGE, NVIC_ACTIVE},       {7, NVIC_SVCALL, NVIC_ACTIVE},
    {8, NVIC_DEBUG, NVIC_ACTIVE},       {10, NVIC_PENDSV, NVIC_ACTIVE},
    {11, NVIC_SYSTICK, NVIC_ACTIVE},    {12, NVIC_USAGE, NVIC_PENDING},
    {13, NVIC_MEMMANAGE, NVIC_PENDING}, {14, NVIC_BUSFAULT, NVIC_PENDING},
    {15, NVIC_SVCALL, NVIC_PENDING},    {16, NVIC_MEMMANAGE, NVIC_ENABLED},
    {17, NVIC_BUSFAULT, NVIC_ENABLED},  {18, NVIC_USAGE, NVIC_ENABLED},
};

enum { HANDLER_BITS = sizeof(handler_bits) / sizeof(handler_bits[0]) };

static bool has(const struct sim *sim, unsigned exception, unsigned flag)
{
    unsigned found = nvic_find(sim, exception);

    return found && *nvic_vector(sim, found - 1) & flag;
}

static void set(struct sim *sim, unsigned exception, unsigned flag, bool value)
{
    unsigned found = nvic_find(sim, exception);

    if (found)
        sim_nvic_set(sim, found - 1, flag, value);
}

static uint32_t icsr_read(const struct sim *sim)
{
    uint32_t value = nvic_hot_of(sim)->current;
    unsigned active = 0;
    int priority;

    value |= sim_nvic_next(sim, &priority) << ICSR_VECTPENDING;
    for (unsigned v = 0; v < nvic_vectors(sim); v++) {
        active += (*nvic_vector(sim, v) & NVIC_ACTIVE) != 0;
        if (nvic_exception(sim, v) >= NVIC_EXCEPTIONS && *nvic_vector(sim, v) & NVIC_PENDING)
            value |= ICSR_ISRPENDING;
    }
    value |= active < 2 ? ICSR_RETTOBASE : 0;
    value |= has(sim, NVIC_SYSTICK, NVIC_PENDING) ? ICSR_PENDSTSET : 0;
    value |= has(sim, NVIC_PENDSV, NVIC_PENDING) ? ICSR_PENDSVSET : 0;
    return value | (has(sim, NVIC_NMI, NVIC_PENDING) ? ICSR_NMIPENDSET : 0);
}

static void icsr_write(struct sim *sim, uint32_t value)
{
    if (value & ICSR_NMIPENDSET)
        set(sim, NVIC_NMI, NVIC_PENDING, true);
    if (value & (ICSR_PENDSVSET | ICSR_PENDSVCLR))
        set(sim, NVIC_PENDSV, NVIC_PENDING, (value & ICSR_PENDSVSET) != 0);
    if (value & (ICSR_PENDSTSET | ICSR_PENDSTCLR))
        set(sim, NVIC_SYSTICK, NVIC_PENDING, (value & ICSR_PENDSTSET) != 0);
}

static uint32_t shcsr_read(const struct sim *sim)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < HANDLER_BITS; i++)
        if (has(sim, handler_bits[i].exception, handler_bits[i].flag))
            value |= 1u << handler_bits[i].bit;
    return value;
}

static void shcsr_write(struct sim *sim, uint32_t value)
{
    for (unsigned i = 0; i < HANDLER_BITS; i++)
        set(sim, handler_bits[i].exception, handler_bits[i].flag,
            value >> handler_bits[i].bit & 1);
}

/* Exceptions 4 to 15; some of their bytes are reserved. */
static bool has_priority(unsigned exception)
{
    return exception >= NVIC_MEMMANAGE && exception <= NVIC_SYSTICK &&
           (0xd870u >> exception & 1);
}

static uint32_t shpr_read(const struct sim *sim, uint32_t offset, unsigned size)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < size; i++) {
        unsigned exception = offset - SCS_SHPR + NVIC_MEMMANAGE + i;
        unsigned found = has_priority(exception) ? nvic_find(sim, exception) : 0;
        if (found)
            value |= (uint32_t)*nvic_priority(sim, found - 1) << i * 8;
    }
    return value;
}

static void shpr_write(struct sim *sim, uint32_t offset, unsigned size, uint32_t value)
{
    for (unsigned i = 0; i < size; i++) {
        unsigned exception = offset - SCS_SHPR + NVIC_MEMMANAGE + i;
        unsigned found = has_priority(exception) ? nvic_find(sim, exception) : 0;
        if (found)
            *nvic_priority(sim, found - 1) = (uint8_t)(value >> i * 8);
    }
}

/* ------------------------------------------------------------------------------- the MPU */

static uint32_t mpu_read(const struct sim *sim, uint32_t offset)
{
    const struct nvic_cold *cold = nvic_cold_of(sim);

    switch (offset) {
    case SCS_MPU_TYPE:
        return MPU_TYPE_VALUE;
    case SCS_MPU_CTRL:
        return cold->mpu_ctrl;
    case SCS_MPU_RNR:
        return cold->mpu_rnr;
    default:
        return (offset - SCS_MPU_RBAR) % 8 ? cold->mpu_attributes[cold->mpu_rnr]
                                           : cold->mpu_base[cold->mpu_rnr] | cold->mpu_rnr;
    }
}

static void mpu_write(struct sim *sim, uint32_t offset, uint32_t value)
{
    enum { VALID = 0x10, ADDRESS = ~0x1f };

    struct nvic_cold *cold = nvic_cold_of(sim);

    if (offset == SCS_MPU_TYPE)
        return;
    if (offset == SCS_MPU_CTRL) {
        cold->mpu_ctrl = value & MPU_CTRL_WRITABLE;
    } else if (offset == SCS_MPU_RNR) {
        if (value < MPU_REGIONS)
            cold->mpu_rnr = value;
    } else if ((offset - SCS_MPU_RBAR) % 8) {
        cold->mpu_attributes[cold->mpu_rnr] = value & 0x173fff3f;
    } else {
        if (value & VALID && (value & 0xf) >= MPU_REGIONS)
            return;
        if (value & VALID)
            cold->mpu_rnr = value & 0xf;
        cold->mpu_base[cold->mpu_rnr] = value & (uint32_t)ADDRESS;
    }
}

/* ------------------------------------------------------------------------------- SysTick */

static uint32_t systick_read(struct sim *sim, uint32_t offset)
{
    const struct nvic_cold *cold = nvic_cold_of(sim);

    switch (offset) {
    case SCS_SYST_CSR:
        return cold->systick_csr;
    case SCS_SYST_RVR:
        return cold->systick_rvr;
    case SCS_SYST_CVR:
        return 0; /* it is loaded by the first clock */
    case SCS_SYST_CALIB:
        return SYST_CALIB_VALUE;
    default:
        return sim_bus_bad(sim, MPS2_SCS_BASE + offset);
    }
}

static void systick_write(struct sim *sim, uint32_t offset, uint32_t value)
{
    struct nvic_cold *cold = nvic_cold_of(sim);

    if (offset == SCS_SYST_CSR)
        cold->systick_csr = value & SYST_CSR_WRITABLE;
    else if (offset == SCS_SYST_RVR)
        cold->systick_rvr = value & SYST_COUNT_MASK;
    else if (offset != SCS_SYST_CVR)
        sim_bus_bad(sim, MPS2_SCS_BASE + offset);
}

/* ------------------------------------------------------------------------------ registers */

/* The plain words of the system control block; 0: not one of them. */
static uint32_t *word_at(const struct sim *sim, uint32_t offset)
{
    struct nvic_cold *cold = nvic_cold_of(sim);

    switch (offset) {
    case SCS_VTOR:
        return &cold->vtor;
    case SCS_SCR:
        return &cold->scr;
    case SCS_CCR:
        return &cold->ccr;
    case SCS_HFSR:
        return &cold->hfsr;
    case SCS_DFSR:
        return &cold->dfsr;
    case SCS_MMFAR:
        return &cold->mmfar;
    case SCS_BFAR:
        return &cold->bfar;
    default:
        return 0;
    }
}

static uint32_t word_read(struct sim *sim, uint32_t offset)
{
    const uint32_t *word = word_at(sim, offset);

    if (word)
        return *word;
    if (offset >= SCS_FEATURES && offset < SCS_FEATURES + sizeof(features))
        return features[(offset - SCS_FEATURES) / 4];
    if (offset >= SCS_MPU_TYPE && offset < SCS_MPU_RBAR + 32)
        return mpu_read(sim, offset);
    switch (offset) {
    case SCS_ICTR:
        return NVIC_INPUTS / 32 - 1;
    case SCS_CPUID:
        return CPUID_VALUE;
    case SCS_ICSR:
        return icsr_read(sim);
    case SCS_AIRCR:
        return AIRCR_KEY_READ | (uint32_t)nvic_cold_of(sim)->prigroup << AIRCR_PRIGROUP;
    case SCS_SHCSR:
        return shcsr_read(sim);
    case SCS_CSSELR:
        return nvic_cold_of(sim)->cache;
    case SCS_AFSR:
    case SCS_STIR:
        return 0;
    default:
        return sim_bus_bad(sim, MPS2_SCS_BASE + offset);
    }
}

/* The bits of a plain word that keep what is written. */
static uint32_t writable(const struct sim *sim, uint32_t offset)
{
    enum { SCR_SLEEPS = 0x0c };

    switch (offset) {
    case SCS_VTOR:
        return VTOR_WRITABLE;
    case SCS_SCR:
        return sim_policy(sim, SIM_POLICY_NVIC_NO_DEEP_SLEEP) ? ~(uint32_t)SCR_SLEEPS
                                                              : SCR_WRITABLE;
    case SCS_CCR:
        return CCR_WRITABLE;
    default:
        return UINT32_MAX;
    }
}

static void word_write(struct sim *sim, uint32_t offset, uint32_t value)
{
    uint32_t *word = word_at(sim, offset);

    if (word && (offset == SCS_HFSR || offset == SCS_DFSR))
        *word &= ~value;
    else if (word)
        *word = value & writable(sim, offset);
    else if (offset >= SCS_MPU_TYPE && offset < SCS_MPU_RBAR + 32)
        mpu_write(sim, offset, value);
    else if (offset == SCS_ICSR)
        icsr_write(sim, value);
    else if (offset == SCS_AIRCR && value >> 16 == AIRCR_KEY)
        nvic_cold_of(sim)->prigroup = value >> AIRCR_PRIGROUP & 7;
    else if (offset == SCS_SHCSR)
        shcsr_write(sim, value);
    else if (offset == SCS_STIR)
        set(sim, NVIC_EXCEPTIONS + (value & 0x1ff), NVIC_PENDING, true);
    else if (offset == SCS_CSSELR)
        nvic_cold_of(sim)->cache =
            sim_policy(sim, SIM_POLICY_NVIC_CACHE_SELECT) ? value & CSSELR_WRITABLE : 0;
    else if (offset != SCS_ICTR && offset != SCS_CPUID && offset != SCS_AFSR &&
             offset != SCS_AIRCR)
        sim_bus_bad(sim, MPS2_SCS_BASE + offset);
}

uint32_t sim_nvic_system_read(struct sim *sim, uint32_t offset, unsigned size)
{
    static const uint8_t id[] = {0x00, 0xb0, 0x1b, 0x00, 0x0d, 0xe0, 0x05, 0xb1};

    if (offset >= SCS_SHPR && offset < SCS_SHPR + 12)
        return shpr_read(sim, offset, size);
    if (offset >= SCS_CFSR && offset < SCS_CFSR + 4)
        return nvic_cold_of(sim)->cfsr >> (offset - SCS_CFSR) * 8;
    if (offset >= SCS_ID)
        return offset % 4 ? 0 : id[(offset - SCS_ID) / 4];
    if (size != 4)
        return sim_bus_bad(sim, MPS2_SCS_BASE + offset);
    if (offset >= SCS_SYST_CSR && offset < 0xf0)
        return systick_read(sim, offset);
    return word_read(sim, offset);
}

void sim_nvic_system_write(struct sim *sim, uint32_t offset, unsigned size, uint32_t value)
{
    if (offset >= SCS_SHPR && offset < SCS_SHPR + 12)
        shpr_write(sim, offset, size, value);
    else if (offset >= SCS_CFSR && offset < SCS_CFSR + 4)
        nvic_cold_of(sim)->cfsr &= ~(value << (offset - SCS_CFSR) * 8);
    else if (size != 4)
        sim_bus_bad(sim, MPS2_SCS_BASE + offset);
    else if (offset >= SCS_SYST_CSR && offset < 0xf0)
        systick_write(sim, offset, value);
    else
        word_write(sim, offset, value);
}
