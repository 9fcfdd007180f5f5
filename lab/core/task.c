/*
 * lab/core/task.c - tasks in their system calls, and drivers' init blocks and threaded halves.
 *
 * A call under way keeps its arguments on the task's operand stack and the frame before the
 * CALL; the kernel keeps what it needs to go on.  A driver's block that the call needs runs in
 * the task's kernel frame, or as C code in its context.
 */
#include "lab/core/internal.h"

enum { CALL_BYTES = 4 };

static inline struct drv_call call_of(const struct lab *lab, unsigned task)
{
    struct drv_call made;
    bool in_call;
    unsigned f = lab->task_frame[task];
    const struct lab_task_code *code = &lab->task_code[task];
    const uint8_t *at = lab->code + lab->frame[f]->pc;
    unsigned first = lab->frame[f]->sp - (unsigned)at[2];
    struct drv_call call = {
        .nr = at[1],
        .argc = at[2],
        .args = lab->slots[f] + first,
        .tokens = lab->tags[f] + first,
    };

    if (at[1] == DRV_NR_AIO_HELP &&
        loop_aio_helps((struct loop_aio *)&lab->aio, (drv_task_id)task, &made, &in_call) &&
        in_call)
        return made;
    if (at[3] & LAB_CALL_EVENTS) {
        call.events = lab->events[task] + at[3] / LAB_CALL_DEPTH * code->events_max;
        call.events_max = code->events_max;
    }
    if (at[3] & LAB_CALL_BUF) {
        call.buf = lab->buf[task];
        call.buf_max = code->buf_max;
    }
    return call;
}

static unsigned context_of(const struct lab *lab, unsigned task)
{
    return lab->context_of_task + task;
}

static bool in_block(const struct lab *lab, unsigned task)
{
    if (!lab->drv.blocks)
        return false;
    return (lab->kernel_frame[task] != LAB_NO_FRAME &&
            lab->frame[lab->kernel_frame[task]]->routine != LAB_IDLE) ||
           lab_c_busy(lab, context_of(lab, task));
}

bool lab_task_looks(const struct lab *lab, unsigned task)
{
    unsigned f = lab->kernel_frame[task];

    return f != LAB_NO_FRAME && lab->frame[f]->routine != LAB_IDLE &&
           lab_vm_stop(lab, f) == LAB_STOP_LAZY;
}

static bool at_call(const struct lab *lab, unsigned task)
{
    return lab_vm_opcode(lab, lab->task_frame[task]) == LAB_DO_CALL;
}

/* Does another task hold what the call's next step needs? */
static bool is_locked_out(const struct lab *lab, unsigned task)
{
    struct drv_call call;

    if (lab->program->drv.tasks == 1)
        return false;
    call = call_of(lab, task);
    return drv_call_locked_out(&lab->drv, (drv_task_id)task, &call);
}

bool lab_task_enabled(struct lab *lab, unsigned task)
{
    const struct lab_task_code *code = &lab->task_code[task];

    if (lab->task[task] & LAB_TASK_GONE || lab->inits || lab->irqs.cpu[code->cpu]->depth)
        return false;
    if (drv_task_killed(&lab->drv, (drv_task_id)task))
        return true;
    if (drv_task_stopped(&lab->drv, (drv_task_id)task))
        return false;
    if (drv_sleeping(&lab->drv, task))
        return false;
    if (lab->program->process_starts[code->process] && lab->started[code->process] &&
        lab->started[code->process] != task + 1)
        return false;
    if (in_block(lab, task) || !at_call(lab, task))
        return true;
    if (drv_task_parked(&lab->drv, (drv_task_id)task) &&
        !drv_task_ready(&lab->drv, (drv_task_id)task))
        return false;
    return !is_locked_out(lab, task);
}

enum lab_cost_class lab_task_calls(const struct lab *lab, unsigned task)
{
    const uint8_t *at = lab->code + lab->frame[lab->task_frame[task]]->pc;
    unsigned state = lab->drv.state[task], process = lab->task_code[task].process;

    if (at[0] != LAB_DO_CALL || at[1] == DRV_NR_SETTLE || lab->drv.blocks || lab->inits ||
        lab->program->drv.tasks != 1 || lab->task[task] & LAB_TASK_GONE ||
        state == DRV_ASLEEP || state == DRV_SLEEPING ||
        lab->drv.task[task].flags & DRV_TASK_KILLED || lab->drv.process ||
        lab->program->process_starts[process])
        return LAB_CLASS_LOOK;
    return lab->task[task] & LAB_TASK_LOOKS ? LAB_CLASS_FREE : LAB_CLASS_CALL;
}

