/*
 * lab/core/check_device.c - checks of devices and of their options.
 *
 * Source: docs/language.md, "Machines and devices".
 */
#include "lab/core/check_internal.h"
#include "lab/core/scenario.h"
#include "lab/core/text.h"
#include "sim/regs/board_virt.h"

enum { FIFO_DEFAULT = 16, FIFO_MAX = 255, PULSE_DEFAULT_NS = 1000, NO_IRQ = 0xffff };

static void list_models(struct checker *c, struct lab_diag *diag)
{
    const struct lab_board *board = lab_board(c->s->machine.id);

    for (unsigned i = 0; board->any_device && i < LAB_MODEL_COUNT; i++) {
        lab_note(diag, i == 0 ? "one of: %s" : ", %s", lab_model_name(i));
    }
    if (!board->any_device) {
        lab_note(diag, "%s has: source, line", lab_machine_name(c->s->machine.id));
    }
    for (const struct lab_board_device *row = board->devices; row->count > 0; row++) {
        lab_note(diag, ", %s", lab_model_name(row->model));
        if (row->count > 1) {
            lab_note(diag, " (%i of them)", (int64_t)row->count);
        }
    }
}

/* The model of a declaration; -1 after reporting. */
static int find_model(struct checker *c, lab_node_id word)
{
    size_t length = 0;
    const char *name = lab_check_word(c, word, &length);
    const struct lab_board *board = lab_board(c->s->machine.id);
    int model = name == NULL ? -1 : lab_find_model(name, length);
    struct lab_near near = {NULL, 0};
    struct lab_diag *diag = NULL;

    if (name == NULL) {
        return -1;
    }
    if (model < 0) {
        diag = lab_report(c->diags, lab_check_span(c, word), "unknown device model '%t'", name,
                          length);
        for (unsigned i = 0; i < LAB_MODEL_COUNT; i++) {
            lab_near_try(&near, name, length, lab_model_name(i));
        }
        lab_near_hint(diag, &near);
        list_models(c, diag);
        return -1;
    }
    if (!board->any_device && model != LAB_MODEL_SOURCE && model != LAB_MODEL_LINE &&
        lab_board_irq(c->s->machine.id, (unsigned)model, 0) < 0 && !c->s->machine.unknown) {
        diag = lab_report(c->diags, lab_check_span(c, word), "%s has no %s",
                          lab_machine_name(c->s->machine.id), lab_model_name((unsigned)model));
        list_models(c, diag);
        return -1;
    }
    lab_check_feature(c, lab_model_name((unsigned)model), word);
    return model;
}

/* ---- options ---- */

/* Does the scenario declare a device of this model?  A knob for the model may stand for it. */
static bool declares(const struct lab_scenario *s, unsigned model)
{
    for (lab_node_id d = s->root; d != 0; d = s->nodes[d].next) {
        lab_node_id word =
            s->nodes[d].kind == LAB_N_DEVICE ? s->nodes[s->nodes[d].first].next : 0;

        if (word != 0 &&
            (s->nodes[word].kind == LAB_N_KNOB ||
             lab_find_model(lab_name(s, s->nodes[word].name),
                            lab_name_length(s, s->nodes[word].name)) == (int)model)) {
            return true;
        }
    }
    return false;
}

