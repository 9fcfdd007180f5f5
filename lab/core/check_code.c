/*
 * lab/core/check_code.c - checks of statements and expressions.
 *
 * Source: docs/language.md, "Code". Recursion follows the tree, whose depth the parser bounds.
 */
#include "lab/core/check_internal.h"
#include "lab/core/scenario.h"
#include "lab/core/text.h"

static bool is_text(struct checker *c, lab_node_id id, const char *text)
{
    return lab_text_is(text, check_name(c, id), check_length(c, id));
}

struct check_place lab_check_task_place(struct checker *c, unsigned task)
{
    struct check_place place = {.actor = CHECK_TASK, .task = (uint16_t)task};

    place.process = c->s->tasks[task].process;
    return place;
}

/* ---- variables ---- */

int lab_check_variable(struct checker *c, lab_name_id name)
{
    int found = -1;

    if (c->at.actor == CHECK_BLOCK) {
        found = lab_check_find_variable(c, LAB_SCOPE_STATE, c->at.driver, 0, name);
        return found >= 0 ? found
                          : lab_check_find_variable(c, LAB_SCOPE_BLOCK, c->at.driver,
                                                    c->at.block, name);
    }
    if (c->at.process > 0) {
        found = lab_check_find_variable(c, LAB_SCOPE_PROCESS, c->at.process - 1u, 0, name);
    }
    return found >= 0 || c->at.start
               ? found
               : lab_check_find_variable(c, LAB_SCOPE_TASK, c->at.task, 0, name);
}

/* Names with a meaning of their own where the code stands. */
static bool is_builtin(struct checker *c, lab_node_id id)
{
    if (c->at.actor == CHECK_BLOCK) {
        return c->at.block == LAB_BLOCK_WRITE && is_text(c, id, "value");
    }
    return is_text(c, id, "self") || is_text(c, id, "buf") ||
           (c->at.callback && (is_text(c, id, "fd") || is_text(c, id, "events")));
}

bool lab_check_is_token(struct checker *c, lab_node_id id)
{
    return check_node(c, id)->kind == LAB_N_NAME && !is_builtin(c, id) &&
           lab_check_variable(c, check_node(c, id)->name) < 0;
}

/* Makes the variable that a target names, unless it exists or cannot be one. */
static void make_variable(struct checker *c, lab_node_id id)
{
    struct lab_scenario *s = c->s;
    struct lab_variable *v = &s->variables[s->variable_count];
    int64_t ignored = 0;
    uint16_t slot = 0;

    if (s->nodes[id].kind != LAB_N_NAME || is_builtin(c, id) ||
        lab_check_variable(c, s->nodes[id].name) >= 0 ||
        lab_find_flag(check_name(c, id), check_length(c, id), &ignored)) {
        return;
    }
    if (s->variable_count == LAB_VARIABLES_MAX) {
        lab_report(c->diags, lab_check_span(c, id), "too many variables (at most %i)",
                   (int64_t)LAB_VARIABLES_MAX);
        return;
    }
    memset(v, 0, sizeof *v);
    v->name = s->nodes[id].name;
    v->node = id;
    if (c->at.actor == CHECK_BLOCK) {
        v->scope = LAB_SCOPE_BLOCK;
        v->owner = c->at.driver;
        v->block = c->at.block;
    } else if (c->at.start) {
        v->scope = LAB_SCOPE_PROCESS;
        v->owner = (uint16_t)(c->at.process - 1);
    } else {
        v->scope = LAB_SCOPE_TASK;
        v->owner = c->at.task;
    }
    for (unsigned i = 0; i < s->variable_count; i++) {
        const struct lab_variable *other = &s->variables[i];

        slot = (uint16_t)(slot + (other->scope == v->scope && other->owner == v->owner &&
                                  other->block == v->block));
    }
    v->slot = slot;
    s->variable_count++;
}

