/*
 * drivers/chip_gicv3.c - primitives of the GIC, version 3 (Arm IHI 0069H): shared inputs of
 * group 1, one security state, the CPU interface by system registers.
 *
 * An input is an SPI: interrupt ID 32 + input.  EOImode 0: EOIR1 drops priority and
 * deactivates.  The system registers are those of the page sim/regs/gicv3.h tells of.
 */
#include "drivers/irq.h"
#include "sim/regs/board_virt.h"
#include "sim/regs/gicv3.h"

enum { PRIORITY = 0xa0 };

static struct drv_access to(uint32_t address, uint32_t value, uint8_t size)
{
    return (struct drv_access){.address = address, .value = value, .size = size, .write = 1};
}

/* One field of a word; the neighbours' must stay. */
static struct drv_access field(uint32_t address, uint32_t value, unsigned shift, uint8_t mask)
{
    return (struct drv_access){
        .address = address,
        .value = value,
        .size = 4,
        .write = DRV_ACCESS_MODIFY,
        .shift = (uint8_t)shift,
        .mask = mask,
    };
}

static struct drv_access ack(unsigned cpu)
{
    (void)cpu;
    return (struct drv_access){.address = GICV3_CPU_BASE + ICC_IAR1, .size = 4};
}

static int irq_of(uint32_t number)
{
    return number >= GICV3_SPI_FIRST && number < 1020 ? (int)(number - GICV3_SPI_FIRST) : -1;
}

static struct drv_access eoi(unsigned cpu, uint32_t number)
{
    (void)cpu;
    return to(GICV3_CPU_BASE + ICC_EOIR1, number, 4);
}

/* ISENABLER or ICENABLER. */
static struct drv_access enable(uint32_t bank, unsigned irq)
{
    unsigned id = irq + GICV3_SPI_FIRST;

    return to(VIRT_GICD_BASE + bank + id / 32 * 4, 1u << id % 32, 4);
}

static struct drv_access mask(unsigned irq)
{
    return enable(GICD3_ICENABLER, irq);
}

static struct drv_access unmask(unsigned irq)
{
    return enable(GICD3_ISENABLER, irq);
}

/* Affinity level 0 of a processor is its number. */
static struct drv_access aim(unsigned irq, unsigned cpu, unsigned k)
{
    unsigned id = irq + GICV3_SPI_FIRST;

    return k == 0 ? to(VIRT_GICD_BASE + GICD3_IROUTER + id * 8, cpu, 4)
                  : (struct drv_access){.size = 0};
}

/* The redistributor is woken before its processor's interface is turned on. */
static struct drv_access setup_interface(unsigned cpu, unsigned k)
{
    switch (k) {
    case 0:
        return to(VIRT_GICD_BASE + GICD3_CTLR, GICD3_CTLR_GRP1, 4);
    case 1:
        return to(VIRT_GICR_BASE + cpu * GICV3_REDIST_STEP + GICR_WAKER, 0, 4);
    case 2:
        return to(GICV3_CPU_BASE + ICC_PMR, 0xff, 4);
    case 3:
        return to(GICV3_CPU_BASE + ICC_IGRPEN1, 1, 4);
    default:
        return (struct drv_access){.size = 0};
    }
}

static struct drv_access setup(const struct drv_input *input, unsigned k)
{
    unsigned id = (unsigned)input->irq + GICV3_SPI_FIRST;

    if (input->irq < 0)
        return setup_interface(input->cpu, k);
    switch (k) {
    case 0:
        return to(VIRT_GICD_BASE + GICD3_IPRIORITYR + id, PRIORITY, 1);
    case 1:
        return field(VIRT_GICD_BASE + GICD3_IGROUPR + id / 32 * 4, 1, id % 32, 1);
    case 2:
        return aim((unsigned)input->irq, input->cpu, 0);
    case 3:
        return field(VIRT_GICD_BASE + GICD3_ICFGR + id / 16 * 4,
                     input->sense == DRV_SENSE_EDGE ? 2 : 0, id % 16 * 2, 3);
    default:
        return (struct drv_access){.size = 0};
    }
}

const struct drv_chip drv_chip_gicv3 = {
    .name = "gicv3",
    .none = 1020,
    .ack = ack,
    .irq_of = irq_of,
    .eoi = eoi,
    .mask = mask,
    .unmask = unmask,
    .aim = aim,
    .setup = setup,
};
