/* lab/core/compile_tables.c - configuration of the rooms, names, worlds, what expectations
 * name. */
#include "drivers/irq.h"
#include "drivers/port.h"
#include "lab/core/compile_internal.h"
#include "lab/core/scenario.h"
#include "lab/core/text.h"
#include "sim/regs/board_pc.h"
#include "sim/regs/board_riscv.h"

enum {
    WINDOW = 0x7f000000,           /* registers of `source`: where no board has anything */
    TEXTBOOK_DEVICES = 0x7c000000, /* and those of boards, where the textbook has them */
    WINDOW_STEP = 0x1000,
};

unsigned lab_trace_register(unsigned model, uint32_t offset)
{
    unsigned count;
    const struct sim_register *regs = sim_registers((enum sim_model)model, &count);

    for (unsigned i = 0; i < count; i++)
        if (regs[i].offset == offset)
            return i;
    return 0xff;
}

unsigned lab_trace_chip_register(unsigned machine, unsigned chip, uint32_t offset)
{
    const char *name = lab_model_name(chip);
    const struct sim_chip *at;

    for (unsigned i = 0; (at = sim_chip((enum sim_machine)machine, i)); i++)
        for (unsigned k = 0; k < at->count; k++)
            if (lab_text_is(at->name, name, lab_text_length(name)) &&
                at->registers[k].offset == offset && i < LAB_TRACE_CHIPS &&
                k < LAB_TRACE_CHIP_ROWS)
                return i * LAB_TRACE_CHIP_ROWS + k;
    return 0xff;
}

uint32_t lab_chip_base(unsigned machine, unsigned chip)
{
    const char *name = lab_model_name(chip);
    const struct sim_chip *at;

    for (unsigned i = 0; (at = sim_chip((enum sim_machine)machine, i)); i++)
        if (lab_text_is(at->name, name, lab_text_length(name)))
            return at->base;
    return 0;
}

unsigned lab_shared_index(const struct lab_compiler *c, const struct lab_variable *variable)
{
    unsigned index = 0;

    for (const struct lab_variable *v = c->s->variables; v != variable; v++)
        index += v->scope == LAB_SCOPE_STATE || v->scope == LAB_SCOPE_PROCESS;
    return index;
}

/* ---- names ---- */

static uint16_t put_name(struct lab_compiler *c, lab_name_id name, int number)
{
    struct lab_program *program = c->program;
    uint32_t start = program->names_size;
    const char *text = name ? lab_name(c->s, name) : "world"; /* only worlds may be nameless */
    char digits[8];
    unsigned n = 0;

    while (*text)
        lab_emit_byte(c, (unsigned char)*text++);
    for (; number > 0; number /= 10)
        digits[n++] = (char)('0' + number % 10);
    while (n)
        lab_emit_byte(c, (unsigned char)digits[--n]);
    lab_emit_byte(c, 0);
    program->names_size = c->at - program->names_at;
    return (uint16_t)start;
}

static void put_names(struct lab_compiler *c)
{
    struct lab_program *program = c->program;
    const struct lab_scenario *s = c->s;
    unsigned shared = 0;

    for (unsigned i = 1; i <= s->token_count; i++)
        program->token_name[i] = put_name(c, s->tokens[i].name, 0);
    for (unsigned i = 0; i < s->device_count; i++)
        program->device_name[i] = put_name(c, s->devices[i].name, 0);
    for (unsigned i = 0; i < s->driver_count; i++)
        program->driver_name[i] = put_name(c, s->drivers[i].name, 0);
    for (unsigned i = 0; i < s->file_count; i++)
        program->file_name[i] = put_name(c, s->files[i].name, 0);
    for (unsigned i = 0; i < s->world_count; i++)
        program->world_name[i] = put_name(c, s->worlds[i].name, 0);
    for (unsigned i = 0; i < s->variable_count; i++)
        if (s->variables[i].scope == LAB_SCOPE_STATE ||
            s->variables[i].scope == LAB_SCOPE_PROCESS)
            program->shared_name[shared++] = put_name(c, s->variables[i].name, 0);
}

