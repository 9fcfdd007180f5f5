/* tests/unit/test_sim_i8259.c - the two 8259A of a PC, as the data sheet and as QEMU. */
#include "tests/unit/test_sim_fixture.h"

#include "sim/regs/board_pc.h"
#include "sim/regs/i8259.h"

enum { IRQ = 5, OTHER = 3, SLAVE_IRQ = 10, BASE = 0x20, SLAVE_BASE = 0x28, EOI = 0x20 };

static sim_dev_id wire, other, slave;

static void write_words(uint32_t chip, uint8_t base, uint8_t cascade)
{
    wr8(chip, I8259_ICW1_INIT | I8259_ICW1_IC4);
    wr8(chip + 1, base);
    wr8(chip + 1, cascade);
    wr8(chip + 1, I8259_ICW4_UPM);
}

static void start_as(bool qemu)
{
    bench_clear(SIM_MACHINE_PC);
    bench.config.as_qemu = qemu;
    other = bench_add(bench_line(OTHER));
    wire = bench_add(bench_line(IRQ));
    slave = bench_add(bench_line(SLAVE_IRQ));
    bench_start();
    write_words(PC_PIC0_BASE, BASE, 1 << PC_CASCADE_IRQ);
    write_words(PC_PIC1_BASE, SLAVE_BASE, PC_CASCADE_IRQ);
    bench_forget();
}

static void start(void)
{
    start_as(false);
}

static void make_levels(void)
{
    wr8(PC_ELCR_BASE, 1 << IRQ | 1 << OTHER);
    wr8(PC_ELCR_BASE + 1, 1 << (SLAVE_IRQ - 8));
}

static void up(sim_dev_id dev)
{
    act(dev, SIM_VERB_ASSERT, 0);
}

static void down(sim_dev_id dev)
{
    act(dev, SIM_VERB_DEASSERT, 0);
}

static uint32_t inta(void)
{
    return rd(PC_INTA_BASE);
}

static bool asks(void)
{
    return sim_irq_output(&bench.sim, 0);
}

static uint32_t in_service(uint32_t chip)
{
    wr8(chip, I8259_OCW3_SELECT | I8259_OCW3_RR | I8259_OCW3_RIS);
    return rd8(chip);
}

static uint32_t requested(uint32_t chip)
{
    wr8(chip, I8259_OCW3_SELECT | I8259_OCW3_RR);
    return rd8(chip);
}

static void an_edge_while_masked_is_kept_as_long_as_its_line_is_high(void **state)
{
    (void)state;
    start();
    wr8(PC_PIC0_BASE + 1, 1 << IRQ);
    up(wire);
    assert_false(asks());
    wr8(PC_PIC0_BASE + 1, 0);
    assert_true(asks());
    wr8(PC_PIC0_BASE + 1, 1 << IRQ);
    down(wire);
    wr8(PC_PIC0_BASE + 1, 0);
    assert_false(asks());
}

static void qemu_keeps_an_edge_after_its_line_has_fallen(void **state)
{
    (void)state;
    start_as(true);
    up(wire);
    down(wire);
    assert_true(asks());
    assert_int_equal(inta(), BASE + IRQ);
}

static void two_edges_before_the_acknowledge_are_one(void **state)
{
    (void)state;
    start();
    up(wire);
    down(wire);
    up(wire);
    assert_int_equal(inta(), BASE + IRQ);
    wr8(PC_PIC0_BASE, EOI);
    assert_false(asks());
}

static void an_edge_in_service_is_taken_after_the_end(void **state)
{
    (void)state;
    start();
    up(wire);
    inta();
    down(wire);
    up(wire);
    assert_false(asks());
    assert_int_equal(requested(PC_PIC0_BASE), 1 << IRQ);
    wr8(PC_PIC0_BASE, EOI);
    assert_int_equal(inta(), BASE + IRQ);
}

static void a_request_that_went_before_the_acknowledge_is_a_spurious_irq_7(void **state)
{
    (void)state;
    start();
    up(wire);
    down(wire);
    assert_int_equal(inta(), BASE + 7);
    assert_int_equal(in_service(PC_PIC0_BASE), 0);
    make_levels();
    up(wire);
    down(wire);
    assert_int_equal(inta(), BASE + 7);
}

