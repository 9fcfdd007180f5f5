/*
 * lab/core/check_driver.c - checks of drivers, apart from the code in their blocks.
 *
 * Source: docs/language.md, "Drivers".
 */
#include "lab/core/check_internal.h"
#include "lab/core/scenario.h"
#include "lab/core/text.h"

enum { QUEUE_DEFAULT = 64, QUEUE_MAX = 255, NO_DRIVER = 0xffff, NO_FLOW = 0xff };

static void add_file(struct checker *c, lab_name_id name, lab_node_id node, unsigned driver)
{
    struct lab_scenario *s = c->s;
    struct lab_file *file = &s->files[s->file_count];
    int old = lab_check_find_file(c, name);

    if (old >= 0) {
        struct lab_diag *diag = lab_report(c->diags, lab_check_span(c, node),
                                           "the file '%s' exists already", lab_name(s, name));

        lab_also(diag, lab_check_span(c, s->files[old].node), "here");
        return;
    }
    if (s->file_count == LAB_FILES_MAX) {
        lab_report(c->diags, lab_check_span(c, node), "too many files (at most %i)",
                   (int64_t)LAB_FILES_MAX);
        return;
    }
    memset(file, 0, sizeof *file);
    s->file_count++;
    file->name = name;
    file->node = node;
    file->kind = LAB_FILE_DRIVER;
    file->owner = (uint16_t)driver;
    s->drivers[driver].file_count++;
}

/* ---- the devices a driver is for ---- */

static void unknown_device(struct checker *c, lab_node_id name)
{
    struct lab_near near = {NULL, 0};
    struct lab_diag *diag = NULL;

    if (c->broken_devices) {
        return;
    }
    diag = lab_report(c->diags, lab_check_span(c, name), "unknown device '%s'",
                      check_name(c, name));
    for (unsigned i = 0; i < c->s->device_count; i++) {
        const char *known = lab_name(c->s, c->s->devices[i].name);

        lab_near_try(&near, check_name(c, name), check_length(c, name), known);
        lab_note(diag, i == 0 ? "one of: %s" : ", %s", known);
    }
    lab_near_hint(diag, &near);
}

static void take_devices(struct checker *c, lab_node_id names, unsigned driver)
{
    struct lab_scenario *s = c->s;

    for (lab_node_id n = s->nodes[names].first; n != 0; n = s->nodes[n].next) {
        int device = lab_check_find_device(c, s->nodes[n].name);

        if (device < 0) {
            unknown_device(c, n);
            continue;
        }
        if (s->devices[device].driver != NO_DRIVER) {
            struct lab_diag *diag =
                lab_report(c->diags, lab_check_span(c, n),
                           "the device '%s' has a driver already", check_name(c, n));

            lab_also(diag, lab_check_span(c, s->drivers[s->devices[device].driver].node),
                     "here");
            continue;
        }
        lab_check_set(c, n, LAB_ROLE_DEVICE, (unsigned)device, 0);
        s->devices[device].driver = (uint16_t)driver;
    }
}

/* ---- built-in drivers and shared objects ---- */

static void take_builtin(struct checker *c, lab_node_id names, lab_node_id word,
                         unsigned driver)
{
    struct lab_scenario *s = c->s;
    size_t length = 0;
    const char *name = NULL;
    int model = -1, device = lab_check_find_device(c, s->nodes[s->nodes[names].first].name);

    if (s->nodes[s->nodes[names].first].next != 0) {
        lab_report(c->diags, lab_check_span(c, names), "a C driver is for one device");
    }
    if (s->nodes[word].kind == LAB_N_STR) {
        s->drivers[driver].shared = s->nodes[word].name;
        s->drivers[driver].word = word;
        lab_check_feature(c, "shared object", word);
        return;
    }
    lab_check_feature(c, "built-in driver", word);
    name = lab_check_word(c, word, &length);
    model = name == NULL ? -1 : lab_find_model(name, length);
    if (name != NULL && model < 0) {
        struct lab_near near = {NULL, 0};
        struct lab_diag *diag = lab_report(c->diags, lab_check_span(c, word),
                                           "unknown built-in driver '%t'", name, length);

        for (unsigned i = 0; i < LAB_MODEL_COUNT; i++) {
            lab_near_try(&near, name, length, lab_model_name(i));
            lab_note(diag, i == 0 ? "one of: %s" : ", %s", lab_model_name(i));
        }
        lab_near_hint(diag, &near);
    }
    if (model < 0) {
        return;
    }
    s->drivers[driver].builtin = (uint8_t)model;
    if (device >= 0 && s->devices[device].model != model) {
        lab_report(c->diags, lab_check_span(c, word),
                   "'%s' is a %s, and this driver is for a %s",
                   lab_name(s, s->devices[device].name),
                   lab_model_name(s->devices[device].model), lab_model_name((unsigned)model));
    }
}