/* t.1, t.aio1: the parent's name, then which child or helper. */
static uint16_t put_child_name(struct lab_compiler *c, uint16_t parent, const char *what,
                               unsigned nth)
{
    struct lab_program *program = c->program;
    uint32_t start = program->names_size;

    for (unsigned i = program->names_at + parent; c->code[i] && !c->failed; i++)
        lab_emit_byte(c, c->code[i]);
    while (*what)
        lab_emit_byte(c, (unsigned char)*what++);
    if (nth > 9)
        lab_emit_byte(c, '0' + nth / 10);
    lab_emit_byte(c, '0' + nth % 10);
    lab_emit_byte(c, 0);
    program->names_size = c->at - program->names_at;
    return (uint16_t)start;
}

/* Helpers are called after their process, or the task that is one. */
static void put_helper_names(struct lab_compiler *c, struct lab_task_code *code, unsigned from)
{
    for (unsigned t = from; t < c->program->drv.tasks; t++) {
        unsigned of = 0;
        uint16_t name;
        while (code[of].process != code[t].process)
            of++;
        name = code[t].process < c->s->process_count
                   ? put_name(c, c->s->processes[code[t].process].name, 0)
                   : code[of].name;
        code[t].name = put_child_name(c, name, ".aio", c->program->drv.task_nth[t]);
    }
}

static void put_task_names(struct lab_compiler *c)
{
    struct lab_task_code *code =
        (struct lab_task_code *)(void *)((char *)c->program + c->program->tasks_at);
    unsigned t = 0;

    for (unsigned i = 0; i < c->s->task_count; i++)
        for (unsigned k = 0; k < c->s->tasks[i].count; k++)
            code[t++].name =
                put_name(c, c->s->tasks[i].name, c->s->tasks[i].numbered ? (int)k + 1 : 0);
    for (; t + c->program->drv.helpers < c->program->drv.tasks; t++)
        code[t].name = put_child_name(c, code[c->program->drv.task_parent[t] - 1].name, ".",
                                      c->program->drv.task_nth[t]);
    put_helper_names(c, code, t);
}

/* ---- hardware ---- */

static uint32_t base_of(const struct lab_scenario *s, unsigned index)
{
    const struct lab_device *device = &s->devices[index];

    if (device->model == LAB_MODEL_SOURCE)
        return WINDOW + index * WINDOW_STEP;
    if (device->model == LAB_MODEL_LINE)
        return 0;
    if (s->machine.id == LAB_MACHINE_TEXTBOOK)
        return TEXTBOOK_DEVICES + index * WINDOW_STEP;
    if (device->model == LAB_MODEL_NS16550) {
        if (s->machine.id == LAB_MACHINE_PC || s->machine.id == LAB_MACHINE_PC_IOAPIC)
            return device->instance ? PC_COM2_BASE : PC_COM1_BASE;
        return RISCV_UART_BASE;
    }
    if (device->model == LAB_MODEL_I8254)
        return PC_PIT_BASE;
    return lab_board_base(s->machine.id, device->model, device->instance);
}

static void put_devices(struct lab_compiler *c)
{
    const struct lab_scenario *s = c->s;
    struct sim_config *sim = &c->program->sim;

    for (unsigned i = 0; i < s->device_count; i++) {
        const struct lab_device *from = &s->devices[i];
        sim->device[i] = (struct sim_device_config){
            .model = from->model,
            .trigger = from->trigger,
            .cpu = from->cpu,
            .instance = (uint8_t)from->instance,
            .irq = from->irq,
            .request = from->request,
            .full_wait = from->full_wait,
            .fifo = from->fifo,
            .base = base_of(s, i),
            .pulse_ns = (uint32_t)from->pulse_ns,
            .posted_ns = (uint32_t)from->posted_ns,
            .tick = from->first_token,
            .ticks = lab_model_is_timer(from->model) ? from->token_count : 0,
            .tokens = from->token_count,
        };
    }
    for (unsigned i = 0; i < s->action_count; i++)
        if (s->actions[i].token)
            sim->device[s->actions[i].device].tokens++;
}

