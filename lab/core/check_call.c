/*
 * lab/core/lab_check_call.c - checks of system calls and driver calls.
 *
 * Source: docs/language.md, "System calls" and "Driver calls"; signatures in names.h.
 */
#include "lab/core/check_internal.h"
#include "lab/core/scenario.h"
#include "lab/core/text.h"

static bool is_text(struct checker *c, lab_node_id id, const char *text)
{
    return lab_text_is(text, check_name(c, id), check_length(c, id));
}

static unsigned count_from(struct checker *c, lab_node_id first)
{
    unsigned count = 0;

    for (; first != 0; first = check_node(c, first)->next) {
        count++;
    }
    return count;
}

void lab_check_delay(struct checker *c, lab_node_id id)
{
    struct lab_value value = {0};

    lab_check_expr(c, id, CHECK_READ);
    if (lab_const_eval(c->s, id, NULL, &value) && value.numeric && value.kind != LAB_V_TIME &&
        value.number != 0 && value.number != -1) {
        struct lab_diag *diag =
            lab_report(c->diags, lab_check_span(c, id), "a time has a unit, such as 4us");

        lab_note(diag, "one of: ns, us, ms, s");
    }
}

static bool check_count(struct checker *c, lab_node_id call, const struct lab_call *row,
                        const char *name)
{
    unsigned count = count_from(c, check_node(c, check_node(c, call)->first)->next);
    const char *format = "%s() has from %i to %i arguments";

    if (count >= row->min && count <= row->max) {
        return true;
    }
    if (row->min == row->max) {
        format = row->max == 0   ? "%s() has no arguments"
                 : row->max == 1 ? "%s() has one argument"
                                 : "%s() has %i arguments";
    } else if (count < row->min) {
        format =
            row->min == 1 ? "%s() has at least one argument" : "%s() has at least %i arguments";
    }
    lab_report(c->diags, lab_check_span(c, call), format, name, (int64_t)row->min,
               (int64_t)row->max);
    return false;
}

/* ---- arguments of system calls ---- */

static void near_files(struct checker *c, lab_node_id id, unsigned kinds)
{
    struct lab_near near = {NULL, 0};
    struct lab_diag *diag =
        lab_report(c->diags, lab_check_span(c, id),
                   (kinds >> LAB_FILE_SOCKET & 1) != 0 ? "nobody listens on \"%s\""
                                                       : "there is no file \"%s\"",
                   check_name(c, id));
    bool any = false;

    for (unsigned i = 0; i < c->s->file_count; i++) {
        const char *known = lab_name(c->s, c->s->files[i].name);

        if ((kinds >> c->s->files[i].kind & 1) != 0) {
            lab_near_try(&near, check_name(c, id), check_length(c, id), known);
            lab_note(diag, any ? ", %s" : "one of: %s", known);
            any = true;
        }
    }
    lab_near_hint(diag, &near);
}

static void check_file_name(struct checker *c, lab_node_id id, unsigned syscall)
{
    unsigned kinds = syscall == LAB_SYS_LISTEN || syscall == LAB_SYS_CONNECT
                         ? 1u << LAB_FILE_SOCKET
                         : 1u << LAB_FILE_DRIVER | 1u << LAB_FILE_REGULAR | 1u << LAB_FILE_FIFO;
    int file = -1;

    if (check_node(c, id)->kind != LAB_N_STR) {
        struct lab_diag *diag =
            lab_report(c->diags, lab_check_span(c, id), "a file is named by a string");

        if (check_node(c, id)->kind == LAB_N_NAME) {
            lab_note(diag, "write: \"%s\"", check_name(c, id));
        }
        return;
    }
    file = lab_check_find_file(c, check_node(c, id)->name);
    if (file < 0 || (kinds >> c->s->files[file].kind & 1) == 0) {
        if (!c->broken_devices) {
            near_files(c, id, kinds);
        }
        return;
    }
    lab_check_set(c, id, LAB_ROLE_FILE, (unsigned)file, 0);
}

