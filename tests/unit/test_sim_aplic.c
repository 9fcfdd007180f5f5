/* tests/unit/test_sim_aplic.c - APLIC, by itself and with the interrupt files of the harts. */
#include "tests/unit/test_sim_fixture.h"

#include "sim/regs/aplic.h"
#include "sim/regs/board_riscv.h"

enum { SOURCE = 5, OTHER = 40 };

static sim_dev_id wire, other;

static uint32_t reg(uint32_t offset)
{
    return RISCV_APLICM_BASE + offset;
}

static uint32_t child(uint32_t offset)
{
    return RISCV_APLICS_BASE + offset;
}

static void set_up(uint32_t offset_of_domain, unsigned mode)
{
    wr(offset_of_domain + APLIC_DOMAINCFG, APLIC_DOMAINCFG_IE);
    wr(offset_of_domain + APLIC_IDC + APLIC_IDELIVERY, 1);
    for (unsigned i = 0; i < 2; i++) {
        unsigned source = i ? OTHER : SOURCE;
        wr(offset_of_domain + APLIC_SOURCECFG + 4 * source, mode);
        wr(offset_of_domain + APLIC_TARGET + 4 * source, 1);
        wr(offset_of_domain + APLIC_SETIENUM, source);
    }
}

static void start_as(bool qemu, unsigned mode)
{
    bench_clear(SIM_MACHINE_RISCV_APLIC);
    bench.config.as_qemu = qemu;
    wire = bench_add(bench_line(SOURCE));
    other = bench_add(bench_line(OTHER));
    bench_start();
    set_up(RISCV_APLICM_BASE, mode);
    bench_forget();
}

static void start(unsigned mode)
{
    start_as(false, mode);
}

/* The same wires, but what is pending goes to hart 0 as a message. */
static void start_sending(unsigned mode)
{
    bench_clear(SIM_MACHINE_RISCV_AIA);
    wire = bench_add(bench_line(SOURCE));
    other = bench_add(bench_line(OTHER));
    bench_start();
    wr(reg(APLIC_DOMAINCFG), APLIC_DOMAINCFG_IE);
    for (unsigned i = 0; i < 2; i++) {
        unsigned source = i ? OTHER : SOURCE;
        wr(reg(APLIC_SOURCECFG + 4 * source), mode);
        wr(reg(APLIC_TARGET + 4 * source), source);
        wr(reg(APLIC_SETIENUM), source);
        wr(RISCV_CSR_BASE + IMSIC_EIE + source / 32 * 4, 1u << source % 32);
    }
    wr(RISCV_CSR_BASE + IMSIC_EIDELIVERY, 1);
    bench_forget();
}

static void up(sim_dev_id dev)
{
    act(dev, SIM_VERB_ASSERT, 0);
}

static void down(sim_dev_id dev)
{
    act(dev, SIM_VERB_DEASSERT, 0);
}

static uint32_t claim(void)
{
    return rd(reg(APLIC_IDC + APLIC_CLAIMI)) >> APLIC_TOPI_SHIFT;
}

static uint32_t take(void)
{
    return rd(RISCV_CSR_BASE + IMSIC_TOPEI) >> IMSIC_TOPEI_SHIFT;
}

static bool pending(unsigned source)
{
    return rd(reg(APLIC_SETIP + source / 32 * 4)) >> source % 32 & 1;
}

static bool asks(void)
{
    return sim_irq_output(&bench.sim, 0);
}

static void an_edge_while_disabled_is_latched(void **state)
{
    (void)state;
    start(APLIC_SM_RISING);
    wr(reg(APLIC_CLRIENUM), SOURCE);
    up(wire);
    down(wire);
    assert_false(asks());
    wr(reg(APLIC_SETIENUM), SOURCE);
    assert_int_equal(claim(), SOURCE);
    assert_false(asks());
}

static void a_level_is_pending_as_long_as_its_input(void **state)
{
    (void)state;
    start(APLIC_SM_HIGH);
    up(wire);
    assert_true(asks());
    assert_int_equal(claim(), SOURCE);
    assert_true(asks()); /* no end of interrupt: claimed again at once */
    down(wire);
    assert_int_equal(claim(), 0);
}

static void qemu_keeps_a_level_pending_until_it_is_claimed(void **state)
{
    (void)state;
    start_as(true, APLIC_SM_HIGH);
    up(wire);
    down(wire);
    assert_int_equal(claim(), SOURCE);
    assert_int_equal(claim(), 0);
}

static void two_edges_before_the_claim_merge_and_one_after_it_waits(void **state)
{
    (void)state;
    start(APLIC_SM_RISING);
    up(wire);
    down(wire);
    up(wire);
    assert_int_equal(claim(), SOURCE);
    down(wire);
    up(wire);
    assert_int_equal(claim(), SOURCE);
    assert_int_equal(claim(), 0);
}

static void falling_and_low_look_at_the_inverted_wire(void **state)
{
    (void)state;
    start(APLIC_SM_LOW);
    assert_true(asks());
    up(wire);
    up(other);
    assert_false(asks());
    start(APLIC_SM_FALLING);
    claim();
    claim();
    up(wire);
    assert_false(asks());
    down(wire);
    assert_int_equal(claim(), SOURCE);
}

static void software_can_set_and_clear_an_edge_but_not_a_level(void **state)
{
    (void)state;
    start(APLIC_SM_RISING);
    wr(reg(APLIC_SETIPNUM), SOURCE);
    assert_true(pending(SOURCE));
    wr(reg(APLIC_CLRIPNUM), SOURCE);
    assert_false(pending(SOURCE));
    start(APLIC_SM_HIGH);
    wr(reg(APLIC_SETIPNUM), SOURCE);
    assert_false(pending(SOURCE));
    up(wire);
    wr(reg(APLIC_CLRIPNUM), SOURCE);
    assert_true(pending(SOURCE));
}

