/* tests/bench/engine_libuv.c - libuv's poll handles and timers. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <uv.h>

#include "engine.h"

struct libuv {
    uv_loop_t loop;
    struct ring *ring;
    uv_poll_t handle[PAIRS_MAX];
};

static void readable(uv_poll_t *handle, int status, int events)
{
    struct libuv *own = handle->data;

    (void)status;
    (void)events;
    if (!forward(own->ring, (unsigned)(handle - own->handle)))
        uv_stop(&own->loop);
}

static bool open_libuv(struct ring *ring, const struct engine *engine)
{
    struct libuv *own = calloc(1, sizeof(*own));

    (void)engine;
    uv_loop_init(&own->loop);
    own->ring = ring;
    for (unsigned i = 0; i < ring->pairs; i++) {
        uv_poll_init(&own->loop, &own->handle[i], ring->in[i]);
        own->handle[i].data = own;
        uv_poll_start(&own->handle[i], UV_READABLE, readable);
    }
    ring->own = own;
    return true;
}

static void run_libuv(struct ring *ring)
{
    uv_run(&((struct libuv *)ring->own)->loop, UV_RUN_DEFAULT);
}

static void close_libuv(struct ring *ring)
{
    struct libuv *own = ring->own;

    for (unsigned i = 0; i < ring->pairs; i++)
        uv_close((uv_handle_t *)&own->handle[i], NULL);
    uv_run(&own->loop, UV_RUN_DEFAULT);
    uv_loop_close(&own->loop);
    free(own);
}

static unsigned told;

static void fired(uv_timer_t *timer)
{
    (void)timer;
    told++;
}

/* Milliseconds are its unit; a time-out of 0 to 999 of them, then a second goes by. */
static bool timers(unsigned count, const struct engine *engine, double ns[3])
{
    uv_timer_t *timer = calloc(count, sizeof(*timer));
    double from;
    uv_loop_t loop;

    (void)engine;
    told = 0;
    uv_loop_init(&loop);
    for (unsigned i = 0; i < count; i++)
        uv_timer_init(&loop, &timer[i]);
    from = cpu_ns();
    for (unsigned i = 0; i < count; i++)
        uv_timer_start(&timer[i], fired, deadline_ns(i) / 1000000, 0);
    ns[0] = (cpu_ns() - from) / count;
    from = cpu_ns();
    for (unsigned i = 0; i < count; i += 2)
        uv_timer_stop(&timer[i]);
    ns[1] = (cpu_ns() - from) / ((count + 1) / 2);
    usleep(1000000);
    from = cpu_ns();
    uv_run(&loop, UV_RUN_NOWAIT);
    ns[2] = (cpu_ns() - from) / (count / 2);
    for (unsigned i = 0; i < count; i++)
        uv_close((uv_handle_t *)&timer[i], NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
    free(timer);
    return told == count / 2;
}

const struct engine engines_libuv[] = {
    {.name = "libuv",
     .open = open_libuv,
     .run = run_libuv,
     .close = close_libuv,
     .timers = timers},
    {.name = NULL},
};