/* The driver's block has ended: the call goes on with what it returned. */
static void block_ended(struct lab *lab, unsigned task, int64_t value)
{
    struct drv_call call = call_of(lab, task);

    drv_call_block_done(&lab->drv, (drv_task_id)task, &call, value);
}

bool lab_lend(struct lab *lab, unsigned task, const struct drv_need *need)
{
    const struct drv_c_driver *c = lab->c_driver[need->driver];
    const struct lab_routine *block = &lab->program->block[need->driver][need->block];
    unsigned f = lab->kernel_frame[task];

    if (c) {
        if (need->block != DRV_BLOCK_WRITE || !c->write)
            return false;
        lab_c_begin(lab, context_of(lab, task), need->driver, c->write, need->value,
                    need->token);
        return true;
    }
    if (block->entry == LAB_NO_CODE || f == LAB_NO_FRAME)
        return false;
    lab_vm_begin(lab, f, block, (enum lab_routine_id)(LAB_BLOCK_BASE + need->block));
    lab->frame[f]->driver = need->driver;
    lab->frame[f]->byte = need->value;
    lab->frame[f]->token = need->token;
    lab->frame[f]->file = need->file;
    return true;
}

/* Starts the block that the call needs.  False: it had nothing to do and has ended. */
static bool begin_block(struct lab *lab, unsigned task, const struct drv_need *need)
{
    if (lab_lend(lab, task, need) &&
        (!lab->c_driver[need->driver] || lab_c_busy(lab, context_of(lab, task))))
        return true;
    block_ended(lab, task, 0);
    return false;
}

static int64_t block_value(const struct lab *lab, unsigned frame)
{
    if (lab_vm_opcode(lab, frame) != LAB_DO_RETURN)
        return 0;
    return lab->slots[frame][lab->frame[frame]->sp - 1];
}

/* Before a visible operation inside the block?  False: there is none left, the block is over.
 */
static bool prepare_block(struct lab *lab, unsigned task, enum lab_cost_class *ret_cost)
{
    unsigned f = lab->kernel_frame[task];
    enum lab_stop stop;
    int64_t value;

    if (lab_c_busy(lab, context_of(lab, task))) {
        lab_c_prepare(lab, context_of(lab, task));
        if (lab_c_busy(lab, context_of(lab, task))) {
            *ret_cost = lab_c_cost(lab, context_of(lab, task));
            return true;
        }
        block_ended(lab, task, 0);
        return false;
    }
    stop = lab_vm_run(lab, f, true);
    if (stop != LAB_STOP_END) {
        *ret_cost = stop == LAB_STOP_VISIBLE ? lab_vm_cost(lab, f) : LAB_CLASS_FREE;
        return true;
    }
    value = block_value(lab, f);
    lab_vm_end(lab, f);
    block_ended(lab, task, value);
    return false;
}

/* Is it a helper of POSIX AIO that takes a request, or says that one is done? */
static bool keeps_lists(const struct lab *lab, unsigned task)
{
    return drv_is_helper(&lab->drv, task) && call_of(lab, task).nr == DRV_NR_AIO_HELP;
}

/* What the task's own operation costs, once no block of a driver comes before it. */
static enum lab_cost_class own_cost(const struct lab *lab, unsigned task)
{
    unsigned f = lab->task_frame[task];

    if (lab_vm_stop(lab, f) == LAB_STOP_END)
        return LAB_CLASS_CALL; /* falls off its end: exit() */
    if (at_call(lab, task) && (lab_task_settles(lab, task) ||
                               lab->task[task] & LAB_TASK_LOOKS || keeps_lists(lab, task)))
        return LAB_CLASS_FREE;
    return lab_vm_cost(lab, f);
}

/* Enters the blocks that the call needs; the cost of what the task then stands before. */
static enum lab_cost_class prepare_blocks(struct lab *lab, unsigned task)
{
    enum lab_cost_class cost;
    struct drv_need need;
    struct drv_call call;

    for (;;) {
        if (in_block(lab, task)) {
            if (prepare_block(lab, task, &cost))
                return cost;
            continue;
        }
        if (!at_call(lab, task) || lab_task_settles(lab, task))
            return own_cost(lab, task);
        call = call_of(lab, task);
        if (!drv_call_need(&lab->drv, (drv_task_id)task, &call, &need))
            return own_cost(lab, task);
        begin_block(lab, task, &need);
    }
}

enum lab_cost_class lab_task_prepare(struct lab *lab, unsigned task)
{
    if (drv_task_killed(&lab->drv, (drv_task_id)task))
        return LAB_CLASS_FREE;
    return lab->drv.blocks ? prepare_blocks(lab, task) : own_cost(lab, task);
}

