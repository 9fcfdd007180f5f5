/*
 * lab/split.c - see split.h.
 *
 * Whatever an actor can touch is a node; what belongs together is joined.  Only what is listed
 * here is known not to reach further; a call, an operation or a device that is not listed makes
 * the scenario one part.  So do things that look at everybody: settle, `late`, init blocks,
 * signals, families, clocks that sample, the pools of objects that a loop could use up.
 *
 * Not split: boards with a real controller, whose inputs share registers and priorities.
 */
#include "lab/split.h"

#include <stdlib.h>
#include <string.h>

#include "lab/live.h"

enum node_kind { DEVICE, DRIVER, FILES, CPU, TASK, PROCESS, WORLD, SHARED, NODE_KINDS };

enum { OF_KIND = 256, STACK_MAX = 16, ANY_FILE = -1 };

struct joiner {
    const struct lab *lab;
    const uint8_t *code;
    uint8_t *seen; /* where instructions of the routine at hand begin */
    uint16_t up[NODE_KINDS * OF_KIND];
    bool whole; /* something reaches everybody, or nobody knows how far */
};

static unsigned node(enum node_kind kind, unsigned index)
{
    return kind * OF_KIND + index;
}

static unsigned root(const struct joiner *j, unsigned n)
{
    while (j->up[n] != n)
        n = j->up[n];
    return n;
}

static void join(struct joiner *j, unsigned a, unsigned b)
{
    j->up[root(j, a)] = (uint16_t)root(j, b);
}

/* ---- code ---- */

/* Constants on the operand stack, as far as a stretch without jumps shows them. */
struct constants {
    unsigned n;
    bool known[STACK_MAX];
    int64_t value[STACK_MAX];
};

static void push(struct constants *stack, bool known, int64_t value)
{
    if (stack->n == STACK_MAX) {
        memmove(stack->known, stack->known + 1, sizeof(stack->known) - sizeof(*stack->known));
        memmove(stack->value, stack->value + 1, sizeof(stack->value) - sizeof(*stack->value));
        stack->n--;
    }
    stack->known[stack->n] = known;
    stack->value[stack->n++] = value;
}

static void pop(struct constants *stack, unsigned n)
{
    stack->n = stack->n > n ? stack->n - n : 0;
}

/* The file that a call names with its first argument. */
static void name_file(struct joiner *j, unsigned who, const struct constants *stack,
                      unsigned args)
{
    unsigned at = stack->n - args;
    bool known = stack->n >= args && args && stack->known[at] && stack->value[at] >= 0 &&
                 stack->value[at] < OF_KIND;

    if (known)
        join(j, who, node(FILES, (unsigned)stack->value[at]));
    else
        j->whole = true;
}

static void look_at_call(struct joiner *j, unsigned who, const struct constants *stack,
                         const uint8_t *at)
{
    switch (at[1]) {
    case DRV_NR_OPEN:
    case DRV_NR_MKFIFO:
    case DRV_NR_LISTEN:
    case DRV_NR_CONNECT:
        name_file(j, who, stack, at[2]);
        break;
    case DRV_NR_READ:
    case DRV_NR_WRITE:
    case DRV_NR_FILL:
    case DRV_NR_CLOSE:
    case DRV_NR_DUP:
    case DRV_NR_DUP2:
    case DRV_NR_LSEEK:
    case DRV_NR_FCNTL:
    case DRV_NR_PIPE:
    case DRV_NR_SOCKETPAIR:
    case DRV_NR_EVENTFD:
    case DRV_NR_POLL:
    case DRV_NR_SELECT:
    case DRV_NR_EPOLL_CREATE:
    case DRV_NR_EPOLL_CTL:
    case DRV_NR_EPOLL_WAIT:
    case DRV_NR_ACCEPT:
    case DRV_NR_NANOSLEEP:
        break;
    default:
        j->whole = true;
        break;
    }
}

/* Another object each time round: who uses up a pool takes it from everybody. */
static bool makes_objects(unsigned nr)
{
    return nr == DRV_NR_OPEN || nr == DRV_NR_DUP || nr == DRV_NR_DUP2 || nr == DRV_NR_PIPE ||
           nr == DRV_NR_SOCKETPAIR || nr == DRV_NR_EVENTFD || nr == DRV_NR_EPOLL_CREATE ||
           nr == DRV_NR_CONNECT || nr == DRV_NR_ACCEPT || nr == DRV_NR_FCNTL;
}

static bool jumps(unsigned op)
{
    return op == LAB_DO_JUMP || op == LAB_DO_JUMP_ZERO || op == LAB_DO_JUMP_SET ||
           op == LAB_DO_EACH;
}

/* Does a jump behind @pc lead to or before it? */
static bool is_repeated(const struct joiner *j, uint32_t pc)
{
    uint32_t size = j->lab->program->code_size;

    for (uint32_t from = pc; from < size; from++) {
        const uint8_t *at = j->code + from + (j->code[from] == LAB_DO_EACH ? 4 : 1);
        if (j->seen[from] && jumps(j->code[from]) && (at[0] | (uint32_t)at[1] << 8) <= pc)
            return true;
    }
    return false;
}

