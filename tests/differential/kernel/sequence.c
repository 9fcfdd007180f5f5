/* tests/differential/kernel/sequence.c - see sequence.h. */
#define _GNU_SOURCE
#include "tests/differential/kernel/sequence.h"

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "drivers/file.h"

const struct lab_model_room sequence_room = {.fds = 20, .items = 120, .pipe_bytes = 256};

bool sequence_is_defined(const struct lab_model *model, const struct lab_script_op *op,
                         const int64_t *args)
{
    const struct drv *drv = &model->drv;
    drv_ofd_id ofd;
    drv_file_id file;

    if (op->nr != DRV_NR_WRITE && op->nr != DRV_NR_FILL)
        return true;
    ofd = drv_fd_ofd(drv, op->task, args[0]);
    if (ofd == DRV_NONE)
        return true;
    file = drv->ofd[ofd].file;
    return drv_file_kind(drv, file) != DRV_FILE_REGULAR ||
           drv->offset[ofd] + args[1] <= drv->config->file[file].content_size;
}

enum { PATIENCE_MS = 50 }; /* for the interrupt of a timer that has run out */

/* ---- the host, in this process ---- */

bool sequence_host_init(struct host *host, const struct lab_script *files)
{
    *host = (struct host){
        .linux.scale = 1, .linux.names = (unsigned)getpid(), .fds = sequence_room.fds};
    host->linux.scratch = malloc(LAB_LINUX_BYTES);
    if (!host->linux.scratch)
        return false;
    lab_linux_clean(host->linux.names); /* of another with this number, which was killed */
    for (unsigned i = 0; i < LAB_LINUX_FILES; i++)
        host->linux.file[i] = -1;
    for (unsigned i = 0; i < files->files; i++)
        if (files->file[i].kind == DRV_FILE_REGULAR &&
            (host->linux.file[i] =
                 lab_linux_file(files->file[i].content, files->file[i].size)) < 0)
            return false;
    return lab_linux_clear(host->fds);
}

void sequence_host_reset(struct host *host, const struct lab_script *files)
{
    static const struct timespec at_once;
    sigset_t all;

    syscall(SYS_close_range, 3u, 3u + host->fds, 0u);
    for (unsigned i = 0; i < files->files; i++) {
        if (files->file[i].kind == DRV_FILE_FIFO)
            lab_linux_clean(host->linux.names);
        if (files->file[i].kind == DRV_FILE_REGULAR &&
            (ftruncate(host->linux.file[i], files->file[i].size) != 0 ||
             pwrite(host->linux.file[i], files->file[i].content, files->file[i].size, 0) < 0))
            abort();
    }
    sigfillset(&all);
    while (sigtimedwait(&all, 0, &at_once) > 0)
        ;
}

/*
 * The timer of the descriptor is due now or in an hour: waits only for the first.  No time left
 * is a timer that is not armed, has run out, or runs out this very moment: one that was set
 * since the last look may need some more.
 */
static void fire(struct host *host, int fd)
{
    struct itimerspec left;
    struct pollfd timer = {.fd = fd, .events = POLLIN};

    if (timerfd_gettime(fd, &left) != 0 || left.it_value.tv_sec != 0)
        return;
    if (left.it_value.tv_nsec != 0 || host->timer_set)
        poll(&timer, 1, left.it_value.tv_nsec != 0 ? -1 : PATIENCE_MS);
    host->timer_set = false;
}

void sequence_host_call(struct host *host, const struct lab_script_op *op, const int64_t *args,
                        struct lab_seen *ret_seen)
{
    uint16_t buf[LAB_SEEN_BYTES] = {0};
    struct drv_result result;
    struct drv_call call = {
        .nr = op->nr,
        .argc = op->argc,
        .args = args,
        .events = op->blind ? 0 : ret_seen->event,
        .events_max = LAB_SEEN_EVENTS,
        .buf = buf,
        .buf_max = LAB_SEEN_BYTES,
    };

