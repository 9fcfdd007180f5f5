/*
 * lab/script_orders.c - a script on the model kernel in every order of its tasks' steps.
 *
 * A world is one block of bytes: the kernel's arena, what each task is doing, the variables.
 * Worlds are stored whole and compared whole, as in lab/explore.c.
 */
#include <stdlib.h>
#include <string.h>

#include "drivers/file.h"

#include "lab/script_model.h"

enum { WORLDS_MAX = 20000 };

/* A task's line under way, and what it gave if it was over in this group. */
struct doing {
    uint64_t active; /* the line was begun and is not over */
    int64_t args[LAB_OP_ARGS];
    struct lab_group_task group;
};

struct world {
    uint32_t outcome; /* number of the last group's outcome */
    uint32_t zero;
    int32_t var[LAB_SCRIPT_VARS];
    struct doing task[LAB_SCRIPT_TASKS];
    /* the arena follows */
};

struct worlds {
    uint8_t *bytes;
    size_t count, room;
};

struct lab_model_set {
    const struct lab_script *script;
    struct lab_model model;
    size_t world_bytes;
    struct worlds now, next, seen;
    size_t open;         /* of `seen`: the first that was not looked into */
    struct world *world; /* the one in hand; its arena is the model's */
    unsigned outcomes;   /* of the last group */
    char outcome[LAB_OUTCOMES_MAX][LAB_SEEN_TEXT];
};

/* ---- stores ---- */

static uint8_t *world_at(const struct lab_model_set *set, const struct worlds *worlds, size_t i)
{
    return worlds->bytes + i * set->world_bytes;
}

/* The world in hand as bytes, at the end of @worlds; false: no room. */
static bool store(struct lab_model_set *set, struct worlds *worlds)
{
    uint8_t *at;

    if (worlds->count == worlds->room) {
        size_t room = worlds->room ? worlds->room * 2 : 16;
        uint8_t *more;
        if (worlds->count >= WORLDS_MAX)
            return false;
        more = realloc(worlds->bytes, room * set->world_bytes);
        if (!more)
            return false;
        worlds->bytes = more;
        worlds->room = room;
    }
    at = world_at(set, worlds, worlds->count);
    memcpy(at, set->world, sizeof(struct world));
    memcpy(at + sizeof(struct world), set->model.bytes,
           set->world_bytes - sizeof(struct world));
    for (size_t i = 0; i < worlds->count; i++)
        if (memcmp(world_at(set, worlds, i), at, set->world_bytes) == 0)
            return true;
    worlds->count++;
    return true;
}

static void load(struct lab_model_set *set, const struct worlds *worlds, size_t i)
{
    const uint8_t *at = world_at(set, worlds, i);

    memcpy(set->world, at, sizeof(struct world));
    memcpy(set->model.bytes, at + sizeof(struct world), set->model.arena.size);
}

struct lab_model_set *lab_model_set_new(const struct lab_script *script,
                                        const struct lab_model_room *room)
{
    struct lab_model_set *set = calloc(1, sizeof(*set));

    if (!set)
        return 0;
    set->script = script;
    set->world = calloc(1, sizeof(*set->world));
    if (!set->world || !lab_model_init(&set->model, script, room)) {
        lab_model_set_free(set);
        return 0;
    }
    set->world_bytes = sizeof(struct world) + (set->model.arena.size + 7u) / 8 * 8;
    for (unsigned i = 0; i < LAB_SCRIPT_VARS; i++)
        set->world->var[i] = -1;
    store(set, &set->now);
    return set;
}

void lab_model_set_free(struct lab_model_set *set)
{
    if (!set)
        return;
    lab_model_free(&set->model);
    free(set->now.bytes);
    free(set->next.bytes);
    free(set->seen.bytes);
    free(set->world);
    free(set);
}

/* ---- steps ---- */

