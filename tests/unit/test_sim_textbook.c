/* tests/unit/test_sim_textbook.c - the textbook controller: line, latch, masked, active. */
#include "tests/unit/test_sim_fixture.h"

enum { IRQ = 5, OTHER = 9 };

static sim_dev_id wire, other;

static void clear(void)
{
    bench_clear(SIM_MACHINE_TEXTBOOK);
    wire = bench_add(bench_line(IRQ));
    other = bench_add(bench_line(OTHER));
}

static void start(enum sim_trigger trigger)
{
    bench_start();
    wr(TEXTBOOK_BASE + TEXTBOOK_SENSE, IRQ | (uint32_t)trigger << 16);
    wr(TEXTBOOK_BASE + TEXTBOOK_SENSE, OTHER | (uint32_t)trigger << 16);
    wr(TEXTBOOK_BASE + TEXTBOOK_UNMASK, IRQ);
    wr(TEXTBOOK_BASE + TEXTBOOK_UNMASK, OTHER);
    bench_forget();
}

static uint32_t ack(void)
{
    return rd(TEXTBOOK_BASE + TEXTBOOK_ACK);
}

static void eoi(uint32_t irq)
{
    wr(TEXTBOOK_BASE + TEXTBOOK_EOI, irq);
}

static void up(void)
{
    act(wire, SIM_VERB_ASSERT, 0);
}

static void down(void)
{
    act(wire, SIM_VERB_DEASSERT, 0);
}

static bool asks(void)
{
    return sim_irq_output(&bench.sim, 0);
}

static void every_register_resets_as_its_row_says(void **state)
{
    (void)state;
    clear();
    bench_start();
    const struct sim_chip *chip = sim_chip(SIM_MACHINE_TEXTBOOK, 0);
    probe_registers(chip->base, chip->registers, chip->count);
    assert_null(sim_chip(SIM_MACHINE_TEXTBOOK, 1));
}

static void all_inputs_are_masked_at_reset(void **state)
{
    (void)state;
    clear();
    bench_start();
    up();
    assert_false(asks());
    assert_int_equal(ack(), TEXTBOOK_NONE);
}

static void an_edge_is_taken_once(void **state)
{
    (void)state;
    clear();
    start(SIM_TRIGGER_EDGE);
    up();
    assert_true(asks());
    assert_int_equal(sim_irq_best(&bench.sim, 0), IRQ);
    assert_int_equal(ack(), IRQ);
    assert_false(asks());
    eoi(IRQ);
    assert_false(asks());
    assert_int_equal(ack(), TEXTBOOK_NONE);
}

static void a_level_is_taken_until_it_falls(void **state)
{
    (void)state;
    clear();
    start(SIM_TRIGGER_LEVEL);
    up();
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(ack(), IRQ);
        assert_false(asks());
        eoi(IRQ);
        assert_true(asks());
    }
    down();
    assert_false(asks());
    assert_int_equal(ack(), TEXTBOOK_NONE);
}

static void an_edge_while_active_is_taken_after_the_end(void **state)
{
    (void)state;
    clear();
    start(SIM_TRIGGER_EDGE);
    up();
    ack();
    down();
    up();
    assert_false(asks());
    eoi(IRQ);
    assert_int_equal(ack(), IRQ);
}

static void an_edge_while_masked_waits_in_the_latch(void **state)
{
    (void)state;
    clear();
    start(SIM_TRIGGER_EDGE);
    wr(TEXTBOOK_BASE + TEXTBOOK_MASK, IRQ);
    up();
    down();
    assert_false(asks());
    wr(TEXTBOOK_BASE + TEXTBOOK_UNMASK, IRQ);
    assert_int_equal(ack(), IRQ);
}

static void a_forgetful_controller_ignores_edges_while_active_or_masked(void **state)
{
    (void)state;
    clear();
    bench.config.forgets_active = 1;
    bench.config.forgets_masked = 1;
    start(SIM_TRIGGER_EDGE);
    up();
    ack();
    down();
    up();
    down();
    assert_int_equal(seen(SIM_EV_IGNORED, IRQ, 1), 1);
    eoi(IRQ);
    assert_false(asks());
    wr(TEXTBOOK_BASE + TEXTBOOK_MASK, IRQ);
    up();
    assert_int_equal(seen(SIM_EV_IGNORED, IRQ, 2), 1);
    wr(TEXTBOOK_BASE + TEXTBOOK_UNMASK, IRQ);
    assert_false(asks());
}

