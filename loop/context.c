/* loop/context.c - changing from one stack to another. */
#define _GNU_SOURCE
#include "loop/context.h"

#include <stdint.h>
#include <stdlib.h>

#ifdef LOOP_CONTEXT_UCONTEXT

/* makecontext() hands on ints only: the two pointers go in halves. */
static void start(unsigned entry_high, unsigned entry_low, unsigned arg_high, unsigned arg_low)
{
    uintptr_t entry = (uintptr_t)((uint64_t)entry_high << 32 | entry_low);
    uintptr_t arg = (uintptr_t)((uint64_t)arg_high << 32 | arg_low);

    ((void (*)(void *))entry)((void *)arg);
    abort();
}

void loop_context_make(struct loop_context *context, void *stack, size_t size,
                       void (*entry)(void *arg), void *arg)
{
    uint64_t function = (uint64_t)(uintptr_t)entry, argument = (uint64_t)(uintptr_t)arg;

    getcontext(&context->saved);
    context->saved.uc_stack.ss_sp = stack;
    context->saved.uc_stack.ss_size = size;
    context->saved.uc_link = NULL;
    makecontext(&context->saved, (void (*)(void))start, 4, (unsigned)(function >> 32),
                (unsigned)function, (unsigned)(argument >> 32), (unsigned)argument);
}

void loop_context_switch(struct loop_context *from, struct loop_context *to)
{
    swapcontext(&from->saved, &to->saved);
}

#elif defined(__x86_64__)

enum { WORD_CONTROL, WORD_R15, WORD_R14, WORD_R13, WORD_R12, WORD_RBX, WORD_RBP, WORD_RETURN };

/* Both control words lie in one: MXCSR below, the x87's above. */
__asm__(".text\n"
        ".globl loop_context_switch\n"
        ".type loop_context_switch, @function\n"
        "loop_context_switch:\n"
        "    push %rbp\n"
        "    push %rbx\n"
        "    push %r12\n"
        "    push %r13\n"
        "    push %r14\n"
        "    push %r15\n"
        "    sub $8, %rsp\n"
        "    stmxcsr (%rsp)\n"
        "    fnstcw 4(%rsp)\n"
        "    mov %rsp, (%rdi)\n"
        "    mov (%rsi), %rsp\n"
        "    ldmxcsr (%rsp)\n"
        "    fldcw 4(%rsp)\n"
        "    add $8, %rsp\n"
        "    pop %r15\n"
        "    pop %r14\n"
        "    pop %r13\n"
        "    pop %r12\n"
        "    pop %rbx\n"
        "    pop %rbp\n"
        "    ret\n"
        ".size loop_context_switch, .-loop_context_switch\n"
        /* A fresh stack "returns" to here: the argument in r12, the function in r13. */
        ".type loop_context_first, @function\n"
        "loop_context_first:\n"
        "    mov %r12, %rdi\n"
        "    xor %ebp, %ebp\n"
        "    call *%r13\n"
        "    ud2\n"
        ".size loop_context_first, .-loop_context_first\n");

void loop_context_first(void) __attribute__((visibility("hidden")));

void loop_context_make(struct loop_context *context, void *stack, size_t size,
                       void (*entry)(void *arg), void *arg)
{
    uintptr_t top = ((uintptr_t)stack + size) & ~(uintptr_t)15;
    uint64_t *words = (uint64_t *)top - (WORD_RETURN + 1);
    uint32_t mxcsr;
    uint16_t control;

    __asm__("stmxcsr %0" : "=m"(mxcsr));
    __asm__("fnstcw %0" : "=m"(control));
    words[WORD_CONTROL] = mxcsr | (uint64_t)control << 32;
    words[WORD_R12] = (uint64_t)(uintptr_t)arg;
    words[WORD_R13] = (uint64_t)(uintptr_t)entry;
    words[WORD_RETURN] = (uint64_t)(uintptr_t)loop_context_first;
    context->sp = words;
}

#elif defined(__aarch64__)

enum { FRAME_BYTES = 160, WORD_X30 = 1, WORD_X19 = 2, WORD_X20 = 3 };

__asm__(".text\n"
        ".globl loop_context_switch\n"
        ".type loop_context_switch, @function\n"
        "loop_context_switch:\n"
        "    stp x29, x30, [sp, #-160]!\n"
        "    stp x19, x20, [sp, #16]\n"
        "    stp x21, x22, [sp, #32]\n"
        "    stp x23, x24, [sp, #48]\n"
        "    stp x25, x26, [sp, #64]\n"
        "    stp x27, x28, [sp, #80]\n"
        "    stp d8, d9, [sp, #96]\n"
        "    stp d10, d11, [sp, #112]\n"
        "    stp d12, d13, [sp, #128]\n"
        "    stp d14, d15, [sp, #144]\n"
        "    mov x2, sp\n"
        "    str x2, [x0]\n"
        "    ldr x2, [x1]\n"
        "    mov sp, x2\n"
        "    ldp x19, x20, [sp, #16]\n"
        "    ldp x21, x22, [sp, #32]\n"
        "    ldp x23, x24, [sp, #48]\n"
        "    ldp x25, x26, [sp, #64]\n"
        "    ldp x27, x28, [sp, #80]\n"
        "    ldp d8, d9, [sp, #96]\n"
        "    ldp d10, d11, [sp, #112]\n"
        "    ldp d12, d13, [sp, #128]\n"
        "    ldp d14, d15, [sp, #144]\n"
        "    ldp x29, x30, [sp], #160\n"
        "    ret\n"
        ".size loop_context_switch, .-loop_context_switch\n"
        /* A fresh stack "returns" to here: the argument in x19, the function in x20. */
        ".type loop_context_first, @function\n"
        "loop_context_first:\n"
        "    mov x0, x19\n"
        "    blr x20\n"
        "    brk #0\n"
        ".size loop_context_first, .-loop_context_first\n");

void loop_context_first(void) __attribute__((visibility("hidden")));

void loop_context_make(struct loop_context *context, void *stack, size_t size,
                       void (*entry)(void *arg), void *arg)
{
    uintptr_t top = ((uintptr_t)stack + size) & ~(uintptr_t)15;
    uint64_t *words = (uint64_t *)(top - FRAME_BYTES);

    words[WORD_X19] = (uint64_t)(uintptr_t)arg;
    words[WORD_X20] = (uint64_t)(uintptr_t)entry;
    words[WORD_X30] = (uint64_t)(uintptr_t)loop_context_first;
    context->sp = words;
}

#endif
