/*
 * qemu/interrupt.c - the CPU takes an interrupt when the clock says so, and is in it until the
 * clock says that the handler leaves.
 *
 * The clock (lab/core/clock.c) is one loop and stays one loop.  The interrupt is therefore a
 * coroutine: a *taker*, on a stack of its own, opens the window; the vector is entered on the
 * taker's stack and switches back to the clock, which now runs inside the exception.
 *
 *   clock  ...takes                       ack   push   eoi   leave          ...
 *              | metal_take()             (inside the interrupt) | metal_leave()
 *   taker      +-> window -> vector -+                           +-> rfe -+
 *                                    +-> clock                            +-> clock
 *
 * One taker per interrupt that can be active, innermost last.
 */
#include "drivers/irq.h"
#include "lab/core/board.h"
#include "qemu/metal.h"

enum {
    TAKER_STACK_WORDS = 128,
    SAVED_WORDS = 10, /* what metal_switch() takes up: r3-r11, pc */
};

struct taker {
    void *sp;
    bool inside; /* its window was used: the CPU is in the interrupt */
    uint64_t stack[TAKER_STACK_WORDS];
};

void (*metal_handler)(void);
uint32_t metal_takes;

static struct taker takers[DRV_NEST_MAX];
static unsigned depth;
static void *clock_sp;

static struct taker *innermost(void)
{
    return &takers[depth - 1];
}

/* The vector, in SYS mode on the taker's stack, IRQs masked. */
void metal_interrupt(void)
{
    struct taker *taker;

    metal_takes++;
    if (metal_handler) {
        metal_handler();
        return;
    }
    taker = innermost();
    taker->inside = true;
    metal_switch(&taker->sp, clock_sp);
    taker->inside = false;
}

static void run_taker(void)
{
    for (;;) {
        metal_window();
        metal_switch(&innermost()->sp, clock_sp);
    }
}

/* A stack on which the first switch "returns" into run_taker(). */
static void *fresh(struct taker *taker)
{
    uint32_t *sp = (uint32_t *)(void *)(taker->stack + TAKER_STACK_WORDS) - SAVED_WORDS;

    sp[SAVED_WORDS - 1] = (uint32_t)(uintptr_t)run_taker;
    return sp;
}

void metal_take(void)
{
    struct taker *taker;

    if (depth == DRV_NEST_MAX)
        metal_die(LAB_BOARD_NOT_TAKEN, "more interrupts active than there are stacks");
    taker = &takers[depth++];
    if (!taker->sp)
        taker->sp = fresh(taker);
    metal_switch(&clock_sp, taker->sp);
    if (!taker->inside)
        metal_die(LAB_BOARD_NOT_TAKEN, "the controller asks, and the CPU takes no interrupt");
}

void metal_leave(void)
{
    struct taker *taker = innermost();

    metal_switch(&clock_sp, taker->sp);
    depth--;
}
