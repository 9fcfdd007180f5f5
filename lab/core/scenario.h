/*
 * lab/core/scenario.h - memory, names and knobs of a scenario.
 *
 * Source: docs/language.md, "Knobs and points".
 */
#ifndef LAB_CORE_SCENARIO_H
#define LAB_CORE_SCENARIO_H

#include "lab/core/ast.h"
#include "lab/core/diag.h"

/* `size` bytes of the pool, aligned for anything and zeroed; null if there is no room. */
void *lab_pool_take(struct lab_pool *pool, size_t size);

/* The id of a text, made if it is new; 0 if the scenario's memory is exhausted. */
lab_name_id lab_intern(struct lab_scenario *s, const char *text, size_t length);

static inline struct lab_span lab_span_of(const struct lab_scenario *s, lab_node_id node)
{
    const struct lab_node *n = &s->nodes[node];
    struct lab_span span = {n->offset, n->line, n->column, n->length};

    return span;
}

/* Index of the knob of this name, -1 if there is none. */
int lab_find_knob(const struct lab_scenario *s, lab_name_id name);

/* Collects the `vary` statements (lab_parse() calls it). */
void lab_collect_knobs(struct lab_scenario *s, struct lab_diags *diags);

/* Pins a knob: `text` is NAME=VALUE as behind -D. For a knob of words the value is one of those
 * listed; for numbers, times and characters it is any value of that kind. Returns 0, or -1
 * after reporting an error that has no place in the text. Pin before asking for points. */
int lab_pin(struct lab_scenario *s, const char *text, struct lab_diags *diags);

/* How many points the knobs span, at least 1; above LAB_POINTS_MAX an error is reported at the
 * knob that is one too many, and 0 returned. */
uint32_t lab_points_count(const struct lab_scenario *s, struct lab_diags *diags);

/* The point of this number; the first knob turns slowest. */
void lab_points_at(const struct lab_scenario *s, uint32_t number, struct lab_point *ret_point);

/* The value of a `$knob` at a point; null if there is no such knob. */
const struct lab_value *lab_point_value(const struct lab_scenario *s,
                                        const struct lab_point *point, lab_name_id knob);

/* Writes a value as the language would ("4us", "edge", "EPOLLIN|EPOLLET", "'c'"), 0-terminated
 * and cut to `size` bytes; returns its length. */
size_t lab_value_text(const struct lab_scenario *s, const struct lab_value *value, char *to,
                      size_t size);

/* Whether two values of knobs are the same. */
bool lab_value_equal(const struct lab_value *a, const struct lab_value *b);

/* The value of a simple value or expression of constants and knobs at a point (struct
 * lab_scenario.point). Integers are 64 bits, wrap around, and shift by the count modulo 64.
 * `&& || ?:` look only at what they need. Reports what is not constant, not a number or a
 * division by zero, and returns false. */
bool lab_const_eval(const struct lab_scenario *s, lab_node_id node, struct lab_diags *diags,
                    struct lab_value *ret_value);

#endif
