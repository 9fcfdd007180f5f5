/*
 * lab/core/lab_check_world.c - the worlds as flat lists of actions, one token each.
 *
 * Source: docs/language.md, "The world". Walked twice by the two passes over all tokens: while
 * c->counting, nothing is reported and nothing kept.
 */
#include "lab/core/check_internal.h"
#include "lab/core/scenario.h"
#include "lab/core/text.h"

enum {
    PINS = 8, /* of a PL061 */
    UNROLLED_MAX =
        100000 /* items of nested `repeat`: empty ones make no action but take time */
};

static int action_device(struct checker *c, lab_node_id base)
{
    struct lab_near near = {NULL, 0};
    struct lab_diag *diag = NULL;
    int device = lab_check_find_device(c, check_node(c, base)->name);

    if (device >= 0 || c->broken_devices || c->counting) {
        return device;
    }
    diag = lab_report(c->diags, lab_check_span(c, base), "unknown device '%s'",
                      check_name(c, base));
    for (unsigned i = 0; i < c->s->device_count; i++) {
        const char *known = lab_name(c->s, c->s->devices[i].name);

        lab_near_try(&near, check_name(c, base), check_length(c, base), known);
        lab_note(diag, i == 0 ? "one of: %s" : ", %s", known);
    }
    lab_near_hint(diag, &near);
    return -1;
}

static void list_verbs(struct checker *c, lab_node_id field, unsigned model)
{
    uint32_t verbs = lab_model_verbs(model);
    struct lab_near near = {NULL, 0};
    bool any = false;
    struct lab_diag *diag =
        lab_report(c->diags, lab_check_span(c, field), "%s has no action '%s'",
                   lab_model_name(model), check_name(c, field));

    for (unsigned i = 0; i < LAB_VERB_COUNT; i++) {
        if ((verbs >> i & 1) != 0) {
            lab_near_try(&near, check_name(c, field), check_length(c, field), lab_verb_name(i));
            lab_note(diag, any ? ", %s" : "one of: %s", lab_verb_name(i));
            any = true;
        }
    }
    if (!any) {
        lab_note(diag, "it acts by itself");
    }
    lab_near_hint(diag, &near);
}

/* The verb and device of an action; -1 after reporting. */
static int action_verb(struct checker *c, lab_node_id call, int *ret_device)
{
    struct lab_scenario *s = c->s;
    lab_node_id field = s->nodes[call].first, base = 0;
    int verb = -1;

    if (s->nodes[call].kind != LAB_N_CALL || s->nodes[field].kind != LAB_N_FIELD ||
        s->nodes[field].name == 0 || s->nodes[s->nodes[field].first].kind != LAB_N_NAME) {
        if (!c->counting) {
            struct lab_diag *diag =
                lab_report(c->diags, lab_check_span(c, call), "this is no action of the world");

            lab_note(diag, "write: device.verb(...);");
        }
        return -1;
    }
    base = s->nodes[field].first;
    *ret_device = action_device(c, base);
    if (*ret_device < 0) {
        return -1;
    }
    verb = lab_find_verb(check_name(c, field), check_length(c, field));
    if (verb < 0 || (lab_model_verbs(s->devices[*ret_device].model) >> verb & 1) == 0) {
        if (!c->counting) {
            list_verbs(c, field, s->devices[*ret_device].model);
        }
        return -1;
    }
    lab_check_set(c, base, LAB_ROLE_DEVICE, (unsigned)*ret_device, 0);
    lab_check_set(c, call, LAB_ROLE_VERB, (unsigned)verb, (uint32_t)*ret_device);
    return verb;
}

static bool verb_arguments(struct checker *c, lab_node_id call, unsigned verb)
{
    const struct lab_call *row = lab_verb_row(verb);
    unsigned count = 0;

    for (lab_node_id k = check_node(c, check_node(c, call)->first)->next; k != 0;
         k = check_node(c, k)->next) {
        count++;
    }
    if (count >= row->min && count <= row->max) {
        return true;
    }
    if (!c->counting) {
        lab_report(c->diags, lab_check_span(c, call),
                   row->max == 0      ? "%s() has no argument"
                   : count < row->min ? row->min == 1 ? "%s() needs at least one argument"
                                                      : "%s() needs at least %i arguments"
                                      : "%s() has too many arguments (at most %i)",
                   row->name, (int64_t)(count < row->min ? row->min : row->max));
    }
    return false;
}

