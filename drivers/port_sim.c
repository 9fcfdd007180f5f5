/* drivers/port_sim.c - the port on the host: every call is a request to the stepper. */
#include "drivers/port_sim.h"

#include "drivers/port.h"

static uint32_t ask(enum drv_port_op op, uint32_t address, uint32_t value, unsigned file,
                    unsigned device)
{
    struct drv_request request = {
        .address = address,
        .value = value,
        .op = (uint8_t)op,
        .file = (uint8_t)file,
        .device = (uint8_t)device,
        .busy = 1,
    };

    return drv_port_sim_wait(request);
}

uint32_t drv_port_read32(uint32_t address)
{
    return ask(DRV_PORT_READ, address, 0, 4, 0);
}

void drv_port_write32(uint32_t address, uint32_t value)
{
    ask(DRV_PORT_WRITE, address, value, 4, 0);
}

uint32_t drv_port_read8(uint32_t address)
{
    return ask(DRV_PORT_READ, address, 0, 1, 0);
}

void drv_port_write8(uint32_t address, uint32_t value)
{
    ask(DRV_PORT_WRITE, address, value & 0xff, 1, 0);
}

void drv_port_push(unsigned file, uint32_t byte)
{
    ask(DRV_PORT_PUSH, 0, byte & 0xff, file, 0);
}

void drv_port_queue(unsigned file, uint32_t byte)
{
    ask(DRV_PORT_QUEUE, 0, byte & 0xff, file, 0);
}

void drv_port_wake(unsigned file)
{
    ask(DRV_PORT_WAKE, 0, 0, file, 0);
}

uint32_t drv_port_room(unsigned file)
{
    return ask(DRV_PORT_ROOM, 0, 0, file, 0);
}

void drv_port_push_arrival(unsigned file, unsigned device)
{
    ask(DRV_PORT_ARRIVAL, 0, DRV_ANY_PIN, file, device);
}

void drv_port_push_event(unsigned file, unsigned device, unsigned pin)
{
    ask(DRV_PORT_ARRIVAL, 0, pin, file, device);
}
