/*
 * lab/core/check_decl.c - checks of limits, the machine, files, tasks and processes.
 *
 * Source: docs/language.md.
 */
#include "lab/core/check_internal.h"
#include "lab/core/scenario.h"
#include "lab/core/text.h"
#include "sim/policy.h"

enum { POLICY_NAME = 40 }; /* bytes, the longest and to spare */

enum {
    TICKS_DEFAULT = 8,
    STEPS_DEFAULT = 1000000,
    OPTIONS_MAX = 64, /* more than this cannot all be right: do not compare each with each */
    CPUS_MAX = 4,     /* of a simulated machine */
    PROCESS_TASKS_DEFAULT = 4 /* per process tree: fork() in a loop ends some time */
};

/* ---- limits ---- */

void lab_check_limits(struct checker *c)
{
    struct lab_scenario *s = c->s;
    lab_node_id seen[2] = {0, 0};

    s->limit_ticks = TICKS_DEFAULT;
    s->limit_steps = STEPS_DEFAULT;
    for (lab_node_id d = s->root; d != 0; d = s->nodes[d].next) {
        const struct lab_node *node = &s->nodes[d];
        bool ticks = node->op == LAB_LIMIT_TICKS;

        if (node->kind != LAB_N_LIMIT) {
            continue;
        }
        if (seen[ticks] != 0) {
            struct lab_diag *diag =
                lab_report(c->diags, lab_check_span(c, d), "this limit is given twice");

            lab_also(diag, lab_check_span(c, seen[ticks]), "here");
        }
        seen[ticks] = d;
        if (node->value < 1 || (ticks && node->value > LAB_TOKENS_MAX)) {
            lab_report(c->diags, lab_check_span(c, d), "a limit is a number from 1 to %i",
                       ticks ? (int64_t)LAB_TOKENS_MAX : INT64_MAX);
            continue;
        }
        if (ticks) {
            s->limit_ticks = (uint32_t)node->value;
        } else {
            s->limit_steps = (uint64_t)node->value;
        }
    }
}

/* ---- the machine ---- */

static void unknown_machine(struct checker *c, lab_node_id id, const char *name, size_t length)
{
    struct lab_near near = {NULL, 0};
    struct lab_diag *diag =
        lab_report(c->diags, lab_check_span(c, id), "unknown machine '%t'", name, length);

    for (unsigned i = 0; i < LAB_MACHINE_COUNT; i++) {
        lab_near_try(&near, name, length, lab_machine_name(i));
        lab_note(diag, i == 0 ? "one of: %s" : ", %s", lab_machine_name(i));
    }
    lab_near_hint(diag, &near);
}

/* How many values an option has; reports if it is not `count`. */
static bool has_values(struct checker *c, lab_node_id option, unsigned least, unsigned most,
                       const char *form)
{
    unsigned count = 0;
    struct lab_diag *diag = NULL;

    for (lab_node_id k = check_node(c, option)->first; k != 0; k = check_node(c, k)->next) {
        count++;
    }
    if (count >= least && count <= most) {
        return true;
    }
    diag = lab_report(c->diags, lab_check_span(c, option), "the option '%s' is not complete",
                      check_name(c, option));
    lab_note(diag, "write: %s", form);
    return false;
}

static void machine_as(struct checker *c, lab_node_id value)
{
    size_t length = 0;
    const char *word = lab_check_word(c, value, &length);

    if (word == NULL) {
        return;
    }
    c->s->machine.as_qemu = lab_text_is("qemu", word, length);
    if (c->s->machine.as_qemu) {
        lab_check_feature(c, "as qemu", value);
    } else if (!lab_text_is("architecture", word, length)) {
        struct lab_diag *diag = lab_report(c->diags, lab_check_span(c, value),
                                           "a machine is never 'as %t'", word, length);

        lab_note(diag, "one of: architecture, qemu");
    }
}

