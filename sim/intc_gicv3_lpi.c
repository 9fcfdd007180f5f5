/*
 * sim/intc_gicv3_lpi.c - message interrupts (LPIs) of the GIC, version 3: pending and
 * configuration tables in memory, and what a redistributor knows of them.
 *
 * An LPI is a bit in the pending table of a redistributor and a byte of configuration (enabled,
 * priority) that all of them share.  There is no active state: the acknowledge clears the bit,
 * and a message that comes then makes it pending at once.  A redistributor keeps the best; a
 * byte that software changes is looked at when a message comes, or after INV.
 *
 * Of the board's memory only what the tables need is kept: in a probe a piece of RAM, in a
 * scenario with MSI devices the entries of their events, and two commands, as the driver hands
 * over so many at a time.
 *
 * Source: Arm IHI 0069H, 5.1 (LPIs), 12.11 (GICR_).
 * Not modelled: registers as memory of a bus master (it reads nothing there, with an error),
 * memory outside of what is kept (reads 0 and forgets).
 */
#include "sim/intc_gicv3.h"
#include "sim/output.h"

/* -------------------------------------------------------------------------------- memory */

/* A piece of memory: @bytes of each @stride are kept, of the first if it is folded. */
struct piece {
    uint32_t base, span, stride, bytes;
    bool folded;
};

enum { PIECES = 6, FIRST_LPI_BYTE = GICV3_LPI_FIRST / 8 };

/* One more than the highest event of a device by message; 0: there is none. */
static unsigned events(const struct sim *sim)
{
    unsigned count = 0;

    for (unsigned dev = 0; dev < sim->config->devices; dev++)
        if (sim->config->device[dev].trigger == SIM_TRIGGER_MSI &&
            sim->config->device[dev].irq >= count)
            count = sim->config->device[dev].irq + 1u;
    return count;
}

/* The pieces of this machine; those that are not there have a span of 0. */
static void find_pieces(const struct sim *sim, struct piece ret_pieces[PIECES])
{
    uint32_t count = sim->config->probe ? 0 : events(sim);
    const struct piece pieces[PIECES] = {
        {VIRT_ITS_QUEUE, GITS_QUEUE_PAGE, 2 * ITS_COMMAND_BYTES, 2 * ITS_COMMAND_BYTES, true},
        {VIRT_ITS_DEVICES, ITS_DTE_BYTES, ITS_DTE_BYTES, ITS_DTE_BYTES, false},
        {VIRT_ITS_COLLECTIONS, SIM_CPUS_MAX * ITS_CTE_BYTES, ITS_CTE_BYTES, ITS_CTE_BYTES,
         false},
        {VIRT_ITS_EVENTS, count * ITS_ITE_BYTES, ITS_ITE_BYTES, ITS_ITE_BYTES, false},
        {VIRT_LPI_CONFIG, count, 1, 1, false},
        {VIRT_LPI_PENDING + FIRST_LPI_BYTE, sim->cpus * VIRT_LPI_STEP, VIRT_LPI_STEP,
         count / 8 + 1, false},
    };

    for (unsigned i = 0; i < PIECES; i++)
        ret_pieces[i] = count ? pieces[i] : (struct piece){.stride = 1};
    if (sim->config->probe)
        ret_pieces[0] = (struct piece){VIRT_RAM_KEPT, VIRT_KEPT_BYTES, VIRT_KEPT_BYTES,
                                       VIRT_KEPT_BYTES, false};
}

static uint32_t piece_bytes(const struct piece *piece)
{
    return piece->folded ? piece->bytes : piece->span / piece->stride * piece->bytes;
}

uint32_t sim_gicv3_memory_bytes(const struct sim *sim)
{
    struct piece pieces[PIECES];
    uint32_t bytes = 0;

    find_pieces(sim, pieces);
    for (unsigned i = 0; i < PIECES; i++)
        bytes += piece_bytes(&pieces[i]);
    return bytes;
}

