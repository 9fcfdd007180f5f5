/*
 * lab/core/parse_actor.c - drivers, tasks, processes, loops and worlds.
 *
 * Source: docs/language.md, "Grammar".
 */
#include "lab/core/names.h"
#include "lab/core/parse_internal.h"

/* The last part of a statement must not be an error for the statement to be of use. */
static lab_node_id unless_panic(const struct parser *p, lab_node_id node)
{
    return p->panic ? 0 : node;
}

static lab_node_id parse_place(struct parser *p)
{
    if (p->panic || !parser_accept_word(p, "on")) {
        return parser_none(p);
    }
    if (!parser_accept_word(p, "cpu")) {
        parser_expected(p, "'cpu' after 'on'");
        return 0;
    }
    return parse_value(p);
}

/* ---- drivers ---- */

static const char members[] = "one of: init, irq, thread, open, release, read, write, poll, "
                              "flow, oneshot, queue, files, state";

static lab_node_id unknown_member(struct parser *p)
{
    static const char *const names[] = {"init",  "irq",   "thread", "open", "release",
                                        "read",  "write", "poll",   "flow", "oneshot",
                                        "queue", "files", "state"};
    struct lab_near near = {NULL, 0};
    struct lab_diag *diag = parser_expected(p, "a part of the driver or '}'");

    if (diag != NULL) {
        for (size_t i = 0; i < sizeof names / sizeof names[0] && p->now.kind == LAB_LEX_NAME;
             i++) {
            lab_near_try(&near, p->now.text, p->now.length, names[i]);
        }
        lab_near_hint(diag, &near);
        lab_note(diag, "%s", members);
    }
    return 0;
}

static lab_node_id parse_member(struct parser *p)
{
    struct lab_span from = p->now.span;
    lab_node_id node = 0, part = 0;
    int block = p->now.kind == LAB_LEX_NAME ? lab_find_block(p->now.text, p->now.length) : -1;

    if (block >= 0) {
        parser_advance(p);
        node = parser_node(p, LAB_N_MEMBER_BLOCK, from);
        p->s->nodes[node].op = (uint16_t)block;
        part = parse_block(p, NULL);
        p->s->nodes[node].first = part;
        return unless_panic(p, node);
    }
    if (parser_accept_word(p, "flow")) {
        part = parse_word(p, "a flow");
        node = parser_make(p, LAB_N_FLOW, from, part, 0, 0, 0);
    } else if (parser_accept_word(p, "oneshot")) {
        node = parser_node(p, LAB_N_ONESHOT, from);
    } else if (parser_accept_word(p, "queue")) {
        part = parse_value(p);
        node = parser_make(p, LAB_N_QUEUE, from, part, 0, 0, 0);
    } else if (parser_is_word(p, "files") || parser_is_word(p, "state")) {
        bool files = parser_is_word(p, "files");

        parser_advance(p);
        part = parse_names(p, files ? "the name of a file" : "the name of a variable");
        node = parser_make(p, files ? LAB_N_FILES : LAB_N_STATE, from, part, 0, 0, 0);
    } else {
        return unknown_member(p);
    }
    parser_expect_semicolon(p, "this part of the driver");
    return unless_panic(p, node);
}

static void parse_driver_body(struct parser *p, struct node_list *list)
{
    struct lab_span opening = p->now.span;

    if (!parser_accept_sign(p, '{')) {
        parser_expected(p, "'=' or '{'");
        return;
    }
    while (!parser_list_ends(p, opening)) {
        uint32_t before = p->now.span.offset;

        parser_add(p, list, parse_member(p));
        if (p->panic && !p->escape) {
            parser_sync(p);
            if (p->now.span.offset == before && !parser_is_sign(p, '}') &&
                !parser_is_declaration(p)) {
                parser_advance(p);
            }
        }
    }
}

