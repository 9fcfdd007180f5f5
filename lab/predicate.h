/*
 * lab/predicate.h - the value of an expectation's expression for one outcome.
 *
 * Source: docs/language.md, "Expectations". Arithmetic is that of the language: 64 bits,
 * wrapping.
 */
#ifndef LAB_PREDICATE_H
#define LAB_PREDICATE_H

#include "lab/core/ast.h"
#include "lab/core/ledger.h"

struct lab_facts {
    const struct lab_scenario *scenario; /* checked for the point */
    const struct lab_program *program;   /* compiled for it */
    const struct lab_outcome *outcome;
};

/* Is token @token in the set? */
bool lab_set_has(const struct lab_outcome *outcome, enum lab_set set, unsigned token);

/* The expression's value; a set in it is 1 if it is as described. */
int64_t lab_predicate_value(const struct lab_facts *facts, lab_node_id node);

/*
 * What the outcome says about everything the expression asks for: "lost b1, a2, runs(keys) =
 * 1".
 */
void lab_predicate_actual(const struct lab_facts *facts, lab_node_id node, char *ret_text,
                          size_t size);

/* The names of a set of an outcome, "b1, a2" or "nothing". */
void lab_set_text(const struct lab_program *program, const struct lab_outcome *outcome,
                  enum lab_set set, char *ret_text, size_t size);

const char *lab_set_name(enum lab_set set);

#endif