/* Ends of pipe(r, w) and the like. */
static void make_outputs(struct checker *c, lab_node_id call)
{
    lab_node_id callee = check_node(c, call)->first, arg = check_node(c, callee)->next;
    const char *signature = NULL;
    int syscall = -1;

    if (c->at.actor != CHECK_TASK || check_node(c, callee)->kind != LAB_N_NAME) {
        return;
    }
    syscall = lab_find_syscall(check_name(c, callee), check_length(c, callee));
    signature = syscall < 0 ? "" : lab_syscall_row((unsigned)syscall)->signature;
    for (; *signature == 'o' && arg != 0; signature++) {
        make_variable(c, arg);
        arg = check_node(c, arg)->next;
    }
}

static void collect(struct checker *c, lab_node_id id)
{
    const struct lab_node *node = check_node(c, id);
    bool saved = c->at.callback;

    c->at.callback = saved || node->kind == LAB_N_ON;
    if (node->kind == LAB_N_ASSIGN && node->op == LAB_OP_NONE) {
        make_variable(c, node->first);
    } else if (node->kind == LAB_N_FOREACH) {
        make_variable(c, node->first);
        make_variable(c, check_node(c, node->first)->next);
    } else if (node->kind == LAB_N_CALL) {
        make_outputs(c, id);
    }
    for (lab_node_id k = node->first; k != 0; k = check_node(c, k)->next) {
        collect(c, k);
    }
    c->at.callback = saved;
}

static struct check_place block_place(unsigned driver, unsigned block)
{
    struct check_place place = {
        .actor = CHECK_BLOCK, .driver = (uint16_t)driver, .block = (uint8_t)block};

    return place;
}

static struct check_place start_place(unsigned process)
{
    struct check_place place = {
        .actor = CHECK_TASK, .process = (uint16_t)(process + 1), .start = true};

    return place;
}

void lab_check_for_all_code(struct checker *c, void (*visit)(struct checker *c, lab_node_id id))
{
    struct lab_scenario *s = c->s;

    for (unsigned i = 0; i < s->driver_count; i++) {
        for (unsigned block = 0; block < LAB_BLOCKS; block++) {
            if (s->drivers[i].block[block] != 0) {
                c->at = block_place(i, block);
                visit(c, s->drivers[i].block[block]);
            }
        }
    }
    for (unsigned i = 0; i < s->process_count; i++) {
        if (s->processes[i].start != 0) {
            c->at = start_place(i);
            visit(c, s->processes[i].start);
        }
    }
    for (unsigned i = 0; i < s->task_count; i++) {
        c->at = lab_check_task_place(c, i);
        visit(c, s->tasks[i].body);
    }
}

void lab_check_collect_variables(struct checker *c)
{
    lab_check_for_all_code(c, collect);
}

/* ---- names ---- */

static void use_variable(struct checker *c, lab_node_id id, unsigned variable,
                         enum check_use use)
{
    struct lab_variable *v = &c->s->variables[variable];

    lab_check_set(c, id, LAB_ROLE_VARIABLE, variable, 0);
    if ((use & CHECK_WRITE) != 0 &&
        (v->scope == LAB_SCOPE_STATE || (v->scope == LAB_SCOPE_PROCESS && !c->at.start))) {
        v->shared_write = true;
    }
}

static bool is_visible(const struct checker *c, const struct lab_variable *v)
{
    switch (v->scope) {
    case LAB_SCOPE_TASK:
        return c->at.actor == CHECK_TASK && !c->at.start && v->owner == c->at.task;
    case LAB_SCOPE_PROCESS:
        return c->at.actor == CHECK_TASK && v->owner + 1 == c->at.process;
    case LAB_SCOPE_BLOCK:
        return c->at.actor == CHECK_BLOCK && v->owner == c->at.driver &&
               v->block == c->at.block;
    default:
        return c->at.actor == CHECK_BLOCK && v->owner == c->at.driver;
    }
}

static void near_variables(struct checker *c, lab_node_id id, struct lab_near *near)
{
    struct lab_scenario *s = c->s;
    size_t count = 0;
    const struct lab_flag *flags = lab_flags(&count);

    for (unsigned i = 0; i < s->variable_count; i++) {
        if (is_visible(c, &s->variables[i])) {
            lab_near_try(near, check_name(c, id), check_length(c, id),
                         lab_name(s, s->variables[i].name));
        }
    }
    for (size_t i = 0; i < count; i++) {
        lab_near_try(near, check_name(c, id), check_length(c, id), flags[i].name);
    }
}

