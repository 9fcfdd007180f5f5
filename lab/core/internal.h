/* lab/core/internal.h - what the files of the stepper share; nobody outside lab/core includes
 * it. */
#ifndef LAB_CORE_INTERNAL_H
#define LAB_CORE_INTERNAL_H

#include "lab/core/lab.h"
#include "sim/output.h"

/* ---- layout.c ---- */
void lab_bind(struct lab *lab);
const char *lab_task_name(const struct lab *lab, unsigned task);

static inline void lab_zero(void *at, size_t size)
{
    for (size_t i = 0; i < size; i++)
        ((uint8_t *)at)[i] = 0;
}

static inline void lab_copy(void *to, const void *from, size_t size)
{
    for (size_t i = 0; i < size; i++)
        ((uint8_t *)to)[i] = ((const uint8_t *)from)[i];
}

/* ---- setup.c ---- */
/* Finds who requests which controller input; before drv_irqs_layout(). */
void lab_request_irqs(struct lab *lab);
/* Can device @device (or the sampling clock, program->sim.devices) ever arm a timer? */
bool lab_device_has_timer(const struct lab_program *program, unsigned device);
/* 1 + the last process that begins with start {}, 0: none. */
unsigned lab_starts(const struct lab_program *program);
/* Controller, devices, drivers, unmasking: what comes before the first step. */
void lab_set_up(struct lab *lab);

/* ---- vm.c ---- */

/* Why a frame stopped computing. */
enum lab_stop {
    LAB_STOP_VISIBLE, /* before a visible operation */
    LAB_STOP_LAZY,    /* before a look that belongs to the next step */
    LAB_STOP_BUDGET,  /* it computed for too long: a step of its own, then it goes on */
    LAB_STOP_END,     /* the code has ended */
};

/* Starts @routine in an idle frame. */
void lab_vm_begin(struct lab *lab, unsigned frame, const struct lab_routine *routine,
                  enum lab_routine_id id);
/*
 * Computes up to the next operation that others could notice.  @lazy: looks are allowed now,
 * but where there are times not before what was spent has passed.
 */
enum lab_stop lab_vm_run(struct lab *lab, unsigned frame, bool lazy);
/* Does the visible operation the frame stands before (not CALL), if any, and computes on. */
enum lab_stop lab_vm_step(struct lab *lab, unsigned frame, unsigned cpu, unsigned waiter);
/* Ends the frame: all of it zero again. */
void lab_vm_end(struct lab *lab, unsigned frame);

/* Where the task of a frame keeps a shared variable: a child has its own of its process. */
unsigned lab_shared_at(const struct lab *lab, unsigned frame, unsigned variable);
/* A child begins with its parent's. */
void lab_shared_fork(struct lab *lab, unsigned parent, unsigned child);

static inline uint8_t lab_vm_opcode(const struct lab *lab, unsigned frame)
{
    return lab->code[lab->frame[frame]->pc];
}

static inline enum lab_stop lab_stop_of(enum lab_opcode op)
{
    if (op >= LAB_DO_RREG)
        return LAB_STOP_VISIBLE;
    if (op >= LAB_DO_ROOM)
        return LAB_STOP_LAZY;
    return op <= LAB_DO_RETURN ? LAB_STOP_END : LAB_STOP_BUDGET;
}

/* What an operation costs (enum lab_cost_class), LAB_CLASS_LOOK: what comes behind it. */
extern const uint8_t lab_vm_costs[LAB_DO_COUNT_];

static inline enum lab_cost_class lab_vm_cost(const struct lab *lab, unsigned frame)
{
    return (enum lab_cost_class)lab_vm_costs[lab_vm_opcode(lab, frame)];
}

/* Why would the frame stop where it stands? */
static inline enum lab_stop lab_vm_stop(const struct lab *lab, unsigned frame)
{
    return lab_stop_of((enum lab_opcode)lab_vm_opcode(lab, frame));
}

/* ---- event_loop.c: the loop of `loop NAME { }` ---- */
uint32_t lab_loop_bytes(const struct lab_program *program, unsigned loop);
/* One of LAB_DO_LOOP_...; the frame stands behind it already. */
void lab_loop_operate(struct lab *lab, unsigned frame, enum lab_opcode op, unsigned operand);
/* async_send(): may come from any task, also before the loop has begun. */
void lab_loop_send(struct lab *lab, unsigned loop, unsigned async);

/* ---- access.c: what both virtual machine and C code do to the machine ---- */
uint32_t lab_register_read(struct lab *lab, unsigned cpu, unsigned device, unsigned reg,
                           uint32_t address, unsigned size);
