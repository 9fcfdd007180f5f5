/* drivers/chip_textbook.c - primitives of the textbook controller (sim/regs/textbook.h). */
#include "drivers/irq.h"
#include "sim/regs/textbook.h"

static struct drv_access write_to(uint32_t offset, uint32_t value)
{
    return (struct drv_access){
        .address = TEXTBOOK_BASE + offset, .value = value, .size = 4, .write = 1};
}

static struct drv_access ack(unsigned cpu)
{
    (void)cpu;
    return (struct drv_access){.address = TEXTBOOK_BASE + TEXTBOOK_ACK, .size = 4};
}

static int irq_of(uint32_t number)
{
    return number < TEXTBOOK_NONE ? (int)number : -1;
}

static struct drv_access eoi(unsigned cpu, uint32_t number)
{
    (void)cpu;
    return write_to(TEXTBOOK_EOI, number);
}

static struct drv_access mask(unsigned irq)
{
    return write_to(TEXTBOOK_MASK, irq);
}

static struct drv_access unmask(unsigned irq)
{
    return write_to(TEXTBOOK_UNMASK, irq);
}

static struct drv_access aim(unsigned irq, unsigned cpu, unsigned k)
{
    return k ? (struct drv_access){.size = 0} : write_to(TEXTBOOK_TARGET, irq | cpu << 16);
}

static struct drv_access setup(const struct drv_input *input, unsigned k)
{
    if (input->irq < 0 || k > 1)
        return (struct drv_access){.size = 0};
    return k == 0 ? write_to(TEXTBOOK_SENSE, (uint32_t)input->irq | input->sense << 16)
                  : aim((unsigned)input->irq, input->cpu, 0);
}

const struct drv_chip drv_chip_textbook = {
    .name = "textbook",
    .ack = ack,
    .irq_of = irq_of,
    .eoi = eoi,
    .mask = mask,
    .unmask = unmask,
    .aim = aim,
    .setup = setup,
};
