/* sim/sim.c - the hardware of a scenario: layout, binding, reset and dispatch. */
#include "sim/sim.h"

#include "sim/bus.h"
#include "sim/controller.h"
#include "sim/device.h"
#include "sim/line.h"
#include "sim/msi.h"
#include "sim/output.h"
#include "sim/policy.h"

/* A configuration that names what there is no model of: the caller asked nobody. */
static void must(bool condition)
{
    if (!condition)
        __builtin_trap();
}

static void layout_device(struct sim *sim, sim_dev_id dev, const char *name)
{
    const struct sim_device_config *config = &sim->config->device[dev];
    const struct sim_device_ops *ops = sim_device_of((enum sim_model)config->model);
    uint32_t cold = ops->cold_bytes ? ops->cold_bytes(config) : 0;
    uint32_t clock = ops->clock_bytes ? ops->clock_bytes(config) : 0;

    sim->device_hot[dev] = sim_arena_add(sim->arena, SIM_HOT, ops->hot_bytes(config),
                                         ops->hot_align, name, "state");
    sim->device_cold[dev] = sim_arena_add(sim->arena, SIM_COLD, cold, 4, name, "setup");
    sim->device_clock[dev] = sim_arena_add(sim->arena, SIM_CLOCK, clock, 4, name, "clock");
    if (config->posted_ns && ops->write)
        sim_bus_layout_posted(sim, dev, name);
    if (config->base && ops->read)
        sim_bus_map(sim, config->base, dev, 0);
    sim->prompt[dev] =
        config->base && ops->read && !(config->base & 0xfff) && !config->posted_ns;
}

static void layout_controller(struct sim *sim)
{
    const struct sim_controller_ops *ops = sim->controller;
    uint32_t align = ops->align ? ops->align : 4;

    sim->controller_hot =
        sim_arena_add(sim->arena, SIM_HOT, ops->hot_bytes(sim), align, 0, ops->name);
    sim->controller_cold =
        sim_arena_add(sim->arena, SIM_COLD, ops->cold_bytes(sim), align, 0, ops->name);
    ops->map(sim);
}

void sim_layout(struct sim *sim, const struct sim_config *config, struct sim_arena *arena,
                const char *const *device_names)
{
    must(sim_machine_exists((enum sim_machine)config->machine));
    must(config->devices <= SIM_DEVICES_MAX && config->cpus <= SIM_CPUS_MAX);
    sim->config = config;
    sim->arena = arena;
    sim->controller = sim_controller_of((enum sim_machine)config->machine);
    sim->cpus = config->cpus ? config->cpus : 1;
    sim->policy = sim_policy_mask(config);
    sim->outputs_live = config->probe || sim->controller->live;
    sim_bus_reset(sim);
    for (unsigned dev = 0; dev < config->devices; dev++) {
        must(sim_model_exists((enum sim_model)config->device[dev].model));
        sim->device[dev] = sim_device_of((enum sim_model)config->device[dev].model);
    }
    sim_line_layout(sim);
    sim_msi_layout(sim);
    layout_controller(sim);
    for (unsigned dev = 0; dev < config->devices; dev++)
        layout_device(sim, (sim_dev_id)dev, device_names ? device_names[dev] : 0);
}

void sim_bind(struct sim *sim, struct sim_trace *trace)
{
    sim->trace = trace;
    sim->line_state = sim_arena_at(sim->arena, sim->line_ref);
    sim->message_hot = sim->messages ? sim_arena_at(sim->arena, sim->message_hot_ref) : 0;
    sim->message_cold = sim->messages ? sim_arena_at(sim->arena, sim->message_cold_ref) : 0;
    sim->ctl_hot = sim_arena_at(sim->arena, sim->controller_hot);
    sim->ctl_cold = sim_arena_at(sim->arena, sim->controller_cold);
    for (unsigned dev = 0; dev < sim->config->devices; dev++) {
        const struct sim_device_config *config = &sim->config->device[dev];
        sim->hot[dev] = sim_arena_at(sim->arena, sim->device_hot[dev]);
        sim->cold[dev] = sim_arena_at(sim->arena, sim->device_cold[dev]);
        sim->clock[dev] = sim_arena_at(sim->arena, sim->device_clock[dev]);
        sim->posted[dev] =
            config->posted_ns && sim_device_of((enum sim_model)config->model)->write
                ? sim_arena_at(sim->arena, sim->device_posted[dev])
                : 0;
    }
    sim->token = 0;
    sim->armed = 0;
    sim_refresh(sim);
}

