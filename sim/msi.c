/* sim/msi.c - message-signalled interrupts: see sim/msi.h. */
#include "sim/msi.h"

#include "sim/bus.h"
#include "sim/controller.h"
#include "sim/line.h"
#include "sim/regs/msix.h"

/* Hot, a byte per entry. */
enum { MASKED = 1, PENDING = 2 };

/* Cold, per entry. */
struct entry {
    uint32_t address;
    uint32_t data;
};

static uint8_t *state_of(const struct sim *sim, unsigned line)
{
    return sim->message_hot + sim->message_of[line] - 1;
}

static struct entry *entry_of(const struct sim *sim, unsigned line)
{
    return (struct entry *)(void *)sim->message_cold + sim->message_of[line] - 1;
}

bool sim_msi_waits(const struct sim *sim, unsigned line)
{
    return sim_msi_is(sim, line) && *state_of(sim, line) & PENDING;
}

uint32_t sim_msi_data(const struct sim *sim, unsigned line)
{
    return entry_of(sim, line)->data;
}

static void send(struct sim *sim, unsigned line)
{
    const struct entry *entry = entry_of(sim, line);

    sim_trace(sim->trace, SIM_EV_MESSAGE, sim->line_irq[line], entry->data, 0);
    sim->outputs_stale = true;
    sim->controller->message(sim, entry->address, entry->data);
    if (!sim_line_remembered(sim, line))
        sim_line_forgotten(sim, line);
}

/*
 * A message that waits is withdrawn when the events behind it are satisfied (6.8.3.5): when
 * nobody on the line has a cause any more.  A bare wire has no register by which to do that.
 */
static bool is_satisfied(const struct sim *sim, unsigned line)
{
    for (uint64_t rest = sim->line_devices[line]; rest; rest &= rest - 1) {
        sim_dev_id dev = (sim_dev_id)__builtin_ctzll(rest);
        if (!sim_device_ops(sim, dev)->read || sim_dev_has_cause(sim, dev))
            return false;
    }
    return true;
}

void sim_msi_request(struct sim *sim, unsigned line, bool level)
{
    uint8_t *state = state_of(sim, line);

    if (level && *state & MASKED)
        *state |= PENDING;
    else if (level)
        send(sim, line);
    else if (*state & PENDING && is_satisfied(sim, line))
        *state &= (uint8_t)~PENDING;
}

/* ------------------------------------------------------------------------------- registers */

/* The line of an entry + 1, or 0. */
static unsigned line_at(const struct sim *sim, uint32_t irq)
{
    unsigned line = irq < SIM_IRQS_MAX ? sim->line_of_irq[irq] : 0;

    return line && sim_msi_is(sim, line - 1) ? line : 0;
}

static uint32_t pending_word(const struct sim *sim, uint32_t word)
{
    uint32_t value = 0;

    for (unsigned bit = 0; bit < 32; bit++) {
        unsigned line = line_at(sim, word * 32 + bit);
        if (line && *state_of(sim, line - 1) & PENDING)
            value |= UINT32_C(1) << bit;
    }
    return value;
}

uint32_t sim_msi_read(struct sim *sim, uint32_t offset, unsigned size)
{
    unsigned line = line_at(sim, offset / MSIX_ENTRY);

    if (size != 4)
        return sim_bus_bad(sim, MSIX_BASE + offset);
    if (offset >= MSIX_PBA)
        return pending_word(sim, (offset - MSIX_PBA) / 4);
    if (!line--)
        return 0;
    switch (offset % MSIX_ENTRY) {
    case MSIX_ADDRESS:
        return entry_of(sim, line)->address;
    case MSIX_DATA:
        return entry_of(sim, line)->data;
    case MSIX_CONTROL:
        return *state_of(sim, line) & MASKED ? MSIX_CONTROL_MASKED : 0;
    default:
        return 0;
    }
}

/* A message that the mask held back leaves. */
static void unmask(struct sim *sim, unsigned line)
{
    unsigned before = *state_of(sim, line);

    *state_of(sim, line) = 0;
    if (before & PENDING)
        send(sim, line);
}

void sim_msi_write(struct sim *sim, uint32_t offset, unsigned size, uint32_t value)
{
    unsigned line = line_at(sim, offset / MSIX_ENTRY);

    if (size != 4) {
        sim_bus_bad(sim, MSIX_BASE + offset);
        return;
    }
    if (offset >= MSIX_PBA || !line--)
        return;
    switch (offset % MSIX_ENTRY) {
    case MSIX_ADDRESS:
        entry_of(sim, line)->address = value & ~UINT32_C(3);
        break;
    case MSIX_DATA:
        entry_of(sim, line)->data = value;
        break;
    case MSIX_CONTROL:
        if (value & MSIX_CONTROL_MASKED)
            *state_of(sim, line) |= MASKED;
        else
            unmask(sim, line);
        break;
    default:
        break;
    }
}

/* ---------------------------------------------------------------------------------- layout */

void sim_msi_layout(struct sim *sim)
{
    sim->messages = 0;
    for (unsigned line = 0; line < sim->lines; line++) {
        bool message = !sim->config->probe && sim->line_trigger[line] == SIM_TRIGGER_MSI &&
                       sim->controller->message;
        sim->message_of[line] = message ? ++sim->messages : 0;
    }
    if (!sim->messages)
        return;
    sim->message_hot_ref = sim_arena_add(sim->arena, SIM_HOT, sim->messages, 1, 0, "messages");
    sim->message_cold_ref = sim_arena_add(
        sim->arena, SIM_COLD, sim->messages * (uint32_t)sizeof(struct entry), 4, 0, "messages");
    for (unsigned page = 0; page < MSIX_PAGES; page++)
        sim_bus_map(sim, MSIX_BASE + (page << SIM_PAGE_SHIFT), SIM_PAGE_MESSAGES, page);
}

void sim_msi_reset(struct sim *sim)
{
    for (unsigned line = 0; line < sim->lines; line++)
        if (sim_msi_is(sim, line)) {
            *state_of(sim, line) = MASKED;
            *entry_of(sim, line) = (struct entry){0};
        }
}
