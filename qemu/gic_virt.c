/*
 * qemu/gic_virt.c - the controller of the image: the board's GICv2 behind sim/controller.h.
 *
 * Registers are those of the hardware; a change of a line is asked of the runner, who moves the
 * real input.  The state kept here is a picture of the hardware, taken after everything that
 * may change it: records come from it, and so does the clock's search for cycles, since equal
 * situations are equal bytes.
 *
 * A line with a UART of the board on it is wired by the board; nobody asks the runner for it.
 * Source: Arm IHI 0048B.
 */
#include "qemu/metal.h"
#include "sim/bus.h"
#include "sim/controller.h"
#include "sim/line.h"
#include "sim/regs/board_virt.h"
#include "sim/regs/gicv2.h"

enum { PART_GICD, PART_GICC, PART_GICC_DIR };

enum line_flag { PENDING = 1, ACTIVE = 2, ENABLED = 4, EDGE = 8 };

struct picture {
    uint8_t running; /* priority */
    uint8_t line[];  /* enum line_flag */
};

static struct picture *picture_of(const struct sim *sim)
{
    return (struct picture *)(void *)sim->ctl_hot;
}

static unsigned bit_of(uint32_t set, unsigned intid)
{
    return metal_read(VIRT_GICD_BASE + set + intid / 32 * 4, 4) >> intid % 32 & 1;
}

/* What the hardware is configured to, not what it was meant to be. */
static bool is_edge(unsigned intid)
{
    return metal_read(VIRT_GICD_BASE + GICD_ICFGR + intid / 16 * 4, 4) >> (intid % 16 * 2 + 1) &
           1;
}

static uint8_t look(const struct sim *sim, unsigned line)
{
    unsigned intid = sim->line_irq[line] + GIC_SPI_FIRST;

    return (uint8_t)(bit_of(GICD_ISPENDR, intid) * PENDING |
                     bit_of(GICD_ISACTIVER, intid) * ACTIVE |
                     bit_of(GICD_ISENABLER, intid) * ENABLED | is_edge(intid) * EDGE);
}

/* Of an edge, what is pending is the latch; of a level it is the wire. */
static void take_picture(struct sim *sim)
{
    struct picture *picture = picture_of(sim);

    picture->running = (uint8_t)metal_read(VIRT_GICC_BASE + GICC_RPR, 4);
    for (unsigned line = 0; line < sim->lines; line++) {
        uint8_t before = picture->line[line], now = look(sim, line);
        picture->line[line] = now;
        if ((before ^ now) & PENDING && now & EDGE)
            sim_trace(sim->trace, SIM_EV_LATCH, sim->line_irq[line], now & PENDING, 0);
        if ((before ^ now) & PENDING)
            sim_trace(sim->trace, SIM_EV_PENDING, sim->line_irq[line], now & PENDING, 0);
        if ((before ^ now) & ACTIVE)
            sim_trace(sim->trace, SIM_EV_ACTIVE, sim->line_irq[line], (now & ACTIVE) / ACTIVE,
                      0);
    }
}

static uint32_t hot_bytes(const struct sim *sim)
{
    return (uint32_t)sizeof(struct picture) + sim->lines;
}

static uint32_t cold_bytes(const struct sim *sim)
{
    (void)sim;
    return 0;
}

static void map(struct sim *sim)
{
    sim_bus_map(sim, VIRT_GICD_BASE, SIM_PAGE_CONTROLLER, PART_GICD);
    sim_bus_map(sim, VIRT_GICC_BASE, SIM_PAGE_CONTROLLER, PART_GICC);
    sim_bus_map(sim, VIRT_GICC_BASE + 0x1000, SIM_PAGE_CONTROLLER, PART_GICC_DIR);
}

/* The machine has just been started: the hardware is as its reset left it. */
static void reset(struct sim *sim)
{
    take_picture(sim);
}

static bool is_wired_by_board(const struct sim *sim, unsigned line)
{
    for (unsigned dev = 0; dev < sim->config->devices; dev++)
        if (sim->line_of[dev] == line && sim->config->device[dev].model == SIM_MODEL_PL011)
            return true;
    return false;
}

static void input(struct sim *sim, unsigned line, bool level)
{
    if (!is_wired_by_board(sim, line))
        metal_host_line(sim->line_irq[line], level);
    take_picture(sim);
}

/* It goes over the board's bus, to the frame that QEMU has there. */
static void message(struct sim *sim, uint32_t address, uint32_t data)
{
    metal_store(address, sizeof(data), data);
    take_picture(sim);
}

static uint32_t address_of(unsigned part, uint32_t offset)
{
    switch (part) {
    case PART_GICD:
        return VIRT_GICD_BASE + offset;
    case PART_GICC:
        return VIRT_GICC_BASE + offset;
    default:
        return VIRT_GICC_BASE + 0x1000 + offset;
    }
}

static bool is_icfgr(unsigned part, uint32_t offset, unsigned size)
{
    return part == PART_GICD && offset >= GICD_ICFGR && offset < GICD_SGIR && size == 4;
}

static uint32_t read(struct sim *sim, unsigned cpu, unsigned part, uint32_t offset,
                     unsigned size)
{
    uint32_t value = metal_read(address_of(part, offset), size);

    (void)cpu;
    if (is_icfgr(part, offset, size))
        value = metal_icfgr(value);
    take_picture(sim);
    return value;
}

/* A latch that goes otherwise than by an acknowledge takes its pulse with it. */
static void write(struct sim *sim, unsigned cpu, unsigned part, uint32_t offset, unsigned size,
                  uint32_t value)
{
    uint8_t before[SIM_DEVICES_MAX];

    (void)cpu;
    for (unsigned line = 0; line < sim->lines; line++)
        before[line] = picture_of(sim)->line[line];
    if (is_icfgr(part, offset, size))
        value = metal_icfgr(value);
    metal_store(address_of(part, offset), size, value);
    take_picture(sim);
    for (unsigned line = 0; line < sim->lines; line++)
        if (before[line] & ~picture_of(sim)->line[line] & PENDING)
            sim_line_forgotten(sim, line);
}

static int best(const struct sim *sim, unsigned cpu)
{
    uint32_t intid = metal_read(VIRT_GICC_BASE + GICC_HPPIR, 4) & GIC_INTID_MASK;

    (void)cpu;
    if (intid < GIC_SPI_FIRST || intid - GIC_SPI_FIRST >= VIRT_SPIS)
        return -1;
    return sim->line_of_irq[intid - GIC_SPI_FIRST] - 1;
}

static unsigned output(const struct sim *sim, unsigned cpu)
{
    (void)sim;
    return cpu == 0 && metal_irq_asked();
}

/* A level that another driver of the line holds up is no memory of the pulse that is over. */
static bool remembers(const struct sim *sim, unsigned line)
{
    uint8_t flags = picture_of(sim)->line[line];

    return (flags & PENDING) && (flags & EDGE || !sim_line_level(sim, line));
}

const struct sim_controller_ops sim_intc_gicv2 = {
    .name = "gicv2",
    .live = true,
    .hot_bytes = hot_bytes,
    .cold_bytes = cold_bytes,
    .map = map,
    .reset = reset,
    .input = input,
    .message = message,
    .read = read,
    .write = write,
    .best = best,
    .output = output,
    .remembers = remembers,
};
