/*
 * qemu/metal.h - the CPU and the bus of the board, for the image's C.
 *
 * One CPU, one thread.  Interrupts are masked everywhere but in metal_window().
 */
#ifndef QEMU_METAL_H
#define QEMU_METAL_H

#include <stdbool.h>
#include <stdint.h>

/* ---- start.S ---- */

/* Lets a pending interrupt through, if there is one: the CPU takes it in here. */
void metal_window(void);
/* Saves registers and stack pointer (*@save), takes up those at @load. */
void metal_switch(void **save, void *load);
/* Does the controller ask the CPU for an interrupt?  Pure. */
bool metal_irq_asked(void);
/* C side of the vectors. */
void metal_main(void);
void metal_interrupt(void);
_Noreturn void metal_fault(unsigned kind, uint32_t return_address);

/* ---- bus ---- */

static inline uint32_t metal_read(uint32_t address, unsigned size)
{
    if (size == 1)
        return *(volatile uint8_t *)(uintptr_t)address;
    if (size == 2)
        return *(volatile uint16_t *)(uintptr_t)address;
    return *(volatile uint32_t *)(uintptr_t)address;
}

static inline void metal_store(uint32_t address, unsigned size, uint32_t value)
{
    if (size == 1)
        *(volatile uint8_t *)(uintptr_t)address = (uint8_t)value;
    else if (size == 2)
        *(volatile uint16_t *)(uintptr_t)address = (uint16_t)value;
    else
        *(volatile uint32_t *)(uintptr_t)address = value;
}

/* ---- main.c ---- */

/* Says @why on the emulator's standard error and ends with @code (enum lab_board_exit). */
_Noreturn void metal_die(unsigned code, const char *why);
/* The runner changes an input of the controller, or hands a byte to a UART. */
void metal_host_line(unsigned input, bool level);
void metal_host_byte(unsigned uart, unsigned byte);

/* ---- interrupt.c ---- */

/* Where the vector goes: a function called in the interrupt.  0: to the clock, as below. */
extern void (*metal_handler)(void);
/*
 * The CPU takes the pending interrupt.  Returns *inside* it: until metal_leave() everything
 * that is executed runs between the vector and the return from the exception.
 */
void metal_take(void);
/* Returns from the interrupt taken last. */
void metal_leave(void);
/* Interrupts taken since the start. */
extern uint32_t metal_takes;

/* ---- gic_virt.c ---- */

/*
 * What reaches GICD_ICFGR when software writes @value, and the other way round; the image's own
 * says @value.  A test links one that does not (tests/specimen/metal_invert_triggers.c).
 */
uint32_t metal_icfgr(uint32_t value);

/* ---- demo.c ---- */

/* Shows edge and level on this machine without anybody's help.  Returns the exit code. */
unsigned metal_demo(void);

#endif
