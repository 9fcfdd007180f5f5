/*
 * lab/core/lab.h - the stepper: everything that can act in a scenario, one visible step at a
 * time.
 *
 * `struct lab` is a view of one compiled scenario and one arena.  Its actors are the worlds,
 * the CPUs (taking an interrupt, handling it), the drivers' init blocks and threaded halves,
 * the tasks, their time-outs and the devices' timers.  An actor stands just before its next
 * visible operation; lab_step() does that operation and computes on to the one after it.  run,
 * explore, replay and the metal all step through here; they differ only in who is chosen next.
 *
 * Freestanding.  Calling context: one thread at a time, for all views of a process (the port
 * has one current machine).
 */
#ifndef LAB_CORE_LAB_H
#define LAB_CORE_LAB_H

#include <stddef.h>

#include "drivers/irq.h"
#include "drivers/port.h"
#include "drivers/state.h"
#include "lab/core/ledger.h"
#include "lab/core/program.h"

enum lab_who {
    LAB_WHO_WORLD,
    LAB_WHO_TIMER,   /* of a device */
    LAB_WHO_ALARM,   /* of a timerfd */
    LAB_WHO_TIMEOUT, /* of a parked task */
    LAB_WHO_TAKE,    /* a CPU takes an interrupt */
    LAB_WHO_CPU,     /* and runs its handler */
    LAB_WHO_INIT,    /* a driver's init {}, before all tasks */
    LAB_WHO_THREAD,  /* a driver's threaded half */
    LAB_WHO_TASK,
    LAB_WHO_COUNT
};

enum { LAB_ACTORS_MAX = 250, LAB_NO_ACTOR = 0xff, LAB_NO_FRAME = 0xff };

struct lab_actor {
    uint8_t who;   /* enum lab_who */
    uint8_t index; /* world, device, timerfd, task, CPU, CPU, driver, driver, task */
    uint8_t cpu;   /* where it runs */
    char letter;   /* in schedules; 0: more actors than letters */
};

/* What an actor's next step costs. */
enum lab_cost_class {
    LAB_CLASS_FREE,
    LAB_CLASS_ACCESS, /* register access, mask, unmask; ack and eoi under `manual` */
    LAB_CLASS_CALL,   /* system call, and its return after sleeping */
    LAB_CLASS_TAKE,
    LAB_CLASS_LEAVE,
    LAB_CLASS_LOOK, /* not known before a look: lab_prepare() does it and says */
    LAB_CLASS_COUNT
};

/* A frame: code under way, in the arena; the values of its slots lie behind it. */
struct lab_frame {
    uint16_t pc;
    uint8_t sp;      /* slots in use, variables included */
    uint8_t routine; /* enum lab_routine_id; 0: idle, and then all of it is zero */
    uint8_t driver;  /* of a block */
    uint8_t byte;    /* write {}: value */
    uint8_t token;   /* and its token */
    uint8_t file;    /* the file the block works for */
};

enum lab_routine_id {
    LAB_IDLE,
    LAB_MAIN,
    LAB_BLOCK_BASE
}; /* a block: LAB_BLOCK_BASE + drv_block */

/* C code under way, in the arena: tokens that its reads brought and it has not handed on. */
enum { LAB_HAND_MAX = 15 };

struct lab_hand {
    uint8_t n;
    uint8_t token[LAB_HAND_MAX];
};

/* Per task, beside its frame. */
enum lab_task_flag {
    LAB_TASK_GONE = 1, /* exited */
    LAB_TASK_LOOKS = 2 /* epoll_wait goes on to its next entry: the call is paid for */
};

/* Per thread and init block. */
enum lab_thread_flag {
    LAB_THREAD_WOKEN = 1,
    LAB_THREAD_RUNNING = 2,
    LAB_THREAD_INIT = 4, /* its driver's init {} has not ended yet */
};

struct lab;

/*
 * What differs between the simulator and a board.  Hardware does not: a board's is behind the
 * tables of sim/, like a model.
 */
struct lab_bench {
    /* A CPU begins to take an interrupt; 0: nothing has to be done for it. */
    void (*take)(struct lab *lab, unsigned cpu);
    /* C code: starts or continues it up to its next request; on the metal runs it to the end.
     */
    void (*c_start)(struct lab *lab, unsigned context, drv_c_routine routine,
                    const struct drv_c_args *args);
    void (*c_continue)(struct lab *lab, unsigned context);
};