    if (op->nr == LAB_OP_FIRE) {
        fire(host, (int)args[0]);
        memset(ret_seen, 0, sizeof(*ret_seen));
        return;
    }
    host->timer_set |= op->nr == DRV_NR_TIMERFD_SETTIME && args[1] > 0;
    lab_linux_call(&host->linux, &call, &result);
    lab_seen_of_call(&call, &result, ret_seen);
}

bool sequence_model_call(struct lab_model *model, const struct lab_script_op *op,
                         const int64_t *args, struct lab_seen *ret_seen)
{
    if (op->nr != LAB_OP_FIRE)
        return lab_model_call(model, op, args, ret_seen);
    lab_model_fire(model, op, args);
    memset(ret_seen, 0, sizeof(*ret_seen));
    return true;
}

/* ---- on both ---- */

static void note(struct difference *difference, const struct lab_script *script,
                 const int32_t *var, unsigned line, const struct lab_seen *model,
                 const struct lab_seen *host)
{
    const struct lab_script_op *op = &script->op[line];

    difference->line = line;
    snprintf(difference->model, sizeof(difference->model), "asleep");
    if (model)
        lab_seen_text(script, var, op, model, difference->model, sizeof(difference->model));
    lab_seen_text(script, var, op, host, difference->linux, sizeof(difference->linux));
    /* numbers of descriptors are no text, but they can differ */
    if (model && strcmp(difference->model, difference->linux) == 0) {
        snprintf(difference->model, sizeof(difference->model), "%" PRId64 ", %" PRId64,
                 model->value, model->out[1]);
        snprintf(difference->linux, sizeof(difference->linux), "%" PRId64 ", %" PRId64,
                 host->value, host->out[1]);
    }
}

bool sequence_differs(struct host *host, struct lab_model *model,
                      const struct lab_script *script, struct difference *ret_difference)
{
    int32_t var[LAB_SCRIPT_VARS];
    int64_t args[LAB_OP_ARGS];
    static struct lab_seen seen[2];

    memset(var, -1, sizeof(var));
    lab_model_reset(model);
    sequence_host_reset(host, script);
    for (unsigned i = 0; i < script->ops; i++) {
        const struct lab_script_op *op = &script->op[i];
        bool done;
        lab_op_resolve(op, var, args);
        if (!sequence_is_defined(model, op, args))
            return false;
        done = sequence_model_call(model, op, args, &seen[0]);
        if (done)
            sequence_host_call(host, op, args, &seen[1]);
        if (!done || !lab_seen_equal(&seen[0], &seen[1])) {
            note(ret_difference, script, var, i, done ? &seen[0] : 0, &seen[1]);
            return true;
        }
        lab_op_assign(op, &seen[0], var);
    }
    return false;
}

/* Are the lines of the group such in the state that is looked at? */
static bool is_defined_now(struct lab_model_set *set, const struct lab_script *script,
                           unsigned first)
{
    int32_t var[LAB_SCRIPT_VARS];
    int64_t args[LAB_OP_ARGS];
    uint8_t asleep;
    const struct lab_model *model = lab_model_set_look(set, var, &asleep);

    for (unsigned i = first; i < first + lab_group_lines(script, first); i++) {
        lab_op_resolve(&script->op[i], var, args);
        if (!sequence_is_defined(model, &script->op[i], args))
            return false;
    }
    return true;
}

bool sequence_differs_blocked(const struct lab_script *script,
                              struct difference *ret_difference)
{
    struct lab_model_set *set = lab_model_set_new(script, &sequence_room);
    struct lab_linux_run *run = malloc(sizeof(*run));
    struct lab_model_outcomes *outcomes = malloc(sizeof(*outcomes));
    bool differs = false;

