/* tests/unit/test_sim_source.c - `source`: the smallest device with data. */
#include "tests/unit/test_sim_fixture.h"

enum { IRQ = 5 };

static sim_dev_id dev;

static void start_with(struct sim_device_config config)
{
    bench_clear(SIM_MACHINE_TEXTBOOK);
    config.base = SOURCE_BASE;
    dev = bench_add(config);
    bench_start();
}

static void start(enum sim_request request)
{
    start_with(bench_source(IRQ, request));
}

static bool asks(void)
{
    return sim_line_asserted_by(&bench.sim, dev);
}

static void send(unsigned token)
{
    act(dev, SIM_VERB_SEND, token);
}

static void every_register_resets_as_its_row_says(void **state)
{
    (void)state;
    unsigned count;
    const struct sim_register *rows = sim_registers(SIM_MODEL_SOURCE, &count);

    start(SIM_REQUEST_HELD);
    assert_int_equal(count, 5);
    assert_string_equal(rows[2].name, "DATA");
    probe_registers(SOURCE_BASE, rows, count);
}

static void tokens_come_out_in_the_order_they_went_in(void **state)
{
    (void)state;
    static const uint8_t bytes[256] = {[3] = 'x', [7] = 'y'};

    start(SIM_REQUEST_HELD);
    bench.sim.token_byte = bytes;
    send(3);
    send(7);
    assert_int_equal(rd(SOURCE_BASE + SOURCE_COUNT), 2);
    assert_true(sim_dev_holds(&bench.sim, dev, 7));
    assert_int_equal(rd(SOURCE_BASE + SOURCE_DATA), 'x');
    assert_int_equal(bench.sim.token, 3);
    assert_int_equal(rd(SOURCE_BASE + SOURCE_DATA), 'y');
    assert_int_equal(rd(SOURCE_BASE + SOURCE_DATA), 0);
    assert_int_equal(bench.sim.token, 0);
    for (unsigned i = 0; i < bench.arena.fill[SIM_HOT]; i++)
        assert_true(bench.bytes[i] != 3 && bench.bytes[i] != 7);
}

static void held_asks_while_it_holds_a_token(void **state)
{
    (void)state;
    start(SIM_REQUEST_HELD);
    send(1);
    send(2);
    assert_int_equal(rd(SOURCE_BASE + SOURCE_STATUS), 1);
    wr(SOURCE_BASE + SOURCE_ACK, 1);
    rd(SOURCE_BASE + SOURCE_DATA);
    assert_true(asks());
    rd(SOURCE_BASE + SOURCE_DATA);
    assert_false(asks());
    assert_int_equal(seen(SIM_EV_REQUEST, dev, 1), 1);
    assert_int_equal(seen(SIM_EV_REQUEST, dev, 0), 1);
}

static void latched_asks_until_acknowledged_and_keeps_its_tokens(void **state)
{
    (void)state;
    start(SIM_REQUEST_LATCHED);
    send(1);
    rd(SOURCE_BASE + SOURCE_DATA);
    assert_true(asks());
    wr(SOURCE_BASE + SOURCE_ACK, 0);
    assert_false(asks());
    send(2);
    wr(SOURCE_BASE + SOURCE_ACK, 0);
    assert_false(asks());
    assert_int_equal(rd(SOURCE_BASE + SOURCE_COUNT), 1);
    assert_true(sim_dev_has_cause(&bench.sim, dev));
}

static void a_pulse_lasts_its_time_after_the_latest_arrival(void **state)
{
    (void)state;
    start(SIM_REQUEST_PULSE);
    send(1);
    assert_true(asks());
    assert_int_equal(bench.sim.armed, 1);
    bench.sim.armed = 0;
    send(2);
    assert_int_equal(bench.sim.armed, 1);
    assert_int_equal(sim_timer_ns(&bench.sim, dev), 1000);
    sim_timer_fire(&bench.sim, dev);
    assert_false(asks());
    assert_int_equal(rd(SOURCE_BASE + SOURCE_COUNT), 2);
}

static void enable_gates_the_request_not_the_fifo(void **state)
{
    (void)state;
    start(SIM_REQUEST_HELD);
    wr(SOURCE_BASE + SOURCE_ENABLE, 0xfffffffe);
    send(1);
    assert_int_equal(rd(SOURCE_BASE + SOURCE_STATUS), 0);
    assert_false(asks());
    wr(SOURCE_BASE + SOURCE_ENABLE, 1);
    assert_true(asks());
}

