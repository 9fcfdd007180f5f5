/* tests/unit/test_sim_line.c - wires, and the bare wire `line` in the hands of the world. */
#include "tests/unit/test_sim_fixture.h"

enum { IRQ = 5 };

static sim_dev_id a, b;

static void two_on_one(enum sim_trigger trigger)
{
    bench_clear(SIM_MACHINE_TEXTBOOK);
    a = bench_add(bench_line(IRQ));
    b = bench_add(bench_line(IRQ));
    bench_start();
    wr(TEXTBOOK_BASE + TEXTBOOK_SENSE, IRQ | (uint32_t)trigger << 16);
    wr(TEXTBOOK_BASE + TEXTBOOK_UNMASK, IRQ);
    bench_forget();
}

static uint32_t acknowledge(void)
{
    uint32_t irq = rd(TEXTBOOK_BASE + TEXTBOOK_ACK);

    sim_acknowledged(&bench.sim, irq);
    return irq;
}

static void end(void)
{
    wr(TEXTBOOK_BASE + TEXTBOOK_EOI, IRQ);
}

static void shared_line_stays_high_until_the_last_driver_lets_go(void **state)
{
    (void)state;
    two_on_one(SIM_TRIGGER_LEVEL);
    act(a, SIM_VERB_ASSERT, 0);
    act(b, SIM_VERB_ASSERT, 0);
    assert_int_equal(seen(SIM_EV_LINE, 0, 1), 1);
    act(a, SIM_VERB_DEASSERT, 0);
    assert_int_equal(seen(SIM_EV_LINE, 0, 0), 0);
    assert_true(sim_irq_output(&bench.sim, 0));
    act(b, SIM_VERB_DEASSERT, 0);
    assert_int_equal(seen(SIM_EV_LINE, 0, 0), 1);
    assert_false(sim_irq_output(&bench.sim, 0));
}

static void a_second_device_on_a_high_line_makes_no_edge(void **state)
{
    (void)state;
    two_on_one(SIM_TRIGGER_EDGE);
    act(a, SIM_VERB_ASSERT, 0);
    assert_int_equal(acknowledge(), IRQ);
    act(b, SIM_VERB_ASSERT, 0);
    end();
    assert_false(sim_irq_output(&bench.sim, 0));
    assert_int_equal(seen(SIM_EV_REQUEST, b, 1), 1);
}

static void asserting_again_is_no_change(void **state)
{
    (void)state;
    two_on_one(SIM_TRIGGER_EDGE);
    act(a, SIM_VERB_ASSERT, 0);
    act(a, SIM_VERB_ASSERT, 0);
    assert_int_equal(seen(SIM_EV_REQUEST, a, 1), 1);
    assert_int_equal(seen(SIM_EV_LATCH, IRQ, 1), 1);
}

static void sixty_four_devices_share_one_line(void **state)
{
    (void)state;
    bench_clear(SIM_MACHINE_TEXTBOOK);
    for (unsigned i = 0; i < SIM_DEVICES_MAX; i++)
        bench_add(bench_line(IRQ));
    bench_start();
    assert_int_equal(bench.sim.lines, 1);
    for (unsigned i = 0; i < SIM_DEVICES_MAX; i++)
        act((sim_dev_id)i, SIM_VERB_ASSERT, 0);
    for (unsigned i = 0; i < SIM_DEVICES_MAX; i++) {
        assert_true(sim_line_level(&bench.sim, 0));
        act((sim_dev_id)i, SIM_VERB_DEASSERT, 0);
    }
    assert_false(sim_line_level(&bench.sim, 0));
}

static void lines_are_in_the_order_of_their_irqs(void **state)
{
    (void)state;
    bench_clear(SIM_MACHINE_TEXTBOOK);
    static const uint16_t irqs[] = {9, 3, 9, 0, 700};
    for (unsigned i = 0; i < 5; i++)
        bench_add(bench_line(irqs[i]));
    bench_start();
    assert_int_equal(bench.sim.lines, 4);
    assert_int_equal(bench.sim.line_irq[0], 0);
    assert_int_equal(bench.sim.line_irq[3], 700);
    assert_int_equal(bench.sim.line_of[0], 2);
    assert_int_equal(bench.sim.line_of[2], 2);
}

