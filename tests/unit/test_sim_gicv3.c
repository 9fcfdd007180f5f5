/* tests/unit/test_sim_gicv3.c - the GIC, version 3, as the architecture says. */
#include "tests/unit/test_probe_kit.h"

/* Awake, both groups forwarded, inputs 0 to 7 (INTIDs 32 to 39) enabled, of group 1, levels. */
#define ON                                                                                     \
    "w32 gicr 0x14 0 -> ok\n"                                                                  \
    "w32 gicd 0x0 3 -> ok\n"                                                                   \
    "cpu wr PMR 0xff -> ok\n"                                                                  \
    "cpu wr IGRPEN1 1 -> ok\n"                                                                 \
    "w32 gicd 0x84 0xffffffff -> ok\n"                                                         \
    "w32 gicd 0x104 0xff -> ok\n"

static void an_edge_while_disabled_is_delivered_on_enable(void **state)
{
    (void)state;
    answers("gicv3", ON "w32 gicd 0xc08 0xaaaaaaaa -> ok\n"
                        "w32 gicd 0x184 0x8 -> ok\n"
                        "line gic 3 1 -> ok\n"
                        "line gic 3 0 -> ok\n"
                        "r32 gicd 0x204 -> 0x8\n"
                        "w32 gicd 0x104 0x8 -> ok +irq\n"
                        "cpu rd IAR1 -> 0x23 -irq\n");
}

static void edges_while_pending_merge_and_one_while_active_comes_after_the_end(void **state)
{
    (void)state;
    answers("gicv3", ON "w32 gicd 0xc08 0xaaaaaaaa -> ok\n"
                        "line gic 3 1 -> ok +irq\n"
                        "line gic 3 0 -> ok\n"
                        "line gic 3 1 -> ok\n"
                        "line gic 3 0 -> ok\n"
                        "cpu rd IAR1 -> 0x23 -irq\n"
                        "line gic 3 1 -> ok\n"
                        "line gic 3 0 -> ok\n"
                        "r32 gicd 0x304 -> 0x8\n"
                        "r32 gicd 0x204 -> 0x8\n"
                        "cpu wr EOIR1 0x23 -> ok +irq\n"
                        "cpu rd IAR1 -> 0x23 -irq\n"
                        "cpu wr EOIR1 0x23 -> ok\n");
}

static void a_level_that_drops_is_gone(void **state)
{
    (void)state;
    answers("gicv3", ON "line gic 3 1 -> ok +irq\n"
                        "line gic 3 0 -> ok -irq\n"
                        "cpu rd IAR1 -> 0x3ff\n");
}

static void a_level_still_high_at_the_end_comes_again(void **state)
{
    (void)state;
    answers("gicv3", ON "line gic 3 1 -> ok +irq\n"
                        "cpu rd IAR1 -> 0x23 -irq\n"
                        "cpu wr EOIR1 0x23 -> ok +irq\n"
                        "line gic 3 0 -> ok -irq\n");
}

static void a_change_of_the_trigger_invents_no_edge_and_takes_effect(void **state)
{
    (void)state;
    answers("gicv3", ON "line gic 3 1 -> ok +irq\n"
                        "w32 gicd 0xc08 0xaaaaaaaa -> ok -irq\n"
                        "w32 gicd 0xc08 0 -> ok +irq\n");
}

static void software_makes_pending_and_cannot_take_back_a_level(void **state)
{
    (void)state;
    answers("gicv3", ON "w32 gicd 0x204 0x8 -> ok +irq\n"
                        "cpu rd IAR1 -> 0x23 -irq\n"
                        "cpu wr EOIR1 0x23 -> ok\n"
                        "line gic 3 1 -> ok +irq\n"
                        "w32 gicd 0x284 0x8 -> ok\n");
}

