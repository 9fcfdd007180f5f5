/* lab/linux_engine.c - see linux_engine.h. */
#define _GNU_SOURCE
#include "lab/linux_engine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lab/core/names.h"
#include "lab/linux_call.h"
#include "loop/adapter.h"

const struct loop_backend_ops *lab_linux_engine_ops(unsigned backend)
{
    const char *name = lab_backend_name(backend);
    const struct loop_backend_ops *own = loop_backend_find(name);

    return own ? own : loop_adapter_find(name);
}

struct lab_linux_engine lab_linux_engine_of(const struct lab_program *program, unsigned task)
{
    unsigned loop = lab_program_tasks(program)[task].loop;
    struct lab_linux_engine engine = {.fd = -1};

    if (loop && program->loop[loop - 1].engine)
        engine.ops = lab_linux_engine_ops(program->loop[loop - 1].engine - 1u);
    return engine;
}

/* What is opened meanwhile lies above the scenario's numbers: all below are taken. */
static int open_above(struct lab_linux_engine *engine)
{
    bool filled[LAB_LINUX_FD_HIGH] = {false};
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC), error;
    struct rlimit scenario, more;

    if (nothing < 0)
        return -errno;
    getrlimit(RLIMIT_NOFILE, &scenario); /* as many as the text can have */
    more = (struct rlimit){scenario.rlim_max, scenario.rlim_max};
    setrlimit(RLIMIT_NOFILE, &more);
    for (int fd = 0; fd < LAB_LINUX_FD_HIGH; fd++)
        filled[fd] =
            fd != nothing && fcntl(fd, F_GETFD) < 0 && dup3(nothing, fd, O_CLOEXEC) == fd;
    error = engine->ops->open(&engine->backend);
    for (int fd = 0; fd < LAB_LINUX_FD_HIGH; fd++)
        if (filled[fd])
            close(fd);
    close(nothing);
    setrlimit(RLIMIT_NOFILE, &scenario);
    return error;
}

int lab_linux_engine_open(struct lab_linux_engine *engine, int fd)
{
    int error;

    engine->backend =
        (struct loop_backend){.ops = engine->ops, .fd = -1, .descriptors = LAB_LINUX_FD_HIGH};
    engine->results = calloc(LOOP_RESULTS_MAX, sizeof(*engine->results));
    if (!engine->results)
        return -ENOMEM;
    error = open_above(engine);
    if (error)
        return error;
    engine->fd = fd;
    return 0;
}

/* Adds what the engine reports to what has not been told yet.  0, or a negative errno. */
static int collect(struct lab_linux_engine *engine, int64_t timeout_ns)
{
    int count;

    if (engine->at < engine->count)
        return 0; /* there is something to tell already */
    engine->at = engine->count = 0;
    count = engine->ops->wait(&engine->backend, timeout_ns, engine->results);
    engine->count = count < 0 ? 0 : count;
    return count < 0 ? count : 0;
}

/*
 * A ring holds a file that it polls until its next call, but who calls epoll_ctl() and then
 * close() has closed it: the ring is called at once.
 */
static int64_t change(struct lab_linux_engine *engine, const struct drv_call *call)
{
    struct loop_change change = {
        .op = (uint8_t)call->args[1],
        .fd = (int32_t)call->args[2],
        .events = (uint16_t)call->args[3],
        .tag = (uint16_t)((uint64_t)call->args[4] >> 32),
    };
    int error;

    if (change.fd < 0 || change.fd >= LAB_LINUX_FD_HIGH)
        return -EBADF;
    error = engine->ops->change(&engine->backend, &change);
    return error || engine->ops != &loop_backend_io_uring ? error : collect(engine, 0);
}

/* What one wait of the engine brings may be told by several of the loop. */
static int64_t wait(struct lab_linux_engine *engine, const struct drv_call *call)
{
    int64_t most = call->args[1], n = 0;
    int error = collect(engine, call->args[2]);

    if (error)
        return error;
    for (; n < most && engine->at < engine->count; n++, engine->at++) {
        const struct loop_result *result = &engine->results[engine->at];
        if (n < call->events_max)
            call->events[n] = (struct drv_event){
                .data = (int64_t)((uint32_t)result->fd | (uint64_t)result->tag << 32),
                .events = result->events & 0xffff,
            };
    }
    return n;
}

bool lab_linux_engine_call(struct lab_linux_engine *engine, const struct drv_call *call,
                           struct drv_result *ret_result)
{
    if (!engine->ops || engine->fd < 0 || call->argc < 3 || call->args[0] != engine->fd)
        return false;
    if (call->nr == DRV_NR_EPOLL_CTL)
        ret_result->value = change(engine, call);
    else if (call->nr == DRV_NR_EPOLL_WAIT)
        ret_result->value = wait(engine, call);
    else
        return false;
    return true;
}

void lab_linux_engine_close(struct lab_linux_engine *engine)
{
    if (engine->fd >= 0)
        engine->ops->close(&engine->backend);
    free(engine->results);
    *engine = (struct lab_linux_engine){.fd = -1};
}
