/*
 * sim/regs/i8259.h - register contract of the Intel 8259A interrupt controller and of the edge
 * and level control registers beside it.
 * Source: Intel 8259A data sheet (231468) for the command words; 82371AB (PIIX4) section 4.2
 * for ELCR.  All accesses are bytes.
 *
 * A chip has two addresses.  What a write means depends on the address, on two bits of the
 * value and on how far an initialization has come:
 *
 *   A0 = 0   bit 4 set: ICW1;  bits 4:3 = 00: OCW2;  bits 4:3 = 01: OCW3
 *   A0 = 1   after ICW1: ICW2, ICW3, ICW4;  else IMR (OCW1)
 */
#ifndef SIM_REGS_I8259_H
#define SIM_REGS_I8259_H

#define I8259_ICW1 0x0 /* write with bit 4: starts an initialization */
#define I8259_OCW2 0x0 /* write: end of interrupt, rotation */
#define I8259_OCW3 0x0 /* write: what A0 = 0 reads, poll, special mask mode */
#define I8259_IRR  0x0 /* read: requests; or ISR, or a poll, as OCW3 said */
#define I8259_IMR  0x1 /* 1 masks an input; during an initialization ICW2 to ICW4 */

#define I8259_ICW1_IC4    0x01 /* an ICW4 follows */
#define I8259_ICW1_SNGL   0x02 /* no ICW3 follows */
#define I8259_ICW1_LTIM   0x08 /* every input is a level */
#define I8259_ICW1_INIT   0x10
#define I8259_ICW2_BASE   0xf8 /* vector of input 0 */
#define I8259_ICW4_UPM    0x01 /* 8086 mode */
#define I8259_ICW4_AEOI   0x02 /* the acknowledge is also the end */
#define I8259_ICW4_SFNM   0x10 /* a slave in service does not hold back its other inputs */
#define I8259_OCW2_LEVEL  0x07 /* the input that a specific command is for */
#define I8259_OCW2_SHIFT  5    /* R, SL, EOI: one of the commands below */
#define I8259_OCW3_SELECT 0x08 /* bits 4:3 = 01 */
#define I8259_OCW3_RIS    0x01 /* with RR: ISR instead of IRR */
#define I8259_OCW3_RR     0x02
#define I8259_OCW3_POLL   0x04 /* the next read is an acknowledge */
#define I8259_OCW3_SMM    0x20 /* with ESMM: special mask mode */
#define I8259_OCW3_ESMM   0x40
#define I8259_POLL_FOUND  0x80 /* a poll read: bits 2:0 are an input */

#define I8259_CMD_ROTATE_AEOI_OFF 0
#define I8259_CMD_EOI             1
#define I8259_CMD_SPECIFIC_EOI    3
#define I8259_CMD_ROTATE_AEOI_ON  4
#define I8259_CMD_ROTATE_EOI      5
#define I8259_CMD_SET_PRIORITY    6
#define I8259_CMD_ROTATE_SPECIFIC 7

#define ELCR_MASTER 0x0 /* 1: the input is a level */
#define ELCR_SLAVE  0x1

#define ELCR_MASTER_MASK 0xf8 /* IRQ 0, 1 and 2 are always edges ... */
#define ELCR_SLAVE_MASK  0xde /* ... and so are 8 and 13 */

/* clang-format off */
#define I8259_REGISTERS(X)                 \
    X(I8259_ICW1, WO, 0x00, 0x00, 1)       \
    X(I8259_OCW2, WO, 0x00, 0x00, 1)       \
    X(I8259_OCW3, WO, 0x00, 0x00, 1)       \
    X(I8259_IRR,  FX, 0x00, 0x00, 1)       \
    X(I8259_IMR,  RW, 0xff, 0x00, 1)

#define ELCR_REGISTERS(X)                  \
    X(ELCR_MASTER, RW, 0xf8, 0x00, 1)      \
    X(ELCR_SLAVE,  RW, 0xde, 0x00, 1)
/* clang-format on */

#endif