static void lower_numbers_preempt_and_the_end_can_be_split(void **state)
{
    (void)state;
    answers("gicv3", ON "cpu wr CTLR 2 -> ok\n"
                        "w32 gicd 0x420 0x40806080 -> ok\n"
                        "line gic 0 1 -> ok +irq\n"
                        "cpu rd IAR1 -> 0x20 -irq\n"
                        "cpu rd RPR -> 0x80\n"
                        "line gic 1 1 -> ok +irq\n"
                        "cpu rd IAR1 -> 0x21 -irq\n"
                        "cpu wr EOIR1 0x21 -> ok\n"
                        "cpu rd RPR -> 0x80\n"
                        "r32 gicd 0x304 -> 0x3\n"
                        "cpu wr DIR 0x21 -> ok +irq\n"
                        "r32 gicd 0x304 -> 0x1\n");
}

static void group_0_is_the_fiq_and_each_group_has_its_registers(void **state)
{
    (void)state;
    answers("gicv3", ON "w32 gicd 0x84 0xfffffff7 -> ok\n"
                        "line gic 3 1 -> ok\n"
                        "cpu wr IGRPEN0 1 -> ok +fiq\n"
                        "cpu rd IAR1 -> 0x3ff\n"
                        "cpu rd IAR0 -> 0x23 -fiq\n"
                        "cpu wr EOIR1 0x23 -> ok\n"
                        "cpu wr EOIR0 0x23 -> ok +fiq\n");
}

static void what_is_routed_to_nobody_stays_pending(void **state)
{
    (void)state;
    answers("gicv3", ON "line gic 3 1 -> ok +irq\n"
                        "w32 gicd 0x6118 1 -> ok -irq\n"
                        "r32 gicd 0x204 -> 0x8\n"
                        "w32 gicd 0x6118 0 -> ok +irq\n");
}

static void a_redistributor_that_sleeps_forwards_nothing(void **state)
{
    (void)state;
    answers("gicv3", ON "line gic 3 1 -> ok +irq\n"
                        "w32 gicr 0x14 2 -> ok -irq\n"
                        "r32 gicr 0x14 -> 0x6\n"
                        "cpu rd IAR1 -> 0x3ff\n"
                        "w32 gicr 0x14 0 -> ok +irq\n");
}

static void a_software_interrupt_must_be_of_the_group_that_sends_it(void **state)
{
    (void)state;
    answers("gicv3", ON "w32 sgi 0x100 0x20 -> ok\n"
                        "w32 sgi 0x80 0x20 -> ok\n"
                        "cpu wr SGI0R 0x5000001 -> ok\n"
                        "cpu wr SGI1R 0x5000001 -> ok +irq\n"
                        "cpu rd IAR1 -> 0x5 -irq\n");
}

static void nothing_to_hand_out_reads_1023(void **state)
{
    (void)state;
    answers("gicv3", ON "cpu rd IAR0 -> 0x3ff\n"
                        "cpu rd IAR1 -> 0x3ff\n"
                        "cpu rd HPPIR1 -> 0x3ff\n"
                        "cpu rd RPR -> 0xff\n"
                        "cpu wr EOIR1 0x23 -> ok\n");
}

static void five_bits_of_priority_count_in_the_interface(void **state)
{
    (void)state;
    answers("gicv3", ON "cpu wr PMR 0x87 -> ok\n"
                        "cpu rd PMR -> 0x80\n"
                        "w8 gicd 0x423 0x80 -> ok\n"
                        "line gic 3 1 -> ok\n"
                        "w8 gicd 0x423 0x7f -> ok +irq\n"
                        "cpu rd IAR1 -> 0x23 -irq\n"
                        "cpu rd RPR -> 0x78\n");
}

/* Tables in memory, LPIs on: event 0 of device 0 is LPI 8192 of collection 0, this processor.
 */
