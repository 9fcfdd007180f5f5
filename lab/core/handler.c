/*
 * lab/core/handler.c - a CPU takes an interrupt and goes through its flow.
 *
 * After the take the handler stands before a primitive of its flow (drivers/irq.h) or inside
 * the code of one of its actions.  What is not visible (starting an action, finding out that a
 * list has ended) belongs to the step before it.
 */
#include "lab/core/internal.h"

/* Has one of the devices that the driver serves a reason to interrupt? */
static bool has_cause(const struct lab *lab, unsigned driver)
{
    const uint32_t *devices = lab->program->drv.driver[driver].devices;

    for (uint64_t rest = devices[0] | (uint64_t)devices[1] << 32; rest; rest &= rest - 1)
        if (sim_dev_has_cause(&lab->sim, (sim_dev_id)__builtin_ctzll(rest)))
            return true;
    return false;
}

/* Counts the take against each driver of the line that has a cause, or that has none. */
static void blame(struct lab *lab, const struct drv_handler *handler, bool cause)
{
    const struct drv_irq *irq = &lab->irqs.irq[handler->irq];

    for (unsigned i = 0; i < irq->actions; i++)
        if (has_cause(lab, irq->driver[i]) == cause)
            sim_trace(&lab->trace, SIM_EV_SPURIOUS, irq->driver[i], 0, 0);
}

/* Starts an action's code.  False: it had nothing visible to do and has ended. */
static bool start_action(struct lab *lab, unsigned cpu, unsigned driver)
{
    const struct lab_routine *routine = &lab->program->block[driver][DRV_BLOCK_IRQ];
    const struct drv_c_driver *c = lab->c_driver[driver];
    unsigned frame;

    sim_trace(&lab->trace, SIM_EV_RUN, driver, 0, 0);
    if (c) {
        lab_c_begin(lab, lab_handler_context(lab, cpu), driver, c->irq, 0, 0);
        return lab_c_busy(lab, lab_handler_context(lab, cpu));
    }
    if (routine->entry == LAB_NO_CODE)
        return false;
    frame = lab_handler_frame(lab, cpu);
    lab_vm_begin(lab, frame, routine, LAB_BLOCK_BASE + DRV_BLOCK_IRQ);
    lab->frame[frame]->driver = (uint8_t)driver;
    if (lab_vm_run(lab, frame, false) != LAB_STOP_END)
        return true;
    lab_vm_end(lab, frame);
    return false;
}

/* Starts actions until one has something visible to do.  False: all are through. */
static bool start_actions(struct lab *lab, unsigned cpu, struct drv_handler *handler)
{
    const struct drv_irq *irq = &lab->irqs.irq[handler->irq];

    for (; handler->action < irq->actions; handler->action++) {
        handler->flags |= DRV_HANDLER_RUNNING;
        if (start_action(lab, cpu, irq->driver[handler->action]))
            return true;
        handler->flags &= (uint8_t)~DRV_HANDLER_RUNNING;
    }
    handler->action = 0;
    return false;
}

/* Moves on over what is no step: to a visible primitive, or into an action's code. */
static void search(struct lab *lab, unsigned cpu, struct drv_handler *handler)
{
    const uint8_t *flow = lab_handler_flow(lab, handler);
    bool runs = handler->irq != DRV_IRQ_NONE && !(handler->flags & DRV_HANDLER_EMPTY);
    uint8_t none = 0;
    uint8_t *flags = handler->irq == DRV_IRQ_NONE ? &none : &lab->irqs.flags[handler->irq];

    for (;; handler->at++) {
        switch (flow[handler->at]) {
        case DRV_P_RUN:
            if (runs && start_actions(lab, cpu, handler))
                return;
            break;
        case DRV_P_AGAIN:
            if (!runs || !(*flags & DRV_IRQ_NOTED))
                break;
            *flags &= (uint8_t)~DRV_IRQ_NOTED;
            while (flow[handler->at] != DRV_P_RUN)
                handler->at--;
            handler->at--;
            break;
        case DRV_P_UNMASK:
            if (*flags & DRV_IRQ_THREAD)
                break;
            return;
        default:
            return;
        }
    }
}