static void too_many_actions(struct checker *c, lab_node_id node)
{
    if (!c->actions_full) {
        lab_report(c->diags, lab_check_span(c, node), "too many actions (at most %i)",
                   (int64_t)LAB_ACTIONS_MAX);
    }
    c->actions_full = true;
}

static void add_action(struct checker *c, const struct lab_action *action)
{
    struct lab_scenario *s = c->s;

    if (c->counting) {
        return;
    }
    if (s->action_count == LAB_ACTIONS_MAX) {
        too_many_actions(c, action->node);
        return;
    }
    s->actions[s->action_count++] = *action;
}

/* One action for each token of the arguments; only the first one waits for its time. */
static void send_actions(struct checker *c, lab_node_id arg, struct lab_action *action,
                         unsigned world)
{
    struct lab_scenario *s = c->s;
    struct token_sender from = {0, LAB_ACTOR_WORLD, (uint16_t)world,
                                (uint16_t)(action->device + 1), false};

    for (; arg != 0; arg = s->nodes[arg].next) {
        uint16_t first = s->sent_count;

        if (s->nodes[arg].kind != LAB_N_NAME && s->nodes[arg].kind != LAB_N_STR) {
            if (!c->counting && s->nodes[arg].kind != LAB_N_ERROR) {
                struct lab_diag *diag =
                    lab_report(c->diags, lab_check_span(c, arg), "this is no token");

                lab_note(diag, "a token is a name, or a letter of a string");
            }
            continue;
        }
        lab_check_send(c, arg, &from);
        for (uint16_t i = first; i < s->sent_count; i++) {
            action->token = s->sent[i];
            add_action(c, action);
            action->when = LAB_WHEN_NOW;
            action->time_ns = 0;
        }
        if (s->nodes[arg].kind == LAB_N_STR && lab_name_length(s, s->nodes[arg].name) == 0 &&
            !c->counting) {
            lab_report(c->diags, lab_check_span(c, arg), "an empty string has no tokens");
        }
    }
}

/* drive(PIN, 0|1 [, t]) */
static void drive_action(struct checker *c, lab_node_id pin, struct lab_action *action,
                         unsigned world)
{
    struct lab_scenario *s = c->s;
    lab_node_id level = s->nodes[pin].next, token = s->nodes[level].next;

    if (!c->counting &&
        (!lab_check_number(c, pin, 0, PINS - 1, "a pin", &action->arg[0]) ||
         !lab_check_number(c, level, 0, 1, "the level of a pin", &action->arg[1]))) {
        return;
    }
    if (token == 0) {
        add_action(c, action);
        return;
    }
    if (s->nodes[token].kind != LAB_N_NAME) {
        if (!c->counting) {
            lab_report(c->diags, lab_check_span(c, token), "this is no token");
        }
        return;
    }
    send_actions(c, token, action, world);
}

static void do_action(struct checker *c, lab_node_id call, unsigned verb,
                      struct lab_action *action, unsigned world)
{
    lab_node_id arg = check_node(c, check_node(c, call)->first)->next;

    action->verb = (uint8_t)verb;
    switch (verb) {
    case LAB_VERB_SEND:
    case LAB_VERB_RECEIVE:
        send_actions(c, arg, action, world);
        break;
    case LAB_VERB_DRIVE:
        drive_action(c, arg, action, world);
        break;
    case LAB_VERB_PULSE:
        if (arg == 0 || c->counting || lab_check_time(c, arg, &action->arg[0])) {
            add_action(c, action);
        }
        break;
    case LAB_VERB_FINISH:
        if (arg == 0 || c->counting ||
            lab_check_number(c, arg, 1, LAB_DISK_TOKENS, "the number of a request",
                             &action->arg[0])) {
            add_action(c, action);
        }
        break;
    default:
        add_action(c, action);
        break;
    }
}

