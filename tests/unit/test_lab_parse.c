/*
 * tests/unit/test_lab_parse.c - the language's front end: trees, knobs, tokens, tables, limits.
 *
 * The texts of errors are tested by test_lab_errors.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/core/check.h"
#include "lab/core/names.h"
#include "lab/core/parse.h"
#include "lab/core/scenario.h"

enum { POOL_SIZE = 16 << 20 };

static char memory[POOL_SIZE];
static struct lab_scenario s;
static struct lab_diags diags;

static int parse_bytes(const char *text, size_t length)
{
    struct lab_pool pool = {memory, sizeof memory, 0};
    static struct lab_pool kept;

    kept = pool;
    lab_diags_init(&diags);
    return lab_parse(&s, &kept, "test.lab", text, length, &diags);
}

static int parse(const char *text)
{
    return parse_bytes(text, strlen(text));
}

static int check_point(uint32_t number)
{
    struct lab_point point;

    lab_points_at(&s, number, &point);
    return lab_check(&s, &point, &diags);
}

/* Parses and checks at the first point; prints what was wrong. */
static void good(const char *text)
{
    int result = parse(text);

    if (result == 0) {
        result = check_point(0);
    }
    if (result != 0) {
        print_error("%s\n", diags.item[0].message);
    }
    assert_int_equal(result, 0);
}

static unsigned token(const char *name)
{
    for (unsigned i = 1; i <= s.token_count; i++) {
        if (strcmp(lab_name(&s, s.tokens[i].name), name) == 0) {
            return i;
        }
    }
    return 0;
}

static const struct lab_variable *variable(const char *name)
{
    for (unsigned i = 0; i < s.variable_count; i++) {
        if (strcmp(lab_name(&s, s.variables[i].name), name) == 0) {
            return &s.variables[i];
        }
    }
    return NULL;
}

/* The first node of a kind. */
static const struct lab_node *find(enum lab_node_kind kind)
{
    for (lab_node_id i = 1; i < s.node_count; i++) {
        if (s.nodes[i].kind == kind) {
            return &s.nodes[i];
        }
    }
    return NULL;
}

static int64_t value_of(const char *expression)
{
    char text[256];
    struct lab_value value = {0};

    snprintf(text, sizeof text, "task t { x = %s; }", expression);
    assert_int_equal(parse(text), 0);
    memset(&s.point, 0, sizeof s.point);
    assert_true(lab_const_eval(&s, s.nodes[find(LAB_N_ASSIGN)->first].next, &diags, &value));
    return value.number;
}

/* ---- expressions ---- */

static void operators_bind_as_in_c(void **state)
{
    (void)state;
    assert_int_equal(value_of("2 + 3 * 4"), 14);
    assert_int_equal(value_of("(2 + 3) * 4"), 20);
    assert_int_equal(value_of("10 - 4 - 3"), 3);
    assert_int_equal(value_of("1 | 6 & 3 ^ 4"), 1 | ((6 & 3) ^ 4));
    assert_int_equal(value_of("1 << 2 + 1"), 8);
    assert_int_equal(value_of("1 < 2 == 1"), 1);
    assert_int_equal(value_of("0 || 1 && 0"), 0);
    assert_int_equal(value_of("1 ? 2 : 0 ? 3 : 4"), 2);
    assert_int_equal(value_of("-!~0"), 0);
    assert_int_equal(value_of("'a' + '\\n' + '\\x01'"), 'a' + '\n' + 1);
    assert_int_equal(value_of("4us + 1ns"), 4001);
    assert_int_equal(value_of("EPOLLIN | EPOLLET"), 0x80000001);
    assert_int_equal(value_of("-EAGAIN"), -11);
}

static void arithmetic_wraps_around_and_never_traps(void **state)
{
    (void)state;
    assert_true(value_of("9223372036854775807 + 1") == INT64_MIN);
    assert_true(value_of("(-9223372036854775807 - 1) / -1") == INT64_MIN);
    assert_int_equal(value_of("(-9223372036854775807 - 1) % -1"), 0);
    assert_int_equal(value_of("-8 >> 1"), -4);
    assert_int_equal(value_of("1 << 64"), 1);
    assert_int_equal(value_of("-7 / 2"), -3);
    assert_int_equal(value_of("-7 % 2"), -1);
    assert_int_equal(value_of("0 && 1 / 0"), 0);
}

