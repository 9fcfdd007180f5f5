/*
 * drivers/chip_ioapic.c - primitives of the I/O APIC with local APICs of a PC (Intel 290566,
 * SDM 3A chapter 10), as Linux's arch/x86/kernel/apic/io_apic.c uses them.
 *
 * A pin has the vector 0x30 + pin.  The end of interrupt goes to the local APIC, which tells
 * the I/O APIC of those that came as levels.
 */
#include "drivers/irq.h"
#include "sim/regs/board_pc.h"
#include "sim/regs/ioapic.h"
#include "sim/regs/lapic.h"

enum { VECTOR = 0x30, SPURIOUS_VECTOR = 0xff };

static struct drv_access word_to(uint32_t address, uint32_t value)
{
    return (struct drv_access){.address = address, .value = value, .size = 4, .write = 1};
}

static struct drv_access select(unsigned index)
{
    return word_to(PC_IOAPIC_BASE + IOAPIC_IOREGSEL, index);
}

static struct drv_access ack(unsigned cpu)
{
    (void)cpu;
    return (struct drv_access){.address = PC_INTA_BASE, .size = 4};
}

static int irq_of(uint32_t number)
{
    return number - VECTOR < PC_IOAPIC_PINS ? (int)(number - VECTOR) : -1;
}

static struct drv_access finish(unsigned cpu, uint32_t number, unsigned sense, unsigned k)
{
    (void)cpu;
    (void)number;
    (void)sense;
    return k ? (struct drv_access){.size = 0} : word_to(PC_LAPIC_BASE + LAPIC_EOI, 0);
}

static struct drv_access gate(unsigned irq, unsigned cpu, bool masked, unsigned k)
{
    (void)cpu;
    if (k == 0)
        return select(IOAPIC_TABLE + 2 * irq);
    if (k > 1)
        return (struct drv_access){.size = 0};
    return (struct drv_access){
        .address = PC_IOAPIC_BASE + IOAPIC_IOWIN,
        .value = masked,
        .size = 4,
        .write = DRV_ACCESS_MODIFY,
        .shift = 16,
        .mask = 1,
    };
}

static struct drv_access aim(unsigned irq, unsigned cpu, unsigned k)
{
    if (k == 0)
        return select(IOAPIC_TABLE + 2 * irq + 1);
    if (k == 1)
        return word_to(PC_IOAPIC_BASE + IOAPIC_IOWIN, cpu << IOAPIC_RTE_DEST_SHIFT);
    return (struct drv_access){.size = 0};
}

static struct drv_access setup(const struct drv_input *input, unsigned k)
{
    uint32_t low = VECTOR + (uint32_t)input->irq;

    if (input->irq < 0)
        return k ? (struct drv_access){.size = 0}
                 : word_to(PC_LAPIC_BASE + LAPIC_SVR, LAPIC_SVR_ON | SPURIOUS_VECTOR);
    if (k < 2)
        return aim((unsigned)input->irq, input->cpu, k);
    if (input->sense == DRV_SENSE_LEVEL || input->sense == DRV_SENSE_LOW)
        low |= IOAPIC_RTE_LEVEL;
    if (input->sense == DRV_SENSE_FALLING || input->sense == DRV_SENSE_LOW)
        low |= IOAPIC_RTE_LOW;
    if (k == 2)
        return select(IOAPIC_TABLE + 2 * (unsigned)input->irq);
    if (k == 3)
        return word_to(PC_IOAPIC_BASE + IOAPIC_IOWIN, low | IOAPIC_RTE_MASKED);
    return (struct drv_access){.size = 0};
}

/* The address of a message says which local APIC, its data the vector (SDM 3A, 10.11). */
static struct drv_access message(const struct drv_input *input, unsigned k)
{
    return drv_msix_entry((unsigned)input->irq,
                          PC_LAPIC_BASE | input->cpu << APIC_MSG_DEST_SHIFT,
                          VECTOR + (uint32_t)input->irq, k);
}

static struct drv_access aim_message(unsigned irq, unsigned cpu, unsigned k)
{
    if (k)
        return (struct drv_access){.size = 0};
    return drv_msix_entry(irq, PC_LAPIC_BASE | cpu << APIC_MSG_DEST_SHIFT, 0, 0);
}

const struct drv_chip drv_chip_ioapic = {
    .name = "ioapic",
    .ack = ack,
    .irq_of = irq_of,
    .finish = finish,
    .gate = gate,
    .aim = aim,
    .setup = setup,
    .message = message,
    .aim_message = aim_message,
};
