/* tests/unit/test_sim_apic.c - I/O APIC with local APIC, as the manuals and as QEMU. */
#include "tests/unit/test_sim_fixture.h"

#include "sim/regs/board_pc.h"
#include "sim/regs/ioapic.h"
#include "sim/regs/lapic.h"

enum { PIN = 5, OTHER = 9, VECTOR = 0x35, OTHER_VECTOR = 0x49, SPURIOUS = 0xff };

static sim_dev_id wire, other;

static void set_entry(unsigned pin, uint32_t low, uint32_t high)
{
    wr(PC_IOAPIC_BASE, IOAPIC_TABLE + 2 * pin + 1);
    wr(PC_IOAPIC_BASE + IOAPIC_IOWIN, high);
    wr(PC_IOAPIC_BASE, IOAPIC_TABLE + 2 * pin);
    wr(PC_IOAPIC_BASE + IOAPIC_IOWIN, low);
}

static uint32_t entry(unsigned pin)
{
    wr(PC_IOAPIC_BASE, IOAPIC_TABLE + 2 * pin);
    return rd(PC_IOAPIC_BASE + IOAPIC_IOWIN);
}

static uint32_t lapic(uint32_t offset)
{
    return rd(PC_LAPIC_BASE + offset);
}

static void set_lapic(uint32_t offset, uint32_t value)
{
    wr(PC_LAPIC_BASE + offset, value);
}

static void start_with(bool qemu, uint32_t flags)
{
    bench_clear(SIM_MACHINE_PC_IOAPIC);
    bench.config.as_qemu = qemu;
    wire = bench_add(bench_line(PIN));
    other = bench_add(bench_line(OTHER));
    bench_start();
    set_lapic(LAPIC_SVR, LAPIC_SVR_ON | SPURIOUS);
    set_entry(PIN, VECTOR | flags, 0);
    set_entry(OTHER, OTHER_VECTOR | flags, 0);
    bench_forget();
}

static void start(uint32_t flags)
{
    start_with(false, flags);
}

static void up(sim_dev_id dev)
{
    act(dev, SIM_VERB_ASSERT, 0);
}

static void down(sim_dev_id dev)
{
    act(dev, SIM_VERB_DEASSERT, 0);
}

static uint32_t take(void)
{
    return rd(PC_INTA_BASE);
}

static bool asks(void)
{
    return sim_irq_output(&bench.sim, 0);
}

static void end(void)
{
    set_lapic(LAPIC_EOI, 0);
}

static void an_edge_while_masked_is_lost_even_if_it_is_still_high(void **state)
{
    (void)state;
    start(IOAPIC_RTE_MASKED);
    up(wire);
    assert_int_equal(seen(SIM_EV_IGNORED, PIN, 2), 1);
    set_entry(PIN, VECTOR, 0);
    assert_false(asks());
}

static void a_level_while_masked_is_seen_at_the_unmask(void **state)
{
    (void)state;
    start(IOAPIC_RTE_MASKED | IOAPIC_RTE_LEVEL);
    up(wire);
    assert_false(asks());
    set_entry(PIN, VECTOR | IOAPIC_RTE_LEVEL, 0);
    assert_int_equal(take(), VECTOR);
}

static void two_edges_before_the_take_merge_and_one_behind_it_waits(void **state)
{
    (void)state;
    start(0);
    up(wire);
    down(wire);
    up(wire);
    assert_int_equal(take(), VECTOR);
    down(wire);
    up(wire);
    assert_false(asks());
    end();
    assert_int_equal(take(), VECTOR);
    end();
    assert_false(asks());
}

static void a_message_is_delivered_although_the_line_fell(void **state)
{
    (void)state;
    start(0);
    up(wire);
    down(wire);
    assert_int_equal(take(), VECTOR);
    start(IOAPIC_RTE_LEVEL);
    up(wire);
    down(wire);
    assert_int_equal(take(), VECTOR);
}

