/* tests/unit/test_loop_core.c - the iterator by itself: no kernel, no clock but the test's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/errno.h"
#include "loop/core.h"

enum { SOURCES = 400, DESCRIPTORS = 32, MANY = 1000 };

struct bench {
    struct loop_core core;
    struct loop_slot slots[SOURCES];
    struct loop_due heap[SOURCES];
    uint32_t place[SOURCES];
    struct loop_fd fds[DESCRIPTORS];
};

static struct bench bench;

static int set_up(void **state)
{
    struct loop_arrays at = {.slots = bench.slots,
                             .heap = bench.heap,
                             .place = bench.place,
                             .sources = SOURCES,
                             .fds = bench.fds,
                             .descriptors = DESCRIPTORS};

    memset(&bench, 0, sizeof(bench));
    loop_core_init(&bench.core, &at, 0);
    *state = &bench.core;
    return 0;
}

/* Applies all changes; returns how many there were. */
static unsigned tell_kernel(struct loop_core *core)
{
    struct loop_change change;
    unsigned n = 0;

    while (loop_change(core, &change))
        n++;
    return n;
}

static void report(struct loop_core *core, int fd, unsigned events)
{
    struct loop_result result = {events, fd, core->at.fds[fd].tag};

    loop_feed(core, core->clock_ns, &result, 1);
}

static void expect_next(struct loop_core *core, loop_id id, unsigned events)
{
    struct loop_ready ready;

    assert_true(loop_next(core, &ready));
    assert_int_equal(ready.id, id);
    assert_int_equal(ready.events, events);
}

static void expect_nothing(struct loop_core *core)
{
    struct loop_ready ready;

    assert_false(loop_next(core, &ready));
}

static void several_changes_between_two_waits_are_one(void **state)
{
    struct loop_core *core = *state;
    struct loop_change change;
    loop_id in = loop_core_add_io(core, LOOP_IO, 3, LOOP_IN);
    loop_id out = loop_core_add_io(core, LOOP_IO, 3, LOOP_OUT);

    assert_true(loop_change(core, &change));
    assert_int_equal(change.op, LOOP_ADD);
    assert_int_equal(change.events, LOOP_IN | LOOP_OUT);
    assert_false(loop_change(core, &change));

    /* What came in between must be looked for again: one change, not two. */
    loop_core_set_events(core, out, 0);
    loop_core_set_events(core, out, LOOP_OUT);
    assert_true(loop_change(core, &change));
    assert_int_equal(change.op, LOOP_MOD);
    assert_int_equal(change.events, LOOP_IN | LOOP_OUT);
    assert_false(loop_change(core, &change));

    loop_core_set_events(core, out, 0);
    assert_true(loop_change(core, &change));
    assert_int_equal(change.op, LOOP_MOD);
    assert_int_equal(change.events, LOOP_IN);

    loop_core_remove(core, in);
    assert_true(loop_change(core, &change));
    assert_int_equal(change.op, LOOP_DEL);
}

static void each_source_of_a_descriptor_is_told_its_own_events(void **state)
{
    struct loop_core *core = *state;
    loop_id in = loop_core_add_io(core, LOOP_IO, 3, LOOP_IN);
    loop_id out = loop_core_add_io(core, LOOP_IO, 3, LOOP_OUT);

    tell_kernel(core);
    report(core, 3, LOOP_IN);
    expect_next(core, in, LOOP_IN);
    expect_nothing(core);
    report(core, 3, LOOP_OUT | LOOP_HUP);
    expect_next(core, out, LOOP_OUT | LOOP_HUP);
    expect_next(core, in, LOOP_HUP);
    expect_nothing(core);
}