static void spans_cover_what_was_written(void **state)
{
    const struct lab_node *node = NULL;

    (void)state;
    assert_int_equal(parse("task t {\n\tx = (1 + 2) * 3;\n}\n"), 0);
    node = find(LAB_N_ASSIGN);
    assert_int_equal(node->line, 2);
    assert_int_equal(node->column, 2);
    assert_int_equal(node->length, strlen("x = (1 + 2) * 3"));
    node = find(LAB_N_BINARY);
    assert_int_equal(node->op, LAB_OP_ADD);
    assert_int_equal(node->length, strlen("(1 + 2)"));
}

static void hyphened_words_are_words_and_others_are_subtractions(void **state)
{
    (void)state;
    good("machine virt-gicv3;");
    assert_int_equal(s.machine.id, LAB_MACHINE_VIRT_GICV3);
    good("task t { a = 3; b = 1; c = a-b; }");
    assert_int_equal(find(LAB_N_BINARY)->op, LAB_OP_SUB);
}

static void keywords_are_reserved_only_where_they_are_expected(void **state)
{
    (void)state;
    good("device timer = source { irq 5; }\n"
         "device at = source { irq 6; }\n"
         "driver driver for timer, at { irq { push(timer.DATA); } }\n"
         "task task { on = 1; timer = on; start = timer; x = open(\"driver\") + start; }\n"
         "world world { timer.send(repeat); at.send(after); at 3us: at.send(lost); }\n"
         "expect lost repeat;");
    assert_int_equal(s.action_count, 3);
    assert_int_equal(s.actions[2].when, LAB_WHEN_AT);
    assert_int_equal(s.actions[1].when, LAB_WHEN_NOW);
}

/* ---- knobs ---- */

static void the_first_knob_turns_slowest(void **state)
{
    struct lab_point point;
    char text[32];

    (void)state;
    assert_int_equal(parse("vary a = x, y; vary b = 1us .. 2us step 500ns;"), 0);
    assert_int_equal(lab_points_count(&s, &diags), 6);
    lab_points_at(&s, 4, &point);
    lab_value_text(&s, &point.value[0], text, sizeof text);
    assert_string_equal(text, "y");
    lab_value_text(&s, &point.value[1], text, sizeof text);
    assert_string_equal(text, "1500ns");
}

static void a_pin_leaves_one_value(void **state)
{
    struct lab_point point;

    (void)state;
    assert_int_equal(
        parse("vary a = edge, level; vary n = 1 .. 5 step 1; vary e = EPOLLIN | EPOLLET, 0;"),
        0);
    assert_int_equal(lab_pin(&s, "a=level", &diags), 0);
    assert_int_equal(lab_pin(&s, "n=77", &diags), 0);
    assert_int_equal(lab_pin(&s, "e=EPOLLIN|EPOLLET", &diags), 0);
    assert_int_equal(lab_points_count(&s, &diags), 1);
    lab_points_at(&s, 0, &point);
    assert_string_equal(lab_name(&s, point.value[0].name), "level");
    assert_int_equal(point.value[1].number, 77);
    assert_int_equal(point.value[2].number, 0x80000001);
}

static void a_pin_of_another_kind_or_an_unknown_word_is_refused(void **state)
{
    (void)state;
    assert_int_equal(parse("vary a = edge, level; vary n = 1, 2; vary t = 1us, 2us;"), 0);
    assert_int_equal(lab_pin(&s, "a=egde", &diags), -1);
    assert_int_equal(lab_pin(&s, "n=3us", &diags), -1);
    assert_int_equal(lab_pin(&s, "t=3", &diags), -1);
    assert_int_equal(lab_pin(&s, "b=1", &diags), -1);
    assert_int_equal(lab_pin(&s, "n", &diags), -1);
    assert_int_equal(diags.count, 5);
    assert_string_equal(diags.item[0].note, "one of: edge, level");
    assert_int_equal(lab_pin(&s, "n=-3", &diags), 0);
}

static void a_pin_may_leave_an_expectation_out(void **state)
{
    (void)state;
    assert_int_equal(parse("vary m = a, b; expect lost when m == b;"), 0);
    assert_int_equal(lab_pin(&s, "m=a", &diags), 0);
    assert_int_equal(check_point(0), 0);
    assert_false(s.expects[0].matches);
}

static void each_point_is_checked_on_its_own(void **state)
{
    (void)state;
    assert_int_equal(parse("vary who = virt, versatilepb, pc; machine $who;\n"
                           "device a = source { irq 11; trigger edge; }"),
                     0);
    assert_int_equal(check_point(0), 0);
    assert_int_equal(check_point(1), -1);
    assert_int_equal(check_point(1), -1);
    assert_int_equal(diags.count, 1);
    assert_int_equal(check_point(2), 0);
    assert_int_equal(s.machine.id, LAB_MACHINE_PC);
    assert_int_equal(s.drivers[0].flow, LAB_FLOW_EDGE);
}

