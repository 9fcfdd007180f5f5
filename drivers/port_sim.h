/* drivers/port_sim.h - between the port of the host and the side stacks. */
#ifndef DRIVERS_PORT_SIM_H
#define DRIVERS_PORT_SIM_H

#include "drivers/port.h"

/* Leaves the side stack with @request; returns with the answer when the stepper goes on. */
uint32_t drv_port_sim_wait(const struct drv_request *request);

#endif