static void check_task_argument(struct checker *c, lab_node_id id)
{
    uint32_t instance = 0;
    int task = -1;

    if (check_node(c, id)->kind == LAB_N_NAME && lab_check_is_token(c, id)) {
        task = lab_check_find_task(c, check_node(c, id)->name, &instance);
    }
    if (task < 0) {
        lab_check_expr(c, id, CHECK_READ);
        return;
    }
    if (instance == 0) {
        lab_report(c->diags, lab_check_span(c, id), "'%s' is %i tasks: say which, such as %s1",
                   check_name(c, id), (int64_t)c->s->tasks[task].count, check_name(c, id));
    }
    lab_check_set(c, id, LAB_ROLE_TASK, (unsigned)task, instance);
}

/* The loop whose body holds the ASYNC node; its index, -1 if none. */
static int loop_of(struct checker *c, lab_node_id async)
{
    const struct lab_node *node = check_node(c, async);

    for (unsigned i = 0; i < c->s->task_count; i++) {
        const struct lab_node *body = check_node(c, c->s->tasks[i].body);

        if (node->offset >= body->offset && node->offset < body->offset + body->length) {
            return (int)i;
        }
    }
    return -1;
}

static void check_async_argument(struct checker *c, lab_node_id id)
{
    struct lab_near near = {NULL, 0};
    struct lab_diag *diag = NULL;

    if (check_node(c, id)->kind != LAB_N_NAME) {
        lab_report(c->diags, lab_check_span(c, id),
                   "async_send() needs the name of an async callback");
        return;
    }
    for (unsigned i = 0; i < c->async_count; i++) {
        if (check_node(c, c->async[i])->name == check_node(c, id)->name) {
            int loop = loop_of(c, c->async[i]);

            lab_check_set(c, id, LAB_ROLE_ASYNC, loop < 0 ? 0 : (unsigned)loop, c->async[i]);
            return;
        }
    }
    diag = lab_report(c->diags, lab_check_span(c, id), "unknown async callback '%s'",
                      check_name(c, id));
    for (unsigned i = 0; i < c->async_count; i++) {
        lab_near_try(&near, check_name(c, id), check_length(c, id), check_name(c, c->async[i]));
        lab_note(diag, i == 0 ? "one of: %s" : ", %s", check_name(c, c->async[i]));
    }
    lab_near_hint(diag, &near);
}

/* ---- groups in braces ---- */

struct group_form {
    const char *op;
    uint8_t least, most; /* elements, the operation included */
};

static const struct group_form submit_forms[] = {{"READ", 4, 5},   {"WRITE", 4, 5},
                                                 {"POLL", 3, 4},   {"FSYNC", 2, 3},
                                                 {"FDSYNC", 2, 3}, {NULL, 0, 0}};
static const struct group_form uring_forms[] = {{"POLL_ADD", 3, 4}, {"POLL_REMOVE", 2, 2},
                                                {"READ", 4, 4},     {"WRITE", 4, 4},
                                                {"NOOP", 1, 1},     {NULL, 0, 0}};
static const struct group_form lio_forms[] = {
    {"LIO_READ", 4, 4}, {"LIO_WRITE", 4, 4}, {"LIO_NOP", 1, 1}, {NULL, 0, 0}};

/* Whether the request begins with an operation; the rest is then worth checking. */
static bool check_form(struct checker *c, lab_node_id id, const struct group_form *forms)
{
    lab_node_id op = check_node(c, id)->first;
    unsigned count = count_from(c, op);
    struct lab_near near = {NULL, 0};
    struct lab_diag *diag = NULL;

    for (const struct group_form *f = forms; op != 0 && f->op != NULL; f++) {
        if (check_node(c, op)->kind == LAB_N_NAME && is_text(c, op, f->op)) {
            if (count < f->least || count > f->most) {
                lab_report(c->diags, lab_check_span(c, id), "{%s, ...} has from %i to %i parts",
                           f->op, (int64_t)f->least, (int64_t)f->most);
            }
            return true;
        }
    }
    diag = lab_report(c->diags, lab_check_span(c, op == 0 ? id : op),
                      "a request begins with what is to be done");
    for (const struct group_form *f = forms; f->op != NULL; f++) {
        if (op != 0 && check_node(c, op)->kind == LAB_N_NAME) {
            lab_near_try(&near, check_name(c, op), check_length(c, op), f->op);
        }
        lab_note(diag, f == forms ? "one of: %s" : ", %s", f->op);
    }
    lab_near_hint(diag, &near);
    return false;
}