static void falling_low_and_both_look_at_the_same_wire(void **state)
{
    (void)state;
    clear();
    start(SIM_TRIGGER_FALLING);
    up();
    assert_false(asks());
    down();
    assert_int_equal(ack(), IRQ);
    clear();
    start(SIM_TRIGGER_LOW);
    assert_true(asks());
    up();
    act(other, SIM_VERB_ASSERT, 0);
    assert_false(asks());
    clear();
    start(SIM_TRIGGER_BOTH);
    up();
    assert_int_equal(ack(), IRQ);
    down();
    eoi(IRQ);
    assert_int_equal(ack(), IRQ);
}

static void a_changed_trigger_invents_no_edge(void **state)
{
    (void)state;
    clear();
    start(SIM_TRIGGER_LEVEL);
    up();
    wr(TEXTBOOK_BASE + TEXTBOOK_SENSE, IRQ | SIM_TRIGGER_EDGE << 16);
    assert_false(asks());
    wr(TEXTBOOK_BASE + TEXTBOOK_SENSE, IRQ | SIM_TRIGGER_LEVEL << 16);
    assert_true(asks());
    wr(TEXTBOOK_BASE + TEXTBOOK_SENSE, IRQ | 77u << 16);
    assert_true(asks());
}

static void the_lowest_irq_comes_first(void **state)
{
    (void)state;
    clear();
    start(SIM_TRIGGER_LEVEL);
    act(other, SIM_VERB_ASSERT, 0);
    up();
    assert_int_equal(ack(), IRQ);
    assert_int_equal(ack(), OTHER);
    assert_int_equal(ack(), TEXTBOOK_NONE);
}

static void an_input_goes_to_its_cpu_alone(void **state)
{
    (void)state;
    clear();
    bench.config.cpus = 2;
    start(SIM_TRIGGER_LEVEL);
    wr(TEXTBOOK_BASE + TEXTBOOK_TARGET, IRQ | 1u << 16);
    wr(TEXTBOOK_BASE + TEXTBOOK_TARGET, IRQ | 3u << 16);
    up();
    assert_false(asks());
    assert_true(sim_irq_output(&bench.sim, 1));
    assert_int_equal(seen(SIM_EV_OUTPUT, 1, 1), 1);
    assert_int_equal(ack(), TEXTBOOK_NONE);
    assert_int_equal(sim_read(&bench.sim, 1, TEXTBOOK_BASE + TEXTBOOK_ACK, 4), IRQ);
    assert_false(sim_irq_output(&bench.sim, 1));
    assert_false(sim_irq_output(&bench.sim, 2));
}

static void sampled_levels_are_seen_at_the_clock(void **state)
{
    (void)state;
    clear();
    bench.config.sample_levels = 1;
    bench.config.sample_ns = 10000;
    start(SIM_TRIGGER_LEVEL);
    unsigned clock = bench.config.devices;
    assert_int_equal(sim_timer_ns(&bench.sim, clock), 0); /* a tick would see nothing new */
    up();
    assert_int_equal(sim_timer_ns(&bench.sim, clock), 10000);
    assert_false(asks());
    sim_timer_fire(&bench.sim, clock);
    assert_true(asks());
    down();
    assert_true(asks());
    sim_timer_fire(&bench.sim, clock);
    assert_false(asks());
    assert_int_equal(sim_timer_ns(&bench.sim, clock), 0);
    wr(TEXTBOOK_BASE + TEXTBOOK_SENSE, OTHER | SIM_TRIGGER_EDGE << 16);
    act(other, SIM_VERB_ASSERT, 0);
    assert_true(asks());
}

static void sampled_edges_between_two_samples_are_unseen(void **state)
{
    (void)state;
    clear();
    bench.config.sample_edges = 1;
    bench.config.sample_ns = 10000;
    start(SIM_TRIGGER_EDGE);
    unsigned clock = bench.config.devices;
    act(wire, SIM_VERB_SEND, 1);
    sim_timer_fire(&bench.sim, wire);
    assert_true(dropped(1, SIM_DROP_UNSEEN));
    sim_timer_fire(&bench.sim, clock);
    assert_false(asks());
    act(wire, SIM_VERB_SEND, 2);
    sim_timer_fire(&bench.sim, clock);
    sim_timer_fire(&bench.sim, wire);
    assert_int_equal(ack(), IRQ);
}

static void a_sampled_pulse_is_forgotten_with_the_sample(void **state)
{
    (void)state;
    clear();
    bench.config.sample_levels = 1;
    bench.config.sample_ns = 10000;
    start(SIM_TRIGGER_LEVEL);
    act(wire, SIM_VERB_SEND, 1);
    sim_timer_fire(&bench.sim, bench.config.devices);
    sim_timer_fire(&bench.sim, wire);
    assert_true(sim_dev_holds(&bench.sim, wire, 1));
    sim_timer_fire(&bench.sim, bench.config.devices);
    assert_true(dropped(1, SIM_DROP_UNSEEN));
}

