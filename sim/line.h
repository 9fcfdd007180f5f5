/*
 * sim/line.h - wires: which devices assert them, and their level.
 *
 * A line is a wired OR: it is high while at least one of its devices asserts it.  Its state is
 * one bit per device, so who holds it is always to be seen.  Polarity is no property of the
 * wire: a controller that is told `falling` or `low` looks at the inverted wire.
 */
#ifndef SIM_LINE_H
#define SIM_LINE_H

#include "sim/sim.h"

static inline bool sim_line_level(const struct sim *sim, unsigned line)
{
    const uint8_t *drivers = sim->line_state + sim->line_at[line];
    unsigned any = drivers[0];

    for (unsigned i = 1; i < sim->line_bytes[line]; i++)
        any |= drivers[i];
    return any != 0;
}

/* Does @dev assert its line? */
static inline bool sim_line_asserted_by(const struct sim *sim, sim_dev_id dev)
{
    return (sim->line_state[sim->drive_at[dev]] & sim->drive_bit[dev]) != 0;
}

/*
 * @dev asserts its line or lets it go.  Saying it again is no change.  The level is stored,
 * then the controller is told.  Records REQUEST and LINE.
 */
void sim_line_drive(struct sim *sim, sim_dev_id dev, bool active);

/*
 * The same for a device that says its level after each access, also if it has not changed:
 * QEMU's controllers hear every word (SIM_POLICY_LINE_LAST_CALL).
 */
void sim_line_say(struct sim *sim, sim_dev_id dev, bool active);

/* Drives @line from outside: a probe's hand on the wire, one more driver. */
void sim_line_outside(struct sim *sim, unsigned line, bool active);

/* The wire of input @irq goes up and down again, as for a message: a controller's own doing. */
void sim_line_pulse(struct sim *sim, unsigned irq);

/* The controller tells the devices of @line that it no longer remembers their request. */
void sim_line_forgotten(struct sim *sim, unsigned line);

/* Would a request of @line that nobody asserts any more still be delivered? */
bool sim_line_remembered(const struct sim *sim, unsigned line);

/* Builds lines from the configuration's irqs, in ascending order, and lays out their state. */
void sim_line_layout(struct sim *sim);

#endif
