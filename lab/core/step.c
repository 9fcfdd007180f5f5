/* lab/core/step.c - who can act, and acting: the one stepper of all worlds. */
#include "lab/core/internal.h"

bool lab_is_settle(struct lab *lab, unsigned actor)
{
    const struct lab_actor *a = &lab->actor[actor];

    if (a->who == LAB_WHO_TASK)
        return lab_task_settles(lab, a->index);
    if (a->who == LAB_WHO_WORLD) {
        const struct lab_world_action *action = lab_world_next(lab, a->index);
        return action && action->when == LAB_ACT_SETTLE;
    }
    return false;
}

bool lab_enabled(struct lab *lab, unsigned actor)
{
    const struct lab_actor *a = &lab->actor[actor];

    switch (a->who) {
    case LAB_WHO_WORLD:
        return lab_world_enabled(lab, a->index);
    case LAB_WHO_TIMER:
        return sim_timer_ns(&lab->sim, a->index) != 0;
    case LAB_WHO_ALARM:
        return drv_alarm_ns(&lab->drv, a->index) != 0;
    case LAB_WHO_TIMEOUT:
        return drv_task_parked(&lab->drv, a->index) && !drv_task_ready(&lab->drv, a->index) &&
               drv_task_timeout_ns(&lab->drv, a->index) >= 0;
    case LAB_WHO_TAKE:
        return lab_take_enabled(lab, a->index);
    case LAB_WHO_CPU:
        return lab->irqs.cpu[a->index]->depth != 0;
    case LAB_WHO_INIT:
        return lab_thread_enabled(lab, a->index, true);
    case LAB_WHO_THREAD:
        return lab_thread_enabled(lab, a->index, false);
    default:
        return lab_task_enabled(lab, a->index);
    }
}

unsigned lab_choices(struct lab *lab, uint8_t ret_enabled[LAB_ACTORS_MAX])
{
    uint8_t settles[LAB_ACTORS_MAX];
    unsigned n = 0, waiting = 0;
    bool busy = false; /* somebody other than worlds and settles can step */

    for (unsigned a = 0; a < lab->actors; a++) {
        if (!lab_enabled(lab, a))
            continue;
        if (lab_is_settle(lab, a)) {
            settles[waiting++] = (uint8_t)a;
            continue;
        }
        busy |= lab->actor[a].who != LAB_WHO_WORLD;
        ret_enabled[n++] = (uint8_t)a;
    }
    for (unsigned i = 0; i < waiting && !busy; i++)
        ret_enabled[n++] = settles[i];
    return n;
}

bool lab_only_world(struct lab *lab)
{
    bool world = false;

    for (unsigned a = lab->actors; a-- > lab->first[LAB_WHO_TIMER];)
        if (lab_enabled(lab, a))
            return false;
    for (unsigned a = 0; a < lab->first[LAB_WHO_TIMER]; a++) {
        if (!lab_enabled(lab, a))
            continue;
        if (lab_is_settle(lab, a))
            return false;
        world = true;
    }
    return world;
}

static enum lab_cost_class prepare_nothing(struct lab *lab, unsigned index)
{
    (void)lab;
    (void)index;
    return LAB_CLASS_FREE;
}

static enum lab_cost_class prepare_take(struct lab *lab, unsigned cpu)
{
    (void)lab;
    (void)cpu;
    return LAB_CLASS_TAKE;
}

static void step_timer(struct lab *lab, unsigned device)
{
    sim_trace(&lab->trace, SIM_EV_TIMER, device, 0, 0);
    sim_timer_fire(&lab->sim, device);
}

static void step_alarm(struct lab *lab, unsigned alarm)
{
    sim_trace(&lab->trace, SIM_EV_ALARM, lab->drv.slot[DRV_FILE_TIMERFD] + alarm, 0, 0);
    drv_alarm_fire(&lab->drv, alarm);
}

static void step_timeout(struct lab *lab, unsigned task)
{
    sim_trace(&lab->trace, SIM_EV_TIMEOUT, task, 0, 0);
    drv_task_timeout(&lab->drv, (drv_task_id)task);
}

static void step_take(struct lab *lab, unsigned cpu)
{
    lab_take(lab, cpu, sim_irq_best(&lab->sim, cpu));
}

const struct lab_kind lab_kinds[LAB_WHO_COUNT] = {
    [LAB_WHO_WORLD] = {prepare_nothing, lab_world_step},
    [LAB_WHO_TIMER] = {prepare_nothing, step_timer},
    [LAB_WHO_ALARM] = {prepare_nothing, step_alarm},
    [LAB_WHO_TIMEOUT] = {prepare_nothing, step_timeout},
    [LAB_WHO_TAKE] = {prepare_take, step_take},
    [LAB_WHO_CPU] = {lab_handler_prepare, lab_handler_step},
    [LAB_WHO_INIT] = {lab_init_prepare, lab_init_step},
    [LAB_WHO_THREAD] = {lab_thread_prepare, lab_thread_step},
    [LAB_WHO_TASK] = {lab_task_prepare, lab_task_step},
};

enum lab_cost_class lab_prepare(struct lab *lab, unsigned actor)
{
    const struct lab_actor *a = &lab->actor[actor];

    return lab_kinds[a->who].prepare(lab, a->index);
}

void lab_step(struct lab *lab, unsigned actor)
{
    const struct lab_actor *a = &lab->actor[actor];

    lab->untimed = true;
    lab_step_begin(lab, actor);
    lab_kinds[a->who].prepare(lab, a->index);
    lab_kinds[a->who].step(lab, a->index);
    lab_ledger_fold(lab);
}