/* The byte at @address, 0: it is not kept. */
static uint8_t *byte_at(const struct sim *sim, uint64_t address)
{
    uint8_t *memory = gicv3_memory(sim);
    struct piece pieces[PIECES];

    find_pieces(sim, pieces);
    for (unsigned i = 0; i < PIECES; i++) {
        const struct piece *at = &pieces[i];
        uint64_t offset = address - at->base;
        if (offset < at->span) {
            if (offset % at->stride >= at->bytes)
                return 0;
            uint64_t slot = at->folded ? 0 : offset / at->stride;
            return memory + slot * at->bytes + offset % at->stride;
        }
        memory += piece_bytes(at);
    }
    return 0;
}

/* Is there memory at all? */
static bool exists(uint64_t address)
{
    return address < VIRT_FLASH_BYTES || address - VIRT_RAM_BASE < VIRT_RAM_BYTES;
}

bool sim_gicv3_load(const struct sim *sim, uint64_t address, unsigned size, uint64_t *ret_value)
{
    *ret_value = 0;
    for (unsigned i = 0; i < size; i++) {
        const uint8_t *byte = byte_at(sim, address + i);
        if (byte)
            *ret_value |= (uint64_t)*byte << i * 8;
    }
    return exists(address) && exists(address + size - 1);
}

bool sim_gicv3_store_memory(struct sim *sim, uint64_t address, unsigned size, uint64_t value)
{
    for (unsigned i = 0; i < size; i++) {
        uint8_t *byte = byte_at(sim, address + i);
        if (byte)
            *byte = (uint8_t)(value >> i * 8);
    }
    return exists(address) && exists(address + size - 1);
}

/* ---------------------------------------------------------------------------------- tables */

static uint64_t base_of(const struct sim *sim, unsigned cpu, unsigned word)
{
    const struct gicv3_interface_cold *setup = gicv3_setup(sim, cpu);

    return setup->base[word] | (uint64_t)setup->base[word + 1] << 32;
}

static uint64_t config_table(const struct sim *sim, unsigned cpu)
{
    return base_of(sim, cpu, 0) & LPI_CONFIG_ADDRESS;
}

static uint64_t pending_table(const struct sim *sim, unsigned cpu)
{
    return base_of(sim, cpu, 2) & LPI_PENDING_ADDRESS;
}

/* One more than the highest INTID of an LPI that @cpu has. */
static uint32_t end_of(const struct sim *sim, unsigned cpu)
{
    uint32_t bits = (gicv3_setup(sim, cpu)->base[0] & LPI_ID_BITS_MASK) + 1;

    return 1u << (bits < LPI_ID_BITS ? bits : LPI_ID_BITS);
}

static bool has_lpis(const struct sim *sim, unsigned cpu)
{
    return (gicv3_setup(sim, cpu)->lpis & GICR_CTLR_LPIS) != 0;
}

static uint8_t load_byte(const struct sim *sim, uint64_t address)
{
    const uint8_t *byte = byte_at(sim, address);

    return byte ? *byte : 0;
}

/* Is @intid, which is pending, better than what @cpu knows? */
static void consider(struct sim *sim, unsigned cpu, uint32_t intid)
{
    struct gicv3_interface_hot *interface = gicv3_interface(sim, cpu);
    uint8_t config = load_byte(sim, config_table(sim, cpu) + intid - GICV3_LPI_FIRST);
    uint8_t priority = config & LPI_CONFIG_PRIORITY;

    if (!(config & LPI_CONFIG_ENABLED) || priority > interface->lpi_priority ||
        (priority == interface->lpi_priority && intid > interface->lpi))
        return;
    interface->lpi = (uint16_t)intid;
    interface->lpi_priority = priority;
}

void sim_gicv3_lpi_rescan(struct sim *sim, unsigned cpu)
{
    uint64_t table = pending_table(sim, cpu);
    uint32_t end = end_of(sim, cpu) / 8;

    if (!has_lpis(sim, cpu))
        return;
    if (!sim->config->probe && end > FIRST_LPI_BYTE + events(sim) / 8 + 1)
        end = FIRST_LPI_BYTE + events(sim) / 8 + 1; /* no others are kept */
    gicv3_interface(sim, cpu)->lpi_priority = GICV3_NONE;
    for (uint32_t at = FIRST_LPI_BYTE; at < end; at++) {
        unsigned byte = load_byte(sim, table + at);
        for (unsigned bit = 0; byte >> bit; bit++)
            if (byte >> bit & 1)
                consider(sim, cpu, at * 8 + bit);
    }
    sim_gicv3_update(sim, 0, GICV3_SPI_FIRST);
    sim_output_note(sim);
}

