/* lab/predicate.c - see predicate.h. */
#include "lab/predicate.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lab/core/names.h"
#include "lab/words.h"

static const struct lab_node *node_of(const struct lab_facts *facts, lab_node_id node)
{
    return &facts->scenario->nodes[node];
}

/* ---- sets ---- */

bool lab_set_has(const struct lab_outcome *outcome, enum lab_set set, unsigned token)
{
    unsigned fate = outcome->fate[token];
    bool lost = lab_fate_lost(fate);

    switch (set) {
    case LAB_SET_READ:
        return fate & LAB_FATE_READ;
    case LAB_SET_LOST:
        return lost;
    case LAB_SET_LEFT:
        return lost && fate & LAB_FATE_LEFT;
    case LAB_SET_DROPPED:
        return lost && !(fate & LAB_FATE_LEFT);
    case LAB_SET_LATE:
        return fate & LAB_FATE_READ && fate & LAB_FATE_WAITED;
    case LAB_SET_TWICE:
        return fate & LAB_FATE_TWICE;
    default:
        return false;
    }
}

const char *lab_set_name(enum lab_set set)
{
    static const char *const name[LAB_SETS] = {"read",    "lost", "left",
                                               "dropped", "late", "twice"};

    return name[set];
}

static unsigned set_size(const struct lab_facts *facts, enum lab_set set)
{
    unsigned size = 0;

    for (unsigned i = 1; i <= facts->program->tokens; i++)
        size += lab_set_has(facts->outcome, set, i);
    return size;
}

/* Does the written set name the token? */
static bool set_names(const struct lab_facts *facts, const struct lab_node *set, unsigned token)
{
    for (lab_node_id i = set->first; i != 0; i = node_of(facts, i)->next) {
        const struct lab_node *node = node_of(facts, i);
        unsigned from = node->ref;
        unsigned to = node->ref;

        if (node->kind == LAB_N_RANGE) {
            from = node_of(facts, lab_child(facts->scenario, i, 0))->ref;
            to = node_of(facts, lab_child(facts->scenario, i, 1))->ref;
        }
        if (token >= from && token <= to)
            return true;
    }
    return false;
}

static bool set_holds(const struct lab_facts *facts, const struct lab_node *set)
{
    enum lab_set which = (enum lab_set)set->op;

    switch (set->value) {
    case LAB_SET_NOTHING:
        return set_size(facts, which) == 0;
    case LAB_SET_ALL: /* what did not arrive is not lost */
        return set_size(facts, which == LAB_SET_READ ? LAB_SET_LOST : which) ==
               (which == LAB_SET_READ ? 0u : facts->program->tokens);
    case LAB_SET_EXACT:
        for (unsigned i = 1; i <= facts->program->tokens; i++) {
            if (lab_set_has(facts->outcome, which, i) != set_names(facts, set, i))
                return false;
        }
        return true;
    default:
        return set_size(facts, which) != 0;
    }
}

void lab_set_text(const struct lab_program *program, const struct lab_outcome *outcome,
                  enum lab_set set, char *ret_text, size_t size)
{
    ret_text[0] = '\0';
    for (unsigned i = 1; i <= program->tokens; i++) {
        if (lab_set_has(outcome, set, i))
            lab_words_add(ret_text, size, "%s%s", ret_text[0] ? ", " : "",
                          lab_program_name(program, program->token_name[i]));
    }
    if (!ret_text[0])
        lab_words_set(ret_text, size, "nothing");
}

/* ---- what a run counted ---- */

/* The index of a name in a table of the program, -1 if it is not there. */
static int find_name(const struct lab_facts *facts, const uint16_t *names, unsigned count,
                     const char *name)
{
    for (unsigned i = 0; i < count; i++) {
        if (strcmp(lab_program_name(facts->program, names[i]), name) == 0)
            return (int)i;
    }
    return -1;
}

/* Instances of all tasks lie side by side in the program. */
static unsigned first_instance(const struct lab_scenario *scenario, unsigned task)
{
    unsigned first = 0;

    for (unsigned i = 0; i < task; i++)
        first += scenario->tasks[i].count;
    return first;
}

/* The sum over one instance, or over all of them. */
static int64_t task_sum(const struct lab_facts *facts, const struct lab_node *who,
                        const uint32_t *counts)
{
    unsigned first = first_instance(facts->scenario, who->ref);
    unsigned count = facts->scenario->tasks[who->ref].count;
    int64_t sum = 0;

    if (who->aux) {
        first += who->aux - 1;
        count = 1;
    }
    for (unsigned i = 0; i < count && first + i < DRV_TASKS_MAX; i++)
        sum += counts[lab_descendant(&facts->program->drv, first + i, who->op)];
    return sum;
}

