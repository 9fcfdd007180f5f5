/*
 * lab/core/layout.c - a compiled scenario becomes an arena: who acts, what lies where.
 *
 * Only what the scenario has gets room; dead fields and padding stay zero.
 */
#include "lab/core/internal.h"

/* The largest frame any driver needs for one of the blocks in @mask. */
static unsigned block_slots(const struct lab_program *program, unsigned mask)
{
    unsigned most = 0;

    for (unsigned d = 0; d < program->drv.drivers; d++)
        for (unsigned b = 0; b < DRV_BLOCKS; b++)
            if (mask >> b & 1 && program->block[d][b].entry != LAB_NO_CODE &&
                program->block[d][b].slots > most)
                most = program->block[d][b].slots;
    return most;
}

static bool has_code(const struct lab_program *program, unsigned mask)
{
    for (unsigned d = 0; d < program->drv.drivers; d++)
        for (unsigned b = 0; b < DRV_BLOCKS; b++)
            if (mask >> b & 1 && program->block[d][b].entry != LAB_NO_CODE)
                return true;
    return false;
}

static unsigned add_frame(struct lab *lab, unsigned slots, unsigned task, const char *owner,
                          const char *what)
{
    unsigned f = lab->frames++;
    uint32_t size = (uint32_t)(sizeof(struct lab_frame) + slots * sizeof(int64_t));

    lab->frame_slots[f] = (uint8_t)slots;
    lab->frame_task[f] = (uint8_t)task;
    lab->frame_ref[f] = sim_arena_add(&lab->arena, SIM_HOT, size, 8, owner, what);
    lab->tags_ref[f] = sim_arena_add(&lab->arena, SIM_HOT, slots, 1, owner, "tokens");
    return f;
}

static unsigned add_actor(struct lab *lab, enum lab_who who, unsigned index, unsigned cpu)
{
    unsigned a = lab->actors++;

    lab->actor[a] = (struct lab_actor){(uint8_t)who, (uint8_t)index, (uint8_t)cpu, 0};
    return a;
}

const char *lab_task_name(const struct lab *lab, unsigned task)
{
    return lab_program_name(lab->program, lab->task_code[task].name);
}

static void layout_tasks(struct lab *lab)
{
    const struct lab_program *program = lab->program;
    struct sim_arena *arena = &lab->arena;
    unsigned kernel_mask = 1u << DRV_BLOCK_OPEN | 1u << DRV_BLOCK_RELEASE |
                           1u << DRV_BLOCK_READ | 1u << DRV_BLOCK_WRITE | 1u << DRV_BLOCK_POLL;
    unsigned kernel_slots = block_slots(program, kernel_mask);
    bool kernel = has_code(program, kernel_mask);

    lab->first[LAB_WHO_TASK] = lab->actors;
    for (unsigned t = 0; t < program->drv.tasks; t++) {
        const struct lab_task_code *task = &lab->task_code[t];
        const char *name = lab_task_name(lab, t);
        lab->actor_of_task[t] = (uint8_t)add_actor(lab, LAB_WHO_TASK, t, task->cpu);
        lab->task_frame[t] = (uint8_t)add_frame(lab, task->routine.slots, t, name, "frame");
        lab->kernel_frame[t] =
            kernel ? (uint8_t)add_frame(lab, kernel_slots, t, name, "kernel") : LAB_NO_FRAME;
        lab->events_ref[t] = sim_arena_add(
            arena, SIM_HOT,
            (uint32_t)(task->events_max * task->foreach_depth * sizeof(struct drv_event)), 8,
            name, "events");
        lab->buf_ref[t] = sim_arena_add(arena, SIM_HOT, task->buf_max * 2u, 2, name, "buf");
    }
    lab->task_ref = sim_arena_add(arena, SIM_HOT, program->drv.tasks, 1, "tasks", "flags");
}

static void layout_threads(struct lab *lab)
{
    const struct lab_program *program = lab->program;
    bool any = false;

    for (unsigned kind = 0; kind < 2; kind++) {
        enum lab_who who = kind ? LAB_WHO_THREAD : LAB_WHO_INIT;
        enum drv_block block = kind ? DRV_BLOCK_THREAD : DRV_BLOCK_INIT;
        lab->first[who] = lab->actors;
        for (unsigned d = 0; d < program->drv.drivers; d++) {
            const char *name = lab_program_name(program, program->driver_name[d]);
            if (program->block[d][block].entry == LAB_NO_CODE)
                continue;
            any = true;
            (kind ? lab->actor_of_thread : lab->actor_of_init)[d] =
                (uint8_t)add_actor(lab, who, d, program->drv.driver[d].cpu);
            if (lab->thread_frame[d] == LAB_NO_FRAME)
                lab->thread_frame[d] = (uint8_t)add_frame(
                    lab, block_slots(program, 1u << DRV_BLOCK_THREAD | 1u << DRV_BLOCK_INIT),
                    LAB_NO_ACTOR, name, "thread");
        }
    }
    lab->thread_ref = sim_arena_add(&lab->arena, SIM_HOT, any ? program->drv.drivers : 0, 1,
                                    "threads", "flags");
}

