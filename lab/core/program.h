/*
 * lab/core/program.h - a compiled scenario: one point of the knobs as one block of bytes.
 *
 * Position-independent and the same on every machine with little-endian, naturally aligned
 * integers: no pointers, only offsets from the block's start.  The command hands it to the
 * virtual machine of this process, the runner copies it into a board's memory.
 *
 * Code is for a stack machine.  A *visible* operation is a step of its own (docs/language.md,
 * "Steps"); a *lazy* one looks at what others may change and therefore belongs to the step that
 * follows it; all others are computation.
 */
#ifndef LAB_CORE_PROGRAM_H
#define LAB_CORE_PROGRAM_H

#include <stdint.h>

#include "drivers/drv.h"
#include "loop/aio.h"
#include "sim/sim.h"

#define LAB_PROGRAM_MAGIC 0x316c6231u /* "1bl1" */

enum {
    LAB_WORLDS = 16,
    LAB_TOKENS = 256,
    LAB_CODE_MAX = 65535,
    LAB_NO_CODE = 0xffff,
    LAB_FRAME_SLOTS_MAX = 250,
    LAB_SHARED_MAX = 250,
};

/* X(OP, operand bytes).  Stack effects are in lab/core/vm.c, one case each. */
/* clang-format off */
#define LAB_OPS(X)                                                                         \
    X(END, 0)       /* the block or task ends                                           */ \
    X(RETURN, 0)    /* pop: the block's value                                           */ \
    X(INT8, 1)      /* push a signed constant                                           */ \
    X(INT32, 4)                                                                            \
    X(INT64, 8)                                                                            \
    X(TOKEN, 1)     /* push a token's byte, bearing it                                  */ \
    X(TOKEN_NEXT, 3)/* first, count, counter slot: push the next number of a name       */ \
    X(LOAD, 1)      /* push a slot of this frame                                        */ \
    X(STORE, 1)     /* pop into a slot                                                  */ \
    X(SHARED, 1)    /* push a shared variable that nothing assigns after the start      */ \
    X(SHARED_SET, 1)/* pop into a shared variable, in `start`                           */ \
    X(STARTED, 1)   /* the process's `start` is over: its other tasks may go            */ \
    X(DUP, 0)                                                                              \
    X(OVER, 0)      /* push a copy of the slot below the top                            */ \
    X(POP, 0)                                                                              \
    X(NEG, 0) X(NOT, 0) X(COMPL, 0)                                                        \
    X(MUL, 0) X(DIV, 0) X(MOD, 0) X(ADD, 0) X(SUB, 0) X(SHL, 0) X(SHR, 0)                  \
    X(LT, 0) X(GT, 0) X(LE, 0) X(GE, 0) X(EQ, 0) X(NE, 0) X(AND, 0) X(XOR, 0) X(OR, 0)     \
    X(JUMP, 2)      /* absolute                                                         */ \
    X(JUMP_ZERO, 2) /* pop, jump if 0                                                   */ \
    X(JUMP_SET, 2)  /* pop, jump if not 0                                               */ \
    X(SPEND, 0)     /* pop: ns that pass before the next step                           */ \
    X(BUF, 0)       /* pop i, push buf[i]                                               */ \
    X(BYTE, 0)      /* push the byte of write {}                                        */ \
    X(EACH, 5)      /* depth, index slot, count slot, target: push data, events or jump */ \
    X(OUT, 1)       /* push drv_result.out[n] of the call before                        */ \
    X(LOOP_NEW, 0)  /* pop the eventfd, -1 none, and the epoll instance: the loop begins */ \
    X(LOOP_ON, 1)   /* callback: pop events and descriptor                              */ \
    X(LOOP_OFF, 0)  /* pop a descriptor                                                 */ \
    X(LOOP_TIMER, 1)/* callback: pop period, 0 none, and delay                          */ \
    X(LOOP_ASYNC, 1)/* callback: pop which async                                        */ \
    X(LOOP_NEXT, 0) /* push events, descriptor and callback of who is next, 0 nobody    */ \
    X(LOOP_TELL, 0) /* pop what read() of the eventfd gave: asyncs are told             */ \
    X(LOOP_CHANGE, 0) /* push epoll_ctl()'s arguments, and whether there is a change    */ \
    X(LOOP_CHANGED, 0) /* pop what it returned                                          */ \
    X(LOOP_WAIT, 0) /* push the arguments of the wait                                   */ \
    X(LOOP_FEED, 0) /* pop what it returned                                             */ \
    X(ROOM, 1)      /* lazy: file; push                                                 */ \
    X(QUEUED, 1)    /* lazy: file; push                                                 */ \
    X(ARRIVAL, 2)   /* lazy: device, pin; push                                          */ \
    X(RREG, 7)      /* visible: device, register, size, offset u32; push                */ \
    X(RREG_AT, 8)   /* visible: the same and stride; pop i; push                        */ \
    X(WREG, 7)      /* visible: pop value                                               */ \
    X(WREG_AT, 8)   /* visible: pop value, then i                                       */ \
    X(GET, 1)       /* visible: shared variable; push                                   */ \
    X(SET, 1)       /* visible: shared variable; pop                                    */ \
    X(PUSH, 1)      /* visible: file; pop                                               */ \
    X(QUEUE, 1)     /* visible: file; pop                                               */ \
    X(WAKE, 1)      /* visible: file                                                    */ \
    X(PREPARE, 1)   /* visible: file                                                    */ \
    X(SLEEP, 1)     /* visible: file; parks                                             */ \
    X(MASK, 2)      /* visible: controller input                                        */ \
    X(UNMASK, 2)    /* visible                                                          */ \
    X(AIM, 2)       /* visible: controller input; pop the CPU it is given to            */ \
    X(CPU_MASK, 1)  /* visible: 1 disable, 0 enable                                     */ \
    X(ACK, 1)       /* visible: driver; push the controller's number                    */ \
    X(EOI, 1)       /* visible: driver                                                  */ \
    X(WAKE_THREAD, 1) /* visible: driver                                                */ \
    X(ASSERT, 2)    /* visible: line device, level                                      */ \
    X(CALL, 3)      /* visible: nr, args, flags (enum lab_call_flag); pop args, push    */

