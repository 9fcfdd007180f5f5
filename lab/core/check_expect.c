/*
 * lab/core/check_expect.c - checks of expectations.
 *
 * Source: docs/language.md, "Expectations".
 */
#include "lab/core/check_internal.h"
#include "lab/core/scenario.h"
#include "lab/core/text.h"

enum {
    CONDITION_MAX = 4096 /* bytes of a `when`: it is tried at up to 10,000 points */
};

static void check_predicate(struct checker *c, lab_node_id id);

static bool is_knob(struct checker *c, lab_node_id id)
{
    unsigned kind = check_node(c, id)->kind;

    return kind == LAB_N_KNOB ||
           (kind == LAB_N_NAME && lab_find_knob(c->s, check_node(c, id)->name) >= 0);
}

static void set_knob(struct checker *c, lab_node_id id)
{
    const struct lab_value *value =
        lab_point_value(c->s, &c->s->point, check_node(c, id)->name);

    lab_check_set(c, id, LAB_ROLE_KNOB, (unsigned)lab_find_knob(c->s, check_node(c, id)->name),
                  0);
    if (value != NULL && value->numeric) {
        check_node(c, id)->value = value->number;
    }
}

/* ---- knob == word ---- */

static bool knob_has_word(struct checker *c, const struct lab_knob *knob, lab_name_id word)
{
    for (uint32_t i = 0; i < knob->count && !knob->range; i++) {
        const struct lab_value *v = &c->s->values[knob->first + i];

        if (v->kind == LAB_V_WORD && v->name == word) {
            return true;
        }
    }
    return knob->pinned && knob->pin.kind == LAB_V_WORD && knob->pin.name == word;
}

/* Has the knob values that are words and no flags? */
static bool takes_words(struct checker *c, lab_name_id name)
{
    const struct lab_knob *knob = &c->s->knobs[lab_find_knob(c->s, name)];

    for (uint32_t i = 0; i < knob->count && !knob->range; i++) {
        const struct lab_value *v = &c->s->values[knob->first + i];

        if (v->kind == LAB_V_WORD && !v->numeric) {
            return true;
        }
    }
    return false;
}

static void check_word_of(struct checker *c, lab_node_id id, lab_node_id knob_node)
{
    const struct lab_knob *knob =
        &c->s->knobs[lab_find_knob(c->s, check_node(c, knob_node)->name)];
    struct lab_near near = {NULL, 0};
    struct lab_diag *diag = NULL;
    int64_t ignored = 0;

    if (lab_find_flag(check_name(c, id), check_length(c, id), &ignored)) {
        check_node(c, id)->value = ignored;
        lab_check_set(c, id, LAB_ROLE_CONSTANT, 0, 0);
        return;
    }
    lab_check_set(c, id, LAB_ROLE_WORD, 0, 0);
    if (knob_has_word(c, knob, check_node(c, id)->name)) {
        return;
    }
    diag = lab_report(c->diags, lab_check_span(c, id), "'%s' is no value of the knob '%s'",
                      check_name(c, id), lab_name(c->s, knob->name));
    for (uint32_t i = 0; i < knob->count && !knob->range; i++) {
        char text[80];

        lab_value_text(c->s, &c->s->values[knob->first + i], text, sizeof text);
        if (c->s->values[knob->first + i].kind == LAB_V_WORD) {
            lab_near_try(&near, check_name(c, id), check_length(c, id),
                         lab_name(c->s, c->s->values[knob->first + i].name));
        }
        lab_note(diag, i == 0 ? "one of: %s" : ", %s", text);
    }
    lab_near_hint(diag, &near);
}

static bool is_bare_word(struct checker *c, lab_node_id id)
{
    unsigned kind = check_node(c, id)->kind;

    return kind == LAB_N_WORD || (kind == LAB_N_NAME && !is_knob(c, id));
}

static bool is_unknown_word(struct checker *c, lab_node_id id)
{
    int64_t ignored = 0;

    return is_bare_word(c, id) &&
           !lab_find_flag(check_name(c, id), check_length(c, id), &ignored);
}

bool lab_check_word_comparison(struct checker *c, lab_node_id id)
{
    struct lab_node *node = check_node(c, id);
    lab_node_id left = node->first, right = check_node(c, left)->next;
    bool swapped = check_node(c, right)->kind == LAB_N_KNOB;
    lab_node_id knob = swapped ? right : left, word = swapped ? left : right;
    struct lab_value equal = {0};

    if ((node->op != LAB_OP_EQ && node->op != LAB_OP_NE) ||
        check_node(c, knob)->kind != LAB_N_KNOB || check_node(c, word)->kind != LAB_N_NAME ||
        !takes_words(c, check_node(c, knob)->name)) {
        return false;
    }
    set_knob(c, knob);
    check_word_of(c, word, knob);
    if (lab_const_eval(c->s, id, NULL, &equal)) {
        node->value = equal.number;
        lab_check_set(c, id, LAB_ROLE_CONSTANT, 0, 0);
    }
    return true;
}

