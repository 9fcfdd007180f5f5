/* tests/unit/test_sim_pl190.c - the PL190 with the SIC of the Versatile/PB, as the data sheet.
 */
#include "tests/unit/test_probe_kit.h"

/* Slot 0 is input 20 with vector 0x20, slot 1 input 21 with 0x21; all else has 0xdef. */
#define SLOTS                                                                                  \
    "w32 vic 0x34 0xdef -> ok\n"                                                               \
    "w32 vic 0x100 0x20 -> ok\n"                                                               \
    "w32 vic 0x200 0x34 -> ok\n"                                                               \
    "w32 vic 0x104 0x21 -> ok\n"                                                               \
    "w32 vic 0x204 0x35 -> ok\n"

static void an_edge_while_disabled_vanishes(void **state)
{
    (void)state;
    answers("pl190", "line vic 20 1 -> ok\n"
                     "line vic 20 0 -> ok\n"
                     "w32 vic 0x10 0x100000 -> ok\n"
                     "r32 vic 0x8 -> 0x0\n");
}

static void enabling_a_raised_input_asks_at_once(void **state)
{
    (void)state;
    answers("pl190", "line vic 20 1 -> ok\n"
                     "w32 vic 0x10 0x100000 -> ok +irq\n"
                     "w32 vic 0x14 0x100000 -> ok -irq\n");
}

static void a_level_that_drops_before_the_acknowledge_leaves_the_default_vector(void **state)
{
    (void)state;
    answers("pl190", SLOTS "w32 vic 0x10 0x100000 -> ok\n"
                           "line vic 20 1 -> ok +irq\n"
                           "line vic 20 0 -> ok -irq\n"
                           "r32 vic 0x30 -> 0xdef\n");
}

static void a_level_still_high_at_the_end_asks_again(void **state)
{
    (void)state;
    answers("pl190", SLOTS "w32 vic 0x10 0x100000 -> ok\n"
                           "line vic 20 1 -> ok +irq\n"
                           "r32 vic 0x30 -> 0x20 -irq\n"
                           "w32 vic 0x30 0 -> ok +irq\n"
                           "r32 vic 0x30 -> 0x20 -irq\n"
                           "line vic 20 0 -> ok\n"
                           "w32 vic 0x30 0 -> ok\n");
}

static void a_pulse_in_service_is_lost(void **state)
{
    (void)state;
    answers("pl190", SLOTS "w32 vic 0x10 0x100000 -> ok\n"
                           "line vic 20 1 -> ok +irq\n"
                           "r32 vic 0x30 -> 0x20 -irq\n"
                           "line vic 20 0 -> ok\n"
                           "line vic 20 1 -> ok\n"
                           "line vic 20 0 -> ok\n"
                           "w32 vic 0x30 0 -> ok\n"
                           "r32 vic 0x8 -> 0x0\n");
}

static void a_better_slot_preempts_and_a_worse_one_waits(void **state)
{
    (void)state;
    answers("pl190", SLOTS "w32 vic 0x10 0x300000 -> ok\n"
                           "line vic 21 1 -> ok +irq\n"
                           "r32 vic 0x30 -> 0x21 -irq\n"
                           "line vic 20 1 -> ok +irq\n"
                           "r32 vic 0x30 -> 0x20 -irq\n"
                           "line vic 20 0 -> ok\n"
                           "w32 vic 0x30 0 -> ok\n" /* back to slot 1, still in service */
                           "w32 vic 0x30 0 -> ok +irq\n");
}

static void an_input_without_a_slot_has_the_default_vector(void **state)
{
    (void)state;
    answers("pl190", SLOTS "w32 vic 0x10 0x400000 -> ok\n"
                           "line vic 22 1 -> ok +irq\n"
                           "r32 vic 0x30 -> 0xdef -irq\n"
                           "line vic 22 0 -> ok\n"
                           "w32 vic 0x30 0 -> ok\n");
}

