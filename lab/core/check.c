/*
 * lab/core/check.c - the order of the checks, and what all of them need.
 *
 * Source: docs/language.md.
 */
#include "lab/core/check.h"

#include "lab/core/check_internal.h"
#include "lab/core/scenario.h"
#include "lab/core/text.h"

struct lab_span lab_check_span(struct checker *c, lab_node_id id)
{
    return lab_span_of(c->s, id);
}

void lab_check_feature(struct checker *c, const char *name, lab_node_id node)
{
    struct lab_scenario *s = c->s;

    for (uint16_t i = 0; i < s->feature_count; i++) {
        if (s->features[i].name == name ||
            lab_text_is(name, s->features[i].name, lab_text_length(s->features[i].name))) {
            return;
        }
    }
    if (s->feature_count < LAB_FEATURES_MAX) {
        s->features[s->feature_count].name = name;
        s->features[s->feature_count++].node = node;
    }
}

const struct lab_feature *lab_features(const struct lab_scenario *s, size_t *ret_count)
{
    *ret_count = s->feature_count;
    return s->features;
}

void lab_check_set(struct checker *c, lab_node_id id, enum lab_role role, unsigned ref,
                   uint32_t aux)
{
    struct lab_node *node = check_node(c, id);

    node->role = (uint16_t)role;
    node->ref = (uint16_t)ref;
    node->aux = aux;
}

/* ---- finding ---- */

int lab_check_find_device(struct checker *c, lab_name_id name)
{
    for (unsigned i = 0; i < c->s->device_count; i++) {
        if (c->s->devices[i].name == name) {
            return (int)i;
        }
    }
    return -1;
}

int lab_check_find_driver(struct checker *c, lab_name_id name)
{
    for (unsigned i = 0; i < c->s->driver_count; i++) {
        if (c->s->drivers[i].name == name) {
            return (int)i;
        }
    }
    return -1;
}

int lab_check_find_file(struct checker *c, lab_name_id name)
{
    for (unsigned i = 0; i < c->s->file_count; i++) {
        if (c->s->files[i].name == name) {
            return (int)i;
        }
    }
    return -1;
}

uint32_t lab_check_numbered(const char *base, size_t base_length, const char *text,
                            size_t length)
{
    uint32_t number = 0;

    if (length <= base_length || length > base_length + 4 ||
        memcmp(base, text, base_length) != 0 || text[base_length] == '0') {
        return 0;
    }
    for (size_t i = base_length; i < length; i++) {
        if (!lab_char_is_digit(text[i])) {
            return 0;
        }
        number = number * 10 + (uint32_t)(text[i] - '0');
    }
    return number;
}

int lab_check_find_task(struct checker *c, lab_name_id name, uint32_t *ret_instance)
{
    struct lab_scenario *s = c->s;

    for (unsigned i = 0; i < s->task_count; i++) {
        const struct lab_task *task = &s->tasks[i];
        uint32_t n = 0;

        if (task->name == name) {
            *ret_instance = task->numbered ? 0 : 1;
            return (int)i;
        }
        if (!task->numbered) {
            continue;
        }
        n = lab_check_numbered(lab_name(s, task->name), lab_name_length(s, task->name),
                               lab_name(s, name), lab_name_length(s, name));
        if (n >= 1 && n <= task->count) {
            *ret_instance = n;
            return (int)i;
        }
    }
    return -1;
}

int lab_check_find_token(struct checker *c, lab_name_id name)
{
    for (unsigned i = 1; i <= c->s->token_count; i++) {
        if (c->s->tokens[i].name == name) {
            return (int)i;
        }
    }
    return -1;
}

int lab_check_find_variable(struct checker *c, enum lab_scope scope, unsigned owner,
                            unsigned block, lab_name_id name)
{
    for (unsigned i = 0; i < c->s->variable_count; i++) {
        const struct lab_variable *v = &c->s->variables[i];

        if (v->name == name && v->scope == scope && v->owner == owner &&
            (scope != LAB_SCOPE_BLOCK || v->block == block)) {
            return (int)i;
        }
    }
    return -1;
}

/* ---- values ---- */

void lab_check_twice(struct checker *c, lab_node_id node, const char *what, lab_node_id other)
{
    struct lab_diag *diag = lab_report(c->diags, lab_check_span(c, node),
                                       "the %s '%s' exists already", what, check_name(c, node));

    if (other != 0) {
        lab_also(diag, lab_check_span(c, other), "here");
    }
}

bool lab_check_number(struct checker *c, lab_node_id id, int64_t least, int64_t most,
                      const char *what, int64_t *ret)
{
    struct lab_value value = {0};

    if (!lab_const_eval(c->s, id, c->diags, &value)) {
        return false;
    }
    if (!value.numeric || value.kind == LAB_V_TIME) {
        lab_report(c->diags, lab_check_span(c, id), "%s is a number", what);
        return false;
    }
    if (least == most && value.number != least) {
        lab_report(c->diags, lab_check_span(c, id), "%s can only be %i here", what, least);
        return false;
    }
    if (value.number < least || value.number > most) {
        lab_report(c->diags, lab_check_span(c, id), "%s is a number from %i to %i", what, least,
                   most);
        return false;
    }
    *ret = value.number;
    return true;
}

