/* tests/unit/test_sim_arena.c - the block of bytes that is the state of a run. */
#include "tests/unit/test_sim_fixture.h"

static void objects_lie_where_their_class_and_alignment_say(void **state)
{
    (void)state;
    struct sim_arena arena = {0};
    sim_ref byte = sim_arena_add(&arena, SIM_HOT, 1, 1, "a", "byte");
    sim_ref word = sim_arena_add(&arena, SIM_HOT, 4, 4, "a", "word");
    sim_ref cold = sim_arena_add(&arena, SIM_COLD, 8, 8, "a", "cold");
    _Alignas(8) uint8_t bytes[64];

    memset(bytes, 0xee, sizeof(bytes));
    sim_arena_seal(&arena);
    sim_arena_place(&arena, bytes);
    assert_int_equal(arena.size, 16);
    assert_ptr_equal(sim_arena_at(&arena, word), bytes);
    assert_ptr_equal(sim_arena_at(&arena, byte), bytes + 4);
    assert_ptr_equal(sim_arena_at(&arena, cold), bytes + 8);
    for (unsigned i = 0; i < arena.size; i++)
        assert_int_equal(bytes[i], 0);
    assert_int_equal(bytes[arena.size], 0xee);
}

static void the_widest_objects_lie_first_so_that_none_is_padded(void **state)
{
    (void)state;
    struct sim_arena arena = {0};

    for (unsigned i = 0; i < 4; i++) {
        sim_arena_add(&arena, SIM_HOT, 1, 1, "a", "byte");
        sim_arena_add(&arena, SIM_HOT, 8, 8, "a", "long");
        sim_arena_add(&arena, SIM_HOT, 0, 8, "a", "nothing");
    }
    sim_arena_seal(&arena);
    assert_int_equal(arena.fill[SIM_HOT], 4 * 9);
}

static void an_object_larger_than_a_cache_line_is_listed_in_pieces(void **state)
{
    (void)state;
    static struct sim_component list[SIM_COMPONENTS_MAX];
    struct sim_arena arena = {.list = list};

    sim_arena_add(&arena, SIM_COLD, 8, 8, "pad", 0);
    sim_arena_add(&arena, SIM_COLD, 130, 1, "keys", "queue");
    sim_arena_seal(&arena);
    assert_int_equal(arena.count, 4);
    assert_string_equal(list[1].name, "keys.queue");
    assert_string_equal(list[2].name, "keys.queue+64");
    assert_string_equal(list[3].name, "keys.queue+128");
    assert_int_equal(list[3].offset, 8 + 128);
    assert_int_equal(list[3].size, 2);
}

static void a_name_that_is_too_long_is_cut_and_ended(void **state)
{
    (void)state;
    static struct sim_component list[SIM_COMPONENTS_MAX];
    struct sim_arena arena = {.list = list};

    sim_arena_add(&arena, SIM_HOT, 200, 1, "a_driver_with_a_very_long_name_indeed", "queue");
    for (unsigned i = 0; i < arena.count; i++)
        assert_true(strlen(list[i].name) < SIM_NAME_BYTES);
}

static void the_state_of_two_sources_on_one_line_fits_24_bytes(void **state)
{
    (void)state;
    bench_clear(SIM_MACHINE_TEXTBOOK);
    struct sim_device_config a = bench_source(5, SIM_REQUEST_HELD);
    a.tokens = 2;
    bench_add(a);
    struct sim_device_config b = bench_source(5, SIM_REQUEST_HELD);
    b.tokens = 1;
    bench_add(b);
    bench_start();
    assert_true(bench.arena.fill[SIM_HOT] <= 24);
}

static void a_copy_of_the_bytes_is_a_copy_of_the_machine(void **state)
{
    (void)state;
    static uint8_t before[BENCH_BYTES];
    static uint8_t after[BENCH_BYTES];

    bench_clear(SIM_MACHINE_VIRT);
    sim_dev_id a = bench_add(bench_source(5, SIM_REQUEST_LATCHED));
    sim_dev_id wire = bench_add(bench_line(5));
    bench_start();
    act(a, SIM_VERB_SEND, 1);
    memcpy(before, bench.bytes, bench.arena.size);
    act(wire, SIM_VERB_SEND, 2);
    wr(VIRT_GICD_BASE + GICD_ISENABLER + 4, 1u << 5);
    memcpy(after, bench.bytes, bench.arena.size);
    memcpy(bench.bytes, before, bench.arena.size);
    act(wire, SIM_VERB_SEND, 2);
    wr(VIRT_GICD_BASE + GICD_ISENABLER + 4, 1u << 5);
    assert_memory_equal(bench.bytes, after, bench.arena.size);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_lie_where_their_class_and_alignment_say),
        cmocka_unit_test(the_widest_objects_lie_first_so_that_none_is_padded),
        cmocka_unit_test(an_object_larger_than_a_cache_line_is_listed_in_pieces),
        cmocka_unit_test(a_name_that_is_too_long_is_cut_and_ended),
        cmocka_unit_test(the_state_of_two_sources_on_one_line_fits_24_bytes),
        cmocka_unit_test(a_copy_of_the_bytes_is_a_copy_of_the_machine),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