static int64_t driver_count(const struct lab_facts *facts, const struct lab_node *who,
                            const uint32_t *counts)
{
    const char *name = lab_name(facts->scenario, facts->scenario->drivers[who->ref].name);
    int driver =
        find_name(facts, facts->program->driver_name, facts->program->drv.drivers, name);

    return driver < 0 ? 0 : counts[driver];
}

static int64_t device_count(const struct lab_facts *facts, const struct lab_node *who,
                            const uint32_t *counts)
{
    const char *name = lab_name(facts->scenario, facts->scenario->devices[who->ref].name);
    int device =
        find_name(facts, facts->program->device_name, facts->program->sim.devices, name);

    return device < 0 ? 0 : counts[device];
}

static int64_t measure_value(const struct lab_facts *facts, lab_node_id call)
{
    const struct lab_counts *counts = &facts->outcome->counts;
    const struct lab_node *who = node_of(facts, lab_child(facts->scenario, call, 1));

    switch (node_of(facts, call)->ref) {
    case LAB_MEASURE_RUNS:
        return driver_count(facts, who, counts->runs);
    case LAB_MEASURE_SPURIOUS:
        return driver_count(facts, who, counts->spurious);
    case LAB_MEASURE_WAKES:
        return task_sum(facts, who, counts->wakes);
    case LAB_MEASURE_REPEATS:
        return task_sum(facts, who, counts->repeats);
    case LAB_MEASURE_EMPTY:
        return task_sum(facts, who, counts->empty);
    case LAB_MEASURE_STRAYS:
        return task_sum(facts, who, counts->strays);
    case LAB_MEASURE_OVERRUNS:
        return device_count(facts, who, counts->overruns);
    case LAB_MEASURE_COUNT:
        return who->kind == LAB_N_SET ? set_size(facts, (enum lab_set)who->op) : 0;
    default:
        return 0;
    }
}

/* Where the program watches a variable: by task and slot, or by name if tasks share it. */
static int find_watch(const struct lab_facts *facts, const struct lab_variable *variable,
                      unsigned instance, unsigned path)
{
    const struct lab_program *program = facts->program;
    const char *name = lab_name(facts->scenario, variable->name);
    bool shared = variable->scope != LAB_SCOPE_TASK;

    for (unsigned i = 0; i < program->watched; i++) {
        const struct lab_watched *watch = &program->watch[i];
        const char *watched = lab_program_name(program, program->watch_name[i]);
        const char *dot = strrchr(watched, '.');

        if (watch->shared != shared)
            continue;
        if (shared ? strcmp(dot ? dot + 1 : watched, name) == 0
                   : watch->slot == variable->slot &&
                         watch->task ==
                             lab_descendant(&program->drv,
                                            first_instance(facts->scenario, variable->owner) +
                                                (instance ? instance - 1 : 0),
                                            path))
            return (int)i;
    }
    return -1;
}

/* `task.variable`; of several instances the one named, or the first. */
static int64_t variable_value(const struct lab_facts *facts, const struct lab_node *node)
{
    int watch = find_watch(facts, &facts->scenario->variables[node->ref], node->aux, node->op);

    return watch < 0 ? 0 : facts->outcome->watched[watch];
}

static int64_t ending_value(const struct lab_outcome *outcome, unsigned ending)
{
    switch (ending) {
    case LAB_ENDING_STORM:
        return outcome->end == SIM_END_STORM;
    case LAB_ENDING_STARVE:
        return outcome->end == SIM_END_STARVE;
    case LAB_ENDING_SPIN:
        return outcome->end == SIM_END_SPIN;
    default:
        return outcome->hang != 0;
    }
}

/* ---- expressions ---- */

static int64_t arithmetic(unsigned op, int64_t a, int64_t b)
{
    uint64_t x = (uint64_t)a;
    uint64_t y = (uint64_t)b;

    switch (op) {
    case LAB_OP_MUL:
        return (int64_t)(x * y);
    case LAB_OP_DIV:
        return b == 0 ? 0 : b == -1 ? (int64_t)(0 - x) : a / b;
    case LAB_OP_MOD:
        return b == 0 || b == -1 ? 0 : a % b;
    case LAB_OP_ADD:
        return (int64_t)(x + y);
    case LAB_OP_SUB:
        return (int64_t)(x - y);
    case LAB_OP_SHL:
        return (int64_t)(x << (y & 63));
    case LAB_OP_SHR:
        return a >> (y & 63);
    case LAB_OP_AND:
        return (int64_t)(x & y);
    case LAB_OP_XOR:
        return (int64_t)(x ^ y);
    default:
        return (int64_t)(x | y);
    }
}

