/*
 * loop/context.h - where a coroutine stopped: its stack, and how to change to another.
 *
 * x86-64 and AArch64 have a switch of their own (24 instructions at most: what the calling
 * convention lets a callee keep, control words included); others use ucontext(3), which costs
 * two system calls per switch.  LOOP_CONTEXT_UCONTEXT asks for that everywhere.
 *
 * Source: System V psABI for x86-64, 3.2.1; AAPCS64, 6.1.  Not kept: the signal mask.
 */
#ifndef LOOP_CONTEXT_H
#define LOOP_CONTEXT_H

#include <stddef.h>

#if !defined(__x86_64__) && !defined(__aarch64__) && !defined(LOOP_CONTEXT_UCONTEXT)
#define LOOP_CONTEXT_UCONTEXT
#endif

#ifdef LOOP_CONTEXT_UCONTEXT
#include <ucontext.h>

struct loop_context {
    ucontext_t saved;
};

#else

struct loop_context {
    void *sp;
};

#endif

/*
 * Before its first step: the first switch to @context calls @entry(@arg) on the @size bytes at
 * @stack.  @entry never returns; it switches away for good.
 */
void loop_context_make(struct loop_context *context, void *stack, size_t size,
                       void (*entry)(void *arg), void *arg);

/* Stops here, in @from, and goes on where @to stopped. */
void loop_context_switch(struct loop_context *from, struct loop_context *to);

#endif
