/* lab/replayed.c - see replayed.h. */
#define _POSIX_C_SOURCE 200809L
#include "lab/replayed.h"

#include <stdlib.h>
#include <string.h>

#include "drivers/side_stack.h"

unsigned lab_replayed_agent(const struct lab *lab, unsigned actor)
{
    const struct lab_actor *a = &lab->actor[actor];

    return a->who == LAB_WHO_TAKE ? lab->first[LAB_WHO_CPU] + (unsigned)a->index : actor;
}

static bool keep(struct lab_replayed *r)
{
    size_t n = r->lab.trace.count;

    if (r->room - r->count < n) {
        size_t room = 2 * r->room + n + 256;
        struct sim_record *records = realloc(r->records, room * sizeof(*records));
        if (!records)
            return false;
        r->records = records;
        r->room = room;
    }
    memcpy(r->records + r->count, r->lab.trace.records, n * sizeof(*r->records));
    r->count += n;
    return true;
}

static bool ended(const struct lab *lab, unsigned actor)
{
    const struct lab_actor *a = &lab->actor[actor];

    if (a->who == LAB_WHO_WORLD)
        return lab->world[a->index] >=
               lab->program->world_first[a->index + 1] - lab->program->world_first[a->index];
    if (a->who == LAB_WHO_TASK)
        return lab->task[a->index] & LAB_TASK_GONE;
    return a->who != LAB_WHO_THREAD;
}

/* Notes why @actor steps and not the one before; false: it cannot. */
static bool note_switch(struct lab_replayed *r, size_t i, unsigned actor)
{
    uint8_t choices[LAB_ACTORS_MAX];
    unsigned n = lab_choices(&r->lab, choices);
    bool can = false, could_go_on = false;
    unsigned before = i ? r->step[i - 1].actor : actor;
    unsigned agent = lab_replayed_agent(&r->lab, before);

    for (unsigned k = 0; k < n; k++) {
        can |= choices[k] == actor;
        could_go_on |= lab_replayed_agent(&r->lab, choices[k]) == agent;
    }
    r->step[i] = (struct lab_replayed_step){
        .actor = (uint8_t)actor, .before = (uint8_t)before, .first = r->count};
    if (agent != lab_replayed_agent(&r->lab, actor))
        r->step[i].why = could_go_on             ? LAB_SWITCH_PREEMPTED
                         : ended(&r->lab, agent) ? LAB_SWITCH_ENDED
                                                 : LAB_SWITCH_WAITS;
    return can;
}

bool lab_replayed_make(struct lab_replayed *ret, const struct lab_program *program,
                       const uint8_t *actors, size_t steps)
{
    struct lab *lab = &ret->lab;
    bool good = true;

    memset(ret, 0, sizeof(*ret));
    lab->counts = &ret->counts;
    lab_layout(lab, program, 0, lab_bench_sim_context_bytes());
    ret->bytes = aligned_alloc(64, (lab->arena.size + 127u) & ~(size_t)63);
    ret->step = calloc(steps + 1, sizeof(*ret->step));
    if (!ret->bytes || !ret->step || !drv_stack_init(LAB_CONTEXTS_MAX))
        return false;
    sim_arena_place(&lab->arena, ret->bytes);
    lab_start(lab, &lab_bench_sim);
    for (size_t i = 0; i < steps && good; i++) {
        good = note_switch(ret, i, actors[i]);
        if (!good)
            break;
        lab->trace.at = i + 1;
        lab_step(lab, actors[i]);
        lab->drv.readied.n = 0;
        lab->sim.armed = 0;
        good = keep(ret);
        ret->steps++;
    }
    ret->step[ret->steps].first = ret->count;
    return good;
}

void lab_replayed_free(struct lab_replayed *replayed)
{
    free(replayed->bytes);
    free(replayed->records);
    free(replayed->step);
    memset(replayed, 0, sizeof(*replayed));
}