static void removed_neighbour_is_not_told_any_more(void **state)
{
    struct loop_core *core = *state;
    loop_id id[3];
    struct loop_result results[3];

    for (int i = 0; i < 3; i++)
        id[i] = loop_core_add_io(core, LOOP_IO, 3 + i, LOOP_IN);
    tell_kernel(core);
    for (int i = 0; i < 3; i++)
        results[i] = (struct loop_result){LOOP_IN, 3 + i, core->at.fds[3 + i].tag};
    loop_feed(core, 0, results, 3);

    expect_next(core, id[0], LOOP_IN);
    assert_int_equal(loop_core_remove(core, id[1]), 0);
    /* Its slot serves somebody else at once; the old id means nobody. */
    assert_int_equal(loop_core_remove(core, id[1]), -DRV_ENOENT);
    loop_id other = loop_core_add_io(core, LOOP_IO, 4, LOOP_IN);
    assert_int_not_equal(other, id[1]);
    assert_int_equal(loop_core_remove(core, id[1]), -DRV_ENOENT);
    expect_next(core, id[2], LOOP_IN);
    expect_nothing(core);
}

static void report_of_an_earlier_registration_is_stale(void **state)
{
    struct loop_core *core = *state;
    loop_id id = loop_core_add_io(core, LOOP_IO, 3, LOOP_IN);
    struct loop_result result;

    tell_kernel(core);
    result = (struct loop_result){LOOP_IN, 3, core->at.fds[3].tag};
    loop_core_remove(core, id);
    tell_kernel(core);
    loop_core_add_io(core, LOOP_IO, 3, LOOP_IN);
    tell_kernel(core);
    loop_feed(core, 0, &result, 1);
    expect_nothing(core);
    assert_int_equal(core->stale, 1);
}

static void best_priority_comes_first_then_first_come(void **state)
{
    struct loop_core *core = *state;
    struct loop_result results[3];
    loop_id id[3];

    for (int i = 0; i < 3; i++)
        id[i] = loop_core_add_io(core, LOOP_IO, 3 + i, LOOP_IN);
    assert_int_equal(loop_core_set_priority(core, id[2], 0), 0);
    tell_kernel(core);
    for (int i = 0; i < 3; i++)
        results[i] = (struct loop_result){LOOP_IN, 3 + i, core->at.fds[3 + i].tag};
    loop_feed(core, 0, results, 3);
    expect_next(core, id[2], LOOP_IN);
    expect_next(core, id[0], LOOP_IN);
    expect_next(core, id[1], LOOP_IN);
    assert_int_equal(loop_core_set_priority(core, id[1], LOOP_PRIORITIES), -DRV_EINVAL);
}

static void spent_budget_brings_the_source_back_behind_the_others(void **state)
{
    struct loop_core *core = *state;
    loop_id greedy = loop_core_add_io(core, LOOP_IO, 3, LOOP_IN);
    loop_id modest = loop_core_add_io(core, LOOP_IO, 4, LOOP_IN);

    tell_kernel(core);
    loop_core_set_budget(core, greedy, 2);
    report(core, 3, LOOP_IN);
    expect_next(core, greedy, LOOP_IN);
    assert_true(loop_take(core, greedy));
    assert_true(loop_take(core, greedy));
    assert_false(loop_take(core, greedy));
    /* The turn ends though it has more to take; the next one does not sleep. */
    expect_nothing(core);
    assert_int_equal(loop_prepare(core, 0), 0);
    report(core, 4, LOOP_IN);
    expect_next(core, modest, LOOP_IN);
    expect_next(core, greedy, LOOP_IN);
    assert_true(loop_take(core, greedy));
    expect_nothing(core);
    assert_int_equal(loop_prepare(core, 0), -1);
}

static void paused_source_forgets_what_it_was_to_be_told(void **state)
{
    struct loop_core *core = *state;
    loop_id id = loop_core_add_io(core, LOOP_IO, 3, LOOP_IN);

    tell_kernel(core);
    report(core, 3, LOOP_IN);
    loop_core_set_events(core, id, 0);
    expect_nothing(core);
    assert_int_equal(core->active, 0);
    /* Registered with no events it would still report hang-ups: it is taken out. */
    struct loop_change change;
    assert_true(loop_change(core, &change));
    assert_int_equal(change.op, LOOP_DEL);
}