/* Both sides of == and !=; true if it was a knob against a word. */
static bool check_comparison(struct checker *c, lab_node_id left, lab_node_id right)
{
    if (is_knob(c, left) && is_bare_word(c, right)) {
        set_knob(c, left);
        check_word_of(c, right, left);
        return true;
    }
    if (is_knob(c, right) && is_bare_word(c, left)) {
        set_knob(c, right);
        check_word_of(c, left, right);
        return true;
    }
    return false;
}

/* ---- when ---- */

static void unknown_condition(struct checker *c, lab_node_id id)
{
    struct lab_near near = {NULL, 0};
    struct lab_diag *diag =
        lab_report(c->diags, lab_check_span(c, id), "a condition is about the knobs");

    for (uint32_t i = 0; i < c->s->knob_count; i++) {
        const char *known = lab_name(c->s, c->s->knobs[i].name);

        if (check_node(c, id)->kind == LAB_N_NAME) {
            lab_near_try(&near, check_name(c, id), check_length(c, id), known);
        }
        lab_note(diag, i == 0 ? "one of: %s" : ", %s", known);
    }
    if (c->s->knob_count == 0) {
        lab_note(diag, "this scenario has none; write: vary NAME = value, value;");
    }
    lab_near_hint(diag, &near);
}

static void check_condition(struct checker *c, lab_node_id id)
{
    struct lab_node *node = check_node(c, id);
    int64_t value = 0;

    switch (node->kind) {
    case LAB_N_INT:
    case LAB_N_TIME:
    case LAB_N_CHAR:
    case LAB_N_ERROR:
        return;
    case LAB_N_NAME:
    case LAB_N_KNOB:
        if (is_knob(c, id)) {
            set_knob(c, id);
        } else if (node->kind == LAB_N_NAME &&
                   lab_find_flag(check_name(c, id), check_length(c, id), &value)) {
            node->value = value;
            lab_check_set(c, id, LAB_ROLE_CONSTANT, 0, 0);
        } else {
            unknown_condition(c, id);
        }
        return;
    case LAB_N_UNARY:
    case LAB_N_COND:
        break;
    case LAB_N_BINARY:
        if ((node->op == LAB_OP_EQ || node->op == LAB_OP_NE) &&
            check_comparison(c, node->first, check_node(c, node->first)->next)) {
            return;
        }
        if (is_unknown_word(c, node->first)) {
            unknown_condition(c,
                              node->first); /* the word it is compared with is not at fault */
            return;
        }
        break;
    default:
        unknown_condition(c, id);
        return;
    }
    for (lab_node_id k = node->first; k != 0; k = check_node(c, k)->next) {
        check_condition(c, k);
    }
}

/* ---- tokens ---- */

static int find_token(struct checker *c, lab_node_id id)
{
    int token = lab_check_find_token(c, check_node(c, id)->name);
    struct lab_near near = {NULL, 0};
    struct lab_diag *diag = NULL;

    if (token >= 0) {
        lab_check_set(c, id, LAB_ROLE_TOKEN, (unsigned)token, 0);
        return token;
    }
    if (c->broken_devices) {
        return -1;
    }
    diag = lab_report(c->diags, lab_check_span(c, id), "no token is called '%s'",
                      check_name(c, id));
    for (unsigned i = 1; i <= c->s->token_count; i++) {
        const char *known = lab_name(c->s, c->s->tokens[i].name);

        lab_near_try(&near, check_name(c, id), check_length(c, id), known);
        if (i <= 16) {
            lab_note(diag, i == 1 ? "one of: %s" : ", %s", known);
        } else if (i == 17) {
            lab_note(diag, ", ...");
        }
    }
    lab_near_hint(diag, &near);
    return -1;
}

static void check_set_node(struct checker *c, lab_node_id id)
{
    static const char *const names[LAB_SETS] = {NULL, NULL, NULL, NULL, "late", "twice"};
    const struct lab_node *node = check_node(c, id);

    if (names[node->op] != NULL) {
        lab_check_feature(c, names[node->op], id);
    }
    for (lab_node_id k = node->first; k != 0; k = check_node(c, k)->next) {
        if (check_node(c, k)->kind == LAB_N_RANGE) {
            lab_node_id first = check_node(c, k)->first;
            int from = find_token(c, first), to = find_token(c, check_node(c, first)->next);

            if (from >= 0 && to >= 0 && to < from) {
                lab_report(c->diags, lab_check_span(c, k), "the range ends before it begins");
            }
        } else {
            find_token(c, k);
        }
    }
}