lab_node_id parse_driver(struct parser *p)
{
    struct lab_span from = p->last;
    struct node_list list = {0, 0};
    lab_node_id node = parser_node(p, LAB_N_DRIVER, from);
    lab_name_id name = parser_expect_name(p, "the name of the driver");
    uint16_t kind = LAB_DRIVER_SCENARIO;

    p->s->nodes[node].name = name;
    if (!p->panic && !parser_accept_word(p, "for")) {
        parser_expected(p, "'for' and the driver's devices");
    }
    parser_add(p, &list, parse_names(p, "the name of a device"));
    parser_finish(p, node);
    if (!p->panic && parser_accept_sign(p, '=')) {
        bool shared = p->now.kind == LAB_LEX_STR;

        kind = shared ? LAB_DRIVER_SHARED : LAB_DRIVER_BUILTIN;
        parser_add(p, &list,
                   shared ? parse_string(p, "a file name")
                          : parse_word(p, "a built-in driver or a file name"));
        parser_finish(p, node);
        parser_expect_semicolon(p, "the driver");
    } else if (!p->panic) {
        parse_driver_body(p, &list);
    }
    p->s->nodes[node].op = kind;
    p->s->nodes[node].first = list.first;
    return unless_panic(p, node);
}

/* ---- tasks ---- */

lab_node_id parse_task(struct parser *p)
{
    struct lab_span from = p->last;
    struct node_list list = {0, 0};
    lab_node_id node = parser_node(p, LAB_N_TASK, from);
    lab_name_id name = parser_expect_name(p, "the name of the task");

    p->s->nodes[node].name = name;
    parser_finish(p, node);
    if (!p->panic && parser_accept_sign(p, '*')) {
        parser_add(p, &list, parse_value(p));
    } else {
        parser_add(p, &list, parser_none(p));
    }
    parser_add(p, &list, parse_place(p));
    parser_add(p, &list, parse_block(p, "task NAME { ... }"));
    p->s->nodes[node].first = list.first;
    return unless_panic(p, node);
}

lab_node_id parse_loop(struct parser *p)
{
    struct lab_span from = p->last;
    struct node_list list = {0, 0};
    lab_node_id node = parser_node(p, LAB_N_LOOP, from);
    lab_name_id name = parser_expect_name(p, "the name of the loop");

    p->s->nodes[node].name = name;
    parser_finish(p, node);
    if (!p->panic && parser_accept_word(p, "backend")) {
        parser_add(p, &list, parse_word(p, "a back end"));
    } else {
        parser_add(p, &list, parser_none(p));
    }
    parser_add(p, &list, parse_place(p));
    parser_add(p, &list, parse_block(p, "loop NAME backend WORD { ... }"));
    p->s->nodes[node].first = list.first;
    return unless_panic(p, node);
}

/* [ "max" INT ";" ] [ "start" block ], each a node or NONE. */
static void parse_process_head(struct parser *p, struct node_list *list)
{
    lab_node_id node = 0;

    if (parser_accept_word(p, "max")) {
        node = parse_value(p);
        parser_expect_semicolon(p, "the number of tasks");
        if (p->panic) {
            parser_sync(p);
            node = parser_none(p);
        }
        parser_add(p, list, node);
    } else {
        parser_add(p, list, parser_none(p));
    }
    if (parser_is_word(p, "start")) {
        struct lab_span from = p->now.span;

        parser_advance(p);
        node = parse_block(p, "start { ... }");
        node = p->panic ? parser_none(p) : parser_make(p, LAB_N_START, from, node, 0, 0, 0);
        parser_add(p, list, node);
    } else {
        parser_add(p, list, parser_none(p));
    }
}

lab_node_id parse_process(struct parser *p)
{
    struct lab_span from = p->last, opening = {0};
    struct node_list list = {0, 0};
    lab_node_id node = parser_node(p, LAB_N_PROCESS, from);
    lab_name_id name = parser_expect_name(p, "the name of the process");

    p->s->nodes[node].name = name;
    parser_finish(p, node);
    opening = p->now.span;
    if (!parser_expect_sign(p, '{', "process NAME { start { ... } task NAME { ... } }")) {
        return 0;
    }
    parse_process_head(p, &list);
    /* Here `task NAME` is a part, not a sign of a missing brace. */
    while (p->panic || parser_is_word(p, "task") || !parser_list_ends(p, opening)) {
        if (p->escape) {
            break;
        }
        if (!p->panic && parser_accept_word(p, "task")) {
            parser_add(p, &list, parse_task(p));
        } else {
            parser_expected(p, "'task' or '}'");
        }
        if (p->panic && !p->escape) {
            uint32_t before = p->now.span.offset;

            parser_sync(p);
            if (p->now.span.offset == before && p->now.kind == LAB_LEX_NAME &&
                !parser_is_declaration(p)) {
                parser_advance(p);
            }
        }
    }
    p->s->nodes[node].first = list.first;
    return unless_panic(p, node);
}

