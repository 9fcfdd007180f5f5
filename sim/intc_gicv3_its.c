/*
 * sim/intc_gicv3_its.c - the interrupt translation service of the GIC, version 3: from a
 * device's message to an LPI of a redistributor.
 *
 *   device ID, event ID --device table, translation table--> LPI, collection
 *                                           collection --collection table--> redistributor
 *
 * Software fills the tables with commands in a queue in memory; what it has written up to
 * CWRITER is done at once.  A command with a wrong parameter is skipped, one whose tables
 * cannot be read stalls the queue.
 *
 * Source: Arm IHI 0069H, chapter 5 and 12.19; registers in sim/regs/its.h.  Where QEMU 7.2.22
 * knowingly differs there is a row in sim/policy.h; what is IMPLEMENTATION DEFINED (formats
 * and sizes of the tables) is as there.
 * Not modelled: virtual interrupts (their commands are skipped), system errors, caches.
 */
#include "sim/intc_gicv3.h"

/* How a command ended. */
enum outcome { STALLED, SKIPPED, DONE };

/* One of the tables that BASERn tell of. */
struct table {
    uint64_t base;
    uint32_t page;
    uint32_t entries;
    bool indirect;
};

struct device_entry {
    uint64_t address;
    uint32_t size;
    bool valid;
};

struct event_entry {
    uint64_t low;
    uint32_t doorbell;
};

enum table_index { DEVICES, COLLECTIONS };

enum { NO_ENTRY = 0 }; /* address of an entry whose first level is not there */

/* ---------------------------------------------------------------------------------- tables */

static uint64_t wide(const uint32_t *words)
{
    return words[0] | (uint64_t)words[1] << 32;
}

static struct table table_of(const struct sim *sim, enum table_index which)
{
    static const uint32_t pages[] = {0x1000, 0x4000, 0x10000, 0x10000};
    const uint32_t *base = gicv3_its(sim)->baser[which];
    struct table table = {.page = pages[base[0] >> GITS_PAGE_SHIFT & 3]};
    uint64_t bytes = (uint64_t)((base[0] & GITS_SIZE_MASK) + 1) * table.page;
    uint64_t entries = bytes / ITS_DTE_BYTES;

    if (!(base[1] & GITS_VALID))
        return table;
    table.base = wide(base) & 0xfffffffff000;
    if (table.page == 0x10000) /* bits 15:12 are those above 47 */
        table.base = (wide(base) & 0xffffffff0000) | (uint64_t)(base[0] >> 12 & 0xf) << 48;
    table.indirect = (base[1] & GITS_INDIRECT) != 0;
    if (table.indirect)
        entries = bytes / ITS_LEVEL1_BYTES * (table.page / ITS_DTE_BYTES);
    if (sim_policy(sim, SIM_POLICY_ITS_SIZE_WRAPS))
        entries &= UINT32_MAX;
    table.entries = entries < 1u << GITS_ID_BITS ? (uint32_t)entries : 1u << GITS_ID_BITS;
    return table;
}

/* Where entry @index lies, or NO_ENTRY; false: the first level cannot be read. */
static bool entry_at(const struct sim *sim, const struct table *table, uint32_t index,
                     uint64_t *ret_address, bool *ret_exists)
{
    uint32_t per_page = table->page / ITS_DTE_BYTES;
    uint64_t level1;

    *ret_exists = true;
    if (!table->indirect) {
        *ret_address = table->base + (uint64_t)index * ITS_DTE_BYTES;
        return true;
    }
    *ret_address = NO_ENTRY;
    if (!sim_gicv3_load(sim, table->base + index / per_page * ITS_LEVEL1_BYTES,
                        ITS_LEVEL1_BYTES, &level1))
        return false;
    *ret_exists = level1 >> 63;
    *ret_address = (level1 & ITS_TABLE_ADDRESS) + index % per_page * ITS_DTE_BYTES;
    return true;
}

/* An entry of a table; one that is not there is 0. */
static bool load_entry(const struct sim *sim, const struct table *table, uint32_t index,
                       uint64_t *ret_value)
{
    uint64_t address;
    bool exists;

    *ret_value = 0;
    if (!entry_at(sim, table, index, &address, &exists))
        return false;
    return !exists || sim_gicv3_load(sim, address, ITS_DTE_BYTES, ret_value);
}

static enum outcome store_entry(struct sim *sim, const struct table *table, uint32_t index,
                                uint64_t value)
{
    uint64_t address;
    bool exists;

    if (!entry_at(sim, table, index, &address, &exists))
        return STALLED;
    if (!exists)
        return DONE;
    return sim_gicv3_store_memory(sim, address, ITS_DTE_BYTES, value) ? DONE : STALLED;
}

