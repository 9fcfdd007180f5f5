/*
 * sim/trace_event.h - the one vocabulary of all worlds: what a trace record can say.
 *
 * A record is 16 bytes and one text line:  TIME ACTOR EVENT OBJECT VALUE [token]
 * The list is append-only: recorded traces name kinds by number.
 *
 * X(name, text, object, soft)
 *   object  what `object` counts: NONE DEV LINE IRQ REG CPU DRV FILE CALL OFD TASK VAR
 *   soft    1: a software event, the same in simulator and on the metal, line by line
 */
#ifndef SIM_TRACE_EVENT_H
#define SIM_TRACE_EVENT_H

#include <stdint.h>

/* clang-format off */
#define SIM_TRACE_EVENTS(X)                                                                      \
    X(NONE,     "none",     NONE, 0) /* never recorded                                       */ \
    X(ARRIVE,   "arrive",   DEV,  0) /* a token (or 0) came to a device from the world; value = byte or pin */ \
    X(REQUEST,  "request",  DEV,  0) /* device starts (1) or stops (0) asking: holder of its line */ \
    X(LINE,     "line",     LINE, 0) /* wired-OR line changed; value = level                  */ \
    X(LATCH,    "latch",    IRQ,  0) /* the controller's edge latch / IRR of an input; value  */ \
    X(PENDING,  "pending",  IRQ,  0) /* pending as software sees it; value                    */ \
    X(ACTIVE,   "active",   IRQ,  0) /* in service; value                                     */ \
    X(IGNORED,  "ignored",  IRQ,  0) /* an edge came and was forgotten; value = 1 active, 2 masked, 3 no CPU targeted */ \
    X(OUTPUT,   "output",   CPU,  0) /* controller's output to a CPU; value                   */ \
    X(DROP,     "drop",     DEV,  0) /* token destroyed in a device; value = enum sim_drop    */ \
    X(BUS_BAD,  "bus-bad",  NONE, 0) /* guest error: value = address; nothing there or not allowed */ \
    X(READ,     "read-reg", REG,  1) /* a register read; value; token if one came with it     */ \
    X(WRITE,    "write-reg",REG,  1) /* a register written; value; token                      */ \
    X(TAKE,     "take",     CPU,  1) /* the CPU takes an interrupt                            */ \
    X(ACK,      "ack",      IRQ,  1) /* acknowledged; value = number the controller gave      */ \
    X(SPURIOUS, "spurious", DRV,  1) /* this taking was causeless for the driver              */ \
    X(RUN,      "run",      DRV,  1) /* irq {} starts                                         */ \
    X(EOI,      "eoi",      IRQ,  1)                                                             \
    X(LEAVE,    "leave",    CPU,  1) /* the CPU leaves the handler                            */ \
    X(MASK,     "mask",     IRQ,  1)                                                             \
    X(UNMASK,   "unmask",   IRQ,  1)                                                             \
    X(CPU_MASK, "cpu-mask", CPU,  1) /* local_irq_disable (1) / enable (0)                    */ \
    X(THREAD,   "thread",   DRV,  1) /* threaded half: 2 woken, 1 starts, 0 ends              */ \
    X(STATE_GET,"get",      VAR,  1) /* a shared variable read                                */ \
    X(STATE_SET,"set",      VAR,  1) /* a shared variable written                             */ \
    X(QUEUE,    "queue",    FILE, 1) /* a byte queued for a file; value = byte; token         */ \
    X(FULL,     "full",     FILE, 1) /* the queue was full: dropped; value = byte; token      */ \
    X(WAKE,     "wake",     FILE, 1) /* a file's wait queue called; value = key (EPOLL bits)  */ \
    X(READY,    "ready",    FILE, 1) /* an epoll entry's latch: value = instance << 8 | 1 set, 0 cleared */ \
    X(CALL,     "call",     CALL, 1) /* a system call begins; value = first argument          */ \
    X(BLOCK,    "block",    CALL, 1) /* it goes to sleep                                      */ \
    X(RETURN,   "return",   CALL, 1) /* it returns without having slept; value                */ \
    X(WOKEN,    "woken",    CALL, 1) /* it returns after having slept; value                  */ \
    X(GOT,      "got",      FILE, 1) /* a task read a byte: value = byte; token (0: stray)    */ \
    X(PUT,      "put",      FILE, 1) /* a task wrote a byte into a file: value = byte; token: its arrival if the first */ \
    X(REPORT,   "report",   FILE, 1) /* a wait reported events; value = registration << 16 | events */ \
    X(LOSE,     "lose",     FILE, 1) /* token destroyed with or in a file; value = enum sim_drop */ \
    X(TIMER,    "timer",    DEV,  0) /* a device's timer fired                                */ \
    X(TIMEOUT,  "timeout",  TASK, 1) /* a time-out or sleep of a task ran out                 */ \
    X(SLEEP,    "sleep",    FILE, 1) /* driver code sleeps (1) on a file, prepares (0), or need not (2) */ \
    X(SETTLE,   "settle",   TASK, 1)                                                             \
    X(EXIT,     "exit",     TASK, 1) /* a task ended                                          */ \
    X(LEFT,     "left",     NONE, 0) /* at the end: token lies at place `object` (enum sim_place); value = its id */ \
    X(QUIET,    "quiet",    NONE, 0) /* only the world can step, nothing armed: unread tokens are late now */ \
    X(VALUE,    "value",    VAR,  0) /* at the end: a variable an expectation names; value    */ \
    X(END,      "end",      NONE, 0) /* value = enum sim_end                                  */ \
    X(TX,       "tx",       DEV,  0) /* a byte left through a device; value; token            */ \
    X(CREATE,   "create",   FILE, 1) /* a file object was made; value = fd                    */ \
    X(FORK,     "fork",     TASK, 1) /* a task was born; value = number of its process        */ \
    X(SIGNAL,   "signal",   NONE, 1) /* a signal is sent to process `object`; value           */ \
    X(ALARM,    "alarm",    FILE, 1) /* a timerfd expired                                     */ \
    X(COMPLETE, "complete", FILE, 1) /* an asynchronous request is done; value = its result   */ \
    X(LIMIT,    "limit",    CALL, 1) /* the model's own room ran out; value = errno           */ \
    X(DONE,     "done",     CALL, 1) /* a request of POSIX AIO is done; value = its result    */ \
    X(AIM,      "affinity", IRQ,  1) /* an input is given to another CPU; value               */ \
    X(MESSAGE,  "message",  IRQ,  0) /* a device sends its message; value = data              */

