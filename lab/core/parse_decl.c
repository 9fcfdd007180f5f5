/*
 * lab/core/parse_decl.c - declarations, and lab_parse() itself.
 *
 * Source: docs/language.md, "Grammar".
 */
#include "lab/core/parse.h"

#include "lab/core/parse_internal.h"
#include "lab/core/scenario.h"
#include "lab/core/text.h"

enum {
    NAMES_SPARE = 2048,      /* names made later: tokens x2, x3 …, values of -D */
    CHARS_SPARE = 96 * 1024, /* their bytes */
    LANGUAGE_VERSION = 1
};

/* ---- parts ---- */

/* The last part of a statement must not be an error for the statement to be of use. */
static lab_node_id unless_panic(const struct parser *p, lab_node_id node)
{
    return p->panic ? 0 : node;
}

static lab_node_id parse_option(struct parser *p)
{
    struct node_list list = {0, 0};
    lab_node_id node = lab_parser_node(p, LAB_N_OPTION, p->now.span);
    lab_name_id name = lab_parser_expect_name(p, "an option or '}'");

    p->s->nodes[node].name = name;
    while (!p->panic && (p->now.kind == LAB_LEX_INT || p->now.kind == LAB_LEX_TIME ||
                         p->now.kind == LAB_LEX_CHAR || p->now.kind == LAB_LEX_NAME ||
                         p->now.kind == LAB_LEX_HYPHENED || p->now.kind == LAB_LEX_KNOB ||
                         lab_parser_is_sign(p, '-'))) {
        if (p->now.kind == LAB_LEX_NAME && p->now.span.line != p->last.line &&
            lab_parser_peek(p).kind != LAB_LEX_SIGN) {
            break; /* the next option on its own line: only the `;` is missing */
        }
        lab_parser_add(p, &list, lab_parse_value(p));
    }
    p->s->nodes[node].first = list.first;
    lab_parser_finish(p, node);
    lab_parser_expect_semicolon(p, "this option");
    return unless_panic(p, node);
}

/* ";" or "{" { option } "}"; options are added to the list. */
lab_node_id lab_parse_options(struct parser *p, struct node_list *list)
{
    struct lab_span opening = p->now.span;

    if (p->panic || lab_parser_accept_sign(p, ';')) {
        return 0;
    }
    if (!lab_parser_accept_sign(p, '{')) {
        if (p->now.span.line == p->last.line || p->now.kind == LAB_LEX_BAD) {
            lab_parser_expected(p, "';' or '{'");
        } else {
            lab_parser_expect_semicolon(p, "this declaration");
        }
        return 0;
    }
    while (!lab_parser_list_ends(p, opening)) {
        lab_parser_add(p, list, parse_option(p));
        if (p->panic && !p->escape) {
            lab_parser_sync(p);
        }
    }
    return 0;
}

/* ---- declarations that end in `;` ---- */

static lab_node_id parse_text(struct parser *p, enum lab_node_kind kind, struct lab_span from)
{
    lab_node_id text = lab_parse_string(p, "a string");
    lab_node_id node = lab_parser_make(p, kind, from, 0, 0, 0, 0);

    p->s->nodes[node].name = p->s->nodes[text].name;
    if (kind == LAB_N_ANSWER && !p->panic && lab_parser_accept_word(p, "correct")) {
        p->s->nodes[node].op = 1;
        lab_parser_finish(p, node);
    }
    lab_parser_expect_semicolon(p, "the string");
    return node;
}

static lab_node_id parse_vary(struct parser *p, struct lab_span from)
{
    struct node_list list = {0, 0};
    lab_node_id node = lab_parser_node(p, LAB_N_VARY, from);
    lab_name_id name = lab_parser_expect_name(p, "the name of the knob");

    p->s->nodes[node].name = name;
    lab_parser_expect_sign(p, '=',
                           "vary NAME = value, value; or vary NAME = from .. to step by;");
    lab_parser_add(p, &list, lab_parse_value(p));
    if (!p->panic && lab_parser_accept_sign(p, LAB_SIGN2('.', '.'))) {
        p->s->nodes[node].op = LAB_VARY_RANGE;
        lab_parser_add(p, &list, lab_parse_value(p));
        if (!p->panic && !lab_parser_accept_word(p, "step")) {
            lab_parser_expected(p, "'step' and the distance");
        }
        lab_parser_add(p, &list, lab_parse_value(p));
    }
    while (!p->panic && p->s->nodes[node].op == LAB_VARY_LIST &&
           lab_parser_accept_sign(p, ',')) {
        lab_parser_add(p, &list, lab_parse_value(p));
    }
    p->s->nodes[node].first = list.first;
    lab_parser_finish(p, node);
    lab_parser_expect_semicolon(p, "the values");
    return unless_panic(p, node);
}

