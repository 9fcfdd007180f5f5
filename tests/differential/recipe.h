/* tests/differential/recipe.h - the recipes of the machines, a table per family. */
#ifndef TEST_DIFFERENTIAL_RECIPE_H
#define TEST_DIFFERENTIAL_RECIPE_H

#include "tests/differential/generate.h"

/* Each ends with a row without a name. */
extern const struct test_recipe test_recipes_arm[];
extern const struct test_recipe test_recipes_pc[];
extern const struct test_recipe test_recipes_riscv[];

/* What a GICv3 with translation service adds to its scripts (recipe_its.c). */
void test_its_begin(struct test_generator *g);
void test_its_some(struct test_generator *g);
/* A write that would move the tables, or make ones where nothing is kept. */
bool test_its_forbids(const struct test_generator *g, uint32_t address, unsigned size);

#endif
