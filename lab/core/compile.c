/*
 * lab/core/compile.c - a checked scenario becomes a program.
 *
 * Layout of the block: header, tasks, code, contents of files, actions, names.  One pass; the
 * header's tables are filled as the parts are written.
 */
#include "lab/core/compile.h"

#include "lab/core/compile_internal.h"
#include "lab/core/scenario.h"

/* Named variables of the unit: slots 0 .. n - 1. */
static unsigned variables_of(const struct lab_scenario *s, unsigned scope, unsigned owner,
                             unsigned block)
{
    unsigned n = 0;

    for (unsigned i = 0; i < s->variable_count; i++) {
        const struct lab_variable *v = &s->variables[i];
        if (v->scope == scope && v->owner == owner &&
            (scope != LAB_SCOPE_BLOCK || v->block == block) && v->slot >= n)
            n = v->slot + 1u;
    }
    return n;
}

static bool mentions_buf(const struct lab_scenario *s, lab_node_id id)
{
    if (s->nodes[id].role == LAB_ROLE_BUF)
        return true;
    for (lab_node_id child = s->nodes[id].first; child; child = s->nodes[child].next)
        if (mentions_buf(s, child))
            return true;
    return false;
}

_Static_assert(LAB_FRAME_SLOTS_MAX == 250 && LAB_CODE_MAX == 65535, "as the messages say");

static void finish(struct lab_compiler *c, uint32_t entry, lab_node_id node,
                   struct lab_routine *routine)
{
    unsigned slots = c->unit.vars + (unsigned)c->unit.deepest;

    if (slots > LAB_FRAME_SLOTS_MAX)
        lab_too_much(c, node, "variables and values in one task or block (250 at most)");
    if (c->at - c->program->code_at > LAB_CODE_MAX)
        lab_too_much(c, node, "code in one task or block (65535 bytes at most)");
    routine->entry = (uint16_t)(entry - c->program->code_at);
    routine->vars = (uint8_t)c->unit.vars;
    routine->slots = (uint8_t)slots;
}

/* ---- drivers' blocks ---- */

static void unmask_lines(struct lab_compiler *c, unsigned driver)
{
    for (unsigned d = 0; d < c->s->device_count; d++) {
        bool done = false;
        if (c->s->devices[d].driver != driver)
            continue;
        for (unsigned e = 0; e < d; e++)
            done |= c->s->devices[e].driver == driver &&
                    c->s->devices[e].irq == c->s->devices[d].irq;
        if (done)
            continue;
        lab_emit(c, LAB_DO_UNMASK);
        lab_emit_word(c, c->s->devices[d].irq, 2);
    }
}

static void compile_block(struct lab_compiler *c, unsigned d, unsigned b)
{
    const struct lab_driver *driver = &c->s->drivers[d];
    lab_node_id node = driver->block[b];
    uint32_t entry = c->at;

    c->unit = (struct lab_unit){
        .scope = LAB_SCOPE_BLOCK,
        .block = (uint8_t)b,
        .owner = (uint16_t)d,
        .driver = (uint8_t)d,
        .vars = (uint16_t)variables_of(c->s, LAB_SCOPE_BLOCK, d, b),
        .epilogue = b == LAB_BLOCK_THREAD && driver->oneshot,
    };
    lab_compile_block(c, node);
    if (c->unit.epilogue) {
        lab_patch(c, c->unit.returns);
        unmask_lines(c, d);
    }
    lab_emit(c, LAB_DO_END);
    finish(c, entry, node, &c->program->block[d][b]);
}

/* A driver with a threaded half and no irq {}: its handler wakes the thread. */
static void compile_default_irq(struct lab_compiler *c, unsigned d)
{
    uint32_t entry = c->at;

    c->unit = (struct lab_unit){.scope = LAB_SCOPE_BLOCK, .driver = (uint8_t)d};
    lab_emit(c, LAB_DO_WAKE_THREAD);
    lab_emit_byte(c, d);
    lab_emit(c, LAB_DO_END);
    finish(c, entry, c->s->drivers[d].node, &c->program->block[d][LAB_BLOCK_IRQ]);
}

static void compile_drivers(struct lab_compiler *c)
{
    for (unsigned d = 0; d < c->s->driver_count; d++) {
        const struct lab_driver *driver = &c->s->drivers[d];
        for (unsigned b = 0; b < LAB_BLOCKS; b++)
            if (driver->block[b])
                compile_block(c, d, b);
        if (driver->block[LAB_BLOCK_THREAD] && !driver->block[LAB_BLOCK_IRQ])
            compile_default_irq(c, d);
    }
}

/* ---- tasks ---- */

unsigned lab_process_number(const struct lab_scenario *s, unsigned task, unsigned instance)
{
    unsigned alone = 0;

    if (s->tasks[task].process)
        return s->tasks[task].process - 1u;
    for (unsigned t = 0; t < task; t++)
        alone += s->tasks[t].process ? 0u : s->tasks[t].count;
    return s->process_count + alone + instance;
}