static void unknown_name(struct checker *c, lab_node_id id)
{
    struct lab_near near = {NULL, 0};
    struct lab_diag *diag = NULL;
    lab_name_id name = check_node(c, id)->name;

    if (c->s->variable_count == LAB_VARIABLES_MAX) {
        return; /* it may be one that found no room: reported */
    }
    if (lab_check_find_device(c, name) >= 0) {
        diag =
            lab_report(c->diags, lab_check_span(c, id), "'%s' is a device", check_name(c, id));
        lab_note(diag,
                 c->at.actor == CHECK_BLOCK ? "a register is written %s.REGISTER"
                                            : "a task uses files; registers belong to drivers",
                 check_name(c, id));
        return;
    }
    if (lab_find_knob(c->s, name) >= 0) {
        diag = lab_report(c->diags, lab_check_span(c, id), "'%s' is a knob", check_name(c, id));
        lab_note(diag, "its value is written $%s", check_name(c, id));
        return;
    }
    diag = lab_report(c->diags, lab_check_span(c, id), "'%s' is never assigned here",
                      check_name(c, id));
    if (diag == &c->diags->spare) {
        return; /* nobody will read it, and a long text may have many */
    }
    near_variables(c, id, &near);
    lab_near_hint(diag, &near);
    if (near.name == NULL) {
        lab_note(diag, "a variable is made by its first assignment: %s = ...",
                 check_name(c, id));
    }
}

/* Masks of the data sheets of the driver's devices, then of the controller's chips. */
static bool find_mask(struct checker *c, lab_node_id id, int64_t *ret_value)
{
    struct lab_scenario *s = c->s;
    const uint8_t *chips = lab_board(s->machine.id)->chips;

    for (unsigned i = 0; i < s->device_count; i++) {
        if (s->devices[i].driver == c->at.driver &&
            lab_find_mask(s->devices[i].model, check_name(c, id), check_length(c, id),
                          ret_value)) {
            return true;
        }
    }
    for (; *chips != 0; chips++) {
        if (lab_find_mask(*chips, check_name(c, id), check_length(c, id), ret_value)) {
            return true;
        }
    }
    return false;
}

static bool builtin_name(struct checker *c, lab_node_id id, enum check_use use)
{
    if (!is_builtin(c, id)) {
        return false;
    }
    if ((use & CHECK_WRITE) != 0) {
        struct lab_diag *diag = lab_report(c->diags, lab_check_span(c, id),
                                           "'%s' cannot be assigned here", check_name(c, id));

        lab_note(diag, is_text(c, id, "self")    ? "it is the task's number"
                       : is_text(c, id, "value") ? "it is the byte that is written"
                       : is_text(c, id, "buf")   ? "it holds the bytes of the last read"
                                                 : "in a callback it is what was reported");
        return true;
    }
    if (is_text(c, id, "self")) {
        lab_check_set(c, id, LAB_ROLE_SELF, 0, 0);
    } else if (is_text(c, id, "value")) {
        lab_check_set(c, id, LAB_ROLE_BYTE, 0, 0);
    } else if (is_text(c, id, "fd")) {
        lab_check_set(c, id, LAB_ROLE_FD, 0, 0);
    } else if (is_text(c, id, "events")) {
        lab_check_set(c, id, LAB_ROLE_EVENTS, 0, 0);
    } else {
        lab_report(c->diags, lab_check_span(c, id),
                   "the bytes of the last read are buf[0], buf[1] ...");
    }
    return true;
}

