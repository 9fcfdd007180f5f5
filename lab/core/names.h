/*
 * lab/core/names.h - every name the scenario language knows beforehand.
 *
 * Source: docs/language.md; data sheets for registers (each table in names_regs.c says which);
 * Linux 6.x uapi headers (x86-64 and arm64 agree on all numbers used here) for flags.
 *
 * Pure tables and look-ups: no state, callable from anywhere. Enum values index the tables, so
 * they are stable within one build only: never store them in a file.
 */
#ifndef LAB_CORE_NAMES_H
#define LAB_CORE_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* clang-format off */
/* X(id, name) in the order of the language reference. */
#define LAB_MACHINES(X)               \
    X(TEXTBOOK,      "textbook")      \
    X(VIRT,          "virt")          \
    X(VIRT_GICV3,    "virt-gicv3")    \
    X(VEXPRESS_A9,   "vexpress-a9")   \
    X(VERSATILEPB,   "versatilepb")   \
    X(MPS2_AN385,    "mps2-an385")    \
    X(PC,            "pc")            \
    X(PC_IOAPIC,     "pc-ioapic")     \
    X(RISCV_VIRT,    "riscv-virt")    \
    X(RISCV_AIA,     "riscv-aia")

/* Device models, then the chips of the controllers under their own names. */
#define LAB_MODELS(X)                 \
    X(SOURCE,        "source")        \
    X(LINE,          "line")          \
    X(PL011,         "pl011")         \
    X(PL031,         "pl031")         \
    X(PL061,         "pl061")         \
    X(SP804,         "sp804")         \
    X(CMSDK_UART,    "cmsdk-uart")    \
    X(CMSDK_TIMER,   "cmsdk-timer")   \
    X(NS16550,       "ns16550")       \
    X(I8254,         "i8254")         \
    X(VIRTIO,        "virtio")

#define LAB_CHIPS(X)                  \
    X(GICD,          "gicd")          \
    X(GICC,          "gicc")          \
    X(V2M,           "v2m")           \
    X(GICR,          "gicr")          \
    X(SGI,           "sgi")           \
    X(ITS,           "its")           \
    X(SCS,           "scs")           \
    X(VIC,           "vic")           \
    X(SIC,           "sic")           \
    X(PIC0,          "pic0")          \
    X(PIC1,          "pic1")          \
    X(ELCR,          "elcr")          \
    X(IOAPIC,        "ioapic")        \
    X(LAPIC,         "lapic")         \
    X(PLIC,          "plic")          \
    X(APLICM,        "aplicm")        \
    X(APLICS,        "aplics")

/* X(id, name, fewest arguments, most arguments, signature). A signature has a letter for each
 * argument, the last one repeating after '*':
 *   v any value            s a file name (STR)       k flag words or a value
 *   o a variable that the call assigns (both ends)   t a token, a value or a STR
 *   b a group in braces    T a time or a value       B a group, or a value in the last place
 *   p a task name or a process number                a the name of an `async`
 *   g a group of signals or a value                  x a value or a STR (bytes, no tokens) */