static enum outcome find_device(const struct sim *sim, uint32_t device,
                                struct device_entry *ret_entry)
{
    struct table table = table_of(sim, DEVICES);
    uint64_t value;

    if (device >= table.entries)
        return SKIPPED;
    if (!load_entry(sim, &table, device, &value))
        return STALLED;
    *ret_entry = (struct device_entry){
        .address = (value >> ITS_DTE_ADDRESS & 0xfffffffffff) << 8,
        .size = value >> ITS_DTE_SIZE & 0x1f,
        .valid = value & ITS_ENTRY_VALID,
    };
    return DONE;
}

/* The translation of an event of a device. */
static enum outcome find_event(const struct sim *sim, uint32_t device, uint32_t event,
                               struct device_entry *ret_device, struct event_entry *ret_event)
{
    enum outcome outcome = find_device(sim, device, ret_device);
    uint64_t address, doorbell;

    if (outcome != DONE)
        return outcome;
    if (!ret_device->valid || event >= UINT64_C(2) << ret_device->size)
        return SKIPPED;
    address = ret_device->address + (uint32_t)(event * ITS_ITE_BYTES);
    if (!sim_gicv3_load(sim, address, 8, &ret_event->low) ||
        !sim_gicv3_load(sim, address + 8, 4, &doorbell))
        return STALLED;
    ret_event->doorbell = (uint32_t)doorbell & 0xffffff;
    return ret_event->low & ITS_ENTRY_VALID ? DONE : SKIPPED;
}

static enum outcome store_event(struct sim *sim, const struct device_entry *device,
                                uint32_t event, struct event_entry entry)
{
    uint64_t address = device->address + (uint32_t)(event * ITS_ITE_BYTES);

    return sim_gicv3_store_memory(sim, address, 8, entry.low) &&
                   sim_gicv3_store_memory(sim, address + 8, 4, entry.doorbell)
               ? DONE
               : STALLED;
}

static uint32_t intid_of(struct event_entry entry)
{
    return entry.low >> ITS_ITE_INTID & 0xffffff;
}

static uint32_t collection_of(struct event_entry entry)
{
    return entry.low >> ITS_ITE_ICID & 0xffff;
}

/* The processor that a collection is. */
static enum outcome find_target(const struct sim *sim, uint32_t collection, unsigned *ret_cpu)
{
    struct table table = table_of(sim, COLLECTIONS);
    uint64_t value;

    if (collection >= table.entries)
        return SKIPPED;
    if (!load_entry(sim, &table, collection, &value))
        return STALLED;
    *ret_cpu = value >> ITS_CTE_RDBASE & 0xffff;
    return value & ITS_ENTRY_VALID && *ret_cpu < sim->cpus ? DONE : SKIPPED;
}

/* -------------------------------------------------------------------------------- commands */

static uint32_t device_of(const uint64_t *command)
{
    return (uint32_t)(command[0] >> 32);
}

static uint32_t event_of(const uint64_t *command)
{
    return (uint32_t)command[1];
}

static void tell_forgotten(struct sim *sim, uint32_t intid)
{
    unsigned line = gicv3_message_line(sim, intid);

    if (line)
        sim_line_forgotten(sim, line - 1);
}

/* An event happens, or (CLEAR, DISCARD) has not happened. */
static enum outcome translate(struct sim *sim, uint32_t device, uint32_t event,
                              unsigned command)
{
    bool pending = command == ITS_INT;
    struct device_entry owner;
    struct event_entry entry;
    unsigned cpu;
    enum outcome outcome = find_event(sim, device, event, &owner, &entry);

    if (outcome != DONE || !(entry.low & ITS_ITE_PHYSICAL))
        return outcome == DONE ? SKIPPED : outcome;
    outcome = find_target(sim, collection_of(entry), &cpu);
    if (outcome == STALLED && sim_policy(sim, SIM_POLICY_ITS_FAULT_PASSES))
        outcome = SKIPPED;
    if (outcome != DONE)
        return outcome;
    if (sim_gicv3_lpi_message(sim, cpu, intid_of(entry), pending) && !pending)
        tell_forgotten(sim, intid_of(entry));
    if (command != ITS_DISCARD)
        return DONE;
    return store_event(sim, &owner, event, (struct event_entry){0, 0});
}

static enum outcome map_device(struct sim *sim, const uint64_t *command)
{
    struct table table = table_of(sim, DEVICES);
    uint64_t size = command[1] & 0x1f;
    uint64_t address = command[2] >> 8 & 0xfffffffffff;
    uint64_t value = ITS_ENTRY_VALID | size << ITS_DTE_SIZE | address << ITS_DTE_ADDRESS;

    if (device_of(command) >= table.entries || size >= GITS_ID_BITS)
        return SKIPPED;
    return store_entry(sim, &table, device_of(command), command[2] >> 63 ? value : 0);
}

