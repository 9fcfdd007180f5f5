/* loop/adapter.c - which adapters are built in. */
#include "loop/adapter.h"

#include <string.h>

const struct loop_backend_ops *const loop_adapters[] = {
#ifdef HAVE_LIBUV
    &loop_adapter_libuv,
#endif
#ifdef HAVE_LIBEV
    &loop_adapter_libev,
#endif
#ifdef HAVE_LIBEVENT
    &loop_adapter_libevent,
    &loop_adapter_libevent_et,
#endif
    0,
};

const struct loop_backend_ops *loop_adapter_find(const char *name)
{
    for (unsigned i = 0; loop_adapters[i]; i++)
        if (strcmp(loop_adapters[i]->name, name) == 0)
            return loop_adapters[i];
    return 0;
}