static int64_t binary_value(const struct lab_facts *facts, lab_node_id node)
{
    unsigned op = node_of(facts, node)->op;
    lab_node_id right = lab_child(facts->scenario, node, 1);
    int64_t a = lab_predicate_value(facts, lab_child(facts->scenario, node, 0));
    int64_t b;

    if (op == LAB_OP_LAND && !a)
        return 0;
    if (op == LAB_OP_LOR && a)
        return 1;
    b = lab_predicate_value(facts, right);
    switch (op) {
    case LAB_OP_LAND:
    case LAB_OP_LOR:
        return b != 0;
    case LAB_OP_LT:
        return a < b;
    case LAB_OP_GT:
        return a > b;
    case LAB_OP_LE:
        return a <= b;
    case LAB_OP_GE:
        return a >= b;
    case LAB_OP_EQ:
        return a == b;
    case LAB_OP_NE:
        return a != b;
    default:
        return arithmetic(op, a, b);
    }
}

static int64_t unary_value(const struct lab_facts *facts, const struct lab_node *node)
{
    int64_t value = lab_predicate_value(facts, node->first);

    switch (node->op) {
    case LAB_OP_NOT:
        return !value;
    case LAB_OP_COMPL:
        return ~value;
    default:
        return (int64_t)(0 - (uint64_t)value);
    }
}

int64_t lab_predicate_value(const struct lab_facts *facts, lab_node_id id)
{
    const struct lab_node *node = node_of(facts, id);

    switch (node->kind) {
    case LAB_N_UNARY:
        return unary_value(facts, node);
    case LAB_N_BINARY:
        return binary_value(facts, id);
    case LAB_N_COND:
        return lab_predicate_value(facts, lab_predicate_value(facts, node->first)
                                              ? lab_child(facts->scenario, id, 1)
                                              : lab_child(facts->scenario, id, 2));
    case LAB_N_SET:
        return set_holds(facts, node);
    case LAB_N_CALL:
        return measure_value(facts, id);
    case LAB_N_FIELD:
        return node->role == LAB_ROLE_TASK_VARIABLE ? variable_value(facts, node) : node->value;
    case LAB_N_NAME:
        return node->role == LAB_ROLE_ENDING ? ending_value(facts->outcome, node->ref)
                                             : node->value;
    default:
        return node->value; /* numbers, times, characters, knobs */
    }
}

/* ---- what was there instead ---- */

/* The text of a node, on one line. */
static void node_text(const struct lab_facts *facts, const struct lab_node *node,
                      char *ret_text, size_t size)
{
    lab_words_set(ret_text, size, "%.*s", (int)(node->length < size ? node->length : size - 1),
                  facts->scenario->text + node->offset);
}

static void leaf_text(const struct lab_facts *facts, lab_node_id id, char *ret_text,
                      size_t size)
{
    const struct lab_node *node = node_of(facts, id);
    char text[LAB_TOKENS * 4];

    if (node->kind == LAB_N_SET) {
        lab_set_text(facts->program, facts->outcome, (enum lab_set)node->op, text,
                     sizeof(text));
        lab_words_set(ret_text, size, "%s %s", lab_set_name((enum lab_set)node->op), text);
        return;
    }
    node_text(facts, node, text, sizeof(text));
    if (node->role == LAB_ROLE_ENDING)
        lab_words_set(ret_text, size, "%s%s", lab_predicate_value(facts, id) ? "" : "no ",
                      text);
    else
        lab_words_set(ret_text, size, "%s = %" PRId64, text, lab_predicate_value(facts, id));
}

static bool is_leaf(const struct lab_node *node)
{
    return node->kind == LAB_N_SET || node->kind == LAB_N_CALL ||
           (node->kind == LAB_N_FIELD && node->role == LAB_ROLE_TASK_VARIABLE) ||
           (node->kind == LAB_N_NAME && node->role == LAB_ROLE_ENDING);
}

static void collect(const struct lab_facts *facts, lab_node_id id, char *text, size_t size)
{
    const struct lab_node *node = node_of(facts, id);
    char leaf[LAB_TOKENS * 4];

    if (is_leaf(node)) {
        leaf_text(facts, id, leaf, sizeof(leaf));
        if (!strstr(text, leaf))
            lab_words_add(text, size, "%s%s", text[0] ? ", " : "", leaf);
        return;
    }
    for (lab_node_id i = node->first; i != 0; i = node_of(facts, i)->next)
        collect(facts, i, text, size);
}

void lab_predicate_actual(const struct lab_facts *facts, lab_node_id node, char *ret_text,
                          size_t size)
{
    ret_text[0] = '\0';
    collect(facts, node, ret_text, size);
    if (!ret_text[0])
        lab_words_set(ret_text, size, "%s",
                      lab_predicate_value(facts, node) ? "true" : "false");
}
