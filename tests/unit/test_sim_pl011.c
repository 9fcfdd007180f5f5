/* tests/unit/test_sim_pl011.c - the PL011 UART after its manual and as QEMU 7.2.22 has it. */
#include "tests/unit/test_sim_fixture.h"

enum { UART = VIRT_UART_BASE };

static sim_dev_id uart;

static void start(bool as_qemu, bool fifos)
{
    bench_clear(SIM_MACHINE_VIRT);
    bench.config.as_qemu = as_qemu;
    uart = bench_add(bench_uart(40));
    bench_start();
    wr(UART + PL011_CR, PL011_CR_UARTEN | PL011_CR_TXE | PL011_CR_RXE);
    wr(UART + PL011_LCR_H, PL011_LCR_H_WLEN8 | (fifos ? PL011_LCR_H_FEN : 0));
    wr(UART + PL011_IMSC, PL011_INT_ALL);
    bench_forget();
}

static void receive(unsigned first, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        act(uart, SIM_VERB_RECEIVE, first + i);
}

static uint32_t ris(void)
{
    return rd(UART + PL011_RIS);
}

static bool asks(void)
{
    return sim_line_asserted_by(&bench.sim, uart);
}

static void every_register_resets_and_masks_as_its_row_says(void **state)
{
    (void)state;
    unsigned count;
    const struct sim_register *rows = sim_registers(SIM_MODEL_PL011, &count);

    bench_clear(SIM_MACHINE_VIRT);
    uart = bench_add(bench_uart(4));
    bench_start();
    probe_registers(UART, rows, count);
}

static void characters_come_out_in_order_with_their_tokens(void **state)
{
    (void)state;
    static const uint8_t bytes[256] = {[1] = 'h', [2] = 'i'};

    start(false, true);
    bench.sim.token_byte = bytes;
    assert_int_equal(rd(UART + PL011_FR), PL011_FR_TXFE | PL011_FR_RXFE);
    receive(1, 2);
    assert_int_equal(rd(UART + PL011_FR), PL011_FR_TXFE);
    assert_int_equal(rd(UART + PL011_DR), 'h');
    assert_int_equal(bench.sim.token, 1);
    assert_int_equal(sim_read(&bench.sim, 0, UART + PL011_DR, 1), 'i');
    assert_int_equal(rd(UART + PL011_DR), 0);
    assert_int_equal(bench.sim.token, 0);
    assert_int_equal(rd(UART + PL011_FR), PL011_FR_TXFE | PL011_FR_RXFE);
}

static void the_receive_interrupt_comes_at_the_fifo_level(void **state)
{
    (void)state;
    static const uint8_t levels[] = {2, 4, 8, 12, 14};

    for (unsigned i = 0; i < 5; i++) {
        start(false, true);
        wr(UART + PL011_IFLS, i << PL011_IFLS_RX_SHIFT);
        receive(1, levels[i] - 1u);
        assert_int_equal(ris() & PL011_INT_RX, 0);
        receive(30, 1);
        assert_int_equal(ris(), PL011_INT_RX);
        assert_true(asks());
        rd(UART + PL011_DR);
        assert_int_equal(ris(), 0);
        assert_false(asks());
    }
}

static void as_qemu_the_receive_interrupt_comes_with_the_first_byte(void **state)
{
    (void)state;
    start(true, true);
    wr(UART + PL011_IFLS, 4 << PL011_IFLS_RX_SHIFT);
    receive(1, 1);
    assert_int_equal(ris(), PL011_INT_RX);
    receive(2, 1);
    rd(UART + PL011_DR);
    assert_int_equal(ris(), PL011_INT_RX);
    rd(UART + PL011_DR);
    assert_int_equal(ris(), 0);
    assert_int_equal(sim_timer_ns(&bench.sim, uart), 0);
}

