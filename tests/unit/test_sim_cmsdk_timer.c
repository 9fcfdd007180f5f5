/* tests/unit/test_sim_cmsdk_timer.c - the timer of the Cortex-M System Design Kit. */
#include "tests/unit/test_probe_kit.h"

#define ON                                                                                     \
    "w32 scs 0x100 0x100 -> ok\n" /* the timer's input, 8 */                                   \
    "w32 timer 0x8 1000 -> ok\n"                                                               \
    "w32 timer 0x0 9 -> ok\n"

static void a_round_is_reload_and_the_clock_at_0(void **state)
{
    (void)state;
    answers("nvic-devs", ON "step 39999 -> ok\n"
                            "r32 timer 0xc -> 0x0\n"
                            "step 1 -> ok +int\n"
                            "r32 timer 0xc -> 0x1\n"
                            "w32 timer 0xc 1 -> ok\n"
                            "w32 scs 0x280 0x100 -> ok -int\n"
                            "step 40039 -> ok\n"
                            "r32 timer 0xc -> 0x0\n"
                            "step 1 -> ok +int\n");
}

static void the_line_stays_until_a_1_is_written(void **state)
{
    (void)state;
    answers("nvic-devs", ON "step 40000 -> ok +int\n"
                            "w32 timer 0xc 0 -> ok\n"
                            "r32 timer 0xc -> 0x1\n"
                            "w32 timer 0x0 0 -> ok\n" /* off: the status is kept */
                            "r32 timer 0xc -> 0x1\n"
                            "w32 scs 0x280 0x100 -> ok\n" /* the line is high still */
                            "w32 timer 0xc 0xff -> ok\n"
                            "w32 scs 0x280 0x100 -> ok -int\n"
                            "r32 timer 0xc -> 0x0\n");
}

static void without_irqen_nothing_is_remembered(void **state)
{
    (void)state;
    answers("nvic-devs", ON "w32 timer 0x0 1 -> ok\n"
                            "step 40000 -> ok\n"
                            "r32 timer 0xc -> 0x0\n"
                            "w32 timer 0x0 9 -> ok\n"
                            "r32 timer 0xc -> 0x0\n"
                            "step 40040 -> ok +int\n");
}

static void a_count_without_reload_expires_once(void **state)
{
    (void)state;
    answers("nvic-devs", "w32 scs 0x100 0x100 -> ok\n"
                         "w32 timer 0x0 9 -> ok\n"
                         "w32 timer 0x4 500 -> ok\n"
                         "step 20000 -> ok +int\n"
                         "r32 timer 0x4 -> 0x0\n"
                         "w32 timer 0xc 1 -> ok\n"
                         "w32 scs 0x280 0x100 -> ok -int\n"
                         "step 1000000 -> ok\n"
                         "r32 timer 0xc -> 0x0\n"
                         "w32 timer 0x4 500 -> ok\n"
                         "step 20000 -> ok +int\n");
}

static void reload_0_stops_it(void **state)
{
    (void)state;
    answers("nvic-devs", ON "step 20000 -> ok\n"
                            "w32 timer 0x8 0 -> ok\n"
                            "r32 timer 0x4 -> 0x0\n"
                            "step 1000000 -> ok\n"
                            "r32 timer 0xc -> 0x0\n");
}

static void only_four_bits_of_control_are_kept(void **state)
{
    (void)state;
    answers("nvic-devs", "w32 timer2 0x0 0xfffffffe -> ok\n"
                         "r32 timer2 0x0 -> 0xe\n"
                         "w32 timer2 0x8 0x12345678 -> ok\n"
                         "r32 timer2 0x4 -> 0x12345678\n"
                         "r32 timer2 0xfe0 -> 0x22\n"
                         "r32 timer2 0xffc -> 0xb1\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_round_is_reload_and_the_clock_at_0),
        cmocka_unit_test(the_line_stays_until_a_1_is_written),
        cmocka_unit_test(without_irqen_nothing_is_remembered),
        cmocka_unit_test(a_count_without_reload_expires_once),
        cmocka_unit_test(reload_0_stops_it),
        cmocka_unit_test(only_four_bits_of_control_are_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
