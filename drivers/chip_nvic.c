/*
 * drivers/chip_nvic.c - primitives of the NVIC of Armv7-M (Arm DDI 0403E.b).
 *
 * The processor itself acknowledges, by taking the exception, and ends the interrupt, by
 * returning from it; both are accesses here (NVIC_CPU_BASE).  An input is exception 16 + input.
 */
#include "drivers/irq.h"
#include "sim/regs/board_mps2.h"
#include "sim/regs/nvic.h"

enum { PRIORITY = 0x80 };

static struct drv_access to(uint32_t address, uint32_t value, uint8_t size)
{
    return (struct drv_access){.address = address, .value = value, .size = size, .write = 1};
}

static struct drv_access ack(unsigned cpu)
{
    (void)cpu;
    return (struct drv_access){.address = NVIC_CPU_BASE + NVIC_CPU_TAKE, .size = 4};
}

static int irq_of(uint32_t number)
{
    return number >= NVIC_EXCEPTIONS && number < NVIC_EXCEPTIONS + NVIC_INPUTS
               ? (int)(number - NVIC_EXCEPTIONS)
               : -1;
}

static struct drv_access eoi(unsigned cpu, uint32_t number)
{
    (void)cpu;
    return to(NVIC_CPU_BASE + NVIC_CPU_RETURN, number, 4);
}

static struct drv_access mask(unsigned irq)
{
    return to(MPS2_SCS_BASE + SCS_ICER, 1u << irq, 4);
}

static struct drv_access unmask(unsigned irq)
{
    return to(MPS2_SCS_BASE + SCS_ISER, 1u << irq, 4);
}

static struct drv_access setup(const struct drv_input *input, unsigned k)
{
    if (input->irq < 0 || k > 0)
        return (struct drv_access){.size = 0};
    return to(MPS2_SCS_BASE + SCS_IPR + (uint32_t)input->irq, PRIORITY, 1);
}

const struct drv_chip drv_chip_nvic = {
    .name = "nvic",
    .ack = ack,
    .irq_of = irq_of,
    .eoi = eoi,
    .mask = mask,
    .unmask = unmask,
    .setup = setup,
};