static void oneshot_report_is_armed_again_before_the_next_wait(void **state)
{
    struct loop_core *core = *state;
    loop_id id = loop_core_add_io(core, LOOP_IO, 3, LOOP_IN);
    struct loop_change change;

    tell_kernel(core);
    report(core, 3, LOOP_IN | LOOP_DISARMED);
    expect_next(core, id, LOOP_IN);
    assert_true(loop_change(core, &change));
    assert_int_equal(change.op, LOOP_MOD);
    assert_false(loop_change(core, &change));
}

static void lost_descriptor_is_told_once_and_paused(void **state)
{
    struct loop_core *core = *state;
    loop_id id = loop_core_add_io(core, LOOP_IO, 3, LOOP_IN);

    tell_kernel(core);
    report(core, 3, LOOP_GONE);
    expect_next(core, id, LOOP_GONE);
    expect_nothing(core);
    assert_int_equal(tell_kernel(core), 0);
    assert_int_equal(core->active, 0);
    assert_int_equal(loop_core_set_events(core, id, LOOP_IN), 0);
    assert_int_equal(tell_kernel(core), 1);
}

static void hooks_come_in_their_places_of_a_turn(void **state)
{
    struct loop_core *core = *state;
    loop_id prepare = loop_core_add(core, LOOP_PREPARE, -1);
    loop_id idle = loop_core_add(core, LOOP_IDLE, -1);
    loop_id check = loop_core_add(core, LOOP_CHECK, -1);
    loop_id io = loop_core_add_io(core, LOOP_IO, 3, LOOP_IN);

    tell_kernel(core);
    expect_next(core, prepare, LOOP_DUE);
    expect_nothing(core);
    assert_int_equal(loop_prepare(core, 0), 0); /* somebody waits to be idle */
    report(core, 3, LOOP_IN);
    loop_core_set_priority(core, io, 0);
    expect_next(core, check, LOOP_DUE);
    expect_next(core, io, LOOP_IN);
    expect_next(core, prepare, LOOP_DUE);
    expect_nothing(core);
    loop_feed(core, 0, 0, 0);
    expect_next(core, check, LOOP_DUE);
    expect_next(core, idle, LOOP_DUE);
    expect_next(core, prepare, LOOP_DUE);
    expect_nothing(core);
}

static void timer_without_period_is_gone_once_it_was_told(void **state)
{
    struct loop_core *core = *state;
    loop_id id = loop_core_add_timer(core, 10, 0);

    assert_int_equal(loop_prepare(core, 4), 6);
    loop_feed(core, 9, 0, 0);
    expect_nothing(core);
    loop_feed(core, 10, 0, 0);
    expect_next(core, id, LOOP_DUE);
    /* Within its callback it can still be set again ... */
    assert_int_equal(loop_core_set_timer(core, id, 5, 0), 0);
    expect_nothing(core);
    loop_feed(core, 15, 0, 0);
    expect_next(core, id, LOOP_DUE);
    expect_nothing(core);
    /* ... afterwards it is nobody. */
    assert_int_equal(loop_core_set_timer(core, id, 5, 0), -DRV_ENOENT);
    assert_int_equal(core->active, 0);
}

static void missed_periods_are_told_as_one(void **state)
{
    struct loop_core *core = *state;
    loop_id id = loop_core_add_timer(core, 10, 10);

    loop_feed(core, 57, 0, 0);
    expect_next(core, id, LOOP_DUE);
    expect_nothing(core);
    assert_int_equal(loop_prepare(core, 57), 3);
}

static void clock_that_goes_back_delays_nobody(void **state)
{
    struct loop_core *core = *state;
    loop_id id;

    loop_core_advance(core, 1000);
    id = loop_core_add_timer(core, 50, 0);
    assert_int_equal(loop_prepare(core, 1020), 30);
    /* An hour back: 30 are still left, counted from here. */
    assert_int_equal(loop_prepare(core, 500), 30);
    loop_feed(core, 530, 0, 0);
    expect_next(core, id, LOOP_DUE);
}

static void clock_that_leaps_tells_each_timer_once(void **state)
{
    struct loop_core *core = *state;
    loop_id once = loop_core_add_timer(core, 10, 0);
    loop_id often = loop_core_add_timer(core, 20, 1);

    loop_feed(core, UINT64_MAX / 2, 0, 0);
    expect_next(core, once, LOOP_DUE);
    expect_next(core, often, LOOP_DUE);
    expect_nothing(core);
    assert_int_equal(loop_prepare(core, UINT64_MAX / 2), 1);
}