static void layout_cpus(struct lab *lab)
{
    const struct lab_program *program = lab->program;
    unsigned slots = block_slots(program, 1u << DRV_BLOCK_IRQ);

    lab->first[LAB_WHO_TAKE] = lab->actors;
    for (unsigned cpu = 0; cpu < program->sim.cpus; cpu++)
        add_actor(lab, LAB_WHO_TAKE, cpu, cpu);
    lab->first[LAB_WHO_CPU] = lab->actors;
    for (unsigned cpu = 0; cpu < program->sim.cpus; cpu++) {
        add_actor(lab, LAB_WHO_CPU, cpu, cpu);
        lab->cpu_frame[cpu] = LAB_NO_FRAME;
        for (unsigned d = 0; d < program->nest && has_code(program, 1u << DRV_BLOCK_IRQ); d++) {
            unsigned f = add_frame(lab, slots, LAB_NO_ACTOR, "cpu", "frame");
            if (d == 0)
                lab->cpu_frame[cpu] = (uint8_t)f;
        }
    }
}

/* C code can be under way in handlers, and in tasks that write to a C driver's file. */
static void layout_contexts(struct lab *lab, uint32_t context_bytes)
{
    const struct lab_program *program = lab->program;
    bool irq = false, file = false;
    unsigned handlers = program->sim.cpus * program->nest;

    for (unsigned d = 0; d < program->drv.drivers; d++) {
        const struct drv_c_driver *c = lab->c_driver[d];
        irq |= c && c->irq;
        file |= c && c->write;
    }
    lab->context_of_task = (uint8_t)handlers;
    lab->context_size = context_bytes;
    for (unsigned i = 0; i < handlers + program->drv.tasks; i++) {
        bool used = i < handlers ? irq : file;
        lab->context_ref[i] = sim_arena_add(&lab->arena, SIM_STACK, used ? context_bytes : 0, 8,
                                            i < handlers ? "cpu" : "task", "stack");
        lab->hand_ref[i] =
            sim_arena_add(&lab->arena, SIM_HOT, used ? (uint32_t)sizeof(struct lab_hand) : 0, 1,
                          i < handlers ? "cpu" : "task", "hand");
        lab->context[i] = 0;
        lab->hand[i] = used ? (struct lab_hand *)(void *)lab : 0; /* bound later; 0: none */
    }
}

static bool counts_repeats(const struct lab_program *program)
{
    for (unsigned i = 0; i < program->counters; i++)
        if (program->counter[i].kind == LAB_COUNT_REPEATS)
            return true;
    return false;
}

static void layout_ledger(struct lab *lab)
{
    const struct lab_program *program = lab->program;
    struct sim_arena *arena = &lab->arena;
    bool repeats = lab->counts || counts_repeats(program);

    lab->fate_ref = sim_arena_add(arena, SIM_HOT, program->tokens + 1u, 1, "ledger", "fates");
    lab->counter_ref = sim_arena_add(arena, SIM_HOT, lab->counts ? 0 : program->counters * 2u,
                                     2, "ledger", "counts");
    lab->repeat_count =
        (uint16_t)(repeats ? program->drv.items + program->drv.tasks * program->drv.fds : 0);
    lab->repeat_ref = sim_arena_add(arena, lab->counts ? SIM_CLOCK : SIM_HOT,
                                    lab->repeat_count * (uint32_t)sizeof(struct lab_repeat), 2,
                                    "ledger", "repeats");
}

/* The drivers whose ack() must be remembered for their eoi(): all, or none has flow manual. */
static unsigned acking_drivers(const struct lab_program *program)
{
    for (unsigned d = 0; d < program->drv.drivers; d++)
        if (program->drv.driver[d].flow == DRV_FLOW_MANUAL)
            return program->drv.drivers;
    return 0;
}

