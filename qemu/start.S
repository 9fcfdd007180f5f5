/*
 * qemu/start.S - reset, vectors, and the two ways the CPU changes stacks.
 *
 * Cortex-A15 in Arm state, MMU, caches and VFP off.  All C runs in SYS mode with IRQs masked,
 * but for the one window of metal_window().  Source: Arm DDI 0406C, B1.8 (exceptions) and B9.3
 * (srs, rfe, cps).  Not handled: FIQ, Thumb.
 */
    .syntax unified
    .arm

#define MODE_SYS 0x1f
#define MASK_IRQ 0x80

    .section .vectors, "ax"
    .global metal_start
    .balign 32
metal_start:
vectors:
    b reset
    b undefined
    b supervisor
    b prefetch
    b data
    b .
    b interrupt
    b .

    .text
reset:
    cpsid if, #MODE_SYS
    ldr sp, =metal_stack_top
    ldr r0, =vectors
    mcr p15, 0, r0, c12, c0, 0 /* VBAR */
    isb
    ldr r0, =metal_bss_start
    ldr r1, =metal_bss_end
    mov r2, #0
1:  cmp r0, r1
    strlo r2, [r0], #4
    blo 1b
    bl metal_main
    b .

/*
 * An interrupt: return address and status go to the stack of SYS mode, which is the window's,
 * and C runs in SYS mode, so that interrupts can nest.  The CPU goes back with IRQs masked: the
 * next interrupt is taken when the clock says so, in the next window.
 */
interrupt:
    sub lr, lr, #4
    srsdb sp!, #MODE_SYS
    cps #MODE_SYS
    push {r0-r3, r12, lr}
    and r1, sp, #4
    sub sp, sp, r1
    push {r1, r2}
    bl metal_interrupt
    pop {r1, r2}
    add sp, sp, r1
    ldr r0, [sp, #28] /* the saved status: above six registers and the return address */
    orr r0, r0, #MASK_IRQ
    str r0, [sp, #28]
    pop {r0-r3, r12, lr}
    rfeia sp!

/* Faults do not go back, so they may use any stack. */
undefined:
    mov r0, #1
    b fault
supervisor:
    mov r0, #2
    b fault
prefetch:
    mov r0, #3
    b fault
data:
    mov r0, #4
fault:
    mov r1, lr
    cps #MODE_SYS
    ldr sp, =metal_stack_top
    b metal_fault

    .global metal_window
metal_window:
    cpsie i
    isb
    nop
    cpsid i
    bx lr

    .global metal_switch
metal_switch:
    push {r3-r11, lr}
    str sp, [r0]
    mov sp, r1
    pop {r3-r11, pc}

/* Does the controller ask this CPU for an interrupt?  ISR, DDI 0406C B4.1.98. */
    .global metal_irq_asked
metal_irq_asked:
    mrc p15, 0, r0, c12, c1, 0
    ubfx r0, r0, #7, #1
    bx lr

/* QEMU takes this very svc for itself; without semihosting it ends in `supervisor` above. */
    .global metal_semihosting
metal_semihosting:
    push {r4, lr}
    svc 0x123456
    pop {r4, pc}