static void remote_irr_holds_a_level_back_until_its_end(void **state)
{
    (void)state;
    start(IOAPIC_RTE_LEVEL);
    up(wire);
    assert_int_equal(entry(PIN) & IOAPIC_RTE_REMOTE_IRR, IOAPIC_RTE_REMOTE_IRR);
    assert_int_equal(take(), VECTOR);
    down(wire);
    up(wire);
    assert_false(asks());
    end(); /* still high: sent again */
    assert_int_equal(take(), VECTOR);
    down(wire);
    end();
    assert_false(asks());
    assert_int_equal(entry(PIN) & IOAPIC_RTE_REMOTE_IRR, 0);
}

static void an_edge_still_high_at_the_end_is_not_sent_again(void **state)
{
    (void)state;
    start(0);
    up(wire);
    take();
    end();
    assert_false(asks());
}

static void the_end_is_told_by_vector_so_a_changed_vector_is_never_ended(void **state)
{
    (void)state;
    start(IOAPIC_RTE_LEVEL);
    up(wire);
    take();
    set_entry(PIN, (VECTOR + 1) | IOAPIC_RTE_LEVEL, 0);
    end();
    assert_int_equal(entry(PIN) & IOAPIC_RTE_REMOTE_IRR, IOAPIC_RTE_REMOTE_IRR);
    assert_false(asks());
    wr(PC_IOAPIC_BASE + IOAPIC_EOI, VECTOR + 1); /* the directed end mends it */
    assert_int_equal(take(), VECTOR + 1);
}

static void a_turn_to_edge_and_back_ends_it_by_hand(void **state)
{
    (void)state;
    start(IOAPIC_RTE_LEVEL);
    up(wire);
    take();
    end();
    take();
    set_entry(PIN, VECTOR | IOAPIC_RTE_MASKED, 0);
    assert_int_equal(entry(PIN) & IOAPIC_RTE_REMOTE_IRR, 0);
    set_entry(PIN, VECTOR | IOAPIC_RTE_LEVEL, 0);
    end();
    assert_int_equal(take(), VECTOR);
}

static void a_level_that_turns_edge_invents_no_edge_but_in_qemu_it_does(void **state)
{
    (void)state;
    for (unsigned qemu = 0; qemu < 2; qemu++) {
        start_with(qemu, IOAPIC_RTE_LEVEL | IOAPIC_RTE_MASKED);
        up(wire);
        set_entry(PIN, VECTOR, 0);
        assert_int_equal(asks(), qemu);
    }
}

static void an_active_low_pin_is_the_inverted_wire_but_not_in_qemu(void **state)
{
    (void)state;
    for (unsigned qemu = 0; qemu < 2; qemu++) {
        start_with(qemu, IOAPIC_RTE_LEVEL | IOAPIC_RTE_LOW);
        assert_int_equal(asks(), !qemu);
    }
}

static void the_class_of_a_vector_is_its_priority(void **state)
{
    (void)state;
    start(0);
    up(wire);
    up(other);
    assert_int_equal(take(), OTHER_VECTOR);
    assert_int_equal(lapic(LAPIC_PPR), OTHER_VECTOR & 0xf0);
    assert_false(asks());
    end();
    set_lapic(LAPIC_TPR, 0x30);
    assert_false(asks());
    assert_int_equal(take(), SPURIOUS); /* no service, no end */
    assert_int_equal(lapic(LAPIC_ISR + 0x10), 0);
    set_lapic(LAPIC_TPR, 0x20);
    assert_int_equal(take(), VECTOR);
}

static void the_trigger_mode_register_says_who_must_be_told(void **state)
{
    (void)state;
    start(IOAPIC_RTE_LEVEL);
    up(wire);
    assert_int_equal(lapic(LAPIC_TMR + 0x10), 1u << VECTOR % 32);
    take();
    /* the erratum: the level came as an edge, and its end is told to nobody */
    wr(PC_LAPIC_BASE + LAPIC_ICR, 1u << LAPIC_ICR_SHORTHAND_SHIFT | VECTOR);
    assert_int_equal(lapic(LAPIC_TMR + 0x10), 0);
    end();
    assert_int_equal(entry(PIN) & IOAPIC_RTE_REMOTE_IRR, IOAPIC_RTE_REMOTE_IRR);
}