/* Names for the listing; views of names in the program. */
static void layout_rooms(struct lab *lab)
{
    const struct lab_program *program = lab->program;
    const char *devices[SIM_DEVICES_MAX] = {0};
    const char *files[DRV_DRIVERS_MAX * 2] = {0};
    const char *tasks[DRV_TASKS_MAX] = {0};

    for (unsigned i = 0; i < program->sim.devices; i++)
        devices[i] = lab_program_name(program, program->device_name[i]);
    for (unsigned i = 0; i < program->drv.fixed_files; i++)
        files[i] = lab_program_name(program, program->file_name[i]);
    for (unsigned i = 0; i < program->drv.tasks; i++)
        tasks[i] = lab_task_name(lab, i);
    sim_layout(&lab->sim, &program->sim, &lab->arena, devices);
    drv_layout(&lab->drv, &program->drv, &lab->arena, files, tasks);
    lab->aio_ref = sim_arena_add(
        &lab->arena, SIM_HOT, loop_aio_bytes(&program->aio, &program->drv), 8, "aio", "posix");
    for (unsigned i = 0; i < program->loops; i++)
        lab->loop_ref[i] =
            sim_arena_add(&lab->arena, SIM_HOT, lab_loop_bytes(program, i), 8, "loop", 0);
    if (program->loops)
        lab->loop_base_ref =
            sim_arena_add(&lab->arena, SIM_CLOCK, program->loops * 8u, 8, "loop", "since");
    lab_request_irqs(lab);
    drv_irqs_layout(&lab->irqs, acking_drivers(program), program->aims, &lab->arena);
}

/* Letters by kind, so that a schedule can be read and typed; what is left over takes the rest.
 */
static void give_letters(struct lab *lab)
{
    static const char *const wanted[LAB_WHO_COUNT] = {
        [LAB_WHO_WORLD] = "wxyz", [LAB_WHO_TIMER] = "pq",  [LAB_WHO_ALARM] = "n",
        [LAB_WHO_TIMEOUT] = "o",  [LAB_WHO_TAKE] = "ijkl", [LAB_WHO_CPU] = "cdef",
        [LAB_WHO_INIT] = "b",     [LAB_WHO_THREAD] = "hg", [LAB_WHO_TASK] = "rstuvm",
    };
    static const char rest[] = "anABCDEFGHIJKLMNOPQRSTUVWXYZbghopqmuvxyz";
    uint8_t used[128] = {0};
    unsigned next = 0;

    for (unsigned a = 0; a < lab->actors; a++) {
        struct lab_actor *actor = &lab->actor[a];
        for (const char *c = wanted[actor->who]; *c && !actor->letter; c++)
            if (!used[(unsigned char)*c]) {
                used[(unsigned char)*c] = 1;
                actor->letter = *c;
            }
    }
    for (unsigned a = 0; a < lab->actors; a++) {
        while (!lab->actor[a].letter && next < sizeof(rest) - 1) {
            unsigned char c = (unsigned char)rest[next++];
            if (!used[c]) {
                used[c] = 1;
                lab->actor[a].letter = (char)c;
            }
        }
    }
}

static void know_registers(struct lab *lab)
{
    const struct sim_config *config = &lab->program->sim;

    for (unsigned d = 0; d < config->devices; d++) {
        unsigned count;
        lab->registers[d] = sim_registers((enum sim_model)config->device[d].model, &count);
        lab->register_count[d] = (uint16_t)count;
    }
}