/* What a scenario sees of an LPI. */
static void record(struct sim *sim, uint32_t intid, bool pending)
{
    unsigned line = gicv3_message_line(sim, intid);

    if (!line || !sim_input_traced(sim))
        return;
    sim_trace(sim->trace, SIM_EV_LATCH, sim->line_irq[line - 1], pending, 0);
    sim_trace(sim->trace, SIM_EV_PENDING, sim->line_irq[line - 1], pending, 0);
}

/* False: the bit was so already. */
static bool set_bit(struct sim *sim, unsigned cpu, uint32_t intid, bool pending)
{
    uint64_t address = pending_table(sim, cpu) + intid / 8;
    uint8_t byte = load_byte(sim, address);

    if ((byte >> intid % 8 & 1) == pending)
        return false;
    sim_gicv3_store_memory(sim, address, 1, byte ^ 1u << intid % 8);
    record(sim, intid, pending);
    return true;
}

bool sim_gicv3_lpi_pending(const struct sim *sim, unsigned cpu, uint32_t intid)
{
    return load_byte(sim, pending_table(sim, cpu) + intid / 8) >> intid % 8 & 1;
}

bool sim_gicv3_lpi_set(struct sim *sim, unsigned cpu, uint32_t intid, bool pending)
{
    if (!set_bit(sim, cpu, intid, pending))
        return false;
    if (pending) {
        consider(sim, cpu, intid);
        sim_gicv3_update(sim, 0, GICV3_SPI_FIRST);
        sim_output_note(sim);
    } else if (intid == gicv3_interface(sim, cpu)->lpi) {
        sim_gicv3_lpi_rescan(sim, cpu);
    }
    return true;
}

bool sim_gicv3_lpi_message(struct sim *sim, unsigned cpu, uint32_t intid, bool pending)
{
    return has_lpis(sim, cpu) && intid >= GICV3_LPI_FIRST && intid < end_of(sim, cpu) &&
           sim_gicv3_lpi_set(sim, cpu, intid, pending);
}

void sim_gicv3_lpi_move(struct sim *sim, unsigned from, unsigned to, uint32_t intid)
{
    uint32_t end = end_of(sim, from) < end_of(sim, to) ? end_of(sim, from) : end_of(sim, to);

    if (!has_lpis(sim, from) || !has_lpis(sim, to) || intid / 8 >= end ||
        !set_bit(sim, from, intid, false))
        return;
    if (intid == gicv3_interface(sim, from)->lpi)
        sim_gicv3_lpi_rescan(sim, from);
    sim_gicv3_lpi_set(sim, to, intid, true);
}

void sim_gicv3_lpi_move_all(struct sim *sim, unsigned from, unsigned to)
{
    uint32_t end = end_of(sim, from) < end_of(sim, to) ? end_of(sim, from) : end_of(sim, to);

    if (!has_lpis(sim, from) || !has_lpis(sim, to))
        return;
    for (uint32_t intid = GICV3_LPI_FIRST; intid < end; intid++)
        if (sim_gicv3_lpi_pending(sim, from, intid)) {
            set_bit(sim, from, intid, false);
            set_bit(sim, to, intid, true);
        }
    sim_gicv3_lpi_rescan(sim, from);
    sim_gicv3_lpi_rescan(sim, to);
}

void sim_gicv3_lpi_control(struct sim *sim, unsigned cpu, uint32_t value)
{
    gicv3_setup(sim, cpu)->lpis = value & GICR_CTLR_LPIS;
    if (value & GICR_CTLR_LPIS)
        sim_gicv3_lpi_rescan(sim, cpu);
    else
        sim_gicv3_update(sim, 0, GICV3_SPI_FIRST);
}
