/* sim/line.c - wires: wired-OR lines between devices and the controller. */
#include "sim/line.h"

#include "sim/controller.h"
#include "sim/device.h"
#include "sim/msi.h"
#include "sim/output.h"
#include "sim/policy.h"

enum { OUTSIDE = 1 }; /* the first driver of each line of a probe */

static bool last_call_counts(const struct sim *sim)
{
    return sim->config->probe && sim_policy(sim, SIM_POLICY_LINE_LAST_CALL);
}

/* One driver of @line changes its mind. */
static void change(struct sim *sim, unsigned line, uint8_t *drivers, uint8_t bit)
{
    bool before = sim_line_level(sim, line);

    *drivers ^= bit;
    bool after = sim_line_level(sim, line);
    if (before == after)
        return;
    sim_trace(sim->trace, SIM_EV_LINE, line, after, 0);
    if (sim_msi_is(sim, line))
        sim_msi_request(sim, line, after);
    else
        sim_controller_input(sim, line, after);
    if (sim->config->probe)
        sim_output_note(sim);
}

void sim_line_outside(struct sim *sim, unsigned line, bool active)
{
    uint8_t *drivers = &sim->line_state[sim->line_at[line]];

    if (((*drivers & OUTSIDE) != 0) != active) {
        change(sim, line, drivers, OUTSIDE);
    } else if (last_call_counts(sim)) {
        sim_controller_input(sim, line, active);
        sim_output_note(sim);
    }
}

void sim_line_pulse(struct sim *sim, unsigned irq)
{
    unsigned line = irq < SIM_IRQS_MAX ? sim->line_of_irq[irq] : 0;

    if (!line--)
        return;
    if (last_call_counts(sim)) {
        sim_line_outside(sim, line, true);
        sim_line_outside(sim, line, false);
    } else if (sim_msi_is(sim, line) || !sim_line_level(sim, line)) {
        sim_controller_input(sim, line, true);
        sim_controller_input(sim, line, false);
    }
}

void sim_line_drive(struct sim *sim, sim_dev_id dev, bool active)
{
    uint8_t *drivers = &sim->line_state[sim->drive_at[dev]];
    uint8_t bit = sim->drive_bit[dev];
    unsigned line = sim->line_of[dev];

    if (last_call_counts(sim)) {
        sim_line_outside(sim, line, active);
        return;
    }
    if (((*drivers & bit) != 0) == active)
        return;
    sim_trace(sim->trace, SIM_EV_REQUEST, dev, active, 0);
    change(sim, line, drivers, bit);
}

void sim_line_say(struct sim *sim, sim_dev_id dev, bool active)
{
    unsigned line = sim->line_of[dev];
    bool again = !sim->config->probe && sim_policy(sim, SIM_POLICY_LINE_LAST_CALL) &&
                 sim_line_asserted_by(sim, dev) == active;

    sim_line_drive(sim, dev, active);
    if (again && !sim_msi_is(sim, line))
        sim_controller_input(sim, line, sim_line_level(sim, line));
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
    return sim_msi_waits(sim, line) || sim->controller->remembers(sim, line);
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

/* The lines that are to have state: those with a device, or all. */
static void find_lines(struct sim *sim)
{
    const struct sim_controller_ops *ops = sim->controller;

    sim->lines = 0;
    if (sim->config->probe && ops->inputs) {
        sim->lines = (uint16_t)ops->inputs(sim);
        for (unsigned i = 0; i < sim->lines; i++)
            sim->line_irq[i] = (uint16_t)(ops->input_irq ? ops->input_irq(sim, i) : i);
        return;
    }
    for (unsigned dev = 0; dev < sim->config->devices; dev++)
        add_irq(sim, sim->config->device[dev].irq);
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
    sim->line_of[dev] = (uint16_t)line;
    sim->line_devices[line] |= UINT64_C(1) << dev;
    sim->drive_at[dev] = (uint16_t)(sim->line_at[line] + users[line] / 8);
    sim->drive_bit[dev] = (uint8_t)(1u << users[line] % 8);
}

void sim_line_layout(struct sim *sim)
{
    uint8_t users[SIM_LINES_MAX] = {0};
    uint8_t outside = sim->config->probe ? 1 : 0;
    unsigned bytes = 0;

    find_lines(sim);
    for (unsigned i = 0; i < SIM_IRQS_MAX; i++)
        sim->line_of_irq[i] = 0;
    for (unsigned line = 0; line < sim->lines; line++) {
        users[line] = outside;
        for (unsigned dev = 0; dev < sim->config->devices; dev++)
            if (sim->config->device[dev].irq == sim->line_irq[line])
                users[line]++;
        sim->line_at[line] = (uint16_t)bytes;
        sim->line_bytes[line] = (uint8_t)((users[line] + 7) / 8);
        sim->line_devices[line] = 0;
        bytes += sim->line_bytes[line];
        users[line] = outside;
        if (sim->line_irq[line] < SIM_IRQS_MAX)
            sim->line_of_irq[sim->line_irq[line]] = (uint16_t)(line + 1);
    }
    for (unsigned dev = 0; dev < sim->config->devices; dev++) {
        connect(sim, dev, users);
        users[sim->line_of[dev]]++;
    }
    sim->line_ref = sim_arena_add(sim->arena, SIM_HOT, bytes, 1, 0, "lines");
}