static enum outcome map_collection(struct sim *sim, const uint64_t *command)
{
    struct table table = table_of(sim, COLLECTIONS);
    uint32_t collection = command[2] & 0xffff;
    uint32_t cpu = command[2] >> 16 & 0xffff;
    bool valid = command[2] >> 63;

    if (collection >= table.entries || (valid && cpu >= sim->cpus))
        return SKIPPED;
    return store_entry(sim, &table, collection,
                       valid ? ITS_ENTRY_VALID | cpu << ITS_CTE_RDBASE : 0);
}

static enum outcome map_event(struct sim *sim, const uint64_t *command, bool same_number)
{
    uint32_t event = event_of(command);
    uint32_t intid = same_number ? event : (uint32_t)(command[1] >> 32);
    uint64_t collection = command[2] & 0xffff;
    struct device_entry owner;
    enum outcome outcome = find_device(sim, device_of(command), &owner);

    if (outcome != DONE)
        return outcome;
    if (collection >= table_of(sim, COLLECTIONS).entries || !owner.valid ||
        event >= UINT64_C(2) << owner.size || intid < GICV3_LPI_FIRST ||
        intid >= 1u << LPI_ID_BITS)
        return SKIPPED;
    return store_event(sim, &owner, event,
                       (struct event_entry){
                           .low = ITS_ENTRY_VALID | ITS_ITE_PHYSICAL |
                                  (uint64_t)intid << ITS_ITE_INTID | collection << ITS_ITE_ICID,
                           .doorbell = ITS_NO_DOORBELL,
                       });
}

static enum outcome move_event(struct sim *sim, const uint64_t *command)
{
    uint32_t collection = command[2] & 0xffff;
    struct device_entry owner;
    struct event_entry entry;
    unsigned from, to;
    enum outcome outcome =
        find_event(sim, device_of(command), event_of(command), &owner, &entry);

    if (outcome == DONE && !(entry.low & ITS_ITE_PHYSICAL))
        outcome = SKIPPED;
    if (outcome == DONE)
        outcome = find_target(sim, collection_of(entry), &from);
    if (outcome == DONE)
        outcome = find_target(sim, collection, &to);
    if (outcome != DONE)
        return outcome;
    if (from != to)
        sim_gicv3_lpi_move(sim, from, to, intid_of(entry));
    entry.low &= ~(UINT64_C(0xffff) << ITS_ITE_ICID);
    entry.low |= (uint64_t)collection << ITS_ITE_ICID;
    return store_event(sim, &owner, event_of(command), entry);
}

static enum outcome move_all(struct sim *sim, const uint64_t *command)
{
    uint64_t from = command[2] >> 16 & 0xfffffffff, to = command[3] >> 16 & 0xfffffffff;

    if (from < sim->cpus && to < sim->cpus && from != to)
        sim_gicv3_lpi_move_all(sim, (unsigned)from, (unsigned)to);
    return DONE;
}

static enum outcome invalidate(struct sim *sim, const uint64_t *command)
{
    struct device_entry owner;
    struct event_entry entry;
    unsigned cpu;
    enum outcome outcome =
        find_event(sim, device_of(command), event_of(command), &owner, &entry);

    if (outcome == DONE && !(entry.low & ITS_ITE_PHYSICAL))
        outcome = SKIPPED;
    if (outcome == DONE)
        outcome = find_target(sim, collection_of(entry), &cpu);
    if (outcome == DONE)
        sim_gicv3_lpi_rescan(sim, cpu);
    return outcome;
}

static enum outcome execute(struct sim *sim, const uint64_t *command)
{
    switch (command[0] & 0xff) {
    case ITS_INT:
    case ITS_CLEAR:
    case ITS_DISCARD:
        return translate(sim, device_of(command), event_of(command), command[0] & 0xff);
    case ITS_MAPD:
        return map_device(sim, command);
    case ITS_MAPC:
        return map_collection(sim, command);
    case ITS_MAPTI:
    case ITS_MAPI:
        return map_event(sim, command, (command[0] & 0xff) == ITS_MAPI);
    case ITS_MOVI:
        return move_event(sim, command);
    case ITS_MOVALL:
        return move_all(sim, command);
    case ITS_INV:
        return invalidate(sim, command);
    case ITS_INVALL:
        for (unsigned cpu = 0; cpu < sim->cpus; cpu++)
            sim_gicv3_lpi_rescan(sim, cpu);
        return DONE;
    default: /* SYNC: all is done already */
        return SKIPPED;
    }
}

/* Of a scenario: what has been done is nobody's to read again. */
static void forget_command(struct sim *sim, uint64_t address)
{
    for (unsigned i = 0; i < ITS_COMMAND_BYTES && !sim->config->probe; i += 8)
        sim_gicv3_store_memory(sim, address + i, 8, 0);
}