/* The rows of the machine's policy table that the scenario overrides. */
static void put_policies(const struct lab_machine *machine, struct sim_config *sim)
{
    unsigned count;
    const struct sim_policy *rows = sim_policies((enum sim_machine)machine->id, &count);

    for (unsigned i = 0; i < machine->policy_count; i++) {
        unsigned row = machine->policy[i].row;
        uint64_t bit = UINT64_C(1) << row;
        bool architecture = rows[row].architecture != 0, qemu = rows[row].qemu != 0;
        unsigned to = machine->policy[i].to;

        sim->policy_set |= bit;
        if (to == LAB_POLICY_ARCHITECTURE ? architecture
            : to == LAB_POLICY_QEMU       ? qemu
                                          : !architecture)
            sim->policy_value |= bit;
    }
}

static void put_machine(struct lab_compiler *c)
{
    const struct lab_machine *machine = &c->s->machine;
    struct lab_program *program = c->program;
    uint32_t *const costs[LAB_COST_COUNT] = {
        [LAB_COST_TAKE] = &program->cost_take,   [LAB_COST_ACCESS] = &program->cost_access,
        [LAB_COST_LEAVE] = &program->cost_leave, [LAB_COST_CALL] = &program->cost_call,
        [LAB_COST_DISK] = &program->cost_disk,
    };

    program->cost_take = 3000;
    program->cost_access = 1000;
    program->cost_leave = 1000;
    program->cost_call = 2000;
    program->cost_disk = 100000;
    for (unsigned i = 0; i < machine->cost_count; i++)
        *costs[machine->cost[i].which] = (uint32_t)machine->cost[i].ns;
    program->limit_steps = c->s->limit_steps;
    program->limit_ticks = c->s->limit_ticks;
    program->sim.machine = machine->id;
    program->sim.cpus = machine->cpus;
    program->sim.as_qemu = machine->as_qemu;
    program->sim.devices = (uint8_t)c->s->device_count;
    program->sim.forgets_active = machine->forgets_active;
    program->sim.forgets_masked = machine->forgets_masked;
    program->sim.sample_levels = machine->sample_ns != 0;
    program->sim.sample_edges = machine->sample_edges;
    program->sim.sample_ns = (uint32_t)machine->sample_ns;
    program->nest = c->unmasks_cpu ? DRV_NEST_MAX : 1;
    program->aims = c->aims;
    put_policies(machine, &program->sim);
    put_devices(c);
}

/* ---- kernel ---- */

static uint8_t builtin_of(const struct lab_driver *driver)
{
    if (driver->kind == LAB_DRIVER_SCENARIO)
        return DRV_BUILTIN_NONE;
    return (uint8_t)(driver->kind == LAB_DRIVER_SHARED
                         ? (unsigned)DRV_BUILTIN_NATIVE + driver->native
                         : lab_builtin_of(driver->builtin));
}

static void put_drivers(struct lab_compiler *c)
{
    const struct lab_scenario *s = c->s;
    struct drv_config *drv = &c->program->drv;

    for (unsigned i = 0; i < s->driver_count; i++) {
        const struct lab_driver *from = &s->drivers[i];
        struct drv_driver_config *to = &drv->driver[i];
        to->builtin = builtin_of(from);
        to->flow = from->flow;
        to->oneshot = from->oneshot;
        to->file_first = (uint8_t)from->first_file;
        to->files = (uint8_t)from->file_count;
        to->queue = from->queue;
        for (unsigned b = 0; b < DRV_BLOCKS; b++)
            to->has[b] = c->program->block[i][b].entry != LAB_NO_CODE;
        if (to->builtin == DRV_BUILTIN_PL011 || to->builtin == DRV_BUILTIN_NS16550 ||
            to->builtin == DRV_BUILTIN_CMSDK_UART ||
            (to->builtin >= DRV_BUILTIN_NATIVE && drv_c_driver_of(to->builtin)->write))
            to->has[DRV_BLOCK_WRITE] = 1;
        for (unsigned d = s->device_count; d-- > 0;)
            if (s->devices[d].driver == i) {
                to->devices[d / 32] |= 1u << d % 32;
                to->cpu = s->devices[d].cpu;
            }
    }
}

