/*
 * lab/core/knobs.c - `vary` statements, the points they span, and the values at a point.
 *
 * Source: docs/language.md, "Knobs and points".
 */
#include "lab/core/lex.h"
#include "lab/core/names.h"
#include "lab/core/scenario.h"
#include "lab/core/text.h"

int lab_find_knob(const struct lab_scenario *s, lab_name_id name)
{
    for (uint32_t i = 0; i < s->knob_count; i++) {
        if (s->knobs[i].name == name) {
            return (int)i;
        }
    }
    return -1;
}

bool lab_value_equal(const struct lab_value *a, const struct lab_value *b)
{
    if (a->numeric && b->numeric) {
        return a->number == b->number;
    }
    return !a->numeric && !b->numeric && a->name == b->name;
}

/* ---- collecting ---- */

/* FLAGS keep their text, without blanks, so that a table can show it. */
static lab_name_id flags_text(struct lab_scenario *s, lab_node_id id)
{
    char text[256];
    size_t used = 0;
    const struct lab_node *node = &s->nodes[id];

    for (uint32_t i = 0; i < node->length && used < sizeof text; i++) {
        char c = s->text[node->offset + i];

        if (lab_char_is_letter(c) || lab_char_is_digit(c) || c == '|' || c == '-') {
            text[used++] = c;
        }
    }
    return lab_intern(s, text, used);
}

static bool value_of(struct lab_scenario *s, lab_node_id id, struct lab_diags *diags,
                     struct lab_value *ret)
{
    const struct lab_node *node = &s->nodes[id];

    if (node->kind == LAB_N_KNOB || node->kind == LAB_N_VERSION) {
        lab_report(diags, lab_span_of(s, id), "this cannot be the value of a knob");
        return false;
    }
    for (lab_node_id k = node->first; k != 0; k = s->nodes[k].next) {
        if (s->nodes[k].kind == LAB_N_KNOB) {
            lab_report(diags, lab_span_of(s, k), "this cannot be the value of a knob");
            return false;
        }
    }
    if (!lab_const_eval(s, id, diags, ret)) {
        return false;
    }
    if (ret->kind == LAB_V_FLAGS) {
        ret->name = flags_text(s, id);
    }
    return true;
}

static void collect_range(struct lab_scenario *s, struct lab_knob *knob,
                          struct lab_diags *diags)
{
    lab_node_id node = s->nodes[knob->node].first;
    lab_node_id parts[3] = {node, s->nodes[node].next, s->nodes[s->nodes[node].next].next};
    struct lab_value v[3] = {{0}};
    uint64_t count = 0;

    for (int i = 0; i < 3; i++) {
        if (!value_of(s, parts[i], diags, &v[i])) {
            return;
        }
        if (v[i].kind != LAB_V_INT && v[i].kind != LAB_V_TIME) {
            lab_report(diags, lab_span_of(s, parts[i]), "a range goes over numbers or times");
            return;
        }
        if (v[i].kind != v[0].kind) {
            lab_report(diags, lab_span_of(s, parts[i]), "a range mixes numbers and times");
            return;
        }
    }
    if (v[2].number <= 0) {
        lab_report(diags, lab_span_of(s, parts[2]), "the step of a range must be above 0");
        return;
    }
    if (v[1].number < v[0].number) {
        lab_report(diags, lab_span_of(s, parts[1]), "the range ends before it begins");
        return;
    }
    count = ((uint64_t)v[1].number - (uint64_t)v[0].number) / (uint64_t)v[2].number;
    knob->range = true;
    knob->kind = v[0].kind;
    knob->from = v[0].number;
    knob->step = v[2].number;
    /* More than any cross product may have; lab_points_count() says so. */
    knob->count = count < LAB_KNOB_VALUES_MAX ? (uint32_t)count + 1 : LAB_KNOB_VALUES_MAX + 1;
}

static void collect_list(struct lab_scenario *s, struct lab_knob *knob, struct lab_diags *diags)
{
    uint32_t count = 0;

    for (lab_node_id k = s->nodes[knob->node].first; k != 0; k = s->nodes[k].next) {
        count++;
    }
    knob->first = s->value_count;
    for (lab_node_id k = s->nodes[knob->node].first; k != 0; k = s->nodes[k].next) {
        struct lab_value *value = &s->values[s->value_count];

        if (!value_of(s, k, diags, value)) {
            return;
        }
        for (uint32_t i = knob->first; i < s->value_count && count <= LAB_KNOB_VALUES_MAX;
             i++) {
            if (lab_value_equal(value, &s->values[i])) {
                lab_report(diags, lab_span_of(s, k), "this value is listed twice");
                return;
            }
        }
        s->value_count++;
    }
    knob->count = count;
}

static bool take_values(struct lab_scenario *s)
{
    uint32_t count = 0;

    for (lab_node_id d = s->root; d != 0; d = s->nodes[d].next) {
        for (lab_node_id k = s->nodes[d].first; k != 0 && s->nodes[d].kind == LAB_N_VARY;
             k = s->nodes[k].next) {
            count++;
        }
    }
    s->values = lab_pool_take(s->pool, (count + 1) * sizeof *s->values);
    return s->values != NULL;
}