void sim_refresh(struct sim *sim)
{
    sim->outputs_stale = true;
}

static void zero(uint8_t *bytes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        bytes[i] = 0;
}

void sim_reset(struct sim *sim)
{
    const struct sim_config *config = sim->config;

    sim->armed = 0;
    sim->outputs_stale = true;
    for (unsigned line = 0; line < sim->lines; line++)
        zero(sim->line_state + sim->line_at[line], sim->line_bytes[line]);
    zero(sim->ctl_hot, sim->controller->hot_bytes(sim));
    zero(sim->ctl_cold, sim->controller->cold_bytes(sim));
    sim->controller->reset(sim);
    sim_msi_reset(sim);
    for (unsigned dev = 0; dev < config->devices; dev++) {
        const struct sim_device_config *device = &config->device[dev];
        const struct sim_device_ops *ops = sim_device_of((enum sim_model)device->model);
        zero(sim->hot[dev], ops->hot_bytes(device));
        zero(sim->cold[dev], ops->cold_bytes ? ops->cold_bytes(device) : 0);
        zero(sim->clock[dev], ops->clock_bytes ? ops->clock_bytes(device) : 0);
        if (ops->reset)
            ops->reset(sim, (sim_dev_id)dev);
    }
}

enum { BEST_UNKNOWN = -2 };

/* What the controller would hand out now: a line, or -1. */
static int best_line(struct sim *sim, unsigned cpu)
{
    if (sim->outputs_stale || sim->best[cpu] == BEST_UNKNOWN)
        sim->best[cpu] = (int16_t)sim->controller->best(sim, cpu);
    return sim->best[cpu];
}

static inline uint32_t look_at(struct sim *sim, unsigned cpu)
{
    const struct sim_controller_ops *ops = sim->controller;

    sim->best[cpu] = BEST_UNKNOWN;
    if (ops->output)
        return ops->output(sim, cpu);
    sim->best[cpu] = (int16_t)ops->best(sim, cpu);
    return sim->best[cpu] >= 0;
}

static inline void look(struct sim *sim)
{
    uint32_t outputs = look_at(sim, 0);

    for (unsigned cpu = 1; cpu < sim->cpus; cpu++)
        outputs |= look_at(sim, cpu) << cpu * SIM_OUTPUT_BITS;
    sim->outputs = outputs;
    sim->outputs_stale = sim->outputs_live;
}

void sim_output_look(struct sim *sim)
{
    look(sim);
}

void sim_output_record(struct sim *sim)
{
    uint32_t before = sim->outputs, mask = (1u << SIM_OUTPUT_BITS) - 1;

    look(sim);
    if (sim->outputs == before)
        return;
    for (unsigned cpu = 0; cpu < sim->cpus; cpu++) {
        uint32_t now = sim->outputs >> cpu * SIM_OUTPUT_BITS & mask;
        if (now != (before >> cpu * SIM_OUTPUT_BITS & mask))
            sim_trace(sim->trace, SIM_EV_OUTPUT, cpu, now, 0);
    }
}

bool sim_irq_output(struct sim *sim, unsigned cpu)
{
    return cpu < sim->cpus && (sim_output_all(sim) >> cpu * SIM_OUTPUT_BITS & 1) != 0;
}

int sim_irq_best(struct sim *sim, unsigned cpu)
{
    int line = cpu < sim->cpus ? best_line(sim, cpu) : -1;

    return line < 0 ? -1 : sim->line_irq[line];
}