static void check_name_node(struct checker *c, lab_node_id id, enum check_use use)
{
    struct lab_node *node = check_node(c, id);
    int variable = lab_check_variable(c, node->name);
    int64_t value = 0;

    if (builtin_name(c, id, use)) {
        return;
    }
    if (variable >= 0) {
        use_variable(c, id, (unsigned)variable, use);
        return;
    }
    if ((c->at.actor == CHECK_BLOCK && find_mask(c, id, &value)) ||
        lab_find_flag(check_name(c, id), check_length(c, id), &value)) {
        if ((use & CHECK_WRITE) != 0) {
            lab_report(c->diags, lab_check_span(c, id), "'%s' is a constant",
                       check_name(c, id));
        }
        node->value = value;
        lab_check_set(c, id, LAB_ROLE_CONSTANT, 0, 0);
        return;
    }
    unknown_name(c, id);
}

static void check_knob(struct checker *c, lab_node_id id)
{
    struct lab_node *node = check_node(c, id);
    const struct lab_value *value = lab_point_value(c->s, &c->s->point, node->name);

    if (value == NULL) {
        return;
    }
    if (!value->numeric) {
        struct lab_diag *diag =
            lab_report(c->diags, lab_check_span(c, id),
                       "the values of the knob '%s' are no numbers", check_name(c, id));

        lab_note(diag, "in code a knob is a number, a time, a character or flags; a word is "
                       "compared with == or !=");
        return;
    }
    node->value = value->number;
    lab_check_set(c, id, LAB_ROLE_KNOB, (unsigned)lab_find_knob(c->s, node->name), 0);
}

/* ---- registers ---- */

static void unknown_register(struct checker *c, lab_node_id id, unsigned model)
{
    size_t count = 0;
    const struct lab_register *rows = lab_registers(model, &count);
    struct lab_near near = {NULL, 0};
    struct lab_diag *diag =
        lab_report(c->diags, lab_check_span(c, id), "%s has no register '%s'",
                   lab_model_name(model), check_name(c, id));

    for (size_t i = 0; i < count; i++) {
        lab_near_try(&near, check_name(c, id), check_length(c, id), rows[i].name);
        lab_note(diag, i == 0 ? "one of: %s" : ", %s", rows[i].name);
    }
    if (count == 0) {
        lab_note(diag, "it has no registers at all");
    }
    lab_near_hint(diag, &near);
}

static void unknown_base(struct checker *c, lab_node_id base)
{
    struct lab_scenario *s = c->s;
    struct lab_near near = {NULL, 0};
    struct lab_diag *diag = NULL;
    const uint8_t *chips = lab_board(s->machine.id)->chips;
    bool any = false;

    if (c->broken_devices || s->machine.unknown) {
        return;
    }
    diag = lab_report(c->diags, lab_check_span(c, base), "unknown device '%s'",
                      check_name(c, base));
    for (unsigned i = 0; i < s->device_count; i++, any = true) {
        lab_near_try(&near, check_name(c, base), check_length(c, base),
                     lab_name(s, s->devices[i].name));
        lab_note(diag, any ? ", %s" : "one of: %s", lab_name(s, s->devices[i].name));
    }
    for (; *chips != 0; chips++, any = true) {
        lab_near_try(&near, check_name(c, base), check_length(c, base), lab_model_name(*chips));
        lab_note(diag, any ? ", %s" : "one of: %s", lab_model_name(*chips));
    }
    lab_near_hint(diag, &near);
}

/* The model behind the `dev` of dev.REG, and what goes into the register's `aux`; -1 after
 * reporting. */
static int register_base(struct checker *c, lab_node_id base, uint32_t *ret_aux)
{
    int device = -1, chip = -1;

    if (c->at.actor == CHECK_TASK) {
        struct lab_diag *diag =
            lab_report(c->diags, lab_check_span(c, base), "a task has no access to registers");

        lab_note(diag, "they belong to the blocks of a driver");
        return -1;
    }
    if (check_node(c, base)->kind != LAB_N_NAME) {
        lab_report(c->diags, lab_check_span(c, base), "only a device has registers");
        return -1;
    }
    device = lab_check_find_device(c, check_node(c, base)->name);
    if (device >= 0) {
        lab_check_set(c, base, LAB_ROLE_DEVICE, (unsigned)device, 0);
        *ret_aux = (uint32_t)device;
        return c->s->devices[device].model;
    }
    chip = lab_find_chip(c->s->machine.id, check_name(c, base), check_length(c, base));
    if (chip < 0) {
        unknown_base(c, base);
        return -1;
    }
    lab_check_feature(c, "chip", base);
    lab_check_set(c, base, LAB_ROLE_CHIP, (unsigned)chip, 0);
    *ret_aux = LAB_AUX_CHIP | (uint32_t)chip;
    return chip;
}