static void check_group(struct checker *c, lab_node_id id, unsigned syscall)
{
    const struct group_form *forms = syscall == LAB_SYS_IO_SUBMIT        ? submit_forms
                                     : syscall == LAB_SYS_IO_URING_ENTER ? uring_forms
                                     : syscall == LAB_SYS_LIO_LISTIO     ? lio_forms
                                                                         : NULL;

    if (check_node(c, id)->kind != LAB_N_BRACES) {
        if (check_node(c, id)->kind != LAB_N_ERROR) {
            lab_report(c->diags, lab_check_span(c, id),
                       "here %s() needs a group in braces: { ... }",
                       lab_syscall_row(syscall)->name);
        }
        return;
    }
    if (forms != NULL && !check_form(c, id, forms)) {
        return;
    }
    if (syscall == LAB_SYS_POLL && count_from(c, check_node(c, id)->first) != 2) {
        lab_report(c->diags, lab_check_span(c, id), "poll() watches {descriptor, EVENTS}");
    }
    for (lab_node_id k = check_node(c, id)->first; k != 0; k = check_node(c, k)->next) {
        lab_check_expr(c, k, CHECK_READ);
    }
}

static void check_signals(struct checker *c, lab_node_id id)
{
    if (check_node(c, id)->kind != LAB_N_BRACES) {
        lab_check_expr(c, id, CHECK_READ);
        return;
    }
    for (lab_node_id k = check_node(c, id)->first; k != 0; k = check_node(c, k)->next) {
        lab_check_expr(c, k, CHECK_READ);
    }
}

/* ---- system calls ---- */

static void check_last_group(struct checker *c, lab_node_id id, unsigned syscall)
{
    bool last = check_node(c, id)->next == 0;

    if (last && check_node(c, id)->kind != LAB_N_BRACES) {
        if (syscall == LAB_SYS_POLL) {
            lab_check_delay(c, id);
        } else {
            lab_check_expr(c, id, CHECK_READ);
        }
        return;
    }
    check_group(c, id, syscall);
}

static void check_argument(struct checker *c, lab_node_id id, char letter, unsigned syscall)
{
    switch (letter) {
    case 's':
        check_file_name(c, id, syscall);
        break;
    case 'o':
        if (check_node(c, id)->kind != LAB_N_NAME) {
            lab_report(c->diags, lab_check_span(c, id), "here %s() needs a variable",
                       lab_syscall_row(syscall)->name);
        } else {
            lab_check_expr(c, id, CHECK_WRITE);
        }
        break;
    case 't':
        if (check_node(c, id)->kind != LAB_N_STR && !lab_check_is_token(c, id)) {
            lab_check_expr(c, id, CHECK_READ); /* tokens were numbered before */
        }
        break;
    case 'x':
        if (check_node(c, id)->kind != LAB_N_STR) {
            lab_check_expr(c, id, CHECK_READ);
        }
        break;
    case 'b':
        check_group(c, id, syscall);
        break;
    case 'B':
        check_last_group(c, id, syscall);
        break;
    case 'T':
        lab_check_delay(c, id);
        break;
    case 'p':
        check_task_argument(c, id);
        break;
    case 'a':
        check_async_argument(c, id);
        break;
    case 'g':
        check_signals(c, id);
        break;
    default:
        lab_check_expr(c, id, CHECK_READ);
        break;
    }
}

static void check_epoll_ctl(struct checker *c, lab_node_id call)
{
    lab_node_id args = check_node(c, check_node(c, call)->first)->next;
    lab_node_id op = check_node(c, args)->next;
    struct lab_value value = {0};

    if (count_from(c, args) == 3 && lab_const_eval(c->s, op, NULL, &value) && value.numeric &&
        value.number != 2) {
        lab_report(c->diags, lab_check_span(c, call), "epoll_ctl() needs the events here");
    }
}

