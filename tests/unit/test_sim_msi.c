/* tests/unit/test_sim_msi.c - messages instead of wires, on the board with a GICv2m frame. */
#include "sim/regs/msix.h"
#include "sim/regs/v2m.h"
#include "tests/unit/test_sim_fixture.h"

enum {
    IRQ = VIRT_V2M_SPI + 3,
    ID = 32 + IRQ,
    WIRE_IRQ = VIRT_V2M_SPI + 40,
    ENTRY = MSIX_BASE + IRQ * MSIX_ENTRY,
    WIRE_ENTRY = MSIX_BASE + WIRE_IRQ * MSIX_ENTRY
};

static sim_dev_id dev, wire;

static void start(void)
{
    struct sim_device_config source, line;

    bench_clear(SIM_MACHINE_VIRT);
    source = bench_source(IRQ, SIM_REQUEST_HELD);
    source.trigger = SIM_TRIGGER_MSI;
    dev = bench_add(source);
    line = bench_line(WIRE_IRQ);
    line.trigger = SIM_TRIGGER_MSI;
    wire = bench_add(line);
    bench_start();
    wr(VIRT_GICD_BASE + GICD_ICFGR + ID / 16 * 4, UINT32_MAX);
    wr(VIRT_GICD_BASE + GICD_ICFGR + (32 + WIRE_IRQ) / 16 * 4, UINT32_MAX);
    wr(ENTRY + MSIX_ADDRESS, VIRT_V2M_BASE + V2M_MSI_SETSPI_NS);
    wr(ENTRY + MSIX_DATA, ID);
    wr(WIRE_ENTRY + MSIX_ADDRESS, VIRT_V2M_BASE + V2M_MSI_SETSPI_NS);
    wr(WIRE_ENTRY + MSIX_DATA, 32 + WIRE_IRQ);
}

static bool pends(unsigned id)
{
    return rd(VIRT_GICD_BASE + GICD_ISPENDR + id / 32 * 4) >> id % 32 & 1;
}

static bool waits(unsigned irq)
{
    return rd(MSIX_BASE + MSIX_PBA + irq / 32 * 4) >> irq % 32 & 1;
}

static void an_entry_is_masked_after_reset_and_keeps_what_is_written(void **state)
{
    (void)state;

    start();
    assert_int_equal(rd(ENTRY + MSIX_ADDRESS), VIRT_V2M_BASE + V2M_MSI_SETSPI_NS);
    assert_int_equal(rd(ENTRY + MSIX_UPPER), 0);
    assert_int_equal(rd(ENTRY + MSIX_DATA), ID);
    assert_int_equal(rd(ENTRY + MSIX_CONTROL), MSIX_CONTROL_MASKED);
    wr(ENTRY + MSIX_CONTROL, 0);
    assert_int_equal(rd(ENTRY + MSIX_CONTROL), 0);
    wr(ENTRY + MSIX_ADDRESS, UINT32_MAX);
    assert_int_equal(rd(ENTRY + MSIX_ADDRESS), UINT32_MAX - 3);
    assert_int_equal(rd(MSIX_BASE), 0); /* the entry of an input that sends none */
}

static void a_rise_sends_one_message_and_a_level_none(void **state)
{
    (void)state;

    start();
    wr(ENTRY + MSIX_CONTROL, 0);
    act(dev, SIM_VERB_SEND, 1);
    act(dev, SIM_VERB_SEND, 2);
    assert_int_equal(seen(SIM_EV_MESSAGE, IRQ, ID), 1);
    assert_true(pends(ID));
    wr(VIRT_GICD_BASE + GICD_ICPENDR + ID / 32 * 4, 1u << ID % 32);
    assert_false(pends(ID));
    assert_true(sim_line_asserted_by(&bench.sim, dev));
}

static void a_masked_one_waits_and_is_sent_at_the_unmasking(void **state)
{
    (void)state;

    start();
    act(dev, SIM_VERB_SEND, 1);
    assert_true(waits(IRQ));
    assert_false(pends(ID));
    wr(ENTRY + MSIX_CONTROL, 0);
    assert_false(waits(IRQ));
    assert_true(pends(ID));
}

static void one_that_waits_is_withdrawn_when_its_cause_is_gone(void **state)
{
    (void)state;

    start();
    act(dev, SIM_VERB_SEND, 1);
    assert_int_equal(rd(bench.config.device[dev].base + SOURCE_DATA), 1);
    assert_false(waits(IRQ));
    wr(ENTRY + MSIX_CONTROL, 0);
    assert_false(pends(ID));
}

static void a_pulse_that_nobody_can_satisfy_still_waits(void **state)
{
    (void)state;

    start();
    act(wire, SIM_VERB_PULSE, 0);
    sim_timer_fire(&bench.sim, wire);
    assert_false(sim_line_asserted_by(&bench.sim, wire));
    assert_true(waits(WIRE_IRQ));
    wr(WIRE_ENTRY + MSIX_CONTROL, 0);
    assert_true(pends(32 + WIRE_IRQ));
}

static void a_message_to_nowhere_is_lost_with_its_pulse(void **state)
{
    (void)state;

    start();
    wr(WIRE_ENTRY + MSIX_ADDRESS, VIRT_V2M_BASE + V2M_MSI_TYPER);
    wr(WIRE_ENTRY + MSIX_CONTROL, 0);
    act(wire, SIM_VERB_SEND, 7);
    sim_timer_fire(&bench.sim, wire);
    assert_false(pends(32 + WIRE_IRQ));
    assert_true(dropped(7, SIM_DROP_UNSEEN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_is_masked_after_reset_and_keeps_what_is_written),
        cmocka_unit_test(a_rise_sends_one_message_and_a_level_none),
        cmocka_unit_test(a_masked_one_waits_and_is_sent_at_the_unmasking),
        cmocka_unit_test(one_that_waits_is_withdrawn_when_its_cause_is_gone),
        cmocka_unit_test(a_pulse_that_nobody_can_satisfy_still_waits),
        cmocka_unit_test(a_message_to_nowhere_is_lost_with_its_pulse),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
