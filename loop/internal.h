/* loop/internal.h - what the files of the hosted loop share. */
#ifndef LOOP_INTERNAL_H
#define LOOP_INTERNAL_H

#include "loop/loop.h"

/* ---- loop.c ---- */
/* No slot is free: makes room for more.  -ENOSPC, -ENOMEM. */
int loop_need_slot(struct loop *loop);
/* The bell's callback: what came by it is made ready as sources of their own. */
loop_callback loop_answer_bell;
/* Tells all that is ready; returns how many. */
int loop_dispatch_all(struct loop *loop);
/* Tells the kernel now what has changed about @fd. */
int loop_tell_kernel(struct loop *loop, int fd);

/* ---- source.c ---- */
/* Something came from a signal handler or another thread: ends the wait. */
void loop_ring(struct loop *loop);
/* The bell and its source, made when first needed. */
int loop_need_bell(struct loop *loop);

/* ---- signal.c ---- */
int loop_signal_take(struct loop *loop, int signal);
/* The last source of @signal is gone. */
void loop_signal_give(struct loop *loop, int signal);
/* Makes those ready whose signal came. */
void loop_signals_tell(struct loop *loop);

#endif