enum { GROWTH_LEAST = 64, GROWTH_MOST = 12288, GROWTH_ONE = 8192 };

static bool moves_the_end(unsigned syscall)
{
    return syscall == LAB_SYS_FILL || syscall == LAB_SYS_LSEEK || syscall == LAB_SYS_WRITE ||
           syscall == LAB_SYS_AIO_WRITE || syscall == LAB_SYS_LIO_LISTIO ||
           syscall == LAB_SYS_IO_SUBMIT || syscall == LAB_SYS_IO_URING_ENTER;
}

/* Bytes by which a file can grow through the calls in this code: by the numbers they name. */
static unsigned growth(const struct lab_scenario *s, lab_node_id id, unsigned times,
                       bool in_call)
{
    const struct lab_node *node = &s->nodes[id];
    unsigned n = 0;

    if (node->kind == LAB_N_WHILE || node->kind == LAB_N_DO || node->kind == LAB_N_FOR ||
        node->kind == LAB_N_FOREACH)
        times = LOOP_SITE;
    if (node->role == LAB_ROLE_SYSCALL && moves_the_end(node->ref))
        in_call = true;
    if (in_call && node->kind == LAB_N_STR)
        n = lab_name_length(s, node->name) * times;
    else if (in_call && node->kind == LAB_N_INT && node->value > 0 && node->value <= GROWTH_ONE)
        n = (unsigned)node->value * times;
    else
        n = in_call;
    for (lab_node_id child = node->first; child && n < GROWTH_MOST;
         child = s->nodes[child].next)
        n += growth(s, child, times, in_call);
    return n < GROWTH_MOST ? n : GROWTH_MOST;
}

/* What a file can grow to beyond its content, 0: no call of the text writes. */
static unsigned growth_of(const struct lab_scenario *s)
{
    unsigned n = 0;

    for (lab_node_id part = s->root; part; part = s->nodes[part].next)
        n += growth(s, part, 1, false);
    return !n ? 0 : n < GROWTH_MOST - GROWTH_LEAST ? n + GROWTH_LEAST : GROWTH_MOST;
}

/* Which of the disks a device is. */
static unsigned disk_of(const struct lab_scenario *s, unsigned device)
{
    unsigned disk = 0;

    for (unsigned d = 0; d < device; d++)
        disk += lab_model_is_disk(s->devices[d].model);
    return disk;
}

static void put_files(struct lab_compiler *c)
{
    static const uint8_t kinds[] = {[LAB_FILE_DRIVER] = DRV_FILE_DEVICE,
                                    [LAB_FILE_REGULAR] = DRV_FILE_REGULAR,
                                    [LAB_FILE_FIFO] = DRV_FILE_FIFO,
                                    [LAB_FILE_SOCKET] = DRV_FILE_NAME};
    const struct lab_scenario *s = c->s;
    struct lab_program *program = c->program;

    program->content_at = c->at;
    for (unsigned i = 0; i < s->file_count; i++) {
        const struct lab_file *from = &s->files[i];
        struct drv_file_config *to = &program->drv.file[i];
        to->kind = kinds[from->kind];
        to->driver = (uint8_t)(from->kind == LAB_FILE_DRIVER ? from->owner : DRV_NONE);
        if (from->kind != LAB_FILE_REGULAR)
            continue;
        to->content_at = c->at - program->content_at;
        to->content_size = (uint16_t)lab_name_length(s, from->content);
        to->content_room = (uint16_t)(to->content_size + growth_of(s));
        to->disk = (uint8_t)(from->owner ? 1 + disk_of(s, from->owner - 1u) : 0);
        to->buffered = from->buffered;
        for (unsigned k = 0; k < to->content_size; k++)
            lab_emit_byte(c, (unsigned char)lab_name(s, from->content)[k]);
    }
    program->content_size = c->at - program->content_at;
}