static void guest_errors_are_recorded_and_change_nothing(void **state)
{
    (void)state;
    static uint8_t before[BENCH_BYTES];

    clear();
    start(SIM_TRIGGER_EDGE);
    up();
    memcpy(before, bench.bytes, bench.arena.size);
    bench_forget();
    assert_int_equal(rd(TEXTBOOK_BASE + 0x18), 0);
    assert_int_equal(rd(TEXTBOOK_BASE + 0x2), 0);
    assert_int_equal(rd(0x12345678), 0);
    assert_int_equal(sim_read(&bench.sim, 7, TEXTBOOK_BASE, 4), 0);
    assert_int_equal(sim_read(&bench.sim, 0, TEXTBOOK_BASE, 1), 0);
    assert_int_equal(sim_read(&bench.sim, 0, TEXTBOOK_BASE, 3), 0);
    wr(TEXTBOOK_BASE + 0xffc, 5);
    assert_int_equal(bench.trace.count, 7);
    eoi(77);
    eoi(TEXTBOOK_NONE);
    wr(TEXTBOOK_BASE + TEXTBOOK_MASK, 77);
    assert_int_equal(bench.trace.count, 7);
    assert_memory_equal(bench.bytes, before, bench.arena.size);
}

/* The rules once more, as plainly as they can be said. */
struct oracle {
    bool line, latch, masked, active;
    enum sim_trigger trigger;
};

static bool oracle_asks(const struct oracle *input)
{
    bool edge = input->trigger == SIM_TRIGGER_EDGE;

    return !input->masked && !input->active && (edge ? input->latch : input->line);
}

static void oracle_step(struct oracle *input, unsigned what, bool acked)
{
    switch (what) {
    case 0:
        if (!input->line && input->trigger == SIM_TRIGGER_EDGE)
            input->latch = true;
        input->line = true;
        break;
    case 1:
        input->line = false;
        break;
    case 2:
        input->masked = true;
        break;
    case 3:
        input->masked = false;
        break;
    case 4:
        input->active = false;
        break;
    case 5:
        if (acked) {
            input->latch = false;
            input->active = true;
        }
        break;
    default:
        input->trigger = what == 6 ? SIM_TRIGGER_EDGE : SIM_TRIGGER_LEVEL;
        if (what == 7)
            input->latch = false;
    }
}

static void random_operations_agree_with_the_rules(void **state)
{
    (void)state;
    uint32_t seed = 2463534242u;
    struct oracle input = {.trigger = SIM_TRIGGER_EDGE};

    clear();
    start(SIM_TRIGGER_EDGE);
    for (unsigned i = 0; i < 100000; i++) {
        unsigned what = bench_random(&seed) % 8;
        bool acked = false;
        bench_forget();
        switch (what) {
        case 0:
            up();
            break;
        case 1:
            down();
            break;
        case 5:
            acked = ack() == IRQ;
            assert_int_equal(acked, oracle_asks(&input));
            break;
        case 6:
        case 7:
            wr(TEXTBOOK_BASE + TEXTBOOK_SENSE, IRQ | (uint32_t)(what - 6) << 16);
            break;
        default:
            wr(TEXTBOOK_BASE + (what == 2   ? TEXTBOOK_MASK
                                : what == 3 ? TEXTBOOK_UNMASK
                                            : TEXTBOOK_EOI),
               IRQ);
        }
        oracle_step(&input, what, acked);
        assert_int_equal(asks(), oracle_asks(&input));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_register_resets_as_its_row_says),
        cmocka_unit_test(all_inputs_are_masked_at_reset),
        cmocka_unit_test(an_edge_is_taken_once),
        cmocka_unit_test(a_level_is_taken_until_it_falls),
        cmocka_unit_test(an_edge_while_active_is_taken_after_the_end),
        cmocka_unit_test(an_edge_while_masked_waits_in_the_latch),
        cmocka_unit_test(a_forgetful_controller_ignores_edges_while_active_or_masked),
        cmocka_unit_test(falling_low_and_both_look_at_the_same_wire),
        cmocka_unit_test(a_changed_trigger_invents_no_edge),
        cmocka_unit_test(the_lowest_irq_comes_first),
        cmocka_unit_test(an_input_goes_to_its_cpu_alone),
        cmocka_unit_test(sampled_levels_are_seen_at_the_clock),
        cmocka_unit_test(sampled_edges_between_two_samples_are_unseen),
        cmocka_unit_test(a_sampled_pulse_is_forgotten_with_the_sample),
        cmocka_unit_test(guest_errors_are_recorded_and_change_nothing),
        cmocka_unit_test(random_operations_agree_with_the_rules),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
