/*
 * drivers/chip_i8259.c - primitives of the two 8259A of a PC (Intel 231468), as Linux's
 * arch/x86/kernel/i8259.c uses them: vectors from 0x20 on, specific ends of interrupt.
 *
 * The acknowledge is the CPU's own cycle and gives a vector.  Input 7 of either chip may be
 * spurious: then its bit in ISR is not set, and at the slave only the cascade is ended.
 */
#include "drivers/irq.h"
#include "sim/regs/board_pc.h"
#include "sim/regs/i8259.h"

enum { VECTOR = 0x20, INPUTS = 8, LAST = 7, SPURIOUS = 0x100 };

static struct drv_access byte_to(uint32_t address, uint32_t value)
{
    return (struct drv_access){.address = address, .value = value, .size = 1, .write = 1};
}

static uint32_t chip_of(unsigned irq)
{
    return irq < INPUTS ? PC_PIC0_BASE : PC_PIC1_BASE;
}

static struct drv_access ack(unsigned cpu)
{
    (void)cpu;
    return (struct drv_access){.address = PC_INTA_BASE, .size = 4};
}

/* Looks into ISR before it believes in the last input of a chip. */
static struct drv_access verify(uint32_t *number, unsigned k, uint32_t value)
{
    unsigned irq = *number - VECTOR;
    uint32_t chip = chip_of(irq);

    if (k == 0 && (irq == LAST || irq == INPUTS + LAST))
        return byte_to(chip, I8259_OCW3_SELECT | I8259_OCW3_RR | I8259_OCW3_RIS);
    if (k == 1)
        return (struct drv_access){.address = chip, .size = 1};
    if (k == 2 && !(value >> LAST & 1)) {
        *number |= SPURIOUS;
        if (chip == PC_PIC1_BASE)
            return byte_to(PC_PIC0_BASE,
                           I8259_CMD_SPECIFIC_EOI << I8259_OCW2_SHIFT | PC_CASCADE_IRQ);
    }
    return (struct drv_access){.size = 0};
}

static int irq_of(uint32_t number)
{
    return number - VECTOR < 2 * INPUTS ? (int)(number - VECTOR) : -1;
}

static struct drv_access finish(unsigned cpu, uint32_t number, unsigned sense, unsigned k)
{
    unsigned irq = number - VECTOR;
    uint32_t command = I8259_CMD_SPECIFIC_EOI << I8259_OCW2_SHIFT;

    (void)cpu;
    (void)sense;
    if (k == 0)
        return byte_to(chip_of(irq), command | irq % INPUTS);
    if (k == 1 && irq >= INPUTS)
        return byte_to(PC_PIC0_BASE, command | PC_CASCADE_IRQ);
    return (struct drv_access){.size = 0};
}

static struct drv_access gate(unsigned irq, unsigned cpu, bool masked, unsigned k)
{
    (void)cpu;
    if (k)
        return (struct drv_access){.size = 0};
    return (struct drv_access){
        .address = chip_of(irq) + I8259_IMR,
        .value = masked,
        .size = 1,
        .write = DRV_ACCESS_MODIFY,
        .shift = irq % INPUTS,
        .mask = 1,
    };
}

static struct drv_access setup(const struct drv_input *input, unsigned k)
{
    static const uint8_t words[2][5] = {
        {I8259_ICW1_INIT | I8259_ICW1_IC4, VECTOR, 1 << PC_CASCADE_IRQ, I8259_ICW4_UPM,
         0xff & ~(1 << PC_CASCADE_IRQ)},
        {I8259_ICW1_INIT | I8259_ICW1_IC4, VECTOR + INPUTS, PC_CASCADE_IRQ, I8259_ICW4_UPM,
         0xff},
    };
    bool level = input->sense == DRV_SENSE_LEVEL;

    if (input->irq < 0 && k < 10)
        return byte_to((k < 5 ? PC_PIC0_BASE : PC_PIC1_BASE) + (k % 5 ? 1u : 0u),
                       words[k / 5][k % 5]);
    if (input->irq < 0 || k)
        return (struct drv_access){.size = 0};
    return (struct drv_access){
        .address = PC_ELCR_BASE + (uint32_t)input->irq / INPUTS,
        .value = level,
        .size = 1,
        .write = DRV_ACCESS_MODIFY,
        .shift = (uint8_t)(input->irq % INPUTS),
        .mask = 1,
    };
}

const struct drv_chip drv_chip_i8259 = {
    .name = "i8259",
    .ack = ack,
    .verify = verify,
    .irq_of = irq_of,
    .finish = finish,
    .gate = gate,
    .setup = setup,
};
