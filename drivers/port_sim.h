/* drivers/port_sim.h - between the port of the host and the side stacks. */
#ifndef DRIVERS_PORT_SIM_H
#define DRIVERS_PORT_SIM_H

#include "drivers/port.h"

/*
 * Leaves the side stack with @request; returns with the answer when the stepper goes on.  By
 * value, so that a port call keeps no frame: each would be a return that the processor guesses
 * wrong, and live bytes.
 */
uint32_t drv_port_sim_wait(struct drv_request request);

#endif