static void full_table_is_an_error(void **state)
{
    struct loop_core *core = *state;
    loop_id last = 0;

    for (int i = 0; i < SOURCES - LOOP_HEADS; i++)
        last = loop_core_add_timer(core, 1, 0);
    assert_true(last > 0);
    assert_int_equal(loop_core_add_timer(core, 1, 0), -DRV_ENOSPC);
    assert_int_equal(loop_core_add_io(core, LOOP_IO, 3, LOOP_IN), -DRV_ENOSPC);
    loop_core_remove(core, last);
    assert_true(loop_core_add_io(core, LOOP_IO, 3, LOOP_IN) > 0);
    assert_int_equal(loop_core_add_io(core, LOOP_IO, -1, LOOP_IN), -DRV_EBADF);
    assert_int_equal(loop_core_add_io(core, LOOP_IO, DESCRIPTORS, LOOP_IN), -DRV_EMFILE);
    assert_int_equal(loop_core_add_io(core, LOOP_IO, 3, LOOP_HUP), -DRV_EINVAL);
}

/* Against the plainest model there is: a table that is searched from end to end. */
static void timers_come_in_the_order_of_their_deadlines(void **state)
{
    static uint64_t due[SOURCES];
    struct loop_core *core = *state;
    loop_id id[SOURCES] = {0};
    uint32_t seed = 1, dead = 0;
    uint64_t now = 0;

    memset(due, 0, sizeof(due));
    for (int step = 0; step < 20 * MANY; step++) {
        struct loop_ready ready;

        seed = seed * 1664525u + 1013904223u;
        unsigned which = (seed >> 24) % (SOURCES - LOOP_HEADS), delay = 1 + (seed >> 8) % 2000;
        if (due[which] == 0) {
            id[which] = loop_core_add_timer(core, delay, 0);
            due[which] = now + delay + 1;
        } else if (seed & 0x40) {
            assert_int_equal(loop_core_set_timer(core, id[which], delay, 0), 0);
            due[which] = now + delay + 1;
        } else {
            assert_int_equal(loop_core_remove(core, id[which]), 0);
            due[which] = 0;
        }
        dead = core->dead > dead ? core->dead : dead;
        now += (seed >> 4) % 8;
        loop_feed(core, now, 0, 0);
        uint64_t before = 0;
        while (loop_next(core, &ready)) {
            unsigned k = 0;

            while (id[k] != ready.id || due[k] == 0)
                k++;
            assert_true(due[k] - 1 <= now && due[k] >= before);
            before = due[k];
            due[k] = 0;
        }
        for (unsigned k = 0; k < SOURCES; k++)
            assert_true(due[k] == 0 || due[k] - 1 > now);
    }
    assert_true(dead > 10); /* the heap was large enough to have dead entries */
    for (unsigned k = 0; k < SOURCES; k++)
        loop_core_remove(core, id[k]);
    assert_int_equal(core->timers, 0);
}

#define CASE(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(several_changes_between_two_waits_are_one),
        CASE(each_source_of_a_descriptor_is_told_its_own_events),
        CASE(removed_neighbour_is_not_told_any_more),
        CASE(report_of_an_earlier_registration_is_stale),
        CASE(best_priority_comes_first_then_first_come),
        CASE(spent_budget_brings_the_source_back_behind_the_others),
        CASE(paused_source_forgets_what_it_was_to_be_told),
        CASE(oneshot_report_is_armed_again_before_the_next_wait),
        CASE(lost_descriptor_is_told_once_and_paused),
        CASE(hooks_come_in_their_places_of_a_turn),
        CASE(timer_without_period_is_gone_once_it_was_told),
        CASE(missed_periods_are_told_as_one),
        CASE(clock_that_goes_back_delays_nobody),
        CASE(clock_that_leaps_tells_each_timer_once),
        CASE(full_table_is_an_error),
        CASE(timers_come_in_the_order_of_their_deadlines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
