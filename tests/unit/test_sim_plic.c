/* tests/unit/test_sim_plic.c - the RISC-V PLIC, as the specification, QEMU and Renode. */
#include "tests/unit/test_sim_fixture.h"

#include "sim/regs/board_riscv.h"
#include "sim/regs/plic.h"

enum { SOURCE = 5, OTHER = 40 };

static sim_dev_id wire, other;

static uint32_t reg(uint32_t offset)
{
    return RISCV_PLIC_BASE + offset;
}

static void enable(unsigned source, bool on)
{
    uint32_t word = reg(PLIC_ENABLE + source / 32 * 4);
    uint32_t bit = 1u << source % 32;

    wr(word, on ? rd(word) | bit : rd(word) & ~bit);
}

static void clear(bool qemu)
{
    bench_clear(SIM_MACHINE_RISCV_VIRT);
    bench.config.as_qemu = qemu;
    wire = bench_add(bench_line(SOURCE));
    other = bench_add(bench_line(OTHER));
}

static void set_up(void)
{
    bench_start();
    wr(reg(PLIC_PRIORITY + 4 * SOURCE), 1);
    wr(reg(PLIC_PRIORITY + 4 * OTHER), 1);
    enable(SOURCE, true);
    enable(OTHER, true);
    bench_forget();
}

static void start_as(bool qemu)
{
    clear(qemu);
    set_up();
}

static void start(void)
{
    start_as(false);
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
    return rd(reg(PLIC_CLAIM));
}

static void complete(uint32_t source)
{
    wr(reg(PLIC_COMPLETE), source);
}

static bool asks(void)
{
    return sim_irq_output(&bench.sim, 0);
}

static bool pending(unsigned source)
{
    return rd(reg(PLIC_PENDING + source / 32 * 4)) >> source % 32 & 1;
}

static void a_request_while_disabled_waits_in_ip(void **state)
{
    (void)state;
    start();
    enable(SOURCE, false);
    up(wire);
    assert_true(pending(SOURCE));
    assert_false(asks());
    enable(SOURCE, true);
    assert_true(asks());
}

static void renode_forgets_what_comes_while_disabled(void **state)
{
    (void)state;
    clear(false);
    bench.config.policy_set = bench.config.policy_value = UINT64_C(1)
                                                          << SIM_POLICY_PLIC_FORGETS_DISABLED;
    set_up();
    enable(SOURCE, false);
    up(wire);
    assert_false(pending(SOURCE));
    enable(SOURCE, true);
    assert_false(asks());
}

static void a_request_is_not_taken_back_when_the_wire_falls(void **state)
{
    (void)state;
    start();
    up(wire);
    down(wire);
    assert_true(pending(SOURCE));
    assert_int_equal(claim(), SOURCE);
}

static void nothing_reaches_ip_until_the_completion(void **state)
{
    (void)state;
    start();
    up(wire);
    claim();
    down(wire);
    up(wire);
    down(wire);
    assert_false(pending(SOURCE));
    complete(SOURCE);
    assert_false(pending(SOURCE));
}

static void a_wire_still_high_at_the_completion_is_a_new_request(void **state)
{
    (void)state;
    start();
    up(wire);
    claim();
    complete(SOURCE);
    assert_int_equal(claim(), SOURCE);
}

static void qemu_has_no_gateway(void **state)
{
    (void)state;
    start_as(true);
    up(wire);
    claim();
    complete(SOURCE);
    assert_int_equal(claim(), 0); /* the held wire is forgotten */
    down(wire);
    up(wire);
    claim();
    down(wire);
    up(wire);
    assert_true(pending(SOURCE)); /* a pulse while claimed is remembered */
}

static void the_threshold_holds_back_the_interrupt_but_not_the_claim(void **state)
{
    (void)state;
    start();
    wr(reg(PLIC_THRESHOLD), 1);
    up(wire);
    assert_false(asks());
    assert_int_equal(claim(), SOURCE);
    start_as(true);
    wr(reg(PLIC_THRESHOLD), 1);
    up(wire);
    assert_int_equal(claim(), 0);
}

static void the_completion_of_a_disabled_source_is_ignored(void **state)
{
    (void)state;
    start();
    up(wire);
    claim();
    enable(SOURCE, false);
    complete(SOURCE);
    enable(SOURCE, true);
    down(wire);
    up(wire);
    assert_false(asks());
    complete(SOURCE);
    assert_true(asks());
    start_as(true);
    up(wire);
    claim();
    enable(SOURCE, false);
    complete(SOURCE);
    enable(SOURCE, true);
    down(wire);
    up(wire);
    assert_true(asks());
}

static void the_higher_priority_comes_first_and_ties_go_to_the_lower_id(void **state)
{
    (void)state;
    start();
    up(wire);
    up(other);
    assert_int_equal(claim(), SOURCE);
    complete(SOURCE);
    wr(reg(PLIC_PRIORITY + 4 * OTHER), 7);
    assert_int_equal(claim(), OTHER);
    wr(reg(PLIC_PRIORITY + 4 * SOURCE), 0);
    assert_int_equal(claim(), 0);
}

static void source_0_is_none_and_pending_bits_are_read_only(void **state)
{
    (void)state;
    start();
    assert_int_equal(claim(), 0);
    wr(reg(PLIC_ENABLE), UINT32_MAX);
    assert_int_equal(rd(reg(PLIC_ENABLE)), 1u << SOURCE);
    wr(reg(PLIC_PENDING), UINT32_MAX);
    assert_int_equal(rd(reg(PLIC_PENDING)), 0);
    wr(reg(PLIC_PRIORITY + 4 * SOURCE), UINT32_MAX);
    assert_int_equal(rd(reg(PLIC_PRIORITY + 4 * SOURCE)), PLIC_PRIORITY_MASK);
}

static void an_enable_is_noticed_at_once_and_in_qemu_later(void **state)
{
    (void)state;
    for (unsigned qemu = 0; qemu < 2; qemu++) {
        start_as(qemu);
        enable(SOURCE, false);
        up(wire);
        enable(SOURCE, true);
        assert_int_equal(asks(), !qemu);
        wr(reg(PLIC_THRESHOLD), 0);
        assert_true(asks());
    }
}

static void only_words_can_be_accessed(void **state)
{
    (void)state;
    start();
    assert_int_equal(rd8(reg(PLIC_PRIORITY + 4 * SOURCE)), 0);
    assert_int_equal(seen(SIM_EV_BUS_BAD, 0, reg(PLIC_PRIORITY + 4 * SOURCE)), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_while_disabled_waits_in_ip),
        cmocka_unit_test(renode_forgets_what_comes_while_disabled),
        cmocka_unit_test(a_request_is_not_taken_back_when_the_wire_falls),
        cmocka_unit_test(nothing_reaches_ip_until_the_completion),
        cmocka_unit_test(a_wire_still_high_at_the_completion_is_a_new_request),
        cmocka_unit_test(qemu_has_no_gateway),
        cmocka_unit_test(the_threshold_holds_back_the_interrupt_but_not_the_claim),
        cmocka_unit_test(the_completion_of_a_disabled_source_is_ignored),
        cmocka_unit_test(the_higher_priority_comes_first_and_ties_go_to_the_lower_id),
        cmocka_unit_test(source_0_is_none_and_pending_bits_are_read_only),
        cmocka_unit_test(an_enable_is_noticed_at_once_and_in_qemu_later),
        cmocka_unit_test(only_words_can_be_accessed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