/* ---- measures ---- */

enum measured { OF_DRIVER, OF_TASK, OF_DEVICE };

static enum measured measured_thing(unsigned measure)
{
    return measure == LAB_MEASURE_RUNS || measure == LAB_MEASURE_SPURIOUS ? OF_DRIVER
           : measure == LAB_MEASURE_OVERRUNS                              ? OF_DEVICE
                                                                          : OF_TASK;
}

static void unknown_thing(struct checker *c, lab_node_id id, enum measured thing)
{
    struct lab_scenario *s = c->s;
    unsigned count = thing == OF_DRIVER ? s->driver_count
                     : thing == OF_TASK ? s->task_count
                                        : s->device_count;
    bool named = check_node(c, id)->name != 0;
    struct lab_near near = {NULL, 0};
    struct lab_diag *diag = lab_report(c->diags, lab_check_span(c, id), "this is no %s",
                                       thing == OF_DRIVER ? "driver"
                                       : thing == OF_TASK ? "task"
                                                          : "device");

    for (unsigned i = 0; i < count; i++) {
        const char *known = lab_name(s, thing == OF_DRIVER ? s->drivers[i].name
                                        : thing == OF_TASK ? s->tasks[i].name
                                                           : s->devices[i].name);

        if (named) {
            lab_near_try(&near, check_name(c, id), check_length(c, id), known);
        }
        lab_note(diag, i == 0 ? "one of: %s" : ", %s", known);
    }
    lab_near_hint(diag, &near);
}

/* t, t2, t.1, t.1.2: the task, its instance in *ret_instance and the children in *ret_path,
 * 4 bits each; -1 if it is no task. */
static int find_task_path(struct checker *c, lab_node_id id, uint32_t *ret_instance,
                          int64_t *ret_path)
{
    const struct lab_node *node = check_node(c, id);
    int64_t numbers[LAB_DEPTH_MAX];
    unsigned count = 0;

    *ret_path = 0;
    for (; node->kind == LAB_N_FIELD && node->name == 0 && count < LAB_DEPTH_MAX; count++) {
        numbers[count] = node->value;
        node = check_node(c, node->first);
    }
    if (node->kind != LAB_N_NAME || count > 4) {
        return -1;
    }
    for (unsigned i = 0; i < count; i++) {
        int64_t child = numbers[count - 1 - i];

        if (child < 1 || child > 15) {
            return -1;
        }
        *ret_path |= child << (4 * i);
    }
    return lab_check_find_task(c, node->name, ret_instance);
}

static void check_measured(struct checker *c, lab_node_id id, enum measured thing)
{
    lab_name_id name = check_node(c, id)->name;
    bool plain = check_node(c, id)->kind == LAB_N_NAME;
    uint32_t instance = 0;
    int64_t path = 0;
    int found = -1;

    if (thing == OF_DRIVER) {
        found = plain ? lab_check_find_driver(c, name) : -1;
    } else if (thing == OF_DEVICE) {
        found = plain ? lab_check_find_device(c, name) : -1;
    } else {
        found = find_task_path(c, id, &instance, &path);
    }
    if (found < 0) {
        if (!c->broken_devices || thing == OF_TASK) {
            unknown_thing(c, id, thing);
        }
        return;
    }
    if (thing == OF_TASK) {
        lab_check_set(c, id, LAB_ROLE_TASK, (unsigned)found, instance);
        check_node(c, id)->op = (uint16_t)path; /* `value` holds the number behind the dot */
        return;
    }
    lab_check_set(c, id, thing == OF_DRIVER ? LAB_ROLE_DRIVER : LAB_ROLE_DEVICE,
                  (unsigned)found, 0);
}

static void unknown_measure(struct checker *c, lab_node_id callee)
{
    struct lab_near near = {NULL, 0};
    struct lab_diag *diag = NULL;

    if (check_node(c, callee)->kind != LAB_N_NAME) {
        lab_report(c->diags, lab_check_span(c, callee), "this cannot be measured");
        return;
    }
    diag = lab_report(c->diags, lab_check_span(c, callee), "unknown measure '%s'",
                      check_name(c, callee));
    for (unsigned i = 0; i < LAB_MEASURE_COUNT_; i++) {
        lab_near_try(&near, check_name(c, callee), check_length(c, callee),
                     lab_measure_name(i));
        lab_note(diag, i == 0 ? "one of: %s" : ", %s", lab_measure_name(i));
    }
    lab_near_hint(diag, &near);
}

