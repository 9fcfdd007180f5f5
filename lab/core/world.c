/* lab/core/world.c - the worlds: what acts on the devices, one token an action. */
#include "lab/core/internal.h"

const struct lab_world_action *lab_world_next(const struct lab *lab, unsigned world)
{
    unsigned first = lab->program->world_first[world],
             end = lab->program->world_first[world + 1];
    unsigned at = first + lab->world[world];

    return at < end ? &lab->actions[at] : 0;
}

bool lab_world_can(const struct lab *lab, const struct lab_world_action *action)
{
    return sim_can_act(&lab->sim, action->device, (enum sim_verb)action->verb, action->arg);
}

bool lab_world_enabled(struct lab *lab, unsigned world)
{
    const struct lab_world_action *action = lab_world_next(lab, world);

    return action && lab_world_can(lab, action);
}

void lab_world_step(struct lab *lab, unsigned world)
{
    const struct lab_world_action *action = lab_world_next(lab, world);

    lab->world[world]++;
    sim_act(&lab->sim, action->device, (enum sim_verb)action->verb, action->arg, action->token);
}
