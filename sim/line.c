/* sim/line.c - wires: wired-OR lines between devices and the controller. */
#include "sim/line.h"

#include "sim/controller.h"
#include "sim/device.h"

void sim_line_drive(struct sim *sim, sim_dev_id dev, bool active)
{
    uint8_t *drivers = &sim->line_state[sim->drive_at[dev]];
    uint8_t bit = sim->drive_bit[dev];
    unsigned line = sim->line_of[dev];

    if (((*drivers & bit) != 0) == active)
        return;
    bool before = sim_line_level(sim, line);
    *drivers ^= bit;
    bool after = sim_line_level(sim, line);
    sim_trace(sim->trace, SIM_EV_REQUEST, dev, active, 0);
    if (before == after)
        return;
    sim_trace(sim->trace, SIM_EV_LINE, line, after, 0);
    sim->controller->input(sim, line, after);
}

void sim_line_forgotten(struct sim *sim, unsigned line)
{
    for (unsigned dev = 0; dev < sim->config->devices; dev++) {
        const struct sim_device_ops *ops = sim_device_ops(sim, (sim_dev_id)dev);
        if (sim->line_of[dev] == line && ops->forgotten)
            ops->forgotten(sim, (sim_dev_id)dev);
    }
}

bool sim_line_remembered(const struct sim *sim, unsigned line)
{
    return sim->controller->remembers(sim, line);
}

/* Inserts @irq into the ascending list of wired inputs unless it is there. */
static void add_irq(struct sim *sim, unsigned irq)
{
    unsigned at = sim->lines;

    for (unsigned i = 0; i < sim->lines; i++)
        if (sim->line_irq[i] == irq)
            return;
    while (at > 0 && sim->line_irq[at - 1] > irq) {
        sim->line_irq[at] = sim->line_irq[at - 1];
        at--;
    }
    sim->line_irq[at] = (uint16_t)irq;
    sim->lines++;
}

/* Gives @dev its bit among the drivers of its line. */
static void connect(struct sim *sim, unsigned dev, const uint8_t *users)
{
    const struct sim_device_config *config = &sim->config->device[dev];
    unsigned line = 0;

    while (sim->line_irq[line] != config->irq)
        line++;
    if (!sim->line_devices[line]) {
        sim->line_trigger[line] = config->trigger;
        sim->line_cpu[line] = config->cpu;
    }
    sim->line_of[dev] = (uint8_t)line;
    sim->line_devices[line] |= UINT64_C(1) << dev;
    sim->drive_at[dev] = (uint8_t)(sim->line_at[line] + users[line] / 8);
    sim->drive_bit[dev] = (uint8_t)(1u << users[line] % 8);
}

void sim_line_layout(struct sim *sim)
{
    uint8_t users[SIM_DEVICES_MAX] = {0};
    unsigned bytes = 0;

    sim->lines = 0;
    for (unsigned dev = 0; dev < sim->config->devices; dev++)
        add_irq(sim, sim->config->device[dev].irq);
    for (unsigned dev = 0; dev < sim->config->devices; dev++)
        for (unsigned line = 0; line < sim->lines; line++)
            if (sim->line_irq[line] == sim->config->device[dev].irq)
                users[line]++;
    for (unsigned i = 0; i < SIM_IRQS_MAX; i++)
        sim->line_of_irq[i] = 0;
    for (unsigned line = 0; line < sim->lines; line++) {
        sim->line_at[line] = (uint8_t)bytes;
        sim->line_bytes[line] = (uint8_t)((users[line] + 7) / 8);
        sim->line_devices[line] = 0;
        bytes += sim->line_bytes[line];
        users[line] = 0;
        if (sim->line_irq[line] < SIM_IRQS_MAX)
            sim->line_of_irq[sim->line_irq[line]] = (uint8_t)(line + 1);
    }
    for (unsigned dev = 0; dev < sim->config->devices; dev++) {
        connect(sim, dev, users);
        users[sim->line_of[dev]]++;
    }
    sim->line_ref = sim_arena_add(sim->arena, SIM_HOT, bytes, 1, 0, "lines");
}