/* ---- members ---- */

static void take_flow(struct checker *c, lab_node_id word, struct lab_driver *driver)
{
    static const char *const features[] = {"flow level", "flow edge", "flow fasteoi",
                                           "flow manual"};
    size_t length = 0;
    const char *name = lab_check_word(c, word, &length);
    int flow = name == NULL ? -1 : lab_find_flow(name, length);

    if (name != NULL && flow < 0) {
        struct lab_near near = {NULL, 0};
        struct lab_diag *diag =
            lab_report(c->diags, lab_check_span(c, word), "unknown flow '%t'", name, length);

        for (unsigned i = 0; i < LAB_FLOW_COUNT; i++) {
            lab_near_try(&near, name, length, lab_flow_name(i));
            lab_note(diag, i == 0 ? "one of: %s" : ", %s", lab_flow_name(i));
        }
        lab_near_hint(diag, &near);
    }
    driver->flow = flow < 0 ? LAB_FLOW_MANUAL : (uint8_t)flow;
    if (flow >= 0) {
        lab_check_feature(c, features[flow], word);
    }
}

static void take_block(struct checker *c, lab_node_id member, struct lab_driver *driver)
{
    static const char *const features[LAB_BLOCKS] = {
        "init", NULL, "thread", "open", "release", "read block", "write block", "poll block"};
    unsigned block = check_node(c, member)->op;

    if (driver->block[block] != 0) {
        struct lab_diag *diag =
            lab_report(c->diags, lab_check_span(c, member),
                       "this driver has a block '%s' already", lab_block_name(block));

        lab_also(diag, lab_check_span(c, driver->block[block]), "here");
        return;
    }
    driver->block[block] = check_node(c, member)->first;
    if (features[block] != NULL) {
        lab_check_feature(c, features[block], member);
    }
}

static void take_files(struct checker *c, lab_node_id member, unsigned driver)
{
    lab_node_id names = check_node(c, member)->first;

    for (lab_node_id n = check_node(c, names)->first; n != 0; n = check_node(c, n)->next) {
        add_file(c, check_node(c, n)->name, n, driver);
    }
    lab_check_feature(c, "files", member);
}

static void take_state(struct checker *c, lab_node_id member, unsigned driver)
{
    struct lab_scenario *s = c->s;
    lab_node_id names = s->nodes[member].first;

    lab_check_feature(c, "state", member);
    for (lab_node_id n = s->nodes[names].first; n != 0; n = s->nodes[n].next) {
        int old = lab_check_find_variable(c, LAB_SCOPE_STATE, driver, 0, s->nodes[n].name);
        struct lab_variable *v = &s->variables[s->variable_count];
        uint16_t slot = 0;

        if (old >= 0) {
            lab_check_twice(c, n, "state", s->variables[old].node);
            continue;
        }
        if (s->variable_count == LAB_VARIABLES_MAX) {
            lab_report(c->diags, lab_check_span(c, n), "too many variables (at most %i)",
                       (int64_t)LAB_VARIABLES_MAX);
            return;
        }
        for (unsigned i = 0; i < s->variable_count; i++) {
            slot = (uint16_t)(slot + (s->variables[i].scope == LAB_SCOPE_STATE &&
                                      s->variables[i].owner == driver));
        }
        memset(v, 0, sizeof *v);
        s->variable_count++;
        v->name = s->nodes[n].name;
        v->node = n;
        v->scope = LAB_SCOPE_STATE;
        v->owner = (uint16_t)driver;
        v->slot = slot;
        lab_check_set(c, n, LAB_ROLE_VARIABLE, s->variable_count - 1u, 0);
    }
}

struct member_seen {
    lab_node_id flow, queue, files, oneshot;
};

static void once(struct checker *c, lab_node_id member, lab_node_id *seen, const char *what)
{
    if (*seen != 0) {
        struct lab_diag *diag = lab_report(c->diags, lab_check_span(c, member),
                                           "this driver has a '%s' already", what);

        lab_also(diag, lab_check_span(c, *seen), "here");
    }
    *seen = member;
}

static void take_member(struct checker *c, lab_node_id member, unsigned driver,
                        struct member_seen *seen)
{
    struct lab_driver *d = &c->s->drivers[driver];
    int64_t queue = QUEUE_DEFAULT;

    switch (check_node(c, member)->kind) {
    case LAB_N_MEMBER_BLOCK:
        take_block(c, member, d);
        break;
    case LAB_N_FLOW:
        once(c, member, &seen->flow, "flow");
        take_flow(c, check_node(c, member)->first, d);
        break;
    case LAB_N_ONESHOT:
        once(c, member, &seen->oneshot, "oneshot");
        d->oneshot = true;
        lab_check_feature(c, "oneshot", member);
        break;
    case LAB_N_QUEUE:
        once(c, member, &seen->queue, "queue");
        lab_check_number(c, check_node(c, member)->first, 1, QUEUE_MAX, "the length of a queue",
                         &queue);
        d->queue = (uint16_t)queue;
        break;
    case LAB_N_FILES:
        once(c, member, &seen->files, "files");
        take_files(c, member, driver);
        break;
    case LAB_N_STATE:
        take_state(c, member, driver);
        break;
    default:
        break;
    }
}