static bool mentions_call(const struct lab_scenario *s, lab_node_id id, unsigned syscall)
{
    if (s->nodes[id].role == LAB_ROLE_SYSCALL && s->nodes[id].ref == syscall)
        return true;
    for (lab_node_id child = s->nodes[id].first; child; child = s->nodes[child].next)
        if (mentions_call(s, child, syscall))
            return true;
    return false;
}

/* Does the process of this task fork, by any of its tasks? */
static bool forks(const struct lab_scenario *s, unsigned task)
{
    unsigned process = s->tasks[task].process;

    if (!process)
        return mentions_call(s, s->tasks[task].body, LAB_SYS_FORK);
    if (s->processes[process - 1].start &&
        mentions_call(s, s->processes[process - 1].start, LAB_SYS_FORK))
        return true;
    for (unsigned t = 0; t < s->task_count; t++)
        if (s->tasks[t].process == process && mentions_call(s, s->tasks[t].body, LAB_SYS_FORK))
            return true;
    return false;
}

/*
 * Children a task's process can have, grandchildren and so on included; 0: it does not fork.
 */
static unsigned descendants(const struct lab_scenario *s, unsigned task)
{
    enum { ALONE = 4 };

    unsigned process = s->tasks[task].process, most = ALONE, n = 0;

    if (!forks(s, task))
        return 0;
    if (!process)
        return most - 1;
    most = s->processes[process - 1].max;
    for (unsigned t = 0; t < s->task_count; t++)
        n += s->tasks[t].process == process ? s->tasks[t].count : 0u;
    return most > n ? most - n : 0;
}

/*
 * Places for the descendants of one task.  The n-th child comes after n - 1 others, so its own
 * can be that many fewer; of a large family only children have places, no grandchildren.
 */
static unsigned places(unsigned descendants)
{
    enum { NESTED_MAX = 5 };

    return descendants > NESTED_MAX ? descendants : (1u << descendants) - 1;
}

/* Places for children of all tasks. */
static unsigned children(const struct lab_scenario *s)
{
    unsigned n = 0;

    for (unsigned t = 0; t < s->task_count; t++)
        n += places(descendants(s, t)) * s->tasks[t].count;
    return n;
}

/* Places for helper threads of all processes, those of children included. */
static unsigned helpers(const struct lab_scenario *s)
{
    unsigned n = 0;

    for (unsigned p = 0; p < DRV_PROCESSES_MAX; p++) {
        unsigned processes = 1;
        for (unsigned t = 0; t < s->task_count; t++)
            for (unsigned k = 0; k < s->tasks[t].count; k++)
                if (lab_process_number(s, t, k) == p)
                    processes += places(descendants(s, t));
        n += lab_aio_helpers(s, p) * processes;
    }
    return n;
}

/* The first task of a process begins with its start {}. */
static void compile_start(struct lab_compiler *c, const struct lab_task *task, bool first)
{
    const struct lab_process *process = &c->s->processes[task->process - 1];

    if (!first || !process->start)
        return;
    c->unit.starting = true;
    lab_compile_block(c, process->start);
    c->unit.starting = false;
    lab_emit(c, LAB_DO_STARTED);
    lab_emit_byte(c, task->process - 1u);
    c->program->process_starts[task->process - 1] = 1;
}

static void compile_task(struct lab_compiler *c, unsigned t, unsigned instance, bool first,
                         struct lab_task_code *code)
{
    const struct lab_task *task = &c->s->tasks[t];
    uint32_t entry = c->at;

    c->unit = (struct lab_unit){
        .scope = LAB_SCOPE_TASK,
        .owner = (uint16_t)t,
        .process = task->process,
        .self = (uint8_t)(task->numbered ? instance + 1 : 0),
        .vars = (uint16_t)variables_of(c->s, LAB_SCOPE_TASK, t, 0),
        .family = (uint8_t)(descendants(c->s, t) + 1),
        .uses_buf = mentions_buf(c->s, task->body),
    };
    if (task->process)
        compile_start(c, task, first);
    if (task->is_loop)
        lab_compile_loop(c, t);
    else
        lab_compile_block(c, task->body);
    lab_emit(c, LAB_DO_END);
    finish(c, entry, task->node, &code->routine);
    code->loop = task->is_loop ? c->program->loops : 0;
    code->self = c->unit.self;
    code->cpu = task->cpu;
    code->events_max = c->unit.events_max;
    code->foreach_depth = c->unit.foreach_deepest;
    code->buf_max = c->unit.buf_max;
}

static struct lab_task_code *task_table(const struct lab_compiler *c)
{
    return (struct lab_task_code *)(void *)((char *)c->program + c->program->tasks_at);
}

static unsigned instances(const struct lab_scenario *s)
{
    unsigned n = 0;

    for (unsigned t = 0; t < s->task_count; t++)
        n += s->tasks[t].count;
    return n;
}