static void a_spurious_irq_15_leaves_the_cascade_in_service(void **state)
{
    (void)state;
    start();
    up(slave);
    wr8(PC_PIC1_BASE + 1, 1 << (SLAVE_IRQ - 8));
    up(other);
    inta();
    wr8(PC_PIC0_BASE, EOI);
    /* the cascade's request was dropped with the mask; a slave that lets go at the last moment
     */
    start_as(true);
    up(slave);
    wr8(PC_PIC1_BASE + 1, 0xff);
    assert_int_equal(inta(), SLAVE_BASE + 7);
    assert_int_equal(in_service(PC_PIC1_BASE), 0);
    assert_int_equal(in_service(PC_PIC0_BASE), 1 << PC_CASCADE_IRQ);
}

static void a_level_still_high_at_the_end_asks_again_and_an_edge_does_not(void **state)
{
    (void)state;
    start();
    up(wire);
    inta();
    wr8(PC_PIC0_BASE, EOI);
    assert_false(asks());
    start();
    make_levels();
    up(wire);
    inta();
    assert_false(asks());
    wr8(PC_PIC0_BASE, EOI);
    assert_true(asks());
}

static void the_request_of_a_level_is_its_line(void **state)
{
    (void)state;
    start();
    make_levels();
    wr8(PC_PIC0_BASE + 1, 0xff);
    up(wire);
    assert_int_equal(requested(PC_PIC0_BASE), 1 << IRQ);
    down(wire);
    assert_int_equal(requested(PC_PIC0_BASE), 0);
}

static void an_edge_becomes_a_level_at_once_and_in_qemu_when_the_line_moves(void **state)
{
    (void)state;
    start();
    up(wire);
    inta();
    make_levels();
    assert_int_equal(requested(PC_PIC0_BASE), 1 << IRQ);
    start_as(true);
    up(wire);
    inta();
    make_levels();
    assert_int_equal(requested(PC_PIC0_BASE), 0);
    down(wire);
    up(wire);
    assert_int_equal(requested(PC_PIC0_BASE), 1 << IRQ);
}

static void a_level_that_becomes_an_edge_is_delivered_once_more(void **state)
{
    (void)state;
    start();
    make_levels();
    up(wire);
    inta();
    wr8(PC_ELCR_BASE, 0);
    wr8(PC_PIC0_BASE, EOI);
    assert_int_equal(inta(), BASE + IRQ);
    wr8(PC_PIC0_BASE, EOI);
    assert_false(asks());
}

static void an_initialization_forgets_edges_and_needs_a_new_one(void **state)
{
    (void)state;
    start();
    up(wire);
    write_words(PC_PIC0_BASE, BASE, 4);
    assert_false(asks());
    up(wire);
    assert_false(asks());
    down(wire);
    up(wire);
    assert_true(asks());
}

static void ltim_makes_every_input_a_level_but_not_in_qemu(void **state)
{
    (void)state;
    for (unsigned qemu = 0; qemu < 2; qemu++) {
        start_as(qemu);
        up(wire);
        wr8(PC_PIC0_BASE, I8259_ICW1_INIT | I8259_ICW1_IC4 | I8259_ICW1_LTIM);
        wr8(PC_PIC0_BASE + 1, BASE);
        wr8(PC_PIC0_BASE + 1, 4);
        wr8(PC_PIC0_BASE + 1, I8259_ICW4_UPM);
        assert_int_equal(asks(), !qemu);
    }
}

static void some_inputs_of_a_pc_are_always_edges(void **state)
{
    (void)state;
    start();
    wr8(PC_ELCR_BASE, 0xff);
    wr8(PC_ELCR_BASE + 1, 0xff);
    assert_int_equal(rd8(PC_ELCR_BASE), ELCR_MASTER_MASK);
    assert_int_equal(rd8(PC_ELCR_BASE + 1), ELCR_SLAVE_MASK);
}