void lab_register_write(struct lab *lab, unsigned cpu, unsigned device, unsigned reg,
                        uint32_t address, unsigned size, uint32_t value, unsigned token);
/* A chip's primitive; returns what a read gave. */
uint32_t lab_chip_access(struct lab *lab, unsigned cpu, struct drv_access access);
void lab_mask(struct lab *lab, unsigned cpu, unsigned irq, bool masked);
/* Gives the input to CPU @target; as in Linux, one that is not there changes nothing. */
void lab_aim(struct lab *lab, unsigned cpu, unsigned irq, int64_t target);
/* @ret_irq: the input that was acknowledged, -1: there was none. */
uint32_t lab_ack(struct lab *lab, unsigned cpu, int *ret_irq);
void lab_eoi(struct lab *lab, unsigned cpu, uint32_t number);
/* The same at the end of a flow: a PLIC ignores the completion of what is not enabled, so that
 * it is enabled around it (drivers/irqchip/irq-sifive-plic.c, plic_irq_eoi()). */
void lab_flow_eoi(struct lab *lab, unsigned cpu, uint32_t number);
/* The disks are told of the requests that a call has made. */
void lab_notify_disks(struct lab *lab, unsigned cpu);
void lab_push(struct lab *lab, unsigned file, uint8_t value, unsigned token, bool wake);

/* ---- c_code.c: C drivers under way ---- */

/* The bench's record of an activation begins with its request. */
static inline struct drv_request *lab_request_of(const struct lab *lab, unsigned context)
{
    return (struct drv_request *)(void *)lab->context[context];
}

static inline bool lab_c_busy(const struct lab *lab, unsigned context)
{
    return lab->context[context] && lab_request_of(lab, context)->busy;
}

static inline enum lab_cost_class lab_c_class(enum drv_port_op op)
{
    if (op == DRV_PORT_READ || op == DRV_PORT_WRITE)
        return LAB_CLASS_ACCESS;
    return op == DRV_PORT_ROOM ? LAB_CLASS_LOOK : LAB_CLASS_FREE;
}

static inline enum lab_cost_class lab_c_cost(const struct lab *lab, unsigned context)
{
    return lab_c_class((enum drv_port_op)lab_request_of(lab, context)->op);
}

void lab_c_begin(struct lab *lab, unsigned context, unsigned driver, drv_c_routine routine,
                 unsigned value, unsigned token);
/* What it asks for: enum drv_port_op. */
unsigned lab_c_request(const struct lab *lab, unsigned context);
/* Does what the code asks for, and goes on with it. */
void lab_c_step(struct lab *lab, unsigned context, unsigned cpu);

/* Does lazy requests, so that the next one is a step. */
static inline void lab_c_prepare(struct lab *lab, unsigned context)
{
    while (lab_c_busy(lab, context) && lab_request_of(lab, context)->op == DRV_PORT_ROOM)
        lab_c_step(lab, context, 0);
}

/* One request done now; what it answers.  Used by both ways of running C. */
uint32_t lab_c_do(struct lab *lab, unsigned context, unsigned cpu,
                  const struct drv_request *request);

/* ---- handler.c: CPUs ---- */
static inline bool lab_take_enabled(struct lab *lab, unsigned cpu)
{
    const struct drv_cpu *state = lab->irqs.cpu[cpu];

    return !state->masked && state->depth < lab->irqs.nest &&
           (sim_output_all(&lab->sim) >> cpu * SIM_OUTPUT_BITS & 1) != 0;
}

/* The frame and the C context of the CPU's innermost handler. */
static inline unsigned lab_handler_frame(const struct lab *lab, unsigned cpu)
{
    return lab->cpu_frame[cpu] + lab->irqs.cpu[cpu]->depth - 1u;
}

static inline unsigned lab_handler_context(const struct lab *lab, unsigned cpu)
{
    return cpu * lab->program->nest + lab->irqs.cpu[cpu]->depth - 1u;
}

/* The primitives of its flow. */
static inline const uint8_t *lab_handler_flow(const struct lab *lab,
                                              const struct drv_handler *handler)
{
    if (handler->irq == DRV_IRQ_NONE)
        return drv_flow_list(DRV_FLOW_FASTEOI, false);
    return lab->irqs.irq[handler->irq].list;
}

/* Is the action under way in C? */
static inline bool lab_handler_runs_c(const struct lab *lab, const struct drv_handler *handler)
{
    return lab->c_driver[lab->irqs.irq[handler->irq].driver[handler->action]] != 0;
}

/* A handler's next step: its cost, and what does it. */
struct lab_handler_next {
    enum lab_cost_class cost; /* LAB_CLASS_LOOK: lab_handler_prepare() finds out */
    void (*step)(struct lab *lab, unsigned cpu, struct drv_handler *handler);
};

