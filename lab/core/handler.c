/*
 * lab/core/handler.c - a CPU takes an interrupt and goes through its flow.
 *
 * After the take the handler stands before a primitive of its flow (drivers/irq.h) or inside
 * the code of one of its actions.  What is not visible (starting an action, finding out that a
 * list has ended) belongs to the step before it.
 */
#include "lab/core/internal.h"

static unsigned frame_of(const struct lab *lab, unsigned cpu)
{
    return lab->cpu_frame[cpu] + lab->irqs.cpu[cpu]->depth - 1u;
}

static unsigned context_of(const struct lab *lab, unsigned cpu)
{
    return cpu * lab->program->nest + lab->irqs.cpu[cpu]->depth - 1u;
}

static const uint8_t *flow_of(const struct lab *lab, const struct drv_handler *handler)
{
    if (handler->irq == DRV_IRQ_NONE)
        return drv_flow_list(DRV_FLOW_FASTEOI, false);
    return lab->irqs.irq[handler->irq].list;
}

/* Counts the take against each driver of the line that has no cause of its own. */
static void blame(struct lab *lab, struct drv_handler *handler, bool always)
{
    const struct drv_irq *irq = &lab->irqs.irq[handler->irq];

    for (unsigned i = 0; i < irq->actions; i++) {
        const struct drv_driver_config *driver = &lab->program->drv.driver[irq->driver[i]];
        bool cause = false;
        for (unsigned d = 0; d < lab->program->sim.devices && !cause; d++)
            cause = (driver->devices[d / 32] >> d % 32 & 1) &&
                    sim_dev_has_cause(&lab->sim, (sim_dev_id)d);
        if (always ? cause : !cause)
            sim_trace(&lab->trace, SIM_EV_SPURIOUS, irq->driver[i], 0, 0);
    }
}

/* Starts the code of actions until one has something visible to do.  False: all are through. */
static bool start_actions(struct lab *lab, unsigned cpu, struct drv_handler *handler)
{
    const struct drv_irq *irq = &lab->irqs.irq[handler->irq];

    for (; handler->action < irq->actions; handler->action++) {
        unsigned driver = irq->driver[handler->action];
        const struct lab_routine *routine = &lab->program->block[driver][DRV_BLOCK_IRQ];
        const struct drv_c_driver *c = lab->c_driver[driver];

        sim_trace(&lab->trace, SIM_EV_RUN, driver, 0, 0);
        if (c) {
            lab_c_begin(lab, context_of(lab, cpu), driver, c->irq, 0, 0);
            if (lab_c_busy(lab, context_of(lab, cpu)))
                return true;
        } else if (routine->entry != LAB_NO_CODE) {
            unsigned frame = frame_of(lab, cpu);
            lab_vm_begin(lab, frame, routine, LAB_BLOCK_BASE + DRV_BLOCK_IRQ);
            lab->frame[frame]->driver = (uint8_t)driver;
            if (lab_vm_run(lab, frame, false) != LAB_STOP_END)
                return true;
            lab_vm_end(lab, frame);
        }
    }
    return false;
}

/* Moves on over what is no step: to a visible primitive, or into an action's code. */
static void go_on(struct lab *lab, unsigned cpu)
{
    struct drv_handler *handler = drv_irqs_handler(&lab->irqs, cpu);
    const uint8_t *flow = flow_of(lab, handler);

    for (;; handler->at++) {
        uint8_t *flags = handler->irq == DRV_IRQ_NONE ? 0 : &lab->irqs.flags[handler->irq];
        switch (flow[handler->at]) {
        case DRV_P_RUN:
            if (!flags || handler->flags & DRV_HANDLER_EMPTY)
                break;
            if (start_actions(lab, cpu, handler)) {
                handler->flags |= DRV_HANDLER_RUNNING;
                return;
            }
            handler->action = 0;
            break;
        case DRV_P_AGAIN:
            if (!flags || handler->flags & DRV_HANDLER_EMPTY || !(*flags & DRV_IRQ_NOTED))
                break;
            *flags &= (uint8_t)~DRV_IRQ_NOTED;
            while (flow[handler->at] != DRV_P_RUN)
                handler->at--;
            handler->at--;
            break;
        case DRV_P_UNMASK:
            if (flags && *flags & DRV_IRQ_THREAD)
                break;
            return;
        default:
            return;
        }
    }
}