static void end_task(struct lab *lab, unsigned task)
{
    unsigned process = lab->task_code[task].process;

    sim_trace(&lab->trace, SIM_EV_EXIT, task, 0, 0);
    lab->task[task] = LAB_TASK_GONE;
    loop_aio_task_gone(&lab->aio, (drv_task_id)task);
    drv_task_exit(&lab->drv, (drv_task_id)task);
    for (unsigned t = 0; t < lab->program->drv.tasks; t++)
        if (lab->task_code[t].process == process && !(lab->task[t] & LAB_TASK_GONE) &&
            !drv_is_helper(&lab->drv, t))
            return;
    loop_aio_process_gone(&lab->aio, process);
}

/* Takes the call's arguments off the stack and puts its result there. */
static void return_from_call(struct lab *lab, unsigned task)
{
    unsigned f = lab->task_frame[task];
    struct lab_frame *frame = lab->frame[f];
    unsigned first = frame->sp - (unsigned)lab->code[frame->pc + 2];
    int64_t *slots = lab->slots[f];
    uint8_t *tags = lab->tags[f];

    for (unsigned i = first; i < frame->sp; i++) {
        slots[i] = 0;
        tags[i] = 0;
    }
    slots[first] = lab->result.value;
    tags[first] = lab->result.token;
    frame->sp = (uint8_t)(first + 1);
    frame->pc = (uint16_t)(frame->pc + CALL_BYTES);
}

bool lab_task_at_call(const struct lab *lab, unsigned task)
{
    return !(lab->task[task] & LAB_TASK_GONE) && !in_block(lab, task) && at_call(lab, task);
}

struct drv_call lab_task_call(const struct lab *lab, unsigned task)
{
    return call_of(lab, task);
}

/* fork() has made @child: it stands where its parent stands, and is told 0. */
static void fork_task(struct lab *lab, unsigned task, unsigned child)
{
    const struct lab_task_code *code = &lab->task_code[task];
    unsigned from = lab->task_frame[task], to = lab->task_frame[child];
    struct drv_result result = lab->result;

    lab_copy(lab->frame[to], lab->frame[from],
             sizeof(struct lab_frame) + lab->frame_slots[from] * 9u);
    if (code->events_max)
        lab_copy(lab->events[child], lab->events[task],
                 (size_t)code->events_max * code->foreach_depth * sizeof(struct drv_event));
    lab_copy(lab->buf[child], lab->buf[task], code->buf_max * 2u);
    lab_shared_fork(lab, task, child);
    lab->task[child] = 0;
    lab->result = (struct drv_result){.value = 0};
    return_from_call(lab, child);
    lab_vm_run(lab, to, false);
    lab_clock_spend(lab, lab->actor_of_task[child], lab->spent_ns);
    lab->spent_ns = 0;
    lab->result = result;
}

void lab_task_answer(struct lab *lab, unsigned task, const struct drv_result *result)
{
    bool forked = call_of(lab, task).nr == DRV_NR_FORK && result->value > 0;

    lab->result = *result;
    if (forked)
        fork_task(lab, task, (unsigned)result->out[0]);
    return_from_call(lab, task);
    lab_vm_run(lab, lab->task_frame[task], false);
}

/* A helper of POSIX AIO: in its lists, or in the read or write of a request. */
static enum drv_step kernel_step(struct lab *lab, unsigned task, const struct drv_call *call)
{
    enum drv_step step = drv_call_step(&lab->drv, (drv_task_id)task, call, &lab->result);

    if (lab->drv.notifications)
        lab_notify_disks(lab, lab->task_code[task].cpu);
    return step;
}

static void step_helper(struct lab *lab, unsigned task, const struct drv_call *call)
{
    enum drv_step step;

    if (call->nr == DRV_NR_AIO_HELP) {
        loop_aio_help(&lab->aio, (drv_task_id)task);
        return;
    }
    step = kernel_step(lab, task, call);
    if (step == DRV_DONE)
        loop_aio_called(&lab->aio, (drv_task_id)task, lab->result.value);
}

static void send_async(struct lab *lab, const struct drv_call *call)
{
    sim_trace(&lab->trace, SIM_EV_CALL, DRV_NR_ASYNC_SEND, (uint32_t)call->args[1], 0);
    lab_loop_send(lab, (unsigned)call->args[0], (unsigned)call->args[1]);
    sim_trace(&lab->trace, SIM_EV_RETURN, DRV_NR_ASYNC_SEND, 0, 0);
}

