/* lab/script_model.c - a script on the model kernel, call by call. */
#include "lab/script_model.h"

#include <stdlib.h>
#include <string.h>

#include "drivers/file.h"

enum { CONTENT_ROOM = 16384 }; /* that a regular file can grow to */

const struct lab_model_room lab_model_room_default = {
    .fds = 52, .items = 120, .pipe_bytes = 128};

static void plan(struct lab_model *model, const struct lab_script *script,
                 const struct lab_model_room *room)
{
    struct drv_config *config = &model->config;
    /* where few can be open there is room for each to be of the same kind */
    bool few = room->fds <= 24;
    unsigned at = 0;

    *config = (struct drv_config){
        .tasks = script->tasks ? script->tasks : 1,
        .processes = 1,
        .fixed_files = script->files,
        /* each open object has a descriptor or a call that holds it */
        .pipes = few ? room->fds : (uint8_t)(room->fds / 2 + 2),
        .eventfds = room->fds,
        .epolls = room->fds,
        .sockets = (uint8_t)(room->fds + (few ? 12 : 2)),
        .timerfds = few ? room->fds : 12,
        .signalfds = few ? room->fds : 4,
        .pidfds = 4,
        .ptys = 8,
        .aios = 4,
        .urings = 4,
        .jobs = 48,
        .cqes = 64,
        .socket_packets = 128,
        .families = 1,
        .signals = 1,
        .ofds = (uint8_t)(room->fds + 4 * LAB_SCRIPT_TASKS),
        .fds = room->fds,
        .items = room->items,
        .poll_max = LAB_OP_ARGS / 2,
        .narrow_queues = 1,
        .early_numbers = 1,
        .pipe_bytes = room->pipe_bytes,
    };
    for (unsigned i = 0; i < script->ops; i++)
        if (script->op[i].nr == LAB_OP_FORK)
            config->task_process[script->op[i].task] = config->processes++;
    for (unsigned i = 0; i < script->files; i++) {
        config->file[i] = (struct drv_file_config){.kind = script->file[i].kind,
                                                   .content_size = script->file[i].size,
                                                   .content_at = at,
                                                   .content_room = CONTENT_ROOM};
        memcpy(model->content + at, script->file[i].content, script->file[i].size);
        at += script->file[i].size;
    }
}

bool lab_model_init(struct lab_model *model, const struct lab_script *script,
                    const struct lab_model_room *room)
{
    memset(model, 0, sizeof(*model));
    plan(model, script, room);
    drv_layout(&model->drv, &model->config, &model->arena, 0, 0);
    model->drv.content = model->content;
    sim_arena_seal(&model->arena);
    model->bytes = aligned_alloc(64, (model->arena.size + 63u) / 64 * 64);
    if (!model->bytes)
        return false;
    memset(model->bytes, 0, (model->arena.size + 63u) / 64 * 64);
    sim_arena_place(&model->arena, model->bytes);
    drv_bind(&model->drv, &model->trace, model->token_byte);
    drv_reset(&model->drv);
    return true;
}

void lab_model_reset(struct lab_model *model)
{
    drv_reset(&model->drv);
}

void lab_model_free(struct lab_model *model)
{
    free(model->bytes);
    model->bytes = 0;
}

bool lab_model_call(struct lab_model *model, const struct lab_script_op *op,
                    const int64_t *args, struct lab_seen *ret_seen)
{
    static const uint8_t no_token[LAB_OP_ARGS];
    uint16_t buf[LAB_SEEN_BYTES] = {0};
    struct drv_result result = {0};
    struct drv_call call = {
        .nr = op->nr,
        .argc = op->argc,
        .args = args,
        .tokens = no_token,
        .events = op->blind ? 0 : ret_seen->event,
        .events_max = LAB_SEEN_EVENTS,
        .buf = buf,
        .buf_max = LAB_SEEN_BYTES,
    };
    enum drv_step step;

    do {
        step = drv_call_step(&model->drv, op->task, &call, &result);
    } while (step == DRV_AGAIN);
    model->drv.readied.n = 0;
    if (step != DRV_DONE)
        return false;
    lab_seen_of_call(&call, &result, ret_seen);
    return true;
}

void lab_model_fire(struct lab_model *model, const struct lab_script_op *op,
                    const int64_t *args)
{
    enum { SECOND_NS = 1000000000 };

    struct drv *drv = &model->drv;
    drv_ofd_id ofd = drv_fd_ofd(drv, op->task, args[0]);
    unsigned alarm;

    if (ofd == DRV_NONE || drv_file_kind(drv, drv->ofd[ofd].file) != DRV_FILE_TIMERFD)
        return;
    alarm = drv->ofd[ofd].file - (unsigned)drv->slot[DRV_FILE_TIMERFD];
    if (drv_alarm_ns(drv, alarm) && drv_alarm_ns(drv, alarm) < SECOND_NS)
        drv_alarm_fire(drv, alarm);
}