static lab_node_id parse_limit(struct parser *p, struct lab_span from)
{
    lab_node_id node = lab_parser_node(p, LAB_N_LIMIT, from);

    if (lab_parser_accept_word(p, "ticks")) {
        p->s->nodes[node].op = LAB_LIMIT_TICKS;
    } else if (lab_parser_accept_word(p, "steps")) {
        p->s->nodes[node].op = LAB_LIMIT_STEPS;
    } else {
        lab_parser_expected(p, "'ticks' or 'steps'");
    }
    if (!p->panic && p->now.kind != LAB_LEX_INT) {
        lab_parser_expected(p, "a number");
    }
    if (!p->panic) {
        p->s->nodes[node].value = p->now.value;
        lab_parser_advance(p);
    }
    lab_parser_finish(p, node);
    lab_parser_expect_semicolon(p, "the limit");
    return unless_panic(p, node);
}

/* `expect losst x`: a name where a predicate with tokens was meant. */
static bool is_unknown_predicate(struct parser *p, lab_node_id predicate)
{
    static const char *const sets[] = {"read", "lost", "left", "dropped", "late", "twice"};
    struct lab_near near = {NULL, 0};
    const struct lab_node *node = &p->s->nodes[predicate];
    struct lab_diag *diag = NULL;

    if (p->panic || node->kind != LAB_N_NAME || p->now.kind != LAB_LEX_NAME) {
        return false;
    }
    diag = lab_report(p->diags, lab_span_of(p->s, predicate), "unknown predicate '%s'",
                      lab_name(p->s, node->name));
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        lab_near_try(&near, lab_name(p->s, node->name), lab_name_length(p->s, node->name),
                     sets[i]);
        lab_note(diag, i == 0 ? "one of: %s" : ", %s", sets[i]);
    }
    lab_near_hint(diag, &near);
    p->panic = true;
    return true;
}

static lab_node_id parse_expect(struct parser *p, struct lab_span from)
{
    static const char *const words[] = {"always", "sometimes", "never"};
    lab_node_id predicate = 0, when = 0, node = 0;
    uint16_t quantifier = LAB_QUANTIFIER_TIMED;

    for (uint16_t i = 0; i < 3; i++) {
        if (quantifier == LAB_QUANTIFIER_TIMED && lab_parser_accept_word(p, words[i])) {
            quantifier = (uint16_t)(LAB_ALWAYS + i);
        }
    }
    p->in_expect = true;
    predicate = lab_parse_expr(p);
    if (!p->panic && lab_parser_accept_word(p, "when")) {
        when = lab_parse_expr(p);
    }
    p->in_expect = false;
    if (is_unknown_predicate(p, predicate)) {
        return 0;
    }
    node = lab_parser_make(p, LAB_N_EXPECT, from, predicate, when, 0, 0);
    p->s->nodes[node].op = quantifier;
    lab_parser_expect_semicolon(p, "the expectation");
    return unless_panic(p, node);
}

/* ---- declarations with options ---- */

static lab_node_id parse_machine(struct parser *p, struct lab_span from)
{
    struct node_list list = {0, 0};
    lab_node_id node = lab_parser_node(p, LAB_N_MACHINE, from);

    lab_parser_add(p, &list, lab_parse_word(p, "the name of a machine"));
    lab_parser_finish(p, node);
    lab_parse_options(p, &list);
    p->s->nodes[node].first = list.first;
    return unless_panic(p, node);
}

static lab_node_id parse_device(struct parser *p, struct lab_span from)
{
    struct node_list list = {0, 0};
    lab_node_id node = lab_parser_node(p, LAB_N_DEVICE, from);

    lab_parser_add(p, &list, lab_parse_names(p, "the name of a device"));
    lab_parser_expect_sign(p, '=', "device NAME, NAME = MODEL { options }");
    lab_parser_add(p, &list, lab_parse_word(p, "a device model"));
    lab_parser_finish(p, node);
    lab_parse_options(p, &list);
    p->s->nodes[node].first = list.first;
    return unless_panic(p, node);
}