static void a_pulse_ends_with_its_timer(void **state)
{
    (void)state;
    two_on_one(SIM_TRIGGER_LEVEL);
    sim_act(&bench.sim, a, SIM_VERB_PULSE, 700, 0);
    assert_int_equal(bench.sim.armed, 1u << a);
    assert_int_equal(sim_timer_ns(&bench.sim, a), 700);
    assert_true(sim_irq_output(&bench.sim, 0));
    sim_timer_fire(&bench.sim, a);
    assert_int_equal(sim_timer_ns(&bench.sim, a), 0);
    assert_false(sim_irq_output(&bench.sim, 0));
    sim_timer_fire(&bench.sim, a);
    assert_false(sim_line_level(&bench.sim, 0));
}

static void a_pulse_that_a_level_controller_does_not_take_is_unseen(void **state)
{
    (void)state;
    two_on_one(SIM_TRIGGER_LEVEL);
    act(a, SIM_VERB_SEND, 1);
    assert_true(sim_dev_holds(&bench.sim, a, 1));
    sim_timer_fire(&bench.sim, a);
    assert_true(dropped(1, SIM_DROP_UNSEEN));
    assert_false(sim_dev_holds(&bench.sim, a, 1));
    assert_false(sim_dev_has_cause(&bench.sim, a));
}

static void a_pulse_that_is_latched_is_remembered(void **state)
{
    (void)state;
    two_on_one(SIM_TRIGGER_EDGE);
    act(a, SIM_VERB_SEND, 1);
    sim_timer_fire(&bench.sim, a);
    assert_true(sim_dev_has_cause(&bench.sim, a));
    assert_int_equal(sim_arrival(&bench.sim, a, 32), 0);
    assert_int_equal(acknowledge(), IRQ);
    assert_int_equal(sim_arrival(&bench.sim, a, 32), 1);
    assert_int_equal(sim_arrival(&bench.sim, a, 32), 0);
}

static void arrivals_before_one_acknowledge_merge_into_the_oldest(void **state)
{
    (void)state;
    two_on_one(SIM_TRIGGER_EDGE);
    for (unsigned token = 1; token <= 3; token++) {
        act(a, SIM_VERB_SEND, token);
        sim_timer_fire(&bench.sim, a);
    }
    acknowledge();
    act(a, SIM_VERB_SEND, 4);
    assert_int_equal(sim_arrival(&bench.sim, a, 32), 1);
    assert_true(dropped(2, SIM_DROP_MERGED));
    assert_true(dropped(3, SIM_DROP_MERGED));
    assert_true(sim_dev_holds(&bench.sim, a, 4));
    sim_timer_fire(&bench.sim, a);
    end();
    assert_int_equal(acknowledge(), IRQ);
    assert_int_equal(sim_arrival(&bench.sim, a, 32), 4);
}

static void a_token_on_a_wire_that_stays_high_makes_no_new_edge_and_is_unseen(void **state)
{
    (void)state;
    two_on_one(SIM_TRIGGER_EDGE);
    act(a, SIM_VERB_SEND, 1);
    acknowledge();
    act(a, SIM_VERB_SEND, 2);
    sim_timer_fire(&bench.sim, a);
    assert_true(dropped(2, SIM_DROP_UNSEEN));
    assert_int_equal(sim_arrival(&bench.sim, a, 32), 1);
}

static void more_arrivals_than_promised_overrun(void **state)
{
    (void)state;
    two_on_one(SIM_TRIGGER_EDGE);
    for (unsigned token = 1; token <= 9; token++)
        act(a, SIM_VERB_SEND, token);
    assert_true(dropped(9, SIM_DROP_OVERRUN));
    assert_true(sim_dev_holds(&bench.sim, a, 8));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shared_line_stays_high_until_the_last_driver_lets_go),
        cmocka_unit_test(a_second_device_on_a_high_line_makes_no_edge),
        cmocka_unit_test(asserting_again_is_no_change),
        cmocka_unit_test(sixty_four_devices_share_one_line),
        cmocka_unit_test(lines_are_in_the_order_of_their_irqs),
        cmocka_unit_test(a_pulse_ends_with_its_timer),
        cmocka_unit_test(a_pulse_that_a_level_controller_does_not_take_is_unseen),
        cmocka_unit_test(a_pulse_that_is_latched_is_remembered),
        cmocka_unit_test(arrivals_before_one_acknowledge_merge_into_the_oldest),
        cmocka_unit_test(a_token_on_a_wire_that_stays_high_makes_no_new_edge_and_is_unseen),
        cmocka_unit_test(more_arrivals_than_promised_overrun),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
