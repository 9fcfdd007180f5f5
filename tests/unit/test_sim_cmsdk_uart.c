/* tests/unit/test_sim_cmsdk_uart.c - the UART of the Cortex-M System Design Kit. */
#include "tests/unit/test_sim_fixture.h"

#include "sim/regs/board_mps2.h"
#include "sim/regs/cmsdk_uart.h"

static sim_dev_id uart;

static uint32_t reg(uint32_t offset)
{
    return MPS2_UART_BASE + offset;
}

static void start_as(bool qemu, uint32_t control)
{
    bench_clear(SIM_MACHINE_MPS2_AN385);
    bench.config.as_qemu = qemu;
    uart = bench_add((struct sim_device_config){.model = SIM_MODEL_CMSDK_UART,
                                                .irq = MPS2_UART_RX_IRQ,
                                                .tokens = 8,
                                                .base = MPS2_UART_BASE});
    bench_start();
    wr(reg(CMSDK_UART_CTRL), control);
    bench_forget();
}

static void receive(unsigned token)
{
    act(uart, SIM_VERB_RECEIVE, token);
}

static bool asks(void)
{
    return sim_line_asserted_by(&bench.sim, uart);
}

static void the_interrupt_stays_until_it_is_cleared_not_until_the_read(void **state)
{
    (void)state;
    start_as(false, CMSDK_UART_CTRL_RXEN | CMSDK_UART_CTRL_RXINTEN);
    assert_false(asks());
    receive(1);
    assert_true(asks());
    assert_int_equal(rd(reg(CMSDK_UART_STATE)), CMSDK_UART_STATE_RXFULL);
    assert_int_equal(rd(reg(CMSDK_UART_DATA)), 1);
    assert_int_equal(rd(reg(CMSDK_UART_STATE)), 0);
    assert_true(asks());
    wr(reg(CMSDK_UART_INTSTATUS), CMSDK_UART_INT_RX);
    assert_false(asks());
}

static void a_full_buffer_is_written_over(void **state)
{
    (void)state;
    start_as(false, 0x20 | CMSDK_UART_CTRL_RXEN | CMSDK_UART_CTRL_RXINTEN);
    receive(1);
    receive(2);
    assert_int_equal(seen(SIM_EV_DROP, uart, SIM_DROP_OVERRUN), 1);
    assert_int_equal(rd(reg(CMSDK_UART_STATE)),
                     CMSDK_UART_STATE_RXFULL | CMSDK_UART_STATE_RXOVR);
    assert_int_equal(rd(reg(CMSDK_UART_INTSTATUS)), CMSDK_UART_INT_RX | CMSDK_UART_STATE_RXOVR);
    assert_int_equal(rd(reg(CMSDK_UART_DATA)), 2);
    wr(reg(CMSDK_UART_INTSTATUS), CMSDK_UART_STATE_RXOVR);
    assert_int_equal(rd(reg(CMSDK_UART_STATE)), 0);
    assert_int_equal(rd(reg(CMSDK_UART_INTSTATUS)), CMSDK_UART_INT_RX);
}

static void a_receiver_that_is_off_drops(void **state)
{
    (void)state;
    start_as(false, CMSDK_UART_CTRL_RXINTEN);
    receive(1);
    assert_int_equal(seen(SIM_EV_DROP, uart, SIM_DROP_UNSEEN), 1);
    assert_int_equal(rd(reg(CMSDK_UART_STATE)), 0);
    assert_false(asks());
}

static void qemu_lets_the_byte_wait_outside(void **state)
{
    (void)state;
    start_as(true, CMSDK_UART_CTRL_RXEN);
    assert_true(sim_can_act(&bench.sim, uart, SIM_VERB_RECEIVE, 0));
    receive(1);
    assert_false(sim_can_act(&bench.sim, uart, SIM_VERB_RECEIVE, 0));
    rd(reg(CMSDK_UART_DATA));
    assert_true(sim_can_act(&bench.sim, uart, SIM_VERB_RECEIVE, 0));
    wr(reg(CMSDK_UART_CTRL), 0);
    assert_false(sim_can_act(&bench.sim, uart, SIM_VERB_RECEIVE, 0));
}

static void a_byte_waits_for_the_transmitter(void **state)
{
    (void)state;
    start_as(false, 0);
    wr(reg(CMSDK_UART_DATA), 'a');
    assert_int_equal(rd(reg(CMSDK_UART_STATE)), CMSDK_UART_STATE_TXFULL);
    wr(reg(CMSDK_UART_DATA), 'b');
    assert_int_equal(rd(reg(CMSDK_UART_STATE)),
                     CMSDK_UART_STATE_TXFULL | CMSDK_UART_STATE_TXOVR);
    wr(reg(CMSDK_UART_CTRL), CMSDK_UART_CTRL_TXEN | CMSDK_UART_CTRL_TXINTEN);
    assert_int_equal(seen(SIM_EV_TX, uart, 'b'), 1);
    assert_int_equal(rd(reg(CMSDK_UART_STATE)), CMSDK_UART_STATE_TXOVR);
    assert_int_equal(rd(reg(CMSDK_UART_INTSTATUS)), CMSDK_UART_INT_TX);
    wr(reg(CMSDK_UART_STATE), CMSDK_UART_STATE_TXOVR);
    assert_int_equal(rd(reg(CMSDK_UART_STATE)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_interrupt_stays_until_it_is_cleared_not_until_the_read),
        cmocka_unit_test(a_full_buffer_is_written_over),
        cmocka_unit_test(a_receiver_that_is_off_drops),
        cmocka_unit_test(qemu_lets_the_byte_wait_outside),
        cmocka_unit_test(a_byte_waits_for_the_transmitter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