static void machine_cost(struct checker *c, lab_node_id value)
{
    struct lab_machine *m = &c->s->machine;
    size_t length = 0;
    const char *word = lab_check_word(c, value, &length);
    int which = word == NULL ? -1 : lab_find_cost(word, length);
    int64_t ns = 0;

    if (word == NULL) {
        return;
    }
    if (which < 0) {
        struct lab_near near = {NULL, 0};
        struct lab_diag *diag =
            lab_report(c->diags, lab_check_span(c, value), "unknown cost '%t'", word, length);

        for (unsigned i = 0; i < LAB_COST_COUNT; i++) {
            lab_near_try(&near, word, length, lab_cost_name(i));
            lab_note(diag, i == 0 ? "one of: %s" : ", %s", lab_cost_name(i));
        }
        lab_near_hint(diag, &near);
        return;
    }
    for (unsigned i = 0; i < m->cost_count; i++) {
        if (m->cost[i].which == which) {
            lab_report(c->diags, lab_check_span(c, value), "the cost '%t' is given twice", word,
                       length);
            return;
        }
    }
    if (lab_check_time(c, check_node(c, value)->next, &ns)) {
        m->cost[m->cost_count].which = (uint8_t)which;
        m->cost[m->cost_count++].ns = ns;
    }
}

/* The name of a row as the language has it: gic_bytewise for gic-bytewise. */
static const char *policy_name(const struct sim_policy *row, char ret_name[POLICY_NAME])
{
    size_t i = 0;

    for (; row->name[i] && i + 1 < POLICY_NAME; i++) {
        ret_name[i] = row->name[i] == '-' ? '_' : row->name[i];
    }
    ret_name[i] = '\0';
    return ret_name;
}

/* The row of a name on this machine; -1 after reporting. */
static int find_policy(struct checker *c, lab_node_id value, const char *word, size_t length)
{
    unsigned count = 0;
    const struct sim_policy *rows = sim_policies((enum sim_machine)c->s->machine.id, &count);
    char name[POLICY_NAME], nearest[POLICY_NAME];
    struct lab_near near = {NULL, 0};
    struct lab_diag *diag = NULL;
    bool any = false;

    for (unsigned i = 0; i < count; i++) {
        if (lab_text_is(policy_name(&rows[i], name), word, length)) {
            return (int)i;
        }
    }
    diag = lab_report(c->diags, lab_check_span(c, value), "%s has no policy '%t'",
                      lab_board(c->s->machine.id)->controller, word, length);
    for (unsigned i = 0; i < count; i++) {
        struct lab_near before = near;

        lab_near_try(&near, word, length, policy_name(&rows[i], name));
        if (near.name != before.name || near.distance != before.distance) {
            near.name = policy_name(&rows[i], nearest);
        }
        if (i >= SIM_POLICY_DEVICE_ROWS) { /* devices' rows are too many to show */
            lab_note(diag, any ? ", %s" : "one of: %s", policy_name(&rows[i], name));
            any = true;
        }
    }
    lab_near_hint(diag, &near);
    return -1;
}

static void machine_policy(struct checker *c, lab_node_id value)
{
    static const char *const ways[] = {"architecture", "qemu", "other"}; /* lab_policy_to */
    struct lab_machine *m = &c->s->machine;
    struct lab_policy_setting setting = {0};
    size_t length = 0;
    const char *word = lab_check_word(c, value, &length);
    lab_node_id to = check_node(c, value)->next;
    int row = word == NULL ? -1 : find_policy(c, value, word, length);

    if (row < 0) {
        return;
    }
    setting.row = (unsigned)row;
    for (unsigned i = 0; i < m->policy_count; i++) {
        if (m->policy[i].row == setting.row) {
            lab_report(c->diags, lab_check_span(c, value), "the policy '%t' is given twice",
                       word, length);
            return;
        }
    }
    word = lab_check_word(c, to, &length);
    if (word == NULL) {
        return;
    }
    while (setting.to <= LAB_POLICY_OTHER && !lab_text_is(ways[setting.to], word, length))
        setting.to++;
    if (setting.to > LAB_POLICY_OTHER) {
        struct lab_diag *diag = lab_report(c->diags, lab_check_span(c, to),
                                           "'%t' is no way to do it", word, length);

        lab_note(diag, "one of: architecture, qemu, other");
        return;
    }
    if (m->policy_count < LAB_POLICIES_MAX) {
        m->policy[m->policy_count++] = setting;
        lab_check_feature(c, "policy", value);
    }
}

