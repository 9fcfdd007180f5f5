/*
 * tests/explore/model.h - a second opinion: the systems of lab/family.h as a small state
 * machine of their own, which shares nothing with the simulator but the idea.
 *
 * A step is coarser than a register access: a handler takes and acknowledges at once, moves a
 * token in one step, and so on.  What may become of the tokens is the same.
 */
#ifndef TESTS_EXPLORE_MODEL_H
#define TESTS_EXPLORE_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "lab/family.h"

struct model_classes {
    bool lost;   /* an end with a token unread */
    bool good;   /* an end with all read */
    bool storm;  /* a cycle that a strongly fair schedule never leaves */
    bool starve; /* one that only weakly fair ones never leave */
    bool spin;   /* a cycle of readers alone */
    size_t states;
};

struct model_classes model_explore(const struct lab_family *family);

#endif