static inline void go_on(struct lab *lab, unsigned cpu, struct drv_handler *handler)
{
    unsigned next = lab_handler_flow(lab, handler)[handler->at];

    if (next == DRV_P_RUN || next == DRV_P_AGAIN || next == DRV_P_UNMASK)
        search(lab, cpu, handler);
}

/*
 * Its actions are this handler's to run, unless they are under way elsewhere: then those are
 * told.  As under the kernel's desc->lock, which a flow takes when it knows the number.
 */
static void claim(struct lab *lab, struct drv_handler *handler)
{
    uint8_t *flags = &lab->irqs.flags[handler->irq];

    if (*flags & DRV_IRQ_BUSY) {
        *flags |= DRV_IRQ_NOTED;
        handler->flags |= DRV_HANDLER_EMPTY;
    } else {
        *flags |= DRV_IRQ_BUSY;
    }
}

void lab_take(struct lab *lab, unsigned cpu, int best)
{
    struct drv_cpu *state = lab->irqs.cpu[cpu];
    struct drv_handler *handler = &state->handler[state->depth++];

    if (best < 0)
        best = lab->take_hint[cpu];
    *handler = (struct drv_handler){
        .irq = (uint8_t)drv_irq_find(&lab->irqs, best),
        .flags = state->masked ? DRV_HANDLER_MASKED : 0,
    };
    state->masked = 1;
    sim_trace(&lab->trace, SIM_EV_TAKE, cpu, (uint32_t)best, 0);
    if (handler->irq != DRV_IRQ_NONE) {
        blame(lab, handler, false);
        if (lab_handler_flow(lab, handler)[0] == DRV_P_RUN) /* manual: no acknowledge follows */
            claim(lab, handler);
    }
    go_on(lab, cpu, handler);
}

/* The acknowledge gave something else than what the CPU took the interrupt for. */
static void surprised(struct lab *lab, struct drv_handler *handler, int irq, unsigned found)
{
    const uint8_t *flow = lab_handler_flow(lab, handler);

    if (irq < 0 && handler->irq != DRV_IRQ_NONE &&
        !(lab->irqs.flags[handler->irq] & DRV_IRQ_BUSY))
        blame(lab, handler, true);
    if (irq >= 0) {
        handler->irq = (uint8_t)found;
        return;
    }
    /* nothing there: no handler, no end of interrupt; a mask is taken back */
    handler->flags |= DRV_HANDLER_EMPTY;
    while (flow[handler->at + 1] != DRV_P_LEAVE && flow[handler->at + 1] != DRV_P_UNMASK)
        handler->at++;
    if (flow[handler->at + 1] == DRV_P_UNMASK && flow[0] != DRV_P_MASK)
        handler->at++;
}

/*
 * Another interrupt was noted after the last look, on another CPU or in a handler that let
 * itself be interrupted: looking again and being through are one (desc->lock in
 * handle_edge_irq()), or it would be lost.  Back to the actions.
 */
static bool goes_again(struct lab *lab, struct drv_handler *handler)
{
    const uint8_t *flow = lab_handler_flow(lab, handler);
    uint8_t at = 0, *flags = &lab->irqs.flags[handler->irq];

    if (!(*flags & DRV_IRQ_NOTED) || !drv_flow_again(flow))
        return false;
    *flags &= (uint8_t)~DRV_IRQ_NOTED;
    while (flow[at] != DRV_P_MASK && flow[at] != DRV_P_RUN)
        at++;
    handler->at = at;
    return true;
}

static void leave(struct lab *lab, unsigned cpu, struct drv_handler *handler)
{
    struct drv_cpu *state = lab->irqs.cpu[cpu];

    if (handler->irq != DRV_IRQ_NONE && !(handler->flags & DRV_HANDLER_EMPTY) &&
        goes_again(lab, handler)) {
        go_on(lab, cpu, handler);
        return;
    }
    sim_trace(&lab->trace, SIM_EV_LEAVE, cpu, 0, 0);
    if (handler->irq != DRV_IRQ_NONE && !(handler->flags & DRV_HANDLER_EMPTY))
        lab->irqs.flags[handler->irq] &= (uint8_t) ~(DRV_IRQ_BUSY | DRV_IRQ_NOTED);
    state->masked = handler->flags & DRV_HANDLER_MASKED ? 1 : 0;
    *handler = (struct drv_handler){0};
    state->depth--;
}

