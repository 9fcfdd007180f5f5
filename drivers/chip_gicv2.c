/*
 * drivers/chip_gicv2.c - primitives of the GIC, version 1 and 2 (Arm IHI 0048B), on the boards
 * that have one.
 *
 * An input is an SPI: interrupt ID 32 + input.  EOImode 0: EOIR drops priority and deactivates.
 */
#include "drivers/irq.h"
#include "sim/regs/board_vexpress.h"
#include "sim/regs/board_virt.h"
#include "sim/regs/gicv2.h"
#include "sim/regs/v2m.h"

enum { SPI_FIRST = 32, PRIORITY = 0xa0, SETUP_ACCESSES = 3 };

/* Where a board has it. */
struct place {
    uint32_t distributor, interface;
};

static const struct place virt = {VIRT_GICD_BASE, VIRT_GICC_BASE};
static const struct place vexpress = {VEXPRESS_A9_GICD_BASE, VEXPRESS_A9_GICC_BASE};

static struct drv_access to(uint32_t address, uint32_t value, uint8_t size)
{
    return (struct drv_access){.address = address, .value = value, .size = size, .write = 1};
}

static struct drv_access ack(const struct place *at)
{
    return (struct drv_access){.address = at->interface + GICC_IAR, .size = 4};
}

static int irq_of(uint32_t number)
{
    number &= 0x3ff;
    return number >= SPI_FIRST && number < 1020 ? (int)number - SPI_FIRST : -1;
}

static struct drv_access eoi(const struct place *at, uint32_t number)
{
    return to(at->interface + GICC_EOIR, number, 4);
}

/* ISENABLER or ICENABLER. */
static struct drv_access enable(const struct place *at, uint32_t bank, unsigned irq)
{
    unsigned id = irq + SPI_FIRST;

    return to(at->distributor + bank + id / 32 * 4, 1u << id % 32, 4);
}

/* Two bits per ID in ICFGR: the upper one is 1 for edge; the neighbours' must stay. */
static struct drv_access configure(const struct place *at, unsigned id, unsigned sense)
{
    return (struct drv_access){
        .address = at->distributor + GICD_ICFGR + id / 16 * 4,
        .value = sense == DRV_SENSE_EDGE ? 2 : 0,
        .size = 4,
        .write = DRV_ACCESS_MODIFY,
        .shift = (uint8_t)(id % 16 * 2),
        .mask = 3,
    };
}

static struct drv_access aim(const struct place *at, unsigned irq, unsigned cpu, unsigned k)
{
    if (k)
        return (struct drv_access){.size = 0};
    return to(at->distributor + GICD_ITARGETSR + irq + SPI_FIRST, 1u << cpu, 1);
}

static struct drv_access setup(const struct place *at, const struct drv_input *input,
                               unsigned k)
{
    unsigned id = (unsigned)input->irq + SPI_FIRST;

    if (k >= SETUP_ACCESSES)
        return (struct drv_access){.size = 0};
    if (input->irq < 0)
        return k == 0   ? to(at->distributor + GICD_CTLR, 1, 4)
               : k == 1 ? to(at->interface + GICC_PMR, 0xff, 4)
                        : to(at->interface + GICC_CTLR, 1, 4);
    return k == 0   ? to(at->distributor + GICD_IPRIORITYR + id, PRIORITY, 1)
           : k == 1 ? aim(at, (unsigned)input->irq, input->cpu, 0)
                    : configure(at, id, input->sense);
}

/* A message is a write of an SPI's ID to the frame of the board, which makes it an edge. */
static struct drv_access message(const struct drv_input *input, unsigned k)
{
    unsigned irq = (unsigned)input->irq;

    if (k < SETUP_ACCESSES)
        return setup(&virt, input, k);
    if (k == SETUP_ACCESSES)
        return enable(&virt, GICD_ISENABLER, irq);
    return drv_msix_entry(irq, VIRT_V2M_BASE + V2M_MSI_SETSPI_NS, irq + SPI_FIRST,
                          k - SETUP_ACCESSES - 1);
}

/* The same primitives for each place. */
#define GIC(board, chip_name, board_message)                                                   \
    static struct drv_access board##_ack(unsigned cpu)                                         \
    {                                                                                          \
        (void)cpu;                                                                             \
        return ack(&(board));                                                                  \
    }                                                                                          \
    static struct drv_access board##_eoi(unsigned cpu, uint32_t number)                        \
    {                                                                                          \
        (void)cpu;                                                                             \
        return eoi(&(board), number);                                                          \
    }                                                                                          \
    static struct drv_access board##_mask(unsigned irq)                                        \
    {                                                                                          \
        return enable(&(board), GICD_ICENABLER, irq);                                          \
    }                                                                                          \
    static struct drv_access board##_unmask(unsigned irq)                                      \
    {                                                                                          \
        return enable(&(board), GICD_ISENABLER, irq);                                          \
    }                                                                                          \
    static struct drv_access board##_aim(unsigned irq, unsigned cpu, unsigned k)               \
    {                                                                                          \
        return aim(&(board), irq, cpu, k);                                                     \
    }                                                                                          \
    static struct drv_access board##_setup(const struct drv_input *input, unsigned k)          \
    {                                                                                          \
        return setup(&(board), input, k);                                                      \
    }                                                                                          \
    const struct drv_chip drv_chip_##chip_name = {                                             \
        .name = #chip_name,                                                                    \
        .ack = board##_ack,                                                                    \
        .irq_of = irq_of,                                                                      \
        .eoi = board##_eoi,                                                                    \
        .mask = board##_mask,                                                                  \
        .unmask = board##_unmask,                                                              \
        .aim = board##_aim,                                                                    \
        .setup = board##_setup,                                                                \
        .message = (board_message),                                                            \
    }

GIC(virt, gicv2, message);
GIC(vexpress, gicv1, 0);