void lab_task_call_step(struct lab *lab, unsigned task)
{
    struct drv_call call = call_of(lab, task);
    enum drv_step step = DRV_DONE;

    if (lab->reached)
        lab->reached[lab->frame[lab->task_frame[task]]->pc] = 1;
    lab->result = (struct drv_result){.value = 0};
    if (call.nr == DRV_NR_EXIT) {
        drv_task_leave(&lab->drv, (drv_task_id)task, call.argc ? call.args[0] : 0);
        end_task(lab, task);
        return;
    }
    if (drv_is_helper(&lab->drv, task)) {
        step_helper(lab, task, &call);
        return;
    }
    lab->task[task] &= (uint8_t)~LAB_TASK_LOOKS;
    if (call.nr == DRV_NR_SETTLE)
        sim_trace(&lab->trace, SIM_EV_SETTLE, task, 0, 0);
    else if (call.nr == DRV_NR_ASYNC_SEND)
        send_async(lab, &call);
    else if (loop_aio_is_call(call.nr))
        step = loop_aio_step(&lab->aio, (drv_task_id)task, &call, &lab->result);
    else
        step = kernel_step(lab, task, &call);
    if (step == DRV_AGAIN)
        lab->task[task] |= LAB_TASK_LOOKS;
    if (step != DRV_DONE)
        return;
    if (call.nr == DRV_NR_FORK && lab->result.value > 0)
        fork_task(lab, task, (unsigned)lab->result.out[0]);
    if (call.nr == DRV_NR_EXEC)
        loop_aio_process_gone(&lab->aio, lab->task_code[task].process);
    return_from_call(lab, task);
    lab_vm_run(lab, lab->task_frame[task], false);
}

/* One visible operation of the block; a sleep() may have parked the task inside it. */
static void step_block(struct lab *lab, unsigned task)
{
    unsigned cpu = lab->task_code[task].cpu, f = lab->kernel_frame[task];
    enum lab_cost_class cost;

    if (lab_c_busy(lab, context_of(lab, task))) {
        lab_c_step(lab, context_of(lab, task), cpu);
        if (!lab_c_busy(lab, context_of(lab, task)))
            block_ended(lab, task, 0);
        return;
    }
    if (lab_vm_step(lab, f, cpu, task) == LAB_STOP_END)
        prepare_block(lab, task, &cost);
}

enum lab_lent lab_lent_step(struct lab *lab, unsigned task, int64_t *ret_value)
{
    unsigned cpu = lab->task_code[task].cpu, f = lab->kernel_frame[task];
    unsigned context = context_of(lab, task);

    *ret_value = 0;
    lab->spent_ns = 0; /* the caller has its own time */
    if (lab->irqs.cpu[cpu]->depth || drv_sleeping(&lab->drv, task))
        return LAB_LENT_WAITS;
    if (f == LAB_NO_FRAME || lab->frame[f]->routine == LAB_IDLE) {
        lab_c_prepare(lab, context);
        if (lab_c_busy(lab, context))
            lab_c_step(lab, context, cpu);
        return lab_c_busy(lab, context) ? LAB_LENT_GOES_ON : LAB_LENT_OVER;
    }
    if (lab_vm_run(lab, f, true) != LAB_STOP_END) {
        lab_vm_step(lab, f, cpu, task);
        return LAB_LENT_GOES_ON;
    }
    *ret_value = block_value(lab, f);
    lab_vm_end(lab, f);
    return LAB_LENT_OVER;
}

bool lab_lent_drop(struct lab *lab, unsigned task)
{
    if (!drv_sleeping(&lab->drv, task))
        return false;
    drv_task_interrupt(&lab->drv, (drv_task_id)task);
    lab->drv.task[task].flags &= (uint16_t)~DRV_TASK_INTERRUPTED;
    lab_vm_end(lab, lab->kernel_frame[task]);
    return true;
}

/* Killed: a driver's block that slept for it is over. */
static void kill_task(struct lab *lab, unsigned task)
{
    unsigned f = lab->kernel_frame[task];

    if (f != LAB_NO_FRAME && lab->frame[f]->routine != LAB_IDLE)
        lab_vm_end(lab, f);
    end_task(lab, task);
}

void lab_task_step(struct lab *lab, unsigned task)
{
    unsigned f = lab->task_frame[task];

    if (drv_task_killed(&lab->drv, (drv_task_id)task)) {
        kill_task(lab, task);
        return;
    }
    if (in_block(lab, task)) {
        step_block(lab, task);
        return;
    }
    if (at_call(lab, task)) {
        lab_task_call_step(lab, task);
        return;
    }
    if (lab_vm_stop(lab, f) == LAB_STOP_END) {
        end_task(lab, task);
        return;
    }
    lab_vm_step(lab, f, lab->task_code[task].cpu, task);
}

