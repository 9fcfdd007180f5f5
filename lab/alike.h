/*
 * lab/alike.h - tasks that only their names tell apart, brought into one order in a state, so
 * that a search keeps one state where it would have one for each way to name them.
 */
#ifndef LAB_ALIKE_H
#define LAB_ALIKE_H

#include "lab/live.h"
#include "lab/split.h"

/*
 * Groups of tasks that can be exchanged in every state: the same code from their bodies on, on
 * the same CPU, in one process or each in one of its own, and no expectation names one of them.
 */
struct lab_alike {
    uint8_t groups; /* 0: there is nothing to sort */
    uint8_t
        first[DRV_TASKS_MAX + 1];  /* group g: member[first[g]] .. member[first[g + 1] - 1] */
    uint8_t member[DRV_TASKS_MAX]; /* tasks, ascending in a group */
    uint32_t body[DRV_TASKS_MAX];  /* by task: where its code begins, behind `start` */
    bool own[DRV_TASKS_MAX];       /* by task: it is alone in its process */
};

/* Finds the groups in a scenario that was laid out and bound; none reaches across @split. */
void lab_alike_open(struct lab_alike *alike, const struct lab_live *live,
                    const struct lab_split *split, const struct lab *lab);

/*
 * Exchanges tasks in the state in @lab until each group is in order.  @who, if not 0, says
 * whose part in the scenario's own words each task plays, and is brought up to date.
 */
void lab_alike_sort(const struct lab_alike *alike, struct lab *lab, uint8_t who[DRV_TASKS_MAX]);

/* The actor that plays the part of @actor, after exchanges that led to @who. */
unsigned lab_alike_actor(const struct lab *lab, const uint8_t who[DRV_TASKS_MAX],
                         unsigned actor);

/* What code one task of a group came to, the others would have come to: marks it in @reached.
 */
void lab_alike_spread(const struct lab_alike *alike, const struct lab *lab, uint8_t *reached);

#endif