static void a_full_fifo_drops_the_youngest(void **state)
{
    (void)state;
    start(SIM_REQUEST_HELD);
    for (unsigned token = 1; token <= 5; token++) {
        assert_true(sim_can_act(&bench.sim, dev, SIM_VERB_SEND, 0));
        send(token);
    }
    assert_true(dropped(5, SIM_DROP_OVERRUN));
    assert_int_equal(rd(SOURCE_BASE + SOURCE_DATA), 1);
}

static void a_waiting_world_cannot_send_to_a_full_fifo(void **state)
{
    (void)state;
    struct sim_device_config config = bench_source(IRQ, SIM_REQUEST_HELD);

    config.full_wait = 1;
    config.fifo = 2;
    start_with(config);
    send(1);
    send(2);
    assert_false(sim_can_act(&bench.sim, dev, SIM_VERB_SEND, 0));
    rd(SOURCE_BASE + SOURCE_DATA);
    assert_true(sim_can_act(&bench.sim, dev, SIM_VERB_SEND, 0));
}

static void equal_contents_are_equal_bytes(void **state)
{
    (void)state;
    static uint8_t straight[BENCH_BYTES];

    start(SIM_REQUEST_HELD);
    send(6);
    memcpy(straight, bench.bytes, bench.arena.size);
    start(SIM_REQUEST_HELD);
    send(5);
    send(6);
    rd(SOURCE_BASE + SOURCE_DATA);
    assert_memory_equal(bench.bytes, straight, bench.arena.size);
}

static void a_posted_write_arrives_later_or_with_the_next_read(void **state)
{
    (void)state;
    struct sim_device_config config = bench_source(IRQ, SIM_REQUEST_LATCHED);

    config.posted_ns = 500;
    start_with(config);
    send(1);
    wr(SOURCE_BASE + SOURCE_ACK, 0);
    assert_true(asks());
    assert_int_equal(sim_timer_ns(&bench.sim, dev), 500);
    sim_timer_fire(&bench.sim, dev);
    assert_false(asks());
    assert_int_equal(sim_timer_ns(&bench.sim, dev), 0);
    send(2);
    wr(SOURCE_BASE + SOURCE_ACK, 0);
    assert_int_equal(rd(SOURCE_BASE + SOURCE_STATUS), 0);
    for (unsigned i = 0; i < 2 * SIM_POSTED_MAX; i++)
        wr(SOURCE_BASE + SOURCE_ENABLE, i & 1);
    assert_int_equal(rd(SOURCE_BASE + SOURCE_ENABLE), 1);
}

static void nothing_a_guest_writes_breaks_it(void **state)
{
    (void)state;
    uint32_t seed = 42;
    unsigned token = 0;

    start(SIM_REQUEST_LATCHED);
    for (unsigned i = 0; i < 100000; i++) {
        uint32_t what = bench_random(&seed);
        uint32_t address = SOURCE_BASE + (what >> 8) % 0x20;
        unsigned size = what >> 16 & 7;
        bench_forget();
        if (what % 3 == 0)
            sim_read(&bench.sim, 0, address, size);
        else if (what % 3 == 1)
            sim_write(&bench.sim, 0, address, size, bench_random(&seed), 0);
        else
            send(token = token % 255 + 1);
        assert_true(rd(SOURCE_BASE + SOURCE_COUNT) <= 4);
        assert_int_equal(rd(SOURCE_BASE + SOURCE_STATUS), asks());
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_register_resets_as_its_row_says),
        cmocka_unit_test(tokens_come_out_in_the_order_they_went_in),
        cmocka_unit_test(held_asks_while_it_holds_a_token),
        cmocka_unit_test(latched_asks_until_acknowledged_and_keeps_its_tokens),
        cmocka_unit_test(a_pulse_lasts_its_time_after_the_latest_arrival),
        cmocka_unit_test(enable_gates_the_request_not_the_fifo),
        cmocka_unit_test(a_full_fifo_drops_the_youngest),
        cmocka_unit_test(a_waiting_world_cannot_send_to_a_full_fifo),
        cmocka_unit_test(equal_contents_are_equal_bytes),
        cmocka_unit_test(a_posted_write_arrives_later_or_with_the_next_read),
        cmocka_unit_test(nothing_a_guest_writes_breaks_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
