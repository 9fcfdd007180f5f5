/* tests/unit/test_sim_nvic.c - the NVIC of Armv7-M, as the architecture says. */
#include "tests/unit/test_probe_kit.h"

#define ON "w32 scs 0x100 0xff -> ok\n" /* inputs 0 to 7, exceptions 16 to 23 */

static void an_edge_while_disabled_is_delivered_on_enable(void **state)
{
    (void)state;
    answers("nvic", "line nvic 3 1 -> ok\n"
                    "line nvic 3 0 -> ok\n"
                    "r32 scs 0x200 -> 0x8\n"
                    "w32 scs 0x100 0x8 -> ok +int\n"
                    "cpu take -> 0x13 -int\n");
}

static void edges_while_pending_merge(void **state)
{
    (void)state;
    answers("nvic", ON "line nvic 3 1 -> ok +int\n"
                       "line nvic 3 0 -> ok\n"
                       "line nvic 3 1 -> ok\n"
                       "line nvic 3 0 -> ok\n"
                       "cpu take -> 0x13 -int\n"
                       "cpu ret -> 0x0\n");
}

static void an_edge_while_active_is_taken_by_the_return(void **state)
{
    (void)state;
    answers("nvic", ON "line nvic 3 1 -> ok +int\n"
                       "cpu take -> 0x13 -int\n"
                       "line nvic 3 0 -> ok\n"
                       "line nvic 3 1 -> ok\n"
                       "line nvic 3 0 -> ok\n"
                       "r32 scs 0x300 -> 0x8\n"
                       "r32 scs 0x200 -> 0x8\n"
                       "cpu ret -> 0x13 +int -int\n"
                       "cpu ret -> 0x0\n");
}

static void a_level_that_drops_stays_pending_and_runs_for_nothing(void **state)
{
    (void)state;
    answers("nvic", ON "line nvic 3 1 -> ok +int\n"
                       "line nvic 3 0 -> ok\n"
                       "cpu take -> 0x13 -int\n");
}

static void a_level_still_high_at_the_return_enters_again(void **state)
{
    (void)state;
    answers("nvic", ON "line nvic 3 1 -> ok +int\n"
                       "cpu take -> 0x13 -int\n"
                       "cpu ret -> 0x13 +int -int\n"
                       "line nvic 3 0 -> ok\n"
                       "cpu ret -> 0x0\n");
}

static void clear_pending_cannot_beat_a_wire_that_is_high_and_not_active(void **state)
{
    (void)state;
    answers("nvic", ON "line nvic 3 1 -> ok +int\n"
                       "w32 scs 0x280 0x8 -> ok\n"
                       "cpu take -> 0x13 -int\n"
                       "w32 scs 0x200 0x8 -> ok\n"
                       "w32 scs 0x280 0x8 -> ok\n" /* active: it clears ... */
                       "r32 scs 0x200 -> 0x0\n"
                       "cpu ret -> 0x13 +int -int\n"); /* ... but the return looks again */
}

static void software_can_make_pending(void **state)
{
    (void)state;
    answers("nvic", ON "w32 scs 0xf00 4 -> ok +int\n"
                       "cpu take -> 0x14 -int\n"
                       "w32 scs 0x200 0x20 -> ok\n"
                       "cpu ret -> 0x15 +int -int\n"
                       "cpu ret -> 0x0\n");
}

static void lower_numbers_go_first_and_preempt(void **state)
{
    (void)state;
    answers("nvic", ON "w32 scs 0x400 0x40806080 -> ok\n" /* inputs 0..3: 80 60 80 40 */
                       "line nvic 0 1 -> ok +int\n"
                       "cpu take -> 0x10 -int\n"
                       "line nvic 0 0 -> ok\n"
                       "line nvic 2 1 -> ok\n" /* the same priority waits */
                       "line nvic 1 1 -> ok +int\n"
                       "cpu take -> 0x11 -int\n"
                       "line nvic 1 0 -> ok\n"
                       "cpu ret -> 0x10\n"
                       "cpu ret -> 0x12 +int -int\n"
                       "line nvic 2 0 -> ok\n"
                       "cpu ret -> 0x0\n");
}

static void prigroup_says_which_bits_preempt(void **state)
{
    (void)state;
    answers("nvic", ON "w32 scs 0xd0c 0x05fa0700 -> ok\n"
                       "w32 scs 0x400 0x00004080 -> ok\n"
                       "line nvic 0 1 -> ok +int\n"
                       "cpu take -> 0x10 -int\n"
                       "line nvic 1 1 -> ok\n"
                       "r32 scs 0xd04 -> 0x411810\n"
                       "w32 scs 0xd0c 0x05fa0600 -> ok +int\n");
}

static void nobody_asks_and_nothing_is_taken(void **state)
{
    (void)state;
    answers("nvic", "cpu take -> 0x0\n"
                    "cpu ret -> 0x0\n");
}

static void a_return_from_what_is_not_active_is_a_fault(void **state)
{
    (void)state;
    answers("nvic", "w32 scs 0xd04 0x10000000 -> ok +int\n"
                    "cpu take -> 0xe -int\n"
                    "w32 scs 0xd24 0 -> ok\n"
                    "cpu ret -> 0x3 +int -int\n"
                    "r32 scs 0xd28 -> 0x40000\n"
                    "r32 scs 0xd2c -> 0x40000000\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_edge_while_disabled_is_delivered_on_enable),
        cmocka_unit_test(edges_while_pending_merge),
        cmocka_unit_test(an_edge_while_active_is_taken_by_the_return),
        cmocka_unit_test(a_level_that_drops_stays_pending_and_runs_for_nothing),
        cmocka_unit_test(a_level_still_high_at_the_return_enters_again),
        cmocka_unit_test(clear_pending_cannot_beat_a_wire_that_is_high_and_not_active),
        cmocka_unit_test(software_can_make_pending),
        cmocka_unit_test(lower_numbers_go_first_and_preempt),
        cmocka_unit_test(prigroup_says_which_bits_preempt),
        cmocka_unit_test(nobody_asks_and_nothing_is_taken),
        cmocka_unit_test(a_return_from_what_is_not_active_is_a_fault),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