static void software_raises_a_line_that_stays_until_it_is_cleared(void **state)
{
    (void)state;
    answers("pl190", SLOTS "w32 vic 0x10 0x100000 -> ok\n"
                           "w32 vic 0x18 0x100000 -> ok +irq\n"
                           "r32 vic 0x30 -> 0x20 -irq\n"
                           "w32 vic 0x30 0 -> ok +irq\n"
                           "w32 vic 0x1c 0x100000 -> ok -irq\n"
                           "r32 vic 0x18 -> 0x0\n");
}

static void a_fiq_must_be_enabled_and_has_no_vector(void **state)
{
    (void)state;
    answers("pl190", SLOTS "w32 vic 0xc 0x100000 -> ok\n"
                           "line vic 20 1 -> ok\n"
                           "r32 vic 0x4 -> 0x0\n"
                           "w32 vic 0x10 0x100000 -> ok +fiq\n"
                           "r32 vic 0x4 -> 0x100000\n"
                           "r32 vic 0x0 -> 0x0\n"
                           "r32 vic 0x30 -> 0xdef\n"
                           "line vic 20 0 -> ok -fiq\n");
}

static void as_qemu_a_fiq_needs_no_enable(void **state)
{
    (void)state;
    answers_as("pl190", true,
               SLOTS "w32 vic 0xc 0x100000 -> ok\n"
                     "line vic 20 1 -> ok +fiq\n"
                     "r32 vic 0x30 -> 0x20\n");
}

static void the_secondary_controller_collects_its_inputs_into_one(void **state)
{
    (void)state;
    answers("pl190", "w32 vic 0x10 0x80000000 -> ok\n"
                     "line sic 3 1 -> ok\n"
                     "w32 sic 0x8 0x18 -> ok +irq\n"
                     "r32 sic 0x0 -> 0x8\n"
                     "line sic 4 1 -> ok\n"
                     "line sic 3 0 -> ok\n"
                     "r32 vic 0x0 -> 0x80000000\n"
                     "w32 sic 0xc 0x10 -> ok -irq\n"
                     "r32 sic 0x4 -> 0x10\n");
}

static void some_secondary_inputs_can_go_straight_through(void **state)
{
    (void)state;
    answers("pl190", "w32 vic 0x10 0x200000 -> ok\n"
                     "line sic 21 1 -> ok\n"
                     "w32 sic 0x20 0xffffffff -> ok +irq\n"
                     "r32 sic 0x20 -> 0x7fe00000\n"
                     "w32 sic 0x24 0x200000 -> ok -irq\n");
}

static void a_wire_with_two_drivers_is_their_or(void **state)
{
    (void)state;
    answers("pl190", "w32 sic 0x8 1 -> ok\n"
                     "line sic 0 1 -> ok\n"
                     "line vic 31 0 -> ok\n"
                     "r32 vic 0x8 -> 0x80000000\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_edge_while_disabled_vanishes),
        cmocka_unit_test(enabling_a_raised_input_asks_at_once),
        cmocka_unit_test(a_level_that_drops_before_the_acknowledge_leaves_the_default_vector),
        cmocka_unit_test(a_level_still_high_at_the_end_asks_again),
        cmocka_unit_test(a_pulse_in_service_is_lost),
        cmocka_unit_test(a_better_slot_preempts_and_a_worse_one_waits),
        cmocka_unit_test(an_input_without_a_slot_has_the_default_vector),
        cmocka_unit_test(software_raises_a_line_that_stays_until_it_is_cleared),
        cmocka_unit_test(a_fiq_must_be_enabled_and_has_no_vector),
        cmocka_unit_test(as_qemu_a_fiq_needs_no_enable),
        cmocka_unit_test(the_secondary_controller_collects_its_inputs_into_one),
        cmocka_unit_test(some_secondary_inputs_can_go_straight_through),
        cmocka_unit_test(a_wire_with_two_drivers_is_their_or),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