/* ---- the world ---- */

static void parse_actions(struct parser *p, struct node_list *list, struct lab_span opening);

static bool next_is_sign(const struct parser *p, uint32_t sign)
{
    struct lab_lexeme next = parser_peek(p);

    return next.kind == LAB_LEX_SIGN && next.sign == sign;
}

static lab_node_id parse_repeat(struct parser *p, struct lab_span from)
{
    struct node_list list = {0, 0};
    lab_node_id node = parser_node(p, LAB_N_REPEAT, from);
    struct lab_span opening = {0};

    parser_expect_sign(p, '(', "repeat (N) { actions }");
    parser_add(p, &list, p->panic ? 0 : parse_value(p));
    parser_expect_sign(p, ')', NULL);
    parser_finish(p, node);
    opening = p->now.span;
    if (!parser_expect_sign(p, '{', "repeat (N) { actions }")) {
        return 0;
    }
    if (parser_enter(p)) {
        parse_actions(p, &list, opening);
    }
    parser_leave(p);
    p->s->nodes[node].first = list.first;
    return unless_panic(p, node);
}

static lab_node_id parse_action(struct parser *p)
{
    struct lab_span from = p->now.span;
    lab_node_id time = 0, call = 0, node = 0;
    uint16_t when = LAB_WHEN_NOW;

    if (parser_is_word(p, "repeat") && next_is_sign(p, '(')) {
        parser_advance(p);
        return parse_repeat(p, from);
    }
    if ((parser_is_word(p, "at") || parser_is_word(p, "after")) && !next_is_sign(p, '.')) {
        when = parser_is_word(p, "at") ? LAB_WHEN_AT : LAB_WHEN_AFTER;
        parser_advance(p);
        time = parse_additive(p);
        parser_expect_sign(p, ':', "at T: device.verb(...);");
    } else if (parser_is_word(p, "settle") && next_is_sign(p, ':')) {
        when = LAB_WHEN_SETTLE;
        parser_advance(p);
        parser_advance(p);
    }
    time = time == 0 && !p->panic ? parser_none(p) : time;
    if (!p->panic && p->now.kind != LAB_LEX_NAME) {
        parser_expected(p, "an action of the world: device.verb(...)");
    }
    call = p->panic ? 0 : parse_expr(p);
    node = parser_make(p, LAB_N_ACTION, from, time, call, 0, 0);
    p->s->nodes[node].op = when;
    parser_expect_semicolon(p, "this action");
    return unless_panic(p, node);
}

static void parse_actions(struct parser *p, struct node_list *list, struct lab_span opening)
{
    while (!parser_list_ends(p, opening)) {
        uint32_t before = p->now.span.offset;

        parser_add(p, list, parse_action(p));
        if (p->panic && !p->escape) {
            parser_sync(p);
            if (p->now.span.offset == before && !parser_is_sign(p, '}') &&
                !parser_is_declaration(p)) {
                parser_advance(p);
            }
        }
    }
}

lab_node_id parse_world(struct parser *p)
{
    struct lab_span from = p->last, opening = {0};
    struct node_list list = {0, 0};
    lab_node_id node = parser_node(p, LAB_N_WORLD, from);

    if (p->now.kind == LAB_LEX_NAME) {
        parser_intern(p, node, p->now.text, p->now.length);
        parser_advance(p);
    }
    parser_finish(p, node);
    opening = p->now.span;
    if (!parser_expect_sign(p, '{', "world { actions }")) {
        return 0;
    }
    parse_actions(p, &list, opening);
    p->s->nodes[node].first = list.first;
    return unless_panic(p, node);
}
