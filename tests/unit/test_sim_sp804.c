/* tests/unit/test_sim_sp804.c - the SP804 as the data sheet says. */
#include "tests/unit/test_probe_kit.h"

#define ON                                                                                     \
    "w32 gicd 0x0 1 -> ok\n"                                                                   \
    "w32 gicc 0x0 1 -> ok\n"                                                                   \
    "w32 gicc 0x4 0xff -> ok\n"                                                                \
    "w32 gicd 0x104 0x4 -> ok\n"

static void a_one_shot_timer_expires_once_and_asks_until_it_is_cleared(void **state)
{
    (void)state;
    answers("gicv2-sp804", ON "w32 timer 0x0 100 -> ok\n"
                              "w32 timer 0x8 0xa3 -> ok\n"
                              "step 99999 -> ok\n"
                              "step 1 -> ok +irq\n"
                              "r32 timer 0x14 -> 0x1\n"
                              "r32 timer 0x4 -> 0x0\n"
                              "w32 timer 0xc 0 -> ok -irq\n"
                              "step 1000000 -> ok\n"
                              "w32 timer 0x0 5 -> ok\n"
                              "step 5000 -> ok +irq\n");
}

static void a_periodic_timer_goes_on(void **state)
{
    (void)state;
    answers("gicv2-sp804", ON "w32 timer 0x0 10 -> ok\n"
                              "w32 timer 0x8 0xe2 -> ok\n"
                              "step 10000 -> ok +irq\n"
                              "w32 timer 0xc 0 -> ok -irq\n"
                              "w32 timer 0x18 20 -> ok\n" /* from the next round on */
                              "step 10000 -> ok +irq\n"
                              "w32 timer 0xc 0 -> ok -irq\n"
                              "step 19999 -> ok\n"
                              "step 1 -> ok +irq\n");
}

static void the_clock_can_be_divided(void **state)
{
    (void)state;
    answers("gicv2-sp804", ON "w32 timer 0x0 2 -> ok\n"
                              "w32 timer 0x8 0xa7 -> ok\n"
                              "step 31999 -> ok\n"
                              "step 1 -> ok +irq\n");
}

static void a_mask_holds_the_line_but_not_the_status(void **state)
{
    (void)state;
    answers("gicv2-sp804", ON "w32 timer 0x0 2 -> ok\n"
                              "w32 timer 0x8 0x83 -> ok\n"
                              "step 2000 -> ok\n"
                              "r32 timer 0x10 -> 0x1\n"
                              "r32 timer 0x14 -> 0x0\n"
                              "w32 timer 0x8 0xa3 -> ok +irq\n");
}

static void a_new_load_starts_at_once_and_control_does_not(void **state)
{
    (void)state;
    answers("gicv2-sp804", ON "w32 timer 0x8 0x82 -> ok\n" /* free running */
                              "w32 timer 0x0 0x1000 -> ok\n"
                              "r32 timer 0x4 -> 0x1000\n"
                              "w32 timer 0x18 0x2000 -> ok\n"
                              "w32 timer 0x8 0xc2 -> ok\n"
                              "r32 timer 0x4 -> 0x1000\n");
}

static void sixteen_bits_are_sixteen(void **state)
{
    (void)state;
    answers("gicv2-sp804", "w32 timer 0x8 0x40 -> ok\n"
                           "w32 timer 0x0 0x12345 -> ok\n"
                           "r32 timer 0x4 -> 0x2345\n");
}

static void both_timers_hold_the_line(void **state)
{
    (void)state;
    answers("gicv2-sp804", ON "w32 timer 0x8 0xa3 -> ok\n"
                              "w32 timer 0x0 0 -> ok +irq\n" /* 0 expires at once */
                              "w32 timer 0x28 0xa3 -> ok\n"
                              "w32 timer 0x20 0 -> ok\n"
                              "w32 timer 0xc 1 -> ok\n"
                              "w32 timer 0x2c 1 -> ok -irq\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_one_shot_timer_expires_once_and_asks_until_it_is_cleared),
        cmocka_unit_test(a_periodic_timer_goes_on),
        cmocka_unit_test(the_clock_can_be_divided),
        cmocka_unit_test(a_mask_holds_the_line_but_not_the_status),
        cmocka_unit_test(a_new_load_starts_at_once_and_control_does_not),
        cmocka_unit_test(sixteen_bits_are_sixteen),
        cmocka_unit_test(both_timers_hold_the_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