static lab_node_id parse_file(struct parser *p, struct lab_span from)
{
    struct node_list list = {0, 0};
    lab_node_id node = lab_parser_node(p, LAB_N_FILE, from), disk = 0;
    lab_name_id name = lab_parser_expect_name(p, "the name of a file");

    p->s->nodes[node].name = name;
    if (!p->panic && lab_parser_accept_word(p, "on")) {
        disk = lab_parse_name(p, "the name of a disk");
    } else {
        disk = lab_parser_none(p);
    }
    lab_parser_expect_sign(p, '=', "file NAME on DISK = \"content\";");
    lab_parser_add(p, &list, lab_parse_string(p, "a string: the content"));
    lab_parser_add(p, &list, disk);
    lab_parser_finish(p, node);
    lab_parse_options(p, &list);
    p->s->nodes[node].first = list.first;
    return unless_panic(p, node);
}

/* ---- the scenario ---- */

static const char *const declarations[] = {
    "title", "about",  "question", "answer",  "vary", "limit", "machine", "device",
    "file",  "driver", "task",     "process", "loop", "world", "expect",
};

static lab_node_id unknown_declaration(struct parser *p)
{
    struct lab_near near = {NULL, 0};
    struct lab_diag *diag = lab_parser_expected(p, "a declaration");

    if (diag == NULL) {
        return 0;
    }
    for (size_t i = 0; i < sizeof declarations / sizeof declarations[0]; i++) {
        if (p->now.kind == LAB_LEX_NAME) {
            lab_near_try(&near, p->now.text, p->now.length, declarations[i]);
        }
        lab_note(diag, i == 0 ? "one of: %s" : ", %s", declarations[i]);
    }
    lab_near_hint(diag, &near);
    return 0;
}

/* The declaration's word has been consumed. */
static lab_node_id parse_declaration_of(struct parser *p, unsigned which, struct lab_span from)
{
    switch (which) {
    case 0:
        return parse_text(p, LAB_N_TITLE, from);
    case 1:
        return parse_text(p, LAB_N_ABOUT, from);
    case 2:
        return parse_text(p, LAB_N_QUESTION, from);
    case 3:
        return parse_text(p, LAB_N_ANSWER, from);
    case 4:
        return parse_vary(p, from);
    case 5:
        return parse_limit(p, from);
    case 6:
        return parse_machine(p, from);
    case 7:
        return parse_device(p, from);
    case 8:
        return parse_file(p, from);
    case 9:
        return lab_parse_driver(p);
    case 10:
        return lab_parse_task(p);
    case 11:
        return lab_parse_process(p);
    case 12:
        return lab_parse_loop(p);
    case 13:
        return lab_parse_world(p);
    default:
        return parse_expect(p, from);
    }
}

static lab_node_id parse_declaration(struct parser *p)
{
    struct lab_span from = p->now.span;

    for (unsigned i = 0; i < sizeof declarations / sizeof declarations[0]; i++) {
        if (lab_parser_is_word(p, declarations[i])) {
            lab_parser_advance(p);
            return parse_declaration_of(p, i, from);
        }
    }
    return unknown_declaration(p);
}

/* "irqlab" INT ";" */
static void parse_version_line(struct parser *p)
{
    struct lab_diag *diag = NULL;

    if (!lab_parser_is_word(p, "irqlab") || lab_parser_peek(p).kind != LAB_LEX_INT) {
        return;
    }
    lab_parser_advance(p);
    if (p->now.value != LANGUAGE_VERSION) {
        diag = lab_report(p->diags, p->now.span, "this irqlab does not know version %i",
                          p->now.value);
        lab_note(diag, "it knows version %i", (int64_t)LANGUAGE_VERSION);
    }
    lab_parser_advance(p);
    lab_parser_expect_semicolon(p, "the version");
    if (p->panic) {
        lab_parser_sync(p);
    }
}

static void parse_scenario(struct parser *p)
{
    struct node_list list = {0, 0};

    lab_parser_advance(p);
    parse_version_line(p);
    while (p->now.kind != LAB_LEX_END) {
        uint32_t before = p->now.span.offset;

        p->depth = 0;
        p->escape = false;
        p->in_expect = false;
        p->in_for = false;
        lab_parser_add(p, &list, parse_declaration(p));
        if (!p->panic) {
            continue;
        }
        lab_parser_sync(p);
        if (lab_parser_is_sign(p, '}') || p->now.span.offset == before) {
            lab_parser_advance(p);
        }
    }
    p->s->root = list.first;
}

/* ---- memory ---- */

static uint32_t count_names(const char *text, uint32_t length)
{
    struct lab_lexer lexer;
    uint32_t count = 0;

    lab_lex_init(&lexer, text, length, NULL);
    for (;;) {
        struct lab_lexeme lexeme = lab_lex_next(&lexer);

        if (lexeme.kind == LAB_LEX_END) {
            return count;
        }
        count += lexeme.kind == LAB_LEX_NAME || lexeme.kind == LAB_LEX_KNOB ||
                 lexeme.kind == LAB_LEX_HYPHENED || lexeme.kind == LAB_LEX_STR;
    }
}

