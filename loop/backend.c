/* loop/backend.c - the list of back ends. */
#include "loop/backend.h"

#include <string.h>

const struct loop_backend_ops *const loop_backends[] = {
    &loop_backend_select,
    &loop_backend_poll,
    &loop_backend_epoll,
    &loop_backend_epoll_et,
    &loop_backend_epoll_oneshot,
    &loop_backend_io_uring,
    0,
};

const struct loop_backend_ops *loop_backend_find(const char *name)
{
    for (unsigned i = 0; loop_backends[i]; i++) {
        if (strcmp(loop_backends[i]->name, name) == 0)
            return loop_backends[i];
    }
    return 0;
}