/* The action's code has ended: the next action, or the next primitive. */
static void action_ended(struct lab *lab, unsigned cpu, struct drv_handler *handler)
{
    handler->flags &= (uint8_t)~DRV_HANDLER_RUNNING;
    handler->action++;
    if (start_actions(lab, cpu, handler))
        return;
    handler->at++;
    go_on(lab, cpu, handler);
}

bool lab_handler_looks(const struct lab *lab, unsigned cpu)
{
    const struct drv_handler *handler = drv_irqs_handler(&lab->irqs, cpu);

    return handler->flags & DRV_HANDLER_RUNNING && !lab_handler_runs_c(lab, handler) &&
           lab_vm_stop(lab, lab_handler_frame(lab, cpu)) == LAB_STOP_LAZY;
}

/* Stands the action's code before its next visible operation; false: it has ended. */
static bool prepare_action(struct lab *lab, unsigned cpu, bool c, enum lab_cost_class *ret_cost)
{
    unsigned frame = lab_handler_frame(lab, cpu), context = lab_handler_context(lab, cpu);
    enum lab_stop stop;

    if (c) {
        lab_c_prepare(lab, context);
        if (!lab_c_busy(lab, context))
            return false;
        *ret_cost = lab_c_cost(lab, context);
        return true;
    }
    stop = lab_vm_stop(lab, frame);
    if (stop == LAB_STOP_LAZY)
        stop = lab_vm_run(lab, frame, true);
    *ret_cost = stop == LAB_STOP_VISIBLE ? lab_vm_cost(lab, frame) : LAB_CLASS_FREE;
    if (stop != LAB_STOP_END)
        return true;
    lab_vm_end(lab, frame);
    return false;
}

/* The same of all code that can follow: the cost of what the handler then stands before. */
static enum lab_cost_class prepare_code(struct lab *lab, unsigned cpu)
{
    struct drv_handler *handler = drv_irqs_handler(&lab->irqs, cpu);
    enum lab_cost_class cost;

    while (handler->flags & DRV_HANDLER_RUNNING) {
        if (prepare_action(lab, cpu, lab_handler_runs_c(lab, handler), &cost))
            return cost;
        action_ended(lab, cpu, handler);
    }
    return lab_primitives[lab_handler_flow(lab, handler)[handler->at]].cost;
}

enum lab_cost_class lab_handler_prepare(struct lab *lab, unsigned cpu)
{
    const struct drv_handler *handler = drv_irqs_handler(&lab->irqs, cpu);

    if (handler->flags & DRV_HANDLER_RUNNING)
        return prepare_code(lab, cpu);
    return lab_primitives[lab_handler_flow(lab, handler)[handler->at]].cost;
}

/* The action's next operation: a request of C code ... */
void lab_handler_step_c(struct lab *lab, unsigned cpu, struct drv_handler *handler)
{
    lab_c_step(lab, lab_handler_context(lab, cpu), cpu);
    if (!lab_c_busy(lab, lab_handler_context(lab, cpu)))
        action_ended(lab, cpu, handler);
}

/* ... or one of the virtual machine. */
void lab_handler_step_code(struct lab *lab, unsigned cpu, struct drv_handler *handler)
{
    if (lab_vm_step(lab, lab_handler_frame(lab, cpu), cpu, LAB_NO_ACTOR) != LAB_STOP_END)
        return;
    lab_vm_end(lab, lab_handler_frame(lab, cpu));
    action_ended(lab, cpu, handler);
}

static void acknowledge(struct lab *lab, unsigned cpu, struct drv_handler *handler)
{
    int irq;
    uint32_t number = lab_ack(lab, cpu, &irq);
    unsigned found = irq < 0 ? DRV_IRQ_NONE : drv_irq_find(&lab->irqs, irq);

    handler->number = (uint16_t)number;
    if (found != handler->irq || found == DRV_IRQ_NONE)
        surprised(lab, handler, irq, found);
    if (found != DRV_IRQ_NONE)
        claim(lab, handler);
    handler->at++;
    go_on(lab, cpu, handler);
}

