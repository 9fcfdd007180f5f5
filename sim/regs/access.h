/*
 * sim/regs/access.h - how a register answers: the second column of every register table.
 *
 * A register contract is a header of plain #defines (usable from assembly) and one X-table:
 *
 *   X(register, access, writable, reset, count)
 *
 *   register  the #define of its offset; its name is what follows the block's prefix
 *   writable  the bits that keep (RW), set (W1S) or clear (W1C) what is written
 *   reset     what it reads after reset
 *   count     how many of them follow each other, 4 bytes apart; 1 for most
 *
 * The model resets and masks from the table, the language takes the names from it, and one
 * generic test probes each row.
 */
#ifndef SIM_REGS_ACCESS_H
#define SIM_REGS_ACCESS_H

#ifndef __ASSEMBLER__

enum sim_access {
    SIM_ACCESS_RO,  /* reads its value, a write is ignored */
    SIM_ACCESS_RW,  /* keeps the writable bits */
    SIM_ACCESS_WO,  /* reads 0 */
    SIM_ACCESS_W1C, /* writing 1 clears a bit */
    SIM_ACCESS_W1S, /* writing 1 sets a bit */
    SIM_ACCESS_RC,  /* reading changes the state */
    SIM_ACCESS_FX   /* by hand: see the comment beside its #define */
};

#endif
#endif