#define LAB_SYSCALLS(X)                                       \
    X(OPEN,            "open",            1, 2,   "sk")       \
    X(CLOSE,           "close",           1, 1,   "v")        \
    X(DUP,             "dup",             1, 1,   "v")        \
    X(DUP2,            "dup2",            2, 2,   "vv")       \
    X(READ,            "read",            1, 2,   "vv")       \
    X(WRITE,           "write",           2, 256, "vt*")      \
    X(FILL,            "fill",            2, 2,   "vv")       \
    X(LSEEK,           "lseek",           3, 3,   "vvk")      \
    X(FCNTL,           "fcntl",           2, 3,   "vkp")      \
    X(PIPE,            "pipe",            2, 3,   "ook")      \
    X(SOCKETPAIR,      "socketpair",      2, 3,   "ook")      \
    X(SHUTDOWN,        "shutdown",        2, 2,   "vk")       \
    X(EVENTFD,         "eventfd",         0, 2,   "vk")       \
    X(TIMERFD_CREATE,  "timerfd_create",  0, 1,   "k")        \
    X(TIMERFD_SETTIME, "timerfd_settime", 2, 3,   "vTT")      \
    X(SIGNALFD,        "signalfd",        2, 3,   "vgk")      \
    X(KILL,            "kill",            2, 2,   "pk")       \
    X(SIGPROCMASK,     "sigprocmask",     2, 2,   "kg")       \
    X(PIDFD_OPEN,      "pidfd_open",      1, 2,   "pk")       \
    X(MKFIFO,          "mkfifo",          1, 1,   "s")        \
    X(OPENPTY,         "openpty",         2, 2,   "oo")       \
    X(LISTEN,          "listen",          1, 2,   "sv")       \
    X(ACCEPT,          "accept",          1, 2,   "vk")       \
    X(CONNECT,         "connect",         1, 2,   "st")       \
    X(SENDFD,          "sendfd",          2, 2,   "vv")       \
    X(RECVFD,          "recvfd",          1, 1,   "v")        \
    X(GETSOCKOPT,      "getsockopt",      2, 2,   "vk")       \
    X(SETSOCKOPT,      "setsockopt",      3, 3,   "vkv")      \
    X(SETRLIMIT,       "setrlimit",       2, 2,   "kv")       \
    X(FORK,            "fork",            0, 0,   "")         \
    X(EXEC,            "exec",            0, 0,   "")         \
    X(EXIT,            "exit",            0, 1,   "v")        \
    X(WAIT,            "wait",            0, 1,   "v")        \
    X(SCHED_YIELD,     "sched_yield",     0, 0,   "")         \
    X(NANOSLEEP,       "nanosleep",       1, 1,   "T")        \
    X(POLL,            "poll",            1, 65,  "B*")       \
    X(SELECT,          "select",          2, 3,   "bbT")      \
    X(EPOLL_CREATE,    "epoll_create",    0, 1,   "k")        \
    X(EPOLL_CTL,       "epoll_ctl",       3, 5,   "vkvkv")    \
    X(EPOLL_WAIT,      "epoll_wait",      1, 3,   "vvT")      \
    X(EPOLL_PWAIT2,    "epoll_pwait2",    1, 4,   "vvTg")     \
    X(AIO_READ,        "aio_read",        3, 4,   "vvvk")     \
    X(AIO_WRITE,       "aio_write",       3, 4,   "vxvk")     \
    X(AIO_FSYNC,       "aio_fsync",       1, 3,   "vkk")      \
    X(AIO_ERROR,       "aio_error",       1, 1,   "v")        \
    X(AIO_RETURN,      "aio_return",      1, 1,   "v")        \
    X(AIO_SUSPEND,     "aio_suspend",     1, 2,   "bT")       \
    X(AIO_CANCEL,      "aio_cancel",      1, 2,   "vv")       \
    X(LIO_LISTIO,      "lio_listio",      2, 66,  "kB*")      \
    X(IO_SETUP,        "io_setup",        0, 1,   "v")        \
    X(IO_SUBMIT,       "io_submit",       2, 65,  "vb*")      \
    X(IO_GETEVENTS,    "io_getevents",    2, 4,   "vvvT")     \
    X(IO_CANCEL,       "io_cancel",       2, 2,   "vv")       \
    X(IO_DESTROY,      "io_destroy",      1, 1,   "v")        \
    X(IO_URING_SETUP,  "io_uring_setup",  0, 2,   "vk")       \
    X(IO_URING_ENTER,  "io_uring_enter",  1, 66,  "vB*")      \
    X(ASYNC_SEND,      "async_send",      1, 1,   "a")        \
    X(SPEND,           "spend",           1, 1,   "T")        \
    X(SETTLE,          "settle",          0, 0,   "")

