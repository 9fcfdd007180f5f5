/*
 * qemu/port_arm.c - the port on the metal: C drivers, the same text as on the host, and the
 * steps between their calls.
 *
 * A driver's routine runs on a small stack of its own, which lies in the arena: a port call is
 * a request to the clock, and the clock goes back into the routine when the time for it has
 * come. A handler's routine does so inside the interrupt (qemu/interrupt.c).
 */
#include "lab/core/board.h"
#include "qemu/bench_virt.h"
#include "qemu/metal.h"

enum {
    STACK_WORDS = 64,   /* eight bytes each; the deepest routine uses under half */
    SAVED_WORDS = 10,   /* what metal_switch() takes up: r3-r11, pc */
    STACK_MARK = 0x5a5a /* at the far end */
};

/* A routine under way, as it lies in the arena; the clock knows the request in front. */
struct activation {
    struct drv_request request;
    uint32_t mark;
    void *sp;
    uint64_t stack[STACK_WORDS];
};

/* The port's current machine: the one routine that runs. */
static struct {
    struct activation *activation;
    void *clock_sp;
    drv_c_routine routine;
    struct drv_c_args args;
} current;

uint32_t metal_context_bytes(void)
{
    return sizeof(struct activation);
}

static void ask(const struct drv_request *request)
{
    struct activation *activation = current.activation;

    activation->request = *request;
    metal_switch(&activation->sp, current.clock_sp);
}

static uint32_t request(enum drv_port_op op, uint32_t address, uint32_t value, unsigned file,
                        unsigned device)
{
    const struct drv_request request = {
        .address = address,
        .value = value,
        .op = (uint8_t)op,
        .file = (uint8_t)file,
        .device = (uint8_t)device,
        .busy = 1,
    };

    ask(&request);
    return current.activation->request.value;
}

uint32_t drv_port_read32(uint32_t address)
{
    return request(DRV_PORT_READ, address, 0, 4, 0);
}

void drv_port_write32(uint32_t address, uint32_t value)
{
    request(DRV_PORT_WRITE, address, value, 4, 0);
}

uint32_t drv_port_read8(uint32_t address)
{
    return request(DRV_PORT_READ, address, 0, 1, 0);
}

void drv_port_write8(uint32_t address, uint32_t value)
{
    request(DRV_PORT_WRITE, address, value & 0xff, 1, 0);
}

void drv_port_push(unsigned file, uint32_t byte)
{
    request(DRV_PORT_PUSH, 0, byte & 0xff, file, 0);
}

void drv_port_queue(unsigned file, uint32_t byte)
{
    request(DRV_PORT_QUEUE, 0, byte & 0xff, file, 0);
}

void drv_port_wake(unsigned file)
{
    request(DRV_PORT_WAKE, 0, 0, file, 0);
}

uint32_t drv_port_room(unsigned file)
{
    return request(DRV_PORT_ROOM, 0, 0, file, 0);
}

bool drv_port_push_arrival(unsigned file, unsigned device)
{
    return request(DRV_PORT_ARRIVAL, 0, DRV_ANY_PIN, file, device) != 0;
}

void drv_port_push_event(unsigned file, unsigned device, unsigned pin)
{
    request(DRV_PORT_ARRIVAL, 0, pin, file, device);
}

/* First function on a fresh stack. */
static void run_routine(void)
{
    const struct drv_request done = {.op = DRV_PORT_NONE};
    struct drv_c_args args = current.args;

    current.routine(&args);
    ask(&done);
}

/* Runs the routine until it asks for something, or has ended: then nothing of it stays. */
static void go_on(struct activation *activation)
{
    current.activation = activation;
    metal_switch(&current.clock_sp, activation->sp);
    if (activation->mark != STACK_MARK)
        metal_die(LAB_BOARD_STACK, "C code of a driver overran its stack");
    if (!activation->request.busy)
        *activation = (struct activation){.mark = 0};
}

void metal_c_start(struct lab *lab, unsigned context, drv_c_routine routine,
                   const struct drv_c_args *args)
{
    struct activation *activation = (struct activation *)(void *)lab->context[context];
    uint32_t *sp = (uint32_t *)(void *)(activation->stack + STACK_WORDS) - SAVED_WORDS;

    *activation = (struct activation){.mark = STACK_MARK, .sp = sp};
    sp[SAVED_WORDS - 1] = (uint32_t)(uintptr_t)run_routine;
    current.routine = routine;
    current.args = *args;
    go_on(activation);
}

void metal_c_continue(struct lab *lab, unsigned context)
{
    go_on((struct activation *)(void *)lab->context[context]);
}