static void machine_forgets(struct checker *c, lab_node_id value)
{
    for (; value != 0; value = check_node(c, value)->next) {
        size_t length = 0;
        const char *word = lab_check_word(c, value, &length);

        if (word == NULL) {
            continue;
        }
        if (lab_text_is("active", word, length)) {
            c->s->machine.forgets_active = true;
        } else if (lab_text_is("masked", word, length)) {
            c->s->machine.forgets_masked = true;
        } else {
            struct lab_diag *diag = lab_report(c->diags, lab_check_span(c, value),
                                               "'%t' is nothing to forget", word, length);

            lab_note(diag, "write: forgets active; forgets masked; or forgets active masked;");
        }
    }
}

static void machine_sample(struct checker *c, lab_node_id value)
{
    if (check_node(c, value)->next != 0) {
        size_t length = 0;
        const char *word = lab_check_word(c, value, &length);

        if (word == NULL) {
            return;
        }
        if (!lab_text_is("edges", word, length)) {
            struct lab_diag *diag = lab_report(c->diags, lab_check_span(c, value),
                                               "'%t' cannot be sampled", word, length);

            lab_note(diag, "write: sample T; or sample edges T;");
            return;
        }
        c->s->machine.sample_edges = true;
        value = check_node(c, value)->next;
    }
    if (lab_check_time(c, value, &c->s->machine.sample_ns) && c->s->machine.sample_ns == 0) {
        c->s->machine.sample_edges = false; /* it looks all the time */
    }
}

static void machine_linux(struct checker *c, lab_node_id value)
{
    const struct lab_node *node = check_node(c, value);

    if (node->kind != LAB_N_VERSION || node->value >> 16 > 0xffff) {
        lab_report(c->diags, lab_check_span(c, value), "a kernel version looks like 5.5");
        return;
    }
    c->s->machine.linux_given = true;
    c->s->machine.linux_major = (uint16_t)(node->value >> 16);
    c->s->machine.linux_minor = (uint16_t)(node->value & 0xffff);
    lab_check_feature(c, "linux", value);
}

static bool only_textbook(struct checker *c, lab_node_id option)
{
    if (c->s->machine.id == LAB_MACHINE_TEXTBOOK) {
        return true;
    }
    lab_report(c->diags, lab_check_span(c, option),
               "'%s' is an option of the textbook machine only", check_name(c, option));
    return false;
}

static void machine_cpus(struct checker *c, lab_node_id value)
{
    int64_t cpus = 0;
    unsigned id = c->s->machine.id;
    bool one =
        id == LAB_MACHINE_VERSATILEPB || id == LAB_MACHINE_MPS2_AN385 || id == LAB_MACHINE_PC;

    if (!lab_check_number(c, value, 1, CPUS_MAX, "the number of CPUs", &cpus)) {
        return;
    }
    if (one && cpus > 1) {
        lab_report(c->diags, lab_check_span(c, value), "%s interrupts one CPU only",
                   lab_board(id)->controller);
        return;
    }
    c->s->machine.cpus = (uint8_t)cpus;
    if (cpus > 1) {
        lab_check_feature(c, "cpus", value);
    }
}

static void unknown_machine_option(struct checker *c, lab_node_id option)
{
    static const char *const names[] = {"cpus",  "as",      "cost",  "policy",
                                        "linux", "forgets", "sample"};
    struct lab_near near = {NULL, 0};
    struct lab_diag *diag = lab_report(c->diags, lab_check_span(c, option),
                                       "a machine has no option '%s'", check_name(c, option));

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        lab_near_try(&near, check_name(c, option), check_length(c, option), names[i]);
        lab_note(diag, i == 0 ? "one of: %s" : ", %s", names[i]);
    }
    lab_near_hint(diag, &near);
}

static void machine_option(struct checker *c, lab_node_id option)
{
    const char *name = check_name(c, option);
    size_t length = check_length(c, option);
    lab_node_id value = check_node(c, option)->first;

    if (lab_text_is("cpus", name, length)) {
        if (has_values(c, option, 1, 1, "cpus N;")) {
            machine_cpus(c, value);
        }
    } else if (lab_text_is("as", name, length)) {
        if (has_values(c, option, 1, 1, "as architecture; or as qemu;")) {
            machine_as(c, value);
        }
    } else if (lab_text_is("cost", name, length)) {
        if (has_values(c, option, 2, 2, "cost take 3us;")) {
            machine_cost(c, value);
        }
    } else if (lab_text_is("policy", name, length)) {
        if (has_values(c, option, 2, 2, "policy NAME architecture; or policy NAME qemu;")) {
            machine_policy(c, value);
        }
    } else if (lab_text_is("linux", name, length)) {
        if (has_values(c, option, 1, 1, "linux 5.5;")) {
            machine_linux(c, value);
        }
    } else if (lab_text_is("forgets", name, length)) {
        if (only_textbook(c, option) && has_values(c, option, 1, 2, "forgets active masked;")) {
            machine_forgets(c, value);
        }
    } else if (lab_text_is("sample", name, length)) {
        if (only_textbook(c, option) && has_values(c, option, 1, 2, "sample T;")) {
            machine_sample(c, value);
        }
    } else {
        unknown_machine_option(c, option);
    }
}