/* The disks, and how long one takes for a request: 0 if the world says when. */
static void put_disks(struct lab_compiler *c)
{
    const struct lab_scenario *s = c->s;
    struct drv_config *drv = &c->program->drv;

    for (unsigned d = 0; d < s->device_count; d++) {
        const struct lab_device *device = &s->devices[d];
        struct sim_device_config *config = &c->program->sim.device[d];
        if (!lab_model_is_disk(device->model))
            continue;
        if (drv->disks == DRV_DISKS_MAX) {
            lab_too_much(c, device->node, "disks");
            return;
        }
        drv->disk[drv->disks++] = (struct drv_disk_config){
            .device = (uint8_t)d,
            .file = (uint8_t)s->drivers[device->driver].first_file,
            .token = device->first_token,
        };
        config->pulse_ns = c->program->cost_disk;
        for (unsigned i = 0; i < s->action_count; i++)
            if (s->actions[i].device == d && s->actions[i].verb == LAB_VERB_FINISH)
                config->pulse_ns = 0;
    }
}

static uint8_t at_most(uint32_t n, unsigned most)
{
    return (uint8_t)(n < most ? n : most);
}

static void put_kernel(struct lab_compiler *c)
{
    struct drv_config *drv = &c->program->drv;
    unsigned files;

    drv->drivers = (uint8_t)c->s->driver_count;
    drv->fixed_files = (uint8_t)c->s->file_count;
    drv->pipes = at_most(c->pipes, 24);
    drv->eventfds = at_most(c->eventfds, 24);
    drv->epolls = at_most(c->epolls, 24);
    drv->sockets = at_most(c->sockets, 24);
    drv->timerfds = at_most(c->timerfds, 12);
    drv->signalfds = at_most(c->signalfds, 12);
    drv->pidfds = at_most(c->pidfds, 12);
    drv->ptys = at_most(c->ptys, 12);
    drv->aios = at_most(c->aios, 12);
    drv->urings = at_most(c->urings, 12);
    drv->jobs = at_most(c->jobs, 24);
    drv->cqes = c->urings ? 24 : at_most(c->jobs, 24);
    files = (unsigned)(drv->fixed_files + drv->pipes + drv->eventfds + drv->epolls +
                       drv->sockets + drv->timerfds + drv->signalfds + drv->pidfds + drv->ptys +
                       drv->aios + drv->urings);
    if (files + drv->processes > DRV_FILES_MAX)
        lab_too_much(c, c->s->root, "files that the text can make");
    drv->ofds = at_most(c->ofds, 120);
    drv->fds = at_most(c->fds, 120);
    for (unsigned i = 0; i < c->program->loops; i++)
        c->program->loop[i].descriptors = (uint8_t)(drv->fds + DRV_FD_FIRST);
    drv->items = at_most(c->items, 120);
    drv->poll_max = at_most(c->poll_max, 64);
    drv->narrow_queues = !c->wide;
    drv->pipe_bytes = 32;
    drv->socket_packets = 24;
    drv->limit_ticks = (uint16_t)(c->s->limit_ticks < 60000 ? c->s->limit_ticks : 60000);
    if (c->s->machine.linux_given)
        drv->linux_version =
            (uint16_t)(c->s->machine.linux_major << 8 | c->s->machine.linux_minor);
    drv->families = c->families;
    drv->signals = c->signals;
    put_drivers(c);
    put_files(c);
    put_disks(c);
}

