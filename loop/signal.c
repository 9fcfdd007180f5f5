/*
 * loop/signal.c - signals as sources.
 *
 * A handler counts the signal and rings the loop's bell: no mask is changed that a child would
 * inherit, and a storm of signals is one report.  One loop per signal, for the handler must
 * know where to count.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>

#include "loop/internal.h"

/* The handler has no argument of ours. */
static struct loop *_Atomic owner[LOOP_SIGNALS];
static struct sigaction before[LOOP_SIGNALS];

static void came(int signal)
{
    int saved = errno;
    struct loop *loop = atomic_load(&owner[signal]);

    if (loop) {
        atomic_fetch_add(&loop->signals[signal], 1);
        loop_ring(loop);
    }
    errno = saved;
}

int loop_signal_take(struct loop *loop, int signal)
{
    struct sigaction action = {.sa_handler = came, .sa_flags = SA_RESTART};
    struct loop *nobody = NULL;

    if (signal <= 0 || signal >= LOOP_SIGNALS)
        return -EINVAL;
    if (atomic_load(&owner[signal]) == loop)
        return 0;
    if (!atomic_compare_exchange_strong(&owner[signal], &nobody, loop))
        return -EBUSY;
    sigfillset(&action.sa_mask);
    if (sigaction(signal, &action, &before[signal]) < 0) {
        atomic_store(&owner[signal], NULL);
        return -errno;
    }
    return 0;
}

void loop_signal_give(struct loop *loop, int signal)
{
    if (atomic_load(&owner[signal]) != loop)
        return;
    sigaction(signal, &before[signal], NULL);
    atomic_store(&owner[signal], NULL);
    atomic_store(&loop->signals[signal], 0);
}

void loop_signals_tell(struct loop *loop)
{
    struct loop_core *core = &loop->core;
    bool told[LOOP_SIGNALS] = {false};

    for (uint32_t i = core->kinds[LOOP_SIGNAL]; i; i = core->at.slots[i].peer) {
        int signal = core->at.slots[i].of;

        if (atomic_exchange(&loop->signals[signal], 0))
            told[signal] = true;
        if (told[signal])
            loop_core_tell(core, loop_core_id(core, i), LOOP_DUE);
    }
}