/* An option other than cost and policy is given once. */
static void options_once(struct checker *c, lab_node_id first)
{
    unsigned count = 0;

    for (lab_node_id a = first; a != 0 && count < OPTIONS_MAX; a = check_node(c, a)->next) {
        count++;
        for (lab_node_id b = first; b != a; b = check_node(c, b)->next) {
            if (check_node(c, a)->name == check_node(c, b)->name &&
                !lab_text_is("cost", check_name(c, a), check_length(c, a)) &&
                !lab_text_is("policy", check_name(c, a), check_length(c, a))) {
                lab_check_twice(c, a, "option", b);
                break;
            }
        }
    }
}

void lab_check_machine(struct checker *c)
{
    struct lab_scenario *s = c->s;
    struct lab_machine *m = &s->machine;

    m->cpus = 1;
    m->id = LAB_MACHINE_TEXTBOOK;
    for (lab_node_id d = s->root; d != 0; d = s->nodes[d].next) {
        lab_node_id word = s->nodes[d].first;
        size_t length = 0;
        const char *name = NULL;
        int found = -1;

        if (s->nodes[d].kind != LAB_N_MACHINE) {
            continue;
        }
        if (m->node != 0) {
            struct lab_diag *diag =
                lab_report(c->diags, lab_check_span(c, d), "a scenario has one machine");

            lab_also(diag, lab_check_span(c, m->node), "here");
            continue;
        }
        m->node = d;
        name = lab_check_word(c, word, &length);
        found = name == NULL ? -1 : lab_find_machine(name, length);
        if (name != NULL && found < 0) {
            unknown_machine(c, word, name, length);
        }
        if (found < 0) {
            m->unknown = true;
            continue;
        }
        m->id = (uint8_t)found;
        lab_check_feature(c, lab_machine_name(m->id), word);
        options_once(c, s->nodes[word].next);
        for (lab_node_id k = s->nodes[word].next; k != 0; k = s->nodes[k].next) {
            machine_option(c, k);
        }
    }
}

/* ---- files ---- */

/* Room for one more file, zeroed; null after reporting that there is none. */
static struct lab_file *new_file(struct checker *c, lab_name_id name, lab_node_id node,
                                 enum lab_file_kind kind)
{
    struct lab_scenario *s = c->s;
    struct lab_file *file = &s->files[s->file_count];

    if (s->file_count == LAB_FILES_MAX) {
        lab_report(c->diags, lab_check_span(c, node), "too many files (at most %i)",
                   (int64_t)LAB_FILES_MAX);
        return NULL;
    }
    memset(file, 0, sizeof *file);
    s->file_count++;
    file->name = name;
    file->node = node;
    file->kind = (uint8_t)kind;
    return file;
}

static void file_disk(struct checker *c, lab_node_id disk, struct lab_file *file)
{
    int device = lab_check_find_device(c, check_node(c, disk)->name);

    if (device < 0 || !lab_model_is_disk(c->s->devices[device].model)) {
        if (!c->broken_devices) {
            struct lab_diag *diag = lab_report(c->diags, lab_check_span(c, disk),
                                               "'%s' is no disk", check_name(c, disk));

            lab_note(diag, "a disk is a device of the model virtio");
        }
        return;
    }
    lab_check_set(c, disk, LAB_ROLE_DEVICE, (unsigned)device, 0);
    file->owner = (uint16_t)(device + 1);
}