#define LPI_ON                                                                                 \
    "w32 gicr 0x70 0x4014000f -> ok\n"                                                         \
    "w32 gicr 0x78 0x40150000 -> ok\n"                                                         \
    "w8 ram 0x40000 0xa1 -> ok\n"                                                              \
    "w32 gicr 0x0 1 -> ok\n"                                                                   \
    "w32 its 0x84 0x80000000 -> ok\n"                                                          \
    "w32 its 0x80 0x40100000 -> ok\n"                                                          \
    "w32 its 0x100 0x40110000 -> ok\n"                                                         \
    "w32 its 0x104 0x80000000 -> ok\n"                                                         \
    "w32 its 0x108 0x40120000 -> ok\n"                                                         \
    "w32 its 0x10c 0x80000000 -> ok\n"                                                         \
    "w32 its 0x0 1 -> ok\n"                                                                    \
    "w32 ram 0x0 0x8 -> ok\n"                                                                  \
    "w32 ram 0x8 3 -> ok\n"                                                                    \
    "w32 ram 0x10 0x40130000 -> ok\n"                                                          \
    "w32 ram 0x14 0x80000000 -> ok\n"                                                          \
    "w32 ram 0x20 0x9 -> ok\n"                                                                 \
    "w32 ram 0x34 0x80000000 -> ok\n"                                                          \
    "w32 ram 0x40 0xa -> ok\n"                                                                 \
    "w32 ram 0x4c 0x2000 -> ok\n"                                                              \
    "w32 its 0x88 0x60 -> ok\n"                                                                \
    "r32 its 0x90 -> 0x60\n"

static void a_message_becomes_an_lpi_that_is_never_active(void **state)
{
    (void)state;
    answers("gicv3", ON LPI_ON "w32 its 0x10040 0 -> ok +irq\n"
                               "w32 its 0x10040 0 -> ok\n"
                               "cpu rd IAR1 -> 0x2000 -irq\n"
                               "w32 its 0x10040 0 -> ok\n"
                               "r32 ram 0x50400 -> 0x1\n"
                               "cpu wr EOIR1 0x2000 -> ok +irq\n"
                               "cpu rd IAR1 -> 0x2000 -irq\n"
                               "cpu wr EOIR1 0x2000 -> ok\n");
}

static void a_disabled_lpi_stays_pending_and_is_noticed_after_inv(void **state)
{
    (void)state;
    answers("gicv3", ON LPI_ON "w8 ram 0x40000 0xa0 -> ok\n"
                               "w32 its 0x10040 0 -> ok\n"
                               "w8 ram 0x40000 0xa1 -> ok\n"
                               "w32 ram 0x60 0xc -> ok\n"
                               "w32 its 0x88 0x80 -> ok +irq\n"
                               "cpu rd IAR1 -> 0x2000 -irq\n");
}

static void an_unmapped_event_is_nothing(void **state)
{
    (void)state;
    answers("gicv3", ON LPI_ON "w32 its 0x10040 1 -> ok\n"
                               "w32 ram 0x60 0xf -> ok\n"
                               "w32 its 0x88 0x80 -> ok\n"
                               "w32 its 0x10040 0 -> ok\n"
                               "r32 ram 0x50400 -> 0x0\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_edge_while_disabled_is_delivered_on_enable),
        cmocka_unit_test(edges_while_pending_merge_and_one_while_active_comes_after_the_end),
        cmocka_unit_test(a_level_that_drops_is_gone),
        cmocka_unit_test(a_level_still_high_at_the_end_comes_again),
        cmocka_unit_test(a_change_of_the_trigger_invents_no_edge_and_takes_effect),
        cmocka_unit_test(software_makes_pending_and_cannot_take_back_a_level),
        cmocka_unit_test(lower_numbers_preempt_and_the_end_can_be_split),
        cmocka_unit_test(group_0_is_the_fiq_and_each_group_has_its_registers),
        cmocka_unit_test(what_is_routed_to_nobody_stays_pending),
        cmocka_unit_test(a_redistributor_that_sleeps_forwards_nothing),
        cmocka_unit_test(a_software_interrupt_must_be_of_the_group_that_sends_it),
        cmocka_unit_test(nothing_to_hand_out_reads_1023),
        cmocka_unit_test(five_bits_of_priority_count_in_the_interface),
        cmocka_unit_test(a_message_becomes_an_lpi_that_is_never_active),
        cmocka_unit_test(a_disabled_lpi_stays_pending_and_is_noticed_after_inv),
        cmocka_unit_test(an_unmapped_event_is_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
