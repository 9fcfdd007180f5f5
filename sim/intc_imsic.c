/*
 * sim/intc_imsic.c - the incoming MSI controller of the harts: an interrupt file each, machine
 * level.
 *
 * A message sets the pending bit of its identity; a second one merges.  The lowest identity
 * that is pending, enabled and below the threshold asks; a read of topei takes it, which
 * clears its bit.  There is no in-service state and no end.
 *
 * Source: RISC-V Advanced Interrupt Architecture 1.0, chapter 3; registers in
 * sim/regs/aplic.h.  The identity of a source is its number.
 * Not modelled: supervisor and guest files, identities that no wired source has, big-endian
 * messages.
 */
#include "sim/bus.h"
#include "sim/controller.h"
#include "sim/intc_aia.h"
#include "sim/line.h"
#include "sim/regs/aplic.h"
#include "sim/regs/board_riscv.h"

static void set_pending(struct sim *sim, unsigned line, unsigned cpu, bool value)
{
    struct sim_imsic_input *input = sim_aia_file_input(sim, line);
    uint8_t before = input->pending;

    input->pending &= (uint8_t) ~(1u << cpu);
    if (value)
        input->pending |= (uint8_t)(1u << cpu);
    if (before != input->pending)
        sim_trace(sim->trace, SIM_EV_LATCH, sim->line_irq[line], value, 0);
}

/* The best pending and enabled identity below @below; 0: any. */
static int best_below(const struct sim *sim, unsigned cpu, unsigned below)
{
    for (unsigned line = 0; line < sim->lines; line++) {
        const struct sim_imsic_input *input = sim_aia_file_input(sim, line);
        if (input->pending >> cpu & input->enabled >> cpu & 1)
            return !below || sim->line_irq[line] < below ? (int)line : -1;
    }
    return -1;
}

int sim_imsic_best(const struct sim *sim, unsigned cpu)
{
    return best_below(sim, cpu, sim_aia_file(sim, cpu)->threshold);
}

bool sim_imsic_output(const struct sim *sim, unsigned cpu)
{
    return sim_aia_file(sim, cpu)->delivery && sim_imsic_best(sim, cpu) >= 0;
}

bool sim_imsic_holds(const struct sim *sim, unsigned line)
{
    return sim_aia_file_input(sim, line)->pending != 0;
}

void sim_imsic_message(struct sim *sim, unsigned cpu, uint32_t eiid)
{
    unsigned line = eiid < RISCV_APLIC_SOURCES ? sim->line_of_irq[eiid] : 0;

    if (line && cpu < sim->cpus)
        set_pending(sim, line - 1, cpu, true);
}

static uint32_t take(struct sim *sim, unsigned cpu)
{
    int line = sim_imsic_best(sim, cpu);

    if (line < 0)
        return 0;
    set_pending(sim, (unsigned)line, cpu, false);
    return (uint32_t)sim->line_irq[line] << IMSIC_TOPEI_SHIFT | sim->line_irq[line];
}

/* A word of bits from identity @first on. */
static uint32_t read_bits(const struct sim *sim, unsigned cpu, unsigned first, bool enables)
{
    uint32_t value = 0;

    for (unsigned line = 0; line < sim->lines; line++) {
        const struct sim_imsic_input *input = sim_aia_file_input(sim, line);
        unsigned at = sim->line_irq[line] - first;
        if (at < 32 && (enables ? input->enabled : input->pending) >> cpu & 1)
            value |= UINT32_C(1) << at;
    }
    return value;
}

static void write_bits(struct sim *sim, unsigned cpu, unsigned first, bool enables,
                       uint32_t value)
{
    for (unsigned line = 0; line < sim->lines; line++) {
        struct sim_imsic_input *input = sim_aia_file_input(sim, line);
        unsigned at = sim->line_irq[line] - first;
        if (at >= 32)
            continue;
        if (!enables) {
            set_pending(sim, line, cpu, value >> at & 1);
            if (!(value >> at & 1))
                sim_line_forgotten(sim, line);
            continue;
        }
        input->enabled &= (uint8_t) ~(1u << cpu);
        input->enabled |= (uint8_t)((value >> at & 1) << cpu);
    }
}

static bool is_bank(uint32_t offset, uint32_t bank)
{
    return offset >= bank && offset < bank + APLIC_BIT_WORDS * 4 && offset % 4 == 0;
}

uint32_t sim_imsic_read(struct sim *sim, unsigned cpu, uint32_t offset, unsigned size)
{
    if (size == 4 && is_bank(offset, IMSIC_EIP))
        return read_bits(sim, cpu, (offset - IMSIC_EIP) * 8, false);
    if (size == 4 && is_bank(offset, IMSIC_EIE))
        return read_bits(sim, cpu, (offset - IMSIC_EIE) * 8, true);
    if (size == 4 && offset == IMSIC_TOPEI)
        return take(sim, cpu);
    if (size == 4 && offset == IMSIC_EIDELIVERY)
        return sim_aia_file(sim, cpu)->delivery;
    if (size == 4 && offset == IMSIC_EITHRESHOLD)
        return sim_aia_file(sim, cpu)->threshold;
    return sim_bus_bad(sim, RISCV_CSR_BASE + offset);
}

void sim_imsic_write(struct sim *sim, unsigned cpu, uint32_t offset, unsigned size,
                     uint32_t value)
{
    if (size == 4 && is_bank(offset, IMSIC_EIP))
        write_bits(sim, cpu, (offset - IMSIC_EIP) * 8, false, value);
    else if (size == 4 && is_bank(offset, IMSIC_EIE))
        write_bits(sim, cpu, (offset - IMSIC_EIE) * 8, true, value);
    else if (size == 4 && offset == IMSIC_EIDELIVERY)
        sim_aia_file(sim, cpu)->delivery = value & 1;
    else if (size == 4 && offset == IMSIC_EITHRESHOLD)
        sim_aia_file(sim, cpu)->threshold = value & 0xff;
    else if (size != 4 || offset != IMSIC_TOPEI)
        sim_bus_bad(sim, RISCV_CSR_BASE + offset);
}
