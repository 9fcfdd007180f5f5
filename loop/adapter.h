/*
 * loop/adapter.h - other people's loops behind our table of back ends: libuv, libev, libevent.
 *
 * What is watched, the time-out of a wait and what comes of it go through the library's own
 * watchers and timer; sources, priorities and callbacks stay with loop/core.h.  Each is there
 * only if the library was when this was built.  What a library does differently shows:
 *
 *   libuv     level only; makes a descriptor non-blocking; a second handle of a descriptor is
 *             EEXIST, a regular file EPERM; an error ends the watch
 *   libev     level only; a regular file is always ready (emulated)
 *   libevent  level, and edge if asked (EV_ET); a hang-up is readable and writable
 *
 * Source: uv_poll_t of docs.libuv.org, ev(3) of libev 4.33, event(3) of libevent 2.1.
 */
#ifndef LOOP_ADAPTER_H
#define LOOP_ADAPTER_H

#include "loop/backend.h"

/* All that are built in, ending with 0. */
extern const struct loop_backend_ops *const loop_adapters[];

/* The adapter of that name, 0 if it is not built in. */
const struct loop_backend_ops *loop_adapter_find(const char *name);

extern const struct loop_backend_ops loop_adapter_libuv, loop_adapter_libev,
    loop_adapter_libevent, loop_adapter_libevent_et;

/* ---- what the adapters share ---- */

/* What a turn of the library brings together. */
struct loop_reports {
    struct loop_result *results;
    int count;
    bool expired; /* the time-out of the wait */
};

/* Adds one, if there is room: what is level is reported again, and so nothing is lost. */
static inline void loop_report(struct loop_reports *reports, uint32_t events, int fd,
                               uint32_t tag)
{
    if (reports->count < LOOP_RESULTS_MAX)
        reports->results[reports->count++] = (struct loop_result){events, fd, tag};
}

#endif
