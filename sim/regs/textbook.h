/*
 * sim/regs/textbook.h - register contract of the textbook interrupt controller.
 * Source: our own controller, docs/controllers.md.  32-bit accesses only.  An interrupt that is
 * not wired ignores writes.
 */
#ifndef SIM_REGS_TEXTBOOK_H
#define SIM_REGS_TEXTBOOK_H

#define TEXTBOOK_BASE 0x7e000000

#define TEXTBOOK_ACK    0x00 /* read: acknowledges the best request, returns its irq */
#define TEXTBOOK_EOI    0x04 /* write irq: end of service */
#define TEXTBOOK_MASK   0x08 /* write irq */
#define TEXTBOOK_UNMASK 0x0c /* write irq */
#define TEXTBOOK_SENSE  0x10 /* write irq | trigger << 16 (enum sim_trigger, no MSI) */
#define TEXTBOOK_TARGET 0x14 /* write irq | cpu << 16 */

#define TEXTBOOK_NONE      0x3ff /* ACK: nothing asks this CPU */
#define TEXTBOOK_IRQ_MASK  0x3ff
#define TEXTBOOK_ARG_SHIFT 16

/* clang-format off */
#define TEXTBOOK_REGISTERS(X)                  \
    X(TEXTBOOK_ACK,    RC, 0x0, 0x3ff, 1)      \
    X(TEXTBOOK_EOI,    WO, 0x0, 0x000, 1)      \
    X(TEXTBOOK_MASK,   WO, 0x0, 0x000, 1)      \
    X(TEXTBOOK_UNMASK, WO, 0x0, 0x000, 1)      \
    X(TEXTBOOK_SENSE,  WO, 0x0, 0x000, 1)      \
    X(TEXTBOOK_TARGET, WO, 0x0, 0x000, 1)
/* clang-format on */

#endif