static void join_input(struct joiner *j, unsigned who, unsigned irq)
{
    const struct sim_config *sim = &j->lab->program->sim;

    for (unsigned d = 0; d < sim->devices; d++)
        if (sim->device[d].irq == irq)
            join(j, who, node(DEVICE, d));
}

static int64_t constant(const uint8_t *at)
{
    uint64_t value = 0;
    unsigned bytes = at[0] == LAB_DO_INT32 ? 4 : 8;

    if (at[0] == LAB_DO_INT8)
        return (int8_t)at[1];
    for (unsigned i = 0; i < bytes; i++)
        value |= (uint64_t)at[1 + i] << 8 * i;
    return bytes == 4 ? (int32_t)value : (int64_t)value;
}

/* What the instruction does to the operand stack; what is not listed makes all unknown. */
static void follow(struct constants *stack, const uint8_t *at)
{
    switch (at[0]) {
    case LAB_DO_INT8:
    case LAB_DO_INT32:
    case LAB_DO_INT64:
        push(stack, true, constant(at));
        break;
    case LAB_DO_TOKEN:
    case LAB_DO_LOAD:
    case LAB_DO_SHARED:
    case LAB_DO_GET:
    case LAB_DO_OUT:
        push(stack, false, 0);
        break;
    case LAB_DO_STORE:
    case LAB_DO_SHARED_SET:
    case LAB_DO_SET:
    case LAB_DO_POP:
        pop(stack, 1);
        break;
    case LAB_DO_OR:
    case LAB_DO_AND:
    case LAB_DO_ADD:
        pop(stack, 2);
        push(stack, false, 0);
        break;
    case LAB_DO_CALL:
        pop(stack, at[2]);
        push(stack, false, 0);
        break;
    default:
        stack->n = 0;
        break;
    }
}

/* What one instruction of @who touches. */
static void look_at(struct joiner *j, unsigned who, uint32_t pc, const struct constants *stack)
{
    const uint8_t *at = j->code + pc;

    switch (at[0]) {
    case LAB_DO_RREG:
    case LAB_DO_RREG_AT:
    case LAB_DO_WREG:
    case LAB_DO_WREG_AT:
    case LAB_DO_ARRIVAL:
    case LAB_DO_ASSERT:
        j->whole |= at[1] == LAB_CHIP_DEVICE;
        join(j, who, node(DEVICE, at[1]));
        break;
    case LAB_DO_GET:
    case LAB_DO_SET:
    case LAB_DO_SHARED:
    case LAB_DO_SHARED_SET:
        join(j, who, node(SHARED, at[1]));
        break;
    case LAB_DO_PUSH:
    case LAB_DO_QUEUE:
    case LAB_DO_WAKE:
    case LAB_DO_PREPARE:
    case LAB_DO_SLEEP:
    case LAB_DO_ROOM:
    case LAB_DO_QUEUED:
        if (at[1] != LAB_THIS_FILE)
            join(j, who, node(FILES, at[1]));
        break;
    case LAB_DO_MASK:
    case LAB_DO_UNMASK:
        join_input(j, who, at[1] | (unsigned)at[2] << 8);
        break;
    case LAB_DO_CALL:
        look_at_call(j, who, stack, at);
        j->whole |= makes_objects(at[1]) && is_repeated(j, pc);
        break;
    case LAB_DO_AIM:
    case LAB_DO_CPU_MASK: /* of whichever CPU it runs on */
    case LAB_DO_ACK:
    case LAB_DO_EOI:
        j->whole = true;
        break;
    default: /* computation, and the driver's own thread */
        break;
    }
}

static void look_at_routine(struct joiner *j, unsigned who, const struct lab_routine *routine)
{
    const struct lab_program *program = j->lab->program;
    struct constants stack = {0};

    if (routine->entry == LAB_NO_CODE)
        return;
    memset(j->seen, 0, program->code_size + 1u);
    lab_live_walk(program, routine, j->seen);
    for (uint32_t pc = 0; pc < program->code_size; pc++) {
        if (!j->seen[pc])
            continue;
        look_at(j, who, pc, &stack);
        follow(&stack, j->code + pc);
    }
}

/* ---- what is declared ---- */