static void check_syscall(struct checker *c, lab_node_id call, unsigned syscall)
{
    const struct lab_call *row = lab_syscall_row(syscall);
    const char *letter = row->signature;
    lab_node_id callee = check_node(c, call)->first;

    lab_check_feature(c, row->name, call);
    lab_check_set(c, call, LAB_ROLE_SYSCALL, syscall, 0);
    if (syscall == LAB_SYS_FORK && c->at.actor == CHECK_TASK && !c->at.start &&
        c->s->tasks[c->at.task].is_loop) {
        lab_check_feature(c, "fork in a loop", call);
    }
    if (!check_count(c, call, row, check_name(c, callee))) {
        return;
    }
    for (lab_node_id k = check_node(c, callee)->next; k != 0; k = check_node(c, k)->next) {
        check_argument(c, k, *letter, syscall);
        if (letter[0] != '\0' && letter[1] != '*' && letter[1] != '\0') {
            letter++;
        }
    }
    if (syscall == LAB_SYS_EPOLL_CTL) {
        check_epoll_ctl(c, call);
    }
}

static void unknown_call(struct checker *c, lab_node_id callee, bool task)
{
    struct lab_near near = {NULL, 0};
    struct lab_diag *diag = NULL;
    const char *name = check_name(c, callee);
    size_t length = check_length(c, callee);

    if (task && lab_find_kcall(name, length) >= 0) {
        diag = lab_report(c->diags, lab_check_span(c, callee),
                          "%s() is for drivers, not for tasks", name);
        lab_note(diag, "a task makes system calls");
        return;
    }
    if (!task && lab_find_syscall(name, length) >= 0) {
        diag = lab_report(c->diags, lab_check_span(c, callee),
                          "%s() is a system call: it is for tasks", name);
        lab_note(diag, "a driver is called by the kernel, it does not call it");
        return;
    }
    diag = lab_report(c->diags, lab_check_span(c, callee), "unknown call '%s'", name);
    for (unsigned i = 0; task && i < LAB_SYS_COUNT; i++) {
        lab_near_try(&near, name, length, lab_syscall_row(i)->name);
    }
    for (unsigned i = 0; !task && i < LAB_K_COUNT_; i++) {
        lab_near_try(&near, name, length, lab_kcall_row(i)->name);
        lab_note(diag, i == 0 ? "one of: %s" : ", %s", lab_kcall_row(i)->name);
    }
    lab_near_hint(diag, &near);
}

/* ---- driver calls ---- */

static void check_own_file(struct checker *c, lab_node_id id)
{
    const struct lab_driver *driver = &c->s->drivers[c->at.driver];
    int file = check_node(c, id)->kind == LAB_N_NAME
                   ? lab_check_find_file(c, check_node(c, id)->name)
                   : -1;
    struct lab_diag *diag = NULL;

    if (file >= driver->first_file && file < driver->first_file + driver->file_count) {
        lab_check_set(c, id, LAB_ROLE_FILE, (unsigned)file, 0);
        return;
    }
    diag = lab_report(c->diags, lab_check_span(c, id), "this is no file of the driver '%s'",
                      lab_name(c->s, driver->name));
    for (unsigned i = 0; i < driver->file_count; i++) {
        lab_note(diag, i == 0 ? "one of: %s" : ", %s",
                 lab_name(c->s, c->s->files[driver->first_file + i].name));
    }
}

/* Whether a call without a file says enough. */
static void check_no_file(struct checker *c, lab_node_id call, const char *name)
{
    const struct lab_driver *driver = &c->s->drivers[c->at.driver];
    bool concerned = c->at.block != LAB_BLOCK_INIT && c->at.block != LAB_BLOCK_IRQ &&
                     c->at.block != LAB_BLOCK_THREAD;
    struct lab_diag *diag = NULL;

    if (driver->file_count < 2 || concerned) {
        return;
    }
    diag = lab_report(c->diags, lab_check_span(c, call), "%s() does not say which file", name);
    for (unsigned i = 0; i < driver->file_count; i++) {
        lab_note(diag, i == 0 ? "one of: %s" : ", %s",
                 lab_name(c->s, c->s->files[driver->first_file + i].name));
    }
}

