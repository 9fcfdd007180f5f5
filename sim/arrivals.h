/*
 * sim/arrivals.h - tokens behind the status bits of a device without data (GPIO pins, timers).
 *
 * One token stands for one event at one pin.  A read that returns the pin's status bit marks
 * its tokens as seen, and a timer's are seen when its interrupt is acknowledged; clearing the
 * bit drops those that nobody has seen; arrival() takes the oldest seen one, and the other seen
 * ones of that pin merge into it.
 */
#ifndef SIM_ARRIVALS_H
#define SIM_ARRIVALS_H

#include "sim/sim.h"

enum { SIM_ARRIVAL_SEEN = 0x80 };

/* Oldest first; dead cells are zero.  The room behind it is sim_arrivals_bytes(). */
struct sim_arrivals {
    uint8_t count;
    uint8_t ticks; /* timers: expirations so far, up to the bound */

    struct {
        uint8_t token;
        uint8_t at; /* pin, and whether it was seen */
    } cell[];
};

static inline uint32_t sim_arrivals_cells(const struct sim_device_config *config)
{
    return config->tokens < UINT8_MAX ? config->tokens : UINT8_MAX;
}

static inline uint32_t sim_arrivals_bytes(const struct sim_device_config *config)
{
    return (uint32_t)sizeof(struct sim_arrivals) + 2 * sim_arrivals_cells(config);
}

/* An event at @pin; @noticed: it set, or found set, the pin's status bit.  Records ARRIVE. */
void sim_arrivals_add(struct sim *sim, sim_dev_id dev, struct sim_arrivals *list, unsigned pin,
                      bool noticed, unsigned token);

/* The timer @pin expired: the token of this expiration, if the scenario counts them. */
void sim_arrivals_tick(struct sim *sim, sim_dev_id dev, struct sim_arrivals *list,
                       unsigned pin);

/* Has a timer expired as often as the scenario lets it?  Then it counts no more. */
bool sim_arrivals_over(const struct sim *sim, sim_dev_id dev, const struct sim_arrivals *list);

/* A read returned the status bits @pins. */
void sim_arrivals_see(struct sim_arrivals *list, uint32_t pins);

/* The status bits @pins are 0 now. */
void sim_arrivals_clear(struct sim *sim, sim_dev_id dev, struct sim_arrivals *list,
                        uint32_t pins);

/* arrival(DEV, PIN); a @pin past 31 is any. */
unsigned sim_arrivals_take(struct sim *sim, sim_dev_id dev, struct sim_arrivals *list,
                           unsigned pin);

bool sim_arrivals_hold(const struct sim_arrivals *list, unsigned token);

#endif
