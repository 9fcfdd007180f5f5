/* tests/bench/engine_loop.c - our loop, on each of its back ends. */
#define _GNU_SOURCE
#include <stdlib.h>

#include "engine.h"
#include "loop/loop.h"

struct ours {
    struct loop loop;
    struct ring *ring;
    loop_id id[PAIRS_MAX];
};

static struct ours *ours_of(struct loop *loop)
{
    return (struct ours *)loop;
}

static void readable(struct loop *loop, const struct loop_ready *ready, void *arg)
{
    (void)ready;
    if (!forward(ours_of(loop)->ring, (unsigned)(uintptr_t)arg))
        loop_stop(loop);
}

static bool open_loop(struct ring *ring, const struct engine *engine)
{
    struct ours *ours = calloc(1, sizeof(*ours));

    if (loop_open(&ours->loop, &(struct loop_options){.backend = engine->backend}) < 0) {
        free(ours);
        return false;
    }
    ours->ring = ring;
    for (unsigned i = 0; i < ring->pairs; i++)
        ours->id[i] =
            loop_add_io(&ours->loop, ring->in[i], LOOP_IN, readable, (void *)(uintptr_t)i);
    ring->own = ours;
    return true;
}

static void run_loop(struct ring *ring)
{
    loop_run(&((struct ours *)ring->own)->loop);
}

static void close_loop(struct ring *ring)
{
    struct ours *ours = ring->own;

    loop_close(&ours->loop);
    free(ours);
}

static uint64_t hand_clock(void *arg)
{
    return *(const uint64_t *)arg;
}

static void fired(struct loop *loop, const struct loop_ready *ready, void *arg)
{
    (void)loop;
    (void)ready;
    ++*(unsigned *)arg;
}

static bool timers(unsigned count, const struct engine *engine, double ns[3])
{
    loop_id *id = calloc(count, sizeof(*id));
    uint64_t now = 1;
    unsigned told = 0;
    struct loop loop;
    double from;

    (void)engine;
    if (loop_open(&loop, &(struct loop_options){
                             .sources = count, .clock = hand_clock, .clock_arg = &now}) < 0)
        return false;
    from = cpu_ns();
    for (unsigned i = 0; i < count; i++)
        id[i] = loop_add_timer(&loop, deadline_ns(i), 0, fired, &told);
    ns[0] = (cpu_ns() - from) / count;
    from = cpu_ns();
    for (unsigned i = 0; i < count; i += 2)
        loop_remove(&loop, id[i]);
    ns[1] = (cpu_ns() - from) / ((count + 1) / 2);
    now = 2000000000;
    from = cpu_ns();
    loop_turn(&loop, 0);
    ns[2] = (cpu_ns() - from) / (count / 2);
    loop_close(&loop);
    free(id);
    return told == count / 2;
}

#define OURS(word)                                                                             \
    {                                                                                          \
        .name = "irqlab " word, .backend = word, .open = open_loop, .run = run_loop,           \
        .close = close_loop                                                                    \
    }

const struct engine engines_loop[] = {
    {.name = "irqlab epoll",
     .backend = "epoll",
     .open = open_loop,
     .run = run_loop,
     .close = close_loop,
     .timers = timers},
    OURS("epoll-et"),
    OURS("epoll-oneshot"),
    OURS("io_uring"),
    OURS("poll"),
    OURS("select"),
    {.name = NULL},
};
