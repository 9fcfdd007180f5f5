/*
 * lab/linux_engine.h - a loop of the scenario that is driven, on Linux, by another back end
 * than its own calls: io_uring, or somebody else's library.
 *
 * The loop's task makes the calls of a loop on epoll; those on its own instance go to the
 * engine.  The engine's descriptors lie above the scenario's.
 *
 * Calling context: the member's thread.
 */
#ifndef LAB_LINUX_ENGINE_H
#define LAB_LINUX_ENGINE_H

#include "lab/core/program.h"
#include "loop/backend.h"

struct lab_linux_engine {
    const struct loop_backend_ops *ops; /* 0: the loop's own calls are real ones */
    struct loop_backend backend;
    int fd; /* the loop's instance, -1: not made yet */
    struct loop_result *results;
    int count, at; /* of the last wait; told so far */
};

/* The back end of an enum lab_backend, 0: it is not built in. */
const struct loop_backend_ops *lab_linux_engine_ops(unsigned backend);

/* The engine of @task, if it is a loop that has one; nothing is opened yet. */
struct lab_linux_engine lab_linux_engine_of(const struct lab_program *program, unsigned task);

/* The loop's instance was made and has number @fd.  0, or a negative errno. */
int lab_linux_engine_open(struct lab_linux_engine *engine, int fd);

/* Is this call for the engine?  Then it is made. */
bool lab_linux_engine_call(struct lab_linux_engine *engine, const struct drv_call *call,
                           struct drv_result *ret_result);

void lab_linux_engine_close(struct lab_linux_engine *engine);

#endif