static void check_arrival(struct checker *c, lab_node_id id)
{
    int device = check_node(c, id)->kind == LAB_N_NAME
                     ? lab_check_find_device(c, check_node(c, id)->name)
                     : -1;

    if (device < 0) {
        if (!c->broken_devices) {
            lab_report(c->diags, lab_check_span(c, id), "arrival() needs a device");
        }
        return;
    }
    lab_check_set(c, id, LAB_ROLE_DEVICE, (unsigned)device, 0);
    if (c->s->devices[device].driver != c->at.driver) {
        lab_report(c->diags, lab_check_span(c, id), "'%s' is not a device of this driver",
                   check_name(c, id));
    }
}

static void check_kcall_place(struct checker *c, lab_node_id call, unsigned kcall)
{
    static const char letters[] = "nitocrwp"; /* by enum lab_block */
    const struct lab_driver *driver = &c->s->drivers[c->at.driver];
    const struct lab_call *row = lab_kcall_row(kcall);

    if (!lab_text_has(row->blocks, letters[c->at.block])) {
        struct lab_diag *diag =
            lab_report(c->diags, lab_check_span(c, call), "%s() cannot be used in '%s'",
                       row->name, lab_block_name(c->at.block));
        bool any = false;

        for (unsigned i = 0; i < LAB_BLOCKS; i++) {
            if (lab_text_has(row->blocks, letters[i])) {
                lab_note(diag, any ? ", %s" : "it belongs in: %s", lab_block_name(i));
                any = true;
            }
        }
        return;
    }
    if ((kcall == LAB_K_ACK || kcall == LAB_K_EOI) && driver->flow != LAB_FLOW_MANUAL) {
        struct lab_diag *diag = lab_report(c->diags, lab_check_span(c, call),
                                           "%s() is done by the flow", row->name);

        lab_note(diag, "to do it yourself, write: flow manual;");
    }
    if (kcall == LAB_K_WAKE_THREAD && driver->block[LAB_BLOCK_THREAD] == 0) {
        lab_report(c->diags, lab_check_span(c, call), "this driver has no thread { } to wake");
    }
}

/* push() is push(arrival(DEV)): where arrivals are handed over, and of one device. */
static void check_push_arrival(struct checker *c, lab_node_id call, const char *name)
{
    struct lab_diag *diag = NULL;
    unsigned devices = 0;

    if (c->at.block != LAB_BLOCK_IRQ && c->at.block != LAB_BLOCK_THREAD) {
        diag = lab_report(c->diags, lab_check_span(c, call),
                          "%s() hands over an arrival only in 'irq' and 'thread'", name);
        lab_note(diag, "write: %s(VALUE)", name);
        return;
    }
    for (unsigned i = 0; i < c->s->device_count; i++) {
        devices += c->s->devices[i].driver == c->at.driver ? 1 : 0;
    }
    if (devices < 2) {
        return;
    }
    diag = lab_report(c->diags, lab_check_span(c, call), "%s() does not say of which device",
                      name);
    devices = 0;
    for (unsigned i = 0; i < c->s->device_count; i++) {
        if (c->s->devices[i].driver == c->at.driver) {
            lab_note(diag, devices == 0 ? "one of: arrival(%s)" : ", arrival(%s)",
                     lab_name(c->s, c->s->devices[i].name));
            devices++;
        }
    }
}

static void check_kcall_arguments(struct checker *c, lab_node_id call, unsigned kcall)
{
    const struct lab_call *row = lab_kcall_row(kcall);
    lab_node_id first = check_node(c, check_node(c, call)->first)->next;
    bool value = kcall == LAB_K_PUSH || kcall == LAB_K_QUEUE;
    int64_t cpu = 0;

    if (row->signature[0] == 'f') {
        bool file = count_from(c, first) == (value ? 2u : 1u);

        if (file) {
            check_own_file(c, first);
            first = check_node(c, first)->next;
        } else {
            check_no_file(c, call, row->name);
        }
        if (value && first == 0) {
            check_push_arrival(c, call, row->name);
        } else if (value) {
            lab_check_expr(c, first, CHECK_READ);
        }
        return;
    }
    if (row->signature[0] == 'd') {
        check_arrival(c, first);
        first = check_node(c, first)->next;
    }
    if (row->signature[0] == 'T') {
        lab_check_delay(c, first);
    } else if (first != 0) {
        lab_check_expr(c, first, CHECK_READ);
    }
    if (kcall == LAB_K_SET_AFFINITY) {
        struct lab_value known = {0};

        if (lab_const_eval(c->s, first, NULL, &known)) {
            lab_check_number(c, first, 0, c->s->machine.cpus - 1, "the CPU", &cpu);
        }
    }
}

