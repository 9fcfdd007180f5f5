/*
 * sim/device.h - what a device is to the rest of the room: one const table per model.
 *
 * A function that is not there (0) means: nothing happens, false, or 0.  Device code changes
 * its state first and drives its line last.
 */
#ifndef SIM_DEVICE_H
#define SIM_DEVICE_H

#include "sim/sim.h"

struct sim_device_ops {
    const char *name;
    uint32_t hot_align;

    uint32_t (*hot_bytes)(const struct sim_device_config *config);
    uint32_t (*cold_bytes)(const struct sim_device_config *config);
    uint32_t (*clock_bytes)(const struct sim_device_config *config);

    /* Register reset values; its memory is zero when this is called. */
    void (*reset)(struct sim *sim, sim_dev_id dev);

    uint32_t (*read)(struct sim *sim, sim_dev_id dev, uint32_t offset, unsigned size);
    void (*write)(struct sim *sim, sim_dev_id dev, uint32_t offset, unsigned size,
                  uint32_t value, unsigned token);

    bool (*can_act)(const struct sim *sim, sim_dev_id dev, enum sim_verb verb, uint32_t arg);
    void (*act)(struct sim *sim, sim_dev_id dev, enum sim_verb verb, uint32_t arg,
                unsigned token);

    uint64_t (*timer_ns)(const struct sim *sim, sim_dev_id dev);
    void (*timer_fire)(struct sim *sim, sim_dev_id dev);

    bool (*has_cause)(const struct sim *sim, sim_dev_id dev);
    bool (*holds)(const struct sim *sim, sim_dev_id dev, unsigned token);

    enum sim_settled (*settled)(const struct sim *sim, sim_dev_id dev, uint32_t offset);

    unsigned (*arrival)(struct sim *sim, sim_dev_id dev, unsigned pin);
    void (*acknowledged)(struct sim *sim, sim_dev_id dev);
    void (*forgotten)(struct sim *sim, sim_dev_id dev); /* the controller lost its request */
};

extern const struct sim_device_ops sim_dev_cmsdk_timer;
extern const struct sim_device_ops sim_dev_cmsdk_uart;
extern const struct sim_device_ops sim_dev_source;
extern const struct sim_device_ops sim_dev_line;
extern const struct sim_device_ops sim_dev_ns16550;
extern const struct sim_device_ops sim_dev_i8254;
extern const struct sim_device_ops sim_dev_pl011;
extern const struct sim_device_ops sim_dev_pl031;
extern const struct sim_device_ops sim_dev_pl061;
extern const struct sim_device_ops sim_dev_sp804;
extern const struct sim_device_ops sim_dev_virtio;

/* The code of a model, 0 if there is none. */
const struct sim_device_ops *sim_device_of(enum sim_model model);

/* The table of device @dev of the configuration. */
static inline const struct sim_device_ops *sim_device_ops(const struct sim *sim, sim_dev_id dev)
{
    return sim->device[dev];
}

/* Starts (or restarts) the timer of @dev: the stepper learns of it through sim->armed. */
static inline void sim_device_arm(struct sim *sim, unsigned dev)
{
    sim->armed |= UINT64_C(1) << (dev & 63);
}

/* The byte that @token stands for on a wire. */
static inline uint32_t sim_token_byte(const struct sim *sim, unsigned token)
{
    return sim->token_byte ? sim->token_byte[token] : token;
}

#endif