static const struct lab_register *check_register(struct checker *c, lab_node_id id,
                                                 enum check_use use)
{
    struct lab_node *node = check_node(c, id);
    uint32_t aux = 0;
    int model = register_base(c, node->first, &aux), found = -1;
    const struct lab_register *row = NULL;
    size_t count = 0;

    if (model < 0) {
        return NULL;
    }
    if (node->name == 0) {
        lab_report(c->diags, lab_check_span(c, id), "a register has a name");
        return NULL;
    }
    found = lab_find_register((unsigned)model, check_name(c, id), check_length(c, id));
    if (found < 0) {
        unknown_register(c, id, (unsigned)model);
        return NULL;
    }
    row = lab_registers((unsigned)model, &count) + found;
    if ((use & CHECK_READ) != 0 && (row->access & LAB_READ) == 0) {
        lab_report(c->diags, lab_check_span(c, id), "the register %s can only be written",
                   row->name);
    }
    if ((use & CHECK_WRITE) != 0 && (row->access & LAB_WRITE) == 0) {
        lab_report(c->diags, lab_check_span(c, id), "the register %s can only be read",
                   row->name);
    }
    node->value = row->offset;
    lab_check_set(c, id, LAB_ROLE_REGISTER, (unsigned)found, aux);
    return row;
}

/* dev.REG[i] or buf[i] */
static const struct lab_register *check_index(struct checker *c, lab_node_id id,
                                              enum check_use use)
{
    lab_node_id base = check_node(c, id)->first, index = check_node(c, base)->next;
    const struct lab_register *row = NULL;
    struct lab_value value = {0};

    lab_check_expr(c, index, CHECK_READ);
    if (check_node(c, base)->kind == LAB_N_FIELD) {
        row = check_register(c, base, use);
        if (row != NULL && lab_const_eval(c->s, index, NULL, &value) && value.numeric &&
            (value.number < 0 || value.number >= row->count)) {
            lab_report(c->diags, lab_check_span(c, index), "%s has no element %i (0 to %i)",
                       row->name, value.number, (int64_t)row->count - 1);
        }
        return row;
    }
    if (c->at.actor == CHECK_TASK && check_node(c, base)->kind == LAB_N_NAME &&
        is_text(c, base, "buf")) {
        lab_check_set(c, base, LAB_ROLE_BUF, 0, 0);
        if ((use & CHECK_WRITE) != 0) {
            lab_report(c->diags, lab_check_span(c, id), "buf[i] can only be read");
        }
        return NULL;
    }
    if (check_node(c, base)->kind != LAB_N_ERROR) {
        struct lab_diag *diag = lab_report(c->diags, lab_check_span(c, base),
                                           "only registers and buf have elements");

        lab_note(diag, "write: device.REGISTER[i] or buf[i]");
    }
    return NULL;
}

/* dev.REG.BIT or dev.REG[i].BIT */
static void check_bit(struct checker *c, lab_node_id id, enum check_use use)
{
    struct lab_node *node = check_node(c, id);
    const struct lab_register *row = check_node(c, node->first)->kind == LAB_N_INDEX
                                         ? check_index(c, node->first, CHECK_READ)
                                         : check_register(c, node->first, CHECK_READ);
    uint32_t mask = 0;

    if (row == NULL) {
        return;
    }
    mask = node->name == 0 ? 0 : lab_find_bit(row, check_name(c, id), check_length(c, id));
    if (mask == 0) {
        struct lab_near near = {NULL, 0};
        struct lab_diag *diag = lab_report(c->diags, lab_check_span(c, id),
                                           "the register %s has no such bit", row->name);

        for (const struct lab_bit *b = row->bits; b != NULL && b->name != NULL; b++) {
            if (node->name != 0) {
                lab_near_try(&near, check_name(c, id), check_length(c, id), b->name);
            }
            lab_note(diag, b == row->bits ? "one of: %s" : ", %s", b->name);
        }
        lab_near_hint(diag, &near);
        return;
    }
    if ((use & CHECK_WRITE) != 0) {
        struct lab_diag *diag =
            lab_report(c->diags, lab_check_span(c, id), "a bit can only be read");

        lab_note(diag, "write the whole register: device.%s = ...", row->name);
        return;
    }
    node->value = mask;
    lab_check_set(c, id, LAB_ROLE_BIT, 0, 0);
}