enum { LAB_CONTEXTS_MAX = SIM_CPUS_MAX * DRV_NEST_MAX + DRV_TASKS_MAX };

struct lab {
    const struct lab_program *program;
    const struct lab_task_code *task_code;
    const struct lab_world_action *actions;
    const uint8_t *code;
    const struct lab_bench *bench;
    struct lab_counts
        *counts; /* where counts go; 0: the arena, only those an expectation names */
    struct sim_arena arena;
    struct sim_trace trace;
    struct sim sim;
    struct drv drv;
    struct loop_aio aio;
    uint8_t *loop[LAB_LOOPS_MAX]; /* event_loop.c */
    uint64_t *loop_base;          /* when the time of each was 0 */
    struct drv_irqs irqs;
    void *owner;      /* the bench's own */
    uint8_t *reached; /* per place in the code: 1 once it was a step; 0: nobody wants to know */

    uint16_t actors;
    uint16_t first[LAB_WHO_COUNT + 1]; /* actors of kind w: first[w] .. first[w + 1] - 1 */
    struct lab_actor actor[LAB_ACTORS_MAX];
    const struct drv_c_driver *c_driver[DRV_DRIVERS_MAX];  /* 0: written in the scenario */
    const struct sim_register *registers[SIM_DEVICES_MAX]; /* of each device's model */
    uint16_t register_count[SIM_DEVICES_MAX];
    uint8_t actor_of_task[DRV_TASKS_MAX], actor_of_thread[DRV_DRIVERS_MAX];
    uint8_t actor_of_init[DRV_DRIVERS_MAX], actor_of_timer[SIM_DEVICES_MAX + 1];

    uint16_t frames;
    uint8_t frame_slots[LAB_ACTORS_MAX];
    uint8_t frame_task[LAB_ACTORS_MAX]; /* whose buf and events its code sees */
    uint8_t task_frame[DRV_TASKS_MAX], kernel_frame[DRV_TASKS_MAX];
    uint8_t cpu_frame[SIM_CPUS_MAX]; /* the first of program->nest */
    uint8_t thread_frame[DRV_DRIVERS_MAX];
    uint8_t children;        /* tasks from here on are born by fork() */
    uint8_t context_of_task; /* C contexts: CPU c depth d is c * nest + d, then the tasks */

    /* where things lie (refs), and their addresses once bound */
    sim_ref frame_ref[LAB_ACTORS_MAX], tags_ref[LAB_ACTORS_MAX];
    sim_ref events_ref[DRV_TASKS_MAX], buf_ref[DRV_TASKS_MAX];
    sim_ref context_ref[LAB_CONTEXTS_MAX], hand_ref[LAB_CONTEXTS_MAX];
    sim_ref loop_ref[LAB_LOOPS_MAX], loop_base_ref;
    sim_ref aio_ref, task_ref, thread_ref, started_ref, world_ref, shared_ref, shared_tag_ref,
        fate_ref;
    sim_ref counter_ref, repeat_ref, clock_ref, clock_tables_ref;
    struct lab_frame *frame[LAB_ACTORS_MAX];
    int64_t *slots[LAB_ACTORS_MAX];
    uint8_t *tags[LAB_ACTORS_MAX];
    struct drv_event *events[DRV_TASKS_MAX];
    uint16_t *buf[DRV_TASKS_MAX];
    uint8_t
        *context[LAB_CONTEXTS_MAX]; /* the bench's record of C code under way, 0: none here */
    struct lab_hand *hand[LAB_CONTEXTS_MAX];
    uint8_t *task;    /* enum lab_task_flag */
    uint8_t *thread;  /* per driver, enum lab_thread_flag */
    uint8_t *started; /* per process: 1 while `start` is still to run */
    uint16_t *world;  /* per world: next action, counted from its first */
    int64_t *shared;
    uint8_t *shared_tag;
    uint8_t *fate;             /* per token, enum lab_fate */
    uint16_t *counter;         /* the program's named counters, saturated */
    struct lab_repeat *repeat; /* repeat_count of them, see lab/core/ledger.c */
    uint16_t repeat_count;
    struct lab_clock *clock; /* from here: lab/core/clock.c */
    uint64_t *timer_due, *alarm_due, *timeout_due, *world_at;
    struct lab_clock_rest *rest;
    uint8_t *queue;
    struct lab_sink *sink;
    uint64_t cost_ns[LAB_CLASS_COUNT]; /* of a step, by enum lab_cost_class */
    uint64_t horizon;    /* only CPUs act before it: deadlines are later; 0: look again */
    uint64_t steps_last; /* the steps of a handler follow each other up to this one; 0: no */
    bool step_ended;     /* C code asked for the next of them, and this one is complete */
    uint64_t asleep;     /* bit per task: it sleeps in a call that is made elsewhere */

