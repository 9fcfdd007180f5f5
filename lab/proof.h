/*
 * lab/proof.h - what decided an expectation, as text: how to get there, in how few preemptions,
 * where it could not be helped any more, the table of its steps, and where tokens are stuck.
 */
#ifndef LAB_PROOF_H
#define LAB_PROOF_H

#include "lab/exploration.h"
#include "lab/style.h"

struct lab_proof {
    char *schedule; /* of the way shown; malloc'ed */
    char *fewest;   /* of one with fewer preemptions, 0: there is none */
    size_t steps, fewest_steps, no_return;
    uint32_t preemptions, fewest_preemptions;
    bool shortest; /* there is no shorter way, and none with fewer preemptions */
    bool fewest_known;
    struct lab_outcome outcome;
    uint8_t *actors;
};

/*
 * Makes the proof of the outcomes that are @wanted (by their place among the sorted ones), of
 * which @example is the one to show.  False: out of memory.
 */
bool lab_proof_make(struct lab_proof *ret, struct lab_explored *explored,
                    const struct lab_program *program, const bool *wanted, size_t example);
void lab_proof_free(struct lab_proof *proof);

/* Prints the lines below the verdict; @command: "irqlab run FILE -D ...". */
bool lab_proof_print(const struct lab_proof *proof, const struct lab_program *program,
                     const struct lab_style *style, FILE *file, const char *command);

#endif
