/*
 * drivers/chip_gicv3.c - primitives of the GIC, version 3 (Arm IHI 0069H): shared inputs of
 * group 1, one security state, the CPU interface by system registers.
 *
 * An input is an SPI: interrupt ID 32 + input.  EOImode 0: EOIR1 drops priority and
 * deactivates.  The system registers are those of the page sim/regs/gicv3.h tells of.
 *
 * A message is an event of device 0 at the translation service: event n is LPI 8192 + n, and
 * collection c is processor c.  Each command is handed over on a queue that starts anew, so no
 * write pointer has to be kept.
 */
#include "drivers/irq.h"
#include "sim/regs/board_virt.h"
#include "sim/regs/gicv3.h"
#include "sim/regs/its.h"

enum {
    PRIORITY = 0xa0,
    EVENT_BITS = 10, /* of the one device */
    INTID_BITS = 14, /* LPIs 8192 to 16383 */
    SERVICE_TABLES = 5,
    ITS_COMMAND_WORDS = 6 /* that are not 0 */
};

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
    if (number >= GICV3_LPI_FIRST)
        return (int)(number - GICV3_LPI_FIRST);
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

/* ---- messages ---- */

/* The k-th access by which the service is given one command; its last two words are 0. */
static struct drv_access command(const uint32_t words[ITS_COMMAND_WORDS], unsigned k)
{
    enum { BEFORE = 3 };

    switch (k) {
    case 0:
        return to(VIRT_GITS_BASE + GITS_CTLR, 0, 4);
    case 1: /* CREADR starts anew */
        return to(VIRT_GITS_BASE + GITS_CBASER, VIRT_ITS_QUEUE, 4);
    case 2:
        return to(VIRT_GITS_BASE + GITS_CWRITER, 0, 4);
    case BEFORE + ITS_COMMAND_WORDS:
        return to(VIRT_GITS_BASE + GITS_CTLR, GITS_CTLR_ON, 4);
    case BEFORE + ITS_COMMAND_WORDS + 1:
        return to(VIRT_GITS_BASE + GITS_CWRITER, ITS_COMMAND_BYTES, 4);
    default:
        break;
    }
    if (k > BEFORE + ITS_COMMAND_WORDS)
        return (struct drv_access){.size = 0};
    return to(VIRT_ITS_QUEUE + (k - BEFORE) * 4, words[k - BEFORE], 4);
}

enum { COMMAND_ACCESSES = 5 + ITS_COMMAND_WORDS };

/* Tables of the redistributor of @cpu, and that it is a collection of the service. */
static struct drv_access setup_lpis(unsigned cpu, unsigned k)
{
    const uint32_t redistributor = VIRT_GICR_BASE + cpu * GICV3_REDIST_STEP;
    const uint32_t map[ITS_COMMAND_WORDS] = {ITS_MAPC, 0, 0, 0, cpu | cpu << 16, GITS_VALID};

    switch (k) {
    case 0:
        return to(redistributor + GICR_PROPBASER, VIRT_LPI_CONFIG | (INTID_BITS - 1), 4);
    case 1:
        return to(redistributor + GICR_PENDBASER, VIRT_LPI_PENDING + cpu * VIRT_LPI_STEP, 4);
    case 2:
        return to(redistributor + GICR_CTLR, GICR_CTLR_LPIS, 4);
    default:
        return command(map, k - 3);
    }
}

/* Tables of the service, and that of the events of device 0. */
static struct drv_access setup_service(unsigned k)
{
    static const uint32_t map[ITS_COMMAND_WORDS] = {
        ITS_MAPD, 0, EVENT_BITS - 1, 0, VIRT_ITS_EVENTS, GITS_VALID};

    switch (k) {
    case 0:
        return to(VIRT_GITS_BASE + GITS_BASER, VIRT_ITS_DEVICES, 4);
    case 1:
        return to(VIRT_GITS_BASE + GITS_BASER + 4, GITS_VALID, 4);
    case 2:
        return to(VIRT_GITS_BASE + GITS_BASER + 8, VIRT_ITS_COLLECTIONS, 4);
    case 3:
        return to(VIRT_GITS_BASE + GITS_BASER + 12, GITS_VALID, 4);
    case 4:
        return to(VIRT_GITS_BASE + GITS_CBASER + 4, GITS_VALID, 4);
    default:
        return command(map, k - SERVICE_TABLES);
    }
}

/* The service is set up once, by the first processor. */
static struct drv_access setup_messages(unsigned cpu, unsigned k)
{
    if (cpu)
        return setup_lpis(cpu, k);
    return k < SERVICE_TABLES + COMMAND_ACCESSES
               ? setup_service(k)
               : setup_lpis(cpu, k - SERVICE_TABLES - COMMAND_ACCESSES);
}

static struct drv_access message(const struct drv_input *input, unsigned k)
{
    const uint32_t event = (uint32_t)input->irq;
    const uint32_t map[ITS_COMMAND_WORDS] = {ITS_MAPTI,  0, event, GICV3_LPI_FIRST + event,
                                             input->cpu, 0};

    if (k == 0)
        return to(VIRT_LPI_CONFIG + event, PRIORITY | LPI_CONFIG_ENABLED, 1);
    if (k <= COMMAND_ACCESSES)
        return command(map, k - 1);
    return drv_msix_entry(event, VIRT_GITS_BASE + GITS_TRANSLATER, event,
                          k - COMMAND_ACCESSES - 1);
}

static struct drv_access aim_message(unsigned irq, unsigned cpu, unsigned k)
{
    const uint32_t move[ITS_COMMAND_WORDS] = {ITS_MOVI, 0, irq, 0, cpu, 0};

    return command(move, k);
}

/* ---- set-up ---- */

/* The redistributor is woken before its processor's interface is turned on. */
static struct drv_access setup_interface(unsigned cpu, bool messages, unsigned k)
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
        return messages ? setup_messages(cpu, k - 4) : (struct drv_access){.size = 0};
    }
}

static struct drv_access setup(const struct drv_input *input, unsigned k)
{
    unsigned id = (unsigned)input->irq + GICV3_SPI_FIRST;

    if (input->irq < 0)
        return setup_interface(input->cpu, input->message, k);
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
    .ack = ack,
    .irq_of = irq_of,
    .eoi = eoi,
    .mask = mask,
    .unmask = unmask,
    .aim = aim,
    .setup = setup,
    .message = message,
    .aim_message = aim_message,
};