/* By enum drv_primitive; RUN and AGAIN are no steps: a handler never stands before them. */
extern const struct lab_handler_next lab_primitives[];

void lab_handler_step_c(struct lab *lab, unsigned cpu, struct drv_handler *handler);
void lab_handler_step_code(struct lab *lab, unsigned cpu, struct drv_handler *handler);

static inline struct lab_handler_next lab_handler_stands(const struct lab *lab, unsigned cpu,
                                                         const struct drv_handler *handler)
{
    if (!(handler->flags & DRV_HANDLER_RUNNING))
        return lab_primitives[lab_handler_flow(lab, handler)[handler->at]];
    if (lab_handler_runs_c(lab, handler))
        return (struct lab_handler_next){lab_c_cost(lab, lab_handler_context(lab, cpu)),
                                         lab_handler_step_c};
    return (struct lab_handler_next){lab_vm_cost(lab, lab_handler_frame(lab, cpu)),
                                     lab_handler_step_code};
}

/* @best: the input that the controller would hand out, -1: none any more. */
void lab_take(struct lab *lab, unsigned cpu, int best);
enum lab_cost_class lab_handler_prepare(struct lab *lab, unsigned cpu);
void lab_handler_step(struct lab *lab, unsigned cpu);
/* Does the handler look at a queue once the time it spends has passed? */
bool lab_handler_looks(const struct lab *lab, unsigned cpu);

/* ---- task.c: tasks and threads ---- */
bool lab_task_enabled(struct lab *lab, unsigned task);
enum lab_cost_class lab_task_prepare(struct lab *lab, unsigned task);
void lab_task_step(struct lab *lab, unsigned task);

/* Does the task stand before settle()? */
static inline bool lab_task_settles(const struct lab *lab, unsigned task)
{
    const struct lab_frame *frame = lab->frame[lab->task_frame[task]];
    const uint8_t *at = lab->code + frame->pc;

    return at[0] == LAB_DO_CALL && at[1] == DRV_NR_SETTLE && frame->routine != LAB_IDLE &&
           !(lab->task[task] & LAB_TASK_GONE);
}

/*
 * What its next step costs if that is a call and nothing is in its way, which takes less to see
 * than to find out what is; LAB_CLASS_LOOK: that has to be found out.
 */
enum lab_cost_class lab_task_calls(const struct lab *lab, unsigned task);
/* The call that it stands before, for once that is known. */
void lab_task_call_step(struct lab *lab, unsigned task);
/* Does the task look at a queue once the time it spends has passed? */
bool lab_task_looks(const struct lab *lab, unsigned task);
/* Brings a task before its first step; what it spends first is noted on the clock. */
void lab_task_begin(struct lab *lab, unsigned task);
/* The process's start {} is over: its other tasks begin. */
void lab_process_started(struct lab *lab, unsigned process);
bool lab_thread_enabled(struct lab *lab, unsigned driver, bool init);
enum lab_cost_class lab_init_prepare(struct lab *lab, unsigned driver);
enum lab_cost_class lab_thread_prepare(struct lab *lab, unsigned driver);
void lab_init_step(struct lab *lab, unsigned driver);
void lab_thread_step(struct lab *lab, unsigned driver);

/* ---- step.c: the parts of lab_step(), for the clock ---- */

/* What a kind of actor does.  @index: struct lab_actor. */
struct lab_kind {
    /*
     * What belongs to the next step but comes before its effect: looks at room(), enters a
     * block.  Says what the step will cost, which the clock needs to know beforehand.
     */
    enum lab_cost_class (*prepare)(struct lab *lab, unsigned index);
    /* The effect of the prepared step, and the computation up to the next one. */
    void (*step)(struct lab *lab, unsigned index);
};

extern const struct lab_kind lab_kinds[LAB_WHO_COUNT];

static inline void lab_step_begin(struct lab *lab, unsigned actor)
{
    sim_trace_begin(&lab->trace, actor, lab->actor[actor].cpu);
    lab->spent_ns = 0;
}

/* ---- world.c ---- */
/* The world's next action, 0 when it has finished. */
const struct lab_world_action *lab_world_next(const struct lab *lab, unsigned world);
/* Does the device it acts on let it? */
bool lab_world_can(const struct lab *lab, const struct lab_world_action *action);
bool lab_world_enabled(struct lab *lab, unsigned world);
void lab_world_step(struct lab *lab, unsigned world);

/* ---- clock.c ---- */
void lab_clock_layout(struct lab *lab);
void lab_clock_bind(struct lab *lab);
/* Time that passes before the actor's next step. */
void lab_clock_spend(struct lab *lab, unsigned actor, uint64_t ns);

#endif
