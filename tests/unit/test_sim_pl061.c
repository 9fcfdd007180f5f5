/* tests/unit/test_sim_pl061.c - PL061 and PL031, as the data sheets say. */
#include "tests/unit/test_probe_kit.h"

/* SPI 7 and 2 of `gicv2` are on and levels. */
#define ON                                                                                     \
    "w32 gicd 0x0 1 -> ok\n"                                                                   \
    "w32 gicc 0x0 1 -> ok\n"                                                                   \
    "w32 gicc 0x4 0xff -> ok\n"                                                                \
    "w32 gicd 0x104 0x84 -> ok\n"

static void an_edge_stays_until_it_is_cleared(void **state)
{
    (void)state;
    answers("gicv2", ON "w32 gpio 0x40c 1 -> ok\n" /* rising */
                        "w32 gpio 0x410 1 -> ok\n"
                        "line gpio 0 1 -> ok +irq\n"
                        "line gpio 0 0 -> ok\n"
                        "r32 gpio 0x418 -> 0x1\n"
                        "w32 gpio 0x41c 1 -> ok -irq\n"
                        "r32 gpio 0x414 -> 0x0\n");
}

static void a_falling_edge_or_both_can_be_asked_for(void **state)
{
    (void)state;
    answers("gicv2", "line gpio 0 1 -> ok\n"
                     "r32 gpio 0x414 -> 0x0\n"
                     "line gpio 0 0 -> ok\n"
                     "r32 gpio 0x414 -> 0x1\n"
                     "w32 gpio 0x41c 0xff -> ok\n"
                     "w32 gpio 0x408 2 -> ok\n"
                     "line gpio 1 1 -> ok\n"
                     "r32 gpio 0x414 -> 0x2\n"
                     "w32 gpio 0x41c 0xff -> ok\n"
                     "line gpio 1 0 -> ok\n"
                     "r32 gpio 0x414 -> 0x2\n");
}

static void a_level_goes_with_its_pin_and_cannot_be_cleared(void **state)
{
    (void)state;
    answers("gicv2", ON "w32 gpio 0x404 1 -> ok\n"
                        "w32 gpio 0x40c 1 -> ok\n"
                        "w32 gpio 0x410 1 -> ok\n"
                        "line gpio 0 1 -> ok +irq\n"
                        "w32 gpio 0x41c 1 -> ok\n"
                        "r32 gpio 0x418 -> 0x1\n"
                        "line gpio 0 0 -> ok -irq\n"
                        "r32 gpio 0x414 -> 0x0\n");
}

static void an_edge_while_masked_is_kept(void **state)
{
    (void)state;
    answers("gicv2", ON "w32 gpio 0x40c 1 -> ok\n"
                        "line gpio 0 1 -> ok\n"
                        "line gpio 0 0 -> ok\n"
                        "w32 gpio 0x410 1 -> ok +irq\n");
}

static void an_output_reads_its_register_and_an_input_its_pin(void **state)
{
    (void)state;
    answers("gicv2", "line gpio 1 1 -> ok\n"
                     "w32 gpio 0x400 1 -> ok\n"
                     "w32 gpio 0x3fc 0xff -> ok\n"
                     "r32 gpio 0x3fc -> 0x3\n"
                     "r32 gpio 0x8 -> 0x2\n" /* the address says which pins */
                     "w32 gpio 0x400 0 -> ok\n"
                     "r32 gpio 0x3fc -> 0x2\n");
}

static void an_output_asks_for_no_interrupt(void **state)
{
    (void)state;
    answers("gicv2", "w32 gpio 0x400 1 -> ok\n"
                     "w32 gpio 0x404 1 -> ok\n"
                     "w32 gpio 0x40c 1 -> ok\n"
                     "w32 gpio 0x4 1 -> ok\n"
                     "r32 gpio 0x414 -> 0x0\n");
}

static void the_clock_must_be_started_before_its_alarm_comes(void **state)
{
    (void)state;
    answers("gicv2", ON "w32 rtc 0x10 1 -> ok\n"
                        "w32 rtc 0x8 100 -> ok\n"
                        "w32 rtc 0x4 100 -> ok\n"
                        "r32 rtc 0x14 -> 0x0\n"
                        "w32 rtc 0xc 1 -> ok +irq\n"
                        "w32 rtc 0x1c 1 -> ok -irq\n");
}

static void an_alarm_comes_after_its_seconds(void **state)
{
    (void)state;
    answers("gicv2", ON "w32 rtc 0xc 1 -> ok\n" /* second 0 is the alarm's */
                        "w32 rtc 0x1c 1 -> ok\n"
                        "w32 rtc 0x10 1 -> ok\n"
                        "w32 rtc 0x4 3 -> ok\n"
                        "step 2999999999 -> ok\n"
                        "r32 rtc 0x14 -> 0x0\n"
                        "step 1 -> ok +irq\n"
                        "r32 rtc 0x0 -> 0x3\n"
                        "w32 rtc 0x1c 1 -> ok -irq\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_edge_stays_until_it_is_cleared),
        cmocka_unit_test(a_falling_edge_or_both_can_be_asked_for),
        cmocka_unit_test(a_level_goes_with_its_pin_and_cannot_be_cleared),
        cmocka_unit_test(an_edge_while_masked_is_kept),
        cmocka_unit_test(an_output_reads_its_register_and_an_input_its_pin),
        cmocka_unit_test(an_output_asks_for_no_interrupt),
        cmocka_unit_test(the_clock_must_be_started_before_its_alarm_comes),
        cmocka_unit_test(an_alarm_comes_after_its_seconds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