static void regular_file(struct checker *c, lab_node_id d)
{
    struct lab_scenario *s = c->s;
    lab_node_id content = s->nodes[d].first, disk = s->nodes[content].next;
    bool on_disk = s->nodes[disk].kind == LAB_N_NAME;
    int old = lab_check_find_file(c, s->nodes[d].name);
    struct lab_file *file = NULL;

    if (old >= 0) {
        lab_check_twice(c, d, "file", s->files[old].node);
        return;
    }
    file = new_file(c, s->nodes[d].name, d, LAB_FILE_REGULAR);
    if (file == NULL) {
        return;
    }
    file->content = s->nodes[content].name;
    lab_check_feature(c, on_disk ? "file on disk" : "file", d);
    for (lab_node_id k = s->nodes[disk].next; k != 0; k = s->nodes[k].next) {
        if (!lab_text_is("buffered", check_name(c, k), check_length(c, k)) ||
            s->nodes[k].first != 0) {
            struct lab_diag *diag = lab_report(c->diags, lab_check_span(c, k),
                                               "a file has no option '%s'", check_name(c, k));

            lab_note(diag, "one of: buffered");
        }
        file->buffered = true;
    }
    if (on_disk) {
        file_disk(c, disk, file);
    }
}

/* mkfifo("x") and listen("x") in any task make their names known to all. */
static void named_by_call(struct checker *c, lab_node_id call)
{
    struct lab_scenario *s = c->s;
    lab_node_id callee = s->nodes[call].first, arg = s->nodes[callee].next;
    enum lab_file_kind kind = LAB_FILE_FIFO;
    int syscall = -1, old = -1;

    if (s->nodes[callee].kind != LAB_N_NAME || arg == 0 || s->nodes[arg].kind != LAB_N_STR) {
        return;
    }
    syscall = lab_find_syscall(check_name(c, callee), check_length(c, callee));
    if (syscall != LAB_SYS_MKFIFO && syscall != LAB_SYS_LISTEN) {
        return;
    }
    kind = syscall == LAB_SYS_LISTEN ? LAB_FILE_SOCKET : LAB_FILE_FIFO;
    old = lab_check_find_file(c, s->nodes[arg].name);
    if (old < 0) {
        new_file(c, s->nodes[arg].name, arg, kind);
    } else if (s->files[old].kind != kind) {
        lab_check_twice(c, arg, "file", s->files[old].node);
    }
}

void lab_check_files(struct checker *c)
{
    struct lab_scenario *s = c->s;

    for (lab_node_id d = s->root; d != 0; d = s->nodes[d].next) {
        if (s->nodes[d].kind == LAB_N_FILE) {
            regular_file(c, d);
        }
    }
}

void lab_check_named_files(struct checker *c)
{
    for (lab_node_id k = 1; k < c->s->node_count; k++) {
        if (check_node(c, k)->kind == LAB_N_CALL) {
            named_by_call(c, k);
        }
    }
}

/* ---- tasks and processes ---- */

static void task_place(struct checker *c, lab_node_id cpu, struct lab_task *task)
{
    int64_t value = 0;

    if (check_node(c, cpu)->kind != LAB_N_NONE &&
        lab_check_number(c, cpu, 0, c->s->machine.cpus - 1, "the CPU", &value)) {
        task->cpu = (uint8_t)value;
        task->pinned = true;
        lab_check_feature(c, "on cpu", cpu);
    }
}

static void loop_backend(struct checker *c, lab_node_id word, struct lab_task *task)
{
    static const char *const features[] = {
        "backend select",   "backend poll",          "backend epoll",
        "backend epoll-et", "backend epoll-oneshot", "backend io_uring",
        "backend libuv",    "backend libev",         "backend libevent"};
    size_t length = 0;
    const char *name = NULL;
    int found = LAB_BACKEND_EPOLL;

    lab_check_feature(c, "loop", task->node);
    if (check_node(c, word)->kind != LAB_N_NONE) {
        name = lab_check_word(c, word, &length);
        found = name == NULL ? -1 : lab_find_backend(name, length);
    }
    if (found >= 0) {
        task->backend = (uint8_t)found;
        lab_check_feature(c, features[found], task->node);
    } else if (name != NULL) {
        struct lab_near near = {NULL, 0};
        struct lab_diag *diag = lab_report(c->diags, lab_check_span(c, word),
                                           "unknown back end '%t'", name, length);

        for (unsigned i = 0; i < LAB_BACKEND_COUNT; i++) {
            lab_near_try(&near, name, length, lab_backend_name(i));
            lab_note(diag, i == 0 ? "one of: %s" : ", %s", lab_backend_name(i));
        }
        lab_near_hint(diag, &near);
    }
}