static void run_queue(struct sim *sim)
{
    struct gicv3_its *its = gicv3_its(sim);
    uint64_t base = wide(its->cbaser) & 0xffffffffff000;
    uint32_t end = ((its->cbaser[0] & GITS_SIZE_MASK) + 1) * GITS_QUEUE_PAGE;
    uint32_t write = its->cwriter[0] & GITS_OFFSET_MASK;
    uint32_t read = its->creadr[0] & GITS_OFFSET_MASK;
    uint64_t command[4];

    if (!its->on || !(its->cbaser[1] & GITS_VALID) || write >= end || read >= end)
        return;
    while (write != read) {
        for (unsigned i = 0; i < 4; i++)
            sim_gicv3_load(sim, base + read + i * 8, 8, &command[i]);
        if (execute(sim, command) == STALLED) {
            its->creadr[0] |= GITS_STALLED;
            return;
        }
        forget_command(sim, base + read);
        read = (read + ITS_COMMAND_BYTES) % end;
        its->creadr[0] = (its->creadr[0] & ~GITS_OFFSET_MASK) | read;
    }
}

/* ------------------------------------------------------------------------------- registers */

/* The words that keep what is written, 0: @offset is not one of them. */
static uint32_t *word_at(const struct sim *sim, uint32_t offset)
{
    struct gicv3_its *its = gicv3_its(sim);

    if (offset >= GITS_CBASER && offset < GITS_CBASER + 8)
        return &its->cbaser[offset / 4 % 2];
    if (offset >= GITS_CWRITER && offset < GITS_CWRITER + 8)
        return &its->cwriter[offset / 4 % 2];
    if (offset >= GITS_CREADR && offset < GITS_CREADR + 8)
        return &its->creadr[offset / 4 % 2];
    if (offset >= GITS_BASER && offset < GITS_BASER + 8 * GITS_TABLES)
        return &its->baser[(offset - GITS_BASER) / 8][offset / 4 % 2];
    return 0;
}

uint32_t sim_gicv3_its_read(const struct sim *sim, uint32_t offset, unsigned size)
{
    const uint32_t *word = word_at(sim, offset);

    if (size != 4)
        return 0;
    if (word)
        return *word;
    switch (offset) {
    case GITS_CTLR:
        return GITS_CTLR_FIXED | gicv3_its(sim)->on;
    case GITS_IIDR:
        return GICD3_IIDR_VALUE;
    case GITS_TYPER:
        return GITS_TYPER_VALUE;
    case GITS_TYPER + 4:
        return GITS_TYPERH_VALUE;
    default:
        return 0;
    }
}

/* What of a word can be written now. */
static uint32_t writable(const struct sim *sim, uint32_t offset)
{
    if (offset >= GITS_BASER || offset < GITS_CBASER + 8) {
        if (gicv3_its(sim)->on)
            return 0;
        return offset >= GITS_BASER && offset & 4 ? ~GITS_BASER_RO : UINT32_MAX;
    }
    if (offset < GITS_CREADR)
        return offset == GITS_CWRITER ? ~GITS_RETRY : UINT32_MAX;
    if (!sim_policy(sim, SIM_POLICY_ITS_READ_POINTER))
        return 0;
    return UINT32_MAX;
}

void sim_gicv3_its_write(struct sim *sim, uint32_t offset, unsigned size, uint32_t value)
{
    struct gicv3_its *its = gicv3_its(sim);
    uint32_t *word = word_at(sim, offset);
    uint32_t mask;

    if (size != 4)
        return;
    if (offset == GITS_CTLR) {
        its->on = value & GITS_CTLR_ON;
        run_queue(sim);
    }
    if (!word)
        return;
    mask = writable(sim, offset);
    if (mask && word == &its->creadr[0])
        value &= ~GITS_STALLED;
    *word = (*word & ~mask) | (value & mask);
    if (offset < GITS_CBASER + 8 && mask) {
        its->creadr[0] = 0;
        its->creadr[1] = 0;
    }
    if (offset == GITS_CWRITER)
        run_queue(sim);
}

bool sim_gicv3_its_message(struct sim *sim, uint32_t device, uint32_t event)
{
    return gicv3_its(sim)->on && translate(sim, device, event, ITS_INT) == DONE;
}

void sim_gicv3_its_reset(struct sim *sim)
{
    struct gicv3_its *its = gicv3_its(sim);

    its->baser[DEVICES][0] = its->baser[COLLECTIONS][0] = GITS_BASER_64K;
    its->baser[DEVICES][1] = GITS_BASER0_FIXED;
    its->baser[COLLECTIONS][1] = GITS_BASER1_FIXED;
}