bool lab_check_time(struct checker *c, lab_node_id id, int64_t *ret)
{
    struct lab_value value = {0};

    if (!lab_const_eval(c->s, id, c->diags, &value)) {
        return false;
    }
    if (!value.numeric || (value.kind != LAB_V_TIME && value.number != 0)) {
        struct lab_diag *diag =
            lab_report(c->diags, lab_check_span(c, id), "a time has a unit, such as 4us");

        lab_note(diag, "one of: ns, us, ms, s");
        return false;
    }
    if (value.number < 0) {
        lab_report(c->diags, lab_check_span(c, id), "a time is not below 0");
        return false;
    }
    *ret = value.number;
    return true;
}

const char *lab_check_word(struct checker *c, lab_node_id id, size_t *ret_length)
{
    const struct lab_node *node = check_node(c, id);
    const struct lab_value *value = NULL;

    if (node->kind == LAB_N_WORD || node->kind == LAB_N_NAME) {
        *ret_length = check_length(c, id);
        return check_name(c, id);
    }
    if (node->kind == LAB_N_KNOB) {
        value = lab_point_value(c->s, &c->s->point, node->name);
        if (value != NULL && value->kind == LAB_V_WORD) {
            *ret_length = lab_name_length(c->s, value->name);
            return lab_name(c->s, value->name);
        }
        if (value != NULL) {
            lab_report(c->diags, lab_check_span(c, id),
                       "the values of the knob '%s' are no words, but a word is needed here",
                       check_name(c, id));
        }
        return NULL;
    }
    if (node->kind != LAB_N_ERROR) {
        lab_report(c->diags, lab_check_span(c, id), "a word is needed here");
    }
    return NULL;
}

/* ---- the whole ---- */

/* Knobs that do not exist; their nodes then stay silent. */
static void check_knobs(struct checker *c)
{
    struct lab_scenario *s = c->s;

    for (lab_node_id i = 1; i < s->node_count; i++) {
        struct lab_near near = {NULL, 0};
        struct lab_diag *diag = NULL;

        if (s->nodes[i].kind != LAB_N_KNOB || lab_find_knob(s, s->nodes[i].name) >= 0) {
            continue;
        }
        diag =
            lab_report(c->diags, lab_check_span(c, i), "unknown knob '$%s'", check_name(c, i));
        for (uint32_t k = 0; k < s->knob_count; k++) {
            lab_near_try(&near, check_name(c, i), check_length(c, i),
                         lab_name(s, s->knobs[k].name));
            lab_note(diag, k == 0 ? "one of: $%s" : ", $%s", lab_name(s, s->knobs[k].name));
        }
        if (s->knob_count == 0) {
            lab_note(diag, "there are no knobs; write: vary %s = value, value;",
                     check_name(c, i));
        }
        lab_near_hint(diag, &near);
        s->nodes[i].kind = LAB_N_ERROR;
        s->parse_failed = true;
    }
}

static void check_texts(struct checker *c)
{
    struct lab_scenario *s = c->s;
    bool answers = false;
    lab_node_id first = 0;

    s->title = s->about = s->question = 0;
    for (lab_node_id d = s->root; d != 0; d = s->nodes[d].next) {
        const struct lab_node *node = &s->nodes[d];
        lab_name_id *text = node->kind == LAB_N_TITLE      ? &s->title
                            : node->kind == LAB_N_ABOUT    ? &s->about
                            : node->kind == LAB_N_QUESTION ? &s->question
                                                           : NULL;

        if (text != NULL && *text != 0) {
            lab_report(c->diags, lab_check_span(c, d), "there is one %s already",
                       node->kind == LAB_N_TITLE   ? "title"
                       : node->kind == LAB_N_ABOUT ? "about"
                                                   : "question");
        }
        if (text != NULL) {
            *text = node->name;
        }
        if (node->kind == LAB_N_ANSWER) {
            answers = answers || node->op == 1;
            first = first == 0 ? d : first;
        }
    }
    if (first != 0 && s->question == 0) {
        lab_report(c->diags, lab_check_span(c, first), "an answer without a question");
    } else if (first != 0 && !answers) {
        lab_report(c->diags, lab_check_span(c, first), "no answer is marked 'correct'");
    }
}

static void reset(struct lab_scenario *s, const struct lab_point *point)
{
    s->point = *point;
    s->device_count = s->file_count = s->driver_count = s->task_count = s->process_count = 0;
    s->world_count = s->action_count = s->expect_count = s->variable_count = 0;
    s->token_count = s->sent_count = s->feature_count = 0;
    memset(&s->machine, 0, sizeof s->machine);
    for (uint32_t i = 1; i < s->node_count; i++) {
        s->nodes[i].role = LAB_ROLE_NONE;
        s->nodes[i].ref = 0;
        s->nodes[i].aux = 0;
    }
}

int lab_check(struct lab_scenario *s, const struct lab_point *point, struct lab_diags *diags)
{
    struct checker c = {.s = s, .diags = diags};
    uint32_t before = diags->reported;

    if (s->parse_failed) {
        return -1;
    }
    reset(s, point);
    check_knobs(&c);
    check_texts(&c);
    lab_check_limits(&c);
    lab_check_machine(&c);
    lab_check_devices(&c);
    lab_check_drivers(&c);
    lab_check_files(&c);
    lab_check_default_drivers(&c);
    lab_check_named_files(&c);
    lab_check_tasks(&c);
    lab_check_collect_variables(&c);
    lab_check_tokens(&c);
    lab_check_all_code(&c);
    lab_check_expects(&c);
    return diags->reported == before ? 0 : -1;
}
