/*
 * drivers/side_stack.h - C drivers on the host: each activation on a small stack of its own
 * that can be put away as bytes.
 *
 * A port call records what it asks for and switches back to the stepper, which puts the live
 * bytes of the stack into the arena.  To go on, it puts them back (same address), sets the
 * answer and switches in.  Live bytes are canonical: registers start at zero, locals are
 * zero-initialised
 * (-ftrivial-auto-var-init=zero), bytes below the stack pointer are cleared before each entry.
 *
 * The stacks lie at a fixed address, so that a state taken inside a handler can be continued by
 * a forked process.  Code addresses on them are those of this process: such a state is no file
 * format.
 *
 * x86-64 and AArch64.  Calling context: the stepper; one thread at a time.
 */
#ifndef DRIVERS_SIDE_STACK_H
#define DRIVERS_SIDE_STACK_H

#include <stdbool.h>

#include "drivers/port.h"

enum {
    DRV_STACK_LIVE_MAX = 512,  /* live bytes of a stack; C drivers use well under half */
    DRV_STACK_BYTES = 1 << 16, /* of address space per context */
};

/* An activation as it lies in the arena. */
struct drv_activation {
    struct drv_request request;
    uint16_t live; /* bytes used of stack[], which holds the topmost bytes of the stack */
    uint16_t zero[3];
    uint8_t stack[DRV_STACK_LIVE_MAX];
};

/*
 * Does what a driver asks for while it still runs, and puts what it gives in @request->value.
 * False: the driver has to wait, its stack is put away.
 */
typedef bool (*drv_answer)(void *owner, struct drv_request *request);

/* Maps the stacks of @contexts if they are not yet.  False: no memory at the address. */
bool drv_stack_init(unsigned contexts);

/*
 * Starts @routine in @context and runs it to its first port call; or, with an answer set in
 * activation->request.value, goes on to the next one.  Afterwards request.busy says whether it
 * is still under way and request.op what it asks for.  @answer, if it is not 0, is asked with
 * @owner before the driver leaves its stack.  No memory for the stack ends the process, and so
 * do live bytes that do not fit, of a driver out of a shared object.
 */
void drv_stack_start(struct drv_activation *activation, unsigned context, drv_c_routine routine,
                     const struct drv_c_args *args, drv_answer answer, void *owner);
void drv_stack_continue(struct drv_activation *activation, unsigned context, drv_answer answer,
                        void *owner);

#endif