static void check_measure(struct checker *c, lab_node_id call)
{
    lab_node_id callee = check_node(c, call)->first, arg = check_node(c, callee)->next;
    int measure = check_node(c, callee)->kind == LAB_N_NAME
                      ? lab_find_measure(check_name(c, callee), check_length(c, callee))
                      : -1;

    if (measure < 0) {
        unknown_measure(c, callee);
        return;
    }
    lab_check_set(c, call, LAB_ROLE_MEASURE, (unsigned)measure, 0);
    if (arg == 0 || check_node(c, arg)->next != 0) {
        lab_report(c->diags, lab_check_span(c, call), "%s() has one argument",
                   check_name(c, callee));
        return;
    }
    if (measure == LAB_MEASURE_COUNT) {
        if (check_node(c, arg)->kind != LAB_N_SET ||
            check_node(c, arg)->value != LAB_SET_SOME) {
            struct lab_diag *diag =
                lab_report(c->diags, lab_check_span(c, arg), "count() needs the name of a set");

            lab_note(diag, "one of: read, lost, left, dropped, late, twice");
            return;
        }
        check_set_node(c, arg);
        return;
    }
    check_measured(c, arg, measured_thing((unsigned)measure));
}

/* TASK.variable */
static void check_task_variable(struct checker *c, lab_node_id id)
{
    struct lab_node *node = check_node(c, id);
    uint32_t instance = 0;
    int64_t path = 0;
    int task = find_task_path(c, node->first, &instance, &path), variable = -1;
    struct lab_near near = {NULL, 0};
    struct lab_diag *diag = NULL;

    if (task < 0) {
        unknown_thing(c, node->first, OF_TASK);
        return;
    }
    if (node->name == 0) {
        lab_report(c->diags, lab_check_span(c, id), "the name of a variable is missing");
        return;
    }
    if (instance == 0) {
        lab_report(c->diags, lab_check_span(c, node->first),
                   "'%s' is %i tasks: say which, such as %s1", check_name(c, node->first),
                   (int64_t)c->s->tasks[task].count, check_name(c, node->first));
        return;
    }
    c->at = lab_check_task_place(c, (unsigned)task);
    variable = lab_check_variable(c, node->name);
    if (variable >= 0) {
        lab_check_set(c, id, LAB_ROLE_TASK_VARIABLE, (unsigned)variable, instance);
        node->op = (uint16_t)path;
        return;
    }
    diag = lab_report(c->diags, lab_check_span(c, id), "this task has no variable '%s'",
                      check_name(c, id));
    for (unsigned i = 0; i < c->s->variable_count; i++) {
        if (lab_check_variable(c, c->s->variables[i].name) == (int)i) {
            lab_near_try(&near, check_name(c, id), check_length(c, id),
                         lab_name(c->s, c->s->variables[i].name));
        }
    }
    lab_near_hint(diag, &near);
}

/* ---- predicates ---- */

static void unknown_predicate(struct checker *c, lab_node_id id)
{
    static const char *const sets[] = {"read", "lost", "left", "dropped", "late", "twice"};
    struct lab_near near = {NULL, 0};
    struct lab_diag *diag = lab_report(c->diags, lab_check_span(c, id),
                                       "unknown predicate '%s'", check_name(c, id));

    for (unsigned i = 0; i < LAB_SETS; i++) {
        lab_near_try(&near, check_name(c, id), check_length(c, id), sets[i]);
        lab_note(diag, i == 0 ? "one of: %s" : ", %s", sets[i]);
    }
    for (unsigned i = 0; i < LAB_ENDING_COUNT; i++) {
        lab_near_try(&near, check_name(c, id), check_length(c, id), lab_ending_name(i));
        lab_note(diag, ", %s", lab_ending_name(i));
    }
    for (unsigned i = 0; i < LAB_MEASURE_COUNT_; i++) {
        lab_near_try(&near, check_name(c, id), check_length(c, id), lab_measure_name(i));
        lab_note(diag, ", %s()", lab_measure_name(i));
    }
    for (uint32_t i = 0; i < c->s->knob_count; i++) {
        lab_near_try(&near, check_name(c, id), check_length(c, id),
                     lab_name(c->s, c->s->knobs[i].name));
    }
    lab_near_hint(diag, &near);
}

