/*
 * sim/intc_pc.c - the interrupt side of `pc`: two 8259A at their ports, and nothing else.
 *
 * The CPU's interrupt acknowledge cycle is a read of its own address (sim/regs/board_pc.h).
 * Source: sim/intc_i8259.c for the chips.  One CPU: INT has one wire.
 */
#include "sim/bus.h"
#include "sim/controller.h"
#include "sim/intc_i8259.h"
#include "sim/regs/board_pc.h"

enum { PART_PIC0, PART_PIC1, PART_ELCR, PART_INTA };

static struct sim_i8259 pics_of(const struct sim *sim)
{
    return (struct sim_i8259){
        .hot = (struct sim_i8259_hot *)(void *)sim->ctl_hot,
        .cold = (struct sim_i8259_cold *)(void *)sim->ctl_cold,
        .traced = true,
    };
}

static uint32_t read(struct sim *sim, unsigned cpu, unsigned part, uint32_t offset,
                     unsigned size)
{
    struct sim_i8259 pics = pics_of(sim);

    (void)cpu;
    if (part != PART_INTA)
        return sim_i8259_read_ports(sim, &pics, part, offset, size);
    return offset ? sim_bus_bad(sim, PC_INTA_BASE + offset) : sim_i8259_acknowledge(sim, &pics);
}

static void write(struct sim *sim, unsigned cpu, unsigned part, uint32_t offset, unsigned size,
                  uint32_t value)
{
    struct sim_i8259 pics = pics_of(sim);

    (void)cpu;
    if (part != PART_INTA)
        sim_i8259_write_ports(sim, &pics, part, offset, size, value);
    else
        sim_bus_bad(sim, PC_INTA_BASE + offset);
}

static void input(struct sim *sim, unsigned line, bool level)
{
    struct sim_i8259 pics = pics_of(sim);

    sim_i8259_input(sim, &pics, sim->line_irq[line], level);
}

static int best(const struct sim *sim, unsigned cpu)
{
    struct sim_i8259 pics = pics_of(sim);
    int irq = cpu ? -1 : sim_i8259_best(&pics);

    return irq < 0 ? -1 : sim->line_of_irq[irq] - 1;
}

static unsigned output(const struct sim *sim, unsigned cpu)
{
    struct sim_i8259 pics = pics_of(sim);

    return !cpu && sim_i8259_output(sim, &pics);
}

static bool remembers(const struct sim *sim, unsigned line)
{
    struct sim_i8259 pics = pics_of(sim);
    unsigned irq = sim->line_irq[line];

    return (pics.hot[irq / 8].irr >> irq % 8 & 1) != 0;
}

static void reset(struct sim *sim)
{
    struct sim_i8259 pics = pics_of(sim);

    sim_i8259_reset(&pics);
}

static uint32_t hot_bytes(const struct sim *sim)
{
    (void)sim;
    return SIM_I8259_HOT_BYTES;
}

static uint32_t cold_bytes(const struct sim *sim)
{
    (void)sim;
    return SIM_I8259_COLD_BYTES;
}

static unsigned inputs(const struct sim *sim)
{
    (void)sim;
    return PC_IRQS;
}

static void map(struct sim *sim)
{
    sim_bus_map(sim, PC_PIC0_BASE, SIM_PAGE_CONTROLLER, PART_PIC0);
    sim_bus_map(sim, PC_PIC1_BASE, SIM_PAGE_CONTROLLER, PART_PIC1);
    sim_bus_map(sim, PC_ELCR_BASE, SIM_PAGE_CONTROLLER, PART_ELCR);
    sim_bus_map(sim, PC_INTA_BASE, SIM_PAGE_CONTROLLER, PART_INTA);
}

const struct sim_controller_ops sim_intc_pc = {
    .name = "pic",
    .hot_bytes = hot_bytes,
    .cold_bytes = cold_bytes,
    .map = map,
    .reset = reset,
    .input = input,
    .read = read,
    .write = write,
    .inputs = inputs,
    .best = best,
    .output = output,
    .remembers = remembers,
};