bool sim_can_act(const struct sim *sim, sim_dev_id dev, enum sim_verb verb, uint32_t arg)
{
    const struct sim_device_ops *ops = sim_device_ops(sim, dev);

    return !ops->can_act || ops->can_act(sim, dev, verb, arg);
}

void sim_act(struct sim *sim, sim_dev_id dev, enum sim_verb verb, uint32_t arg, unsigned token)
{
    sim_output_begin(sim);

    sim_device_ops(sim, dev)->act(sim, dev, verb, arg, token);
    sim_output_end(sim);
}

bool sim_outside(struct sim *sim, unsigned irq, bool level)
{
    unsigned line = irq < SIM_IRQS_MAX ? sim->line_of_irq[irq] : 0;

    if (!sim->config->probe || !line)
        return false;
    sim_output_begin(sim);
    sim_line_outside(sim, line - 1, level);
    sim_output_end(sim);
    return true;
}

uint32_t sim_cpu(struct sim *sim, unsigned cpu, enum sim_cpu_verb verb, unsigned reg,
                 uint32_t value)
{
    must(sim->controller->cpu != 0);
    sim_output_begin(sim);
    sim->outputs_stale = true;
    value = sim->controller->cpu(sim, cpu, verb, reg, value);
    sim_output_end(sim);
    return value;
}

uint64_t sim_timer_ns(const struct sim *sim, unsigned dev)
{
    if (dev == sim->config->devices)
        return sim->controller->timer_ns ? sim->controller->timer_ns(sim) : 0;
    if (dev > sim->config->devices)
        return 0;
    if (sim_bus_pending(sim, (sim_dev_id)dev))
        return sim->config->device[dev].posted_ns;
    const struct sim_device_ops *ops = sim_device_ops(sim, (sim_dev_id)dev);
    return ops->timer_ns ? ops->timer_ns(sim, (sim_dev_id)dev) : 0;
}

void sim_timer_fire(struct sim *sim, unsigned dev)
{
    if (!sim_timer_ns(sim, dev))
        return;
    sim_output_begin(sim);
    if (dev == sim->config->devices)
        sim_controller_timer_fire(sim);
    else if (sim_bus_pending(sim, (sim_dev_id)dev))
        sim_bus_deliver(sim, (sim_dev_id)dev);
    else
        sim_device_ops(sim, (sim_dev_id)dev)->timer_fire(sim, (sim_dev_id)dev);
    sim_output_end(sim);
}

bool sim_dev_has_cause(const struct sim *sim, sim_dev_id dev)
{
    return sim_line_asserted_by(sim, dev) || sim_device_ops(sim, dev)->has_cause(sim, dev);
}

bool sim_dev_holds(const struct sim *sim, sim_dev_id dev, unsigned token)
{
    return token && sim_device_ops(sim, dev)->holds(sim, dev, token);
}

unsigned sim_arrival(struct sim *sim, sim_dev_id dev, unsigned pin)
{
    const struct sim_device_ops *ops = sim_device_ops(sim, dev);

    return ops->arrival ? ops->arrival(sim, dev, pin) : 0;
}

void sim_acknowledged(struct sim *sim, unsigned irq)
{
    unsigned line = irq < SIM_IRQS_MAX ? sim->line_of_irq[irq] : 0;

    for (uint64_t rest = line ? sim->line_devices[line - 1] : 0; rest; rest &= rest - 1) {
        sim_dev_id dev = (sim_dev_id)__builtin_ctzll(rest);
        if (sim_device_ops(sim, dev)->acknowledged)
            sim_device_ops(sim, dev)->acknowledged(sim, dev);
    }
}

uint32_t sim_choose(struct sim *sim, uint32_t n)
{
    return sim->choose && n > 1 ? sim->choose(sim->choose_context, n) : 0;
}

enum sim_settled sim_read_settled(const struct sim *sim, sim_dev_id dev, uint32_t offset)
{
    const struct sim_device_ops *ops = sim_device_ops(sim, dev);

    if (!ops->settled || sim->posted[dev])
        return SIM_UNSETTLED;
    return ops->settled(sim, dev, offset);
}