/* clang-format on */

enum sim_trace_kind {

#define SIM_TRACE_ENUM(name, text, object, soft) SIM_EV_##name,
    SIM_TRACE_EVENTS(SIM_TRACE_ENUM)
#undef SIM_TRACE_ENUM
        SIM_EV_COUNT
};

/* Why a token was destroyed (DROP, LOSE, FULL). */
enum sim_drop {
    SIM_DROP_OVERRUN = 1, /* no room in a device or queue */
    SIM_DROP_MERGED,      /* another arrival stands for it */
    SIM_DROP_CLEARED,     /* its status bit was cleared before anybody read it */
    SIM_DROP_UNSEEN,      /* its pulse passed and nothing remembers it */
    SIM_DROP_CLOSED,      /* the file that held it went away */
    SIM_DROP_FORGOTTEN,   /* driver code held it and never handed it on */
};

/* Where a left token lies (LEFT). */
enum sim_place { SIM_PLACE_DEVICE = 1, SIM_PLACE_DRIVER, SIM_PLACE_FILE, SIM_PLACE_TASK };

/* How a run ended (END). */
enum sim_end { SIM_END_QUIET = 1, SIM_END_SPIN, SIM_END_STORM, SIM_END_STARVE, SIM_END_LIMIT };

struct sim_record {
    uint32_t at_lo; /* virtual ns, low half; in explore and replay the number of the step */
    uint16_t at_hi;
    uint16_t object;
    uint32_t value;
    uint8_t kind;  /* enum sim_trace_kind */
    uint8_t actor; /* lab's actor number */
    uint8_t token; /* 0: none */
    uint8_t cpu;
};

_Static_assert(sizeof(struct sim_record) == 16, "a trace record is 16 bytes");

enum {
    SIM_TRACE_STEP_MAX = 512
}; /* records of one step: an arrival on every line of a large board */

/* The record buffer of the step under way; outside the arena.  The stepper empties it. */
struct sim_trace {
    uint64_t want;           /* kinds to record, bit per kind: a search leaves the rest out */
    uint64_t at;             /* the step's time */
    uint64_t kinds;          /* kinds recorded since it began */
    struct sim_record stamp; /* what all its records have in common */
    uint16_t count;
    uint16_t lost; /* records that did not fit: a programmer error, asserted by the stepper */
    struct sim_record records[SIM_TRACE_STEP_MAX];
};

/* The next step of the same actor begins, at trace->at: the buffer is empty. */
static inline void sim_trace_next(struct sim_trace *trace)
{
    trace->count = 0;
    trace->kinds = 0;
    trace->stamp.at_lo = (uint32_t)trace->at;
    trace->stamp.at_hi = (uint16_t)(trace->at >> 32);
}

/* A step of @actor on @cpu begins. */
static inline void sim_trace_begin(struct sim_trace *trace, unsigned actor, unsigned cpu)
{
    sim_trace_next(trace);
    trace->stamp.actor = (uint8_t)actor;
    trace->stamp.cpu = (uint8_t)cpu;
}

static inline void sim_trace(struct sim_trace *trace, enum sim_trace_kind kind, unsigned object,
                             uint32_t value, unsigned token)
{
    if (!((trace->want >> kind) & 1))
        return;
    if (trace->count == SIM_TRACE_STEP_MAX) {
        trace->lost++;
        return;
    }
    struct sim_record *record = &trace->records[trace->count++];
    *record = trace->stamp;
    record->object = (uint16_t)object;
    record->value = value;
    record->kind = (uint8_t)kind;
    record->token = (uint8_t)token;
    trace->kinds |= UINT64_C(1) << kind;
}

_Static_assert(SIM_EV_COUNT <= 64, "the want mask has a bit per kind");

#endif