void lab_take(struct lab *lab, unsigned cpu)
{
    struct drv_cpu *state = lab->irqs.cpu[cpu];
    int best = sim_irq_best(&lab->sim, cpu);
    struct drv_handler *handler = &state->handler[state->depth++];

    if (best < 0)
        best = lab->take_hint[cpu];
    lab_zero(handler, sizeof(*handler));
    handler->irq = (uint8_t)drv_irq_find(&lab->irqs, best);
    handler->flags = state->masked ? DRV_HANDLER_MASKED : 0;
    state->masked = 1;
    sim_trace(&lab->trace, SIM_EV_TAKE, cpu, (uint32_t)best, 0);
    if (handler->irq != DRV_IRQ_NONE) {
        uint8_t *flags = &lab->irqs.flags[handler->irq];
        blame(lab, handler, false);
        if (*flags & DRV_IRQ_BUSY) {
            *flags |= DRV_IRQ_NOTED;
            handler->flags |= DRV_HANDLER_EMPTY;
        }
        if (!(handler->flags & DRV_HANDLER_EMPTY))
            *flags |= DRV_IRQ_BUSY;
    }
    go_on(lab, cpu);
}

/* The acknowledge gave @number: nothing, what was expected, or another input. */
static void acknowledged(struct lab *lab, unsigned cpu, uint32_t number)
{
    struct drv_handler *handler = drv_irqs_handler(&lab->irqs, cpu);
    const uint8_t *flow = flow_of(lab, handler);
    int irq = lab->irqs.chip->irq_of(number);
    unsigned found = irq < 0 ? DRV_IRQ_NONE : drv_irq_find(&lab->irqs, irq);

    handler->number = (uint16_t)number;
    if (found == handler->irq && found != DRV_IRQ_NONE)
        return;
    if (handler->irq != DRV_IRQ_NONE && !(handler->flags & DRV_HANDLER_EMPTY)) {
        if (irq < 0)
            blame(lab, handler, true);
        lab->irqs.flags[handler->irq] &= (uint8_t) ~(DRV_IRQ_BUSY | DRV_IRQ_NOTED);
    }
    if (irq >= 0) {
        handler->irq = (uint8_t)found;
        if (found != DRV_IRQ_NONE)
            lab->irqs.flags[found] |= DRV_IRQ_BUSY;
        return;
    }
    /* nothing there: no handler, no end of interrupt; a mask is taken back */
    handler->flags |= DRV_HANDLER_EMPTY;
    while (flow[handler->at + 1] != DRV_P_LEAVE && flow[handler->at + 1] != DRV_P_UNMASK)
        handler->at++;
    if (flow[handler->at + 1] == DRV_P_UNMASK && flow[0] != DRV_P_MASK)
        handler->at++;
}

static void leave(struct lab *lab, unsigned cpu)
{
    struct drv_cpu *state = lab->irqs.cpu[cpu];
    struct drv_handler *handler = drv_irqs_handler(&lab->irqs, cpu);

    sim_trace(&lab->trace, SIM_EV_LEAVE, cpu, 0, 0);
    if (handler->irq != DRV_IRQ_NONE && !(handler->flags & DRV_HANDLER_EMPTY))
        lab->irqs.flags[handler->irq] &= (uint8_t) ~(DRV_IRQ_BUSY | DRV_IRQ_NOTED);
    state->masked = handler->flags & DRV_HANDLER_MASKED ? 1 : 0;
    lab_zero(handler, sizeof(*handler));
    state->depth--;
}

