/*
 * drivers/chip_plic.c - primitives of the RISC-V PLIC (specification 1.0.0): masking is the
 * enable bit of the target's machine-mode context, the acknowledge a claim, the end a
 * completion.
 */
#include "drivers/irq.h"
#include "sim/regs/board_riscv.h"
#include "sim/regs/plic.h"

enum { CONTEXTS_OF_HART = 2, PRIORITY = 1 };

static uint32_t context_page(unsigned cpu)
{
    return RISCV_PLIC_BASE + CONTEXTS_OF_HART * cpu * PLIC_CONTEXT_STRIDE;
}

static struct drv_access word_to(uint32_t address, uint32_t value)
{
    return (struct drv_access){.address = address, .value = value, .size = 4, .write = 1};
}

static struct drv_access ack(unsigned cpu)
{
    return (struct drv_access){.address = context_page(cpu) + PLIC_CLAIM, .size = 4};
}

static int irq_of(uint32_t number)
{
    return number && number < RISCV_SOURCES ? (int)number : -1;
}

static struct drv_access finish(unsigned cpu, uint32_t number, unsigned sense, unsigned k)
{
    (void)sense;
    return k ? (struct drv_access){.size = 0}
             : word_to(context_page(cpu) + PLIC_COMPLETE, number);
}

static struct drv_access gate(unsigned irq, unsigned cpu, bool masked, unsigned k)
{
    if (k)
        return (struct drv_access){.size = 0};
    return (struct drv_access){
        .address = RISCV_PLIC_BASE + PLIC_ENABLE + CONTEXTS_OF_HART * cpu * PLIC_ENABLE_STRIDE +
                   irq / 32 * 4,
        .value = !masked,
        .size = 4,
        .write = DRV_ACCESS_MODIFY,
        .shift = irq % 32,
        .mask = 1,
    };
}

static struct drv_access setup(const struct drv_input *input, unsigned k)
{
    if (k)
        return (struct drv_access){.size = 0};
    if (input->irq < 0)
        return word_to(context_page(input->cpu) + PLIC_THRESHOLD, 0);
    return word_to(RISCV_PLIC_BASE + PLIC_PRIORITY + 4 * (uint32_t)input->irq, PRIORITY);
}

const struct drv_chip drv_chip_plic = {
    .name = "plic",
    .own_gates = 1,
    .ack = ack,
    .irq_of = irq_of,
    .finish = finish,
    .gate = gate,
    .setup = setup,
};