static void issue(struct lab_model_set *set, unsigned line)
{
    const struct lab_script_op *op = &set->script->op[line];
    struct doing *doing = &set->world->task[op->task];
    struct drv *drv = &set->model.drv;
    int64_t args[LAB_OP_ARGS];

    if (op->nr == LAB_OP_FIRE) {
        lab_op_resolve(op, set->world->var, args);
        lab_model_fire(&set->model, op, args);
        return;
    }
    if (op->nr == LAB_OP_EXPIRE) {
        if (doing->active && drv_task_timeout_ns(drv, op->task) >= 0)
            drv_task_timeout(drv, op->task);
        return;
    }
    doing->group.issued = 1;
    if (op->nr == LAB_OP_FORK) {
        struct lab_seen seen = {0};
        doing->group.op = (uint16_t)line;
        drv_fd_copy_table(drv, 0, op->task);
        lab_group_again(op, &doing->group, &seen);
        return;
    }
    if (doing->active) {
        doing->group.busy = 1;
        return;
    }
    doing->active = 1;
    doing->group.op = (uint16_t)line;
    lab_op_resolve(op, set->world->var, doing->args);
}

static struct drv_call call_of(struct lab_model_set *set, unsigned task, uint16_t *buf)
{
    static const uint8_t no_token[LAB_OP_ARGS];
    struct doing *doing = &set->world->task[task];
    const struct lab_script_op *op = &set->script->op[doing->group.op];

    return (struct drv_call){
        .nr = op->nr,
        .argc = op->argc,
        .args = doing->args,
        .tokens = no_token,
        .events = op->blind ? 0 : doing->group.seen.event,
        .events_max = LAB_SEEN_EVENTS,
        .buf = buf,
        .buf_max = LAB_SEEN_BYTES,
    };
}

static bool can_step(struct lab_model_set *set, unsigned task)
{
    struct doing *doing = &set->world->task[task];
    const struct drv *drv = &set->model.drv;
    struct drv_call call;

    if (!doing->active)
        return false;
    if (drv_task_parked(drv, (drv_task_id)task))
        return drv_task_ready(drv, (drv_task_id)task);
    call = call_of(set, task, 0);
    return !drv_call_locked_out(drv, (drv_task_id)task, &call);
}

static void take_step(struct lab_model_set *set, unsigned task)
{
    struct doing *doing = &set->world->task[task];
    const struct lab_script_op *op = &set->script->op[doing->group.op];
    uint16_t buf[LAB_SEEN_BYTES] = {0};
    struct drv_call call = call_of(set, task, buf);
    struct lab_seen seen = doing->group.seen; /* what a step reports, the next one keeps */
    struct drv_result result = {0};
    enum drv_step step;

    call.events = op->blind ? 0 : seen.event;
    for (unsigned i = 0; i < LAB_SEEN_BYTES; i++)
        buf[i] = seen.byte[i];
    step = drv_call_step(&set->model.drv, (drv_task_id)task, &call, &result);
    set->model.drv.readied.n = 0;
    for (unsigned i = 0; i < LAB_SEEN_BYTES; i++)
        seen.byte[i] = (uint8_t)buf[i];
    doing->group.seen = seen;
    if (step != DRV_DONE)
        return;
    lab_seen_of_call(&call, &result, &seen);
    lab_op_assign(op, &seen, set->world->var);
    if (lab_group_again(op, &doing->group, &seen))
        return;
    memset(doing->args, 0, sizeof(doing->args));
    doing->active = 0;
}

/* ---- groups ---- */

/* Everybody sleeps or is idle: the outcome, and the world as the next group finds it. */
static void finish(struct lab_model_set *set, unsigned lines, struct lab_model_outcomes *out)
{
    struct world *world = set->world;
    struct lab_group group = {0};
    char text[LAB_SEEN_TEXT];
    unsigned i = 0;

    for (unsigned t = 0; t < LAB_SCRIPT_TASKS; t++) {
        struct doing *doing = &world->task[t];
        group.task[t] = doing->group;
        if (doing->group.returned && doing->group.seen.value == -DRV_ENOSYS)
            out->not_built = true;
        doing->group.issued = doing->group.busy = 0;
        if (doing->group.returned)
            memset(doing, 0, sizeof(*doing));
    }
    lab_group_text(set->script, world->var, lines, &group, text, sizeof(text));
    while (i < out->count && strcmp(out->text[i], text) != 0)
        i++;
    if (i == LAB_OUTCOMES_MAX) {
        out->bounded = true;
        return;
    }
    if (i == out->count)
        memcpy(out->text[out->count++], text, sizeof(text));
    world->outcome = i;
    out->bounded |= !store(set, &set->next);
}

