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
    if (p->panic || !lab_parser_accept_word(p, "on")) {
        return lab_parser_none(p);
    }
    if (!lab_parser_accept_word(p, "cpu")) {
        lab_parser_expected(p, "'cpu' after 'on'");
        return 0;
    }
    return lab_parse_value(p);
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
    struct lab_diag *diag = lab_parser_expected(p, "a part of the driver or '}'");

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
        lab_parser_advance(p);
        node = lab_parser_node(p, LAB_N_MEMBER_BLOCK, from);
        p->s->nodes[node].op = (uint16_t)block;
        part = lab_parse_block(p, NULL);
        p->s->nodes[node].first = part;
        return unless_panic(p, node);
    }
    if (lab_parser_accept_word(p, "flow")) {
        part = lab_parse_word(p, "a flow");
        node = lab_parser_make(p, LAB_N_FLOW, from, part, 0, 0, 0);
    } else if (lab_parser_accept_word(p, "oneshot")) {
        node = lab_parser_node(p, LAB_N_ONESHOT, from);
    } else if (lab_parser_accept_word(p, "queue")) {
        part = lab_parse_value(p);
        node = lab_parser_make(p, LAB_N_QUEUE, from, part, 0, 0, 0);
    } else if (lab_parser_is_word(p, "files") || lab_parser_is_word(p, "state")) {
        bool files = lab_parser_is_word(p, "files");

        lab_parser_advance(p);
        part = lab_parse_names(p, files ? "the name of a file" : "the name of a variable");
        node = lab_parser_make(p, files ? LAB_N_FILES : LAB_N_STATE, from, part, 0, 0, 0);
    } else {
        return unknown_member(p);
    }
    lab_parser_expect_semicolon(p, "this part of the driver");
    return unless_panic(p, node);
}

static void parse_driver_body(struct parser *p, struct node_list *list)
{
    struct lab_span opening = p->now.span;

    if (!lab_parser_accept_sign(p, '{')) {
        lab_parser_expected(p, "'=' or '{'");
        return;
    }
    while (!lab_parser_list_ends(p, opening)) {
        uint32_t before = p->now.span.offset;

        lab_parser_add(p, list, parse_member(p));
        if (p->panic && !p->escape) {
            lab_parser_sync(p);
            if (p->now.span.offset == before && !lab_parser_is_sign(p, '}') &&
                !lab_parser_is_declaration(p)) {
                lab_parser_advance(p);
            }
        }
    }
}

lab_node_id lab_parse_driver(struct parser *p)
{
    struct lab_span from = p->last;
    struct node_list list = {0, 0};
    lab_node_id node = lab_parser_node(p, LAB_N_DRIVER, from);
    lab_name_id name = lab_parser_expect_name(p, "the name of the driver");
    uint16_t kind = LAB_DRIVER_SCENARIO;

    p->s->nodes[node].name = name;
    if (!p->panic && !lab_parser_accept_word(p, "for")) {
        lab_parser_expected(p, "'for' and the driver's devices");
    }
    lab_parser_add(p, &list, lab_parse_names(p, "the name of a device"));
    lab_parser_finish(p, node);
    if (!p->panic && lab_parser_accept_sign(p, '=')) {
        bool shared = p->now.kind == LAB_LEX_STR;

        kind = shared ? LAB_DRIVER_SHARED : LAB_DRIVER_BUILTIN;
        lab_parser_add(p, &list,
                       shared ? lab_parse_string(p, "a file name")
                              : lab_parse_word(p, "a built-in driver or a file name"));
        lab_parser_finish(p, node);
        lab_parser_expect_semicolon(p, "the driver");
    } else if (!p->panic) {
        parse_driver_body(p, &list);
    }
    p->s->nodes[node].op = kind;
    p->s->nodes[node].first = list.first;
    return unless_panic(p, node);
}

/* ---- tasks ---- */

lab_node_id lab_parse_task(struct parser *p)
{
    struct lab_span from = p->last;
    struct node_list list = {0, 0};
    lab_node_id node = lab_parser_node(p, LAB_N_TASK, from);
    lab_name_id name = lab_parser_expect_name(p, "the name of the task");

    p->s->nodes[node].name = name;
    lab_parser_finish(p, node);
    if (!p->panic && lab_parser_accept_sign(p, '*')) {
        lab_parser_add(p, &list, lab_parse_value(p));
    } else {
        lab_parser_add(p, &list, lab_parser_none(p));
    }
    lab_parser_add(p, &list, parse_place(p));
    lab_parser_add(p, &list, lab_parse_block(p, "task NAME { ... }"));
    p->s->nodes[node].first = list.first;
    return unless_panic(p, node);
}

lab_node_id lab_parse_loop(struct parser *p)
{
    struct lab_span from = p->last;
    struct node_list list = {0, 0};
    lab_node_id node = lab_parser_node(p, LAB_N_LOOP, from);
    lab_name_id name = lab_parser_expect_name(p, "the name of the loop");

    p->s->nodes[node].name = name;
    lab_parser_finish(p, node);
    if (!p->panic && lab_parser_accept_word(p, "backend")) {
        lab_parser_add(p, &list, lab_parse_word(p, "a back end"));
    } else {
        lab_parser_add(p, &list, lab_parser_none(p));
    }
    lab_parser_add(p, &list, parse_place(p));
    lab_parser_add(p, &list, lab_parse_block(p, "loop NAME backend WORD { ... }"));
    p->s->nodes[node].first = list.first;
    return unless_panic(p, node);
}

