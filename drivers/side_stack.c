/* drivers/side_stack.c - stacks for C drivers that can be put away as bytes. */
#define _GNU_SOURCE
#include "drivers/side_stack.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "drivers/port_sim.h"

/*
 * Where Linux maps nothing by itself, and the same in every process: below the programs, which
 * it loads from 0x555555554000 on.  Not at 0x600000000000, where the heap of AddressSanitizer
 * lies, and nowhere that ThreadSanitizer takes for shadow memory.
 */
#define STACKS_BASE ((char *)0x550000000000)

/* The port's current machine: the one activation that runs on a side stack right now. */
static struct {
    void *stepper;              /* the stepper's stack pointer while the driver runs */
    void *driver;               /* and the other way round */
    struct drv_request request; /* what the driver asks for, or the answer to it */
    unsigned context;
    drv_answer answer; /* 0: every request is the stepper's */
    void *owner;
    drv_c_routine routine;
    struct drv_c_args args;
} current;

/*
 * Saves the callee-saved registers and the stack pointer (*@save), takes up those at @load,
 * where it returns @answer.  What else a C function may rely on across a call is the stack's
 * own.
 */
uint32_t drv_stack_switch(void **save, void *load, uint32_t answer);

/*
 * The same, but first calls @here on the stack that it takes up.  If that returns ANSWERED and
 * an answer, the caller has it at once, and its stack back.
 */
uint32_t drv_stack_ask(void **save, void *load, uint64_t (*here)(void));

#define ANSWERED (UINT64_C(1) << 32)

#if defined(__x86_64__)
enum { SAVED_WORDS = 7 }; /* r15 r14 r13 r12 rbx rbp, return address */

__asm__(".text\n"
        ".globl drv_stack_switch\n"
        ".hidden drv_stack_switch\n"
        ".type drv_stack_switch, @function\n"
        "drv_stack_switch:\n"
        "    push %rbp\n"
        "    push %rbx\n"
        "    push %r12\n"
        "    push %r13\n"
        "    push %r14\n"
        "    push %r15\n"
        "    mov %rsp, (%rdi)\n"
        "    mov %rsi, %rsp\n"
        "    mov %edx, %eax\n"
        "    pop %r15\n"
        "    pop %r14\n"
        "    pop %r13\n"
        "    pop %r12\n"
        "    pop %rbx\n"
        "    pop %rbp\n"
        "    ret\n"
        ".size drv_stack_switch, .-drv_stack_switch\n"
        ".globl drv_stack_ask\n"
        ".hidden drv_stack_ask\n"
        ".type drv_stack_ask, @function\n"
        "drv_stack_ask:\n"
        "    push %rbp\n"
        "    push %rbx\n"
        "    push %r12\n"
        "    push %r13\n"
        "    push %r14\n"
        "    push %r15\n"
        "    mov %rsp, (%rdi)\n"
        "    mov %rdi, %rbx\n"
        "    lea -8(%rsi), %rsp\n" /* where a call is aligned */
        "    call *%rdx\n"
        "    add $8, %rsp\n"
        "    bt $32, %rax\n"
        "    cmovc (%rbx), %rsp\n"
        "    pop %r15\n"
        "    pop %r14\n"
        "    pop %r13\n"
        "    pop %r12\n"
        "    pop %rbx\n"
        "    pop %rbp\n"
        "    ret\n"
        ".size drv_stack_ask, .-drv_stack_ask\n");

/* The words a fresh stack starts with, so that the first switch "returns" into @entry. */
static void *fresh(char *top, void (*entry)(void))
{
    void **sp = (void **)(void *)(top - 16); /* one word of alignment, one return address */

    sp[0] = (void *)(uintptr_t)entry;
    return sp - (SAVED_WORDS - 1);
}
#elif defined(__aarch64__)
__asm__(".text\n"
        ".globl drv_stack_switch\n"
        ".hidden drv_stack_switch\n"
        ".type drv_stack_switch, @function\n"
        "drv_stack_switch:\n"
        "    stp x29, x30, [sp, #-96]!\n"
        "    stp x19, x20, [sp, #16]\n"
        "    stp x21, x22, [sp, #32]\n"
        "    stp x23, x24, [sp, #48]\n"
        "    stp x25, x26, [sp, #64]\n"
        "    stp x27, x28, [sp, #80]\n"
        "    mov x3, sp\n"
        "    str x3, [x0]\n"
        "    mov sp, x1\n"
        "    mov w0, w2\n"
        "    ldp x19, x20, [sp, #16]\n"
        "    ldp x21, x22, [sp, #32]\n"
        "    ldp x23, x24, [sp, #48]\n"
        "    ldp x25, x26, [sp, #64]\n"
        "    ldp x27, x28, [sp, #80]\n"
        "    ldp x29, x30, [sp], #96\n"
        "    ret\n"
        ".size drv_stack_switch, .-drv_stack_switch\n"
        ".globl drv_stack_ask\n"
        ".hidden drv_stack_ask\n"
        ".type drv_stack_ask, @function\n"
        "drv_stack_ask:\n"
        "    stp x29, x30, [sp, #-96]!\n"
        "    stp x19, x20, [sp, #16]\n"
        "    stp x21, x22, [sp, #32]\n"
        "    stp x23, x24, [sp, #48]\n"
        "    stp x25, x26, [sp, #64]\n"
        "    stp x27, x28, [sp, #80]\n"
        "    mov x3, sp\n"
        "    str x3, [x0]\n"
        "    mov x19, x0\n"
        "    mov sp, x1\n"
        "    blr x2\n"
        "    tbz x0, #32, 1f\n"
        "    ldr x3, [x19]\n"
        "    mov sp, x3\n"
        "1:\n"
        "    ldp x19, x20, [sp, #16]\n"
        "    ldp x21, x22, [sp, #32]\n"
        "    ldp x23, x24, [sp, #48]\n"
        "    ldp x25, x26, [sp, #64]\n"
        "    ldp x27, x28, [sp, #80]\n"
        "    ldp x29, x30, [sp], #96\n"
        "    ret\n"
        ".size drv_stack_ask, .-drv_stack_ask\n");