static void a_cleared_receive_interrupt_does_not_come_back_by_itself(void **state)
{
    (void)state;
    for (unsigned qemu = 0; qemu < 2; qemu++) {
        start(qemu, false);
        receive(1, 1);
        assert_int_equal(ris(), PL011_INT_RX);
        wr(UART + PL011_ICR, PL011_INT_RX);
        assert_int_equal(ris(), 0);
        assert_false(asks());
        assert_true(sim_dev_has_cause(&bench.sim, uart));
    }
}

static void characters_that_lie_there_make_the_time_out(void **state)
{
    (void)state;
    start(false, true);
    receive(1, 2);
    assert_int_equal(bench.sim.armed, 1);
    assert_int_equal(sim_timer_ns(&bench.sim, uart), 277778);
    sim_timer_fire(&bench.sim, uart);
    assert_int_equal(ris(), PL011_INT_RT);
    assert_int_equal(sim_timer_ns(&bench.sim, uart), 0);
    rd(UART + PL011_DR);
    assert_int_equal(ris(), PL011_INT_RT);
    rd(UART + PL011_DR);
    assert_int_equal(ris(), 0);
}

static void emptying_the_fifo_stops_the_time_out(void **state)
{
    (void)state;
    start(false, true);
    receive(1, 1);
    rd(UART + PL011_DR);
    assert_int_equal(sim_timer_ns(&bench.sim, uart), 0);
}

static void a_full_fifo_overruns(void **state)
{
    (void)state;
    start(false, true);
    receive(1, 16);
    assert_int_equal(rd(UART + PL011_FR), PL011_FR_TXFE | PL011_FR_RXFF);
    assert_true(sim_can_act(&bench.sim, uart, SIM_VERB_RECEIVE, 0));
    receive(17, 1);
    assert_true(dropped(17, SIM_DROP_OVERRUN));
    assert_int_equal(rd(UART + PL011_RSR), PL011_RSR_OE);
    assert_int_equal(ris() & PL011_INT_OE, PL011_INT_OE);
    wr(UART + PL011_RSR, 0);
    assert_int_equal(rd(UART + PL011_RSR), 0);
    assert_int_equal(rd(UART + PL011_DR), 1 | PL011_DR_OE);
    receive(18, 1);
    assert_int_equal(rd(UART + PL011_DR), 2);
}

static void as_qemu_a_byte_for_a_full_fifo_waits_outside(void **state)
{
    (void)state;
    start(true, true);
    receive(1, 16);
    assert_false(sim_can_act(&bench.sim, uart, SIM_VERB_RECEIVE, 0));
    rd(UART + PL011_DR);
    assert_true(sim_can_act(&bench.sim, uart, SIM_VERB_RECEIVE, 0));
}

static void without_fifos_one_character_fits(void **state)
{
    (void)state;
    start(false, false);
    receive(1, 2);
    assert_true(dropped(2, SIM_DROP_OVERRUN));
    assert_int_equal(rd(UART + PL011_FR), PL011_FR_TXFE | PL011_FR_RXFF);
}

static void a_change_of_fen_empties_the_fifo(void **state)
{
    (void)state;
    start(false, true);
    receive(1, 9);
    wr(UART + PL011_LCR_H, 0);
    assert_true(dropped(9, SIM_DROP_CLEARED));
    assert_int_equal(rd(UART + PL011_FR), PL011_FR_TXFE | PL011_FR_RXFE);
    assert_false(asks());
    start(true, false);
    receive(1, 1);
    wr(UART + PL011_LCR_H, PL011_LCR_H_FEN);
    assert_int_equal(rd(UART + PL011_FR), PL011_FR_TXFE | PL011_FR_RXFF);
    assert_int_equal(ris(), PL011_INT_RX);
    assert_false(sim_dev_holds(&bench.sim, uart, 1));
}

static void a_byte_written_leaves_with_its_token(void **state)
{
    (void)state;
    start(false, true);
    sim_write(&bench.sim, 0, UART + PL011_DR, 4, 'k', 9);
    assert_int_equal(seen(SIM_EV_TX, uart, 'k'), 1);
    assert_int_equal(bench.trace.records[0].token, 9);
    assert_int_equal(ris(), 0);
}