/* ---- worlds ---- */

static void put_worlds(struct lab_compiler *c)
{
    const struct lab_scenario *s = c->s;
    struct lab_program *program = c->program;
    struct lab_world_action *to;

    program->worlds = (uint8_t)s->world_count;
    program->tokens = (uint8_t)s->token_count;
    program->actions = s->action_count;
    while (c->at % 8)
        lab_emit_byte(c, 0);
    program->actions_at = c->at;
    for (uint32_t i = 0; i < s->action_count * sizeof(*to); i++)
        lab_emit_byte(c, 0);
    to = (struct lab_world_action *)(void *)(c->code + program->actions_at);
    for (unsigned i = 0; i < s->action_count && !c->failed; i++) {
        const struct lab_action *from = &s->actions[i];
        to[i] = (struct lab_world_action){
            .ns = (uint64_t)from->time_ns,
            .arg = from->verb == LAB_VERB_DRIVE ? (uint32_t)(from->arg[0] << 8 | from->arg[1])
                                                : (uint32_t)from->arg[0],
            .when = from->when,
            .verb = from->verb,
            .device = (uint8_t)from->device,
            .token = from->token,
        };
    }
    for (unsigned w = 0; w < s->world_count; w++) {
        program->world_first[w] = s->worlds[w].first_action;
        program->world_first[w + 1] =
            (uint16_t)(s->worlds[w].first_action + s->worlds[w].action_count);
    }
    for (unsigned i = 1; i <= s->token_count; i++) {
        program->token_byte[i] = s->tokens[i].byte;
        program->token_device[i] = (uint8_t)(s->tokens[i].device - 1);
    }
}

/* ---- what expectations name ---- */

enum { COUNTED_MAX = 60000 }; /* a search counts no further: 16 bits */

static unsigned first_instance(const struct lab_scenario *s, unsigned task)
{
    unsigned first = 0;

    for (unsigned i = 0; i < task; i++)
        first += s->tasks[i].count;
    return first;
}

static void add_counter(struct lab_compiler *c, lab_node_id node, unsigned kind, unsigned who,
                        unsigned most)
{
    struct lab_program *program = c->program;

    for (unsigned i = 0; i < program->counters; i++)
        if (program->counter[i].kind == kind && program->counter[i].who == who) {
            if (program->counter[i].most < most)
                program->counter[i].most = (uint16_t)most;
            return;
        }
    if (program->counters == LAB_COUNTERS_MAX) {
        lab_too_much(c, node, "counters that expectations name (64 at most)");
        return;
    }
    program->counter[program->counters++] =
        (struct lab_counter){(uint8_t)kind, (uint8_t)who, (uint16_t)most};
}

static void add_measure(struct lab_compiler *c, lab_node_id id, unsigned most)
{
    static const uint8_t kinds[] = {
        [LAB_MEASURE_RUNS] = LAB_COUNT_RUNS,     [LAB_MEASURE_SPURIOUS] = LAB_COUNT_SPURIOUS,
        [LAB_MEASURE_WAKES] = LAB_COUNT_WAKES,   [LAB_MEASURE_REPEATS] = LAB_COUNT_REPEATS,
        [LAB_MEASURE_EMPTY] = LAB_COUNT_EMPTY,   [LAB_MEASURE_OVERRUNS] = LAB_COUNT_OVERRUNS,
        [LAB_MEASURE_STRAYS] = LAB_COUNT_STRAYS,
    };
    const struct lab_node *node = lab_at(c, id);
    const struct lab_node *who = lab_at(c, lab_child(c->s, id, 1));

    if (node->ref == LAB_MEASURE_COUNT)
        return;
    if (who->role != LAB_ROLE_TASK) {
        add_counter(c, id, kinds[node->ref], who->ref, most);
        return;
    }
    for (unsigned k = 0; k < c->s->tasks[who->ref].count; k++)
        if (who->aux == 0 || who->aux == k + 1)
            add_counter(
                c, id, kinds[node->ref],
                lab_descendant(&c->program->drv, first_instance(c->s, who->ref) + k, who->op),
                most);
}

