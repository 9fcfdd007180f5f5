/*
 * lab/stuck.c - where a lost token is stuck, and why nobody will come for it.
 *
 * Told from the last state and from the records of the way there, which are the same for every
 * controller.
 */
#include <string.h>

#include "lab/replayed.h"
#include "lab/words.h"
#include "sim/line.h"
#include "sim/msi.h"

/* What the records say about one input of the controller. */
struct input {
    bool masked, pending, latched, active;
    unsigned forgotten; /* 1 an edge came while active, 2 masked, 3 for no CPU; 0 none */
};

static struct input input_of(const struct lab_replayed *r, unsigned irq)
{
    struct input input = {false, false, false, false, 0};

    for (size_t i = 0; i < r->count; i++) {
        const struct sim_record *record = &r->records[i];
        if (record->object != irq)
            continue;
        switch (record->kind) {
        case SIM_EV_MASK:
        case SIM_EV_UNMASK:
            input.masked = record->kind == SIM_EV_MASK;
            break;
        case SIM_EV_PENDING:
            input.pending = record->value;
            break;
        case SIM_EV_LATCH:
            input.latched = record->value;
            if (input.latched)
                input.forgotten = 0;
            break;
        case SIM_EV_ACTIVE:
            input.active = record->value;
            break;
        case SIM_EV_IGNORED:
            input.forgotten = record->value;
            break;
        default:
            break;
        }
    }
    return input;
}

static const char *why_not_taken(const struct lab_replayed *r, unsigned device)
{
    static const char *const forgotten[] = {
        0,
        "its edge came while the input was active and was forgotten",
        "its edge came while the input was masked and was forgotten",
        "its edge came while no CPU was targeted and was forgotten",
    };
    const struct lab *lab = &r->lab;
    const struct sim *sim = &lab->sim;
    unsigned line = sim->line_of[device], trigger;
    struct input input;
    bool active;

    if (line >= sim->lines)
        return "it lies there and nobody will be told";
    input = input_of(r, sim->line_irq[line]);
    trigger = sim->line_trigger[line];
    active = sim_line_level(sim, line);
    if (trigger == SIM_TRIGGER_LOW || trigger == SIM_TRIGGER_FALLING)
        active = !active;
    if (lab->irqs.cpu[sim->line_cpu[line]]->masked &&
        !lab->irqs.cpu[sim->line_cpu[line]]->depth)
        return "the CPU takes no interrupts: local_irq_enable() is missing";
    if (input.masked)
        return "the input was left masked: the unmasking is missing";
    if (input.active)
        return "the input is still active: the completion (eoi) is missing";
    if (!active)
        return "it holds a token and does not ask: its status was cleared too late";
    if (trigger == SIM_TRIGGER_LEVEL || trigger == SIM_TRIGGER_LOW)
        return input.pending ? "the line is active and pending, but nobody takes it"
                             : "the line is active, but the controller does not ask";
    if (input.forgotten && input.forgotten < 4)
        return forgotten[input.forgotten];
    if (trigger == SIM_TRIGGER_MSI && !sim_msi_waits(sim, line))
        return "its request is up, its message was taken: no level asks again";
    return "the line is active, nothing is pending: the edge was consumed or never seen";
}

static bool sleeps(const struct lab *lab, unsigned task)
{
    if (lab->task[task] & LAB_TASK_GONE || drv_is_helper(&lab->drv, task))
        return false;
    return drv_sleeping(&lab->drv, task) || (drv_task_parked(&lab->drv, (drv_task_id)task) &&
                                             !drv_task_ready(&lab->drv, (drv_task_id)task));
}

static bool somebody_sleeps(const struct lab *lab, unsigned file)
{
    for (unsigned t = 0; t < lab->program->drv.tasks; t++)
        if (sleeps(lab, t) && drv_task_has_open(&lab->drv, (drv_task_id)t, (drv_file_id)file))
            return true;
    return false;
}

static const char *why_not_read(const struct lab *lab, unsigned file)
{
    const struct drv *drv = &lab->drv;

    for (unsigned i = 0; i < drv->config->items; i++) {
        const struct drv_item *item = &drv->item[i];
        if (!item->epoll || drv->ofd[item->ofd].file != file)
            continue;
        if (item->events & DRV_EPOLLONESHOT && !(item->events & DRV_POLLIN))
            return "its epoll entry is disarmed: ONESHOT was not re-armed";
        if (item->flags & (DRV_ITEM_LINKED | DRV_ITEM_AGAIN))
            return "it is reported as ready, but nobody waits";
        if (item->events & DRV_EPOLLET)
            return "its epoll entry is not ready: an edge-triggered file was not drained";
        return "its epoll entry is not ready: the wake-up was missed";
    }
    return somebody_sleeps(lab, file) ? "a task sleeps on it: the wake-up was missed"
                                      : "nobody waits for it";
}

/* The last word about a token that was destroyed. */
static const char *why_gone(const struct lab_replayed *r, unsigned token)
{
    static const char *const text[] = {
        [0] = "its driver dropped it",
        [SIM_DROP_OVERRUN] = "it came and there was no room: overrun",
        [SIM_DROP_MERGED] = "merged: another arrival stands for it",
        [SIM_DROP_CLEARED] = "its status bit was cleared before anybody read it",
        [SIM_DROP_UNSEEN] = "its pulse passed and nothing remembers it",
        [SIM_DROP_CLOSED] = "the file that held it went away",
        [SIM_DROP_FORGOTTEN] = "driver code held it and never handed it on",
    };
    unsigned reason = 0;

    for (size_t i = 0; i < r->count; i++) {
        const struct sim_record *record = &r->records[i];
        if (record->token != token)
            continue;
        if (record->kind == SIM_EV_FULL)
            return "the driver's queue was full";
        if (record->kind == SIM_EV_DROP || record->kind == SIM_EV_LOSE)
            reason = record->value;
    }
    return reason < sizeof(text) / sizeof(text[0]) ? text[reason] : text[0];
}

static const char *file_name(const struct lab_program *program, unsigned file)
{
    return file < program->drv.fixed_files ? lab_program_name(program, program->file_name[file])
                                           : "a file";
}

void lab_stuck_text(struct lab_replayed *replayed, const struct lab_outcome *outcome,
                    unsigned token, char *ret_text, size_t size)
{
    struct lab *lab = &replayed->lab;
    const struct lab_program *program = lab->program;
    drv_file_id file = drv_holds(&lab->drv, token);

    for (unsigned d = 0; d < program->sim.devices; d++)
        if (sim_dev_holds(&lab->sim, (sim_dev_id)d, token)) {
            lab_words_set(ret_text, size, "in %s: %s",
                          lab_program_name(program, program->device_name[d]),
                          outcome->end == SIM_END_QUIET ? why_not_taken(replayed, d)
                                                        : "the cycle never gets to it");
            return;
        }
    if (file != DRV_NONE)
        lab_words_set(ret_text, size, "in %s: %s", file_name(program, file),
                      outcome->end == SIM_END_QUIET ? why_not_read(lab, file)
                                                    : "the cycle never gets to it");
    else if (outcome->fate[token] & LAB_FATE_LEFT)
        lab_words_set(ret_text, size, "in a driver's hands: it was never pushed");
    else
        lab_words_set(ret_text, size, "gone: %s", why_gone(replayed, token));
}
