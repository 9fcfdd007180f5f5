/* tests/unit/test_sim_virtio.c - a block device behind virtio over MMIO. */
#include "sim/regs/virtio_mmio.h"
#include "tests/unit/test_sim_fixture.h"

enum { IRQ = 5, BASE = 0x0a000000, FIRST_TOKEN = 40, SERVICE_NS = 100 };

static sim_dev_id dev;

/* @service_ns: 0 if the world finishes the requests. */
static void start(uint32_t service_ns)
{
    bench_clear(SIM_MACHINE_TEXTBOOK);
    dev = bench_add((struct sim_device_config){.model = SIM_MODEL_VIRTIO,
                                               .trigger = SIM_TRIGGER_LEVEL,
                                               .irq = IRQ,
                                               .base = BASE,
                                               .tick = FIRST_TOKEN,
                                               .tokens = VIRTIO_QUEUE_MOST,
                                               .pulse_ns = service_ns});
    bench_start();
}

static void make_ready(uint32_t base)
{
    wr(base + VIRTIO_QueueReady, 1);
    wr(base + VIRTIO_Status,
       VIRTIO_S_ACKNOWLEDGE | VIRTIO_S_DRIVER | VIRTIO_S_FEATURES_OK | VIRTIO_S_DRIVER_OK);
}

static bool asks(void)
{
    return sim_line_asserted_by(&bench.sim, dev);
}

static bool can_finish(uint32_t request)
{
    return sim_can_act(&bench.sim, dev, SIM_VERB_FINISH, request);
}

static void finish(uint32_t request)
{
    sim_act(&bench.sim, dev, SIM_VERB_FINISH, request, 0);
}

static void every_register_resets_as_its_row_says(void **state)
{
    (void)state;
    unsigned count;
    const struct sim_register *rows = sim_registers(SIM_MODEL_VIRTIO, &count);

    start(0);
    assert_int_equal(count, 24);
    probe_registers(BASE, rows, count);
}

static void a_request_counts_only_when_the_driver_is_ready(void **state)
{
    (void)state;

    start(0);
    wr(BASE + VIRTIO_QueueNotify, 0);
    assert_false(can_finish(0));
    make_ready(BASE);
    wr(BASE + VIRTIO_QueueNotify, 1); /* there is one queue */
    assert_false(can_finish(0));
    wr(BASE + VIRTIO_QueueNotify, 0);
    assert_true(can_finish(0));
    assert_true(can_finish(1));
    assert_false(can_finish(2));
}

static void the_used_ring_keeps_what_the_status_bit_forgets(void **state)
{
    (void)state;

    start(0);
    make_ready(BASE);
    for (unsigned i = 0; i < 3; i++)
        wr(BASE + VIRTIO_QueueNotify, 0);
    finish(2);
    assert_true(asks());
    finish(0);
    assert_int_equal(rd(BASE + VIRTIO_InterruptStatus), VIRTIO_INT_USED);
    wr(BASE + VIRTIO_InterruptACK, VIRTIO_INT_USED);
    assert_false(asks());
    assert_true(sim_dev_holds(&bench.sim, dev, FIRST_TOKEN));
    assert_int_equal(sim_arrival(&bench.sim, dev, 0), FIRST_TOKEN + 1);
    assert_int_equal(sim_arrival(&bench.sim, dev, 0), FIRST_TOKEN);
    assert_int_equal(sim_arrival(&bench.sim, dev, 0), 0);
    assert_true(can_finish(3));
}

static void requests_are_served_one_after_the_other(void **state)
{
    (void)state;

    start(SERVICE_NS);
    make_ready(BASE);
    assert_int_equal(sim_timer_ns(&bench.sim, dev), 0);
    wr(BASE + VIRTIO_QueueNotify, 0);
    wr(BASE + VIRTIO_QueueNotify, 0);
    assert_int_equal(sim_timer_ns(&bench.sim, dev), SERVICE_NS);
    sim_timer_fire(&bench.sim, dev);
    assert_int_equal(sim_timer_ns(&bench.sim, dev), SERVICE_NS);
    sim_timer_fire(&bench.sim, dev);
    assert_int_equal(sim_timer_ns(&bench.sim, dev), 0);
    assert_int_equal(sim_arrival(&bench.sim, dev, 0), FIRST_TOKEN);
}

static void a_reset_forgets_what_was_under_way_but_no_number(void **state)
{
    (void)state;

    start(0);
    make_ready(BASE);
    wr(BASE + VIRTIO_QueueNotify, 0);
    wr(BASE + VIRTIO_QueueNotify, 0);
    finish(1);
    wr(BASE + VIRTIO_Status, 0);
    assert_false(asks());
    assert_false(can_finish(0));
    assert_false(sim_dev_holds(&bench.sim, dev, FIRST_TOKEN));
    make_ready(BASE);
    wr(BASE + VIRTIO_QueueNotify, 0);
    assert_true(can_finish(3));
}

static void transports_that_share_a_page_are_told_apart(void **state)
{
    (void)state;
    const uint32_t second = BASE + VIRTIO_BYTES;

    bench_clear(SIM_MACHINE_TEXTBOOK);
    dev = bench_add((struct sim_device_config){
        .model = SIM_MODEL_VIRTIO, .irq = IRQ, .base = BASE, .tick = 1, .tokens = 1});
    bench_add((struct sim_device_config){
        .model = SIM_MODEL_VIRTIO, .irq = IRQ + 1, .base = second, .tick = 20, .tokens = 1});
    bench_start();
    make_ready(second);
    assert_int_equal(rd(BASE + VIRTIO_Status), 0);
    assert_int_equal(rd(second + VIRTIO_MagicValue), VIRTIO_MAGIC_VALUE);
    wr(second + VIRTIO_QueueNotify, 0);
    assert_false(can_finish(0));
    dev++;
    assert_true(can_finish(0));
    assert_int_equal(rd(second + VIRTIO_BYTES), 0); /* nobody's */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_register_resets_as_its_row_says),
        cmocka_unit_test(a_request_counts_only_when_the_driver_is_ready),
        cmocka_unit_test(the_used_ring_keeps_what_the_status_bit_forgets),
        cmocka_unit_test(requests_are_served_one_after_the_other),
        cmocka_unit_test(a_reset_forgets_what_was_under_way_but_no_number),
        cmocka_unit_test(transports_that_share_a_page_are_told_apart),
    };

    return cmocka_run_group_tests(tests, 0, 0);
}