static void the_lower_input_comes_first_and_interrupts_the_higher(void **state)
{
    (void)state;
    start();
    up(wire);
    assert_int_equal(inta(), BASE + IRQ);
    up(slave);
    assert_true(asks()); /* the cascade is input 2 */
    assert_int_equal(inta(), SLAVE_BASE + SLAVE_IRQ - 8);
    up(other);
    assert_false(asks());
    wr8(PC_PIC1_BASE, EOI);
    wr8(PC_PIC0_BASE, EOI); /* the highest in service: the cascade */
    assert_int_equal(inta(), BASE + OTHER);
    wr8(PC_PIC0_BASE, 0x60 | IRQ); /* a specific end */
    assert_int_equal(in_service(PC_PIC0_BASE), 1 << OTHER);
}

static void rotation_makes_what_was_served_the_lowest(void **state)
{
    (void)state;
    start();
    up(other);
    inta();
    wr8(PC_PIC0_BASE, 0xa0); /* rotate on a non-specific end */
    up(wire);
    down(other);
    up(other);
    assert_int_equal(inta(), BASE + IRQ);
}

static void an_automatic_end_leaves_nothing_in_service(void **state)
{
    (void)state;
    start();
    wr8(PC_PIC0_BASE, I8259_ICW1_INIT | I8259_ICW1_IC4);
    wr8(PC_PIC0_BASE + 1, BASE);
    wr8(PC_PIC0_BASE + 1, 4);
    wr8(PC_PIC0_BASE + 1, I8259_ICW4_UPM | I8259_ICW4_AEOI);
    up(wire);
    inta();
    assert_int_equal(in_service(PC_PIC0_BASE), 0);
    down(wire);
    up(wire);
    assert_true(asks());
}

static void special_mask_mode_lets_lower_ones_through(void **state)
{
    (void)state;
    start();
    up(other);
    inta();
    up(wire);
    assert_false(asks());
    wr8(PC_PIC0_BASE + 1, 1 << OTHER);
    assert_false(asks());
    wr8(PC_PIC0_BASE, I8259_OCW3_SELECT | I8259_OCW3_ESMM | I8259_OCW3_SMM);
    assert_true(asks());
}

static void a_poll_is_an_acknowledge(void **state)
{
    (void)state;
    start();
    wr8(PC_PIC0_BASE, I8259_OCW3_SELECT | I8259_OCW3_POLL);
    assert_int_equal(rd8(PC_PIC0_BASE), 0);
    up(wire);
    wr8(PC_PIC0_BASE, I8259_OCW3_SELECT | I8259_OCW3_POLL);
    assert_int_equal(rd8(PC_PIC0_BASE), I8259_POLL_FOUND | IRQ);
    assert_int_equal(in_service(PC_PIC0_BASE), 1 << IRQ);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_edge_while_masked_is_kept_as_long_as_its_line_is_high),
        cmocka_unit_test(qemu_keeps_an_edge_after_its_line_has_fallen),
        cmocka_unit_test(two_edges_before_the_acknowledge_are_one),
        cmocka_unit_test(an_edge_in_service_is_taken_after_the_end),
        cmocka_unit_test(a_request_that_went_before_the_acknowledge_is_a_spurious_irq_7),
        cmocka_unit_test(a_spurious_irq_15_leaves_the_cascade_in_service),
        cmocka_unit_test(a_level_still_high_at_the_end_asks_again_and_an_edge_does_not),
        cmocka_unit_test(the_request_of_a_level_is_its_line),
        cmocka_unit_test(an_edge_becomes_a_level_at_once_and_in_qemu_when_the_line_moves),
        cmocka_unit_test(a_level_that_becomes_an_edge_is_delivered_once_more),
        cmocka_unit_test(an_initialization_forgets_edges_and_needs_a_new_one),
        cmocka_unit_test(ltim_makes_every_input_a_level_but_not_in_qemu),
        cmocka_unit_test(some_inputs_of_a_pc_are_always_edges),
        cmocka_unit_test(the_lower_input_comes_first_and_interrupts_the_higher),
        cmocka_unit_test(rotation_makes_what_was_served_the_lowest),
        cmocka_unit_test(an_automatic_end_leaves_nothing_in_service),
        cmocka_unit_test(special_mask_mode_lets_lower_ones_through),
        cmocka_unit_test(a_poll_is_an_acknowledge),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
