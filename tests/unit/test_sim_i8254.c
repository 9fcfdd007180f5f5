/* tests/unit/test_sim_i8254.c - the 8254 interval timer of a PC. */
#include "tests/unit/test_sim_fixture.h"

#include "sim/regs/board_pc.h"
#include "sim/regs/i8254.h"

static sim_dev_id pit;

static uint32_t reg(uint32_t offset)
{
    return PC_PIT_BASE + offset;
}

static void start(unsigned mode, uint32_t count)
{
    bench_clear(SIM_MACHINE_PC);
    pit = bench_add((struct sim_device_config){.model = SIM_MODEL_I8254,
                                               .irq = 0,
                                               .tokens = 8,
                                               .tick = 1,
                                               .ticks = 8,
                                               .base = PC_PIT_BASE});
    bench_start();
    wr8(reg(I8254_CONTROL), 3u << I8254_RW_SHIFT | mode << I8254_MODE_SHIFT);
    wr8(reg(I8254_COUNTER), count & 0xff);
    wr8(reg(I8254_COUNTER), count >> 8);
    bench_forget();
}

static bool out(void)
{
    return sim_line_asserted_by(&bench.sim, pit);
}

static void a_rate_generator_rises_at_the_end_of_each_round(void **state)
{
    (void)state;
    start(I8254_MODE_RATE, 1193);
    assert_false(out());
    assert_int_equal(sim_timer_ns(&bench.sim, pit), 999847);
    sim_timer_fire(&bench.sim, pit);
    assert_true(out());
    bench_forget();
    sim_timer_fire(&bench.sim, pit);
    assert_int_equal(seen(SIM_EV_LINE, 0, 0), 1); /* one clock low */
    assert_int_equal(seen(SIM_EV_LINE, 0, 1), 1);
    assert_int_equal(seen(SIM_EV_ARRIVE, pit, 0), 1);
}

static void a_terminal_count_rises_once_and_stays(void **state)
{
    (void)state;
    start(I8254_MODE_TERMINAL, 100);
    sim_timer_fire(&bench.sim, pit);
    assert_true(out());
    assert_int_equal(sim_timer_ns(&bench.sim, pit), 0);
    wr8(reg(I8254_COUNTER), 10);
    wr8(reg(I8254_COUNTER), 0);
    assert_false(out());
    assert_int_not_equal(sim_timer_ns(&bench.sim, pit), 0);
}

static void a_square_wave_is_low_for_half_a_round(void **state)
{
    (void)state;
    start(I8254_MODE_SQUARE, 0);
    assert_int_equal(sim_timer_ns(&bench.sim, pit), 27462700); /* 65536 clocks, halved */
    sim_timer_fire(&bench.sim, pit);
    assert_true(out());
    sim_timer_fire(&bench.sim, pit);
    assert_false(out());
}

static void one_expiration_is_one_edge_at_the_controller(void **state)
{
    (void)state;
    start(I8254_MODE_RATE, 1193);
    sim_timer_fire(&bench.sim, pit);
    assert_true(sim_irq_output(&bench.sim, 0));
    rd(PC_INTA_BASE);
    assert_int_equal(sim_arrival(&bench.sim, pit, 32), 0);
    sim_acknowledged(&bench.sim, 0);
    assert_int_equal(sim_arrival(&bench.sim, pit, 32), 1);
}

static void a_latched_count_is_read_low_byte_first(void **state)
{
    (void)state;
    start(I8254_MODE_RATE, 0x1234);
    wr8(reg(I8254_CONTROL), 0); /* latch counter 0 */
    assert_int_equal(rd8(reg(I8254_COUNTER)), 0x34);
    assert_int_equal(rd8(reg(I8254_COUNTER)), 0x12);
    wr8(reg(I8254_CONTROL), 3u << I8254_SELECT_SHIFT | I8254_NO_COUNT | 2);
    assert_int_equal(rd8(reg(I8254_COUNTER)),
                     3u << I8254_RW_SHIFT | I8254_MODE_RATE << I8254_MODE_SHIFT);
}

static void a_gated_mode_never_starts(void **state)
{
    (void)state;
    start(1, 100);
    assert_int_equal(sim_timer_ns(&bench.sim, pit), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rate_generator_rises_at_the_end_of_each_round),
        cmocka_unit_test(a_terminal_count_rises_once_and_stays),
        cmocka_unit_test(a_square_wave_is_low_for_half_a_round),
        cmocka_unit_test(one_expiration_is_one_edge_at_the_controller),
        cmocka_unit_test(a_latched_count_is_read_low_byte_first),
        cmocka_unit_test(a_gated_mode_never_starts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