static void option_irq(struct checker *c, lab_node_id value, struct lab_device *device)
{
    const struct lab_board *board = lab_board(c->s->machine.id);
    int fixed = lab_board_irq(c->s->machine.id, device->model, device->instance);
    int64_t irq = 0;

    if (c->s->machine.unknown) {
        device->irq = 0;
        return;
    }
    if (!lab_check_number(c, value, board->irq_first, board->irq_end - 1, "the irq", &irq)) {
        device->irq = (uint16_t)(board->irq_end - 1); /* one of which no more is to be said */
        return;
    }
    device->irq = (uint16_t)irq;
    if (fixed >= 0 && fixed != irq) {
        lab_report(c->diags, lab_check_span(c, value), "on %s this %s is at %s %i",
                   lab_machine_name(c->s->machine.id), lab_model_name(device->model),
                   board->irq_what, (int64_t)fixed);
        return;
    }
    for (const struct lab_board_device *row = board->devices; fixed < 0 && row->count > 0;
         row++) {
        /* A virtio transport without a device behind it never moves its line. */
        if (row->model == LAB_MODEL_VIRTIO && !declares(c->s, row->model)) {
            continue;
        }
        for (unsigned i = 0; i < row->count; i++) {
            if (lab_board_irq(c->s->machine.id, row->model, i) == irq) {
                lab_report(c->diags, lab_check_span(c, value), "%s %i of %s belongs to its %s",
                           board->irq_what, irq, lab_machine_name(c->s->machine.id),
                           lab_model_name(row->model));
                return;
            }
        }
    }
    if (c->s->machine.id == LAB_MACHINE_PC && irq == 2) {
        lab_report(c->diags, lab_check_span(c, value), "IRQ 2 joins the two 8259A");
    }
}

static void option_trigger(struct checker *c, lab_node_id value, struct lab_device *device)
{
    static const char *const features[] = {NULL,          NULL,           "trigger falling",
                                           "trigger low", "trigger both", "trigger msi"};
    size_t length = 0;
    const char *word = lab_check_word(c, value, &length);
    int trigger = word == NULL ? -1 : lab_find_trigger(word, length);

    if (word == NULL) {
        return;
    }
    if (trigger < 0) {
        struct lab_near near = {NULL, 0};
        struct lab_diag *diag = lab_report(c->diags, lab_check_span(c, value),
                                           "unknown trigger '%t'", word, length);

        for (unsigned i = 0; i < LAB_TRIGGER_COUNT; i++) {
            lab_near_try(&near, word, length, lab_trigger_name(i));
            lab_note(diag, i == 0 ? "one of: %s" : ", %s", lab_trigger_name(i));
        }
        lab_near_hint(diag, &near);
        return;
    }
    device->trigger = (uint8_t)trigger;
    if (features[trigger] != NULL) {
        lab_check_feature(c, features[trigger], value);
    }
}

static void option_full(struct checker *c, lab_node_id value, struct lab_device *device)
{
    size_t length = 0;
    const char *word = lab_check_word(c, value, &length);

    if (word == NULL) {
        return;
    }
    device->full_wait = lab_text_is("wait", word, length);
    if (!device->full_wait && !lab_text_is("drop", word, length)) {
        struct lab_diag *diag = lab_report(c->diags, lab_check_span(c, value),
                                           "a full FIFO cannot '%t'", word, length);

        lab_note(diag, "one of: drop, wait");
    }
}

static void option_request(struct checker *c, lab_node_id value, struct lab_device *device)
{
    size_t length = 0;
    const char *word = lab_check_word(c, value, &length);
    lab_node_id time = check_node(c, value)->next;

    if (word == NULL) {
        return;
    }
    if (lab_text_is("pulse", word, length) && time != 0) {
        device->request = LAB_REQUEST_PULSE;
        if (lab_check_time(c, time, &device->pulse_ns) && device->pulse_ns == 0) {
            lab_report(c->diags, lab_check_span(c, time), "a pulse is longer than 0");
        }
        return;
    }
    if (time == 0 && lab_text_is("held", word, length)) {
        device->request = LAB_REQUEST_HELD;
    } else if (time == 0 && lab_text_is("latched", word, length)) {
        device->request = LAB_REQUEST_LATCHED;
    } else {
        struct lab_diag *diag =
            lab_report(c->diags, lab_check_span(c, value), "a source has no such request");

        lab_note(diag, "write: request held; request latched; or request pulse T;");
    }
}

static void option_number(struct checker *c, lab_node_id value, bool fifo,
                          struct lab_device *device)
{
    int64_t number = 0;