/* [ "max" INT ";" ] [ "start" block ], each a node or NONE. */
static void parse_process_head(struct parser *p, struct node_list *list)
{
    lab_node_id node = 0;

    if (lab_parser_accept_word(p, "max")) {
        node = lab_parse_value(p);
        lab_parser_expect_semicolon(p, "the number of tasks");
        if (p->panic) {
            lab_parser_sync(p);
            node = lab_parser_none(p);
        }
        lab_parser_add(p, list, node);
    } else {
        lab_parser_add(p, list, lab_parser_none(p));
    }
    if (lab_parser_is_word(p, "start")) {
        struct lab_span from = p->now.span;

        lab_parser_advance(p);
        node = lab_parse_block(p, "start { ... }");
        node = p->panic ? lab_parser_none(p)
                        : lab_parser_make(p, LAB_N_START, from, node, 0, 0, 0);
        lab_parser_add(p, list, node);
    } else {
        lab_parser_add(p, list, lab_parser_none(p));
    }
}

lab_node_id lab_parse_process(struct parser *p)
{
    struct lab_span from = p->last, opening = {0};
    struct node_list list = {0, 0};
    lab_node_id node = lab_parser_node(p, LAB_N_PROCESS, from);
    lab_name_id name = lab_parser_expect_name(p, "the name of the process");

    p->s->nodes[node].name = name;
    lab_parser_finish(p, node);
    opening = p->now.span;
    if (!lab_parser_expect_sign(p, '{', "process NAME { start { ... } task NAME { ... } }")) {
        return 0;
    }
    parse_process_head(p, &list);
    /* Here `task NAME` is a part, not a sign of a missing brace. */
    while (p->panic || lab_parser_is_word(p, "task") || !lab_parser_list_ends(p, opening)) {
        if (p->escape) {
            break;
        }
        if (!p->panic && lab_parser_accept_word(p, "task")) {
            lab_parser_add(p, &list, lab_parse_task(p));
        } else {
            lab_parser_expected(p, "'task' or '}'");
        }
        if (p->panic && !p->escape) {
            uint32_t before = p->now.span.offset;

            lab_parser_sync(p);
            if (p->now.span.offset == before && p->now.kind == LAB_LEX_NAME &&
                !lab_parser_is_declaration(p)) {
                lab_parser_advance(p);
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
    struct lab_lexeme next = lab_parser_peek(p);

    return next.kind == LAB_LEX_SIGN && next.sign == sign;
}

static lab_node_id parse_repeat(struct parser *p, struct lab_span from)
{
    struct node_list list = {0, 0};
    lab_node_id node = lab_parser_node(p, LAB_N_REPEAT, from);
    struct lab_span opening = {0};

    lab_parser_expect_sign(p, '(', "repeat (N) { actions }");
    lab_parser_add(p, &list, p->panic ? 0 : lab_parse_value(p));
    lab_parser_expect_sign(p, ')', NULL);
    lab_parser_finish(p, node);
    opening = p->now.span;
    if (!lab_parser_expect_sign(p, '{', "repeat (N) { actions }")) {
        return 0;
    }
    if (lab_parser_enter(p)) {
        parse_actions(p, &list, opening);
    }
    lab_parser_leave(p);
    p->s->nodes[node].first = list.first;
    return unless_panic(p, node);
}

static lab_node_id parse_action(struct parser *p)
{
    struct lab_span from = p->now.span;
    lab_node_id time = 0, call = 0, node = 0;
    uint16_t when = LAB_WHEN_NOW;

    if (lab_parser_is_word(p, "repeat") && next_is_sign(p, '(')) {
        lab_parser_advance(p);
        return parse_repeat(p, from);
    }
    if ((lab_parser_is_word(p, "at") || lab_parser_is_word(p, "after")) &&
        !next_is_sign(p, '.')) {
        when = lab_parser_is_word(p, "at") ? LAB_WHEN_AT : LAB_WHEN_AFTER;
        lab_parser_advance(p);
        time = lab_parse_additive(p);
        lab_parser_expect_sign(p, ':', "at T: device.verb(...);");
    } else if (lab_parser_is_word(p, "settle") && next_is_sign(p, ':')) {
        when = LAB_WHEN_SETTLE;
        lab_parser_advance(p);
        lab_parser_advance(p);
    }
    time = time == 0 && !p->panic ? lab_parser_none(p) : time;
    if (!p->panic && p->now.kind != LAB_LEX_NAME) {
        lab_parser_expected(p, "an action of the world: device.verb(...)");
    }
    call = p->panic ? 0 : lab_parse_expr(p);
    node = lab_parser_make(p, LAB_N_ACTION, from, time, call, 0, 0);
    p->s->nodes[node].op = when;
    lab_parser_expect_semicolon(p, "this action");
    return unless_panic(p, node);
}

static void parse_actions(struct parser *p, struct node_list *list, struct lab_span opening)
{
    while (!lab_parser_list_ends(p, opening)) {
        uint32_t before = p->now.span.offset;

        lab_parser_add(p, list, parse_action(p));
        if (p->panic && !p->escape) {
            lab_parser_sync(p);
            if (p->now.span.offset == before && !lab_parser_is_sign(p, '}') &&
                !lab_parser_is_declaration(p)) {
                lab_parser_advance(p);
            }
        }
    }
}

lab_node_id lab_parse_world(struct parser *p)
{
    struct lab_span from = p->last, opening = {0};
    struct node_list list = {0, 0};
    lab_node_id node = lab_parser_node(p, LAB_N_WORLD, from);

    if (p->now.kind == LAB_LEX_NAME) {
        lab_parser_intern(p, node, p->now.text, p->now.length);
        lab_parser_advance(p);
    }
    lab_parser_finish(p, node);
    opening = p->now.span;
    if (!lab_parser_expect_sign(p, '{', "world { actions }")) {
        return 0;
    }
    parse_actions(p, &list, opening);
    p->s->nodes[node].first = list.first;
    return unless_panic(p, node);
}