void lab_collect_knobs(struct lab_scenario *s, struct lab_diags *diags)
{
    if (!take_values(s)) {
        lab_report(diags, lab_span_of(s, s->root),
                   "the scenario is too large for the memory it was given");
        return;
    }
    for (lab_node_id d = s->root; d != 0; d = s->nodes[d].next) {
        struct lab_knob *knob = NULL;
        int old = -1;

        if (s->nodes[d].kind != LAB_N_VARY) {
            continue;
        }
        old = lab_find_knob(s, s->nodes[d].name);
        if (old >= 0) {
            struct lab_diag *diag =
                lab_report(diags, lab_span_of(s, d), "the knob '%s' exists already",
                           lab_name(s, s->nodes[d].name));

            lab_also(diag, lab_span_of(s, s->knobs[old].node), "here");
            continue;
        }
        if (s->knob_count == LAB_KNOBS_MAX) {
            lab_report(diags, lab_span_of(s, d), "too many knobs (at most %i)",
                       (int64_t)LAB_KNOBS_MAX);
            return;
        }
        knob = &s->knobs[s->knob_count++];
        knob->name = s->nodes[d].name;
        knob->node = d;
        if (s->nodes[d].op == LAB_VARY_RANGE) {
            collect_range(s, knob, diags);
        } else {
            collect_list(s, knob, diags);
        }
    }
}

/* ---- points ---- */

static uint32_t knob_count(const struct lab_knob *knob)
{
    return knob->pinned ? 1 : knob->count;
}

uint32_t lab_points_count(const struct lab_scenario *s, struct lab_diags *diags)
{
    uint32_t points = 1;

    for (uint32_t i = 0; i < s->knob_count; i++) {
        uint32_t count = knob_count(&s->knobs[i]);

        if (count > LAB_POINTS_MAX / points) {
            struct lab_diag *diag =
                lab_report(diags, lab_span_of(s, s->knobs[i].node),
                           "the knobs have more than %i points", (int64_t)LAB_POINTS_MAX);

            lab_note(diag, "pin one with -D NAME=value, or list fewer values");
            return 0;
        }
        points *= count;
    }
    return points;
}

void lab_points_at(const struct lab_scenario *s, uint32_t point, struct lab_point *ret_point)
{
    memset(ret_point, 0, sizeof *ret_point);
    ret_point->knobs = s->knob_count;
    for (uint32_t i = s->knob_count; i-- > 0;) {
        const struct lab_knob *knob = &s->knobs[i];
        uint32_t count = knob_count(knob), at = count == 0 ? 0 : point % count;

        point = count == 0 ? 0 : point / count;
        if (knob->pinned) {
            ret_point->value[i] = knob->pin;
        } else if (knob->range) {
            ret_point->value[i].kind = knob->kind;
            ret_point->value[i].numeric = true;
            ret_point->value[i].number = knob->from + (int64_t)at * knob->step;
        } else if (count > 0) {
            ret_point->value[i] = s->values[knob->first + at];
        }
    }
}

const struct lab_value *lab_point_value(const struct lab_scenario *s,
                                        const struct lab_point *point, lab_name_id knob)
{
    int found = lab_find_knob(s, knob);

    return found < 0 || (uint32_t)found >= point->knobs ? NULL : &point->value[found];
}

/* ---- pins ---- */

static const struct lab_span no_place = {0, 0, 0, 0};

/* The kind that the values of a knob have; WORD for words and flags. */
static uint8_t kind_of(const struct lab_scenario *s, const struct lab_knob *knob)
{
    uint8_t kind = knob->range ? knob->kind : s->values[knob->first].kind;

    return kind == LAB_V_FLAGS ? LAB_V_WORD : kind;
}

static struct lab_diag *list_values(const struct lab_scenario *s, const struct lab_knob *knob,
                                    struct lab_diag *diag)
{
    for (uint32_t i = 0; !knob->range && i < knob->count; i++) {
        char text[80];

        lab_value_text(s, &s->values[knob->first + i], text, sizeof text);
        lab_note(diag, i == 0 ? "one of: %s" : ", %s", text);
    }
    return diag;
}

/* A number, time or character of the knob's kind as -D has it. */
static bool pin_number(const char *text, size_t length, uint8_t kind, struct lab_value *ret)
{
    struct lab_lexer lexer;
    struct lab_lexeme lexeme;
    bool minus = length > 0 && text[0] == '-';
    uint8_t wanted = kind == LAB_V_TIME   ? LAB_LEX_TIME
                     : kind == LAB_V_CHAR ? LAB_LEX_CHAR
                                          : LAB_LEX_INT;

    lab_lex_init(&lexer, text + minus, (uint32_t)(length - minus), NULL);
    lexeme = lab_lex_next(&lexer);
    if (lexeme.kind != wanted || (minus && kind == LAB_V_CHAR) ||
        lab_lex_next(&lexer).kind != LAB_LEX_END) {
        return false;
    }
    ret->kind = kind;
    ret->numeric = true;
    ret->name = 0;
    ret->number = minus ? -lexeme.value : lexeme.value;
    return true;
}

