/* tests/unit/test_sim_ns16550.c - the 16550A UART, as the data sheet and as QEMU. */
#include "tests/unit/test_sim_fixture.h"

#include "sim/regs/board_riscv.h"
#include "sim/regs/ns16550.h"

static sim_dev_id uart;

static uint32_t reg(uint32_t offset)
{
    return RISCV_UART_BASE + offset;
}

static void start_as(bool qemu, uint32_t fifo_control)
{
    bench_clear(SIM_MACHINE_RISCV_VIRT);
    bench.config.as_qemu = qemu;
    uart = bench_add((struct sim_device_config){.model = SIM_MODEL_NS16550,
                                                .irq = RISCV_UART_SOURCE,
                                                .tokens = 40,
                                                .base = RISCV_UART_BASE});
    bench_start();
    wr8(reg(NS16550_FCR), fifo_control);
    wr8(reg(NS16550_IER), NS16550_IER_RDI | NS16550_IER_RLSI);
    bench_forget();
}

static void receive(unsigned first, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        act(uart, SIM_VERB_RECEIVE, first + i);
}

static bool asks(void)
{
    return sim_line_asserted_by(&bench.sim, uart);
}

static uint32_t why(void)
{
    return rd8(reg(NS16550_IIR)) & 0xf;
}

static void a_byte_asks_until_it_is_read(void **state)
{
    (void)state;
    start_as(false, 0);
    assert_false(asks());
    receive('a', 1);
    assert_true(asks());
    assert_int_equal(why(), NS16550_IIR_RDI);
    assert_int_equal(rd8(reg(NS16550_RBR)), 'a');
    assert_false(asks());
    assert_int_equal(why(), NS16550_IIR_NONE);
}

static void with_fifos_the_trigger_level_counts(void **state)
{
    (void)state;
    start_as(false, NS16550_FCR_ENABLE | 2 << NS16550_FCR_LEVEL_SHIFT);
    receive('a', 7);
    assert_false(asks());
    receive('h', 1);
    assert_true(asks());
    rd8(reg(NS16550_RBR));
    assert_false(asks());
}

static void fewer_are_told_by_the_time_out(void **state)
{
    (void)state;
    start_as(false, NS16550_FCR_ENABLE | 2 << NS16550_FCR_LEVEL_SHIFT);
    receive('a', 1);
    assert_int_equal(sim_timer_ns(&bench.sim, uart), 4166666); /* 40 bits at 9600 baud */
    sim_timer_fire(&bench.sim, uart);
    assert_int_equal(why(), NS16550_IIR_TIMEOUT);
    rd8(reg(NS16550_RBR));
    assert_false(asks());
    assert_int_equal(sim_timer_ns(&bench.sim, uart), 0);
}

static void a_full_fifo_keeps_what_it_has_and_a_full_buffer_is_written_over(void **state)
{
    (void)state;
    start_as(false, NS16550_FCR_ENABLE);
    receive(1, 17);
    assert_true(dropped(17, SIM_DROP_OVERRUN));
    assert_int_equal(why(), NS16550_IIR_RLSI);
    assert_int_equal(rd8(reg(NS16550_LSR)) & NS16550_LSR_OE, NS16550_LSR_OE);
    assert_int_equal(why(), NS16550_IIR_RDI);
    assert_int_equal(rd8(reg(NS16550_RBR)), 1);
    start_as(false, 0);
    receive('a', 2);
    assert_true(dropped('a', SIM_DROP_OVERRUN));
    assert_int_equal(rd8(reg(NS16550_RBR)), 'b');
}

static void in_qemu_a_byte_for_a_full_receiver_waits_outside(void **state)
{
    (void)state;
    start_as(true, NS16550_FCR_ENABLE);
    receive(1, 16);
    assert_false(sim_can_act(&bench.sim, uart, SIM_VERB_RECEIVE, 0));
    rd8(reg(NS16550_RBR));
    assert_true(sim_can_act(&bench.sim, uart, SIM_VERB_RECEIVE, 0));
}

static void turning_the_fifos_on_or_off_empties_them(void **state)
{
    (void)state;
    start_as(false, NS16550_FCR_ENABLE);
    receive('a', 1);
    wr8(reg(NS16550_FCR), 0);
    assert_true(dropped('a', SIM_DROP_CLEARED));
    assert_false(asks());
}

static void the_transmitters_interrupt_ends_with_the_read_that_shows_it(void **state)
{
    (void)state;
    start_as(false, 0);
    wr8(reg(NS16550_IER), NS16550_IER_THRI);
    assert_true(asks());
    assert_int_equal(why(), NS16550_IIR_THRI);
    assert_false(asks());
    wr8(reg(NS16550_THR), 'x');
    assert_int_equal(seen(SIM_EV_TX, uart, 'x'), 1);
    assert_true(asks());
}

static void in_loopback_what_is_sent_comes_back(void **state)
{
    (void)state;
    start_as(false, 0);
    wr8(reg(NS16550_MCR), NS16550_MCR_LOOP | 0xf);
    assert_int_equal(rd8(reg(NS16550_MSR)), 0xf0);
    wr8(reg(NS16550_THR), 'x');
    assert_int_equal(rd8(reg(NS16550_RBR)), 'x');
}

static void the_divisor_hides_behind_dlab(void **state)
{
    (void)state;
    start_as(false, 0);
    wr8(reg(NS16550_LCR), NS16550_LCR_DLAB);
    assert_int_equal(rd8(reg(NS16550_DLL)), NS16550_DIVISOR);
    wr8(reg(NS16550_DLL), 1);
    wr8(reg(NS16550_LCR), NS16550_LCR_WLEN8);
    assert_int_equal(rd8(reg(NS16550_IER)), NS16550_IER_RDI | NS16550_IER_RLSI);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_byte_asks_until_it_is_read),
        cmocka_unit_test(with_fifos_the_trigger_level_counts),
        cmocka_unit_test(fewer_are_told_by_the_time_out),
        cmocka_unit_test(a_full_fifo_keeps_what_it_has_and_a_full_buffer_is_written_over),
        cmocka_unit_test(in_qemu_a_byte_for_a_full_receiver_waits_outside),
        cmocka_unit_test(turning_the_fifos_on_or_off_empties_them),
        cmocka_unit_test(the_transmitters_interrupt_ends_with_the_read_that_shows_it),
        cmocka_unit_test(in_loopback_what_is_sent_comes_back),
        cmocka_unit_test(the_divisor_hides_behind_dlab),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