static void a_source_that_becomes_active_finds_its_input_on(void **state)
{
    (void)state;
    start(APLIC_SM_INACTIVE);
    up(wire);
    wr(reg(APLIC_SOURCECFG + 4 * SOURCE), APLIC_SM_RISING);
    assert_true(pending(SOURCE));
    wr(reg(APLIC_SOURCECFG + 4 * SOURCE), APLIC_SM_INACTIVE);
    assert_false(pending(SOURCE));
}

static void the_lower_priority_number_comes_first_and_the_threshold_is_strict(void **state)
{
    (void)state;
    start(APLIC_SM_RISING);
    wr(reg(APLIC_TARGET + 4 * SOURCE), 3);
    wr(reg(APLIC_TARGET + 4 * OTHER), 2);
    up(wire);
    up(other);
    assert_int_equal(claim(), OTHER);
    wr(reg(APLIC_IDC + APLIC_ITHRESHOLD), 3);
    assert_false(asks());
    assert_int_equal(claim(), 0);
    wr(reg(APLIC_IDC + APLIC_ITHRESHOLD), 0);
    assert_int_equal(claim(), SOURCE);
}

static void a_claim_of_nothing_clears_iforce_and_the_output_falls_but_not_in_qemu(void **state)
{
    (void)state;
    for (unsigned qemu = 0; qemu < 2; qemu++) {
        start_as(qemu, APLIC_SM_RISING);
        wr(reg(APLIC_IDC + APLIC_IFORCE), 1);
        assert_true(asks());
        assert_int_equal(claim(), 0);
        assert_int_equal(asks(), qemu);
    }
}

static void a_delegated_source_is_the_childs(void **state)
{
    (void)state;
    start(APLIC_SM_INACTIVE);
    wr(child(APLIC_SOURCECFG + 4 * SOURCE), APLIC_SM_RISING);
    assert_int_equal(rd(child(APLIC_SOURCECFG + 4 * SOURCE)), 0);
    wr(reg(APLIC_SOURCECFG + 4 * SOURCE), APLIC_SOURCECFG_D);
    set_up(RISCV_APLICS_BASE, APLIC_SM_RISING);
    up(wire);
    assert_false(asks());
    assert_int_equal(rd(child(APLIC_IDC + APLIC_CLAIMI)) >> APLIC_TOPI_SHIFT, SOURCE);
    assert_int_equal(rd(reg(APLIC_SOURCECFG + 4 * SOURCE)), APLIC_SOURCECFG_D);
}

static void a_level_is_sent_once_and_again_only_if_software_says_so(void **state)
{
    (void)state;
    start_sending(APLIC_SM_HIGH);
    up(wire);
    assert_false(pending(SOURCE)); /* cleared by the message */
    assert_int_equal(take(), SOURCE);
    assert_false(asks());
    wr(reg(APLIC_SETIPNUM), SOURCE); /* still high */
    assert_int_equal(take(), SOURCE);
    down(wire);
    wr(reg(APLIC_SETIPNUM), SOURCE);
    assert_false(asks());
}

static void messages_merge_and_the_lowest_identity_comes_first(void **state)
{
    (void)state;
    start_sending(APLIC_SM_RISING);
    up(other);
    up(wire);
    down(wire);
    up(wire);
    assert_int_equal(take(), SOURCE);
    assert_int_equal(take(), OTHER);
    assert_int_equal(take(), 0);
}

static void a_message_waits_while_its_identity_is_off_or_above_the_threshold(void **state)
{
    (void)state;
    start_sending(APLIC_SM_RISING);
    wr(RISCV_CSR_BASE + IMSIC_EIE, 0);
    up(wire);
    assert_false(asks());
    wr(RISCV_CSR_BASE + IMSIC_EIE, 1u << SOURCE);
    assert_true(asks());
    wr(RISCV_CSR_BASE + IMSIC_EITHRESHOLD, SOURCE);
    assert_false(asks());
    wr(RISCV_CSR_BASE + IMSIC_EITHRESHOLD, SOURCE + 1);
    assert_int_equal(take(), SOURCE);
}

static void a_write_to_the_page_of_a_file_is_a_message(void **state)
{
    (void)state;
    start_sending(APLIC_SM_RISING);
    wr(RISCV_IMSICM_BASE + IMSIC_SETEIPNUM_LE, OTHER);
    assert_int_equal(take(), OTHER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_edge_while_disabled_is_latched),
        cmocka_unit_test(a_level_is_pending_as_long_as_its_input),
        cmocka_unit_test(qemu_keeps_a_level_pending_until_it_is_claimed),
        cmocka_unit_test(two_edges_before_the_claim_merge_and_one_after_it_waits),
        cmocka_unit_test(falling_and_low_look_at_the_inverted_wire),
        cmocka_unit_test(software_can_set_and_clear_an_edge_but_not_a_level),
        cmocka_unit_test(a_source_that_becomes_active_finds_its_input_on),
        cmocka_unit_test(the_lower_priority_number_comes_first_and_the_threshold_is_strict),
        cmocka_unit_test(a_claim_of_nothing_clears_iforce_and_the_output_falls_but_not_in_qemu),
        cmocka_unit_test(a_delegated_source_is_the_childs),
        cmocka_unit_test(a_level_is_sent_once_and_again_only_if_software_says_so),
        cmocka_unit_test(messages_merge_and_the_lowest_identity_comes_first),
        cmocka_unit_test(a_message_waits_while_its_identity_is_off_or_above_the_threshold),
        cmocka_unit_test(a_write_to_the_page_of_a_file_is_a_message),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