    if (fifo && lab_check_number(c, value, 1, FIFO_MAX, "the depth of a FIFO", &number)) {
        device->fifo = (uint16_t)number;
    } else if (!fifo &&
               lab_check_number(c, value, 0, c->s->machine.cpus - 1, "the CPU", &number)) {
        device->cpu = (uint8_t)number;
    }
}

static void option_time(struct checker *c, lab_node_id value, int64_t *ret_ns)
{
    if (lab_check_time(c, value, ret_ns) && *ret_ns == 0) {
        lab_report(c->diags, lab_check_span(c, value), "this time must be above 0");
    }
}

enum option {
    OPTION_IRQ,
    OPTION_TRIGGER,
    OPTION_CPU,
    OPTION_POSTED,
    OPTION_FIFO,
    OPTION_FULL,
    OPTION_REQUEST,
    OPTION_PULSE,
    OPTIONS
};

static const struct option_row {
    const char *name;
    const char *form;
    uint8_t most;  /* values; all have at least one */
    int16_t model; /* -1: every model has it */
} option_rows[OPTIONS] = {
    {"irq", "irq N;", 1, -1},
    {"trigger", "trigger edge;", 1, -1},
    {"cpu", "cpu N;", 1, -1},
    {"posted", "posted T;", 1, -1},
    {"fifo", "fifo N;", 1, LAB_MODEL_SOURCE},
    {"full", "full drop; or full wait;", 1, LAB_MODEL_SOURCE},
    {"request", "request held; request latched; or request pulse T;", 2, LAB_MODEL_SOURCE},
    {"pulse", "pulse T;", 1, LAB_MODEL_LINE},
};

static bool has_option(unsigned option, unsigned model)
{
    return option_rows[option].model < 0 || option_rows[option].model == (int)model;
}

static int find_option(struct checker *c, lab_node_id node, unsigned model)
{
    struct lab_near near = {NULL, 0};
    struct lab_diag *diag = NULL;
    bool any = false;

    for (unsigned i = 0; i < OPTIONS; i++) {
        if (has_option(i, model) &&
            lab_text_is(option_rows[i].name, check_name(c, node), check_length(c, node))) {
            return (int)i;
        }
    }
    diag = lab_report(c->diags, lab_check_span(c, node), "%s has no option '%s'",
                      lab_model_name(model), check_name(c, node));
    for (unsigned i = 0; i < OPTIONS; i++) {
        if (has_option(i, model)) {
            lab_near_try(&near, check_name(c, node), check_length(c, node),
                         option_rows[i].name);
            lab_note(diag, any ? ", %s" : "one of: %s", option_rows[i].name);
            any = true;
        }
    }
    lab_near_hint(diag, &near);
    return -1;
}

static void apply_option(struct checker *c, unsigned option, lab_node_id value,
                         struct lab_device *device)
{
    switch (option) {
    case OPTION_IRQ:
        option_irq(c, value, device);
        break;
    case OPTION_TRIGGER:
        option_trigger(c, value, device);
        break;
    case OPTION_CPU:
        option_number(c, value, false, device);
        break;
    case OPTION_FIFO:
        option_number(c, value, true, device);
        break;
    case OPTION_FULL:
        option_full(c, value, device);
        break;
    case OPTION_REQUEST:
        option_request(c, value, device);
        break;
    case OPTION_POSTED:
        lab_check_feature(c, "posted", value);
        (void)lab_check_time(c, value, &device->posted_ns);
        break;
    default:
        option_time(c, value, &device->pulse_ns);
        break;
    }
}

static void apply_options(struct checker *c, lab_node_id first, struct lab_device *device)
{
    unsigned seen = 0;

    for (lab_node_id k = first; k != 0; k = check_node(c, k)->next) {
        int option = find_option(c, k, device->model);
        unsigned count = 0;

        if (option < 0) {
            continue;
        }
        for (lab_node_id v = check_node(c, k)->first; v != 0; v = check_node(c, v)->next) {
            count++;
        }
        if ((seen >> option & 1) != 0) {
            lab_check_twice(c, k, "option", 0);
        } else if (count < 1 || count > option_rows[option].most) {
            struct lab_diag *diag =
                lab_report(c->diags, lab_check_span(c, k), "the option '%s' is not complete",
                           check_name(c, k));

            lab_note(diag, "write: %s", option_rows[option].form);
            device->irq = option == OPTION_IRQ ? 0 : device->irq; /* no second error for it */
        } else {
            apply_option(c, (unsigned)option, check_node(c, k)->first, device);
        }
        seen |= 1u << option;
    }
}