/*
 * An end behind the actions is one with their being through, under desc->lock: what another CPU
 * takes from here on is its own.  A flow that looks again is through when it leaves.
 */
static void end(struct lab *lab, unsigned cpu, struct drv_handler *handler)
{
    bool runs = handler->irq != DRV_IRQ_NONE && !(handler->flags & DRV_HANDLER_EMPTY);

    if (runs && lab_handler_flow(lab, handler)[handler->at - 1] == DRV_P_RUN) {
        lab->irqs.flags[handler->irq] &= (uint8_t) ~(DRV_IRQ_BUSY | DRV_IRQ_NOTED);
        handler->flags |= DRV_HANDLER_EMPTY;
    }
    lab_flow_eoi(lab, cpu, handler->number);
    handler->at++;
    go_on(lab, cpu, handler);
}

static void mask(struct lab *lab, unsigned cpu, struct drv_handler *handler)
{
    lab_mask(lab, cpu, lab->irqs.irq[handler->irq].irq, true);
    handler->at++;
    go_on(lab, cpu, handler);
}

static void unmask(struct lab *lab, unsigned cpu, struct drv_handler *handler)
{
    lab_mask(lab, cpu, lab->irqs.irq[handler->irq].irq, false);
    handler->at++;
    go_on(lab, cpu, handler);
}

const struct lab_handler_next lab_primitives[] = {
    [DRV_P_LEAVE] = {LAB_CLASS_LEAVE, leave},    [DRV_P_ACK] = {LAB_CLASS_FREE, acknowledge},
    [DRV_P_EOI] = {LAB_CLASS_FREE, end},         [DRV_P_MASK] = {LAB_CLASS_ACCESS, mask},
    [DRV_P_UNMASK] = {LAB_CLASS_ACCESS, unmask},
};

void lab_handler_step(struct lab *lab, unsigned cpu)
{
    struct drv_handler *handler = drv_irqs_handler(&lab->irqs, cpu);

    lab_handler_stands(lab, cpu, handler).step(lab, cpu, handler);
}

static struct lab_next next_of_code(const struct lab *lab, unsigned frame)
{
    const uint8_t *at = lab->code + lab->frame[frame]->pc;
    struct lab_next next = {.kind = LAB_NEXT_OTHER};

    if (lab_vm_stop(lab, frame) == LAB_STOP_LAZY)
        next.kind = LAB_NEXT_LOOK;
    switch ((enum lab_opcode)at[0]) {
    case LAB_DO_RREG:
        if (at[1] == LAB_CHIP_DEVICE)
            break;
        next.kind = LAB_NEXT_READ;
        next.device = at[1];
        next.offset =
            at[4] | (uint32_t)at[5] << 8 | (uint32_t)at[6] << 16 | (uint32_t)at[7] << 24;
        next.then = (uint32_t)lab->frame[frame]->pc + 8;
        break;
    case LAB_DO_QUEUE:
        next.kind = LAB_NEXT_QUEUE;
        break;
    case LAB_DO_PUSH:
    case LAB_DO_WAKE:
        next.kind = LAB_NEXT_WAKE;
        break;
    case LAB_DO_GET:
    case LAB_DO_SET:
    case LAB_DO_WAKE_THREAD:
        next.kind = LAB_NEXT_STATE;
        break;
    default:
        break;
    }
    return next;
}

struct lab_next lab_handler_next(const struct lab *lab, unsigned cpu)
{
    const struct drv_handler *handler = drv_irqs_handler(&lab->irqs, cpu);
    struct lab_next next = {.kind = LAB_NEXT_OTHER};

    if (!(handler->flags & DRV_HANDLER_RUNNING))
        return next;
    if (!lab_handler_runs_c(lab, handler))
        return next_of_code(lab, lab_handler_frame(lab, cpu));
    switch (lab_c_request(lab, lab_handler_context(lab, cpu))) {
    case DRV_PORT_QUEUE:
        next.kind = LAB_NEXT_QUEUE;
        break;
    case DRV_PORT_PUSH:
    case DRV_PORT_WAKE:
        next.kind = LAB_NEXT_WAKE;
        break;
    default:
        break;
    }
    return next;
}