/* The places for children of @parent, which run its code in processes of their own. */
static void add_children(struct lab_compiler *c, unsigned parent, unsigned descendants,
                         bool nested)
{
    struct drv_config *drv = &c->program->drv;

    for (unsigned nth = 1; nth <= descendants; nth++) {
        unsigned child = drv->tasks++;
        task_table(c)[child] = task_table(c)[parent];
        task_table(c)[child].process = drv->processes;
        drv->task_process[child] = drv->processes++;
        drv->task_family[child] = drv->task_family[parent];
        drv->task_parent[child] = (uint8_t)(parent + 1);
        drv->task_nth[child] = (uint8_t)nth;
        if (nested)
            add_children(c, child, descendants - nth, true);
    }
}

static void compile_children(struct lab_compiler *c)
{
    struct drv_config *drv = &c->program->drv;
    unsigned first = 0;

    for (unsigned t = 0; t < c->s->task_count; t++) {
        unsigned n = descendants(c->s, t);
        for (unsigned k = 0; k < c->s->tasks[t].count; k++, first++) {
            drv->family_most[drv->task_family[first]] = (uint8_t)n;
            add_children(c, first, n, places(n) != n);
        }
    }
}

static void compile_tasks(struct lab_compiler *c)
{
    bool begun[LAB_PROCESSES_MAX] = {false};
    unsigned n = 0, alone = 0;

    for (unsigned t = 0; t < c->s->task_count; t++) {
        const struct lab_task *task = &c->s->tasks[t];
        for (unsigned k = 0; k < task->count; k++) {
            struct lab_task_code *code = &task_table(c)[n];
            bool first = task->process && !begun[task->process - 1];
            if (first)
                begun[task->process - 1] = true;
            compile_task(c, t, k, first, code);
            code->process = (uint8_t)lab_process_number(c->s, t, k);
            c->program->drv.task_process[n] = code->process;
            c->program->drv.task_family[n] = code->process;
            alone += !task->process;
            n++;
        }
    }
    c->program->drv.tasks = (uint8_t)n;
    c->program->drv.processes = (uint8_t)(c->s->process_count + alone);
    compile_children(c);
}

/* ---- the block ---- */

static uint32_t hash_of(const uint8_t *bytes, uint32_t size)
{
    uint32_t hash = 2166136261u; /* FNV-1a */

    for (uint32_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * 16777619u;
    return hash;
}

static bool fits(struct lab_compiler *c)
{
    const struct lab_scenario *s = c->s;
    unsigned shared = 0;

    for (unsigned i = 0; i < s->variable_count; i++)
        if (s->variables[i].scope == LAB_SCOPE_PROCESS && shared < LAB_SHARED_MAX)
            c->program->shared_of_process[shared++] = ++c->program->process_shared;
        else
            shared += s->variables[i].scope == LAB_SCOPE_STATE ||
                      s->variables[i].scope == LAB_SCOPE_PROCESS;
    c->program->shared = (uint8_t)shared;
    if (instances(s) + children(s) + helpers(s) > DRV_TASKS_MAX ||
        instances(s) + children(s) + s->process_count > DRV_PROCESSES_MAX)
        lab_too_much(c, s->root, "tasks");
    if (s->driver_count > DRV_DRIVERS_MAX || s->file_count > DRV_DRIVERS_MAX * 2)
        lab_too_much(c, s->root, "drivers or files");
    if (shared > LAB_SHARED_MAX)
        lab_too_much(c, s->root, "variables that are shared");
    if (s->machine.cpus > SIM_CPUS_MAX)
        lab_too_much(c, s->root, "CPUs (4 at most)");
    return !c->failed;
}

long lab_compile(const struct lab_scenario *scenario, void *block, size_t size,
                 struct lab_diags *diags)
{
    struct lab_program *program = block;
    struct lab_compiler c = {
        .s = scenario,
        .program = program,
        .diags = diags,
        .code = block,
        .code_max = (uint32_t)(size < LAB_PROGRAM_BYTES_MAX ? size : LAB_PROGRAM_BYTES_MAX),
    };

    if (size < sizeof(*program) + 4096)
        return -1;
    for (size_t i = 0; i < c.code_max; i++)
        c.code[i] = 0;
    if (!fits(&c))
        return -1;
    program->magic = LAB_PROGRAM_MAGIC;
    for (unsigned d = 0; d < DRV_DRIVERS_MAX; d++)
        for (unsigned b = 0; b < DRV_BLOCKS; b++)
            program->block[d][b].entry = LAB_NO_CODE;
    program->tasks_at = sizeof(*program);
    program->code_at =
        program->tasks_at + (instances(scenario) + children(scenario) + helpers(scenario)) *
                                (uint32_t)sizeof(struct lab_task_code);
    c.at = program->code_at;
    compile_drivers(&c);
    compile_tasks(&c);
    lab_compile_helpers(&c);
    program->code_size = c.at - program->code_at;
    lab_compile_tables(&c);
    while (c.at % 8)
        lab_emit_byte(&c, 0);
    if (c.failed)
        return -1;
    program->size = c.at;
    program->hash = hash_of(c.code + offsetof(struct lab_program, zero),
                            c.at - (uint32_t)offsetof(struct lab_program, zero));
    return (long)c.at;
}