static void *fresh(char *top, void (*entry)(void))
{
    void **sp = (void **)(void *)(top - 96);

    sp[1] = (void *)(uintptr_t)entry;
    return sp;
}
#else
#error "side stacks: write drv_stack_switch() for this processor"
#endif

static char *top_of(unsigned context)
{
    return STACKS_BASE + ((size_t)context + 1) * DRV_STACK_BYTES;
}

bool drv_stack_init(unsigned contexts)
{
    static unsigned mapped;
    char *wanted = STACKS_BASE + (size_t)mapped * DRV_STACK_BYTES, *at;

    if (contexts <= mapped)
        return true;
    at = mmap(wanted, (size_t)(contexts - mapped) * DRV_STACK_BYTES, PROT_READ | PROT_WRITE,
              MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (at != wanted) /* kernels before 4.17 take the address for a mere hint */
        return false;
    mapped = contexts;
    return true;
}

/* Nothing of earlier frames may show through in the holes of later ones that can be kept. */
static __attribute__((noinline)) void clear_below(unsigned context, char *sp)
{
    char *lowest = top_of(context) - DRV_STACK_LIVE_MAX;

    if (sp > lowest)
        memset(lowest, 0, (size_t)(sp - lowest));
}

/* On the stepper's stack, while the driver waits: can it go on at once? */
static uint64_t answer_at_once(void)
{
    if (!current.answer || !current.answer(current.owner, &current.request))
        return 0;
    clear_below(current.context, current.driver);
    return ANSWERED | current.request.value;
}

uint32_t drv_port_sim_ask(enum drv_port_op op, uint32_t address, uint32_t value, unsigned file,
                          unsigned device)
{
    struct drv_request *request = &current.request;

    request->address = address;
    request->value = value;
    request->op = (uint8_t)op;
    request->file = (uint8_t)file;
    request->device = (uint8_t)device;
    request->busy = 1;
    return drv_stack_ask(&current.driver, current.stepper, answer_at_once);
}

/* First function on a fresh stack. */
static void entry(void)
{
    struct drv_c_args args = current.args;

    current.routine(&args);
    current.request = (struct drv_request){.op = DRV_PORT_NONE};
    drv_stack_switch(&current.driver, current.stepper, 0);
}

/* Of a size that only the library's copy makes the best of. */
static __attribute__((noinline)) void put_away(uint8_t *to, const void *from, size_t bytes)
{
    memcpy(to, from, bytes);
}

/* There is no state to go on from, and none to tell about in a trace. */
static __attribute__((noreturn)) void die(const char *text)
{
    enum { EXIT_INTERNAL = 3 };

    (void)!write(STDERR_FILENO, text, strlen(text));
    _exit(EXIT_INTERNAL);
}

/* Runs the driver from @sp until it asks again, and puts its live bytes away. */
static inline void run(struct drv_activation *activation, unsigned context, void *sp,
                       uint32_t answer)
{
    size_t before = activation->live, live = 0;

    drv_stack_switch(&current.stepper, sp, answer);
    if (current.request.busy) {
        live = (size_t)(top_of(context) - (char *)current.driver);
        if (live > DRV_STACK_LIVE_MAX)
            die("irqlab: a driver out of a shared object uses more stack than can be kept: 512 "
                "bytes\n        at a call of drivers/port.h\n");
        put_away(activation->stack, current.driver, live);
    }
    activation->request = current.request;
    activation->live = (uint16_t)live;
    if (before > live)
        memset(activation->stack + live, 0, before - live);
}

void drv_stack_start(struct drv_activation *activation, unsigned context, drv_c_routine routine,
                     const struct drv_c_args *args, drv_answer answer, void *owner)
{
    char *top = top_of(context);

    if (!drv_stack_init(context + 1))
        die("irqlab: no memory for the stacks of drivers in C\n");
    clear_below(context, top);
    current.routine = routine;
    current.args = *args;
    current.context = context;
    current.answer = answer;
    current.owner = owner;
    run(activation, context, fresh(top, entry), 0);
}

void drv_stack_continue(struct drv_activation *activation, unsigned context, drv_answer answer,
                        void *owner)
{
    char *sp = top_of(context) - activation->live;

    current.context = context;
    current.answer = answer;
    current.owner = owner;
    clear_below(context, sp);
    memcpy(sp, activation->stack, activation->live);
    run(activation, context, sp, activation->request.value);
}