static void check_kcall(struct checker *c, lab_node_id call, unsigned kcall, uint32_t device)
{
    lab_check_feature(c, lab_kcall_row(kcall)->name, call);
    lab_check_set(c, call, LAB_ROLE_KCALL, kcall, device);
    check_kcall_place(c, call, kcall);
    if (check_count(c, call, lab_kcall_row(kcall), lab_kcall_row(kcall)->name)) {
        check_kcall_arguments(c, call, kcall);
    }
}

/* dev.disable_irq(), dev.enable_irq(), LINE.assert(), LINE.deassert() */
static void check_method(struct checker *c, lab_node_id call)
{
    lab_node_id field = check_node(c, call)->first, base = check_node(c, field)->first;
    int device = -1, kcall = -1;

    if (c->at.actor == CHECK_TASK) {
        lab_report(c->diags, lab_check_span(c, call), "a task has no access to devices");
        return;
    }
    if (check_node(c, base)->kind != LAB_N_NAME || check_node(c, field)->name == 0) {
        lab_report(c->diags, lab_check_span(c, call), "this cannot be called");
        return;
    }
    device = lab_check_find_device(c, check_node(c, base)->name);
    if (device < 0) {
        if (!c->broken_devices) {
            lab_report(c->diags, lab_check_span(c, base), "unknown device '%s'",
                       check_name(c, base));
        }
        return;
    }
    lab_check_set(c, base, LAB_ROLE_DEVICE, (unsigned)device, 0);
    kcall = lab_find_kcall(check_name(c, field), check_length(c, field));
    if (kcall != LAB_K_DISABLE_IRQ && kcall != LAB_K_ENABLE_IRQ && kcall != LAB_K_LINE_ASSERT &&
        kcall != LAB_K_LINE_DEASSERT) {
        struct lab_diag *diag = lab_report(c->diags, lab_check_span(c, field),
                                           "a device has no call '%s'", check_name(c, field));

        lab_note(diag, "one of: disable_irq, enable_irq; a line also: assert, deassert");
        return;
    }
    if ((kcall == LAB_K_LINE_ASSERT || kcall == LAB_K_LINE_DEASSERT) &&
        c->s->devices[device].model != LAB_MODEL_LINE) {
        lab_report(c->diags, lab_check_span(c, field), "only a line has %s()",
                   check_name(c, field));
    }
    check_kcall(c, call, (unsigned)kcall, (uint32_t)device + 1);
}

void lab_check_call(struct checker *c, lab_node_id id)
{
    lab_node_id callee = check_node(c, id)->first;
    int found = -1;
    bool task = c->at.actor == CHECK_TASK;

    if (check_node(c, callee)->kind == LAB_N_FIELD) {
        check_method(c, id);
        return;
    }
    if (check_node(c, callee)->kind != LAB_N_NAME) {
        if (check_node(c, callee)->kind != LAB_N_ERROR) {
            lab_report(c->diags, lab_check_span(c, callee), "this cannot be called");
        }
        return;
    }
    found = task ? lab_find_syscall(check_name(c, callee), check_length(c, callee))
                 : lab_find_kcall(check_name(c, callee), check_length(c, callee));
    if (found < 0) {
        unknown_call(c, callee, task);
    } else if (task) {
        check_syscall(c, id, (unsigned)found);
    } else if (found == LAB_K_LINE_ASSERT || found == LAB_K_LINE_DEASSERT) {
        lab_report(c->diags, lab_check_span(c, id), "%s() belongs to a line: LINE.%s()",
                   check_name(c, callee), check_name(c, callee));
    } else {
        check_kcall(c, id, (unsigned)found, 0);
    }
}