/* X(id, name, fewest, most, signature, blocks): calls of driver blocks. In a signature f is one
 * of the driver's files, d a device, other letters as above. `blocks` has a letter for each
 * block that may use it: n init, i irq, t thread, o open, c release, r read, w write,
 * p poll. */
#define LAB_KCALLS(X)                                                       \
    X(PUSH,              "push",              0, 2, "fv", "nitocrwp")       \
    X(QUEUE,             "queue",             0, 2, "fv", "nitocrwp")       \
    X(WAKE,              "wake",              0, 1, "f",  "nitocrwp")       \
    X(ROOM,              "room",              0, 1, "f",  "nitocrwp")       \
    X(COUNT,             "count",             0, 1, "f",  "nitocrwp")       \
    X(ARRIVAL,           "arrival",           1, 2, "dv", "it")             \
    X(SLEEP,             "sleep",             0, 1, "f",  "trw")            \
    X(PREPARE,           "prepare",           0, 1, "f",  "trw")            \
    X(DISABLE_IRQ,       "disable_irq",       0, 0, "",   "nitocrwp")       \
    X(ENABLE_IRQ,        "enable_irq",        0, 0, "",   "nitocrwp")       \
    X(LOCAL_IRQ_DISABLE, "local_irq_disable", 0, 0, "",   "nitocrwp")       \
    X(LOCAL_IRQ_ENABLE,  "local_irq_enable",  0, 0, "",   "nitocrwp")       \
    X(SET_AFFINITY,      "set_affinity",      1, 1, "v",  "nitocrwp")       \
    X(ACK,               "ack",               0, 0, "",   "it")             \
    X(EOI,               "eoi",               0, 0, "",   "it")             \
    X(WAKE_THREAD,       "wake_thread",       0, 0, "",   "i")              \
    X(KSPEND,            "spend",             1, 1, "T",  "nitocrwp")       \
    X(LINE_ASSERT,       "assert",            0, 0, "",   "nitocrwp")       \
    X(LINE_DEASSERT,     "deassert",          0, 0, "",   "nitocrwp")

/* X(id, name, fewest, most): what the world does to a device. */
#define LAB_VERBS(X)                  \
    X(SEND,          "send",     1, 255)  \
    X(RECEIVE,       "receive",  1, 255)  \
    X(ASSERT,        "assert",   0, 0)    \
    X(DEASSERT,      "deassert", 0, 0)    \
    X(PULSE,         "pulse",    0, 1)    \
    X(DRIVE,         "drive",    2, 3)    \
    X(FINISH,        "finish",   0, 1)

#define LAB_MEASURES(X)               \
    X(RUNS,          "runs")          \
    X(SPURIOUS,      "spurious")      \
    X(WAKES,         "wakes")         \
    X(REPEATS,       "repeats")       \
    X(EMPTY,         "empty")         \
    X(OVERRUNS,      "overruns")      \
    X(STRAYS,        "strays")        \
    X(COUNT,         "count")

#define LAB_ENDINGS(X)               \
    X(STORM,         "storm")         \
    X(STARVE,        "starve")        \
    X(SPIN,          "spin")          \
    X(HANG,          "hang")

#define LAB_TRIGGERS(X)               \
    X(EDGE,          "edge")          \
    X(LEVEL,         "level")         \
    X(FALLING,       "falling")       \
    X(LOW,           "low")           \
    X(BOTH,          "both")          \
    X(MSI,           "msi")

#define LAB_FLOWS(X)                  \
    X(LEVEL,         "level")         \
    X(EDGE,          "edge")          \
    X(FASTEOI,       "fasteoi")       \
    X(MANUAL,        "manual")