/* All orders from the world in hand. */
static void explore(struct lab_model_set *set, unsigned lines, struct lab_model_outcomes *out)
{
    set->seen.count = 0;
    out->bounded |= !store(set, &set->seen);
    for (set->open = 0; set->open < set->seen.count; set->open++) {
        bool any = false;
        for (unsigned t = 0; t < LAB_SCRIPT_TASKS; t++) {
            load(set, &set->seen, set->open);
            if (!can_step(set, t))
                continue;
            any = true;
            take_step(set, t);
            out->bounded |= !store(set, &set->seen);
        }
        if (any)
            continue;
        load(set, &set->seen, set->open);
        finish(set, lines, out);
    }
}

/* Outcomes in alphabetical order, so that their order says nothing. */
static void sort_outcomes(struct lab_model_set *set, struct lab_model_outcomes *out)
{
    uint32_t place[LAB_OUTCOMES_MAX];
    char text[LAB_OUTCOMES_MAX][LAB_SEEN_TEXT];

    for (unsigned i = 0; i < out->count; i++) {
        place[i] = 0;
        for (unsigned k = 0; k < out->count; k++)
            place[i] += strcmp(out->text[k], out->text[i]) < 0;
    }
    for (unsigned i = 0; i < out->count; i++)
        memcpy(text[place[i]], out->text[i], LAB_SEEN_TEXT);
    memcpy(out->text, text, out->count * (size_t)LAB_SEEN_TEXT);
    for (size_t i = 0; i < set->now.count; i++) {
        struct world *world = (struct world *)(void *)world_at(set, &set->now, i);
        world->outcome = place[world->outcome];
    }
}

void lab_model_set_run(struct lab_model_set *set, unsigned first,
                       struct lab_model_outcomes *ret_outcomes)
{
    unsigned lines = lab_group_lines(set->script, first);
    struct worlds spare;

    memset(ret_outcomes, 0, sizeof(*ret_outcomes));
    set->next.count = 0;
    for (size_t i = 0; i < set->now.count; i++) {
        load(set, &set->now, i);
        set->world->outcome = 0;
        for (unsigned k = 0; k < lines; k++)
            issue(set, first + k);
        explore(set, lines, ret_outcomes);
    }
    spare = set->now;
    set->now = set->next;
    set->next = spare;
    sort_outcomes(set, ret_outcomes);
    for (unsigned i = 0; i < ret_outcomes->count; i++)
        memcpy(set->outcome[i], ret_outcomes->text[i], LAB_SEEN_TEXT);
    set->outcomes = ret_outcomes->count;
}

bool lab_model_set_keep(struct lab_model_set *set, const char *outcome)
{
    size_t kept = 0;
    unsigned number = 0;

    while (number < set->outcomes && strcmp(set->outcome[number], outcome) != 0)
        number++;
    for (size_t i = 0; i < set->now.count; i++) {
        const struct world *world = (const void *)world_at(set, &set->now, i);
        if (world->outcome != number)
            continue;
        if (kept != i)
            memcpy(world_at(set, &set->now, kept), world, set->world_bytes);
        kept++;
    }
    set->now.count = kept;
    return kept > 0;
}

size_t lab_model_set_count(const struct lab_model_set *set)
{
    return set->now.count;
}

const struct lab_model *lab_model_set_look(struct lab_model_set *set, int32_t *ret_var,
                                           uint8_t *ret_asleep)
{
    if (!set->now.count)
        return 0;
    load(set, &set->now, 0);
    memcpy(ret_var, set->world->var, sizeof(set->world->var));
    *ret_asleep = 0;
    for (unsigned t = 0; t < LAB_SCRIPT_TASKS; t++)
        *ret_asleep |= (uint8_t)(set->world->task[t].active << t);
    return &set->model;
}