    /* out-boxes of the step just done, no state */
    uint64_t spent_ns;           /* spend() that comes before the actor's next step */
    bool untimed;                /* lab_step() steps it: spend() takes no time */
    struct drv_result result;    /* of the call just done, for OUT */
    int take_hint[SIM_CPUS_MAX]; /* what the controller asked for when the CPU began to take */
    uint64_t arrived[LAB_TOKENS / 64]; /* tokens that may have to be marked as late (derived) */
    uint8_t inits;              /* init blocks that have not ended (derived from `thread`) */
    uint32_t context_size;      /* bytes of a C context, told by the bench's layout */
    uint64_t setup_context[96]; /* C context for set-up where no handler needs one */
};

/*
 * Lays @program out in lab->arena (components listed in @list, or 0).  @context_bytes: size of
 * the bench's record of C code under way, 0 if it keeps none.  Set lab->counts before: with it
 * counts stay outside the arena.  The caller then gives sim_arena_place() its bytes.
 */
void lab_layout(struct lab *lab, const struct lab_program *program, struct sim_component *list,
                uint32_t context_bytes);

/*
 * Binds the placed arena, resets hardware and kernel, does the set-up (controller, devices,
 * drivers, unmasking: no steps) and brings every actor before its first step.
 */
void lab_start(struct lab *lab, const struct lab_bench *bench);

/* Binds only: the arena holds a state already (a cut). */
void lab_resume(struct lab *lab, const struct lab_bench *bench);

/* Another state was copied into the bound arena: brings what is derived from it up to date. */
void lab_refresh(struct lab *lab);

/* Can the actor step now?  Pure.  Settles are judged by lab_settle_only(). */
bool lab_enabled(struct lab *lab, unsigned actor);

/*
 * A caller that is no task of the scenario has the driver's block that @need names run in the
 * place of @task, which itself does nothing meanwhile.  False: there is nothing to run.
 */
bool lab_lend(struct lab *lab, unsigned task, const struct drv_need *need);

/* One operation of it, unless it sleeps or a handler runs on its CPU: then LENT_WAITS. */
enum lab_lent { LAB_LENT_WAITS, LAB_LENT_GOES_ON, LAB_LENT_OVER };
enum lab_lent lab_lent_step(struct lab *lab, unsigned task, int64_t *ret_value);

/* Its caller gave up: the block is over if it sleeps.  False: it does not, and goes on. */
bool lab_lent_drop(struct lab *lab, unsigned task);

/* Is the actor's next step one that waits until all others are asleep (settle)?  Pure. */
bool lab_is_settle(struct lab *lab, unsigned actor);

/*
 * Fills @ret_enabled with the actors that can step in this state, settles included only if
 * nothing else but the world can; returns how many.
 */
unsigned lab_choices(struct lab *lab, uint8_t ret_enabled[LAB_ACTORS_MAX]);

/* Can somebody step, but only worlds, and not because they wait until all is settled?  Pure. */
bool lab_only_world(struct lab *lab);

/* What a CPU's handler is about to do, for a search: can anybody else notice? */
enum lab_next_kind {
    LAB_NEXT_OTHER,
    LAB_NEXT_LOOK,  /* a look that belongs to a step not known yet: lab_prepare() does it */
    LAB_NEXT_READ,  /* a register of a device */
    LAB_NEXT_QUEUE, /* a byte for a file */
    LAB_NEXT_WAKE,  /* a file's wait queue, or that and a byte */
    LAB_NEXT_STATE, /* a shared variable, or its threaded half's flag */
};