/* Whether a name, or one of the instances, is that of an earlier task. */
static bool task_exists(struct checker *c, lab_node_id node, const struct lab_task *task)
{
    struct lab_scenario *s = c->s;
    uint32_t instance = 0;
    int old = lab_check_find_task(c, s->nodes[node].name, &instance);

    for (unsigned i = 0; i < s->task_count && old < 0 && task->numbered; i++) {
        lab_name_id name = s->tasks[i].name;

        instance = lab_check_numbered(lab_name(s, task->name), lab_name_length(s, task->name),
                                      lab_name(s, name), lab_name_length(s, name));
        old = instance >= 1 && instance <= task->count ? (int)i : -1;
    }
    if (old < 0) {
        return false;
    }
    lab_check_twice(c, node, "task", s->tasks[old].node);
    return true;
}

/* `head` is the first child: count (of a task) or back end (of a loop), then place, body. */
static void add_task(struct checker *c, lab_node_id node, unsigned process)
{
    struct lab_scenario *s = c->s;
    struct lab_task task = {.name = s->nodes[node].name, .node = node, .count = 1};
    lab_node_id head = s->nodes[node].first, place = s->nodes[head].next;
    unsigned instances = 0;
    int64_t count = 1;

    task.process = (uint16_t)process;
    task.is_loop = s->nodes[node].kind == LAB_N_LOOP;
    task.body = s->nodes[place].next;
    if (!task.is_loop && s->nodes[head].kind != LAB_N_NONE) {
        task.numbered = true;
        lab_check_number(c, head, 1, LAB_TASKS_MAX, "how many tasks there are", &count);
        lab_check_feature(c, "N tasks", node);
    }
    task.count = (uint16_t)count;
    if (task_exists(c, node, &task)) {
        return;
    }
    for (unsigned i = 0; i < s->task_count; i++) {
        instances += s->tasks[i].count;
    }
    if (instances + task.count > LAB_TASKS_MAX || s->task_count == LAB_TASKS_MAX) {
        lab_report(c->diags, lab_check_span(c, node), "too many tasks (at most %i)",
                   (int64_t)LAB_TASKS_MAX);
        return;
    }
    task_place(c, place, &task);
    if (task.is_loop) {
        loop_backend(c, head, &task);
    }
    s->tasks[s->task_count++] = task;
}

static void add_process(struct checker *c, lab_node_id node)
{
    struct lab_scenario *s = c->s;
    struct lab_process *process = &s->processes[s->process_count];
    lab_node_id max = s->nodes[node].first, start = s->nodes[max].next;
    int64_t most = PROCESS_TASKS_DEFAULT;

    for (unsigned i = 0; i < s->process_count; i++) {
        if (s->processes[i].name == s->nodes[node].name) {
            lab_check_twice(c, node, "process", s->processes[i].node);
            return;
        }
    }
    if (s->process_count == LAB_PROCESSES_MAX) {
        lab_report(c->diags, lab_check_span(c, node), "too many processes (at most %i)",
                   (int64_t)LAB_PROCESSES_MAX);
        return;
    }
    memset(process, 0, sizeof *process);
    s->process_count++;
    process->name = s->nodes[node].name;
    process->node = node;
    process->start = s->nodes[start].kind == LAB_N_START ? s->nodes[start].first : 0;
    if (s->nodes[max].kind != LAB_N_NONE) {
        lab_check_number(c, max, 1, LAB_TASKS_MAX, "how many tasks a process may have", &most);
    }
    process->max = (uint16_t)most;
    lab_check_feature(c, "process", node);
    if (s->nodes[start].next == 0) {
        lab_report(c->diags, lab_check_span(c, node), "the process '%s' has no task",
                   check_name(c, node));
    }
    for (lab_node_id k = s->nodes[start].next; k != 0; k = s->nodes[k].next) {
        add_task(c, k, s->process_count);
    }
}

void lab_check_tasks(struct checker *c)
{
    struct lab_scenario *s = c->s;

    for (lab_node_id d = s->root; d != 0; d = s->nodes[d].next) {
        if (s->nodes[d].kind == LAB_N_TASK || s->nodes[d].kind == LAB_N_LOOP) {
            add_task(c, d, 0);
        } else if (s->nodes[d].kind == LAB_N_PROCESS) {
            add_process(c, d);
        }
    }
}