static void check_field(struct checker *c, lab_node_id id, enum check_use use)
{
    unsigned base = check_node(c, check_node(c, id)->first)->kind;

    if (base == LAB_N_FIELD || base == LAB_N_INDEX) {
        check_bit(c, id, use);
    } else {
        check_register(c, id, use);
    }
}

/* ---- expressions ---- */

static void check_target(struct checker *c, lab_node_id id, enum check_use use)
{
    unsigned kind = check_node(c, id)->kind;

    if (kind == LAB_N_NAME || kind == LAB_N_FIELD || kind == LAB_N_INDEX) {
        lab_check_expr(c, id, use);
    } else if (kind != LAB_N_ERROR) {
        lab_report(c->diags, lab_check_span(c, id),
                   "only a variable or a register can be assigned");
    }
}

static void check_divisor(struct checker *c, lab_node_id id, unsigned op)
{
    struct lab_value value = {0};

    if ((op == LAB_OP_DIV || op == LAB_OP_MOD) && lab_const_eval(c->s, id, NULL, &value) &&
        value.numeric && value.number == 0) {
        lab_report(c->diags, lab_check_span(c, id), "division by zero");
    }
}

static void check_assign(struct checker *c, lab_node_id id)
{
    const struct lab_node *node = check_node(c, id);
    lab_node_id value = check_node(c, node->first)->next;

    lab_check_expr(c, value, CHECK_READ);
    check_divisor(c, value, node->op);
    check_target(c, node->first, node->op == LAB_OP_NONE ? CHECK_WRITE : CHECK_MODIFY);
}

static void check_operands(struct checker *c, lab_node_id id)
{
    const struct lab_node *node = check_node(c, id);

    if (node->kind == LAB_N_BINARY && lab_check_word_comparison(c, id)) {
        return;
    }
    for (lab_node_id k = node->first; k != 0; k = check_node(c, k)->next) {
        lab_check_expr(c, k, CHECK_READ);
    }
    if (node->kind == LAB_N_BINARY) {
        check_divisor(c, check_node(c, node->first)->next, node->op);
    }
}

void lab_check_expr(struct checker *c, lab_node_id id, enum check_use use)
{
    const struct lab_node *node = check_node(c, id);

    switch (node->kind) {
    case LAB_N_NAME:
        check_name_node(c, id, use);
        break;
    case LAB_N_KNOB:
        check_knob(c, id);
        break;
    case LAB_N_FIELD:
        check_field(c, id, use);
        break;
    case LAB_N_INDEX:
        check_index(c, id, use);
        break;
    case LAB_N_CALL:
        lab_check_call(c, id);
        break;
    case LAB_N_ASSIGN:
        check_assign(c, id);
        break;
    case LAB_N_STEP:
        check_target(c, node->first, CHECK_MODIFY);
        break;
    case LAB_N_UNARY:
    case LAB_N_BINARY:
    case LAB_N_COND:
        check_operands(c, id);
        break;
    case LAB_N_STR:
        lab_report(c->diags, lab_check_span(c, id), "a string is no value");
        break;
    case LAB_N_BRACES:
        lab_report(c->diags, lab_check_span(c, id), "a group in braces is no value");
        break;
    case LAB_N_WORD:
        lab_report(c->diags, lab_check_span(c, id), "'%s' is no value", check_name(c, id));
        break;
    default:
        break;
    }
}