/* ---- tokens ---- */

static void a_name_sent_again_is_numbered(void **state)
{
    (void)state;
    good("device a = source { irq 5; } world { a.send(x, y); repeat (2) { a.send(x); } }");
    assert_int_equal(s.token_count, 4);
    assert_int_equal(token("x"), 1);
    assert_int_equal(token("y"), 2);
    assert_int_equal(token("x2"), 3);
    assert_int_equal(token("x3"), 4);
    assert_int_equal(s.tokens[token("x")].byte, 0x80);
    assert_int_equal(s.tokens[token("x3")].byte, 0x83);
}

static void a_string_is_its_letters(void **state)
{
    (void)state;
    good("machine virt; device u = pl011; world { u.receive(\"hello 1\", z); }");
    assert_int_equal(s.tokens[token("h")].byte, 'h');
    assert_int_equal(s.tokens[token("l2")].byte, 'l');
    assert_int_equal(s.tokens[token("_20")].byte, ' ');
    assert_int_equal(s.tokens[token("_31")].byte, '1');
    assert_int_equal(s.tokens[token("z")].byte, 0x80);
    assert_int_equal(s.action_count, 8);
}

static void bytes_go_on_at_one_after_ff(void **state)
{
    (void)state;
    good("device a = source { irq 5; } world { repeat (255) { a.send(x); } }");
    assert_int_equal(s.token_count, 255);
    assert_int_equal(s.tokens[128].byte, 0xff);
    assert_int_equal(s.tokens[129].byte, 1);
    assert_int_equal(s.tokens[255].byte, 127);
}

static void a_bare_name_is_a_token_unless_it_is_a_variable(void **state)
{
    (void)state;
    good("task t { v = 3; write(1, v, w, 5); }");
    assert_int_equal(s.token_count, 1);
    assert_int_equal(token("w"), 1);
}

static void a_name_written_in_a_loop_keeps_numbers_for_each_time(void **state)
{
    (void)state;
    good("task t { write(1, x); while (1) { write(1, x, y); } }\n"
         "device a = source { irq 5; } world { a.send(z); }");
    assert_int_equal(s.token_count, 129);
    assert_int_equal(token("x64"), 64);
    assert_int_equal(token("y"), 65);
    assert_int_equal(s.tokens[token("x")].reserved, 64);
    assert_int_equal(s.tokens[token("x2")].reserved, 0);
    assert_int_equal(s.tokens[token("z")].reserved, 1);
    assert_int_equal(s.sent[0], token("x"));
    assert_int_equal(s.sent[1], token("x"));
    good("task t { while (1) { write(1, a, b, c, d, e); } }");
    assert_int_equal(s.tokens[token("e")].reserved, 51);
    assert_int_equal(s.token_count, 255);
}

static void timers_and_disks_bring_their_own_tokens(void **state)
{
    (void)state;
    good("limit ticks 3; machine versatilepb; device tick = sp804;");
    assert_int_equal(s.token_count, 3);
    assert_int_equal(s.devices[0].first_token, token("tick1"));
    assert_int_equal(s.devices[0].token_count, 3);
    good("machine virt; device disk = virtio; world { disk.finish(2); }");
    assert_int_equal(token("disk16"), 16);
}

/* ---- the tables ---- */

static void devices_without_a_driver_get_the_c_driver_of_their_model(void **state)
{
    (void)state;
    good("machine virt; device u = pl011; device s = source { irq 9; }\n"
         "driver d for s { } task t { open(\"u\"); open(\"d\"); }");
    assert_int_equal(s.driver_count, 2);
    assert_string_equal(lab_name(&s, s.drivers[s.devices[0].driver].name), "u");
    assert_int_equal(s.drivers[s.devices[0].driver].kind, LAB_DRIVER_BUILTIN);
    assert_int_equal(s.drivers[s.devices[0].driver].builtin, LAB_MODEL_PL011);
    assert_int_equal(s.devices[0].irq, 1);
    assert_int_equal(s.drivers[s.devices[1].driver].kind, LAB_DRIVER_SCENARIO);
}