static bool pin_listed(const struct lab_scenario *s, const struct lab_knob *knob,
                       const char *text, size_t length, struct lab_value *ret)
{
    for (uint32_t i = 0; !knob->range && i < knob->count; i++) {
        char known[256];

        lab_value_text(s, &s->values[knob->first + i], known, sizeof known);
        if (lab_text_is(known, text, length)) {
            *ret = s->values[knob->first + i];
            return true;
        }
    }
    return false;
}

static int unknown_knob(const struct lab_scenario *s, const char *text, size_t length,
                        struct lab_diags *diags)
{
    struct lab_near near = {NULL, 0};
    struct lab_diag *diag =
        lab_report(diags, no_place, "-D %t: the scenario has no such knob", text, length);

    for (uint32_t i = 0; i < s->knob_count; i++) {
        lab_near_try(&near, text, length, lab_name(s, s->knobs[i].name));
        lab_note(diag, i == 0 ? "one of: %s" : ", %s", lab_name(s, s->knobs[i].name));
    }
    lab_near_hint(diag, &near);
    return -1;
}

int lab_pin(struct lab_scenario *s, const char *text, struct lab_diags *diags)
{
    size_t name = 0, length = lab_text_length(text);
    struct lab_knob *knob = NULL;
    struct lab_diag *diag = NULL;

    while (text[name] != '\0' && text[name] != '=') {
        name++;
    }
    for (uint32_t i = 0; i < s->knob_count; i++) {
        if (lab_text_is(lab_name(s, s->knobs[i].name), text, name)) {
            knob = &s->knobs[i];
        }
    }
    if (text[name] != '=') {
        lab_report(diags, no_place, "-D %t: expected NAME=VALUE", text, length);
        return -1;
    }
    if (knob == NULL) {
        return unknown_knob(s, text, name, diags);
    }
    text += name + 1;
    length -= name + 1;
    if (pin_listed(s, knob, text, length, &knob->pin) ||
        (kind_of(s, knob) != LAB_V_WORD &&
         pin_number(text, length, kind_of(s, knob), &knob->pin))) {
        knob->pinned = true;
        return 0;
    }
    diag = lab_report(diags, no_place, "-D %s: '%t' is no value of this knob",
                      lab_name(s, knob->name), text, length);
    if (kind_of(s, knob) == LAB_V_TIME)
        lab_note(diag, "a time has a unit, such as 4us");
    else
        list_values(s, knob, diag);
    return -1;
}

/* ---- text ---- */

struct writer {
    char *to;
    size_t size, used;
};

static void put(struct writer *w, const char *text, size_t length)
{
    for (size_t i = 0; i < length && w->used + 1 < w->size; i++) {
        w->to[w->used++] = text[i];
    }
}

static void put_number(struct writer *w, int64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0) {
        put(w, "-", 1);
    }
    put(w, digits + at, sizeof digits - at);
}

static void put_time(struct writer *w, int64_t ns)
{
    static const struct unit {
        int64_t ns;
        const char *name;
    } units[] = {{1000000000, "s"}, {1000000, "ms"}, {1000, "us"}, {1, "ns"}};

    size_t i = 0;

    while (ns == 0 ? units[i].ns != 1000 : ns % units[i].ns != 0) {
        i++; /* the largest unit that divides it; ends at 1 ns */
    }
    put_number(w, ns / units[i].ns);
    put(w, units[i].name, lab_text_length(units[i].name));
}

static void put_char(struct writer *w, int64_t value)
{
    static const char hex[] = "0123456789abcdef";
    unsigned byte = (unsigned)value & 255;
    char c = (char)byte;

    put(w, "'", 1);
    if (c == '\n' || c == '\t' || c == '\\' || c == '\'') {
        put(w, "\\", 1);
        put(w, c == '\n' ? "n" : c == '\t' ? "t" : &c, 1);
    } else if (byte >= 0x20 && byte < 0x7f) {
        put(w, &c, 1);
    } else {
        put(w, "\\x", 2);
        put(w, &hex[byte >> 4], 1);
        put(w, &hex[byte & 15], 1);
    }
    put(w, "'", 1);
}

size_t lab_value_text(const struct lab_scenario *s, const struct lab_value *value, char *to,
                      size_t size)
{
    struct writer w = {to, size, 0};

    switch (value->kind) {
    case LAB_V_WORD:
    case LAB_V_FLAGS:
        put(&w, lab_name(s, value->name), lab_name_length(s, value->name));
        break;
    case LAB_V_TIME:
        put_time(&w, value->number);
        break;
    case LAB_V_CHAR:
        put_char(&w, value->number);
        break;
    default:
        put_number(&w, value->number);
        break;
    }
    if (size > 0) {
        to[w.used] = '\0';
    }
    return w.used;
}
