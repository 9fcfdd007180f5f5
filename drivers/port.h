/*
 * drivers/port.h - all that a C driver may ask of a machine.
 *
 * A C driver is plain C on these calls, the same text on the host, on the metal and in a shared
 * object.  Every call is a step, and the only places where others may act in between.  On the
 * host a call leaves the driver's side stack and returns when the stepper has done it
 * (drivers/side_stack.c); on the metal it is done in place (qemu/port_arm.c).
 *
 * Calling context: a handler or a file operation of a C driver, nowhere else.
 */
#ifndef DRIVERS_PORT_H
#define DRIVERS_PORT_H

#include <stdbool.h>
#include <stdint.h>

/* One bus access of 32 bits. */
uint32_t drv_port_read32(uint32_t address);
void drv_port_write32(uint32_t address, uint32_t value);

/* One bus access of a byte. */
uint32_t drv_port_read8(uint32_t address);
void drv_port_write8(uint32_t address, uint32_t value);

/* Queues a byte for @file and wakes it; the halves; full: dropped. */
void drv_port_push(unsigned file, uint32_t byte);
void drv_port_queue(unsigned file, uint32_t byte);
void drv_port_wake(unsigned file);

/* Bytes @file's queue still takes.  Belongs to the call after it. */
uint32_t drv_port_room(unsigned file);

/*
 * Hands the oldest acknowledged arrival of a device without data to @file: push(arrival(dev)).
 * False: there was none; a timer's or a line's file got a stray byte then, a disk's nothing.
 */
bool drv_port_push_arrival(unsigned file, unsigned device);

/* The same for one pin of a device with several: push(arrival(dev, pin)). */
void drv_port_push_event(unsigned file, unsigned device, unsigned pin);

enum { DRV_ANY_PIN = 32 }; /* of a device with one status bit, or any of several */

/* What a port call asks for; on the host kept in the arena while the driver waits. */
enum drv_port_op {
    DRV_PORT_NONE, /* the driver's routine has returned */
    DRV_PORT_READ,
    DRV_PORT_WRITE,
    DRV_PORT_PUSH,
    DRV_PORT_QUEUE,
    DRV_PORT_WAKE,
    DRV_PORT_ROOM, /* lazy: a look that belongs to the next step */
    DRV_PORT_ARRIVAL,
};

struct drv_request {
    uint32_t address;
    uint32_t value; /* of a write, a byte, a pin; on the way back: what was read */
    uint8_t op;     /* enum drv_port_op */
    uint8_t file;   /* of READ and WRITE: bytes of the access */
    uint8_t device;
    uint8_t busy; /* 1: a routine is under way */
};

/* What a C driver's routine is told: where its device is, which file is its. */
struct drv_c_args {
    uint32_t base;
    uint16_t file;
    uint8_t device;
    uint8_t value; /* write: the byte */
};

typedef void (*drv_c_routine)(const struct drv_c_args *args);

/* A C driver: const, no state of its own but what its calls' stacks hold. */
struct drv_c_driver {
    const char *name;
    drv_c_routine setup; /* device ready to receive, interrupt on; not a step */
    drv_c_routine irq;
    drv_c_routine write; /* one byte; 0: the file cannot be written */
};

extern const struct drv_c_driver drv_c_source, drv_c_line, drv_c_pl011, drv_c_pl031,
    drv_c_pl061, drv_c_sp804, drv_c_cmsdk_uart, drv_c_cmsdk_timer, drv_c_ns16550, drv_c_i8254,
    drv_c_virtio;

/* The C driver of an enum drv_builtin, 0 if there is none. */
const struct drv_c_driver *drv_c_driver_of(unsigned builtin);

enum { DRV_NATIVES_MAX = 16 };

/* What a shared object calls its driver. */
#define DRV_NATIVE_SYMBOL "irqlab_driver"
extern const struct drv_c_driver irqlab_driver;

/*
 * @driver, out of a shared object of this process, is DRV_BUILTIN_NATIVE + @n from now on.
 * Precondition: @n < DRV_NATIVES_MAX, and nobody steps.
 */
void drv_c_native(unsigned n, const struct drv_c_driver *driver);

#endif