    if (!set || !run || !outcomes)
        abort();
    lab_linux_run(script, sequence_room.fds, run);
    for (unsigned i = 0; i < script->ops && !differs; i += lab_group_lines(script, i)) {
        if (!is_defined_now(set, script, i))
            break;
        lab_model_set_run(set, i, outcomes);
        if (outcomes->bounded)
            break;
        differs = run->failed || !lab_model_set_keep(set, run->outcome[i]);
        if (!differs)
            continue;
        ret_difference->line = i;
        ret_difference->model[0] = '\0';
        for (unsigned k = 0; k < outcomes->count; k++) {
            size_t at = strlen(ret_difference->model);
            snprintf(ret_difference->model + at, sizeof(ret_difference->model) - at, "%s%s",
                     k ? " | " : "", outcomes->text[k]);
        }
        snprintf(ret_difference->linux, sizeof(ret_difference->linux), "%s",
                 run->failed ? run->why : run->outcome[i]);
    }
    lab_model_set_free(set);
    free(run);
    free(outcomes);
    return differs;
}

/* ---- shrinking ---- */

/* Lines that begin together are of different tasks. */
static bool is_sound(const struct lab_script *script)
{
    for (unsigned i = 0; i < script->ops; i += lab_group_lines(script, i)) {
        unsigned tasks = 0;
        for (unsigned k = i; k < i + lab_group_lines(script, i); k++) {
            if (tasks >> script->op[k].task & 1)
                return false;
            tasks |= 1u << script->op[k].task;
        }
    }
    return script->ops > 0 && !script->op[script->ops - 1].beside;
}

/* Tries @candidate; if it differs, too, it takes the place of the script. */
static bool try(const struct shrinker *shrinker, const struct lab_script *candidate,
                struct lab_script *script, struct difference *difference)
{
    struct difference other = {0};

    if (!is_sound(candidate) || !shrinker->differs(shrinker->with, candidate, &other))
        return false;
    *script = *candidate;
    *difference = other;
    /* what comes after it shows nothing */
    script->ops = (uint16_t)(other.line + lab_group_lines(script, other.line));
    return true;
}

static bool without_lines(const struct shrinker *shrinker, struct lab_script *script,
                          struct difference *difference, unsigned many)
{
    static struct lab_script candidate;
    bool any = false;

    for (unsigned at = 0; at + many <= script->ops;) {
        candidate = *script;
        memmove(&candidate.op[at], &candidate.op[at + many],
                (candidate.ops - at - many) * sizeof(candidate.op[0]));
        candidate.ops = (uint16_t)(candidate.ops - many);
        if (try(shrinker, &candidate, script, difference))
            any = true;
        else
            at++;
    }
    return any;
}

/* Arguments that are numbers: 0, or half. */
static bool smaller(const struct shrinker *shrinker, struct lab_script *script,
                    struct difference *difference)
{
    static struct lab_script candidate;
    bool any = false;

    for (unsigned i = 0; i < script->ops; i++) {
        bool named = script->op[i].nr == DRV_NR_OPEN || script->op[i].nr == DRV_NR_LISTEN ||
                     script->op[i].nr == DRV_NR_CONNECT || script->op[i].nr == DRV_NR_MKFIFO ||
                     script->op[i].nr == DRV_NR_KILL || script->op[i].nr == DRV_NR_SOCKETPAIR;
        bool counted = script->op[i].nr == DRV_NR_POLL || script->op[i].nr == DRV_NR_SELECT ||
                       script->op[i].nr == DRV_NR_WRITE;
        for (unsigned k = counted ? 2
                          : named ? 1
                                  : 0;
             i < script->ops && k < script->op[i].argc; k++) {
            int64_t number = script->op[i].arg[k];
            if (script->op[i].var[k] || number == 0 || number == -1 ||
                script->op[i].nr == DRV_NR_SELECT)
                continue;
            candidate = *script;
            candidate.op[i].arg[k] = 0;
            any |= try(shrinker, &candidate, script, difference);
        }
    }
    return any;
}

void sequence_shrink(const struct shrinker *shrinker, struct lab_script *script,
                     struct difference *difference)
{
    bool any = true;

    script->ops = (uint16_t)(difference->line + lab_group_lines(script, difference->line));
    while (any) {
        any = false;
        for (unsigned many = script->ops / 2; many; many /= 2)
            any |= without_lines(shrinker, script, difference, many);
    }
    smaller(shrinker, script, difference);
    while (without_lines(shrinker, script, difference, 1))
        ;
}