static void variables_belong_to_task_start_block_or_driver(void **state)
{
    (void)state;
    good("device a = source { irq 5; }\n"
         "driver d for a { state st; irq { st = 1; x = st; y = x; } thread { x = 2; } }\n"
         "process p { start { sh = 1; ro = 2; } task t { sh = 3; x = sh + ro; } task u { x = "
         "1; } }");
    assert_int_equal(variable("st")->scope, LAB_SCOPE_STATE);
    assert_true(variable("st")->shared_write);
    assert_int_equal(variable("sh")->scope, LAB_SCOPE_PROCESS);
    assert_true(variable("sh")->shared_write);
    assert_false(variable("ro")->shared_write);
    assert_int_equal(variable("y")->slot, 1);
    assert_int_equal(variable("y")->scope, LAB_SCOPE_BLOCK);
    assert_int_equal(s.variable_count, 8);
}

static void registers_and_bits_resolve_to_offsets_and_masks(void **state)
{
    const struct lab_node *node = NULL;

    (void)state;
    good("machine virt; device u = pl011;\n"
         "driver d for u { irq { x = gicd.ISPENDR[1]; if (u.FR.RXFE) x = RXIM; } }");
    node = find(LAB_N_INDEX);
    assert_int_equal(s.nodes[node->first].role, LAB_ROLE_REGISTER);
    assert_int_equal(s.nodes[node->first].value, 0x200);
    assert_int_equal(s.nodes[node->first].aux, LAB_AUX_CHIP | LAB_MODEL_GICD);
    for (lab_node_id i = 1; i < s.node_count; i++) {
        if (s.nodes[i].role == LAB_ROLE_BIT) {
            assert_int_equal(s.nodes[i].value, 1 << 4);
        } else if (s.nodes[i].role == LAB_ROLE_CONSTANT) {
            assert_int_equal(s.nodes[i].value, 1 << 4);
        }
    }
}

static void features_are_listed_once_with_their_first_use(void **state)
{
    size_t count = 0;
    const struct lab_feature *features = NULL;
    unsigned found = 0;

    (void)state;
    good("task t {\n pid = fork();\n fork();\n signalfd(-1, {SIGIO}); }\n"
         "loop l backend io_uring { }");
    features = lab_features(&s, &count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(features[i].name, "fork") == 0) {
            assert_int_equal(s.nodes[features[i].node].line, 2);
            found |= 1;
        }
        found |= strcmp(features[i].name, "signalfd") == 0 ? 2u : 0u;
        found |= strcmp(features[i].name, "backend io_uring") == 0 ? 4u : 0u;
    }
    assert_int_equal(found, 7);
}

static void known_names_have_unique_rows(void **state)
{
    size_t count = 0, n = 0;
    const struct lab_flag *flags = lab_flags(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        int64_t value = 0;

        assert_true(lab_find_flag(flags[i].name, strlen(flags[i].name), &value));
        assert_true(value == flags[i].value);
    }
    for (unsigned model = 0; model < LAB_MODEL_END; model++) {
        const struct lab_register *rows = lab_registers(model, &n);

        for (size_t i = 0; i < n; i++) {
            assert_int_equal(lab_find_register(model, rows[i].name, strlen(rows[i].name)), i);
        }
    }
    for (unsigned i = 0; i < LAB_SYS_COUNT; i++) {
        const char *name = lab_syscall_row(i)->name;

        assert_int_equal(lab_find_syscall(name, strlen(name)), i);
    }
}

/* ---- anything at all as input ---- */

static void a_line_of_ten_megabytes_is_one_error(void **state)
{
    size_t size = 10 << 20;
    char *text = malloc(size);

    (void)state;
    assert_non_null(text);
    memset(text, 'a', size);
    assert_int_equal(parse_bytes(text, size), -1);
    assert_int_equal(diags.count, 1);
    assert_int_equal(parse_bytes(text, 1 << 20), -1);
    memset(text, '(', size);
    assert_int_equal(parse_bytes(text, 1 << 20), -1);
    memset(text, 0, size);
    assert_int_equal(parse_bytes(text, 1 << 20), -1);
    assert_int_equal(diags.count, 1);
    free(text);
}

/* The text lies in memory of exactly its length: a sanitizer sees the first byte too many. */
static void a_scenario_may_end_anywhere(void **state)
{
    static const char text[] =
        "irqlab 1; vary w = virt, vexpress-a9, 'c'; machine $w { linux 5.5; }"
        "driver d for a { irq { x = a.DATA[0x1f] << 4us; } /* y */ } // z\n"
        "file f = \"\\x41\"; world { at -4: a.send(b .. c); } expect lost b .. c;"
        "device d = cmsdk-uart; device d = cmsdk-";

    (void)state;
    for (size_t size = 0; size < sizeof text; size++) {
        char *copy = malloc(size == 0 ? 1 : size);
        struct lab_point point;

        assert_non_null(copy);
        memcpy(copy, text, size);
        if (parse_bytes(copy, size) == 0) {
            lab_points_at(&s, 0, &point);
            lab_check(&s, &point, &diags);
        }
        free(copy);
    }
}