/* ---- the device as a whole ---- */

/* Where the trigger was written, or else the device's name. */
static lab_node_id trigger_node(struct checker *c, lab_node_id options, lab_node_id name)
{
    for (lab_node_id k = options; k != 0; k = check_node(c, k)->next) {
        if (lab_text_is("trigger", check_name(c, k), check_length(c, k)) &&
            check_node(c, k)->first != 0) {
            return check_node(c, k)->first;
        }
    }
    return name;
}

/* The PC's own devices interrupt as on an ISA bus: by edges. */
static uint8_t default_trigger(unsigned machine, unsigned model)
{
    bool pc = machine == LAB_MACHINE_PC || machine == LAB_MACHINE_PC_IOAPIC;

    return pc && model != LAB_MODEL_SOURCE && model != LAB_MODEL_LINE ? LAB_TRIGGER_EDGE
                                                                      : LAB_TRIGGER_LEVEL;
}

static void check_trigger(struct checker *c, lab_node_id where, const struct lab_device *device)
{
    unsigned machine = c->s->machine.id, trigger = device->trigger;
    const char *reason = lab_trigger_refused(machine, trigger);
    bool always_edge = machine == LAB_MACHINE_PC && trigger == LAB_TRIGGER_LEVEL &&
                       (device->irq < 2 || device->irq == 8 || device->irq == 13);
    struct lab_diag *diag = NULL;
    bool any = false;

    if (c->s->machine.unknown) {
        return;
    }
    if (always_edge) {
        lab_report(c->diags, lab_check_span(c, where),
                   "IRQ %i of a PC is always edge-triggered", (int64_t)device->irq);
    }
    if (reason == NULL) {
        return;
    }
    diag =
        lab_report(c->diags, lab_check_span(c, where), "trigger %s is not possible on %s: %s",
                   lab_trigger_name(trigger), lab_machine_name(machine), reason);
    for (unsigned i = 0; i < LAB_TRIGGER_COUNT; i++) {
        if (lab_trigger_refused(machine, i) == NULL) {
            lab_note(diag, any ? ", %s" : "one of: %s", lab_trigger_name(i));
            any = true;
        }
    }
}

static void check_irq(struct checker *c, lab_node_id where, struct lab_device *device)
{
    struct lab_scenario *s = c->s;

    if (device->irq == NO_IRQ && !s->machine.unknown) {
        struct lab_diag *diag =
            lab_report(c->diags, lab_check_span(c, device->node), "the device '%s' has no irq",
                       check_name(c, device->node));

        lab_note(diag, "write: { irq N; }");
        device->irq = 0;
        return;
    }
    for (unsigned i = 0; i < s->device_count; i++) {
        const struct lab_device *other = &s->devices[i];

        if (other->irq == device->irq && other->trigger != device->trigger &&
            !s->machine.unknown) {
            struct lab_diag *diag = lab_report(
                c->diags, lab_check_span(c, where),
                "'%s' and '%s' share irq %i, so they share its trigger",
                lab_name(s, other->name), lab_name(s, device->name), (int64_t)device->irq);

            lab_also(diag, lab_check_span(c, other->node), "the other one");
            return;
        }
    }
}

/*
 * A message has no wire: what a board has soldered sends none.  On `virt` it is an SPI of the
 * GICv2m frame, and `irq` may count from the first of them.
 */
