/*
 * lab/core/clock.h - virtual time's own state, and what its three files share: what a step does
 * (clock.c), who comes next (agenda.c), whether a run goes round (cycle.c).
 */
#ifndef LAB_CORE_CLOCK_H
#define LAB_CORE_CLOCK_H

#include "lab/core/internal.h"

#define LAB_NEVER UINT64_MAX

/* What one CPU is doing. */
struct lab_clock_cpu {
    uint64_t due;      /* when the step under way takes effect */
    uint64_t soft_end; /* until then it can be interrupted */
    uint64_t shared; /* since when the running task has kept another waiting; LAB_NEVER: it has
                        not */
    uint64_t slice;  /* what is left of its slice */
    uint8_t actor;   /* 1 + the actor whose step is under way, 0: idle */
    uint8_t task;    /* 1 + the task that has the CPU, 0: none */
    uint8_t ready;   /* tasks in its queue */
    uint8_t hint;    /* 1 + input the controller asked for when the take began */
    uint32_t zero;
};

/* A step that was interrupted. */
struct lab_clock_rest {
    uint64_t left; /* time it still needs; without `begun`: spend() that comes before it */
    uint32_t tail; /* of it, what cannot be interrupted */
    uint32_t begun;
};

struct lab_clock {
    uint64_t now;
    uint64_t steps;
    struct lab_clock_cpu cpu[SIM_CPUS_MAX];
};

/* What comes next. */
struct lab_event {
    uint64_t at; /* LAB_NEVER: nothing does */
    uint8_t actor;
    uint8_t cpu;  /* whose step, else LAB_NO_ACTOR */
    bool preempt; /* the task's slice is over: no step */
};

/*
 * Stands the actor before its next step and adds what it spends until then to its rest.  A look
 * at a queue, or an arrival taken, may leave records.
 */
enum lab_cost_class lab_clock_prepare(struct lab *lab, unsigned actor);
/* Puts the task at the end of its CPU's queue. */
void lab_agenda_enqueue(struct lab *lab, unsigned task);
/* Finds what comes next; begins steps of CPUs on the way.  Records QUIET. */
struct lab_event lab_agenda_next(struct lab *lab);
/*
 * C code of the handler under way asks for @request: the step that it is in ends, and the one
 * it asks for is done at once if nobody disputes that; what it gives is then in
 * @request->value.  Else it waits as always.
 */
bool lab_clock_answers(struct lab *lab, struct drv_request *request);
/* Finds anew until when only CPUs act: the horizon; 0: that is not to be told. */
uint64_t lab_agenda_look(struct lab *lab);
/* The slice of the CPU's task is over. */
void lab_agenda_preempt(struct lab *lab, unsigned cpu);

/* The deadline @due is @at, 0: there is none any more. */
static inline void lab_set_due(struct lab *lab, uint64_t *due, uint64_t at)
{
    *due = at;
    if (at && at < lab->horizon)
        lab->horizon = at;
}

/* The task that had the CPU has it no longer. */
static inline void lab_give_cpu_up(struct lab_clock_cpu *c)
{
    c->task = 0;
    c->shared = LAB_NEVER;
}

/* The CPU begins to take an interrupt: for the input that asks now. */
static inline void lab_prepare_take(struct lab *lab, unsigned cpu, struct lab_clock_cpu *c)
{
    c->hint = (uint8_t)(sim_irq_best(&lab->sim, cpu) + 1);
    if (lab->bench->take)
        lab->bench->take(lab, cpu);
    if (lab->sink && lab->sink->step)
        lab->sink->step(lab->sink, lab->first[LAB_WHO_TAKE] + cpu, true);
}

#endif