/* clang-format on */

enum lab_opcode {

#define LAB_OP_ENUM(op, bytes) LAB_DO_##op,
    LAB_OPS(LAB_OP_ENUM)
#undef LAB_OP_ENUM
        LAB_DO_COUNT_
};

enum lab_call_flag {
    LAB_CALL_EVENTS = 1, /* what it reports is walked by a foreach: keep it */
    LAB_CALL_BUF = 2,    /* its bytes are looked at */
    LAB_CALL_DEPTH = 16, /* times the nesting of that foreach */
};

/* A stretch of code and the frame it needs. */
struct lab_routine {
    uint16_t entry; /* LAB_NO_CODE: there is none */
    uint8_t vars;   /* slots of variables, first in the frame */
    uint8_t slots;  /* variables and the deepest operand stack */
};

struct lab_task_code {
    struct lab_routine routine;
    uint8_t process;
    uint8_t cpu;
    uint8_t self;          /* 1 .. of NAME * N, else 0 */
    uint8_t events_max;    /* entries a foreach may walk; 0: none */
    uint8_t foreach_depth; /* nesting of such */
    uint8_t loop;          /* 1 + which loop it runs, 0: none */
    uint16_t buf_max;      /* bytes of buf; 0: never looked at */
    uint16_t name;         /* offset in the names */
};

enum { LAB_CHIP_DEVICE = 0xff }; /* device of a register access: the offset is an address */

enum { LAB_THIS_FILE = 0xff }; /* file of a kernel call: the one the block was called for */

/* Its register in a trace: chip * rows + row, as far as they go. */
enum { LAB_TRACE_CHIPS = 7, LAB_TRACE_CHIP_ROWS = 36 };

enum lab_action_when { LAB_ACT_NOW, LAB_ACT_AT, LAB_ACT_AFTER, LAB_ACT_SETTLE };

struct lab_world_action {
    uint64_t ns;
    uint32_t arg;
    uint8_t when; /* enum lab_action_when */
    uint8_t verb; /* enum sim_verb */
    uint8_t device;
    uint8_t token;
};

/* Statistics an expectation names: only these are state in a search. */
enum lab_counter_kind {
    LAB_COUNT_RUNS,
    LAB_COUNT_SPURIOUS,
    LAB_COUNT_WAKES,
    LAB_COUNT_REPEATS,
    LAB_COUNT_EMPTY,
    LAB_COUNT_OVERRUNS,
    LAB_COUNT_STRAYS,
    LAB_COUNTER_KINDS
};

struct lab_counter {
    uint8_t kind; /* enum lab_counter_kind */
    uint8_t who;  /* driver, task or device */
    uint16_t
        most; /* saturate here in a search: one above the largest constant compared with it */
};

enum { LAB_COUNTERS_MAX = 64, LAB_VALUES_MAX = 64 };

/* A task's variable that an expectation names: reported at the end. */
struct lab_watched {
    uint8_t task;
    uint8_t slot; /* of the frame, or of the shared variables */
    uint8_t shared;
    uint8_t zero;
};

enum lab_loop_backend {
    LAB_LOOP_EPOLL,
    LAB_LOOP_EPOLL_ET,
    LAB_LOOP_EPOLL_ONESHOT,
    LAB_LOOP_POLL, /* from here on: told with each wait what is watched */
    LAB_LOOP_SELECT,
};