static void the_transmit_interrupt_follows_the_depth_or_as_qemu_each_write(void **state)
{
    (void)state;
    start(false, false);
    wr(UART + PL011_DR, 'k');
    assert_int_equal(ris(), PL011_INT_TX);
    start(true, true);
    wr(UART + PL011_DR, 'k');
    assert_int_equal(ris(), PL011_INT_TX);
    wr(UART + PL011_ICR, PL011_INT_TX);
    assert_false(asks());
}

static void a_uart_that_is_off_hears_and_says_nothing_but_as_qemu_it_does(void **state)
{
    (void)state;
    for (unsigned qemu = 0; qemu < 2; qemu++) {
        start(qemu, true);
        wr(UART + PL011_CR, 0);
        receive(1, 1);
        wr(UART + PL011_DR, 'k');
        assert_int_equal(dropped(1, SIM_DROP_UNSEEN), !qemu);
        assert_int_equal(seen(SIM_EV_TX, uart, 'k'), qemu);
    }
}

static void the_line_follows_mask_and_status(void **state)
{
    (void)state;
    start(true, true);
    wr(UART + PL011_IMSC, 0);
    receive(1, 1);
    assert_false(asks());
    assert_int_equal(rd(UART + PL011_MIS), 0);
    wr(UART + PL011_IMSC, PL011_INT_RX);
    assert_true(asks());
    assert_int_equal(rd(UART + PL011_MIS), PL011_INT_RX);
    wr(UART + PL011_IMSC, PL011_INT_TX);
    assert_false(asks());
}

static void nothing_a_guest_does_breaks_it(void **state)
{
    (void)state;
    for (unsigned qemu = 0; qemu < 2; qemu++) {
        uint32_t seed = 99;
        unsigned token = 0;
        start(qemu, true);
        for (unsigned i = 0; i < 100000; i++) {
            uint32_t what = bench_random(&seed);
            uint32_t address = UART + ((what >> 8) % 20) * 4 + (what >> 30);
            unsigned size = 1u << (what >> 16) % 3;
            bench_forget();
            if (what % 4 == 0)
                sim_read(&bench.sim, 0, address, size);
            else if (what % 4 == 1)
                sim_write(&bench.sim, 0, address, size, bench_random(&seed), 0);
            else if (what % 4 == 2 && sim_can_act(&bench.sim, uart, SIM_VERB_RECEIVE, 0))
                act(uart, SIM_VERB_RECEIVE, token = token % 255 + 1);
            else
                sim_timer_fire(&bench.sim, uart);
            assert_int_equal(asks(), rd(UART + PL011_MIS) != 0);
            assert_int_equal(ris() & rd(UART + PL011_IMSC), rd(UART + PL011_MIS));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_register_resets_and_masks_as_its_row_says),
        cmocka_unit_test(characters_come_out_in_order_with_their_tokens),
        cmocka_unit_test(the_receive_interrupt_comes_at_the_fifo_level),
        cmocka_unit_test(as_qemu_the_receive_interrupt_comes_with_the_first_byte),
        cmocka_unit_test(a_cleared_receive_interrupt_does_not_come_back_by_itself),
        cmocka_unit_test(characters_that_lie_there_make_the_time_out),
        cmocka_unit_test(emptying_the_fifo_stops_the_time_out),
        cmocka_unit_test(a_full_fifo_overruns),
        cmocka_unit_test(as_qemu_a_byte_for_a_full_fifo_waits_outside),
        cmocka_unit_test(without_fifos_one_character_fits),
        cmocka_unit_test(a_change_of_fen_empties_the_fifo),
        cmocka_unit_test(a_byte_written_leaves_with_its_token),
        cmocka_unit_test(the_transmit_interrupt_follows_the_depth_or_as_qemu_each_write),
        cmocka_unit_test(a_uart_that_is_off_hears_and_says_nothing_but_as_qemu_it_does),
        cmocka_unit_test(the_line_follows_mask_and_status),
        cmocka_unit_test(nothing_a_guest_does_breaks_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
