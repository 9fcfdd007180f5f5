/*
 * drivers/chip_aplic.c - primitives of the RISC-V APLIC that sends to the interrupt files of
 * the harts (AIA 1.0), as Linux's irq-riscv-aplic-msi.c uses them.
 *
 * A source's identity is its number.  The acknowledge is a read of topei and ends it, too; a
 * level that may still be high is set pending again at the end, which counts only if it is.
 */
#include "drivers/irq.h"
#include "sim/regs/aplic.h"
#include "sim/regs/board_riscv.h"

static struct drv_access word_to(uint32_t address, uint32_t value)
{
    return (struct drv_access){.address = address, .value = value, .size = 4, .write = 1};
}

static struct drv_access ack(unsigned cpu)
{
    (void)cpu;
    return (struct drv_access){.address = RISCV_CSR_BASE + IMSIC_TOPEI, .size = 4};
}

static int irq_of(uint32_t number)
{
    number &= APLIC_TARGET_EIID; /* topei has the identity twice */
    return number && number < RISCV_APLIC_SOURCES ? (int)number : -1;
}

static struct drv_access finish(unsigned cpu, uint32_t number, unsigned sense, unsigned k)
{
    bool level = sense == DRV_SENSE_LEVEL || sense == DRV_SENSE_LOW;

    (void)cpu;
    if (k || !level)
        return (struct drv_access){.size = 0};
    return word_to(RISCV_APLICM_BASE + APLIC_SETIPNUM_LE, number & APLIC_TARGET_EIID);
}

static struct drv_access gate(unsigned irq, unsigned cpu, bool masked, unsigned k)
{
    (void)cpu;
    if (k)
        return (struct drv_access){.size = 0};
    return word_to(RISCV_APLICM_BASE + (masked ? APLIC_CLRIENUM : APLIC_SETIENUM), irq);
}

static struct drv_access aim(unsigned irq, unsigned cpu, unsigned k)
{
    if (k)
        return (struct drv_access){.size = 0};
    return word_to(RISCV_APLICM_BASE + APLIC_TARGET + 4 * irq,
                   cpu << APLIC_TARGET_HART_SHIFT | irq);
}

/* The hart's file lets every identity through; the sources are masked at the APLIC. */
static struct drv_access setup(const struct drv_input *input, unsigned k)
{
    static const uint8_t modes[] = {
        [DRV_SENSE_EDGE] = APLIC_SM_RISING,     [DRV_SENSE_LEVEL] = APLIC_SM_HIGH,
        [DRV_SENSE_FALLING] = APLIC_SM_FALLING, [DRV_SENSE_LOW] = APLIC_SM_LOW,
        [DRV_SENSE_BOTH] = APLIC_SM_INACTIVE,
    };

    if (input->irq < 0) {
        if (k < APLIC_BIT_WORDS)
            return word_to(RISCV_CSR_BASE + IMSIC_EIE + 4 * k, UINT32_MAX);
        if (k == APLIC_BIT_WORDS)
            return word_to(RISCV_CSR_BASE + IMSIC_EIDELIVERY, 1);
        return k == APLIC_BIT_WORDS + 1
                   ? word_to(RISCV_APLICM_BASE + APLIC_DOMAINCFG, APLIC_DOMAINCFG_IE)
                   : (struct drv_access){.size = 0};
    }
    switch (k) {
    case 0:
        return aim((unsigned)input->irq, input->cpu, 0);
    case 1:
        return word_to(RISCV_APLICM_BASE + APLIC_SOURCECFG + 4 * (uint32_t)input->irq,
                       modes[input->sense]);
    case 2: /* what turning it on found, or the line's rest level */
        return word_to(RISCV_APLICM_BASE + APLIC_CLRIPNUM, (uint32_t)input->irq);
    default:
        return (struct drv_access){.size = 0};
    }
}

/* A message goes past the APLIC, to the page of a hart's file; its data is the identity. */
static struct drv_access message(const struct drv_input *input, unsigned k)
{
    return drv_msix_entry((unsigned)input->irq,
                          RISCV_IMSICM_BASE + input->cpu * 0x1000 + IMSIC_SETEIPNUM_LE,
                          (uint32_t)input->irq, k);
}

static struct drv_access aim_message(unsigned irq, unsigned cpu, unsigned k)
{
    const struct drv_input input = {.irq = (int)irq, .cpu = cpu};

    return k ? (struct drv_access){.size = 0} : message(&input, 0);
}

const struct drv_chip drv_chip_aplic = {
    .name = "aplic",
    .ack = ack,
    .irq_of = irq_of,
    .finish = finish,
    .gate = gate,
    .aim = aim,
    .setup = setup,
    .message = message,
    .aim_message = aim_message,
};