enum {
    LAB_LOOPS_MAX = 8,
    LAB_LOOP_ASYNCS = 32,    /* of one loop */
    LAB_CALLBACKS_MAX = 100, /* of one loop */
    LAB_CALLBACK_WAKE = 127, /* the eventfd of its asyncs */
    LAB_LOOP_REPORTS = 16,   /* of one wait */
};

/* Arguments of a wait by poll() or select() with so many places. */
#define LAB_LOOP_SCAN_ARGS(polls) (4u + 2u * (polls))

/* An event loop; `sources` and `descriptors` are sizes of its arrays. */
struct lab_loop_config {
    uint8_t backend; /* enum lab_loop_backend */
    uint8_t sources, descriptors;
    uint8_t polls;  /* descriptors that poll() or select() can be told */
    uint8_t engine; /* 1 + enum lab_backend that makes its calls on Linux, 0: it does itself */
    uint8_t emulates; /* what epoll refuses is ready always, as libev has it */
    uint8_t zero[2];
};

struct lab_program {
    uint32_t magic;
    uint32_t size; /* of the whole block */
    uint32_t hash; /* of all bytes after this field */
    uint32_t zero;
    uint64_t limit_steps;
    uint32_t limit_ticks;
    uint32_t cost_take, cost_access, cost_leave, cost_call, cost_disk; /* ns */
    struct sim_config sim;
    struct drv_config drv;
    struct loop_aio_config aio;
    struct lab_loop_config loop[LAB_LOOPS_MAX];
    uint8_t zero3[2];
    struct lab_routine block[DRV_DRIVERS_MAX][DRV_BLOCKS];
    uint8_t process_starts[DRV_PROCESSES_MAX]; /* 1: its first task begins with start {} */
    uint8_t worlds, tokens, shared;            /* tokens: ids 1 .. tokens */
    uint8_t counters, watched, loops;
    uint8_t nest; /* handlers that can be active on one CPU */
    uint8_t late; /* 1: an expectation names `late`; else a search does not track it */
    uint8_t process_shared; /* of the shared variables, how many belong to processes */
    uint8_t shared_of_process[LAB_SHARED_MAX]; /* 1 + which of those it is, 0: a driver's */
    uint8_t aims;                              /* inputs change their CPU */
    uint32_t tasks_at;                         /* struct lab_task_code x drv.tasks */
    uint32_t actions_at;                       /* struct lab_world_action x actions */
    uint32_t actions;
    uint16_t world_first[LAB_WORLDS + 1]; /* world w has actions [w] .. [w + 1] - 1 */
    uint16_t zero2;
    uint8_t token_byte[LAB_TOKENS];
    uint8_t token_device[LAB_TOKENS]; /* device it goes to, 0xff: a task's */
    struct lab_counter counter[LAB_COUNTERS_MAX];
    struct lab_watched watch[LAB_VALUES_MAX];
    uint32_t code_at, code_size;
    uint32_t content_at, content_size; /* bytes of regular files */
    uint32_t names_at, names_size; /* 0-terminated names; offsets below count from names_at */
    uint16_t token_name[LAB_TOKENS];
    uint16_t device_name[SIM_DEVICES_MAX];
    uint16_t driver_name[DRV_DRIVERS_MAX];
    uint16_t file_name[DRV_DRIVERS_MAX * 2];
    uint16_t world_name[LAB_WORLDS];
    uint16_t shared_name[LAB_SHARED_MAX];
    uint16_t watch_name[LAB_VALUES_MAX]; /* "task.variable" */
};

/* The child of a task by a path of 4 bits each, the first child lowest; the task itself if
 * there is no such place. */
static inline unsigned lab_descendant(const struct drv_config *drv, unsigned task,
                                      unsigned path)
{
    for (; path; path >>= 4)
        for (unsigned t = 0; t < drv->tasks; t++)
            if (drv->task_parent[t] == task + 1 && drv->task_nth[t] == (path & 15)) {
                task = t;
                break;
            }
    return task;
}

static inline const char *lab_program_name(const struct lab_program *program, uint16_t name)
{
    return (const char *)program + program->names_at + name;
}

static inline const struct lab_task_code *lab_program_tasks(const struct lab_program *program)
{
    return (const struct lab_task_code *)(const void *)((const char *)program +
                                                        program->tasks_at);
}

static inline const struct lab_world_action *
lab_program_actions(const struct lab_program *program)
{
    return (const struct lab_world_action *)(const void *)((const char *)program +
                                                           program->actions_at);
}

static inline const uint8_t *lab_program_code(const struct lab_program *program)
{
    return (const uint8_t *)program + program->code_at;
}

/* The enum drv_builtin of the C driver that serves an enum sim_model. */
unsigned lab_builtin_of(unsigned model);

#endif