static void too_little_memory_is_an_error_at_any_size(void **state)
{
    static const char text[] =
        "device a = source { irq 5; }\ntask t { x = 1; \"abc\"; y = x + 2; }";

    (void)state;
    for (size_t size = 0; size < 400000; size += 997) {
        struct lab_pool pool = {malloc(size + 1), size, 0};
        struct lab_point point;

        assert_non_null(pool.base);
        lab_diags_init(&diags);
        if (lab_parse(&s, &pool, "x.lab", text, sizeof text - 1, &diags) == 0) {
            lab_points_at(&s, 0, &point);
            lab_check(&s, &point, &diags);
        }
        assert_true(diags.count > 0);
        assert_true(pool.used <= size);
        free(pool.base);
    }
}

static void at_most_ten_errors_are_kept_and_repeated_ones_once(void **state)
{
    (void)state;
    assert_int_equal(parse("task t { a = b; c = d; e = f; g = h; i = j; k = l; m = n; o = p;"
                           " q = r; s = u; v = w; x = y; }"),
                     0);
    assert_int_equal(check_point(0), -1);
    assert_int_equal(diags.count, LAB_DIAGS_MAX);
    assert_int_equal(diags.reported, 12);
}

struct printed {
    char text[4096];
    size_t length;
};

static void keep(void *context, const char *text, size_t length)
{
    struct printed *to = context;

    assert_true(to->length + length < sizeof to->text);
    memcpy(to->text + to->length, text, length);
    to->length += length;
    to->text[to->length] = '\0';
}

static void an_error_is_also_one_line_of_json(void **state)
{
    struct printed got = {"", 0};

    (void)state;
    assert_int_equal(parse("machine vrit;"), 0);
    assert_int_equal(check_point(0), -1);
    diags.item[0].note[0] = '\0';
    lab_diags_print_json(&diags, keep, &got);
    assert_string_equal(got.text,
                        "{\"irqlab\":1,\"kind\":\"error\",\"file\":\"test.lab\",\"line\":1,"
                        "\"column\":9,\"length\":4,\"message\":\"unknown machine 'vrit'\","
                        "\"hint\":\"did you mean 'virt'?\"}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operators_bind_as_in_c),
        cmocka_unit_test(arithmetic_wraps_around_and_never_traps),
        cmocka_unit_test(spans_cover_what_was_written),
        cmocka_unit_test(hyphened_words_are_words_and_others_are_subtractions),
        cmocka_unit_test(keywords_are_reserved_only_where_they_are_expected),
        cmocka_unit_test(the_first_knob_turns_slowest),
        cmocka_unit_test(a_pin_leaves_one_value),
        cmocka_unit_test(a_pin_of_another_kind_or_an_unknown_word_is_refused),
        cmocka_unit_test(a_pin_may_leave_an_expectation_out),
        cmocka_unit_test(each_point_is_checked_on_its_own),
        cmocka_unit_test(a_name_sent_again_is_numbered),
        cmocka_unit_test(a_string_is_its_letters),
        cmocka_unit_test(bytes_go_on_at_one_after_ff),
        cmocka_unit_test(a_bare_name_is_a_token_unless_it_is_a_variable),
        cmocka_unit_test(a_name_written_in_a_loop_keeps_numbers_for_each_time),
        cmocka_unit_test(timers_and_disks_bring_their_own_tokens),
        cmocka_unit_test(devices_without_a_driver_get_the_c_driver_of_their_model),
        cmocka_unit_test(variables_belong_to_task_start_block_or_driver),
        cmocka_unit_test(registers_and_bits_resolve_to_offsets_and_masks),
        cmocka_unit_test(features_are_listed_once_with_their_first_use),
        cmocka_unit_test(known_names_have_unique_rows),
        cmocka_unit_test(a_line_of_ten_megabytes_is_one_error),
        cmocka_unit_test(a_scenario_may_end_anywhere),
        cmocka_unit_test(too_little_memory_is_an_error_at_any_size),
        cmocka_unit_test(at_most_ten_errors_are_kept_and_repeated_ones_once),
        cmocka_unit_test(an_error_is_also_one_line_of_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