/* The action's code has ended: the next action, or the next primitive. */
static void action_ended(struct lab *lab, unsigned cpu)
{
    struct drv_handler *handler = drv_irqs_handler(&lab->irqs, cpu);

    handler->flags &= (uint8_t)~DRV_HANDLER_RUNNING;
    handler->action++;
    if (start_actions(lab, cpu, handler)) {
        handler->flags |= DRV_HANDLER_RUNNING;
        return;
    }
    handler->action = 0;
    handler->at++;
    go_on(lab, cpu);
}

static bool runs_c(const struct lab *lab, const struct drv_handler *handler)
{
    return lab->c_driver[lab->irqs.irq[handler->irq].driver[handler->action]] != 0;
}

static enum lab_cost_class primitive_cost(enum drv_primitive primitive)
{
    switch (primitive) {
    case DRV_P_MASK:
    case DRV_P_UNMASK:
        return LAB_CLASS_ACCESS;
    case DRV_P_LEAVE:
        return LAB_CLASS_LEAVE;
    default:
        return LAB_CLASS_FREE;
    }
}

enum lab_cost_class lab_handler_prepare(struct lab *lab, unsigned cpu)
{
    for (;;) {
        struct drv_handler *handler = drv_irqs_handler(&lab->irqs, cpu);
        if (!(handler->flags & DRV_HANDLER_RUNNING))
            return primitive_cost(flow_of(lab, handler)[handler->at]);
        if (runs_c(lab, handler)) {
            lab_c_prepare(lab, context_of(lab, cpu));
            if (lab_c_busy(lab, context_of(lab, cpu)))
                return lab_c_cost(lab, context_of(lab, cpu));
        } else {
            unsigned frame = frame_of(lab, cpu);
            enum lab_stop stop = lab_vm_stop(lab, frame);
            if (stop == LAB_STOP_LAZY)
                stop = lab_vm_run(lab, frame, true);
            if (stop == LAB_STOP_VISIBLE)
                return lab_vm_cost(lab, frame);
            if (stop == LAB_STOP_BUDGET)
                return LAB_CLASS_FREE;
            lab_vm_end(lab, frame);
        }
        action_ended(lab, cpu);
    }
}

static void step_action(struct lab *lab, unsigned cpu, const struct drv_handler *handler)
{
    if (runs_c(lab, handler)) {
        lab_c_step(lab, context_of(lab, cpu), cpu);
        if (!lab_c_busy(lab, context_of(lab, cpu)))
            action_ended(lab, cpu);
    } else {
        unsigned frame = frame_of(lab, cpu);
        if (lab_vm_stop(lab, frame) == LAB_STOP_VISIBLE)
            lab_vm_visible(lab, frame, cpu, LAB_NO_ACTOR);
        if (lab_vm_run(lab, frame, false) == LAB_STOP_END) {
            lab_vm_end(lab, frame);
            action_ended(lab, cpu);
        }
    }
}

void lab_handler_step(struct lab *lab, unsigned cpu)
{
    struct drv_handler *handler = drv_irqs_handler(&lab->irqs, cpu);
    enum drv_primitive primitive;

    if (handler->flags & DRV_HANDLER_RUNNING) {
        step_action(lab, cpu, handler);
        return;
    }
    primitive = flow_of(lab, handler)[handler->at];
    switch (primitive) {
    case DRV_P_ACK:
        acknowledged(lab, cpu, lab_ack(lab, cpu));
        break;
    case DRV_P_EOI:
        lab_eoi(lab, cpu, handler->number);
        break;
    case DRV_P_MASK:
    case DRV_P_UNMASK:
        lab_mask(lab, cpu, lab->irqs.irq[handler->irq].irq, primitive == DRV_P_MASK);
        break;
    default:
        leave(lab, cpu);
        return;
    }
    handler->at++;
    go_on(lab, cpu);
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
    if (!runs_c(lab, handler))
        return next_of_code(lab, frame_of(lab, cpu));
    switch (lab_c_request(lab, context_of(lab, cpu))) {
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