/* The time in front of an action. `at` does not go back. */
static void action_time(struct checker *c, lab_node_id time, struct lab_action *action)
{
    int64_t ns = 0;

    if (c->counting || check_node(c, time)->kind == LAB_N_NONE ||
        !lab_check_time(c, time, &ns)) {
        return;
    }
    action->time_ns = ns;
    if (action->when == LAB_WHEN_AT && (uint64_t)ns < c->world_now) {
        lab_report(c->diags, lab_check_span(c, time),
                   "this is earlier than the action before it");
        return;
    }
    c->world_now = action->when == LAB_WHEN_AT ? (uint64_t)ns : c->world_now + (uint64_t)ns;
}

static void world_items(struct checker *c, lab_node_id first, unsigned world);

static void world_repeat(struct checker *c, lab_node_id repeat, unsigned world)
{
    lab_node_id count = check_node(c, repeat)->first;
    struct lab_value value = {0};
    int64_t times = 0;
    bool numeric = lab_const_eval(c->s, count, NULL, &value) && value.numeric;

    /* The first pass says nothing; the second says it all. */
    if (c->counting) {
        times =
            numeric && value.number >= 0 && value.number <= LAB_ACTIONS_MAX ? value.number : 0;
    } else if (!lab_check_number(c, count, 0, LAB_ACTIONS_MAX, "how often to repeat", &times)) {
        times = 0;
    }
    lab_check_feature(c, "repeat", repeat);
    for (int64_t i = 0; i < times && !c->tokens_full && !c->actions_full; i++) {
        if (c->unrolled >= UNROLLED_MAX) {
            if (!c->counting) {
                too_many_actions(c, repeat);
            }
            break;
        }
        world_items(c, check_node(c, count)->next, world);
    }
}

static void world_items(struct checker *c, lab_node_id first, unsigned world)
{
    struct lab_scenario *s = c->s;

    for (lab_node_id k = first; k != 0; k = s->nodes[k].next) {
        lab_node_id time = s->nodes[k].first;
        struct lab_action action = {.node = k, .when = (uint8_t)s->nodes[k].op};
        int device = -1, verb = -1;

        c->unrolled++;
        if (s->nodes[k].kind == LAB_N_REPEAT) {
            world_repeat(c, k, world);
            continue;
        }
        if (action.when == LAB_WHEN_SETTLE) {
            lab_check_feature(c, "settle", k);
        }
        action_time(c, time, &action);
        verb = action_verb(c, s->nodes[time].next, &device);
        if (verb >= 0 && verb_arguments(c, s->nodes[time].next, (unsigned)verb)) {
            action.device = (uint16_t)device;
            do_action(c, s->nodes[time].next, (unsigned)verb, &action, world);
        }
    }
}

void lab_check_world(struct checker *c, lab_node_id node)
{
    struct lab_scenario *s = c->s;
    struct lab_world *world = &s->worlds[s->world_count];

    for (unsigned i = 0; i < s->world_count; i++) {
        if (s->worlds[i].name == s->nodes[node].name && !c->counting) {
            struct lab_diag *diag = lab_report(
                c->diags, lab_check_span(c, node),
                s->nodes[node].name == 0 ? "several worlds have names: world NAME { ... }"
                                         : "this world exists already");

            lab_also(diag, lab_check_span(c, s->worlds[i].node), "here");
        }
    }
    if (s->world_count == LAB_WORLDS_MAX) {
        lab_report(c->diags, lab_check_span(c, node), "too many worlds (at most %i)",
                   (int64_t)LAB_WORLDS_MAX);
        return;
    }
    memset(world, 0, sizeof *world);
    world->name = s->nodes[node].name;
    world->node = node;
    world->first_action = s->action_count;
    c->world_now = 0;
    world_items(c, s->nodes[node].first, s->world_count);
    world->action_count = (uint16_t)(s->action_count - world->first_action);
    s->world_count++;
}