static void check_predicate_name(struct checker *c, lab_node_id id)
{
    int ending = lab_find_ending(check_name(c, id), check_length(c, id));
    int64_t value = 0;

    if (is_knob(c, id)) {
        set_knob(c, id);
    } else if (ending >= 0) {
        lab_check_set(c, id, LAB_ROLE_ENDING, (unsigned)ending, 0);
        lab_check_feature(c, lab_ending_name((unsigned)ending), id);
    } else if (lab_find_flag(check_name(c, id), check_length(c, id), &value)) {
        check_node(c, id)->value = value;
        lab_check_set(c, id, LAB_ROLE_CONSTANT, 0, 0);
    } else {
        unknown_predicate(c, id);
    }
}

static void check_predicate(struct checker *c, lab_node_id id)
{
    const struct lab_node *node = check_node(c, id);

    switch (node->kind) {
    case LAB_N_INT:
    case LAB_N_TIME:
    case LAB_N_CHAR:
    case LAB_N_ERROR:
        return;
    case LAB_N_NAME:
        check_predicate_name(c, id);
        return;
    case LAB_N_KNOB:
        set_knob(c, id);
        return;
    case LAB_N_SET:
        check_set_node(c, id);
        return;
    case LAB_N_CALL:
        check_measure(c, id);
        return;
    case LAB_N_FIELD:
        check_task_variable(c, id);
        return;
    case LAB_N_BINARY:
        if ((node->op == LAB_OP_EQ || node->op == LAB_OP_NE) &&
            check_comparison(c, node->first, check_node(c, node->first)->next)) {
            return;
        }
        break;
    case LAB_N_UNARY:
    case LAB_N_COND:
        break;
    default:
        lab_report(c->diags, lab_check_span(c, id), "this cannot be expected");
        return;
    }
    for (lab_node_id k = node->first; k != 0; k = check_node(c, k)->next) {
        check_predicate(c, k);
    }
}

/* ---- expectations ---- */

static bool holds_at(struct checker *c, lab_node_id when, struct lab_diags *diags)
{
    struct lab_value value = {0};

    return lab_const_eval(c->s, when, diags, &value) && (!value.numeric || value.number != 0);
}

/* Whether a `when` holds anywhere, pins aside: -D may leave an expectation out. */
static bool holds_somewhere(struct checker *c, lab_node_id when)
{
    struct lab_scenario *s = c->s;
    struct lab_point saved = s->point;
    bool pinned[LAB_KNOBS_MAX], found = false;
    uint32_t points = 0;

    for (uint32_t i = 0; i < s->knob_count; i++) {
        pinned[i] = s->knobs[i].pinned;
        s->knobs[i].pinned = false;
    }
    points = lab_points_count(s, c->diags);
    for (uint32_t i = 0; i < points && !found; i++) {
        lab_points_at(s, i, &s->point);
        found = holds_at(c, when, NULL);
    }
    for (uint32_t i = 0; i < s->knob_count; i++) {
        s->knobs[i].pinned = pinned[i];
    }
    s->point = saved;
    return found || points == 0;
}

static void add_expect(struct checker *c, lab_node_id node)
{
    struct lab_scenario *s = c->s;
    struct lab_expect *expect = &s->expects[s->expect_count];
    uint32_t before = c->diags->reported;

    if (s->expect_count == LAB_EXPECTS_MAX) {
        lab_report(c->diags, lab_check_span(c, node), "too many expectations (at most %i)",
                   (int64_t)LAB_EXPECTS_MAX);
        return;
    }
    memset(expect, 0, sizeof *expect);
    s->expect_count++;
    expect->node = node;
    expect->quantifier = (uint8_t)s->nodes[node].op;
    expect->predicate = s->nodes[node].first;
    expect->when = s->nodes[expect->predicate].next;
    expect->matches = true;
    if (expect->when != 0) {
        lab_check_feature(c, "when", expect->when);
        if (s->nodes[expect->when].length > CONDITION_MAX) {
            lab_report(c->diags, lab_check_span(c, expect->when), "this condition is too long");
            return;
        }
        check_condition(c, expect->when);
        if (c->diags->reported != before) {
            return;
        }
        expect->matches = holds_at(c, expect->when, c->diags);
        if (!s->whens_checked && !expect->matches && c->diags->reported == before &&
            !holds_somewhere(c, expect->when)) {
            lab_report(c->diags, lab_check_span(c, expect->when),
                       "no point of the knobs matches this");
        }
    }
    if (expect->matches) {
        check_predicate(c, expect->predicate);
    }
}

void lab_check_expects(struct checker *c)
{
    struct lab_scenario *s = c->s;

    for (lab_node_id d = s->root; d != 0; d = s->nodes[d].next) {
        if (s->nodes[d].kind == LAB_N_EXPECT) {
            add_expect(c, d);
        }
    }
    s->whens_checked = true;
}
