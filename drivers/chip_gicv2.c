/*
 * drivers/chip_gicv2.c - primitives of the GICv2 of QEMU's `virt` (Arm IHI 0048B).
 *
 * An input is an SPI: interrupt ID 32 + input.  EOImode 0: EOIR drops priority and deactivates.
 */
#include "drivers/irq.h"
#include "sim/regs/board_virt.h"
#include "sim/regs/gicv2.h"

enum { SPI_FIRST = 32, PRIORITY = 0xa0 };

static struct drv_access gicd_write(uint32_t offset, uint32_t value, uint8_t size)
{
    return (struct drv_access){
        .address = VIRT_GICD_BASE + offset, .value = value, .size = size, .write = 1};
}

static struct drv_access gicc_write(uint32_t offset, uint32_t value)
{
    return (struct drv_access){
        .address = VIRT_GICC_BASE + offset, .value = value, .size = 4, .write = 1};
}

static struct drv_access ack(unsigned cpu)
{
    (void)cpu;
    return (struct drv_access){.address = VIRT_GICC_BASE + GICC_IAR, .size = 4};
}

static int irq_of(uint32_t number)
{
    number &= 0x3ff;
    return number >= SPI_FIRST && number < 1020 ? (int)number - SPI_FIRST : -1;
}

static struct drv_access eoi(unsigned cpu, uint32_t number)
{
    (void)cpu;
    return gicc_write(GICC_EOIR, number);
}

static struct drv_access mask(unsigned irq)
{
    unsigned id = irq + SPI_FIRST;

    return gicd_write(GICD_ICENABLER + id / 32 * 4, 1u << id % 32, 4);
}

static struct drv_access unmask(unsigned irq)
{
    unsigned id = irq + SPI_FIRST;

    return gicd_write(GICD_ISENABLER + id / 32 * 4, 1u << id % 32, 4);
}

/* Two bits per ID in ICFGR: the upper one is 1 for edge; the neighbours' must stay. */
static struct drv_access configure(unsigned id, unsigned sense)
{
    return (struct drv_access){
        .address = VIRT_GICD_BASE + GICD_ICFGR + id / 16 * 4,
        .value = sense == DRV_SENSE_EDGE ? 2 : 0,
        .size = 4,
        .write = DRV_ACCESS_MODIFY,
        .shift = (uint8_t)(id % 16 * 2),
        .mask = 3,
    };
}

static struct drv_access setup(int irq, unsigned sense, unsigned cpu, unsigned k)
{
    unsigned id = (unsigned)irq + SPI_FIRST;

    if (irq < 0) {
        switch (k) {
        case 0:
            return gicd_write(GICD_CTLR, 1, 4);
        case 1:
            return gicc_write(GICC_PMR, 0xff);
        case 2:
            return gicc_write(GICC_CTLR, 1);
        default:
            return (struct drv_access){.size = 0};
        }
    }
    switch (k) {
    case 0:
        return gicd_write(GICD_IPRIORITYR + id, PRIORITY, 1);
    case 1:
        return gicd_write(GICD_ITARGETSR + id, 1u << cpu, 1);
    case 2:
        return configure(id, sense);
    default:
        return (struct drv_access){.size = 0};
    }
}

const struct drv_chip drv_chip_gicv2 = {
    .name = "gicv2",
    .none = 1020,
    .ack = ack,
    .irq_of = irq_of,
    .eoi = eoi,
    .mask = mask,
    .unmask = unmask,
    .setup = setup,
};