void lab_layout(struct lab *lab, const struct lab_program *program, struct sim_component *list,
                uint32_t context_bytes)
{
    struct lab_counts *counts = lab->counts;
    unsigned shared;

    lab_zero(lab, sizeof(*lab));
    lab->counts = counts;
    lab->trace.want = UINT64_MAX;
    lab->program = program;
    lab->task_code = lab_program_tasks(program);
    lab->actions = lab_program_actions(program);
    lab->code = lab_program_code(program);
    lab->arena.list = list;
    lab->cost_ns[LAB_CLASS_ACCESS] = program->cost_access;
    lab->cost_ns[LAB_CLASS_CALL] = program->cost_call;
    lab->cost_ns[LAB_CLASS_TAKE] = program->cost_take;
    lab->cost_ns[LAB_CLASS_LEAVE] = program->cost_leave;
    for (unsigned d = 0; d < DRV_DRIVERS_MAX; d++)
        lab->thread_frame[d] = LAB_NO_FRAME;
    for (unsigned d = 0; d < program->drv.drivers; d++)
        lab->c_driver[d] = drv_c_driver_of(program->drv.driver[d].builtin);
    know_registers(lab);
    while (lab->children < program->drv.tasks - program->drv.helpers &&
           !program->drv.task_parent[lab->children])
        lab->children++;
    shared = program->shared +
             (unsigned)(program->drv.tasks - program->drv.helpers - lab->children) *
                 program->process_shared;

    for (unsigned w = 0; w < program->worlds; w++)
        add_actor(lab, LAB_WHO_WORLD, w, LAB_NO_ACTOR);
    lab->first[LAB_WHO_TIMER] = lab->actors;
    for (unsigned d = 0; d <= program->sim.devices; d++)
        if (lab_device_has_timer(program, d))
            lab->actor_of_timer[d] = (uint8_t)add_actor(lab, LAB_WHO_TIMER, d, LAB_NO_ACTOR);
    lab->first[LAB_WHO_ALARM] = lab->actors;
    for (unsigned i = 0; i < program->drv.timerfds; i++)
        add_actor(lab, LAB_WHO_ALARM, i, LAB_NO_ACTOR);
    lab->first[LAB_WHO_TIMEOUT] = lab->actors;
    for (unsigned t = 0; t < program->drv.tasks; t++)
        add_actor(lab, LAB_WHO_TIMEOUT, t, LAB_NO_ACTOR);
    layout_rooms(lab);
    layout_cpus(lab);
    layout_threads(lab);
    layout_tasks(lab);
    lab->first[LAB_WHO_COUNT] = lab->actors;
    layout_contexts(lab, context_bytes);
    lab->started_ref =
        sim_arena_add(&lab->arena, SIM_HOT, lab_starts(program), 1, "processes", "start");
    lab->world_ref =
        sim_arena_add(&lab->arena, SIM_HOT, program->worlds * 2u, 2, "worlds", "next");
    lab->shared_ref = sim_arena_add(&lab->arena, SIM_HOT, shared * 8u, 8, "shared", 0);
    lab->shared_tag_ref = sim_arena_add(&lab->arena, SIM_HOT, shared, 1, "shared", "tokens");
    layout_ledger(lab);
    lab_clock_layout(lab);
    give_letters(lab);
    sim_arena_seal(&lab->arena);
}

void lab_bind(struct lab *lab)
{
    const struct sim_arena *arena = &lab->arena;

    sim_bind(&lab->sim, &lab->trace);
    lab->sim.token_byte = lab->program->token_byte;
    drv_bind(&lab->drv, &lab->trace, lab->program->token_byte);
    loop_aio_bind(&lab->aio, &lab->program->aio, &lab->drv, sim_arena_at(arena, lab->aio_ref));
    for (unsigned i = 0; i < lab->program->loops; i++)
        lab->loop[i] = sim_arena_at(arena, lab->loop_ref[i]);
    if (lab->program->loops)
        lab->loop_base = sim_arena_at(arena, lab->loop_base_ref);
    drv_irqs_bind(&lab->irqs, arena);
    for (unsigned f = 0; f < lab->frames; f++) {
        lab->frame[f] = sim_arena_at(arena, lab->frame_ref[f]);
        lab->slots[f] = (int64_t *)(void *)(lab->frame[f] + 1);
        lab->tags[f] = sim_arena_at(arena, lab->tags_ref[f]);
    }
    for (unsigned t = 0; t < lab->program->drv.tasks; t++) {
        lab->events[t] =
            lab->task_code[t].events_max ? sim_arena_at(arena, lab->events_ref[t]) : 0;
        lab->buf[t] = lab->task_code[t].buf_max ? sim_arena_at(arena, lab->buf_ref[t]) : 0;
    }
    for (unsigned i = 0; i < lab->context_of_task + (unsigned)lab->program->drv.tasks; i++) {
        if (!lab->hand[i])
            continue;
        lab->hand[i] = sim_arena_at(arena, lab->hand_ref[i]);
        lab->context[i] = lab->context_size ? sim_arena_at(arena, lab->context_ref[i]) : 0;
    }
    lab->task = sim_arena_at(arena, lab->task_ref);
    lab->thread = sim_arena_at(arena, lab->thread_ref);
    lab->started = sim_arena_at(arena, lab->started_ref);
    lab->world = sim_arena_at(arena, lab->world_ref);
    lab->shared = sim_arena_at(arena, lab->shared_ref);
    lab->shared_tag = sim_arena_at(arena, lab->shared_tag_ref);
    lab->fate = sim_arena_at(arena, lab->fate_ref);
    lab->counter = sim_arena_at(arena, lab->counter_ref);
    lab->repeat = sim_arena_at(arena, lab->repeat_ref);
    lab_clock_bind(lab);
}