static bool take_tables(struct lab_scenario *s)
{
    struct lab_pool *pool = s->pool;

    s->devices = lab_pool_take(pool, LAB_DEVICES_MAX * sizeof *s->devices);
    s->files = lab_pool_take(pool, LAB_FILES_MAX * sizeof *s->files);
    s->drivers = lab_pool_take(pool, LAB_DRIVERS_MAX * sizeof *s->drivers);
    s->tasks = lab_pool_take(pool, LAB_TASKS_MAX * sizeof *s->tasks);
    s->processes = lab_pool_take(pool, LAB_PROCESSES_MAX * sizeof *s->processes);
    s->worlds = lab_pool_take(pool, LAB_WORLDS_MAX * sizeof *s->worlds);
    s->actions = lab_pool_take(pool, LAB_ACTIONS_MAX * sizeof *s->actions);
    s->expects = lab_pool_take(pool, LAB_EXPECTS_MAX * sizeof *s->expects);
    s->variables = lab_pool_take(pool, LAB_VARIABLES_MAX * sizeof *s->variables);
    s->tokens = lab_pool_take(pool, (LAB_TOKENS_MAX + 1) * sizeof *s->tokens);
    s->sent = lab_pool_take(pool, LAB_SENT_MAX);
    s->features = lab_pool_take(pool, LAB_FEATURES_MAX * sizeof *s->features);
    return s->features != NULL && s->sent != NULL && s->tokens != NULL &&
           s->variables != NULL && s->expects != NULL && s->actions != NULL &&
           s->worlds != NULL && s->processes != NULL && s->tasks != NULL &&
           s->drivers != NULL && s->files != NULL && s->devices != NULL;
}

static bool take_names(struct lab_scenario *s)
{
    uint32_t names = count_names(s->text, s->text_length) + NAMES_SPARE;

    s->chars_size = s->text_length + CHARS_SPARE;
    s->chars = lab_pool_take(s->pool, s->chars_size);
    s->name_size = names;
    s->names = lab_pool_take(s->pool, names * sizeof *s->names);
    s->name_count = 1;
    s->bucket_count = 1024;
    while (s->bucket_count < names && s->bucket_count < 1u << 20) {
        s->bucket_count *= 2;
    }
    s->buckets = lab_pool_take(s->pool, s->bucket_count * sizeof *s->buckets);
    return s->chars != NULL && s->names != NULL && s->buckets != NULL;
}

/* The nodes get all that is left while parsing, and then keep what they used. */
static uint32_t take_nodes(struct lab_scenario *s)
{
    size_t room = 0;

    s->nodes = lab_pool_take(s->pool, sizeof *s->nodes);
    if (s->nodes == NULL) {
        return 0;
    }
    s->node_count = 1;
    room = (s->pool->size - s->pool->used) / sizeof *s->nodes;
    return room < UINT32_MAX - 1 ? (uint32_t)room + 1 : UINT32_MAX;
}

int lab_parse(struct lab_scenario *ret, struct lab_pool *pool, const char *file_name,
              const char *text, size_t length, struct lab_diags *diags)
{
    struct parser p = {.s = ret, .diags = diags};
    uint32_t before = diags->reported;
    struct lab_span start = {0, 1, 1, 0};

    memset(ret, 0, sizeof *ret);
    diags->file_name = file_name;
    diags->text = text;
    diags->text_length = length;
    ret->file_name = file_name;
    ret->text = text;
    ret->pool = pool;
    ret->parse_failed = true;
    if (length > LAB_TEXT_MAX) {
        lab_report(diags, start, "a scenario has at most %i bytes", (int64_t)LAB_TEXT_MAX);
        return -1;
    }
    ret->text_length = (uint32_t)length;
    if (take_tables(ret) && take_names(ret)) {
        p.node_size = take_nodes(ret);
    }
    if (p.node_size == 0) {
        lab_report(diags, start, "the scenario is too large for the memory it was given");
        return -1;
    }
    lab_lex_init(&p.lexer, text, ret->text_length, diags);
    parse_scenario(&p);
    pool->used += (ret->node_count - 1) * sizeof *ret->nodes;
    for (uint32_t i = 1; i < ret->node_count; i++) {
        ret->nodes[i].aux = 0; /* was the depth */
    }
    if (diags->reported == before) {
        lab_collect_knobs(ret, diags);
    }
    ret->parse_failed = diags->reported != before;
    return ret->parse_failed ? -1 : 0;
}
