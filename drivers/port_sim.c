/* drivers/port_sim.c - the port on the host: every call is a request to the stepper. */
#include "drivers/port_sim.h"

#include "drivers/port.h"

uint32_t drv_port_read32(uint32_t address)
{
    return drv_port_sim_ask(DRV_PORT_READ, address, 0, 4, 0);
}

void drv_port_write32(uint32_t address, uint32_t value)
{
    drv_port_sim_ask(DRV_PORT_WRITE, address, value, 4, 0);
}

uint32_t drv_port_read8(uint32_t address)
{
    return drv_port_sim_ask(DRV_PORT_READ, address, 0, 1, 0);
}

void drv_port_write8(uint32_t address, uint32_t value)
{
    drv_port_sim_ask(DRV_PORT_WRITE, address, value & 0xff, 1, 0);
}

void drv_port_push(unsigned file, uint32_t byte)
{
    drv_port_sim_ask(DRV_PORT_PUSH, 0, byte & 0xff, file, 0);
}

void drv_port_queue(unsigned file, uint32_t byte)
{
    drv_port_sim_ask(DRV_PORT_QUEUE, 0, byte & 0xff, file, 0);
}

void drv_port_wake(unsigned file)
{
    drv_port_sim_ask(DRV_PORT_WAKE, 0, 0, file, 0);
}

uint32_t drv_port_room(unsigned file)
{
    return drv_port_sim_ask(DRV_PORT_ROOM, 0, 0, file, 0);
}

bool drv_port_push_arrival(unsigned file, unsigned device)
{
    return drv_port_sim_ask(DRV_PORT_ARRIVAL, 0, DRV_ANY_PIN, file, device) != 0;
}

void drv_port_push_event(unsigned file, unsigned device, unsigned pin)
{
    drv_port_sim_ask(DRV_PORT_ARRIVAL, 0, pin, file, device);
}
