/* tests/differential/recipe.h - the recipes of the machines, a table per family. */
#ifndef TEST_DIFFERENTIAL_RECIPE_H
#define TEST_DIFFERENTIAL_RECIPE_H

#include "tests/differential/generate.h"

/* Each ends with a row without a name. */
extern const struct test_recipe test_recipes_arm[];
extern const struct test_recipe test_recipes_pc[];
extern const struct test_recipe test_recipes_riscv[];

#endif
