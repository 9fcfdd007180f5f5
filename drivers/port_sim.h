/* drivers/port_sim.h - between the port of the host and the side stacks. */
#ifndef DRIVERS_PORT_SIM_H
#define DRIVERS_PORT_SIM_H

#include "drivers/port.h"

/*
 * Asks the stepper for @op, off the side stack where it has to wait; returns with the answer.
 * One call deep, so that a port call keeps no frame: each would be a return that the processor
 * guesses wrong, and live bytes.
 */
uint32_t drv_port_sim_ask(enum drv_port_op op, uint32_t address, uint32_t value, unsigned file,
                          unsigned device);

#endif
