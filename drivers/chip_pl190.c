/*
 * drivers/chip_pl190.c - primitives of the PL190 of the Versatile/PB (Arm DDI 0181E).
 *
 * The n-th input that is set up gets slot n and its own number as vector; the default vector
 * says that there is nothing.  The vector is read before the input is masked: the controller
 * hands out only what is enabled.
 */
#include "drivers/irq.h"
#include "sim/regs/board_versatile.h"
#include "sim/regs/pl190.h"

enum { NONE = 0x3ff };

static struct drv_access to(uint32_t offset, uint32_t value)
{
    return (struct drv_access){
        .address = VERSATILE_VIC_BASE + offset, .value = value, .size = 4, .write = 1};
}

static struct drv_access ack(unsigned cpu)
{
    (void)cpu;
    return (struct drv_access){.address = VERSATILE_VIC_BASE + VIC_VECTADDR, .size = 4};
}

static int irq_of(uint32_t number)
{
    return number < VERSATILE_VIC_INPUTS ? (int)number : -1;
}

static struct drv_access eoi(unsigned cpu, uint32_t number)
{
    (void)cpu, (void)number;
    return to(VIC_VECTADDR, 0);
}

static struct drv_access mask(unsigned irq)
{
    return to(VIC_INTENCLEAR, 1u << irq);
}

static struct drv_access unmask(unsigned irq)
{
    return to(VIC_INTENABLE, 1u << irq);
}

static struct drv_access setup(const struct drv_input *input, unsigned k)
{
    unsigned slot = input->nth % VIC_SLOTS;

    if (input->irq < 0 && k == 0)
        return to(VIC_DEFVECTADDR, NONE);
    if (input->irq < 0 || k > 1)
        return (struct drv_access){.size = 0};
    return k == 0 ? to(VIC_VECTADDRn + 4 * slot, (uint32_t)input->irq)
                  : to(VIC_VECTCNTLn + 4 * slot, VIC_CNTL_ENABLE | (uint32_t)input->irq);
}

const struct drv_chip drv_chip_pl190 = {
    .name = "pl190",
    .acks_first = 1,
    .ack = ack,
    .irq_of = irq_of,
    .eoi = eoi,
    .mask = mask,
    .unmask = unmask,
    .setup = setup,
};