#define LAB_BACKENDS(X)               \
    X(SELECT,        "select")        \
    X(POLL,          "poll")          \
    X(EPOLL,         "epoll")         \
    X(EPOLL_ET,      "epoll-et")      \
    X(EPOLL_ONESHOT, "epoll-oneshot") \
    X(IO_URING,      "io_uring")      \
    X(LIBUV,         "libuv")         \
    X(LIBEV,         "libev")         \
    X(LIBEVENT,      "libevent")

#define LAB_COSTS(X)                  \
    X(TAKE,          "take")          \
    X(ACCESS,        "access")        \
    X(LEAVE,         "leave")         \
    X(CALL,          "call")          \
    X(DISK,          "disk")
/* clang-format on */

#define X(id, name) LAB_MACHINE_##id,

enum lab_machine_id { LAB_MACHINES(X) LAB_MACHINE_COUNT };

#undef X
#define X(id, name) LAB_MODEL_##id,

enum lab_model {
    LAB_MODELS(X) LAB_MODEL_COUNT, /* device models are below it, chips from it on */
    LAB_CHIP_BEFORE_FIRST = LAB_MODEL_COUNT - 1,
    LAB_CHIPS(X) LAB_MODEL_END
};

#undef X
#define X(id, name, min, max, sig) LAB_SYS_##id,

enum lab_syscall { LAB_SYSCALLS(X) LAB_SYS_COUNT };

#undef X
#define X(id, name, min, max, sig, blocks) LAB_K_##id,

enum lab_kcall { LAB_KCALLS(X) LAB_K_COUNT_ };

#undef X
#define X(id, name, min, max) LAB_VERB_##id,

enum lab_verb { LAB_VERBS(X) LAB_VERB_COUNT };

#undef X
#define X(id, name) LAB_MEASURE_##id,

enum lab_measure { LAB_MEASURES(X) LAB_MEASURE_COUNT_ };

#undef X
#define X(id, name) LAB_ENDING_##id,

enum lab_ending { LAB_ENDINGS(X) LAB_ENDING_COUNT };

#undef X
#define X(id, name) LAB_TRIGGER_##id,

enum lab_trigger { LAB_TRIGGERS(X) LAB_TRIGGER_COUNT };

#undef X
#define X(id, name) LAB_FLOW_##id,

enum lab_flow { LAB_FLOWS(X) LAB_FLOW_COUNT };

#undef X
#define X(id, name) LAB_BACKEND_##id,

enum lab_backend { LAB_BACKENDS(X) LAB_BACKEND_COUNT };

#undef X
#define X(id, name) LAB_COST_##id,

enum lab_cost_kind { LAB_COSTS(X) LAB_COST_COUNT };

#undef X

enum lab_request {
    LAB_REQUEST_HELD,    /* asks while it holds a token */
    LAB_REQUEST_LATCHED, /* an arrival sets the request, ACK ends it */
    LAB_REQUEST_PULSE    /* an arrival asks for a given time */
};

enum lab_access { LAB_READ = 1, LAB_WRITE = 2 };

struct lab_bit {
    const char *name;
    uint32_t mask;
};

/* A register of a model; with `count` above 1 it is an array REG[0] … REG[count - 1]. */
struct lab_register {
    const char *name;
    uint32_t offset;
    uint16_t count;
    uint16_t stride;            /* bytes from REG[i] to REG[i + 1] */
    uint8_t width;              /* bytes of one access: 1, 2, 4 or 8 */
    uint8_t access;             /* LAB_READ | LAB_WRITE */
    const struct lab_bit *bits; /* ends with a null name; null: none are named */
};

struct lab_call {
    const char *name;
    uint16_t min, max;
    const char *signature;
    const char *blocks; /* driver calls only */
};

struct lab_flag {
    const char *name;
    int64_t value;
};

struct lab_board_device {
    uint8_t model;
    uint8_t count;  /* instances on the board */
    uint8_t irq[4]; /* of instance 0 … 3; for more they go on counting from irq[0] */
    uint32_t base;  /* registers of instance 0; 0: not built */
};