void lab_task_begin(struct lab *lab, unsigned task)
{
    uint64_t spent = lab->spent_ns;

    lab->spent_ns = 0;
    lab_vm_begin(lab, lab->task_frame[task], &lab->task_code[task].routine, LAB_MAIN);
    lab_vm_run(lab, lab->task_frame[task], false);
    lab_clock_spend(lab, lab->actor_of_task[task], lab->spent_ns);
    lab->spent_ns = spent;
}

void lab_process_started(struct lab *lab, unsigned process)
{
    unsigned first = lab->started[process] - 1u;

    lab->started[process] = 0;
    for (unsigned t = first + 1; t < lab->program->drv.tasks; t++)
        if (lab->task_code[t].process == process)
            lab_task_begin(lab, t);
}

/* ---- init {} and thread {} ---- */

bool lab_thread_enabled(struct lab *lab, unsigned driver, bool init)
{
    unsigned flags = lab->thread[driver];

    if (lab->irqs.cpu[lab->program->drv.driver[driver].cpu]->depth)
        return false;
    if (drv_sleeping(&lab->drv, lab->program->drv.tasks + driver))
        return false;
    if (init)
        return flags & LAB_THREAD_INIT;
    return !(flags & LAB_THREAD_INIT) && flags & (LAB_THREAD_WOKEN | LAB_THREAD_RUNNING);
}

static void thread_begin(struct lab *lab, unsigned driver, enum drv_block block)
{
    unsigned f = lab->thread_frame[driver];

    lab_vm_begin(lab, f, &lab->program->block[driver][block],
                 (enum lab_routine_id)(LAB_BLOCK_BASE + block));
    lab->frame[f]->driver = (uint8_t)driver;
}

/* The woken threaded half starts; that belongs to its first step. */
static void thread_start(struct lab *lab, unsigned driver)
{
    uint8_t *flags = &lab->thread[driver];

    if (*flags & LAB_THREAD_RUNNING)
        return;
    *flags = (uint8_t)((*flags & ~LAB_THREAD_WOKEN) | LAB_THREAD_RUNNING);
    sim_trace(&lab->trace, SIM_EV_THREAD, driver, 1, 0);
    thread_begin(lab, driver, DRV_BLOCK_THREAD);
}

/* Up to a visible operation, looks included. */
static enum lab_cost_class prepare_thread(struct lab *lab, unsigned driver)
{
    unsigned f = lab->thread_frame[driver];

    lab_vm_run(lab, f, true);
    return lab_vm_stop(lab, f) == LAB_STOP_VISIBLE ? lab_vm_cost(lab, f) : LAB_CLASS_FREE;
}

enum lab_cost_class lab_thread_prepare(struct lab *lab, unsigned driver)
{
    thread_start(lab, driver);
    return prepare_thread(lab, driver);
}

enum lab_cost_class lab_init_prepare(struct lab *lab, unsigned driver)
{
    if (lab->frame[lab->thread_frame[driver]]->routine == LAB_IDLE)
        thread_begin(lab, driver, DRV_BLOCK_INIT);
    return prepare_thread(lab, driver);
}

static void thread_ended(struct lab *lab, unsigned driver)
{
    lab->thread[driver] &= (uint8_t)~LAB_THREAD_RUNNING;
    sim_trace(&lab->trace, SIM_EV_THREAD, driver, 0, 0);
    if (lab->thread[driver] & LAB_THREAD_WOKEN)
        return;
    for (unsigned i = 0; i < lab->irqs.count; i++)
        for (unsigned k = 0; k < lab->irqs.irq[i].actions; k++)
            if (lab->irqs.irq[i].driver[k] == driver)
                lab->irqs.flags[i] &= (uint8_t)~DRV_IRQ_THREAD;
}

/* One operation; whether the code has ended with it. */
static bool step_thread(struct lab *lab, unsigned driver)
{
    unsigned f = lab->thread_frame[driver];

    if (lab_vm_step(lab, f, lab->program->drv.driver[driver].cpu,
                    lab->program->drv.tasks + driver) != LAB_STOP_END)
        return false;
    lab_vm_end(lab, f);
    return true;
}

void lab_thread_step(struct lab *lab, unsigned driver)
{
    if (step_thread(lab, driver))
        thread_ended(lab, driver);
}

void lab_init_step(struct lab *lab, unsigned driver)
{
    if (!step_thread(lab, driver))
        return;
    lab->thread[driver] &= (uint8_t)~LAB_THREAD_INIT;
    lab->inits--;
}