/* The flow that goes with the trigger of the driver's first device. */
static void default_flow(struct checker *c, unsigned driver)
{
    struct lab_scenario *s = c->s;

    for (unsigned i = 0; i < s->device_count && s->drivers[driver].flow == NO_FLOW; i++) {
        if (s->devices[i].driver == driver) {
            s->drivers[driver].flow =
                (uint8_t)lab_default_flow(s->machine.id, s->devices[i].trigger);
        }
    }
    if (s->drivers[driver].flow == NO_FLOW) {
        s->drivers[driver].flow = LAB_FLOW_FASTEOI;
    }
}

static void check_members(struct checker *c, lab_node_id names, unsigned driver)
{
    struct lab_scenario *s = c->s;
    struct lab_driver *d = &s->drivers[driver];
    struct member_seen seen = {0, 0, 0, 0};

    for (lab_node_id k = s->nodes[names].next; k != 0; k = s->nodes[k].next) {
        take_member(c, k, driver, &seen);
    }
    if (seen.files == 0) {
        add_file(c, d->name, d->node, driver);
    }
    if (seen.oneshot != 0 && d->block[LAB_BLOCK_THREAD] == 0) {
        lab_report(c->diags, lab_check_span(c, seen.oneshot),
                   "'oneshot' without a thread { } to wait for");
    }
    if (d->block[LAB_BLOCK_THREAD] != 0 && d->block[LAB_BLOCK_IRQ] == 0) {
        lab_report(c->diags, lab_check_span(c, d->block[LAB_BLOCK_THREAD]),
                   "a thread { } without an irq { } that wakes it");
    }
}

static void add_driver(struct checker *c, lab_node_id node)
{
    struct lab_scenario *s = c->s;
    struct lab_driver *d = &s->drivers[s->driver_count];
    unsigned driver = s->driver_count;
    lab_node_id names = s->nodes[node].first;
    int old = lab_check_find_driver(c, s->nodes[node].name);

    if (old >= 0) {
        lab_check_twice(c, node, "driver", s->drivers[old].node);
        return;
    }
    if (driver == LAB_DRIVERS_MAX) {
        lab_report(c->diags, lab_check_span(c, node), "too many drivers (at most %i)",
                   (int64_t)LAB_DRIVERS_MAX);
        return;
    }
    memset(d, 0, sizeof *d);
    s->driver_count++;
    d->name = s->nodes[node].name;
    d->node = node;
    d->kind = (uint8_t)s->nodes[node].op;
    d->flow = NO_FLOW;
    d->queue = QUEUE_DEFAULT;
    d->first_file = s->file_count;
    take_devices(c, names, driver);
    if (d->kind == LAB_DRIVER_SCENARIO) {
        check_members(c, names, driver);
    } else {
        take_builtin(c, names, s->nodes[names].next, driver);
        add_file(c, d->name, node, driver);
    }
    default_flow(c, driver);
}

void lab_check_drivers(struct checker *c)
{
    struct lab_scenario *s = c->s;

    for (unsigned i = 0; i < s->device_count; i++) {
        s->devices[i].driver = NO_DRIVER;
    }
    for (lab_node_id d = s->root; d != 0; d = s->nodes[d].next) {
        if (s->nodes[d].kind == LAB_N_DRIVER) {
            add_driver(c, d);
        }
    }
}

void lab_check_default_drivers(struct checker *c)
{
    struct lab_scenario *s = c->s;

    for (unsigned i = 0; i < s->device_count; i++) {
        struct lab_device *device = &s->devices[i];
        struct lab_driver *d = &s->drivers[s->driver_count];

        if (device->driver != NO_DRIVER) {
            continue;
        }
        if (s->driver_count == LAB_DRIVERS_MAX) {
            lab_report(c->diags, lab_check_span(c, device->node),
                       "too many drivers (at most %i)", (int64_t)LAB_DRIVERS_MAX);
            device->driver = 0;
            return;
        }
        memset(d, 0, sizeof *d);
        device->driver = s->driver_count++;
        d->name = device->name;
        d->kind = LAB_DRIVER_BUILTIN;
        d->builtin = device->model;
        d->flow = NO_FLOW;
        d->queue = QUEUE_DEFAULT;
        d->first_file = s->file_count;
        add_file(c, d->name, device->node, device->driver);
        default_flow(c, device->driver);
        lab_check_feature(c, "built-in driver", device->node);
    }
}
