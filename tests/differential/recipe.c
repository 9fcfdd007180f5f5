/* tests/differential/recipe.c - the recipes of all machines, by name. */
#include "tests/differential/recipe.h"

#include <string.h>

static const struct test_recipe *const families[] = {test_recipes_arm, test_recipes_pc,
                                                     test_recipes_riscv};

const struct test_recipe *test_recipe(const char *machine)
{
    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
        for (const struct test_recipe *row = families[i]; row->machine; row++)
            if (strcmp(row->machine, machine) == 0)
                return row;
    return 0;
}