struct lab_board {
    const char *controller;      /* for messages: "the PL190" */
    uint16_t irq_first, irq_end; /* inputs that `irq N` can name: first <= N < end */
    const char *irq_what;        /* what the number counts: "SPI", "input" … */
    bool msi;
    bool any_device;                        /* textbook: every model at every irq */
    const struct lab_board_device *devices; /* ends with count 0 */
    const uint8_t *chips;                   /* enum lab_model, ends with 0 */
};

/* Names by id. */
const char *lab_machine_name(unsigned machine);
const char *lab_model_name(unsigned model); /* devices and chips */
const char *lab_trigger_name(unsigned trigger);
const char *lab_flow_name(unsigned flow);
const char *lab_backend_name(unsigned backend);
const char *lab_cost_name(unsigned cost);
const char *lab_verb_name(unsigned verb);
const char *lab_measure_name(unsigned measure);
const char *lab_ending_name(unsigned ending);
const char *lab_block_name(unsigned block); /* enum lab_block */

/* Ids by name; -1 if there is none. Names need not end with a 0. */
int lab_find_machine(const char *name, size_t length);
int lab_find_model(const char *name, size_t length); /* device models only */
int lab_find_trigger(const char *name, size_t length);
int lab_find_flow(const char *name, size_t length);
int lab_find_backend(const char *name, size_t length);
int lab_find_cost(const char *name, size_t length);
int lab_find_verb(const char *name, size_t length);
int lab_find_measure(const char *name, size_t length);
int lab_find_ending(const char *name, size_t length);
int lab_find_syscall(const char *name, size_t length); /* knows ppoll, pselect */
int lab_find_kcall(const char *name, size_t length);
int lab_find_block(const char *name, size_t length);

/* Calls by id. */
const struct lab_call *lab_syscall_row(unsigned syscall);
const struct lab_call *lab_kcall_row(unsigned kcall);
const struct lab_call *lab_verb_row(unsigned verb); /* without signature */

/* The board of a machine. */
const struct lab_board *lab_board(unsigned machine);
/* The irq of the n-th device of a model on a board; -1 if the board has no such device. */
int lab_board_irq(unsigned machine, unsigned model, unsigned instance);
/* Where its registers are; 0 if it has none. */
uint32_t lab_board_base(unsigned machine, unsigned model, unsigned instance);
/* Why the machine's controller cannot take a trigger; null if it can. */
const char *lab_trigger_refused(unsigned machine, unsigned trigger);
/* The default flow of a trigger on a machine. */
enum lab_flow lab_default_flow(unsigned machine, unsigned trigger);
/* The enum lab_model of a chip of this machine by name; -1 if it has none of this name. */
int lab_find_chip(unsigned machine, const char *name, size_t length);

/* What the world can do to a model: bit 1 << enum lab_verb. */
uint32_t lab_model_verbs(unsigned model);
bool lab_model_is_timer(unsigned model); /* makes tokens tick1, tick2 … */
bool lab_model_is_disk(unsigned model);  /* makes tokens disk1, disk2 … */

/* The registers of a model or chip, *ret_count of them; null and 0 if it has none. */
const struct lab_register *lab_registers(unsigned model, size_t *ret_count);
int lab_find_register(unsigned model, const char *name, size_t length);
/* The mask of a bit of a register; 0 if it has no bit of this name. */
uint32_t lab_find_bit(const struct lab_register *reg, const char *name, size_t length);
/* A mask name of the data sheets of a model (RXFE); false if the model has none. */
bool lab_find_mask(unsigned model, const char *name, size_t length, int64_t *ret_value);

/* Flags, error numbers, signals, words of the AIO calls, with Linux's values. */
const struct lab_flag *lab_flags(size_t *ret_count);
bool lab_find_flag(const char *name, size_t length, int64_t *ret_value);

#endif