struct lab_next {
    uint8_t kind;    /* enum lab_next_kind */
    uint8_t device;  /* READ */
    uint32_t offset; /* READ: of the register */
    uint32_t then;   /* READ: place in the code behind it */
};

/* Precondition: a handler is active on the CPU.  Pure. */
struct lab_next lab_handler_next(const struct lab *lab, unsigned cpu);

/*
 * Does what belongs to the actor's next step but comes before its effect (looks at room(),
 * enters a block) and says what the step will cost.  lab_step() does it by itself.
 */
enum lab_cost_class lab_prepare(struct lab *lab, unsigned actor);

/*
 * One step of an enabled actor, folded into the ledger.  Its records lie in lab->trace until
 * the next step.
 */
void lab_step(struct lab *lab, unsigned actor);

/* ---- calls that are made elsewhere (--on linux) ---- */

/* Does the task stand before a system call? */
bool lab_task_at_call(const struct lab *lab, unsigned task);
/* That call; what it reports and reads goes where the task's code looks for it. */
struct drv_call lab_task_call(const struct lab *lab, unsigned task);
/* It was made, and this is its answer: the task computes up to its next visible operation. */
void lab_task_answer(struct lab *lab, unsigned task, const struct drv_result *result);

/* What lab_start() noted that the actor spends before its first step, in ns. */
uint64_t lab_spends_first(const struct lab *lab, unsigned actor);

/* Folds the step's records into fates and counts. */
void lab_ledger_fold(struct lab *lab);
/*
 * Only the world could step: tokens that wait are late from now on (QUIET, if there are any).
 * With counts in the arena - in a search - only if an expectation names `late`.
 */
void lab_ledger_quiet(struct lab *lab);
/* Folds records from elsewhere (a board's trace) into an outcome, END included. */
void lab_ledger_fold_records(const struct lab *lab, struct lab_outcome *outcome,
                             const struct sim_record *records, size_t count);

/*
 * The state is an end, or lies in a cycle: records LEFT, VALUE and END and fills the outcome
 * (but steps and end_ns).  @fair: some strongly fair schedule ends so; only then what is unread
 * is lost.
 */
void lab_outcome(struct lab *lab, enum sim_end end, bool fair, struct lab_outcome *ret_outcome);

/* The eventfd that the next async_send() to a loop will write to, -1: none. */
int lab_loop_bell(const struct lab *lab, unsigned loop);

/* ---- virtual time: lab/core/clock.c ---- */

/* What a run hands on as it goes: the records of each step. */
struct lab_sink {
    void (*records)(struct lab_sink *sink, const struct sim_record *records, size_t count);
    /* The actor is about to step; @begins: its CPU only begins to take an interrupt.  May be 0.
     */
    void (*step)(struct lab_sink *sink, unsigned actor, bool begins);
};

/*
 * Runs in virtual time until nothing is left to happen, a cycle closes after the world has
 * finished, or limit steps.  Deterministic.  @sink may be 0.  @scratch: arena.size bytes for
 * the search for cycles, or 0: then only the limit ends them.
 */
void lab_run(struct lab *lab, struct lab_sink *sink, uint8_t *scratch,
             struct lab_outcome *ret_outcome);

/* The same in pieces; between two calls of lab_run_next() the arena is the whole state. */
void lab_run_begin(struct lab *lab);
bool lab_run_next(struct lab *lab, enum sim_end *ret_end);
/*
 * lab_run_next(), and goes on for up to @most steps as long as nothing has to be weighed and
 * the world does not act.
 */
bool lab_run_on(struct lab *lab, uint64_t most, enum sim_end *ret_end);
uint64_t lab_run_now(const struct lab *lab);
uint64_t lab_run_steps(const struct lab *lab);

/* The bench of the simulator (lab/core/bench_sim.c), and the size of its C contexts. */
extern const struct lab_bench lab_bench_sim;
uint32_t lab_bench_sim_context_bytes(void);

/* One record as one text line without newline (lab/core/trace_text.c); returns its length. */
size_t lab_trace_line(const struct lab *lab, const struct sim_record *record, char *ret_line,
                      size_t size);

#endif
