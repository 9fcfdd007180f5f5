/* tests/unit/test_lab_script.c - call scripts, and the set of what can come of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lab/facts.h"
#include "lab/script_model.h"

static struct lab_fact_script made;
static struct lab_model_outcomes outcomes;

/* Reads the lines (the last one is 0); the first error, or 0. */
static const char *read_lines(const char *const *lines)
{
    static struct lab_script_error error;

    memset(&made, 0, sizeof(made));
    for (unsigned i = 0; lines[i]; i++)
        if (!lab_fact_script_line(&made, lines[i], i + 1, &error))
            return error.text;
    return 0;
}

static void a_line_is_printed_as_it_was_read(void **state)
{
    static const char *const lines[] = {
        "pipe(r, w, O_NONBLOCK)",
        "b: e = eventfd(3, 1)",
        "epoll_ctl(e, EPOLL_CTL_ADD, r, EPOLLIN|EPOLLET|EPOLLONESHOT)",
        "c: poll({r, POLLIN|POLLHUP}, {w, POLLOUT}, 20ms)",
        "select({r, w}, {}, -1)",
        "3 x write(w, \"abc\") ||",
        "b: epoll_wait(e, 16, 0)",
        "b: expire()",
        0,
    };
    char text[LAB_SEEN_TEXT];

    (void)state;
    assert_null(read_lines(lines));
    for (unsigned i = 0; lines[i]; i++) {
        const char *expected = lines[i];
        lab_op_text(&made.script, &made.script.op[i], text, sizeof(text));
        assert_string_equal(strncmp(text, "a: ", 3) == 0 ? text + 3 : text, expected);
    }
}

static void what_is_no_script_is_told_with_its_place(void **state)
{
    static const struct {
        const char *line, *error;
    } wrong[] = {
        {"gibberish(1)", "scripts have no call 'gibberish'"},
        {"read(r, 1)", "no variable and no flag 'r'"},
        {"pipe(r)", "pipe() needs more arguments"},
        {"pipe(r, w", "expected ',' or ')'"},
        {"close()", "close() needs more arguments"},
        {"eventfd(0) -> ", "no outcome, or too many"},
        {"eventfd(0) 1", "expected -> and what may come of it"},
        {"0 x eventfd(0)", "expected 'N x CALL'"},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        const char *lines[] = {wrong[i].line, 0};
        const char *error = read_lines(lines);
        assert_non_null(error);
        assert_non_null(strstr(error, wrong[i].error));
    }
}

static void several_orders_are_several_outcomes(void **state)
{
    static const char *const lines[] = {
        "e = eventfd(0)", "b: read(e)", "c: read(e)", "write(e, 1) -> 8, c: 1 | 8, b: 1", 0,
    };
    struct lab_model_set *set;

    (void)state;
    assert_null(read_lines(lines));
    assert_int_equal(made.allowed[3].count, 2);
    set = lab_model_set_new(&made.script, &lab_model_room_default);
    assert_non_null(set);
    for (unsigned i = 0; i < 4; i++)
        lab_model_set_run(set, i, &outcomes);
    assert_int_equal(outcomes.count, 2);
    assert_string_equal(outcomes.text[0], "8, b: 1");
    assert_string_equal(outcomes.text[1], "8, c: 1");
    assert_int_equal(lab_model_set_count(set), 2);
    assert_true(lab_model_set_keep(set, "8, c: 1"));
    assert_int_equal(lab_model_set_count(set), 1);
    assert_false(lab_model_set_keep(set, "8, d: 1"));
    lab_model_set_free(set);
}

static void facts_hold_for_their_versions(void **state)
{
    struct lab_fact fact = {.since = "5.5", .until = "5.13"};

    (void)state;
    assert_true(lab_fact_is_for(&fact, "5.10.0-28-amd64"));
    assert_false(lab_fact_is_for(&fact, "5.4.0"));
    assert_false(lab_fact_is_for(&fact, "6.1.0"));
}

static void every_fact_can_be_read(void **state)
{
    const struct lab_fact_line *cursor = lab_fact_lines;
    static struct lab_fact fact;
    struct lab_script_error error;
    unsigned facts = 0;

    (void)state;
    while (lab_fact_next(&cursor, &fact, &error)) {
        facts++;
        for (unsigned i = 0; i < fact.cases; i++)
            assert_true(lab_fact_script(&fact, i, &made, &error));
        assert_true(fact.needs[0] || made.script.ops > 0);
    }
    assert_string_equal(error.text, "");
    assert_true(facts >= 150);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_printed_as_it_was_read),
        cmocka_unit_test(what_is_no_script_is_told_with_its_place),
        cmocka_unit_test(several_orders_are_several_outcomes),
        cmocka_unit_test(facts_hold_for_their_versions),
        cmocka_unit_test(every_fact_can_be_read),
    };

    return cmocka_run_group_tests(tests, 0, 0);
}