static void a_message_goes_to_the_cpu_that_its_entry_names(void **state)
{
    (void)state;
    bench_clear(SIM_MACHINE_PC_IOAPIC);
    bench.config.cpus = 2;
    wire = bench_add(bench_line(PIN));
    bench_start();
    for (unsigned cpu = 0; cpu < 2; cpu++)
        sim_write(&bench.sim, cpu, PC_LAPIC_BASE + LAPIC_SVR, 4, LAPIC_SVR_ON | SPURIOUS, 0);
    set_entry(PIN, VECTOR, 1u << IOAPIC_RTE_DEST_SHIFT);
    up(wire);
    assert_false(sim_irq_output(&bench.sim, 0));
    assert_true(sim_irq_output(&bench.sim, 1));
    assert_int_equal(sim_read(&bench.sim, 1, PC_INTA_BASE, 4), VECTOR);
}

static void turned_off_or_below_16_nothing_is_accepted_but_in_qemu_it_is(void **state)
{
    (void)state;
    for (unsigned qemu = 0; qemu < 2; qemu++) {
        start_with(qemu, 0);
        set_lapic(LAPIC_SVR, SPURIOUS);
        up(wire);
        assert_int_equal(lapic(LAPIC_IRR + 0x10) != 0, qemu);
        set_lapic(LAPIC_SVR, LAPIC_SVR_ON | SPURIOUS);
        set_lapic(LAPIC_ICR, 1u << LAPIC_ICR_SHORTHAND_SHIFT | 7);
        assert_int_equal(lapic(LAPIC_IRR), qemu ? 1u << 7 : 0);
        assert_int_equal(lapic(LAPIC_ESR) & LAPIC_ESR_VECTOR, qemu ? 0 : LAPIC_ESR_VECTOR);
    }
}

static void every_plain_register_resets_as_its_row_says(void **state)
{
    (void)state;
    bench_clear(SIM_MACHINE_PC_IOAPIC);
    wire = bench_add(bench_line(PIN));
    bench_start();
    for (unsigned i = 3; i < 5; i++) {
        const struct sim_chip *chip = sim_chip(SIM_MACHINE_PC_IOAPIC, i);
        probe_registers(chip->base, chip->registers, chip->count);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_edge_while_masked_is_lost_even_if_it_is_still_high),
        cmocka_unit_test(a_level_while_masked_is_seen_at_the_unmask),
        cmocka_unit_test(two_edges_before_the_take_merge_and_one_behind_it_waits),
        cmocka_unit_test(a_message_is_delivered_although_the_line_fell),
        cmocka_unit_test(remote_irr_holds_a_level_back_until_its_end),
        cmocka_unit_test(an_edge_still_high_at_the_end_is_not_sent_again),
        cmocka_unit_test(the_end_is_told_by_vector_so_a_changed_vector_is_never_ended),
        cmocka_unit_test(a_turn_to_edge_and_back_ends_it_by_hand),
        cmocka_unit_test(a_level_that_turns_edge_invents_no_edge_but_in_qemu_it_does),
        cmocka_unit_test(an_active_low_pin_is_the_inverted_wire_but_not_in_qemu),
        cmocka_unit_test(the_class_of_a_vector_is_its_priority),
        cmocka_unit_test(the_trigger_mode_register_says_who_must_be_told),
        cmocka_unit_test(a_message_goes_to_the_cpu_that_its_entry_names),
        cmocka_unit_test(turned_off_or_below_16_nothing_is_accepted_but_in_qemu_it_is),
        cmocka_unit_test(every_plain_register_resets_as_its_row_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
