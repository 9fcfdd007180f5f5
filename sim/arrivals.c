/* sim/arrivals.c - tokens behind status bits. */
#include "sim/arrivals.h"

#include "sim/device.h"

static unsigned pin_of(const struct sim_arrivals *list, unsigned i)
{
    return list->cell[i].at & ~(unsigned)SIM_ARRIVAL_SEEN;
}

static unsigned take_out(struct sim_arrivals *list, unsigned at)
{
    unsigned token = list->cell[at].token;

    list->count--;
    for (unsigned i = at; i < list->count; i++)
        list->cell[i] = list->cell[i + 1];
    list->cell[list->count].token = 0;
    list->cell[list->count].at = 0;
    return token;
}

void sim_arrivals_add(struct sim *sim, sim_dev_id dev, struct sim_arrivals *list, unsigned pin,
                      bool noticed, unsigned token)
{
    sim_trace(sim->trace, SIM_EV_ARRIVE, dev, pin, token);
    if (!token)
        return;
    if (!noticed) {
        sim_trace(sim->trace, SIM_EV_DROP, dev, SIM_DROP_UNSEEN, token);
    } else if (list->count < sim_arrivals_cells(&sim->config->device[dev])) {
        list->cell[list->count].token = (uint8_t)token;
        list->cell[list->count].at = (uint8_t)pin;
        list->count++;
    } else {
        sim_trace(sim->trace, SIM_EV_DROP, dev, SIM_DROP_OVERRUN, token);
    }
}

void sim_arrivals_tick(struct sim *sim, sim_dev_id dev, struct sim_arrivals *list, unsigned pin)
{
    const struct sim_device_config *config = &sim->config->device[dev];

    if (!config->ticks)
        return;
    unsigned token =
        config->tick && list->ticks < config->ticks ? config->tick + list->ticks : 0u;
    if (list->ticks < config->ticks)
        list->ticks++;
    sim_arrivals_add(sim, dev, list, pin, true, token);
}

bool sim_arrivals_over(const struct sim *sim, sim_dev_id dev, const struct sim_arrivals *list)
{
    const struct sim_device_config *config = &sim->config->device[dev];

    return config->ticks && list->ticks == config->ticks;
}

void sim_arrivals_see(struct sim_arrivals *list, uint32_t pins)
{
    for (unsigned i = 0; i < list->count; i++)
        if (pins >> pin_of(list, i) & 1)
            list->cell[i].at |= SIM_ARRIVAL_SEEN;
}

void sim_arrivals_clear(struct sim *sim, sim_dev_id dev, struct sim_arrivals *list,
                        uint32_t pins)
{
    for (unsigned i = list->count; i-- > 0;)
        if (!(list->cell[i].at & SIM_ARRIVAL_SEEN) && pins >> pin_of(list, i) & 1)
            sim_trace(sim->trace, SIM_EV_DROP, dev, SIM_DROP_CLEARED, take_out(list, i));
}

unsigned sim_arrivals_take(struct sim *sim, sim_dev_id dev, struct sim_arrivals *list,
                           unsigned pin)
{
    unsigned token = 0;

    for (unsigned i = 0; i < list->count;) {
        if (!(list->cell[i].at & SIM_ARRIVAL_SEEN) || (pin < 32 && pin_of(list, i) != pin)) {
            i++;
            continue;
        }
        pin = pin_of(list, i); /* what merges into it is of the same pin */
        unsigned next = take_out(list, i);
        if (token)
            sim_trace(sim->trace, SIM_EV_DROP, dev, SIM_DROP_MERGED, next);
        else
            token = next;
    }
    return token;
}

bool sim_arrivals_hold(const struct sim_arrivals *list, unsigned token)
{
    for (unsigned i = 0; i < list->count; i++)
        if (list->cell[i].token == token)
            return true;
    return false;
}