/* Is there anything that looks at, or is looked at by, all the rest? */
static bool is_whole(const struct lab *lab)
{
    const struct lab_program *program = lab->program;
    const struct drv_config *drv = &program->drv;
    const struct sim_config *sim = &program->sim;

    if (program->late || drv->families || drv->signals || drv->aios || drv->urings ||
        drv->jobs || drv->helpers || drv->timerfds || drv->signalfds || drv->pidfds ||
        drv->ptys || lab->first[LAB_WHO_INIT] != lab->first[LAB_WHO_THREAD] ||
        (sim->devices && sim->machine != SIM_MACHINE_TEXTBOOK) || sim->sample_levels ||
        sim->sample_edges)
        return true;
    for (unsigned d = 0; d < sim->devices; d++)
        if (sim->device[d].model > SIM_MODEL_LINE || sim->device[d].posted_ns)
            return true;
    for (unsigned d = 0; d < drv->drivers; d++)
        if (drv->driver[d].builtin != DRV_BUILTIN_NONE)
            return true;
    for (uint32_t i = 0; i < program->actions; i++)
        if (lab_program_actions(program)[i].when == LAB_ACT_SETTLE)
            return true;
    return false;
}

static void join_devices(struct joiner *j)
{
    const struct sim_config *sim = &j->lab->program->sim;

    for (unsigned d = 0; d < sim->devices; d++) {
        join(j, node(DEVICE, d), node(CPU, sim->device[d].cpu));
        join_input(j, node(DEVICE, d), sim->device[d].irq);
    }
}

static void join_drivers(struct joiner *j)
{
    const struct lab_program *program = j->lab->program;

    for (unsigned d = 0; d < program->drv.drivers; d++) {
        const struct drv_driver_config *driver = &program->drv.driver[d];
        join(j, node(DRIVER, d), node(CPU, driver->cpu));
        for (unsigned k = 0; k < program->sim.devices; k++)
            if (driver->devices[k / 32] >> k % 32 & 1)
                join(j, node(DRIVER, d), node(DEVICE, k));
        for (unsigned f = 0; f < driver->files; f++)
            join(j, node(DRIVER, d), node(FILES, driver->file_first + f));
        for (unsigned b = 0; b < DRV_BLOCKS; b++)
            look_at_routine(j, node(DRIVER, d), &program->block[d][b]);
    }
}

/* Tasks do not disturb each other on a CPU; a handler does. */
static bool has_handler(const struct joiner *j, unsigned cpu)
{
    const struct lab_program *program = j->lab->program;

    for (unsigned d = 0; d < program->sim.devices; d++)
        if (program->sim.device[d].cpu == cpu)
            return true;
    for (unsigned d = 0; d < program->drv.drivers; d++)
        if (program->drv.driver[d].cpu == cpu)
            return true;
    return false;
}

static void join_actors(struct joiner *j)
{
    const struct lab_program *program = j->lab->program;

    for (unsigned t = 0; t < program->drv.tasks; t++) {
        const struct lab_task_code *task = &lab_program_tasks(program)[t];
        join(j, node(TASK, t), node(PROCESS, task->process));
        if (has_handler(j, task->cpu))
            join(j, node(TASK, t), node(CPU, task->cpu));
        look_at_routine(j, node(TASK, t), &task->routine);
    }
    for (unsigned w = 0; w < program->worlds; w++)
        for (unsigned i = program->world_first[w]; i < program->world_first[w + 1]; i++)
            join(j, node(WORLD, w), node(DEVICE, lab_program_actions(program)[i].device));
}

static unsigned node_of(const struct lab_actor *actor)
{
    static const uint8_t kind[LAB_WHO_COUNT] = {
        [LAB_WHO_WORLD] = WORLD,  [LAB_WHO_TIMER] = DEVICE,  [LAB_WHO_ALARM] = FILES,
        [LAB_WHO_TIMEOUT] = TASK, [LAB_WHO_TAKE] = CPU,      [LAB_WHO_CPU] = CPU,
        [LAB_WHO_INIT] = DRIVER,  [LAB_WHO_THREAD] = DRIVER, [LAB_WHO_TASK] = TASK,
    };

    return node((enum node_kind)kind[actor->who], actor->index);
}

static void number_parts(const struct joiner *j, struct lab_split *ret)
{
    uint8_t number[NODE_KINDS * OF_KIND] = {0};

    for (unsigned a = 0; a < j->lab->actors; a++) {
        unsigned r = root(j, node_of(&j->lab->actor[a]));
        if (!number[r])
            number[r] = (uint8_t)++ret->parts;
        ret->part[a] = (uint8_t)(number[r] - 1);
    }
}

bool lab_split_find(const struct lab *lab, struct lab_split *ret)
{
    const struct lab_program *program = lab->program;
    struct joiner j = {.lab = lab, .code = lab_program_code(program)};

    memset(ret, 0, sizeof(*ret));
    j.seen = calloc(program->code_size + 1u, 1);
    if (!j.seen)
        return false;
    for (unsigned n = 0; n < NODE_KINDS * OF_KIND; n++)
        j.up[n] = (uint16_t)n;
    j.whole = is_whole(lab);
    join_devices(&j);
    join_drivers(&j);
    join_actors(&j);
    free(j.seen);
    if (!j.whole)
        number_parts(&j, ret);
    if (j.whole || ret->parts < 2) {
        memset(ret, 0, sizeof(*ret));
        ret->parts = 1;
    }
    return true;
}