static void check_message(struct checker *c, lab_node_id where, struct lab_device *device)
{
    unsigned machine = c->s->machine.id;
    int fixed = lab_board_irq(machine, device->model, device->instance);

    if (device->trigger != LAB_TRIGGER_MSI || c->s->machine.unknown || device->irq == NO_IRQ ||
        lab_trigger_refused(machine, device->trigger) != NULL) {
        return;
    }
    if (fixed >= 0) {
        lab_report(c->diags, lab_check_span(c, where),
                   "on %s this %s has a wire, to %s %i: it sends no messages",
                   lab_machine_name(machine), lab_model_name(device->model),
                   lab_board(machine)->irq_what, (int64_t)fixed);
        return;
    }
    if (machine != LAB_MACHINE_VIRT) {
        return;
    }
    if (device->irq < VIRT_V2M_SPI) {
        device->irq = (uint16_t)(device->irq + VIRT_V2M_SPI);
    }
    if (device->irq >= VIRT_V2M_SPI + VIRT_V2M_SPIS) {
        struct lab_diag *diag =
            lab_report(c->diags, lab_check_span(c, where), "SPI %i of virt is no message",
                       (int64_t)device->irq);

        lab_note(diag,
                 "those of its GICv2m frame are %i to %i; below them irq counts from the"
                 " first",
                 (int64_t)VIRT_V2M_SPI, (int64_t)(VIRT_V2M_SPI + VIRT_V2M_SPIS - 1));
    }
}

static void add_device(struct checker *c, lab_node_id name, unsigned model, lab_node_id options)
{
    struct lab_scenario *s = c->s;
    struct lab_device device = {.name = s->nodes[name].name, .node = name};
    int old = lab_check_find_device(c, device.name), irq = -1;
    lab_node_id where = trigger_node(c, options, name);

    if (old >= 0) {
        lab_check_twice(c, name, "device", s->devices[old].node);
        return;
    }
    if (lab_find_chip(s->machine.id, check_name(c, name), check_length(c, name)) >= 0) {
        lab_report(c->diags, lab_check_span(c, name), "'%s' is a chip of %s",
                   check_name(c, name), lab_machine_name(s->machine.id));
    }
    if (s->device_count == LAB_DEVICES_MAX) {
        lab_report(c->diags, lab_check_span(c, name), "too many devices (at most %i)",
                   (int64_t)LAB_DEVICES_MAX);
        return;
    }
    for (unsigned i = 0; i < s->device_count; i++) {
        device.instance = (uint16_t)(device.instance + (s->devices[i].model == model));
    }
    device.model = (uint8_t)model;
    device.trigger = default_trigger(s->machine.id, model);
    device.fifo = FIFO_DEFAULT;
    device.pulse_ns = model == LAB_MODEL_LINE ? PULSE_DEFAULT_NS : 0;
    irq = lab_board_irq(s->machine.id, model, device.instance);
    if (irq < 0 && !s->machine.unknown && lab_board_irq(s->machine.id, model, 0) >= 0) {
        lab_report(c->diags, lab_check_span(c, name), "%s has only %i %s",
                   lab_machine_name(s->machine.id), (int64_t)device.instance,
                   lab_model_name(model));
        irq = 0;
    }
    device.irq = irq < 0 ? NO_IRQ : (uint16_t)irq;
    apply_options(c, options, &device);
    check_message(c, where, &device);
    check_irq(c, where, &device);
    check_trigger(c, where, &device);
    s->devices[s->device_count++] = device;
}

void lab_check_devices(struct checker *c)
{
    struct lab_scenario *s = c->s;

    for (lab_node_id d = s->root; d != 0; d = s->nodes[d].next) {
        lab_node_id names = s->nodes[d].first, word = 0;
        int model = -1;

        if (s->nodes[d].kind != LAB_N_DEVICE) {
            continue;
        }
        word = s->nodes[names].next;
        model = find_model(c, word);
        for (lab_node_id n = s->nodes[names].first; n != 0; n = s->nodes[n].next) {
            if (model >= 0) {
                add_device(c, n, (unsigned)model, s->nodes[word].next);
            } else {
                c->broken_devices = true; /* names of devices are then not complained about */
            }
        }
    }
}