static void add_watch(struct lab_compiler *c, lab_node_id id)
{
    struct lab_program *program = c->program;
    const struct lab_node *node = lab_at(c, id);
    const struct lab_variable *v = &c->s->variables[node->ref];
    bool shared = v->scope == LAB_SCOPE_PROCESS || v->scope == LAB_SCOPE_STATE;
    unsigned task =
        shared
            ? 0
            : lab_descendant(&program->drv,
                             first_instance(c->s, v->owner) + (node->aux ? node->aux - 1 : 0),
                             node->op);
    struct lab_watched watch = {
        .task = (uint8_t)task,
        .slot = (uint8_t)(shared ? lab_shared_index(c, v) : v->slot),
        .shared = shared,
    };

    for (unsigned i = 0; i < program->watched; i++)
        if (program->watch[i].task == watch.task && program->watch[i].slot == watch.slot &&
            program->watch[i].shared == watch.shared)
            return;
    if (program->watched == LAB_VALUES_MAX) {
        lab_too_much(c, id, "variables that expectations name (64 at most)");
        return;
    }
    program->watch_name[program->watched] = put_name(c, v->name, 0);
    program->watch[program->watched++] = watch;
}

/* The largest constant in an expectation: counters may stop one above it. */
static int64_t largest(const struct lab_compiler *c, lab_node_id id)
{
    const struct lab_node *node = lab_at(c, id);
    int64_t most = node->kind == LAB_N_INT || node->role == LAB_ROLE_KNOB ? node->value : 0;

    for (lab_node_id child = node->first; child; child = lab_at(c, child)->next) {
        int64_t inner = largest(c, child);
        most = inner > most ? inner : most;
    }
    return most;
}

static unsigned measures_in(const struct lab_compiler *c, lab_node_id id)
{
    const struct lab_node *node = lab_at(c, id);
    unsigned n = node->kind == LAB_N_CALL && node->role == LAB_ROLE_MEASURE;

    for (lab_node_id child = node->first; child; child = lab_at(c, child)->next)
        n += measures_in(c, child);
    return n;
}

static void walk(struct lab_compiler *c, lab_node_id id, unsigned most)
{
    const struct lab_node *node = lab_at(c, id);

    if (node->kind == LAB_N_CALL && node->role == LAB_ROLE_MEASURE)
        add_measure(c, id, most);
    if (node->role == LAB_ROLE_TASK_VARIABLE)
        add_watch(c, id);
    if (node->kind == LAB_N_SET && node->op == LAB_SET_LATE)
        c->program->late = 1;
    for (lab_node_id child = node->first; child; child = lab_at(c, child)->next)
        walk(c, child, most);
}

void lab_compile_measures(struct lab_compiler *c)
{
    for (unsigned i = 0; i < c->s->expect_count; i++) {
        const struct lab_expect *expect = &c->s->expects[i];
        int64_t most = largest(c, expect->predicate);
        most = most < COUNTED_MAX ? most + 1 : COUNTED_MAX;
        /* sums and comparisons of counters need more than one above a constant */
        if (measures_in(c, expect->predicate) > 1)
            most *= 64;
        walk(c, expect->predicate,
             (unsigned)(most < 2             ? 2
                        : most > COUNTED_MAX ? COUNTED_MAX
                                             : most));
        if (expect->when)
            walk(c, expect->when, 2);
    }
}

void lab_compile_tables(struct lab_compiler *c)
{
    put_machine(c);
    put_kernel(c);
    put_worlds(c);
    c->program->names_at = c->at;
    c->program->names_size = 0;
    put_names(c);
    put_task_names(c);
    lab_compile_measures(c);
}
