/*
 * sim/controller.h - what an interrupt controller is to the rest of the room: one const table.
 *
 * Inputs are lines, 0 .. sim->lines - 1, in the order of their irq; state exists for them
 * alone. The level of a line is stored before input() is called.
 */
#ifndef SIM_CONTROLLER_H
#define SIM_CONTROLLER_H

#include "sim/sim.h"

struct sim_controller_ops {
    const char *name;
    uint32_t align; /* of its state: 1, 2, 4 or 8; 0: 4 */
    bool live;      /* its outputs are a machine's outside and may change by themselves */

    uint32_t (*hot_bytes)(const struct sim *sim);
    uint32_t (*cold_bytes)(const struct sim *sim);
    void (*map)(struct sim *sim); /* puts its registers on the bus */

    /* Register reset values; looks at the lines as they are, invents no edge. */
    void (*reset)(struct sim *sim);

    /*
     * The wire of @line changed to @level.  In a probe as QEMU, where a wire is a call, it may
     * be told what it knows.
     */
    void (*input)(struct sim *sim, unsigned line, bool level);

    /*
     * A device writes @data to @address; where nothing of the controller's takes messages, it
     * is lost.  0: the board has none, and `trigger msi` is refused.
     */
    void (*message)(struct sim *sim, uint32_t address, uint32_t data);

    uint32_t (*read)(struct sim *sim, unsigned cpu, unsigned part, uint32_t offset,
                     unsigned size);
    void (*write)(struct sim *sim, unsigned cpu, unsigned part, uint32_t offset, unsigned size,
                  uint32_t value);

    /*
     * All inputs there are, for a probe: how many, and the irq by which the outside names each
     * (SIM_IRQS_MAX: by none).  0: a probe cannot expose them; without input_irq the n-th is n.
     */
    unsigned (*inputs)(const struct sim *sim);
    unsigned (*input_irq)(const struct sim *sim, unsigned input);

    /* See sim_cpu(). */
    uint32_t (*cpu)(struct sim *sim, unsigned cpu, enum sim_cpu_verb verb, unsigned reg,
                    uint32_t value);

    /* What an acknowledge by @cpu would hand out now: a line, or -1.  Pure. */
    int (*best)(const struct sim *sim, unsigned cpu);

    /* What it asks of @cpu now: bit 0 IRQ, bit 1 FIQ; 0: IRQ while there is a best.  Pure. */
    unsigned (*output)(const struct sim *sim, unsigned cpu);

    /*
     * Does it hold a request of @line that would outlive the end of a pulse?  When that ends
     * otherwise than by an acknowledge, the controller calls sim_line_forgotten().  Pure.
     */
    bool (*remembers)(const struct sim *sim, unsigned line);

    /* Its own clock, as sim_timer_ns() and sim_timer_fire(); 0: none. */
    uint64_t (*timer_ns)(const struct sim *sim);
    void (*timer_fire)(struct sim *sim);
};

/* What touches a controller makes what is known of its outputs stale (sim/output.h). */

static inline void sim_controller_input(struct sim *sim, unsigned line, bool level)
{
    sim->outputs_stale = true;
    sim->controller->input(sim, line, level);
}

static inline uint32_t sim_controller_read(struct sim *sim, unsigned cpu, unsigned part,
                                           uint32_t offset, unsigned size)
{
    sim->outputs_stale = true;
    return sim->controller->read(sim, cpu, part, offset, size);
}

static inline void sim_controller_write(struct sim *sim, unsigned cpu, unsigned part,
                                        uint32_t offset, unsigned size, uint32_t value)
{
    sim->outputs_stale = true;
    sim->controller->write(sim, cpu, part, offset, size, value);
}

static inline void sim_controller_timer_fire(struct sim *sim)
{
    sim->outputs_stale = true;
    sim->controller->timer_fire(sim);
}

/* The controller of a machine, 0 if there is no model of it. */
const struct sim_controller_ops *sim_controller_of(enum sim_machine machine);

/* Does anybody want to know what an input latches? */
static inline bool sim_input_traced(const struct sim *sim)
{
    return (sim->trace->want & (UINT64_C(1) << SIM_EV_LATCH | UINT64_C(1) << SIM_EV_PENDING |
                                UINT64_C(1) << SIM_EV_ACTIVE)) != 0;
}

extern const struct sim_controller_ops sim_intc_textbook;
extern const struct sim_controller_ops sim_intc_gicv2;
extern const struct sim_controller_ops sim_intc_gicv3;
extern const struct sim_controller_ops sim_intc_nvic;
extern const struct sim_controller_ops sim_intc_pl190;
extern const struct sim_controller_ops sim_intc_aplic;
extern const struct sim_controller_ops sim_intc_pc;
extern const struct sim_controller_ops sim_intc_pc_apic;
extern const struct sim_controller_ops sim_intc_plic;

#endif
